/* Which SIDs may cover a step of a path, in order of preference. Private to the segment room. */
#ifndef PCE_SEGMENT_SIDS_H
#define PCE_SEGMENT_SIDS_H

#include "pce/segment/behavior.h"
#include "pce/segment/csid.h"
#include "pce/segment/igp.h"

/* A SID that is fit for a list. */
struct sid_choice {
	uint8_t sid[16];
	uint16_t behavior; /* IANA code point */
	struct behavior means;
	struct csid_shape shape; /* width 0: it stands alone in its container */
	uint8_t algorithm; /* by which it is routed */
	bool routed; /* leads to its node from anywhere; else only its node itself knows it */
	bool assumed; /* made up */
	bool local; /* made up from the local identifiers block */
	bool assumed_behavior; /* the SID is real, its behaviour was not told */
};

/* Best first. A zeroed one is empty. */
struct sid_choices {
	struct sid_choice *items;
	size_t n, cap;
};

/* Frees the items and zeroes it. */
void sid_choices_free(struct sid_choices *choices);

/* Which SIDs are made up for nodes and links that advertise none at all. */
enum sids_made_up { SIDS_AS_TOLD, SIDS_PLAIN, SIDS_COMPRESSED };

/*
 * The End SIDs of a node: of an algorithm that is known, routed to it, plain or NEXT-CSID with an
 * argument of zero. None for a pseudonode. igp_index before. choices must be empty.
 */
enum pce_status sids_of_node(struct segment_igp *igp, ted_node node, enum sids_made_up made_up,
			     struct sid_choices *choices, struct pce_error *err);

/*
 * The End.X SIDs of a link: as above, and without the B flag (RFC 9352 section 8.1). None from or
 * to a pseudonode. igp_index before. choices must be empty.
 */
enum pce_status sids_of_link(struct segment_igp *igp, ted_link link, enum sids_made_up made_up,
			     struct sid_choices *choices, struct pce_error *err);

#endif
