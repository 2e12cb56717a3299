/* karst policy. */
#include "config.h"

#include <string.h>

#include "northbound/cli/cli_online.h"
#include "northbound/cli/online.h"
#include "pce/base/text.h"

/* The first candidate path: the one that carries the traffic while it is valid. */
static const struct cli_node *
first_path(const struct cli_node *policy)
{
	void *at = NULL;

	return cli_json_next(cli_json_get(policy, "candidate-path"), &at);
}

static const struct cli_node *
first_list(const struct cli_node *path)
{
	void *at = NULL;

	return cli_json_next(cli_json_get(path, "segment-list"), &at);
}

/* What tells the way of a list: the candidate path if it has no other list, else the list. */
static const struct cli_node *
way_of(const struct cli_node *path, const struct cli_node *list)
{
	return cli_json_get(list, "link") ? list : path;
}

static void
cell_sids(struct cli_table *table, const struct cli_node *list)
{
	online_cell_members(table, cli_json_get(list, "segment"), "sid", " ");
}

static bool
show_all(const struct cli_node *root)
{
	struct cli_table *table =
	    online_table("<policy <intent >color <endpoint <state >booked <path <segments <reason");
	const struct cli_node *policies = cli_json_get(root, "karst-policy:policies"), *policy;
	void *at = NULL;

	policies = cli_json_get(policies, "policy");
	while (table && (policy = cli_json_next(policies, &at))) {
		const struct cli_node *path = first_path(policy);

		online_cell(table, policy, "id");
		online_cell(table, policy, "intent");
		online_cell(table, policy, "color");
		online_cell(table, policy, "endpoint");
		online_cell(table, policy, "state");
		online_cell_bps(table, policy, "booked-bps");
		online_cell_list(table, way_of(path, first_list(path)), "node", " > ");
		cell_sids(table, first_list(path));
		online_cell(table, policy, "reason");
	}
	return online_table_done(table);
}

static void
show_member(const struct cli_node *policy, const char *name)
{
	const char *text = cli_json_member(policy, name);

	if (text)
		printf("%-14s %s\n", name, text);
}

/* A row for each list. */
static void
show_path(struct cli_table *table, const struct cli_node *policy, const struct cli_node *path)
{
	const struct cli_node *lists = cli_json_get(path, "segment-list"), *list;
	void *at = NULL;

	while ((list = cli_json_next(lists, &at))) {
		const struct cli_node *way = way_of(path, list);

		online_cell(table, path, "preference");
		online_cell(table, list, "name");
		online_cell(table, list, "weight");
		if (cli_json_get(list, "reserved-bps"))
			online_cell_bps(table, list, "reserved-bps");
		else
			online_cell_bps(table, policy, "booked-bps");
		online_cell_list(table, way, "node", " > ");
		online_cell_list(table, way, "link", " ");
		cell_sids(table, list);
	}
}

static bool
show_paths(const struct cli_node *policy)
{
	struct cli_table *table =
	    online_table(">preference <list >weight >books <path <links <segments");
	const struct cli_node *path;
	void *at = NULL;

	while (table && (path = cli_json_next(cli_json_get(policy, "candidate-path"), &at)))
		show_path(table, policy, path);
	putchar('\n');
	return online_table_done(table);
}

/* How long the last move took, from its cause. */
static bool
show_stages(const struct cli_node *stage)
{
	static const char *const names[] = { "detected-us", "computed-us", "stored-us",
					     "sent-us",     "prepared-us", "confirmed-us" };
	struct cli_table *table;

	if (!stage)
		return true;
	table = online_table("<stage >after");
	for (size_t i = 0; table && i < sizeof(names) / sizeof(names[0]); i++) {
		if (!cli_json_get(stage, names[i]))
			continue;
		cli_table_cellf(table, "%.*s", (int)strlen(names[i]) - 3, names[i]);
		online_cell_us(table, stage, names[i]);
	}
	putchar('\n');
	return online_table_done(table);
}

/* What the headend makes of the segment lists. */
static bool
show_oper_lists(const struct cli_node *policy)
{
	const struct cli_node *lists = cli_json_get(policy, "oper-segment-list"), *list;
	struct cli_table *table;
	void *at = NULL;

	if (!cli_json_next(lists, &at))
		return true;
	at = NULL;
	table = online_table(">preference >list <valid <router_says");
	while (table && (list = cli_json_next(lists, &at))) {
		online_cell(table, list, "preference");
		online_cell(table, list, "id");
		cli_table_cell(table, cli_json_true(list, "valid") ? "yes" : "no");
		online_cell(table, list, "reason");
	}
	putchar('\n');
	return online_table_done(table);
}

static bool
show_one(const struct cli_node *root)
{
	static const char *const members[] = { "id",
					       "intent",
					       "headend",
					       "tailend",
					       "device",
					       "color",
					       "endpoint",
					       "binding-sid",
					       "state",
					       "oper-state",
					       "oper-active-preference",
					       "oper-reason",
					       "reason",
					       "cause",
					       "booked-bps",
					       "generation" };
	void *at = NULL;
	const struct cli_node *policy =
	    cli_json_next(cli_json_get(root, "karst-policy:policy"), &at);

	for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++)
		show_member(policy, members[i]);
	return show_paths(policy) && show_oper_lists(policy) &&
	       show_stages(cli_json_get(policy, "stage"));
}

/* The links of the primary path of a move; "no path" without one. */
static void
cell_move_path(struct cli_table *table, const struct cli_node *move)
{
	void *at = NULL;
	const struct cli_node *path = cli_json_next(cli_json_get(move, "path"), &at);

	if (path)
		online_cell_list(table, path, "link", " ");
	else
		cli_table_cell(table, "no path");
}

/* Why: what set it off, and the reason. */
static void
cell_why(struct cli_table *table, const struct cli_node *move)
{
	const char *cause = cli_json_member(move, "cause"), *text = cli_json_member(move, "text");

	cli_table_cellf(table, "%s%s%s", cause ? cause : "", cause && text ? ": " : "",
			text ? text : "");
}

/* Every path that a policy had; times are from the cause of the move. */
static bool
show_history(const struct cli_node *root)
{
	static const char *const names[] = { "detected-us", "computed-us", "stored-us",
					     "sent-us",     "prepared-us", "confirmed-us" };
	struct cli_table *table =
	    online_table("<time <kind <path >detected >computed >stored >sent >prepared "
			 ">confirmed <why");
	const struct cli_node *history, *move;
	void *at = NULL;

	history = cli_json_get(cli_json_get(root, "karst-policy:histories"), "history");
	history = cli_json_next(history, &at);
	at = NULL;
	while (table && (move = cli_json_next(cli_json_get(history, "move"), &at))) {
		const struct cli_node *stage = cli_json_get(move, "stage");

		online_cell(table, move, "time");
		online_cell(table, move, "kind");
		cell_move_path(table, move);
		for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
			online_cell_us(table, stage, names[i]);
		cell_why(table, move);
	}
	return online_table_done(table);
}

/* One line for each field that differed; the second part only if it is text. */
static bool
show_drift(const struct cli_node *root)
{
	struct cli_table *table =
	    online_table("<device <policy <since <repaired <field <ours <router's");
	const struct cli_node *state = cli_json_get(root, "karst-operations:operations"), *drift;
	void *at = NULL;

	while (table && (drift = cli_json_next(cli_json_get(state, "drift"), &at))) {
		const struct cli_node *difference;
		void *each = NULL;

		while ((difference = cli_json_next(cli_json_get(drift, "difference"), &each))) {
			online_cell(table, drift, "device");
			online_cell(table, drift, "policy");
			online_cell(table, drift, "since");
			online_cell(table, drift, "repaired");
			online_cell(table, difference, "field");
			online_cell(table, difference, "ours");
			online_cell(table, difference, "router");
		}
	}
	return online_table_done(table);
}

int
cli_policy(int argc, char **argv)
{
	static const struct cli_command command = {
		"policy", "list | get ID | history ID | drift | adopt DEVICE POLICY",
		"Shows the policies on the headends, or every "
		"path that one had and why.",
		1, 2
	};
	struct online online = { .verb = "policy" };
	const struct cli_group groups[] = { cli_format_group(&online.format),
					    cli_server_group(&online.server) };
	const char *operands[2];
	char path[ONLINE_PATH];
	bool history;
	size_t n;
	int result;

	for (int i = 1; i < argc; i++) /* it has options of its own */
		if (!strcmp(argv[i], "adopt"))
			return cli_policy_adopt(argc, argv);
	result = cli_parse(&command, argc, argv, groups, 2, operands, &n);

	if (result != CLI_GO_ON)
		return result;
	if (!strcmp(operands[0], "list") && n == 1)
		return online_get(&online, ONLINE_POLICIES, show_all);
	if (!strcmp(operands[0], "drift") && n == 1)
		return online_get(&online, ONLINE_STATE, show_drift);
	history = !strcmp(operands[0], "history");
	if ((!history && strcmp(operands[0], "get")) || n != 2)
		return cli_usage("policy", "it is \"policy list\", \"policy get ID\", "
					   "\"policy drift\" or "
					   "\"policy history ID\"");
	if (!online_entry(path, history ? ONLINE_HISTORIES : ONLINE_POLICIES,
			  history ? "history" : "policy", operands[1]))
		return cli_usage("policy", "the id is too long");
	return online_get(&online, path, history ? show_history : show_one);
}
