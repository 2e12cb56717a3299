/*
 * Inside of the traffic-engineering database; only pce/ted may include it.
 *
 * A ted is a view (rows, and what is derived from them) and, unless it is a fork, the routing
 * tables of its sources. Three kinds of data make a view:
 *
 *  - rows, in chunks of TABLE_CHUNK that are counted and shared: a fork takes all chunks over and
 *    whoever changes a row of a shared chunk copies that chunk first;
 *  - the tail of a row, its lists and strings in one counted block that never changes;
 *  - structure, names and numbers, each one counted object that never changes while shared.
 *
 * So a fork costs a few hundred counts, an attribute change touches one chunk, and forks may live
 * and die on other threads.
 */
#ifndef PCE_TED_TED_INTERNAL_H
#define PCE_TED_TED_INTERNAL_H

#include <stdatomic.h>

#include "pce/base/arena.h"
#include "pce/base/hash.h"
#include "pce/ted/source/rib.h"
#include "pce/ted/ted.h"

#define TABLE_CHUNK 32 /* rows */

/* Lists and strings of one row. */
struct tail {
	atomic_uint holders;
	uint32_t len;
	max_align_t bytes[];
};

/* What every cell starts with. */
struct cell {
	struct tail *tail; /* NULL: no lists */
	const char *given; /* name from a source, in the tail; NULL: none gave one */
	uint32_t touched; /* serial of the settle that saved it last */
	uint32_t object; /* of the routing tables that the row stands for */
	bool known; /* some source has it, or had it: it has a name of its own */
	bool in_feed, in_file;
	bool key_named; /* its key contains a name */
	bool told; /* of nodes: a feed that told all that it has speaks of it */
};

struct node_cell {
	struct cell cell;
	struct ted_node_row row;
};

struct link_cell {
	struct cell cell;
	uint32_t own; /* enum ted_unusable bits that do not depend on other rows */
	uint32_t claim; /* object that a source named as reverse, RIB_NONE none */
	uint32_t paired; /* enum ted_unusable bits from the two-way check and the other direction */
	struct ted_link_row row;
};

struct chunk {
	atomic_uint holders;
	max_align_t cells[];
};

struct table {
	struct chunk **chunks;
	size_t n_chunks, cap_chunks;
	uint32_t count;
	size_t cell_size;
	struct chunk **retired; /* replaced since the last settle: rows that were handed out stay
				   readable */
	size_t n_retired, cap_retired;
};

/* What follows from keys and ends of links alone. */
struct structure {
	atomic_uint holders;
	uint32_t n_nodes, n_links;
	struct key **node_keys, **link_keys; /* by row */
	ted_node *node_order; /* by rank */
	ted_link *link_order;
	ted_node *from, *to; /* by row */
	uint32_t *out_start, *in_start; /* by node, n_nodes + 1 */
	ted_link *out, *in; /* by node, then rank */
};

/* Names of the rows of one kind. */
struct name_kind {
	uint32_t n;
	const char **names; /* by row; in the pool */
	uint8_t *classes; /* by row: enum name_class */
	uint32_t *same; /* by row of a group: the next one, HASH_NONE the last */
	struct hash by_name; /* of known rows */
};

/* Names of all rows. */
struct names {
	atomic_uint holders;
	struct keyring *pool; /* of texts, shared by versions that follow from one another */
	size_t n_texts; /* in the pool, dead ones included */
	struct name_kind nodes, links;
};

/* A growing list of row numbers. */
struct rows {
	uint32_t *at;
	size_t n, cap;
};

struct affinity_name {
	uint32_t bit;
	const char *name;
};

/* Names and risks of numbered things, sorted by number. */
struct numbers {
	atomic_uint holders;
	struct arena arena;
	struct ted_srlg_row *srlgs;
	size_t n_srlgs;
	struct affinity_name *affinities;
	size_t n_affinities;
	struct ted_site_row *sites; /* sorted by name, each once */
	size_t n_sites;
};

/* The risk of a site, 0 without one. */
uint64_t numbers_site_ppt(const struct numbers *numbers, const char *name);

/* A row that was failed by a question, for ted_repair_all. */
struct failed_row {
	bool is_link;
	uint32_t row;
};

struct ted {
	struct table nodes, links;
	struct structure *structure;
	struct names *names;
	struct numbers *numbers;
	struct keyring *ring;
	struct failed_row *failed;
	size_t n_failed, cap_failed;
	uint64_t revision;
	struct rib *rib; /* NULL: a fork */
	uint64_t seed;
	uint32_t serial; /* of settles that did something */
	struct ted_change *changes;
	size_t cap_changes;
};

/* rows.c: chunked tables. */

/* An empty table of cells of this size. */
void table_init(struct table *t, size_t cell_size);
/* Gives up every chunk. */
void table_free(struct table *t);
/* Makes *out share all rows of t. */
enum pce_status table_fork(struct table *out, const struct table *t, struct pce_error *err);
/* Frees the chunks that were kept for readers. */
void table_purge(struct table *t);
/* Adds zeroed cells up to count. PCE_NO_MEMORY leaves count as it was. */
enum pce_status table_grow(struct table *t, uint32_t count, struct pce_error *err);
/* Drops the cells from count on. */
void table_shrink(struct table *t, uint32_t count);
/* A cell that may be written; NULL without memory. */
void *table_edit(struct table *t, uint32_t row);

/* A cell to read. */
static inline void *
table_at(const struct table *t, uint32_t row)
{
	return (char *)t->chunks[row / TABLE_CHUNK]->cells + (row % TABLE_CHUNK) * t->cell_size;
}

/* Typed readers of cells; a cell that a settle has not made writable is only read. */
static inline struct node_cell *
node_cell(const struct ted *ted, uint32_t row)
{
	return table_at(&ted->nodes, row);
}

/* As node_cell for a link. */
static inline struct link_cell *
link_cell(const struct ted *ted, uint32_t row)
{
	return table_at(&ted->links, row);
}

/* One holder more (returns tail), one less; NULL is allowed. */
struct tail *tail_hold(struct tail *tail);
void tail_drop(struct tail *tail);

/* a + b, a - b and a * b / 1 000 000, saturating at UINT64_MAX and 0. */
uint64_t sat_add(uint64_t a, uint64_t b);
uint64_t sat_sub(uint64_t a, uint64_t b);
uint64_t sat_ppm(uint64_t a, uint32_t ppm);

/* Sets what follows from measured, booked and slice bandwidth. */
void link_row_refresh(struct ted_link_row *row);

/* structure.c */

/* Ranks and adjacency of all rows; reads the ends of links from their rows' objects. Caller owns
 * *out. */
enum pce_status structure_build(const struct ted *ted, struct structure **out,
				struct pce_error *err);
struct structure *structure_hold(struct structure *s);
void structure_drop(struct structure *s);

/* names.c */

/* Names of all known rows of ted, as they stand. Caller owns *out. */
enum pce_status names_build(const struct ted *ted, struct names **out, struct pce_error *err);
/*
 * The same as names_build would give, in time for what changed: rows that are new since old, and
 * those listed (links also where the name of an end changed). Rows that got another name without
 * being listed are added to the lists. *out is NULL if all have to be named anew. The pool of old
 * grows.
 */
enum pce_status names_update(const struct ted *ted, const struct names *old, struct rows *nodes,
			     struct rows *links, struct names **out, struct pce_error *err);
/* Appends to a list of rows. */
enum pce_status rows_add(struct rows *rows, uint32_t row, struct pce_error *err);
/* One holder more, one less; NULL is allowed. */
struct names *names_hold(struct names *names);
void names_drop(struct names *names);
/* Row of a name, or TED_NONE. */
ted_node names_node(const struct names *names, const char *name);
ted_link names_link(const struct names *names, const char *name);

/* numbers.c */

/* Merges what sources say of SRLGs and affinities. Caller owns *out. */
enum pce_status numbers_build(const struct rib *rib, struct numbers **out, struct pce_error *err);
struct numbers *numbers_hold(struct numbers *numbers);
void numbers_drop(struct numbers *numbers);

#endif
