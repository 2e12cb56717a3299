/*
 * Karst's BGP on the command line, for tests with daemons that others wrote.
 *
 *   bgp_probe take ADDR PORT LOCAL ASN PEER_ASN [ipv4]  connects, prints a line of JSON for each
 *                                                       event and delta, until stdin closes
 *   bgp_probe wait ADDR LOCAL PORT ASN PEER_ASN [ipv4]  the same, listening on LOCAL
 *   bgp_probe speak ADDR PORT LOCAL ASN COUNT SEED      a lab speaker that announces COUNT random
 *                                                       objects; each line on stdin withdraws one
 *   bgp_probe encode COUNT SEED                         such UPDATEs as hex, one a line
 */
#define _POSIX_C_SOURCE 200809L

#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "pce/base/text.h"
#include "southbound/bgp/shell.h"
#include "southbound/bgp/translate.h"
#include "tests/bgp/deltas.h"
#include "tests/lab/bgpls_speaker.h"

struct probe {
	struct event_base *base;
	struct bgpls_translator *translator;
	struct lab_speaker *speaker;
	unsigned long count, seed;
};

static int
usage(void)
{
	fputs("usage: bgp_probe take|wait|speak|encode …, see its source\n", stderr);
	return 2;
}

static void
print_router(struct text *t, const char *key, const struct ted_node_key *node)
{
	text_printf(t, ", \"%s\": \"", key);
	text_hex(t, node->router_id, node->router_id_len);
	text_printf(t, "\", \"%s_asn\": %u", key, node->asn);
}

static void
print_addr(struct text *t, const char *key, const struct ip_addr *addr)
{
	char word[IP_TEXT];

	text_printf(t, ", \"%s\": \"%s\"", key, ip_print(addr, word));
}

static void
print_sid(struct text *t, const uint8_t sid[16])
{
	struct ip_addr addr = ip_v6(sid);

	print_addr(t, "sid", &addr);
}

static void
print_link(struct text *t, const struct ted_delta *d)
{
	const struct ted_link_attr *l = &d->attr.link;

	print_router(t, "local", &d->key.link.local);
	print_router(t, "remote", &d->key.link.remote);
	text_printf(t, ", \"local_id\": %u, \"remote_id\": %u", d->key.link.local_id,
		    d->key.link.remote_id);
	print_addr(t, "v6_local", &d->key.link.v6_local);
	print_addr(t, "v4_local", &d->key.link.v4_local);
	if (d->op == TED_DELETE)
		return;
	text_printf(t, ", \"unusable\": %s", l->unusable ? "true" : "false");
	if (l->present & TED_LINK_IGP_METRIC)
		text_printf(t, ", \"igp\": %u", l->igp_metric);
	if (l->present & TED_LINK_TE_METRIC)
		text_printf(t, ", \"te\": %u", l->te_metric);
	if (l->present & TED_LINK_DELAY)
		text_printf(t, ", \"delay_us\": %u", l->delay_us);
	if (l->present & TED_LINK_CAPACITY)
		text_printf(t, ", \"capacity_bps\": %llu", (unsigned long long)l->capacity_bps);
	if (l->n_sids > 0)
		print_sid(t, l->sids[0].sid);
	if (l->n_sids > 0)
		text_printf(t, ", \"behavior\": %u, \"function\": %u", l->sids[0].behavior,
			    l->sids[0].structure.function);
}

static void
print_delta(const struct ted_delta *d)
{
	static const char *const objects[] = { "node", "link", "prefix", "sid" };
	struct text t = { 0 };
	char word[IP_TEXT];

	text_printf(&t, "{\"%s\": \"%s\"", d->op == TED_SET ? "set" : "delete", objects[d->object]);
	if (d->object == TED_OBJECT_LINK) {
		print_link(&t, d);
	} else if (d->object == TED_OBJECT_PREFIX) {
		print_router(&t, "node", &d->key.prefix.node);
		text_printf(&t, ", \"prefix\": \"%s\"",
			    ip_print_prefix(&d->key.prefix.prefix, word));
	} else if (d->object == TED_OBJECT_SID) {
		print_router(&t, "node", &d->key.sid.node);
		print_sid(&t, d->key.sid.sid);
		if (d->op == TED_SET)
			text_printf(&t, ", \"behavior\": %u", d->attr.sid.behavior);
	} else {
		print_router(&t, "node", &d->key.node);
		if (d->op == TED_SET && d->attr.node.present & TED_NODE_NAME) {
			text_add(&t, ", \"name\": ");
			text_json_string(&t, d->attr.node.name, strlen(d->attr.node.name));
		}
	}
	text_add(&t, "}");
	puts(text_get(&t));
	text_free(&t);
}

static void
print_update(struct probe *p, struct bgp_shell_peer *peer, const struct bgp_update *update)
{
	const struct ted_delta *deltas;
	struct pce_error err;
	size_t n;

	if (bgp_update_is_end_of_rib(update)) {
		puts("{\"event\": \"end-of-rib\"}");
		return;
	}
	if (bgpls_translate(p->translator, update, &deltas, &n, &err)) {
		bgp_fail(bgp_shell_established(peer), 3, 9, err.text);
		return;
	}
	for (size_t i = 0; i < n; i++)
		print_delta(&deltas[i]);
}

static void
on_event(void *ctx, struct bgp_shell_peer *peer, const struct bgp_event *event,
	 struct usec received)
{
	struct probe *p = ctx;
	struct text t = { 0 };

	(void)received;
	if (event->kind == BGP_EVENT_UP)
		puts("{\"event\": \"up\"}");
	if (event->kind == BGP_EVENT_UPDATE)
		print_update(p, peer, &event->update);
	if (event->kind == BGP_EVENT_DOWN) {
		text_add(&t, "{\"event\": \"down\", \"text\": ");
		text_json_string(&t, event->text, strlen(event->text));
		text_add(&t, "}");
		puts(text_get(&t));
		text_free(&t);
	}
	fflush(stdout);
}

static void
on_stdin(evutil_socket_t fd, short what, void *arg)
{
	struct probe *p = arg;
	char octet;

	(void)what;
	if (read(fd, &octet, 1) <= 0) {
		event_base_loopbreak(p->base);
		return;
	}
	if (octet == '\n' && p->speaker && p->count > 0) {
		uint64_t state = p->seed + --p->count;
		struct delta_room room;
		struct ted_delta d;

		delta_random(&state, &room, &d);
		d.op = TED_DELETE;
		lab_speaker_say(p->speaker, &d, 1, NULL);
	}
}

static void
run(struct probe *p)
{
	struct event *input = event_new(p->base, 0, EV_READ | EV_PERSIST, on_stdin, p);

	event_add(input, NULL);
	event_base_dispatch(p->base);
	event_free(input);
}

static struct ip_addr
address(const char *text)
{
	struct pce_error err;
	struct ip_addr out;

	if (ip_parse(text, &out, &err)) {
		fprintf(stderr, "bgp_probe: %s\n", err.text);
		exit(2);
	}
	return out;
}

static int
take(struct probe *p, char **argv, bool listens, bool ipv4)
{
	struct ip_addr local = address(argv[listens ? 3 : 4]);
	unsigned port = (unsigned)atoi(argv[listens ? 4 : 3]);
	struct bgp_shell_config shell_config = { .listen = &local,
						 .n_listen = listens,
						 .listen_port = (uint16_t)port };
	struct bgp_shell_peer_config config = {
		.peer = { .session = { .local_asn = (uint32_t)strtoul(argv[5], NULL, 10),
				       .peer_asn = (uint32_t)strtoul(argv[6], NULL, 10),
				       .router_id = 0x0a630001,
				       .hold_time_s = 90,
				       .restart_time_s = 120,
				       .ipv4_unicast = ipv4 },
			  .passive = listens,
			  .retry_s = 1,
			  .retry_max_s = 1 },
		.address = address(argv[2]),
		.port = (uint16_t)port,
		.local = local,
	};
	struct bgp_shell_peer *peer;
	struct bgp_shell *shell;
	struct pce_error err;

	if (bgpls_translator_new(false, &p->translator, &err) ||
	    bgp_shell_new(p->base, &shell_config, on_event, p, &shell, &err) ||
	    bgp_shell_add(shell, &config, p, &peer, &err)) {
		fprintf(stderr, "bgp_probe: %s\n", err.text);
		return 3;
	}
	run(p);
	bgp_shell_free(shell);
	bgpls_translator_free(p->translator);
	return 0;
}

static void
on_state(void *ctx, struct lab_speaker *speaker, bool up, const char *text)
{
	(void)ctx;
	(void)speaker;
	printf("{\"event\": \"%s\", \"text\": \"%s\"}\n", up ? "up" : "down", text ? text : "");
	fflush(stdout);
}

static int
speak(struct probe *p, char **argv)
{
	struct lab_speaker_setup setup = { .peer = address(argv[2]),
					   .peer_port = (uint16_t)atoi(argv[3]),
					   .local = address(argv[4]),
					   .asn = (uint32_t)strtoul(argv[5], NULL, 10),
					   .peer_asn = (uint32_t)strtoul(argv[5], NULL, 10),
					   .router_id = 0x0a630002,
					   .on_state = on_state };
	struct pce_error err;

	p->count = strtoul(argv[6], NULL, 10);
	p->seed = strtoul(argv[7], NULL, 10);
	if (lab_speaker_new(p->base, &setup, &p->speaker, &err)) {
		fprintf(stderr, "bgp_probe: %s\n", err.text);
		return 3;
	}
	for (unsigned long i = 0; i < p->count; i++) {
		uint64_t state = p->seed + i;
		struct delta_room room;
		struct ted_delta d;

		delta_random(&state, &room, &d);
		d.op = TED_SET;
		lab_speaker_say(p->speaker, &d, 1, NULL);
	}
	run(p);
	lab_speaker_free(p->speaker);
	return 0;
}

static int
encode(char **argv)
{
	static const uint8_t hop[4] = { 127, 0, 0, 1 };
	struct lab_encoding how = { .next_hop = ip_v4(hop) };
	unsigned long count = strtoul(argv[2], NULL, 10), seed = strtoul(argv[3], NULL, 10);

	for (unsigned long i = 0; i < count; i++) {
		uint64_t state = seed + i;
		uint8_t nlri[LAB_NLRI_MAX], attr[4096], body[8192];
		size_t nlri_len, attr_len, len;
		struct delta_room room;
		struct ted_delta d;
		struct text t = { 0 };

		delta_random(&state, &room, &d);
		d.op = TED_SET;
		nlri_len = lab_encode_nlri(&d, &how, nlri, sizeof(nlri));
		attr_len = lab_encode_attr(&d, &how, attr, sizeof(attr));
		len = lab_encode_announce(&how, nlri, nlri_len, attr, attr_len, body, sizeof(body));
		for (int k = 0; k < 16; k++)
			text_add(&t, "ff");
		text_printf(&t, "%04zx02", len + BGP_HEADER);
		text_hex(&t, body, len);
		puts(text_get(&t));
		text_free(&t);
	}
	return 0;
}

int
main(int argc, char **argv)
{
	struct probe p = { .base = event_base_new() };
	const char *mode = argc > 1 ? argv[1] : "";
	bool ipv4 = argc == 8 && strcmp(argv[7], "ipv4") == 0;
	int status;

	if ((argc == 7 || ipv4) && strcmp(mode, "take") == 0)
		status = take(&p, argv, false, ipv4);
	else if ((argc == 7 || ipv4) && strcmp(mode, "wait") == 0)
		status = take(&p, argv, true, ipv4);
	else if (argc == 8 && strcmp(mode, "speak") == 0)
		status = speak(&p, argv);
	else if (argc == 4 && strcmp(mode, "encode") == 0)
		status = encode(argv);
	else
		status = usage();
	event_base_free(p.base);
	return status;
}
