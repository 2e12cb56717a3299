/* karst change: what is proposed, before and after; approval and rejection. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "northbound/cli/cli_online.h"
#include "northbound/cli/online.h"
#include "pce/base/text.h"

#define MOST_IDS 64

static unsigned
count(const struct cli_node *array, const char *member)
{
	const struct cli_node *each;
	void *at = NULL;
	unsigned n = 0;

	while ((each = cli_json_next(array, &at)))
		n += !member || cli_json_true(each, member);
	return n;
}

static bool
show_list(const struct cli_node *root)
{
	struct cli_table *table =
	    online_table("<change <state >policies >dead <created <expires <cause");
	const struct cli_node *all = cli_json_get(root, "karst-operations:change"), *change;
	void *at = NULL;

	while (table && (change = cli_json_next(all, &at))) {
		const struct cli_node *parts = cli_json_get(change, "part");

		online_cell(table, change, "id");
		online_cell(table, change, "state");
		cli_table_cellf(table, "%u", count(parts, NULL));
		cli_table_cellf(table, "%u", count(parts, "restores"));
		online_cell(table, change, "created");
		online_cell(table, change, "expires");
		online_cell(table, change, "cause");
	}
	return online_table_done(table);
}

/* One row for each list of a side; one that says so if it is absent. */
static void
add_side(struct cli_table *table, const char *policy, const char *when, const struct cli_node *side)
{
	const struct cli_node *paths = cli_json_get(side, "path"), *path;
	void *at = NULL;

	if (!side) {
		cli_table_cell(table, policy);
		cli_table_cell(table, when);
		for (unsigned i = 0; i < 5; i++)
			cli_table_cell(table, i == 3 ? "nothing" : "-");
	}
	while ((path = cli_json_next(paths, &at))) {
		cli_table_cell(table, policy);
		cli_table_cell(table, when);
		online_cell_bps(table, side, "bandwidth-bps");
		online_cell_us(table, path, "delay-us");
		online_cell(table, path, "availability");
		online_cell_list(table, path, "link", " ");
		online_cell_members(table, cli_json_get(path, "segment"), "sid", " ");
	}
}

static bool
show_one(const struct cli_node *root)
{
	const struct cli_node *all = cli_json_get(root, "karst-operations:change"), *change, *part;
	struct cli_table *table;
	void *at = NULL;

	change = cli_json_next(all, &at);
	printf("change %s, %s%s%s: %s\n", cli_json_member(change, "id"),
	       cli_json_member(change, "state"), cli_json_member(change, "by") ? " by " : "",
	       cli_json_member(change, "by") ? cli_json_member(change, "by") : "",
	       cli_json_member(change, "cause") ? cli_json_member(change, "cause") : "");
	table = online_table("<policy <when >bandwidth >delay >availability <links <segments");
	at = NULL;
	while (table && (part = cli_json_next(cli_json_get(change, "part"), &at))) {
		const char *policy = cli_json_member(part, "policy");
		const char *kind = cli_json_member(part, "kind");

		add_side(table, policy,
			 kind && strcmp(kind, "repair") == 0 ? "on the router"
			 : cli_json_true(part, "restores")   ? "before, dead"
							     : "before",
			 cli_json_get(part, "before"));
		add_side(table, policy, "after", cli_json_get(part, "after"));
	}
	return online_table_done(table);
}

/* Decides on one change after the other; goes on after one that is refused. */
static int
decide(const struct online *online, const char *verb, const char *const *ids, size_t n)
{
	int result = CLI_DONE;

	for (size_t i = 0; i < n && result != CLI_UNREACHABLE; i++) {
		struct text input = { 0 };
		int decided;

		if (strspn(ids[i], "0123456789") != strlen(ids[i]) || strlen(ids[i]) > 20)
			return cli_usage("change", "\"%s\" is no number of a change", ids[i]);
		online_member(&input, "id", ids[i]);
		decided = online_order(online, verb, &input, NULL);
		if (decided != CLI_DONE)
			result = decided;
		else
			printf("%s %s\n", ids[i],
			       strcmp(verb, "approve") == 0 ? "approved" : "rejected");
	}
	return result;
}

int
cli_change(int argc, char **argv)
{
	static const struct cli_command command = { "change",
						    "[list | show ID | approve ID … | reject ID …]",
						    "Shows the changes that wait for approval in "
						    "the mode advise, before and after, and "
						    "decides on them (role operator).",
						    0, MOST_IDS };
	struct online online = { .verb = "change" };
	const struct cli_group groups[] = { cli_format_group(&online.format),
					    cli_server_group(&online.server) };
	const char *operands[MOST_IDS];
	char path[ONLINE_PATH];
	size_t n;
	int result = cli_parse(&command, argc, argv, groups, 2, operands, &n);

	if (result != CLI_GO_ON)
		return result;
	if (n == 0 || (n == 1 && !strcmp(operands[0], "list")))
		return online_get(&online, ONLINE_STATE "/change", show_list);
	if (n == 2 && !strcmp(operands[0], "show") &&
	    online_entry(path, ONLINE_STATE, "change", operands[1]))
		return online_get(&online, path, show_one);
	if (n > 1 && (!strcmp(operands[0], "approve") || !strcmp(operands[0], "reject")))
		return decide(&online, operands[0], operands + 1, n - 1);
	return cli_usage("change", "list, show ID, approve ID or reject ID is wanted");
}
