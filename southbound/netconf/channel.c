#include "southbound/netconf/channel.h"

#include <stdlib.h>

#include "southbound/netconf/ssh.h"
#include "southbound/netconf/tls.h"

/* One of the two is there. */
struct netconf_channel {
	struct netconf_ssh *ssh;
	struct netconf_tls *tls;
};

enum pce_status
netconf_channel_new(const struct config_device *device, const struct sockaddr *addr,
		    socklen_t addr_len, struct netconf_channel **out, struct pce_error *err)
{
	struct netconf_channel *c = calloc(1, sizeof *c);
	enum pce_status status;

	if (c == NULL)
		return pce_no_memory(err);
	status = device->tls ? netconf_tls_new(device, addr, addr_len, &c->tls, err)
			     : netconf_ssh_new(device, addr, addr_len, &c->ssh, err);
	if (status)
		free(c);
	else
		*out = c;
	return status;
}

void
netconf_channel_free(struct netconf_channel *c)
{
	if (c == NULL)
		return;
	netconf_ssh_free(c->ssh);
	netconf_tls_free(c->tls);
	free(c);
}

int
netconf_channel_fd(const struct netconf_channel *c)
{
	return c->tls ? netconf_tls_fd(c->tls) : netconf_ssh_fd(c->ssh);
}

bool
netconf_channel_wants_write(const struct netconf_channel *c)
{
	return c->tls ? netconf_tls_wants_write(c->tls) : netconf_ssh_wants_write(c->ssh);
}

enum pce_status
netconf_channel_step(struct netconf_channel *c, bool *ready, struct pce_error *err)
{
	return c->tls ? netconf_tls_step(c->tls, ready, err) : netconf_ssh_step(c->ssh, ready, err);
}

const char *
netconf_channel_stage(const struct netconf_channel *c)
{
	return c->tls ? netconf_tls_stage(c->tls) : netconf_ssh_stage(c->ssh);
}

enum pce_status
netconf_channel_read(struct netconf_channel *c, void *buf, size_t cap, size_t *len,
		     struct pce_error *err)
{
	return c->tls ? netconf_tls_read(c->tls, buf, cap, len, err)
		      : netconf_ssh_read(c->ssh, buf, cap, len, err);
}

enum pce_status
netconf_channel_write(struct netconf_channel *c, const void *buf, size_t len, size_t *sent,
		      struct pce_error *err)
{
	return c->tls ? netconf_tls_write(c->tls, buf, len, sent, err)
		      : netconf_ssh_write(c->ssh, buf, len, sent, err);
}
