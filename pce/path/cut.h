/*
 * Blocking links: the smallest set of links that has to come back to join the ends again. A maximum
 * flow in which links that a path may use carry any amount and links that are taken out carry one
 * unit; the cut nearest to the start is reported, in canonical order.
 */
#ifndef PCE_PATH_CUT_H
#define PCE_PATH_CUT_H

#include "pce/path/engine.h"

/*
 * Links that pass under the constraints `kept` but not under `asked`, and that are a smallest cut
 * of the graph of those that pass under `kept`. None if the ends are joined under `asked` (a bound
 * on a sum is no cut), or not even under `kept`. *out are rows, owned by the caller. PCE_NO_MEMORY.
 */
enum pce_status cut_blocking(struct path_engine *e, const struct path_request *request,
			     uint32_t asked, uint32_t kept, uint32_t **out, size_t *n,
			     struct pce_error *err);

/* The same for links that are out of use: a smallest set of them that would join the ends. */
enum pce_status cut_unusable(struct path_engine *e, uint32_t **out, size_t *n,
			     struct pce_error *err);

/* The link that every route over what e->filter allows has to cross, the nearest to the start; none
 * if there are two routes without a common link. */
enum pce_status cut_bridge(struct path_engine *e, uint32_t **out, size_t *n, struct pce_error *err);

/* Marks by link, both directions, every fibre that no route over what e->filter allows can do
 * without. O(m) each. PCE_NO_MEMORY. */
enum pce_status cut_bridges(struct path_engine *e, uint8_t *marks, struct pce_error *err);

#endif
