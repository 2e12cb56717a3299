/*
 * Probability that routes fail, over independent risks: each fibre (a link and its reverse are
 * one), each transit node, each shared risk group of a link or a transit node, each site of a
 * transit node (a group like the others). The two end nodes' own risks do not count, their sites
 * included, unless another node that is passed has them too; a risk without a stated availability
 * never fails. A risk that a route meets twice, or that two routes have in common, counts once.
 */
#ifndef PCE_PATH_AVAILABLE_H
#define PCE_PATH_AVAILABLE_H

#include "pce/path/filter.h"

enum risk_kind { RISK_LINK, RISK_NODE, RISK_GROUP };

struct risk {
	uint8_t kind; /* enum risk_kind */
	uint32_t id; /* the lower link of the fibre, a node, a group */
	uint32_t rank; /* canonical, of the same: numbers change when the network grows */
	uint64_t unavailability_ppt;
};

/* Sorted by kind and rank, each once. A zeroed one is empty; risk_set_free frees it. */
struct risk_set {
	struct risk *risks;
	size_t n, cap;
};

/* Frees the array; the set is empty afterwards. */
void risk_set_free(struct risk_set *set);

/* Adds the risks of the route links[0 … n-1] (packed), also free ones. The set need not be empty:
 * the result is the union. PCE_NO_MEMORY. O(n log n). */
enum pce_status risk_set_add(struct risk_set *set, const struct path_graph *g,
			     const uint32_t *links, size_t n, struct pce_error *err);

/* The same without the transit nodes that are marked in `passed` (by node; NULL: none), and without
 * their groups. */
enum pce_status risk_set_add_but(struct risk_set *set, const struct path_graph *g,
				 const uint32_t *links, size_t n, const uint8_t *passed,
				 struct pce_error *err);

/* Order of kind, then rank. */
int risk_compare(const struct risk *a, const struct risk *b);

/* Takes the risks of `other` out of the set. */
void risk_set_subtract(struct risk_set *set, const struct risk_set *other);

/*
 * Adds a shared group, a transit node or a fibre with the groups that it alone carries. all gets
 * everything; sure what every two routes over it have in common (a fibre's directions may differ:
 * then the lower unavailability, and the groups of both). PCE_NO_MEMORY.
 */
enum pce_status risk_set_add_group(struct risk_set *all, struct risk_set *sure,
				   const struct path_graph *g, uint32_t group,
				   struct pce_error *err);
enum pce_status risk_set_add_node(struct risk_set *all, struct risk_set *sure,
				  const struct path_graph *g, uint32_t node, struct pce_error *err);
enum pce_status risk_set_add_fibre(struct risk_set *all, struct risk_set *sure,
				   const struct path_graph *g, uint32_t link,
				   struct pce_error *err);

/* Adds one direction of a fibre to both sets, with the groups that the fibre alone carries. */
enum pce_status risk_set_add_link(struct risk_set *all, struct risk_set *sure,
				  const struct path_graph *g, uint32_t link, struct pce_error *err);

/* Probability of what a fibre risks in one direction beyond what both directions share: at most, so
 * that it serves in lower bounds. */
cost_wide risk_link_rest(const struct path_graph *g, uint32_t link);

/* True if the two directions of a fibre do not have the same risks of their own. */
bool risk_directions_differ(const struct path_graph *g, uint32_t link);

/* Probability that at least one risk of the set occurs. */
cost_wide risk_set_fails(const struct risk_set *set);

/* Probability in fixed point that the route links[0 … n-1] fails. PCE_NO_MEMORY. */
enum pce_status risk_route_fails(const struct filter *f, const uint32_t *links, size_t n,
				 cost_wide *out, struct pce_error *err);

/* The same of a route that is known to pass no node twice. */
enum pce_status risk_loopless_fails(const struct filter *f, const uint32_t *links, size_t n,
				    cost_wide *out, struct pce_error *err);

/* Probability in fixed point that both routes fail at a time: F = U1 + U2 - U12. PCE_NO_MEMORY. */
enum pce_status risk_pair_fails(const struct path_graph *g, const uint32_t *const links[2],
				const size_t n[2], cost_wide *out, struct pce_error *err);

/* The same for routes of the filter's graph: in linear time where no group is a risk. */
enum pce_status risk_both_fail(const struct filter *f, const uint32_t *const links[2],
			       const size_t n[2], cost_wide *out, struct pce_error *err);

#endif
