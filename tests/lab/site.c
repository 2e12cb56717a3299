#define _GNU_SOURCE
#include "tests/lab/site.h"

#include <errno.h>
#include <linux/ethtool.h>
#include <linux/seg6_local.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/lab/space.h"

#define CORE_MTU 2000 /* room for long routing headers */
#define HOST_MTU 1500
#define TABLE_LOCAL 10 /* of hosts: everything is mine */

/* Every router has the same two addresses towards its host; nobody else sees them. */
static const uint8_t router_mac[6] = { 2, 0x6c, 0, 0, 0, 1 }, host_mac[6] = { 2, 0x6c, 0, 0, 0, 2 };
static const uint8_t router_v4[4] = { 100, 64, 0, 1 }, host_v4[4] = { 100, 64, 0, 2 };

static struct ip_addr
side_v6(unsigned last)
{
	uint8_t octets[16] = { 0xfe, 0x80 };

	octets[15] = (uint8_t)last;
	return ip_v6(octets);
}

/* --- namespaces --- */

static enum pce_status
router_settings(uint32_t n, struct pce_error *err)
{
	static const char *const settings[][2] = {
		{ "ipv6/conf/all/forwarding", "1" },
		{ "ipv6/conf/all/seg6_enabled", "1" },
		{ "ipv6/conf/default/seg6_enabled", "1" },
		{ "ipv6/conf/default/accept_dad", "0" },
		{ "ipv6/conf/default/addr_gen_mode", "1" },
		{ "ipv6/conf/all/ignore_routes_with_linkdown", "1" },
		{ "ipv6/conf/default/ignore_routes_with_linkdown", "1" },
		{ "ipv6/fib_multipath_hash_policy", "0" },
		{ "ipv6/seg6_flowlabel", "1" },
		{ "ipv4/ip_forward", "1" },
		{ "ipv4/conf/all/rp_filter", "0" },
		{ "ipv4/conf/default/rp_filter", "0" },
	};
	enum pce_status status = PCE_OK;
	char seed[16];

	for (size_t i = 0; i < sizeof settings / sizeof *settings && !status; i++)
		status = space_sysctl(settings[i][0], settings[i][1], err);
	if (status)
		return status;
	/* Equal seeds would make every router choose alike. Governs IPv6 too. */
	snprintf(seed, sizeof seed, "%u", n * 2654435761u % 1000000007u + 1);
	return space_sysctl("ipv4/fib_multipath_hash_seed", seed, err);
}

static enum pce_status
host_settings(struct pce_error *err)
{
	static const char *const settings[][2] = {
		{ "ipv6/conf/default/accept_dad", "0" },    { "ipv6/conf/default/accept_ra", "0" },
		{ "ipv6/conf/default/addr_gen_mode", "1" }, { "ipv6/auto_flowlabels", "1" },
		{ "ipv4/conf/all/rp_filter", "0" },         { "ipv4/conf/default/rp_filter", "0" },
		{ "ipv4/ip_nonlocal_bind", "1" },           { "ipv6/ip_nonlocal_bind", "1" },
	};
	enum pce_status status = PCE_OK;

	for (size_t i = 0; i < sizeof settings / sizeof *settings && !status; i++)
		status = space_sysctl(settings[i][0], settings[i][1], err);
	return status;
}

static enum pce_status
make_spaces(const struct lab_network *net, struct site *sites, uint32_t n, struct pce_error *err)
{
	const struct lab_router *r = &net->routers[n];
	struct site *s = &sites[n];
	char name[sizeof r->space + 8];
	enum pce_status status = space_make(r->space, &s->space, err);

	if (!status)
		status = router_settings(n, err);
	if (!status)
		status = netlink_open(r->name, &s->nl, err);
	if (!status)
		status = netlink_open(r->name, &s->policy_nl, err);
	if (!status)
		status = netlink_set_tunnel_source(&r->address, err);
	if (status)
		return status;
	s->counters = fopen("/proc/thread-self/net/dev", "re");
	if (s->counters == NULL)
		return pce_fail(err, PCE_IO, "%s: no counters: %s", r->name, strerror(errno));
	if (!r->edge)
		return PCE_OK;
	snprintf(name, sizeof name, "%s.host", r->space);
	status = space_make(name, &s->host_space, err);
	return status ? status : host_settings(err);
}

/* --- interfaces --- */

static void
pair_routers(const struct lab_network *net, struct site *sites, struct netlink *nl, uint32_t link)
{
	const struct lab_link *l = &net->links[link];
	char near_name[16], far_name[16];
	struct netlink_end near_end = { .space = sites[l->row->from].space,
					.name = near_name,
					.index = l->interface };
	struct netlink_end far_end = { .space = sites[l->row->to].space,
				       .name = far_name,
				       .index = l->far_interface };

	if (l->reverse != LAB_NONE && l->reverse < link)
		return;
	snprintf(near_name, sizeof near_name, "e%u", link);
	snprintf(far_name, sizeof far_name, "e%u",
		 l->reverse != LAB_NONE ? l->reverse : net->n_links + link);
	memcpy(near_end.mac, l->mac, 6);
	memcpy(far_end.mac, l->far_mac, 6);
	netlink_add_veth(nl, &near_end, &far_end);
}

static void
pair_host(struct site *s)
{
	struct netlink_end router = { .space = s->space,
				      .name = "h0",
				      .index = SITE_INTERFACE_HOST };
	struct netlink_end host = { .space = s->host_space, .name = "e0", .index = 4 };

	memcpy(router.mac, router_mac, 6);
	memcpy(host.mac, host_mac, 6);
	netlink_add_veth(s->nl, &router, &host);
}

/* --- SIDs --- */

/* What the kernel makes of a behaviour (IANA's numbers), 0: nothing. The flavours of one behaviour
 * are numbered in a row; of those the kernel has PSP, on End. */
static unsigned
action_of(uint16_t behavior, bool *psp, bool *csid)
{
	*psp = false;
	*csid = (behavior >= 43 && behavior <= 50) || (behavior >= 52 && behavior <= 59);
	if ((behavior >= 1 && behavior <= 4) || (behavior >= 28 && behavior <= 31)) {
		*psp = behavior <= 4 ? behavior % 2 == 0 : behavior % 2 == 1;
		return SEG6_LOCAL_ACTION_END;
	}
	if (behavior >= 43 && behavior <= 50)
		return SEG6_LOCAL_ACTION_END;
	if ((behavior >= 5 && behavior <= 8) || (behavior >= 32 && behavior <= 35) ||
	    (behavior >= 52 && behavior <= 59))
		return SEG6_LOCAL_ACTION_END_X;
	if (behavior == TED_BEHAVIOR_END_DT6 || behavior == TED_BEHAVIOR_END_DT46)
		return SEG6_LOCAL_ACTION_END_DT6;
	return behavior == TED_BEHAVIOR_END_DT4 ? SEG6_LOCAL_ACTION_END_DX4 : 0;
}

/* One SID; link LAB_NONE for those of the node. */
static void
put_sid(const struct lab_network *net, struct netlink *nl, const struct ted_sid *sid, uint32_t link)
{
	static const uint8_t any[4];
	struct netlink_sid local = { .interface = SITE_INTERFACE_SIDS };
	struct ip_prefix prefix = { ip_v6(sid->sid), 128 };
	unsigned csid_bits = sid->structure.node + sid->structure.function;
	bool csid;

	local.action = action_of(sid->behavior, &local.psp, &csid);
	if (local.action == 0 || sid->algorithm != 0)
		return;
	if (csid && csid_bits > 0) {
		local.block_bits = sid->structure.block;
		local.csid_bits = csid_bits;
		prefix.len = (uint8_t)(local.block_bits + csid_bits);
	}
	if (local.action == SEG6_LOCAL_ACTION_END_X) {
		if (link == LAB_NONE)
			return;
		local.next_hop = net->links[link].remote;
		local.interface = local.out_interface = net->links[link].interface;
	} else if (local.action == SEG6_LOCAL_ACTION_END_DT6) {
		local.table = SITE_TABLE_CUSTOMERS;
	} else if (local.action == SEG6_LOCAL_ACTION_END_DX4) {
		local.next_hop = ip_v4(any); /* looks the packet up in main, as End.DT4 would */
	}
	netlink_set_sid(nl, &prefix, &local);
}

static void
put_router_sids(const struct lab_network *net, struct netlink *nl, const struct lab_router *r)
{
	struct netlink_sid transit = { .action = SEG6_LOCAL_ACTION_END_DT6,
				       .interface = SITE_INTERFACE_SIDS,
				       .table = SITE_TABLE_MAIN };
	struct ip_prefix prefix = { ip_v6(r->transit), 128 };
	struct ted_sid service = { .behavior = TED_BEHAVIOR_END_DT6 };

	netlink_set_sid(nl, &prefix, &transit);
	memcpy(service.sid, r->service6, 16);
	put_sid(net, nl, &service, LAB_NONE);
	service.behavior = TED_BEHAVIOR_END_DT4;
	memcpy(service.sid, r->service4, 16);
	put_sid(net, nl, &service, LAB_NONE);
	for (size_t i = 0; i < r->row->n_sids; i++)
		put_sid(net, nl, &r->row->sids[i], LAB_NONE);
}

/* --- what a router and its host have --- */

void
site_set_neighbour(const struct lab_network *net, struct site *sites, uint32_t link,
		   enum site_neighbour which)
{
	const struct lab_link *l = &net->links[link];
	uint8_t mac[6];

	memcpy(mac, l->far_mac, 6);
	if (which != SITE_NEIGHBOUR_REAL)
		mac[0] |= which == SITE_NEIGHBOUR_WIRE ? SITE_WIRE_BIT : 8;
	netlink_set_neighbour(sites[l->row->from].nl, l->interface, &l->remote, mac);
}

void
site_interface_up(const struct lab_network *net, struct site *sites, uint32_t link)
{
	const struct lab_link *l = &net->links[link];
	struct netlink *nl = sites[l->row->from].nl;

	netlink_set_link(nl, l->interface, true, CORE_MTU, NULL);
	netlink_add_address(nl, l->interface, &l->local, 64);
	site_set_neighbour(net, sites, link, SITE_NEIGHBOUR_REAL);
	for (size_t i = 0; i < l->row->n_sids; i++)
		put_sid(net, nl, &l->row->sids[i], link);
}

void
site_interface_down(struct site *sites, const struct lab_network *net, uint32_t link)
{
	netlink_set_link(sites[net->links[link].row->from].nl, net->links[link].interface, false, 0,
			 NULL);
}

static void
put_link(const struct lab_network *net, struct site *sites, uint32_t link)
{
	const struct lab_link *l = &net->links[link];
	struct netlink *nl = sites[l->row->from].nl;

	netlink_set_link(nl, l->interface, false, CORE_MTU, l->row->name);
	if (l->row->capacity_bps > 0 && l->row->capacity_bps != UINT64_MAX)
		netlink_set_rate(nl, l->interface, l->row->capacity_bps);
	site_interface_up(net, sites, link);
}

static void
put_towards_host(struct netlink *nl)
{
	struct ip_prefix all6 = { { .family = IP_V6 }, 0 }, all4 = { { .family = IP_V4 }, 0 };
	struct ip_addr own6 = side_v6(1), own4 = ip_v4(router_v4), host4 = ip_v4(host_v4);
	struct netlink_hop hop = { .interface = SITE_INTERFACE_HOST, .gateway = side_v6(2) };

	netlink_set_link(nl, SITE_INTERFACE_HOST, true, HOST_MTU, NULL);
	netlink_add_address(nl, SITE_INTERFACE_HOST, &own6, 64);
	netlink_add_address(nl, SITE_INTERFACE_HOST, &own4, 30);
	netlink_set_neighbour(nl, SITE_INTERFACE_HOST, &hop.gateway, host_mac);
	netlink_set_neighbour(nl, SITE_INTERFACE_HOST, &host4, host_mac);
	netlink_set_route(nl, &all6, SITE_TABLE_CUSTOMERS, &hop, 1);
	hop.gateway = host4;
	netlink_set_route(nl, &all4, 0, &hop, 1);
	netlink_add_rule(nl, IP_V6, "h0", SITE_TABLE_POLICIES);
	netlink_add_rule(nl, IP_V4, "h0", SITE_TABLE_POLICIES);
}

static enum pce_status
fill_router(const struct lab_network *net, struct site *sites, uint32_t n, struct pce_error *err)
{
	const struct lab_router *r = &net->routers[n];
	struct netlink *nl = sites[n].nl;

	netlink_set_link(nl, 1, true, 0, NULL);
	netlink_add_ifb(nl, "sr0", SITE_INTERFACE_SIDS);
	netlink_set_link(nl, SITE_INTERFACE_SIDS, true, 0, NULL);
	netlink_add_address(nl, 1, &r->address, 128);
	for (size_t i = 0; i < r->n_out; i++)
		put_link(net, sites, r->out[i]);
	if (r->edge)
		put_towards_host(nl);
	put_router_sids(net, nl, r);
	return netlink_flush(nl, err);
}

/* Interfaces at the end of links that the file has in one direction only. */
static enum pce_status
fill_far_end(const struct lab_network *net, struct site *sites, uint32_t link,
	     struct pce_error *err)
{
	const struct lab_link *l = &net->links[link];
	struct netlink *nl = sites[l->row->to].nl;

	if (l->reverse != LAB_NONE)
		return PCE_OK;
	netlink_set_link(nl, l->far_interface, true, CORE_MTU, l->row->name);
	netlink_add_address(nl, l->far_interface, &l->remote, 64);
	netlink_set_neighbour(nl, l->far_interface, &l->local, l->mac);
	return netlink_flush(nl, err);
}

/* Packets of hosts carry whole checksums, so that a damaged one is found out at its end. */
static void
whole_checksums(void)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	static const uint32_t commands[] = { ETHTOOL_STSO, ETHTOOL_SGSO, ETHTOOL_STXCSUM };
	struct ifreq request = { .ifr_name = "e0" };

	for (size_t i = 0; fd >= 0 && i < 3; i++) {
		struct ethtool_value off = { .cmd = commands[i], .data = 0 };

		request.ifr_data = (void *)&off;
		ioctl(fd, SIOCETHTOOL, &request);
	}
	if (fd >= 0)
		close(fd);
}

static enum pce_status
fill_host(const struct lab_network *net, struct site *sites, uint32_t n, struct pce_error *err)
{
	struct ip_prefix all6 = { { .family = IP_V6 }, 0 }, all4 = { { .family = IP_V4 }, 0 };
	struct ip_addr own6 = side_v6(2), router4 = net->routers[n].customers4.addr;
	struct ip_addr customer6 = net->routers[n].customers6.addr;
	struct ip_addr customer4 = net->routers[n].customers4.addr;
	struct netlink_hop hop = { .interface = 4, .gateway = side_v6(1) };
	struct netlink *nl;
	enum pce_status status = space_enter(sites[n].host_space, err);

	if (!status)
		status = netlink_open(net->routers[n].name, &nl, err);
	if (status)
		return status;
	whole_checksums();
	/* Its IPv4 address is the customers', or all hosts would have the same source. */
	customer6.octets[15] = customer4.octets[3] = 2;
	router4.octets[3] = 1;
	netlink_set_link(nl, 1, true, 0, NULL);
	netlink_set_link(nl, 4, true, HOST_MTU, NULL);
	netlink_add_address(nl, 4, &own6, 64);
	netlink_add_address(nl, 4, &customer6, 64);
	netlink_add_address(nl, 4, &customer4, 24);
	netlink_set_neighbour(nl, 4, &hop.gateway, router_mac);
	netlink_set_neighbour(nl, 4, &router4, router_mac);
	netlink_set_route(nl, &all6, 0, &hop, 1);
	hop.gateway = router4;
	netlink_set_route(nl, &all4, 0, &hop, 1);
	netlink_add_rule(nl, IP_V6, "e0", TABLE_LOCAL);
	netlink_add_rule(nl, IP_V4, "e0", TABLE_LOCAL);
	netlink_set_local(nl, IP_V6, TABLE_LOCAL);
	netlink_set_local(nl, IP_V4, TABLE_LOCAL);
	status = netlink_flush(nl, err);
	netlink_close(nl);
	return status;
}

/* --- all of it --- */

static enum pce_status
make_all(struct lab_network *net, struct site *sites, struct pce_error *err)
{
	enum pce_status status = PCE_OK;

	for (uint32_t n = 0; n < net->n_routers && !status; n++)
		status = make_spaces(net, sites, n, err);
	for (uint32_t k = 0; k < net->n_links && !status; k++)
		pair_routers(net, sites, sites[0].nl, k);
	if (!status && net->n_routers > 0)
		status = netlink_flush(sites[0].nl, err);
	for (uint32_t n = 0; n < net->n_routers && !status; n++) {
		if (net->routers[n].edge)
			pair_host(&sites[n]);
		status = fill_router(net, sites, n, err);
		if (!status && net->routers[n].edge)
			status = fill_host(net, sites, n, err);
	}
	for (uint32_t k = 0; k < net->n_links && !status; k++)
		status = fill_far_end(net, sites, k, err);
	return status;
}

enum pce_status
site_make(struct lab_network *net, struct site *sites, struct pce_error *err)
{
	int home = space_here();
	enum pce_status status, back;

	if (home < 0)
		return pce_fail(err, PCE_IO, "no network namespaces here: %s", strerror(errno));
	status = make_all(net, sites, err);
	back = space_enter(home, status ? NULL : err);
	close(home);
	return status ? status : back;
}

void
site_close(struct site *sites, uint32_t n)
{
	for (uint32_t i = 0; sites != NULL && i < n; i++) {
		struct site *s = &sites[i];

		netlink_close(s->nl);
		netlink_close(s->policy_nl);
		if (s->counters != NULL)
			fclose(s->counters);
		if (s->space >= 0)
			close(s->space);
		if (s->host_space >= 0)
			close(s->host_space);
		*s = (struct site){ .space = -1, .host_space = -1 };
	}
}
