/*
 * Merging: what all sources say about one object becomes one row, attribute by attribute, with
 * everything that can be decided without looking at other rows.
 */
#ifndef PCE_TED_SOURCE_MERGE_H
#define PCE_TED_SOURCE_MERGE_H

#include "pce/ted/source/voice.h"
#include "pce/ted/ted_internal.h"

/* Scratch memory of merges, reused from row to row. Zeroed it is empty. */
struct merge {
	const struct rib *rib;
	struct voices voices, child_voices;
	struct merge_sid *sids;
	size_t n_sids, cap_sids;
	struct merge_prefix *prefixes;
	size_t n_prefixes, cap_prefixes;
};
/* Frees what hangs on it; the struct is the caller's. */
void merge_free(struct merge *m);

/*
 * Merges a node, its SIDs and its prefixes into *cell: everything but name, rank and failures,
 * which are kept. The old tail stays with the caller, the new one belongs to *cell. A row of which
 * nobody speaks any more keeps what it last was, but is withdrawn. On failure *cell is untouched.
 */
enum pce_status merge_node(struct merge *m, uint32_t object, struct node_cell *cell,
			   struct pce_error *err);
/* As merge_node for a link; bookings, ends and pairing are kept too. */
enum pce_status merge_link(struct merge *m, uint32_t object, struct link_cell *cell,
			   struct pce_error *err);

#endif
