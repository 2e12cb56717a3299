#include "northbound/cli/cli_whatif.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "models/codec/intent.h"
#include "northbound/cli/cli_demand.h"
#include "northbound/cli/cli_offline.h"
#include "pce/base/array.h"
#include "pce/base/units.h"
#include "pce/plan/whatif.h"
#include "pce/policy/request.h"

#define INTENTS_LIMIT (64u << 20) /* octets of an intents file */

struct fail_option {
	const char **values; /* "link:A,B", as typed */
	size_t n, cap;
};

struct run {
	struct cli_network network;
	struct arena arena;
	const char *intents_file;
	struct fail_option fail;
	uint32_t threshold_ppm;
	enum cli_format format;
	struct plan_demand *demands;
	const struct intent **intent_of; /* per demand */
	struct path_request *requests;
	size_t n_demands;
	ted_link *links;
	size_t n_links, links_cap;
	ted_node *nodes;
	size_t n_nodes, nodes_cap;
	uint32_t *srlgs;
	size_t n_srlgs, srlgs_cap;
	struct plan_whatif answer;
};

static enum pce_status
take_intents(void *into, const char *value, struct pce_error *err)
{
	(void)err;
	((struct run *)into)->intents_file = value;
	return PCE_OK;
}

static enum pce_status
take_fail(void *into, const char *value, struct pce_error *err)
{
	struct fail_option *fail = &((struct run *)into)->fail;
	enum pce_status status;

	if (strncmp(value, "link:", 5) && strncmp(value, "node:", 5) && strncmp(value, "srlg:", 5))
		return pce_fail(err, PCE_INVALID,
				"\"%s\" is none of link:NAME, link:A,B, node:NAME, srlg:N", value);
	status = array_reserve(&fail->values, &fail->cap, fail->n + 1, sizeof(*fail->values), err);
	if (!status)
		fail->values[fail->n++] = value;
	return status;
}

static enum pce_status
take_threshold(void *into, const char *value, struct pce_error *err)
{
	size_t len = strlen(value);
	char *end;
	double percent;

	errno = 0;
	percent = strtod(value, &end);
	if (len == 0 || errno || (*end && strcmp(end, "%")) || !(percent >= 0 && percent <= 100))
		return pce_fail(err, PCE_INVALID, "\"%s\" is not a percentage from 0 to 100",
				value);
	((struct run *)into)->threshold_ppm = (uint32_t)(percent * 10000 + 0.5);
	return PCE_OK;
}

/* --- The question --- */

static enum pce_status
add_demand(struct run *run, const struct intent *intent, bool backward, struct pce_error *err)
{
	struct plan_demand *demand = &run->demands[run->n_demands];
	struct path_request *request = &run->requests[run->n_demands];
	enum pce_status status =
	    intent_request(run->network.ted, intent, backward, &run->arena, request, err);
	char *id = NULL;

	if (!status && intent->guarantee > 0)
		status = pce_fail(err, PCE_INVALID,
				  "intent %s: guarantees are computed (karst path), not simulated",
				  intent->id);
	if (!status && request->from == request->to)
		status = pce_fail(err, PCE_INVALID, "intent %s: from and to are the same node",
				  intent->id);
	if (!status) {
		id = arena_alloc(&run->arena, strlen(intent->id) + 2);
		if (!id)
			status = pce_no_memory(err);
	}
	if (status)
		return status;
	strcpy(id, intent->id);
	if (backward)
		strcat(id, "~");
	*demand = (struct plan_demand){ id, request, intent->priority };
	run->intent_of[run->n_demands++] = intent;
	return PCE_OK;
}

static enum pce_status
read_intents(struct run *run, struct pce_error *err)
{
	const struct intent *const *intents;
	enum pce_status status;
	size_t len, n = 0;
	char *text;

	status = cli_read_file(run->intents_file, INTENTS_LIMIT, &text, &len, err);
	if (status)
		return status;
	status = codec_intent_parse(run->network.codec, text, len, &run->arena, &intents, &n, err);
	free(text);
	if (status == PCE_UNSUPPORTED)
		status = err->status = PCE_INVALID; /* a foreign format is bad input */
	if (status)
		return pce_prefix(err, status, "%s", run->intents_file);
	run->demands = calloc(2 * n + 1, sizeof(*run->demands));
	run->requests = calloc(2 * n + 1, sizeof(*run->requests));
	run->intent_of = calloc(2 * n + 1, sizeof(*run->intent_of));
	if (!run->demands || !run->requests || !run->intent_of)
		return pce_no_memory(err);
	for (size_t i = 0; i < n && !status; i++) {
		status = add_demand(run, intents[i], false, err);
		if (!status && intents[i]->bidirectional)
			status = add_demand(run, intents[i], true, err);
	}
	return status;
}

static enum pce_status
resolve_failure(struct run *run, const char *value, struct pce_error *err)
{
	const char *name = value + 5;
	enum pce_status status;

	switch (value[0]) {
	case 'l':
		status = ted_find_links(run->network.ted, name, &run->links, &run->n_links,
					&run->links_cap, err);
		break;
	case 'n':
		status = array_reserve(&run->nodes, &run->nodes_cap, run->n_nodes + 1,
				       sizeof(*run->nodes), err);
		if (!status)
			status =
			    ted_find_node(run->network.ted, name, &run->nodes[run->n_nodes], err);
		run->n_nodes += !status;
		break;
	default:
		status = array_reserve(&run->srlgs, &run->srlgs_cap, run->n_srlgs + 1,
				       sizeof(*run->srlgs), err);
		if (!status)
			status =
			    ted_find_srlg(run->network.ted, name, &run->srlgs[run->n_srlgs], err);
		run->n_srlgs += !status;
		break;
	}
	return status == PCE_NOT_FOUND ? PCE_INVALID : status;
}

static enum pce_status
ask(struct run *run, struct pce_error *err)
{
	enum pce_status status = read_intents(run, err);

	for (size_t i = 0; i < run->fail.n && !status; i++)
		status = resolve_failure(run, run->fail.values[i], err);
	if (!status) {
		const struct plan_failure failure = { run->links,   run->n_links, run->nodes,
						      run->n_nodes, run->srlgs,   run->n_srlgs };

		status = plan_whatif(run->network.ted, run->demands, run->n_demands, &failure,
				     run->threshold_ppm, &run->answer, err);
	}
	return status;
}

/* --- The answer --- */

static enum pce_status
route_names(struct run *run, uint32_t from, const struct path_route *route, struct codec_route *out,
	    struct pce_error *err)
{
	const char **nodes = arena_alloc(&run->arena, (route->n_links + 1) * sizeof(*nodes));
	const char **links = arena_alloc(&run->arena, (route->n_links + 1) * sizeof(*links));

	if (!nodes || !links)
		return pce_no_memory(err);
	nodes[0] = ted_node_at(run->network.ted, from)->name;
	for (size_t i = 0; i < route->n_links; i++) {
		const struct ted_link_row *row = ted_link_at(run->network.ted, route->links[i]);

		links[i] = row->name;
		nodes[i + 1] = ted_node_at(run->network.ted, row->to)->name;
	}
	*out = (struct codec_route){ nodes, links, route->n_links + 1, route->n_links,
				     route->delay_us };
	return PCE_OK;
}

static const char *
role_of(const struct plan_fate *fate, size_t route)
{
	if (fate->before.n_routes < 2 && fate->after.n_routes < 2)
		return NULL;
	return route == 0 ? "primary" : "backup";
}

static bool
route_moved(const struct path_answer *before, const struct path_answer *after, size_t r)
{
	return r >= before->n_routes || before->routes[r].n_links != after->routes[r].n_links ||
	       memcmp(before->routes[r].links, after->routes[r].links,
		      after->routes[r].n_links * sizeof(uint32_t)) != 0;
}

static enum pce_status
add_moved(struct run *run, size_t d, struct codec_moved *moved, size_t *n, struct pce_error *err)
{
	const struct plan_fate *fate = &run->answer.fates[d];
	const struct path_request *request = run->demands[d].request;

	for (size_t r = 0; r < fate->after.n_routes; r++) {
		struct codec_moved *m = &moved[*n];
		size_t old = r < fate->before.n_routes ? r : fate->before.n_routes - 1;
		enum pce_status status;

		if (!route_moved(&fate->before, &fate->after, r))
			continue;
		*m = (struct codec_moved){
			.intent = run->demands[d].id,
			.from = ted_node_at(run->network.ted, request->from)->name,
			.to = ted_node_at(run->network.ted, request->to)->name,
			.role = role_of(fate, r),
		};
		status =
		    route_names(run, request->from, &fate->before.routes[old], &m->before, err);
		if (!status)
			status =
			    route_names(run, request->from, &fate->after.routes[r], &m->after, err);
		if (status)
			return status;
		(*n)++;
	}
	return PCE_OK;
}

static enum pce_status
collect(struct run *run, struct codec_whatif_answer *out, struct pce_error *err)
{
	const struct plan_whatif *answer = &run->answer;
	struct codec_moved *moved =
	    arena_alloc(&run->arena, (2 * answer->n_fates + 1) * sizeof(*moved));
	struct codec_lost *lost = arena_alloc(&run->arena, (answer->n_fates + 1) * sizeof(*lost));
	struct codec_fuller *fuller =
	    arena_alloc(&run->arena, (answer->n_fuller + 1) * sizeof(*fuller));
	struct codec_whatif_answer all = { moved, 0, lost, 0, fuller, answer->n_fuller };

	if (!moved || !lost || !fuller)
		return pce_no_memory(err);
	for (size_t d = 0; d < answer->n_fates; d++) {
		const struct plan_fate *fate = &answer->fates[d];
		const struct path_request *request = run->demands[d].request;
		enum pce_status status;

		if (fate->outcome == PLAN_LOST) {
			lost[all.n_lost++] = (struct codec_lost){
				run->demands[d].id,
				ted_node_at(run->network.ted, request->from)->name,
				ted_node_at(run->network.ted, request->to)->name,
				fate->after.no_path.reason,
				fate->after.no_path.text,
			};
		} else if (fate->outcome == PLAN_MOVED) {
			status = add_moved(run, d, moved, &all.n_moved, err);
			if (status)
				return status;
		}
	}
	for (size_t i = 0; i < answer->n_fuller; i++) {
		const struct plan_fuller *f = &answer->fuller[i];

		fuller[i] =
		    (struct codec_fuller){ ted_link_at(run->network.ted, f->link)->name,
					   f->capacity_bps, f->used_before_bps, f->used_after_bps };
	}
	*out = all;
	return PCE_OK;
}

static void
join(struct text *out, const struct codec_route *route)
{
	for (size_t i = 0; i < route->n_nodes; i++)
		text_printf(out, "%s%s", i ? " > " : "", route->nodes[i]);
}

static void
row_moved(struct cli_table *table, const struct codec_moved *m)
{
	struct text before = { 0 }, after = { 0 };
	char delay[2][40];

	join(&before, &m->before);
	join(&after, &m->after);
	units_print_us(m->before.delay_us, delay[0], sizeof(delay[0]));
	units_print_us(m->after.delay_us, delay[1], sizeof(delay[1]));
	cli_table_cellf(table, "%s%s%s", m->intent, m->role ? " " : "", m->role ? m->role : "");
	cli_table_cell(table, text_get(&before));
	cli_table_cell(table, delay[0]);
	cli_table_cell(table, text_get(&after));
	cli_table_cell(table, delay[1]);
	text_free(&before);
	text_free(&after);
}

static void
print_moved(const struct codec_whatif_answer *answer)
{
	struct cli_table *table = cli_table_new();

	if (!table)
		return;
	cli_table_column(table, "moved", CLI_LEFT);
	cli_table_column(table, "before", CLI_LEFT);
	cli_table_column(table, "delay", CLI_RIGHT);
	cli_table_column(table, "after", CLI_LEFT);
	cli_table_column(table, "delay", CLI_RIGHT);
	for (size_t i = 0; i < answer->n_moved; i++)
		row_moved(table, &answer->moved[i]);
	cli_table_print(table, stdout);
	cli_table_free(table);
}

static void
print_lost(const struct codec_whatif_answer *answer)
{
	struct cli_table *table = cli_table_new();

	if (!table)
		return;
	cli_table_column(table, "left without a path", CLI_LEFT);
	cli_table_column(table, "why", CLI_LEFT);
	for (size_t i = 0; i < answer->n_lost; i++) {
		cli_table_cell(table, answer->lost[i].intent);
		cli_table_cell(table, answer->lost[i].text);
	}
	putchar('\n');
	cli_table_print(table, stdout);
	cli_table_free(table);
}

static void
print_fuller(const struct codec_whatif_answer *answer)
{
	struct cli_table *table = cli_table_new();

	if (!table)
		return;
	cli_table_column(table, "fuller link", CLI_LEFT);
	cli_table_column(table, "capacity", CLI_RIGHT);
	cli_table_column(table, "before", CLI_RIGHT);
	cli_table_column(table, "after", CLI_RIGHT);
	for (size_t i = 0; i < answer->n_fuller; i++) {
		const struct codec_fuller *f = &answer->fuller[i];
		double whole = (double)f->capacity_bps / 100;
		char capacity[40];

		units_print_bps(f->capacity_bps, capacity, sizeof(capacity));
		cli_table_cell(table, f->link);
		cli_table_cell(table, capacity);
		cli_table_cellf(table, "%.1f %%", (double)f->before_bps / whole);
		cli_table_cellf(table, "%.1f %%", (double)f->after_bps / whole);
	}
	putchar('\n');
	cli_table_print(table, stdout);
	cli_table_free(table);
}

/* What the three lists do not say. */
static void
remark(const char *id, const struct plan_fate *fate)
{
	if (fate->outcome == PLAN_UNPLACED)
		fprintf(stderr, "karst whatif: %s has no path before the failure either: %s\n", id,
			fate->before.no_path.text);
	else if (fate->after.n_routes > 0 && fate->after.n_routes < fate->before.n_routes)
		fprintf(stderr, "karst whatif: %s is left without a backup path\n", id);
}

static enum pce_status
print(struct run *run, struct pce_error *err)
{
	struct codec_whatif_answer answer;
	struct text text = { 0 };
	enum pce_status status = collect(run, &answer, err);

	for (size_t d = 0; d < run->answer.n_fates && !status; d++)
		remark(run->demands[d].id, &run->answer.fates[d]);
	if (status)
		return status;
	if (run->format == CLI_JSON) {
		status = codec_whatif_print(run->network.codec, &answer, false, &text, err);
		if (!status)
			puts(text_get(&text));
		text_free(&text);
		return status;
	}
	if (answer.n_moved > 0)
		print_moved(&answer);
	else
		puts("nobody moves");
	if (answer.n_lost > 0)
		print_lost(&answer);
	else
		puts("\nnobody is left without a path");
	if (answer.n_fuller > 0)
		print_fuller(&answer);
	else
		printf("\nno link is fuller than %g %%\n", (double)run->threshold_ppm / 10000);
	return PCE_OK;
}

static void
release(struct run *run)
{
	plan_whatif_free(&run->answer);
	cli_network_close(&run->network);
	free(run->fail.values);
	free(run->demands);
	free(run->requests);
	free(run->intent_of);
	free(run->links);
	free(run->nodes);
	free(run->srlgs);
	arena_free(&run->arena);
}

int
cli_whatif(int argc, char **argv)
{
	static const struct cli_command command = {
		"whatif", "FILE",
		"Tells what a failure does to the intents: who moves, who is left without a path, "
		"which links fill up.",
		1, 1
	};
	static const struct cli_option options[] = {
		{ "intents", 0, "FILE", "the intents, in YAML or JSON", take_intents },
		{ "fail", 0, "WHAT", "link:NAME, link:A,B, node:NAME or srlg:N; may be repeated",
		  take_fail },
		{ "threshold", 0, "PERCENT", "list links fuller than this (default 80)",
		  take_threshold },
	};
	struct run run = { .threshold_ppm = 800000 };
	const struct cli_group groups[] = {
		{ options, sizeof(options) / sizeof(options[0]), &run },
		cli_format_group(&run.format),
	};
	struct pce_error err = { 0 };
	const char *file;
	size_t n_operands;
	int result = cli_parse(&command, argc, argv, groups, 2, &file, &n_operands);

	if (result == CLI_GO_ON && !run.intents_file)
		result = cli_usage("whatif", "--intents FILE is missing");
	if (result == CLI_GO_ON && run.fail.n == 0)
		result =
		    cli_usage("whatif", "--fail is missing: say what fails, such as link:NAME");
	if (result == CLI_GO_ON) {
		enum pce_status status = cli_network_open("whatif", file, &run.network, &err);

		if (!status)
			status = ask(&run, &err);
		if (!status)
			status = print(&run, &err);
		result = status ? cli_fail("whatif", &err) : CLI_DONE;
	}
	release(&run);
	return result;
}
