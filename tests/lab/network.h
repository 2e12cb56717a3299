/*
 * The network of the lab: what a topology file says, as routers and directed links with the numbers
 * that the rest of the lab works with. A router is a row of the TED, a link a row of it; a link's
 * interface sits at the router that it leaves. The state of links and routers (up or down, as the
 * network itself knows it) is kept here too: the IGP reads it, and the BGP-LS speaker tells it.
 *
 * Numbers of router n, counted from 1: address and names of what hangs on it.
 *   fd6b:n::1         the router, where the file gives no IPv6 router id
 *   2001:db8:6b:n::/64 and 10.h.l.0/24 (h, l: the two octets of n)   its customers; the host is ::2
 * and .2
 */
#ifndef TESTS_LAB_NETWORK_H
#define TESTS_LAB_NETWORK_H

#include "models/import/import.h"
#include "pce/ted/ted.h"

#define LAB_NONE UINT32_MAX

struct lab_link {
	const struct ted_link_row *row;
	const struct ted_delta *delta; /* as the speaker announces it */
	uint32_t reverse; /* LAB_NONE: this direction only */
	uint32_t twin; /* the end of the fibre that the interface is paired with: reverse, or the
			  link itself where there is none */
	unsigned interface, far_interface; /* indexes at its head and at its end */
	uint8_t mac[6], far_mac[6];
	struct ip_addr local, remote; /* link-local addresses at its head and at its end */
	bool cut; /* the fibre is cut, and both ends see it */
	bool usable; /* as the file says */
};

struct lab_router {
	const struct ted_node_row *row;
	const char *name;
	char space[160]; /* name of its namespace; that of its host has ".host" behind */
	struct ip_addr address; /* of its own, IPv6 */
	struct ip_prefix customers6, customers4;
	uint8_t service6[16], service4[16]; /* SIDs that decapsulate to its host */
	uint8_t transit[16]; /* one that decapsulates and forwards, as End with USD would */
	const uint32_t *out; /* links that leave it */
	size_t n_out;
	bool edge; /* a host hangs on it */
	bool stopped;
};

struct lab_network {
	struct codec_topology topology;
	struct ted *ted;
	uint32_t n_routers, n_links;
	struct lab_router *routers;
	struct lab_link *links;
	char **notes; /* what the kernel cannot do of this network */
	size_t n_notes, notes_cap;
};

/*
 * Reads a topology of any format. name is the name of the lab, with which namespaces begin.
 * PCE_UNSUPPORTED for what cannot be built: LANs, routers without locator, more than 4000 routers.
 */
enum pce_status lab_network_read(const char *file, const char *name, struct lab_network *out,
				 struct pce_error *err);
/* Frees everything; a zeroed one is empty. */
void lab_network_free(struct lab_network *network);

/* True if the IGP uses the link: not cut, both routers run, the file has it up. */
bool lab_link_up(const struct lab_network *network, uint32_t link);
/* A link by its name. LAB_NONE if there is none. */
uint32_t lab_find_link(const struct lab_network *network, const char *name);
/* A router by its name, or by an address or SID inside of a locator of it. LAB_NONE. */
uint32_t lab_find_router(const struct lab_network *network, const char *name);
uint32_t lab_router_of(const struct lab_network *network, const uint8_t addr[16]);
/* The locator of algorithm 0 that comes first, or NULL. */
const struct ted_prefix_row *lab_locator(const struct lab_router *router);

#endif
