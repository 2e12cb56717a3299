/* karst link. */
#include "config.h"

#include <string.h>

#include "northbound/cli/cli_online.h"
#include "northbound/cli/online.h"

static bool
show_damped(const struct cli_node *root)
{
	struct cli_table *table =
	    online_table("<link <reverse <state <up >penalty >losses <since <until");
	const struct cli_node *state = cli_json_get(root, "karst-operations:operations"), *link;
	void *at = NULL;

	while (table && (link = cli_json_next(cli_json_get(state, "damped"), &at))) {
		online_cell(table, link, "link");
		online_cell(table, link, "reverse");
		online_cell(table, link, "state");
		cli_table_cell(table, cli_json_true(link, "up") ? "yes" : "no");
		online_cell(table, link, "penalty");
		online_cell(table, link, "losses");
		online_cell(table, link, "since");
		online_cell(table, link, "until");
	}
	return online_table_done(table);
}

static bool
show_suspects(const struct cli_node *root)
{
	struct cli_table *table = online_table(
	    "<link <reverse <state <avoided >confidence >lists <policy >times <since <until");
	const struct cli_node *state = cli_json_get(root, "karst-operations:operations"), *link;
	void *at = NULL;

	while (table && (link = cli_json_next(cli_json_get(state, "suspect"), &at))) {
		online_cell(table, link, "link");
		online_cell(table, link, "reverse");
		online_cell(table, link, "state");
		cli_table_cell(table, cli_json_true(link, "avoided") ? "yes" : "no");
		online_cell(table, link, "confidence");
		online_cell(table, link, "failed-lists");
		online_cell(table, link, "policy");
		online_cell(table, link, "times");
		online_cell(table, link, "since");
		online_cell(table, link, "until");
	}
	return online_table_done(table);
}

int
cli_link(int argc, char **argv)
{
	static const struct cli_command command = {
		"link", "damped | suspects | history LINK",
		"Shows the links that flapped: whether they are held down, and until when; those "
		"that may lose packets silently, how likely, and since when; or "
		"what a link carried: least, mean, greatest and 95th percentile in each bucket of "
		"time.",
		1, 2
	};
	struct online online = { .verb = "link" };
	struct online_history options = { 0 };
	const struct cli_group groups[] = { cli_format_group(&online.format),
					    cli_server_group(&online.server),
					    online_history_group(&options) };
	const char *operands[2];
	size_t n;
	int result = cli_parse(&command, argc, argv, groups, 3, operands, &n);

	if (result != CLI_GO_ON)
		return result;
	if (n == 2 && !strcmp(operands[0], "history"))
		return online_history(&online, operands[1], &options);
	if (n == 1 && !strcmp(operands[0], "suspects"))
		return online_get(&online, ONLINE_STATE, show_suspects);
	if (n != 1 || strcmp(operands[0], "damped"))
		return cli_usage("link", "it is \"link damped\", \"link suspects\" or \"link "
					 "history LINK\"");
	return online_get(&online, ONLINE_STATE, show_damped);
}
