/* Replay scripts for the NETCONF session engine: bytes and instants in, bytes and events out. */
#define _GNU_SOURCE
#include <stdio.h>
#include <string.h>

#include "southbound/netconf/frame.h"
#include "southbound/netconf/session.h"
#include "southbound/netconf/xml.h"
#include "tests/support/suite.h"

#define S(v) ((struct usec){ (v)*USEC_PER_S })
#define HELLO_OF(caps)                                                                             \
	"<?xml version=\"1.0\"?>\n<nc:hello xmlns:nc=\"" NETCONF_NS "\"><nc:capabilities>" caps    \
	"</nc:capabilities><nc:session-id>42</nc:session-id></nc:hello>]]>]]>"
#define CAP(c) "<nc:capability> " c "\n</nc:capability>"
#define BASE10 CAP("urn:ietf:params:netconf:base:1.0")
#define BASE11 CAP("urn:ietf:params:netconf:base:1.1")
#define HELLO10 HELLO_OF(BASE10 CAP(NETCONF_CANDIDATE))
#define HELLO11 HELLO_OF(BASE10 BASE11 CAP(NETCONF_CONFIRMED_COMMIT "?x=1"))
#define REPLY(id, body)                                                                            \
	"<rpc-reply xmlns=\"" NETCONF_NS "\" message-id=\"" id "\">" body "</rpc-reply>"
#define OK(id) REPLY(id, "<ok/>")

static struct netconf_session *
session(void)
{
	struct netconf_session *s = NULL;

	ck_assert_int_eq(netconf_session_new(NULL, S(0), &s, NULL), PCE_OK);
	return s;
}

static enum pce_status
feed(struct netconf_session *s, const char *text, struct pce_error *err)
{
	return netconf_input(s, text, strlen(text), S(1), err);
}

static void
drain_output(struct netconf_session *s)
{
	size_t len;

	netconf_output(s, &len);
	netconf_output_sent(s, len);
}

static uint64_t
ask(struct netconf_session *s, const char *name, int64_t within_us)
{
	char xml[64];
	uint64_t rpc = 0;
	int len = snprintf(xml, sizeof xml, "<%s/>", name);

	ck_assert_int_eq(netconf_rpc(s, name, xml, (size_t)len, within_us, S(1), &rpc, NULL),
			 PCE_OK);
	return rpc;
}

/* An open session in end-of-message framing whose hello was taken. */
static struct netconf_session *
open_session(const char *hello)
{
	struct netconf_session *s = session();
	struct netconf_event e;

	ck_assert_int_eq(feed(s, hello, NULL), PCE_OK);
	ck_assert(netconf_next(s, &e));
	ck_assert_int_eq(e.kind, NETCONF_OPEN);
	netconf_event_free(&e);
	drain_output(s);
	return s;
}

START_TEST(session_hello_10_keeps_marks)
{
	struct netconf_session *s = open_session(HELLO10);
	const char *out;
	size_t len;

	ck_assert_uint_eq(netconf_session_id(s), 42);
	ck_assert(netconf_has(s, NETCONF_CANDIDATE));
	ck_assert(!netconf_has(s, NETCONF_CONFIRMED_COMMIT));
	ask(s, "commit", 0);
	out = netconf_output(s, &len);
	ck_assert_str_eq(out,
			 "<rpc xmlns=\"" NETCONF_NS "\" message-id=\"1\"><commit/></rpc>]]>]]>");
	netconf_output_sent(s, 5);
	ask(s, "get", 0);
	out = netconf_output(s, &len);
	ck_assert_int_eq(strncmp(out, "xmlns", 5), 0);
	ck_assert_ptr_nonnull(strstr(out, "\"2\"><get/>"));
	netconf_session_free(s);
}
END_TEST

START_TEST(session_hello_11_uses_chunks)
{
	struct netconf_session *s = open_session(HELLO11);
	struct netconf_event e;
	const char *out;
	size_t len;

	ck_assert(netconf_has(s, NETCONF_CONFIRMED_COMMIT));
	ask(s, "get", 0);
	out = netconf_output(s, &len);
	ck_assert_str_eq(out, "\n#80\n<rpc xmlns=\"" NETCONF_NS
			      "\" message-id=\"1\"><get/></rpc>\n##\n");
	ck_assert_int_eq(feed(s,
			      "\n#5\n<rpc-\n#10\nreply xmln\n#63\ns=\"" NETCONF_NS
			      "\" message-id='1'><ok/\n#13\n></rpc-reply>\n##\n",
			      NULL),
			 PCE_OK);
	ck_assert(netconf_next(s, &e));
	ck_assert_int_eq(e.kind, NETCONF_REPLY);
	ck_assert(e.ok);
	ck_assert_uint_eq(e.rpc, 1);
	ck_assert_str_eq(e.body, "");
	netconf_event_free(&e);
	netconf_session_free(s);
}
END_TEST

START_TEST(session_own_hello_waits_at_once)
{
	struct netconf_session *s = session();
	const char *out;
	size_t len;

	out = netconf_output(s, &len);
	ck_assert_ptr_nonnull(strstr(out, "urn:ietf:params:netconf:base:1.0"));
	ck_assert_ptr_nonnull(strstr(out, "urn:ietf:params:netconf:base:1.1"));
	ck_assert_str_eq(out + len - 14, "</hello>]]>]]>");
	netconf_session_free(s);
}
END_TEST

/* Each breaks the protocol before or at the hello: status, and what the sentence must name. */
static const struct {
	const char *bytes;
	enum pce_status status;
	const char *text;
} bad_hellos[] = {
	{ "SSH-2.0-x]]>]]>", PCE_MALFORMED, "outside the document" },
	{ "]]>]]>", PCE_MALFORMED, "ends too early" },
	{ OK("1") "]]>]]>", PCE_MALFORMED, "<rpc-reply> where its hello" },
	{ "<hello xmlns=\"" NETCONF_NS "\"></hello>]]>]]>", PCE_MALFORMED, "no session-id" },
	{ "<hello xmlns=\"" NETCONF_NS "\"><session-id>-1</session-id></hello>]]>]]>",
	  PCE_MALFORMED, "\"-1\" as a session-id" },
	{ "<hello xmlns=\"" NETCONF_NS "\"><session-id>4294967296</session-id></hello>]]>]]>",
	  PCE_MALFORMED, "as a session-id" },
	{ "<hello xmlns=\"urn:x\"><session-id>1</session-id></hello>]]>]]>", PCE_MALFORMED,
	  "<hello> where its hello" },
	{ HELLO_OF(CAP("urn:ietf:params:netconf:base:9.9")), PCE_UNSUPPORTED, "neither" },
	{ "<!DOCTYPE x><hello/>]]>]]>", PCE_MALFORMED, "document type" },
	{ "<hello xmlns=\"" NETCONF_NS "\">&foo;</hello><b/>]]>]]>", PCE_MALFORMED, "after" },
	{ "<a:hello/>]]>]]>", PCE_MALFORMED, "prefix" },
};

START_TEST(session_bad_hello_is_a_clear_error)
{
	struct netconf_session *s = session();
	struct pce_error err = { 0 }, again = { 0 };
	uint64_t rpc;

	ck_assert_int_eq(feed(s, bad_hellos[_i].bytes, &err), bad_hellos[_i].status);
	ck_assert_msg(strstr(err.text, bad_hellos[_i].text) != NULL, "%s", err.text);
	ck_assert_int_eq(feed(s, HELLO10, &again), err.status);
	ck_assert_str_eq(again.text, err.text);
	ck_assert_int_eq(netconf_rpc(s, "get", "<get/>", 6, 0, S(1), &rpc, NULL), err.status);
	ck_assert_int_eq(netconf_deadline(s).v, USEC_NEVER.v);
	netconf_session_free(s);
}
END_TEST

START_TEST(session_replies_are_matched_by_message_id)
{
	struct netconf_session *s = open_session(HELLO10);
	struct netconf_event e;
	uint64_t a = ask(s, "get", 0), b = ask(s, "commit", 0);

	ck_assert_int_eq(feed(s, OK("2") "]]>]]>\n" REPLY("1", "<data/>") "]]>]]>\n", NULL),
			 PCE_OK);
	ck_assert(netconf_next(s, &e));
	ck_assert_uint_eq(e.rpc, b);
	netconf_event_free(&e);
	ck_assert(netconf_next(s, &e));
	ck_assert_uint_eq(e.rpc, a);
	netconf_event_free(&e);
	ck_assert(!netconf_next(s, &e));
	ck_assert_int_eq(netconf_deadline(s).v, USEC_NEVER.v);
	netconf_session_free(s);
}
END_TEST

#define ERROR(inner) "<rpc-error>" inner "</rpc-error>"

START_TEST(session_rpc_error_names_lock_holder)
{
	struct netconf_session *s = open_session(HELLO10);
	const struct netconf_rpc_error *first;
	struct netconf_event e;
	struct pce_error err = { 0 };

	ask(s, "lock", 0);
	ck_assert_int_eq(
	    feed(
		s,
		REPLY("1",
		      ERROR("<error-type>protocol</error-type><error-tag>lock-denied</error-tag>"
			    "<error-severity>error</error-severity><error-path>/a:b</error-path>"
			    "<error-message xml:lang=\"en\">Lock &#x66;ailed &lt;x&gt;<![CDATA[&]]>"
			    "</error-message><error-info><session-id>7</session-id>"
			    "<v:x xmlns:v=\"urn:v\"><v:y/></v:x></error-info>")) "]]>]]>",
		NULL),
	    PCE_OK);
	ck_assert(netconf_next(s, &e));
	ck_assert(!e.ok);
	first = netconf_first_error(&e);
	ck_assert_str_eq(first->message, "Lock failed <x>&");
	ck_assert_str_eq(first->type, "protocol");
	ck_assert(first->has_session);
	ck_assert_uint_eq(first->session, 7);
	ck_assert_int_eq(netconf_reply_status(&e, "r1: lock", &err), PCE_CONFLICT);
	ck_assert_str_eq(err.text, "r1: lock: lock-denied: Lock failed <x>&, held by session 7");
	ck_assert_str_eq(err.path, "/a:b");
	netconf_event_free(&e);
	netconf_session_free(s);
}
END_TEST

START_TEST(session_warning_only_is_success)
{
	struct netconf_session *s = open_session(HELLO10);
	struct netconf_event e;

	ask(s, "commit", 0);
	ck_assert_int_eq(
	    feed(s, REPLY("1", ERROR("<error-severity>warning</error-severity>")) "]]>]]>", NULL),
	    PCE_OK);
	ck_assert(netconf_next(s, &e));
	ck_assert(e.ok);
	ck_assert_uint_eq(e.errors_count, 1);
	ck_assert_int_eq(netconf_reply_status(&e, "x", NULL), PCE_OK);
	netconf_event_free(&e);
	netconf_session_free(s);
}
END_TEST

START_TEST(session_data_stands_alone)
{
	struct netconf_session *s = open_session(HELLO10);
	struct netconf_event e;

	ask(s, "get", 0);
	ck_assert_int_eq(feed(s,
			      "<nc:rpc-reply xmlns:nc=\"" NETCONF_NS "\" xmlns:k='urn:\"k' "
			      "nc:x=\"1\" message-id=\"1\"><!-- c --><nc:data xmlns:l=\"urn:l\">"
			      "<k:a><l:b/>t&amp;</k:a><c xmlns=\"urn:c\" xmlns:l=\"urn:m\"/>"
			      "</nc:data></nc:rpc-reply>]]>]]>",
			      NULL),
			 PCE_OK);
	ck_assert(netconf_next(s, &e));
	ck_assert_str_eq(e.body,
			 "<k:a xmlns:l=\"urn:l\" xmlns:k=\"urn:&quot;k\" xmlns:nc=\"" NETCONF_NS
			 "\"><l:b/>t&amp;</k:a><c xmlns:k=\"urn:&quot;k\" xmlns:nc=\"" NETCONF_NS
			 "\" xmlns=\"urn:c\" xmlns:l=\"urn:m\"/>");
	netconf_event_free(&e);
	netconf_session_free(s);
}
END_TEST

START_TEST(session_notification_is_passed_up)
{
	struct netconf_session *s = open_session(HELLO10);
	struct netconf_event e;

	ck_assert_int_eq(
	    feed(s,
		 "<notification xmlns=\"urn:ietf:params:xml:ns:netconf:notification:1.0\">"
		 "<eventTime>2026-01-01T00:00:00Z</eventTime><n xmlns=\"urn:n\"/>"
		 "</notification>]]>]]>",
		 NULL),
	    PCE_OK);
	ck_assert(netconf_next(s, &e));
	ck_assert_int_eq(e.kind, NETCONF_NOTIFIED);
	ck_assert_ptr_nonnull(strstr(e.body, "2026-01-01T00:00:00Z"));
	netconf_event_free(&e);
	netconf_session_free(s);
}
END_TEST

/* Each arrives with one RPC ("get", id 1) in flight. */
static const struct {
	const char *bytes;
	const char *text;
} nonsense[] = {
	{ OK("2") "]]>]]>", "message-id \"2\", which was not asked" },
	{ REPLY("1", "") "]]>]]>", "the reply to get" },
	{ REPLY("1", "<ok>") "]]>]]>", "does not match" },
	{ "hello]]>]]>", "outside the document" },
	{ "<rpc-reply xmlns=\"" NETCONF_NS "\" message-id=\"1\"><ok/></rpc-reply>x]]>]]>",
	  "outside the document" },
	{ "<rpc xmlns=\"" NETCONF_NS "\" message-id=\"1\"><get/></rpc>]]>]]>",
	  "<rpc> where a reply" },
	{ HELLO10, "<hello> where a reply" },
	{ "<a a='1' a='2'/>]]>]]>", "twice" },
	{ "<a a=1/>]]>]]>", "not quoted" },
	{ "<a b='<'/>]]>]]>", "does not end" },
	{ "<a/ >]]>]]>", "does not end" },
	{ "<!-- ]]>]]>", "comment" },
	{ "<? ]]>]]>", "processing" },
	{ "<1/>]]>]]>", "element name" },
	{ REPLY("1", "<data>&") "]]>]]>", "does not match" },
	{ REPLY("1", ERROR("<error-message>&nbsp;</error-message>")) "]]>]]>", "reference" },
	{ REPLY("1", ERROR("<error-message>&#0;</error-message>")) "]]>]]>", "reference" },
	{ REPLY("1", ERROR("<error-message>&#xd800;</error-message>")) "]]>]]>", "reference" },
	{ REPLY("1", ERROR("<error-message>&#99999999999;</error-message>")) "]]>]]>",
	  "reference" },
	{ REPLY("1", ERROR("<error-info><session-id>x</session-id></error-info>")) "]]>]]>",
	  "session-id" },
};

START_TEST(session_nonsense_reply_is_a_clear_error)
{
	struct netconf_session *s = open_session(HELLO10);
	struct pce_error err = { 0 };
	struct netconf_event e;

	ask(s, "get", 0);
	ck_assert_int_eq(feed(s, nonsense[_i].bytes, &err), PCE_MALFORMED);
	ck_assert_msg(strstr(err.text, nonsense[_i].text) != NULL, "%s", err.text);
	ck_assert(!netconf_next(s, &e));
	ck_assert(!netconf_is_open(s));
	netconf_session_free(s);
}
END_TEST

START_TEST(session_depth_is_bounded)
{
	struct netconf_session *s = open_session(HELLO10);
	struct pce_error err = { 0 };
	struct text t = { 0 };

	for (int i = 0; i < 100000; i++)
		text_add(&t, "<a>");
	text_add(&t, "]]>]]>");
	ask(s, "get", 0);
	ck_assert_int_eq(
	    feed(s, "<rpc-reply xmlns=\"" NETCONF_NS "\" message-id=\"1\"><data>", NULL), PCE_OK);
	ck_assert_int_eq(feed(s, text_get(&t), &err), PCE_MALFORMED);
	ck_assert_ptr_nonnull(strstr(err.text, "too deep"));
	text_free(&t);
	netconf_session_free(s);
}
END_TEST

static const char *const bad_chunks[] = {
	"x",     "\nx",       "\n#0\n",       "\n#01\n", "\n##\n", "\n#-1\n", "\n#4294967296\n",
	"\n#1x", "\n#1\na##", "\n#1\na\n##x", "\n#\n",   "\n# 1\n"
};

START_TEST(session_bad_chunk_header_ends_it)
{
	struct netconf_session *s = open_session(HELLO11);
	struct pce_error err = { 0 };

	ck_assert_int_eq(feed(s, bad_chunks[_i], &err), PCE_MALFORMED);
	ck_assert_ptr_nonnull(strstr(err.text, "chunked framing"));
	netconf_session_free(s);
}
END_TEST

START_TEST(session_too_large_message_is_limit)
{
	const struct netconf_limits limits = { .message_max = 1000 };
	struct netconf_session *s = NULL;
	char big[2000];

	memset(big, ' ', sizeof big);
	ck_assert_int_eq(netconf_session_new(&limits, S(0), &s, NULL), PCE_OK);
	ck_assert_int_eq(netconf_input(s, big, 1000, S(0), NULL), PCE_OK);
	ck_assert_int_eq(netconf_input(s, big, 1, S(0), NULL), PCE_LIMIT);
	netconf_session_free(s);
	ck_assert_int_eq(netconf_session_new(&limits, S(0), &s, NULL), PCE_OK);
	ck_assert_int_eq(feed(s, HELLO11, NULL), PCE_OK);
	ck_assert_int_eq(feed(s, "\n#4000000000\n", NULL), PCE_OK);
	ck_assert_int_eq(netconf_input(s, big, 1001, S(0), NULL), PCE_LIMIT);
	netconf_session_free(s);
}
END_TEST

START_TEST(session_rpcs_and_output_are_bounded)
{
	const struct netconf_limits limits = { .rpcs_max = 2, .output_max = 2000 };
	struct netconf_session *s = NULL;
	char big[2000] = "";
	uint64_t rpc;

	ck_assert_int_eq(netconf_session_new(&limits, S(0), &s, NULL), PCE_OK);
	ck_assert_int_eq(netconf_rpc(s, "get", "<get/>", 6, 0, S(0), &rpc, NULL), PCE_CONFLICT);
	ck_assert_int_eq(feed(s, HELLO10, NULL), PCE_OK);
	ck_assert_int_eq(netconf_rpc(s, "get", big, 1900, 0, S(0), &rpc, NULL), PCE_LIMIT);
	ask(s, "get", 0);
	ask(s, "get", 0);
	ck_assert_int_eq(netconf_rpc(s, "get", "<get/>", 6, 0, S(0), &rpc, NULL), PCE_LIMIT);
	ck_assert(netconf_is_open(s));
	netconf_session_free(s);
}
END_TEST

START_TEST(session_overdue_reply_ends_it)
{
	struct netconf_session *s = session();
	struct pce_error err = { 0 };

	ck_assert_int_eq(netconf_deadline(s).v, S(30).v);
	ck_assert_int_eq(netconf_expire(s, S(29), &err), PCE_OK);
	ck_assert_int_eq(feed(s, HELLO10, NULL), PCE_OK);
	ck_assert_int_eq(netconf_deadline(s).v, USEC_NEVER.v);
	ask(s, "get", 0);
	ask(s, "commit", 5 * USEC_PER_S);
	ck_assert_int_eq(netconf_deadline(s).v, S(6).v);
	ck_assert_int_eq(netconf_expire(s, S(5), &err), PCE_OK);
	ck_assert_int_eq(netconf_expire(s, S(6), &err), PCE_TIMEOUT);
	ck_assert_str_eq(err.text, "the peer did not answer commit within 5.0 s");
	ck_assert_int_eq(feed(s, OK("2") "]]>]]>", NULL), PCE_TIMEOUT);
	netconf_session_free(s);
}
END_TEST

START_TEST(session_overdue_hello_ends_it)
{
	struct netconf_session *s = session();

	ck_assert_int_eq(netconf_expire(s, S(30), NULL), PCE_TIMEOUT);
	netconf_session_free(s);
}
END_TEST

/* One message in two chunks. */
static void
add_chunks(struct text *t, const char *message, size_t first)
{
	size_t len = strlen(message);

	text_printf(t, "\n#%zu\n%.*s", first, (int)first, message);
	text_printf(t, "\n#%zu\n", len - first);
	text_add(t, message + first);
	text_add(t, "\n##\n");
}

/* A whole conversation: hello, data, a notification that holds the old mark, ok. */
static struct text
conversation(void)
{
	struct text t = { 0 };

	text_add(&t, HELLO11);
	add_chunks(&t, "<?xml version=\"1.0\"?>" REPLY("1", "<data><a xmlns=\"urn:a\"/></data>"),
		   2);
	add_chunks(&t,
		   "<notification xmlns=\"urn:ietf:params:xml:ns:netconf:notification:1.0\">"
		   "<eventTime>2026-01-01T00:00:00Z</eventTime><n xmlns=\"urn:n\"><![CDATA[]]>]]>"
		   "</n></notification>",
		   150);
	add_chunks(&t, OK("2"), 83);
	return t;
}

/* What a session says after these bytes in pieces given by seed (0: whole), as one text. */
static enum pce_status
play(const char *bytes, size_t len, uint64_t seed, struct text *out)
{
	struct netconf_session *s = session();
	struct netconf_event e;
	struct pce_error err = { 0 };
	enum pce_status status = PCE_OK;
	uint64_t rnd = seed;
	size_t hello = strlen(HELLO11);

	for (size_t at = 0; at < len && status == PCE_OK;) {
		size_t piece = seed ? 1 + suite_below(&rnd, 40) : len - at;
		char *copy;

		piece = piece > len - at ? len - at : piece;
		/* The hello comes alone: the RPCs are asked when it was taken. */
		if (at < hello && at + piece > hello)
			piece = hello - at;
		copy = malloc(piece);
		memcpy(copy, bytes + at, piece);
		status = netconf_input(s, copy, piece, S(1), &err);
		free(copy);
		at += piece;
		while (netconf_next(s, &e)) {
			text_printf(out, "%d %u %d ", (int)e.kind, (unsigned)e.rpc, e.ok);
			text_add(out, e.body ? e.body : "");
			text_add(out, "\n");
			if (e.kind == NETCONF_OPEN && netconf_is_open(s)) {
				ask(s, "get", 0);
				ask(s, "commit", 0);
			}
			netconf_event_free(&e);
		}
	}
	text_add(out, err.text);
	ck_assert_int_eq(netconf_is_open(s) && status != PCE_OK, 0);
	netconf_session_free(s);
	return status;
}

START_TEST(session_any_split_gives_the_same_events)
{
	struct text bytes = conversation(), whole = { 0 };

	ck_assert_int_eq(play(bytes.at, bytes.len, 0, &whole), PCE_OK);
	ck_assert_str_eq(text_get(&whole), "0 0 0 \n1 1 1 <a xmlns=\"urn:a\"/>\n2 0 0 "
					   "<eventTime xmlns=\"urn:ietf:params:xml:ns:netconf:"
					   "notification:1.0\">2026-01-01T00:00:00Z</eventTime>"
					   "<n xmlns=\"urn:n\"><![CDATA[]]>]]></n>\n1 2 1 \n");
	for (uint64_t seed = 1; seed <= suite_seeds(); seed++) {
		struct text pieces = { 0 };

		ck_assert_int_eq(play(bytes.at, bytes.len, seed, &pieces), PCE_OK);
		ck_assert_msg(strcmp(text_get(&whole), text_get(&pieces)) == 0, "seed %u: %s",
			      (unsigned)seed, text_get(&pieces));
		text_free(&pieces);
	}
	text_free(&whole);
	text_free(&bytes);
}
END_TEST

START_TEST(session_every_truncation_waits_for_more)
{
	struct text bytes = conversation();

	for (size_t len = 0; len < bytes.len; len++) {
		struct text out = { 0 };

		ck_assert_int_eq(play(bytes.at, len, 7, &out), PCE_OK);
		text_free(&out);
	}
	text_free(&bytes);
}
END_TEST

START_TEST(session_damaged_bytes_never_break_it)
{
	for (uint64_t seed = 1; seed <= suite_seeds(); seed++) {
		struct text bytes = conversation(), out = { 0 };
		uint64_t rnd = seed;

		for (uint32_t n = 1 + suite_below(&rnd, 4); n > 0; n--)
			bytes.at[suite_below(&rnd, (uint32_t)bytes.len)] =
			    (char)("<>&]#\n\0\"/1a\xff"[suite_below(&rnd, 12)]);
		play(bytes.at, bytes.len, seed, &out);
		text_free(&out);
		text_free(&bytes);
	}
}
END_TEST

START_TEST(frame_mark_is_found_as_memmem_finds_it)
{
	for (uint64_t seed = 1; seed <= suite_seeds(); seed++) {
		char bytes[64];
		uint64_t rnd = seed;
		const uint8_t *at = (const uint8_t *)bytes;
		const char *place;
		struct frame f;
		bool whole;

		for (size_t i = 0; i < sizeof bytes; i++)
			bytes[i] = "]]>"[suite_below(&rnd, 3)];
		place = memmem(bytes, sizeof bytes, "]]>]]>", 6);
		frame_init(&f, 1000);
		ck_assert_int_eq(frame_take(&f, &at, at + sizeof bytes, &whole, NULL), PCE_OK);
		ck_assert_int_eq(whole, place != NULL);
		if (place != NULL)
			ck_assert_uint_eq(f.message.len, (size_t)(place - bytes));
		frame_free(&f);
	}
}
END_TEST

static uint64_t
fingerprint(const char *xml)
{
	uint64_t out = 0;

	ck_assert_int_eq(xml_fingerprint(xml, strlen(xml), &out, NULL), PCE_OK);
	return out;
}

START_TEST(xml_fingerprint_ignores_order_only)
{
	const char *base = "<a xmlns=\"urn:a\"><b>1</b><b>2</b><c><d/></c></a><e/>";
	static const char *const same[] = {
		"<e/>\n <a xmlns='urn:a'> <c><d></d></c><b>2</b>\n<b>1</b></a>",
		"<x:a xmlns:x='urn:a'><x:b>1</x:b><x:b>2</x:b><x:c><x:d/></x:c></x:a><e/>",
	};
	static const char *const other[] = {
		"",
		"<a xmlns='urn:a'><b>1</b><b>2</b><c/><d/></a><e/>",
		"<a xmlns='urn:b'><b>1</b><b>2</b><c><d/></c></a><e/>",
		"<a xmlns='urn:a'><b>1</b><b>1</b><c><d/></c></a><e/>",
		"<a xmlns='urn:a'><b>2</b><c><d/></c></a><e/>",
		"<a xmlns='urn:a'><b>1</b><b>2</b><c><d y='1'/></c></a><e/>",
		"<a xmlns='urn:a'><b>1</b><b>2</b><c><d/></c></a><e/><e/>",
	};
	uint64_t out = 7;

	for (size_t i = 0; i < sizeof same / sizeof *same; i++)
		ck_assert_uint_eq(fingerprint(same[i]), fingerprint(base));
	for (size_t i = 0; i < sizeof other / sizeof *other; i++)
		ck_assert_uint_ne(fingerprint(other[i]), fingerprint(base));
	ck_assert_int_eq(xml_fingerprint("<a>", 3, &out, NULL), PCE_MALFORMED);
	ck_assert_uint_eq(out, 7);
}
END_TEST

START_TEST(xml_escape_and_decode_are_inverse)
{
	const char *plain = "a<b>&\"'\xc3\xa9\n";
	struct text escaped = { 0 }, back = { 0 };

	xml_escape(&escaped, plain);
	ck_assert_ptr_null(strchr(text_get(&escaped), '<'));
	ck_assert_int_eq(
	    xml_decode((struct xml_span){ escaped.at, escaped.len }, false, &back, NULL), PCE_OK);
	ck_assert_str_eq(text_get(&back), plain);
	text_clear(&back);
	ck_assert_int_eq(
	    xml_decode((struct xml_span){ "&#x20AC;&#233;&#x1F600;", 23 }, false, &back, NULL),
	    PCE_OK);
	ck_assert_str_eq(text_get(&back), "\xe2\x82\xac\xc3\xa9\xf0\x9f\x98\x80");
	text_free(&escaped);
	text_free(&back);
}
END_TEST

int
main(void)
{
	TCase *t = tcase_create("session");

	tcase_add_test(t, session_hello_10_keeps_marks);
	tcase_add_test(t, session_hello_11_uses_chunks);
	tcase_add_test(t, session_own_hello_waits_at_once);
	tcase_add_loop_test(t, session_bad_hello_is_a_clear_error, 0,
			    sizeof bad_hellos / sizeof *bad_hellos);
	tcase_add_test(t, session_replies_are_matched_by_message_id);
	tcase_add_test(t, session_rpc_error_names_lock_holder);
	tcase_add_test(t, session_warning_only_is_success);
	tcase_add_test(t, session_data_stands_alone);
	tcase_add_test(t, session_notification_is_passed_up);
	tcase_add_loop_test(t, session_nonsense_reply_is_a_clear_error, 0,
			    sizeof nonsense / sizeof *nonsense);
	tcase_add_test(t, session_depth_is_bounded);
	tcase_add_loop_test(t, session_bad_chunk_header_ends_it, 0,
			    sizeof bad_chunks / sizeof *bad_chunks);
	tcase_add_test(t, session_too_large_message_is_limit);
	tcase_add_test(t, session_rpcs_and_output_are_bounded);
	tcase_add_test(t, session_overdue_reply_ends_it);
	tcase_add_test(t, session_overdue_hello_ends_it);
	tcase_add_test(t, session_any_split_gives_the_same_events);
	tcase_add_test(t, session_every_truncation_waits_for_more);
	tcase_add_test(t, session_damaged_bytes_never_break_it);
	tcase_add_test(t, frame_mark_is_found_as_memmem_finds_it);
	tcase_add_test(t, xml_fingerprint_ignores_order_only);
	tcase_add_test(t, xml_escape_and_decode_are_inverse);
	return suite_run("netconf-session", t, 60);
}
