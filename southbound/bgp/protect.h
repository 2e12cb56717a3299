/*
 * What protects a BGP session below BGP: TCP MD5 signatures (RFC 2385), which keep out who does not
 * know the password, and the TTL check (RFC 5082), which keeps out who is further away than the
 * peer.
 */
#ifndef SOUTHBOUND_BGP_PROTECT_H
#define SOUTHBOUND_BGP_PROTECT_H

#include "pce/base/addr.h"
#include "pce/base/status.h"

#define BGP_PASSWORD_MAX 80 /* octets; the kernel's limit */

/*
 * Reads a password, the first line of a file, into out. PCE_IO: the file cannot be read;
 * PCE_INVALID: its first line is empty or too long. Messages name the file and never what is in it.
 */
enum pce_status bgp_password_read(const char *file, char out[BGP_PASSWORD_MAX + 1],
				  struct pce_error *err);

/*
 * Has the kernel sign what goes to a peer through this socket, and drop what comes from it without
 * a good signature. fd listens or is not yet connected and is of the peer's address family. PCE_IO,
 * also where the kernel does not offer it.
 */
enum pce_status bgp_protect_md5(int fd, const struct ip_addr *peer, const char *password,
				struct pce_error *err);

/* Sends with the TTL of 255, and, unless hops is 0, drops what comes from further than so many
 * hops. */
enum pce_status bgp_protect_ttl(int fd, const struct ip_addr *peer, unsigned hops,
				struct pce_error *err);

#endif
