/* karst telemetry, and what karst link history shows. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "northbound/cli/cli_online.h"
#include "northbound/cli/online.h"
#include "pce/base/text.h"
#include "pce/base/units.h"

static bool
show_streams(const struct cli_node *devices)
{
	struct cli_table *table =
	    online_table("<device <telemetry >messages >updates >malformed >late <text");
	const struct cli_node *device;
	void *at = NULL;

	while (table && (device = cli_json_next(devices, &at))) {
		online_cell(table, device, "name");
		cli_table_cell(table, cli_json_true(device, "streaming") ? "streaming" : "away");
		online_cell(table, device, "messages");
		online_cell(table, device, "updates");
		online_cell(table, device, "malformed");
		online_cell(table, device, "late");
		online_cell(table, device, "text");
	}
	return online_table_done(table);
}

static bool
show_telemetry(const struct cli_node *root)
{
	const struct cli_node *all = cli_json_get(root, "karst-telemetry:telemetry");
	const struct cli_node *links = cli_json_get(all, "link"), *link;
	struct cli_table *table;
	void *at = NULL;

	if (!show_streams(cli_json_get(all, "device")))
		return false;
	putchar('\n');
	table = online_table("<link <device <interface >rate >last >delay >loss_ppb >age_ms");
	while (table && (link = cli_json_next(links, &at))) {
		online_cell(table, link, "name");
		online_cell(table, link, "device");
		online_cell(table, link, "interface");
		online_cell_bps(table, link, "rate-bps");
		online_cell_bps(table, link, "last-rate-bps");
		online_cell_us(table, link, "delay-us");
		online_cell(table, link, "loss-ppb");
		online_cell(table, link, "age-ms");
	}
	return online_table_done(table);
}

/* Asks an operation of karst-telemetry and shows its output. */
static int
ask_output(const struct online *online, const char *path, struct text *input,
	   bool (*show)(const struct cli_node *root))
{
	struct cli_ask ask = { .method = "POST", .path = path, .body = text_get(input) };
	struct cli_reply reply = { 0 };
	struct cli_json *json = NULL;
	struct pce_error err = { 0 };
	enum pce_status status = text_ok(input) ? cli_ask_well(&online->server, &ask, &reply, &err)
						: pce_no_memory(&err);

	if (status == PCE_OK && online->format == CLI_TABLE)
		status = cli_json_parse(reply.body, reply.len, &json, &err);
	if (status == PCE_OK && json && !show(cli_json_root(json)))
		status = cli_output_fault(&err);
	if (status == PCE_OK && !json)
		fputs(reply.body, stdout);
	cli_json_free(json);
	free(reply.body);
	text_free(input);
	return status == PCE_OK ? CLI_DONE : cli_fail(online->verb, &err);
}

static bool
show_hops(const struct cli_node *root)
{
	const struct cli_node *all = cli_json_get(root, "karst-telemetry:output");
	const struct cli_node *hops = cli_json_get(all, "hop"), *hop;
	struct cli_table *table = online_table("<node <by >packets/s >lost_ppm <verdict");
	void *at = NULL;

	while (table && (hop = cli_json_next(hops, &at))) {
		online_cell(table, hop, "node");
		online_cell(table, hop, "link");
		online_cell(table, hop, "packets-per-s");
		online_cell(table, hop, "lost-ppm");
		cli_table_cell(table, cli_json_true(hop, "faulty") ? "packets vanish before" : "");
	}
	return online_table_done(table);
}

static int
ask_hops(const struct online *online, const char *policy)
{
	struct text input = { 0 };

	text_add(&input, "{\"karst-telemetry:input\":{\"policy\":");
	text_json_string(&input, policy, strlen(policy));
	text_add(&input, "}}");
	return ask_output(online, "/restconf/operations/karst-telemetry:policy-hops", &input,
			  show_hops);
}

int
cli_telemetry(int argc, char **argv)
{
	static const struct cli_command command = {
		"telemetry", "[POLICY]",
		"Shows which routers stream telemetry, and what is measured of links now; of a "
		"policy what comes in at each router on its way, and where packets vanish.",
		0, 1
	};
	struct online online = { .verb = "telemetry" };
	const struct cli_group groups[] = { cli_format_group(&online.format),
					    cli_server_group(&online.server) };
	const char *policy = NULL;
	size_t n;
	int result = cli_parse(&command, argc, argv, groups, 2, &policy, &n);

	if (result == CLI_GO_ON && n == 1)
		return ask_hops(&online, policy);
	return result == CLI_GO_ON
		   ? online_get(&online, "/restconf/data/karst-telemetry:telemetry", show_telemetry)
		   : result;
}

/* --- history --- */

static enum pce_status
take_last(void *into, const char *value, struct pce_error *err)
{
	return units_parse_us(value, &((struct online_history *)into)->last_us, err);
}

static enum pce_status
take_step(void *into, const char *value, struct pce_error *err)
{
	struct online_history *options = into;
	enum pce_status status = units_parse_us(value, &options->step_us, err);

	if (status == PCE_OK &&
	    (options->step_us < USEC_PER_S || options->step_us > (uint64_t)604800 * USEC_PER_S))
		return pce_fail(err, PCE_INVALID, "a step is 1s to 604800s");
	return status;
}

struct cli_group
online_history_group(struct online_history *options)
{
	static const struct cli_option all[] = {
		{ "last", 0, "TIME", "how far back, as 3600s; without it, all that is kept",
		  take_last },
		{ "step", 0, "TIME", "length of a bucket, as 300s; without it, the resolution",
		  take_step },
	};

	return (struct cli_group){ all, 2, options };
}

static bool
show_buckets(const struct cli_node *root)
{
	const struct cli_node *all = cli_json_get(root, "karst-telemetry:output");
	const struct cli_node *buckets = cli_json_get(all, "bucket"), *bucket;
	struct cli_table *table = online_table("<start >min >mean >p95 >max >delay >loss_ppb");
	void *at = NULL;

	while (table && (bucket = cli_json_next(buckets, &at))) {
		online_cell(table, bucket, "start");
		online_cell_bps(table, bucket, "min-bps");
		online_cell_bps(table, bucket, "mean-bps");
		online_cell_bps(table, bucket, "p95-bps");
		online_cell_bps(table, bucket, "max-bps");
		online_cell_us(table, bucket, "delay-us");
		online_cell(table, bucket, "loss-ppb");
	}
	return online_table_done(table);
}

static void
print_request(const char *link, const struct online_history *options, struct text *out)
{
	char from[40];
	struct tm utc;
	time_t start = time(NULL) - (time_t)(options->last_us / USEC_PER_S);

	text_add(out, "{\"karst-telemetry:input\":{\"link\":");
	text_json_string(out, link, strlen(link));
	if (options->last_us > 0 && gmtime_r(&start, &utc) &&
	    strftime(from, sizeof(from), "%Y-%m-%dT%H:%M:%SZ", &utc) > 0)
		text_printf(out, ",\"from\":\"%s\"", from);
	if (options->step_us > 0)
		text_printf(out, ",\"step-s\":%llu",
			    (unsigned long long)(options->step_us / USEC_PER_S));
	text_add(out, "}}");
}

int
online_history(const struct online *online, const char *link, const struct online_history *options)
{
	struct text body = { 0 };

	print_request(link, options, &body);
	return ask_output(online, "/restconf/operations/karst-telemetry:link-history", &body,
			  show_buckets);
}
