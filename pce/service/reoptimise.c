/*
 * Re-optimisation: policies go back to better paths, patiently.
 *
 * When something improved, a scan is due after the hold. It looks at all policies, the most
 * important first, and moves those whose gain is worth it, in batches with pauses between. A link
 * that came back less than the hold ago is not used for it, and a policy that was re-optimised is
 * left where it is for the hold, so nothing follows a flapping link. What is restored goes first,
 * and whatever forbids changes forbids these.
 *
 * It ends: a move makes its policy's own value better by the threshold. Sums and probabilities do
 * not depend on where others are; and a policy that goes to a wider path leaves every link that it
 * touches with more room than the narrowest of them had, so the sorted rooms of all links only
 * grow.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pce/base/array.h"
#include "pce/service/admit.h"
#include "pce/service/corouted.h"
#include "pce/service/recompute.h"

#define COMPUTATIONS 12 /* in one step */

static bool
is_on(const struct service *s)
{
	return s->config->reoptimise.batch > 0;
}

static struct usec
after_hold(const struct service *s, struct usec at)
{
	return usec_add(at, (int64_t)s->config->reoptimise.hold_s * USEC_PER_S);
}

/* --- what happened --- */

static void
want_scan(struct service *s, struct usec at)
{
	struct reoptimiser *r = &s->reoptimiser;

	/* What improves while one is due, or under way, is for the next one. */
	if (r->n == 0 && r->scan_at.v == USEC_NEVER.v)
		r->scan_at = at;
	else
		r->again_at = at;
}

void
reoptimise_noted(struct service *s)
{
	if (is_on(s))
		want_scan(s, after_hold(s, s->step.now));
}

enum pce_status
reoptimise_returned(struct service *s, ted_link link, struct pce_error *err)
{
	struct reoptimiser *r = &s->reoptimiser;
	enum pce_status status = array_reserve(&r->returned, &r->cap_returned, (size_t)link + 1,
					       sizeof(*r->returned), err);

	if (status)
		return status;
	while (r->n_returned <= link)
		r->returned[r->n_returned++] = (struct usec){ INT64_MIN / 2 };
	r->returned[link] = s->step.now;
	return PCE_OK;
}

enum pce_status
reoptimise_links(struct service *s, const struct ted_change *changes, size_t n,
		 struct pce_error *err)
{
	for (size_t i = 0; is_on(s) && !s->learning && i < n; i++) {
		ted_link link = changes[i].row;
		enum pce_status status;

		if (!changes[i].is_link || !(changes[i].what & TED_CHANGED_NEW))
			continue;
		status = reoptimise_returned(s, link, err);
		if (status)
			return status;
	}
	return PCE_OK;
}

void
reoptimise_free(struct service *s)
{
	free(s->reoptimiser.slots);
	free(s->reoptimiser.returned);
}

/* --- one policy --- */

/* Links that are not up for long enough are avoided, beside what the request avoids. */
static enum pce_status
avoid_young(const struct service *s, struct arena *arena, struct path_request *request,
	    struct pce_error *err)
{
	const struct reoptimiser *r = &s->reoptimiser;
	size_t young = 0, n = request->n_avoid_links;
	uint32_t *links;

	for (size_t i = 0; i < r->n_returned; i++)
		young += !usec_due(after_hold(s, r->returned[i]), s->step.now);
	if (young == 0)
		return PCE_OK;
	links = arena_alloc(arena, (n + young) * sizeof(*links));
	if (!links)
		return pce_no_memory(err);
	if (n > 0)
		memcpy(links, request->avoid_links, n * sizeof(*links));
	for (size_t i = 0; i < r->n_returned; i++)
		if (!usec_due(after_hold(s, r->returned[i]), s->step.now))
			links[n++] = (uint32_t)i;
	request->avoid_links = links;
	request->n_avoid_links = n;
	return PCE_OK;
}

/* Whether the policy is at rest; one that is not is restored, or waits, and is no business here. */
static bool
is_at_rest(const struct service *s, const struct service_policy *p)
{
	struct deploy_item_view view;

	if (!p->intent || p->intent->pending || !p->now.record || p->now.record->removing ||
	    p->now.record->srpolicy.n_paths == 0 || p->failed || p->degraded || p->unbound ||
	    p->work != 0 || p->change || p->now.record->unapproved)
		return false;
	if (!p->item)
		return p->device == NO_DEVICE;
	deploy_item_get(s->devices[p->device].deploy, p->item, &view);
	return view.state == DEPLOY_SYNCED;
}

/* Computes the policy's path anew; *worth: it is better, and worth a move. */
static enum pce_status
ask(struct service *s, struct recompute *r, bool by_hand, struct arena *scratch, bool *worth,
    struct pce_error *err)
{
	struct pce_error why = { 0 };
	enum pce_status status = request_for(s, r->p->intent->intent, r->p->now.record->backward,
					     true, scratch, &r->request, &why);

	*worth = false;
	if (status == PCE_OK && !by_hand)
		status = avoid_young(s, scratch, &r->request, &why);
	if (status == PCE_OK)
		status = recompute_ask(s, r, &why);
	if (status == PCE_OK)
		*worth = r->compared && placement_placed(&r->placement) && !r->placement.degraded &&
			 worth_a_move(&s->config->reoptimise, r->worth, r->before, r->after);
	if (status == PCE_NO_MEMORY || status == PCE_INTERNAL)
		return pce_fail(err, status, "%s", why.text);
	return PCE_OK;
}

static void
say_gain(const struct move_gain *gain, char *text, size_t cap)
{
	if (gain->percent == UINT32_MAX)
		snprintf(text, cap, "%s %" PRIu64 " instead of 0", gain->measure, gain->after);
	else
		snprintf(text, cap, "%s %" PRIu64 " instead of %" PRIu64 ": %u %% better",
			 gain->measure, gain->after, gain->before, gain->percent);
}

static enum pce_status
take(struct service *s, struct recompute *r, struct pce_error *err)
{
	struct service_policy *p = r->p;
	uint64_t generation = p->now.record->generation;
	char text[160];
	const struct policy_move why = {
		.kind = MOVE_REOPTIMISED,
		.text = text,
		.gain = worth_gain(r->worth, r->before, r->after),
	};
	enum pce_status status = replace_text(&p->work_cause, "re-optimised", err);

	if (status)
		return status;
	say_gain(&why.gain, text, sizeof(text));
	p->cause_at = p->detected_at = s->step.now;
	status = recompute_take(s, r, &why, err);
	if (status == PCE_OK && corouted_partner(p))
		status = recompute_follow(s, p, text, err);
	if (status == PCE_OK && p->now.record->generation != generation) {
		p->reoptimised_at = s->step.now;
		s->reoptimiser.moved++;
	}
	return status;
}

/* It is computed anew with all that belongs to its change, proposed, and waits for approval. */
static void
propose(struct service *s, struct service_policy *p)
{
	work_add(s, p, WORK_COMPUTE, s->step.now, "re-optimised");
}

static bool
was_just_moved(const struct service *s, const struct service_policy *p)
{
	return p->reoptimised_at.v > 0 && !usec_due(after_hold(s, p->reoptimised_at), s->step.now);
}

/* Looks at one policy of the scan. */
static enum pce_status
look_at(struct service *s, struct service_policy *p, bool *asked, struct pce_error *err)
{
	enum operate_mode mode = mode_of_policy(s, p).mode;
	bool by_hand = s->reoptimiser.by_hand, worth;
	struct recompute r = { .p = p };
	struct arena scratch = { 0 };
	enum pce_status status;

	*asked = false;
	if (corouted_follows(p)) /* it goes when the other one does */
		return PCE_OK;
	if (mode == MODE_OBSERVE) /* what loosens it calls for a scan */
		return PCE_OK;
	if (!is_at_rest(s, p) || (corouted_partner(p) && !is_at_rest(s, corouted_partner(p))) ||
	    (!by_hand && was_just_moved(s, p))) {
		/* It is looked at when it is at rest. */
		if (p->intent && !by_hand)
			want_scan(s, after_hold(s, s->step.now));
		return PCE_OK;
	}
	*asked = true;
	status = ask(s, &r, by_hand, &scratch, &worth, err);
	if (status == PCE_OK && worth && mode == MODE_ADVISE)
		propose(s, p);
	else if (status == PCE_OK && worth)
		status = take(s, &r, err);
	recompute_free(&r);
	arena_free(&scratch);
	return status;
}

/* --- the scan --- */

static int
by_importance(const struct service *s, uint32_t a, uint32_t b)
{
	const struct service_policy *x = s->slots[a], *y = s->slots[b];
	unsigned px = x->intent ? x->intent->intent->priority : 8;
	unsigned py = y->intent ? y->intent->intent->priority : 8;

	return px != py ? (px < py ? -1 : 1) : strcmp(x->id, y->id);
}

/* Policies are in order of id already; priorities are few: a stable insertion by bucket. */
static enum pce_status
begin_scan(struct service *s, struct pce_error *err)
{
	struct reoptimiser *r = &s->reoptimiser;
	enum pce_status status =
	    array_reserve(&r->slots, &r->cap, s->n_policies + 1, sizeof(*r->slots), err);

	if (status)
		return status;
	r->n = r->at = 0;
	for (unsigned priority = 0; priority <= 8; priority++)
		for (size_t i = 0; i < s->n_policies; i++) {
			const struct service_policy *p = s->policies[i];
			unsigned of = p->intent ? p->intent->intent->priority : 8;

			if ((of < 8 ? of : 8) == priority)
				r->slots[r->n++] = p->slot;
		}
	r->scan_at = USEC_NEVER;
	r->moved = 0;
	r->go_on_at = s->step.now;
	return PCE_OK;
}

static void
end_scan(struct service *s)
{
	struct reoptimiser *r = &s->reoptimiser;

	r->n = r->at = 0;
	r->by_hand = false;
	r->scan_at = r->again_at;
	r->again_at = USEC_NEVER;
}

static bool
may_go_on(const struct service *s)
{
	return is_on(s) && !s->learning && !operate_waits(s) && s->n_queue == 0;
}

/* After a batch of moves the network gets time to settle. */
static void
pause_after_batch(struct service *s, uint32_t moved_before)
{
	struct reoptimiser *r = &s->reoptimiser;
	const struct reoptimise_limits *limits = &s->config->reoptimise;

	if (r->moved != moved_before && r->moved % limits->batch == 0)
		r->go_on_at = usec_add(s->step.now, (int64_t)limits->pause_s * USEC_PER_S);
}

enum pce_status
reoptimise_some(struct service *s, struct pce_error *err)
{
	struct reoptimiser *r = &s->reoptimiser;
	enum pce_status status = PCE_OK;
	int computations = COMPUTATIONS;

	if (!may_go_on(s))
		return PCE_OK;
	guard_policies(&s->guard, s->n_policies);
	if (r->n == 0 && usec_due(r->scan_at, s->step.now))
		status = begin_scan(s, err);
	while (status == PCE_OK && r->at < r->n && computations > 0 && s->n_queue == 0 &&
	       usec_due(r->go_on_at, s->step.now) && guard_may_move(&s->guard, s->step.now) &&
	       guard_share_allows(&s->guard, s->step.now)) {
		struct service_policy *p = s->slots[r->slots[r->at++]];
		uint32_t moved = r->moved;
		bool asked = false;

		if (p)
			status = look_at(s, p, &asked, err);
		computations -= asked;
		pause_after_batch(s, moved);
	}
	if (status == PCE_OK && r->n > 0 && r->at == r->n)
		end_scan(s);
	return status;
}

struct usec
reoptimise_deadline(const struct service *s)
{
	const struct reoptimiser *r = &s->reoptimiser;

	if (!may_go_on(s))
		return USEC_NEVER;
	if (r->n == 0)
		return r->scan_at;
	if (!usec_due(r->go_on_at, s->last_now))
		return r->go_on_at;
	return usec_max(guard_next_move(&s->guard, s->last_now),
			guard_share_next(&s->guard, s->last_now));
}

/* --- by hand --- */

static enum pce_status
copy_names(const struct service *s, struct arena *arena, const ted_link *links, size_t n,
	   const char *const **out, struct pce_error *err)
{
	const char **names = arena_alloc(arena, (n + 1) * sizeof(*names));

	for (size_t i = 0; names && i < n; i++) {
		names[i] = arena_strdup(arena, ted_link_at(s->ted, links[i])->name);
		if (!names[i])
			return pce_no_memory(err);
	}
	*out = names;
	return names ? PCE_OK : pce_no_memory(err);
}

static enum pce_status
report(struct service *s, const struct recompute *r, struct service_improvement *out,
       struct pce_error *err)
{
	struct arena *arena = &s->step.effects->arena;
	const struct service_policy *p = r->p;
	const struct path_route *route = &r->placement.answer.routes[0];
	enum pce_status status;

	*out = (struct service_improvement){
		.policy_id = arena_strdup(arena, p->id),
		.gain = worth_gain(r->worth, r->before, r->after),
		.n_before = p->n_links[0],
		.n_after = route->n_links,
	};
	if (!out->policy_id)
		return pce_no_memory(err);
	status = copy_names(s, arena, p->links[0], p->n_links[0], &out->before, err);
	return status ? status
		      : copy_names(s, arena, route->links, route->n_links, &out->after, err);
}

/* What each policy would gain, with all others where they are. */
static enum pce_status
report_all(struct service *s, const struct service_intent *only, struct service_reply *reply,
	   struct pce_error *err)
{
	bool dry_run = s->step.event->u.operate.dry_run;
	struct service_improvement *all =
	    arena_alloc(&s->step.effects->arena, (s->n_policies + 1) * sizeof(*all));
	enum pce_status status = all ? PCE_OK : pce_no_memory(err);

	reply->improvements = all;
	for (size_t i = 0; i < s->n_policies && status == PCE_OK; i++) {
		struct recompute r = { .p = s->policies[i] };
		struct arena scratch = { 0 };
		bool worth = false;

		if (!is_at_rest(s, r.p) || (only && r.p->intent != only) ||
		    (!dry_run && mode_of_policy(s, r.p).mode == MODE_OBSERVE))
			continue;
		status = ask(s, &r, true, &scratch, &worth, err);
		if (status == PCE_OK && worth)
			status = report(s, &r, &all[reply->n_improvements++], err);
		recompute_free(&r);
		arena_free(&scratch);
	}
	return status;
}

/* A scan of just those, without the patience. */
static enum pce_status
scan_now(struct service *s, const struct service_reply *reply, struct pce_error *err)
{
	struct reoptimiser *r = &s->reoptimiser;
	enum pce_status status;

	if (reply->n_improvements == 0)
		return PCE_OK;
	if (r->n > 0 || r->scan_at.v != USEC_NEVER.v)
		r->again_at = after_hold(s, s->step.now);
	status = begin_scan(s, err);
	if (status)
		return status;
	r->by_hand = true;
	r->n = 0;
	for (size_t i = 0; i < reply->n_improvements; i++) {
		const struct service_policy *p = policy_find(s, reply->improvements[i].policy_id);

		r->slots[r->n++] = p->slot;
	}
	for (size_t i = 1; i < r->n; i++) /* few: the most important first */
		for (size_t k = i; k > 0 && by_importance(s, r->slots[k], r->slots[k - 1]) < 0;
		     k--) {
			uint32_t slot = r->slots[k];

			r->slots[k] = r->slots[k - 1];
			r->slots[k - 1] = slot;
		}
	return PCE_OK;
}

static enum pce_status
check(const struct service *s, const char *id, const struct service_intent *only,
      struct pce_error *why)
{
	if (!is_on(s))
		return pce_fail(why, PCE_UNSUPPORTED,
				"re-optimisation is switched off in the configuration");
	if (id && !only)
		return pce_fail(why, PCE_NOT_FOUND, "there is no intent %s", id);
	return s->step.event->u.operate.dry_run ? PCE_OK : operate_refuse(s, why);
}

enum pce_status
reoptimise_event(struct service *s, struct pce_error *err)
{
	const struct service_event *e = s->step.event;
	const char *id = e->u.operate.intent;
	const struct service_intent *only = id ? intent_find(s, id) : NULL;
	struct service_effect *reply = service_effects_add(s->step.effects, SERVICE_REPLY, e->id);
	struct pce_error why = { 0 };
	enum pce_status status = feed_settle(s, err);

	if (status || !reply)
		return status ? status : pce_no_memory(err);
	reply->u.reply.status = check(s, id, only, &why);
	reply->u.reply.error = why;
	if (reply->u.reply.status)
		return PCE_OK;
	status = report_all(s, only, &reply->u.reply, err);
	if (status == PCE_OK && !e->u.operate.dry_run)
		status = scan_now(s, &reply->u.reply, err);
	return status;
}
