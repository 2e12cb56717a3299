#include "tests/lab/igp.h"

#include <stdlib.h>
#include <string.h>

#define FAR UINT64_MAX

enum pce_status
igp_new(const struct lab_network *network, struct igp *out, struct pce_error *err)
{
	size_t n = network->n_routers;

	memset(out, 0, sizeof *out);
	if (network->n_links > UINT16_MAX)
		return pce_fail(err, PCE_LIMIT, "the lab takes 65535 links");
	out->network = network;
	out->routes = calloc(n * n + 1, sizeof *out->routes);
	out->distance = calloc(n + 1, sizeof *out->distance);
	out->heap = calloc(n + 1, sizeof *out->heap);
	out->place = calloc(n + 1, sizeof *out->place);
	if (out->routes && out->distance && out->heap && out->place)
		return PCE_OK;
	igp_free(out);
	return pce_no_memory(err);
}

void
igp_free(struct igp *igp)
{
	free(igp->routes);
	free(igp->distance);
	free(igp->heap);
	free(igp->place);
	memset(igp, 0, sizeof *igp);
}

struct igp_route *
igp_route(struct igp *igp, uint32_t router, uint32_t destination)
{
	return &igp->routes[(size_t)destination * igp->network->n_routers + router];
}

/* A binary heap of routers by distance; place[] tells where each is, LAB_NONE not in it. */
static void
put(struct igp *g, uint32_t at, uint32_t router)
{
	g->heap[at] = router;
	g->place[router] = at;
}

static void
rise(struct igp *g, uint32_t at)
{
	uint32_t router = g->heap[at];

	while (at > 0 && g->distance[g->heap[(at - 1) / 2]] > g->distance[router]) {
		put(g, at, g->heap[(at - 1) / 2]);
		at = (at - 1) / 2;
	}
	put(g, at, router);
}

static uint32_t
take_nearest(struct igp *g, uint32_t *n)
{
	uint32_t nearest = g->heap[0], last = g->heap[--*n], at = 0;

	while (2 * at + 1 < *n) {
		uint32_t child = 2 * at + 1;

		if (child + 1 < *n && g->distance[g->heap[child + 1]] < g->distance[g->heap[child]])
			child++;
		if (g->distance[g->heap[child]] >= g->distance[last])
			break;
		put(g, at, g->heap[child]);
		at = child;
	}
	if (*n > 0)
		put(g, at, last);
	g->place[nearest] = LAB_NONE;
	return nearest;
}

/* Distances of all routers to the destination, against the direction of the links. */
static void
distances(struct igp *g, uint32_t destination)
{
	const struct lab_network *net = g->network;
	uint32_t n = 0;

	for (uint32_t r = 0; r < net->n_routers; r++) {
		g->distance[r] = FAR;
		g->place[r] = LAB_NONE;
	}
	g->distance[destination] = 0;
	put(g, n++, destination);
	while (n > 0) {
		uint32_t at = take_nearest(g, &n);
		size_t n_in;
		const ted_link *in = ted_links_in(net->ted, at, &n_in);

		if (at != destination && net->routers[at].row->overload)
			continue;
		for (size_t i = 0; i < n_in; i++) {
			const struct ted_link_row *row = net->links[in[i]].row;
			uint64_t far = g->distance[at] + row->igp_metric;

			if (!lab_link_up(net, in[i]) || far >= g->distance[row->from])
				continue;
			g->distance[row->from] = far;
			if (g->place[row->from] == LAB_NONE)
				put(g, n++, row->from);
			rise(g, g->place[row->from]);
		}
	}
}

static bool
leads_there(const struct igp *g, uint32_t link, uint32_t destination)
{
	const struct ted_link_row *row = g->network->links[link].row;
	uint64_t rest = g->distance[row->to];

	if (rest == FAR || !lab_link_up(g->network, link))
		return false;
	if (row->to != destination && g->network->routers[row->to].row->overload)
		return false;
	return rest + row->igp_metric == g->distance[row->from];
}

enum pce_status
igp_compute(struct igp *g, uint32_t destination, struct igp_route *out, struct pce_error *err)
{
	const struct lab_network *net = g->network;

	distances(g, destination);
	for (uint32_t r = 0; r < net->n_routers; r++) {
		const struct lab_router *router = &net->routers[r];

		memset(&out[r], 0, sizeof out[r]);
		for (size_t i = 0; i < router->n_out && r != destination; i++) {
			uint32_t link = router->out[i];

			if (!leads_there(g, link, destination))
				continue;
			if (out[r].n == IGP_HOPS)
				return pce_fail(err, PCE_LIMIT,
						"router %s has more than %d equal-cost next hops",
						router->name, IGP_HOPS);
			out[r].links[out[r].n++] = (uint16_t)link;
		}
	}
	return PCE_OK;
}
