/*
 * Batches of requests on one and two threads, beside the same requests one by one.
 *
 *   bench_path_batch NETWORK REQUESTS
 *
 *   mixed   paths between any two access nodes, a third each by IGP metric with bandwidth and
 *           affinity, widest, and most available
 *   hubs    by IGP metric from any access node to one of four
 *
 * Prints `fact NAME FIGURE UNIT` with thousands of requests a second, the best of three runs, and
 * how much faster the second thread makes it. Every answer's route is compared with that of
 * path_compute alone.
 */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "pce/path/batch.h"
#include "tests/bench/path/build.h"
#include "tests/bench/path/measure.h"

#define RUNS 3
#define LARGE 50000u /* nodes: from here on one run, and fewer mixed requests */
#define MIXED_LARGE 300u
#define HUBS 4
#define THREADS_MAX 2

struct bench {
	const struct network *net;
	struct ted *ted;
	uint32_t *row;
	struct path_engine *engine;
	struct path_request *requests;
	struct path_batch_result *results, *alone;
	uint32_t n, room;
};

struct worker {
	pthread_t thread;
	struct ted *ted;
	struct path_engine *engine;
	struct path_batch *batch;
	struct path_batch_result *results;
	double cpu_us;
};

static void *
work(void *arg)
{
	struct worker *w = arg;
	struct instant start = measure_now();

	path_batch_answer(w->batch, w->engine, w->results);
	w->cpu_us = measure_cpu_since(start);
	return NULL;
}

static void
draw_mixed(struct bench *b)
{
	static const enum query_kind kinds[] = { QUERY_POINT, QUERY_WIDEST, QUERY_AVAILABLE };
	static const enum path_objective objectives[] = { PATH_IGP, PATH_BANDWIDTH,
							  PATH_AVAILABILITY };

	uint32_t most = b->net->n_nodes > LARGE ? MIXED_LARGE / 3 : b->room;

	b->n = 0;
	for (unsigned k = 0; k < 3; k++)
		for (uint32_t i = 0; i < b->net->n_queries[kinds[k]] && b->n < b->room && i < most;
		     i++) {
			const struct network_query *q = &b->net->queries[kinds[k]][i];
			struct path_request *r = &b->requests[b->n++];

			*r = path_request_init(b->row[q->from], b->row[q->to], objectives[k]);
			r->bandwidth_bps = q->floor_kbps * (uint64_t)1000;
			r->exclude_any.words = &q->exclude;
			r->exclude_any.n = 1;
		}
}

/* Each end of the questions once as a source. */
static void
draw_hubs(struct bench *b)
{
	uint8_t *seen = calloc((size_t)b->net->n_nodes + 1, 1);
	const struct network_query *list = b->net->queries[QUERY_WIDEST];

	b->n = 0;
	for (unsigned k = 0; seen && k < QUERY_UPDATE; k++)
		for (uint32_t i = 0; i < b->net->n_queries[k]; i++) {
			uint32_t from = b->net->queries[k][i].from, to = list[b->n % HUBS].to;

			if (seen[from] || from == to || b->n == b->room)
				continue;
			seen[from] = 1;
			b->requests[b->n++] = path_request_init(b->row[from], b->row[to], PATH_IGP);
		}
	free(seen);
}

static double
one_by_one(struct bench *b)
{
	struct instant start = measure_now();

	for (uint32_t i = 0; i < b->n; i++)
		must(path_compute(b->engine, &b->requests[i], &b->alone[i].answer,
				  &b->alone[i].error),
		     &b->alone[i].error);
	return measure_since(start);
}

/* The smaller one of wall clock and the busiest thread's CPU clock; what is done before threads
 * start belongs to all of them. */
static double
together(struct bench *b, unsigned threads)
{
	struct worker workers[THREADS_MAX];
	struct path_batch *batch = NULL;
	struct instant start = measure_now();
	struct pce_error err = { 0 };
	double before_us, busiest_us = 0, wall_us;

	must(path_batch_new(b->requests, b->n, b->net->n_nodes, 0, &batch, &err), &err);
	for (unsigned i = 0; i < threads; i++) {
		workers[i] = (struct worker){ .batch = batch, .results = b->results };
		must(ted_fork(b->ted, &workers[i].ted, &err), &err);
		must(path_engine_fork(b->engine, workers[i].ted, &workers[i].engine, &err), &err);
	}
	before_us = measure_cpu_since(start);
	for (unsigned i = 1; i < threads; i++)
		if (pthread_create(&workers[i].thread, NULL, work, &workers[i]))
			exit(1);
	work(&workers[0]);
	for (unsigned i = 1; i < threads; i++)
		pthread_join(workers[i].thread, NULL);
	wall_us = measure_wall_since(start);
	for (unsigned i = 0; i < threads; i++) {
		busiest_us = workers[i].cpu_us > busiest_us ? workers[i].cpu_us : busiest_us;
		path_engine_free(workers[i].engine);
		ted_free(workers[i].ted);
	}
	path_batch_free(batch);
	return wall_us < before_us + busiest_us ? wall_us : before_us + busiest_us;
}

static void
compare(const struct bench *b, const char *name)
{
	for (uint32_t i = 0; i < b->n; i++) {
		const struct path_answer *x = &b->alone[i].answer, *y = &b->results[i].answer;
		bool same = x->n_routes == y->n_routes;

		for (size_t r = 0; same && r < x->n_routes; r++)
			same = x->routes[r].n_links == y->routes[r].n_links &&
			       memcmp(x->routes[r].links, y->routes[r].links,
				      x->routes[r].n_links * sizeof(uint32_t)) == 0;
		if (same)
			continue;
		fprintf(stderr, "bench path: %s: request %u has another answer in the batch\n",
			name, i);
		exit(1);
	}
}

static void
fact(const char *name, const char *what, double figure, const char *unit)
{
	char text[64];

	snprintf(text, sizeof(text), "batch-%s-%s", name, what);
	measure_fact(text, figure, unit);
}

static void
run(struct bench *b, const char *name)
{
	double alone = 1e30, least[THREADS_MAX + 1] = { 0, 1e30, 1e30 }, us;

	for (unsigned i = 0; i < (b->net->n_nodes > LARGE ? 1 : RUNS); i++) {
		us = one_by_one(b);
		alone = us < alone ? us : alone;
		for (unsigned threads = 1; threads <= THREADS_MAX; threads++) {
			us = together(b, threads);
			least[threads] = us < least[threads] ? us : least[threads];
			compare(b, name);
			path_batch_results_free(b->results, b->n);
		}
		path_batch_results_free(b->alone, b->n);
	}
	fact(name, "requests", b->n, "requests");
	fact(name, "alone", b->n / alone * 1e3, "k/s");
	fact(name, "1-thread", b->n / least[1] * 1e3, "k/s");
	fact(name, "2-threads", b->n / least[2] * 1e3, "k/s");
	fact(name, "speed-up", least[1] / least[2], "x");
}

int
main(int argc, char **argv)
{
	struct network net = { .n_nodes = 0 };
	struct bench b = { .net = &net };
	struct pce_error err = { 0 };

	if (argc != 3) {
		fprintf(stderr, "usage: bench_path_batch NETWORK REQUESTS\n");
		return 2;
	}
	if (!network_load(&net, argv[1]))
		return 1;
	b.room = (uint32_t)strtoul(argv[2], NULL, 10);
	build_ted(&net, &b.ted, &b.row);
	must(path_engine_new(b.ted, &b.engine, &err), &err);
	b.requests = calloc((size_t)b.room + 1, sizeof(*b.requests));
	b.results = calloc((size_t)b.room + 1, sizeof(*b.results));
	b.alone = calloc((size_t)b.room + 1, sizeof(*b.alone));
	if (!b.requests || !b.results || !b.alone || !b.row)
		return 1;
	draw_mixed(&b);
	run(&b, "mixed");
	draw_hubs(&b);
	run(&b, "hubs");
	free(b.requests);
	free(b.results);
	free(b.alone);
	free(b.row);
	path_engine_free(b.engine);
	ted_free(b.ted);
	network_free(&net);
	return 0;
}
