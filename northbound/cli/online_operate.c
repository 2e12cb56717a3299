/* karst mode, karst resume. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>

#include "northbound/cli/cli_online.h"
#include "northbound/cli/online.h"
#include "pce/operate/mode.h"

static int
order(const struct online *online, const char *path, const char *body)
{
	const struct cli_ask ask = { .method = "POST", .path = path, .body = body };
	struct cli_reply reply = { 0 };
	struct pce_error err = { 0 };
	enum pce_status status = cli_ask_well(&online->server, &ask, &reply, &err);

	free(reply.body);
	return status ? cli_fail(online->verb, &err) : CLI_DONE;
}

static bool
show_mode(const struct cli_node *root)
{
	const struct cli_node *state = cli_json_get(root, "karst-operations:operations");
	const struct cli_node *status = cli_json_get(state, "status");
	const char *mode = cli_json_member(status, "mode");
	const char *reason = cli_json_member(status, "frozen-reason");

	printf("%s%s%s\n", mode ? mode : "unknown", reason ? ", frozen: " : "",
	       reason ? reason : "");
	return true;
}

int
cli_mode(int argc, char **argv)
{
	static const struct cli_command command = {
		"mode", "[act|observe]",
		"Shows the mode, or changes it: act makes changes, observe learns and shows and "
		"changes "
		"nothing. Changing it needs a token of role admin.",
		0, 1
	};
	struct online online = { .verb = "mode" };
	const struct cli_group groups[] = { cli_format_group(&online.format),
					    cli_server_group(&online.server) };
	struct pce_error err = { 0 };
	enum operate_mode mode;
	const char *name;
	char body[64];
	size_t n;
	int result = cli_parse(&command, argc, argv, groups, 2, &name, &n);

	if (result != CLI_GO_ON)
		return result;
	if (n == 0)
		return online_get(&online, ONLINE_STATE, show_mode);
	if (operate_mode_parse(name, &mode, &err))
		return cli_usage("mode", "%s", err.text);
	snprintf(body, sizeof(body), "{\"karst-operations:input\":{\"mode\":\"%s\"}}",
		 operate_mode_name(mode));
	return order(&online, "/restconf/operations/karst-operations:set-mode", body);
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

	return result == CLI_GO_ON
		   ? order(&online, "/restconf/operations/karst-operations:resume", NULL)
		   : result;
}
