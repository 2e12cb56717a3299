/* A small JSON reader for tests: a whole document becomes a tree. */
#ifndef TESTS_SUPPORT_JSON_H
#define TESTS_SUPPORT_JSON_H

#include <stdbool.h>
#include <stddef.h>

enum json_type { JSON_NULL, JSON_BOOL, JSON_NUMBER, JSON_STRING, JSON_ARRAY, JSON_OBJECT };

struct json {
	enum json_type type;
	char *key; /* name of a member of an object, else NULL */
	char *string; /* JSON_STRING, with escapes resolved; NUL bytes become U+0000 in UTF-8's long
			 form; also the text of a number */
	double number; /* JSON_NUMBER; JSON_BOOL: 0 or 1 */
	struct json *first; /* members or entries */
	struct json *next; /* sibling */
	size_t count; /* of members or entries */
};

/* Parses len bytes; NULL if they are not one JSON value. The caller frees it with json_free. */
struct json *json_parse(const char *text, size_t len);
/* Frees the tree; NULL is fine. */
void json_free(struct json *value);
/* The member called key, or NULL (also for what is no object). */
const struct json *json_get(const struct json *object, const char *key);
/* The string of member key, or NULL. */
const char *json_get_string(const struct json *object, const char *key);
/* True if every fact of want is in got: members recursively, lists of equal length, equal scalars.
 * Otherwise the first difference is written to why[cap]. */
bool json_holds(const struct json *want, const struct json *got, char *why, size_t cap);

#endif
