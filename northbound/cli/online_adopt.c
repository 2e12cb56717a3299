/* karst policy adopt. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "northbound/cli/cli_online.h"
#include "northbound/cli/online.h"
#include "pce/base/text.h"

struct adopt_options {
	bool dry_run;
	const char *intent;
};

static enum pce_status
take_dry_run(void *into, const char *value, struct pce_error *err)
{
	(void)value, (void)err;
	((struct adopt_options *)into)->dry_run = true;
	return PCE_OK;
}

static enum pce_status
take_intent(void *into, const char *value, struct pce_error *err)
{
	(void)err;
	((struct adopt_options *)into)->intent = value;
	return PCE_OK;
}

static void
add_member(struct text *body, const char *name, const char *value)
{
	if (!value)
		return;
	text_printf(body, ",\"%s\":", name);
	text_json_string(body, value, strlen(value));
}

int
cli_policy_adopt(int argc, char **argv)
{
	static const struct cli_command command = {
		"policy", "adopt DEVICE POLICY",
		"Makes a policy of somebody else on a router Karst's own: an intent whose path is "
		"pinned. POLICY is its name, or COLOR/ENDPOINT. It needs a token of role operator.",
		3, 3
	};
	static const struct cli_option all[] = {
		{ "dry-run", 'n', NULL, "only tell whether it can be adopted", take_dry_run },
		{ "intent", 'i', "ID", "how the intent is called; else as the policy",
		  take_intent },
	};
	struct online online = { .verb = "policy adopt" };
	struct adopt_options options = { false, NULL };
	const struct cli_group groups[] = { cli_format_group(&online.format),
					    cli_server_group(&online.server),
					    { all, 2, &options } };
	struct cli_ask ask = { .method = "POST",
			       .path = "/restconf/operations/karst-operations:adopt" };
	struct cli_reply reply = { 0 };
	struct pce_error err = { 0 };
	struct text body = { 0 };
	const char *operands[3];
	size_t n;
	int result = cli_parse(&command, argc, argv, groups, 3, operands, &n);

	if (result != CLI_GO_ON)
		return result;
	text_printf(&body, "{\"karst-operations:input\":{\"dry-run\":%s",
		    options.dry_run ? "true" : "false");
	add_member(&body, "device", operands[1]);
	add_member(&body, "policy", operands[2]);
	add_member(&body, "intent", options.intent);
	text_add(&body, "}}");
	ask.body = text_get(&body);
	if (!text_ok(&body))
		pce_no_memory(&err);
	else
		cli_ask_well(&online.server, &ask, &reply, &err);
	result = err.status ? cli_fail(online.verb, &err) : CLI_DONE;
	free(reply.body);
	text_free(&body);
	return result;
}
