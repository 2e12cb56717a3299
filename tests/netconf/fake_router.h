/*
 * A router for tests of the transaction: a NETCONF server as a function from request to reply, with
 * a running and a candidate configuration of a few numbered policies, locks, confirmed commit, and
 * faults to order. It shares no code with what it tests but the session that carries its messages.
 */
#ifndef TESTS_NETCONF_FAKE_ROUTER_H
#define TESTS_NETCONF_FAKE_ROUTER_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pce/base/text.h"
#include "southbound/netconf/session.h"

#define POLICIES 16

struct fake_config {
	int value[POLICIES]; /* 0: no such policy */
};

struct fake_router {
	struct fake_config running, candidate, before;
	bool pending; /* a confirmed commit */
	char persist[64];
	uint32_t running_lock, candidate_lock; /* session ids; 7 is the one under test, 0 nobody */
	bool confirmed_commit; /* announced */
	const char *fail; /* this operation is refused */
	int fail_after; /* but only after so many that were not */
	bool keeps_candidate; /* a cancelled commit leaves the candidate as it is */
	bool no_lock_while_pending; /* as yuma does */
	bool weak_lock; /* locks are given whatever the candidate holds */
	bool lies_about_cancel; /* answers ok, and rolls nothing back, while running is locked */
	bool loses_edit; /* commits something else */
	struct text log; /* one letter for each operation */
};

static inline bool
fake_dirty(const struct fake_router *r)
{
	return memcmp(&r->running, &r->candidate, sizeof r->running) != 0;
}

static inline void
fake_rollback(struct fake_router *r)
{
	r->running = r->before;
	if (!r->keeps_candidate)
		r->candidate = r->running;
	r->pending = false;
}

/* The session closed: its locks go, and with the candidate's lock its edits. */
static inline void
fake_close(struct fake_router *r)
{
	if (r->candidate_lock == 7) {
		r->candidate = r->running;
		r->candidate_lock = 0;
	}
	if (r->running_lock == 7)
		r->running_lock = 0;
}

static inline const char *
fake_error(const char *tag, uint32_t holder)
{
	static char out[512];
	char info[80] = "";

	if (holder != 0)
		snprintf(info, sizeof info, "<error-info><session-id>%u</session-id></error-info>",
			 holder);
	snprintf(out, sizeof out,
		 "<rpc-error><error-type>protocol</error-type><error-tag>%s</error-tag>"
		 "<error-severity>error</error-severity><error-message>refused</error-message>%s"
		 "</rpc-error>",
		 tag, info);
	return out;
}

static inline bool
fake_refuses(struct fake_router *r, const char *operation)
{
	return r->fail != NULL && strcmp(r->fail, operation) == 0 && r->fail_after-- <= 0;
}

static inline const char *
fake_lock(struct fake_router *r, const char *x)
{
	bool running = strstr(x, "<running/>") != NULL;
	uint32_t *lock = running ? &r->running_lock : &r->candidate_lock;
	bool unlock = strstr(x, "<unlock>") != NULL;

	text_add(&r->log, unlock ? (running ? "u" : "v") : running ? "R" : "K");
	if (unlock) {
		if (*lock != 7)
			return fake_error("operation-failed", 0);
		*lock = 0;
		return "<ok/>";
	}
	if (fake_refuses(r, running ? "lock-running" : "lock-candidate"))
		return fake_error("lock-denied", 99);
	if (r->pending && r->no_lock_while_pending)
		return fake_error("in-use", 0);
	if (*lock != 0 || (!running && fake_dirty(r) && !r->weak_lock) || (running && r->pending))
		return fake_error("lock-denied", *lock);
	*lock = 7;
	return "<ok/>";
}

static inline const char *
fake_edit(struct fake_router *r, const char *x)
{
	struct fake_config next = r->candidate;

	text_add(&r->log, "E");
	if (r->candidate_lock != 7)
		return fake_error("in-use", r->candidate_lock);
	for (const char *p = x; (p = strstr(p, "<p c=\"")) != NULL; p++) {
		int color = 0, value = 0;

		sscanf(p, "<p c=\"%d\" v=\"%d\"/>", &color, &value);
		next.value[color] = value;
	}
	/* A refused edit leaves its changes behind, as some servers do. */
	r->candidate = next;
	return fake_refuses(r, "edit") ? fake_error("invalid-value", 0) : "<ok/>";
}

static inline bool
fake_knows(const struct fake_router *r, const char *x)
{
	char id[96];

	snprintf(id, sizeof id, "<persist-id>%s</persist-id>", r->persist);
	return r->pending && strstr(x, id) != NULL;
}

static inline const char *
fake_commit(struct fake_router *r, const char *x)
{
	bool confirmed = strstr(x, "<confirmed/>") != NULL;
	bool confirming = strstr(x, "<persist-id>") != NULL;
	const char *persist = strstr(x, "<persist>");

	text_add(&r->log, confirmed ? "C" : confirming ? "F" : "P");
	if (fake_refuses(r, confirming ? "confirm" : "commit"))
		return fake_error("operation-failed", 0);
	if (confirming && !fake_knows(r, x))
		return fake_error("invalid-value", 0);
	if (confirmed && persist != NULL) {
		r->before = r->running;
		r->pending = true;
		sscanf(persist, "<persist>%63[^<]", r->persist);
	} else {
		r->pending = false;
	}
	r->running = r->candidate;
	if (r->loses_edit) {
		for (int i = 0; i < POLICIES; i++)
			r->running.value[i] += r->running.value[i] == 2;
		r->candidate = r->running;
		r->loses_edit = false;
	}
	return "<ok/>";
}

static inline const char *
fake_get(struct fake_router *r, const struct fake_config *config)
{
	static char out[1024];
	size_t at = 0;

	text_add(&r->log, "G");
	if (fake_refuses(r, "get"))
		return fake_error("operation-failed", 0);
	at += (size_t)snprintf(out, sizeof out, "<data>");
	for (int i = 0; i < POLICIES; i++)
		if (config->value[i] != 0)
			at += (size_t)snprintf(out + at, sizeof out - at,
					       "<p xmlns=\"urn:p\" c=\"%d\" v=\"%d\"/>", i,
					       config->value[i]);
	snprintf(out + at, sizeof out - at, "</data>");
	return out;
}

/* The reply's content for a request. */
static inline const char *
fake_answer(struct fake_router *r, const char *x)
{
	if (strstr(x, "lock>") != NULL)
		return fake_lock(r, x);
	if (strstr(x, "<edit-config>") != NULL)
		return fake_edit(r, x);
	if (strstr(x, "<cancel-commit>") != NULL) {
		text_add(&r->log, "X");
		if (fake_refuses(r, "cancel") || !fake_knows(r, x))
			return fake_error("invalid-value", 0);
		if (r->lies_about_cancel && r->running_lock != 0)
			r->pending = false;
		else
			fake_rollback(r);
		return "<ok/>";
	}
	if (strstr(x, "<commit") != NULL)
		return fake_commit(r, x);
	if (strstr(x, "<discard-changes/>") != NULL) {
		text_add(&r->log, "D");
		r->candidate = r->running;
		return fake_refuses(r, "discard") ? fake_error("operation-failed", 0) : "<ok/>";
	}
	if (strstr(x, "<validate>") != NULL) {
		text_add(&r->log, "V");
		return fake_refuses(r, "validate") ? fake_error("invalid-value", 0) : "<ok/>";
	}
	return fake_get(r, strstr(x, "<candidate/>") != NULL ? &r->candidate : &r->running);
}

#endif
