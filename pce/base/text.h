/* A string that grows. Errors are sticky: after memory ran out every call does nothing and
 * text_ok() is false. */
#ifndef PCE_BASE_TEXT_H
#define PCE_BASE_TEXT_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

struct text {
	char *at; /* NUL-terminated once anything was added; NULL before */
	size_t len, cap;
	bool bad;
};

/* Frees the memory; *t is an empty text afterwards. A zeroed struct text is empty too. */
void text_free(struct text *t);
/* Forgets the content but keeps the memory. */
void text_clear(struct text *t);
/* Appends len bytes. */
void text_bytes(struct text *t, const void *bytes, size_t len);
/* Appends a string. */
void text_add(struct text *t, const char *string);
/* Appends as printf does. */
void text_printf(struct text *t, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Appends a JSON string with its quotes; control characters are escaped, bytes that are not UTF-8
 * become U+FFFD. */
void text_json_string(struct text *t, const char *string, size_t len);
/* Appends bytes as lower-case hex digits. */
void text_hex(struct text *t, const void *bytes, size_t len);
/* Value of a hex digit of either case; -1 if c is none. */
int text_hex_digit(char c);
/* False once memory ran out. */
bool text_ok(const struct text *t);
/* The content, "" if nothing was added; owned by t. */
const char *text_get(const struct text *t);
/* Hands the content over to the caller (to free()); NULL if memory ran out. t is empty afterwards.
 */
char *text_take(struct text *t);

#endif
