/*
 * karst-lab-speaker: announces a topology file as BGP-LS, as the routers of that network would.
 * Lines on standard input control it, one line on standard output answers each, with the
 * microseconds of CLOCK_MONOTONIC in front:
 *
 *   cut LINK        both half-links of the fibre are withdrawn       -> "US cut LINK"
 *   half LINK       only this directed link is withdrawn             -> "US half LINK"
 *   restore LINK    they are announced again                         -> "US restore LINK"
 *   metric LINK N   one directed link is announced with IGP metric N -> "US metric LINK"
 *   quit            (or the end of input) ends the program
 */
#define _GNU_SOURCE
#include <event2/event.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "models/import/import.h"
#include "tests/lab/bgpls_speaker.h"

struct lab {
	struct event_base *loop;
	struct codec_topology topology;
	struct lab_speaker *speaker;
	char input[4096];
	size_t filled;
};

static const char usage[] =
    "usage: karst-lab-speaker --topology FILE [--asn N] --connect ADDR:PORT [--source ADDR]\n"
    "       karst-lab-speaker --topology FILE [--asn N] --listen ADDR:PORT --peer ADDR\n";

static long long
now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (long long)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static struct ted_delta *
find_link(struct lab *lab, const char *name)
{
	for (size_t i = 0; i < lab->topology.n; i++) {
		struct ted_delta *d = &lab->topology.deltas[i];

		if (d->object == TED_OBJECT_LINK && (d->attr.link.present & TED_LINK_NAME) &&
		    strcmp(d->attr.link.name, name) == 0)
			return d;
	}
	return NULL;
}

static bool
same_node(const struct ted_node_key *a, const struct ted_node_key *b)
{
	return a->protocol == b->protocol && a->instance == b->instance && a->asn == b->asn &&
	       a->bgpls_id == b->bgpls_id && a->area == b->area &&
	       a->router_id_len == b->router_id_len &&
	       memcmp(a->router_id, b->router_id, a->router_id_len) == 0;
}

/* The other direction of the same fibre: ends, addresses and identifiers swapped. */
static struct ted_delta *
find_reverse(struct lab *lab, const struct ted_link_key *key)
{
	for (size_t i = 0; i < lab->topology.n; i++) {
		struct ted_delta *d = &lab->topology.deltas[i];
		const struct ted_link_key *k = &d->key.link;

		if (d->object == TED_OBJECT_LINK && same_node(&k->local, &key->remote) &&
		    same_node(&k->remote, &key->local) &&
		    ip_compare(&k->v6_local, &key->v6_remote) == 0 &&
		    ip_compare(&k->v4_local, &key->v4_remote) == 0 && k->local_id == key->remote_id)
			return d;
	}
	return NULL;
}

static enum pce_status
say(struct lab *lab, const struct ted_delta *delta, enum ted_op op)
{
	struct ted_delta said = *delta;
	struct pce_error err = { 0 };
	enum pce_status status;

	said.op = op;
	status = lab_speaker_say(lab->speaker, &said, 1, &err);
	if (status)
		fprintf(stderr, "karst-lab-speaker: %s\n", err.text);
	return status;
}

static void
control(struct lab *lab, char *line)
{
	char *verb = strtok(line, " "), *name = strtok(NULL, " "), *value = strtok(NULL, " ");
	struct ted_delta *link, *reverse;
	long long at = now_us();

	if (!verb)
		return;
	if (strcmp(verb, "quit") == 0) {
		event_base_loopbreak(lab->loop);
		return;
	}
	link = name ? find_link(lab, name) : NULL;
	if (!link) {
		printf("%lld error no link is called %s\n", at, name ? name : "");
		fflush(stdout);
		return;
	}
	reverse = find_reverse(lab, &link->key.link);
	if (strcmp(verb, "metric") == 0 && value) {
		link->attr.link.igp_metric = (uint32_t)strtoul(value, NULL, 10);
		link->attr.link.present |= TED_LINK_IGP_METRIC;
		say(lab, link, TED_SET);
	} else if (strcmp(verb, "half") == 0) {
		say(lab, link, TED_DELETE);
	} else if (strcmp(verb, "cut") == 0 || strcmp(verb, "restore") == 0) {
		enum ted_op op = verb[0] == 'c' ? TED_DELETE : TED_SET;

		say(lab, link, op);
		if (reverse)
			say(lab, reverse, op);
	} else {
		printf("%lld error \"%s\" is no verb\n", at, verb);
		fflush(stdout);
		return;
	}
	printf("%lld %s %s\n", at, verb, name);
	fflush(stdout);
}

static void
on_input(evutil_socket_t fd, short what, void *ctx)
{
	struct lab *lab = ctx;
	ssize_t n = read((int)fd, lab->input + lab->filled, sizeof(lab->input) - 1 - lab->filled);
	char *end;

	(void)what;
	if (n <= 0) {
		event_base_loopbreak(lab->loop);
		return;
	}
	lab->filled += (size_t)n;
	lab->input[lab->filled] = '\0';
	while ((end = strchr(lab->input, '\n')) != NULL) {
		*end = '\0';
		control(lab, lab->input);
		lab->filled -= (size_t)(end + 1 - lab->input);
		memmove(lab->input, end + 1, lab->filled + 1);
	}
	if (lab->filled == sizeof(lab->input) - 1)
		lab->filled = 0;
}

static void
on_state(void *ctx, struct lab_speaker *speaker, bool up, const char *text)
{
	(void)ctx, (void)speaker;
	printf("%lld %s%s%s\n", now_us(), up ? "up" : "down", text ? " " : "", text ? text : "");
	fflush(stdout);
}

/* "ADDR:PORT". */
static bool
read_endpoint(const char *value, struct ip_addr *address, uint16_t *port)
{
	const char *colon = strrchr(value, ':');
	char host[64];

	if (!colon || (size_t)(colon - value) >= sizeof(host))
		return false;
	memcpy(host, value, (size_t)(colon - value));
	host[colon - value] = '\0';
	*port = (uint16_t)strtoul(colon + 1, NULL, 10);
	return *port && ip_parse(host, address, NULL) == PCE_OK;
}

static enum pce_status
load(struct lab *lab, const char *file, struct pce_error *err)
{
	struct codec *codec = NULL;
	char *text = NULL;
	size_t len = 0;
	enum pce_status status = codec_new(NULL, &codec, err);

	if (!status)
		status = codec_file_read(file, 0, &text, &len, err);
	if (!status)
		status = import_topology(codec, text, len, NULL, &lab->topology, err);
	free(text);
	codec_free(codec);
	return status;
}

/* Nodes and what hangs on them go out as a feed would say them: static nodes cannot be in one. */
static enum pce_status
announce(struct lab *lab, struct pce_error *err)
{
	for (size_t i = 0; i < lab->topology.n; i++) {
		const struct ted_delta *d = &lab->topology.deltas[i];
		enum pce_status status;

		if (d->object == TED_OBJECT_SRLG || d->object == TED_OBJECT_AFFINITY ||
		    d->object == TED_OBJECT_SITE)
			continue;
		if (d->object == TED_OBJECT_NODE && d->key.node.protocol == TED_PROTOCOL_STATIC)
			return pce_fail(
			    err, PCE_INVALID,
			    "node %.*s has no igp identity in the file: no feed can name it",
			    (int)d->key.node.router_id_len, (const char *)d->key.node.router_id);
		status = lab_speaker_say(lab->speaker, d, 1, err);
		if (status)
			return status;
	}
	return PCE_OK;
}

static enum pce_status
run(struct lab *lab, const char *file, struct lab_speaker_setup *setup, struct pce_error *err)
{
	struct event *input;
	enum pce_status status = load(lab, file, err);

	if (!status)
		status = lab_speaker_new(lab->loop, setup, &lab->speaker, err);
	if (!status)
		status = announce(lab, err);
	if (status)
		return status;
	input = event_new(lab->loop, STDIN_FILENO, EV_READ | EV_PERSIST, on_input, lab);
	if (!input)
		return pce_no_memory(err);
	event_add(input, NULL);
	printf("ready %zu\n", lab_speaker_count(lab->speaker));
	fflush(stdout);
	event_base_dispatch(lab->loop);
	event_free(input);
	return PCE_OK;
}

static bool
read_options(int argc, char **argv, struct lab_speaker_setup *setup, const char **file)
{
	static const struct option options[] = {
		{ "topology", required_argument, NULL, 't' },
		{ "connect", required_argument, NULL, 'c' },
		{ "source", required_argument, NULL, 's' },
		{ "listen", required_argument, NULL, 'l' },
		{ "peer", required_argument, NULL, 'p' },
		{ "asn", required_argument, NULL, 'a' },
		{ NULL, 0, NULL, 0 },
	};
	bool good = true;
	int o;

	while ((o = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (o == 't')
			*file = optarg;
		else if (o == 'c')
			good = good && read_endpoint(optarg, &setup->peer, &setup->peer_port);
		else if (o == 's')
			good = good && ip_parse(optarg, &setup->local, NULL) == PCE_OK;
		else if (o == 'l')
			good = good && read_endpoint(optarg, &setup->local, &setup->listen_port);
		else if (o == 'p')
			good = good && ip_parse(optarg, &setup->peer, NULL) == PCE_OK;
		else if (o == 'a')
			setup->asn = setup->peer_asn = (uint32_t)strtoul(optarg, NULL, 10);
		else
			good = false;
	}
	setup->passive = setup->listen_port != 0;
	return good && *file && setup->peer.family != IP_NONE && optind == argc;
}

int
main(int argc, char **argv)
{
	struct lab_speaker_setup setup = {
		.asn = 65000, .peer_asn = 65000, .router_id = 0x0a000001, .on_state = on_state
	};
	struct lab lab = { 0 };
	struct pce_error err = { 0 };
	const char *file = NULL;
	int result = 0;

	if (!read_options(argc, argv, &setup, &file)) {
		fputs(usage, stderr);
		return 2;
	}
	signal(SIGPIPE, SIG_IGN);
	lab.loop = event_base_new();
	if (!lab.loop || run(&lab, file, &setup, &err)) {
		fprintf(stderr, "karst-lab-speaker: %s\n", err.text);
		result = 1;
	}
	lab_speaker_free(lab.speaker);
	codec_topology_free(&lab.topology);
	if (lab.loop)
		event_base_free(lab.loop);
	return result;
}
