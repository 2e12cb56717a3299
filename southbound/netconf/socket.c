#define _GNU_SOURCE
#include "southbound/netconf/socket.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>

enum pce_status
netconf_socket_open(const struct sockaddr *addr, socklen_t len, int *fd, struct pce_error *err)
{
	int one = 1;

	*fd = socket(addr->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (*fd < 0)
		return pce_fail(err, PCE_LIMIT, "no socket: %s", strerror(errno));
	setsockopt(*fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
	setsockopt(*fd, SOL_SOCKET, SO_KEEPALIVE, &one, sizeof one);
	if (connect(*fd, addr, len) != 0 && errno != EINPROGRESS)
		return pce_fail(err, PCE_UNREACHABLE, "TCP connect failed: %s", strerror(errno));
	return PCE_OK;
}

enum pce_status
netconf_socket_check(int fd, struct pce_error *err)
{
	int fault = 0;
	socklen_t len = sizeof fault;

	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &fault, &len) == 0 && fault != 0)
		return pce_fail(err, PCE_UNREACHABLE, "TCP connect failed: %s", strerror(fault));
	return PCE_OK;
}
