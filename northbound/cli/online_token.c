/* karst token list | create NAME | revoke NAME. */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "northbound/cli/cli_online.h"
#include "northbound/cli/online.h"
#include "pce/base/text.h"

struct token_options {
	const char *role;
	unsigned long days; /* 0: for ever */
};

static enum pce_status
take_role(void *into, const char *value, struct pce_error *err)
{
	(void)err;
	((struct token_options *)into)->role = value;
	return PCE_OK;
}

static enum pce_status
take_days(void *into, const char *value, struct pce_error *err)
{
	struct token_options *options = into;
	char *end;

	errno = 0;
	options->days = strtoul(value, &end, 10);
	if (*end || end == value || *value == '-' || errno || options->days < 1 ||
	    options->days > 36500)
		return pce_fail(err, PCE_INVALID, "\"%s\" is no number of days, 1 to 36500", value);
	return PCE_OK;
}

static struct cli_group
token_group(struct token_options *options)
{
	static const struct cli_option all[] = {
		{ "role", 0, "ROLE", "create: viewer (default), planner, operator or administrator",
		  take_role },
		{ "days", 0, "N", "create: the token ends after N days; without it, never",
		  take_days },
	};

	return (struct cli_group){ all, 2, options };
}

static bool
show_tokens(const struct cli_node *root)
{
	struct cli_table *table = online_table("<token <role <created <expires");
	const struct cli_node *all = cli_json_get(root, "karst-operations:token"), *token;
	void *at = NULL;

	while (table && (token = cli_json_next(all, &at))) {
		online_cell(table, token, "name");
		online_cell(table, token, "role");
		online_cell(table, token, "created");
		online_cell(table, token, "expires");
	}
	return online_table_done(table);
}

/* The secret alone goes to standard output, so that it can be piped into a file. */
static int
print_secret(const struct online *online, const char *body)
{
	struct cli_json *json = NULL;
	struct pce_error err = { 0 };
	const char *secret;
	int result = CLI_DONE;

	if (cli_json_parse(body, strlen(body), &json, &err))
		return cli_fail(online->verb, &err);
	secret =
	    cli_json_member(cli_json_get(cli_json_root(json), "karst-operations:output"), "secret");
	if (secret)
		puts(secret);
	else
		result = CLI_UNREACHABLE;
	cli_json_free(json);
	return result;
}

static int
change(struct online *online, bool create, const char *name, const struct token_options *options)
{
	time_t end = time(NULL) + (time_t)options->days * 86400;
	struct text input = { 0 };
	char *answer = NULL, when[32];
	int result;

	online_member(&input, "name", name);
	if (create)
		online_member(&input, "role", options->role ? options->role : "viewer");
	if (create && options->days) {
		strftime(when, sizeof(when), "%Y-%m-%dT%H:%M:%SZ", gmtime(&end));
		online_member(&input, "expires", when);
	}
	result = online_order(online, create ? "create-token" : "revoke-token", &input,
			      create ? &answer : NULL);
	if (answer)
		result = print_secret(online, answer);
	free(answer);
	return result;
}

int
cli_token(int argc, char **argv)
{
	static const struct cli_command command = { "token", "list | create NAME | revoke NAME",
						    "Lists, makes and ends tokens. create prints "
						    "the token on standard output, this once. It "
						    "needs a token of role administrator.",
						    1, 2 };
	struct online online = { .verb = "token" };
	struct token_options options = { 0 };
	const struct cli_group groups[] = { cli_format_group(&online.format),
					    cli_server_group(&online.server),
					    token_group(&options) };
	const char *operands[2];
	size_t n;
	int result = cli_parse(&command, argc, argv, groups, 3, operands, &n);

	if (result != CLI_GO_ON)
		return result;
	if (n == 1 && !strcmp(operands[0], "list"))
		return online_get(&online, ONLINE_STATE "/token", show_tokens);
	if (n == 2 && !strcmp(operands[0], "create"))
		return change(&online, true, operands[1], &options);
	if (n == 2 && !strcmp(operands[0], "revoke"))
		return change(&online, false, operands[1], &options);
	return cli_usage("token", "list, create NAME or revoke NAME is wanted");
}
