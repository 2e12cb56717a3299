/*
 * Random small networks with everything odd that a network can have, and requests that combine
 * constraints. Each constraint is drawn towards an outcome (it decides, it forbids everything, it
 * does not matter) with the referee as the judge, so that the combinations say something.
 */
#ifndef TESTS_PATH_TOWN_H
#define TESTS_PATH_TOWN_H

#include "tests/path/referee.h"

/* Limits of a network to be drawn. */
struct town_size {
	uint32_t most_nodes, most_links; /* up to REFEREE_NODES, REFEREE_LINKS */
};

/* Parallel, one-way and self-joined links, zero and huge metrics, pseudonodes, overloaded nodes,
 * nodes and links out of use, shared risks, islands, services, slices, bookings. Owned by the
 * caller. */
struct ted *town_draw(struct town_size size, uint64_t *state);

/* What can be drawn into a request, one bit each. */
enum order_kind {
	ORDER_BANDWIDTH,
	ORDER_DELAY,
	ORDER_HOPS,
	ORDER_TE,
	ORDER_IGP,
	ORDER_LINK_DELAY,
	ORDER_LINK_TE,
	ORDER_LINK_IGP,
	ORDER_LINK_LOSS,
	ORDER_INCLUDE_ANY,
	ORDER_INCLUDE_ALL,
	ORDER_EXCLUDE_ANY,
	ORDER_AVOID_NODE,
	ORDER_AVOID_LINK,
	ORDER_AVOID_SRLG,
	ORDER_SLICE,
	ORDER_HELD,
	ORDER_VIA,
	ORDER_SERVICE,
	ORDER_COUNT
};
extern const char *const order_names[ORDER_COUNT];

/* A request with storage for what it borrows, and which kinds it uses. */
struct order_slip {
	struct path_request r;
	uint32_t kinds; /* bits of enum order_kind */
	uint32_t words[3][8];
	uint32_t nodes[2], links[2], srlgs[2], held[4], via[2];
	const char *services[2];
};

/* Begins a referee between two ends, mostly joined by several paths and not neighbours. */
void order_begin(struct referee *ref, const struct ted *ted, bool walks, size_t most,
		 uint64_t *state);
/* Draws up to `most` constraints of the kinds allowed (bits) for the referee's ends. The referee is
 * left judged for the request. */
void order_draw(struct order_slip *q, struct referee *ref, uint32_t allowed, unsigned most,
		uint64_t *state);

/* The request without one kind of constraint. */
struct path_request order_without(const struct order_slip *q, enum order_kind kind);

/* How often a kind was asked for and what came of it. */
struct order_share {
	unsigned asked, feasible, infeasible, binding;
};
/* Counts one request: `best` is the answer (NULL: none), from the judged referee. Binding: without
 * this kind alone the best path is another one. The referee is left judged. */
void order_count(struct order_share shares[ORDER_COUNT], const struct order_slip *q,
		 struct referee *ref, const struct referee_path *best);
/* Prints them and fails if a kind of `must` decides in less than a tenth of its uses. */
void order_report(const char *title, const struct order_share shares[ORDER_COUNT], uint32_t must);

#endif
