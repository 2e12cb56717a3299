#include "pce/base/text.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pce/base/array.h"

void
text_free(struct text *t)
{
	free(t->at);
	*t = (struct text){ 0 };
}

void
text_clear(struct text *t)
{
	t->len = 0;
	t->bad = false;
	if (t->at)
		t->at[0] = '\0';
}

void
text_bytes(struct text *t, const void *bytes, size_t len)
{
	if (t->bad)
		return;
	if (len > SIZE_MAX - t->len - 1 ||
	    array_reserve(&t->at, &t->cap, t->len + len + 1, 1, NULL)) {
		t->bad = true;
		return;
	}
	if (len)
		memcpy(t->at + t->len, bytes, len);
	t->len += len;
	t->at[t->len] = '\0';
}

void
text_add(struct text *t, const char *string)
{
	text_bytes(t, string, strlen(string));
}

void
text_printf(struct text *t, const char *fmt, ...)
{
	char small[256];
	va_list ap;
	int len;

	va_start(ap, fmt);
	len = vsnprintf(small, sizeof(small), fmt, ap);
	va_end(ap);
	if (len < 0) {
		t->bad = true;
		return;
	}
	if ((size_t)len < sizeof(small)) {
		text_bytes(t, small, (size_t)len);
		return;
	}
	if (t->bad || array_reserve(&t->at, &t->cap, t->len + (size_t)len + 1, 1, NULL)) {
		t->bad = true;
		return;
	}
	va_start(ap, fmt);
	vsnprintf(t->at + t->len, (size_t)len + 1, fmt, ap);
	va_end(ap);
	t->len += (size_t)len;
}

/* Length of the well-formed UTF-8 sequence at s (RFC 3629), or 0. */
static size_t
utf8_length(const uint8_t *s, size_t left)
{
	uint8_t low = 0x80, high = 0xbf;
	size_t n;

	if (s[0] < 0x80)
		return 1;
	if (s[0] < 0xc2 || s[0] > 0xf4)
		return 0;
	n = s[0] < 0xe0 ? 2 : s[0] < 0xf0 ? 3 : 4;
	if (left < n)
		return 0;
	if (s[0] == 0xe0)
		low = 0xa0;
	else if (s[0] == 0xed)
		high = 0x9f;
	else if (s[0] == 0xf0)
		low = 0x90;
	else if (s[0] == 0xf4)
		high = 0x8f;
	if (s[1] < low || s[1] > high)
		return 0;
	for (size_t i = 2; i < n; i++)
		if ((s[i] & 0xc0) != 0x80)
			return 0;
	return n;
}

void
text_json_string(struct text *t, const char *string, size_t len)
{
	const uint8_t *s = (const uint8_t *)string;

	text_bytes(t, "\"", 1);
	while (len > 0) {
		size_t n = utf8_length(s, len);

		if (n == 0) {
			text_add(t, "\\ufffd");
			n = 1;
		} else if (*s == '"' || *s == '\\') {
			text_bytes(t, "\\", 1);
			text_bytes(t, s, 1);
		} else if (*s < 0x20 || *s == 0x7f) {
			text_printf(t, "\\u%04x", *s);
		} else {
			text_bytes(t, s, n);
		}
		s += n;
		len -= n;
	}
	text_bytes(t, "\"", 1);
}

void
text_hex(struct text *t, const void *bytes, size_t len)
{
	static const char digits[] = "0123456789abcdef";
	const uint8_t *b = bytes;
	char pairs[64];

	while (len > 0) {
		size_t n = len < sizeof(pairs) / 2 ? len : sizeof(pairs) / 2;

		for (size_t i = 0; i < n; i++) {
			pairs[2 * i] = digits[b[i] >> 4];
			pairs[2 * i + 1] = digits[b[i] & 15];
		}
		text_bytes(t, pairs, 2 * n);
		b += n;
		len -= n;
	}
}

int
text_hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

bool
text_ok(const struct text *t)
{
	return !t->bad;
}

const char *
text_get(const struct text *t)
{
	return t->at && !t->bad ? t->at : "";
}

char *
text_take(struct text *t)
{
	char *at;

	text_bytes(t, "", 0);
	if (t->bad) {
		text_free(t);
		return NULL;
	}
	at = t->at;
	*t = (struct text){ 0 };
	return at;
}
