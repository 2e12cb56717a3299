/*
 * Probability that routes fail, over independent risks: each fibre (a link and its reverse are
 * one), each transit node, each shared risk group of a link or a transit node. The two end nodes'
 * own risks do not count; a risk without a stated availability never fails. A risk that a route
 * meets twice, or that two routes have in common, counts once. Sites have no price of their own in
 * the TED, so they are no risk here.
 */
#ifndef PCE_PATH_AVAILABLE_H
#define PCE_PATH_AVAILABLE_H

#include "pce/path/graph.h"

enum risk_kind { RISK_LINK, RISK_NODE, RISK_GROUP };

struct risk {
	uint8_t kind; /* enum risk_kind */
	uint32_t id; /* the lower link of the fibre, a node, a group */
	uint64_t unavailability_ppt;
};

/* Sorted by kind and id, each once. A zeroed one is empty; risk_set_free frees it. */
struct risk_set {
	struct risk *risks;
	size_t n, cap;
};

void risk_set_free(struct risk_set *set);

/* Adds the risks of the route links[0 … n-1] (packed), also free ones. The set need not be empty:
 * the result is the union. PCE_NO_MEMORY. O(n log n). */
enum pce_status risk_set_add(struct risk_set *set, const struct path_graph *g,
			     const uint32_t *links, size_t n, struct pce_error *err);

/* Probability that at least one risk of the set occurs. */
cost_wide risk_set_fails(const struct risk_set *set);

/* Probability in fixed point that both routes fail at a time: F = U1 + U2 - U12. PCE_NO_MEMORY. */
enum pce_status risk_pair_fails(const struct path_graph *g, const uint32_t *const links[2],
				const size_t n[2], cost_wide *out, struct pce_error *err);

#endif
