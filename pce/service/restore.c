/*
 * Restoration: the queue of policies to look at again. The most important come first (priority,
 * then id), a step looks at a bounded number of them, the rest follow on the next tick. A policy
 * moves only if its path does not stand or a better one is found; one without a path keeps what is
 * on the router, says why, and comes back into the queue whenever something improves.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pce/base/array.h"
#include "pce/service/advise.h"
#include "pce/service/assure.h"
#include "pce/service/corouted.h"
#include "pce/service/recompute.h"

/* Units of work in one step: a computation costs COST_COMPUTE, a check one. */
#define BUDGET 48
#define COST_COMPUTE 4

/* --- computing anew --- */

void
recompute_free(struct recompute *r)
{
	placement_free(&r->placement);
	arena_free(&r->next.arena);
}

/*
 * Whether the path that is there may stay although it was computed anew: it stands, answers the
 * request, and the new one is no better. Asked while the policy's own bookings are lifted.
 */
static enum pce_status
compare_with_old(struct service *s, struct recompute *r, struct pce_error *err)
{
	struct service_policy *p = r->p;
	enum affected_verdict worst;
	char text[256];
	bool some;
	enum pce_status status;

	size_t n = r->placement.answer.has_guarantee ? 1 : r->placement.answer.n_routes;

	r->compared = r->keep = false;
	if (p->now.record->srpolicy.n_paths != n || p->unbound || r->request.from != p->headend ||
	    r->request.to != p->tailend)
		return PCE_OK;
	status = policy_judge(s, p, true, &worst, &some, text, sizeof(text), err);
	if (status == PCE_OK && worst == AFFECTED_STANDS && corouted_partner(p))
		status = policy_judge(s, corouted_partner(p), true, &worst, &some, text,
				      sizeof(text), err);
	if (status || worst != AFFECTED_STANDS)
		return status;
	r->compared = policy_answers(s, p, &r->request, NULL);
	if (!r->compared)
		return PCE_OK;
	status = worth_compare(s, r, err);
	r->keep = s->config->reoptimise.batch > 0
		      ? !worth_a_move(&s->config->reoptimise, r->worth, r->before, r->after)
		      : !worth_is_better(r->worth, r->before, r->after);
	return status;
}

/* The path of the policy that leads is computed by itself; that of one that follows is given. */
static enum pce_status
place_one(struct service *s, struct recompute *r, struct pce_error *why)
{
	const struct service_policy *leader = corouted_leader(r->p);
	const struct intent *intent = r->p->intent->intent;
	struct segment_options options =
	    options_for(s, r->request.from, intent, r->p->now.record->backward);
	struct segment_options back = options_for(s, r->request.to, intent, true);
	struct placer placer = { .engine = s->engine, .igp = s->igp };
	const struct policy_record *way;
	struct arena scratch = { 0 };
	enum pce_status status = PCE_OK;

	if (!leader || leader == r->p) {
		placer.back = leader ? &back : NULL;
		if (leader)
			status =
			    corouted_keep(r->p, corouted_partner(r->p), &scratch, &r->request, why);
		if (status == PCE_OK)
			status = place_compute(&placer, &r->request, &options, PLACE_PAIR_OR_SINGLE,
					       &r->placement, why);
		r->request.n_kept = 0; /* of no use to others, and gone */
		arena_free(&scratch);
		return status;
	}
	way = leader->tentative ? leader->tentative : leader->failed ? NULL : leader->now.record;
	if (!leader->tentative && leader->degraded)
		snprintf(r->note, sizeof(r->note), "%s", leader->degraded);
	return corouted_follow(s, leader, way, &r->request, &options, &r->placement, why);
}

enum pce_status
recompute_ask(struct service *s, struct recompute *r, struct pce_error *why)
{
	const struct service_policy *other = corouted_partner(r->p);
	enum pce_status status = corouted_lift(s, r->p, other, why);

	if (status)
		return status;
	status = place_one(s, r, why);
	s->lists_refused += r->placement.refused;
	if (status == PCE_OK && placement_placed(&r->placement) && !corouted_follows(r->p))
		status = compare_with_old(s, r, why);
	if (corouted_lower(s, r->p, other, why))
		return PCE_INTERNAL;
	return status;
}

/* Leaves in the record only the lists that stand, and the candidate paths that have one; *kept is
 * how many lists these are. */
static enum pce_status
keep_standing(struct service *s, const struct service_policy *p, struct held_record *next,
	      size_t *kept, struct pce_error *err)
{
	struct policy_record *r = policy_record_copy(&next->arena, p->now.record);
	const struct service_policy *other = corouted_partner(p);
	bool *stands = arena_alloc(&next->arena, srpolicy_n_lists(&p->now.record->srpolicy) + 1);

	*kept = 0;
	if (!r || !stands)
		return pce_no_memory(err);
	for (size_t i = 0; i < srpolicy_n_lists(&r->srpolicy); i++) {
		enum affected_verdict verdict;
		char text[256];
		enum pce_status status =
		    policy_judge_list(s, p, i, true, &verdict, text, sizeof(text), err);

		if (status)
			return status;
		stands[i] = verdict == AFFECTED_STANDS || verdict == AFFECTED_UNKNOWN;
		if (stands[i] && other &&
		    srpolicy_n_lists(&other->now.record->srpolicy) ==
			srpolicy_n_lists(&r->srpolicy)) {
			status =
			    policy_judge_list(s, other, i, true, &verdict, text, sizeof(text), err);
			if (status)
				return status;
			stands[i] = verdict == AFFECTED_STANDS || verdict == AFFECTED_UNKNOWN;
		}
		*kept += stands[i];
	}
	if (!policy_drop_lists(&next->arena, r, stands))
		return pce_no_memory(err);
	r->generation++;
	r->group = 0;
	next->record = r;
	return policy_hold(&next->arena, r, p->now.record, err);
}

/* The new record comes into force on the books, in the store and on the router. */
static enum pce_status
take_record(struct service *s, struct service_policy *p, struct held_record *next,
	    const struct policy_move *why, struct pce_error *err)
{
	enum pce_status status = remember_before(s, p, err);

	next->record->unapproved = p->now.record->unapproved;
	next->record->tampered = p->now.record->tampered;
	if (p->now.record->adopts) {
		next->record->adopts = arena_strdup(&next->arena, p->now.record->adopts);
		if (!next->record->adopts)
			return pce_no_memory(err);
	}
	if (status == PCE_OK)
		status = policy_adopt(s, p, next, err);
	if (status)
		return status;
	guard_moved(&s->guard, s->step.now);
	p->stages = (struct service_stages){ .cause = p->cause_at,
					     .detected = p->detected_at,
					     .computed = s->step.now };
	status = replace_text(&p->cause, p->work_cause, err);
	if (status == PCE_OK)
		status = history_note(s, p, why, err);
	want_stored(s, p);
	return status ? status : policy_deploy(s, p, err);
}

/* A headend may not notice that its preferred path is dead while another one stands. */
static enum pce_status
shed(struct service *s, struct service_policy *p, const char *why, struct pce_error *err)
{
	const struct policy_move move = { .kind = MOVE_REDUCED, .text = why };
	struct held_record next = { 0 };
	size_t kept = 0;
	enum pce_status status = keep_standing(s, p, &next, &kept, err);

	if (status == PCE_OK && kept > 0 && kept < srpolicy_n_lists(&p->now.record->srpolicy))
		status = take_record(s, p, &next, &move, err);
	arena_free(&next.arena);
	return status;
}

/* There is no better path: what is there stays, and is said to be what it is. */
static enum pce_status
stay(struct service *s, struct service_policy *p, const char *why, struct pce_error *err)
{
	enum affected_verdict worst;
	char text[256] = "", all[512];
	bool some;
	enum pce_status status = policy_judge(s, p, true, &worst, &some, text, sizeof(text), err);

	if (status)
		return status;
	touch(s, p);
	snprintf(all, sizeof(all), "%s%s%s", text, *text && why ? "; " : "", why ? why : "");
	if (p->now.record->srpolicy.n_paths > 0 && (some || worst == AFFECTED_UNKNOWN)) {
		status = replace_text(&p->failed, NULL, err);
		if (status == PCE_OK)
			status = replace_text(&p->degraded, all, err);
		return status == PCE_OK && some ? shed(s, p, all, err) : status;
	}
	status = replace_text(&p->degraded, NULL, err);
	return status ? status : replace_text(&p->failed, *all ? all : "there is no path", err);
}

static bool
same_bound(const struct policy_record *a, const struct policy_record *b)
{
	if (a->srpolicy.n_paths != b->srpolicy.n_paths || a->booked_bps != b->booked_bps)
		return false;
	if (srpolicy_n_lists(&a->srpolicy) != srpolicy_n_lists(&b->srpolicy))
		return false;
	for (size_t i = 0; i < srpolicy_n_lists(&a->srpolicy); i++) {
		if (a->bound[i].bps != b->bound[i].bps ||
		    a->bound[i].n_links != b->bound[i].n_links)
			return false;
		for (size_t k = 0; k < a->bound[i].n_links; k++)
			if (strcmp(a->bound[i].link_keys[k], b->bound[i].link_keys[k]) != 0)
				return false;
		if (a->bound[i].n_branches != b->bound[i].n_branches)
			return false;
		for (size_t k = 0; k < a->bound[i].n_branches; k++)
			if (strcmp(a->bound[i].branch_keys[k], b->bound[i].branch_keys[k]) != 0)
				return false;
	}
	return true;
}

static enum pce_status
build_next(struct service *s, struct recompute *r, struct pce_error *err)
{
	const struct policy_record *old = r->p->now.record;
	struct policy_plan plan = {
		.intent = r->p->intent->intent,
		.backward = old->backward,
		.name_prefix = s->config->name_prefix,
		.color = old->srpolicy.color,
		.endpoint = old->srpolicy.endpoint,
		.headend = r->request.from,
		.tailend = r->request.to,
		.generation = old->generation + 1,
	};
	enum pce_status status =
	    policy_build(s->ted, &plan, &r->placement, &r->next.arena, &r->next.record, err);

	if (status == PCE_OK && policy_may_be_held(s, r->p))
		status = policy_hold(&r->next.arena, r->next.record, old, err);
	return status;
}

static enum pce_status
settle_texts(struct service *s, struct recompute *r, struct pce_error *err)
{
	enum pce_status status = replace_text(&r->p->failed, NULL, err);

	touch(s, r->p);
	return status ? status
		      : replace_text(&r->p->degraded, r->note[0] ? r->note : r->placement.why, err);
}

enum pce_status
recompute_take(struct service *s, struct recompute *r, const struct policy_move *why,
	       struct pce_error *err)
{
	struct service_policy *p = r->p;
	enum pce_status status = build_next(s, r, err);
	bool same;

	if (status)
		return status;
	same = same_bound(p->now.record, r->next.record) &&
	       srpolicy_equal(&p->now.record->srpolicy, &r->next.record->srpolicy);
	status = settle_texts(s, r, err);
	if (status || same)
		return status ? status : p->item ? PCE_OK : policy_deploy(s, p, err);
	return take_record(s, p, &r->next, why, err);
}

static enum pce_status
take_answer(struct service *s, struct recompute *r, struct pce_error *err)
{
	const struct policy_move why = {
		.kind = MOVE_RESTORED,
		.text = r->compared && !*r->why ? "its path became worse than another" : r->why,
	};

	if (!placement_placed(&r->placement))
		return stay(s, r->p, r->placement.answer.no_path.text, err);
	if (r->keep)
		return settle_texts(s, r, err);
	return recompute_take(s, r, &why, err);
}

static enum pce_status
ask_once(struct service *s, struct recompute *r, bool drains, struct arena *scratch,
	 struct pce_error *why)
{
	const struct intent *intent = r->p->intent->intent;
	enum pce_status status =
	    request_for(s, intent, r->p->now.record->backward, drains, scratch, &r->request, why);

	return status ? status : recompute_ask(s, r, why);
}

/*
 * No path past what may lose packets silently: all of it may be crossed, and then as much as can be
 * is avoided after all, the likeliest first, as far as a path of the intent's kind is left.
 */
static enum pce_status
ask_over_suspects(struct service *s, struct recompute *r, bool drains, struct arena *scratch,
		  struct pce_error *why)
{
	const size_t *order;
	size_t n;
	enum pce_status status = assure_cross_each(s, scratch, &order, &n, why);

	for (size_t i = 0; i < n + 1 && status == PCE_OK; i++) {
		placement_free(&r->placement);
		status = ask_once(s, r, drains, scratch, why);
		if (i == 0 && !placement_placed(&r->placement))
			return status; /* that is not for the suspects */
		if (i > 0 && !placement_placed(&r->placement))
			assure_cross_one(s, order[i - 1], true);
		if (i < n)
			assure_cross_one(s, order[i], false);
	}
	if (status || placement_placed(&r->placement))
		return status;
	placement_free(&r->placement);
	return ask_once(s, r, drains, scratch, why);
}

/*
 * Asks for the policy's path, with what is drained avoided or not. Where no way avoids everything
 * that may lose packets silently, as much of it is avoided as can be, the likeliest first.
 */
static enum pce_status
ask(struct service *s, struct recompute *r, bool drains, struct arena *scratch,
    struct pce_error *why)
{
	bool crossing = false;
	enum pce_status status = assure_choose(s, r->p, scratch, &crossing, why);

	if (status == PCE_OK)
		status = ask_once(s, r, drains, scratch, why);
	if (status == PCE_OK && !placement_placed(&r->placement) && assure_avoids(s)) {
		crossing = true;
		status = ask_over_suspects(s, r, drains, scratch, why);
	}
	assure_cross_none(s);
	if (status || !crossing || !placement_placed(&r->placement))
		return status;
	if (assure_is_hopeless(s, &r->placement.answer)) {
		placement_free(&r->placement);
		r->placement.answer.no_path.text =
		    array_strdup("every path crosses what loses packets silently");
	} else {
		snprintf(r->note, sizeof(r->note),
			 "it may cross a link that loses packets silently, for want of another "
			 "path");
	}
	return PCE_OK;
}

/*
 * A path over what is drained is better than none: the work on it may not have begun. A policy
 * whose path stands is not moved for that.
 */
static enum pce_status
ask_over_drained(struct service *s, struct recompute *r, struct arena *scratch,
		 struct pce_error *why)
{
	struct placement avoiding = r->placement;
	enum pce_status status;

	r->placement = (struct placement){ 0 };
	status = ask(s, r, false, scratch, why);
	if (status || !placement_placed(&r->placement)) {
		placement_free(&r->placement);
		r->placement = avoiding;
		return status;
	}
	snprintf(r->note, sizeof(r->note), "it crosses what is %s, for want of another path: %s",
		 damping_held(s) == 0 ? "drained"
		 : s->n_drains == 0   ? "held down"
				      : "drained or held down",
		 avoiding.answer.no_path.text ? avoiding.answer.no_path.text : "there is none");
	placement_free(&avoiding);
	return PCE_OK;
}

/* Compiles the paths that are there anew, if they answer the request; own bookings are lifted. */
static enum pce_status
place_again(struct service *s, struct recompute *r, struct pce_error *err)
{
	const struct service_policy *p = r->p;
	size_t n = p->now.record->srpolicy.n_paths;
	struct placer placer = { .engine = s->engine, .igp = s->igp };
	struct segment_options options =
	    options_for(s, r->request.from, p->intent->intent, p->now.record->backward);
	struct path_route *routes;
	enum pce_status status;

	if (!policy_paths_answer(s, p, &r->request, NULL))
		return PCE_OK;
	routes = calloc(n + 1, sizeof(*routes));
	if (!routes)
		return pce_no_memory(err);
	for (size_t i = 0; i < n; i++)
		routes[i] = (struct path_route){ .links = p->links[i], .n_links = p->n_links[i] };
	status = place_routes(&placer, &r->request, &options, routes, n, &r->placement, err);
	s->lists_refused += r->placement.refused;
	free(routes);
	return status;
}

/*
 * A list that went astray because the IGP changed elsewhere gets a successor for the same path:
 * that is no reason to go elsewhere, and where a better path is, re-optimisation goes in its time.
 * *done: it has one.
 */
static enum pce_status
relist(struct service *s, struct service_policy *p, const char *left, bool *done,
       struct pce_error *err)
{
	const struct srpolicy *sr = &p->now.record->srpolicy;
	const struct policy_move why = { .kind = MOVE_RESTORED, .text = left };
	struct recompute r = { .p = p, .why = left };
	struct arena scratch = { 0 };
	enum pce_status status;

	*done = false;
	if (s->config->reoptimise.batch == 0 || p->failed || p->degraded || p->unbound ||
	    srpolicy_n_lists(sr) != sr->n_paths)
		return PCE_OK;
	status = request_for(s, p->intent->intent, p->now.record->backward, true, &scratch,
			     &r.request, NULL);
	if (status == PCE_OK && r.request.from == p->headend && r.request.to == p->tailend) {
		status = corouted_lift(s, p, corouted_partner(p), err);
		if (status == PCE_OK)
			status = place_again(s, &r, err);
		if (corouted_lower(s, p, corouted_partner(p), err))
			status = PCE_INTERNAL;
		*done = status == PCE_OK && placement_placed(&r.placement);
		if (*done)
			status = recompute_take(s, &r, &why, err);
	} else {
		status = PCE_OK;
	}
	recompute_free(&r);
	arena_free(&scratch);
	return status;
}

static enum pce_status
recompute_one(struct service *s, struct service_policy *p, const char *left, struct pce_error *err)
{
	struct recompute r = { .p = p, .why = left };
	struct arena scratch = { 0 };
	struct pce_error why = { 0 };
	enum pce_status status = ask(s, &r, true, &scratch, &why);

	if (status == PCE_OK && (s->n_drains > 0 || damping_held(s) > 0) &&
	    !placement_placed(&r.placement))
		status = ask_over_drained(s, &r, &scratch, &why);
	if (status == PCE_OK) {
		status = take_answer(s, &r, err);
	} else if (status == PCE_NO_MEMORY) {
		if (err)
			*err = why;
	} else {
		status = stay(s, p, why.text, err);
	}
	recompute_free(&r);
	arena_free(&scratch);
	return status;
}

enum pce_status
recompute_follow(struct service *s, struct service_policy *leader, const char *left,
		 struct pce_error *err)
{
	struct service_policy *follower = corouted_partner(leader);
	enum pce_status status = corouted_share_work(leader, follower, err);

	return status ? status : recompute_one(s, follower, left, err);
}

/* One that goes the same way as another takes that along. */
static enum pce_status
recompute(struct service *s, struct service_policy *p, const char *left, struct pce_error *err)
{
	struct service_policy *leader = corouted_leader(p);
	enum pce_status status = PCE_OK;

	if (!leader)
		return recompute_one(s, p, left, err);
	if (leader != p)
		status = corouted_share_work(p, leader, err);
	if (status == PCE_OK)
		status = recompute_one(s, leader, left, err);
	return status ? status : recompute_follow(s, leader, left, err);
}

/* The names of a route's links, as many as fit. */
static void
name_route(const struct service *s, const struct path_route *route, char *text, size_t cap)
{
	size_t used = 0;

	text[0] = '\0';
	for (size_t i = 0; i < route->n_links && used < cap; i++)
		used += (size_t)snprintf(text + used, cap - used, "%s%s", i > 0 ? " " : "",
					 ted_link_at(s->ted, route->links[i])->name);
}

enum pce_status
restore_try(struct service *s, struct service_policy *p, bool *placed, char *text, size_t cap,
	    struct pce_error *err)
{
	struct recompute r = { .p = corouted_follows(p) ? corouted_leader(p) : p };
	struct arena scratch = { 0 };
	struct pce_error why = { 0 };
	enum pce_status status = ask(s, &r, true, &scratch, &why);

	*placed = status == PCE_OK && placement_placed(&r.placement);
	if (*placed)
		name_route(s, &r.placement.answer.routes[0], text, cap);
	else
		snprintf(text, cap, "%s",
			 status                            ? why.text
			 : r.placement.answer.no_path.text ? r.placement.answer.no_path.text
							   : "there is no path");
	recompute_free(&r);
	arena_free(&scratch);
	if (status != PCE_NO_MEMORY && status != PCE_INTERNAL)
		return PCE_OK;
	if (err)
		*err = why;
	return status;
}

/* --- one policy --- */

static enum pce_status
needs_computing_one(struct service *s, struct service_policy *p, unsigned work, bool *needs,
		    bool *astray, char text[512], struct pce_error *err)
{
	enum affected_verdict worst;
	bool some, valid = true;
	enum pce_status status = PCE_OK;

	*needs = (work & WORK_COMPUTE) != 0 || p->failed != NULL;
	if (p->failed == NULL && (work & (WORK_CHECK | WORK_COMPUTE))) {
		status = policy_judge(s, p, true, &worst, &some, text, 512, err);
		*needs |= status == PCE_OK && worst != AFFECTED_STANDS && worst != AFFECTED_UNKNOWN;
		*astray = status == PCE_OK && worst == AFFECTED_ASTRAY;
		if (*astray) {
			s->lists_strayed++;
			status = tell_strayed(s, p, text, err);
		}
	}
	if (status == PCE_OK && !*needs && (work & WORK_VALIDATE)) {
		status = policy_validate(s, p, &valid, text, 512, err);
		*needs = status == PCE_OK && !valid;
	}
	return status;
}

/* Of two that go together, what one needs the other needs. */
static enum pce_status
needs_computing(struct service *s, struct service_policy *p, bool *needs, bool *astray,
		char text[512], struct pce_error *err)
{
	struct service_policy *other = corouted_partner(p);
	bool needs_it = false, astray_it = false;
	enum pce_status status = needs_computing_one(s, p, p->work, needs, astray, text, err);

	*needs = *needs || (status == PCE_OK && corouted_apart(s, p));
	if (status || *needs || !other)
		return status;
	status = needs_computing_one(s, other, p->work, &needs_it, &astray_it, text, err);
	/* a list that went astray is made anew when its own turn comes */
	*needs = needs_it && !astray_it;
	if (astray_it)
		work_add(s, other, WORK_CHECK, s->step.now, text);
	return status;
}

static enum pce_status
look_at(struct service *s, struct service_policy *p, int *budget, struct pce_error *err)
{
	char text[512] = "";
	bool needs, astray = false, done = false;
	enum pce_status status;

	if (p->failed || p->degraded)
		snprintf(text, sizeof(text), "%s", p->failed ? p->failed : p->degraded);
	status = needs_computing(s, p, &needs, &astray, text, err);

	p->work = 0;
	*budget -= needs ? COST_COMPUTE : 1;
	if (status == PCE_OK && astray)
		status = relist(s, p, text, &done, err);
	if (status == PCE_OK && needs && !done)
		status = recompute(s, p, text, err);
	touch(s, p);
	return status;
}

/* --- what would be done --- */

/* Only a part of the paths stands: that part, if it is not all. */
static enum pce_status
plan_shed(struct service *s, struct service_policy *p, struct restore_plan *out,
	  struct pce_error *err)
{
	struct held_record next = { 0 };
	size_t kept = 0;
	enum pce_status status = keep_standing(s, p, &next, &kept, err);

	if (status || kept == 0 || kept == p->now.record->srpolicy.n_paths) {
		arena_free(&next.arena);
		return status;
	}
	out->outcome = PLAN_MOVE;
	out->next = next;
	return PCE_OK;
}

static enum pce_status
plan_answer(struct service *s, struct recompute *r, struct restore_plan *out, struct pce_error *err)
{
	const char *text = r->note[0] ? r->note : r->placement.why;
	enum pce_status status;

	if (!placement_placed(&r->placement)) {
		text = r->placement.answer.no_path.text;
		snprintf(out->text, sizeof(out->text), "%s", text ? text : "there is no path");
		out->outcome = PLAN_STUCK;
		return plan_shed(s, r->p, out, err);
	}
	snprintf(out->text, sizeof(out->text), "%s", text ? text : "");
	if (r->keep)
		return PCE_OK;
	status = build_next(s, r, err);
	if (status || (same_bound(r->p->now.record, r->next.record) &&
		       srpolicy_equal(&r->p->now.record->srpolicy, &r->next.record->srpolicy)))
		return status;
	out->outcome = PLAN_MOVE;
	out->next = r->next;
	r->next = (struct held_record){ 0 };
	return PCE_OK;
}

enum pce_status
restore_plan(struct service *s, struct service_policy *p, struct restore_plan *out,
	     struct pce_error *err)
{
	struct recompute r = { .p = p };
	struct arena scratch = { 0 };
	struct pce_error why = { 0 };
	bool needs, astray = false;
	enum pce_status status = needs_computing(s, p, &needs, &astray, out->left, err);

	if (status || !needs) {
		snprintf(out->text, sizeof(out->text), "%s", p->degraded ? p->degraded : "");
		return status;
	}
	status = ask(s, &r, true, &scratch, &why);
	if (status == PCE_OK && s->n_drains > 0 && !placement_placed(&r.placement))
		status = ask_over_drained(s, &r, &scratch, &why);
	if (status == PCE_OK) {
		status = plan_answer(s, &r, out, err);
	} else if (status == PCE_NO_MEMORY) {
		if (err)
			*err = why;
	} else {
		out->outcome = PLAN_STUCK;
		snprintf(out->text, sizeof(out->text), "%s", why.text);
		status = plan_shed(s, p, out, err);
	}
	recompute_free(&r);
	arena_free(&scratch);
	return status;
}

enum pce_status
restore_take(struct service *s, struct service_policy *p, struct restore_plan *plan,
	     struct pce_error *err)
{
	const struct policy_move why = {
		.kind = *plan->left ? MOVE_RESTORED : MOVE_REOPTIMISED,
		.text = *plan->left ? plan->left : "its path stood; the approved one is better",
	};

	return take_record(s, p, &plan->next, &why, err);
}

enum pce_status
restore_now(struct service *s, struct service_policy *p, struct pce_error *err)
{
	return recompute(s, p, "", err);
}

static enum pce_status
look_at_if_allowed(struct service *s, struct service_policy *p, int *budget, struct pce_error *err)
{
	struct scoped_mode rule = mode_of_policy(s, p);
	enum pce_status status;

	if (rule.mode == MODE_OBSERVE) {
		*budget -= 1;
		return mode_park(s, p, &rule, err);
	}
	if (rule.mode == MODE_ADVISE && !p->now.record->unapproved)
		return advise_look(s, p, budget, err);
	status = replace_text(&p->waits, NULL, err);
	if (status == PCE_OK)
		status = look_at(s, p, budget, err);
	if (status)
		return status;
	if (rule.mode == MODE_ADVISE)
		return advise_deploy(s, p->intent, NULL, p->work_cause, err);
	return p->change || p->now.record->unapproved || p->now.record->tampered
		   ? advise_overtaken(s, p, err)
		   : PCE_OK;
}

enum pce_status
restore_some(struct service *s, struct pce_error *err)
{
	int budget = BUDGET;
	size_t done = 0;
	enum pce_status status;

	if (s->learning || operate_waits(s))
		return PCE_OK;
	restore_improved(s);
	guard_policies(&s->guard, s->n_policies);
	status = queue_order(s, err);
	while (status == PCE_OK && done < s->n_queue && budget > 0 &&
	       guard_may_move(&s->guard, s->step.now) && guard_share_allows(&s->guard, s->step.now))
		status = look_at_if_allowed(s, s->slots[s->queue[done++]], &budget, err);
	s->n_queue -= done;
	if (done > 0)
		memmove(s->queue, s->queue + done, s->n_queue * sizeof(*s->queue));
	restore_improved(s);
	return status;
}
