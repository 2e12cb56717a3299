/*
 * karst trace: the hops that marked packets of an intent really take, beside those that were
 * computed. What was computed comes from the daemon; the packets are sent and watched by the
 * network itself. Routers have no common way to do that, so it asks whoever can: a Unix socket that
 * takes the line "trace-key HEADEND COLOR ENDPOINT PACKETS" and answers "ok", a line about the
 * ends, and "PACKET MICROSECONDS LINK" for each hop, LINK "arrived" at the end. The lab (./dev lab)
 * has one.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "northbound/cli/cli_online.h"
#include "northbound/cli/online.h"
#include "pce/base/array.h"
#include "pce/base/text.h"

#define DEFAULT_SOCKET "/run/karst-lab/karst/control"
#define MOST_PACKETS 1000

struct trace_options {
	const char *socket;
	unsigned packets;
};

/* A link that was computed, or that packets took. */
struct trace_link {
	const char *name;
	const char *preference; /* of the candidate path; NULL: not computed */
	unsigned packets;
	unsigned long long after_us; /* the first packet, since it was sent */
	bool seen;
};

struct trace {
	const struct cli_node *policy;
	char *answer;
	struct trace_link *links;
	size_t n, cap;
	unsigned arrived;
};

/* --- asking the network --- */

static enum pce_status
connect_to(const char *path, int *out, struct pce_error *err)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	if (strlen(path) >= sizeof(at.sun_path)) {
		if (fd >= 0)
			close(fd);
		return pce_fail(err, PCE_INVALID, "%s is too long for a socket", path);
	}
	snprintf(at.sun_path, sizeof(at.sun_path), "%s", path);
	if (fd >= 0 && connect(fd, (struct sockaddr *)&at, sizeof(at)) == 0) {
		*out = fd;
		return PCE_OK;
	}
	if (fd >= 0)
		close(fd);
	return pce_fail(err, PCE_UNREACHABLE,
			"nobody traces packets at %s: a lab does (./dev lab up), or give --lab",
			path);
}

/* The answer without its first line "ok". */
static enum pce_status
ask_network(const char *path, const char *line, char **out, struct pce_error *err)
{
	struct text answer = { 0 };
	char part[4096];
	ssize_t got = 0;
	int fd = -1;
	enum pce_status status = connect_to(path, &fd, err);

	if (status)
		return status;
	if (write(fd, line, strlen(line)) == (ssize_t)strlen(line))
		while ((got = read(fd, part, sizeof(part))) > 0)
			text_bytes(&answer, part, (size_t)got);
	close(fd);
	if (!text_ok(&answer))
		status = pce_no_memory(err);
	else if (strncmp(text_get(&answer), "ok\n", 3) == 0)
		*out = array_strdup(text_get(&answer) + 3);
	else if (strncmp(text_get(&answer), "error ", 6) == 0)
		status = pce_fail(err, PCE_CONFLICT, "%.*s",
				  (int)strcspn(text_get(&answer) + 6, "\n"), text_get(&answer) + 6);
	else
		status = pce_fail(err, PCE_UNREACHABLE, "%s gave no answer", path);
	text_free(&answer);
	return status == PCE_OK && *out == NULL ? pce_no_memory(err) : status;
}

/* A name as one word: octets up to the blank, and "%", are written as in URLs. */
static void
put_word(struct text *out, const char *name)
{
	for (; name && *name; name++)
		if ((unsigned char)*name <= ' ' || *name == '%' || *name == 0x7f)
			text_printf(out, "%%%02X", (unsigned char)*name);
		else
			text_bytes(out, name, 1);
}

/* And back, in place. */
static void
read_word(char *word)
{
	char *to = word;

	for (const char *from = word; *from; from++) {
		int high = *from == '%' ? text_hex_digit(from[1]) : -1;
		int low = high >= 0 ? text_hex_digit(from[2]) : -1;

		*to++ = (char)(low >= 0 ? high << 4 | low : *from);
		from += low >= 0 ? 2 : 0;
	}
	*to = '\0';
}

/* --- what was computed and what was seen --- */

static struct trace_link *
find_link(struct trace *t, const char *name)
{
	for (size_t i = 0; i < t->n; i++)
		if (strcmp(t->links[i].name, name) == 0)
			return &t->links[i];
	return NULL;
}

static enum pce_status
add_link(struct trace *t, const char *name, const char *preference, struct pce_error *err)
{
	enum pce_status status;

	if (find_link(t, name))
		return PCE_OK;
	status = array_reserve(&t->links, &t->cap, t->n + 1, sizeof(*t->links), err);
	if (status == PCE_OK)
		t->links[t->n++] = (struct trace_link){ .name = name, .preference = preference };
	return status;
}

static enum pce_status
add_way(struct trace *t, const struct cli_node *way, const char *preference, struct pce_error *err)
{
	const struct cli_node *link;
	void *at = NULL;
	enum pce_status status = PCE_OK;

	while (status == PCE_OK && (link = cli_json_next(cli_json_get(way, "link"), &at)))
		status = add_link(t, cli_json_text(link), preference, err);
	return status;
}

/* Links of all lists of all candidate paths. */
static enum pce_status
add_computed(struct trace *t, struct pce_error *err)
{
	const struct cli_node *path, *list;
	void *at = NULL, *inner;
	enum pce_status status = PCE_OK;

	while (status == PCE_OK &&
	       (path = cli_json_next(cli_json_get(t->policy, "candidate-path"), &at))) {
		const char *preference = cli_json_member(path, "preference");

		status = add_way(t, path, preference, err);
		inner = NULL;
		while (status == PCE_OK &&
		       (list = cli_json_next(cli_json_get(path, "segment-list"), &inner)))
			status = add_way(t, list, preference, err);
	}
	return status;
}

static enum pce_status
add_seen(struct trace *t, struct pce_error *err)
{
	enum pce_status status = PCE_OK;
	char *save = NULL, *line = strtok_r(t->answer, "\n", &save);

	/* The first line tells the ends. */
	while (status == PCE_OK && line && (line = strtok_r(NULL, "\n", &save))) {
		unsigned long long us;
		struct trace_link *link;
		int name = 0;

		if (sscanf(line, "%*u %llu %n", &us, &name) != 1 || !name)
			continue;
		read_word(line + name);
		if (strcmp(line + name, "arrived") == 0) {
			t->arrived++;
			continue;
		}
		status = add_link(t, line + name, NULL, err);
		link = find_link(t, line + name);
		if (status || !link)
			continue;
		if (!link->seen)
			link->after_us = us;
		link->seen = true;
		link->packets++;
	}
	return status;
}

/* The preference of the candidate path whose links, all of them, were seen and no others; NULL:
 * there is none. */
static const char *
path_taken(const struct trace *t)
{
	const char *preference = NULL;

	for (size_t i = 0; i < t->n; i++) {
		const struct trace_link *l = &t->links[i];

		if (!l->seen)
			continue;
		if (!l->preference || (preference && strcmp(l->preference, preference)))
			return NULL;
		preference = l->preference;
	}
	for (size_t i = 0; preference && i < t->n; i++)
		if (!t->links[i].seen && t->links[i].preference &&
		    strcmp(t->links[i].preference, preference) == 0)
			return NULL;
	return preference;
}

/* --- showing --- */

static bool
show_table(const struct trace *t, unsigned packets, const char *taken)
{
	struct cli_table *table = online_table("<link >computed >packets >after");

	printf("policy %s from %s to %s: %u packets, %u arrived\n",
	       cli_json_member(t->policy, "id"), cli_json_member(t->policy, "headend"),
	       cli_json_member(t->policy, "tailend"), packets, t->arrived);
	for (size_t i = 0; table && i < t->n; i++) {
		const struct trace_link *l = &t->links[i];

		cli_table_cell(table, l->name);
		cli_table_cell(table, l->preference);
		cli_table_cellf(table, "%u", l->packets);
		if (l->seen)
			cli_table_cellf(table, "%llu us", l->after_us);
		else
			cli_table_cell(table, NULL);
	}
	if (!online_table_done(table))
		return false;
	if (taken)
		printf("as computed: candidate path %s\n\n", taken);
	else
		printf("NOT as computed: the packets took other links than any candidate path\n\n");
	return true;
}

static void
add_json(const struct trace *t, unsigned packets, const char *taken, struct text *out)
{
	const char *id = cli_json_member(t->policy, "id");

	text_add(out, "{\"policy\":");
	text_json_string(out, id ? id : "", strlen(id ? id : ""));
	text_printf(out, ",\"packets\":%u,\"arrived\":%u,\"as-computed\":%s,\"hop\":[", packets,
		    t->arrived, taken ? "true" : "false");
	for (size_t i = 0; i < t->n; i++) {
		const struct trace_link *l = &t->links[i];

		text_add(out, i ? ",{\"link\":" : "{\"link\":");
		text_json_string(out, l->name, strlen(l->name));
		if (l->preference)
			text_printf(out, ",\"computed\":%s", l->preference);
		text_printf(out, ",\"packets\":%u", l->packets);
		if (l->seen)
			text_printf(out, ",\"after-us\":%llu", l->after_us);
		text_add(out, "}");
	}
	text_add(out, "]}");
}

/* --- the verb --- */

/* Traces one policy; *good becomes false if packets went elsewhere or were lost. */
static enum pce_status
trace_one(const struct cli_node *policy, const struct trace_options *options, struct text *json,
	  bool *good, struct pce_error *err)
{
	struct trace t = { .policy = policy };
	const char *color = cli_json_member(policy, "color");
	const char *endpoint = cli_json_member(policy, "endpoint"), *taken;
	struct text line = { 0 };
	enum pce_status status;

	text_add(&line, "trace-key ");
	put_word(&line, cli_json_member(policy, "headend"));
	text_printf(&line, " %s %s %u\n", color ? color : "?", endpoint ? endpoint : "?",
		    options->packets);
	status = text_ok(&line) ? ask_network(options->socket, text_get(&line), &t.answer, err)
				: pce_no_memory(err);
	text_free(&line);
	if (status == PCE_OK)
		status = add_computed(&t, err);
	if (status == PCE_OK)
		status = add_seen(&t, err);
	if (status == PCE_OK) {
		taken = path_taken(&t);
		*good = *good && taken && t.arrived == options->packets;
		if (json) {
			text_add(json, json->len > 1 ? "," : "");
			add_json(&t, options->packets, taken, json);
		} else if (!show_table(&t, options->packets, taken)) {
			status = cli_output_fault(err);
		}
	}
	free(t.links);
	free(t.answer);
	return status;
}

static enum pce_status
trace_all(const struct cli_node *root, const char *intent, const struct trace_options *options,
	  struct text *json, bool *good, struct pce_error *err)
{
	const struct cli_node *policies = cli_json_get(root, "karst-policy:policies"), *policy;
	enum pce_status status = PCE_OK;
	unsigned found = 0;
	void *at = NULL;

	while (status == PCE_OK &&
	       (policy = cli_json_next(cli_json_get(policies, "policy"), &at))) {
		const char *of = cli_json_member(policy, "intent");

		if (!of || strcmp(of, intent))
			continue;
		found++;
		status = trace_one(policy, options, json, good, err);
	}
	if (status == PCE_OK && !found)
		return pce_fail(err, PCE_INVALID, "there is no policy for an intent \"%s\"",
				intent);
	return status;
}

static enum pce_status
take_lab(void *into, const char *value, struct pce_error *err)
{
	struct trace_options *options = into;

	(void)err;
	options->socket = value;
	return PCE_OK;
}

static enum pce_status
take_packets(void *into, const char *value, struct pce_error *err)
{
	struct trace_options *options = into;
	char *end;
	unsigned long packets = strtoul(value, &end, 10);

	if (*value < '0' || *value > '9' || *end || !packets || packets > MOST_PACKETS)
		return pce_fail(err, PCE_INVALID, "packets: 1 to %d", MOST_PACKETS);
	options->packets = (unsigned)packets;
	return PCE_OK;
}

static int
run(const struct online *online, const char *intent, const struct trace_options *options)
{
	struct cli_ask ask = { .method = "GET", .path = ONLINE_POLICIES };
	struct cli_reply reply = { 0 };
	struct cli_json *json = NULL;
	struct pce_error err = { 0 };
	struct text out = { 0 };
	bool good = true, for_programs = online->format == CLI_JSON;
	enum pce_status status = cli_ask_well(&online->server, &ask, &reply, &err);

	text_add(&out, "[");
	if (status == PCE_OK)
		status = cli_json_parse(reply.body, reply.len, &json, &err);
	if (status == PCE_OK)
		status = trace_all(cli_json_root(json), intent, options, for_programs ? &out : NULL,
				   &good, &err);
	if (status == PCE_OK && for_programs)
		printf("%s]\n", text_get(&out));
	text_free(&out);
	cli_json_free(json);
	free(reply.body);
	if (status != PCE_OK)
		return cli_fail(online->verb, &err);
	return good ? CLI_DONE : CLI_NO_ANSWER;
}

int
cli_trace(int argc, char **argv)
{
	static const struct cli_option options[] = {
		{ "packets", 'n', "N", "so many packets, each a flow of its own (8)",
		  take_packets },
		{ "lab", 0, "SOCKET", "who sends and watches packets (" DEFAULT_SOCKET ")",
		  take_lab },
	};
	static const struct cli_command command = {
		"trace", "INTENT",
		"Sends marked packets through the policies of an intent and shows the links that "
		"they took beside the computed ones.",
		1, 1
	};
	struct trace_options trace = { .socket = getenv("KARST_LAB"), .packets = 8 };
	struct online online = { .verb = "trace" };
	const struct cli_group groups[] = { { options, 2, &trace },
					    cli_format_group(&online.format),
					    cli_server_group(&online.server) };
	const char *operands[1];
	size_t n;
	int result;

	if (!trace.socket)
		trace.socket = DEFAULT_SOCKET;
	result = cli_parse(&command, argc, argv, groups, 3, operands, &n);
	return result != CLI_GO_ON ? result : run(&online, operands[0], &trace);
}
