#include "northbound/cli/cli_path.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "northbound/cli/cli_batch.h"
#include "northbound/cli/cli_demand.h"
#include "northbound/cli/cli_offline.h"
#include "northbound/cli/cli_online.h"
#include "pce/base/units.h"
#include "pce/policy/request.h"

/* A question on a network with its answer. */
struct run {
	struct cli_network network;
	struct cli_demand demand;
	struct path_request request;
	struct placement placement;
	enum cli_format format;
	bool explain;
	bool csid; /* make compressed SIDs up */
};

static enum pce_status
take_explain(void *into, const char *value, struct pce_error *err)
{
	(void)value, (void)err;
	*(bool *)into = true;
	return PCE_OK;
}

static enum pce_status
take_csid(void *into, const char *value, struct pce_error *err)
{
	(void)value, (void)err;
	*(bool *)into = true;
	return PCE_OK;
}

static enum pce_status
compute(struct run *run, struct pce_error *err)
{
	const struct placer placer = { .engine = run->network.engine, .igp = run->network.igp };
	struct segment_options options = cli_network_options();
	enum pce_status status = cli_demand_expand(&run->demand, run->network.ted, err);

	if (!status)
		status = intent_request(run->network.ted, &run->demand.intent, false,
					&run->demand.arena, &run->request, err);
	options.synthesise_csids = run->csid;
	options.loose = run->demand.intent.loose;
	err->path[0] = '\0'; /* of an intent, and there is none here */
	if (status)
		return status;
	if (run->request.from == run->request.to)
		return pce_fail(err, PCE_INVALID, "--from %s and --to %s are the same node",
				run->demand.intent.from, run->demand.intent.to);
	run->request.k = run->demand.k;
	run->request.explain = run->explain;
	run->request.diverse = run->demand.diverse;
	run->request.budget_labels = run->demand.budget_labels;
	return place_compute(&placer, &run->request, &options, PLACE_PAIR_STRICT, &run->placement,
			     err);
}

static enum pce_status
print_json(const struct run *run, struct pce_error *err)
{
	const struct path_answer *answer = &run->placement.answer;
	const struct segment_list **lists = calloc(answer->n_routes + 1, sizeof(*lists));
	struct codec_path_answer printed = { answer, lists, run->explain,
					     cli_network_names(&run->network) };
	struct text text = { 0 };
	enum pce_status status;

	if (!lists)
		return pce_no_memory(err);
	for (size_t i = 0; i < answer->n_routes; i++)
		lists[i] = &run->placement.lists[i];
	status = codec_path_answer_print(run->network.codec, &printed, &text, err);
	if (!status)
		puts(text_get(&text));
	text_free(&text);
	free(lists);
	return status;
}

/* "A > B > C", and the links behind. */
static void
cell_route(struct cli_table *table, const struct run *run, const struct path_route *route)
{
	const struct ted *ted = run->network.ted;
	struct text nodes = { 0 }, links = { 0 };

	text_add(&nodes, ted_node_at(ted, run->request.from)->name);
	for (size_t i = 0; i < route->n_links; i++) {
		const struct ted_link_row *row = ted_link_at(ted, route->links[i]);

		text_printf(&nodes, " > %s", ted_node_at(ted, row->to)->name);
		text_printf(&links, "%s%s", i ? " " : "", row->name);
	}
	cli_table_cell(table, text_get(&nodes));
	cli_table_cell(table, text_get(&links));
	text_free(&nodes);
	text_free(&links);
}

static void
cell_list(struct cli_table *table, const struct segment_list *list)
{
	struct text sids = { 0 };

	for (size_t i = 0; i < list->n; i++) {
		struct ip_addr sid = ip_v6(list->segments[i].sid);
		char shown[IP_TEXT];

		text_printf(&sids, "%s%s", i ? " " : "", ip_print(&sid, shown));
	}
	cli_table_cell(table, text_get(&sids));
	text_free(&sids);
}

/* A list's weight and reservation. */
static void
cell_share(struct cli_table *table, const struct path_route *route)
{
	char reserved[40];

	units_print_bps(route->reserved_bps, reserved, sizeof(reserved));
	cli_table_cellf(table, "%" PRIu32, route->weight);
	cli_table_cell(table, reserved);
}

static enum pce_status
print_table(const struct run *run, struct pce_error *err)
{
	static const char *const left[] = { "path", "links", "segments" };
	static const char *const right[] = { "igp",  "te",       "delay",
					     "hops", "residual", "availability" };
	const struct path_answer *answer = &run->placement.answer;
	struct cli_table *table = cli_table_new();

	if (!table)
		return pce_no_memory(err);
	for (size_t i = 0; i < sizeof(right) / sizeof(right[0]); i++)
		cli_table_column(table, right[i], CLI_RIGHT);
	if (answer->has_guarantee) {
		cli_table_column(table, "weight", CLI_RIGHT);
		cli_table_column(table, "reserved", CLI_RIGHT);
	}
	for (size_t i = 0; i < sizeof(left) / sizeof(left[0]); i++)
		cli_table_column(table, left[i], CLI_LEFT);
	for (size_t r = 0; r < answer->n_routes; r++) {
		const struct path_route *route = &answer->routes[r];
		char delay[40], residual[40], availability[40];

		units_print_us(route->delay_us, delay, sizeof(delay));
		units_print_bps(route->residual_bps, residual, sizeof(residual));
		units_print_availability(route->unavailability_ppt, availability,
					 sizeof(availability));
		cli_table_cellf(table, "%" PRIu64, route->igp_metric);
		cli_table_cellf(table, "%" PRIu64, route->te_metric);
		cli_table_cell(table, delay);
		cli_table_cellf(table, "%zu", route->n_links);
		cli_table_cell(table, residual);
		cli_table_cell(table, availability);
		if (answer->has_guarantee)
			cell_share(table, route);
		cell_route(table, run, route);
		cell_list(table, &run->placement.lists[r]);
	}
	if (answer->n_routes > 0)
		cli_table_print(table, stdout);
	cli_table_free(table);
	return PCE_OK;
}

/* What both paths of a pair depend on. */
static void
print_shared(const struct ted *ted, const struct path_shared *shared)
{
	if (shared->n_links + shared->n_nodes + shared->n_srlgs + shared->n_sites == 0)
		return;
	printf("both paths share:");
	for (size_t i = 0; i < shared->n_links; i++)
		printf(" link %s", ted_link_at(ted, shared->links[i])->name);
	for (size_t i = 0; i < shared->n_nodes; i++)
		printf(" node %s", ted_node_at(ted, shared->nodes[i])->name);
	for (size_t i = 0; i < shared->n_srlgs; i++)
		printf(" SRLG %u", shared->srlgs[i]);
	for (size_t i = 0; i < shared->n_sites; i++)
		printf(" site %s", shared->sites[i]);
	printf("\n");
}

/* "container fcbb:bb00:5:e001:7:: = 5 End of A, e001 End.X of A-B, 7 End of C" */
static void
print_containers(const struct run *run, size_t path)
{
	const struct ted *ted = run->network.ted;
	const struct segment_list *list = &run->placement.lists[path];

	for (size_t i = 0; i < list->n; i++) {
		const struct segment *s = &list->segments[i];
		struct ip_addr sid = ip_v6(s->sid);
		char shown[IP_TEXT];

		if (s->n_csids < 2)
			continue;
		printf("path %zu: container %s =", path + 1, ip_print(&sid, shown));
		for (uint32_t k = 0; k < s->n_csids; k++) {
			const struct segment_csid *c = &list->csids[s->first_csid + k];

			printf("%s ", k ? "," : "");
			for (unsigned at = c->block / 8u; at < (c->block + c->width) / 8u; at++)
				printf("%02x", c->sid[at]);
			printf(c->kind == SEGMENT_END ? " End of %s" : " End.X of %s",
			       c->kind == SEGMENT_END ? ted_node_at(ted, c->node)->name
						      : ted_link_at(ted, c->link)->name);
		}
		printf("\n");
	}
}

/* "300 Mbit/s hold with probability 0.99997; reserved 450 Mbit/s, gamma 1.5". */
static void
print_guarantee(const struct path_guarantee *g)
{
	char bandwidth[40], reserved[40], probability[40];

	units_print_bps(g->bandwidth_bps, bandwidth, sizeof(bandwidth));
	units_print_bps(g->reserved_bps, reserved, sizeof(reserved));
	units_print_availability(g->unavailability_ppt, probability, sizeof(probability));
	printf("%s holds with probability %s; reserved %s, gamma %g", bandwidth, probability,
	       reserved, (double)g->gamma_ppm / 1e6);
	if (g->bound_bps == g->reserved_bps)
		printf(", the least there is\n");
	else if (g->best_of_candidates)
		printf(", the least of the %" PRIu32 " candidate paths\n", g->n_candidates);
	else
		printf(", not proven the least\n");
}

/* What a loose list leaves to the routers. */
static void
print_branches(const struct run *run, size_t path)
{
	const struct segment_list *list = &run->placement.lists[path];

	if (!list->n_branches)
		return;
	printf("path %zu: split over up to %u equal-cost links, also uses", path + 1, list->width);
	for (size_t i = 0; i < list->n_branches; i++)
		printf(" %s", ted_link_at(run->network.ted, list->branches[i])->name);
	printf("\n");
}

/* The nodes of the next best path. */
static void
print_runner_up(const struct run *run, size_t at)
{
	const struct path_choice *choice = run->placement.answer.routes[at].choice;
	const struct ted *ted = run->network.ted;

	if (!choice || !choice->has_runner_up)
		return;
	printf("runner-up of path %zu: %s", at + 1, ted_node_at(ted, run->request.from)->name);
	for (size_t i = 0; i < choice->n_runner_up; i++)
		printf(" > %s", ted_node_at(ted, ted_link_at(ted, choice->runner_up[i])->to)->name);
	printf("\n");
}

/* What a person should know besides the table: proofs that are missing, wishes that were given up,
 * reasons. */
static void
print_remarks(const struct run *run)
{
	const struct path_answer *answer = &run->placement.answer;

	if (answer->has_guarantee)
		print_guarantee(&answer->guarantee);
	for (size_t r = 0; r < answer->n_routes; r++) {
		print_containers(run, r);
		print_branches(run, r);
		if (!answer->routes[r].exact && !answer->has_guarantee)
			printf("path %zu is not proven best: %s\n", r + 1, answer->routes[r].why);
		if (run->explain && answer->routes[r].chosen)
			printf("path %zu: %s\n", r + 1, answer->routes[r].chosen);
		if (run->explain)
			print_runner_up(run, r);
	}
	if (answer->has_joint) {
		char both[40];

		units_print_availability(answer->joint_unavailability_ppt, both, sizeof(both));
		printf("both together: availability %s\n", both);
	}
	for (size_t i = 0; i < answer->n_relaxed; i++)
		printf("given up: %s %s, got %s\n", answer->relaxed[i].constraint,
		       answer->relaxed[i].asked, answer->relaxed[i].got);
	print_shared(run->network.ted, &answer->shared);
	if (answer->n_routes == 0)
		printf("%s\n", answer->no_path.text);
}

static int
run_offline(const char *file, struct run *run)
{
	struct pce_error err = { 0 };
	enum pce_status status = cli_network_open("path", file, &run->network, &err);

	if (!status)
		status = compute(run, &err);
	if (!status && run->placement.answer.n_routes > 0)
		cli_network_report_assumed("path", &run->network, run->placement.lists,
					   run->placement.answer.n_routes);
	if (!status)
		status = run->format == CLI_JSON ? print_json(run, &err) : print_table(run, &err);
	if (!status && run->format == CLI_TABLE)
		print_remarks(run);
	if (status)
		return cli_fail("path", &err);
	return run->placement.answer.n_routes > 0 ? CLI_DONE : CLI_NO_ANSWER;
}

/* What a path must be stands in the requests. */
static int
run_batch(const char *file, const struct cli_batch *batch, const struct run *run)
{
	if (run->demand.intent.from || run->demand.intent.to || run->explain)
		return cli_usage("path", "with --batch, --from, --to and --explain stand in the "
					 "requests");
	return cli_batch_run(file, batch, run->format, run->csid);
}

int
cli_path(int argc, char **argv)
{
	static const struct cli_command command = {
		"path", "[FILE]",
		"Computes the best path on the network in FILE, or without FILE on the daemon's.",
		0, 1
	};
	static const struct cli_option explain[] = {
		{ "explain", 0, NULL, "say why this path", take_explain },
	};
	static const struct cli_option csid[] = {
		{ "csid", 0, NULL, "make compressed SIDs up where FILE has none", take_csid },
	};
	struct cli_batch batch = { 0 };
	struct run run = { 0 };
	struct pce_error err = { 0 };
	const char *file = NULL;
	size_t n_operands;
	int result;

	if (!cli_has_operand(argc, argv)) {
		if (cli_batch_is_asked(argc, argv))
			return cli_usage("path", "--batch computes on the network in a FILE");
		return cli_path_online(argc, argv);
	}
	cli_demand_init(&run.demand);
	struct cli_group groups[] = {
		cli_demand_group(&run.demand), cli_format_group(&run.format),
		{ explain, 1, &run.explain },  { csid, 1, &run.csid },
		cli_batch_group(&batch),
	};
	result = cli_parse(&command, argc, argv, groups, 5, &file, &n_operands);
	if (result == CLI_GO_ON && batch.threads > 0 && !batch.requests)
		result = cli_usage("path", "--threads goes with --batch");
	if (result == CLI_GO_ON && batch.requests)
		result = run_batch(file, &batch, &run);
	if (result == CLI_GO_ON && cli_demand_check(&run.demand, &err))
		result = cli_fail("path", &err);
	if (result == CLI_GO_ON)
		result = run_offline(file, &run);
	placement_free(&run.placement);
	cli_network_close(&run.network);
	cli_demand_free(&run.demand);
	return result;
}
