/* Analyses against brute force: everything is removed in turn and the rest looked at. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "models/import/analyse.h"
#include "models/import/import.h"
#include "tests/models/codec_fixture.h"
#include "tests/support/suite.h"

#define NODES 9
#define LINKS 64

struct link {
	unsigned from, to;
	int back; /* index of its reverse, -1 */
	unsigned metric, delay;
	unsigned srlg; /* 0: none */
};

/* A random network, and the same in the database. */
struct network {
	unsigned n, n_links;
	struct link links[LINKS];
	unsigned site[NODES]; /* 0: none */
	unsigned node_srlg[NODES];
	bool overload[NODES];
	struct ted *ted;
	struct analysis a;
};

static void
add_link(struct network *net, uint64_t *state, unsigned from, unsigned to, int back)
{
	net->links[net->n_links++] =
	    (struct link){ from,
			   to,
			   back,
			   suite_below(state, 8) ? 1 + suite_below(state, 3) : 0,
			   suite_below(state, 4),
			   suite_below(state, 3) ? 0 : 1 + suite_below(state, 4) };
}

static void
make(struct network *net, uint64_t *state)
{
	unsigned edges;

	*net = (struct network){ .n = 1 + suite_below(state, NODES) };
	edges = suite_below(state, net->n + 5);
	for (unsigned i = 0; i < net->n; i++) {
		net->site[i] = suite_below(state, 2) ? 0 : 1 + suite_below(state, 3);
		net->node_srlg[i] = suite_below(state, 8) ? 0 : 1 + suite_below(state, 4);
		net->overload[i] = suite_below(state, 16) == 0;
	}
	for (unsigned i = 0; net->n > 1 && i < edges; i++) {
		unsigned a = suite_below(state, net->n);
		unsigned b = (a + 1 + suite_below(state, net->n - 1)) % net->n;
		unsigned kind = suite_below(state, 8);

		add_link(net, state, a, b, kind > 1 ? (int)net->n_links + 1 : -1);
		if (kind > 0)
			add_link(net, state, b, a, kind > 1 ? (int)net->n_links - 1 : -1);
	}
}

/* As YAML, with the links turned round by from: rows must not matter. */
static void
load(struct network *net, unsigned turn, struct ted **out)
{
	struct codec_topology t = { 0 };
	const struct ted_change *changes;
	struct text yaml = { 0 };
	struct pce_error err = { 0 };
	size_t n;

	text_add(&yaml, "topology:\n  node:\n");
	for (unsigned k = 0; k < net->n; k++) {
		unsigned i = (k + turn) % net->n;

		text_printf(&yaml, "  - name: n%u\n", i);
		if (net->site[i])
			text_printf(&yaml, "    site: s%u\n", net->site[i]);
		if (net->node_srlg[i])
			text_printf(&yaml, "    srlg: [%u]\n", net->node_srlg[i]);
		if (net->overload[i])
			text_add(&yaml, "    overload: true\n");
	}
	text_add(&yaml, net->n_links ? "  link:\n" : "");
	for (unsigned k = 0; k < net->n_links; k++) {
		unsigned i = (k + turn) % net->n_links;
		const struct link *l = &net->links[i];

		text_printf(&yaml,
			    "  - name: l%u\n    from: n%u\n    to: n%u\n    igp-metric: %u\n"
			    "    delay-us: %u\n    local-id: %u\n",
			    i, l->from, l->to, l->metric, l->delay, i + 1);
		if (l->srlg)
			text_printf(&yaml, "    srlg: [%u]\n", l->srlg);
		if (l->back >= 0)
			text_printf(&yaml, "    reverse: l%d\n", l->back);
	}
	ck_assert_msg(import_topology(codec, text_get(&yaml), yaml.len, NULL, &t, &err) == PCE_OK,
		      "%s", err.text);
	ck_assert_int_eq(ted_new(out, turn, &err), PCE_OK);
	ck_assert_int_eq(
	    ted_apply(*out, (struct ted_source){ TED_SOURCE_FILE, 0 }, t.deltas, t.n, &err),
	    PCE_OK);
	ck_assert_int_eq(ted_settle(*out, &changes, &n, &err), PCE_OK);
	codec_topology_free(&t);
	text_free(&yaml);
}

static unsigned
number(const char *name)
{
	return (unsigned)strtoul(name + 1, NULL, 10);
}

static unsigned
link_number(const struct network *net, ted_link link)
{
	return number(ted_link_at(net->ted, link)->name);
}

static unsigned
node_number(const struct network *net, ted_node node)
{
	return number(ted_node_at(net->ted, node)->name);
}

/* --- What is left when links and nodes are out --- */

struct left {
	bool link_out[LINKS], node_out[NODES];
	unsigned part[NODES]; /* lowest node that it is connected with */
};

static void
connect(const struct network *net, struct left *left)
{
	bool changed = true;

	for (unsigned i = 0; i < net->n; i++)
		left->part[i] = i;
	while (changed) {
		changed = false;
		for (unsigned i = 0; i < net->n_links; i++) {
			unsigned a = net->links[i].from, b = net->links[i].to;
			unsigned *pa = &left->part[a], *pb = &left->part[b];

			if (left->link_out[i] || left->node_out[a] || left->node_out[b] ||
			    *pa == *pb)
				continue;
			*pa = *pb = *pa < *pb ? *pa : *pb;
			changed = true;
		}
	}
}

/* Nodes outside of the largest piece of what was one island, and pieces of islands that split. */
static unsigned
cut_off(const struct network *net, struct left *left, unsigned *pieces)
{
	struct left whole = { .part = { 0 } };
	unsigned lost = 0;

	*pieces = 0;
	connect(net, &whole);
	connect(net, left);
	for (unsigned island = 0; island < net->n; island++) {
		unsigned sizes[NODES] = { 0 }, all = 0, largest = 0, n = 0;

		for (unsigned i = 0; i < net->n; i++) {
			if (whole.part[i] != island || left->node_out[i])
				continue;
			n += sizes[left->part[i]]++ == 0;
			all++;
		}
		for (unsigned i = 0; i < net->n; i++)
			largest = sizes[i] > largest ? sizes[i] : largest;
		lost += all - largest;
		*pieces += n > 1 ? n : 0;
	}
	return lost;
}

static void
take_fibre(const struct network *net, uint32_t fibre, struct left *left)
{
	const struct analysis_fibre *f = &net->a.fibres[fibre];

	left->link_out[link_number(net, f->there)] = true;
	if (f->back != TED_NONE)
		left->link_out[link_number(net, f->back)] = true;
}

/* --- Checks --- */

static void
check_fibres(const struct network *net, unsigned seed)
{
	unsigned seen[LINKS] = { 0 }, one_way = 0;

	for (size_t i = 0; i < net->a.n_fibres; i++) {
		const struct analysis_fibre *f = &net->a.fibres[i];
		const struct link *there = &net->links[link_number(net, f->there)];

		seen[link_number(net, f->there)]++;
		one_way += f->back == TED_NONE;
		if (f->back == TED_NONE)
			continue;
		seen[link_number(net, f->back)]++;
		ck_assert_msg(net->links[link_number(net, f->back)].to == there->from &&
				  net->links[link_number(net, f->back)].from == there->to,
			      "seed %u: a fibre does not lead back", seed);
		ck_assert_msg(there->back < 0 || there->back == (int)link_number(net, f->back),
			      "seed %u: not its reverse", seed);
	}
	for (unsigned i = 0; i < net->n_links; i++)
		ck_assert_msg(seen[i] == 1, "seed %u: link %u is in %u fibres", seed, i, seen[i]);
	ck_assert_uint_eq(one_way, net->a.one_way);
}

static void
check_bridges(const struct network *net, bool *is_bridge, unsigned seed)
{
	size_t n = 0;
	unsigned pieces;

	for (uint32_t i = 0; i < net->a.n_fibres; i++) {
		struct left left = { .part = { 0 } };
		unsigned lost;

		take_fibre(net, i, &left);
		lost = cut_off(net, &left, &pieces);
		is_bridge[i] = lost > 0;
		if (!lost)
			continue;
		ck_assert_msg(n < net->a.n_bridges && net->a.bridges[n].fibre == i &&
				  net->a.bridges[n].cut_off == lost,
			      "seed %u: bridge %u cuts off %u", seed, i, lost);
		n++;
	}
	ck_assert_msg(n == net->a.n_bridges, "seed %u: %zu bridges, not %zu", seed, n,
		      net->a.n_bridges);
}

static bool
same_group(const struct network *net, uint32_t a, uint32_t b)
{
	for (size_t i = 0; i < net->a.n_groups; i++) {
		bool has_a = false, has_b = false;

		for (size_t k = 0; k < net->a.groups[i].n; k++) {
			has_a = has_a || net->a.groups[i].fibres[k] == a;
			has_b = has_b || net->a.groups[i].fibres[k] == b;
		}
		if (has_a && has_b)
			return true;
	}
	return false;
}

static unsigned
check_pairs(const struct network *net, const bool *is_bridge, unsigned seed)
{
	unsigned pieces, cuts = 0;

	for (uint32_t a = 0; a < net->a.n_fibres; a++) {
		for (uint32_t b = a + 1; b < net->a.n_fibres; b++) {
			struct left left = { .part = { 0 } };
			bool cut;

			take_fibre(net, a, &left);
			take_fibre(net, b, &left);
			cut = !is_bridge[a] && !is_bridge[b] && cut_off(net, &left, &pieces) > 0;
			cuts += cut;
			ck_assert_msg(cut == same_group(net, a, b),
				      "seed %u: fibres %u and %u %s the network", seed, a, b,
				      cut ? "cut" : "do not cut");
		}
	}
	return cuts;
}

static void
check_points(const struct network *net, unsigned seed)
{
	size_t n = 0;

	for (size_t i = 0; i < net->a.n_nodes; i++) {
		struct left left = { .part = { 0 } };
		unsigned lost, pieces;

		left.node_out[node_number(net, net->a.nodes[i])] = true;
		lost = cut_off(net, &left, &pieces);
		if (!lost)
			continue;
		ck_assert_msg(n < net->a.n_points && net->a.points[n].node == net->a.nodes[i] &&
				  net->a.points[n].cut_off == lost &&
				  net->a.points[n].pieces == pieces,
			      "seed %u: node %u cuts off %u in %u pieces", seed,
			      node_number(net, net->a.nodes[i]), lost, pieces);
		n++;
	}
	ck_assert_msg(n == net->a.n_points, "seed %u: %zu articulation points", seed, n);
}

/* SRLGs 1 to 4, then sites s1 to s3. */
static void
check_risks(const struct network *net, unsigned seed)
{
	size_t n = 0;

	for (unsigned risk = 1; risk <= 7; risk++) {
		bool site = risk > 4;
		struct left left = { .part = { 0 } };
		unsigned lost, pieces;

		for (unsigned i = 0; i < net->n; i++)
			left.node_out[i] =
			    site ? net->site[i] == risk - 4 : net->node_srlg[i] == risk;
		for (unsigned i = 0; !site && i < net->n_links; i++) {
			if (net->links[i].srlg != risk)
				continue;
			/* the fibre fails with either of its links */
			for (uint32_t k = 0; k < net->a.n_fibres; k++) {
				const struct analysis_fibre *f = &net->a.fibres[k];

				if (link_number(net, f->there) == i ||
				    (f->back != TED_NONE && link_number(net, f->back) == i))
					take_fibre(net, k, &left);
			}
		}
		lost = cut_off(net, &left, &pieces);
		if (!lost)
			continue;
		ck_assert_msg(n < net->a.n_risks && net->a.risks[n].site == site &&
				  (site ? number(net->a.risks[n].name) + 4
					: net->a.risks[n].number) == risk &&
				  net->a.risks[n].cut_off == lost &&
				  net->a.risks[n].pieces == pieces,
			      "seed %u: risk %u cuts off %u", seed, risk, lost);
		n++;
	}
	ck_assert_msg(n == net->a.n_risks, "seed %u: %zu risks split, not %zu", seed, n,
		      net->a.n_risks);
}

/* --- Paths --- */

#define FAR UINT64_MAX

/* Costs and links of the best paths of all pairs; overloaded nodes are no transit. */
static void
all_pairs(const struct network *net, bool delay, uint64_t cost[NODES][NODES])
{
	for (unsigned i = 0; i < net->n; i++)
		for (unsigned k = 0; k < net->n; k++)
			cost[i][k] = i == k ? 0 : FAR;
	for (unsigned s = 0; s < net->n; s++) {
		for (unsigned round = 0; round < net->n; round++) {
			for (unsigned i = 0; i < net->n_links; i++) {
				const struct link *l = &net->links[i];
				uint64_t weight =
				    ((uint64_t)(delay ? l->delay : l->metric) << 20) + 1;

				if (cost[s][l->from] == FAR ||
				    (l->from != s && net->overload[l->from]))
					continue;
				if (cost[s][l->from] + weight < cost[s][l->to])
					cost[s][l->to] = cost[s][l->from] + weight;
			}
		}
	}
}

static void
check_diameter(const struct network *net, unsigned seed)
{
	uint64_t cost[NODES][NODES], longest = 0, sum = 0;
	unsigned at;

	all_pairs(net, true, cost);
	for (unsigned i = 0; i < net->n; i++)
		for (unsigned k = 0; k < net->n; k++)
			if (cost[i][k] != FAR && cost[i][k] > longest)
				longest = cost[i][k];
	ck_assert_msg(net->a.has_diameter == (longest > 0), "seed %u", seed);
	if (!longest)
		return;
	ck_assert(net->a.diameter_exact);
	ck_assert_msg(net->a.diameter_us == longest >> 20 &&
			  net->a.diameter_hops == (longest & 0xfffff),
		      "seed %u: the diameter is %llu", seed, (unsigned long long)longest);
	at = node_number(net, net->a.diameter_from);
	for (size_t i = 0; i < net->a.diameter_hops; i++) {
		const struct link *l = &net->links[link_number(net, net->a.diameter_path[i])];

		ck_assert_uint_eq(l->from, at);
		at = l->to;
		sum += l->delay;
	}
	ck_assert_uint_eq(at, node_number(net, net->a.diameter_to));
	ck_assert_uint_eq(sum, net->a.diameter_us);
}

/* Number of best paths from s to each node, by links from t backwards: plain recursion. */
static double
count_paths(const struct network *net, uint64_t cost[NODES][NODES], bool zero, unsigned s,
	    unsigned t, int link)
{
	double n = 0;

	if (s == t)
		return link < 0;
	for (unsigned i = 0; i < net->n_links; i++) {
		const struct link *l = &net->links[i];
		uint64_t weight = zero ? ((uint64_t)l->metric << 20) + 1 : l->metric;

		if (l->to != t || cost[s][l->from] == FAR ||
		    (l->from != s && net->overload[l->from]) ||
		    cost[s][l->from] + weight != cost[s][t])
			continue;
		if ((int)i == link)
			n += count_paths(net, cost, zero, s, l->from, -1);
		else
			n += count_paths(net, cost, zero, s, l->from, link);
	}
	return n;
}

static void
check_betweenness(const struct network *net, unsigned seed)
{
	uint64_t cost[NODES][NODES];
	double links[LINKS] = { 0 }, nodes[NODES] = { 0 }, pairs = 0;
	bool zero = false;

	for (unsigned i = 0; i < net->n_links; i++)
		zero = zero || net->links[i].metric == 0;
	all_pairs(net, false, cost);
	for (unsigned s = 0; !zero && s < net->n; s++)
		for (unsigned t = 0; t < net->n; t++)
			cost[s][t] = cost[s][t] == FAR ? FAR : cost[s][t] >> 20;
	for (unsigned s = 0; s < net->n; s++) {
		for (unsigned t = 0; t < net->n; t++) {
			double all;

			if (s == t || cost[s][t] == FAR)
				continue;
			pairs++;
			all = count_paths(net, cost, zero, s, t, -1);
			for (unsigned i = 0; i < net->n_links; i++) {
				double part = count_paths(net, cost, zero, s, t, (int)i) / all;

				links[i] += part;
				if (net->links[i].to != t)
					nodes[net->links[i].to] += part;
			}
		}
	}
	ck_assert_msg(fabs(pairs - net->a.pairs) < 1e-6, "seed %u: %f pairs", seed, pairs);
	for (uint32_t i = 0; i < ted_link_count(net->ted); i++)
		ck_assert_msg(fabs(links[link_number(net, i)] - net->a.link_pairs[i]) < 1e-6,
			      "seed %u: link %u carries %f, not %f", seed, link_number(net, i),
			      links[link_number(net, i)], net->a.link_pairs[i]);
	for (uint32_t i = 0; i < ted_node_count(net->ted); i++)
		ck_assert_msg(fabs(nodes[node_number(net, i)] - net->a.node_pairs[i]) < 1e-6,
			      "seed %u: node %u carries %f, not %f", seed, node_number(net, i),
			      nodes[node_number(net, i)], net->a.node_pairs[i]);
}

static void
release(struct network *net)
{
	analysis_free(&net->a);
	ted_free(net->ted);
}

static unsigned
islands(const struct network *net)
{
	struct left whole = { .part = { 0 } };
	unsigned n = 0;

	connect(net, &whole);
	for (unsigned i = 0; i < net->n; i++)
		n += whole.part[i] == i;
	return n;
}

START_TEST(analysis_is_what_removal_shows)
{
	unsigned bridges = 0, cuts = 0, risks = 0, points = 0, seeds = suite_seeds();

	for (unsigned seed = 0; seed < seeds; seed++) {
		bool is_bridge[LINKS];
		uint64_t state = seed;
		struct pce_error err = { 0 };
		struct network net;

		make(&net, &state);
		load(&net, seed % 3, &net.ted);
		ck_assert_msg(analysis_make(net.ted, 0, &net.a, &err) == PCE_OK, "seed %u: %s",
			      seed, err.text);
		ck_assert_uint_eq(net.a.islands, islands(&net));
		check_fibres(&net, seed);
		check_bridges(&net, is_bridge, seed);
		cuts += check_pairs(&net, is_bridge, seed) > 0;
		check_points(&net, seed);
		check_risks(&net, seed);
		check_diameter(&net, seed);
		check_betweenness(&net, seed);
		bridges += net.a.n_bridges > 0;
		points += net.a.n_points > 0;
		risks += net.a.n_risks > 0;
		release(&net);
	}
	printf(
	    "of %u networks %u have bridges, %u articulation points, %u two-edge cuts, %u risks\n",
	    seeds, bridges, points, cuts, risks);
	ck_assert(bridges > seeds / 10 && points > seeds / 10 && cuts > seeds / 10 &&
		  risks > seeds / 10);
}
END_TEST

/* The same network in another order of arrival: the same answer, by names. */
START_TEST(analysis_does_not_depend_on_rows)
{
	for (unsigned seed = 0; seed < suite_seeds(); seed++) {
		uint64_t state = seed;
		struct pce_error err = { 0 };
		struct network one, two;

		make(&one, &state);
		two = one;
		load(&one, 0, &one.ted);
		load(&two, 1 + seed % 5, &two.ted);
		ck_assert_int_eq(analysis_make(one.ted, 0, &one.a, &err), PCE_OK);
		ck_assert_int_eq(analysis_make(two.ted, 0, &two.a, &err), PCE_OK);
		ck_assert_uint_eq(one.a.n_fibres, two.a.n_fibres);
		for (size_t i = 0; i < one.a.n_fibres; i++)
			ck_assert_uint_eq(link_number(&one, one.a.fibres[i].there),
					  link_number(&two, two.a.fibres[i].there));
		ck_assert_uint_eq(one.a.n_groups, two.a.n_groups);
		for (size_t i = 0; i < one.a.n_groups; i++)
			ck_assert_uint_eq(one.a.groups[i].fibres[0], two.a.groups[i].fibres[0]);
		ck_assert_uint_eq(one.a.diameter_hops, two.a.diameter_hops);
		for (size_t i = 0; i < one.a.diameter_hops; i++)
			ck_assert_uint_eq(link_number(&one, one.a.diameter_path[i]),
					  link_number(&two, two.a.diameter_path[i]));
		release(&one);
		release(&two);
	}
}
END_TEST

/* A long line and a long ring: no recursion, no quadratic lists. */
START_TEST(analysis_of_long_chains_ends)
{
	for (unsigned ring = 0; ring < 2; ring++) {
		struct text csv = { 0 };
		struct codec_topology t = { 0 };
		const struct ted_change *changes;
		struct analysis a = { .n_nodes = 0 };
		struct pce_error err = { 0 };
		struct ted *ted = NULL;
		unsigned n = 3000;
		size_t changed;

		text_add(&csv, "from,to,directed,delay-us\n");
		for (unsigned i = 0; i + 1 < n + ring; i++)
			text_printf(&csv, "n%u,n%u,false,1\n", i, (i + 1) % n);
		ck_assert_int_eq(import_topology(codec, text_get(&csv), csv.len, NULL, &t, &err),
				 PCE_OK);
		ck_assert_int_eq(ted_new(&ted, 0, &err), PCE_OK);
		ck_assert_int_eq(
		    ted_apply(ted, (struct ted_source){ TED_SOURCE_FILE, 0 }, t.deltas, t.n, &err),
		    PCE_OK);
		ck_assert_int_eq(ted_settle(ted, &changes, &changed, &err), PCE_OK);
		ck_assert_int_eq(analysis_make(ted, 50, &a, &err), PCE_OK);
		ck_assert_uint_eq(a.n_bridges, ring ? 0 : n - 1);
		ck_assert_uint_eq(a.n_points, ring ? 0 : n - 2);
		ck_assert_uint_eq(a.n_groups, ring);
		ck_assert(!ring || a.groups[0].n == n);
		ck_assert_uint_eq(a.sources, 50);
		ck_assert(fabs(a.pairs - (double)n * (n - 1)) < 1);
		ck_assert(ring || (a.diameter_exact && a.diameter_us == n - 1));
		ck_assert(a.diameter_us >= (ring ? n / 2 : n - 1));
		analysis_free(&a);
		ted_free(ted);
		codec_topology_free(&t);
		text_free(&csv);
	}
}
END_TEST

START_TEST(analysis_of_nothing_is_empty)
{
	const struct ted_change *changes;
	struct analysis a = { .n_nodes = 0 };
	struct pce_error err = { 0 };
	struct ted *ted = NULL;
	size_t n;

	ck_assert_int_eq(ted_new(&ted, 0, &err), PCE_OK);
	ck_assert_int_eq(ted_settle(ted, &changes, &n, &err), PCE_OK);
	ck_assert_int_eq(analysis_make(ted, 0, &a, &err), PCE_OK);
	ck_assert_uint_eq(a.n_nodes + a.n_fibres + a.islands + a.n_bridges + a.n_groups, 0);
	ck_assert(!a.has_diameter);
	analysis_free(&a);
	ted_free(ted);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("analyse");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, analysis_is_what_removal_shows);
	tcase_add_test(tc, analysis_does_not_depend_on_rows);
	tcase_add_test(tc, analysis_of_long_chains_ends);
	tcase_add_test(tc, analysis_of_nothing_is_empty);
	return suite_run("models/analyse", tc, 120);
}
