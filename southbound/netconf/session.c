#include "southbound/netconf/session.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pce/base/array.h"
#include "pce/base/text.h"
#include "southbound/netconf/frame.h"
#include "southbound/netconf/xml.h"

#define BASE_10 "urn:ietf:params:netconf:base:1.0"
#define BASE_11 "urn:ietf:params:netconf:base:1.1"
#define NOTIFICATION_NS "urn:ietf:params:xml:ns:netconf:notification:1.0"
#define RPCS_MAX 64
#define CAPABILITIES_MAX 4096

static const char own_hello[] = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>"
				"<hello xmlns=\"" NETCONF_NS "\"><capabilities>"
				"<capability>" BASE_10 "</capability>"
				"<capability>" BASE_11 "</capability>"
				"</capabilities></hello>";

struct pending {
	uint64_t rpc;
	struct usec by;
	int64_t within_us;
	char name[48];
};

struct netconf_session {
	struct netconf_limits limits;
	enum { WAITING, OPEN, ENDED } state;
	struct pce_error end; /* why it ended */
	bool chunked;
	uint32_t id;
	struct usec hello_by;
	uint64_t last_rpc;
	struct pending pending[RPCS_MAX];
	unsigned pending_count;
	struct frame frame;
	struct text output;
	size_t sent; /* octets at the start of output that are gone */
	struct netconf_event *events; /* a queue: taken ones lie before events_at */
	size_t events_at, events_count, events_cap;
	char **capabilities;
	size_t capabilities_count, capabilities_cap;
};

static void
set_limits(struct netconf_session *s, const struct netconf_limits *limits)
{
	struct netconf_limits *l = &s->limits;

	if (limits != NULL)
		*l = *limits;
	l->message_max = l->message_max ? l->message_max : (size_t)16 << 20;
	l->output_max = l->output_max ? l->output_max : (size_t)16 << 20;
	l->rpcs_max = l->rpcs_max ? l->rpcs_max : 16;
	l->rpcs_max = l->rpcs_max > RPCS_MAX ? RPCS_MAX : l->rpcs_max;
	l->hello_us = l->hello_us > 0 ? l->hello_us : 30 * (int64_t)USEC_PER_S;
	l->rpc_us = l->rpc_us > 0 ? l->rpc_us : 30 * (int64_t)USEC_PER_S;
}

enum pce_status
netconf_session_new(const struct netconf_limits *limits, struct usec now,
		    struct netconf_session **out, struct pce_error *err)
{
	struct netconf_session *s = calloc(1, sizeof *s);

	if (s == NULL)
		return pce_no_memory(err);
	set_limits(s, limits);
	frame_init(&s->frame, s->limits.message_max);
	frame_put(&s->output, own_hello, sizeof own_hello - 1, false);
	s->hello_by = usec_add(now, s->limits.hello_us);
	if (!text_ok(&s->output)) {
		netconf_session_free(s);
		return pce_no_memory(err);
	}
	*out = s;
	return PCE_OK;
}

void
netconf_event_free(struct netconf_event *event)
{
	free(event->body);
	arena_free(&event->memory);
	*event = (struct netconf_event){ 0 };
}

void
netconf_session_free(struct netconf_session *s)
{
	if (s == NULL)
		return;
	for (size_t i = s->events_at; i < s->events_count; i++)
		netconf_event_free(&s->events[i]);
	for (size_t i = 0; i < s->capabilities_count; i++)
		free(s->capabilities[i]);
	free(s->events);
	free(s->capabilities);
	frame_free(&s->frame);
	text_free(&s->output);
	free(s);
}

/* Ends the session with err's content. */
static enum pce_status
end(struct netconf_session *s, const struct pce_error *why, struct pce_error *err)
{
	s->state = ENDED;
	s->end = *why;
	if (err != NULL)
		*err = *why;
	return why->status;
}

static enum pce_status
ended(const struct netconf_session *s, struct pce_error *err)
{
	if (err != NULL)
		*err = s->end;
	return s->end.status;
}

static enum pce_status
queue(struct netconf_session *s, const struct netconf_event *event, struct pce_error *err)
{
	enum pce_status status;

	status =
	    array_reserve(&s->events, &s->events_cap, s->events_count + 1, sizeof *s->events, err);
	if (status == PCE_OK)
		s->events[s->events_count++] = *event;
	return status;
}

bool
netconf_next(struct netconf_session *s, struct netconf_event *out)
{
	if (s->events_at == s->events_count)
		return false;
	*out = s->events[s->events_at++];
	if (s->events_at == s->events_count)
		s->events_at = s->events_count = 0;
	return true;
}

/* --- hello --- */

static enum pce_status
take_capability(struct netconf_session *s, struct xml *x, struct pce_error *err)
{
	struct text uri = { 0 };
	enum pce_status status = xml_value(x, &uri, err);

	if (status == PCE_OK && s->capabilities_count == CAPABILITIES_MAX)
		status =
		    pce_fail(err, PCE_LIMIT, "the peer's hello announces more than %d capabilities",
			     CAPABILITIES_MAX);
	if (status == PCE_OK)
		status = array_reserve(&s->capabilities, &s->capabilities_cap,
				       s->capabilities_count + 1, sizeof *s->capabilities, err);
	if (status == PCE_OK) {
		text_add(&uri, "");
		s->capabilities[s->capabilities_count] = text_take(&uri);
		if (s->capabilities[s->capabilities_count] == NULL)
			status = pce_no_memory(err);
		else
			s->capabilities_count++;
	}
	text_free(&uri);
	return status;
}

static enum pce_status
take_session_id(struct xml *x, uint32_t *id, struct pce_error *err)
{
	struct text value = { 0 };
	enum pce_status status = xml_value(x, &value, err);
	const char *digits = text_get(&value);
	unsigned long long v = 0;

	if (status == PCE_OK) {
		bool ok =
		    value.len > 0 && value.len <= 10 && strspn(digits, "0123456789") == value.len;

		v = ok ? strtoull(digits, NULL, 10) : 0;
		if (!ok || v > UINT32_MAX)
			status = pce_fail(err, PCE_MALFORMED,
					  "the peer gave \"%.20s\" as a session-id", digits);
	}
	if (status == PCE_OK)
		*id = (uint32_t)v;
	text_free(&value);
	return status;
}

/* Reads the capabilities and the session-id; x stands inside <hello>. */
static enum pce_status
read_hello(struct netconf_session *s, struct xml *x, struct pce_error *err)
{
	enum xml_token token;
	enum pce_status status = PCE_OK;

	while (status == PCE_OK && (token = xml_next(x, err)) != XML_EOF) {
		if (token == XML_BAD)
			return PCE_MALFORMED;
		if (token != XML_START)
			continue;
		if (x->depth == 3 && xml_named(x, NETCONF_NS, "capability"))
			status = take_capability(s, x, err);
		else if (x->depth == 2 && xml_named(x, NETCONF_NS, "session-id"))
			status = take_session_id(x, &s->id, err);
		else if (!(x->depth == 2 && xml_named(x, NETCONF_NS, "capabilities")))
			status = xml_skip(x, err);
	}
	return status;
}

static enum pce_status
take_hello(struct netconf_session *s, struct xml *x, struct pce_error *err)
{
	struct netconf_event event = { .kind = NETCONF_OPEN };
	enum pce_status status = read_hello(s, x, err);

	if (status)
		return status;
	if (s->id == 0)
		return pce_fail(err, PCE_MALFORMED, "the peer's hello has no session-id");
	if (!netconf_has(s, BASE_10) && !netconf_has(s, BASE_11))
		return pce_fail(err, PCE_UNSUPPORTED,
				"the peer speaks neither NETCONF base 1.0 nor 1.1");
	status = queue(s, &event, err);
	if (status)
		return status;
	s->state = OPEN;
	s->chunked = netconf_has(s, BASE_11);
	if (s->chunked)
		frame_use_chunks(&s->frame);
	return PCE_OK;
}

/* --- replies --- */

/* The text of an element, in the event's memory. */
static enum pce_status
take_string(struct xml *x, struct arena *memory, const char **out, struct pce_error *err)
{
	struct text value = { 0 };
	enum pce_status status = xml_value(x, &value, err);

	if (status == PCE_OK) {
		*out = arena_strdup(memory, text_get(&value));
		if (*out == NULL)
			status = pce_no_memory(err);
	}
	text_free(&value);
	return status;
}

/* x stands inside <error-info>: what Karst acts on or shows is who holds a lock and the bad
 * element. */
static enum pce_status
take_error_info(struct xml *x, struct arena *memory, struct netconf_rpc_error *e,
		struct pce_error *err)
{
	unsigned inside = x->depth;
	enum pce_status status = PCE_OK;

	while (status == PCE_OK) {
		enum xml_token token = xml_next(x, err);

		if (token == XML_BAD)
			return PCE_MALFORMED;
		if (token == XML_END && x->depth < inside)
			return PCE_OK;
		if (token != XML_START)
			continue;
		if (xml_named(x, NETCONF_NS, "session-id")) {
			status = take_session_id(x, &e->session, err);
			e->has_session = true;
		} else if (xml_named(x, NETCONF_NS, "bad-element")) {
			status = take_string(x, memory, &e->bad_element, err);
		} else {
			status = xml_skip(x, err);
		}
	}
	return status;
}

/* One child of rpc-error. */
static enum pce_status
take_error_field(struct xml *x, struct arena *memory, struct netconf_rpc_error *e,
		 struct pce_error *err)
{
	const char *severity = "";
	const struct {
		const char *name;
		const char **to;
	} fields[] = { { "error-type", &e->type },      { "error-tag", &e->tag },
		       { "error-severity", &severity }, { "error-app-tag", &e->app_tag },
		       { "error-path", &e->path },      { "error-message", &e->message } };
	enum pce_status status;

	if (xml_named(x, NETCONF_NS, "error-info"))
		return take_error_info(x, memory, e, err);
	for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
		if (!xml_named(x, NETCONF_NS, fields[i].name))
			continue;
		status = take_string(x, memory, fields[i].to, err);
		if (status == PCE_OK && strcmp(severity, "warning") == 0)
			e->warning = true;
		return status;
	}
	return xml_skip(x, err);
}

/* x stands inside <rpc-error>. The array is copied for each error: there are few. */
static enum pce_status
take_error(struct netconf_event *event, struct xml *x, struct pce_error *err)
{
	struct netconf_rpc_error e = {
		.type = "", .tag = "", .app_tag = "", .path = "", .message = "", .bad_element = ""
	};
	size_t count = event->errors_count;
	unsigned inside = x->depth;
	struct netconf_rpc_error *grown;

	for (;;) {
		enum xml_token token = xml_next(x, err);
		enum pce_status status = PCE_OK;

		if (token == XML_BAD)
			return PCE_MALFORMED;
		if (token == XML_END && x->depth < inside)
			break;
		if (token == XML_START)
			status = take_error_field(x, &event->memory, &e, err);
		if (status)
			return status;
	}
	/* A peer that lists thousands of errors is believed after the first hundred. */
	if (count >= 100)
		return PCE_OK;
	grown = arena_alloc(&event->memory, (count + 1) * sizeof e);
	if (grown == NULL)
		return pce_no_memory(err);
	if (count > 0)
		memcpy(grown, event->errors, count * sizeof e);
	grown[count] = e;
	event->errors = grown;
	event->errors_count++;
	return PCE_OK;
}

struct reply_parts {
	bool ok, body;
	struct text text;
};

/* One child of rpc-reply; x stands inside it. */
static enum pce_status
take_reply_part(struct netconf_event *event, struct xml *x, struct reply_parts *parts,
		struct pce_error *err)
{
	if (xml_named(x, NETCONF_NS, "ok")) {
		parts->ok = true;
		return xml_skip(x, err);
	}
	if (xml_named(x, NETCONF_NS, "rpc-error"))
		return take_error(event, x, err);
	parts->body = true;
	if (xml_named(x, NETCONF_NS, "data"))
		return xml_inner(x, &parts->text, err);
	return xml_element(x, &parts->text, err);
}

static enum pce_status
read_reply(struct netconf_event *event, struct xml *x, struct pce_error *err)
{
	struct reply_parts parts = { 0 };
	enum pce_status status = PCE_OK;
	enum xml_token token;

	while (status == PCE_OK && (token = xml_next(x, err)) != XML_EOF) {
		if (token == XML_BAD)
			status = PCE_MALFORMED;
		else if (token == XML_START)
			status = take_reply_part(event, x, &parts, err);
	}
	event->ok = netconf_first_error(event) == NULL;
	if (status == PCE_OK && !parts.ok && !parts.body && event->errors_count == 0)
		status = pce_fail(err, PCE_MALFORMED,
				  "the peer's rpc-reply holds neither ok, nor data, nor an error");
	if (status == PCE_OK) {
		text_add(&parts.text, "");
		event->body_len = parts.text.len;
		event->body = text_take(&parts.text);
		if (event->body == NULL)
			status = pce_no_memory(err);
	}
	text_free(&parts.text);
	return status;
}

/* Which RPC a message-id belongs to. A reply without one answers a message that the peer could not
 * read (RFC 6241, section 4.3, missing-attribute); with one RPC in flight it is clear which. */
static enum pce_status
find_pending(const struct netconf_session *s, const struct xml *x, unsigned *at,
	     struct pce_error *err)
{
	struct xml_span id = xml_attr(x, "message-id");
	char text[24];

	if (id.at == NULL && s->pending_count == 1) {
		*at = 0;
		return PCE_OK;
	}
	if (id.at == NULL)
		return pce_fail(err, PCE_MALFORMED, "the peer's rpc-reply has no message-id");
	for (unsigned i = 0; i < s->pending_count; i++) {
		snprintf(text, sizeof text, "%" PRIu64, s->pending[i].rpc);
		if (!xml_is(id, text))
			continue;
		*at = i;
		return PCE_OK;
	}
	return pce_fail(err, PCE_MALFORMED,
			"the peer answered message-id \"%.*s\", which was not asked",
			(int)(id.len > 40 ? 40 : id.len), id.at);
}

static enum pce_status
take_reply(struct netconf_session *s, struct xml *x, struct pce_error *err)
{
	struct netconf_event event = { .kind = NETCONF_REPLY };
	unsigned at = 0;
	enum pce_status status = find_pending(s, x, &at, err);

	if (status)
		return status;
	event.rpc = s->pending[at].rpc;
	status = read_reply(&event, x, err);
	if (status)
		pce_prefix(err, status, "the reply to %s", s->pending[at].name);
	else
		status = queue(s, &event, err);
	if (status) {
		netconf_event_free(&event);
		return status;
	}
	s->pending[at] = s->pending[--s->pending_count];
	return PCE_OK;
}

static enum pce_status
take_notification(struct netconf_session *s, struct xml *x, struct pce_error *err)
{
	struct netconf_event event = { .kind = NETCONF_NOTIFIED };
	struct text body = { 0 };
	enum pce_status status = xml_inner(x, &body, err);

	if (status == PCE_OK && xml_next(x, err) == XML_BAD)
		status = PCE_MALFORMED;
	if (status == PCE_OK) {
		text_add(&body, "");
		event.body_len = body.len;
		event.body = text_take(&body);
		status = event.body ? queue(s, &event, err) : pce_no_memory(err);
	}
	text_free(&body);
	if (status)
		netconf_event_free(&event);
	return status;
}

/* --- bytes --- */

/* One whole message. White space in front of it is tolerated: some peers end each one with a line.
 */
static enum pce_status
take_message(struct netconf_session *s, struct pce_error *err)
{
	const char *at = s->frame.message.at;
	size_t len = s->frame.message.len;
	struct xml x;
	enum xml_token token;

	while (len > 0 && memchr(" \t\r\n", *at, 4) != NULL) {
		at++;
		len--;
	}
	xml_begin(&x, at, len);
	token = xml_next(&x, err);
	if (token == XML_BAD)
		return PCE_MALFORMED;
	if (s->state == WAITING && xml_named(&x, NETCONF_NS, "hello"))
		return take_hello(s, &x, err);
	if (s->state == OPEN && xml_named(&x, NETCONF_NS, "rpc-reply"))
		return take_reply(s, &x, err);
	if (s->state == OPEN && xml_named(&x, NOTIFICATION_NS, "notification"))
		return take_notification(s, &x, err);
	return pce_fail(err, PCE_MALFORMED, "the peer sent <%.*s> where %s was expected",
			(int)(x.local.len > 40 ? 40 : x.local.len), x.local.at,
			s->state == WAITING ? "its hello" : "a reply");
}

enum pce_status
netconf_input(struct netconf_session *s, const void *buf, size_t len, struct usec now,
	      struct pce_error *err)
{
	const uint8_t *at = buf, *stop = at + len;
	struct pce_error why = { 0 };

	(void)now;
	if (s->state == ENDED)
		return ended(s, err);
	while (at < stop) {
		bool whole;
		enum pce_status status = frame_take(&s->frame, &at, stop, &whole, &why);

		if (status == PCE_OK && whole)
			status = take_message(s, &why);
		if (whole)
			frame_next(&s->frame);
		if (status)
			return end(s, &why, err);
	}
	return PCE_OK;
}

const void *
netconf_output(const struct netconf_session *s, size_t *len)
{
	*len = s->state == ENDED ? 0 : s->output.len - s->sent;
	return text_get(&s->output) + s->sent;
}

void
netconf_output_sent(struct netconf_session *s, size_t len)
{
	size_t left = s->output.len - s->sent;

	s->sent += len < left ? len : left;
	if (s->sent < s->output.len)
		return;
	s->sent = 0;
	if (s->output.cap > 65536)
		text_free(&s->output);
	else
		text_clear(&s->output);
}

struct usec
netconf_deadline(const struct netconf_session *s)
{
	struct usec by = USEC_NEVER;

	if (s->state == WAITING)
		return s->hello_by;
	for (unsigned i = 0; s->state == OPEN && i < s->pending_count; i++)
		by = usec_min(by, s->pending[i].by);
	return by;
}

enum pce_status
netconf_expire(struct netconf_session *s, struct usec now, struct pce_error *err)
{
	struct pce_error why = { 0 };

	if (s->state == ENDED)
		return ended(s, err);
	if (s->state == WAITING && usec_due(s->hello_by, now)) {
		pce_fail(&why, PCE_TIMEOUT, "the peer sent no hello within %.1f s",
			 (double)s->limits.hello_us / USEC_PER_S);
		return end(s, &why, err);
	}
	for (unsigned i = 0; s->state == OPEN && i < s->pending_count; i++) {
		if (!usec_due(s->pending[i].by, now))
			continue;
		pce_fail(&why, PCE_TIMEOUT, "the peer did not answer %s within %.1f s",
			 s->pending[i].name, (double)s->pending[i].within_us / USEC_PER_S);
		return end(s, &why, err);
	}
	return PCE_OK;
}

/* Drops what was sent from the front of the output. */
static void
compact(struct netconf_session *s)
{
	if (s->sent == 0)
		return;
	memmove(s->output.at, s->output.at + s->sent, s->output.len - s->sent + 1);
	s->output.len -= s->sent;
	s->sent = 0;
}

enum pce_status
netconf_rpc(struct netconf_session *s, const char *name, const char *operation, size_t len,
	    int64_t within_us, struct usec now, uint64_t *rpc, struct pce_error *err)
{
	struct pending *p = &s->pending[s->pending_count];
	struct text message = { 0 };
	size_t before;

	if (s->state == ENDED)
		return ended(s, err);
	if (s->state == WAITING)
		return pce_fail(err, PCE_CONFLICT, "%s before the peer's hello", name);
	if (s->pending_count >= s->limits.rpcs_max)
		return pce_fail(err, PCE_LIMIT, "%s with %u RPCs in flight already", name,
				s->pending_count);
	if (len > s->limits.output_max - 256 ||
	    s->output.len - s->sent > s->limits.output_max - 256 - len)
		return pce_fail(err, PCE_LIMIT, "%s of %zu bytes with %zu still unsent", name, len,
				s->output.len - s->sent);
	text_printf(&message, "<rpc xmlns=\"" NETCONF_NS "\" message-id=\"%" PRIu64 "\">",
		    s->last_rpc + 1);
	text_bytes(&message, operation, len);
	text_add(&message, "</rpc>");
	compact(s);
	before = s->output.len;
	if (text_ok(&message))
		frame_put(&s->output, message.at, message.len, s->chunked);
	if (!text_ok(&message) || !text_ok(&s->output)) {
		/* Half a message may not be sent. */
		s->output.len = before;
		s->output.bad = false;
		if (s->output.at != NULL)
			s->output.at[before] = '\0';
		text_free(&message);
		return pce_no_memory(err);
	}
	text_free(&message);
	p->rpc = ++s->last_rpc;
	p->within_us = within_us > 0 ? within_us : s->limits.rpc_us;
	p->by = usec_add(now, p->within_us);
	snprintf(p->name, sizeof p->name, "%s", name);
	s->pending_count++;
	*rpc = p->rpc;
	return PCE_OK;
}

/* --- what was learnt --- */

bool
netconf_is_open(const struct netconf_session *s)
{
	return s->state == OPEN;
}

uint32_t
netconf_session_id(const struct netconf_session *s)
{
	return s->id;
}

bool
netconf_has(const struct netconf_session *s, const char *capability)
{
	size_t len = strlen(capability);

	for (size_t i = 0; i < s->capabilities_count; i++) {
		const char *c = s->capabilities[i];

		if (strncmp(c, capability, len) == 0 && (c[len] == '\0' || c[len] == '?'))
			return true;
	}
	return false;
}

size_t
netconf_capabilities(const struct netconf_session *s)
{
	return s->capabilities_count;
}

const char *
netconf_capability(const struct netconf_session *s, size_t i)
{
	return i < s->capabilities_count ? s->capabilities[i] : "";
}

const struct netconf_rpc_error *
netconf_first_error(const struct netconf_event *reply)
{
	for (size_t i = 0; i < reply->errors_count; i++)
		if (!reply->errors[i].warning)
			return &reply->errors[i];
	return NULL;
}

static enum pce_status
status_of_tag(const char *tag)
{
	static const struct {
		const char *tag;
		enum pce_status status;
	} tags[] = {
		{ "lock-denied", PCE_CONFLICT },
		{ "in-use", PCE_CONFLICT },
		{ "resource-denied", PCE_LIMIT },
		{ "too-big", PCE_LIMIT },
		{ "access-denied", PCE_DENIED },
		{ "data-missing", PCE_NOT_FOUND },
		{ "data-exists", PCE_EXISTS },
		{ "operation-not-supported", PCE_UNSUPPORTED },
		{ "malformed-message", PCE_MALFORMED },
	};

	for (size_t i = 0; i < sizeof tags / sizeof *tags; i++)
		if (strcmp(tag, tags[i].tag) == 0)
			return tags[i].status;
	return PCE_INVALID;
}

enum pce_status
netconf_reply_status(const struct netconf_event *reply, const char *who, struct pce_error *err)
{
	const struct netconf_rpc_error *e = netconf_first_error(reply);
	char holder[48] = "", element[80] = "";

	if (e == NULL)
		return PCE_OK;
	if (e->has_session && e->session == 0)
		snprintf(holder, sizeof holder, ", held outside NETCONF");
	else if (e->has_session)
		snprintf(holder, sizeof holder, ", held by session %" PRIu32, e->session);
	if (e->bad_element[0] != '\0')
		snprintf(element, sizeof element, ", element %.60s", e->bad_element);
	return pce_fail_at(err, status_of_tag(e->tag), e->path, 0, "%s: %s%s%.300s%s%s", who,
			   e->tag[0] ? e->tag : "error", e->message[0] ? ": " : "", e->message,
			   element, holder);
}
