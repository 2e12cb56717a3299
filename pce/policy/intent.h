/*
 * Intents: what a user wants of the network, as plain data. Everything is named (nodes, links,
 * affinities), nothing is a row number: an intent outlives restarts and relearnt topologies.
 * Strings and arrays belong to the arena that the intent was made in.
 */
#ifndef PCE_POLICY_INTENT_H
#define PCE_POLICY_INTENT_H

#include "pce/base/addr.h"
#include "pce/base/arena.h"
#include "pce/path/request.h"

struct name_list {
	const char *const *names;
	size_t n;
};

struct intent {
	const char *id;
	const char *description; /* NULL without one */
	const char *from, *to; /* node names or router ids */
	enum path_objective objective;
	enum path_disjoint disjoint; /* other than NONE: a primary and a backup candidate path */
	enum path_pair pair; /* how the two are judged */
	bool bidirectional; /* a policy each way */
	bool co_routed; /* both directions over the same fibres; only if bidirectional, not loose,
			   without a guarantee */
	bool keep_if_unplaced; /* admitted as failed when there is no path now */
	uint8_t priority; /* 0 is the most important, 7 the least (RFC 3209); default 4 */
	uint64_t bandwidth_bps; /* floor and booking, 0 none */
	uint64_t max_delay_us, max_te, max_igp, max_hops, max_sids; /* PATH_NO_BOUND: none */
	struct name_list include_any, include_all, exclude_any; /* affinity names or bit numbers */
	struct name_list avoid_nodes, avoid_links, avoid_srlgs;
	struct name_list via, via_services;
	const char *slice; /* NULL: any */
	bool loose; /* any equal-cost branch that satisfies the constraints will do; else exactly
		       the links of the path */
	double guarantee; /* 0: not asked */
	uint32_t max_lists;

	uint32_t color; /* 0: Karst picks one from its range */
	const struct ip_prefix
	    *prefixes; /* traffic to these takes the policy, in the forward direction */
	size_t n_prefixes;
	const struct ip_prefix *reverse_prefixes; /* likewise backward */
	size_t n_reverse_prefixes;
	struct ip_addr service_sid; /* of the egress for the prefixes; IP_NONE: none */
	struct ip_addr reverse_service_sid; /* of the ingress for the reverse prefixes */
};

/* An intent with the defaults set and nothing named. */
struct intent intent_init(void);
/* Deep copy into arena; NULL without memory. */
struct intent *intent_copy(struct arena *arena, const struct intent *intent);
/* True if all fields are equal; the order of name lists counts. */
bool intent_equal(const struct intent *a, const struct intent *b);
/* True if a path that serves one serves the other: they differ at most in description, priority,
 * steering, directions and what to do without a path. */
bool intent_same_demand(const struct intent *a, const struct intent *b);

enum intent_state {
	INTENT_ADMITTED, /* stored and booked, nothing pushed yet */
	INTENT_DEPLOYING, /* being pushed */
	INTENT_ACTIVE, /* every router holds what it shall */
	INTENT_DEGRADED, /* serves, but not as promised (backup missing, a router away, overbooked,
			    stale) */
	INTENT_FAILED, /* no path, or the router refused */
};

/* Name as in the YANG enumeration; never NULL. */
const char *intent_state_name(enum intent_state state);

#endif
