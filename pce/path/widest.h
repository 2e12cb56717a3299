/*
 * The largest bottleneck: the greatest B such that links with a residual of at least B still join
 * the ends. Plain widest-path Dijkstra, which is exact because a minimum of residuals is isotonic.
 * A combination (bandwidth, delay) is not, and must not be searched as a vector: width that a
 * prefix lost may not matter later. Ties and bounds are therefore settled afterwards, inside the
 * subgraph of links with at least B.
 */
#ifndef PCE_PATH_WIDEST_H
#define PCE_PATH_WIDEST_H

#include "pce/path/bidirectional.h"

/*
 * Sets *bottleneck_bps to the largest smallest residual from `from` to f->to over allowed links and
 * returns true, or returns false if they are not joined (0 then). Uses b as scratch. O(m + n log
 * n).
 */
bool widest_bottleneck(struct bidirectional *b, const struct filter *f, uint32_t from,
		       uint64_t *bottleneck_bps);

/*
 * The distinct residuals of allowed links from floor_bps up to at most `top_bps`, ascending. *out
 * is grown by array_reserve; returns their number through *n. PCE_NO_MEMORY. O(m log m).
 */
enum pce_status widest_steps(const struct filter *f, uint64_t top_bps, uint64_t **out, size_t *cap,
			     size_t *n, struct pce_error *err);

#endif
