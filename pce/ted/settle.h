/* One settle at work: what was changed so far, so that it can be reported or taken back. */
#ifndef PCE_TED_SETTLE_H
#define PCE_TED_SETTLE_H

#include "pce/ted/source/merge.h"
#include "pce/ted/ted_internal.h"

struct old_node {
	uint32_t row;
	struct node_cell cell;
};

struct old_link {
	uint32_t row;
	struct link_cell cell;
};

/* A link as pairing sees it. */
struct pair_member {
	ted_link row;
	const struct link_cell *cell;
	size_t mate; /* index on the other side, SIZE_MAX none */
	size_t only; /* scratch: the only candidate of a round */
	size_t n_candidates;
};

struct settle {
	struct ted *ted;
	struct merge merge;
	struct text text;
	uint32_t first_node, first_link; /* rows that were there before */
	struct old_node *nodes; /* rows as they were before */
	size_t n_nodes, cap_nodes;
	struct old_link *links;
	size_t n_links, cap_links;
	struct structure *old_structure; /* NULL: not changed */
	struct names *old_names;
	struct numbers *old_numbers;
	bool structural, renumber;
	struct rows rename_nodes,
	    rename_links; /* whose names may change; new rows are not listed */
	struct rows
	    check; /* links whose usability has to be looked at again; nor here are new ones */
	struct pair_member *side[2]; /* scratch of pairing */
	size_t n_side[2], cap_side[2];
};

/* A row that may be written; it is saved first. NULL without memory. */
struct node_cell *settle_node(struct settle *s, uint32_t row);
/* As settle_node for a link. */
struct link_cell *settle_link(struct settle *s, uint32_t row);
/* Puts a link on the list of those to be looked at again; new ones are anyhow. */
enum pce_status settle_check(struct settle *s, ted_link link, struct pce_error *err);

/* pair.c: pairs all links between the nodes of a dirty link, and checks both ways of feed links.
 * Marks the dirty ones among them RIB_PAIRED: they need not be looked at again. */
enum pce_status pair_links(struct settle *s, ted_link link, struct pce_error *err);

/* changes.c: puts rows of SRLGs whose risk changed among those that changed. */
enum pce_status changes_of_risks(struct settle *s, struct pce_error *err);
/* What the settle changed, as ted_settle reports it. Room for all is made first. */
enum pce_status changes_reserve(struct settle *s, struct pce_error *err);
size_t changes_list(struct settle *s);

#endif
