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
	struct text input = { 0 };
	const char *operands[3];
	size_t n;
	int result = cli_parse(&command, argc, argv, groups, 3, operands, &n);

	if (result != CLI_GO_ON)
		return result;
	online_member(&input, "device", operands[1]);
	online_member(&input, "policy", operands[2]);
	online_member(&input, "intent", options.intent);
	text_printf(&input, ",\"dry-run\":%s", options.dry_run ? "true" : "false");
	return online_order(&online, "adopt", &input, NULL);
}
