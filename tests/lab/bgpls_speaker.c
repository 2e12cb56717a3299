/*
 * A speaker keeps what it announces as encoded routes in a table keyed by NLRI. On a new session
 * all of them go out, then End-of-RIB; what does not fit into the session's output waits for a
 * timer of a few milliseconds.
 */
#include "tests/lab/bgpls_speaker.h"

#include <event2/event.h>
#include <stdlib.h>
#include <string.h>

#include "pce/base/array.h"
#include "pce/base/hash.h"
#include "southbound/bgp/shell.h"

#define UPDATE_CAP 65536

struct route {
	uint8_t *nlri, *attr; /* nlri NULL: the row is free */
	size_t nlri_len, attr_len;
	bool withdrawn; /* stays as a row until it was sent */
	bool due; /* its row is in the queue */
};

struct lab_speaker {
	struct lab_speaker_setup setup;
	struct lab_encoding how;
	struct bgp_shell *shell;
	struct bgp_shell_peer *peer;
	struct event *more;
	struct route *routes;
	size_t n, cap, live;
	struct hash by_nlri;
	uint32_t *queue; /* rows to be sent, in order */
	size_t queue_at, queue_n, queue_cap;
	bool owes_end_of_rib;
	uint8_t nlri[LAB_NLRI_MAX], attr[UPDATE_CAP], body[UPDATE_CAP];
};

static const void *
route_key(const void *owner, uint32_t row, size_t *len)
{
	const struct lab_speaker *s = owner;

	*len = s->routes[row].nlri_len;
	return s->routes[row].nlri;
}

static bool
enqueue(struct lab_speaker *s, size_t row)
{
	if (s->routes[row].due)
		return true;
	if (array_reserve(&s->queue, &s->queue_cap, s->queue_n + 1, sizeof(*s->queue), NULL))
		return false;
	s->queue[s->queue_n++] = (uint32_t)row;
	s->routes[row].due = true;
	return true;
}

/* True: sent, or there is nothing to say about it. */
static bool
send_route(struct lab_speaker *s, struct bgp_session *session, struct route *r)
{
	size_t room = bgp_update_room(session), len;

	len = r->withdrawn ? lab_encode_withdraw(r->nlri, r->nlri_len, s->body, room)
			   : lab_encode_announce(&s->how, r->nlri, r->nlri_len, r->attr,
						 r->attr_len, s->body, room);
	if (len > 0 && bgp_send_update(session, s->body, len, NULL))
		return false;
	r->due = false;
	return true;
}

/* Sends what is due, as far as the session takes it. */
static void
send_due(struct lab_speaker *s)
{
	static const struct timeval soon = { 0, 5000 };
	struct bgp_session *session = bgp_shell_established(s->peer);
	bool all = true;
	size_t len;

	if (!session)
		return;
	while (all && s->queue_at < s->queue_n) {
		all = send_route(s, session, &s->routes[s->queue[s->queue_at]]);
		s->queue_at += all;
	}
	if (all)
		s->queue_at = s->queue_n = 0;
	if (all && s->owes_end_of_rib) {
		len = lab_encode_withdraw(NULL, 0, s->body, sizeof(s->body));
		all = !bgp_send_update(session, s->body, len, NULL);
		s->owes_end_of_rib = !all;
	}
	bgp_shell_flush(s->peer);
	if (!all)
		event_add(s->more, &soon);
}

static void
on_more(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	send_due(arg);
}

static void
send_all(struct lab_speaker *s)
{
	for (size_t i = 0; i < s->n; i++)
		if (!s->routes[i].withdrawn)
			enqueue(s, i);
	s->owes_end_of_rib = !s->setup.no_end_of_rib;
	send_due(s);
}

static void
on_event(void *ctx, struct bgp_shell_peer *peer, const struct bgp_event *event,
	 struct usec received)
{
	struct lab_speaker *s = ctx;

	(void)peer;
	(void)received;
	if (event->kind == BGP_EVENT_UP || event->kind == BGP_EVENT_REFRESH)
		send_all(s);
	if (!s->setup.on_state)
		return;
	if (event->kind == BGP_EVENT_UP)
		s->setup.on_state(s->setup.ctx, s, true, NULL);
	else if (event->kind == BGP_EVENT_DOWN)
		s->setup.on_state(s->setup.ctx, s, false, event->text);
}

static enum pce_status
start(struct lab_speaker *s, struct event_base *base, struct pce_error *err)
{
	const struct lab_speaker_setup *setup = &s->setup;
	struct bgp_shell_config shell = { .listen = &setup->local,
					  .n_listen = setup->passive ? 1 : 0,
					  .listen_port = setup->listen_port,
					  .seed = setup->router_id };
	struct bgp_shell_peer_config peer = {
		.peer = { .session = { .local_asn = setup->asn,
				       .peer_asn = setup->peer_asn,
				       .router_id = setup->router_id,
				       .hold_time_s = setup->hold_time_s ? setup->hold_time_s : 90,
				       .no_graceful_restart = setup->no_end_of_rib },
			  .passive = setup->passive,
			  .retry_s = setup->retry_s ? setup->retry_s : 1,
			  .retry_max_s = setup->retry_s ? setup->retry_s : 1 },
		.address = setup->peer,
		.port = setup->peer_port,
		.local = setup->local,
	};
	enum pce_status status;

	s->more = evtimer_new(base, on_more, s);
	if (!s->more)
		return pce_no_memory(err);
	status = bgp_shell_new(base, &shell, on_event, s, &s->shell, err);
	return status ? status : bgp_shell_add(s->shell, &peer, s, &s->peer, err);
}

enum pce_status
lab_speaker_new(struct event_base *base, const struct lab_speaker_setup *setup,
		struct lab_speaker **out, struct pce_error *err)
{
	static const uint8_t loopback[4] = { 127, 0, 0, 1 };
	struct lab_speaker *s = calloc(1, sizeof(*s));
	enum pce_status status;

	if (!s)
		return pce_no_memory(err);
	s->setup = *setup;
	s->how = (struct lab_encoding){ .asla = setup->asla,
					.mt_last = setup->mt_last,
					.next_hop = setup->local,
					.as_path = setup->asn == setup->peer_asn ? 0 : setup->asn };
	if (s->how.next_hop.family == IP_NONE)
		s->how.next_hop = ip_v4(loopback);
	hash_init(&s->by_nlri, route_key, s, setup->router_id);
	status = start(s, base, err);
	if (status) {
		lab_speaker_free(s);
		return status;
	}
	*out = s;
	return PCE_OK;
}

void
lab_speaker_free(struct lab_speaker *s)
{
	if (!s)
		return;
	bgp_shell_free(s->shell);
	if (s->more)
		event_free(s->more);
	for (size_t i = 0; i < s->n; i++) {
		free(s->routes[i].nlri);
		free(s->routes[i].attr);
	}
	free(s->routes);
	free(s->queue);
	hash_free(&s->by_nlri);
	free(s);
}

void
lab_speaker_stop(struct lab_speaker *s, const char *reason)
{
	bgp_shell_stop(s->peer, reason);
}

uint16_t
lab_speaker_port(const struct lab_speaker *s)
{
	return bgp_shell_port(s->shell);
}

bool
lab_speaker_up(struct lab_speaker *s)
{
	return bgp_shell_established(s->peer) != NULL;
}

size_t
lab_speaker_count(const struct lab_speaker *s)
{
	return s->live;
}

/* The row of an NLRI, made if it is not there. NULL without memory. */
static struct route *
route_of(struct lab_speaker *s, size_t nlri_len)
{
	uint32_t row = hash_find(&s->by_nlri, s->nlri, nlri_len);
	struct route *r;

	if (row != HASH_NONE)
		return &s->routes[row];
	if (array_reserve(&s->routes, &s->cap, s->n + 1, sizeof(*s->routes), NULL))
		return NULL;
	r = &s->routes[s->n];
	*r = (struct route){ .nlri = array_copy(s->nlri, nlri_len),
			     .nlri_len = nlri_len,
			     .withdrawn = true };
	if (!r->nlri)
		return NULL;
	if (hash_add(&s->by_nlri, (uint32_t)s->n, NULL)) {
		free(r->nlri);
		return NULL;
	}
	s->n++;
	return r;
}

static bool
take_set(struct lab_speaker *s, struct route *r, size_t attr_len)
{
	uint8_t *attr;

	if (!r->withdrawn && r->attr_len == attr_len &&
	    (attr_len == 0 || memcmp(r->attr, s->attr, attr_len) == 0))
		return true;
	attr = array_copy(s->attr, attr_len);
	if (!attr)
		return false;
	free(r->attr);
	r->attr = attr;
	r->attr_len = attr_len;
	s->live += r->withdrawn;
	r->withdrawn = false;
	return enqueue(s, (size_t)(r - s->routes));
}

static enum pce_status
say_one(struct lab_speaker *s, const struct ted_delta *d, struct pce_error *err)
{
	size_t nlri_len = lab_encode_nlri(d, &s->how, s->nlri, sizeof(s->nlri)), attr_len = 0;
	struct route *r;

	if (nlri_len == 0)
		return pce_fail(err, PCE_INVALID, "a delta that is no BGP-LS object");
	if (d->op == TED_SET)
		attr_len = lab_encode_attr(d, &s->how, s->attr, sizeof(s->attr));
	if (attr_len == SIZE_MAX)
		return pce_fail(err, PCE_LIMIT, "an attribute that does not fit into an UPDATE");
	r = route_of(s, nlri_len);
	if (!r || (d->op == TED_SET && !take_set(s, r, attr_len)))
		return pce_no_memory(err);
	if (d->op == TED_DELETE && !r->withdrawn) {
		r->withdrawn = true;
		s->live--;
		if (!enqueue(s, (size_t)(r - s->routes)))
			return pce_no_memory(err);
	}
	return PCE_OK;
}

enum pce_status
lab_speaker_say(struct lab_speaker *s, const struct ted_delta *deltas, size_t n,
		struct pce_error *err)
{
	enum pce_status status = PCE_OK;

	for (size_t i = 0; !status && i < n; i++)
		status = say_one(s, &deltas[i], err);
	send_due(s);
	return status;
}

enum pce_status
lab_speaker_raw(struct lab_speaker *s, const uint8_t *body, size_t len, struct pce_error *err)
{
	struct bgp_session *session = bgp_shell_established(s->peer);
	enum pce_status status;

	if (!session)
		return pce_fail(err, PCE_CONFLICT, "the speaker's session is not established");
	status = bgp_send_update(session, body, len, err);
	bgp_shell_flush(s->peer);
	return status;
}
