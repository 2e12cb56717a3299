/* karst reoptimise. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "northbound/cli/cli_online.h"
#include "northbound/cli/online.h"
#include "pce/base/text.h"

struct reoptimise_options {
	bool dry_run;
	const char *intent;
};

static enum pce_status
take_dry_run(void *into, const char *value, struct pce_error *err)
{
	(void)value, (void)err;
	((struct reoptimise_options *)into)->dry_run = true;
	return PCE_OK;
}

static enum pce_status
take_intent(void *into, const char *value, struct pce_error *err)
{
	(void)err;
	((struct reoptimise_options *)into)->intent = value;
	return PCE_OK;
}

static struct cli_group
options_group(struct reoptimise_options *options)
{
	static const struct cli_option all[] = {
		{ "dry-run", 'n', NULL, "only tell what would move", take_dry_run },
		{ "intent", 'i', "ID", "only the policies of this intent", take_intent },
	};

	return (struct cli_group){ all, 2, options };
}

/* Columns as the policies gain; false without memory. */
static bool
show_gains(const struct cli_node *root)
{
	struct cli_table *table =
	    online_table("<policy <measure >before >after >percent <from <to");
	const struct cli_node *output = cli_json_get(root, "karst-operations:output"), *policy;
	void *at = NULL;

	while (table && (policy = cli_json_next(cli_json_get(output, "policy"), &at))) {
		const struct cli_node *gain = cli_json_get(policy, "gain");

		online_cell(table, policy, "id");
		online_cell(table, gain, "measure");
		online_cell(table, gain, "before");
		online_cell(table, gain, "after");
		online_cell(table, gain, "percent");
		online_cell_list(table, policy, "link-before", " ");
		online_cell_list(table, policy, "link-after", " ");
	}
	return online_table_done(table);
}

static int
show(const struct online *online, const char *body)
{
	struct pce_error err = { 0 };
	struct cli_json *json = NULL;

	if (online->format == CLI_JSON)
		return puts(body) < 0 ? CLI_UNREACHABLE : CLI_DONE;
	if (cli_json_parse(body, strlen(body), &json, &err) == PCE_OK &&
	    !show_gains(cli_json_root(json)))
		pce_no_memory(&err);
	cli_json_free(json);
	return err.status ? cli_fail(online->verb, &err) : CLI_DONE;
}

int
cli_reoptimise(int argc, char **argv)
{
	static const struct cli_command command = { "reoptimise", "",
						    "Moves policies to better paths now, if that "
						    "is worth it, and says who gains what. It "
						    "needs a token of role operator.",
						    0, 0 };
	struct online online = { .verb = "reoptimise" };
	struct reoptimise_options options = { false, NULL };
	const struct cli_group groups[] = { cli_format_group(&online.format),
					    cli_server_group(&online.server),
					    options_group(&options) };
	struct text input = { 0 };
	char *answer = NULL;
	size_t n;
	int result = cli_parse(&command, argc, argv, groups, 3, NULL, &n);

	if (result != CLI_GO_ON)
		return result;
	text_printf(&input, "\"dry-run\":%s", options.dry_run ? "true" : "false");
	online_member(&input, "intent", options.intent);
	result = online_order(&online, "reoptimise", &input, &answer);
	if (answer)
		result = show(&online, answer);
	free(answer);
	return result;
}
