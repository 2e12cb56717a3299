/*
 * Boost Graph Library 1.74 on the same questions: compressed sparse rows with the attributes in
 * them, dijkstra_shortest_paths stopped at the end node, filtered_graph for what is pruned. For the
 * cheapest path under a bound r_c_shortest_paths in the form that gives all solutions that no other
 * one beats (the form that gives one is not always the cheapest), helped by lower bounds on the
 * delay, which make it forty times faster.
 */
#include <boost/graph/adjacency_list.hpp>
#include <boost/graph/compressed_sparse_row_graph.hpp>
#include <boost/graph/dijkstra_shortest_paths.hpp>
#include <boost/graph/filtered_graph.hpp>
#include <boost/graph/r_c_shortest_paths.hpp>

#include <algorithm>
#include <functional>
#include <limits>
#include <utility>
#include <vector>

#include "tests/bench/path/measure.h"

struct Edge {
	uint32_t igp, delay, residual, risk, affinity, link;
};
typedef boost::compressed_sparse_row_graph<boost::directedS, boost::no_property, Edge> Graph;
typedef boost::graph_traits<Graph>::edge_descriptor EdgeOf;
typedef boost::graph_traits<Graph>::vertex_descriptor Vertex;

/* r_c_shortest_paths wants numbers for nodes and edges, and a list of edges for each node. */
struct BoundedNode {
	int number;
};
struct BoundedEdge {
	int number;
	uint32_t igp, delay;
};
typedef boost::adjacency_list<boost::vecS, boost::vecS, boost::directedS, BoundedNode, BoundedEdge>
    BoundedGraph;
typedef boost::graph_traits<BoundedGraph>::edge_descriptor BoundedEdgeOf;

struct State {
	const network *net;
	Graph graph;
	BoundedGraph bounded, reversed;
	std::vector<Vertex> before;
	std::vector<uint32_t> dist, least_delay;
	uint32_t width, best;
	uint64_t worse, cut_off;
};

static const uint32_t never = std::numeric_limits<uint32_t>::max();

static void *
start(const network *net)
{
	std::vector<std::pair<uint32_t, uint32_t>> ends(net->n_links);
	std::vector<Edge> edges(net->n_links);
	State *s = new State();

	s->net = net;
	s->bounded = BoundedGraph(net->n_nodes);
	s->reversed = BoundedGraph(net->n_nodes);
	for (uint32_t i = 0; i < net->n_nodes; i++)
		s->bounded[i].number = s->reversed[i].number = (int)i;
	for (uint32_t i = 0; i < net->n_links; i++) {
		const network_link &l = net->links[i];
		BoundedEdge edge = { (int)i, l.igp, l.delay_us };

		ends[i] = { l.tail, l.head };
		edges[i] = { l.igp, l.delay_us, l.residual_kbps, l.risk, l.affinity, i };
		boost::add_edge(l.tail, l.head, edge, s->bounded);
		boost::add_edge(l.head, l.tail, edge, s->reversed);
	}
	s->graph = Graph(boost::edges_are_unsorted_multi_pass, ends.begin(), ends.end(),
			 edges.begin(), net->n_nodes);
	s->before.resize(net->n_nodes);
	s->dist.resize(net->n_nodes);
	s->least_delay.resize(net->n_nodes);
	return s;
}

static void
stop(void *state)
{
	delete static_cast<State *>(state);
}

struct Reached {
};
struct StopAt : boost::default_dijkstra_visitor {
	Vertex end;
	explicit StopAt(Vertex e) : end(e)
	{
	}
	template <class G> void examine_vertex(Vertex v, const G &)
	{
		if (v == end)
			throw Reached();
	}
};

/* Least sum of a weight; distances in s->dist. */
template <class G, class Weight>
static bool
search(State *s, const G &graph, Weight Edge::*weight, const network_query *q)
{
	auto number = boost::get(boost::vertex_index, s->graph);

	try {
		boost::dijkstra_shortest_paths(
		    graph, boost::vertex(q->from, s->graph),
		    boost::weight_map(boost::get(weight, s->graph))
			.predecessor_map(
			    boost::make_iterator_property_map(s->before.begin(), number))
			.distance_map(boost::make_iterator_property_map(s->dist.begin(), number))
			.visitor(StopAt(q->to)));
	} catch (Reached &) {
		return true;
	}
	return false;
}

static void
run_tree(void *state, const network_query *q)
{
	State *s = static_cast<State *>(state);
	auto number = boost::get(boost::vertex_index, s->graph);

	boost::dijkstra_shortest_paths(
	    s->graph, boost::vertex(q->from, s->graph),
	    boost::weight_map(boost::get(&Edge::igp, s->graph))
		.predecessor_map(boost::make_iterator_property_map(s->before.begin(), number))
		.distance_map(boost::make_iterator_property_map(s->dist.begin(), number)));
}

static void
tree_cost(void *state, const network_query *, cost *out)
{
	State *s = static_cast<State *>(state);

	for (uint32_t i = 0; i < s->net->n_nodes; i++)
		if (s->dist[i] != never)
			out->first += s->dist[i];
}

struct Allowed {
	const Graph *graph;
	uint32_t floor, exclude;
	bool operator()(EdgeOf e) const
	{
		const Edge &edge = (*graph)[e];

		return edge.residual >= floor && !(edge.affinity & exclude);
	}
};

static void
run_point(void *state, const network_query *q)
{
	State *s = static_cast<State *>(state);
	Allowed allowed = { &s->graph, q->floor_kbps, q->exclude };
	boost::filtered_graph<Graph, Allowed> pruned(s->graph, allowed);

	s->best = search(s, pruned, &Edge::igp, q) ? s->dist[q->to] : never;
}

static void
simple_cost(void *state, const network_query *, cost *out)
{
	State *s = static_cast<State *>(state);

	out->none = s->best == never;
	out->first = s->best;
}

static void
run_widest(void *state, const network_query *q)
{
	State *s = static_cast<State *>(state);
	auto number = boost::get(boost::vertex_index, s->graph);

	try {
		boost::dijkstra_shortest_paths(
		    s->graph, boost::vertex(q->from, s->graph),
		    boost::weight_map(boost::get(&Edge::residual, s->graph))
			.predecessor_map(
			    boost::make_iterator_property_map(s->before.begin(), number))
			.distance_map(boost::make_iterator_property_map(s->dist.begin(), number))
			.distance_combine([](uint32_t a, uint32_t b) { return std::min(a, b); })
			.distance_compare(std::greater<uint32_t>())
			.distance_inf(0u)
			.distance_zero(never)
			.visitor(StopAt(q->to)));
	} catch (Reached &) {
	}
	s->width = s->dist[q->to];

	Allowed allowed = { &s->graph, s->width, 0 };
	boost::filtered_graph<Graph, Allowed> wide(s->graph, allowed);

	s->best = search(s, wide, &Edge::delay, q) ? s->dist[q->to] : never;
}

static void
widest_cost(void *state, const network_query *, cost *out)
{
	State *s = static_cast<State *>(state);

	out->none = s->best == never;
	out->has_second = true;
	out->first = s->width;
	out->second = s->best;
}

static void
run_available(void *state, const network_query *q)
{
	State *s = static_cast<State *>(state);

	s->best = search(s, s->graph, &Edge::risk, q) ? s->dist[q->to] : never;
}

struct Sums {
	uint32_t igp, delay;
	bool operator==(const Sums &o) const
	{
		return igp == o.igp && delay == o.delay;
	}
	bool operator<(const Sums &o) const
	{
		return igp < o.igp || (igp == o.igp && delay < o.delay);
	}
};

struct Extend {
	uint32_t max_delay;
	const std::vector<uint32_t> *least;
	bool operator()(const BoundedGraph &g, Sums &to, const Sums &from, BoundedEdgeOf e) const
	{
		uint32_t rest = (*least)[boost::target(e, g)];

		to.igp = from.igp + g[e].igp;
		to.delay = from.delay + g[e].delay;
		return rest != never && to.delay + rest <= max_delay;
	}
};

struct Beats {
	bool operator()(const Sums &a, const Sums &b) const
	{
		return a.igp <= b.igp && a.delay <= b.delay;
	}
};

static void
run_bounded(void *state, const network_query *q)
{
	State *s = static_cast<State *>(state);
	std::vector<std::vector<BoundedEdgeOf>> paths;
	std::vector<Sums> sums;
	Extend extend = { q->max_delay_us, &s->least_delay };
	Sums none = { 0, 0 };

	boost::dijkstra_shortest_paths(
	    s->reversed, q->to,
	    boost::weight_map(boost::get(&BoundedEdge::delay, s->reversed))
		.distance_map(boost::make_iterator_property_map(
		    s->least_delay.begin(), boost::get(boost::vertex_index, s->reversed))));
	boost::r_c_shortest_paths(
	    s->bounded, boost::get(&BoundedNode::number, s->bounded),
	    boost::get(&BoundedEdge::number, s->bounded), q->from, q->to, paths, sums, none, extend,
	    Beats(), std::allocator<boost::r_c_shortest_paths_label<BoundedGraph, Sums>>(),
	    boost::default_r_c_shortest_paths_visitor());
	s->best = never;
	for (const Sums &found : sums)
		s->best = std::min(s->best, found.igp);
}

struct Alive {
	const Graph *graph;
	uint32_t there, back;
	bool operator()(EdgeOf e) const
	{
		uint32_t link = (*graph)[e].link;

		return link != there && link != back;
	}
};

/* The cheapest link between two neighbours on the path. */
static uint32_t
link_between(const State *s, Vertex from, Vertex to)
{
	uint32_t best = never, least = never;

	for (auto range = boost::out_edges(from, s->graph); range.first != range.second;
	     ++range.first) {
		const Edge &edge = s->graph[*range.first];

		if (boost::target(*range.first, s->graph) == to && edge.igp < least) {
			least = edge.igp;
			best = edge.link;
		}
	}
	return best;
}

static void
run_n_1(void *state, const network_query *q)
{
	State *s = static_cast<State *>(state);
	std::vector<uint32_t> path;
	uint32_t least;

	s->worse = s->cut_off = 0;
	if (!search(s, s->graph, &Edge::igp, q))
		return;
	least = s->dist[q->to];
	for (Vertex at = q->to; at != q->from; at = s->before[at])
		path.push_back(link_between(s, s->before[at], at));
	for (uint32_t link : path) {
		Alive alive = { &s->graph, link, s->net->links[link].reverse };
		boost::filtered_graph<Graph, Alive> left(s->graph, alive);

		if (search(s, left, &Edge::igp, q))
			s->worse += s->dist[q->to] - least;
		else
			s->cut_off++;
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

int
main(int argc, char **argv)
{
	peer boost_graph = {};

	boost_graph.name = "boost";
	boost_graph.open = start;
	boost_graph.close = stop;
	boost_graph.asked[QUERY_TREE] = { run_tree, tree_cost, nullptr };
	boost_graph.asked[QUERY_POINT] = { run_point, simple_cost, nullptr };
	boost_graph.asked[QUERY_WIDEST] = { run_widest, widest_cost, nullptr };
	boost_graph.asked[QUERY_AVAILABLE] = { run_available, simple_cost, nullptr };
	boost_graph.asked[QUERY_BOUNDED] = { run_bounded, simple_cost, nullptr };
	boost_graph.asked[QUERY_N_1] = { run_n_1, n_1_cost, nullptr };
	return measure_main(argc, argv, &boost_graph);
}
