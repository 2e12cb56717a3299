/*
 * The referee of the path engine: every loopless path between two ends of a small network (or every
 * walk without a repeated directed link), each judged from the rows of the TED constraint by
 * constraint. Which constraints a path breaks is kept as bits, so one enumeration answers what is
 * feasible under any subset of a request's constraints. It takes nothing from pce/path but the
 * plain data of requests and answers.
 */
#ifndef TESTS_PATH_REFEREE_H
#define TESTS_PATH_REFEREE_H

#include "pce/path/answer.h"
#include "pce/path/request.h"
#include "pce/ted/ted.h"

#define REFEREE_NODES 9
#define REFEREE_LINKS 48
#define REFEREE_STEPS 24 /* links of one path or walk */

#define BREAKS(reason) (1u << PATH_REASON_##reason)
/* A link without TE metric where the request counts TE metrics: no constraint that can be dropped.
 */
#define BREAKS_FOR_GOOD (1u << 31)

struct referee_path {
	uint32_t links[REFEREE_STEPS];
	uint32_t n;
	uint64_t igp, te, delay, hops;
	uint64_t residual; /* of the judged request: what it holds is added */
	uint64_t fibres; /* bits by the lower row of a fibre */
	uint32_t transit, groups; /* bits by node row; by place in the referee's list of SRLGs */
	long double works; /* probability that none of its risks strikes */
	uint32_t breaks; /* BREAKS bits, for the judged request */
	bool loops; /* comes to a node twice without having passed a via or service in between */
};

struct referee {
	const struct ted *ted;
	uint32_t from, to;
	struct referee_path *paths;
	size_t n, cap;
	uint32_t srlgs[32]; /* numbers */
	uint32_t n_srlgs;
	bool walks, overflow;
};

/* All loopless paths (walks: all walks without a repeated directed link, nodes may repeat) over
 * usable links. overflow is set and the list is of no use if there are more than `most`. */
void referee_begin(struct referee *ref, const struct ted *ted, uint32_t from, uint32_t to,
		   bool walks, size_t most);
void referee_end(struct referee *ref);

/* What one link breaks by itself, and a node on the way (transit) or at an end; and the residual of
 * a link as the asker sees it. For referees of larger networks. */
uint32_t referee_link_breaks(const struct ted *ted, const struct path_request *r, uint32_t link);
uint32_t referee_node_breaks(const struct ted *ted, const struct path_request *r, uint32_t node,
			     bool transit);
uint64_t referee_residual(const struct ted *ted, const struct path_request *r, uint32_t link);

/* Fills `breaks`, `residual` and `loops` of every path for a request between the same ends. */
void referee_judge(struct referee *ref, const struct path_request *r);

/* Number of paths that hold the constraints of `mask` (BREAKS bits). */
size_t referee_count(const struct referee *ref, uint32_t mask);
/* The best path under `mask` by objective, ties, number of links, sequence of ranks; NULL: none. */
const struct referee_path *referee_best(const struct referee *ref, const struct path_request *r,
					uint32_t mask);
/* -1, 0, 1: total order of paths; 0 only for the same links. Availability is compared exactly if
 * both have the same risks, else by probability. */
int referee_compare(const struct referee *ref, const struct path_request *r,
		    const struct referee_path *a, const struct referee_path *b);
/* The same without the sequence of ranks. */
int referee_compare_sums(const struct path_request *r, const struct referee_path *a,
			 const struct referee_path *b);
/* The path with these links, whatever it breaks; NULL if there is no such path. */
const struct referee_path *referee_find(const struct referee *ref, const uint32_t *links, size_t n);

/* True if two paths have nothing in common that `kind` forbids. */
bool referee_disjoint(enum path_disjoint kind, const struct referee_path *a,
		      const struct referee_path *b);
/* Probability that both fail. */
long double referee_joint(const struct referee *ref, const struct referee_path *a,
			  const struct referee_path *b);

/* True if the request makes use of the constraint. */
bool referee_asks(const struct path_request *r, enum path_reason reason);

#endif
