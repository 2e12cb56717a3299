/* What a path must be: the question, as plain data. Borrowed by every computation, owned by the
 * asker. */
#ifndef PCE_PATH_REQUEST_H
#define PCE_PATH_REQUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum path_objective {
	PATH_IGP, /* least sum of IGP metrics */
	PATH_TE, /* least sum of TE metrics */
	PATH_DELAY, /* least sum of delays */
	PATH_BANDWIDTH, /* largest smallest residual bandwidth */
	PATH_AVAILABILITY, /* least probability of failure */
	PATH_OBJECTIVE_COUNT
};

/* Order in which ties are broken after the objective; the canonical link keys decide last. */
enum path_tie { PATH_TIE_DELAY, PATH_TIE_TE, PATH_TIE_IGP, PATH_TIE_HOPS, PATH_TIE_COUNT };

enum path_disjoint {
	PATH_DISJOINT_NONE,
	PATH_DISJOINT_LINK, /* no fibre in common */
	PATH_DISJOINT_NODE, /* no link and no node but the ends in common */
	PATH_DISJOINT_SRLG, /* no link and no shared risk group in common */
	PATH_DISJOINT_AVAILABILITY, /* the pair least likely to fail together */
	PATH_DISJOINT_SRLG_NODE, /* what SRLG and NODE ask for, both */
	PATH_DISJOINT_COUNT
};

/* What the best pair is best at. With the objective bandwidth it is the smaller bottleneck, with
 * availability the probability that both fail together, whatever is asked here. */
enum path_pair {
	PATH_PAIR_TOTAL, /* least sum of both */
	PATH_PAIR_MAXIMUM, /* the worse one as good as possible, then the least sum */
	PATH_PAIR_COUNT
};

#define PATH_NO_BOUND UINT64_MAX
#define PATH_LISTS_MAX 8

/* Bits of the extended admin group (RFC 7308), 32 a word, n words; bits past the end are 0. */
struct path_affinity {
	const uint32_t *words;
	size_t n;
	bool never; /* names a bit that no link can carry: matches nothing */
};

/* Room of a link that is not there for one of the directions of a co-routed path, because the other
 * one holds it until it has left. */
struct path_kept {
	uint32_t link;
	uint64_t there_bps, back_bps; /* that the way there, the way back may not take */
};

/*
 * from and to are row numbers of the ted that the computation runs on. A zeroed request with both
 * ends and path_request_init() applied is the plain shortest path by IGP metric.
 */
struct path_request {
	uint32_t from, to;
	enum path_objective objective;
	enum path_disjoint disjoint; /* other than NONE: two paths */
	enum path_pair pair; /* how the two are judged */

	uint64_t bandwidth_bps; /* floor: residual of every link, 0 none */
	uint64_t max_delay_us, max_te, max_igp, max_hops; /* PATH_NO_BOUND: none */
	uint64_t max_sids; /* filled by the segment room; PATH_NO_BOUND: none */
	uint64_t link_max_delay_us, link_max_te, link_max_igp; /* of each single link */
	uint32_t link_max_loss_ppb; /* UINT32_MAX: none */

	struct path_affinity include_any, include_all, exclude_any;
	const uint32_t *avoid_nodes, *avoid_links,
	    *avoid_srlgs; /* avoiding a link avoids its fibre */
	size_t n_avoid_nodes, n_avoid_links, n_avoid_srlgs;
	const char *slice; /* only links of this slice; NULL: any */

	const uint32_t *via; /* nodes to pass in this order */
	size_t n_via;
	const char *const
	    *via_services; /* kinds of service instance to pass in this order, after via */
	size_t n_via_services;

	/* What the asker holds already and would give back: added to the residual of these links.
	 */
	const uint32_t *held_links;
	size_t n_held_links;
	uint64_t held_bps;

	const struct path_kept *kept; /* if co_routed */
	size_t n_kept;

	uint8_t ties[PATH_TIE_COUNT]; /* enum path_tie, in order; n_ties of them */
	uint8_t n_ties;

	uint32_t k; /* how many alternatives, 0 and 1: one path */
	bool diverse; /* alternatives share as little as possible */
	bool co_routed; /* its way back over the same fibres has to answer the request too */

	/* P(bandwidth holds) asked of several weighted lists, 0: not asked. Then bandwidth_bps is
	 * that of all lists together, and the objective is the least reservation. */
	double guarantee;
	uint32_t max_lists; /* at most PATH_LISTS_MAX; 0: one */

	bool explain; /* say why each route was chosen, at the price of some more searches */

	uint64_t budget_labels; /* settled labels at most, 0: the default */
	uint64_t budget_bytes; /* of scratch memory at most, 0: the default */
};

/* The default request: no bounds, no filters, ties by delay, then TE metric. */
static inline struct path_request
path_request_init(uint32_t from, uint32_t to, enum path_objective objective)
{
	return (struct path_request){
		.from = from,
		.to = to,
		.objective = objective,
		.max_delay_us = PATH_NO_BOUND,
		.max_te = PATH_NO_BOUND,
		.max_igp = PATH_NO_BOUND,
		.max_hops = PATH_NO_BOUND,
		.max_sids = PATH_NO_BOUND,
		.link_max_delay_us = PATH_NO_BOUND,
		.link_max_te = PATH_NO_BOUND,
		.link_max_igp = PATH_NO_BOUND,
		.link_max_loss_ppb = UINT32_MAX,
		.ties = { PATH_TIE_DELAY, PATH_TIE_TE },
		.n_ties = 2,
	};
}

#endif
