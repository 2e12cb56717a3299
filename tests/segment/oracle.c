#include "tests/segment/oracle.h"

#include <string.h>

#include "tests/support/suite.h"

static struct oracle_sid *
know(struct oracle *o, const struct ted_sid *sid, ted_node node, ted_link link)
{
	struct oracle_sid *s = &o->sids[o->n_sids++];

	memset(s, 0, sizeof(*s));
	memcpy(s->sid, sid->sid, 16);
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
		random_node_sids(o, &r, shape, k);
		if (shape.msds)
			random_msds(o, &r, k);
	}
	for (ted_link k = 0; k < g->n_links; k++)
		random_link_sids(o, &r, shape, k);
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

/* Floyd and Warshall, without going through overloaded nodes. */
void
oracle_distances(struct oracle *o)
{
	const struct ted *g = &o->graph;
	uint32_t n = g->n_nodes;

	for (uint32_t a = 0; a < n; a++)
		for (uint32_t b = 0; b < n; b++)
			o->distance[a][b] = a == b ? 0 : ORACLE_FAR;
	for (ted_link k = 0; k < g->n_links; k++) {
		const struct ted_link_row *l = &g->links[k];

		if (in_igp(g, k) && l->igp_metric < o->distance[l->from][l->to])
			o->distance[l->from][l->to] = l->igp_metric;
	}
	for (uint32_t k = 0; k < n; k++)
		for (uint32_t a = 0; a < n && !g->nodes[k].overload; a++)
			for (uint32_t b = 0; b < n; b++) {
				uint64_t x = o->distance[a][k], y = o->distance[k][b];

				if (x != ORACLE_FAR && y != ORACLE_FAR && x + y < o->distance[a][b])
					o->distance[a][b] = x + y;
			}
}

bool
oracle_forwards(const struct oracle *o, ted_link link, ted_node to)
{
	const struct ted_link_row *l = &o->graph.links[link];

	return in_igp(&o->graph, link) && l->from != to &&
	       (l->to == to || !o->graph.nodes[l->to].overload) &&
	       o->distance[l->to][to] != ORACLE_FAR &&
	       l->igp_metric + o->distance[l->to][to] == o->distance[l->from][to];
}

/* The only way on, or TED_NONE if there is none or several. */
static ted_link
only_way(const struct oracle *o, ted_node at, ted_node to)
{
	ted_link found = TED_NONE;

	for (ted_link k = 0; k < o->graph.n_links; k++) {
		if (o->graph.links[k].from != at || !oracle_forwards(o, k, to))
			continue;
		if (found != TED_NONE)
			return TED_NONE;
		found = k;
	}
	return found;
}

/* The SID as node `at` sees it: its own, else one that is routed to its owner. */
static const struct oracle_sid *
known_at(const struct oracle *o, const uint8_t sid[16], ted_node at)
{
	const struct oracle_sid *global = NULL;

	for (uint32_t k = 0; k < o->n_sids; k++) {
		const struct oracle_sid *s = &o->sids[k];

		if (memcmp(s->sid, sid, 16) != 0)
			continue;
		if (s->node == at)
			return s;
		if (s->global && !o->graph.nodes[s->node].unusable)
			global = s;
	}
	return global;
}

/* A packet on its way: how much of the path it took. */
struct travel {
	ted_node at;
	size_t taken;
};

/* Sends it on for one SID, as long as it keeps to the path and has one way; false if not. */
static bool
follow(const struct oracle *o, const struct oracle_sid *s, const ted_link *path, size_t n,
       struct travel *t)
{
	for (unsigned guard = 0; t->at != s->node; guard++) {
		ted_link way = only_way(o, t->at, s->node);

		if (!s->global || way == TED_NONE || t->taken == n || path[t->taken] != way ||
		    guard > n)
			return false;
		t->at = o->graph.links[way].to;
		t->taken++;
	}
	if (s->foreign)
		return false;
	if (s->link == TED_NONE)
		return true;
	if (t->taken == n || path[t->taken] != s->link || !ted_link_usable(&o->graph, s->link))
		return false;
	t->at = o->graph.links[s->link].to;
	t->taken++;
	return true;
}

static bool
msd_of(const struct ted_node_row *row, uint8_t type, const struct segment_options *options,
       uint32_t *out)
{
	for (size_t k = 0; k < row->n_msd; k++)
		if (row->msd[k].type == type) {
			*out = row->msd[k].value;
			return true;
		}
	*out = 0;
	return options->strict_msd;
}

/* RFC 9352 section 4 on a whole list: true if every router of it can do its part. */
static bool
within_limits(const struct oracle *o, const struct oracle_sid *const *list, uint32_t n,
	      ted_node head, ted_node tail, const struct segment_options *options)
{
	const struct ted_node_row *rows = o->graph.nodes;
	uint32_t total = n + options->service_sids, value;
	ted_node strips = options->service_sids ? tail : list[n - 1]->node;
	bool popped = options->service_sids && list[n - 1]->psp && n >= 1;

	if (msd_of(&rows[head], TED_MSD_H_ENCAPS, options, &value)) {
		if (total > (value ? value : 1))
			return false;
	} else if (options->assumed_msd && total > options->assumed_msd) {
		return false;
	}
	if (total == 1)
		return true;
	for (uint32_t k = 0; k < n; k++) {
		uint32_t left = total - 1 - k;

		if (msd_of(&rows[list[k]->node], TED_MSD_SEGMENTS_LEFT, options, &value) &&
		    left > value)
			return false;
		if (((left == 1 && list[k]->psp) || (left == 0 && list[k]->usp)) &&
		    msd_of(&rows[list[k]->node], TED_MSD_END_POP, options, &value) && total > value)
			return false;
	}
	return popped || !msd_of(&rows[strips], TED_MSD_END_D, options, &value) || total <= value;
}

struct trial {
	const struct oracle *o;
	const ted_link *path;
	size_t n;
	const struct segment_options *options;
	const struct oracle_sid *list[ORACLE_LIST];
	ted_node head, tail;
	uint32_t fewest;
};

static void
try_lists(struct trial *x, struct travel t, uint32_t depth)
{
	if (depth && t.taken == x->n) {
		const struct oracle_sid *last = x->list[depth - 1];
		bool ends = x->options->service_sids || last->link == TED_NONE || last->usd;

		if (ends && within_limits(x->o, x->list, depth, x->head, x->tail, x->options) &&
		    (!x->fewest || depth < x->fewest))
			x->fewest = depth;
	}
	if (depth == ORACLE_LIST)
		return;
	for (uint32_t k = 0; k < x->o->n_sids; k++) {
		const struct oracle_sid *s = &x->o->sids[k];
		struct travel next = t;

		x->list[depth] = s;
		if (!s->listable || !follow(x->o, s, x->path, x->n, &next))
			continue;
		/* A SID that covers nothing only closes a list that nothing follows. */
		if (next.taken == t.taken && (x->options->service_sids || t.taken < x->n ||
					      x->list[depth - 1]->link == TED_NONE))
			continue;
		try_lists(x, next, depth + 1);
	}
}

uint32_t
oracle_fewest(const struct oracle *o, const ted_link *path, size_t n,
	      const struct segment_options *options)
{
	struct trial x = { .o = o, .path = path, .n = n, .options = options };

	x.head = o->graph.links[path[0]].from;
	x.tail = o->graph.links[path[n - 1]].to;
	try_lists(&x, (struct travel){ x.head, 0 }, 0);
	return x.fewest;
}

bool
oracle_takes(const struct oracle *o, ted_node from, const uint8_t (*sids)[16], size_t n,
	     const ted_link *path, size_t n_path)
{
	struct travel t = { from, 0 };

	for (size_t k = 0; k < n; k++) {
		const struct oracle_sid *s = known_at(o, sids[k], t.at);

		if (!s || !follow(o, s, path, n_path, &t))
			return false;
	}
	return t.taken == n_path;
}

struct flood {
	const struct oracle *o;
	const uint8_t (*sids)[16];
	size_t n;
	bool *links;
	bool on_way[GRAPH_NODES][ORACLE_LIST + 1];
	bool lost, ended, several;
	ted_node end;
};

static void
flood_end(struct flood *f, ted_node at)
{
	f->several |= f->ended && f->end != at;
	f->ended = true;
	f->end = at;
}

static void
flood_from(struct flood *f, ted_node at, size_t sid)
{
	const struct oracle_sid *s;
	bool moved = false;
	size_t key = sid;

	if (f->on_way[at][key]) {
		f->lost = true;
		return;
	}
	f->on_way[at][key] = true;
	while (sid < f->n && (s = known_at(f->o, f->sids[sid], at)) != NULL && s->node == at &&
	       s->link == TED_NONE && !s->foreign)
		sid++;
	if (sid == f->n) {
		flood_end(f, at);
	} else if ((s = known_at(f->o, f->sids[sid], at)) == NULL) {
		f->lost = true;
	} else if (s->node == at) {
		if (s->foreign || !ted_link_usable(&f->o->graph, s->link)) {
			f->lost = true;
		} else {
			f->links[s->link] = true;
			if (sid + 1 == f->n)
				flood_end(f, f->o->graph.links[s->link].to);
			else
				flood_from(f, f->o->graph.links[s->link].to, sid + 1);
		}
	} else {
		for (ted_link k = 0; k < f->o->graph.n_links; k++)
			if (f->o->graph.links[k].from == at && oracle_forwards(f->o, k, s->node)) {
				moved = true;
				f->links[k] = true;
				flood_from(f, f->o->graph.links[k].to, sid);
			}
		f->lost |= !moved;
	}
	f->on_way[at][key] = false;
}

void
oracle_flood(const struct oracle *o, ted_node from, const uint8_t (*sids)[16], size_t n,
	     bool links[GRAPH_LINKS], bool *delivered, ted_node *end)
{
	struct flood f = { .o = o, .sids = sids, .n = n, .links = links, .end = TED_NONE };

	memset(links, 0, GRAPH_LINKS * sizeof(*links));
	if (o->graph.nodes[from].unusable)
		f.lost = true;
	else
		flood_from(&f, from, 0);
	*delivered = f.ended && !f.lost && !f.several;
	*end = f.several ? TED_NONE : f.end;
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
