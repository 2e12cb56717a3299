/* karst intent. */
#include "config.h"

#include "models/codec/intent.h"

#include <stdlib.h>
#include <string.h>

#include "northbound/cli/cli_online.h"
#include "northbound/cli/online.h"

#define FILE_LIMIT (64u << 20)

/* What the verb is told. */
struct intent_run {
	struct online online;
	bool dry_run;
};

static void
cell_demand(struct cli_table *table, const struct cli_node *intent)
{
	online_cell(table, intent, "id");
	online_cell(table, intent, "from");
	online_cell(table, intent, "to");
	online_cell(table, intent, "objective");
	online_cell_bps(table, intent, "bandwidth-bps");
	online_cell(table, intent, "priority");
	online_cell(table, intent, "state");
	online_cell_list(table, intent, "policy", " ");
	online_cell(table, intent, "reason");
}

static bool
show_list(const struct cli_node *intents)
{
	struct cli_table *table = online_table("<intent <from <to <objective >bandwidth >priority "
					       "<state <policies <reason");
	const struct cli_node *intent;
	void *at = NULL;

	while (table && (intent = cli_json_next(intents, &at)))
		cell_demand(table, intent);
	return online_table_done(table);
}

static bool
show_all(const struct cli_node *root)
{
	return show_list(cli_json_get(cli_json_get(root, "karst-intent:intents"), "intent"));
}

static bool
show_one(const struct cli_node *root)
{
	return show_list(cli_json_get(root, "karst-intent:intent"));
}

/* Changes one intent: says what became of it, or prints the paths of a dry run. */
static int
change(const struct intent_run *run, const char *method, const char *id, const char *body)
{
	struct cli_ask ask = { .method = method, .body = body };
	struct cli_reply reply = { 0 };
	struct pce_error err = { 0 };
	char path[ONLINE_PATH];
	size_t len;

	if (!online_entry(path, ONLINE_INTENTS, "intent", id))
		return cli_usage("intent", "the id is too long");
	len = strlen(path);
	if (run->dry_run &&
	    snprintf(path + len, sizeof(path) - len, "?dry-run") >= (int)(sizeof(path) - len))
		return cli_usage("intent", "the id is too long");
	ask.path = path;
	if (cli_ask_well(&run->online.server, &ask, &reply, &err) != PCE_OK) {
		pce_prefix(&err, err.status, "%s", id);
		return cli_fail(run->online.verb, &err);
	}
	if (reply.len && run->online.format == CLI_JSON)
		fputs(reply.body, stdout);
	else if (run->online.format == CLI_TABLE)
		printf("%s %s\n", id,
		       run->dry_run                ? "could be done"
		       : !strcmp(method, "DELETE") ? "deleted"
		       : reply.status == 201       ? "created"
						   : "changed");
	free(reply.body);
	return CLI_DONE;
}

/* Puts one intent, and shows with -o json what the daemon made of it. */
static int
put_one(const struct intent_run *run, const struct codec *codec, const struct intent *intent)
{
	struct pce_error err = { 0 };
	struct text body = { 0 };
	char path[ONLINE_PATH];
	int result;

	if (codec_intent_print(codec, intent, NULL, &body, &err) != PCE_OK) {
		text_free(&body);
		return cli_fail(run->online.verb, &err);
	}
	result = change(run, "PUT", intent->id, text_get(&body));
	text_free(&body);
	if (result == CLI_DONE && run->online.format == CLI_JSON && !run->dry_run &&
	    online_entry(path, ONLINE_INTENTS, "intent", intent->id))
		result = online_get(&run->online, path, show_one);
	return result;
}

/* Puts every intent of a file; goes on after one that is refused, and stops when the daemon is
 * away. */
static int
put_file(const struct intent_run *run, const char *file)
{
	const struct intent *const *intents = NULL;
	struct codec *codec = NULL;
	struct pce_error err = { 0 };
	struct arena arena = { 0 };
	char *text = NULL;
	size_t len, n = 0;
	int result = CLI_DONE;
	enum pce_status status = cli_read_file(file, FILE_LIMIT, &text, &len, &err);

	if (status == PCE_OK)
		status = codec_new(NULL, &codec, &err);
	if (status == PCE_OK)
		status = codec_intent_parse(codec, text, len, &arena, &intents, &n, &err);
	if (status != PCE_OK)
		result = cli_fail(run->online.verb, &err);
	for (size_t i = 0; i < n && result != CLI_UNREACHABLE; i++) {
		int one = put_one(run, codec, intents[i]);

		if (one != CLI_DONE)
			result = one;
	}
	free(text);
	arena_free(&arena);
	codec_free(codec);
	return result;
}

static enum pce_status
take_dry_run(void *into, const char *value, struct pce_error *err)
{
	(void)value;
	(void)err;
	((struct intent_run *)into)->dry_run = true;
	return PCE_OK;
}

static int
dispatch(struct intent_run *run, const char *const *operands, size_t n)
{
	const char *what = operands[0];
	char path[ONLINE_PATH];

	if (!strcmp(what, "list") && n == 1)
		return online_get(&run->online, ONLINE_INTENTS, show_all);
	if (!strcmp(what, "put") && n == 2)
		return put_file(run, operands[1]);
	if (!strcmp(what, "delete") && n == 2)
		return change(run, "DELETE", operands[1], NULL);
	if (strcmp(what, "get") || n != 2)
		return cli_usage("intent", "it is \"intent list\", \"intent get ID\", \"intent put "
					   "FILE\" or \"intent delete ID\"");
	if (!online_entry(path, ONLINE_INTENTS, "intent", operands[1]))
		return cli_usage("intent", "the id is too long");
	return online_get(&run->online, path, show_one);
}

int
cli_intent(int argc, char **argv)
{
	static const struct cli_command command = {
		"intent", "list | get ID | put FILE|- | delete ID",
		"Shows and changes intents; FILE is YAML or JSON with one or more.", 1, 2
	};
	static const struct cli_option options[] = {
		{ "dry-run", 'n', NULL, "put, delete: only tell what would be done", take_dry_run },
	};
	struct intent_run run = { .online.verb = "intent" };
	const struct cli_group groups[] = { cli_format_group(&run.online.format),
					    cli_server_group(&run.online.server),
					    { options, 1, &run } };
	const char *operands[2];
	size_t n;
	int result = cli_parse(&command, argc, argv, groups, 3, operands, &n);

	return result == CLI_GO_ON ? dispatch(&run, operands, n) : result;
}
