#define _GNU_SOURCE
#include "tests/lab/netlink.h"

#include <errno.h>
#include <linux/fib_rules.h>
#include <linux/genetlink.h>
#include <linux/if_link.h>
#include <linux/lwtunnel.h>
#include <linux/neighbour.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <linux/seg6.h>
#include <linux/seg6_genl.h>
#include <linux/seg6_iptunnel.h>
#include <linux/seg6_local.h>
#include <linux/veth.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define BATCH 32768 /* octets that are gathered before they are sent */
#define MESSAGE_MAX 8192 /* octets of one message at most */

struct netlink {
	int fd;
	uint32_t sequence;
	bool tolerate;
	char name[128];
	struct pce_error refused; /* the first one since the last flush */
	size_t used, last; /* octets gathered, where the last message begins */
	_Alignas(struct nlmsghdr) uint8_t buffer[BATCH + MESSAGE_MAX];
};

/* --- the socket --- */

static int
open_socket(int protocol)
{
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol), size = 1 << 20;
	struct sockaddr_nl any = { .nl_family = AF_NETLINK };

	if (fd < 0)
		return -1;
	setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
	setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
	if (bind(fd, (struct sockaddr *)&any, sizeof any) == 0)
		return fd;
	close(fd);
	return -1;
}

enum pce_status
netlink_open(const char *name, struct netlink **out, struct pce_error *err)
{
	struct netlink *nl = malloc(sizeof *nl);

	if (nl == NULL)
		return pce_no_memory(err);
	nl->fd = open_socket(NETLINK_ROUTE);
	if (nl->fd < 0) {
		free(nl);
		return pce_fail(err, PCE_IO, "no netlink socket for %s: %s", name, strerror(errno));
	}
	nl->sequence = 0;
	nl->tolerate = false;
	nl->refused = (struct pce_error){ 0 };
	nl->used = nl->last = 0;
	snprintf(nl->name, sizeof nl->name, "%s", name);
	*out = nl;
	return PCE_OK;
}

void
netlink_close(struct netlink *nl)
{
	if (nl != NULL)
		close(nl->fd);
	free(nl);
}

void
netlink_tolerate(struct netlink *nl, bool tolerate)
{
	nl->tolerate = tolerate;
}

static bool
harmless(const struct netlink *nl, int error)
{
	return error == 0 ||
	       (nl->tolerate && (error == -EEXIST || error == -ESRCH || error == -ENOENT ||
				 error == -ENODEV || error == -ENETDOWN));
}

/* What was asked for, for the error of a refusal. */
static void
note_refusal(struct netlink *nl, const struct nlmsgerr *answer)
{
	const char *what;

	if (nl->refused.status != PCE_OK || harmless(nl, answer->error))
		return;
	switch (answer->msg.nlmsg_type) {
	case RTM_NEWLINK:
		what = "a link";
		break;
	case RTM_NEWADDR:
		what = "an address";
		break;
	case RTM_NEWNEIGH:
		what = "a neighbour";
		break;
	case RTM_NEWROUTE:
		what = "a route or SID";
		break;
	case RTM_NEWQDISC:
	case RTM_NEWTCLASS:
		what = "a rate";
		break;
	default:
		what = "a request";
	}
	pce_fail(&nl->refused, PCE_IO, "%s: the kernel refuses %s: %s (message %u)", nl->name, what,
		 strerror(-answer->error), answer->msg.nlmsg_seq);
}

/* Reads answers until the one to the last message. */
static enum pce_status
await(struct netlink *nl, struct pce_error *err)
{
	_Alignas(struct nlmsghdr) uint8_t answer[32768];

	for (;;) {
		ssize_t n = recv(nl->fd, answer, sizeof answer, 0);
		size_t left = n > 0 ? (size_t)n : 0;

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return pce_fail(err, PCE_IO, "%s: netlink: %s", nl->name, strerror(errno));
		for (const struct nlmsghdr *m = (const void *)answer; NLMSG_OK(m, left);
		     m = (const void *)((const uint8_t *)m + NLMSG_ALIGN(m->nlmsg_len))) {
			if (m->nlmsg_type == NLMSG_ERROR)
				note_refusal(nl, NLMSG_DATA(m));
			if (m->nlmsg_seq == nl->sequence)
				return PCE_OK;
			left -= NLMSG_ALIGN(m->nlmsg_len);
		}
	}
}

static enum pce_status
hand_over(struct netlink *nl, struct pce_error *err)
{
	struct nlmsghdr *last = (void *)(nl->buffer + nl->last);
	ssize_t n;

	if (nl->used == 0)
		return PCE_OK;
	last->nlmsg_flags |= NLM_F_ACK;
	n = send(nl->fd, nl->buffer, nl->used, 0);
	nl->used = 0;
	if (n < 0)
		return pce_fail(err, PCE_IO, "%s: netlink: %s", nl->name, strerror(errno));
	return await(nl, err);
}

enum pce_status
netlink_flush(struct netlink *nl, struct pce_error *err)
{
	enum pce_status status = hand_over(nl, err);

	if (status == PCE_OK && nl->refused.status != PCE_OK) {
		status = nl->refused.status;
		if (err != NULL)
			*err = nl->refused;
	}
	nl->refused = (struct pce_error){ 0 };
	return status;
}

/* --- messages --- */

/* Begins a message with a body; what cannot be sent meanwhile is told by the next flush. */
static void
begin(struct netlink *nl, unsigned type, unsigned flags, const void *body, size_t len)
{
	struct nlmsghdr *m;

	if (nl->used >= BATCH) {
		struct pce_error err = { 0 };

		if (hand_over(nl, &err) && nl->refused.status == PCE_OK)
			nl->refused = err;
	}
	nl->last = nl->used;
	m = (void *)(nl->buffer + nl->used);
	*m = (struct nlmsghdr){ .nlmsg_len = (uint32_t)NLMSG_LENGTH(len),
				.nlmsg_type = (uint16_t)type,
				.nlmsg_flags = (uint16_t)(NLM_F_REQUEST | flags),
				.nlmsg_seq = ++nl->sequence };
	memset(nl->buffer + nl->used + NLMSG_HDRLEN, 0, NLMSG_ALIGN(len));
	memcpy(nl->buffer + nl->used + NLMSG_HDRLEN, body, len);
	nl->used += NLMSG_ALIGN(m->nlmsg_len);
}

/* The message grows to what was gathered so far. */
static void
stretch(struct netlink *nl)
{
	struct nlmsghdr *m = (void *)(nl->buffer + nl->last);

	m->nlmsg_len = (uint32_t)(nl->used - nl->last);
}

static size_t
open_attr(struct netlink *nl, unsigned type)
{
	size_t at = nl->used;
	struct rtattr a = { .rta_type = (unsigned short)type };

	memcpy(nl->buffer + at, &a, sizeof a);
	nl->used += sizeof a;
	return at;
}

static void
close_attr(struct netlink *nl, size_t at)
{
	struct rtattr *a = (void *)(nl->buffer + at);

	a->rta_len = (unsigned short)(nl->used - at);
	while (nl->used % RTA_ALIGNTO != 0)
		nl->buffer[nl->used++] = 0;
	stretch(nl);
}

static void
raw(struct netlink *nl, const void *data, size_t len)
{
	memcpy(nl->buffer + nl->used, data, len);
	nl->used += len;
}

static void
attr(struct netlink *nl, unsigned type, const void *data, size_t len)
{
	size_t at = open_attr(nl, type);

	raw(nl, data, len);
	close_attr(nl, at);
}

static void
attr_u32(struct netlink *nl, unsigned type, uint32_t value)
{
	attr(nl, type, &value, sizeof value);
}

static void
attr_text(struct netlink *nl, unsigned type, const char *text)
{
	attr(nl, type, text, strlen(text) + 1);
}

static size_t
addr_len(const struct ip_addr *addr)
{
	return addr->family == IP_V4 ? 4 : 16;
}

static unsigned
af_of(unsigned family)
{
	return family == IP_V4 ? AF_INET : AF_INET6;
}

/* --- interfaces --- */

static void
put_end(struct netlink *nl, const struct netlink_end *end)
{
	attr_text(nl, IFLA_IFNAME, end->name);
	attr(nl, IFLA_ADDRESS, end->mac, 6);
	attr_u32(nl, IFLA_NET_NS_FD, (uint32_t)end->space);
}

void
netlink_add_veth(struct netlink *nl, const struct netlink_end *a, const struct netlink_end *b)
{
	struct ifinfomsg body = { .ifi_index = (int)a->index },
			 peer = { .ifi_index = (int)b->index };
	size_t info, data, other;

	begin(nl, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, &body, sizeof body);
	put_end(nl, a);
	info = open_attr(nl, IFLA_LINKINFO);
	attr_text(nl, IFLA_INFO_KIND, "veth");
	data = open_attr(nl, IFLA_INFO_DATA);
	other = open_attr(nl, VETH_INFO_PEER);
	raw(nl, &peer, sizeof peer);
	put_end(nl, b);
	close_attr(nl, other);
	close_attr(nl, data);
	close_attr(nl, info);
}

void
netlink_add_ifb(struct netlink *nl, const char *name, unsigned index)
{
	struct ifinfomsg body = { .ifi_index = (int)index };
	size_t info;

	begin(nl, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, &body, sizeof body);
	attr_text(nl, IFLA_IFNAME, name);
	info = open_attr(nl, IFLA_LINKINFO);
	attr_text(nl, IFLA_INFO_KIND, "ifb");
	close_attr(nl, info);
}

void
netlink_set_link(struct netlink *nl, unsigned index, bool up, unsigned mtu, const char *alias)
{
	struct ifinfomsg body = { .ifi_index = (int)index,
				  .ifi_flags = up ? IFF_UP : 0,
				  .ifi_change = IFF_UP };
	uint8_t none = 1; /* IN6_ADDR_GEN_MODE_NONE */
	size_t spec, inet6;

	begin(nl, RTM_NEWLINK, 0, &body, sizeof body);
	if (mtu > 0)
		attr_u32(nl, IFLA_MTU, mtu);
	if (alias != NULL)
		attr(nl, IFLA_IFALIAS, alias, strnlen(alias, 200));
	if (up) {
		spec = open_attr(nl, IFLA_AF_SPEC);
		inet6 = open_attr(nl, AF_INET6);
		attr(nl, IFLA_INET6_ADDR_GEN_MODE, &none, 1);
		close_attr(nl, inet6);
		close_attr(nl, spec);
	}
}

void
netlink_add_address(struct netlink *nl, unsigned index, const struct ip_addr *addr, unsigned len)
{
	struct ifaddrmsg body = { .ifa_family = (uint8_t)af_of(addr->family),
				  .ifa_prefixlen = (uint8_t)len,
				  .ifa_flags = IFA_F_NODAD,
				  .ifa_index = index };

	begin(nl, RTM_NEWADDR, NLM_F_CREATE | NLM_F_REPLACE, &body, sizeof body);
	attr(nl, IFA_LOCAL, addr->octets, addr_len(addr));
	attr(nl, IFA_ADDRESS, addr->octets, addr_len(addr));
}

void
netlink_set_neighbour(struct netlink *nl, unsigned index, const struct ip_addr *addr,
		      const uint8_t mac[6])
{
	struct ndmsg body = { .ndm_family = (uint8_t)af_of(addr->family),
			      .ndm_ifindex = (int)index,
			      .ndm_state = NUD_PERMANENT };

	begin(nl, RTM_NEWNEIGH, NLM_F_CREATE | NLM_F_REPLACE, &body, sizeof body);
	attr(nl, NDA_DST, addr->octets, addr_len(addr));
	attr(nl, NDA_LLADDR, mac, 6);
}

void
netlink_set_rate(struct netlink *nl, unsigned index, uint64_t rate_bps)
{
	struct tcmsg qdisc = { .tcm_ifindex = (int)index,
			       .tcm_handle = 0x10000,
			       .tcm_parent = TC_H_ROOT };
	struct tcmsg class = { .tcm_ifindex = (int)index,
			       .tcm_handle = 0x10001,
			       .tcm_parent = 0x10000 };
	struct tc_htb_glob glob = { .version = 3, .rate2quantum = 10, .defcls = 1 };
	uint64_t rate = rate_bps / 8;
	/* Burst: what 1 ms lets through, at least 64 kB; in ticks of 64 ns. */
	double burst_ns = rate > 64000000 ? 1e6 : 65536 * 1e9 / (double)(rate ? rate : 1);
	struct tc_htb_opt opt = { .quantum = 60000,
				  .buffer = (uint32_t)(burst_ns / 64),
				  .cbuffer = (uint32_t)(burst_ns / 64) };
	size_t at;

	opt.rate.rate = opt.ceil.rate = rate > UINT32_MAX ? UINT32_MAX : (uint32_t)rate;
	opt.rate.linklayer = opt.ceil.linklayer = TC_LINKLAYER_ETHERNET;
	begin(nl, RTM_NEWQDISC, NLM_F_CREATE | NLM_F_REPLACE, &qdisc, sizeof qdisc);
	attr_text(nl, TCA_KIND, "htb");
	at = open_attr(nl, TCA_OPTIONS);
	attr(nl, TCA_HTB_INIT, &glob, sizeof glob);
	close_attr(nl, at);
	begin(nl, RTM_NEWTCLASS, NLM_F_CREATE | NLM_F_REPLACE, &class, sizeof class);
	attr_text(nl, TCA_KIND, "htb");
	at = open_attr(nl, TCA_OPTIONS);
	attr(nl, TCA_HTB_PARMS, &opt, sizeof opt);
	if (rate > UINT32_MAX) {
		attr(nl, TCA_HTB_RATE64, &rate, sizeof rate);
		attr(nl, TCA_HTB_CEIL64, &rate, sizeof rate);
	}
	close_attr(nl, at);
}

void
netlink_add_rule(struct netlink *nl, enum ip_family family, const char *interface, unsigned table)
{
	struct fib_rule_hdr body = { .family = (uint8_t)af_of(family),
				     .table = (uint8_t)table,
				     .action = FR_ACT_TO_TBL };

	begin(nl, RTM_NEWRULE, NLM_F_CREATE | NLM_F_EXCL, &body, sizeof body);
	attr_text(nl, FRA_IIFNAME, interface);
	attr_u32(nl, FRA_PRIORITY, 100);
}

/* --- routes --- */

static void
begin_route(struct netlink *nl, unsigned type, unsigned flags, const struct ip_prefix *prefix,
	    unsigned table)
{
	struct rtmsg body = { .rtm_family = (uint8_t)af_of(prefix->addr.family),
			      .rtm_dst_len = prefix->len,
			      .rtm_table = (uint8_t)(table ? table : RT_TABLE_MAIN),
			      .rtm_protocol = RTPROT_ISIS,
			      .rtm_scope = RT_SCOPE_UNIVERSE,
			      .rtm_type = RTN_UNICAST };

	begin(nl, type, flags, &body, sizeof body);
	if (prefix->len > 0)
		attr(nl, RTA_DST, prefix->addr.octets, addr_len(&prefix->addr));
}

/* A type 4 routing header (RFC 8754): the last segment first. */
static void
put_srh(struct netlink *nl, const uint8_t (*segments)[16], size_t n)
{
	uint8_t head[8] = { 0, (uint8_t)(2 * n), 4, (uint8_t)(n - 1), (uint8_t)(n - 1) };

	raw(nl, head, sizeof head);
	for (size_t i = n; i-- > 0;)
		raw(nl, segments[i], 16);
}

static void
put_encapsulation(struct netlink *nl, const struct netlink_hop *hop)
{
	uint16_t type = LWTUNNEL_ENCAP_SEG6;
	uint32_t mode = SEG6_IPTUN_MODE_ENCAP_RED;
	size_t at = open_attr(nl, RTA_ENCAP), srh = open_attr(nl, SEG6_IPTUNNEL_SRH);

	raw(nl, &mode, sizeof mode);
	put_srh(nl, hop->segments, hop->n_segments);
	close_attr(nl, srh);
	close_attr(nl, at);
	attr(nl, RTA_ENCAP_TYPE, &type, sizeof type);
}

static void
put_hop(struct netlink *nl, const struct netlink_hop *hop)
{
	if (hop->gateway.family != IP_NONE)
		attr(nl, RTA_GATEWAY, hop->gateway.octets, addr_len(&hop->gateway));
	if (hop->n_segments > 0)
		put_encapsulation(nl, hop);
}

void
netlink_set_route(struct netlink *nl, const struct ip_prefix *prefix, unsigned table,
		  const struct netlink_hop *hops, size_t n)
{
	size_t at;

	begin_route(nl, RTM_NEWROUTE, NLM_F_CREATE | NLM_F_REPLACE, prefix, table);
	if (n == 1) {
		attr_u32(nl, RTA_OIF, hops[0].interface);
		put_hop(nl, &hops[0]);
		return;
	}
	at = open_attr(nl, RTA_MULTIPATH);
	for (size_t i = 0; i < n; i++) {
		size_t start = nl->used;
		struct rtnexthop h = { .rtnh_ifindex = (int)hops[i].interface };
		unsigned weight = hops[i].weight ? hops[i].weight : 1;

		h.rtnh_hops = (uint8_t)(weight > 256 ? 255 : weight - 1);
		raw(nl, &h, sizeof h);
		put_hop(nl, &hops[i]);
		h.rtnh_len = (uint16_t)(nl->used - start);
		memcpy(nl->buffer + start, &h, sizeof h);
	}
	close_attr(nl, at);
}

static void
put_flavours(struct netlink *nl, const struct netlink_sid *sid)
{
	uint32_t operations = (sid->psp ? 1u << SEG6_LOCAL_FLV_OP_PSP : 0) |
			      (sid->csid_bits > 0 ? 1u << SEG6_LOCAL_FLV_OP_NEXT_CSID : 0);
	uint8_t block = (uint8_t)sid->block_bits, csid = (uint8_t)sid->csid_bits;
	size_t at;

	if (operations == 0)
		return;
	at = open_attr(nl, SEG6_LOCAL_FLAVORS);
	attr_u32(nl, SEG6_LOCAL_FLV_OPERATION, operations);
	if (csid > 0) {
		attr(nl, SEG6_LOCAL_FLV_LCBLOCK_BITS, &block, 1);
		attr(nl, SEG6_LOCAL_FLV_LCNODE_FN_BITS, &csid, 1);
	}
	close_attr(nl, at);
}

void
netlink_set_sid(struct netlink *nl, const struct ip_prefix *prefix, const struct netlink_sid *sid)
{
	uint16_t type = LWTUNNEL_ENCAP_SEG6_LOCAL;
	size_t at;

	begin_route(nl, RTM_NEWROUTE, NLM_F_CREATE | NLM_F_REPLACE, prefix, 0);
	attr_u32(nl, RTA_OIF, sid->interface);
	at = open_attr(nl, RTA_ENCAP);
	attr_u32(nl, SEG6_LOCAL_ACTION, sid->action);
	if (sid->table > 0)
		attr_u32(nl, SEG6_LOCAL_TABLE, sid->table);
	if (sid->next_hop.family != IP_NONE)
		attr(nl, sid->next_hop.family == IP_V4 ? SEG6_LOCAL_NH4 : SEG6_LOCAL_NH6,
		     sid->next_hop.octets, addr_len(&sid->next_hop));
	if (sid->out_interface > 0)
		attr_u32(nl, SEG6_LOCAL_OIF, sid->out_interface);
	if (sid->n_segments > 0) {
		size_t srh = open_attr(nl, SEG6_LOCAL_SRH);

		put_srh(nl, sid->segments, sid->n_segments);
		close_attr(nl, srh);
	}
	put_flavours(nl, sid);
	close_attr(nl, at);
	attr(nl, RTA_ENCAP_TYPE, &type, sizeof type);
}

void
netlink_set_local(struct netlink *nl, enum ip_family family, unsigned table)
{
	struct rtmsg body = { .rtm_family = (uint8_t)af_of(family),
			      .rtm_table = (uint8_t)table,
			      .rtm_protocol = RTPROT_STATIC,
			      .rtm_scope = RT_SCOPE_HOST,
			      .rtm_type = RTN_LOCAL };

	begin(nl, RTM_NEWROUTE, NLM_F_CREATE | NLM_F_REPLACE, &body, sizeof body);
	attr_u32(nl, RTA_OIF, 1); /* lo has index 1 in every namespace */
}

void
netlink_delete_route(struct netlink *nl, const struct ip_prefix *prefix, unsigned table)
{
	begin_route(nl, RTM_DELROUTE, 0, prefix, table);
}

/* --- the source of encapsulated packets: generic netlink --- */

struct generic {
	struct nlmsghdr n;
	struct genlmsghdr g;
	uint8_t attrs[256];
};

/* One request and the first answer to it; the length of the answer, or -1. */
static ssize_t
ask_generic(int fd, struct generic *m, unsigned type, unsigned command, const void *attrs,
	    size_t len)
{
	memset(m, 0, sizeof *m);
	m->n.nlmsg_len = (uint32_t)(NLMSG_HDRLEN + GENL_HDRLEN + len);
	m->n.nlmsg_type = (uint16_t)type;
	m->n.nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
	m->g.cmd = (uint8_t)command;
	m->g.version = 1;
	memcpy(m->attrs, attrs, len);
	if (send(fd, m, m->n.nlmsg_len, 0) < 0)
		return -1;
	return recv(fd, m, sizeof *m, 0);
}

/* The number of the family SEG6, 0 if this kernel has none. */
static unsigned
seg6_family(int fd)
{
	struct {
		struct rtattr head;
		char name[8];
	} attrs = { { (unsigned short)(sizeof(struct rtattr) + 5), CTRL_ATTR_FAMILY_NAME },
		    "SEG6" };
	struct generic m;
	ssize_t n = ask_generic(fd, &m, GENL_ID_CTRL, CTRL_CMD_GETFAMILY, &attrs, sizeof attrs);
	size_t left =
	    n > (ssize_t)(NLMSG_HDRLEN + GENL_HDRLEN) ? (size_t)n - NLMSG_HDRLEN - GENL_HDRLEN : 0;
	unsigned family = 0;

	if (left == 0 || m.n.nlmsg_type == NLMSG_ERROR)
		return 0;
	for (const struct rtattr *a = (const void *)m.attrs; RTA_OK(a, left);
	     a = (const void *)((const uint8_t *)a + RTA_ALIGN(a->rta_len))) {
		if (a->rta_type == CTRL_ATTR_FAMILY_ID) {
			uint16_t id;

			memcpy(&id, RTA_DATA(a), sizeof id);
			family = id;
		}
		left -= RTA_ALIGN(a->rta_len);
	}
	recv(fd, &m, sizeof m, 0); /* the acknowledgement */
	return family;
}

enum pce_status
netlink_set_tunnel_source(const struct ip_addr *addr, struct pce_error *err)
{
	struct {
		struct rtattr head;
		uint8_t addr[16];
	} attrs = { { sizeof attrs, SEG6_ATTR_DST }, { 0 } };
	int fd = open_socket(NETLINK_GENERIC);
	enum pce_status status = PCE_OK;
	struct generic m;
	unsigned family;
	int error = 0;

	if (fd < 0)
		return pce_fail(err, PCE_IO, "no generic netlink: %s", strerror(errno));
	family = seg6_family(fd);
	memcpy(attrs.addr, addr->octets, 16);
	if (family == 0)
		status = pce_fail(err, PCE_UNSUPPORTED, "this kernel has no SRv6 (seg6)");
	else if (ask_generic(fd, &m, family, SEG6_CMD_SET_TUNSRC, &attrs, sizeof attrs) < 0)
		error = -errno;
	else
		memcpy(&error, (uint8_t *)&m + NLMSG_HDRLEN, sizeof error);
	if (error != 0)
		status = pce_fail(err, PCE_IO, "the source of encapsulated packets: %s",
				  strerror(-error));
	close(fd);
	return status;
}
