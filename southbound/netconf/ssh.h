/*
 * A NETCONF channel over SSH (RFC 6242) that never blocks: TCP, key exchange, host-key check, login
 * with a key, and the subsystem "netconf", one step at a time on libssh. The event loop calls
 * netconf_ssh_step while it is not ready, whenever the descriptor is, and reads and writes after.
 *
 * The host's key is compared before anything is sent that is worth stealing: with the pinned
 * SHA-256, or with a known_hosts file. An unknown or a changed key is PCE_DENIED, and its
 * fingerprint is told, so that an operator can compare it.
 */
#ifndef SOUTHBOUND_NETCONF_SSH_H
#define SOUTHBOUND_NETCONF_SSH_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>

#include "pce/base/status.h"
#include "pce/service/config.h"

struct netconf_ssh;

/*
 * Begins to connect to the device at addr. PCE_INVALID for a configuration that cannot work (no
 * host key given, an unreadable private key), PCE_UNREACHABLE. Caller owns *out.
 */
enum pce_status netconf_ssh_new(const struct config_device *device, const struct sockaddr *addr,
				socklen_t addr_len, struct netconf_ssh **out,
				struct pce_error *err);
/* Closes the connection and frees it; the descriptor must be out of the event loop. NULL does
 * nothing. */
void netconf_ssh_free(struct netconf_ssh *ssh);

/* The socket, for the event loop; it stays the same. */
int netconf_ssh_fd(const struct netconf_ssh *ssh);
/* True if the next step, or buffered output, waits for the socket to be writable. */
bool netconf_ssh_wants_write(const struct netconf_ssh *ssh);

/* Goes on with connecting; *ready is true once the subsystem runs. An error ends the attempt. */
enum pce_status netconf_ssh_step(struct netconf_ssh *ssh, bool *ready, struct pce_error *err);
/* What the attempt is doing, for people ("key exchange"). */
const char *netconf_ssh_stage(const struct netconf_ssh *ssh);

/* Reads up to cap bytes; *len 0: nothing more for now. PCE_UNREACHABLE when the peer closed. */
enum pce_status netconf_ssh_read(struct netconf_ssh *ssh, void *buf, size_t cap, size_t *len,
				 struct pce_error *err);
/* Writes what fits into the peer's window, *sent bytes of len. */
enum pce_status netconf_ssh_write(struct netconf_ssh *ssh, const void *buf, size_t len,
				  size_t *sent, struct pce_error *err);

#endif
