#define _GNU_SOURCE
#include "tests/lab/counters.h"

#include <errno.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/lab/space.h"

#ifndef IFF_LOWER_UP
#define IFF_LOWER_UP 0x10000
#endif

struct counters {
	const struct lab_network *network;
	struct site *sites;
	int *fds; /* -1: not opened */
	uint32_t sequence;
	_Alignas(struct nlmsghdr) uint8_t answer[65536];
};

enum pce_status
counters_new(const struct lab_network *network, struct site *sites, struct counters **out,
	     struct pce_error *err)
{
	struct counters *c = calloc(1, sizeof *c);

	if (c == NULL)
		return pce_no_memory(err);
	c->network = network;
	c->sites = sites;
	c->fds = malloc((network->n_routers + 1) * sizeof *c->fds);
	if (c->fds == NULL) {
		free(c);
		return pce_no_memory(err);
	}
	for (uint32_t i = 0; i < network->n_routers; i++)
		c->fds[i] = -1;
	*out = c;
	return PCE_OK;
}

void
counters_free(struct counters *c)
{
	if (c == NULL)
		return;
	for (uint32_t i = 0; i < c->network->n_routers; i++)
		if (c->fds[i] >= 0)
			close(c->fds[i]);
	free(c->fds);
	free(c);
}

/* A socket stays in the namespace in which it was opened. */
static enum pce_status
open_there(struct counters *c, uint32_t router, struct pce_error *err)
{
	int here = space_here(), fd;
	enum pce_status status;

	if (here < 0)
		return pce_fail(err, PCE_IO, "no namespace: %s", strerror(errno));
	status = space_enter(c->sites[router].space, err);
	if (status == PCE_OK) {
		fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
		if (fd < 0)
			status = pce_fail(err, PCE_IO, "%s: no netlink socket: %s",
					  c->network->routers[router].name, strerror(errno));
		c->fds[router] = fd;
		if (space_enter(here, err))
			status = PCE_IO;
	}
	close(here);
	return status;
}

static enum pce_status
ask(struct counters *c, uint32_t router, struct pce_error *err)
{
	struct {
		struct nlmsghdr head;
		struct ifinfomsg body;
	} request = { .head = { .nlmsg_len = sizeof request,
				.nlmsg_type = RTM_GETLINK,
				.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP,
				.nlmsg_seq = ++c->sequence } };

	if (send(c->fds[router], &request, sizeof request, 0) == sizeof request)
		return PCE_OK;
	return pce_fail(err, PCE_IO, "%s: netlink: %s", c->network->routers[router].name,
			strerror(errno));
}

static uint32_t
link_of(const struct counters *c, uint32_t router, int index)
{
	const struct lab_router *r = &c->network->routers[router];

	for (size_t i = 0; i < r->n_out; i++)
		if ((int)c->network->links[r->out[i]].interface == index)
			return r->out[i];
	return LAB_NONE;
}

/* One interface; false: it is none of a link, or was not counted. */
static bool
read_link(const struct counters *c, uint32_t router, const struct nlmsghdr *m,
	  struct counters_link *out)
{
	const struct ifinfomsg *body = NLMSG_DATA(m);
	unsigned wanted = IFF_UP | IFF_LOWER_UP;
	const struct rtattr *a;
	size_t left;

	if (m->nlmsg_len < NLMSG_LENGTH(sizeof *body))
		return false;
	*out = (struct counters_link){ .link = link_of(c, router, body->ifi_index),
				       .up = (body->ifi_flags & wanted) == wanted };
	a = IFLA_RTA(body);
	left = m->nlmsg_len - NLMSG_LENGTH(sizeof *body);
	for (; RTA_OK(a, left); a = RTA_NEXT(a, left)) {
		struct rtnl_link_stats64 s = { 0 };

		if (a->rta_type != IFLA_STATS64 || RTA_PAYLOAD(a) < 8 * sizeof(uint64_t))
			continue;
		memcpy(&s, RTA_DATA(a), RTA_PAYLOAD(a) < sizeof s ? RTA_PAYLOAD(a) : sizeof s);
		out->in_octets = s.rx_bytes;
		out->out_octets = s.tx_bytes;
		out->in_packets = s.rx_packets;
		out->out_packets = s.tx_packets;
		out->in_errors = s.rx_errors;
		out->out_discards = s.tx_dropped;
		return out->link != LAB_NONE;
	}
	return false;
}

/* One piece of the answer; *done at its end. */
static void
take(struct counters *c, uint32_t router, size_t len,
     void (*visit)(void *ctx, const struct counters_link *at), void *ctx, bool *done)
{
	for (const struct nlmsghdr *m = (const void *)c->answer; NLMSG_OK(m, len);
	     m = (const void *)((const uint8_t *)m + NLMSG_ALIGN(m->nlmsg_len))) {
		struct counters_link at;

		if (m->nlmsg_seq == c->sequence &&
		    (m->nlmsg_type == NLMSG_DONE || m->nlmsg_type == NLMSG_ERROR))
			*done = true;
		if (m->nlmsg_seq == c->sequence && m->nlmsg_type == RTM_NEWLINK &&
		    read_link(c, router, m, &at))
			visit(ctx, &at);
		if (NLMSG_ALIGN(m->nlmsg_len) >= len)
			break;
		len -= NLMSG_ALIGN(m->nlmsg_len);
	}
}

enum pce_status
counters_read(struct counters *c, uint32_t router,
	      void (*visit)(void *ctx, const struct counters_link *at), void *ctx,
	      struct pce_error *err)
{
	enum pce_status status = c->fds[router] < 0 ? open_there(c, router, err) : PCE_OK;
	bool done = false;

	if (status == PCE_OK)
		status = ask(c, router, err);
	while (status == PCE_OK && !done) {
		ssize_t n = recv(c->fds[router], c->answer, sizeof c->answer, 0);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return pce_fail(err, PCE_IO, "%s: netlink: %s",
					c->network->routers[router].name, strerror(errno));
		take(c, router, (size_t)n, visit, ctx, &done);
	}
	return status;
}
