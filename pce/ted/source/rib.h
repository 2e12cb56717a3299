/*
 * Routing tables of the sources: what each of them says about each object.
 *
 * The tables share one index: an object is found once by its canonical key, and carries a short
 * list of entries, one for each source that speaks of it. So one NLRI heard from two peers is one
 * object with two entries, and lives until both are gone.
 *
 * Freshness is not stored per entry but follows from generations: a source counts up its generation
 * when it comes up, and an entry is fresh if it was said in the current one while the source is
 * there. Losing or regaining a source costs no visit to its entries but marking them dirty.
 *
 * What a source withdraws leaves a tombstone with its last word: a feed's withdrawal has to beat a
 * file, now and when the file is loaded later, and a withdrawn object keeps its name. Objects and
 * tombstones live until the source is removed; their number is bounded by what a network ever had.
 */
#ifndef PCE_TED_SOURCE_RIB_H
#define PCE_TED_SOURCE_RIB_H

#include "pce/base/hash.h"
#include "pce/ted/key.h"
#include "pce/ted/source/blob.h"
#include "pce/ted/source/keyring.h"
#include "pce/ted/ted.h"

#define RIB_NONE UINT32_MAX

enum rib_object_flag {
	RIB_DIRTY = 1u << 0, /* in rib.dirty */
	RIB_STATIC = 1u << 1, /* a node without IGP identity, or a link from or to one */
	RIB_PSEUDONODE = 1u << 2,
	RIB_REBOUND = 1u << 3, /* while static objects are bound */
	RIB_PAIRED = 1u << 4, /* while directions are paired: done, with an earlier link */
};

struct rib_object {
	struct key *key;
	uint32_t entries; /* first of its entries, RIB_NONE none */
	uint32_t row; /* of nodes and links: row number, TED_NONE none yet */
	uint32_t local, remote; /* of links: their nodes; local of prefixes and SIDs: their node */
	uint32_t child; /* of nodes: first prefix or SID; of those: the next one */
	uint32_t
	    target; /* of a static object that is the same as another: that one, else RIB_NONE */
	uint32_t alias; /* first static object that is the same; of static ones: the next one */
	uint8_t type; /* enum ted_object */
	uint8_t flags; /* enum rib_object_flag */
};

/* A node in a list of their own: every link of a feed looks two of them up, so what that reads
 * stays close together. */
struct rib_node {
	const struct key *key;
	uint32_t object;
};

struct rib_entry {
	struct blob *blob; /* never NULL in use */
	uint32_t object;
	uint32_t next; /* entry of the same object, or free entry */
	uint32_t generation;
	uint16_t source; /* index in rib.sources */
	bool used;
	bool withdrawn; /* a tombstone */
};

struct rib_source {
	struct ted_source id;
	uint32_t generation; /* counts from 1 */
	uint32_t expired; /* entries up to this generation are unknown */
	bool lost;
	bool complete; /* it has told all that it has at least once */
};

/* How far a statement can be trusted, best first. */
enum rib_freshness { RIB_FRESH, RIB_STALE, RIB_UNKNOWN };

struct rib {
	struct keyring *ring;
	struct hash by_key; /* all but nodes */
	struct hash by_node; /* into nodes */
	struct rib_node *nodes;
	size_t n_nodes, cap_nodes;
	struct rib_object *objects;
	size_t n_objects, cap_objects;
	struct rib_entry *entries;
	size_t n_entries, cap_entries;
	uint32_t free_entry; /* first of the free ones */
	struct rib_source *sources;
	size_t n_sources, cap_sources;
	uint32_t *dirty; /* has room for every object */
	size_t n_dirty, cap_dirty;
	uint32_t *numbers; /* SRLG and affinity objects; static objects: has room for all */
	size_t n_numbers, cap_numbers;
	uint32_t *statics;
	size_t n_statics, cap_statics;
	bool rebind; /* something changed that decides which static object is which other one */
};

/* Empty tables over a new keyring; seed keys the index. */
enum pce_status rib_init(struct rib *rib, uint64_t seed, struct pce_error *err);
/* Frees all but the objects' keys, which other holders of the keyring may still read. */
void rib_free(struct rib *rib);

/* Notes one delta: all or nothing. */
enum pce_status rib_apply(struct rib *rib, struct ted_source source, const struct ted_delta *delta,
			  struct pce_error *err);
/* Notes an event of a source: all or nothing. */
enum pce_status rib_event(struct rib *rib, struct ted_source source, enum ted_source_event event,
			  struct pce_error *err);

/* The object under a key, or RIB_NONE. */
uint32_t rib_find(const struct rib *rib, const uint8_t *bytes, size_t len);
/* Marks an object for the next settle; never fails. */
void rib_mark(struct rib *rib, uint32_t object);
/* How fresh an entry is. */
enum rib_freshness rib_freshness(const struct rib *rib, const struct rib_entry *entry);
/* True if a feed that has told all that it has speaks of a node. */
bool rib_told_by_feed(const struct rib *rib, uint32_t node);
/*
 * True if a feed that has told all that it has should have told of this link, and none does: it
 * speaks of both ends, or of one of them and the other lies in the same IGP domain (instance, AS
 * and BGP-LS id).
 */
bool rib_missed_by_feed(const struct rib *rib, uint32_t link);
/* Kind of source of an entry. */
enum ted_source_kind rib_kind(const struct rib *rib, const struct rib_entry *entry);
/* The object that an object counts as: itself, or its target. */
uint32_t rib_resolve(const struct rib *rib, uint32_t object);

#endif
