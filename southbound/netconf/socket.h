/* The TCP connection under both of NETCONF's transports. */
#ifndef SOUTHBOUND_NETCONF_SOCKET_H
#define SOUTHBOUND_NETCONF_SOCKET_H

#include <sys/socket.h>

#include "pce/base/status.h"

/* Begins to connect, without blocking. *fd is set as soon as there is a socket, also on failure,
 * and is the caller's to close. PCE_LIMIT, PCE_UNREACHABLE. */
enum pce_status netconf_socket_open(const struct sockaddr *addr, socklen_t len, int *fd,
				    struct pce_error *err);
/* What became of it once it is writable: PCE_OK, or PCE_UNREACHABLE with the reason. */
enum pce_status netconf_socket_check(int fd, struct pce_error *err);

#endif
