#include "northbound/cli/cli_topology.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "models/import/import.h"
#include "northbound/cli/cli_offline.h"
#include "northbound/cli/cli_online.h"
#include "pce/base/units.h"

/* The file itself as karst-topology, whatever format it had. */
static enum pce_status
print_json(const char *file, enum import_format format, struct pce_error *err)
{
	struct codec_topology topology = { 0 };
	struct codec *codec = NULL;
	struct text text = { 0 };
	enum pce_status status = codec_new(NULL, &codec, err);

	if (!status)
		status = cli_topology_read(codec, file, format, &topology, err);
	if (!status)
		cli_topology_report("topology", file, &topology);
	if (!status)
		status =
		    codec_topology_print_deltas(codec, topology.deltas, topology.n, &text, err);
	if (!status)
		puts(text_get(&text));
	text_free(&text);
	codec_topology_free(&topology);
	codec_free(codec);
	return status;
}

/* Row numbers in the order of canonical keys. */
struct ranked {
	uint32_t rank, row;
};

static int
by_rank(const void *a, const void *b)
{
	const struct ranked *x = a, *y = b;

	return x->rank < y->rank ? -1 : x->rank > y->rank;
}

static struct ranked *
ranked_rows(const struct ted *ted, bool links, uint32_t *n)
{
	struct ranked *rows;

	*n = links ? ted_link_count(ted) : ted_node_count(ted);
	rows = malloc((*n + 1) * sizeof(*rows));
	for (uint32_t i = 0; rows && i < *n; i++)
		rows[i] =
		    (struct ranked){ links ? ted_link_at(ted, i)->rank : ted_node_at(ted, i)->rank,
				     i };
	if (rows)
		qsort(rows, *n, sizeof(*rows), by_rank);
	return rows;
}

static bool
print_nodes(const struct ted *ted)
{
	struct cli_table *table = cli_table_new();
	uint32_t n;
	struct ranked *rows = ranked_rows(ted, false, &n);
	bool good = table && rows;

	if (good) {
		cli_table_column(table, "node", CLI_LEFT);
		cli_table_column(table, "label", CLI_LEFT);
		cli_table_column(table, "router id", CLI_LEFT);
		cli_table_column(table, "site", CLI_LEFT);
		cli_table_column(table, "availability", CLI_RIGHT);
	}
	for (uint32_t i = 0; good && i < n; i++) {
		const struct ted_node_row *row = ted_node_at(ted, rows[i].row);
		char id[IP_TEXT], availability[40];

		ip_print(row->router_id_v6.family ? &row->router_id_v6 : &row->router_id_v4, id);
		units_print_availability(row->unavailability_ppt, availability,
					 sizeof(availability));
		cli_table_cell(table, row->name);
		cli_table_cell(table, row->label);
		cli_table_cell(table, id[0] ? id : NULL);
		cli_table_cell(table, row->site);
		cli_table_cell(table, row->has_availability ? availability : NULL);
	}
	good = good && cli_table_print(table, stdout);
	free(rows);
	cli_table_free(table);
	return good;
}

static void
cell_link(struct cli_table *table, const struct ted *ted, ted_link link)
{
	const struct ted_link_row *row = ted_link_at(ted, link);
	char delay[40], capacity[40], residual[40], availability[40];

	units_print_us(row->delay_us, delay, sizeof(delay));
	units_print_bps(row->capacity_bps, capacity, sizeof(capacity));
	units_print_bps(ted_residual_bps(ted, link), residual, sizeof(residual));
	units_print_availability(row->unavailability_ppt, availability, sizeof(availability));
	cli_table_cell(table, row->name);
	cli_table_cell(table, ted_node_at(ted, row->from)->name);
	cli_table_cell(table, ted_node_at(ted, row->to)->name);
	cli_table_cellf(table, "%" PRIu32, row->igp_metric);
	cli_table_cellf(table, "%" PRIu32, row->te_metric);
	cli_table_cell(table, row->has_delay ? delay : NULL);
	cli_table_cell(table, row->has_capacity ? capacity : NULL);
	cli_table_cell(table, row->has_capacity || row->base_given ? residual : NULL);
	cli_table_cell(table, row->has_availability ? availability : NULL);
	cli_table_cell(table, ted_link_usable(ted, link) ? "up" : "not usable");
}

static bool
print_links(const struct ted *ted)
{
	static const char *const left[] = { "link", "from", "to" };
	static const char *const right[] = { "igp",      "te",       "delay",
					     "capacity", "residual", "availability" };
	struct cli_table *table = cli_table_new();
	uint32_t n;
	struct ranked *rows = ranked_rows(ted, true, &n);
	bool good = table && rows;

	for (size_t i = 0; good && i < sizeof(left) / sizeof(left[0]); i++)
		cli_table_column(table, left[i], CLI_LEFT);
	for (size_t i = 0; good && i < sizeof(right) / sizeof(right[0]); i++)
		cli_table_column(table, right[i], CLI_RIGHT);
	if (good)
		cli_table_column(table, "state", CLI_LEFT);
	for (uint32_t i = 0; good && i < n; i++)
		cell_link(table, ted, rows[i].row);
	good = good && cli_table_print(table, stdout);
	free(rows);
	cli_table_free(table);
	return good;
}

static enum pce_status
print_tables(const char *file, enum import_format format, struct pce_error *err)
{
	struct cli_network network = { .format = format };
	enum pce_status status = cli_network_open("topology", file, &network, err);

	if (!status && !print_nodes(network.ted))
		status = cli_output_fault(err);
	if (!status) {
		putchar('\n');
		if (!print_links(network.ted))
			status = cli_output_fault(err);
	}
	cli_network_close(&network);
	return status;
}

static int
show(int argc, char **argv)
{
	static const struct cli_command command = {
		"topology", "[FILE]",
		"Shows the network in FILE, or without FILE the daemon's. See also karst topology "
		"check, convert and analyse.",
		0, 1
	};
	enum cli_format output = CLI_TABLE;
	enum import_format format = IMPORT_ANY;
	const struct cli_group groups[] = { cli_format_group(&output),
					    cli_import_format_group(&format) };
	struct pce_error err = { 0 };
	const char *file = NULL;
	enum pce_status status;
	size_t n_operands = 0;
	int result = cli_parse(&command, argc, argv, groups, 2, &file, &n_operands);

	if (result != CLI_GO_ON)
		return result;
	status =
	    output == CLI_JSON ? print_json(file, format, &err) : print_tables(file, format, &err);
	return status ? cli_fail("topology", &err) : CLI_DONE;
}

int
cli_topology(int argc, char **argv)
{
	static const struct {
		const char *name;
		int (*run)(int argc, char **argv);
	} verbs[] = { { "check", cli_topology_check },
		      { "convert", cli_topology_convert },
		      { "analyse", cli_topology_analyse } };

	for (size_t i = 0; argc > 1 && i < sizeof(verbs) / sizeof(verbs[0]); i++) {
		if (strcmp(argv[1], verbs[i].name) == 0)
			return verbs[i].run(argc - 1, argv + 1);
	}
	return cli_has_operand(argc, argv) ? show(argc, argv) : cli_topology_online(argc, argv);
}
