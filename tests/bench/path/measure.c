#define _GNU_SOURCE
#include "tests/bench/path/measure.h"

#include <inttypes.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define LEAST 3u /* questions, however long they take */

static double
clock_us(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec * 1e-3;
}

struct instant
measure_now(void)
{
	struct instant now;

	now.cpu_us = clock_us(CLOCK_THREAD_CPUTIME_ID);
	now.wall_us = clock_us(CLOCK_MONOTONIC);
	return now;
}

double
measure_wall_since(struct instant start)
{
	return clock_us(CLOCK_MONOTONIC) - start.wall_us;
}

double
measure_cpu_since(struct instant start)
{
	return clock_us(CLOCK_THREAD_CPUTIME_ID) - start.cpu_us;
}

double
measure_since(struct instant start)
{
	double wall = measure_wall_since(start), cpu = measure_cpu_since(start);

	return wall < cpu ? wall : cpu;
}

double
measure_heap(void)
{
	struct mallinfo2 info = mallinfo2();

	return (double)info.uordblks + (double)info.hblkhd;
}

void
measure_fact(const char *name, double figure, const char *unit)
{
	printf("fact %s %.2f %s\n", name, figure, unit);
	fflush(stdout);
}

static int
compare_doubles(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

static void
print_values(enum query_kind kind, double *us, uint32_t n, uint32_t of)
{
	double sum = 0;

	for (uint32_t i = 0; i < n; i++)
		sum += us[i];
	qsort(us, n, sizeof(*us), compare_doubles);
	if (kind == QUERY_N_1)
		printf("value %s %.4f - %u %u\n", query_name(kind), sum / n * of * 1e-3, n, of);
	else if (kind == QUERY_UPDATE) /* the mean: a stall now and then has to count */
		printf("value %s %.4f %.4f %u %u\n", query_name(kind), sum / n,
		       us[(size_t)n * 9 / 10], n, of);
	else
		printf("value %s %.4f %.4f %u %u\n", query_name(kind), us[n / 2],
		       us[(size_t)n * 9 / 10], n, of);
	fflush(stdout);
}

static void
print_cost(FILE *f, const struct cost *cost)
{
	if (cost->none)
		fprintf(f, "none\n");
	else if (cost->has_second)
		fprintf(f, "%" PRIu64 " %" PRIu64 "\n", cost->first, cost->second);
	else
		fprintf(f, "%" PRIu64 "\n", cost->first);
}

static void
prepare(const struct asked *asked, void *state, const struct network_query *q)
{
	if (asked->prepare)
		asked->prepare(state, q);
}

static void
measure(const struct network *net, enum query_kind kind, const struct asked *asked, void *state,
	double seconds, FILE *costs)
{
	uint32_t n = net->n_queries[kind], done = 0;
	uint32_t warm = n > 2 * N_WARM ? N_WARM : 0;
	double *us = calloc(n + 1, sizeof(*us));
	double start = clock_us(CLOCK_MONOTONIC);

	if (!us)
		exit(1);
	for (uint32_t i = 0; i < warm && clock_us(CLOCK_MONOTONIC) - start < seconds * 1e5; i++) {
		prepare(asked, state, &net->queries[kind][i]);
		asked->run(state, &net->queries[kind][i]);
	}
	start = clock_us(CLOCK_MONOTONIC);
	for (uint32_t i = warm; i < n; i++) {
		const struct network_query *q = &net->queries[kind][i];
		struct cost cost = { false, false, 0, 0 };
		struct instant now;

		prepare(asked, state, q);
		now = measure_now();
		asked->run(state, q);
		us[done++] = measure_since(now);
		asked->cost(state, q, &cost);
		print_cost(costs, &cost);
		if (done >= LEAST && clock_us(CLOCK_MONOTONIC) - start > seconds * 1e6)
			break;
	}
	print_values(kind, us, done, n - warm);
	free(us);
}

/* All questions in one go. */
static void
measure_all(const struct network *net, enum query_kind kind, const struct asked *asked, void *state,
	    FILE *costs)
{
	const struct network_query *q = net->queries[kind];
	uint32_t n = net->n_queries[kind], warm = n > 2 * N_WARM ? N_WARM : 0;
	struct instant start;
	double us;

	if (warm > 0)
		asked->run_all(state, q, warm);
	start = measure_now();
	asked->run_all(state, q + warm, n - warm);
	us = measure_since(start);
	for (uint32_t i = warm; i < n; i++) {
		struct cost cost = { false, false, 0, 0 };

		asked->cost(state, &q[i], &cost);
		print_cost(costs, &cost);
	}
	printf("value %s %.4f - %u %u\n", query_name(kind), us * 1e-3, n - warm, n - warm);
	fflush(stdout);
}

static bool
kind_of(const char *name, enum query_kind *kind)
{
	for (unsigned i = 0; i < QUERY_COUNT; i++) {
		*kind = (enum query_kind)i;
		if (strcmp(query_name(*kind), name) == 0)
			return true;
	}
	fprintf(stderr, "%s is no kind of question\n", name);
	return false;
}

static bool
measure_kind(const struct peer *peer, const struct network *net, void *state, char **argv,
	     const char *name)
{
	char file[4096];
	enum query_kind kind;
	FILE *costs;

	if (!kind_of(name, &kind))
		return false;
	if (!peer->asked[kind].cost || net->n_queries[kind] == 0)
		return true;
	snprintf(file, sizeof(file), "%s/%s.%s", argv[2], name, peer->name);
	costs = fopen(file, "w");
	if (!costs) {
		perror(file);
		return false;
	}
	if (peer->asked[kind].run_all)
		measure_all(net, kind, &peer->asked[kind], state, costs);
	else
		measure(net, kind, &peer->asked[kind], state, strtod(argv[3], NULL), costs);
	return fclose(costs) == 0;
}

int
measure_main(int argc, char **argv, const struct peer *peer)
{
	struct network net = { .n_nodes = 0 };
	bool good = true;
	void *state;

	if (argc < 5) {
		fprintf(stderr, "usage: %s NETWORK FOLDER SECONDS KIND...\n", argv[0]);
		return 2;
	}
	if (!network_load(&net, argv[1]))
		return 1;
	state = peer->open(&net);
	for (int i = 4; good && i < argc; i++)
		good = measure_kind(peer, &net, state, argv, argv[i]);
	peer->close(state);
	network_free(&net);
	return good ? 0 : 1;
}
