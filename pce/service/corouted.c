/*
 * Co-routed intents: both directions over the same links. The forward policy leads: its path is
 * computed with what both directions hold given back, and only one counts whose way back answers
 * the request too (path/corouted.h) and has a segment list. The backward policy follows: its path
 * is the leader's, link by reverse link, and nothing else is ever looked for. What moves one of
 * them moves both, in one step and one batch of the store, so they part neither in the books nor in
 * a crash; only their headends may be some moments apart.
 */
#include <stdlib.h>
#include <string.h>

#include "pce/base/array.h"
#include "pce/service/corouted.h"

struct service_policy *
corouted_partner(const struct service_policy *p)
{
	const struct service_intent *intent = p->intent;

	if (!intent || !intent->intent || !intent->intent->co_routed || intent->n < 2)
		return NULL;
	return intent->policies[0] == p ? intent->policies[1] : intent->policies[0];
}

struct service_policy *
corouted_leader(const struct service_policy *p)
{
	return corouted_partner(p) ? p->intent->policies[0] : NULL;
}

bool
corouted_follows(const struct service_policy *p)
{
	struct service_policy *leader = corouted_leader(p);

	return leader && leader != p;
}

enum pce_status
corouted_lift(struct service *s, const struct service_policy *p, const struct service_policy *other,
	      struct pce_error *err)
{
	enum pce_status status = ledger_lift(&s->ledger, &p->holding, err);

	if (status || !other)
		return status;
	status = ledger_lift(&s->ledger, &other->holding, err);
	if (status && ledger_lower(&s->ledger, &p->holding, err))
		return PCE_INTERNAL;
	return status;
}

enum pce_status
corouted_lower(struct service *s, const struct service_policy *p,
	       const struct service_policy *other, struct pce_error *err)
{
	enum pce_status status = other ? ledger_lower(&s->ledger, &other->holding, err) : PCE_OK;
	enum pce_status one = ledger_lower(&s->ledger, &p->holding, err);

	return status ? status : one;
}

enum pce_status
corouted_keep(const struct service_policy *leader, const struct service_policy *follower,
	      struct arena *arena, struct path_request *request, struct pce_error *err)
{
	size_t n = leader->holding.n + follower->holding.n;
	struct path_kept *kept = arena_alloc(arena, (n + 1) * sizeof(*kept));

	if (!kept)
		return pce_no_memory(err);
	for (size_t i = 0; i < leader->holding.n; i++)
		kept[i] = (struct path_kept){ .link = leader->holding.entries[i].link,
					      .back_bps = leader->holding.entries[i].bps };
	for (size_t i = 0; i < follower->holding.n; i++)
		kept[leader->holding.n + i] =
		    (struct path_kept){ .link = follower->holding.entries[i].link,
					.there_bps = follower->holding.entries[i].bps };
	request->kept = kept;
	request->n_kept = n;
	return PCE_OK;
}

static enum pce_status
no_way_back(struct placement *out, const char *text, struct pce_error *err)
{
	out->answer.no_path.reason = PATH_REASON_CO_ROUTED;
	out->answer.no_path.text = array_strdup(text);
	return out->answer.no_path.text ? PCE_OK : pce_no_memory(err);
}

/* True if a link has room for the way back, with what both directions hold lifted. */
static bool
has_room(const struct service *s, const struct service_policy *leader, ted_link link, uint64_t bps)
{
	uint64_t kept = ledger_held_bps(&leader->holding, link);
	uint64_t room = ted_residual_bps(s->ted, link);

	return bps == 0 || (room >= kept && room - kept >= bps);
}

/* The way back of one list of the leader; *whole: every link of it has one. */
static enum pce_status
turn(const struct service *s, const struct service_policy *leader, uint64_t bps,
     const struct policy_bound *bound, struct path_route *route, bool *whole, struct pce_error *err)
{
	route->links = calloc(bound->n_links + 1, sizeof(*route->links));
	if (!route->links)
		return pce_no_memory(err);
	route->n_links = bound->n_links;
	for (size_t k = 0; k < bound->n_links; k++) {
		ted_link link = ted_link_by_key(s->ted, bound->link_keys[k]);
		ted_link back = link == TED_NONE ? TED_NONE : ted_link_at(s->ted, link)->reverse;

		*whole = *whole && back != TED_NONE && ted_link_usable(s->ted, back) &&
			 has_room(s, leader, back, bps);
		route->links[bound->n_links - 1 - k] = back;
	}
	return PCE_OK;
}

enum pce_status
corouted_follow(struct service *s, const struct service_policy *leader_policy,
		const struct policy_record *leader, const struct path_request *request,
		const struct segment_options *options, struct placement *out, struct pce_error *err)
{
	const struct placer placer = { .engine = s->engine, .igp = s->igp };
	size_t n = leader ? srpolicy_n_lists(&leader->srpolicy) : 0;
	struct path_route *routes = calloc(n + 1, sizeof(*routes));
	bool whole = n > 0;
	enum pce_status status = routes ? PCE_OK : pce_no_memory(err);

	for (size_t i = 0; status == PCE_OK && i < n; i++)
		status = turn(s, leader_policy, request->bandwidth_bps, &leader->bound[i],
			      &routes[i], &whole, err);
	if (status == PCE_OK && !whole)
		status = no_way_back(out,
				     leader ? "the path of the other direction cannot be taken back"
					    : "the other direction has no path",
				     err);
	else if (status == PCE_OK)
		status = place_routes(&placer, request, options, routes, n, out, err);
	for (size_t i = 0; routes && i < n; i++)
		free(routes[i].links);
	free(routes);
	return status;
}

bool
corouted_apart(const struct service *s, const struct service_policy *p)
{
	const struct service_policy *leader = corouted_leader(p), *q;
	size_t n;

	if (!leader)
		return false;
	q = corouted_partner(leader);
	if (leader->unbound || q->unbound)
		return false;
	n = srpolicy_n_lists(&leader->now.record->srpolicy);
	if (n != srpolicy_n_lists(&q->now.record->srpolicy))
		return true;
	for (size_t i = 0; i < n; i++) {
		if (leader->n_links[i] != q->n_links[i])
			return true;
		for (size_t k = 0; k < q->n_links[i]; k++)
			if (ted_link_at(s->ted, leader->links[i][k])->reverse !=
			    q->links[i][q->n_links[i] - 1 - k])
				return true;
	}
	return false;
}

enum pce_status
corouted_share_work(struct service_policy *from, struct service_policy *to, struct pce_error *err)
{
	to->cause_at = from->cause_at;
	to->detected_at = from->detected_at;
	return replace_text(&to->work_cause, from->work_cause, err);
}
