/* From a table to a profile: paths are read once, and what cannot work is refused with its line. */
#include "southbound/profile/map.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "southbound/profile/map_internal.h"

static const char *const level_names[PROFILE_LEVELS] = { "policy",       "candidate-path",
							 "segment-list", "shared-segment-list",
							 "segment",      "steering" };

/* True if a value has a text at a level: it belongs to it, or to one that encloses it. */
static bool
fits(enum profile_value value, enum profile_level_kind level)
{
	enum profile_level_kind of = profile_value_level(value);

	if (value == PROFILE_CONSTANT || of == PROFILE_POLICY || of == level)
		return true;
	if (level == PROFILE_STEERING || of == PROFILE_STEERING || of == PROFILE_SEGMENT)
		return false;
	return of == PROFILE_PATH ? level != PROFILE_POLICY
				  : level == PROFILE_SHARED || level == PROFILE_SEGMENT;
}

static enum pce_status
check_modules(const struct profile_table *table, const struct data_path *path, const char *text,
	      unsigned line, struct pce_error *err)
{
	for (size_t i = 0; i < path->n; i++) {
		const char *module = path->steps[i].module;
		size_t m = 0;

		while (m < table->n_modules && strcmp(table->modules[m].name, module) != 0)
			m++;
		if (m == table->n_modules)
			return pce_fail_at(err, PCE_INVALID, text, line,
					   *module ? "%s: module %s of element %s is not listed"
						   : "%s: nothing says the module%s of element %s",
					   text, module, path->steps[i].name);
	}
	return PCE_OK;
}

static enum pce_status
parse(struct profile *p, const char *text, const char *module, unsigned line, struct data_path *out,
      struct pce_error *err)
{
	enum pce_status status = data_path_parse(text, module, &p->arena, out, err);

	if (status == PCE_INVALID && err != NULL)
		err->line = line;
	return status == PCE_OK ? check_modules(p->table, out, text, line, err) : status;
}

/* --- one level --- */

static enum pce_status
check_leaf(const struct profile_leaf *row, enum profile_level_kind kind, struct pce_error *err)
{
	if ((unsigned)row->value >= PROFILE_VALUES || (unsigned)row->with >= PROFILE_VALUES)
		return pce_fail_at(err, PCE_INTERNAL, row->path, row->line, "%s: no such value",
				   row->path);
	if (!fits(row->value, kind) || !fits(row->with, kind))
		return pce_fail_at(
		    err, PCE_INVALID, row->path, row->line, "%s: a %s has no %s", row->path,
		    level_names[kind],
		    profile_value_name(fits(row->value, kind) ? row->with : row->value));
	if ((row->value == PROFILE_CONSTANT) != (row->constant != NULL))
		return pce_fail_at(err, PCE_INVALID, row->path, row->line,
				   "%s: a leaf is either a constant or a value", row->path);
	return PCE_OK;
}

static enum pce_status
take_leaf(struct profile *p, enum profile_level_kind kind, const struct profile_leaf *row, bool key,
	  struct pce_error *err)
{
	struct map_level *level = &p->levels[kind];
	struct map_leaf *leaf = &level->leaves[level->n_leaves];
	const char *module = level->path.steps[level->path.n - 1].module;
	enum pce_status status = check_leaf(row, kind, err);

	*leaf = (struct map_leaf){ .row = row, .key = key };
	if (status == PCE_OK && strcmp(row->path, ".") != 0)
		status = parse(p, row->path, module, row->line, &leaf->path, err);
	if (status == PCE_OK)
		level->n_leaves++;
	return status;
}

static const struct profile_leaf *
row_at(const struct profile_level *level, const char *path)
{
	for (size_t i = 0; i < level->n_leaves; i++)
		if (strcmp(level->leaves[i].path, path) == 0)
			return &level->leaves[i];
	return NULL;
}

static bool
is_key(const struct profile_level *level, const char *path)
{
	for (size_t i = 0; i < level->n_keys; i++)
		if (strcmp(level->keys[i], path) == 0)
			return true;
	return false;
}

static enum pce_status
take_leaves(struct profile *p, enum profile_level_kind kind, struct pce_error *err)
{
	const struct profile_level *from = &p->table->levels[kind];
	struct map_level *level = &p->levels[kind];
	enum pce_status status = PCE_OK;

	level->leaves = arena_alloc(&p->arena, (from->n_leaves + 1) * sizeof *level->leaves);
	if (level->leaves == NULL)
		return pce_no_memory(err);
	for (size_t i = 0; i < from->n_keys && status == PCE_OK; i++) {
		const struct profile_leaf *row = row_at(from, from->keys[i]);

		if (row == NULL || row->state)
			return pce_fail_at(err, PCE_INVALID, from->path, from->line,
					   "%s: key %s is none of its leaves", from->path,
					   from->keys[i]);
		status = take_leaf(p, kind, row, true, err);
	}
	level->n_keys = level->n_leaves;
	for (size_t i = 0; i < from->n_leaves && status == PCE_OK; i++)
		if (!is_key(from, from->leaves[i].path))
			status = take_leaf(p, kind, &from->leaves[i], false, err);
	return status;
}

static enum pce_status
take_level(struct profile *p, enum profile_level_kind kind, enum profile_level_kind above,
	   struct pce_error *err)
{
	const struct profile_level *from = &p->table->levels[kind];
	struct map_level *level = &p->levels[kind];
	bool top = kind == PROFILE_POLICY || kind == PROFILE_SHARED;
	const struct data_path *outer = &p->levels[above].path;
	enum pce_status status;

	if (from->path == NULL)
		return PCE_OK;
	if (top != (*from->path == '/') || (!top && !p->levels[above].there))
		return pce_fail_at(err, PCE_INVALID, from->path, from->line,
				   top ? "%s: this path begins at the top, with /"
				       : "%s: this path begins in a %s, without /",
				   from->path, level_names[above]);
	status = parse(p, from->path, top ? "" : outer->steps[outer->n - 1].module, from->line,
		       &level->path, err);
	if (status)
		return status;
	if (level->path.n == 0)
		return pce_fail_at(err, PCE_INVALID, from->path, from->line,
				   "%s: this path names no list", from->path);
	level->there = true;
	return take_leaves(p, kind, err);
}

/* --- the whole --- */

static bool
says(const struct profile *p, enum profile_level_kind kind, enum profile_value value)
{
	const struct map_level *level = &p->levels[kind];

	for (size_t i = 0; i < level->n_leaves; i++)
		if (level->leaves[i].row->value == value)
			return true;
	return false;
}

/* What no profile can do without. */
static enum pce_status
check_whole(const struct profile *p, struct pce_error *err)
{
	static const struct {
		enum profile_level_kind level;
		enum profile_value value;
	} needed[] = {
		{ PROFILE_POLICY, PROFILE_COLOR },
		{ PROFILE_POLICY, PROFILE_ENDPOINT },
		{ PROFILE_POLICY, PROFILE_NAME },
		{ PROFILE_PATH, PROFILE_PREFERENCE },
		{ PROFILE_SEGMENT, PROFILE_SID },
		{ PROFILE_LIST, PROFILE_LIST_REFERENCE },
		{ PROFILE_SHARED, PROFILE_LIST_REFERENCE },
		{ PROFILE_STEERING, PROFILE_PREFIX },
	};

	for (size_t i = 0; i < sizeof needed / sizeof *needed; i++) {
		enum profile_level_kind level = needed[i].level;
		bool optional = needed[i].value == PROFILE_LIST_REFERENCE
				    ? !p->shared
				    : level == PROFILE_STEERING && !p->levels[level].there;

		if (!optional && !says(p, level, needed[i].value))
			return pce_fail_at(err, PCE_INVALID, "", p->table->levels[level].line,
					   "profile %s: no leaf of its %s is the %s",
					   p->table->name, level_names[level],
					   profile_value_name(needed[i].value));
	}
	if (p->levels[PROFILE_POLICY].n_keys == 0)
		return pce_fail_at(err, PCE_INVALID, "", p->table->levels[PROFILE_POLICY].line,
				   "profile %s: its policy has no key", p->table->name);
	return PCE_OK;
}

/* True if something else than the key of RFC 9256 tells policies apart. */
static bool
is_named(const struct profile *p)
{
	const struct map_level *level = &p->levels[PROFILE_POLICY];

	for (size_t i = 0; i < level->n_keys; i++) {
		enum profile_value value = level->leaves[i].row->value;

		if (value != PROFILE_HEADEND && value != PROFILE_COLOR &&
		    value != PROFILE_ENDPOINT && value != PROFILE_CONSTANT)
			return true;
	}
	return false;
}

static enum pce_status
fill(struct profile *p, struct pce_error *err)
{
	static const enum profile_level_kind order[] = { PROFILE_POLICY,  PROFILE_PATH,
							 PROFILE_LIST,    PROFILE_SHARED,
							 PROFILE_SEGMENT, PROFILE_STEERING };
	enum pce_status status = PCE_OK;

	p->shared = p->table->levels[PROFILE_SHARED].path != NULL;
	for (size_t i = 0; i < sizeof order / sizeof *order && status == PCE_OK; i++) {
		enum profile_level_kind kind = order[i];
		enum profile_level_kind above = kind == PROFILE_LIST      ? PROFILE_PATH
						: kind != PROFILE_SEGMENT ? PROFILE_POLICY
						: p->shared               ? PROFILE_SHARED
									  : PROFILE_LIST;

		status = take_level(p, kind, above, err);
	}
	p->named = status == PCE_OK && is_named(p);
	return status == PCE_OK ? check_whole(p, err) : status;
}

enum pce_status
profile_new(const struct profile_table *table, struct profile **out, struct pce_error *err)
{
	struct profile *p = calloc(1, sizeof *p);
	enum pce_status status;

	if (p == NULL)
		return pce_no_memory(err);
	p->table = table;
	status = fill(p, err);
	if (status) {
		profile_free(p);
		return status;
	}
	*out = p;
	return PCE_OK;
}

void
profile_free(struct profile *profile)
{
	if (profile == NULL)
		return;
	arena_free(&profile->arena);
	free(profile);
}

const struct profile_table *
profile_table(const struct profile *profile)
{
	return profile->table;
}

/* --- names --- */

bool
scope_owns(const struct profile_scope *scope, const struct srpolicy *policy)
{
	return policy->name != NULL &&
	       strncmp(policy->name, scope->name_prefix, strlen(scope->name_prefix)) == 0;
}

void
reference_print(const struct spot *spot, struct text *out)
{
	const char *name = spot->list->name;

	if (scope_owns(spot->scope, spot->policy))
		text_printf(out, "%s.%u.%zu.", spot->policy->name, spot->path->preference,
			    spot->list_number + 1);
	text_add(out, name ? name : "");
}

bool
reference_parse(const char *reference, const char *policy, uint32_t *number, const char **name)
{
	size_t len = policy != NULL ? strlen(policy) : 0;
	unsigned preference, n;
	int used = 0;

	if (policy == NULL || strncmp(reference, policy, len) != 0 ||
	    sscanf(reference + len, ".%9u.%9u.%n", &preference, &n, &used) != 2 || used == 0)
		return false;
	*number = n;
	*name = reference + len + used;
	return true;
}

const char *
usual_path_name(size_t i)
{
	return i == 0 ? "primary" : "backup";
}

const char *
usual_list_name(const char *path_name, size_t i, size_t n, char room[32])
{
	if (n == 1)
		return path_name;
	snprintf(room, 32, "share-%zu", i + 1);
	return room;
}
