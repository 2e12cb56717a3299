/*
 * The draft of a topology. Numbers are checked here, where their line is known, and everything else
 * by the schema that the resulting JSON is read with.
 */
#include "models/import/draft.h"

#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "pce/base/array.h"
#include "pce/ted/delta.h"

/* What the value of a key becomes. */
enum kind {
	KIND_U32, /* a number in JSON */
	KIND_U64, /* a string of digits */
	KIND_DECIMAL,
	KIND_TEXT,
	KIND_NAME, /* a text whose blanks count */
	KIND_NAMES, /* names with blanks between */
	KIND_BOOL,
};

/* A key that is named like its leaf goes before another one for it. */
static const struct leaf {
	const char *key;
	const char *leaf;
	bool node; /* of nodes, else of edges */
	enum kind kind;
	uint64_t max;
} leaves[] = {
	{ "label", "label", true, KIND_TEXT, 0 },
	{ "latitude", "latitude", true, KIND_DECIMAL, 90 },
	{ "Latitude", "latitude", true, KIND_DECIMAL, 90 },
	{ "longitude", "longitude", true, KIND_DECIMAL, 180 },
	{ "Longitude", "longitude", true, KIND_DECIMAL, 180 },
	{ "availability", "availability", true, KIND_DECIMAL, 1 },
	{ "site", "site", true, KIND_TEXT, 0 },
	{ "overload", "overload", true, KIND_BOOL, 0 },
	{ "admin-up", "admin-up", true, KIND_BOOL, 0 },
	{ "srv6", "srv6", true, KIND_BOOL, 0 },
	{ "router-id", "router-id", true, KIND_NAMES, 0 },
	{ "srlg", "srlg", true, KIND_NAMES, 0 },
	{ "service", "service", true, KIND_NAMES, 0 },
	{ "reverse", "reverse", false, KIND_NAME, 0 },
	{ "capacity-bps", "capacity-bps", false, KIND_U64, UINT64_MAX },
	{ "LinkSpeedRaw", "capacity-bps", false, KIND_U64, UINT64_MAX },
	{ "residual-bps", "residual-bps", false, KIND_U64, UINT64_MAX },
	{ "measured-bps", "measured-bps", false, KIND_U64, UINT64_MAX },
	{ "reservable-bps", "reservable-bps", false, KIND_U64, UINT64_MAX },
	{ "advertised-residual-bps", "advertised-residual-bps", false, KIND_U64, UINT64_MAX },
	{ "advertised-available-bps", "advertised-available-bps", false, KIND_U64, UINT64_MAX },
	{ "advertised-utilized-bps", "advertised-utilized-bps", false, KIND_U64, UINT64_MAX },
	{ "igp-metric", "igp-metric", false, KIND_U32, UINT32_MAX },
	{ "te-metric", "te-metric", false, KIND_U32, UINT32_MAX },
	{ "delay-us", "delay-us", false, KIND_U32, 16777215 },
	{ "delay-min-us", "delay-min-us", false, KIND_U32, 16777215 },
	{ "delay-max-us", "delay-max-us", false, KIND_U32, 16777215 },
	{ "delay-variation-us", "delay-variation-us", false, KIND_U32, 16777215 },
	{ "loss-ppb", "loss-ppb", false, KIND_U32, 1000000000 },
	{ "subscription-ppm", "subscription-ppm", false, KIND_U32, 100000000 },
	{ "availability", "availability", false, KIND_DECIMAL, 1 },
	{ "affinity", "affinity", false, KIND_NAMES, 0 },
	{ "srlg", "srlg", false, KIND_NAMES, 0 },
	{ "slice", "slice", false, KIND_NAMES, 0 },
	{ "local-address", "local-address", false, KIND_NAMES, 0 },
	{ "remote-address", "remote-address", false, KIND_NAMES, 0 },
	{ "local-id", "local-id", false, KIND_U32, UINT32_MAX },
	{ "remote-id", "remote-id", false, KIND_U32, UINT32_MAX },
	{ "topology-id", "topology-id", false, KIND_U32, 4095 },
	{ "admin-up", "admin-up", false, KIND_BOOL, 0 },
	{ "oper-up", "oper-up", false, KIND_BOOL, 0 },
	{ "unusable", "unusable", false, KIND_BOOL, 0 },
};
#define LEAF_COUNT (sizeof(leaves) / sizeof(leaves[0]))
_Static_assert(LEAF_COUNT <= DRAFT_VALUES, "struct draft has room for a value of each leaf");

/* --- Names --- */

static const void *
names_key(const void *owner, uint32_t value, size_t *len)
{
	const struct draft_names *set = owner;

	*len = strlen(set->names[value]);
	return set->names[value];
}

void
draft_names_init(struct draft_names *set)
{
	*set = (struct draft_names){ .n = 0 };
	hash_init(&set->hash, names_key, set, 1);
}

uint32_t
draft_names_find(const struct draft_names *set, const char *name)
{
	return hash_find(&set->hash, name, strlen(name));
}

static bool
has(const struct draft_names *set, const char *name)
{
	return draft_names_find(set, name) != HASH_NONE;
}

enum pce_status
draft_names_add(struct draft_names *set, const char *name, struct pce_error *err)
{
	enum pce_status status =
	    array_reserve(&set->names, &set->cap, set->n + 1, sizeof(char *), err);

	if (status != PCE_OK)
		return status;
	set->names[set->n] = array_strdup(name);
	if (!set->names[set->n])
		return pce_no_memory(err);
	return hash_add(&set->hash, (uint32_t)set->n++, err);
}

void
draft_names_free(struct draft_names *set)
{
	for (size_t i = 0; i < set->n; i++)
		free(set->names[i]);
	free(set->names);
	hash_free(&set->hash);
}

void
draft_init(struct draft *draft, struct pce_error *err)
{
	*draft = (struct draft){ .err = err };
	draft_names_init(&draft->nodes);
	draft_names_init(&draft->links);
	draft_names_init(&draft->pairs);
}

void
draft_free(struct draft *draft)
{
	draft_names_free(&draft->nodes);
	draft_names_free(&draft->links);
	draft_names_free(&draft->pairs);
	free(draft->next);
	text_free(&draft->node_list.json);
	text_free(&draft->link_list.json);
	free(draft->node_list.lines);
	free(draft->link_list.lines);
	free(draft->notes);
	arena_free(&draft->arena);
}

enum pce_status
draft_fail(struct draft *draft, unsigned line, enum pce_status status, const char *what,
	   const char *name, const char *reason)
{
	return pce_fail_at(draft->err, status, NULL, line, "%s%s%.200s: %s", what,
			   name[0] ? " " : "", name, reason);
}

static void
add_note(struct draft *draft, const char *object, const char *name, const char *words, bool assumed)
{
	struct draft_note note = { object, words, NULL, assumed };

	note.name = name ? arena_strdup(&draft->arena, name) : NULL;
	if ((name && !note.name) ||
	    array_reserve(&draft->notes, &draft->cap_notes, draft->n_notes + 1, sizeof(note), NULL))
		draft->node_list.json.bad = true;
	else
		draft->notes[draft->n_notes++] = note;
}

void
draft_left_out(struct draft *draft, const char *object, const char *name, const char *words)
{
	add_note(draft, object, name, words, false);
}

void
draft_assumed(struct draft *draft, const char *words)
{
	add_note(draft, "file", NULL, words, true);
}

void
draft_note_assumed(struct draft *draft, const char *object, const char *name, const char *words)
{
	add_note(draft, object, name, words, true);
}

/* --- Values --- */

static size_t
find_leaf(bool node, const char *key)
{
	size_t i = 0;

	while (i < LEAF_COUNT && (leaves[i].node != node || strcmp(leaves[i].key, key) != 0))
		i++;
	return i;
}

bool
draft_knows(bool node, const char *key)
{
	return find_leaf(node, key) < LEAF_COUNT;
}

bool
draft_is_list(bool node, const char *key)
{
	size_t i = find_leaf(node, key);

	return i < LEAF_COUNT && leaves[i].kind == KIND_NAMES;
}

bool
draft_is_synonym(const char *key)
{
	for (size_t i = 0; i < LEAF_COUNT; i++) {
		if (strcmp(leaves[i].key, key) == 0)
			return strcmp(leaves[i].leaf, key) != 0;
	}
	return false;
}

bool
draft_value(struct draft *draft, bool node, const char *key, const char *text, unsigned line)
{
	size_t i = find_leaf(node, key);

	if (i == LEAF_COUNT)
		return false;
	if (text && text[strspn(text, " \t\r\n")] && !draft->values[i].text)
		draft->values[i] = (struct draft_value){ text, line };
	return true;
}

bool
draft_has(const struct draft *draft, bool node, const char *key)
{
	size_t i = find_leaf(node, key);

	return i < LEAF_COUNT && draft->values[i].text;
}

/* Power of ten behind a number's digits; false when there is something else. */
static bool
parse_exponent(const char *at, long *out)
{
	char *end;

	*out = 0;
	if (*at != 'e' && *at != 'E')
		return *at == 0;
	*out = strtol(at + 1, &end, 10);
	return end != at + 1 && *end == 0 && *out <= 40 && *out >= -400;
}

/* value * 10^scale; what is cut off sets *lost. False on overflow. */
static bool
shift_decimal(uint64_t *value, long scale, bool *lost)
{
	for (; scale > 0 && *value; scale--) {
		if (*value > UINT64_MAX / 10)
			return false;
		*value *= 10;
	}
	for (; scale < 0 && *value; scale++) {
		*lost = *lost || *value % 10;
		*value /= 10;
	}
	return true;
}

/* What becomes of a fraction: the safe side, or an error where there is none. */
enum rounding { ROUND_DOWN, ROUND_UP, ROUND_NEVER };

static enum rounding
rounding_of(const struct leaf *leaf)
{
	if (leaf->kind == KIND_U64)
		return ROUND_DOWN;
	return strncmp(leaf->leaf, "delay", 5) == 0 ? ROUND_UP : ROUND_NEVER;
}

/*
 * A number in any notation ("10", "1e9", "10000000000.0"), exactly: digits are shifted, not
 * multiplied as floating point.
 */
static bool
parse_number(const char *text, enum rounding rounding, uint64_t max, uint64_t *out)
{
	const char *at = text + (*text == '+');
	long exponent, scale = 0;
	bool fraction = false, lost = false, any = false;
	uint64_t value = 0;

	for (; (*at >= '0' && *at <= '9') || (*at == '.' && !fraction); at++) {
		unsigned digit = (unsigned)(*at - '0');

		if (*at == '.') {
			fraction = true;
			continue;
		}
		any = true;
		if (value > (UINT64_MAX - digit) / 10) {
			if (!fraction)
				return false;
			lost = lost || digit;
			continue;
		}
		value = value * 10 + digit;
		scale -= fraction;
	}
	if (!any || !parse_exponent(at, &exponent) ||
	    !shift_decimal(&value, scale + exponent, &lost))
		return false;
	if (lost && rounding == ROUND_UP && value < UINT64_MAX)
		value++;
	*out = value;
	return value <= max && !(lost && rounding == ROUND_NEVER);
}

/* Decimal text as YANG's decimal64 takes it, with up to digits after the point; 1e-3 is expanded.
 */
static bool
parse_decimal(const char *text, uint64_t max, int digits, char *out, size_t cap)
{
	char *end;
	double value = strtod(text, &end);

	if (end == text || *end || !(value >= -(double)max && value <= (double)max))
		return false;
	snprintf(out, cap, "%.*f", digits, value);
	return true;
}

static void
put_member(struct text *out, const char *name)
{
	if (out->len && out->at[out->len - 1] != '{')
		text_add(out, ",");
	text_printf(out, "\"%s\":", name);
}

/* A list of names with blanks between, each once. */
static enum pce_status
put_names(struct draft *draft, const char *name, const char *value, struct text *out)
{
	struct draft_names seen;
	struct text word = { 0 };
	enum pce_status status = PCE_OK;

	draft_names_init(&seen);
	put_member(out, name);
	text_add(out, "[");
	for (const char *at = value; status == PCE_OK && *(at += strspn(at, " \t\r\n"));) {
		size_t len = strcspn(at, " \t\r\n");

		text_clear(&word);
		text_bytes(&word, at, len);
		at += len;
		if (!text_ok(&word))
			status = pce_no_memory(draft->err);
		else if (!has(&seen, text_get(&word))) {
			if (seen.n > 0)
				text_add(out, ",");
			text_json_string(out, text_get(&word), word.len);
			status = draft_names_add(&seen, text_get(&word), draft->err);
		}
	}
	text_add(out, "]");
	text_free(&word);
	draft_names_free(&seen);
	return status;
}

static bool
is_position(const struct leaf *leaf)
{
	return leaf->node && leaf->max >= 90;
}

static enum pce_status
bad_number(struct draft *draft, const struct leaf *leaf, const char *owner, const char *value,
	   unsigned line)
{
	char reason[200];

	snprintf(reason, sizeof(reason),
		 "%s \"%.40s\" is not a %snumber from %s%" PRIu64 " to %" PRIu64, leaf->key, value,
		 rounding_of(leaf) == ROUND_NEVER && leaf->kind == KIND_U32 ? "whole " : "",
		 is_position(leaf) ? "-" : "", is_position(leaf) ? leaf->max : 0, leaf->max);
	return draft_fail(draft, line, PCE_INVALID, leaf->node ? "node" : "edge", owner, reason);
}

static enum pce_status
put_number(struct draft *draft, const struct leaf *leaf, const char *owner, const char *value,
	   unsigned line, struct text *out)
{
	char decimal[64];
	uint64_t number = 0;
	bool position = is_position(leaf), ok;

	if (leaf->kind == KIND_DECIMAL)
		ok = parse_decimal(value, leaf->max, position ? 6 : 12, decimal, sizeof(decimal)) &&
		     (position || decimal[0] != '-');
	else
		ok = parse_number(value, rounding_of(leaf), leaf->max, &number);
	if (!ok)
		return bad_number(draft, leaf, owner, value, line);
	put_member(out, leaf->leaf);
	if (leaf->kind == KIND_DECIMAL)
		text_printf(out, "\"%s\"", decimal);
	else
		text_printf(out, leaf->kind == KIND_U64 ? "\"%" PRIu64 "\"" : "%" PRIu64, number);
	return PCE_OK;
}

static enum pce_status
put_bool(struct draft *draft, const struct leaf *leaf, const char *owner, const char *value,
	 unsigned line, struct text *out)
{
	bool yes = strcasecmp(value, "true") == 0 || strcmp(value, "1") == 0;
	char reason[100];

	if (!yes && strcasecmp(value, "false") != 0 && strcmp(value, "0") != 0) {
		snprintf(reason, sizeof(reason), "%s \"%.40s\" is not true or false", leaf->key,
			 value);
		return draft_fail(draft, line, PCE_INVALID, leaf->node ? "node" : "edge", owner,
				  reason);
	}
	put_member(out, leaf->leaf);
	text_add(out, yes ? "true" : "false");
	return PCE_OK;
}

/* A value without blanks around it. */
static enum pce_status
put_trimmed(struct draft *draft, const struct leaf *leaf, const char *owner, const char *value,
	    unsigned line, struct text *out)
{
	switch (leaf->kind) {
	case KIND_TEXT:
	case KIND_NAME:
		put_member(out, leaf->leaf);
		text_json_string(out, value, strlen(value));
		return PCE_OK;
	case KIND_NAMES:
		return put_names(draft, leaf->leaf, value, out);
	case KIND_BOOL:
		return put_bool(draft, leaf, owner, value, line, out);
	default:
		if (strcasecmp(value, "nan") == 0) {
			draft_left_out(draft, leaf->node ? "node" : "edge", owner,
				       "a value that is not a number (nan), taken as absent");
			return PCE_OK;
		}
		return put_number(draft, leaf, owner, value, line, out);
	}
}

static enum pce_status
put_value(struct draft *draft, size_t i, const char *owner, struct text *out)
{
	const char *at = draft->values[i].text;
	struct text value = { 0 };
	size_t len;
	enum pce_status status;

	if (leaves[i].kind != KIND_NAME)
		at += strspn(at, " \t\r\n");
	len = strlen(at);
	while (leaves[i].kind != KIND_NAME && len && strchr(" \t\r\n", at[len - 1]))
		len--;
	text_bytes(&value, at, len);
	status = text_ok(&value) ? put_trimmed(draft, &leaves[i], owner, text_get(&value),
					       draft->values[i].line, out)
				 : pce_no_memory(draft->err);
	text_free(&value);
	return status;
}

/* True if an entry of the table before this one gives the same leaf. */
static bool
is_given(const struct draft *draft, size_t at)
{
	for (size_t i = 0; i < at; i++) {
		if (draft->values[i].text && leaves[i].node == leaves[at].node &&
		    strcmp(leaves[i].leaf, leaves[at].leaf) == 0)
			return true;
	}
	return false;
}

/* The members that the values make, which are forgotten then. A position needs both halves. */
static enum pce_status
put_values(struct draft *draft, bool node, const char *owner, struct text *out)
{
	bool position =
	    (draft_has(draft, true, "latitude") || draft_has(draft, true, "Latitude")) &&
	    (draft_has(draft, true, "longitude") || draft_has(draft, true, "Longitude"));
	enum pce_status status = PCE_OK;

	for (size_t i = 0; status == PCE_OK && i < LEAF_COUNT; i++) {
		if (!draft->values[i].text || leaves[i].node != node || is_given(draft, i) ||
		    (is_position(&leaves[i]) && !position))
			continue;
		status = put_value(draft, i, owner, out);
	}
	memset(draft->values, 0, sizeof(draft->values));
	return status;
}

/* --- Objects --- */

/* One entry of a list, on a line of its own. */
static enum pce_status
put_entry(struct draft *draft, struct draft_list *list, const char *members, unsigned line)
{
	enum pce_status status =
	    array_reserve(&list->lines, &list->cap, list->n + 1, sizeof(unsigned), draft->err);

	if (status != PCE_OK)
		return status;
	text_printf(&list->json, "%s%s}\n", list->n ? "," : "", members);
	list->lines[list->n++] = line;
	return PCE_OK;
}

bool
draft_has_node(const struct draft *draft, const char *name)
{
	return has(&draft->nodes, name);
}

enum pce_status
draft_node(struct draft *draft, const char *name, unsigned line)
{
	struct text members = { 0 };
	enum pce_status status;

	if (!name || !*name)
		return draft_fail(draft, line, PCE_INVALID, "a node", "", "its id is missing");
	if (draft_has_node(draft, name))
		return draft_fail(draft, line, PCE_INVALID, "node", name,
				  "the id is given twice; give each node its own");
	status = draft_names_add(&draft->nodes, name, draft->err);
	text_add(&members, "{\"name\":");
	text_json_string(&members, name, strlen(name));
	if (strlen(name) > TED_NAME_MAX) {
		/* such a name is too long to be the identity of its node: its hash is */
		text_printf(&members,
			    ",\"igp\":{\"protocol\":\"static\",\"router-id\":\"0x%016" PRIx64
			    "%016" PRIx64 "\"}",
			    hash_bytes(name, strlen(name), 1), hash_bytes(name, strlen(name), 2));
	}
	if (status == PCE_OK)
		status = put_values(draft, true, name, &members);
	if (status == PCE_OK && !text_ok(&members))
		status = pce_no_memory(draft->err);
	if (status == PCE_OK)
		status = put_entry(draft, &draft->node_list, text_get(&members), line);
	text_free(&members);
	return status;
}

bool
draft_has_link(const struct draft *draft, const char *name)
{
	return has(&draft->links, name);
}

enum pce_status
draft_reserve(struct draft *draft, const char *name, unsigned line)
{
	if (draft_has_link(draft, name))
		return draft_fail(draft, line, PCE_INVALID, "edge", name,
				  "the id is given twice; give each edge its own, or none");
	return draft_names_add(&draft->links, name, draft->err);
}

bool
draft_reserve_once(struct draft *draft, const char *name)
{
	if (!draft_has_link(draft, name)) {
		if (draft_names_add(&draft->links, name, NULL))
			draft->node_list.json.bad = true;
		return true;
	}
	draft_left_out(draft, "edge", name,
		       "this id is given twice, the later edge is named after its ends");
	return false;
}

/* Where the number of the next parallel between two nodes is kept; NULL without memory. */
static unsigned *
next_parallel(struct draft *draft, const char *pair)
{
	uint32_t at = hash_find(&draft->pairs.hash, pair, strlen(pair));

	if (at != HASH_NONE)
		return &draft->next[at];
	at = (uint32_t)draft->pairs.n;
	if (array_reserve(&draft->next, &draft->cap_next, at + 1, sizeof(unsigned), draft->err) ||
	    draft_names_add(&draft->pairs, pair, draft->err))
		return NULL;
	draft->next[at] = 1;
	return &draft->next[at];
}

/* SOURCE-TARGET, or SOURCE-TARGET#2 and so on while that or its reverse is taken. */
static enum pce_status
make_name(struct draft *draft, const struct draft_edge *edge, struct text *out)
{
	struct text pair = { 0 }, back = { 0 };
	unsigned *next = NULL;
	bool taken = true;

	text_printf(&pair, "%s-%s", edge->source, edge->target);
	if (text_ok(&pair))
		next = next_parallel(draft, text_get(&pair));
	while (next && taken) {
		text_clear(out);
		text_clear(&back);
		text_add(out, text_get(&pair));
		if (*next > 1)
			text_printf(out, "#%u", *next);
		text_printf(&back, "%s~", text_get(out));
		++*next;
		if (!text_ok(out) || !text_ok(&back))
			next = NULL;
		taken = draft_has_link(draft, text_get(out)) ||
			(!edge->directed && draft_has_link(draft, text_get(&back)));
	}
	text_free(&pair);
	text_free(&back);
	return next ? draft_names_add(&draft->links, text_get(out), draft->err)
		    : pce_no_memory(draft->err);
}

static enum pce_status
put_link(struct draft *draft, const char *name, const char *from, const char *to,
	 const char *reverse, const char *values, unsigned line)
{
	const char *const members[][2] = {
		{ "name", name }, { "from", from }, { "to", to }, { "reverse", reverse }
	};
	struct text entry = { 0 };
	enum pce_status status;

	text_add(&entry, "{");
	for (size_t i = 0; i < 4; i++) {
		if (!members[i][1])
			continue;
		put_member(&entry, members[i][0]);
		text_json_string(&entry, members[i][1], strlen(members[i][1]));
	}
	text_add(&entry, values);
	status = text_ok(&entry) ? put_entry(draft, &draft->link_list, text_get(&entry), line)
				 : pce_no_memory(draft->err);
	text_free(&entry);
	return status;
}

/* One or two links out of an edge whose ends and name are known. */
static enum pce_status
put_links(struct draft *draft, const struct draft_edge *edge, const char *name)
{
	struct text values = { 0 }, back = { 0 };
	enum pce_status status;

	/* the values stand behind others: the blank keeps put_member's comma right */
	text_add(&values, " ");
	if (!edge->directed)
		draft->values[find_leaf(false, "reverse")].text = NULL;
	status = put_values(draft, false, name, &values);
	text_printf(&back, "%s~", name);
	if (status == PCE_OK && (!text_ok(&values) || !text_ok(&back)))
		status = pce_no_memory(draft->err);
	if (status == PCE_OK && !edge->directed) {
		if (draft_has_link(draft, text_get(&back)))
			status = draft_fail(draft, edge->line, PCE_INVALID, "edge", name,
					    "the name of its reverse, with ~, is the id of "
					    "another edge; rename one");
		else
			status = draft_names_add(&draft->links, text_get(&back), draft->err);
	}
	if (status == PCE_OK)
		status = put_link(draft, name, edge->source, edge->target,
				  edge->directed ? NULL : text_get(&back), text_get(&values),
				  edge->line);
	if (status == PCE_OK && !edge->directed)
		status = put_link(draft, text_get(&back), edge->target, edge->source, name,
				  text_get(&values), edge->line);
	text_free(&values);
	text_free(&back);
	return status;
}

static enum pce_status
check_ends(struct draft *draft, const struct draft_edge *edge)
{
	const char *name = edge->name ? edge->name : "", *lost = NULL;
	char reason[256];

	if (!edge->source || !edge->target)
		return draft_fail(draft, edge->line, PCE_INVALID, "edge", name,
				  "its source or target is missing");
	if (!draft_has_node(draft, edge->source))
		lost = edge->source;
	else if (!draft_has_node(draft, edge->target))
		lost = edge->target;
	if (!lost)
		return PCE_OK;
	snprintf(reason, sizeof(reason), "there is no node %.200s", lost);
	return draft_fail(draft, edge->line, PCE_INVALID, "edge", name, reason);
}

enum pce_status
draft_edge(struct draft *draft, const struct draft_edge *edge)
{
	struct text made = { 0 };
	const char *name = edge->name;
	enum pce_status status = check_ends(draft, edge);

	if (status == PCE_OK && (!name || !*name)) {
		status = make_name(draft, edge, &made);
		name = text_get(&made);
	}
	if (status == PCE_OK && strcmp(edge->source, edge->target) == 0) {
		draft_left_out(draft, "edge", name, "self loop, left out");
		memset(draft->values, 0, sizeof(draft->values));
	} else if (status == PCE_OK) {
		status = put_links(draft, edge, name);
	}
	text_free(&made);
	return status;
}

enum pce_status
draft_finish(struct draft *draft, struct text *json, unsigned **lines, size_t *n_lines)
{
	size_t n = draft->node_list.n + draft->link_list.n + 3;
	unsigned *all = calloc(n, sizeof(*all));

	text_add(json, "{\"karst-topology:topology\":{\"node\":[\n");
	text_add(json, text_get(&draft->node_list.json));
	text_add(json, "],\"link\":[\n");
	text_add(json, text_get(&draft->link_list.json));
	text_add(json, "]}}\n");
	if (!all || !text_ok(json) || !text_ok(&draft->node_list.json) ||
	    !text_ok(&draft->link_list.json)) {
		free(all);
		return pce_no_memory(draft->err);
	}
	if (draft->node_list.n)
		memcpy(all + 1, draft->node_list.lines, draft->node_list.n * sizeof(*all));
	if (draft->link_list.n)
		memcpy(all + draft->node_list.n + 2, draft->link_list.lines,
		       draft->link_list.n * sizeof(*all));
	*lines = all;
	*n_lines = n;
	return PCE_OK;
}
