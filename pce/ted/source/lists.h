/* Lists and strings of rows: sorted, without duplicates, in one block per row. */
#ifndef PCE_TED_SOURCE_LISTS_H
#define PCE_TED_SOURCE_LISTS_H

#include "pce/ted/source/merge.h"

/* A SID or prefix with the place of its best voice on the ladder. */
struct merge_sid {
	struct ted_sid sid;
	struct voice voice;
};

struct merge_prefix {
	struct ted_prefix_row row;
	struct voice voice;
	uint8_t route_type;
};

/* Fills m->sids and m->prefixes with those of a node and its bound static nodes, sorted, each once.
 */
enum pce_status lists_collect_children(struct merge *m, uint32_t node, struct pce_error *err);
/* Makes the tail of a node from the summed attributes and m's children, and points the row at it.
 */
enum pce_status lists_node_tail(const struct merge *m, const struct blob_view *sum,
				struct node_cell *cell, struct pce_error *err);
/* Makes the tail of a link from the summed attributes and points the row at it. */
enum pce_status lists_link_tail(const struct blob_view *sum, struct link_cell *cell,
				struct pce_error *err);

#endif
