/* Whether there is a way for a policy at all: what the invariants of the service are told by. */
#ifndef TESTS_SUPPORT_FEASIBLE_H
#define TESTS_SUPPORT_FEASIBLE_H

#include <stdlib.h>

#include "pce/service/internal.h"

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
			    room < p->intent->intent->bandwidth_bps)
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

#endif
