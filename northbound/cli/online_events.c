/*
 * karst events: follows the event stream. A stream that ends is taken up again where it was
 * (Last-Event-ID), so that nothing is missed while the daemon restarts a connection.
 */
#include "config.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "northbound/cli/cli_online.h"
#include "northbound/cli/online.h"
#include "pce/base/text.h"

#define MODULE "karst-events:"
#define RETRY_S 2
#define RETRIES 5 /* in a row without one event, then the daemon counts as away */

struct follow {
	struct online online;
	unsigned long count; /* events to show; 0: no end */
	unsigned long shown;
	unsigned retries;
	char id[80]; /* of the last event */
	char pending[80]; /* of the event that is being read */
	bool gap;
};

/* One line for people: time, kind, object, state, why. */
static void
show_event(const char *json_text)
{
	struct cli_json *json = NULL;
	const struct cli_node *note, *event;
	const char *kind = "", *time, *object, *state, *text, *cause;

	if (cli_json_parse(json_text, strlen(json_text), &json, NULL) != PCE_OK)
		return;
	note = cli_json_get(cli_json_root(json), "ietf-restconf:notification");
	time = cli_json_member(note, "eventTime");
	event = cli_json_find(note, MODULE, &kind);
	kind += event ? strlen(MODULE) : 0;
	object = cli_json_member(event, "intent");
	object = object ? object : cli_json_member(event, "policy");
	object = object ? object : cli_json_member(event, "object");
	state = cli_json_member(event, "state");
	state = state ? state : cli_json_member(event, "severity");
	text = cli_json_member(event, "text");
	cause = cli_json_member(event, "cause");
	printf("%.23s  %-15s  %s%s%s", time ? time : "", kind, object ? object : "topology",
	       state ? "  " : "", state ? state : "");
	if (cli_json_get(event, "revision"))
		printf("  revision %s: %llu nodes, %llu links", cli_json_member(event, "revision"),
		       cli_json_number(event, "nodes", 0), cli_json_number(event, "links", 0));
	if (cause)
		printf("  (%s)", cause);
	if (text)
		printf("  %s", text);
	putchar('\n');
	cli_json_free(json);
}

/* One line of the stream (HTML standard, section 9.2.6). */
static bool
take_line(void *arg, const char *line)
{
	struct follow *follow = arg;

	if (!strncmp(line, "id: ", 4)) {
		snprintf(follow->pending, sizeof(follow->pending), "%s", line + 4);
	} else if (!strcmp(line, "event: gap")) {
		follow->gap = true;
	} else if (!strncmp(line, "data: ", 6) && follow->gap) {
		fprintf(stderr, "karst events: some events are no longer kept\n");
		follow->gap = false;
	} else if (!strncmp(line, "data: ", 6)) {
		if (follow->online.format == CLI_JSON)
			puts(line + 6);
		else
			show_event(line + 6);
		fflush(stdout);
		snprintf(follow->id, sizeof(follow->id), "%s", follow->pending);
		follow->retries = 0;
		follow->shown++;
	}
	return follow->count == 0 || follow->shown < follow->count;
}

static int
run(struct follow *follow)
{
	struct cli_ask ask = { .method = "GET", .path = "/restconf/streams/karst" };
	struct pce_error err = { 0 };
	char header[120];

	for (;;) {
		enum pce_status status;

		ask.header = NULL;
		if (follow->id[0]) {
			snprintf(header, sizeof(header), "Last-Event-ID: %s", follow->id);
			ask.header = header;
		}
		status = cli_follow(&follow->online.server, &ask, take_line, follow, &err);
		if (status == PCE_OK)
			return CLI_DONE;
		/* Only a stream that has run once is worth waiting for. */
		if ((status != PCE_UNREACHABLE && status != PCE_TIMEOUT) || !follow->id[0] ||
		    ++follow->retries > RETRIES)
			return cli_fail("events", &err);
		sleep(RETRY_S);
	}
}

static enum pce_status
take_count(void *into, const char *value, struct pce_error *err)
{
	char *end;
	unsigned long n = strtoul(value, &end, 10);

	if (*end || *value < '0' || *value > '9' || n == 0)
		return pce_fail(err, PCE_INVALID, "\"%s\" is not a number above 0", value);
	((struct follow *)into)->count = n;
	return PCE_OK;
}

static enum pce_status
take_after(void *into, const char *value, struct pce_error *err)
{
	struct follow *follow = into;

	if (strlen(value) >= sizeof(follow->id) || strpbrk(value, "\r\n"))
		return pce_fail(err, PCE_INVALID, "no event has such an id");
	snprintf(follow->id, sizeof(follow->id), "%s", value);
	return PCE_OK;
}

int
cli_events(int argc, char **argv)
{
	static const struct cli_command command = { "events", "",
						    "Shows what happens, as it happens.", 0, 0 };
	static const struct cli_option options[] = {
		{ "count", 'c', "N", "end after N events", take_count },
		{ "after", 0, "ID",
		  "begin after this event (its id in the stream; 0: all that are kept)",
		  take_after },
	};
	struct follow follow = { .online.verb = "events" };
	const struct cli_group groups[] = { cli_format_group(&follow.online.format),
					    cli_server_group(&follow.online.server),
					    { options, 2, &follow } };
	size_t n;
	int result = cli_parse(&command, argc, argv, groups, 3, NULL, &n);

	return result == CLI_GO_ON ? run(&follow) : result;
}
