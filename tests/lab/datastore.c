#include "tests/lab/datastore.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool
refuse(struct lab_refusal *why, NC_ERR tag, const char *text)
{
	*why = (struct lab_refusal){ .tag = tag };
	snprintf(why->text, sizeof why->text, "%s", text);
	return false;
}

/* As LYD_NAME, which casts const away. */
static const char *
name_of(const struct lyd_node *node)
{
	const void *opaque = node;

	return node->schema ? node->schema->name
			    : ((const struct lyd_node_opaq *)opaque)->name.name;
}

static bool
refuse_node(struct lab_refusal *why, NC_ERR tag, const struct lyd_node *node)
{
	refuse(why, tag, "");
	if (node->schema != NULL)
		lyd_path(node, LYD_PATH_STD, why->path, sizeof why->path);
	else
		snprintf(why->path, sizeof why->path, "%s", name_of(node));
	return false;
}

static struct lyd_node *
copy_all(const struct lyd_node *tree)
{
	struct lyd_node *copy = NULL;

	if (tree != NULL)
		lyd_dup_siblings(tree, NULL, LYD_DUP_RECURSIVE | LYD_DUP_WITH_FLAGS, &copy);
	return copy;
}

void
lab_store_free(struct lab_store *s)
{
	lyd_free_all(s->running);
	lyd_free_all(s->candidate);
	lyd_free_all(s->before);
	s->running = s->candidate = s->before = NULL;
}

/* --- edit-config --- */

struct edit {
	struct lyd_node **root;
	struct lab_refusal *why;
};

static bool edit_siblings(struct edit *e, struct lyd_node *parent, const struct lyd_node *edit,
			  enum lab_operation inherited);

static enum lab_operation
operation_of(const struct lyd_node *node, enum lab_operation inherited)
{
	static const char *const names[] = { "merge", "replace", "create", "delete", "remove" };
	const struct lyd_meta *m = lyd_find_meta(node->meta, NULL, "ietf-netconf:operation");

	for (size_t i = 0; m != NULL && i < sizeof names / sizeof *names; i++)
		if (strcmp(lyd_get_meta_value(m), names[i]) == 0)
			return (enum lab_operation)i;
	return inherited;
}

/* The node of the datastore that an edit node is about. lyd_find_sibling_first() would compare the
 * values of leaves, so those and containers are found by their schema. */
static struct lyd_node *
counterpart(struct edit *e, struct lyd_node *parent, const struct lyd_node *node)
{
	struct lyd_node *siblings = parent ? lyd_child(parent) : *e->root, *found = NULL;

	if (siblings == NULL)
		return NULL;
	if (node->schema->nodetype & (LYS_LIST | LYS_LEAFLIST))
		lyd_find_sibling_first(siblings, node, &found);
	else
		lyd_find_sibling_val(siblings, node->schema, NULL, 0, &found);
	return found;
}

static void
drop(struct edit *e, struct lyd_node *node)
{
	if (*e->root == node)
		*e->root = node->next;
	lyd_free_tree(node);
}

static struct lyd_node *
put_copy(struct edit *e, struct lyd_node *parent, const struct lyd_node *node, bool deep)
{
	struct lyd_node *copy = NULL;
	uint32_t options = LYD_DUP_NO_META | (deep ? LYD_DUP_RECURSIVE : 0);

	if (lyd_dup_single(node, NULL, options, &copy))
		return NULL;
	if (parent != NULL)
		lyd_insert_child(parent, copy);
	else
		lyd_insert_sibling(*e->root, copy, e->root);
	return copy;
}

/* Nothing that libyang could not place in the model may be below a node that is copied whole. */
static bool
all_known(struct edit *e, const struct lyd_node *node)
{
	const struct lyd_node *child;

	if (node->schema == NULL)
		return refuse_node(e->why, NC_ERR_UNKNOWN_ELEM, node);
	LY_LIST_FOR(lyd_child(node), child)
	{
		if (!all_known(e, child))
			return false;
	}
	return true;
}

static bool
edit_replace(struct edit *e, struct lyd_node *parent, const struct lyd_node *node,
	     struct lyd_node *there)
{
	if (!all_known(e, node))
		return false;
	if (there != NULL)
		drop(e, there);
	return put_copy(e, parent, node, true) != NULL ||
	       refuse_node(e->why, NC_ERR_OP_FAILED, node);
}

static bool
edit_merge(struct edit *e, struct lyd_node *parent, const struct lyd_node *node,
	   struct lyd_node *there)
{
	bool leaf = node->schema->nodetype & LYD_NODE_TERM;

	if (there == NULL)
		there = put_copy(e, parent, node, false);
	else if (node->schema->nodetype == LYS_LEAF)
		lyd_change_term(there, lyd_get_value(node));
	if (there == NULL)
		return refuse_node(e->why, NC_ERR_OP_FAILED, node);
	return leaf || edit_siblings(e, there, lyd_child(node), LAB_MERGE);
}

static bool
edit_one(struct edit *e, struct lyd_node *parent, const struct lyd_node *node,
	 enum lab_operation inherited)
{
	enum lab_operation operation;
	struct lyd_node *there;

	if (node->schema == NULL)
		return refuse_node(e->why, NC_ERR_UNKNOWN_ELEM, node);
	if (parent != NULL && lysc_is_key(node->schema))
		return true;
	operation = operation_of(node, inherited);
	there = counterpart(e, parent, node);
	switch (operation) {
	case LAB_CREATE:
		if (there != NULL)
			return refuse_node(e->why, NC_ERR_DATA_EXISTS, node);
		return edit_replace(e, parent, node, NULL);
	case LAB_REPLACE:
		return edit_replace(e, parent, node, there);
	case LAB_DELETE:
		if (there == NULL)
			return refuse_node(e->why, NC_ERR_DATA_MISSING, node);
		drop(e, there);
		return true;
	case LAB_REMOVE:
		if (there != NULL)
			drop(e, there);
		return true;
	case LAB_NONE:
		if (there == NULL)
			return refuse_node(e->why, NC_ERR_DATA_MISSING, node);
		return edit_siblings(e, there, lyd_child(node), LAB_NONE);
	case LAB_MERGE:
		break;
	}
	return edit_merge(e, parent, node, there);
}

static bool
edit_siblings(struct edit *e, struct lyd_node *parent, const struct lyd_node *edit,
	      enum lab_operation inherited)
{
	const struct lyd_node *node;

	LY_LIST_FOR(edit, node)
	{
		if (!edit_one(e, parent, node, inherited))
			return false;
	}
	return true;
}

bool
lab_edit(struct lab_store *s, uint32_t session, const struct lyd_node *config,
	 enum lab_operation operation, struct lab_refusal *why)
{
	struct lyd_node *work;
	struct edit e = { &work, why };

	if (s->candidate_lock != 0 && s->candidate_lock != session)
		return refuse(why, NC_ERR_IN_USE, "the candidate is locked");
	work = copy_all(s->candidate);
	if (!edit_siblings(&e, NULL, config, operation)) {
		lyd_free_all(work);
		return false;
	}
	lyd_free_all(s->candidate);
	s->candidate = work;
	s->dirty = true;
	return true;
}

/* --- commit --- */

static bool
validate(struct lab_store *s, struct lyd_node **tree, struct lab_refusal *why)
{
	if (lyd_validate_all(tree, s->ctx, LYD_VALIDATE_NO_STATE, NULL) == LY_SUCCESS)
		return true;
	refuse(why, NC_ERR_OP_FAILED, ly_errmsg(s->ctx) ? ly_errmsg(s->ctx) : "invalid");
	if (ly_errpath(s->ctx) != NULL)
		snprintf(why->path, sizeof why->path, "%s", ly_errpath(s->ctx));
	return false;
}

bool
lab_validate(struct lab_store *s, struct lab_refusal *why)
{
	struct lyd_node *tree = copy_all(s->candidate);
	bool ok = validate(s, &tree, why);

	lyd_free_all(tree);
	return ok;
}

/* True if this session and persist id may follow up the pending confirmed commit. */
static bool
may_follow(const struct lab_store *s, uint32_t session, const char *persist_id)
{
	if (s->persist[0] == '\0')
		return persist_id == NULL && s->pending_session == session;
	return persist_id != NULL && strcmp(persist_id, s->persist) == 0;
}

static void
start_pending(struct lab_store *s, uint32_t session, const struct lab_commit *commit,
	      int64_t now_us)
{
	if (!s->pending) {
		s->before = s->running;
		s->running = NULL;
	}
	s->pending = true;
	s->pending_session = session;
	s->rollback_us = now_us + commit->timeout_us;
	snprintf(s->persist, sizeof s->persist, "%s", commit->persist ? commit->persist : "");
}

static void
end_pending(struct lab_store *s)
{
	lyd_free_all(s->before);
	s->before = NULL;
	s->pending = false;
}

bool
lab_commit(struct lab_store *s, uint32_t session, const struct lab_commit *commit, int64_t now_us,
	   enum lab_commit_kind *kind, struct lab_refusal *why)
{
	bool locked = (s->running_lock != 0 && s->running_lock != session) ||
		      (s->candidate_lock != 0 && s->candidate_lock != session);

	if (locked)
		return refuse(why, NC_ERR_IN_USE, "a datastore is locked by another session");
	if (s->pending ? !may_follow(s, session, commit->persist_id) : commit->persist_id != NULL)
		return refuse(why, NC_ERR_INVALID_VALUE, "the persist-id is not known");
	if (!validate(s, &s->candidate, why))
		return false;
	*kind = commit->confirmed ? LAB_COMMIT_CONFIRMED
		: s->pending      ? LAB_COMMIT_CONFIRMING
				  : LAB_COMMIT_PLAIN;
	if (commit->confirmed)
		start_pending(s, session, commit, now_us);
	else if (s->pending)
		end_pending(s);
	lyd_free_all(s->running);
	s->running = copy_all(s->candidate);
	s->dirty = false;
	return true;
}

static void
reset_candidate(struct lab_store *s)
{
	lyd_free_all(s->candidate);
	s->candidate = copy_all(s->running);
	s->dirty = false;
}

/* A rollback touches running; the candidate follows unless it holds somebody's edits. */
static void
rollback(struct lab_store *s)
{
	lyd_free_all(s->running);
	s->running = s->before;
	s->before = NULL;
	s->pending = false;
	if (!s->dirty)
		reset_candidate(s);
}

bool
lab_cancel(struct lab_store *s, uint32_t session, const char *persist_id, struct lab_refusal *why)
{
	if (!s->pending || !may_follow(s, session, persist_id))
		return refuse(why, NC_ERR_INVALID_VALUE, "no such confirmed commit is pending");
	rollback(s);
	return true;
}

bool
lab_expire(struct lab_store *s, int64_t now_us)
{
	if (!s->pending || now_us < s->rollback_us)
		return false;
	rollback(s);
	return true;
}

bool
lab_discard(struct lab_store *s, uint32_t session, struct lab_refusal *why)
{
	if (s->candidate_lock != 0 && s->candidate_lock != session)
		return refuse(why, NC_ERR_IN_USE, "the candidate is locked");
	reset_candidate(s);
	return true;
}

/* --- writing from outside of NETCONF --- */

bool
lab_apply(struct lyd_node **tree, const struct lyd_node *edit, struct lab_refusal *why)
{
	struct edit e = { tree, why };

	return edit_siblings(&e, NULL, edit, LAB_MERGE);
}

/* Edits of the candidate that somebody has not committed get what was written too; where they
 * cannot, they end, as they would at their commit. */
static void
follow_write(struct lab_store *s, const struct lab_write *write)
{
	struct lyd_node *candidate = copy_all(s->candidate);
	struct lab_refusal why;

	if (!s->dirty || !write->edit(write->ctx, &candidate, &why)) {
		lyd_free_all(candidate);
		reset_candidate(s);
		return;
	}
	lyd_free_all(s->candidate);
	s->candidate = candidate;
}

bool
lab_write(struct lab_store *s, const struct lab_write *write, struct lab_refusal *why)
{
	struct lyd_node *work, *before = s->running;

	if (s->pending)
		return refuse(why, NC_ERR_IN_USE, "a confirmed commit is pending");
	if (s->running_lock != 0 || s->candidate_lock != 0)
		return refuse(why, NC_ERR_IN_USE, "a session has locked a datastore");
	work = copy_all(s->running);
	if (!write->edit(write->ctx, &work, why) || !validate(s, &work, why)) {
		lyd_free_all(work);
		return false;
	}
	s->running = work;
	if (!write->accept(write->ctx, why)) {
		struct lab_refusal ignored;

		s->running = before;
		(void)write->accept(write->ctx, &ignored);
		lyd_free_all(work);
		return false;
	}
	lyd_free_all(before);
	follow_write(s, write);
	return true;
}

/* --- locks and sessions --- */

/* RFC 6241, section 7.5: also refused while the candidate was edited, or while another session's
 * confirmed commit waits. */
bool
lab_lock(struct lab_store *s, uint32_t session, enum lab_which which, struct lab_refusal *why)
{
	uint32_t *lock = which == LAB_RUNNING ? &s->running_lock : &s->candidate_lock;
	const char *text = NULL;

	if (*lock != 0)
		text = "the lock is held";
	else if (which == LAB_CANDIDATE && s->dirty)
		text = "the candidate holds uncommitted changes";
	else if (which == LAB_RUNNING && s->pending &&
		 (s->persist[0] != '\0' || s->pending_session != session))
		text = "a confirmed commit is pending";
	if (text != NULL) {
		refuse(why, NC_ERR_LOCK_DENIED, text);
		why->holder = *lock;
		return false;
	}
	*lock = session;
	return true;
}

bool
lab_unlock(struct lab_store *s, uint32_t session, enum lab_which which, struct lab_refusal *why)
{
	uint32_t *lock = which == LAB_RUNNING ? &s->running_lock : &s->candidate_lock;

	if (*lock != session)
		return refuse(why, NC_ERR_OP_FAILED, "not locked by this session");
	*lock = 0;
	return true;
}

bool
lab_session_gone(struct lab_store *s, uint32_t session)
{
	bool taken_back = false;

	if (s->candidate_lock == session) {
		s->candidate_lock = 0;
		reset_candidate(s);
	}
	if (s->running_lock == session)
		s->running_lock = 0;
	if (s->pending && s->persist[0] == '\0' && s->pending_session == session) {
		rollback(s);
		taken_back = true;
	}
	return taken_back;
}

/* --- get --- */

/* True if the content match nodes of a filter fit; *selects: it also has selection nodes. */
static bool
filter_fits(const struct lyd_node *node, const struct lyd_node *filter, bool *selects)
{
	const struct lyd_node *f, *child;

	*selects = false;
	LY_LIST_FOR(lyd_child(filter), f)
	{
		const char *value = lyd_child(f) ? "" : lyd_get_value(f);
		bool fits = false;

		if (value == NULL || value[0] == '\0') {
			*selects = true;
			continue;
		}
		LY_LIST_FOR(lyd_child(node), child)
		{
			const char *there = lyd_get_value(child);

			if (strcmp(name_of(child), name_of(f)) == 0 && there != NULL &&
			    strcmp(there, value) == 0)
				fits = true;
		}
		if (!fits)
			return false;
	}
	return true;
}

/* Subtree filtering (RFC 6241, section 6): containment, selection and content match nodes. */
static void
select_part(const struct lyd_node *from, const struct lyd_node *filter, struct lyd_node *parent,
	    struct lyd_node **root)
{
	const struct lyd_node *node, *f;

	LY_LIST_FOR(from, node)
	{
		LY_LIST_FOR(filter, f)
		{
			struct lyd_node *copy = NULL;
			bool selects;

			/* The keys of a list entry come with it. */
			if ((parent != NULL && lysc_is_key(node->schema)) ||
			    strcmp(name_of(node), name_of(f)) != 0 ||
			    !filter_fits(node, f, &selects))
				continue;
			lyd_dup_single(node, NULL, selects ? 0 : LYD_DUP_RECURSIVE, &copy);
			if (parent != NULL)
				lyd_insert_child(parent, copy);
			else
				lyd_insert_sibling(*root, copy, root);
			if (selects)
				select_part(lyd_child(node), lyd_child(f), copy, root);
			break;
		}
	}
}

/* A list that has segments is valid, unless its weight says that somebody tampered with it. */
static void
tell_lists(struct lyd_node *path)
{
	struct lyd_node *list, *leaf;

	LY_LIST_FOR(lyd_child(path), list)
	{
		bool odd;

		if (strcmp(name_of(list), "segment-list") != 0)
			continue;
		odd = lyd_find_path(list, "weight", 0, &leaf) == LY_SUCCESS &&
		      strcmp(lyd_get_value(leaf), "77") == 0;
		lyd_new_path(list, NULL, "state/valid", odd ? "false" : "true", 0, NULL);
		if (odd)
			lyd_new_path(list, NULL, "state/reason", "tampered with", 0, NULL);
	}
}

/* A policy with a candidate path is up, and the path with the highest preference is active. */
static void
add_state(const struct lab_store *s, struct lyd_node *policy)
{
	struct lyd_node *child, *leaf;
	unsigned long best = 0;
	bool has_path = false;
	char text[24];

	if (strcmp(name_of(policy), "policy") != 0)
		return;
	if (s->add_state != NULL) {
		s->add_state(s->state_ctx, s->router, policy);
		return;
	}
	LY_LIST_FOR(lyd_child(policy), child)
	{
		if (strcmp(name_of(child), "candidate-path") != 0 ||
		    lyd_find_path(child, "preference", 0, &leaf))
			continue;
		has_path = true;
		tell_lists(child);
		if (strtoul(lyd_get_value(leaf), NULL, 10) > best)
			best = strtoul(lyd_get_value(leaf), NULL, 10);
	}
	lyd_new_path(policy, NULL, "state/oper-state", has_path ? "up" : "down", 0, NULL);
	snprintf(text, sizeof text, "%lu", best);
	if (has_path)
		lyd_new_path(policy, NULL, "state/active-preference", text, 0, NULL);
	else
		lyd_new_path(policy, NULL, "state/reason", "no candidate path", 0, NULL);
}

struct lyd_node *
lab_get(const struct lab_store *s, enum lab_which which, const struct lyd_node *filter,
	bool with_state)
{
	struct lyd_node *all, *part = NULL, *top, *policy;

	all = copy_all(which == LAB_RUNNING ? s->running : s->candidate);
	if (with_state) {
		LY_LIST_FOR(all, top)
		{
			LY_LIST_FOR(lyd_child(top), policy)
			add_state(s, policy);
		}
	}
	if (filter == NULL)
		return all;
	select_part(all, filter, NULL, &part);
	lyd_free_all(all);
	return part;
}
