/*
 * SRv6 endpoint behaviours: IANA's registry numbers each combination of behaviour and flavors (RFC
 * 8986 section 10.2, RFC 9800 section 12); people and YANG say the behaviour and the flavors apart.
 */
#include <stdlib.h>
#include <string.h>

#include "models/codec/internal.h"

enum { PSP = 1, USP = 2, USD = 4, NEXT = 8, NEXT_ONLY = 16, REPLACE = 32 };

static const char *const flavor_names[] = {
	"psp", "usp", "usd", "next-csid", "next-only-csid", "replace-csid",
};

static const struct {
	uint16_t code;
	uint8_t flavors;
	const char *name;
} registry[] = {
	{ 1, 0, "End" },
	{ 2, PSP, "End" },
	{ 3, USP, "End" },
	{ 4, PSP | USP, "End" },
	{ 5, 0, "End.X" },
	{ 6, PSP, "End.X" },
	{ 7, USP, "End.X" },
	{ 8, PSP | USP, "End.X" },
	{ 9, 0, "End.T" },
	{ 10, PSP, "End.T" },
	{ 11, USP, "End.T" },
	{ 12, PSP | USP, "End.T" },
	{ 14, 0, "End.B6.Encaps" },
	{ 15, 0, "End.BM" },
	{ 16, 0, "End.DX6" },
	{ 17, 0, "End.DX4" },
	{ 18, 0, "End.DT6" },
	{ 19, 0, "End.DT4" },
	{ 20, 0, "End.DT46" },
	{ 21, 0, "End.DX2" },
	{ 22, 0, "End.DX2V" },
	{ 23, 0, "End.DT2U" },
	{ 24, 0, "End.DT2M" },
	{ 27, 0, "End.B6.Encaps.Red" },
	{ 28, USD, "End" },
	{ 29, PSP | USD, "End" },
	{ 30, USP | USD, "End" },
	{ 31, PSP | USP | USD, "End" },
	{ 32, USD, "End.X" },
	{ 33, PSP | USD, "End.X" },
	{ 34, USP | USD, "End.X" },
	{ 35, PSP | USP | USD, "End.X" },
	{ 36, USD, "End.T" },
	{ 37, PSP | USD, "End.T" },
	{ 38, USP | USD, "End.T" },
	{ 39, PSP | USP | USD, "End.T" },
	{ 42, NEXT_ONLY, "End" },
	{ 43, NEXT, "End" },
	{ 44, NEXT | PSP, "End" },
	{ 45, NEXT | USP, "End" },
	{ 46, NEXT | PSP | USP, "End" },
	{ 47, NEXT | USD, "End" },
	{ 48, NEXT | PSP | USD, "End" },
	{ 49, NEXT | USP | USD, "End" },
	{ 50, NEXT | PSP | USP | USD, "End" },
	{ 51, NEXT_ONLY, "End.X" },
	{ 52, NEXT, "End.X" },
	{ 53, NEXT | PSP, "End.X" },
	{ 54, NEXT | USP, "End.X" },
	{ 55, NEXT | PSP | USP, "End.X" },
	{ 56, NEXT | USD, "End.X" },
	{ 57, NEXT | PSP | USD, "End.X" },
	{ 58, NEXT | USP | USD, "End.X" },
	{ 59, NEXT | PSP | USP | USD, "End.X" },
	{ 60, NEXT, "End.DX6" },
	{ 61, NEXT, "End.DX4" },
	{ 62, NEXT, "End.DT6" },
	{ 63, NEXT, "End.DT4" },
	{ 64, NEXT, "End.DT46" },
	{ 101, REPLACE, "End" },
	{ 102, REPLACE | PSP, "End" },
	{ 103, REPLACE | USP, "End" },
	{ 104, REPLACE | PSP | USP, "End" },
	{ 105, REPLACE, "End.X" },
	{ 106, REPLACE | PSP, "End.X" },
	{ 107, REPLACE | USP, "End.X" },
	{ 108, REPLACE | PSP | USP, "End.X" },
	{ 109, REPLACE, "End.T" },
	{ 110, REPLACE | PSP, "End.T" },
	{ 111, REPLACE | USP, "End.T" },
	{ 112, REPLACE | PSP | USP, "End.T" },
	{ 114, REPLACE, "End.B6.Encaps" },
	{ 115, REPLACE, "End.BM" },
	{ 116, REPLACE, "End.DX6" },
	{ 117, REPLACE, "End.DX4" },
	{ 118, REPLACE, "End.DT6" },
	{ 119, REPLACE, "End.DT4" },
	{ 120, REPLACE, "End.DT46" },
	{ 121, REPLACE, "End.DX2" },
	{ 122, REPLACE, "End.DX2V" },
	{ 123, REPLACE, "End.DT2U" },
	{ 124, REPLACE, "End.DT2M" },
	{ 127, REPLACE, "End.B6.Encaps.Red" },
	{ 128, REPLACE | USD, "End" },
	{ 129, REPLACE | PSP | USD, "End" },
	{ 130, REPLACE | USP | USD, "End" },
	{ 131, REPLACE | PSP | USP | USD, "End" },
	{ 132, REPLACE | USD, "End.X" },
	{ 133, REPLACE | PSP | USD, "End.X" },
	{ 134, REPLACE | USP | USD, "End.X" },
	{ 135, REPLACE | PSP | USP | USD, "End.X" },
	{ 136, REPLACE | USD, "End.T" },
	{ 137, REPLACE | PSP | USD, "End.T" },
	{ 138, REPLACE | USP | USD, "End.T" },
	{ 139, REPLACE | PSP | USP | USD, "End.T" },
};

#define REGISTRY_SIZE (sizeof(registry) / sizeof(registry[0]))
#define FLAVOR_COUNT (sizeof(flavor_names) / sizeof(flavor_names[0]))

/* Bits of a canonical "psp usd" text. */
static unsigned
flavors_of(const char *text)
{
	unsigned flavors = 0;

	while (text && *text) {
		size_t len = strcspn(text, " ");

		for (size_t i = 0; i < FLAVOR_COUNT; i++) {
			if (strlen(flavor_names[i]) == len &&
			    memcmp(text, flavor_names[i], len) == 0)
				flavors |= 1u << i;
		}
		text += len;
		text += strspn(text, " ");
	}
	return flavors;
}

bool
behavior_read(const struct lyd_node *parent, uint16_t *out)
{
	const char *name = read_text(parent, "behavior");
	const char *flavor_text = read_text(parent, "flavors");
	unsigned flavors = flavors_of(flavor_text);
	char *end;
	unsigned long code;

	*out = 0;
	if (!name)
		return flavors == 0;
	code = strtoul(name, &end, 10);
	if (end != name && *end == 0) {
		*out = (uint16_t)code;
		return flavors == 0;
	}
	for (size_t i = 0; i < REGISTRY_SIZE; i++) {
		if (registry[i].flavors == flavors && strcmp(registry[i].name, name) == 0) {
			*out = registry[i].code;
			return true;
		}
	}
	return false;
}

void
emit_behavior(struct emit *e, uint16_t behavior)
{
	struct text flavors = { 0 };

	if (behavior == 0)
		return;
	for (size_t i = 0; i < REGISTRY_SIZE; i++) {
		if (registry[i].code != behavior)
			continue;
		emit_string(e, "behavior", registry[i].name);
		for (size_t bit = 0; bit < FLAVOR_COUNT; bit++) {
			if (registry[i].flavors & 1u << bit)
				text_printf(&flavors, "%s%s", flavors.len ? " " : "",
					    flavor_names[bit]);
		}
		if (!text_ok(&flavors))
			e->text.bad = true;
		else if (flavors.len)
			emit_string(e, "flavors", text_get(&flavors));
		text_free(&flavors);
		return;
	}
	emit_u32(e, "behavior", behavior);
}
