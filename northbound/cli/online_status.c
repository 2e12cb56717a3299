/* karst status, karst audit. */
#include "config.h"

#include <string.h>

#include "northbound/cli/cli_online.h"
#include "northbound/cli/online.h"

static void
show_line(const struct cli_node *status, const char *title, const char *name)
{
	const char *text = cli_json_member(status, name);

	if (text)
		printf("%-18s %s\n", title, text);
}

static void
show_overview(const struct cli_node *status)
{
	show_line(status, "version", "version");
	show_line(status, "started", "started");
	show_line(status, "mode", "mode");
	if (cli_json_true(status, "frozen"))
		show_line(status, "frozen", "frozen-reason");
	show_line(status, "topology revision", "topology-revision");
	show_line(status, "nodes", "nodes");
	printf("%-18s %llu, of which %llu can be used\n", "links",
	       cli_json_number(status, "links", 0), cli_json_number(status, "links-up", 0));
	show_line(status, "intents", "intents");
	printf("%-18s %llu: %llu active, %llu failed\n", "policies",
	       cli_json_number(status, "policies", 0),
	       cli_json_number(status, "policies-active", 0),
	       cli_json_number(status, "policies-failed", 0));
}

static bool
show_feeds(const struct cli_node *feeds)
{
	struct cli_table *table;
	const struct cli_node *feed;
	void *at = NULL;

	if (!feeds)
		return true;
	table = online_table("<feed <state >updates >changes <text");
	while (table && (feed = cli_json_next(feeds, &at))) {
		online_cell(table, feed, "name");
		cli_table_cell(table, cli_json_true(feed, "synced") ? "synced"
				      : cli_json_true(feed, "up")   ? "up"
								    : "down");
		online_cell(table, feed, "updates");
		online_cell(table, feed, "changes");
		online_cell(table, feed, "text");
	}
	putchar('\n');
	return online_table_done(table);
}

static bool
show_devices(const struct cli_node *devices)
{
	struct cli_table *table;
	const struct cli_node *device;
	void *at = NULL;

	if (!devices)
		return true;
	table = online_table("<device <node <state >policies >waiting >others' <text");
	while (table && (device = cli_json_next(devices, &at))) {
		const struct cli_node *foreign = cli_json_get(device, "foreign");
		void *each = NULL;
		unsigned n = 0;

		while (cli_json_next(foreign, &each))
			n++;
		online_cell(table, device, "name");
		online_cell(table, device, "node");
		cli_table_cell(table, !cli_json_true(device, "connected") ? "away"
				      : cli_json_true(device, "busy")     ? "busy"
									  : "connected");
		online_cell(table, device, "policies");
		online_cell(table, device, "pending");
		cli_table_cellf(table, "%u", n);
		online_cell(table, device, "text");
	}
	putchar('\n');
	return online_table_done(table);
}

static bool
show_drains(const struct cli_node *drains)
{
	struct cli_table *table;
	const struct cli_node *drain;
	void *at = NULL;

	if (!drains)
		return true;
	table = online_table("<drained <name <since >moved >of <still_crossed_by");
	while (table && (drain = cli_json_next(drains, &at))) {
		unsigned long long of = cli_json_number(drain, "affected", 0);
		unsigned long long left = cli_json_number(drain, "remaining", 0);

		online_cell(table, drain, "object");
		online_cell(table, drain, "name");
		online_cell(table, drain, "since");
		cli_table_cellf(table, "%llu", of > left ? of - left : 0);
		cli_table_cellf(table, "%llu", of);
		online_cell_members(table, cli_json_get(drain, "waiting"), "policy", " ");
	}
	putchar('\n');
	return online_table_done(table);
}

static bool
show_windows(const struct cli_node *windows)
{
	struct cli_table *table;
	const struct cli_node *window;
	void *at = NULL;

	if (!windows)
		return true;
	table = online_table("<maintenance <name <from <until <running");
	while (table && (window = cli_json_next(windows, &at))) {
		online_cell(table, window, "object");
		online_cell(table, window, "name");
		online_cell(table, window, "from");
		online_cell(table, window, "until");
		cli_table_cell(table, cli_json_true(window, "running") ? "yes" : "no");
	}
	putchar('\n');
	return online_table_done(table);
}

static bool
show_alarms(const struct cli_node *alarms)
{
	struct cli_table *table;
	const struct cli_node *alarm;
	void *at = NULL;

	if (!alarms)
		return true;
	table = online_table("<alarm <severity <type <text");
	while (table && (alarm = cli_json_next(alarms, &at))) {
		online_cell(table, alarm, "object");
		online_cell(table, alarm, "severity");
		online_cell(table, alarm, "type");
		online_cell(table, alarm, "alarm-text");
	}
	putchar('\n');
	return online_table_done(table);
}

static bool
show_changes(const struct cli_node *changes)
{
	struct cli_table *table;
	const struct cli_node *change;
	void *at = NULL;

	if (!changes)
		return true;
	table = online_table("<change <state <created <cause");
	while (table && (change = cli_json_next(changes, &at))) {
		online_cell(table, change, "id");
		online_cell(table, change, "state");
		online_cell(table, change, "created");
		online_cell(table, change, "cause");
	}
	putchar('\n');
	return online_table_done(table);
}

static bool
show(const struct cli_node *root)
{
	const struct cli_node *state = cli_json_get(root, "karst-operations:operations");

	show_overview(cli_json_get(state, "status"));
	return show_feeds(cli_json_get(state, "feed")) &&
	       show_devices(cli_json_get(state, "device")) &&
	       show_changes(cli_json_get(state, "change")) &&
	       show_drains(cli_json_get(state, "drain")) &&
	       show_windows(cli_json_get(state, "maintenance")) &&
	       show_alarms(cli_json_get(state, "alarm"));
}

int
cli_status(int argc, char **argv)
{
	static const struct cli_command command = { "status", "",
						    "Shows how the daemon, its feeds and its "
						    "devices are.",
						    0, 0 };
	struct online online = { .verb = "status" };
	const struct cli_group groups[] = { cli_format_group(&online.format),
					    cli_server_group(&online.server) };
	size_t n;
	int result = cli_parse(&command, argc, argv, groups, 2, NULL, &n);

	return result == CLI_GO_ON ? online_get(&online, ONLINE_STATE, show) : result;
}

static bool
show_audit(const struct cli_node *root)
{
	struct cli_table *table = online_table("<time <author <address <action <target >result");
	const struct cli_node *all = cli_json_get(root, "karst-operations:audit"), *entry;
	void *at = NULL;

	while (table && (entry = cli_json_next(all, &at))) {
		online_cell(table, entry, "time");
		online_cell(table, entry, "author");
		online_cell(table, entry, "address");
		online_cell(table, entry, "action");
		online_cell(table, entry, "target");
		online_cell(table, entry, "result");
	}
	return online_table_done(table);
}

int
cli_audit(int argc, char **argv)
{
	static const struct cli_command command = {
		"audit", "",
		"Shows who asked for changes, when, from where, and what came of it. It needs a "
		"token of "
		"role administrator.",
		0, 0
	};
	struct online online = { .verb = "audit" };
	const struct cli_group groups[] = { cli_format_group(&online.format),
					    cli_server_group(&online.server) };
	size_t n;
	int result = cli_parse(&command, argc, argv, groups, 2, NULL, &n);

	return result == CLI_GO_ON ? online_get(&online, ONLINE_STATE "/audit", show_audit)
				   : result;
}
