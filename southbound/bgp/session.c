/*
 * The BGP finite state machine (RFC 4271 section 8) of one connection, from OpenSent on.
 *
 * Input is buffered and read one message per bgp_next, so that the caller decides how long a turn
 * takes and an event may point into the buffer. Whatever was received before the connection broke
 * is still read: a NOTIFICATION that came with the close tells why.
 *
 * RFCs: 4271, 2918 (route refresh), 4724 (End-of-RIB), 4760, 5492, 6793, 7606, 8654, 9003, 9072.
 * Departures: no DelayOpen, no damping here (struct bgp_peer backs off), and a session without AFI
 * 16388 / SAFI 71 is refused, because it could carry nothing for us.
 */
#include "southbound/bgp/session.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pce/base/array.h"
#include "southbound/bgp/notify.h"

#define OPEN_HOLD_S 240 /* RFC 4271 section 8.2.2: "a large value" until the peer's OPEN */
#define MESSAGE_MAX 4096
#define EXTENDED_MAX 65535 /* RFC 8654 */
#define OUTPUT_MAX ((size_t)4 << 20)
#define INPUT_CAP (2 * BGP_INPUT_MAX)

enum message { MSG_OPEN = 1, MSG_UPDATE, MSG_NOTIFICATION, MSG_KEEPALIVE, MSG_REFRESH };

struct bgp_session {
	struct bgp_session_config config;
	enum bgp_state state;
	struct bgp_open peer;
	bool have_peer, was_established;
	bool lost, down_told, by_peer;
	struct usec hold_at, keepalive_at;
	int64_t hold_us;
	size_t in_at, in_len; /* unread octets are in[in_at] to in[in_len - 1] */
	uint8_t *in;
	uint8_t *out;
	size_t out_at, out_len, out_cap;
	char text[320];
};

static void
set_text(struct bgp_session *s, const char *head, const char *tail)
{
	snprintf(s->text, sizeof(s->text), "%s%s", head, tail ? tail : "");
}

/* Appends a message; false without memory. */
static bool
send_message(struct bgp_session *s, enum message type, const void *body, size_t len)
{
	uint8_t *at;
	size_t whole = BGP_HEADER + len;

	if (s->out_at > 0 && s->out_at == s->out_len)
		s->out_at = s->out_len = 0;
	if (array_reserve(&s->out, &s->out_cap, s->out_len + whole, 1, NULL))
		return false;
	at = s->out + s->out_len;
	memset(at, 0xff, 16);
	at[16] = (uint8_t)(whole >> 8);
	at[17] = (uint8_t)whole;
	at[18] = (uint8_t)type;
	if (len > 0)
		memcpy(at + BGP_HEADER, body, len);
	s->out_len += whole;
	return true;
}

/* A message that the session cannot do without: it is over if there is no memory for it. */
static void
must_send(struct bgp_session *s, enum message type, const void *body, size_t len)
{
	if (!send_message(s, type, body, len))
		bgp_lost(s, "out of memory");
}

static void
close_state(struct bgp_session *s)
{
	s->was_established = s->was_established || s->state == BGP_ESTABLISHED;
	s->state = BGP_CLOSED;
	s->in_at = s->in_len = 0;
	s->hold_at = s->keepalive_at = USEC_NEVER;
}

/* Sends a NOTIFICATION with data and ends. */
static void
fail_with(struct bgp_session *s, uint8_t code, uint8_t subcode, const void *data, size_t len,
	  const char *text)
{
	uint8_t body[2 + 256] = { code, subcode };
	char words[256];

	if (s->state == BGP_CLOSED)
		return;
	if (len > 256)
		len = 256;
	if (len > 0)
		memcpy(body + 2, data, len);
	bgp_notification_text(code, subcode, reader_over(data, len), words, sizeof(words));
	snprintf(s->text, sizeof(s->text), "sent %s%s%s", words, text ? ": " : "",
		 text ? text : "");
	close_state(s);
	must_send(s, MSG_NOTIFICATION, body, 2 + len);
}

void
bgp_fail(struct bgp_session *s, uint8_t code, uint8_t subcode, const char *text)
{
	fail_with(s, code, subcode, NULL, 0, text);
}

void
bgp_shutdown(struct bgp_session *s, const char *reason)
{
	uint8_t data[256];
	size_t len = reason ? strlen(reason) : 0;

	if (len > 255)
		len = 255;
	data[0] = (uint8_t)len;
	if (len > 0)
		memcpy(data + 1, reason, len);
	fail_with(s, BGP_ERROR_CEASE, BGP_CEASE_SHUTDOWN, data, len ? len + 1 : 0, NULL);
}

void
bgp_lost(struct bgp_session *s, const char *text)
{
	if (s->lost)
		return;
	s->lost = true;
	if (s->state != BGP_CLOSED)
		set_text(s, text, NULL);
}

static void
send_open(struct bgp_session *s)
{
	struct bgp_open open = {
		.version = 4,
		.asn = s->config.local_asn,
		.hold_time_s = s->config.hold_time_s,
		.router_id = s->config.router_id,
		.as4 = true,
		.link_state = true,
		.ipv4_unicast = s->config.ipv4_unicast,
		.route_refresh = true,
		.extended_messages = true,
		.graceful_restart = !s->config.no_graceful_restart,
		.restart_link_state = !s->config.no_graceful_restart,
		.restart_time_s = s->config.restart_time_s,
	};
	uint8_t body[BGP_OPEN_MAX];
	size_t len = bgp_write_open(&open, body);

	must_send(s, MSG_OPEN, body, len);
}

enum pce_status
bgp_session_new(const struct bgp_session_config *config, struct usec now, struct bgp_session **out,
		struct pce_error *err)
{
	struct bgp_session *s = calloc(1, sizeof(*s));

	if (s)
		s->in = malloc(INPUT_CAP);
	if (!s || !s->in) {
		free(s);
		return pce_no_memory(err);
	}
	s->config = *config;
	s->state = BGP_OPEN_SENT;
	s->hold_at = usec_add(now, (int64_t)OPEN_HOLD_S * USEC_PER_S);
	s->keepalive_at = USEC_NEVER;
	send_open(s);
	*out = s;
	return PCE_OK;
}

void
bgp_session_free(struct bgp_session *s)
{
	if (!s)
		return;
	free(s->in);
	free(s->out);
	free(s);
}

enum pce_status
bgp_input(struct bgp_session *s, const uint8_t *buf, size_t len, struct usec now,
	  struct pce_error *err)
{
	(void)now;
	if (s->state == BGP_CLOSED || s->lost)
		return PCE_OK;
	if (s->in_at > 0) {
		memmove(s->in, s->in + s->in_at, s->in_len - s->in_at);
		s->in_len -= s->in_at;
		s->in_at = 0;
	}
	if (len > INPUT_CAP - s->in_len)
		return pce_fail(err, PCE_LIMIT, "BGP input is full: %zu octets wait to be read",
				s->in_len);
	if (len > 0)
		memcpy(s->in + s->in_len, buf, len);
	s->in_len += len;
	return PCE_OK;
}

static void
arm_hold(struct bgp_session *s, struct usec now)
{
	s->hold_at = s->hold_us > 0 ? usec_add(now, s->hold_us) : USEC_NEVER;
}

/* Refuses an OPEN that cannot be lived with (RFC 4271 section 6.2). */
static bool
open_acceptable(struct bgp_session *s, const struct bgp_open *open)
{
	static const uint8_t version[2] = { 0, 4 };
	static const uint8_t capability[6] = { 1, 4,          BGP_AFI_LS >> 8, BGP_AFI_LS & 255,
					       0, BGP_SAFI_LS };
	char text[128];

	if (open->version != 4) {
		fail_with(s, BGP_ERROR_OPEN, BGP_OPEN_VERSION, version, 2, NULL);
	} else if (s->config.peer_asn && open->asn != s->config.peer_asn) {
		snprintf(text, sizeof(text), "the peer is AS %u, configured is AS %u", open->asn,
			 s->config.peer_asn);
		bgp_fail(s, BGP_ERROR_OPEN, BGP_OPEN_PEER_AS, text);
	} else if (open->hold_time_s == 1 || open->hold_time_s == 2) {
		bgp_fail(s, BGP_ERROR_OPEN, BGP_OPEN_HOLD_TIME, NULL);
	} else if (open->router_id == 0 ||
		   (open->router_id == s->config.router_id && open->asn == s->config.local_asn)) {
		bgp_fail(s, BGP_ERROR_OPEN, BGP_OPEN_ROUTER_ID,
			 open->router_id ? "the peer has our own router id" : NULL);
	} else if (!open->link_state) {
		fail_with(s, BGP_ERROR_OPEN, BGP_OPEN_CAPABILITY, capability, sizeof(capability),
			  "the peer does not offer BGP-LS (AFI 16388, SAFI 71)");
	} else {
		return true;
	}
	return false;
}

/* True: the OPEN was taken. */
static bool
take_open(struct bgp_session *s, struct reader body, struct usec now)
{
	struct bgp_open open;
	uint16_t hold = s->config.hold_time_s;

	if (!bgp_read_open(body, &open)) {
		bgp_fail(s, BGP_ERROR_OPEN, 0, "the optional parameters do not add up");
		return false;
	}
	if (!open_acceptable(s, &open))
		return false;
	s->peer = open;
	s->have_peer = true;
	s->state = BGP_OPEN_CONFIRM;
	if (open.hold_time_s < hold)
		hold = open.hold_time_s;
	s->hold_us = (int64_t)hold * USEC_PER_S;
	arm_hold(s, now);
	if (hold > 0)
		s->keepalive_at = usec_add(now, s->hold_us / 3);
	must_send(s, MSG_KEEPALIVE, NULL, 0);
	return true;
}

static void
take_notification(struct bgp_session *s, struct reader body)
{
	uint8_t code = reader_u8(&body), subcode = reader_u8(&body);
	char words[256];

	bgp_notification_text(code, subcode, body, words, sizeof(words));
	s->by_peer = true;
	set_text(s, "the peer sent ", words);
	close_state(s);
}

static bool
take_update(struct bgp_session *s, struct reader body, struct usec now, struct bgp_event *out)
{
	struct bgpls_faults faults = { 0 };

	arm_hold(s, now);
	if (bgp_read_update(body, &out->update, NULL)) {
		out->kind = BGP_EVENT_UPDATE;
		return true;
	}
	bgp_read_update(body, &out->update, &faults);
	bgp_fail(s, BGP_ERROR_UPDATE, BGP_UPDATE_ATTRIBUTES, faults.count ? faults.text[0] : NULL);
	return false;
}

static bool
take_refresh(struct bgp_session *s, struct reader body, struct bgp_event *out)
{
	uint16_t afi = reader_u16(&body);
	uint8_t subtype = reader_u8(&body), safi = reader_u8(&body);

	if (!reader_ok(&body) || afi != BGP_AFI_LS || safi != BGP_SAFI_LS || subtype != 0)
		return false;
	(void)s;
	out->kind = BGP_EVENT_REFRESH;
	return true;
}

/* In Established everything but an OPEN is welcome. */
static bool
take_established(struct bgp_session *s, enum message type, struct reader body, struct usec now,
		 struct bgp_event *out)
{
	if (type == MSG_UPDATE)
		return take_update(s, body, now, out);
	if (type == MSG_REFRESH)
		return take_refresh(s, body, out);
	if (type == MSG_KEEPALIVE)
		arm_hold(s, now);
	else
		bgp_fail(s, BGP_ERROR_FSM, 3, NULL);
	return false;
}

/* True: *out is an event. */
static bool
take_message(struct bgp_session *s, enum message type, struct reader body, struct usec now,
	     struct bgp_event *out)
{
	if (type == MSG_NOTIFICATION) {
		take_notification(s, body);
		return false;
	}
	if (s->state == BGP_ESTABLISHED)
		return take_established(s, type, body, now, out);
	if (s->state == BGP_OPEN_SENT && type == MSG_OPEN) {
		out->kind = BGP_EVENT_OPENED;
		return take_open(s, body, now);
	}
	if (s->state == BGP_OPEN_CONFIRM && type == MSG_KEEPALIVE) {
		s->state = BGP_ESTABLISHED;
		arm_hold(s, now);
		out->kind = BGP_EVENT_UP;
		return true;
	}
	bgp_fail(s, BGP_ERROR_FSM, s->state == BGP_OPEN_SENT ? 1 : 2, NULL);
	return false;
}

/* Shortest message of each type, 0 for types that do not exist. */
static size_t
least_octets(uint8_t type)
{
	static const size_t least[] = { 0, 29, 23, 21, 19, 23 };

	return type < sizeof(least) / sizeof(least[0]) ? least[type] : 0;
}

/* Judges the header at the start of the unread octets; *len is 0 while it is incomplete. False: the
 * session failed. */
static bool
read_header(struct bgp_session *s, size_t *len, uint8_t *type)
{
	const uint8_t *at = s->in + s->in_at;
	size_t have = s->in_len - s->in_at, said, most = MESSAGE_MAX;

	*len = 0;
	for (size_t i = 0; i < 16 && i < have; i++)
		if (at[i] != 0xff) {
			bgp_fail(s, BGP_ERROR_HEADER, BGP_HEADER_SYNC, NULL);
			return false;
		}
	if (have < BGP_HEADER)
		return true;
	said = (size_t)at[16] << 8 | at[17];
	*type = at[18];
	if (least_octets(*type) == 0) {
		fail_with(s, BGP_ERROR_HEADER, BGP_HEADER_TYPE, type, 1, NULL);
		return false;
	}
	if (s->have_peer && s->peer.extended_messages && *type != MSG_OPEN &&
	    *type != MSG_KEEPALIVE)
		most = EXTENDED_MAX;
	if (said < least_octets(*type) || said > most || (*type == MSG_KEEPALIVE && said != 19)) {
		fail_with(s, BGP_ERROR_HEADER, BGP_HEADER_LENGTH, at + 16, 2, NULL);
		return false;
	}
	if (have >= said)
		*len = said;
	return true;
}

/* The end is told once, after everything that came before it. */
static bool
tell_down(struct bgp_session *s, struct bgp_event *out)
{
	if (s->lost && s->state != BGP_CLOSED) {
		s->by_peer = true;
		close_state(s);
	}
	if (s->state != BGP_CLOSED || s->down_told)
		return false;
	s->down_told = true;
	*out = (struct bgp_event){ .kind = BGP_EVENT_DOWN,
				   .text = s->text,
				   .was_established = s->was_established,
				   .by_peer = s->by_peer };
	return true;
}

bool
bgp_next(struct bgp_session *s, struct usec now, struct bgp_event *out)
{
	while (s->state != BGP_CLOSED) {
		struct reader body;
		uint8_t type = 0;
		size_t len;

		if (!read_header(s, &len, &type) || len == 0)
			break;
		body = reader_over(s->in + s->in_at + BGP_HEADER, len - BGP_HEADER);
		s->in_at += len;
		out->text = NULL;
		if (take_message(s, (enum message)type, body, now, out))
			return true;
	}
	return tell_down(s, out);
}

bool
bgp_pending(const struct bgp_session *s)
{
	size_t have = s->in_len - s->in_at;
	const uint8_t *at = s->in + s->in_at;

	if (s->state == BGP_CLOSED || s->lost)
		return !s->down_told;
	return have >= BGP_HEADER && have >= ((size_t)at[16] << 8 | at[17]);
}

size_t
bgp_output(struct bgp_session *s, uint8_t *buf, size_t cap)
{
	size_t len = s->out_len - s->out_at;

	if (len > cap)
		len = cap;
	if (len > 0)
		memcpy(buf, s->out + s->out_at, len);
	s->out_at += len;
	return len;
}

size_t
bgp_output_left(const struct bgp_session *s)
{
	return s->out_len - s->out_at;
}

struct usec
bgp_deadline(const struct bgp_session *s)
{
	return usec_min(s->hold_at, s->keepalive_at);
}

void
bgp_tick(struct bgp_session *s, struct usec now)
{
	if (s->state == BGP_CLOSED)
		return;
	if (usec_due(s->hold_at, now)) {
		bgp_fail(s, BGP_ERROR_HOLD_TIMER, 0, NULL);
		return;
	}
	if (usec_due(s->keepalive_at, now)) {
		must_send(s, MSG_KEEPALIVE, NULL, 0);
		s->keepalive_at = usec_add(now, s->hold_us / 3);
	}
}

size_t
bgp_update_room(const struct bgp_session *s)
{
	bool extended = s->have_peer && s->peer.extended_messages;

	return (extended ? EXTENDED_MAX : MESSAGE_MAX) - BGP_HEADER;
}

enum pce_status
bgp_send_update(struct bgp_session *s, const uint8_t *body, size_t len, struct pce_error *err)
{
	if (s->state != BGP_ESTABLISHED)
		return pce_fail(err, PCE_CONFLICT, "the BGP session is not established");
	if (len > bgp_update_room(s))
		return pce_fail(err, PCE_INVALID, "an UPDATE of %zu octets, the peer takes %zu",
				len, bgp_update_room(s));
	if (bgp_output_left(s) + len > OUTPUT_MAX)
		return pce_fail(err, PCE_LIMIT, "%zu octets wait to be sent already",
				bgp_output_left(s));
	return send_message(s, MSG_UPDATE, body, len) ? PCE_OK : pce_no_memory(err);
}

enum pce_status
bgp_send_refresh(struct bgp_session *s, struct pce_error *err)
{
	static const uint8_t body[4] = { BGP_AFI_LS >> 8, BGP_AFI_LS & 255, 0, BGP_SAFI_LS };

	if (s->state != BGP_ESTABLISHED)
		return pce_fail(err, PCE_CONFLICT, "the BGP session is not established");
	if (!s->peer.route_refresh)
		return pce_fail(err, PCE_UNSUPPORTED, "the peer does not offer route refresh");
	return send_message(s, MSG_REFRESH, body, sizeof(body)) ? PCE_OK : pce_no_memory(err);
}

enum bgp_state
bgp_session_state(const struct bgp_session *s)
{
	return s->state;
}

bool
bgp_session_ended(const struct bgp_session *s)
{
	return s->state == BGP_CLOSED && (s->lost || bgp_output_left(s) == 0);
}

const struct bgp_open *
bgp_session_peer(const struct bgp_session *s)
{
	return s->have_peer ? &s->peer : NULL;
}
