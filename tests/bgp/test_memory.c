/*
 * Every allocation made to fail in turn: nothing leaks, outputs are untouched, a session ends with
 * a reason, and a translator that failed once gives the same as one that did not.
 */
#include <stdio.h>
#include <string.h>

#include "southbound/bgp/json.h"
#include "southbound/bgp/peer.h"
#include "southbound/bgp/translate.h"
#include "tests/bgp/deltas.h"
#include "tests/lab/bgpls_encode.h"
#include "tests/support/failing.h"
#include "tests/support/suite.h"

#define TRIES_MAX 1000u

/* Check allocates too, so what does not hold is noted while allocations fail, and told later. */
static const char *fault;

#define EXPECT(holds)                                                                              \
	do {                                                                                       \
		if (!(holds) && !fault)                                                            \
			fault = #holds;                                                            \
	} while (0)

static unsigned long tried;
static long before;

static void
arm(unsigned long at)
{
	tried = at;
	before = failing_live();
	failing_at(at);
}

/* Disarms; true if the allocation that was to fail was never reached: all were tried. */
static bool
disarm(void)
{
	bool all = !failing_stop();

	ck_assert_msg(!fault, "allocation %lu failed: not %s", tried, fault);
	ck_assert_int_eq(failing_live(), before);
	return all;
}

static const struct usec now = { USEC_PER_S };

static const uint8_t hello[] = {
	255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
	255, 0,   39,  1,   4,   253, 233, 0,   90,  10,  0,   0,   2,   10,  2,
	8,   1,   4,   64,  4,   0,   71,  6,   0,   255, 255, 255, 255, 255, 255,
	255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 0,   19,  4,
};

/* A life of a session; true if it was established and closed as asked. *said: octets it sent, which
 * must all be there then. */
static bool
live_session(size_t *said)
{
	const struct bgp_peer_config config = {
		.session = { .local_asn = 65000, .router_id = 1, .hold_time_s = 90 }
	};
	struct bgp_peer *p = NULL;
	struct bgp_session *s;
	struct bgp_event event;
	enum bgp_side side;
	uint8_t body[4000] = { 0 };
	bool up = false, down = false;

	if (bgp_peer_new(&config, 1, now, &p, NULL)) {
		EXPECT(p == NULL);
		return false;
	}
	if (bgp_peer_connected(p, BGP_INCOMING, now, NULL) == PCE_OK) {
		s = bgp_peer_session(p, BGP_INCOMING);
		bgp_input(s, hello, sizeof(hello), now, NULL);
		while (bgp_peer_next(p, now, &event, &side)) {
			up = up || event.kind == BGP_EVENT_UP;
			down = down || event.kind == BGP_EVENT_DOWN;
		}
		up = up && bgp_send_update(s, body, sizeof(body), NULL) == PCE_OK;
		*said = bgp_output_left(s);
		bgp_shutdown(s, "enough");
		while (bgp_peer_next(p, now, &event, &side)) {
			down = down || event.kind == BGP_EVENT_DOWN;
			EXPECT(event.kind != BGP_EVENT_DOWN || event.text[0]);
		}
		EXPECT(down);
	}
	bgp_peer_free(p);
	return up;
}

START_TEST(session_without_memory_ends_and_leaks_nothing)
{
	unsigned long at = 1;
	bool all = false;
	size_t want = 0, said = 0;

	ck_assert(live_session(&want));
	for (; !all && at < TRIES_MAX; at++) {
		bool whole;

		arm(at);
		whole = live_session(&said);
		all = disarm();
		ck_assert(!all || whole);
		ck_assert(!whole || said == want);
	}
	ck_assert(all);
	ck_assert_uint_gt(at, 3);
}
END_TEST

/* An UPDATE of links with everything that needs memory. */
static size_t
big_update(uint8_t *body, size_t cap, struct ted_delta *d, struct delta_room *room)
{
	static const uint8_t hop[4] = { 10, 0, 0, 1 };
	struct lab_encoding how = { .next_hop = ip_v4(hop) };
	uint8_t nlri[20 * LAB_NLRI_MAX], attr[4096];
	size_t len = 0, attr_len;
	uint64_t state = 3;

	do
		delta_random(&state, room, d);
	while (d->object != TED_OBJECT_LINK || d->op != TED_SET);
	d->attr.link.present |= TED_LINK_SIDS | TED_LINK_SRLG | TED_LINK_AFFINITY;
	d->attr.link.n_srlg = d->attr.link.n_affinity = 8;
	for (unsigned i = 0; i < 20; i++) {
		d->key.link.local.instance = d->key.link.remote.instance = i;
		len += lab_encode_nlri(d, &how, nlri + len, LAB_NLRI_MAX);
	}
	attr_len = lab_encode_attr(d, &how, attr, sizeof(attr));
	return lab_encode_announce(&how, nlri, len, attr, attr_len, body, cap);
}

START_TEST(translate_without_memory_is_told_and_can_be_tried_again)
{
	static uint8_t body[32768];
	struct delta_room room;
	struct ted_delta want;
	size_t len = big_update(body, sizeof(body), &want, &room);
	struct bgp_update update;
	bool all = false;
	unsigned long at = 1;

	ck_assert(bgp_read_update(reader_over(body, len), &update, NULL));
	for (; !all && at < TRIES_MAX; at++) {
		struct bgpls_translator *t = NULL;
		const struct ted_delta *got = NULL;
		enum pce_status status;
		size_t n = 77;

		arm(at);
		status = bgpls_translator_new(false, &t, NULL);
		if (!status)
			status = bgpls_translate(t, &update, &got, &n, NULL);
		if (status) {
			EXPECT(status == PCE_NO_MEMORY);
			EXPECT(got == NULL && n == 77);
		}
		if (t && status)
			EXPECT(bgpls_translate(t, &update, &got, &n, NULL) == PCE_OK);
		EXPECT(!t || (n == 20 && !delta_difference(&want, &got[19])));
		bgpls_translator_free(t);
		all = disarm();
	}
	ck_assert(all);
	ck_assert_uint_gt(at, 5);
}
END_TEST

START_TEST(json_without_memory_is_not_ok_and_leaks_nothing)
{
	static const char hex[] =
	    "04000001ff04010003010203040200037274720403000372747204040004010101"
	    "01040f0024810100c8041000040000000f04110004000000f00413000480000000"
	    "041500040000002a";
	bool all = false;
	unsigned long at = 1;

	for (; !all && at < TRIES_MAX; at++) {
		struct text out = { 0 };

		arm(at);
		bgpls_json_line(BGPLS_KIND_ATTR, hex, strlen(hex), &out);
		EXPECT(text_ok(&out) == (failing_counted() < at));
		text_free(&out);
		all = disarm();
	}
	ck_assert(all);
	ck_assert_uint_gt(at, 3);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("memory");

	tcase_add_test(tc, session_without_memory_ends_and_leaks_nothing);
	tcase_add_test(tc, translate_without_memory_is_told_and_can_be_tried_again);
	tcase_add_test(tc, json_without_memory_is_not_ok_and_leaks_nothing);
	return suite_run("bgp memory", tc, 60);
}
