/*
 * Networks too large for enumeration, with requests for them: for properties that compare the
 * engine with itself (order of arrival, updates taken in, metamorphoses).
 */
#ifndef TESTS_PATH_COUNTY_H
#define TESTS_PATH_COUNTY_H

#include "pce/base/text.h"
#include "pce/path/path.h"
#include "pce/ted/ted.h"

enum county_shape {
	COUNTY_GRID, /* metrics 1 and 2: ties everywhere */
	COUNTY_RANDOM, /* no structure: hierarchies collapse */
	COUNTY_RINGS, /* rings of eight, each joined to others by two links */
	COUNTY_HUGE, /* the same with metrics up to the largest: sums do not fit into 32 bits */
	COUNTY_SHAPES
};

struct county_link {
	uint32_t from, to, id, partner; /* partner: its number, or TED_NONE */
	struct ted_delta delta; /* what was said last; its pointers are set when it is said */
	uint32_t words[4], srlgs[2];
	const char *slices[2];
	char name[16];
};

/* A network as deltas, so that it can be said in any order and changed. */
struct county {
	enum county_shape shape;
	bool independent; /* no shared risks: availability is a sum */
	uint32_t n_nodes, n_links;
	struct ted_delta *nodes;
	struct county_link *links;
	uint32_t (*node_srlgs)[2];
	struct ted *ted;
};

/* Draws a network of about n nodes and says it to a new ted, in the order drawn. */
void county_begin(struct county *c, enum county_shape shape, uint32_t n, uint64_t *state);
void county_end(struct county *c);
/* Draws the attributes of a link or a node anew; county_say_* makes them known (settle follows). */
void county_draw_link(struct county *c, uint32_t link, uint64_t *state);
void county_draw_node(struct county *c, uint32_t node, uint64_t *state);
void county_say_link(struct county *c, struct ted *ted, uint32_t link);
void county_say_node(struct county *c, struct ted *ted, uint32_t node);
/* Says what the availability of one of three sites is (settle follows). */
extern const char *const county_sites[3];
void county_say_site(struct ted *ted, unsigned site, uint64_t ppt);
/* Says everything to another new ted in random order (state NULL: as drawn, rows are numbers then);
 * the caller owns it. */
struct ted *county_again(struct county *c, uint64_t *state);

/* A request with storage for what it borrows. */
struct county_ask {
	struct path_request r;
	uint32_t words[4], nodes[2], links[3], srlgs[1], via[2], held[4];
};

enum county_kind {
	ASK_PLAIN, /* objective and ties alone */
	ASK_FILTERED, /* affinities, avoidance, bandwidth, slices, bounds of links */
	ASK_BOUNDED,
	ASK_K,
	ASK_DIVERSE,
	ASK_PAIR,
	ASK_VIA,
	ASK_KINDS
};
extern const char *const county_kinds[ASK_KINDS];

/* Draws a request of a kind; engine: to find bounds that decide. */
void county_ask(struct county_ask *q, const struct county *c, struct path_engine *engine,
		enum county_kind kind, uint64_t *state);

/* Computes; aborts the test if that fails. The caller frees the answer. */
void county_compute(struct path_engine *engine, const struct path_request *r,
		    struct path_answer *answer);
/* Everything that an answer says, with names for rows, without how it was found. */
void county_print(const struct ted *ted, const struct path_answer *a, struct text *out);
/* False if a spent budget makes the answer depend on how it was searched. */
bool county_is_proven(const struct path_answer *a);
struct path_engine *county_engine(const struct ted *ted);

#endif
