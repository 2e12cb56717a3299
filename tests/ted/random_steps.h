/* What sources may say of a small random network, and what may happen to the sources: for
 * test_ted_order.c. */
#ifndef TESTS_TED_RANDOM_STEPS_H
#define TESTS_TED_RANDOM_STEPS_H

#include "pce/ted/ted.h"
#include "tests/support/suite.h"
#include "tests/ted/net.h"

#define N_SOURCES 7
#define MAX_NODES 6
#define MAX_LINKS 24
#define MAX_OBJECTS (MAX_NODES + MAX_LINKS)
#define MAX_STEPS 400

static const struct ted_source sources[N_SOURCES] = {
	{ TED_SOURCE_FILE, 1 },     { TED_SOURCE_FILE, 2 },  { TED_SOURCE_BGPLS, 1 },
	{ TED_SOURCE_BGPLS, 2 },    { TED_SOURCE_BGPLS, 3 }, { TED_SOURCE_TELEMETRY, 1 },
	{ TED_SOURCE_OPERATOR, 1 },
};

/* One thing that is said, or (object < 0) that happens to a source. */
struct step {
	int source;
	int object; /* index, nodes first */
	enum ted_source_event event;
	struct ted_delta delta;
};

struct net {
	int n_nodes, n_links;
	struct ted_node_key nodes[MAX_NODES];
	struct ted_link_key links[MAX_LINKS];
	int mirror[MAX_LINKS]; /* the link with swapped addresses */
	int from[MAX_LINKS], to[MAX_LINKS];
	struct step steps[MAX_STEPS];
	int n_steps;
};

static const char *const some_names[] = { "alpha", "beta", "gamma", "alpha#2" };

static void
make_net(struct net *net, uint64_t *random)
{
	memset(net, 0, sizeof(*net));
	net->n_nodes = 2 + (int)suite_below(random, MAX_NODES - 1);
	for (int i = 0; i < net->n_nodes; i++)
		net->nodes[i] = suite_below(random, 5) ? net_isis((uint32_t)i + 1)
						       : net_pseudonode((uint32_t)i + 1, 3);
	for (int i = 0; i + 1 < MAX_LINKS && suite_below(random, 12); i += 2) {
		int a = (int)suite_below(random, (uint32_t)net->n_nodes);
		int b =
		    (a + 1 + (int)suite_below(random, (uint32_t)net->n_nodes - 1)) % net->n_nodes;

		for (int way = 0; way < 2; way++) {
			net->from[i + way] = way ? b : a;
			net->to[i + way] = way ? a : b;
			net->links[i + way] = net_addressed(
			    net->nodes[way ? b : a], net->nodes[way ? a : b], (uint8_t)i, !way);
			net->mirror[i + way] = i + 1 - way;
		}
		net->n_links = i + 2;
	}
}

/* From few values, so that they clash. */
static void
random_router_ids(struct ted_node_attr *a, uint64_t *random)
{
	uint8_t octets[16] = { 0xfd };

	octets[3] = (uint8_t)suite_below(random, 6);
	if (suite_below(random, 3) == 0) {
		a->present |= TED_NODE_ROUTER_ID_V6;
		a->router_id_v6 = ip_v6(octets);
	}
	if (suite_below(random, 3) == 0) {
		a->present |= TED_NODE_ROUTER_ID_V4;
		a->router_id_v4 = ip_v4(octets);
	}
}

static void
random_node_attr(struct ted_node_attr *a, uint64_t *random)
{
	if (suite_below(random, 2)) {
		a->present |= TED_NODE_NAME;
		a->name = some_names[suite_below(random, 4)];
	}
	if (suite_below(random, 3) == 0) {
		a->present |= TED_NODE_OVERLOAD;
		a->overload = suite_below(random, 2);
	}
	random_router_ids(a, random);
	if (suite_below(random, 8) == 0) {
		a->present |= TED_NODE_ADMIN;
		a->admin_down = suite_below(random, 2);
	}
}

static void
random_link_attr(struct ted_link_attr *a, bool feed, uint64_t *random)
{
	static const uint32_t metrics[] = { 1, 10, 63, 0xfffe, 0xffffff, 0xfffffe };

	if (suite_below(random, 4)) {
		a->present |= TED_LINK_IGP_METRIC;
		a->igp_metric = metrics[suite_below(random, 6)];
	}
	if (suite_below(random, 3) == 0) {
		a->present |= TED_LINK_CAPACITY;
		a->capacity_bps = suite_random(random) >> suite_below(random, 64);
	}
	if (suite_below(random, 3) == 0) {
		a->present |= TED_LINK_SUBSCRIPTION;
		a->subscription_ppm = suite_below(random, 3000000);
	}
	if (suite_below(random, 5) == 0) {
		a->present |= TED_LINK_RESERVABLE;
		a->reservable_bps = suite_random(random) >> suite_below(random, 64);
	}
	if (suite_below(random, 6) == 0) {
		a->present |= TED_LINK_OPER;
		a->oper_down = suite_below(random, 2);
	}
	if (suite_below(random, 8) == 0) {
		a->present |= TED_LINK_ADMIN;
		a->admin_down = suite_below(random, 2);
	}
	if (suite_below(random, 4) == 0) {
		a->present |= TED_LINK_NAME;
		a->name = some_names[suite_below(random, 4)];
	}
	a->unusable = feed && suite_below(random, 8) == 0;
}

static struct ted_delta
random_delta(const struct net *net, int source, int object, uint64_t *random)
{
	struct ted_delta d = { .op = suite_below(random, 4) ? TED_SET : TED_DELETE };

	if (object < net->n_nodes) {
		d.object = TED_OBJECT_NODE;
		d.key.node = net->nodes[object];
		random_node_attr(&d.attr.node, random);
	} else {
		d.object = TED_OBJECT_LINK;
		d.key.link = net->links[object - net->n_nodes];
		random_link_attr(&d.attr.link, sources[source].kind == TED_SOURCE_BGPLS, random);
	}
	return d;
}

/* What sources say, one after the other; then, from *first_event on, what happens to them. */
static void
make_steps(struct net *net, int *first_event, uint64_t *random)
{
	int n_objects = net->n_nodes + net->n_links;

	for (int object = 0; object < n_objects; object++)
		for (int source = 0; source < N_SOURCES; source++) {
			uint32_t times = suite_below(random, 3);

			if (object < net->n_nodes && sources[source].kind == TED_SOURCE_BGPLS)
				times++;
			for (uint32_t i = 0; i < times && net->n_steps < MAX_STEPS - 40; i++)
				net->steps[net->n_steps++] =
				    (struct step){ source, object, 0,
						   random_delta(net, source, object, random) };
		}
	*first_event = net->n_steps;
	for (int i = 0; i < 12; i++) {
		int source = (int)suite_below(random, N_SOURCES);

		net->steps[net->n_steps++] = (struct step){
			source, -1, (enum ted_source_event)suite_below(random, 5), { 0 }
		};
		/* Some of it is said again after the event. */
		for (int j = 0; j < 2; j++) {
			int object = (int)suite_below(random, (uint32_t)n_objects);

			net->steps[net->n_steps++] =
			    (struct step){ source, object, 0,
					   random_delta(net, source, object, random) };
		}
	}
}

#endif
