/* karst topology without FILE. */
#include "config.h"

#include "northbound/cli/cli_online.h"
#include "northbound/cli/online.h"

static bool
show_nodes(const struct cli_node *nodes)
{
	struct cli_table *table = online_table("<node <label <router_id <site >availability");
	const struct cli_node *node;
	void *at = NULL;

	while (table && (node = cli_json_next(nodes, &at))) {
		online_cell(table, node, "name");
		online_cell(table, node, "label");
		online_cell_list(table, node, "router-id", " ");
		online_cell(table, node, "site");
		online_cell(table, node, "availability");
	}
	return online_table_done(table);
}

static bool
show_links(const struct cli_node *links)
{
	struct cli_table *table =
	    online_table("<link <from <to >igp >te >delay >capacity >booked >residual "
			 ">availability <state");
	const struct cli_node *link;
	void *at = NULL;

	while (table && (link = cli_json_next(links, &at))) {
		online_cell(table, link, "name");
		online_cell(table, link, "from");
		online_cell(table, link, "to");
		online_cell(table, link, "igp-metric");
		online_cell(table, link, "te-metric");
		online_cell_us(table, link, "delay-us");
		online_cell_bps(table, link, "capacity-bps");
		online_cell_bps(table, link, "booked-bps");
		online_cell_bps(table, link, "residual-bps");
		online_cell(table, link, "availability");
		online_cell(table, link, "state");
	}
	return online_table_done(table);
}

static bool
show(const struct cli_node *root)
{
	const struct cli_node *topology = cli_json_get(root, "karst-topology:topology");

	if (!show_nodes(cli_json_get(topology, "node")))
		return false;
	putchar('\n');
	return show_links(cli_json_get(topology, "link"));
}

int
cli_topology_online(int argc, char **argv)
{
	static const struct cli_command command = {
		"topology", "[FILE]", "Shows the network in FILE, or without FILE the daemon's.", 0,
		1
	};
	struct online online = { .verb = "topology" };
	const struct cli_group groups[] = { cli_format_group(&online.format),
					    cli_server_group(&online.server) };
	const char *file;
	size_t n;
	int result = cli_parse(&command, argc, argv, groups, 2, &file, &n);

	if (result == CLI_GO_ON && n)
		return cli_usage("topology", "a FILE needs no server");
	return result == CLI_GO_ON ? online_get(&online, ONLINE_TOPOLOGY, show) : result;
}
