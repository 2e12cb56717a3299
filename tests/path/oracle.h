/*
 * The oracle of the path tests: random small networks in a real TED, random requests, and every
 * loopless path enumerated and judged one by one from the rows. It knows nothing of pce/path but
 * the request.
 */
#ifndef TESTS_PATH_ORACLE_H
#define TESTS_PATH_ORACLE_H

#include "pce/path/answer.h"
#include "pce/path/request.h"
#include "pce/ted/ted.h"

#define ORACLE_MAX_NODES 9
#define ORACLE_MAX_LINKS 64
#define ORACLE_MAX_HOPS 16 /* of a walk through vias */

/* A network as deltas, so that it can be said in any order. */
struct random_net {
	struct ted_delta deltas[ORACLE_MAX_NODES + ORACLE_MAX_LINKS + 16];
	size_t n;
	char names[ORACLE_MAX_NODES + ORACLE_MAX_LINKS + 16][16];
	uint32_t affinity[ORACLE_MAX_LINKS][2];
	uint32_t srlg[ORACLE_MAX_NODES + ORACLE_MAX_LINKS][3];
	const char *slices[ORACLE_MAX_LINKS][2];
	struct ted_link_key reverse[ORACLE_MAX_LINKS];
	uint32_t n_nodes;
};

/* Draws a network of at most max_nodes nodes: parallel links, one-way links, zero metrics,
 * overloaded nodes, shared risks. */
void net_draw(struct random_net *net, uint64_t *state, uint32_t max_nodes);
/* Says it to a new ted, in the order that `order` (a random state, NULL: as drawn) gives. */
struct ted *net_build(const struct random_net *net, uint64_t *order);

/* A request with storage for what it borrows. */
struct random_request {
	struct path_request r;
	uint32_t any[2], all[2], none[2];
	uint32_t nodes[2], links[2], srlgs[1], held[3];
};

/* Draws a request between random ends; each constraint with some probability, near to where it
 * matters. */
void request_draw(struct random_request *q, const struct ted *ted, uint64_t *state);

struct oracle_path {
	uint32_t links[ORACLE_MAX_HOPS];
	uint32_t n;
	uint64_t igp, te, delay, hops, residual;
	double unavailability; /* of the union of its risks */
	uint64_t fibres, transit, groups; /* bits of fibres (lower row), transit nodes, SRLGs */
};

struct oracle_paths {
	struct oracle_path *paths;
	size_t n, cap;
};

/* Sets what a path risks from its links. What it has in common with another one does not count the
 * nodes of `passed`, a bit a row. */
void oracle_judge(const struct ted *ted, struct oracle_path *path, uint64_t passed);
/* All loopless paths that satisfy the request; constraints whose reason bit is in `dropped` are
 * not looked at. */
void oracle_enumerate(const struct ted *ted, const struct path_request *r, uint32_t dropped,
		      struct oracle_paths *out);
void oracle_free(struct oracle_paths *paths);
/* The best of them by objective, ties, number of links, sequence of ranks; NULL if there is none.
 */
const struct oracle_path *oracle_best(const struct ted *ted, const struct path_request *r,
				      const struct oracle_paths *paths);
/* -1, 0, 1: a is better, equal but for the sequence of ranks, worse. */
int oracle_compare(const struct path_request *r, const struct oracle_path *a,
		   const struct oracle_path *b);
/* True if both have nothing in common that `kind` forbids. */
bool oracle_disjoint(enum path_disjoint kind, const struct oracle_path *a,
		     const struct oracle_path *b);
/* Probability that both fail. */
double oracle_joint(const struct ted *ted, const struct oracle_path *a,
		    const struct oracle_path *b);

#endif
