/*
 * Keeps a connection to one router: opens a channel and asks for Capabilities (a router without
 * them is taken as it is); when that fails, or its user says that the connection is lost, another
 * attempt follows, after a wait that doubles from 0.5 s to 30 s and is spread at random. Files
 * (certificates, password) are read anew for each attempt. Everything runs on the engine's thread.
 */
#ifndef SOUTHBOUND_GNMI_CONNECT_H
#define SOUTHBOUND_GNMI_CONNECT_H

#include "southbound/gnmi/channel.h"
#include "southbound/gnmi/request.h"

/* Zeroed before use but for what stands first. */
struct gnmi_connection {
	struct gnmi_engine *engine;
	const struct config_device *config;
	uint64_t random; /* a seed of its own */
	bool quiet; /* little is sent on it: its owner finds out whether the router lives */
	/* It answered. */
	void (*ready)(struct gnmi_connection *connection,
		      const struct gnmi_capabilities *capabilities);
	/* An attempt failed, or the connection was lost: why names what and the router's word, not
	 * the router. The channel is closed when this returns. */
	void (*failed)(struct gnmi_connection *connection, const struct pce_error *why);
	struct gnmi_channel channel;
	struct gnmi_call call;
	struct gnmi_timer timer;
	int64_t wait_us;
};

/* Sets its timer up; the first attempt is made within a tenth of a second. */
void gnmi_connection_begin(struct gnmi_connection *connection);
/* Drops the connection, tells why, and tries again later. No call or stream of the caller's may be
 * under way. */
void gnmi_connection_lose(struct gnmi_connection *connection, const struct pce_error *why);
/* It works: the next wait is the shortest again. */
void gnmi_connection_steady(struct gnmi_connection *connection);
/* Ends the attempt that is under way; the channel is closed with it, or at once unless used (the
 * caller has calls or streams). */
void gnmi_connection_stop(struct gnmi_connection *connection, bool used);

#endif
