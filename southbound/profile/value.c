/* Single values and entries out of trees: read strictly, whoever wrote them. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "southbound/profile/map_internal.h"

enum pce_status
decode_malformed(const struct decoder *d, const struct data_node *node, const char *why)
{
	struct text where = { 0 };

	data_where(node, &where);
	pce_fail_at(d->err, PCE_MALFORMED, text_get(&where), 0, "%s is \"%.80s\": %s",
		    text_get(&where), node->value ? node->value : "", why);
	text_free(&where);
	return PCE_MALFORMED;
}

enum pce_status
decode_odd(struct decoder *d, const char *what, const char *is)
{
	struct text sentence = { 0 };

	if (d->odd != NULL)
		return PCE_OK;
	text_printf(&sentence, "%s is %.100s", what, is);
	d->odd = text_ok(&sentence) ? arena_strdup(d->arena, text_get(&sentence)) : NULL;
	text_free(&sentence);
	return d->odd ? PCE_OK : pce_no_memory(d->err);
}

const struct data_node *
decode_node(const struct decoder *d, enum profile_level_kind kind, const struct data_node *entry,
	    enum profile_value value, const struct profile_leaf **leaf)
{
	const struct map_level *level = &d->profile->levels[kind];

	for (size_t i = 0; i < level->n_leaves; i++) {
		const struct data_node *node;

		if (level->leaves[i].row->value != value)
			continue;
		node = data_find(entry, &level->leaves[i].path);
		if (node == NULL || node->value == NULL)
			continue;
		if (leaf != NULL)
			*leaf = level->leaves[i].row;
		return node;
	}
	return NULL;
}

bool
decode_has(const struct decoder *d, enum profile_level_kind kind, enum profile_value value)
{
	const struct map_level *level = &d->profile->levels[kind];

	for (size_t i = 0; i < level->n_leaves; i++)
		if (level->leaves[i].row->value == value)
			return true;
	return false;
}

/* Karst's word for the router's. */
static const char *
our_word(const struct profile_leaf *leaf, const char *theirs)
{
	for (size_t i = 0; i < leaf->n_words; i++)
		if (strcmp(leaf->words[i].theirs, theirs) == 0)
			return leaf->words[i].ours;
	return theirs;
}

enum pce_status
decode_text(struct decoder *d, enum profile_level_kind kind, const struct data_node *entry,
	    enum profile_value value, const char **out)
{
	const struct profile_leaf *leaf;
	const struct data_node *node = decode_node(d, kind, entry, value, &leaf);
	const char *copy;

	if (node == NULL)
		return PCE_OK;
	copy = arena_strdup(d->arena, our_word(leaf, node->value));
	if (copy == NULL)
		return pce_no_memory(d->err);
	*out = copy;
	return PCE_OK;
}

static bool
parse_number(const char *text, int64_t *out)
{
	char *end;

	if (strspn(text, "-0123456789") != strlen(text) || *text == '\0' || strlen(text) > 19)
		return false;
	errno = 0;
	*out = strtoll(text, &end, 10);
	return errno == 0 && *end == '\0';
}

enum pce_status
decode_number(struct decoder *d, enum profile_level_kind kind, const struct data_node *entry,
	      enum profile_value value, uint32_t *out)
{
	const struct profile_leaf *leaf;
	const struct data_node *node = decode_node(d, kind, entry, value, &leaf);
	int64_t number, unit;

	if (node == NULL)
		return PCE_OK;
	unit = leaf->multiply ? (int64_t)leaf->multiply : 1;
	if (!parse_number(our_word(leaf, node->value), &number) ||
	    __builtin_sub_overflow(number, leaf->offset, &number))
		return decode_malformed(d, node, "it is no number");
	if (number < 0 || number / unit > UINT32_MAX)
		return decode_malformed(d, node, "the number is out of range");
	*out = (uint32_t)(number / unit);
	return number % unit ? decode_odd(d, leaf->path, node->value) : PCE_OK;
}

enum pce_status
decode_address(struct decoder *d, enum profile_level_kind kind, const struct data_node *entry,
	       enum profile_value value, struct ip_addr *out)
{
	const struct data_node *node = decode_node(d, kind, entry, value, NULL);

	if (node == NULL)
		return PCE_OK;
	return ip_parse(node->value, out, NULL) ? decode_malformed(d, node, "it is no address")
						: PCE_OK;
}

enum pce_status
decode_bool(struct decoder *d, enum profile_level_kind kind, const struct data_node *entry,
	    enum profile_value value, bool *there, bool *out)
{
	const struct profile_leaf *leaf;
	const struct data_node *node = decode_node(d, kind, entry, value, &leaf);
	const char *word = node ? our_word(leaf, node->value) : NULL;

	*there = node != NULL;
	if (node == NULL)
		return PCE_OK;
	*out = strcmp(word, "true") == 0;
	return *out || strcmp(word, "false") == 0
		   ? PCE_OK
		   : decode_malformed(d, node, "it is neither true nor false");
}

static const char *
without_module(const char *identity)
{
	const char *colon = strchr(identity, ':');

	return colon ? colon + 1 : identity;
}

enum pce_status
decode_constants(struct decoder *d, enum profile_level_kind kind, const struct data_node *entry)
{
	const struct map_level *level = &d->profile->levels[kind];
	enum pce_status status = PCE_OK;

	for (size_t i = 0; i < level->n_leaves && status == PCE_OK; i++) {
		const struct profile_leaf *row = level->leaves[i].row;
		const struct data_node *node;
		bool same;

		if (row->value != PROFILE_CONSTANT || row->state)
			continue;
		node = data_find(entry, &level->leaves[i].path);
		if (node == NULL || node->value == NULL)
			continue;
		same = row->type == PROFILE_IDENTITY
			   ? strcmp(without_module(row->constant), without_module(node->value)) == 0
			   : strcmp(row->constant, node->value) == 0;
		if (!same)
			status = decode_odd(d, row->path, node->value);
	}
	return status;
}

/* --- entries in order --- */

static int
by_number(const void *a, const void *b)
{
	const struct placed *x = a, *y = b;

	if (x->number != y->number)
		return x->number < y->number ? -1 : 1;
	if (x->name != NULL && y->name != NULL && strlen(x->name) != strlen(y->name))
		return strlen(x->name) < strlen(y->name) ? -1 : 1;
	if (x->name != NULL && y->name != NULL && strcmp(x->name, y->name) != 0)
		return strcmp(x->name, y->name);
	return x->place < y->place ? -1 : 1;
}

size_t
decode_count(const struct data_node *parent, const struct map_level *level)
{
	const struct data_node *node = NULL;
	size_t n = 0;

	while (level->there && (node = data_next(parent, &level->path, node)) != NULL)
		n++;
	return n;
}

enum pce_status
decode_entries(struct decoder *d, const struct data_node *parent, enum profile_level_kind kind,
	       struct placed **out, size_t *n_out)
{
	const struct map_level *level = &d->profile->levels[kind];
	size_t n = decode_count(parent, level), i = 0;
	struct placed *items = arena_alloc(d->arena, (n + 1) * sizeof *items);
	const struct data_node *node = NULL;

	if (items == NULL)
		return pce_no_memory(d->err);
	while (i < n && (node = data_next(parent, &level->path, node)) != NULL) {
		items[i] = (struct placed){ .node = node, .place = i };
		i++;
	}
	*out = items;
	*n_out = n;
	return PCE_OK;
}

enum pce_status
decode_order(struct decoder *d, struct placed *at, size_t n, const char *what)
{
	enum pce_status status = PCE_OK;

	if (n > 0)
		qsort(at, n, sizeof *at, by_number);
	for (size_t i = 1; i < n && status == PCE_OK; i++)
		if (at[i].number != 0 && at[i].number == at[i - 1].number) {
			char twice[64];

			snprintf(twice, sizeof twice, "%s %lld", what, (long long)at[i].number);
			status = decode_odd(d, twice, "there twice");
		}
	return status;
}

/* Numbers of the lists: what the router says, what their names say, or their place. */
enum pce_status
decode_list_numbers(struct decoder *d, struct placed *at, size_t n, const char *policy)
{
	enum pce_status status = PCE_OK;

	for (size_t i = 0; i < n && status == PCE_OK; i++) {
		const char *reference = NULL, *name;
		uint32_t number = 0;

		status = decode_number(d, PROFILE_LIST, at[i].node, PROFILE_LIST_ID, &number);
		if (status == PCE_OK)
			status = decode_text(d, PROFILE_LIST, at[i].node, PROFILE_LIST_REFERENCE,
					     &reference);
		if (status == PCE_OK && reference == NULL)
			status =
			    decode_text(d, PROFILE_LIST, at[i].node, PROFILE_LIST_NAME, &reference);
		if (status)
			return status;
		if (number == 0 && reference != NULL &&
		    !reference_parse(reference, policy, &number, &name))
			number = 0;
		at[i].number = number;
		at[i].name = reference;
	}
	return decode_order(d, at, n, "segment-list");
}

/* Color and endpoint, which every policy has. */
enum pce_status
decode_key(struct decoder *d, const struct data_node *node, uint32_t *color,
	   struct ip_addr *endpoint)
{
	enum pce_status status = PCE_OK;

	if (decode_node(d, PROFILE_POLICY, node, PROFILE_COLOR, NULL) == NULL)
		return decode_malformed(d, node, "a policy has no color");
	if (decode_node(d, PROFILE_POLICY, node, PROFILE_ENDPOINT, NULL) == NULL)
		return decode_malformed(d, node, "a policy has no endpoint");
	status = decode_number(d, PROFILE_POLICY, node, PROFILE_COLOR, color);
	return status == PCE_OK
		   ? decode_address(d, PROFILE_POLICY, node, PROFILE_ENDPOINT, endpoint)
		   : status;
}

/* Entries of another headend are not this router's. */
bool
decode_is_here(const struct decoder *d, const struct data_node *node)
{
	const struct data_node *headend =
	    decode_node(d, PROFILE_POLICY, node, PROFILE_HEADEND, NULL);
	struct ip_addr a, b;

	if (headend == NULL || d->scope->headend == NULL)
		return true;
	if (ip_parse(headend->value, &a, NULL) || ip_parse(d->scope->headend, &b, NULL))
		return strcmp(headend->value, d->scope->headend) == 0;
	return ip_compare(&a, &b) == 0;
}
