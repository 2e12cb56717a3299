/*
 * Judging what is there: whether the lists of a policy stand (every link usable, each list forwards
 * along its route), and whether they still answer the intent's request.
 */
#include <stdio.h>

#include "pce/path/guarantee.h"
#include "pce/path/validate_guarantee.h"
#include "pce/service/corouted.h"
#include "pce/service/internal.h"

static int
badness(enum affected_verdict verdict)
{
	switch (verdict) {
	case AFFECTED_STANDS:
		return 0;
	case AFFECTED_UNKNOWN:
		return 1;
	case AFFECTED_ASTRAY:
		return 2;
	case AFFECTED_OVERLOADED:
		return 3;
	case AFFECTED_LOST:
		break;
	}
	return 4;
}

enum pce_status
policy_judge_list(struct service *s, const struct service_policy *p, size_t list, bool replay,
		  enum affected_verdict *verdict, char *text, size_t cap, struct pce_error *err)
{
	unsigned ask = (replay ? AFFECTED_REPLAY : 0u) | (all_known(s) ? AFFECTED_ALL_KNOWN : 0u);

	*verdict = AFFECTED_UNKNOWN;
	if (p->headend == TED_NONE)
		return PCE_OK;
	return affected_judge(s->ted, p->headend,
			      srpolicy_list_at(&p->now.record->srpolicy, list, NULL),
			      &(struct affected_route){ p->links[list], p->n_links[list],
							p->now.record->bound[list].n_branches },
			      ask, verdict, text, cap, err);
}

enum pce_status
policy_judge(struct service *s, const struct service_policy *p, bool replay,
	     enum affected_verdict *worst, bool *some_stands, char *text, size_t cap,
	     struct pce_error *err)
{
	const struct srpolicy *sr = &p->now.record->srpolicy;

	*worst = AFFECTED_STANDS;
	*some_stands = false;
	for (size_t i = 0; i < srpolicy_n_lists(sr); i++) {
		char why[256] = "";
		enum affected_verdict verdict;
		enum pce_status status =
		    policy_judge_list(s, p, i, replay, &verdict, why, sizeof(why), err);

		if (status)
			return status;
		*some_stands = *some_stands || verdict == AFFECTED_STANDS;
		if (badness(verdict) > badness(*worst)) {
			*worst = verdict;
			snprintf(text, cap, "%s", why);
		}
	}
	return PCE_OK;
}

uint64_t
policy_reserved_bps(const struct policy_record *record)
{
	uint64_t bps = 0;

	for (size_t i = 0; i < srpolicy_n_lists(&record->srpolicy); i++)
		bps += record->bound[i].bps;
	return bps;
}

/* Whether the lists of a policy hold together what was guaranteed. */
static bool
hold_guarantee(const struct service *s, const struct service_policy *p,
	       const struct path_request *request, struct pce_error *why)
{
	struct path_route routes[PATH_LISTS_MAX] = { 0 };
	struct path_answer answer = { .routes = routes, .has_guarantee = true };
	const struct policy_record *r = p->now.record;

	answer.n_routes = srpolicy_n_lists(&r->srpolicy);
	if (answer.n_routes > PATH_LISTS_MAX)
		return false;
	for (size_t i = 0; i < answer.n_routes; i++) {
		routes[i].links = p->links[i];
		routes[i].n_links = p->n_links[i];
		routes[i].weight = srpolicy_list_at(&r->srpolicy, i, NULL)->weight;
		routes[i].reserved_bps = r->bound[i].bps;
	}
	answer.guarantee = (struct path_guarantee){
		.bandwidth_bps = r->booked_bps,
		.unavailability_ppt = guarantee_allowed_ppt(request->guarantee),
		.reserved_bps = policy_reserved_bps(r),
	};
	return validate_guarantee(s->ted, request, &answer, why) == PCE_OK;
}

size_t
policy_reach(const struct service_policy *policy, size_t i)
{
	return policy->n_links[i] + policy->now.record->bound[i].n_branches;
}

bool
policy_paths_answer(const struct service *s, const struct service_policy *p,
		    const struct path_request *request, struct pce_error *why)
{
	const struct srpolicy *sr = &p->now.record->srpolicy;

	/* What an intent could not get it does not have, and it may have asked for more since. */
	if (p->now.record->booked_bps != request->bandwidth_bps || sr->n_paths == 0 ||
	    (request->disjoint != PATH_DISJOINT_NONE && sr->n_paths < 2)) {
		(void)pce_fail(why, PCE_CONFLICT, "the policy has less than the intent asks for");
		return false;
	}
	for (size_t i = 0; i < srpolicy_n_lists(sr); i++)
		if (path_validate(s->ted, request, p->links[i], p->n_links[i], why) != PCE_OK)
			return false;
	return !(request->guarantee > 0) || hold_guarantee(s, p, request, why);
}

bool
policy_answers(const struct service *s, const struct service_policy *p,
	       const struct path_request *request, struct pce_error *why)
{
	if (!policy_paths_answer(s, p, request, why))
		return false;
	for (size_t i = 0; i < srpolicy_n_lists(&p->now.record->srpolicy); i++)
		if (path_validate_branches(s->ted, request, p->links[i] + p->n_links[i],
					   p->now.record->bound[i].n_branches, why) != PCE_OK)
			return false;
	return true;
}

/* Whether a link is part of what the policy's record says, not only held until it is away. */
static bool
stays_on(const struct service_policy *p, ted_link link)
{
	for (size_t i = 0; i < srpolicy_n_lists(&p->now.record->srpolicy); i++)
		for (size_t k = 0; k < policy_reach(p, i); k++)
			if (p->links[i][k] == link)
				return true;
	return false;
}

/* What others than a policy and the other direction of its co-routed intent hold on a link that
 * they are about to leave. */
static uint64_t
leaving_bps(const struct service *s, const struct service_policy *but, ted_link link)
{
	const struct service_policy *other = corouted_partner(but);
	uint64_t sum = 0;

	for (size_t i = 0; i < s->n_policies; i++) {
		const struct service_policy *p = s->policies[i];
		uint64_t held = ledger_held_bps(&p->holding, link);

		if (p != but && p != other && held > 0 && p->now.record && p->links &&
		    !stays_on(p, link))
			sum += held;
	}
	return sum;
}

/* Takes off, or puts back, what is about to leave the links of a policy. */
static enum pce_status
forgive(struct service *s, const struct service_policy *p, bool lift, struct pce_error *err)
{
	enum pce_status status = PCE_OK;

	for (size_t i = 0; i < p->holding.n && status == PCE_OK; i++) {
		ted_link link = p->holding.entries[i].link;
		uint64_t bps = leaving_bps(s, p, link);

		if (bps > 0)
			status = lift ? ted_lift(s->ted, link, bps, err)
				      : ted_lower(s->ted, link, bps, err);
	}
	return status;
}

/* Asked while the policy's own bookings are lifted, and its co-routed partner's. Where a link has
 * filled up, one policy may leave it while the next is asked: that one need not go too. */
static enum pce_status
valid_when_others_left(struct service *s, const struct service_policy *p,
		       const struct path_request *request, bool *valid, struct pce_error *err)
{
	enum pce_status status = forgive(s, p, true, err);

	if (status == PCE_OK)
		*valid = policy_answers(s, p, request, NULL);
	return status ? status : forgive(s, p, false, err);
}

enum pce_status
policy_validate(struct service *s, struct service_policy *p, bool *valid, char *text, size_t cap,
		struct pce_error *err)
{
	struct arena scratch = { 0 };
	struct pce_error why = { 0 };
	struct path_request request;
	enum pce_status status;

	*valid = false;
	status = request_for(s, p->intent->intent, p->now.record->backward, true, &scratch,
			     &request, NULL);
	if (status == PCE_OK && !p->unbound) {
		status = corouted_lift(s, p, corouted_partner(p), err);
		*valid = status == PCE_OK && policy_answers(s, p, &request, &why);
		if (status == PCE_OK && !*valid)
			status = valid_when_others_left(s, p, &request, valid, err);
		if (status == PCE_OK)
			status = corouted_lower(s, p, corouted_partner(p), err);
	} else {
		status = PCE_OK;
	}
	if (why.text[0])
		snprintf(text, cap, "%s", why.text);
	arena_free(&scratch);
	return status;
}
