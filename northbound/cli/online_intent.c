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
	bool dry_run, partly, best_first;
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

/* Each error of a reply that refuses, on standard error. */
static int
tell_refused(const struct intent_run *run, const struct cli_reply *reply)
{
	const struct cli_node *errors, *error;
	struct cli_json *json = NULL;
	struct pce_error err = { 0 };
	void *at = NULL;
	int result = CLI_NO_ANSWER;

	if (cli_json_parse(reply->body, reply->len, &json, &err) != PCE_OK)
		return cli_fail(run->online.verb, &err);
	errors = cli_json_get(cli_json_root(json), "ietf-restconf:errors");
	errors = cli_json_get(errors, "error");
	while ((error = cli_json_next(errors, &at))) {
		const char *path = cli_json_text(cli_json_get(error, "error-path"));
		const char *text = cli_json_text(cli_json_get(error, "error-message"));

		pce_fail_at(&err, reply->status == 409 ? PCE_CONFLICT : PCE_INVALID, path, 0, "%s",
			    text ? text : "refused");
		result = cli_fail(run->online.verb, &err);
	}
	cli_json_free(json);
	return result;
}

/* Those that a reply says were not admitted, on standard error. */
static int
tell_applied(const struct intent_run *run, const struct cli_reply *reply, size_t n)
{
	const struct cli_node *refused, *one;
	struct cli_json *json = NULL;
	struct pce_error err = { 0 };
	void *at = NULL;
	size_t n_refused = 0;

	if (cli_json_parse(reply->body, reply->len, &json, &err) != PCE_OK)
		return cli_fail(run->online.verb, &err);
	refused = cli_json_get(cli_json_root(json), "karst-intent:output");
	refused = cli_json_get(refused, "refused");
	while (refused && (one = cli_json_next(refused, &at))) {
		const char *id = cli_json_text(cli_json_get(one, "intent"));
		const char *text = cli_json_text(cli_json_get(one, "text"));

		fprintf(stderr, "karst intent: %s: %s\n", id ? id : "", text ? text : "refused");
		n_refused++;
	}
	if (run->online.format == CLI_JSON)
		fputs(reply->body, stdout);
	else
		printf("%zu of %zu %s\n", n - n_refused, n,
		       run->dry_run ? "could be applied" : "applied");
	cli_json_free(json);
	return n_refused > 0 ? CLI_NO_ANSWER : CLI_DONE;
}

static int
apply(const struct intent_run *run, const struct codec *codec,
      const struct codec_intents_request *asked)
{
	struct cli_ask ask = { .method = "POST",
			       .path = "/restconf/operations/karst-intent:apply-intents" };
	struct cli_reply reply = { 0 };
	struct pce_error err = { 0 };
	struct text body = { 0 };
	int result;

	if (codec_apply_print(codec, asked, &body, &err) == PCE_OK) {
		ask.body = text_get(&body);
		cli_ask(&run->online.server, &ask, &reply, &err);
	}
	text_free(&body);
	if (err.status)
		result = cli_fail(run->online.verb, &err);
	else
		result = reply.status == 200 ? tell_applied(run, &reply, asked->n)
					     : tell_refused(run, &reply);
	free(reply.body);
	return result;
}

/* Puts all intents of a file as one. */
static int
apply_file(const struct intent_run *run, const char *file)
{
	struct codec_intents_request asked = { .partly = run->partly,
					       .best_first = run->best_first,
					       .dry_run = run->dry_run };
	struct codec *codec = NULL;
	struct pce_error err = { 0 };
	struct arena arena = { 0 };
	char *text = NULL;
	size_t len;
	int result;
	enum pce_status status = cli_read_file(file, FILE_LIMIT, &text, &len, &err);

	if (status == PCE_OK)
		status = codec_new(NULL, &codec, &err);
	if (status == PCE_OK)
		status =
		    codec_intent_parse(codec, text, len, &arena, &asked.intents, &asked.n, &err);
	result = status ? cli_fail(run->online.verb, &err) : apply(run, codec, &asked);
	free(text);
	arena_free(&arena);
	codec_free(codec);
	return result;
}

static enum pce_status
take_partly(void *into, const char *value, struct pce_error *err)
{
	(void)value;
	(void)err;
	((struct intent_run *)into)->partly = true;
	return PCE_OK;
}

static enum pce_status
take_best_first(void *into, const char *value, struct pce_error *err)
{
	(void)value;
	(void)err;
	((struct intent_run *)into)->best_first = true;
	return PCE_OK;
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
	if (!strcmp(what, "apply") && n == 2)
		return apply_file(run, operands[1]);
	if (!strcmp(what, "delete") && n == 2)
		return change(run, "DELETE", operands[1], NULL);
	if (strcmp(what, "get") || n != 2)
		return cli_usage("intent", "it is \"intent list\", \"intent get ID\", \"intent put "
					   "FILE\", \"intent apply FILE\" or \"intent delete ID\"");
	if (!online_entry(path, ONLINE_INTENTS, "intent", operands[1]))
		return cli_usage("intent", "the id is too long");
	return online_get(&run->online, path, show_one);
}

int
cli_intent(int argc, char **argv)
{
	static const struct cli_command command = {
		"intent", "list | get ID | put FILE|- | apply FILE|- | delete ID",
		"Shows and changes intents; FILE is YAML or JSON with one or more.", 1, 2
	};
	static const struct cli_option options[] = {
		{ "partly", 0, NULL, "apply: those that can be, else all or none", take_partly },
		{ "best-first", 0, NULL, "apply: the important and the large ones first",
		  take_best_first },
		{ "dry-run", 'n', NULL, "put, apply, delete: only tell what would be done",
		  take_dry_run },
	};
	struct intent_run run = { .online.verb = "intent" };
	const struct cli_group groups[] = { cli_format_group(&run.online.format),
					    cli_server_group(&run.online.server),
					    { options, sizeof(options) / sizeof(options[0]),
					      &run } };
	const char *operands[2];
	size_t n;
	int result = cli_parse(&command, argc, argv, groups, 3, operands, &n);

	return result == CLI_GO_ON ? dispatch(&run, operands, n) : result;
}
