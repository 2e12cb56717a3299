/* Karst's engine, by what everybody else has of it too: path_compute and its relatives. */
#include <malloc.h>
#include <stdlib.h>

#include "pce/path/engine.h"
#include "pce/path/forest.h"
#include "pce/path/sweep.h"
#include "pce/path/tree.h"
#include "tests/bench/path/build.h"
#include "tests/bench/path/measure.h"

/* By how much the failure of each fibre makes a policy worse, in all: this does not depend on which
 * of several equally good paths is taken. */
struct policy {
	uint64_t worse, cut_off;
};

struct karst {
	const struct network *net;
	struct ted *ted;
	struct path_engine *engine;
	uint32_t *row; /* of a node; row and number of a link are equal */
	struct path_answer answer;
	struct policy *policies; /* n-1 */
	size_t first_policy; /* of the sweep */
	uint32_t n_updates;
	const struct ted_change *changes;
	size_t n_changes;
	double heap; /* before the engine */
	struct path_tree *tree;
};

/* A fork for a worker: of the database, and of the engine with it. */
static void
time_forks(struct karst *k)
{
	struct pce_error err = { 0 };
	double least_ted = 1e30, least = 1e30;

	for (unsigned i = 0; i < 5; i++) {
		struct ted *fork = NULL;
		struct path_engine *engine = NULL;
		struct instant start = measure_now();
		double us;

		must(ted_fork(k->ted, &fork, &err), &err);
		us = measure_since(start);
		least_ted = us < least_ted ? us : least_ted;
		must(path_engine_fork(k->engine, fork, &engine, &err), &err);
		us = measure_since(start);
		least = us < least ? us : least;
		path_engine_free(engine);
		ted_free(fork);
	}
	measure_fact("fork", least, "us");
	measure_fact("of-it-database", least_ted, "us");
}

static void *
karst_open(const struct network *net)
{
	struct karst *k = calloc(1, sizeof(*k));
	struct pce_error err = { 0 };
	struct instant start;
	double heap = measure_heap();

	if (!k)
		exit(1);
	k->net = net;
	build_ted(net, &k->ted, &k->row);
	k->policies = calloc((size_t)net->n_queries[QUERY_N_1] + 1, sizeof(*k->policies));
	if (!k->row || !k->policies)
		exit(1);
	measure_fact("database", (measure_heap() - heap) / net->n_links, "bytes/link");
	k->heap = measure_heap();
	start = measure_now();
	must(path_engine_new(k->ted, &k->engine, &err), &err);
	measure_fact("engine", measure_since(start) * 1e-3, "ms");
	start = measure_now();
	must(path_engine_prepare(k->engine, &err), &err);
	measure_fact("hierarchy", measure_since(start) * 1e-3, "ms");
	time_forks(k);
	return k;
}

static int
compare_doubles(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

/* Whether trees grown together are those grown one by one, by their distances. */
static void
check_forest(struct karst *k, const struct path_forest_query *query,
	     const struct path_forest *forest)
{
	struct pce_error err = { 0 };

	for (unsigned i = 0; i < query->n; i++) {
		struct path_request r =
		    path_request_init(query->roots[i], query->roots[i], PATH_IGP);
		uint64_t alone = 0, together = 0;

		must(path_tree_grow(k->engine, &r, PATH_TREE_FROM, false, &k->tree, &err), &err);
		for (uint32_t node = 0; node < k->net->n_nodes; node++) {
			alone += path_tree_distance(k->tree, node);
			together += path_forest_distance(forest, i, node);
			if (query->parents &&
			    path_tree_parent(k->tree, node) != path_forest_parent(forest, i, node))
				must(pce_fail(&err, PCE_INTERNAL, "parents differ"), &err);
		}
		if (alone != together)
			must(pce_fail(&err, PCE_INTERNAL, "trees grown together differ"), &err);
	}
}

/* The questions for trees once more, sixteen at a time; the median, for each tree. */
static double
time_forests(struct karst *k, bool parents)
{
	const struct network_query *q = k->net->queries[QUERY_TREE];
	uint32_t n_batches = k->net->n_queries[QUERY_TREE] / PATH_FOREST_TREES;
	double *us = calloc((size_t)n_batches + 1, sizeof(*us)), median = 0;
	struct path_forest *forest = NULL;
	struct path_request r = path_request_init(0, 0, PATH_IGP);
	struct pce_error err = { 0 };

	for (uint32_t i = 0; us && i < n_batches; i++) {
		ted_node roots[PATH_FOREST_TREES];
		struct path_forest_query query = { &r, PATH_TREE_FROM, roots, PATH_FOREST_TREES,
						   parents };
		struct instant start;

		for (unsigned t = 0; t < PATH_FOREST_TREES; t++)
			roots[t] = k->row[q[i * PATH_FOREST_TREES + t].from];
		start = measure_now();
		must(path_forest_grow(k->engine, &query, &forest, &err), &err);
		us[i] = measure_since(start) / PATH_FOREST_TREES;
		check_forest(k, &query, forest);
	}
	if (us && n_batches > 0) {
		qsort(us, n_batches, sizeof(*us), compare_doubles);
		median = us[n_batches / 2];
	}
	path_forest_free(forest);
	free(us);
	return median;
}

/* Memory is asked for at the end, when every search has taken its scratch. */
static void
karst_close(void *state)
{
	struct karst *k = state;

	path_answer_free(&k->answer);
	measure_fact("memory", (measure_heap() - k->heap) / k->net->n_links, "bytes/link");
	if (k->tree && k->net->n_queries[QUERY_TREE] >= PATH_FOREST_TREES) {
		measure_fact("tree-in-batch", time_forests(k, true), "us");
		measure_fact("its-distances-alone", time_forests(k, false), "us");
	}
	path_tree_free(k->tree);
	path_engine_free(k->engine);
	ted_free(k->ted);
	free(k->row);
	free(k->policies);
	free(k);
}

static struct path_request
request_of(const struct karst *k, const struct network_query *q, enum path_objective objective)
{
	return path_request_init(k->row[q->from], k->row[q->to], objective);
}

static void
compute(struct karst *k, const struct path_request *r)
{
	struct pce_error err = { 0 };

	path_answer_free(&k->answer);
	must(path_compute(k->engine, r, &k->answer, &err), &err);
}

static void
igp_cost(void *state, const struct network_query *q, struct cost *out)
{
	struct karst *k = state;

	(void)q;
	out->none = k->answer.n_routes == 0;
	for (size_t i = 0; i < k->answer.n_routes; i++)
		out->first += network_igp(k->net, k->answer.routes[i].links,
					  (uint32_t)k->answer.routes[i].n_links);
}

/* Where no pair is disjoint Karst goes on to the one that shares least; the peers stop. */
static void
disjoint_cost(void *state, const struct network_query *q, struct cost *out)
{
	struct karst *k = state;

	igp_cost(state, q, out);
	out->none = out->none || k->answer.n_relaxed > 0;
}

static void
run_tree(void *state, const struct network_query *q)
{
	struct karst *k = state;
	struct path_request r = path_request_init(k->row[q->from], k->row[q->from], PATH_IGP);
	struct pce_error err = { 0 };

	must(path_tree_grow(k->engine, &r, PATH_TREE_FROM, false, &k->tree, &err), &err);
}

static void
tree_cost(void *state, const struct network_query *q, struct cost *out)
{
	struct karst *k = state;

	(void)q;
	for (uint32_t i = 0; i < k->net->n_nodes; i++)
		if (path_tree_reaches(k->tree, i))
			out->first += path_tree_distance(k->tree, i);
}

static void
run_point(void *state, const struct network_query *q)
{
	struct karst *k = state;
	struct path_request r = request_of(k, q, PATH_IGP);

	r.bandwidth_bps = q->floor_kbps * (uint64_t)1000;
	r.exclude_any.words = &q->exclude;
	r.exclude_any.n = 1;
	compute(k, &r);
}

static void
run_widest(void *state, const struct network_query *q)
{
	struct karst *k = state;
	struct path_request r = request_of(k, q, PATH_BANDWIDTH);

	r.n_ties = 1;
	compute(k, &r);
}

static void
widest_cost(void *state, const struct network_query *q, struct cost *out)
{
	struct karst *k = state;
	const struct path_route *r = k->answer.routes;

	(void)q;
	out->none = k->answer.n_routes == 0;
	out->has_second = true;
	if (r) {
		out->first = network_width_kbps(k->net, r->links, (uint32_t)r->n_links);
		out->second = network_delay_us(k->net, r->links, (uint32_t)r->n_links);
	}
}

static void
run_available(void *state, const struct network_query *q)
{
	struct karst *k = state;
	struct path_request r = request_of(k, q, PATH_AVAILABILITY);

	compute(k, &r);
}

static void
available_cost(void *state, const struct network_query *q, struct cost *out)
{
	struct karst *k = state;
	const struct path_route *r = k->answer.routes;

	(void)q;
	out->none = k->answer.n_routes == 0;
	if (r)
		out->first = network_risk(k->net, r->links, (uint32_t)r->n_links);
}

static void
run_bounded(void *state, const struct network_query *q)
{
	struct karst *k = state;
	struct path_request r = request_of(k, q, PATH_IGP);

	r.max_delay_us = q->max_delay_us;
	compute(k, &r);
}

static void
run_k_best(void *state, const struct network_query *q)
{
	struct karst *k = state;
	struct path_request r = request_of(k, q, PATH_IGP);

	r.k = K_BEST;
	compute(k, &r);
}

static void
run_disjoint(void *state, const struct network_query *q)
{
	struct karst *k = state;
	struct path_request r = request_of(k, q, PATH_IGP);

	r.disjoint = PATH_DISJOINT_LINK;
	compute(k, &r);
}

static void
count_hit(void *ctx, const struct path_sweep_hit *hit)
{
	struct karst *k = ctx;
	struct policy *policy = &k->policies[k->first_policy + hit->request];

	if (hit->fate == PATH_FATE_MOVED)
		policy->worse += hit->after.igp_metric - hit->before.igp_metric;
	else
		policy->cut_off++;
}

static void
sweep(void *state, const struct network_query *q, uint32_t n)
{
	struct karst *k = state;
	struct path_request *requests = calloc((size_t)n + 1, sizeof(*requests));
	struct pce_error err = { 0 };

	k->first_policy = (size_t)(q - k->net->queries[QUERY_N_1]);
	for (uint32_t i = 0; requests && i < n; i++) {
		requests[i] = request_of(k, &q[i], PATH_IGP);
		k->policies[k->first_policy + i] = (struct policy){ 0, 0 };
	}
	must(path_sweep_links(k->engine, requests, n, count_hit, k, &err), &err);
	free(requests);
}

static void
n_1_cost(void *state, const struct network_query *q, struct cost *out)
{
	struct karst *k = state;
	const struct policy *policy = &k->policies[q - k->net->queries[QUERY_N_1]];

	out->has_second = true;
	out->first = policy->worse;
	out->second = policy->cut_off;
}

/* The database takes a metric in: not measured, what is asked for is the engine's part. */
static void
prepare_update(void *state, const struct network_query *q)
{
	struct karst *k = state;
	struct pce_error err = { 0 };

	build_link(k->ted, k->net, q->from, q->to);
	must(ted_settle(k->ted, &k->changes, &k->n_changes, &err), &err);
}

static void
run_update(void *state, const struct network_query *q)
{
	struct karst *k = state;
	struct pce_error err = { 0 };
	struct path_request r;

	(void)q;
	must(path_engine_refresh(k->engine, k->changes, k->n_changes, &err), &err);
	if (++k->n_updates % UPDATES_TOGETHER != 0)
		return;
	r = request_of(k, network_between(k->net, k->n_updates), PATH_IGP);
	compute(k, &r);
}

static void
update_cost(void *state, const struct network_query *q, struct cost *out)
{
	struct karst *k = state;

	(void)q;
	out->none = k->n_updates % UPDATES_TOGETHER != 0 || k->answer.n_routes == 0;
	if (!out->none)
		out->first = k->answer.routes->igp_metric;
}

int
main(int argc, char **argv)
{
	static const struct peer karst = {
		.name = "karst",
		.open = karst_open,
		.close = karst_close,
		.asked = {
			[QUERY_TREE] = { run_tree, tree_cost },
			[QUERY_POINT] = { run_point, igp_cost },
			[QUERY_WIDEST] = { run_widest, widest_cost },
			[QUERY_AVAILABLE] = { run_available, available_cost },
			[QUERY_BOUNDED] = { run_bounded, igp_cost },
			[QUERY_K_BEST] = { run_k_best, igp_cost },
			[QUERY_DISJOINT] = { run_disjoint, disjoint_cost },
			[QUERY_N_1] = { .run_all = sweep, .cost = n_1_cost },
			[QUERY_UPDATE] = { run_update, update_cost, prepare_update },
		},
	};

	/* As karstd keeps its memory. */
	mallopt(M_MMAP_THRESHOLD, 32 << 20);
	mallopt(M_TRIM_THRESHOLD, 256 << 20);
	return measure_main(argc, argv, &karst);
}
