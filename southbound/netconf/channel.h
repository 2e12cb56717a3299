/* What carries NETCONF's octets: SSH or TLS, as the device's configuration says. The functions are
 * those of ssh.h and tls.h. */
#ifndef SOUTHBOUND_NETCONF_CHANNEL_H
#define SOUTHBOUND_NETCONF_CHANNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>

#include "pce/base/status.h"
#include "pce/service/config.h"

struct netconf_channel;

/* Begins to connect to the device at addr. Caller owns *out. */
enum pce_status netconf_channel_new(const struct config_device *device, const struct sockaddr *addr,
				    socklen_t addr_len, struct netconf_channel **out,
				    struct pce_error *err);
/* Closes and frees it; the descriptor must be out of the event loop. NULL does nothing. */
void netconf_channel_free(struct netconf_channel *channel);
/* The socket, for the event loop; it stays the same. */
int netconf_channel_fd(const struct netconf_channel *channel);
/* True if the next step, or output that was not taken, waits for the socket to be writable. */
bool netconf_channel_wants_write(const struct netconf_channel *channel);
/* Goes on with connecting; *ready is true once NETCONF can begin. An error ends the attempt. */
enum pce_status netconf_channel_step(struct netconf_channel *channel, bool *ready,
				     struct pce_error *err);
/* What the attempt is doing, for people. */
const char *netconf_channel_stage(const struct netconf_channel *channel);
/* Reads up to cap bytes; *len 0: nothing more for now. PCE_UNREACHABLE when the peer closed. */
enum pce_status netconf_channel_read(struct netconf_channel *channel, void *buf, size_t cap,
				     size_t *len, struct pce_error *err);
/* Writes what is taken, *sent bytes of len. */
enum pce_status netconf_channel_write(struct netconf_channel *channel, const void *buf, size_t len,
				      size_t *sent, struct pce_error *err);

#endif
