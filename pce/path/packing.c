#include "pce/path/packing.h"

#define BITS 127 /* and a sign */

static uint32_t
value(const struct graph_arc *arc, unsigned metric)
{
	switch (metric) {
	case METRIC_IGP:
		return arc->igp;
	case METRIC_TE:
		return arc->te;
	case METRIC_DELAY:
		return arc->delay_us;
	default:
		return 1;
	}
}

void
packing_measure(struct packing_limits *limits, const struct path_graph *g)
{
	*limits = (struct packing_limits){ .links = g->n_nodes };
	for (uint32_t v = 0; v < g->n_nodes; v++) {
		uint32_t largest[PACKED_METRICS] = { 0 };
		uint64_t risk = 0;

		for (uint32_t i = g->out_first[v]; i < g->out_first[v + 1]; i++) {
			const struct graph_arc *arc = &g->arcs_out[i];

			for (unsigned k = 0; k < PACKED_METRICS; k++) {
				uint32_t here = value(arc, k);

				largest[k] = here > largest[k] ? here : largest[k];
			}
			risk = arc->cost > risk ? arc->cost : risk;
		}
		limits->risk = cost_add(limits->risk, risk);
		for (unsigned k = 0; k < PACKED_METRICS; k++)
			limits->most[k] += largest[k];
	}
}

/* The node's largest link may have been smaller by all of this. */
void
packing_note(struct packing_limits *limits, const struct graph_arc *arc)
{
	for (unsigned k = 0; k < PACKED_METRICS; k++)
		limits->most[k] += value(arc, k);
	limits->risk = cost_add(limits->risk, arc->cost);
}

/* Bits for a sum of two routes, and one for the sign of a difference. */
static unsigned
field_bits(uint64_t most)
{
	unsigned bits = 2;

	for (; most > 0; most >>= 1)
		bits++;
	return bits;
}

/* Where the objective is in an arc. */
static void
find_objective(struct packing *p, enum graph_metric objective)
{
	p->objective = objective;
	p->mask = objective == METRIC_COST ? UINT64_MAX : UINT32_MAX;
	p->offset = objective == METRIC_COST    ? offsetof(struct graph_arc, cost)
		    : objective == METRIC_TE    ? offsetof(struct graph_arc, te)
		    : objective == METRIC_DELAY ? offsetof(struct graph_arc, delay_us)
						: offsetof(struct graph_arc, igp);
}

/* The top field for METRIC_COST, from a bit on. */
static bool
set_risk(struct packing *p, const struct packing_limits *limits, unsigned shift)
{
	uint64_t far = (uint64_t)1 << 40; /* a potential that is "far", of weights shifted by 8 */

	if (limits->risk > UINT64_MAX - far || shift + field_bits(limits->risk + far) > BITS)
		return false;
	p->shift = shift;
	return true;
}

bool
packing_set(struct packing *p, const struct packing_limits *limits, const struct order *order)
{
	unsigned shift = field_bits(limits->links), bits;

	*p = (struct packing){ .shift = 0 };
	find_objective(p, (enum graph_metric)order->metric[0]);
	if (order->n < 2 || order->metric[order->n - 1] != METRIC_LINKS)
		return false;
	for (unsigned i = order->n - 1u; i-- > 0;) {
		unsigned metric = order->metric[i];

		if (i == 0 && metric == METRIC_COST)
			return set_risk(p, limits, shift);
		if (metric >= PACKED_METRICS || shift >= BITS)
			return false;
		p->factor[metric] = (packed_sum)1 << shift;
		p->shift = shift;
		shift += field_bits(limits->most[metric]);
	}
	/* on top there has to be room for a potential that knows no more than "far" */
	bits = field_bits(limits->most[p->objective] + ((uint64_t)1 << 32));
	return p->shift + bits <= BITS;
}
