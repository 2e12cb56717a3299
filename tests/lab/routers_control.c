/* What tests may order of the emulated routers (routers.h has the list). */
#include "tests/lab/routers_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pce/base/text.h"
#include "tests/lab/names.h"

#define STRANGER 4242 /* the session that control's lock stands for */

static struct router *
find_router(struct lab_routers *all, const char *name)
{
	for (unsigned i = 0; i < all->setup.count; i++)
		if (strcmp(all->routers[i].name, name) == 0)
			return &all->routers[i];
	return NULL;
}

static bool
set_fault(struct router *r, const char *kind, unsigned ms)
{
	static const char *const kinds[] = { "none",
					     "close-before-commit",
					     "close-after-commit",
					     "refuse-edit",
					     "late",
					     "nonsense",
					     "alter" };

	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
		if (strcmp(kinds[i], kind) != 0)
			continue;
		r->fault = (enum lab_fault)i;
		r->late_ms = ms;
		return true;
	}
	return false;
}

static void
make_dirty(struct lab_routers *all, struct router *r)
{
	struct lyd_node *tree = NULL;

	lyd_new_path(
	    r->store.candidate, all->ctx,
	    "/karst-device:srv6-policies/policy[color='999998'][endpoint='2001:db8::d']/name",
	    "somebody-is-editing", LYD_NEW_PATH_UPDATE, &tree);
	if (r->store.candidate == NULL)
		r->store.candidate = tree;
	r->store.dirty = true;
}

static bool
show(struct router *r, const char *which, struct text *out)
{
	const struct lyd_node *tree =
	    strcmp(which, "candidate") == 0 ? r->store.candidate : r->store.running;
	char *xml = NULL;

	if (tree != NULL &&
	    lyd_print_mem(&xml, tree, LYD_XML, LYD_PRINT_SHRINK | LYD_PRINT_WITHSIBLINGS))
		return false;
	text_add(out, xml ? xml : "");
	free(xml);
	return true;
}

/* As if the power went: sessions end, and with them locks and uncommitted edits. */
static void
stop_router(struct router *r)
{
	r->stopped = true;
	for (size_t i = 0; i < SESSIONS_MAX; i++)
		if (r->sessions[i] != NULL)
			routers_close_session(r->sessions[i]);
}

static bool
start_router(struct lab_routers *all, struct router *r, bool empty)
{
	struct pce_error err;
	char text[256];

	r->stopped = false;
	if (!empty)
		return true;
	lab_store_free(&r->store);
	r->store.pending = r->store.dirty = false;
	r->store.running_lock = r->store.candidate_lock = 0;
	return routers_seed(all, r, &err) == PCE_OK && routers_make_true(all, r, text);
}

/* Somebody at the router changes what it runs. */
static void
tamper(struct router *r)
{
	struct lab_refusal why;

	routers_alter(r);
	lab_discard(&r->store, r->store.candidate_lock, &why);
	routers_changed(r, 0);
}

/* What it runs is called otherwise from now on, as if somebody else had put it there. */
static bool
rename_all(struct router *r, const char *name)
{
	struct lab_refusal why;
	struct ly_set *set = NULL;

	if (name[0] == '\0' ||
	    lyd_find_xpath(r->store.running, "//karst-device:policy/name", &set) != LY_SUCCESS)
		return false;
	for (uint32_t i = 0; i < set->count; i++)
		if (strncmp(lyd_get_value(set->dnodes[i]), "karst-", 6) == 0)
			lyd_change_term(set->dnodes[i], name);
	ly_set_free(set, NULL);
	routers_changed(r, 0);
	return lab_discard(&r->store, r->store.candidate_lock, &why);
}

static bool
control(struct lab_routers *all, struct router *r, const char *verb, const char *arg, unsigned ms,
	struct text *out)
{
	struct lab_refusal why;

	text_printf(out, "ok %s %s ", verb, r->name);
	if (strcmp(verb, "fault") == 0)
		return set_fault(r, arg, ms);
	if (strcmp(verb, "show") == 0)
		return show(r, arg, out);
	if (strcmp(verb, "lock") == 0)
		r->store.candidate_lock = r->store.running_lock = STRANGER;
	else if (strcmp(verb, "unlock") == 0)
		r->store.candidate_lock = r->store.running_lock = 0;
	else if (strcmp(verb, "dirty") == 0)
		make_dirty(all, r);
	else if (strcmp(verb, "clean") == 0)
		return lab_discard(&r->store, r->store.candidate_lock, &why);
	else if (strcmp(verb, "kill") == 0)
		r->kill = true, r->gnmi_killed++;
	else if (strcmp(verb, "tamper") == 0)
		tamper(r);
	else if (strcmp(verb, "rename") == 0)
		return rename_all(r, arg);
	else if (strcmp(verb, "stop") == 0)
		stop_router(r);
	else if (strcmp(verb, "start") == 0)
		return start_router(all, r, strcmp(arg, "empty") == 0);
	else
		return false;
	return true;
}

enum pce_status
lab_routers_control(struct lab_routers *routers, const char *line, char **answer,
		    struct pce_error *err)
{
	char verb[32] = "", name[LAB_NAME_TEXT] = "", arg[32] = "";
	unsigned ms = 0;
	int words = 0;
	struct text out = { 0 };
	struct router *r;
	bool ok;

	sscanf(line, "%31s %399s %n%31s %u", verb, name, &words, arg, &ms);
	lab_unword(name);
	r = find_router(routers, name);
	if (r == NULL)
		return pce_fail(err, PCE_NOT_FOUND, "no router is called \"%s\"", name);
	pthread_mutex_lock(&r->mutex);
	ok = control(routers, r, verb, arg, ms, &out) ||
	     routers_set_flow(r, verb, words > 0 ? line + words : "");
	pthread_mutex_unlock(&r->mutex);
	*answer = ok ? text_take(&out) : NULL;
	text_free(&out);
	return ok ? PCE_OK : pce_fail(err, PCE_INVALID, "not understood: %.200s", line);
}
