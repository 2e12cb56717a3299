/*
 * What the TED costs: a feed of 80 000 NLRIs (10 000 nodes, 50 000 half-links with the attributes
 * that routers send, 10 000 locators, 10 000 End SIDs) applied and settled, then single changes and
 * forks. Prints one line per figure. Run: bench_ted [settles during the load].
 */
#define _GNU_SOURCE
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "pce/ted/ted.h"

#define NODES 10000u
#define FIBRES 25000u
#define PEER ((struct ted_source){ TED_SOURCE_BGPLS, 1 })

static double
cpu_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static void
check(enum pce_status status, const struct pce_error *err)
{
	if (status) {
		fprintf(stderr, "bench_ted: %s\n", err->text);
		exit(1);
	}
}

static struct ted_node_key
node_key(uint32_t i)
{
	struct ted_node_key k = { .protocol = TED_PROTOCOL_ISIS_L2,
				  .asn = 65000,
				  .router_id_len = 6 };

	for (unsigned b = 0; b < 4; b++)
		k.router_id[5 - b] = (uint8_t)(i >> (8 * b));
	return k;
}

static void
address(uint8_t out[16], uint8_t kind, uint32_t number, uint8_t last)
{
	memset(out, 0, 16);
	out[0] = 0xfd;
	out[1] = kind;
	for (unsigned b = 0; b < 4; b++)
		out[2 + b] = (uint8_t)(number >> (8 * (3 - b)));
	out[15] = last;
}

/* Fibre i between nodes; the first 10 000 make a ring, so that everything is connected. */
static void
ends(uint32_t i, uint32_t *a, uint32_t *b)
{
	uint64_t h = (i + 1) * 0x9e3779b97f4a7c15ULL;

	*a = i < NODES ? i : (uint32_t)(h >> 33) % NODES;
	*b = i < NODES ? (i + 1) % NODES : (*a + 1 + (uint32_t)(h & 0xffff) % (NODES - 1)) % NODES;
}

static struct ted_delta
link_delta(uint32_t i, bool forward, uint32_t metric, struct ted_sid *sid, uint32_t *affinity,
	   uint32_t *srlg)
{
	struct ted_delta d = { .object = TED_OBJECT_LINK };
	struct ted_link_attr *at = &d.attr.link;
	uint8_t one[16], two[16];
	uint32_t a, b;

	ends(i, &a, &b);
	address(one, 1, i, forward ? 1 : 2);
	address(two, 1, i, forward ? 2 : 1);
	d.key.link.local = node_key(forward ? a : b);
	d.key.link.remote = node_key(forward ? b : a);
	d.key.link.v6_local = ip_v6(one);
	d.key.link.v6_remote = ip_v6(two);
	address(sid->sid, 2, forward ? a : b, (uint8_t)i);
	sid->behavior = TED_BEHAVIOR_END_X_PSP;
	sid->structure = (struct ted_sid_structure){ 32, 16, 16, 0 };
	*affinity = i;
	*srlg = i;
	at->present = TED_LINK_IGP_METRIC | TED_LINK_TE_METRIC | TED_LINK_CAPACITY |
		      TED_LINK_RESERVABLE | TED_LINK_UNRESERVED | TED_LINK_DELAY |
		      TED_LINK_DELAY_RANGE | TED_LINK_AFFINITY | TED_LINK_SRLG | TED_LINK_SIDS;
	at->igp_metric = at->te_metric = metric;
	at->capacity_bps = at->reservable_bps = 10000000000u;
	at->delay_us = at->delay_min_us = at->delay_max_us = 100 + i % 1000;
	at->affinity = affinity;
	at->srlg = srlg;
	at->sids = sid;
	at->n_affinity = at->n_srlg = at->n_sids = 1;
	return d;
}

static void
apply(struct ted *ted, const struct ted_delta *d)
{
	struct pce_error err;

	check(ted_apply(ted, PEER, d, 1, &err), &err);
}

static size_t
settle(struct ted *ted)
{
	const struct ted_change *changes;
	struct pce_error err;
	size_t n;

	check(ted_settle(ted, &changes, &n, &err), &err);
	return n;
}

static void
say_node(struct ted *ted, uint32_t i)
{
	struct ted_delta node = { .object = TED_OBJECT_NODE, .key.node = node_key(i) };
	struct ted_delta prefix = { .object = TED_OBJECT_PREFIX, .key.prefix.node = node_key(i) };
	struct ted_delta sid = { .object = TED_OBJECT_SID, .key.sid.node = node_key(i) };
	struct ted_msd msd[2] = { { TED_MSD_SEGMENTS_LEFT, 8 }, { TED_MSD_H_ENCAPS, 10 } };
	char name[32];
	uint8_t octets[16];

	snprintf(name, sizeof(name), "router-%05u", i);
	node.attr.node.present =
	    TED_NODE_NAME | TED_NODE_MSD | TED_NODE_SRV6 | TED_NODE_ROUTER_ID_V6;
	node.attr.node.name = name;
	node.attr.node.msd = msd;
	node.attr.node.n_msd = 2;
	address(octets, 3, i, 1);
	node.attr.node.router_id_v6 = ip_v6(octets);
	apply(ted, &node);
	address(octets, 2, i, 0);
	prefix.key.prefix.prefix = (struct ip_prefix){ ip_v6(octets), 48 };
	prefix.attr.prefix.has_locator = true;
	apply(ted, &prefix);
	octets[15] = 1;
	memcpy(sid.key.sid.sid, octets, 16);
	sid.attr.sid.behavior = TED_BEHAVIOR_END_PSP;
	apply(ted, &sid);
}

static void
say_link(struct ted *ted, uint32_t i, bool forward, uint32_t metric)
{
	struct ted_sid sid = { 0 };
	uint32_t affinity, srlg;
	struct ted_delta d = link_delta(i, forward, metric, &sid, &affinity, &srlg);

	apply(ted, &d);
}

static void
load(struct ted *ted, unsigned settles)
{
	unsigned every = settles > 1 ? FIBRES / settles : FIBRES + 1;

	for (uint32_t i = 0; i < NODES; i++)
		say_node(ted, i);
	for (uint32_t i = 0; i < FIBRES; i++) {
		say_link(ted, i, true, 10);
		say_link(ted, i, false, 10);
		if (i % every == every - 1)
			settle(ted);
	}
}

static void
changes(struct ted *ted)
{
	struct ted_sid sid = { 0 };
	uint32_t affinity, srlg;
	double start = cpu_us();

	for (uint32_t i = 0; i < 1000; i++) {
		say_link(ted, i, true, 11);
		settle(ted);
	}
	printf("metric change and settle: %.2f us\n", (cpu_us() - start) / 1000);
	start = cpu_us();
	for (uint32_t i = 0; i < 1000; i++) {
		struct ted_delta d = link_delta(i, true, 11, &sid, &affinity, &srlg);

		d.op = TED_DELETE;
		apply(ted, &d);
		settle(ted);
		say_link(ted, i, true, 11);
		settle(ted);
	}
	printf("withdrawal and return, each settled: %.2f us\n", (cpu_us() - start) / 2000);
}

static void
forks(struct ted *ted)
{
	struct pce_error err;
	double start = cpu_us();

	for (unsigned i = 0; i < 100; i++) {
		struct ted *fork;

		check(ted_fork(ted, &fork, &err), &err);
		check(ted_fail_link(fork, i), &err);
		ted_free(fork);
	}
	printf("fork, fail a link, free: %.1f us\n", (cpu_us() - start) / 100);
}

static void
events(struct ted *ted)
{
	struct pce_error err;
	double start = cpu_us();

	check(ted_source(ted, PEER, TED_SOURCE_LOST, &err), &err);
	settle(ted);
	printf("session lost, everything stale: %.1f ms\n", (cpu_us() - start) / 1000);
}

int
main(int argc, char **argv)
{
	unsigned settles = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 10) : 1;
	size_t before = mallinfo2().uordblks + mallinfo2().hblkhd, after;
	const unsigned nlris = 3 * NODES + 2 * FIBRES;
	struct ted_counters counters;
	struct ted *ted;
	struct pce_error err;
	double start = cpu_us(), applied, settled;

	check(ted_new(&ted, 1, &err), &err);
	load(ted, settles);
	applied = cpu_us();
	settle(ted);
	settled = cpu_us();
	after = mallinfo2().uordblks + mallinfo2().hblkhd;
	ted_count(ted, &counters);
	printf("usable: %llu nodes, %llu links\n", (unsigned long long)counters.usable_nodes,
	       (unsigned long long)counters.usable_links);
	printf("apply: %.3f us per NLRI%s\n", (applied - start) / nlris,
	       settles > 1 ? " (with settles in between)" : "");
	printf("last settle: %.3f us per NLRI, %.1f ms\n", (settled - applied) / nlris,
	       (settled - applied) / 1000);
	printf("memory: %.0f bytes per NLRI\n", (double)(after - before) / nlris);
	changes(ted);
	forks(ted);
	events(ted);
	ted_free(ted);
	return 0;
}
