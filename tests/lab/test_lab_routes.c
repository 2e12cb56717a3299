/*
 * The lab's own routing and its reading of segment lists, on random small networks: next hops
 * beside those of Floyd and Warshall's distances, with fibres cut, routers stopped and overloaded;
 * lists made of known stops, plain and in containers, which have to be read back, and the way back
 * of a probe, which has to name the same stops in reverse.
 */
#define _GNU_SOURCE /* mkstemp */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "pce/base/text.h"
#include "tests/lab/igp.h"
#include "tests/lab/lists.h"
#include "tests/lab/names.h"
#include "tests/support/suite.h"

#define NODES 9
#define FIBRES 16
#define FAR 1000000u

static struct pce_error err;
static struct lab_network net;

/* --- a random network, as a file --- */

struct shape {
	unsigned nodes, fibres;
	unsigned from[FIBRES], to[FIBRES], metric[2 * FIBRES];
	bool overload[NODES], compressed;
};

static void
put_node(struct text *out, const struct shape *s, unsigned n)
{
	text_printf(out,
		    "%s{\"name\":\"r %u\",\"overload\":%s,\"igp\":{\"protocol\":\"isis-l2\","
		    "\"asn\":1,\"router-id\":\"0000.0000.%04u\"},\"locator\":[{\"prefix\":"
		    "\"fcbb:bb00:%x::/48\"}],\"sid\":[{",
		    n > 0 ? "," : "", n, s->overload[n] ? "true" : "false", n + 1, n + 1);
	if (s->compressed)
		text_printf(out,
			    "\"sid\":\"fcbb:bb00:%x::\",\"behavior\":44,\"structure\":"
			    "{\"block-length\":32,\"node-length\":16,\"function-length\":0,"
			    "\"argument-length\":80}}]}",
			    n + 1);
	else
		text_printf(out, "\"sid\":\"fcbb:bb00:%x:1::\",\"behavior\":\"End\"}]}", n + 1);
}

static void
put_link(struct text *out, const struct shape *s, unsigned fibre, bool back)
{
	unsigned from = back ? s->to[fibre] : s->from[fibre];
	unsigned to = back ? s->from[fibre] : s->to[fibre], number = 2 * fibre + back;

	text_printf(
	    out,
	    "%s{\"name\":\"l%u\",\"from\":\"r %u\",\"to\":\"r %u\",\"reverse\":\"l%u\","
	    "\"local-address\":[\"2001:db8:%x::%u\"],\"remote-address\":[\"2001:db8:%x::%u\"],"
	    "\"igp-metric\":%u,\"endx\":[{",
	    number > 0 ? "," : "", number, from, to, 2 * fibre + !back, fibre + 1, back + 1,
	    fibre + 1, !back + 1, s->metric[number]);
	if (s->compressed)
		text_printf(out,
			    "\"sid\":\"fcbb:bb00:e%03x::\",\"behavior\":53,\"structure\":"
			    "{\"block-length\":32,\"node-length\":0,\"function-length\":16,"
			    "\"argument-length\":80}}]}",
			    number);
	else
		text_printf(out, "\"sid\":\"fcbb:bb00:%x:e%03x::\",\"behavior\":\"End.X\"}]}",
			    from + 1, number);
}

static void
random_shape(uint64_t *random, struct shape *s)
{
	s->nodes = 2 + suite_below(random, NODES - 1);
	s->fibres = 1 + suite_below(random, FIBRES);
	s->compressed = suite_below(random, 2);
	for (unsigned n = 0; n < s->nodes; n++)
		s->overload[n] = suite_below(random, 8) == 0;
	for (unsigned f = 0; f < s->fibres; f++) {
		s->from[f] = suite_below(random, s->nodes);
		s->to[f] = (s->from[f] + 1 + suite_below(random, s->nodes - 1)) % s->nodes;
		s->metric[2 * f] = 1 + suite_below(random, 3);
		s->metric[2 * f + 1] = 1 + suite_below(random, 3);
	}
}

static void
read_shape(const struct shape *s)
{
	char path[] = "/tmp/karst-routes-XXXXXX";
	int fd = mkstemp(path);
	struct text out = { 0 };

	text_add(&out, "{\"karst-topology:topology\":{\"node\":[");
	for (unsigned n = 0; n < s->nodes; n++)
		put_node(&out, s, n);
	text_add(&out, "],\"link\":[");
	for (unsigned f = 0; f < s->fibres; f++) {
		put_link(&out, s, f, false);
		put_link(&out, s, f, true);
	}
	text_add(&out, "]}}");
	ck_assert_int_eq(write(fd, text_get(&out), out.len), (ssize_t)out.len);
	close(fd);
	ck_assert_msg(lab_network_read(path, "t", &net, &err) == PCE_OK, "%s", err.text);
	unlink(path);
	text_free(&out);
}

/* --- routes --- */

/* Distances of Floyd and Warshall, in which an overloaded router is nobody's middle. */
static void
all_distances(unsigned d[NODES][NODES])
{
	for (unsigned a = 0; a < net.n_routers; a++)
		for (unsigned b = 0; b < net.n_routers; b++)
			d[a][b] = a == b ? 0 : FAR;
	for (uint32_t k = 0; k < net.n_links; k++) {
		const struct ted_link_row *l = net.links[k].row;

		if (!net.links[k].cut && !net.routers[l->from].stopped &&
		    !net.routers[l->to].stopped && l->igp_metric < d[l->from][l->to])
			d[l->from][l->to] = l->igp_metric;
	}
	for (unsigned m = 0; m < net.n_routers; m++)
		for (unsigned a = 0; a < net.n_routers; a++)
			for (unsigned b = 0; b < net.n_routers; b++)
				if (!net.routers[m].row->overload && d[a][m] + d[m][b] < d[a][b])
					d[a][b] = d[a][m] + d[m][b];
}

static bool
is_next_hop(unsigned d[NODES][NODES], uint32_t at, uint32_t to, uint32_t link)
{
	const struct ted_link_row *l = net.links[link].row;

	if (l->from != at || at == to || net.links[link].cut || net.routers[at].stopped ||
	    net.routers[l->to].stopped || d[at][to] >= FAR)
		return false;
	if (net.routers[l->to].row->overload && l->to != to)
		return false;
	return l->igp_metric + d[l->to][to] == d[at][to];
}

static void
check_routes(struct igp *igp, uint64_t seed)
{
	unsigned d[NODES][NODES];
	struct igp_route routes[NODES];

	all_distances(d);
	for (uint32_t to = 0; to < net.n_routers; to++) {
		ck_assert_int_eq(igp_compute(igp, to, routes, &err), PCE_OK);
		for (uint32_t at = 0; at < net.n_routers; at++) {
			uint16_t n = 0;

			for (uint32_t k = 0; k < net.n_links; k++) {
				bool there = false;

				for (uint16_t i = 0; i < routes[at].n; i++)
					there = there || routes[at].links[i] == k;
				ck_assert_msg(there == is_next_hop(d, at, to, k),
					      "seed %llu: link %u from %u to %u",
					      (unsigned long long)seed, k, at, to);
				n = (uint16_t)(n + there);
			}
			ck_assert_uint_eq(n, routes[at].n);
		}
	}
}

/* --- lists --- */

/* An entry of a list for a node or an adjacency, and the stops that it has. */
static size_t
put_entry(uint64_t *random, bool compressed, uint8_t sid[16], struct list_stop *stops)
{
	uint32_t link = suite_below(random, net.n_links), node = net.links[link].row->from;
	size_t others = compressed ? suite_below(random, 5) : 0, n = 0;

	if (suite_below(random, 2)) {
		node = suite_below(random, net.n_routers);
		link = LAB_NONE;
	}
	if (!compressed) {
		memcpy(sid,
		       link == LAB_NONE ? net.routers[node].row->sids[0].sid
					: net.links[link].row->sids[0].sid,
		       16);
		stops[0] = link == LAB_NONE ? (struct list_stop){ node, LAB_NONE }
					    : (struct list_stop){ LAB_NONE, link };
		return 1;
	}
	/* Some nodes, the one meant, and the local C-SID of its adjacency: up to six in all. */
	memcpy(sid, net.routers[0].row->sids[0].sid, 16);
	memset(sid + 4, 0, 12);
	for (size_t i = 0; i <= others; i++) {
		stops[n] =
		    (struct list_stop){ i < others ? suite_below(random, net.n_routers) : node,
					LAB_NONE };
		memcpy(sid + 4 + 2 * n, net.routers[stops[n].router].row->sids[0].sid + 4, 2);
		n++;
	}
	if (link != LAB_NONE) {
		stops[n] = (struct list_stop){ LAB_NONE, link };
		memcpy(sid + 4 + 2 * n, net.links[link].row->sids[0].sid + 4, 2);
		n++;
	}
	return n;
}

/* Without repetitions of a node, and without nodes that only lead to their own adjacency. */
static size_t
essence(struct list_stop *stops, size_t n)
{
	size_t kept = 0, led = 0;

	for (size_t i = 0; i < n; i++)
		if (kept == 0 || stops[i].link != LAB_NONE || stops[kept - 1].link != LAB_NONE ||
		    stops[kept - 1].router != stops[i].router)
			stops[kept++] = stops[i];
	for (size_t i = 0; i < kept; i++) {
		bool leads = i + 1 < kept && stops[i].link == LAB_NONE &&
			     stops[i + 1].link != LAB_NONE &&
			     net.links[stops[i + 1].link].row->from == stops[i].router;

		if (!leads)
			stops[led++] = stops[i];
	}
	return led;
}

static void
expect_reversed(struct list_stop *ahead, size_t n, struct list_stop *back, size_t n_back,
		unsigned seed)
{
	struct list_stop wanted[LIST_STOPS];
	size_t n_wanted = 0;

	for (size_t i = n; i-- > 0;) {
		if (i + 1 == n && ahead[i].link == LAB_NONE)
			continue;
		wanted[n_wanted] = ahead[i];
		if (ahead[i].link != LAB_NONE)
			wanted[n_wanted].link = net.links[ahead[i].link].reverse;
		n_wanted++;
	}
	n_wanted = essence(wanted, n_wanted);
	n_back = essence(back, n_back);
	ck_assert_msg(n_back == n_wanted, "seed %u: %zu stops, not %zu", seed, n_back, n_wanted);
	for (size_t i = 0; i < n_back; i++)
		ck_assert_msg(back[i].link == wanted[i].link && back[i].router == wanted[i].router,
			      "seed %u: stop %zu", seed, i);
}

static void
check_list(uint64_t *random, bool compressed, unsigned seed)
{
	struct list_stop made[LIST_STOPS], read[LIST_STOPS], back[LIST_STOPS];
	uint8_t sids[8][16], way[LIST_STOPS][16];
	size_t n = 1 + suite_below(random, 6), n_made = 0, n_read, n_way, n_back;
	uint32_t end;

	for (size_t i = 0; i < n; i++)
		n_made += put_entry(random, compressed, sids[i], made + n_made);
	ck_assert(list_stops(&net, 0, (const uint8_t(*)[16])sids, n, read, &n_read));
	ck_assert_msg(n_read == n_made && memcmp(read, made, n_made * sizeof *made) == 0,
		      "seed %u: the list is not read as it was made", seed);
	ck_assert(list_back(&net, read, n_read, way, LIST_STOPS, &n_way));
	end = read[n_read - 1].link != LAB_NONE ? net.links[read[n_read - 1].link].row->to
						: read[n_read - 1].router;
	ck_assert(list_stops(&net, end, (const uint8_t(*)[16])way, n_way, back, &n_back));
	expect_reversed(read, n_read, back, n_back, seed);
	memset(sids[n - 1], 0xee, 16);
	ck_assert(!list_stops(&net, 0, (const uint8_t(*)[16])sids, n, read, &n_read));
}

START_TEST(networks_are_routed_and_lists_read_as_oracles_say)
{
	for (unsigned seed = 0; seed < suite_seeds(); seed++) {
		uint64_t random = seed;
		struct shape s = { 0 };
		struct igp igp;

		random_shape(&random, &s);
		read_shape(&s);
		for (unsigned k = 0; k < 5; k++)
			check_list(&random, s.compressed, seed);
		ck_assert_int_eq(igp_new(&net, &igp, &err), PCE_OK);
		check_routes(&igp, seed);
		for (unsigned k = 0; k < 2; k++) {
			uint32_t link = suite_below(&random, net.n_links);

			net.links[link].cut = net.links[net.links[link].reverse].cut = true;
			check_routes(&igp, seed);
		}
		net.routers[suite_below(&random, net.n_routers)].stopped = true;
		check_routes(&igp, seed);
		igp_free(&igp);
		lab_network_free(&net);
	}
}
END_TEST

START_TEST(word_of_any_name_comes_back)
{
	static const char *const names[] = { "r1",        "New York", "100%",    "%20", "a\tb\nc",
					     "中山 核心", "~",        "a%zz b%", "" };

	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		char word[LAB_NAME_TEXT];

		lab_word(names[i], word, sizeof word);
		ck_assert_ptr_null(strpbrk(word, " \t\n"));
		lab_unword(word);
		ck_assert_str_eq(word, names[i]);
	}
}
END_TEST

int
main(void)
{
	TCase *t = tcase_create("routes");

	tcase_add_test(t, networks_are_routed_and_lists_read_as_oracles_say);
	tcase_add_test(t, word_of_any_name_comes_back);
	return suite_run("routes", t, 120);
}
