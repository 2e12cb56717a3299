/*
 * LEMON 1.3 on the same questions: StaticDigraph, Dijkstra with the heap that suits the question
 * best, FilterArcs for what is pruned, Suurballe for pairs. Weights are int, its fastest.
 */
#include <lemon/adaptors.h>
#include <lemon/bucket_heap.h>
#include <lemon/dijkstra.h>
#include <lemon/static_graph.h>
#include <lemon/suurballe.h>

#include <algorithm>
#include <climits>
#include <functional>
#include <utility>
#include <vector>

#include "tests/bench/path/measure.h"

using namespace lemon;

typedef StaticDigraph Graph;
typedef Graph::ArcMap<int> Weights;
typedef FilterArcs<Graph, Graph::ArcMap<bool>> Filtered;
typedef Dijkstra<Graph, Weights> Search;
typedef Dijkstra<Filtered, Weights> FilteredSearch;
typedef Search::SetStandardHeap<BucketHeap<Graph::NodeMap<int>>>::Create BucketSearch;

struct Wide {
	typedef int Value;
	static int zero()
	{
		return INT_MAX;
	}
	static int plus(const int &a, const int &b)
	{
		return std::min(a, b);
	}
	static bool less(const int &a, const int &b)
	{
		return a > b;
	}
};
typedef Search::SetOperationTraits<Wide>::Create WideTraits;
typedef WideTraits::SetStandardHeap<BinHeap<int, Graph::NodeMap<int>, std::greater<int>>>::Create
    WideSearch;

struct State {
	const network *net;
	Graph graph;
	std::vector<uint32_t> link; /* number of an arc */
	std::vector<int> arc; /* the other way round */
	Weights igp, delay, risk, residual, affinity;
	Graph::ArcMap<bool> mask;
	Filtered filtered;
	Search by_igp, by_risk;
	BucketSearch tree;
	WideSearch widest;
	FilteredSearch filtered_igp, filtered_delay;
	Suurballe<Graph, Weights> pair;
	bool found;
	int cost;
	uint64_t worse, cut_off;

	explicit State(const network *n);
};

static void
build(const network *net, Graph &graph, std::vector<uint32_t> &link, std::vector<int> &arc)
{
	std::vector<std::pair<int, int>> arcs(net->n_links);

	link.resize(net->n_links);
	arc.resize(net->n_links);
	for (uint32_t i = 0; i < net->n_links; i++)
		link[i] = i;
	std::stable_sort(link.begin(), link.end(), [net](uint32_t a, uint32_t b) {
		return net->links[a].tail < net->links[b].tail;
	});
	for (uint32_t i = 0; i < net->n_links; i++) {
		arcs[i].first = (int)net->links[link[i]].tail;
		arcs[i].second = (int)net->links[link[i]].head;
		arc[link[i]] = (int)i;
	}
	graph.build((int)net->n_nodes, arcs.begin(), arcs.end());
}

/* Maps and searches need a graph that has its arcs. */
static const Graph &
built(State *s)
{
	build(s->net, s->graph, s->link, s->arc);
	return s->graph;
}

State::State(const network *n)
    : net(n), igp(built(this)), delay(graph), risk(graph), residual(graph), affinity(graph),
      mask(graph, true), filtered(graph, mask), by_igp(graph, igp), by_risk(graph, risk),
      tree(graph, igp), widest(graph, residual), filtered_igp(filtered, igp),
      filtered_delay(filtered, delay), pair(graph, igp)
{
	for (uint32_t i = 0; i < net->n_links; i++) {
		const network_link &l = net->links[link[i]];
		Graph::Arc a = graph.arc((int)i);

		igp[a] = (int)l.igp;
		delay[a] = (int)l.delay_us;
		risk[a] = (int)l.risk;
		residual[a] = (int)l.residual_kbps;
		affinity[a] = (int)l.affinity;
	}
}

static void *
start(const network *net)
{
	return new State(net);
}

static void
stop(void *state)
{
	delete static_cast<State *>(state);
}

static void
run_tree(void *state, const network_query *q)
{
	State *s = static_cast<State *>(state);

	s->tree.run(s->graph.node((int)q->from));
}

static void
tree_cost(void *state, const network_query *, cost *out)
{
	State *s = static_cast<State *>(state);

	for (uint32_t i = 0; i < s->net->n_nodes; i++)
		if (s->tree.reached(s->graph.node((int)i)))
			out->first += (uint64_t)s->tree.dist(s->graph.node((int)i));
}

static void
run_point(void *state, const network_query *q)
{
	State *s = static_cast<State *>(state);
	Graph::Node to = s->graph.node((int)q->to);

	for (uint32_t i = 0; i < s->net->n_links; i++) {
		Graph::Arc a = s->graph.arc((int)i);

		s->mask[a] =
		    s->residual[a] >= (int)q->floor_kbps && !(s->affinity[a] & (int)q->exclude);
	}
	s->found = s->filtered_igp.run(s->graph.node((int)q->from), to);
	s->cost = s->found ? s->filtered_igp.dist(to) : 0;
}

static void
simple_cost(void *state, const network_query *, cost *out)
{
	State *s = static_cast<State *>(state);

	out->none = !s->found;
	out->first = (uint64_t)s->cost;
}

static void
run_widest(void *state, const network_query *q)
{
	State *s = static_cast<State *>(state);
	Graph::Node from = s->graph.node((int)q->from), to = s->graph.node((int)q->to);
	int width;

	s->found = s->widest.run(from, to);
	width = s->found ? s->widest.dist(to) : 0;
	for (uint32_t i = 0; i < s->net->n_links; i++) {
		Graph::Arc a = s->graph.arc((int)i);

		s->mask[a] = s->residual[a] >= width;
	}
	s->filtered_delay.run(from, to);
	s->cost = width;
}

static void
widest_cost(void *state, const network_query *q, cost *out)
{
	State *s = static_cast<State *>(state);

	out->none = !s->found;
	out->has_second = true;
	out->first = (uint64_t)s->cost;
	if (s->found)
		out->second = (uint64_t)s->filtered_delay.dist(s->graph.node((int)q->to));
}

static void
run_available(void *state, const network_query *q)
{
	State *s = static_cast<State *>(state);
	Graph::Node to = s->graph.node((int)q->to);

	s->found = s->by_risk.run(s->graph.node((int)q->from), to);
	s->cost = s->found ? s->by_risk.dist(to) : 0;
}

static void
run_disjoint(void *state, const network_query *q)
{
	State *s = static_cast<State *>(state);

	s->found = s->pair.run(s->graph.node((int)q->from), s->graph.node((int)q->to), 2) == 2;
	s->cost = s->found ? s->pair.totalLength() : 0;
}

static void
run_n_1(void *state, const network_query *q)
{
	State *s = static_cast<State *>(state);
	Graph::Node from = s->graph.node((int)q->from), to = s->graph.node((int)q->to);

	s->worse = s->cut_off = 0;
	if (!s->by_igp.run(from, to))
		return;
	for (Graph::Node at = to; at != from; at = s->by_igp.predNode(at)) {
		Graph::Arc there = s->by_igp.predArc(at);
		uint32_t reverse = s->net->links[s->link[(size_t)s->graph.id(there)]].reverse;
		Graph::Arc back = s->graph.arc(s->arc[reverse]);

		s->mask[there] = s->mask[back] = false;
		if (s->filtered_igp.run(from, to))
			s->worse += (uint64_t)(s->filtered_igp.dist(to) - s->by_igp.dist(to));
		else
			s->cut_off++;
		s->mask[there] = s->mask[back] = true;
	}
}

static void
n_1_cost(void *state, const network_query *, cost *out)
{
	State *s = static_cast<State *>(state);

	out->has_second = true;
	out->first = s->worse;
	out->second = s->cut_off;
}

/* The first policy of a run finds the mask as the last kind of question left it. */
static void
prepare_n_1(void *state, const network_query *)
{
	State *s = static_cast<State *>(state);

	for (uint32_t i = 0; i < s->net->n_links; i++)
		s->mask[s->graph.arc((int)i)] = true;
}

int
main(int argc, char **argv)
{
	peer lemon = {};

	lemon.name = "lemon";
	lemon.open = start;
	lemon.close = stop;
	lemon.asked[QUERY_TREE] = { run_tree, tree_cost, nullptr };
	lemon.asked[QUERY_POINT] = { run_point, simple_cost, nullptr };
	lemon.asked[QUERY_WIDEST] = { run_widest, widest_cost, nullptr };
	lemon.asked[QUERY_AVAILABLE] = { run_available, simple_cost, nullptr };
	lemon.asked[QUERY_DISJOINT] = { run_disjoint, simple_cost, nullptr };
	lemon.asked[QUERY_N_1] = { run_n_1, n_1_cost, prepare_n_1 };
	return measure_main(argc, argv, &lemon);
}
