/* Whether there is a way for a policy at all: what the invariants of the service are told by. */
#ifndef TESTS_SUPPORT_FEASIBLE_H
#define TESTS_SUPPORT_FEASIBLE_H

#include <stdlib.h>

#include "pce/service/internal.h"

/* Whether the other direction of a co-routed intent has room on the way back. */
static inline bool
goes_back(const struct service *s, const struct service_policy *p, ted_link link)
{
	const struct service_intent *intent = p->intent;
	const struct ted_link_row *row;
	uint64_t others;

	if (!intent->intent->co_routed || intent->n < 2)
		return true;
	if (link == TED_NONE || !ted_link_usable(s->ted, link))
		return false;
	row = ted_link_at(s->ted, link);
	others = row->booked_bps -
		 ledger_held_bps(&intent->policies[intent->policies[0] == p]->holding, link);
	return others + intent->intent->bandwidth_bps <= row->base_bps;
}

/* Breadth first from one node to another over links with that much room for this policy. */
static inline bool
is_feasible(const struct service *s, const struct service_policy *p)
{
	uint32_t nodes = ted_node_count(s->ted);
	ted_node *queue = calloc((size_t)nodes + 1, sizeof(*queue));
	bool *seen = calloc((size_t)nodes + 1, sizeof(*seen)), found;
	size_t head = 0, tail = 0;

	if (!queue || !seen)
		abort();
	queue[tail++] = p->headend;
	seen[p->headend] = true;
	while (head < tail) {
		size_t n;
		const ted_link *links = ted_links_out(s->ted, queue[head++], &n);

		for (size_t i = 0; i < n; i++) {
			const struct ted_link_row *row = ted_link_at(s->ted, links[i]);
			uint64_t others = row->booked_bps - ledger_held_bps(&p->holding, links[i]);
			uint64_t room = others < row->base_bps ? row->base_bps - others : 0;

			if (!ted_link_usable(s->ted, links[i]) || seen[row->to] ||
			    room < p->intent->intent->bandwidth_bps ||
			    !goes_back(s, p, row->reverse))
				continue;
			seen[row->to] = true;
			queue[tail++] = row->to;
		}
	}
	found = seen[p->tailend];
	free(queue);
	free(seen);
	return found;
}

/* True if the two directions of a co-routed intent, whose forward one is p, do not go over the same
 * links. What is on its way to the store, or not known yet, is not judged. */
static inline bool
has_parted(const struct service *s, const struct service_policy *p)
{
	const struct service_policy *q;
	size_t n = p->now.record ? srpolicy_n_lists(&p->now.record->srpolicy) : 0;

	if (!p->intent || !p->intent->intent || !p->intent->intent->co_routed || p->intent->n < 2 ||
	    p->intent->pending || p->intent->policies[0] != p)
		return false;
	q = p->intent->policies[1];
	/* what has no such path keeps what it had, and says so; what a crash parted is looked at */
	if (p->unbound || q->unbound || p->failed || q->failed || p->degraded || q->degraded ||
	    p->work || q->work || p->waits || q->waits || s->learning)
		return false;
	if (n != srpolicy_n_lists(&q->now.record->srpolicy))
		return true;
	for (size_t i = 0; i < n; i++) {
		if (p->n_links[i] != q->n_links[i])
			return true;
		for (size_t k = 0; k < p->n_links[i]; k++) {
			ted_link back = q->links[i][q->n_links[i] - 1 - k];
			const struct ted_link_row *a = ted_link_at(s->ted, p->links[i][k]);
			const struct ted_link_row *b = ted_link_at(s->ted, back);

			/* a half-link that was withdrawn is no fibre with the other one any more */
			if (a->from != b->to || a->to != b->from ||
			    (a->reverse != TED_NONE && a->reverse != back))
				return true;
		}
	}
	return false;
}

#endif
