/*
 * The NETCONF driver (southbound/driver.h): sessions to many routers on one libevent loop, over SSH
 * by non-blocking libssh. The decisions are in session.c and transaction.c; here are the sockets,
 * the clock and the timers.
 *
 * A device is connected as long as it is open: at most max_connects of the configuration (12 unless
 * set) connect at once, an attempt has 30 s, and after a failure the next one waits 0.5 s, doubling
 * to 60 s, with jitter from the seed. A session that is silent is asked for nothing every 30 s, so
 * that a dead router is found out. An RPC that is not answered in time ends the session.
 *
 * Everything happens on the loop's thread. The sink may call apply, read and close from inside
 * post. An error that apply or read returns is the whole answer: nothing is posted for that effect.
 * A device that is not up refuses both with PCE_UNREACHABLE: nothing is queued for it.
 *
 * wall_us and random of the posted events are 0: the sink's owner fills them.
 */
#ifndef SOUTHBOUND_NETCONF_SHELL_H
#define SOUTHBOUND_NETCONF_SHELL_H

#include "southbound/driver.h"

/* Makes the driver; context is copied, what it points to must outlive the driver. Loads the YANG
 * modules of context->yang_dir. Freed by its ops after all devices are closed. */
enum pce_status netconf_driver_new(const struct driver_context *context, struct driver **out,
				   struct pce_error *err);

#endif
