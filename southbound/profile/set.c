/* What a Set by gNMI holds, and the paths of a Get. */
#include <stdlib.h>
#include <string.h>

#include "pce/base/array.h"
#include "southbound/profile/map_internal.h"

static void
print_word(const char *word, const char *special, struct text *out)
{
	for (; *word != '\0'; word++) {
		if (*word == '\\' || strchr(special, *word) != NULL)
			text_bytes(out, "\\", 1);
		text_bytes(out, word, 1);
	}
}

static void
print_key(const char *name, const char *value, struct text *out)
{
	text_add(out, "[");
	print_word(name, "=[]/", out);
	text_add(out, "=");
	print_word(value, "]", out);
	text_add(out, "]");
}

static void
print_steps(const struct profile_table *table, const struct data_path *path, struct text *out)
{
	const char *module = "";

	if (table->gnmi_origin != NULL && *table->gnmi_origin != '\0')
		text_printf(out, "%s:", table->gnmi_origin);
	for (size_t i = 0; i < path->n; i++) {
		const struct data_step *step = &path->steps[i];

		text_add(out, "/");
		if (!table->gnmi_bare && strcmp(module, step->module) != 0)
			text_printf(out, "%s:", step->module);
		module = step->module;
		print_word(step->name, "/[]", out);
		for (size_t k = 0; k < step->n_keys; k++)
			print_key(step->keys[k].name, step->keys[k].value, out);
	}
}

/* The path of an entry that a tree has. */
static void
print_entry_path(const struct profile *p, enum profile_level_kind kind,
		 const struct data_node *entry, struct text *out)
{
	const struct map_level *level = &p->levels[kind];

	print_steps(p->table, &level->path, out);
	for (size_t i = 0; i < level->n_keys; i++) {
		const struct data_path *path = &level->leaves[i].path;
		const struct data_node *key = data_find(entry, path);

		if (path->n > 0 && key != NULL)
			print_key(path->steps[path->n - 1].name, key->value, out);
	}
}

struct updates {
	struct arena *arena;
	struct profile_update *items;
	size_t n, cap;
	struct pce_error *err;
};

static enum pce_status
add_update(struct updates *u, const struct profile *p, enum profile_level_kind kind,
	   const struct data_node *entry)
{
	struct text path = { 0 }, json = { 0 };
	struct profile_update update = { NULL, NULL };
	bool replace = strcmp(entry->operation, "replace") == 0;

	print_entry_path(p, kind, entry, &path);
	if (replace)
		data_print_json(entry, p->table->gnmi_bare, &json);
	if (text_ok(&path) && text_ok(&json)) {
		update.path = arena_strdup(u->arena, text_get(&path));
		update.json = replace ? arena_strdup(u->arena, text_get(&json)) : NULL;
	}
	text_free(&path);
	text_free(&json);
	if (update.path == NULL || (replace && update.json == NULL) ||
	    array_reserve(&u->items, &u->cap, u->n + 1, sizeof *u->items, u->err))
		return pce_no_memory(u->err);
	u->items[u->n++] = update;
	return PCE_OK;
}

/* The edits of one kind that are at a level. */
static enum pce_status
add_updates(struct updates *u, const struct profile *p, const struct data_tree *tree,
	    enum profile_level_kind kind, const char *operation)
{
	const struct data_path *path = &p->levels[kind].path;
	const struct data_node *entry = NULL;
	enum pce_status status = PCE_OK;

	if (!p->levels[kind].there)
		return PCE_OK;
	while (status == PCE_OK && (entry = data_next(&tree->root, path, entry)) != NULL)
		if (strcmp(entry->operation, operation) == 0)
			status = add_update(u, p, kind, entry);
	return status;
}

enum pce_status
profile_set(const struct profile *profile, const struct profile_scope *scope,
	    const struct deploy_change *changes, size_t n, bool inverse, struct arena *arena,
	    struct profile_update **out, size_t *n_out, struct pce_error *err)
{
	static const struct {
		enum profile_level_kind kind;
		const char *operation;
	} order[] = {
		{ PROFILE_POLICY, "remove" },
		{ PROFILE_SHARED, "remove" },
		{ PROFILE_SHARED, "replace" },
		{ PROFILE_POLICY, "replace" },
	};
	struct updates u = { .arena = arena, .err = err };
	struct data_tree tree = { 0 };
	struct profile_update *items = NULL;
	enum pce_status status = encode_changes(&tree, profile, scope, changes, n, inverse, err);

	for (size_t i = 0; i < sizeof order / sizeof *order && status == PCE_OK; i++)
		status = add_updates(&u, profile, &tree, order[i].kind, order[i].operation);
	data_free(&tree);
	if (status == PCE_OK &&
	    (items = arena_copy(arena, u.items, u.n * sizeof *u.items)) == NULL && u.n > 0)
		status = pce_no_memory(err);
	if (status == PCE_OK) {
		*out = items;
		*n_out = u.n;
	}
	free(u.items);
	return status;
}

enum pce_status
profile_get(const struct profile *profile, struct arena *arena, const char *const **out,
	    size_t *n_out, struct pce_error *err)
{
	static const enum profile_level_kind kinds[] = { PROFILE_POLICY, PROFILE_SHARED };
	const char **paths = arena_alloc(arena, 2 * sizeof *paths);
	struct text text = { 0 };
	size_t n = 0;
	bool bad = paths == NULL;

	for (size_t i = 0; !bad && i < 2; i++) {
		struct data_path path = profile->levels[kinds[i]].path;

		if (!profile->levels[kinds[i]].there)
			continue;
		/* the container around the list, as one value */
		path.n -= path.n > 1;
		text_clear(&text);
		print_steps(profile->table, &path, &text);
		paths[n++] = arena_strdup(arena, text_get(&text));
		bad = !text_ok(&text) || paths[n - 1] == NULL;
		if (!bad && n == 2 && strcmp(paths[0], paths[1]) == 0)
			n = 1;
	}
	text_free(&text);
	if (bad)
		return pce_no_memory(err);
	*out = paths;
	*n_out = n;
	return PCE_OK;
}
