/*
 * gNMI (specification 0.10) of the emulated routers and of those of the lab, beside their NETCONF
 * server and over the same datastore: Capabilities, Get, Set and Subscribe (STREAM with SAMPLE and
 * ON_CHANGE, ONCE, POLL), in JSON_IETF, JSON and PROTO. Router i listens on a port of its own;
 * one thread serves all of them.
 *
 * A Set is one transaction on running. It is answered ABORTED, and nothing is changed, while a
 * session of NETCONF holds a lock or has a confirmed commit pending; INVALID_ARGUMENT for what the
 * model or the router refuses. What running has become by it is told to NETCONF's subscribers.
 */
#ifndef TESTS_LAB_GNMI_SERVER_H
#define TESTS_LAB_GNMI_SERVER_H

#include "pce/base/status.h"

struct lab_routers;
struct gnmi_server;

/* Listens for all routers as their setup says. Caller owns *out. */
enum pce_status gnmi_server_new(struct lab_routers *all, struct gnmi_server **out,
				struct pce_error *err);
/* Ends all calls and the thread; NULL does nothing. */
void gnmi_server_free(struct gnmi_server *server);

#endif
