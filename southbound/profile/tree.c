#include "southbound/profile/tree.h"

#include <string.h>

#define STEPS 32 /* of a path */
#define STEP_KEYS 8

void
data_free(struct data_tree *tree)
{
	arena_free(&tree->arena);
	*tree = (struct data_tree){ 0 };
}

enum pce_status
data_add(struct data_tree *tree, struct data_node *parent, const struct data_step *step,
	 const char *value, struct data_node **out, struct pce_error *err)
{
	struct data_node *node;

	if (tree->n == DATA_NODES)
		return pce_fail(err, PCE_LIMIT, "more than %zu nodes of data", DATA_NODES);
	node = arena_alloc(&tree->arena, sizeof *node);
	if (node == NULL)
		return pce_no_memory(err);
	node->module = step->module;
	node->name = step->name;
	node->parent = parent;
	if (value != NULL && (node->value = arena_strdup(&tree->arena, value)) == NULL)
		return pce_no_memory(err);
	if (parent->last != NULL)
		parent->last->next = node;
	else
		parent->first = node;
	parent->last = node;
	tree->n++;
	*out = node;
	return PCE_OK;
}

/* --- finding --- */

static bool
same_name(const struct data_node *node, const char *module, const char *name)
{
	return strcmp(node->name, name) == 0 &&
	       (*node->module == '\0' || *module == '\0' || strcmp(node->module, module) == 0);
}

bool
data_is(const struct data_node *node, const struct data_step *step)
{
	if (!same_name(node, step->module, step->name))
		return false;
	for (size_t i = 0; i < step->n_keys; i++) {
		const struct data_node *child = node->first;

		while (child != NULL && !same_name(child, "", step->keys[i].name))
			child = child->next;
		if (child == NULL || child->value == NULL ||
		    strcmp(child->value, step->keys[i].value) != 0)
			return false;
	}
	return true;
}

static struct data_node *
first_match(struct data_node *node, const struct data_step *step)
{
	while (node != NULL && !data_is(node, step))
		node = node->next;
	return node;
}

/* The first node at what is left of a path, at or after node. */
static struct data_node *
descend(struct data_node *node, const struct data_path *path, size_t from)
{
	for (node = first_match(node, &path->steps[from]); node != NULL && from + 1 < path->n;
	     node = first_match(node->next, &path->steps[from])) {
		struct data_node *found = descend(node->first, path, from + 1);

		if (found != NULL)
			return found;
	}
	return node;
}

const struct data_node *
data_find(const struct data_node *parent, const struct data_path *path)
{
	return path->n == 0 ? parent : descend(parent->first, path, 0);
}

const struct data_node *
data_next(const struct data_node *parent, const struct data_path *path,
	  const struct data_node *after)
{
	const struct data_node *at = after;

	if (after == NULL)
		return data_find(parent, path);
	for (size_t level = path->n; level-- > 0; at = at->parent) {
		struct data_node *found = descend(at->next, path, level);

		if (found != NULL)
			return found;
	}
	return NULL;
}

enum pce_status
data_reach(struct data_tree *tree, struct data_node *parent, const struct data_path *path,
	   struct data_node **out, struct pce_error *err)
{
	struct data_node *at = parent;

	for (size_t i = 0; i < path->n; i++) {
		const struct data_step *step = &path->steps[i];
		struct data_node *next = first_match(at->first, step), *key;
		enum pce_status status = PCE_OK;

		if (next == NULL) {
			status = data_add(tree, at, step, NULL, &next, err);
			if (status == PCE_OK)
				next->entry = step->n_keys > 0;
			for (size_t k = 0; k < step->n_keys && status == PCE_OK; k++) {
				const struct data_step leaf = { step->module, step->keys[k].name,
								NULL, 0 };

				status =
				    data_add(tree, next, &leaf, step->keys[k].value, &key, err);
			}
		}
		if (status)
			return status;
		at = next;
	}
	*out = at;
	return PCE_OK;
}

void
data_where(const struct data_node *node, struct text *out)
{
	const struct data_node *up[DATA_DEPTH + STEPS];
	const char *module = "";
	size_t n = 0;

	for (; node != NULL && node->name != NULL && n < DATA_DEPTH + STEPS; node = node->parent)
		up[n++] = node;
	while (n-- > 0) {
		bool named = *up[n]->module != '\0' && strcmp(up[n]->module, module) != 0;

		text_printf(out, "/%s%s%s", named ? up[n]->module : "", named ? ":" : "",
			    up[n]->name);
		module = up[n]->module;
	}
}

/* --- paths --- */

struct scan {
	const char *text, *at;
	char *to; /* room for all words, in the arena */
	struct pce_error *err;
};

static enum pce_status
refuse(const struct scan *s, const char *why)
{
	return pce_fail(s->err, PCE_INVALID, "path \"%.200s\", octet %zu: %s", s->text,
			(size_t)(s->at - s->text) + 1, why);
}

/* Takes a word up to one of the stops, without its backslashes. */
static enum pce_status
take_word(struct scan *s, const char *stops, const char **out)
{
	*out = s->to;
	for (; *s->at != '\0' && strchr(stops, *s->at) == NULL; s->at++) {
		if (*s->at == '\\' && *++s->at == '\0')
			return refuse(s, "a backslash has nothing behind it");
		*s->to++ = *s->at;
	}
	*s->to++ = '\0';
	return PCE_OK;
}

static enum pce_status
take_key(struct scan *s, struct data_key *key)
{
	enum pce_status status;

	s->at++;
	status = take_word(s, "=[]/", &key->name);
	if (status)
		return status;
	if (*s->at != '=' || *key->name == '\0')
		return refuse(s, "a key is [NAME=VALUE]");
	s->at++;
	status = take_word(s, "]", &key->value);
	if (status)
		return status;
	if (*s->at != ']')
		return refuse(s, "a key is not closed by ]");
	s->at++;
	return PCE_OK;
}

static enum pce_status
take_step(struct scan *s, const char *module, struct arena *arena, struct data_step *step)
{
	struct data_key *keys = arena_alloc(arena, STEP_KEYS * sizeof *keys);
	enum pce_status status = take_word(s, ":/[]", &step->name);

	if (keys == NULL)
		return pce_no_memory(s->err);
	step->module = module;
	if (status == PCE_OK && *s->at == ':') {
		s->at++;
		step->module = step->name;
		if (*step->module == '\0')
			return refuse(s, "an element has an empty module");
		status = take_word(s, "/[]", &step->name);
	}
	if (status == PCE_OK && *step->name == '\0')
		return refuse(s, "an element has no name");
	step->keys = keys;
	while (status == PCE_OK && *s->at == '[') {
		if (step->n_keys == STEP_KEYS)
			return refuse(s, "too many keys");
		status = take_key(s, &keys[step->n_keys++]);
	}
	if (status == PCE_OK && *s->at != '\0' && *s->at != '/')
		return refuse(s, "an element ends with / or a key");
	return status;
}

enum pce_status
data_path_parse(const char *text, const char *module, struct arena *arena, struct data_path *out,
		struct pce_error *err)
{
	struct scan s = { text, text, arena_alloc(arena, 2 * strlen(text) + 2), err };
	struct data_step *steps = arena_alloc(arena, STEPS * sizeof *steps);
	enum pce_status status = PCE_OK;
	size_t n = 0;

	if (s.to == NULL || steps == NULL)
		return pce_no_memory(err);
	/* "origin:/…" */
	if (s.at[strcspn(s.at, "/:")] == ':' && s.at[strcspn(s.at, "/:") + 1] == '/')
		s.at += strcspn(s.at, "/:") + 1;
	if (*s.at == '/')
		s.at++;
	while (status == PCE_OK && *s.at != '\0') {
		if (n == STEPS)
			return refuse(&s, "too many elements");
		status = take_step(&s, module, arena, &steps[n]);
		module = steps[n++].module;
		if (status == PCE_OK && *s.at == '/' && *++s.at == '\0')
			status = refuse(&s, "the path ends with /");
	}
	if (status == PCE_OK)
		*out = (struct data_path){ steps, n };
	return status;
}
