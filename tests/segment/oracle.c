#include "tests/segment/oracle.h"

#include <string.h>

#include "tests/support/suite.h"

static struct oracle_sid *
know(struct oracle *o, const struct ted_sid *sid, ted_node node, ted_link link)
{
	struct oracle_sid *s = &o->sids[o->n_sids++];

	memset(s, 0, sizeof(*s));
	memcpy(s->sid, sid->sid, 16);
	s->from = sid;
	s->node = node;
	s->link = link;
	s->global = true;
	s->listable = !o->graph.nodes[node].pseudonode &&
		      (link == TED_NONE || !o->graph.nodes[o->graph.links[link].to].pseudonode);
	return s;
}

/* Flavours in the order of the registry. */
static void
flavour(struct oracle_sid *s, struct ted_sid *sid, bool end_x, unsigned flavors)
{
	static const uint16_t end[8] = { 1, 2, 3, 4, 28, 29, 30, 31 };
	static const uint16_t x[8] = { 5, 6, 7, 8, 32, 33, 34, 35 };

	sid->behavior = (end_x ? x : end)[flavors];
	s->psp = flavors & 1;
	s->usp = flavors & 2;
	s->usd = flavors & 4;
}

static void
random_nodes(struct oracle *o, uint64_t *r, struct oracle_shape shape)
{
	struct ted *g = &o->graph;
	uint32_t n = 3 + suite_below(r, 4);

	for (uint32_t k = 0; k < n; k++) {
		ted_node node = graph_node(g);

		g->nodes[node].overload = shape.overload && suite_below(r, 6) == 0;
		if (shape.unusable && suite_below(r, 10) == 0)
			g->nodes[node].unusable = TED_UNUSABLE_FAILED;
	}
	if (shape.pseudonode) {
		g->nodes[n - 1].pseudonode = true;
		g->nodes[n - 1].overload = false;
	}
}

static void
random_link(struct oracle *o, uint64_t *r, struct oracle_shape shape, ted_node a, ted_node b)
{
	struct ted *g = &o->graph;
	uint32_t metric = 1 + suite_below(r, 3);
	ted_link link;

	if (shape.zero_metrics && suite_below(r, 4) == 0)
		metric = 0;
	link = graph_link(g, a, b, g->nodes[a].pseudonode ? 0 : metric);
	if (shape.unusable && suite_below(r, 8) == 0)
		g->links[link].unusable = TED_UNUSABLE_DOWN;
}

static void
random_links(struct oracle *o, uint64_t *r, struct oracle_shape shape)
{
	struct ted *g = &o->graph;
	uint32_t n = g->n_nodes, fibres = n + suite_below(r, n + 2);

	for (uint32_t k = 0; k < fibres; k++) {
		ted_node a = suite_below(r, n), b = suite_below(r, n);
		uint32_t parallel = 1 + (suite_below(r, 4) == 0);

		if (a == b)
			continue;
		for (uint32_t p = 0; p < parallel; p++) {
			random_link(o, r, shape, a, b);
			if (suite_below(r, 8))
				random_link(o, r, shape, b, a);
		}
	}
}

static void
random_node_sids(struct oracle *o, uint64_t *r, struct oracle_shape shape, ted_node node)
{
	struct ted *g = &o->graph;
	uint32_t n = suite_below(r, 8) ? 1u + (shape.odd_sids && suite_below(r, 3) == 0) : 0u;

	if (suite_below(r, 6))
		graph_locator(g, node);
	for (uint32_t k = 0; k < n; k++) {
		struct ted_sid *sid = graph_end(g, node, (uint16_t)(1 + k), TED_BEHAVIOR_END);
		struct oracle_sid *s = know(o, sid, node, TED_NONE);

		flavour(s, sid, false, suite_below(r, 8));
		if (!shape.odd_sids)
			continue;
		if (suite_below(r, 10) == 0) {
			sid->algorithm = 128;
			s->listable = false;
		}
		if (suite_below(r, 10) == 0) {
			sid->behavior = 101; /* End with REPLACE-CSID */
			s->listable = false;
			s->foreign = true;
		}
	}
}

/* NEXT-CSID End.X from the local block: every node may use the same octets. */
static void
make_local(struct ted_sid *sid, struct oracle_sid *s, uint32_t place)
{
	const uint8_t octets[16] = { 0xfc, 0xbb, 0xbb, 0, 0xe0, (uint8_t)place };

	memcpy(sid->sid, octets, 16);
	memcpy(s->sid, octets, 16);
	sid->structure = (struct ted_sid_structure){ 32, 0, 16, 80 };
	s->global = false;
}

static void
random_link_sids(struct oracle *o, uint64_t *r, struct oracle_shape shape, ted_link link)
{
	struct ted *g = &o->graph;
	uint32_t n = suite_below(r, 5) ? 1u + (shape.odd_sids && suite_below(r, 4) == 0) : 0u;

	for (uint32_t k = 0; k < n; k++) {
		struct ted_sid *sid =
		    graph_end_x(g, link, (uint16_t)(0x100 + 4 * link + k), TED_BEHAVIOR_END_X);
		ted_node node = g->links[link].from;
		struct oracle_sid *s = know(o, sid, node, link);
		unsigned flavors = suite_below(r, 8);

		flavour(s, sid, true, flavors);
		if (!shape.odd_sids)
			continue;
		if (suite_below(r, 6) == 0)
			sid->behavior = (uint16_t)(52 + flavors);
		if (suite_below(r, 6) == 0 && g->nodes[node].n_prefixes)
			make_local(sid, s, 4 * link + k);
		if (suite_below(r, 10) == 0) {
			sid->backup = true;
			s->listable = false;
		}
	}
}

/* A SID of 16-bit parts behind the block; parts that are 0 bits wide are left out. */
static void
write_csid(const struct oracle *o, struct ted_sid *sid, ted_node node, uint16_t node_part,
	   uint16_t function)
{
	uint8_t *at = sid->sid + o->block[node] / 8;
	struct ted_sid_structure s = { o->block[node], node_part ? 16 : 0, function ? 16 : 0, 0 };

	memset(sid->sid, 0, 16);
	memcpy(sid->sid, (const uint8_t[]){ 0xfc, 0xbb, 0xbb, o->other_block[node] }, 4);
	if (node_part) {
		*at++ = (uint8_t)(node_part >> 8);
		*at++ = (uint8_t)node_part;
	}
	*at++ = (uint8_t)(function >> 8);
	*at = (uint8_t)function;
	s.argument = (uint8_t)(128 - s.block - s.node - s.function);
	sid->structure = s;
}

static void
csid_node(struct oracle *o, uint64_t *r, ted_node node)
{
	struct ted *g = &o->graph;
	struct ted_prefix_row *p = &g->prefixes[node][0];
	struct ted_sid scratch;
	uint32_t n = suite_below(r, 8) ? 1 + suite_below(r, 2) : 0;

	write_csid(o, &scratch, node, (uint16_t)(node + 1), 0);
	if (suite_below(r, 6)) {
		graph_locator(g, node);
		memcpy(p->prefix.addr.octets, scratch.sid, 16);
		p->prefix.len = (uint8_t)(o->block[node] + 16);
	}
	for (uint32_t k = 0; k < n; k++) {
		struct ted_sid *sid = graph_end(g, node, 0, 0);
		unsigned flavors = suite_below(r, 8);
		/* Function 2 is also what C is called: a neighbour that could be mistaken. */
		uint16_t function = k == 0 ? 0 : (uint16_t)(suite_below(r, 2) ? 2 : 0x0e01);
		bool plain = k == 1 && suite_below(r, 2);
		struct oracle_sid *s;

		write_csid(o, sid, node, (uint16_t)(node + 1), function);
		s = know(o, sid, node, TED_NONE);
		flavour(s, sid, false, flavors);
		if (!plain)
			sid->behavior = (uint16_t)(43 + flavors);
	}
}

static void
csid_link(struct oracle *o, uint64_t *r, ted_link link)
{
	struct ted *g = &o->graph;
	ted_node node = g->links[link].from;
	uint32_t n = suite_below(r, 6) ? 1 + suite_below(r, 2) : 0;

	for (uint32_t k = 0; k < n; k++) {
		struct ted_sid *sid = graph_end_x(g, link, 0, 0);
		unsigned flavors = suite_below(r, 8), kind = suite_below(r, 4);
		uint16_t function = (uint16_t)(0xe000u + GRAPH_LINKS * k + link);
		struct oracle_sid *s;

		write_csid(o, sid, node, kind < 2 ? 0 : (uint16_t)(node + 1), function);
		s = know(o, sid, node, link);
		flavour(s, sid, true, flavors);
		s->global = kind >= 2;
		if (kind < 3)
			sid->behavior = (uint16_t)(52 + flavors);
	}
}

/* What the test knows of the SIDs' shapes, when all are made. */
static void
know_shapes(struct oracle *o)
{
	for (uint32_t k = 0; k < o->n_sids; k++) {
		struct oracle_sid *s = &o->sids[k];
		const struct ted_sid_structure *t = &s->from->structure;
		bool next = s->from->behavior >= 43 && s->from->behavior <= 59;

		s->matched = 16;
		if (!next || t->block + t->node + t->function + t->argument != 128 || !t->argument)
			continue;
		s->block = t->block / 8u;
		s->width = (t->node + t->function) / 8u;
		s->matched = s->block + s->width;
	}
}

static void
random_fad(struct ted_fad *fad, uint64_t *r)
{
	*fad = (struct ted_fad){ .algorithm = ORACLE_FLEX,
				 .metric_type = (uint8_t)suite_below(r, 3),
				 .priority = (uint8_t)(100 + suite_below(r, 3)) };
	if (suite_below(r, 2))
		fad->n_exclude_any = 1, fad->exclude_any[0] = 1;
	if (suite_below(r, 4) == 0)
		fad->n_include_any = 1, fad->include_any[0] = 6;
	if (suite_below(r, 6) == 0)
		fad->n_include_all = 1, fad->include_all[0] = 2;
}

/* A second locator fcbb:bb80:NODE+1::/48, and SIDs in it that are the like of the first one's. */
static void
flex_sid(struct oracle *o, struct ted_sid *sid, ted_node node, ted_link link, uint64_t *r)
{
	struct oracle_sid *s;

	sid->sid[3] = 0x80;
	sid->algorithm = ORACLE_FLEX;
	s = know(o, sid, node, link);
	s->algorithm = ORACLE_FLEX;
	flavour(s, sid, link != TED_NONE, suite_below(r, 8));
}

static void
random_flex(struct oracle *o, uint64_t *r)
{
	struct ted *g = &o->graph;
	ted_node a = suite_below(r, g->n_nodes), b = suite_below(r, g->n_nodes);
	bool second;

	/* All are one part of the network, so that all agree. */
	for (ted_node k = 0; k + 1 < g->n_nodes; k++) {
		graph_link(g, k, k + 1, g->nodes[k].pseudonode ? 0 : 3);
		graph_link(g, k + 1, k, g->nodes[k + 1].pseudonode ? 0 : 3);
	}
	o->algorithms[0] = ORACLE_FLEX;
	random_fad(&o->fads[0], r);
	random_fad(&o->fads[1], r);
	g->nodes[a].fads = &o->fads[0];
	g->nodes[a].n_fads = 1;
	second = a != b && suite_below(r, 2);
	/* The one that counts has the higher priority, or is of the higher node. */
	if (second && (o->fads[1].priority > o->fads[0].priority ||
		       (o->fads[1].priority == o->fads[0].priority && b > a))) {
		struct ted_fad kept = o->fads[0];

		o->fads[0] = o->fads[1];
		o->fads[1] = kept;
		g->nodes[a].fads = &o->fads[1];
	}
	if (second) {
		g->nodes[b].fads = g->nodes[a].fads == &o->fads[0] ? &o->fads[1] : &o->fads[0];
		g->nodes[b].n_fads = 1;
	}
	for (ted_node k = 0; k < g->n_nodes; k++) {
		struct ted_prefix_row *p = &g->prefixes[k][1];

		if (suite_below(r, 6) == 0 || !g->nodes[k].n_prefixes)
			continue;
		g->nodes[k].algorithms = o->algorithms;
		g->nodes[k].n_algorithms = 1;
		g->nodes[k].n_prefixes = 2;
		*p = g->prefixes[k][0];
		p->prefix.addr.octets[3] = 0x80;
		p->locator.algorithm = ORACLE_FLEX;
		flex_sid(o, graph_end(g, k, 0x50, TED_BEHAVIOR_END), k, TED_NONE, r);
	}
	for (ted_link k = 0; k < g->n_links; k++) {
		struct ted_link_row *l = &g->links[k];

		o->colours[k] = suite_below(r, 8);
		l->affinity = &o->colours[k];
		l->n_affinity = 1;
		l->te_metric = 1 + suite_below(r, 3);
		l->delay_us = 1 + suite_below(r, 3);
		l->has_delay = suite_below(r, 6) > 0;
		if (g->nodes[l->from].n_algorithms && suite_below(r, 2))
			flex_sid(o, graph_end_x(g, k, (uint16_t)(0x5000 + k), TED_BEHAVIOR_END_X),
				 l->from, k, r);
	}
}

static void
random_msds(struct oracle *o, uint64_t *r, ted_node node)
{
	static const uint8_t types[4] = { TED_MSD_SEGMENTS_LEFT, TED_MSD_END_POP, TED_MSD_H_ENCAPS,
					  TED_MSD_END_D };

	for (unsigned k = 0; k < 4; k++)
		if (suite_below(r, 2))
			graph_msd(&o->graph, node, types[k], (uint8_t)suite_below(r, 6));
}

/* Everything so far is in topology 2; topology 0 has links and prefixes that lead astray. */
static void
split_topologies(struct oracle *o, uint64_t *r)
{
	struct ted *g = &o->graph;
	uint32_t n = g->n_links;

	for (ted_link k = 0; k < n; k++)
		g->links[k].topology = 2;
	for (ted_node k = 0; k < g->n_nodes; k++)
		for (size_t p = 0; p < g->nodes[k].n_prefixes; p++)
			g->prefixes[k][p].topology = 2;
	for (ted_link k = 0; k < 6; k++) {
		ted_node a = suite_below(r, g->n_nodes), b = suite_below(r, g->n_nodes);

		if (a != b)
			graph_link(g, a, b, 0);
	}
	for (ted_node k = 0; k < g->n_nodes; k++) {
		struct ted_prefix_row *p = &g->prefixes[k][g->nodes[k].n_prefixes];

		p->prefix.addr.family = IP_V6;
		memcpy(p->prefix.addr.octets, o->sids[suite_below(r, o->n_sids + 1)].sid, 16);
		p->prefix.len = 128;
		g->nodes[k].n_prefixes++;
	}
}

void
oracle_random(struct oracle *o, uint64_t seed, struct oracle_shape shape)
{
	uint64_t r = seed * 7919 + 17;
	struct ted *g = &o->graph;

	graph_init(g);
	o->n_sids = 0;
	random_nodes(o, &r, shape);
	random_links(o, &r, shape);
	for (ted_node k = 0; k < g->n_nodes; k++) {
		static const uint8_t blocks[4] = { 32, 64, 80, 96 };

		o->block[k] = blocks[seed % 4];
		o->other_block[k] = shape.domains ? (uint8_t)suite_below(&r, 2) : 0;
		if (shape.csids)
			csid_node(o, &r, k);
		else
			random_node_sids(o, &r, shape, k);
		if (shape.msds)
			random_msds(o, &r, k);
	}
	for (ted_link k = 0; k < g->n_links; k++) {
		if (shape.csids)
			csid_link(o, &r, k);
		else
			random_link_sids(o, &r, shape, k);
	}
	memset(o->fads, 0, sizeof(o->fads));
	if (shape.flex)
		random_flex(o, &r);
	know_shapes(o);
	if (shape.two_topologies && g->n_links)
		split_topologies(o, &r);
	oracle_distances(o);
}

/* Topology 2 counts where there is one; links past it are of topology 0. */
static bool
in_igp(const struct ted *g, ted_link link)
{
	return ted_link_usable(g, link) && g->links[link].topology == g->links[0].topology;
}

/* What a link costs by the definition that counts; ORACLE_FAR: it is not in the topology. */
static uint64_t
flex_cost(const struct oracle *o, ted_link link)
{
	const struct ted_link_row *l = &o->graph.links[link];
	const struct ted_fad *f = &o->fads[0];

	if (!f->algorithm || !o->graph.nodes[l->from].n_algorithms ||
	    !o->graph.nodes[l->to].n_algorithms)
		return ORACLE_FAR;
	if ((f->n_exclude_any && o->colours[link] & f->exclude_any[0]) ||
	    (f->n_include_any && !(o->colours[link] & f->include_any[0])) ||
	    (f->n_include_all && (o->colours[link] & f->include_all[0]) != f->include_all[0]))
		return ORACLE_FAR;
	if (f->metric_type == TED_FAD_TE)
		return l->te_metric;
	if (f->metric_type == TED_FAD_MIN_DELAY)
		return l->has_delay ? l->delay_us : ORACLE_FAR;
	return l->igp_metric;
}

static uint64_t
cost_by(const struct oracle *o, uint8_t algorithm, ted_link link)
{
	if (!in_igp(&o->graph, link))
		return ORACLE_FAR;
	return algorithm ? flex_cost(o, link) : o->graph.links[link].igp_metric;
}

/* Floyd and Warshall, without going through overloaded nodes. */
static void
distances_by(const struct oracle *o, uint8_t algorithm, uint64_t distance[GRAPH_NODES][GRAPH_NODES])
{
	const struct ted *g = &o->graph;
	uint32_t n = g->n_nodes;

	for (uint32_t a = 0; a < n; a++)
		for (uint32_t b = 0; b < n; b++)
			distance[a][b] = a == b ? 0 : ORACLE_FAR;
	for (ted_link k = 0; k < g->n_links; k++) {
		const struct ted_link_row *l = &g->links[k];

		if (cost_by(o, algorithm, k) < distance[l->from][l->to])
			distance[l->from][l->to] = cost_by(o, algorithm, k);
	}
	for (uint32_t k = 0; k < n; k++)
		for (uint32_t a = 0; a < n && !g->nodes[k].overload; a++)
			for (uint32_t b = 0; b < n; b++) {
				uint64_t x = distance[a][k], y = distance[k][b];

				if (x != ORACLE_FAR && y != ORACLE_FAR && x + y < distance[a][b])
					distance[a][b] = x + y;
			}
}

void
oracle_distances(struct oracle *o)
{
	distances_by(o, 0, o->distance);
	distances_by(o, ORACLE_FLEX, o->flex);
}

bool
oracle_forwards_by(const struct oracle *o, uint8_t algorithm, ted_link link, ted_node to)
{
	const struct ted_link_row *l = &o->graph.links[link];
	const uint64_t(*distance)[GRAPH_NODES] =
	    (const uint64_t(*)[GRAPH_NODES])(algorithm ? o->flex : o->distance);
	uint64_t cost = cost_by(o, algorithm, link);

	return cost != ORACLE_FAR && l->from != to &&
	       (l->to == to || !o->graph.nodes[l->to].overload) &&
	       distance[l->to][to] != ORACLE_FAR &&
	       cost + distance[l->to][to] == distance[l->from][to];
}

bool
oracle_forwards(const struct oracle *o, ted_link link, ted_node to)
{
	return oracle_forwards_by(o, 0, link, to);
}

size_t
oracle_path(const struct oracle *o, uint64_t *random, ted_link *path, size_t most)
{
	const struct ted *g = &o->graph;
	bool visited[GRAPH_NODES] = { false };
	ted_node at = suite_below(random, g->n_nodes);
	size_t n = 0, want = 1 + suite_below(random, (uint32_t)most);

	if (g->nodes[at].pseudonode)
		return 0;
	visited[at] = true;
	while (n < want || (n && g->nodes[at].pseudonode)) {
		ted_link fit[GRAPH_LINKS];
		uint32_t n_fit = 0;

		for (size_t k = 0; k < g->n_out[at]; k++) {
			ted_link l = g->out[at][k];

			if (in_igp(g, l) && !visited[g->links[l].to])
				fit[n_fit++] = l;
		}
		if (!n_fit)
			break;
		path[n] = fit[suite_below(random, n_fit)];
		at = g->links[path[n++]].to;
		visited[at] = true;
	}
	while (n && g->nodes[g->links[path[n - 1]].to].pseudonode)
		n--;
	return n;
}
