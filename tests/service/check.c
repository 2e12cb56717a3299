/* The invariants of DESIGN.md, checked from outside the code that has to keep them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pce/base/array.h"
#include "pce/segment/replay.h"
#include "tests/service/world.h"
#include "tests/support/feasible.h"

/* --- the ledger is the sum over policies --- */

/* The links of the path, then those that a loose list branches to. */
static const char *
bound_key(const struct policy_bound *b, size_t k)
{
	return k < b->n_links ? b->link_keys[k] : b->branch_keys[k - b->n_links];
}

static uint64_t
list_holds(const struct policy_bound *b, const char *key)
{
	for (size_t k = 0; k < b->n_links + b->n_branches; k++)
		if (strcmp(bound_key(b, k), key) == 0)
			return b->bps;
	return 0;
}

/* What one policy should hold on a link: the largest of what any of its records says, where the
 * lists of one candidate path add up. */
static uint64_t
should_hold(const struct policy_record *r, const char *key)
{
	const struct policy_bound *b = r ? r->bound : NULL;
	uint64_t bps = 0;

	for (size_t i = 0; r && i < r->srpolicy.n_paths; i++) {
		uint64_t sum = 0;

		for (size_t j = 0; j < r->srpolicy.paths[i].n_lists; j++)
			sum += list_holds(b++, key);
		bps = sum > bps ? sum : bps;
	}
	for (size_t k = 0; r && k < r->n_held; k++)
		if (strcmp(r->held[k].link_key, key) == 0 && r->held[k].bps > bps)
			bps = r->held[k].bps;
	return bps;
}

static const struct policy_record *
waiting_record(const struct service_policy *p)
{
	const struct admission *a = p->intent ? p->intent->pending : NULL;

	for (size_t i = 0; a && i < a->n; i++)
		if (a->parts[i].policy == p)
			return a->parts[i].next.record;
	return NULL;
}

static void
check_ledger(const struct world *w)
{
	const struct service *s = w->service;

	for (ted_link link = 0; link < ted_link_count(s->ted); link++) {
		const char *key = ted_link_key_text(s->ted, link);
		const struct ted_link_row *row = ted_link_at(s->ted, link);
		uint64_t sum = 0;

		for (size_t i = 0; i < s->n_slots; i++) {
			uint64_t now, next;

			if (!s->slots[i])
				continue;
			now = should_hold(s->slots[i]->now.record, key);
			next = should_hold(waiting_record(s->slots[i]), key);
			sum += now > next ? now : next;
		}
		ck_assert_msg(sum == row->booked_bps, "link %s: booked %llu, policies hold %llu",
			      row->name, (unsigned long long)row->booked_bps,
			      (unsigned long long)sum);
		/* A move that a full disk lost may meet, after a crash, what was admitted since. */
		ck_assert_msg(w->capacities_change || w->lossy || sum <= row->base_bps ||
				  row->capacity_bps == 0,
			      "link %s is overbooked", row->name);
	}
}

/* --- make before break --- */

/* True if every link of what the record is bound to is booked for the policy. */
static bool
is_booked(const struct world *w, const struct policy_record *r, const struct service_policy *p)
{
	for (size_t i = 0; i < srpolicy_n_lists(&r->srpolicy); i++)
		for (size_t k = 0; k < r->bound[i].n_links + r->bound[i].n_branches; k++) {
			const char *key = bound_key(&r->bound[i], k);
			ted_link link = ted_link_by_key(w->service->ted, key);

			if (link != TED_NONE &&
			    ledger_held_bps(&p->holding, link) < should_hold(r, key))
				return false;
		}
	return true;
}

/*
 * What a router runs is booked, on every link, as long as the policy is known. Several records may
 * have the same lists (the IGP moved the path): one of them must be booked.
 */
static void
check_running_is_booked(const struct world *w, const struct srpolicy *running)
{
	const struct service_policy *p = policy_find(w->service, running->name + strlen("karst-"));
	bool known = false;

	/* While the store fails the newest record may be known to nobody else. */
	if (p && srpolicy_equal(&p->now.record->srpolicy, running) &&
	    is_booked(w, p->now.record, p))
		return;
	for (size_t i = w->n_history; p && i > 0; i--) {
		const struct policy_record *r = w->history[i - 1]->record.policy;

		if (strcmp(r->id, p->id) != 0 || !srpolicy_equal(&r->srpolicy, running))
			continue;
		if (is_booked(w, r, p))
			return;
		known = true;
	}
	ck_assert_msg(!known, "a router runs %s over links that are not booked", running->name);
}

/* --- others' policies --- */

static void
check_router(const struct world *w, unsigned router)
{
	const struct world_policies *set = &w->routers[router].running;
	size_t others = 0;

	for (size_t i = 0; i < set->n; i++) {
		const struct srpolicy *p = set->at[i]->policy;

		if (strncmp(p->name, "karst-", 6) != 0) {
			others++;
			ck_assert(p->color == WORLD_FOREIGN_COLOR || p->color == 1999);
			ck_assert(p->endpoint.octets[15] == 9 && p->n_paths == 0);
			continue;
		}
		if (!w->lossy)
			check_running_is_booked(w, p);
	}
	ck_assert_uint_eq(others, 2);
}

void
world_check_approved(const struct world *w, const struct world_wait *wait)
{
	for (size_t i = 0; wait->phase == DEPLOY_PREPARE && i < wait->transaction->n_changes; i++) {
		const struct deploy_change *c = &wait->transaction->changes[i];
		const struct service_policy *p =
		    c->action != DEPLOY_REMOVE
			? policy_find(w->service, c->policy->name + strlen("karst-"))
			: NULL;

		ck_assert_msg(!p || !p->now.record->unapproved ||
				  !srpolicy_equal(&p->now.record->srpolicy, c->policy),
			      "policy %s goes out unapproved", p ? p->id : "");
	}
}

/* --- alarms of intents --- */

/* What an intent says of itself that has an alarm elsewhere: a router or a feed is away. */
static bool
is_told_elsewhere(const char *reason)
{
	return strncmp(reason, "router ", 7) == 0 ? strstr(reason, " is away") != NULL
						  : strncmp(reason, "the feed that", 13) == 0;
}

static size_t
alarms_of(const struct world *w, const char *id, const char *cause)
{
	struct alarm alarm;
	size_t n = 0;

	for (size_t i = 0; service_view_alarm_at(w->service, i, &alarm); i++)
		n += strncmp(alarm.object, "intent/", 7) == 0 &&
		     (!id || strcmp(alarm.object + 7, id) == 0) &&
		     (!cause || strcmp(alarm.cause, cause) == 0) && alarm.text && alarm.action;
	return n;
}

/* A failed intent has one alarm, one that is whole has none, and nobody else has any. */
static void
check_alarms(const struct world *w)
{
	struct service_view_intent v;
	size_t all = 0;

	for (size_t i = 0; service_view_intent_at(w->service, i, &v); i++) {
		size_t n = alarms_of(w, v.intent->id, NULL);

		all += n;
		ck_assert_msg(n <= 1, "intent %s has %zu alarms", v.intent->id, n);
		if (v.state == INTENT_ACTIVE)
			ck_assert_msg(n == 0, "intent %s is whole and has an alarm", v.intent->id);
		if (v.state == INTENT_FAILED)
			ck_assert_msg(alarms_of(w, v.intent->id, "without-path") +
					      alarms_of(w, v.intent->id, "refused") ==
					  1,
				      "intent %s failed (%s), and nobody is told", v.intent->id,
				      v.reason);
		if (v.state == INTENT_DEGRADED && v.n_policies == 1 &&
		    !is_told_elsewhere(v.reason) && !strstr(v.reason, "the mode") &&
		    !strstr(v.reason, "waits for approval") && !strstr(v.reason, "was rejected"))
			ck_assert_msg(n == 1, "intent %s is degraded (%s), and nobody is told",
				      v.intent->id, v.reason);
	}
	ck_assert_uint_eq(alarms_of(w, NULL, NULL), all);
}

void
world_check(const struct world *w)
{
	if (!w->service)
		return;
	check_alarms(w);
	check_ledger(w);
	for (size_t i = 0; i < w->service->n_policies; i++)
		ck_assert_msg(!has_parted(w->service, w->service->policies[i]),
			      "intent %s is co-routed, and its directions part",
			      w->service->policies[i]->id);
	for (unsigned i = 0; i < w->n_nodes; i++)
		check_router(w, i);
}

/* --- when all is quiet --- */

/* A policy that is not failed goes over usable links only, and its lists take just these. */
static void
check_route(const struct world *w, const struct service_policy *p)
{
	const struct srpolicy *sr = &p->now.record->srpolicy;

	for (size_t i = 0; i < srpolicy_n_lists(sr); i++) {
		const struct srpolicy_list *list = srpolicy_list_at(sr, i, NULL);
		size_t branches = p->now.record->bound[i].n_branches;
		const struct replay_expected expected = { p->links[i], p->links[i] + p->n_links[i],
							  p->n_links[i], branches };
		char text[256] = "";
		bool same = false;

		for (size_t k = 0; k < p->n_links[i] + branches; k++)
			ck_assert_msg(ted_link_usable(w->service->ted, p->links[i][k]),
				      "policy %s uses link %s, which is not usable", p->id,
				      ted_link_at(w->service->ted, p->links[i][k])->name);
		ck_assert(replay_spreads(w->service->ted, p->headend, list->sids, list->n_sids,
					 NULL, 0, &expected, &same, text, sizeof(text),
					 NULL) == PCE_OK);
		if (same && !branches)
			ck_assert(replay_matches(w->service->ted, p->headend, list->sids,
						 list->n_sids, NULL, 0, p->links[i], p->n_links[i],
						 &same, text, sizeof(text), NULL) == PCE_OK);
		ck_assert_msg(same, "the list of policy %s goes astray: %s", p->id, text);
	}
}

/* The fibres that a list uses, as a set. */
static unsigned
fibres_of(const struct world *w, const struct service_policy *p, size_t list)
{
	unsigned set = 0;

	for (size_t k = 0; k < p->n_links[list]; k++)
		set |= 1u << strtoul(ted_link_at(w->service->ted, p->links[list][k])->name + 1,
				     NULL, 10);
	return set;
}

/* True if with these fibres down no list that works gets more than it has booked. */
static bool
shares_fit(const struct service_policy *p, const unsigned *fibres, unsigned down)
{
	const struct srpolicy_path *path = &p->now.record->srpolicy.paths[0];
	double weights = 0;

	for (size_t i = 0; i < path->n_lists; i++)
		weights += fibres[i] & down ? 0 : path->lists[i].weight;
	for (size_t i = 0; i < path->n_lists; i++)
		if (!(fibres[i] & down) &&
		    (double)p->intent->intent->bandwidth_bps * path->lists[i].weight >
			((double)p->now.record->bound[i].bps + 1.5) * weights)
			return false;
	return weights > 0;
}

/* The lists hold the bandwidth as often as was asked: over every set of fibres that may be down. */
static void
check_guarantee(const struct world *w, const struct service_policy *p)
{
	const struct srpolicy *sr = &p->now.record->srpolicy;
	unsigned fibres[PATH_LISTS_MAX];
	double holds = 0;

	ck_assert(sr->n_paths == 1 && sr->paths[0].n_lists <= p->intent->intent->max_lists);
	for (size_t i = 0; i < sr->paths[0].n_lists; i++)
		fibres[i] = fibres_of(w, p, i);
	for (unsigned down = 0; down < 1u << w->n_fibres; down++) {
		double probability = 1;

		for (unsigned f = 0; f < w->n_fibres; f++) {
			double fails = (double)w->fibres[f].unavailability_ppt / 1e12;

			probability *= down >> f & 1u ? fails : 1 - fails;
		}
		if (probability > 0 && shares_fit(p, fibres, down))
			holds += probability;
	}
	ck_assert_msg(holds >= p->intent->intent->guarantee - 1e-9,
		      "the lists of policy %s hold with %.12f, asked was %.12f: %zu of %llu bit/s, "
		      "the first books %llu",
		      p->id, holds, p->intent->intent->guarantee, sr->paths[0].n_lists,
		      (unsigned long long)p->intent->intent->bandwidth_bps,
		      (unsigned long long)p->now.record->bound[0].bps);
}

static void
check_policy(const struct world *w, const struct service_policy *p)
{
	const struct policy_record *stored = world_stored_policy(w, p->id);
	const struct policy_record *r = p->now.record;
	const struct srpolicy *held = NULL;

	ck_assert_msg(stored != NULL, "policy %s is not stored", p->id);
	ck_assert_uint_eq(stored->generation, r->generation);
	ck_assert_uint_eq(stored->n_held, r->n_held);
	ck_assert(srpolicy_equal(&stored->srpolicy, &r->srpolicy));
	ck_assert_msg(!r->removing, "policy %s is still being removed", p->id);
	ck_assert_msg(r->n_held == 0, "policy %s still holds old links", p->id);
	if (r->srpolicy.n_paths == 0)
		ck_assert_ptr_nonnull(p->failed);
	if (p->failed && p->intent->intent->disjoint == PATH_DISJOINT_NONE &&
	    !(p->intent->intent->guarantee > 0) && w->synced)
		ck_assert_msg(!is_feasible(w->service, p),
			      "policy %s has no path (%s), but one is feasible", p->id, p->failed);
	if (!p->failed && w->synced)
		check_route(w, p);
	if (!p->failed && !p->degraded && w->synced) {
		ck_assert_uint_eq(r->booked_bps, p->intent->intent->bandwidth_bps);
		if (p->intent->intent->guarantee > 0)
			check_guarantee(w, p);
	}
	for (unsigned i = 0; i < w->n_nodes; i++)
		if (device_of_node(w->service, p->headend) == i)
			held = world_held(w, i, p->id);
	if (r->srpolicy.n_paths == 0)
		return;
	ck_assert_msg(held != NULL, "policy %s is not on its router: %s", p->id,
		      p->standing.reason);
	ck_assert_msg(srpolicy_equal(held, &r->srpolicy), "policy %s differs on its router", p->id);
}

/* The store has just the moves that are kept, and each policy's last one is how it stands. */
static size_t
check_moves(const struct world *w, const struct service_policy *p)
{
	const struct move_log *log = &p->moves;

	ck_assert_uint_le(log->n, w->config.history_moves);
	ck_assert_msg(log->n > 0, "policy %s has no history", p->id);
	ck_assert_uint_eq(move_log_last(log)->move->number, p->now.record->generation);
	ck_assert_uint_eq(move_log_last(log)->move->n_paths,
			  srpolicy_n_lists(&p->now.record->srpolicy));
	for (size_t i = 0; i < log->n; i++) {
		const struct policy_move *move = log->items[i]->move;
		const struct policy_move *stored = world_stored_move(w, p->id, move->number);

		ck_assert_msg(stored != NULL, "move %llu of policy %s is not stored",
			      (unsigned long long)move->number, p->id);
		ck_assert_int_eq(stored->kind, move->kind);
		ck_assert_int_eq(stored->stages.confirmed_us, move->stages.confirmed_us);
	}
	return log->n;
}

static void
check_histories(const struct world *w)
{
	size_t moves = 0;

	if (w->config.history_moves == 0)
		return;
	for (size_t i = 0; i < w->service->n_policies; i++)
		moves += check_moves(w, w->service->policies[i]);
	for (size_t i = 0; i < w->n_store; i++) {
		const struct move_record *r = w->store[i]->record.move;

		for (size_t k = 0; r && k < w->service->n_policies; k++)
			if (strcmp(w->service->policies[k]->id, r->policy_id) == 0 &&
			    move_log_find(&w->service->policies[k]->moves, r->move.number))
				r = NULL;
		ck_assert_msg(r == NULL, "move %llu of policy %s is stored without need",
			      r ? (unsigned long long)r->move.number : 0, r ? r->policy_id : "");
	}
	ck_assert_uint_eq(world_stored_count(w, RECORD_MOVE), moves);
}

void
world_check_quiet(const struct world *w)
{
	size_t ours = 0, wanted = 0;

	world_check(w);
	for (size_t i = 0; i < w->service->n_policies; i++) {
		check_policy(w, w->service->policies[i]);
		wanted += w->service->policies[i]->now.record->srpolicy.n_paths > 0;
	}
	for (unsigned i = 0; i < w->n_nodes; i++)
		ours += w->routers[i].running.n - 2;
	ck_assert_msg(ours == wanted, "routers hold %zu policies, the store has %zu", ours, wanted);
	ck_assert_uint_eq(world_stored_count(w, RECORD_TRANSACTION), 0);
	ck_assert_uint_eq(world_stored_count(w, RECORD_POLICY), w->service->n_policies);
	ck_assert_uint_eq(world_stored_count(w, RECORD_INTENT), w->service->n_intents);
	check_histories(w);
	ck_assert_uint_eq(world_stored_count(w, RECORD_DAMPING), damping_held(w->service));
}
