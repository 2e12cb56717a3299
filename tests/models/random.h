/* Random values for property tests of the codec, the awkward ones among them. */
#ifndef TESTS_MODELS_RANDOM_H
#define TESTS_MODELS_RANDOM_H

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "pce/base/addr.h"
#include "pce/base/arena.h"
#include "tests/support/suite.h"

struct random {
	uint64_t state;
	struct arena *arena;
	unsigned serial; /* makes names unique */
};

static inline bool
random_bool(struct random *r)
{
	return suite_random(&r->state) >> 63;
}

/* Small, large and extreme numbers up to max. */
static inline uint64_t
random_number(struct random *r, uint64_t max)
{
	uint64_t v = suite_random(&r->state);

	switch (suite_below(&r->state, 4)) {
	case 0:
		v %= 10;
		break;
	case 1:
		v = max - v % 3;
		break;
	default:
		v >>= suite_below(&r->state, 64);
	}
	return max == UINT64_MAX ? v : v % (max + 1);
}

/* Text that trips readers of YAML, JSON and XML. */
static inline const char *
random_text(struct random *r)
{
	static const char *const awkward[] = {
		"a: b",
		"- x",
		"#no",
		"null",
		"~",
		"true",
		"12",
		"1e5",
		"0x1f",
		"yes",
		"\"q\"",
		"it's",
		"a\\b",
		"<x>&amp;]]>",
		"\xe5\x8d\x97\xe5\xae\x81",
		"\xf0\x9f\x9b\xb0",
		"a,b",
		"[x]",
		"{y}",
		"*z",
		"&z",
		"!t",
		"%p",
		"@u",
		"`v",
		"tab\there",
		"line\nbreak",
		"|",
		">",
		"--- x",
		"a]b",
		"a'b\"c",
		"x:y",
		"1.5",
		"-",
		"=",
		"a/b",
		"..",
		" lead",
		"trail ",
	};
	char text[96];
	const char *base = awkward[suite_below(&r->state, sizeof(awkward) / sizeof(awkward[0]))];

	if (random_bool(r))
		snprintf(text, sizeof(text), "%s", base);
	else
		snprintf(text, sizeof(text), "n%u", suite_below(&r->state, 100000));
	return arena_strdup(r->arena, text);
}

/* As random_text, and no other name of this test is the same. */
static inline const char *
random_name(struct random *r)
{
	char text[128];

	snprintf(text, sizeof(text), "%.60s~%u", random_text(r), r->serial++);
	return arena_strdup(r->arena, text);
}

static inline const char *const *
random_names(struct random *r, size_t *n)
{
	size_t count = 1 + suite_below(&r->state, 3);
	const char **out = arena_alloc(r->arena, count * sizeof(*out));

	for (size_t i = 0; i < count; i++)
		out[i] = random_name(r);
	*n = count;
	return out;
}

static inline void
random_octets(struct random *r, uint8_t *out, size_t n)
{
	for (size_t i = 0; i < n; i++)
		out[i] = suite_below(&r->state, 3) ? (uint8_t)suite_random(&r->state) : 0;
}

static inline struct ip_addr
random_addr(struct random *r, int family)
{
	uint8_t octets[16];

	random_octets(r, octets, 16);
	octets[0] |= 1; /* not an IPv4 address in IPv6 notation */
	return family == IP_V4 ? ip_v4(octets) : ip_v6(octets);
}

static inline struct ip_prefix
random_prefix(struct random *r, int family)
{
	struct ip_prefix out = { random_addr(r, family), 0 };
	uint8_t max = family == IP_V4 ? 32 : 128;

	out.len = (uint8_t)(suite_below(&r->state, max) + 1);
	for (unsigned bit = out.len; bit < 128; bit++)
		out.addr.octets[bit / 8] &= (uint8_t) ~(0x80u >> (bit % 8));
	return out;
}

static inline bool
same_text(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

static inline bool
same_texts(const char *const *a, size_t n, const char *const *b, size_t m)
{
	bool same = n == m;

	for (size_t i = 0; same && i < n; i++)
		same = same_text(a[i], b[i]);
	return same;
}

#endif
