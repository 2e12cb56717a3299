/* Names of error codes and subcodes, and the shutdown communication. */
#include "southbound/bgp/notify.h"

#include <stdio.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static const char *const codes[] = {
	NULL,
	"Message Header Error",
	"OPEN Message Error",
	"UPDATE Message Error",
	"Hold Timer Expired",
	"Finite State Machine Error",
	"Cease",
	"ROUTE-REFRESH Message Error",
	"Send Hold Timer Expired",
};

static const char *const header[] = { NULL, "Connection Not Synchronized", "Bad Message Length",
				      "Bad Message Type" };
static const char *const open[] = {
	NULL,
	"Unsupported Version Number",
	"Bad Peer AS",
	"Bad BGP Identifier",
	"Unsupported Optional Parameter",
	NULL,
	"Unacceptable Hold Time",
	"Unsupported Capability",
	NULL,
	NULL,
	NULL,
	"Role Mismatch",
};
static const char *const update[] = {
	NULL,
	"Malformed Attribute List",
	"Unrecognized Well-known Attribute",
	"Missing Well-known Attribute",
	"Attribute Flags Error",
	"Attribute Length Error",
	"Invalid ORIGIN Attribute",
	NULL,
	"Invalid NEXT_HOP Attribute",
	"Optional Attribute Error",
	"Invalid Network Field",
	"Malformed AS_PATH",
};
static const char *const fsm[] = { NULL, "Unexpected Message in OpenSent State",
				   "Unexpected Message in OpenConfirm State",
				   "Unexpected Message in Established State" };
static const char *const cease[] = {
	NULL,
	"Maximum Number of Prefixes Reached",
	"Administrative Shutdown",
	"Peer De-configured",
	"Administrative Reset",
	"Connection Rejected",
	"Other Configuration Change",
	"Connection Collision Resolution",
	"Out of Resources",
	"Hard Reset",
	"BFD Down",
};
static const char *const refresh[] = { NULL, "Invalid Message Length" };

static const struct {
	const char *const *names;
	size_t count;
} subcodes[] = {
	{ NULL, 0 },
	{ header, COUNT(header) },
	{ open, COUNT(open) },
	{ update, COUNT(update) },
	{ NULL, 0 },
	{ fsm, COUNT(fsm) },
	{ cease, COUNT(cease) },
	{ refresh, COUNT(refresh) },
	{ NULL, 0 },
};

/* RFC 9003: one octet of length, then UTF-8. False if the data is none. */
static int
communication(uint8_t code, uint8_t subcode, struct reader data, struct reader *text)
{
	size_t len;

	if (code != BGP_ERROR_CEASE || (subcode != BGP_CEASE_SHUTDOWN && subcode != 4))
		return 0;
	len = reader_u8(&data);
	*text = reader_sub(&data, len);
	return reader_ok(&data) && len > 0;
}

void
bgp_notification_text(uint8_t code, uint8_t subcode, struct reader data, char *out, size_t cap)
{
	const char *name = code < COUNT(codes) ? codes[code] : NULL, *sub = NULL;
	struct reader text;
	size_t at;

	if (code < COUNT(subcodes) && subcode < subcodes[code].count)
		sub = subcodes[code].names[subcode];
	at = name ? (size_t)snprintf(out, cap, "%s", name)
		  : (size_t)snprintf(out, cap, "error code %u", code);
	if (at < cap && sub)
		at += (size_t)snprintf(out + at, cap - at, " / %s", sub);
	else if (at < cap && subcode)
		at += (size_t)snprintf(out + at, cap - at, " / subcode %u", subcode);
	if (at + 5 >= cap || !communication(code, subcode, data, &text))
		return;
	at += (size_t)snprintf(out + at, cap - at, ": \"");
	while (reader_left(&text) > 0 && at + 2 < cap) {
		uint8_t c = reader_u8(&text);

		out[at++] = c < 0x20 || c == 0x7f ? '?' : (char)c;
	}
	out[at++] = '"';
	out[at] = '\0';
}
