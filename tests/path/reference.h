/*
 * A plain second engine for networks of any size, made to be obviously right and not fast: suffixes
 * are labels in lists, sums are vectors, nothing is pruned but what is worse in every respect. It
 * takes nothing from pce/path but the plain data of requests.
 */
#ifndef TESTS_PATH_REFERENCE_H
#define TESTS_PATH_REFERENCE_H

#include "tests/path/referee.h"

#define REFERENCE_STEPS 512

struct reference_path {
	uint32_t links[REFERENCE_STEPS];
	uint32_t n;
};

struct reference_label;

struct reference {
	const struct ted *ted;
	struct path_request r;
	uint8_t *usable; /* by link: it and the nodes it joins break nothing */
	uint8_t *banned_link, *banned_node; /* set by the caller between searches */
	uint32_t *overlap; /* by link: what counts before anything else (not with BANDWIDTH, whose
			      floor counts first); zeroed by begin */
	uint64_t floor_bps;
	struct reference_label *labels;
	uint32_t n_labels, cap, *first; /* by node: its list of labels */
};

/* objective: anything but AVAILABILITY. `disjoint`, `k` and vias are not looked at. */
void reference_begin(struct reference *ref, const struct ted *ted, const struct path_request *r);
void reference_end(struct reference *ref);

/* The best path that begins with n_prefix given links (avoiding the nodes of that prefix); false:
 * none. */
bool reference_best(struct reference *ref, const uint32_t *prefix, uint32_t n_prefix,
		    struct reference_path *out);

/* Compares two paths by the request's order (overlap first): -1, 0, 1. */
int reference_compare(const struct reference *ref, const struct reference_path *a,
		      const struct reference_path *b);

/* The k best paths in order (Yen's way); returns how many there are. */
uint32_t reference_k_best(struct reference *ref, uint32_t k, struct reference_path *out);

/* The least total of two paths without a common fibre (transit node too if `nodes`), as the sums of
 * objective, ties and links; false: there are none. Bounds are not looked at. */
bool reference_pair(struct reference *ref, bool nodes, uint64_t sums[PATH_TIE_COUNT + 2],
		    unsigned *n_sums);

#endif
