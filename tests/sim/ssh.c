/* SSH to simulated routers: the functions of southbound/netconf/ssh.h over the wires of net.c. The
 * cryptography is libssh's business, and tested elsewhere. */
#include "southbound/netconf/ssh.h"
#include "tests/sim/sim.h"

struct netconf_ssh {
	struct sim_end *end;
	struct usec ready_at;
	struct sim_timer ready;
};

static void
on_ready(void *arg)
{
	struct netconf_ssh *ssh = arg;

	router_greet(ssh->end);
	loop_poke();
}

enum pce_status
netconf_ssh_new(const struct config_device *device, const struct sockaddr *addr, socklen_t addr_len,
		struct netconf_ssh **out, struct pce_error *err)
{
	struct sim_end *end = router_connect(device->name);
	struct netconf_ssh *ssh;

	(void)addr, (void)addr_len;
	if (!end)
		return pce_fail(err, PCE_UNREACHABLE, "no route to %s", device->address);
	ssh = sim_alloc(sizeof(*ssh));
	ssh->end = end;
	/* TCP, key exchange, login, subsystem: about eight round trips. */
	ssh->ready_at = usec_add(sim.now, 20000 + sim_below(60000));
	ssh->ready.fire = on_ready;
	ssh->ready.arg = ssh;
	timer_set(&ssh->ready, ssh->ready_at);
	*out = ssh;
	return PCE_OK;
}

void
netconf_ssh_free(struct netconf_ssh *ssh)
{
	if (!ssh)
		return;
	timer_clear(&ssh->ready);
	net_close(ssh->end, sim.dead);
	free(ssh);
}

int
netconf_ssh_fd(const struct netconf_ssh *ssh)
{
	return net_fd(ssh->end);
}

bool
netconf_ssh_wants_write(const struct netconf_ssh *ssh)
{
	(void)ssh;
	return false;
}

enum pce_status
netconf_ssh_step(struct netconf_ssh *ssh, bool *ready, struct pce_error *err)
{
	if (net_ended(ssh->end))
		return pce_fail(err, PCE_UNREACHABLE, "the router closed the connection");
	*ready = usec_due(ssh->ready_at, sim.now);
	return PCE_OK;
}

const char *
netconf_ssh_stage(const struct netconf_ssh *ssh)
{
	(void)ssh;
	return "key exchange";
}

enum pce_status
netconf_ssh_read(struct netconf_ssh *ssh, void *buf, size_t cap, size_t *len, struct pce_error *err)
{
	*len = net_read(ssh->end, buf, cap);
	if (*len != SIZE_MAX)
		return PCE_OK;
	*len = 0;
	return pce_fail(err, PCE_UNREACHABLE, "the router closed the connection");
}

enum pce_status
netconf_ssh_write(struct netconf_ssh *ssh, const void *buf, size_t len, size_t *sent,
		  struct pce_error *err)
{
	(void)err;
	*sent = len;
	if (!sim.dead)
		net_send(ssh->end, buf, len);
	return PCE_OK;
}
