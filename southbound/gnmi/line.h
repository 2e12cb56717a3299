/*
 * A line to one router for the Set driver: the engine's end keeps the connection and makes the
 * calls, one at a time; the loop's end orders them and gets answers as items (GNMI_ITEM_ANSWER).
 * One stream may watch what changes on the router. What a router sends unasked is bounded: it is
 * read on only a twentieth of a second after each message, and what is large is told without its
 * content.
 */
#ifndef SOUTHBOUND_GNMI_LINE_H
#define SOUTHBOUND_GNMI_LINE_H

#include "southbound/gnmi/connect.h"
#include "southbound/gnmi/transaction.h"

enum gnmi_answer_kind {
	GNMI_ANSWER_UP, /* connected: capabilities */
	GNMI_ANSWER_DOWN, /* it was lost, or an attempt failed: code is a pce_status, text why */
	GNMI_ANSWER_CALL, /* a call ended: code of gRPC, text, octets */
	GNMI_ANSWER_WATCHES, /* the watch is on */
	GNMI_ANSWER_BLIND, /* the router refuses to be watched: code of gRPC, text */
	GNMI_ANSWER_CHANGED /* a Notification; no octets: it was too large */
};

struct gnmi_answer {
	enum gnmi_answer_kind kind;
	uint64_t call; /* CALL: as it was ordered */
	int code;
	struct gnmi_capabilities capabilities;
	const char *text; /* never NULL */
	const uint8_t *bytes; /* behind the struct, as text is */
	size_t len;
};

struct gnmi_line;

/* On the loop. device is its number in the items; config has to outlive the line. It connects, and
 * stays connected, until the engine ends. */
enum pce_status gnmi_line_open(struct gnmi_engine *engine, const struct config_device *config,
			       uint32_t device, uint64_t random, struct gnmi_line **out,
			       struct pce_error *err);
/* After the engine is gone; NULL does nothing. */
void gnmi_line_free(struct gnmi_line *line);

/* Orders a call ("/gnmi.gNMI/Get", a constant); the octets are copied. Answered in any case, where
 * the line is down with GNMI_UNAVAILABLE. Only one may be under way. */
enum pce_status gnmi_line_call(struct gnmi_line *line, uint64_t call, const char *method,
			       const uint8_t *bytes, size_t len, int64_t timeout_ms,
			       struct pce_error *err);
/* Orders a Subscribe for what changes, answered by WATCHES or BLIND. */
enum pce_status gnmi_line_watch(struct gnmi_line *line, const uint8_t *bytes, size_t len,
				struct pce_error *err);
/* Drops the connection for a new one; why is what DOWN will say. */
enum pce_status gnmi_line_lose(struct gnmi_line *line, const struct pce_error *why,
			       struct pce_error *err);
/* The router works: the next wait is a short one. */
enum pce_status gnmi_line_steady(struct gnmi_line *line, struct pce_error *err);

#endif
