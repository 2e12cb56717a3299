/*
 * Simulated routers: NETCONF servers (RFC 6241, 6242) on bytes, written for this simulation from
 * the RFCs; they share no line with Karst's client. Framing by end-of-message or by chunks, hello,
 * locks, edit-config on the candidate, confirmed commit with persist ids, get and get-config with
 * subtree filters. What a router does wrong is told by enum router_fault.
 */
#include <stdio.h>
#include <string.h>

#include "tests/sim/store.h"

#define NS "urn:ietf:params:xml:ns:netconf:base:1.0"
#define DEVICE_NS "urn:karst:yang:karst-device"
#define END_OF_MESSAGE "]]>]]>"

struct sim_routers routers;

/* --- sessions --- */

static void
send_message(struct router_session *s, const char *at, size_t len)
{
	struct text out = { 0 };

	if (s->chunked)
		text_printf(&out, "\n#%zu\n", len);
	text_bytes(&out, at, len);
	text_add(&out, s->chunked ? "\n##\n" : END_OF_MESSAGE);
	net_send(s->end, text_get(&out), out.len);
	text_free(&out);
}

static void
session_gone(struct sim_router *r, struct router_session *s)
{
	bool had_candidate = r->candidate_lock == s->id;

	if (!s->end)
		return;
	text_free(&s->in);
	s->end = NULL;
	if (r->running_lock == s->id)
		r->running_lock = 0;
	if (had_candidate)
		r->candidate_lock = 0;
	/* RFC 6241 section 8.3.5.2: with the lock go the edits that were not committed. */
	if (had_candidate && r->dirty && !r->edits_of_another)
		store_discard(r);
	if (r->waiting && !*r->persist_id && r->waiting_session == s->id)
		store_roll_back(r);
}

static void
close_session(struct sim_router *r, struct router_session *s)
{
	struct sim_end *end = s->end;

	session_gone(r, s);
	if (end)
		net_close(end, false);
}

/* --- replies --- */

struct request {
	struct sim_router *r;
	struct router_session *s;
	const struct xnode *rpc, *op;
	bool drop; /* close the session instead of an answer */
};

static void
reply(struct request *q, const char *content)
{
	struct text out = { 0 };

	text_printf(&out, "<rpc-reply xmlns=\"" NS "\" message-id=\"%s\">%s</rpc-reply>",
		    q->rpc->id ? q->rpc->id : "", content);
	send_message(q->s, text_get(&out), out.len);
	if (q->r->fault == ROUTER_TWICE && q->r->fault_times > 0) {
		q->r->fault_times--;
		send_message(q->s, text_get(&out), out.len);
	}
	text_free(&out);
}

static void
reply_ok(struct request *q)
{
	reply(q, "<ok/>");
}

static void
refuse(struct request *q, const char *tag, const char *message, uint32_t holder)
{
	struct text out = { 0 };

	sim_log("router %s refuses: %s", q->r->name, message);
	text_printf(&out,
		    "<rpc-error><error-type>protocol</error-type><error-tag>%s</error-tag>"
		    "<error-severity>error</error-severity><error-message>%s</error-message>",
		    tag, message);
	if (holder)
		text_printf(&out, "<error-info><session-id>%u</session-id></error-info>", holder);
	text_add(&out, "</rpc-error>");
	reply(q, text_get(&out));
	text_free(&out);
}

/* True, once, if the router shall do this wrong now. */
static bool
plays(struct request *q, enum router_fault fault)
{
	struct sim_router *r = q->r;

	if (r->fault != fault || r->fault_times == 0)
		return false;
	r->fault_times--;
	sim_log("router %s plays its fault %d", r->name, (int)fault);
	return true;
}

/* --- reading --- */

/* Appends the policies that the filter selects. */
static void
select_policies(struct text *out, const struct sim_router *r, const struct router_set *set,
		const struct xnode *filter, bool state)
{
	const struct xnode *top = xml_child(filter, "srv6-policies");
	const struct xnode *first = xml_child(top, "policy");

	if (filter && !top)
		return;
	text_add(out, "<srv6-policies xmlns=\"" DEVICE_NS "\">");
	for (size_t i = 0; i < set->n; i++) {
		const struct router_policy *p = set->at[i];
		bool wanted = !first || !*xml_text(first, "color");

		for (const struct xnode *c = first; c && !wanted; c = c->next)
			wanted = strtoul(xml_text(c, "color"), NULL, 10) == p->color &&
				 strcmp(xml_text(c, "endpoint"), p->endpoint) == 0;
		if (!wanted)
			continue;
		if (state) {
			text_printf(out, "<policy><color>%u</color><endpoint>%s</endpoint>",
				    p->color, p->endpoint);
			silent_state(out, r, p);
			text_add(out, "</policy>");
		} else
			text_add(out, p->xml);
	}
	text_add(out, "</srv6-policies>");
}

static void
get(struct request *q, bool state)
{
	const struct xnode *filter = xml_child(q->op, "filter");
	const struct xnode *source = xml_child(q->op, "source");
	struct text out = { 0 };

	text_add(&out, "<data>");
	select_policies(&out, q->r,
			xml_child(source, "candidate") ? &q->r->candidate : &q->r->running, filter,
			state);
	text_add(&out, "</data>");
	reply(q, text_get(&out));
	text_free(&out);
}

/* --- locks --- */

static void
lock(struct request *q)
{
	struct sim_router *r = q->r;
	bool running = xml_child(xml_child(q->op, "target"), "running") != NULL;
	uint32_t *holder = running ? &r->running_lock : &r->candidate_lock;

	if (*holder != 0)
		refuse(q, "lock-denied", "it is locked", *holder);
	else if (running && r->waiting && r->waiting_session != q->s->id)
		refuse(q, "in-use", "a confirmed commit waits", 0);
	else if (!running && r->dirty)
		refuse(q, "lock-denied", "the candidate has uncommitted edits", 0);
	else {
		*holder = q->s->id;
		reply_ok(q);
	}
}

static void
unlock(struct request *q)
{
	struct sim_router *r = q->r;
	bool running = xml_child(xml_child(q->op, "target"), "running") != NULL;
	uint32_t *holder = running ? &r->running_lock : &r->candidate_lock;

	if (*holder != q->s->id) {
		refuse(q, "operation-failed", "it is not locked by this session", 0);
		return;
	}
	*holder = 0;
	reply_ok(q);
}

static bool
locked_by_another(struct request *q, uint32_t holder)
{
	if (holder == 0 || holder == q->s->id)
		return false;
	refuse(q, "in-use", "another session has a lock", holder);
	return true;
}

/* --- changing --- */

static void
edit(struct request *q)
{
	struct sim_router *r = q->r;
	const struct xnode *top = xml_child(xml_child(q->op, "config"), "srv6-policies");

	if (locked_by_another(q, r->candidate_lock))
		return;
	if (plays(q, ROUTER_REFUSES)) {
		refuse(q, "operation-failed", "no more room for policies", 0);
		return;
	}
	if (!plays(q, ROUTER_LIES_EDIT)) {
		for (const struct xnode *c = top ? top->child : NULL; c; c = c->next) {
			uint32_t color = (uint32_t)strtoul(xml_text(c, "color"), NULL, 10);

			if (c->operation && strcmp(c->operation, "remove") == 0)
				set_remove(&r->candidate, color, xml_text(c, "endpoint"));
			else
				set_put(&r->candidate, router_policy_read(c));
		}
	}
	r->dirty = true;
	reply_ok(q);
}

/* Something else than what was asked for: the candidate loses one of Karst's policies. */
static void
alter(struct sim_router *r)
{
	for (size_t i = 0; i < r->candidate.n; i++)
		if (router_is_ours(r->candidate.at[i])) {
			set_remove(&r->candidate, r->candidate.at[i]->color,
				   r->candidate.at[i]->endpoint);
			r->tampered = true;
			return;
		}
}

/* True if the commit may not be made; then it was answered. */
static bool
commit_refused(struct request *q, const char *persist_id)
{
	struct sim_router *r = q->r;

	if (locked_by_another(q, r->running_lock) || locked_by_another(q, r->candidate_lock))
		return true;
	if (*persist_id && (!r->waiting || strcmp(persist_id, r->persist_id) != 0)) {
		refuse(q, "invalid-value", "no commit of that persist-id waits", 0);
		return true;
	}
	if (!*persist_id && r->waiting && (*r->persist_id || r->waiting_session != q->s->id)) {
		refuse(q, "in-use", "another confirmed commit waits", 0);
		return true;
	}
	return false;
}

static void
commit(struct request *q)
{
	struct sim_router *r = q->r;
	const char *persist_id = xml_text(q->op, "persist-id");
	bool confirmed = xml_child(q->op, "confirmed") != NULL, drop_after;
	int64_t within = 0;

	if (plays(q, ROUTER_DROPS_AT_COMMIT)) {
		q->drop = true;
		return;
	}
	if (commit_refused(q, persist_id))
		return;
	if (confirmed && *xml_text(q->op, "confirm-timeout"))
		within = strtol(xml_text(q->op, "confirm-timeout"), NULL, 10) * SIM_SECOND;
	else if (confirmed)
		within = 600 * SIM_SECOND;
	drop_after = plays(q, ROUTER_DROPS_AFTER_COMMIT);
	if (*persist_id && plays(q, ROUTER_LIES_CONFIRM)) {
		r->tampered = true; /* the time goes on */
	} else if (!*persist_id && plays(q, ROUTER_LIES_COMMIT)) {
		r->tampered = true;
	} else {
		if (!*persist_id && plays(q, ROUTER_ALTERS))
			alter(r);
		store_commit(r, q->s->id, within, xml_text(q->op, "persist"));
	}
	if (drop_after)
		q->drop = true;
	else
		reply_ok(q);
}

static void
cancel(struct request *q)
{
	struct sim_router *r = q->r;
	const char *persist_id = xml_text(q->op, "persist-id");

	if (!r->waiting || strcmp(persist_id, r->persist_id) != 0) {
		refuse(q, "invalid-value", "no commit of that persist-id waits", 0);
		return;
	}
	if (plays(q, ROUTER_LIES_CANCEL)) {
		r->waiting = false;
		timer_clear(&r->expires);
		r->tampered = true;
	} else {
		store_roll_back(r);
	}
	reply_ok(q);
}

static void
discard(struct request *q)
{
	if (locked_by_another(q, q->r->candidate_lock))
		return;
	sim_checked(SIM_FOREIGN_EDITS);
	if (q->r->edits_of_another)
		sim_fail(SIM_FOREIGN_EDITS, "router %s: Karst discarded somebody's edits",
			 q->r->name);
	store_discard(q->r);
	reply_ok(q);
}

static void
end_session(struct request *q)
{
	reply_ok(q);
	q->drop = true;
}

static void
get_all(struct request *q)
{
	get(q, true);
}

static void
get_config(struct request *q)
{
	get(q, false);
}

static void
serve(struct request *q)
{
	static const struct {
		const char *name;
		void (*fn)(struct request *q);
	} operations[] = {
		{ "get", get_all },
		{ "get-config", get_config },
		{ "lock", lock },
		{ "unlock", unlock },
		{ "edit-config", edit },
		{ "validate", reply_ok },
		{ "commit", commit },
		{ "cancel-commit", cancel },
		{ "discard-changes", discard },
		{ "close-session", end_session },
	};
	size_t i = 0, n = sizeof(operations) / sizeof(operations[0]);

	sim_log("router %s, session %u: %s", q->r->name, q->s->id, q->op->name);
	while (i < n && strcmp(operations[i].name, q->op->name) != 0)
		i++;
	if (i == n)
		refuse(q, "operation-not-supported", "it is not known here", 0);
	else
		operations[i].fn(q);
}

/* --- messages --- */

static void
take_hello(struct router_session *s, const struct sim_router *r, const char *at, size_t len)
{
	struct text copy = { 0 };

	text_bytes(&copy, at, len);
	s->greeted = true;
	s->chunked = r->base11 && strstr(text_get(&copy), "base:1.1") != NULL;
	text_free(&copy);
}

static const char nonsense[] = "<rpc-reply xmlns=\"" NS "\" message-id=\"99999999\"><ok/>";

static void
take_message(struct sim_router *r, struct router_session *s, const char *at, size_t len)
{
	struct arena arena = { 0 };
	struct request q = { .r = r, .s = s };

	if (!s->greeted) {
		take_hello(s, r, at, len);
		return;
	}
	q.rpc = xml_read(&arena, at, len);
	q.op = xml_child(q.rpc, NULL);
	if (!q.op || strcmp(q.rpc->name, "rpc") != 0)
		q.drop = true;
	else if (plays(&q, ROUTER_NONSENSE))
		send_message(s, nonsense, sizeof(nonsense) - 1);
	else if (r->fault != ROUTER_HANGS)
		serve(&q);
	if (q.drop)
		close_session(r, s);
	arena_free(&arena);
}

/* Length of the first whole message, and where the next one begins; false: it is not whole yet.
 * Chunks are joined in place. */
static bool
whole_message(struct router_session *s, size_t *len, size_t *next)
{
	char *at = s->in.at, *stop;
	size_t from = 0, to = 0;

	if (!s->greeted || !s->chunked) {
		stop = strstr(at, END_OF_MESSAGE);
		*len = stop ? (size_t)(stop - at) : 0;
		*next = *len + strlen(END_OF_MESSAGE);
		return stop != NULL;
	}
	for (;;) {
		size_t n;

		if (from + 4 > s->in.len || at[from] != '\n' || at[from + 1] != '#')
			return false;
		if (at[from + 2] == '#') {
			*len = to;
			*next = from + 4;
			return true;
		}
		n = strtoul(at + from + 2, &stop, 10);
		if (*stop != '\n' || (size_t)(stop + 1 - at) + n > s->in.len)
			return false;
		/* Nobody looks at the framing of a message that is whole again. */
		from = (size_t)(stop + 1 - at) + n;
		to = from;
	}
}

/* The content of a chunked message, without its framing. */
static void
unchunk(const char *at, size_t len, struct text *out)
{
	size_t from = 0;

	while (from + 4 < len) {
		char *stop;
		size_t n = strtoul(at + from + 2, &stop, 10);

		text_bytes(out, stop + 1, n);
		from = (size_t)(stop + 1 - at) + n;
	}
}

static void
take_bytes(struct sim_router *r, struct router_session *s)
{
	size_t len, next;

	while (s->end && s->in.len > 0 && whole_message(s, &len, &next)) {
		struct text message = { 0 };
		size_t left = s->in.len - next;

		if (s->greeted && s->chunked)
			unchunk(s->in.at, next, &message);
		else
			text_bytes(&message, s->in.at, len);
		memmove(s->in.at, s->in.at + next, left + 1);
		s->in.len = left;
		take_message(r, s, text_get(&message), message.len);
		text_free(&message);
	}
}

static void
on_bytes(void *ctx, struct sim_end *end, const uint8_t *bytes, size_t len)
{
	struct sim_router *r = ctx;

	for (unsigned i = 0; i < ROUTER_SESSIONS; i++) {
		struct router_session *s = &r->sessions[i];

		if (s->end != end)
			continue;
		if (len == 0) {
			close_session(r, s);
			return;
		}
		text_bytes(&s->in, bytes, len);
		take_bytes(r, s);
		return;
	}
}

struct sim_end *
router_connect(const char *device)
{
	for (unsigned i = 0; i < routers.n; i++) {
		struct sim_router *r = &routers.at[i];

		if (strcmp(r->name, device) != 0 || !r->up)
			continue;
		for (unsigned k = 0; k < ROUTER_SESSIONS; k++) {
			struct router_session *s = &r->sessions[k];

			if (s->end)
				continue;
			*s = (struct router_session){ .id = ++r->last_session };
			return net_pair(&r->wire, on_bytes, r, &s->end);
		}
	}
	return NULL;
}

void
router_greet(const struct sim_end *near)
{
	for (unsigned i = 0; i < routers.n; i++)
		for (unsigned k = 0; k < ROUTER_SESSIONS; k++) {
			struct sim_router *r = &routers.at[i];
			struct router_session *s = &r->sessions[k];
			struct text out = { 0 };

			if (!s->end || s->end != net_peer(near))
				continue;
			text_printf(
			    &out,
			    "<hello xmlns=\"" NS "\"><capabilities>"
			    "<capability>urn:ietf:params:netconf:base:1.0</capability>%s%s"
			    "<capability>urn:ietf:params:netconf:capability:candidate:1.0"
			    "</capability></capabilities><session-id>%u</session-id></hello>",
			    r->base11 ? "<capability>urn:ietf:params:netconf:base:1.1</capability>"
				      : "",
			    r->confirmed_commit ? "<capability>urn:ietf:params:netconf:capability:"
						  "confirmed-commit:1.1</capability>"
						: "",
			    s->id);
			send_message(s, text_get(&out), out.len);
			text_free(&out);
			return;
		}
}

void
router_drop(struct sim_router *r)
{
	for (unsigned i = 0; i < ROUTER_SESSIONS; i++)
		close_session(r, &r->sessions[i]);
}
