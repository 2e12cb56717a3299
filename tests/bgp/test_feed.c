/*
 * Feeds over real sockets on loopback: several emulated speakers, over IPv4 and IPv6, connecting or
 * connected to. Nothing sleeps: the loop runs until what is awaited has come (or a guard ends the
 * test).
 */
#include <event2/event.h>
#include <stdio.h>
#include <string.h>

#include "southbound/bgp/feed.h"
#include "tests/bgp/deltas.h"
#include "tests/lab/bgpls_speaker.h"
#include "tests/support/suite.h"

#define PEERS 3
#define GUARD_S 30

struct seen {
	unsigned up, synced, lost, sets, deletes, unusable;
	char text[256];
};

struct world {
	struct event_base *base;
	struct bgp_feeds *feeds;
	struct lab_speaker *speakers[PEERS];
	struct seen seen[PEERS];
	struct config_bgp_peer peers[PEERS];
	struct ip_addr listen[2];
	struct config_bgp config;
};

static struct ip_addr
addr(const char *text)
{
	struct ip_addr out;

	ck_assert_int_eq(ip_parse(text, &out, NULL), PCE_OK);
	return out;
}

static void
post(void *ctx, const struct service_event *event)
{
	struct world *w = ctx;
	const struct ted_source *source = event->kind == SERVICE_FEED_STATE
					      ? &event->u.feed_state.source
					      : &event->u.feed_update.source;
	struct seen *seen = &w->seen[source->id];

	ck_assert_int_eq(source->kind, TED_SOURCE_BGPLS);
	if (event->kind == SERVICE_FEED_STATE) {
		seen->up += event->u.feed_state.event == TED_SOURCE_UP;
		seen->synced += event->u.feed_state.event == TED_SOURCE_SYNCED;
		seen->lost += event->u.feed_state.event == TED_SOURCE_LOST;
		ck_assert_uint_eq(event->u.feed_state.stale_time_s, 300);
		if (event->u.feed_state.text)
			snprintf(seen->text, sizeof(seen->text), "%s", event->u.feed_state.text);
		return;
	}
	ck_assert_int_gt(event->u.feed_update.received.v, 0);
	for (size_t i = 0; i < event->u.feed_update.n; i++) {
		const struct ted_delta *d = &event->u.feed_update.deltas[i];

		seen->sets += d->op == TED_SET;
		seen->deletes += d->op == TED_DELETE;
		seen->unusable +=
		    d->object == TED_OBJECT_LINK && d->op == TED_SET && d->attr.link.unusable;
	}
}

static void
on_guard(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	*(bool *)arg = true;
}

/* Runs the loop until *count is at least want. */
static void
await(struct world *w, const unsigned *count, unsigned want, const char *what)
{
	const struct timeval limit = { GUARD_S, 0 };
	bool late = false;
	struct event *guard = evtimer_new(w->base, on_guard, &late);

	event_add(guard, &limit);
	while (*count < want && !late)
		event_base_loop(w->base, EVLOOP_ONCE);
	event_free(guard);
	ck_assert_msg(!late, "%s: %u of %u after %d s", what, *count, want, GUARD_S);
}

static void
start_speaker(struct world *w, unsigned i, const struct lab_speaker_setup *setup)
{
	struct pce_error err;

	ck_assert_msg(!lab_speaker_new(w->base, setup, &w->speakers[i], &err), "%s", err.text);
}

/* Peer 0 connects to us over IPv4; we connect to peer 1 over IPv4 and to peer 2 over IPv6. */
static void
start(struct world *w)
{
	struct lab_speaker_setup setup = { .asn = 65001, .peer_asn = 65000 };
	struct event_sink sink = { post, w };
	struct pce_error err;

	memset(w, 0, sizeof(*w));
	w->base = event_base_new();
	setup.passive = true;
	setup.peer = addr("127.0.0.1");
	setup.local = addr("127.0.0.3");
	setup.router_id = 3;
	start_speaker(w, 1, &setup);
	setup.peer = setup.local = addr("::1");
	setup.router_id = 4;
	start_speaker(w, 2, &setup);
	for (unsigned i = 0; i < PEERS; i++)
		w->peers[i] = (struct config_bgp_peer){ .name = "p",
							.asn = 65001,
							.hold_time_s = 90,
							.stale_time_s = 300,
							.passive = i == 0 };
	w->peers[0].address = addr("127.0.0.2");
	w->peers[1].address = addr("127.0.0.3");
	w->peers[1].port = lab_speaker_port(w->speakers[1]);
	w->peers[1].local = addr("127.0.0.1");
	w->peers[2].address = addr("::1");
	w->peers[2].port = lab_speaker_port(w->speakers[2]);
	w->listen[0] = addr("127.0.0.1");
	w->config = (struct config_bgp){ .asn = 65000,
					 .router_id = addr("10.0.0.1"),
					 .listen = w->listen,
					 .n_listen = 1,
					 .peers = w->peers,
					 .n_peers = PEERS };
	ck_assert_msg(!bgp_feeds_new(w->base, &w->config, &sink, NULL, 1, &w->feeds, &err), "%s",
		      err.text);
	setup.passive = false;
	setup.peer = addr("127.0.0.1");
	setup.peer_port = bgp_feeds_port(w->feeds);
	setup.local = addr("127.0.0.2");
	setup.router_id = 2;
	start_speaker(w, 0, &setup);
}

static void
stop(struct world *w)
{
	for (unsigned i = 0; i < PEERS; i++)
		lab_speaker_free(w->speakers[i]);
	bgp_feeds_free(w->feeds);
	event_base_free(w->base);
}

static void
say_random(struct lab_speaker *speaker, unsigned seed, unsigned n)
{
	uint64_t state = seed;

	while (n > 0) {
		struct delta_room room;
		struct ted_delta d;

		delta_random(&state, &room, &d);
		if (d.op == TED_DELETE)
			continue;
		ck_assert_int_eq(lab_speaker_say(speaker, &d, 1, NULL), PCE_OK);
		n--;
	}
}

START_TEST(feed_of_several_peers_comes_up_and_syncs)
{
	struct world w;

	start(&w);
	for (unsigned i = 0; i < PEERS; i++)
		say_random(w.speakers[i], i, 2000);
	for (unsigned i = 0; i < PEERS; i++) {
		await(&w, &w.seen[i].synced, 1, "synced");
		ck_assert_uint_eq(w.seen[i].up, 1);
		ck_assert_uint_eq(w.seen[i].sets, 2000);
		ck_assert_uint_eq(w.seen[i].lost, 0);
		ck_assert_uint_eq(bgp_feeds_counters(w.feeds, i)->announced, 2000);
	}
	stop(&w);
}
END_TEST

START_TEST(feed_withdrawal_is_a_delete)
{
	struct world w;
	struct ted_delta d = { .object = TED_OBJECT_NODE };

	start(&w);
	d.key.node.protocol = TED_PROTOCOL_ISIS_L2;
	d.key.node.router_id_len = 6;
	ck_assert_int_eq(lab_speaker_say(w.speakers[0], &d, 1, NULL), PCE_OK);
	await(&w, &w.seen[0].synced, 1, "synced");
	ck_assert_uint_eq(w.seen[0].sets, 1);
	ck_assert_int_eq(lab_speaker_say(w.speakers[0], &d, 1, NULL), PCE_OK);
	d.op = TED_DELETE;
	ck_assert_int_eq(lab_speaker_say(w.speakers[0], &d, 1, NULL), PCE_OK);
	await(&w, &w.seen[0].deletes, 1, "deleted");
	ck_assert_uint_eq(w.seen[0].sets, 1);
	ck_assert_uint_eq(lab_speaker_count(w.speakers[0]), 0);
	stop(&w);
}
END_TEST

START_TEST(feed_lost_peer_is_told_and_comes_back)
{
	struct world w;
	struct lab_speaker_setup setup = { .asn = 65001, .peer_asn = 65000, .router_id = 2 };

	start(&w);
	await(&w, &w.seen[0].synced, 1, "synced");
	lab_speaker_free(w.speakers[0]);
	await(&w, &w.seen[0].lost, 1, "lost");
	ck_assert_str_eq(w.seen[0].text, "the peer closed the connection");
	setup.peer = addr("127.0.0.1");
	setup.peer_port = bgp_feeds_port(w.feeds);
	setup.local = addr("127.0.0.2");
	start_speaker(&w, 0, &setup);
	await(&w, &w.seen[0].synced, 2, "synced again");
	lab_speaker_stop(w.speakers[0], "moved to another rack");
	await(&w, &w.seen[0].lost, 2, "lost again");
	ck_assert_str_eq(w.seen[0].text,
			 "the peer sent Cease / Administrative Shutdown: \"moved to "
			 "another rack\"");
	ck_assert_uint_eq(w.seen[1].lost, 0);
	stop(&w);
}
END_TEST

START_TEST(feed_lost_framing_resets_only_that_peer)
{
	static const uint8_t nlri[] = { 0, 2, 0, 87, 2, 0, 0 };
	struct lab_encoding how = { .next_hop = addr("10.0.0.1") };
	uint8_t body[256];
	size_t len = lab_encode_announce(&how, nlri, sizeof(nlri), NULL, 0, body, sizeof(body));
	struct world w;

	start(&w);
	for (unsigned i = 0; i < PEERS; i++)
		await(&w, &w.seen[i].synced, 1, "synced");
	ck_assert_int_eq(lab_speaker_raw(w.speakers[0], body, len, NULL), PCE_OK);
	await(&w, &w.seen[0].lost, 1, "lost");
	ck_assert_str_eq(w.seen[0].text,
			 "sent UPDATE Message Error / Optional Attribute Error: NLRI type 2 "
			 "length 87 exceeds 3 octets left");
	ck_assert_uint_eq(bgp_feeds_counters(w.feeds, 0)->framing_lost, 1);
	await(&w, &w.seen[0].synced, 2, "synced again");
	ck_assert_uint_eq(w.seen[1].lost + w.seen[2].lost, 0);
	stop(&w);
}
END_TEST

/* RFC 4724 section 5: the router came back before its old connection timed out. */
START_TEST(feed_new_connection_of_a_restarted_peer_replaces_the_old)
{
	struct world w;
	struct lab_speaker_setup setup = { .asn = 65001, .peer_asn = 65000, .router_id = 2 };
	struct lab_speaker *again;

	start(&w);
	await(&w, &w.seen[0].synced, 1, "synced");
	setup.peer = addr("127.0.0.1");
	setup.peer_port = bgp_feeds_port(w.feeds);
	setup.local = addr("127.0.0.2");
	ck_assert_int_eq(lab_speaker_new(w.base, &setup, &again, NULL), PCE_OK);
	await(&w, &w.seen[0].lost, 1, "lost");
	ck_assert_str_eq(w.seen[0].text, "the peer restarted and opened a new connection");
	lab_speaker_free(w.speakers[0]);
	w.speakers[0] = again;
	await(&w, &w.seen[0].synced, 2, "synced again");
	stop(&w);
}
END_TEST

START_TEST(feed_unreachable_peer_is_named_with_its_port)
{
	struct world w;
	char want[80];

	start(&w);
	await(&w, &w.seen[1].synced, 1, "synced");
	lab_speaker_free(w.speakers[1]);
	w.speakers[1] = NULL;
	await(&w, &w.seen[1].lost, 2, "lost, and not found again");
	snprintf(want, sizeof(want), "cannot connect to 127.0.0.3 port %u: Connection refused",
		 w.peers[1].port);
	ck_assert_str_eq(w.seen[1].text, want);
	stop(&w);
}
END_TEST

START_TEST(feed_wrong_as_is_named)
{
	struct world w;
	struct lab_speaker_setup setup = { .asn = 65009, .peer_asn = 65000, .router_id = 2 };

	start(&w);
	await(&w, &w.seen[0].synced, 1, "synced");
	lab_speaker_free(w.speakers[0]);
	await(&w, &w.seen[0].lost, 1, "lost");
	setup.peer = addr("127.0.0.1");
	setup.peer_port = bgp_feeds_port(w.feeds);
	setup.local = addr("127.0.0.2");
	start_speaker(&w, 0, &setup);
	await(&w, &w.seen[0].lost, 2, "refused");
	ck_assert_str_eq(w.seen[0].text, "sent OPEN Message Error / Bad Peer AS: the peer is AS "
					 "65009, configured is AS 65001");
	stop(&w);
}
END_TEST

static void
note_state(void *ctx, struct lab_speaker *speaker, bool up, const char *text)
{
	struct seen *seen = ctx;

	(void)speaker;
	seen->up += up;
	seen->lost += !up;
	if (text)
		snprintf(seen->text, sizeof(seen->text), "%s", text);
}

START_TEST(feed_freed_takes_leave_of_its_peers)
{
	struct world w;
	struct seen heard = { 0 };
	struct lab_speaker_setup setup = { .asn = 65001,
					   .peer_asn = 65000,
					   .router_id = 2,
					   .on_state = note_state,
					   .ctx = &heard };

	start(&w);
	await(&w, &w.seen[0].synced, 1, "synced");
	lab_speaker_free(w.speakers[0]);
	await(&w, &w.seen[0].lost, 1, "lost");
	setup.peer = addr("127.0.0.1");
	setup.peer_port = bgp_feeds_port(w.feeds);
	setup.local = addr("127.0.0.2");
	start_speaker(&w, 0, &setup);
	await(&w, &w.seen[0].synced, 2, "synced again");
	bgp_feeds_free(w.feeds);
	w.feeds = NULL;
	await(&w, &heard.lost, 1, "heard of the end");
	ck_assert_str_eq(heard.text, "the peer sent Cease / Administrative Shutdown: \"the "
				     "controller stops\"");
	stop(&w);
}
END_TEST

START_TEST(feed_busy_port_is_an_error_that_names_it)
{
	struct world w;
	struct event_sink sink = { post, &w };
	struct config_bgp config;
	struct bgp_feeds *second = NULL;
	struct pce_error err;
	char want[64];

	start(&w);
	config = w.config;
	config.listen_port = bgp_feeds_port(w.feeds);
	ck_assert_int_eq(bgp_feeds_new(w.base, &config, &sink, NULL, 1, &second, &err), PCE_IO);
	snprintf(want, sizeof(want),
		 "BGP cannot listen on 127.0.0.1 port %u: ", config.listen_port);
	ck_assert_int_eq(strncmp(err.text, want, strlen(want)), 0);
	ck_assert(second == NULL);
	stop(&w);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("feed");

	tcase_add_test(tc, feed_of_several_peers_comes_up_and_syncs);
	tcase_add_test(tc, feed_withdrawal_is_a_delete);
	tcase_add_test(tc, feed_lost_peer_is_told_and_comes_back);
	tcase_add_test(tc, feed_lost_framing_resets_only_that_peer);
	tcase_add_test(tc, feed_new_connection_of_a_restarted_peer_replaces_the_old);
	tcase_add_test(tc, feed_unreachable_peer_is_named_with_its_port);
	tcase_add_test(tc, feed_wrong_as_is_named);
	tcase_add_test(tc, feed_freed_takes_leave_of_its_peers);
	tcase_add_test(tc, feed_busy_port_is_an_error_that_names_it);
	return suite_run("bgp feed", tc, 2 * GUARD_S);
}
