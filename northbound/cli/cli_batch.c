#include "config.h"

#include "northbound/cli/cli_batch.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "northbound/cli/cli_offline.h"
#include "northbound/cli/cli_requests.h"
#include "pce/base/units.h"
#include "pce/path/batch.h"

#define REQUESTS_LIMIT ((size_t)1 << 30) /* octets */
#define THREADS_MAX 256

/* What became of one request. */
struct outcome {
	struct placement placement;
	char *json; /* if JSON is wanted */
	enum pce_status status;
	struct pce_error error;
};

struct run {
	struct cli_network network;
	struct cli_requests requests;
	struct path_request *plain; /* as placing asks for the first path: what batches group by */
	struct path_batch *batch;
	struct outcome *outcomes;
	struct segment_options options;
	enum cli_format format;
};

/* One thread, with everything that it changes for itself. */
struct worker {
	struct run *run;
	pthread_t thread;
	bool started;
	struct ted *ted; /* a fork */
	struct path_engine *engine;
	struct segment_igp *igp;
	enum pce_status status;
	struct pce_error error;
};

static enum pce_status
take_batch(void *into, const char *value, struct pce_error *err)
{
	(void)err;
	((struct cli_batch *)into)->requests = value;
	return PCE_OK;
}

static enum pce_status
take_threads(void *into, const char *value, struct pce_error *err)
{
	char *end;
	unsigned long n = strtoul(value, &end, 10);

	if (value[0] < '0' || value[0] > '9' || *end || n == 0 || n > THREADS_MAX)
		return pce_fail(err, PCE_INVALID, "\"%s\" is no number from 1 to %d", value,
				THREADS_MAX);
	((struct cli_batch *)into)->threads = (uint32_t)n;
	return PCE_OK;
}

struct cli_group
cli_batch_group(struct cli_batch *batch)
{
	static const struct cli_option options[] = {
		{ "batch", 0, "REQUESTS",
		  "compute all requests of this file (inputs of compute-path)", take_batch },
		{ "threads", 0, "N", "with --batch: threads (default: all processors)",
		  take_threads },
	};

	return (struct cli_group){ options, sizeof(options) / sizeof(options[0]), batch };
}

static enum pce_status
print_answer(const struct run *run, const struct cli_request *request, struct outcome *out,
	     struct pce_error *err)
{
	const struct path_answer *answer = &out->placement.answer;
	const struct segment_list **lists = calloc(answer->n_routes + 1, sizeof(*lists));
	struct codec_path_answer printed = { answer, lists, request->asked.explain,
					     cli_network_names(&run->network) };
	struct text text = { 0 };
	enum pce_status status;

	if (!lists)
		return pce_no_memory(err);
	for (size_t i = 0; i < answer->n_routes; i++)
		lists[i] = &out->placement.lists[i];
	status = codec_path_answer_print(run->network.codec, &printed, &text, err);
	free(lists);
	out->json = status ? NULL : text_take(&text);
	text_free(&text);
	return !status && !out->json ? pce_no_memory(err) : status;
}

static void
answer(void *ctx, struct path_engine *engine, size_t number)
{
	const struct worker *w = ctx;
	const struct placer placer = { .engine = engine, .igp = w->igp };
	const struct cli_request *request = &w->run->requests.list[number];
	struct outcome *out = &w->run->outcomes[number];

	out->status = place_compute(&placer, &request->request, &w->run->options, PLACE_PAIR_STRICT,
				    &out->placement, &out->error);
	if (!out->status && w->run->format == CLI_JSON)
		out->status = print_answer(w->run, request, out, &out->error);
}

static void *
work(void *arg)
{
	struct worker *w = arg;

	w->status = segment_igp_new(w->ted, &w->igp, &w->error);
	while (!w->status && path_batch_step(w->run->batch, w->engine, answer, w))
		;
	return NULL;
}

static enum pce_status
make_worker(struct worker *w, struct run *run, struct pce_error *err)
{
	enum pce_status status = ted_fork(run->network.ted, &w->ted, err);

	w->run = run;
	return status ? status : path_engine_fork(run->network.engine, w->ted, &w->engine, err);
}

static void
end_worker(struct worker *w)
{
	segment_igp_free(w->igp);
	path_engine_free(w->engine);
	ted_free(w->ted);
}

/* The caller is a worker too; a thread that cannot be had is one fewer. */
static enum pce_status
run_workers(struct run *run, uint32_t n, struct pce_error *err)
{
	struct worker *workers = calloc(n, sizeof(*workers));
	enum pce_status status = PCE_OK;
	uint32_t made = 0;

	if (!workers)
		return pce_no_memory(err);
	while (!status && made < n)
		status = make_worker(&workers[made++], run, err);
	for (uint32_t i = 1; !status && i < made; i++)
		workers[i].started =
		    pthread_create(&workers[i].thread, NULL, work, &workers[i]) == 0;
	if (!status)
		work(&workers[0]);
	for (uint32_t i = 1; i < made; i++)
		if (workers[i].started)
			pthread_join(workers[i].thread, NULL);
	for (uint32_t i = 0; i < made; i++) {
		if (!status && workers[i].status) {
			status = workers[i].status;
			*err = workers[i].error;
		}
		end_worker(&workers[i]);
	}
	free(workers);
	return status;
}

static enum pce_status
read_requests(struct run *run, const char *file, struct pce_error *err)
{
	char *text = NULL;
	size_t len = 0;
	enum pce_status status = cli_read_file(file, REQUESTS_LIMIT, &text, &len, err);

	if (status)
		return status;
	status =
	    cli_requests_read(run->network.codec, run->network.ted, text, len, &run->requests, err);
	free(text);
	if (status && strcmp(file, "-") != 0)
		return codec_name_file(err, status, file);
	return status;
}

static uint32_t
how_many_threads(const struct cli_batch *batch, size_t n)
{
	long processors = sysconf(_SC_NPROCESSORS_ONLN);
	uint32_t threads = batch->threads;

	if (threads == 0)
		threads = processors < 1             ? 1
			  : processors > THREADS_MAX ? THREADS_MAX
						     : (uint32_t)processors;
	return n == 0 ? 1 : threads < n ? threads : (uint32_t)n;
}

static enum pce_status
compute(struct run *run, const struct cli_batch *batch, struct pce_error *err)
{
	size_t n = run->requests.n;
	enum pce_status status;

	run->plain = calloc(n + 1, sizeof(*run->plain));
	run->outcomes = calloc(n + 1, sizeof(*run->outcomes));
	if (!run->plain || !run->outcomes)
		return pce_no_memory(err);
	for (size_t i = 0; i < n; i++) {
		run->plain[i] = run->requests.list[i].request;
		run->plain[i].max_sids = PATH_NO_BOUND;
	}
	status =
	    path_batch_new(run->plain, n, ted_node_count(run->network.ted), 0, &run->batch, err);
	if (!status)
		status = run_workers(run, how_many_threads(batch, n), err);
	return status;
}

static void
cell_path(struct cli_table *table, const struct ted *ted, const struct path_route *route,
	  uint32_t from)
{
	struct text text = { 0 };

	text_add(&text, ted_node_at(ted, from)->name);
	for (size_t i = 0; i < route->n_links; i++)
		text_printf(&text, " > %s",
			    ted_node_at(ted, ted_link_at(ted, route->links[i])->to)->name);
	cli_table_cell(table, text_get(&text));
	text_free(&text);
}

static void
add_route(struct cli_table *table, const struct run *run, size_t number, size_t route)
{
	const struct path_route *r = &run->outcomes[number].placement.answer.routes[route];
	char delay[40], residual[40], availability[40];

	units_print_us(r->delay_us, delay, sizeof(delay));
	units_print_bps(r->residual_bps, residual, sizeof(residual));
	units_print_availability(r->unavailability_ppt, availability, sizeof(availability));
	cli_table_cellf(table, "%zu", number + 1);
	cli_table_cellf(table, "%" PRIu64, r->igp_metric);
	cli_table_cellf(table, "%" PRIu64, r->te_metric);
	cli_table_cell(table, delay);
	cli_table_cell(table, residual);
	cli_table_cell(table, availability);
	cell_path(table, run->network.ted, r, run->requests.list[number].request.from);
}

static void
add_no_path(struct cli_table *table, const struct run *run, size_t number)
{
	cli_table_cellf(table, "%zu", number + 1);
	for (unsigned i = 0; i < 5; i++)
		cli_table_cell(table, NULL);
	cli_table_cell(table, run->outcomes[number].placement.answer.no_path.text);
}

static enum pce_status
print_table(const struct run *run, struct pce_error *err)
{
	static const char *const right[] = { "request", "igp",      "te",
					     "delay",   "residual", "availability" };
	struct cli_table *table = cli_table_new();
	enum pce_status status = PCE_OK;

	if (!table)
		return pce_no_memory(err);
	for (size_t i = 0; i < sizeof(right) / sizeof(right[0]); i++)
		cli_table_column(table, right[i], CLI_RIGHT);
	cli_table_column(table, "path", CLI_LEFT);
	for (size_t i = 0; i < run->requests.n; i++) {
		size_t n = run->outcomes[i].placement.answer.n_routes;

		for (size_t route = 0; route < n; route++)
			add_route(table, run, i, route);
		if (n == 0)
			add_no_path(table, run, i);
	}
	if (!cli_table_print(table, stdout))
		status = cli_output_fault(err);
	cli_table_free(table);
	return status;
}

static enum pce_status
print(const struct run *run, struct pce_error *err)
{
	for (size_t i = 0; i < run->requests.n; i++)
		if (run->outcomes[i].status)
			return pce_fail(err, run->outcomes[i].status, "request %zu (line %u): %s",
					i + 1, run->requests.list[i].line,
					run->outcomes[i].error.text);
	if (run->format == CLI_TABLE)
		return print_table(run, err);
	for (size_t i = 0; i < run->requests.n; i++)
		if (puts(run->outcomes[i].json) == EOF)
			return cli_output_fault(err);
	return PCE_OK;
}

/* Each SID that was made up, once. */
static void
report_list(const struct run *run, const struct segment_list *list, bool *nodes, bool *links)
{
	for (size_t i = 0; i < list->n_csids; i++) {
		struct segment_csid *sid = &list->csids[i];
		bool *seen = sid->kind == SEGMENT_END ? &nodes[sid->node] : &links[sid->link];
		const struct segment_list one = { .csids = sid, .n_csids = 1 };

		if (sid->assumed && !*seen)
			cli_network_report_assumed("path", &run->network, &one, 1);
		*seen |= sid->assumed;
	}
}

static void
report_assumed(const struct run *run)
{
	bool *nodes = calloc(ted_node_count(run->network.ted) + 1, sizeof(*nodes));
	bool *links = calloc(ted_link_count(run->network.ted) + 1, sizeof(*links));

	for (size_t i = 0; nodes && links && i < run->requests.n; i++) {
		const struct placement *p = &run->outcomes[i].placement;

		for (size_t l = 0; l < p->answer.n_routes; l++)
			report_list(run, &p->lists[l], nodes, links);
	}
	free(nodes);
	free(links);
}

static void
end_run(struct run *run)
{
	for (size_t i = 0; run->outcomes && i < run->requests.n; i++) {
		placement_free(&run->outcomes[i].placement);
		free(run->outcomes[i].json);
	}
	path_batch_free(run->batch);
	free(run->outcomes);
	free(run->plain);
	cli_requests_free(&run->requests);
	cli_network_close(&run->network);
}

bool
cli_batch_is_asked(int argc, char **argv)
{
	for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++)
		if (!strcmp(argv[i], "--batch") ||
		    !strncmp(argv[i], "--batch=", strlen("--batch=")))
			return true;
	return false;
}

int
cli_batch_run(const char *file, const struct cli_batch *batch, enum cli_format format, bool csid)
{
	struct run run = { .format = format, .options = cli_network_options() };
	struct pce_error err = { 0 };
	enum pce_status status;
	bool all = true;

	run.options.synthesise_csids = csid;
	if (!strcmp(file, "-") && !strcmp(batch->requests, "-"))
		return cli_usage("path", "network and requests cannot both be standard input");
	status = cli_network_open("path", file, &run.network, &err);
	if (!status)
		status = read_requests(&run, batch->requests, &err);
	if (!status)
		status = compute(&run, batch, &err);
	if (!status)
		status = print(&run, &err);
	if (!status)
		report_assumed(&run);
	for (size_t i = 0; !status && i < run.requests.n; i++)
		all = all && placement_placed(&run.outcomes[i].placement);
	end_run(&run);
	return status ? cli_fail("path", &err) : all ? CLI_DONE : CLI_NO_ANSWER;
}
