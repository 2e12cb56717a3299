/*
 * Path queries on a large network: Karst's engine, and igraph beside it on the same queries in the
 * same run. Reads the topology format of the peers' harness. Usage: bench_path FILE [QUERIES]
 */
#include <igraph/igraph.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "pce/path/path.h"

#define MAGIC 0x314e4554u
#define N_COLUMNS 10

enum { SRC, DST, IGP, TE, DELAY, BW, RESV, AVAIL_COST, AFFINITY, REVERSE };

struct net {
	uint32_t n, m, n_queries;
	uint32_t *column[N_COLUMNS];
	uint32_t *query[5]; /* from, to, floor, excluded affinity, delay bound */
	double *available;
};

static void
stop(const char *what)
{
	fprintf(stderr, "bench_path: %s\n", what);
	exit(1);
}

static void *
take(FILE *f, size_t n, size_t size)
{
	void *at = malloc(n * size + 1);

	if (!at || fread(at, size, n, f) != n)
		stop("the file is too short");
	return at;
}

static void
net_read(struct net *net, const char *name)
{
	FILE *f = fopen(name, "rb");
	uint32_t head[5];

	if (!f || fread(head, 4, 5, f) != 5 || head[0] != MAGIC)
		stop("no topology file of the harness");
	net->n = head[1];
	net->m = head[2];
	net->n_queries = head[3];
	for (unsigned i = 0; i < N_COLUMNS; i++)
		net->column[i] = take(f, net->m, 4);
	net->available = take(f, net->m, 8);
	for (unsigned i = 0; i < 5; i++)
		net->query[i] = take(f, net->n_queries, 4);
	fclose(f);
}

static struct ted_node_key
key_of(uint32_t node)
{
	struct ted_node_key k = { .protocol = TED_PROTOCOL_ISIS_L2, .router_id_len = 6 };

	for (unsigned i = 0; i < 4; i++)
		k.router_id[5 - i] = (uint8_t)((node + 1) >> (8 * i));
	return k;
}

static void
say(struct ted *ted, const struct ted_delta *d)
{
	struct pce_error err = { 0 };

	if (ted_apply(ted, (struct ted_source){ TED_SOURCE_FILE, 1 }, d, 1, &err))
		stop(err.text);
}

static struct ted *
build(const struct net *net)
{
	struct ted *ted = NULL;
	struct pce_error err = { 0 };
	const struct ted_change *changes;
	size_t n;

	if (ted_new(&ted, 1, &err))
		stop(err.text);
	for (uint32_t i = 0; i < net->n; i++) {
		struct ted_delta d = { .object = TED_OBJECT_NODE, .key.node = key_of(i) };

		say(ted, &d);
	}
	for (uint32_t i = 0; i < net->m; i++) {
		struct ted_delta d = { .object = TED_OBJECT_LINK };
		struct ted_link_attr *a = &d.attr.link;

		d.key.link.local = key_of(net->column[SRC][i]);
		d.key.link.remote = key_of(net->column[DST][i]);
		d.key.link.has_ids = true;
		d.key.link.local_id = i + 1;
		a->present = TED_LINK_IGP_METRIC | TED_LINK_TE_METRIC | TED_LINK_DELAY |
			     TED_LINK_START_RESIDUAL | TED_LINK_AFFINITY | TED_LINK_AVAILABILITY;
		a->igp_metric = net->column[IGP][i];
		a->te_metric = net->column[TE][i];
		a->delay_us = net->column[DELAY][i];
		a->start_residual_bps = net->column[BW][i];
		a->affinity = &net->column[AFFINITY][i];
		a->n_affinity = 1;
		a->unavailability_ppt = (uint64_t)((1 - net->available[i]) * 1e12 + 0.5);
		say(ted, &d);
	}
	if (ted_settle(ted, &changes, &n, &err))
		stop(err.text);
	return ted;
}

static double
now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static int
compare_doubles(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

static void
report(const char *what, const char *who, double *us, uint32_t n, double sum)
{
	qsort(us, n, sizeof(*us), compare_doubles);
	printf("%-16s %-8s median %10.1f us  p90 %10.1f us  sum %.0f\n", what, who, us[n / 2],
	       us[n * 9 / 10], sum);
	fflush(stdout);
}

struct kind {
	const char *name;
	enum path_objective objective;
	bool prune, bounded;
	enum path_disjoint disjoint;
	uint32_t k;
};

static double
sum_of(const struct path_answer *a, const struct kind *kind)
{
	double sum = 0;

	for (size_t i = 0; i < a->n_routes; i++) {
		const struct path_route *r = &a->routes[i];

		sum += kind->objective == PATH_TE          ? (double)r->te_metric
		       : kind->objective == PATH_IGP       ? (double)r->igp_metric
		       : kind->objective == PATH_BANDWIDTH ? (double)r->residual_bps
							   : (double)r->unavailability_ppt;
	}
	return sum;
}

/* A quarter more than the least delay. */
static uint64_t
delay_bound(struct path_engine *engine, const struct path_request *r)
{
	struct path_request fastest = path_request_init(r->from, r->to, PATH_DELAY);
	struct path_answer answer = { .n_routes = 0 };
	uint64_t bound;

	if (path_compute(engine, &fastest, &answer, NULL) || answer.n_routes == 0)
		stop("no path");
	bound = answer.routes[0].delay_us + answer.routes[0].delay_us / 4;
	path_answer_free(&answer);
	return bound;
}

static void
run_kind(struct path_engine *engine, const struct net *net, const struct kind *kind,
	 uint32_t queries, const uint32_t *row)
{
	double *us = malloc(queries * sizeof(*us)), sum = 0;

	for (uint32_t i = 0; i < queries; i++) {
		struct path_request r = path_request_init(row[net->query[0][i]],
							  row[net->query[1][i]], kind->objective);
		struct path_answer answer = { .n_routes = 0 };
		struct pce_error err = { 0 };
		double start;

		if (kind->prune) {
			r.bandwidth_bps = net->query[2][i];
			r.exclude_any.words = &net->query[3][i];
			r.exclude_any.n = 1;
		}
		if (kind->bounded)
			r.max_delay_us = delay_bound(engine, &r);
		r.disjoint = kind->disjoint;
		r.k = kind->k;
		start = now_us();
		if (path_compute(engine, &r, &answer, &err))
			stop(err.text);
		us[i] = now_us() - start;
		sum += sum_of(&answer, kind);
		path_answer_free(&answer);
	}
	report(kind->name, "karst", us, queries, sum);
	free(us);
}

static void
run_igraph(const struct net *net, uint32_t queries)
{
	igraph_t graph;
	igraph_vector_int_t edges, path;
	igraph_vector_t weights;
	double *us = malloc(queries * sizeof(*us)), sum = 0;

	igraph_vector_int_init(&edges, 2 * (igraph_integer_t)net->m);
	igraph_vector_init(&weights, net->m);
	igraph_vector_int_init(&path, 0);
	for (uint32_t i = 0; i < net->m; i++) {
		VECTOR(edges)[2 * i] = net->column[SRC][i];
		VECTOR(edges)[2 * i + 1] = net->column[DST][i];
		VECTOR(weights)[i] = net->column[IGP][i];
	}
	igraph_create(&graph, &edges, net->n, IGRAPH_DIRECTED);
	for (uint32_t i = 0; i < queries; i++) {
		double start = now_us();

		igraph_get_shortest_path_dijkstra(&graph, NULL, &path, net->query[0][i],
						  net->query[1][i], &weights, IGRAPH_OUT);
		us[i] = now_us() - start;
		for (igraph_integer_t j = 0; j < igraph_vector_int_size(&path); j++)
			sum += VECTOR(weights)[VECTOR(path)[j]];
	}
	report("point-to-point", "igraph", us, queries, sum);
	igraph_vector_int_destroy(&edges);
	igraph_vector_int_destroy(&path);
	igraph_vector_destroy(&weights);
	igraph_destroy(&graph);
	free(us);
}

int
main(int argc, char **argv)
{
	static const struct kind kinds[] = {
		{ "point-to-point", PATH_IGP, false, false, PATH_DISJOINT_NONE, 0 },
		{ "pruned te", PATH_TE, true, false, PATH_DISJOINT_NONE, 0 },
		{ "widest", PATH_BANDWIDTH, false, false, PATH_DISJOINT_NONE, 0 },
		{ "available", PATH_AVAILABILITY, false, false, PATH_DISJOINT_NONE, 0 },
		{ "bounded", PATH_TE, false, true, PATH_DISJOINT_NONE, 0 },
		{ "k-best", PATH_IGP, false, false, PATH_DISJOINT_NONE, 8 },
		{ "disjoint", PATH_IGP, false, false, PATH_DISJOINT_LINK, 0 },
	};
	struct net net;
	struct ted *ted;
	struct path_engine *engine = NULL;
	struct pce_error err = { 0 };
	uint32_t queries, *row;
	double start;

	if (argc < 2)
		stop("usage: bench_path FILE [QUERIES]");
	net_read(&net, argv[1]);
	queries = argc > 2 ? (uint32_t)strtoul(argv[2], NULL, 10) : net.n_queries;
	if (queries > net.n_queries || queries == 0)
		queries = net.n_queries;
	ted = build(&net);
	row = calloc(net.n + 1, sizeof(*row));
	for (uint32_t i = 0; i < net.m; i++) { /* links were said in order: row i is link i */
		row[net.column[SRC][i]] = ted_link_at(ted, i)->from;
		row[net.column[DST][i]] = ted_link_at(ted, i)->to;
	}
	start = now_us();
	if (path_engine_new(ted, &engine, &err))
		stop(err.text);
	printf("%u nodes, %u links; engine made in %.1f ms\n", net.n, net.m,
	       (now_us() - start) / 1e3);
	run_igraph(&net, queries);
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		run_kind(engine, &net, &kinds[i], queries, row);
	path_engine_free(engine);
	ted_free(ted);
	free(row);
	return 0;
}
