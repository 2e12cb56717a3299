/* karst mode, karst resume, karst alarm, karst drain, karst undrain. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "northbound/cli/cli_online.h"
#include "northbound/cli/online.h"
#include "pce/base/text.h"
#include "pce/operate/mode.h"

static bool
show_mode(const struct cli_node *root)
{
	const struct cli_node *state = cli_json_get(root, "karst-operations:operations");
	const struct cli_node *status = cli_json_get(state, "status");
	const char *mode = cli_json_member(status, "mode");
	const char *reason = cli_json_member(status, "frozen-reason");
	const struct cli_node *each;
	struct cli_table *table;
	void *at = NULL;

	printf("%s%s%s\n", mode ? mode : "unknown", reason ? ", frozen: " : "",
	       reason ? reason : "");
	if (!cli_json_get(state, "scoped-mode"))
		return true;
	table = online_table("<of <name <mode <since");
	while (table && (each = cli_json_next(cli_json_get(state, "scoped-mode"), &at))) {
		online_cell(table, each, "scope");
		online_cell(table, each, "name");
		online_cell(table, each, "mode");
		online_cell(table, each, "since");
	}
	return online_table_done(table);
}

/* Changes the mode of the network, or of what the operands name. */
static int
set_mode(const struct online *online, const char *const *operands, size_t n)
{
	struct pce_error err = { 0 };
	struct text input = { 0 };
	enum operate_mode mode = MODE_ACT;

	if (operate_mode_parse(operands[0], &mode, &err))
		return cli_usage("mode", "%s", err.text);
	if (n == 2 || (n == 3 && mode_scope_of(operands[1]) != SCOPE_HEADEND &&
		       mode_scope_of(operands[1]) != SCOPE_INTENT))
		return cli_usage("mode", "of a headend or an intent: headend NAME, intent ID");
	online_member(&input, "mode", operate_mode_name(mode));
	if (n == 3)
		online_member(&input, operands[1], operands[2]);
	return online_order(online, "set-mode", &input, NULL);
}

int
cli_mode(int argc, char **argv)
{
	static const struct cli_command command = {
		"mode", "[act|advise|observe [headend NAME|intent ID]]",
		"Shows the modes, or changes that of the network, of a headend or of an intent: "
		"act makes "
		"changes, advise shows them and waits for approval, observe changes nothing. The "
		"most "
		"restrictive one counts. Changing it needs a token of role administrator.",
		0, 3
	};
	struct online online = { .verb = "mode" };
	const struct cli_group groups[] = { cli_format_group(&online.format),
					    cli_server_group(&online.server) };
	const char *operands[3];
	size_t n;
	int result = cli_parse(&command, argc, argv, groups, 2, operands, &n);

	if (result != CLI_GO_ON)
		return result;
	if (n == 0)
		return online_get(&online, ONLINE_STATE, show_mode);
	return set_mode(&online, operands, n);
}

int
cli_resume(int argc, char **argv)
{
	static const struct cli_command command = { "resume", "",
						    "Ends a freeze: what waited is looked at and "
						    "moved. It needs a token of role operate.",
						    0, 0 };
	struct online online = { .verb = "resume" };
	const struct cli_group groups[] = { cli_server_group(&online.server) };
	size_t n;
	int result = cli_parse(&command, argc, argv, groups, 1, NULL, &n);

	return result == CLI_GO_ON ? online_order(&online, "resume", NULL, NULL) : result;
}

/* --- alarms --- */

static bool
show_alarms(const struct cli_node *root)
{
	struct cli_table *table = online_table("<object <type <severity <since <seen <text <to_do");
	const struct cli_node *state = cli_json_get(root, "karst-operations:operations");
	const struct cli_node *all = cli_json_get(state, "alarm"), *alarm;
	void *at = NULL;

	while (table && (alarm = cli_json_next(all, &at))) {
		online_cell(table, alarm, "object");
		online_cell(table, alarm, "type");
		online_cell(table, alarm, "severity");
		online_cell(table, alarm, "since");
		cli_table_cell(table, cli_json_true(alarm, "acknowledged") ? "yes" : "no");
		online_cell(table, alarm, "alarm-text");
		online_cell(table, alarm, "action");
	}
	return online_table_done(table);
}

static int
acknowledge(const struct online *online, const char *object, const char *type)
{
	struct text input = { 0 };

	online_member(&input, "object", object);
	online_member(&input, "type", type);
	return online_order(online, "acknowledge", &input, NULL);
}

int
cli_alarm(int argc, char **argv)
{
	static const struct cli_command command = {
		"alarm", "[list | ack OBJECT TYPE]",
		"Shows the open alarms with what to do, or notes that somebody has seen one (role "
		"operate).",
		0, 3
	};
	struct online online = { .verb = "alarm" };
	const struct cli_group groups[] = { cli_format_group(&online.format),
					    cli_server_group(&online.server) };
	const char *operands[3];
	size_t n;
	int result = cli_parse(&command, argc, argv, groups, 2, operands, &n);

	if (result != CLI_GO_ON)
		return result;
	if (n == 0 || (n == 1 && !strcmp(operands[0], "list")))
		return online_get(&online, ONLINE_STATE, show_alarms);
	if (n == 3 && !strcmp(operands[0], "ack"))
		return acknowledge(&online, operands[1], operands[2]);
	return cli_usage("alarm", "list or ack OBJECT TYPE is wanted");
}

/* --- drains --- */

struct drain_options {
	bool dry_run;
	const char *from, *until; /* NULL: not given */
};

static enum pce_status
take_from(void *into, const char *value, struct pce_error *err)
{
	(void)err;
	((struct drain_options *)into)->from = value;
	return PCE_OK;
}

static enum pce_status
take_until(void *into, const char *value, struct pce_error *err)
{
	(void)err;
	((struct drain_options *)into)->until = value;
	return PCE_OK;
}

static enum pce_status
take_dry_run(void *into, const char *value, struct pce_error *err)
{
	(void)value, (void)err;
	((struct drain_options *)into)->dry_run = true;
	return PCE_OK;
}

static struct cli_group
drain_group(struct drain_options *options)
{
	static const struct cli_option all[] = {
		{ "dry-run", 'n', NULL, "only tell what would move, and what could not",
		  take_dry_run },
		{ "from", 0, "TIME", "begin then, as 2026-11-24T22:00:00Z; without: now",
		  take_from },
		{ "until", 0, "TIME", "end by itself then", take_until },
	};

	return (struct cli_group){ all, 3, options };
}

static int
show_drain(const struct online *online, const char *body, const char *what, const char *name,
	   bool dry_run)
{
	struct pce_error err = { 0 };
	struct cli_json *json = NULL;
	const struct cli_node *output, *each;
	struct cli_table *table;
	void *at = NULL;

	if (online->format == CLI_JSON) {
		puts(body);
		return CLI_DONE;
	}
	if (cli_json_parse(body, strlen(body), &json, &err))
		return cli_fail(online->verb, &err);
	output = cli_json_get(cli_json_root(json), "karst-operations:output");
	printf("%s %s: %llu policies %s, %llu cannot\n", what, name,
	       cli_json_number(output, "affected", 0) - cli_json_number(output, "unplaced", 0),
	       dry_run ? "would move" : "move", cli_json_number(output, "unplaced", 0));
	table = cli_json_get(output, "move") ? online_table("<policy <goes_over") : NULL;
	while (table && (each = cli_json_next(cli_json_get(output, "move"), &at))) {
		online_cell(table, each, "policy");
		online_cell(table, each, "links");
	}
	if (table && !online_table_done(table))
		pce_no_memory(&err);
	at = NULL;
	table = cli_json_get(output, "stuck") ? online_table("<policy <why") : NULL;
	while (table && (each = cli_json_next(cli_json_get(output, "stuck"), &at))) {
		online_cell(table, each, "policy");
		online_cell(table, each, "text");
	}
	if (table && !online_table_done(table))
		pce_no_memory(&err);
	cli_json_free(json);
	return err.status ? cli_fail(online->verb, &err) : CLI_DONE;
}

static int
run_drain(const struct cli_command *command, bool undrain, int argc, char **argv)
{
	struct online online = { .verb = command->name };
	struct drain_options options = { 0 };
	const struct cli_group groups[] = { cli_format_group(&online.format),
					    cli_server_group(&online.server),
					    drain_group(&options) };
	const char *operands[2];
	struct text input = { 0 };
	char *answer = NULL;
	size_t n;
	int result = cli_parse(command, argc, argv, groups, undrain ? 2 : 3, operands, &n);

	if (result != CLI_GO_ON)
		return result;
	if (drain_kind_of(operands[0]) == DRAIN_KIND_COUNT)
		return cli_usage(command->name, "\"%s\" is neither node, link nor srlg",
				 operands[0]);
	online_member(&input, operands[0], operands[1]);
	if (options.dry_run)
		text_add(&input, ",\"dry-run\":true");
	online_member(&input, "from", options.from);
	online_member(&input, "until", options.until);
	result =
	    online_order(&online, undrain ? "undrain" : "drain", &input, undrain ? NULL : &answer);
	if (answer)
		result = show_drain(&online, answer, operands[0], operands[1],
				    options.dry_run || options.until);
	free(answer);
	return result;
}

int
cli_drain(int argc, char **argv)
{
	static const struct cli_command command = {
		"drain", "node|link|srlg NAME",
		"Takes traffic off an object, make before break, and says first what cannot move. "
		"New "
		"paths avoid it until karst undrain. It needs a token of role operate.",
		2, 2
	};

	return run_drain(&command, false, argc, argv);
}

int
cli_undrain(int argc, char **argv)
{
	static const struct cli_command command = {
		"undrain", "node|link|srlg NAME",
		"Lets traffic use a drained object again. It needs a token of role operate.", 2, 2
	};

	return run_drain(&command, true, argc, argv);
}
