/*
 * BGP sessions by replay: octets, time steps and expected output. No port, no sleep. The messages
 * of the peer are written out as octets, so the session is not tested against itself alone.
 */
#include <stdio.h>
#include <string.h>

#include "southbound/bgp/notify.h"
#include "southbound/bgp/peer.h"
#include "tests/support/suite.h"

#define MARKER "ffffffffffffffffffffffffffffffff"
#define KEEPALIVE MARKER "001304"
/* AS 65001, hold time 90, router id 10.0.0.2; MP 16388/71, route refresh, 4-octet AS */
#define PEER_OPEN                                                                                  \
	MARKER "0031"                                                                              \
	       "01"                                                                                \
	       "04fde9005a0a000002"                                                                \
	       "14"                                                                                \
	       "0212"                                                                              \
	       "010440040047"                                                                      \
	       "0200"                                                                              \
	       "40020078"                                                                          \
	       "4104"                                                                              \
	       "0000fde9"
#define END_OF_RIB MARKER "001d0200000006800f03400447"

static const struct bgp_session_config config = {
	.local_asn = 65000,
	.peer_asn = 65001,
	.router_id = 0x0a000001,
	.hold_time_s = 90,
	.restart_time_s = 120,
};

static struct usec
at(int64_t seconds)
{
	return (struct usec){ seconds * USEC_PER_S };
}

static size_t
from_hex(const char *hex, uint8_t *out)
{
	size_t n = 0;
	unsigned octet;

	for (; sscanf(hex, "%2x", &octet) == 1; hex += 2)
		out[n++] = (uint8_t)octet;
	return n;
}

static void
feed(struct bgp_session *s, const char *hex, struct usec now)
{
	static uint8_t octets[131072];
	size_t len = from_hex(hex, octets);

	ck_assert_int_eq(bgp_input(s, octets, len, now, NULL), PCE_OK);
}

/* The output so far as hex; it is taken. */
static const char *
output(struct bgp_session *s)
{
	static char hex[4096];
	uint8_t octets[2000];
	size_t len = bgp_output(s, octets, sizeof(octets));

	for (size_t i = 0; i < len; i++)
		snprintf(hex + 2 * i, 3, "%02x", octets[i]);
	hex[2 * len] = '\0';
	return hex;
}

static enum bgp_event_kind
expect(struct bgp_session *s, struct usec now, struct bgp_event *event)
{
	ck_assert(bgp_next(s, now, event));
	return event->kind;
}

static struct bgp_session *
open_sent(void)
{
	struct bgp_session *s = NULL;

	ck_assert_int_eq(bgp_session_new(&config, at(0), &s, NULL), PCE_OK);
	return s;
}

static struct bgp_session *
established(void)
{
	struct bgp_session *s = open_sent();
	struct bgp_event event;

	output(s);
	feed(s, PEER_OPEN KEEPALIVE, at(1));
	ck_assert_int_eq(expect(s, at(1), &event), BGP_EVENT_OPENED);
	ck_assert_int_eq(expect(s, at(1), &event), BGP_EVENT_UP);
	ck_assert_str_eq(output(s), KEEPALIVE);
	return s;
}

START_TEST(session_new_sends_open_with_capabilities)
{
	struct bgp_session *s = open_sent();

	ck_assert_str_eq(output(s), MARKER "003701"
					   "04fde8005a0a000001"
					   "1a0218"
					   "010440040047"
					   "0200"
					   "0600"
					   "4006007840044700"
					   "41040000fde8");
	bgp_session_free(s);
}
END_TEST

START_TEST(session_handshake_establishes_and_end_of_rib_is_told)
{
	struct bgp_session *s = established();
	struct bgp_event event;

	ck_assert_int_eq(bgp_session_state(s), BGP_ESTABLISHED);
	ck_assert_uint_eq(bgp_session_peer(s)->asn, 65001);
	ck_assert(bgp_session_peer(s)->graceful_restart);
	feed(s, END_OF_RIB, at(2));
	ck_assert_int_eq(expect(s, at(2), &event), BGP_EVENT_UPDATE);
	ck_assert(bgp_update_is_end_of_rib(&event.update));
	ck_assert(!bgp_next(s, at(2), &event));
	bgp_session_free(s);
}
END_TEST

START_TEST(session_octets_one_by_one_give_the_same_events)
{
	static const char stream[] = PEER_OPEN KEEPALIVE END_OF_RIB KEEPALIVE END_OF_RIB;
	struct bgp_session *s = open_sent();
	struct bgp_event event;
	unsigned kinds[5] = { 0 };

	for (size_t i = 0; stream[i]; i += 2) {
		char pair[3] = { stream[i], stream[i + 1], '\0' };

		feed(s, pair, at(1));
		while (bgp_next(s, at(1), &event))
			kinds[event.kind]++;
	}
	ck_assert_uint_eq(kinds[BGP_EVENT_OPENED], 1);
	ck_assert_uint_eq(kinds[BGP_EVENT_UP], 1);
	ck_assert_uint_eq(kinds[BGP_EVENT_UPDATE], 2);
	ck_assert_uint_eq(kinds[BGP_EVENT_DOWN], 0);
	bgp_session_free(s);
}
END_TEST

START_TEST(session_timers_send_keepalives_and_expire)
{
	struct bgp_session *s = established();
	struct bgp_event event;

	ck_assert_int_eq(bgp_deadline(s).v, at(31).v);
	bgp_tick(s, at(30));
	ck_assert_str_eq(output(s), "");
	bgp_tick(s, at(31));
	ck_assert_str_eq(output(s), KEEPALIVE);
	feed(s, KEEPALIVE, at(40));
	ck_assert(!bgp_next(s, at(40), &event));
	bgp_tick(s, at(129));
	output(s);
	bgp_tick(s, at(130));
	ck_assert_str_eq(output(s), MARKER "0015030400");
	ck_assert_int_eq(expect(s, at(130), &event), BGP_EVENT_DOWN);
	ck_assert_str_eq(event.text, "sent Hold Timer Expired");
	ck_assert(event.was_established && !event.by_peer);
	ck_assert(bgp_session_ended(s));
	bgp_session_free(s);
}
END_TEST

START_TEST(session_hold_time_zero_never_expires)
{
	struct bgp_session *s = open_sent();
	struct bgp_event event;

	feed(s,
	     MARKER "002b0104fde900000a0000020e020c010440040047410400"
		    "00fde9" KEEPALIVE,
	     at(1));
	ck_assert_int_eq(expect(s, at(1), &event), BGP_EVENT_OPENED);
	ck_assert_int_eq(expect(s, at(1), &event), BGP_EVENT_UP);
	ck_assert_int_eq(bgp_deadline(s).v, USEC_NEVER.v);
	bgp_session_free(s);
}
END_TEST

/* What the peer sends first, and what must come back. */
static const struct refusal {
	const char *in, *out, *text;
} refusals[] = {
	{ "00"
	  "ffffffffffffffffffffffffffffff"
	  "001304",
	  MARKER "0015030101", "sent Message Header Error / Connection Not Synchronized" },
	{ MARKER "001204", MARKER "00170301020012",
	  "sent Message Header Error / Bad Message Length" },
	{ MARKER "0014"
		 "0200",
	  MARKER "00170301020014", "sent Message Header Error / Bad Message Length" },
	{ MARKER "100101", MARKER "00170301021001",
	  "sent Message Header Error / Bad Message Length" },
	{ MARKER "001309", MARKER "001603010309", "sent Message Header Error / Bad Message Type" },
	{ MARKER "001d0103fde9005a0a00000200", MARKER "00170302010004",
	  "sent OPEN Message Error / Unsupported Version Number" },
	{ MARKER "002b0104fdea005a0a0000020e020c01044004004741040000fdea", MARKER "0015030202",
	  "sent OPEN Message Error / Bad Peer AS: the peer is AS 65002, configured is AS 65001" },
	{ MARKER "002b0104fde900020a0000020e020c01044004004741040000fde9", MARKER "0015030206",
	  "sent OPEN Message Error / Unacceptable Hold Time" },
	{ MARKER "002b0104fde9005a000000000e020c01044004004741040000fde9", MARKER "0015030203",
	  "sent OPEN Message Error / Bad BGP Identifier" },
	{ MARKER "001d0104fde9005a0a00000200", MARKER "001b030207010440040047",
	  "sent OPEN Message Error / Unsupported Capability: the peer does not offer BGP-LS (AFI "
	  "16388, SAFI 71)" },
	{ MARKER "001e0104fde9005a0a0000020102", MARKER "0015030200",
	  "sent OPEN Message Error: the optional parameters do not add up" },
	{ KEEPALIVE, MARKER "0015030501",
	  "sent Finite State Machine Error / Unexpected Message in OpenSent State" },
	{ PEER_OPEN END_OF_RIB, KEEPALIVE MARKER "0015030502",
	  "sent Finite State Machine Error / Unexpected Message in OpenConfirm State" },
	{ PEER_OPEN KEEPALIVE PEER_OPEN, KEEPALIVE MARKER "0015030503",
	  "sent Finite State Machine Error / Unexpected Message in Established State" },
	{ PEER_OPEN KEEPALIVE MARKER "00170200ff0000", KEEPALIVE MARKER "0015030301",
	  "sent UPDATE Message Error / Malformed Attribute List: withdrawn routes of 255 octets "
	  "exceed an UPDATE of 4" },
	{ MARKER "0015030602", "", "the peer sent Cease / Administrative Shutdown" },
	{ MARKER "001b03060205"
		 "48656c6c6f",
	  "", "the peer sent Cease / Administrative Shutdown: \"Hello\"" },
};

START_TEST(session_bad_input_is_answered_and_named)
{
	for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
		const struct refusal *row = &refusals[i];
		struct bgp_session *s = open_sent();
		struct bgp_event event = { 0 };

		output(s);
		feed(s, row->in, at(1));
		while (bgp_next(s, at(1), &event) && event.kind != BGP_EVENT_DOWN)
			;
		ck_assert_msg(event.kind == BGP_EVENT_DOWN, "row %zu: not down", i);
		ck_assert_str_eq(event.text, row->text);
		ck_assert_str_eq(output(s), row->out);
		ck_assert(bgp_session_ended(s));
		ck_assert(!bgp_next(s, at(1), &event));
		bgp_session_free(s);
	}
}
END_TEST

START_TEST(session_close_after_notification_tells_the_notification)
{
	struct bgp_session *s = established();
	struct bgp_event event;

	feed(s, MARKER "0015030604", at(3));
	bgp_lost(s, "the peer closed the connection");
	ck_assert_int_eq(expect(s, at(3), &event), BGP_EVENT_DOWN);
	ck_assert_str_eq(event.text, "the peer sent Cease / Administrative Reset");
	ck_assert(event.by_peer && event.was_established);
	bgp_session_free(s);
	s = established();
	bgp_lost(s, "the peer closed the connection");
	ck_assert_int_eq(expect(s, at(3), &event), BGP_EVENT_DOWN);
	ck_assert_str_eq(event.text, "the peer closed the connection");
	ck_assert(bgp_session_ended(s));
	bgp_session_free(s);
}
END_TEST

START_TEST(session_shutdown_carries_the_reason)
{
	struct bgp_session *s = established();
	struct bgp_event event;

	bgp_shutdown(s, "moved");
	ck_assert_str_eq(output(s), MARKER "001b03060205"
					   "6d6f766564");
	ck_assert_int_eq(expect(s, at(3), &event), BGP_EVENT_DOWN);
	ck_assert_str_eq(event.text, "sent Cease / Administrative Shutdown: \"moved\"");
	bgp_session_free(s);
}
END_TEST

START_TEST(session_long_messages_need_the_extension)
{
	uint8_t body[8000] = { 0 };
	struct bgp_session *s = established();
	struct pce_error err;

	ck_assert_uint_eq(bgp_update_room(s), 4077);
	ck_assert_int_eq(bgp_send_update(s, body, 4078, &err), PCE_INVALID);
	ck_assert_int_eq(bgp_send_update(s, body, 4077, &err), PCE_OK);
	ck_assert_uint_eq(bgp_output_left(s), 4096);
	bgp_session_free(s);
	s = open_sent();
	ck_assert_int_eq(bgp_send_update(s, body, 10, &err), PCE_CONFLICT);
	bgp_session_free(s);
}
END_TEST

/* Random pieces, random octets: no crash, and the session either stands or has ended with a text.
 */
START_TEST(session_random_octets_end_in_words)
{
	for (unsigned seed = 0; seed < suite_seeds(); seed++) {
		uint64_t state = seed;
		struct bgp_session *s = seed % 2 ? established() : open_sent();
		struct bgp_event event = { 0 };
		bool down = false;

		for (int step = 0; step < 20; step++) {
			uint8_t octets[64];
			size_t len = suite_below(&state, sizeof(octets));

			memset(octets, 0xff, sizeof(octets));
			for (size_t i = 16; i < len; i++)
				octets[i] = (uint8_t)suite_below(&state, 6);
			ck_assert_int_eq(bgp_input(s, octets, len, at(step), NULL), PCE_OK);
			while (bgp_next(s, at(step), &event))
				down = down || event.kind == BGP_EVENT_DOWN;
			bgp_tick(s, at(step));
		}
		ck_assert(!down || (event.text && event.text[0]));
		ck_assert(down == (bgp_session_state(s) == BGP_CLOSED));
		bgp_session_free(s);
	}
}
END_TEST

static const struct bgp_peer_config peer_config = {
	.session = { .local_asn = 65000,
		     .peer_asn = 65001,
		     .router_id = 0x0a000001,
		     .hold_time_s = 90 },
	.retry_s = 4,
	.retry_max_s = 20,
};

static struct bgp_peer *
new_peer(const struct bgp_peer_config *c)
{
	struct bgp_peer *p = NULL;

	ck_assert_int_eq(bgp_peer_new(c, 1, at(0), &p, NULL), PCE_OK);
	return p;
}

START_TEST(peer_failures_back_off_and_a_stable_session_resets)
{
	struct bgp_peer *p = new_peer(&peer_config);
	struct usec now = at(0);
	struct bgp_event event;
	enum bgp_side side;
	static const uint32_t pauses[] = { 4, 8, 16, 20, 20 };

	for (size_t i = 0; i < sizeof(pauses) / sizeof(pauses[0]); i++) {
		ck_assert(bgp_peer_wants_connect(p, now));
		ck_assert(!bgp_peer_wants_connect(p, now));
		bgp_peer_connect_failed(p, now);
		ck_assert_uint_eq(bgp_peer_pause_s(p), pauses[i]);
		ck_assert(!bgp_peer_wants_connect(p, now));
		ck_assert_int_ge(bgp_peer_deadline(p).v,
				 now.v + (int64_t)pauses[i] * USEC_PER_S * 3 / 4);
		ck_assert_int_le(bgp_peer_deadline(p).v, now.v + (int64_t)pauses[i] * USEC_PER_S);
		now = bgp_peer_deadline(p);
	}
	ck_assert(bgp_peer_wants_connect(p, now));
	ck_assert_int_eq(bgp_peer_connected(p, BGP_OUTGOING, now, NULL), PCE_OK);
	feed(bgp_peer_session(p, BGP_OUTGOING), PEER_OPEN KEEPALIVE, now);
	ck_assert(bgp_peer_next(p, now, &event, &side));
	ck_assert(bgp_peer_next(p, now, &event, &side));
	ck_assert_int_eq(event.kind, BGP_EVENT_UP);
	now = usec_add(now, (int64_t)61 * USEC_PER_S);
	bgp_lost(bgp_peer_session(p, BGP_OUTGOING), "gone");
	ck_assert(bgp_peer_next(p, now, &event, &side));
	ck_assert_int_eq(event.kind, BGP_EVENT_DOWN);
	bgp_peer_closed(p, side, now);
	ck_assert_uint_eq(bgp_peer_pause_s(p), 4);
	bgp_peer_free(p);
}
END_TEST

/* Both connections get an OPEN: the one stays that the side with the larger router id opened. */
static void
collide(uint32_t our_id, enum bgp_side first, enum bgp_side stays)
{
	struct bgp_peer_config c = peer_config;
	struct bgp_peer *p;
	struct bgp_event event;
	enum bgp_side side;
	enum bgp_side second = first == BGP_OUTGOING ? BGP_INCOMING : BGP_OUTGOING;
	enum bgp_side goes = stays == BGP_OUTGOING ? BGP_INCOMING : BGP_OUTGOING;
	bool down[BGP_SIDES] = { false };

	c.session.router_id = our_id;
	p = new_peer(&c);
	ck_assert(bgp_peer_wants_connect(p, at(0)));
	ck_assert_int_eq(bgp_peer_connected(p, BGP_OUTGOING, at(0), NULL), PCE_OK);
	ck_assert_int_eq(bgp_peer_connected(p, BGP_INCOMING, at(0), NULL), PCE_OK);
	feed(bgp_peer_session(p, first), PEER_OPEN, at(1));
	ck_assert(bgp_peer_next(p, at(1), &event, &side));
	feed(bgp_peer_session(p, second), PEER_OPEN, at(1));
	while (bgp_peer_next(p, at(1), &event, &side))
		down[side] = down[side] || event.kind == BGP_EVENT_DOWN;
	ck_assert(down[goes] && !down[stays]);
	feed(bgp_peer_session(p, stays), KEEPALIVE, at(1));
	ck_assert(bgp_peer_next(p, at(1), &event, &side));
	ck_assert_int_eq(event.kind, BGP_EVENT_UP);
	bgp_peer_closed(p, goes, at(1));
	ck_assert_int_eq(bgp_peer_connected(p, goes, at(2), NULL), PCE_CONFLICT);
	bgp_peer_free(p);
}

START_TEST(peer_collision_keeps_the_connection_of_the_larger_id)
{
	collide(0x0a000001, BGP_OUTGOING, BGP_INCOMING);
	collide(0x0a000001, BGP_INCOMING, BGP_INCOMING);
	collide(0x0a000003, BGP_OUTGOING, BGP_OUTGOING);
	collide(0x0a000003, BGP_INCOMING, BGP_OUTGOING);
}
END_TEST

/* Established on one side while the other has not heard of the peer yet. */
START_TEST(peer_established_drops_the_other_connection)
{
	struct bgp_peer *p = new_peer(&peer_config);
	struct bgp_event event;
	enum bgp_side side;

	ck_assert(bgp_peer_wants_connect(p, at(0)));
	ck_assert_int_eq(bgp_peer_connected(p, BGP_OUTGOING, at(0), NULL), PCE_OK);
	ck_assert_int_eq(bgp_peer_connected(p, BGP_INCOMING, at(0), NULL), PCE_OK);
	feed(bgp_peer_session(p, BGP_INCOMING), PEER_OPEN KEEPALIVE, at(1));
	ck_assert(bgp_peer_next(p, at(1), &event, &side));
	ck_assert(bgp_peer_next(p, at(1), &event, &side));
	ck_assert_int_eq(event.kind, BGP_EVENT_UP);
	ck_assert(bgp_peer_next(p, at(1), &event, &side));
	ck_assert_int_eq(event.kind, BGP_EVENT_DOWN);
	ck_assert_int_eq(side, BGP_OUTGOING);
	ck_assert(!event.was_established);
	ck_assert_str_eq(event.text, "sent Cease / Connection Collision Resolution");
	bgp_peer_free(p);
}
END_TEST

/* RFC 4760 section 8: without any MP capability a speaker means IPv4 unicast. */
START_TEST(open_without_families_means_ipv4_unicast)
{
	uint8_t octets[64];
	struct bgp_open open;

	ck_assert(
	    bgp_read_open(reader_over(octets, from_hex("04fde9005a0a00000200", octets)), &open));
	ck_assert(open.ipv4_unicast && !open.link_state && !open.as4);
	ck_assert(bgp_read_open(reader_over(octets, from_hex("04fde9005a0a00000208020601"
							     "0440040047",
							     octets)),
				&open));
	ck_assert(!open.ipv4_unicast && open.link_state);
}
END_TEST

START_TEST(peer_passive_never_connects)
{
	struct bgp_peer_config c = peer_config;
	struct bgp_peer *p;

	c.passive = true;
	p = new_peer(&c);
	ck_assert(!bgp_peer_wants_connect(p, at(1000000)));
	ck_assert_int_eq(bgp_peer_deadline(p).v, USEC_NEVER.v);
	ck_assert_int_eq(bgp_peer_connected(p, BGP_INCOMING, at(0), NULL), PCE_OK);
	bgp_peer_stop(p, "maintenance");
	ck_assert_int_eq(bgp_peer_connected(p, BGP_OUTGOING, at(0), NULL), PCE_CONFLICT);
	bgp_peer_free(p);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("session");

	tcase_add_test(tc, session_new_sends_open_with_capabilities);
	tcase_add_test(tc, session_handshake_establishes_and_end_of_rib_is_told);
	tcase_add_test(tc, session_octets_one_by_one_give_the_same_events);
	tcase_add_test(tc, session_timers_send_keepalives_and_expire);
	tcase_add_test(tc, session_hold_time_zero_never_expires);
	tcase_add_test(tc, session_bad_input_is_answered_and_named);
	tcase_add_test(tc, session_close_after_notification_tells_the_notification);
	tcase_add_test(tc, session_shutdown_carries_the_reason);
	tcase_add_test(tc, session_long_messages_need_the_extension);
	tcase_add_test(tc, session_random_octets_end_in_words);
	tcase_add_test(tc, peer_failures_back_off_and_a_stable_session_resets);
	tcase_add_test(tc, peer_collision_keeps_the_connection_of_the_larger_id);
	tcase_add_test(tc, peer_established_drops_the_other_connection);
	tcase_add_test(tc, open_without_families_means_ipv4_unicast);
	tcase_add_test(tc, peer_passive_never_connects);
	return suite_run("bgp session", tc, 60);
}
