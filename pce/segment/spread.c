/*
 * A walk in depth over the shortest ways to one destination. A node is fine if all links on are
 * allowed and lead to nodes that are fine; worst are the largest sums ahead of it. Both are final
 * when the walk leaves the node, because shortest ways have no circle but among links of metric 0,
 * and those are refused: a packet could stay in them for ever.
 */
#include "pce/segment/spread.h"

#include <stdlib.h>
#include <string.h>

#include "pce/base/array.h"

enum { UNSEEN, ON_WALK, FINE, REFUSED };

void
spread_free(struct spread *s)
{
	free(s->seen);
	free(s->worst);
	free(s->visits);
	*s = (struct spread){ 0 };
}

enum pce_status
spread_to(struct spread *s, struct segment_igp *igp, const struct segment_options *options,
	  uint8_t algorithm, ted_node to, struct pce_error *err)
{
	uint32_t n = ted_node_count(igp->ted);

	if (!s->seen) {
		s->seen = calloc(n ? n : 1, sizeof(*s->seen));
		s->worst = calloc(n ? n : 1, sizeof(*s->worst));
		if (!s->seen || !s->worst)
			return pce_no_memory(err);
	}
	s->igp = igp;
	s->options = options;
	s->to = to;
	s->algorithm = algorithm;
	memset(s->seen, UNSEEN, n);
	s->seen[to] = FINE;
	memset(s->worst[to], 0, sizeof(s->worst[to]));
	return PCE_OK;
}

static enum pce_status
enter(struct spread *s, ted_node node, struct pce_error *err)
{
	enum pce_status st =
	    array_reserve(&s->visits, &s->cap_visits, s->n_visits + 1, sizeof(*s->visits), err);

	if (st != PCE_OK)
		return st;
	s->visits[s->n_visits++] = (struct spread_visit){ .node = node, .way = TED_NONE };
	s->seen[node] = ON_WALK;
	memset(s->worst[node], 0, sizeof(s->worst[node]));
	return PCE_OK;
}

/* Takes the end of the way that the walk was on into the node's sums. */
static void
take_in(struct spread *s, const struct spread_visit *v)
{
	const struct ted_link_row *row = ted_link_at(s->igp->ted, v->way);
	const uint64_t mine[SEGMENT_SUMS] = { row->delay_us, row->te_metric,
					      !ted_node_at(s->igp->ted, row->from)->pseudonode };

	for (unsigned i = 0; i < SEGMENT_SUMS; i++) {
		uint64_t sum = mine[i] + s->worst[row->to][i];

		if (sum > s->worst[v->node][i])
			s->worst[v->node][i] = sum;
	}
}

/* The walk is over: whatever it was at is refused. */
static void
refuse(struct spread *s)
{
	while (s->n_visits)
		s->seen[s->visits[--s->n_visits].node] = REFUSED;
}

static enum pce_status
step(struct spread *s, struct igp_tree *tree, struct pce_error *err)
{
	struct spread_visit *v = &s->visits[s->n_visits - 1];
	enum pce_status st;
	ted_node next;

	if (v->way != TED_NONE)
		take_in(s, v);
	st = igp_next_way(s->igp, tree, v->node, s->to, &v->at, &v->way, err);
	if (st != PCE_OK)
		return st;
	if (v->way == TED_NONE) {
		s->seen[v->node] = FINE;
		s->n_visits--;
		return PCE_OK;
	}
	next = ted_link_at(s->igp->ted, v->way)->to;
	if (!s->options->allows(s->options->ctx, v->way) || s->seen[next] == ON_WALK ||
	    s->seen[next] == REFUSED) {
		refuse(s);
		return PCE_OK;
	}
	return s->seen[next] == FINE ? PCE_OK : enter(s, next, err);
}

enum pce_status
spread_from(struct spread *s, ted_link link, bool *fine, struct pce_error *err)
{
	ted_node from = ted_link_at(s->igp->ted, link)->from;
	struct igp_tree *tree;
	enum pce_status st = igp_tree_to(s->igp, s->algorithm, s->to, &tree, err);
	ted_link way = TED_NONE;
	size_t at = 0;

	*fine = false;
	do {
		if (st == PCE_OK)
			st = igp_next_way(s->igp, tree, from, s->to, &at, &way, err);
	} while (st == PCE_OK && way != link && way != TED_NONE);
	if (st != PCE_OK || way == TED_NONE)
		return st;
	s->n_visits = 0;
	if (s->seen[from] == UNSEEN)
		st = enter(s, from, err);
	while (st == PCE_OK && s->n_visits)
		st = step(s, tree, err);
	*fine = s->seen[from] == FINE;
	return st;
}

const uint64_t *
spread_worst(const struct spread *s, ted_node node)
{
	return s->worst[node];
}
