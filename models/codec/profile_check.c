/*
 * A profile against the router's own modules, which are loaded into a context of their own. The
 * schema is walked by the profile's paths; values are tried on the types.
 */
#define _POSIX_C_SOURCE 200809L
#include <dirent.h>
#include <libyang/libyang.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "models/codec/internal.h"
#include "models/codec/profile.h"
#include "pce/base/array.h"

struct checker {
	const struct profile_table *table;
	struct ly_ctx *ctx;
	const struct lysc_node *entries[PROFILE_LEVELS]; /* the list of each level */
	struct pce_error *err;
};

/* --- modules --- */

/* True if a folder has NAME.yang or NAME@REVISION.yang. */
static bool
folder_has(const char *folder, const char *name)
{
	size_t len = strlen(name);
	struct dirent *entry;
	DIR *dir = opendir(folder);
	bool found = false;

	while (dir && !found && (entry = readdir(dir)) != NULL)
		found = strncmp(entry->d_name, name, len) == 0 &&
			(strcmp(entry->d_name + len, ".yang") == 0 || entry->d_name[len] == '@');
	if (dir)
		closedir(dir);
	return found;
}

/* Calls for each folder: adds it to the context, or looks for a module in it. */
static enum pce_status
each_folder(struct checker *c, const char *folders, const char *name, bool *found)
{
	char *copy = array_strdup(folders), *save = NULL;

	if (!copy)
		return pce_no_memory(c->err);
	for (char *dir = strtok_r(copy, ":", &save); dir; dir = strtok_r(NULL, ":", &save)) {
		DIR *there = opendir(dir);

		if (!there)
			continue;
		closedir(there);
		if (name)
			*found = *found || folder_has(dir, name);
		else
			ly_ctx_set_searchdir(c->ctx, dir);
	}
	free(copy);
	return PCE_OK;
}

static enum pce_status
load(struct checker *c, const char *folders, const char **lacking)
{
	static const char *features[] = { "*", NULL };
	enum pce_status status = each_folder(c, folders, NULL, NULL);

	for (size_t i = 0; i < c->table->n_modules && status == PCE_OK; i++) {
		const struct profile_module *module = &c->table->modules[i];
		const struct lys_module *loaded;
		bool found = false;

		status = each_folder(c, folders, module->name, &found);
		if (status == PCE_OK && !found) {
			*lacking = module->name;
			return PCE_OK;
		}
		loaded = status ? NULL : ly_ctx_load_module(c->ctx, module->name, NULL, features);
		if (status == PCE_OK && !loaded)
			return pce_fail_at(c->err, PCE_MALFORMED, module->name, module->line,
					   "YANG module %s cannot be loaded from %s: %s",
					   module->name, folders, ly_errmsg(c->ctx));
		if (status == PCE_OK && strcmp(loaded->ns, module->ns) != 0)
			return pce_fail_at(c->err, PCE_INVALID, module->name, module->line,
					   "the namespace of module %s is %s, not %s", module->name,
					   loaded->ns, module->ns);
	}
	return status;
}

/* --- paths --- */

struct walk {
	const char *path; /* as written */
	unsigned line;
	const struct lysc_node *at; /* NULL: the top */
	char module[256]; /* of the last element */
};

static enum pce_status
fault(const struct checker *c, const struct walk *w, const char *why)
{
	return pce_fail_at(c->err, PCE_INVALID, w->path, w->line, "profile %s: path %s %s",
			   c->table->name, w->path, why);
}

/* Takes one element "name" or "module:name" with what is behind it; returns what follows. */
static const char *
element(struct walk *w, const char *text, char name[256])
{
	size_t n = strcspn(text, "/[:");

	if (text[n] == ':' && n < sizeof(w->module)) {
		memcpy(w->module, text, n);
		w->module[n] = '\0';
		text += n + 1;
		n = strcspn(text, "/[");
	}
	if (n > 255)
		n = 255;
	memcpy(name, text, n);
	name[n] = '\0';
	for (text += n; *text && *text != '/'; text++)
		if (*text == '[')
			while (*text && *text != ']')
				text += *text == '\\' && text[1] ? 2 : 1;
	return *text ? text + 1 : text;
}

/* Goes down a path. */
static enum pce_status
walk(const struct checker *c, struct walk *w)
{
	const char *text = *w->path == '/' ? w->path + 1 : w->path;
	char name[256], why[400];

	while (*text) {
		const struct lys_module *module;

		text = element(w, text, name);
		module = ly_ctx_get_module_implemented(c->ctx, w->module);
		w->at = module ? lys_find_child(w->at, module, name, 0, 0, 0) : NULL;
		if (!w->at) {
			snprintf(why, sizeof(why),
				 "is not in the modules: they have no %.100s:%.100s", w->module,
				 name);
			return fault(c, w, why);
		}
		if (*text && !(w->at->nodetype & (LYS_CONTAINER | LYS_LIST)))
			return fault(c, w, "goes through a node that has none below it");
	}
	return PCE_OK;
}

/* --- leaves --- */

static const struct lysc_type *
real_type(const struct lysc_node *node)
{
	const struct lysc_type *type = ((const struct lysc_node_leaf *)node)->type;

	if (type->basetype == LY_TYPE_LEAFREF)
		type = ((const struct lysc_type_leafref *)type)->realtype;
	return type;
}

/* True if JSON writes values of the type as the profile says. */
static bool
is_written_so(const struct lysc_type *type, enum profile_type as)
{
	switch (type->basetype) {
	case LY_TYPE_UNION: {
		const struct lysc_type_union *all = (const struct lysc_type_union *)type;

		for (LY_ARRAY_COUNT_TYPE i = 0; i < LY_ARRAY_COUNT(all->types); i++)
			if (is_written_so(all->types[i], as))
				return true;
		return false;
	}
	case LY_TYPE_LEAFREF:
		return is_written_so(((const struct lysc_type_leafref *)type)->realtype, as);
	case LY_TYPE_BOOL:
		return as == PROFILE_BOOLEAN;
	case LY_TYPE_IDENT:
		return as == PROFILE_IDENTITY;
	case LY_TYPE_INT64:
	case LY_TYPE_UINT64:
	case LY_TYPE_DEC64:
		return as == PROFILE_NUMBER64;
	case LY_TYPE_INT8:
	case LY_TYPE_INT16:
	case LY_TYPE_INT32:
	case LY_TYPE_UINT8:
	case LY_TYPE_UINT16:
	case LY_TYPE_UINT32:
		return as == PROFILE_NUMBER;
	case LY_TYPE_EMPTY:
		return false;
	default:
		return as == PROFILE_STRING;
	}
}

/* A value that every router must be able to hold, or NULL. */
static const char *
sample(const struct profile_leaf *leaf)
{
	if (leaf->n_words > 0)
		return NULL;
	switch (leaf->value) {
	case PROFILE_CONSTANT:
		return leaf->constant;
	case PROFILE_HEADEND:
	case PROFILE_ENDPOINT:
	case PROFILE_BINDING_SID:
	case PROFILE_SID:
	case PROFILE_SERVICE_SID:
		return "2001:db8::1";
	case PROFILE_PREFIX:
		return "2001:db8::/48";
	case PROFILE_OPER_STATE:
		return "up";
	case PROFILE_ACTIVE:
	case PROFILE_PATH_VALID:
	case PROFILE_LIST_VALID:
		return "true";
	case PROFILE_NAME:
	case PROFILE_PATH_NAME:
	case PROFILE_LIST_NAME:
	case PROFILE_LIST_REFERENCE:
		return "karst-a.100.1.primary";
	default:
		return NULL; /* numbers depend on the policy */
	}
}

static enum pce_status
try_value(const struct checker *c, const struct walk *w, const char *value)
{
	char why[400];
	LY_ERR r;

	if (!value)
		return PCE_OK;
	r = lyd_value_validate(c->ctx, w->at, value, strlen(value), NULL, NULL, NULL);
	if (r == LY_SUCCESS || r == LY_EINCOMPLETE)
		return PCE_OK;
	snprintf(why, sizeof(why), "cannot hold \"%.80s\": %.200s", value, ly_errmsg(c->ctx));
	return fault(c, w, why);
}

static enum pce_status
check_leaf(const struct checker *c, enum profile_level_kind kind, const struct profile_leaf *leaf)
{
	const struct lysc_node *entry = c->entries[kind];
	struct walk w = { .path = leaf->path, .line = leaf->line, .at = entry };
	enum pce_status status = PCE_OK;

	snprintf(w.module, sizeof(w.module), "%s", entry->module->name);
	if (strcmp(leaf->path, ".") != 0)
		status = walk(c, &w);
	if (status)
		return status;
	if (!(w.at->nodetype & (LYS_LEAF | LYS_LEAFLIST)))
		return fault(c, &w, "is no leaf");
	if (!leaf->state && !(w.at->flags & LYS_CONFIG_W))
		return fault(c, &w, "is no configuration, so it is state: true");
	if (!is_written_so(real_type(w.at), leaf->type))
		return fault(c, &w, "has another type in the module");
	status = try_value(c, &w, sample(leaf));
	for (size_t i = 0; i < leaf->n_words && status == PCE_OK; i++)
		status = try_value(c, &w, leaf->words[i].theirs);
	return status;
}

/* --- lists --- */

static bool
is_written(const struct checker *c, enum profile_level_kind kind, const struct lysc_node *node)
{
	const struct profile_level *level = &c->table->levels[kind];
	struct checker quiet = *c;
	bool found = false;

	quiet.err = NULL;
	for (size_t i = 0; i < level->n_leaves && !found; i++) {
		struct walk w = { .path = level->leaves[i].path, .at = c->entries[kind] };

		snprintf(w.module, sizeof(w.module), "%s", w.at->module->name);
		found = !level->leaves[i].state && walk(&quiet, &w) == PCE_OK && w.at == node;
	}
	return found;
}

/* What an entry must have is written. */
static enum pce_status
check_mandatory(const struct checker *c, enum profile_level_kind kind, const struct walk *w)
{
	const struct lysc_node *child;
	char why[400];

	LY_LIST_FOR(lysc_node_child(c->entries[kind]), child)
	{
		if (child->nodetype != LYS_LEAF || !(child->flags & LYS_MAND_TRUE) ||
		    !(child->flags & LYS_CONFIG_W) || is_written(c, kind, child))
			continue;
		snprintf(why, sizeof(why), "has the mandatory leaf %.200s, which is not written",
			 child->name);
		return fault(c, w, why);
	}
	return PCE_OK;
}

static enum pce_status
check_keys(const struct checker *c, const struct profile_level *level, const struct walk *w)
{
	const struct lysc_node *child;
	size_t n = 0;
	char why[400];

	if (w->at->nodetype == LYS_LEAFLIST)
		return PCE_OK;
	LY_LIST_FOR(lysc_node_child(w->at), child)
	{
		if (!(child->flags & LYS_KEY))
			continue;
		if (n == level->n_keys || strcmp(child->name, level->keys[n]) != 0) {
			snprintf(why, sizeof(why), "has the key %.200s in place %zu", child->name,
				 n + 1);
			return fault(c, w, why);
		}
		n++;
	}
	return n == level->n_keys ? PCE_OK : fault(c, w, "has fewer keys in the module");
}

static enum pce_status
check_level(struct checker *c, enum profile_level_kind kind, enum profile_level_kind above)
{
	const struct profile_level *level = &c->table->levels[kind];
	struct walk w = { .path = level->path, .line = level->line };
	enum pce_status status;

	if (!level->path)
		return PCE_OK;
	if (*level->path != '/') {
		w.at = c->entries[above];
		snprintf(w.module, sizeof(w.module), "%s", w.at->module->name);
	}
	status = walk(c, &w);
	if (status)
		return status;
	if (!(w.at->nodetype & (LYS_LIST | LYS_LEAFLIST)))
		return fault(c, &w, "is no list");
	c->entries[kind] = w.at;
	status = check_keys(c, level, &w);
	for (size_t i = 0; i < level->n_leaves && status == PCE_OK; i++)
		status = check_leaf(c, kind, &level->leaves[i]);
	return status == PCE_OK ? check_mandatory(c, kind, &w) : status;
}

static enum pce_status
check_levels(struct checker *c)
{
	bool shared = c->table->levels[PROFILE_SHARED].path != NULL;
	enum pce_status status = check_level(c, PROFILE_POLICY, PROFILE_POLICY);

	if (status == PCE_OK)
		status = check_level(c, PROFILE_PATH, PROFILE_POLICY);
	if (status == PCE_OK)
		status = check_level(c, PROFILE_LIST, PROFILE_PATH);
	if (status == PCE_OK)
		status = check_level(c, PROFILE_SHARED, PROFILE_POLICY);
	if (status == PCE_OK)
		status = check_level(c, PROFILE_SEGMENT, shared ? PROFILE_SHARED : PROFILE_LIST);
	if (status == PCE_OK)
		status = check_level(c, PROFILE_STEERING, PROFILE_POLICY);
	return status;
}

enum pce_status
codec_profile_check(const struct profile_table *table, const char *folders, const char **lacking,
		    struct pce_error *err)
{
	struct checker c = { .table = table, .err = err };
	const char *missing = NULL;
	enum pce_status status;

	if (ly_ctx_new(NULL, LY_CTX_NO_YANGLIBRARY | LY_CTX_DISABLE_SEARCHDIR_CWD, &c.ctx))
		return pce_no_memory(err);
	status = load(&c, folders, &missing);
	if (status == PCE_OK && !missing)
		status = check_levels(&c);
	ly_ctx_destroy(c.ctx);
	if (status == PCE_OK)
		*lacking = missing;
	return status;
}
