/*
 * A NETCONF channel over TLS (RFC 7589) that never blocks: TCP and a handshake in which both ends
 * show a certificate, one step at a time on OpenSSL. It is used as ssh.h is.
 *
 * The router's certificate has to be issued by one of the configured authority's, be valid now, and
 * be for the configured name or address (RFC 7589 section 6); nothing is sent before that is known.
 * What the router does not like about ours it says by an alert, which with TLS 1.3 comes after the
 * handshake, with the first read.
 */
#ifndef SOUTHBOUND_NETCONF_TLS_H
#define SOUTHBOUND_NETCONF_TLS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>

#include "pce/base/status.h"
#include "pce/service/config.h"

struct netconf_tls;

/*
 * Begins to connect to the device at addr. PCE_INVALID: a file of the configuration cannot be used,
 * and is named; PCE_UNREACHABLE. Caller owns *out.
 */
enum pce_status netconf_tls_new(const struct config_device *device, const struct sockaddr *addr,
				socklen_t addr_len, struct netconf_tls **out,
				struct pce_error *err);
/* Closes the connection and frees it; the descriptor must be out of the event loop. NULL does
 * nothing. */
void netconf_tls_free(struct netconf_tls *tls);

/* The socket, for the event loop; it stays the same. */
int netconf_tls_fd(const struct netconf_tls *tls);
/* True if the next step, or a write that was cut short, waits for the socket to be writable. */
bool netconf_tls_wants_write(const struct netconf_tls *tls);

/* Goes on with connecting; *ready is true once both ends are known. PCE_DENIED: the router's
 * certificate is not to be trusted, or it does not take ours. An error ends the attempt. */
enum pce_status netconf_tls_step(struct netconf_tls *tls, bool *ready, struct pce_error *err);
/* What the attempt is doing, for people ("TLS handshake"). */
const char *netconf_tls_stage(const struct netconf_tls *tls);

/* Reads up to cap bytes; *len 0: nothing more for now. PCE_UNREACHABLE when the peer closed. */
enum pce_status netconf_tls_read(struct netconf_tls *tls, void *buf, size_t cap, size_t *len,
				 struct pce_error *err);
/* Writes what the socket takes, *sent bytes of len. */
enum pce_status netconf_tls_write(struct netconf_tls *tls, const void *buf, size_t len,
				  size_t *sent, struct pce_error *err);

#endif
