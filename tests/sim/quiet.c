/*
 * What must hold once nothing goes wrong any more and everything had time to come to rest: routers,
 * store and service say the same, the graph is the network, and nobody is without a path that there
 * is.
 */
#include <string.h>

#include "models/codec/record.h"
#include "pce/segment/replay.h"
#include "pce/service/internal.h"
#include "pce/store/store_sqlite.h"
#include "tests/sim/store.h"
#include "tests/support/feasible.h"

/* --- the store that karstd opened (--wrap) --- */

static struct store *opened;

enum pce_status __real_store_sqlite_open(const char *path, int fd, struct store **out,
					 struct pce_error *err);
enum pce_status __wrap_store_sqlite_open(const char *path, int fd, struct store **out,
					 struct pce_error *err);

enum pce_status
__wrap_store_sqlite_open(const char *path, int fd, struct store **out, struct pce_error *err)
{
	enum pce_status status = __real_store_sqlite_open(path, fd, out, err);

	opened = status ? NULL : *out;
	return status;
}

/* --- at rest --- */

static bool
feeds_rest(const struct service *s)
{
	struct service_view_feed f;
	size_t n = 0;

	for (; service_view_feed_at(s, n, &f); n++)
		if (!f.up || !f.synced)
			return false;
	return n == SIM_FEEDS;
}

bool
quiet_reached(const char **why)
{
	const struct service *s = sim.daemon ? sim.daemon->service : NULL;
	struct service_view_device d;

	*why = "karstd does not run";
	if (!s)
		return false;
	*why = "the feeds are not there";
	if (!feeds_rest(s) || s->learning || s->noted)
		return false;
	*why = "policies wait to be looked at";
	if (s->n_queue > 0)
		return false;
	*why = "something waits for the store";
	if (s->batches || s->some_dirty || s->n_due > 0 || s->admissions || s->operate_dirty)
		return false;
	for (size_t i = 0; service_view_device_at(s, i, &d); i++) {
		*why = "a router is not connected";
		if (!d.connected)
			return false;
		*why = "a router is busy, or something is pending for it";
		if (d.busy || d.n_pending > 0 || routers.at[i].waiting)
			return false;
	}
	return true;
}

/* --- routers --- */

static void
check_on_router(const struct service *s, const struct service_policy *p)
{
	const struct srpolicy *sr = &p->now.record->srpolicy;
	uint32_t device = device_of_node(s, p->headend);
	const struct router_policy *held;
	struct text t = { 0 };

	if (sr->n_paths == 0 || device == NO_DEVICE)
		return;
	held = router_running(&routers.at[device], sr->color, &sr->endpoint);
	policy_canon(&t, sr);
	sim_checked(SIM_QUIET_ROUTERS);
	if (!held)
		sim_fail(SIM_QUIET_ROUTERS, "policy %s is not on router %s", p->id,
			 routers.at[device].name);
	else if (strcmp(held->canon, text_get(&t)) != 0)
		sim_fail(SIM_QUIET_ROUTERS, "policy %s: router %s holds \"%s\", wanted is \"%s\"",
			 p->id, routers.at[device].name, held->canon, text_get(&t));
	text_free(&t);
}

/* Nothing of Karst's is left behind. */
static void
check_left(const struct service *s, const struct sim_router *r)
{
	sim_checked(SIM_FOREIGN);
	if (set_foreign_hash(&r->running) != r->foreign_hash)
		sim_fail(SIM_FOREIGN, "router %s: others' policies changed", r->name);
	for (size_t i = 0; i < r->running.n; i++) {
		const struct router_policy *run = r->running.at[i];
		const struct service_policy *p;

		if (!router_is_ours(run))
			continue;
		p = policy_find(s, run->name + strlen(karst_config.name_prefix));
		if (!p || device_of_node(s, p->headend) != r->number)
			sim_fail(SIM_QUIET_ROUTERS, "router %s still holds %s", r->name, run->name);
	}
}

/* --- the store --- */

struct stored {
	const struct service *s;
	struct arena arena;
	size_t n_policies, n_intents, n_transactions;
};

static enum pce_status
look_at(void *context, const struct store_record *raw, struct pce_error *err)
{
	struct stored *st = context;
	struct service_record r = { 0 };
	const struct service_policy *p;

	if (codec_record_parse(sim.codec, (enum record_kind)raw->kind, raw->key, raw->bytes,
			       raw->len, &st->arena, &r, err))
		return err->status;
	st->n_intents += r.kind == RECORD_INTENT;
	st->n_transactions += r.kind == RECORD_TRANSACTION;
	if (r.kind == RECORD_INTENT && !intent_find(st->s, raw->key))
		sim_fail(SIM_QUIET_STORE, "the store has intent %s, the service has not", raw->key);
	if (r.kind != RECORD_POLICY)
		return PCE_OK;
	st->n_policies++;
	p = policy_find(st->s, raw->key);
	if (!p)
		sim_fail(SIM_QUIET_STORE, "the store has policy %s, the service has not", raw->key);
	else if (p->now.record->generation != r.policy->generation ||
		 p->now.record->n_held != r.policy->n_held ||
		 !srpolicy_equal(&p->now.record->srpolicy, &r.policy->srpolicy))
		sim_fail(SIM_QUIET_STORE, "policy %s: store and service differ", p->id);
	return PCE_OK;
}

static void
check_store(const struct service *s)
{
	struct stored st = { .s = s };
	struct pce_error err = { 0 };

	sim_checked(SIM_QUIET_STORE);
	if (store_load(opened, look_at, &st, &err))
		sim_fail(SIM_QUIET_STORE, "the store cannot be read: %s", err.text);
	else if (st.n_policies != s->n_policies || st.n_intents != s->n_intents)
		sim_fail(SIM_QUIET_STORE,
			 "the store has %zu intents and %zu policies, the service %zu and %zu",
			 st.n_intents, st.n_policies, s->n_intents, s->n_policies);
	else if (st.n_transactions > 0)
		sim_fail(SIM_QUIET_STORE, "%zu transactions are left in the store",
			 st.n_transactions);
	arena_free(&st.arena);
}

/* --- paths --- */

static void
check_path(const struct service *s, const struct service_policy *p)
{
	const struct srpolicy *sr = &p->now.record->srpolicy;

	for (size_t i = 0; i < srpolicy_n_lists(sr); i++) {
		const struct srpolicy_list *list = srpolicy_list_at(sr, i, NULL);
		size_t branches = p->now.record->bound[i].n_branches;
		const struct replay_expected expected = { p->links[i], p->links[i] + p->n_links[i],
							  p->n_links[i], branches };
		char text[256] = "";
		bool same = false;

		sim_checked(SIM_REPLAYED);
		if (replay_spreads(s->ted, p->headend, list->sids, list->n_sids, NULL, 0, &expected,
				   &same, text, sizeof(text), NULL) ||
		    !same)
			sim_fail(SIM_REPLAYED, "the list of policy %s goes astray: %s", p->id,
				 text);
	}
}

static void
check_policies(const struct service *s)
{
	for (size_t i = 0; i < s->n_policies; i++) {
		const struct service_policy *p = s->policies[i];

		check_on_router(s, p);
		if (!p->intent || p->now.record->removing)
			sim_fail(SIM_QUIET_STORE, "policy %s is still being removed", p->id);
		else if (p->now.record->n_held > 0 && p->device != NO_DEVICE)
			sim_fail(SIM_QUIET_STORE, "policy %s still holds old links", p->id);
		else if (!p->failed)
			check_path(s, p);
		sim_checked(SIM_QUIET_FEASIBLE);
		if (p->failed && p->intent && p->intent->intent->disjoint == PATH_DISJOINT_NONE &&
		    is_feasible(s, p))
			sim_fail(SIM_QUIET_FEASIBLE,
				 "policy %s has no path (%s), but one is feasible", p->id,
				 p->failed);
	}
}

/* --- the graph --- */

/* BGP-LS tells bandwidths as floats of 32 bits; they are rounded down. */
static bool
is_near(uint64_t told, uint64_t is)
{
	return told <= is && is - told <= is / 1000000;
}

static void
check_link(const struct service *s, const struct sim_link *l)
{
	for (ted_link link = 0; link < ted_link_count(s->ted); link++) {
		const struct ted_link_row *row = ted_link_at(s->ted, link);

		if (!row->name || strcmp(row->name, l->name) != 0)
			continue;
		if (!ted_link_usable(s->ted, link))
			sim_fail(SIM_QUIET_GRAPH, "link %s is up, but not in the graph", l->name);
		else if (row->igp_metric != l->attr.igp_metric ||
			 !is_near(row->capacity_bps, l->attr.capacity_bps))
			sim_fail(SIM_QUIET_GRAPH,
				 "link %s: metric %u and %llu bit/s, but in the graph %u and %llu",
				 l->name, l->attr.igp_metric,
				 (unsigned long long)l->attr.capacity_bps, row->igp_metric,
				 (unsigned long long)row->capacity_bps);
		return;
	}
	sim_fail(SIM_QUIET_GRAPH, "link %s is not in the graph", l->name);
}

void
quiet_check(void)
{
	const struct service *s = sim.daemon->service;

	check_policies(s);
	for (unsigned i = 0; i < routers.n; i++)
		check_left(s, &routers.at[i]);
	check_store(s);
	sim_checked(SIM_QUIET_GRAPH);
	for (uint32_t i = 0; i < network.n_links; i++)
		check_link(s, &network.links[i]);
	/* All is known again. */
	for (unsigned i = 0; i < routers.n; i++)
		routers.at[i].tampered = false;
	invariants_at_rest();
}
