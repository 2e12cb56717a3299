/*
 * What stands still in the kernel: the namespaces of routers and hosts, the interfaces between them
 * with their rates, addresses and neighbours, and the local SIDs. All that the IGP and the policies
 * change is elsewhere (forward.h, policies.h).
 *
 * A router has lo with its address, sr0 on which SIDs hang, eN for each link (N: the link's row),
 * h0 to its host. Packets from h0 look into table 200 first (the policies); SIDs that decapsulate
 * look into table 100 (IPv6) or main (IPv4), where everything is at the host. The host takes every
 * address for its own in what comes in by e0, so it stands for all customers of its router.
 */
#ifndef TESTS_LAB_SITE_H
#define TESTS_LAB_SITE_H

#include <stdio.h>

#include "tests/lab/netlink.h"
#include "tests/lab/network.h"

#define SITE_TABLE_CUSTOMERS 100
#define SITE_TABLE_MAIN 254
#define SITE_TABLE_POLICIES 200
#define SITE_INTERFACE_SIDS 2 /* index of sr0 */
#define SITE_INTERFACE_HOST 3 /* index of h0 */

struct site {
	int space, host_space; /* -1: not made */
	struct netlink *nl; /* for the IGP and the faults */
	struct netlink *policy_nl; /* for the policies, which another thread installs */
	FILE *counters; /* /proc/net/dev of its namespace, kept open */
};

/* Makes everything; sites[routers] must be zeroed with descriptors -1. The thread is back in its
 * namespace afterwards. On failure what was made stays until site_close and space_remove_all. */
enum pce_status site_make(struct lab_network *network, struct site *sites, struct pce_error *err);
/* Closes what holds the namespaces, so that they end when their names go. */
void site_close(struct site *sites, uint32_t n);

/* Brings the interface at the head of a link up, with all that the kernel forgot when it went down:
 * addresses, neighbours, SIDs. Gathered in the router's socket. */
void site_interface_up(const struct lab_network *network, struct site *sites, uint32_t link);
/* And down. */
void site_interface_down(struct site *sites, const struct lab_network *network, uint32_t link);
/*
 * The neighbour at the end of a link: with its own address; with one that nobody has, so that
 * packets leave and vanish and nothing is signalled; or with one that only a wire (wires.h) takes,
 * which hands on what it does not lose.
 */
enum site_neighbour { SITE_NEIGHBOUR_REAL, SITE_NEIGHBOUR_NOBODY, SITE_NEIGHBOUR_WIRE };
#define SITE_WIRE_BIT 4 /* in the first octet of the hardware address */
void site_set_neighbour(const struct lab_network *network, struct site *sites, uint32_t link,
			enum site_neighbour which);

#endif
