/*
 * A small writer of rtnetlink: messages are gathered in a buffer and handed to the kernel many at a
 * time, because a network of some hundred routers is a quarter of a million routes. Only the last
 * message of a batch asks to be acknowledged; a refused one answers in any case, and the first
 * refusal that was not allowed is the error of the flush.
 *
 * A socket belongs to the network namespace in which it was opened, for good; so whoever holds it
 * can configure that namespace from anywhere. One socket is for one thread at a time.
 */
#ifndef TESTS_LAB_NETLINK_H
#define TESTS_LAB_NETLINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pce/base/addr.h"
#include "pce/base/status.h"

struct netlink;

/* A next hop of a route: through an interface, to a gateway (IP_NONE: the interface alone), with
 * the segments that are pushed (none: plain). */
struct netlink_hop {
	unsigned interface;
	struct ip_addr gateway;
	unsigned weight; /* 0: 1 */
	const uint8_t (*segments)[16]; /* in the order of travel */
	size_t n_segments;
};

/* What a local SID does (enum of <linux/seg6_local.h>) and what it needs. */
struct netlink_sid {
	unsigned action;
	unsigned interface; /* that the route hangs on; not lo, where all is lost */
	unsigned out_interface; /* End.X with a link-local next hop; 0 none */
	unsigned table; /* End.DT6; 0 none */
	struct ip_addr next_hop; /* End.X, End.DX4; IP_NONE none */
	bool psp;
	unsigned block_bits, csid_bits; /* NEXT-CSID flavour; 0 none */
	const uint8_t (*segments)[16]; /* End.B6.Encaps */
	size_t n_segments;
};

/* Opens a socket in the namespace at hand; name is for errors. Caller owns *out. */
enum pce_status netlink_open(const char *name, struct netlink **out, struct pce_error *err);
/* Closes it; what is not flushed is lost. NULL does nothing. */
void netlink_close(struct netlink *nl);
/* Sends what was gathered, waits for the kernel; the first refusal since the last flush. */
enum pce_status netlink_flush(struct netlink *nl, struct pce_error *err);
/* From now on these refusals count as done: of what exists already, or is not there (any more). */
void netlink_tolerate(struct netlink *nl, bool tolerate);

/* A pair of interfaces between two namespaces, given as descriptors, with indexes and addresses of
 * their own. Equal indexes would make the kernel late in telling that the other end went down. */
struct netlink_end {
	int space;
	const char *name;
	unsigned index;
	uint8_t mac[6];
};
void netlink_add_veth(struct netlink *nl, const struct netlink_end *a, const struct netlink_end *b);
/* A device that loses what it is given, on which SIDs hang. */
void netlink_add_ifb(struct netlink *nl, const char *name, unsigned index);
/* Up or down; mtu 0 and alias NULL leave those alone. No link-local address is made. */
void netlink_set_link(struct netlink *nl, unsigned index, bool up, unsigned mtu, const char *alias);
/* Gives an address to an interface, without duplicate detection. */
void netlink_add_address(struct netlink *nl, unsigned index, const struct ip_addr *addr,
			 unsigned len);
/* A permanent neighbour. */
void netlink_set_neighbour(struct netlink *nl, unsigned index, const struct ip_addr *addr,
			   const uint8_t mac[6]);
/* A rate for all that leaves an interface (HTB with one class), bits per second. */
void netlink_set_rate(struct netlink *nl, unsigned index, uint64_t rate_bps);
/* Packets that come in by the interface of that name look into a table first. */
void netlink_add_rule(struct netlink *nl, enum ip_family family, const char *interface,
		      unsigned table);
/* Makes a route or replaces the one of the same prefix; table 0: main. */
void netlink_set_route(struct netlink *nl, const struct ip_prefix *prefix, unsigned table,
		       const struct netlink_hop *hops, size_t n);
/* Makes a local SID or replaces it. */
void netlink_set_sid(struct netlink *nl, const struct ip_prefix *prefix,
		     const struct netlink_sid *sid);
/* Everything of that table counts as addressed to this namespace. */
void netlink_set_local(struct netlink *nl, enum ip_family family, unsigned table);
/* Removes a route or SID. */
void netlink_delete_route(struct netlink *nl, const struct ip_prefix *prefix, unsigned table);
/* The source address of what this namespace encapsulates; at once, not gathered. */
enum pce_status netlink_set_tunnel_source(const struct ip_addr *addr, struct pce_error *err);

#endif
