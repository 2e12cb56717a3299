/* JSON of the API for the tables of the command line: a parsed text and its nodes. A NULL node has
 * no members, no items and no text, so that look-ups can be chained. */
#ifndef NORTHBOUND_CLI_JSON_H
#define NORTHBOUND_CLI_JSON_H

#include <stdbool.h>
#include <stddef.h>

#include "pce/base/status.h"

struct cli_json;
struct cli_node;

/* Parses; text must stay as long as *out. PCE_MALFORMED. Caller owns *out; cli_json_free(NULL) does
 * nothing. */
enum pce_status cli_json_parse(const char *text, size_t len, struct cli_json **out,
			       struct pce_error *err);
void cli_json_free(struct cli_json *json);

/* The outermost value. */
const struct cli_node *cli_json_root(const struct cli_json *json);
/* A member of an object, or NULL. */
const struct cli_node *cli_json_get(const struct cli_node *object, const char *name);
/* The items of an array one by one: *at is NULL at first; NULL at the end. */
const struct cli_node *cli_json_next(const struct cli_node *array, void **at);
/* The first member of an object whose name begins with prefix, and its name; NULL if there is none.
 */
const struct cli_node *cli_json_find(const struct cli_node *object, const char *prefix,
				     const char **name);
/* A string, number or literal as text; NULL for anything else. Valid as long as the JSON. */
const char *cli_json_text(const struct cli_node *node);
/* Text of a member, or NULL. */
const char *cli_json_member(const struct cli_node *object, const char *name);
/* True if a member is the literal true. */
bool cli_json_true(const struct cli_node *object, const char *name);
/* A member as a number; otherwise if it is absent or none. */
unsigned long long cli_json_number(const struct cli_node *object, const char *name,
				   unsigned long long otherwise);

#endif
