/*
 * Traffic-engineering database: the graph that every computation reads. One ted belongs to one
 * thread.
 *
 * Sources say things through deltas (delta.h); ted_apply notes them, ted_settle merges what is new
 * into rows. Rows never move while the ted lives: a ted_node or ted_link found once stays valid,
 * also after its object was withdrawn (the row is then not usable) and if it returns. Results must
 * not depend on row numbers, which follow the order of arrival, but on `rank`, the place in the
 * order of canonical keys.
 *
 * Files and feeds say what there is; telemetry and operators add attributes to that and bring no
 * node or link into being. Names do not fall back when their source goes stale: a lost session
 * renames nothing. A link that a file gives no IGP metric has metric 1.
 */
#ifndef PCE_TED_TED_H
#define PCE_TED_TED_H

#include "pce/base/text.h"
#include "pce/ted/delta.h"

struct ted;

typedef uint32_t ted_node; /* row number of a node */
typedef uint32_t ted_link; /* row number of a directed link */
#define TED_NONE UINT32_MAX

/* Metric of a link that its source did not give, or that RFC 5305 / 2328 call unreachable: no path
 * uses it. */
#define TED_METRIC_UNREACHABLE UINT32_MAX

/* Why a row cannot be used; 0 is usable. Several may hold. */
enum ted_unusable {
	TED_UNUSABLE_WITHDRAWN = 1u << 0, /* no source has it any more */
	TED_UNUSABLE_ONE_WAY = 1u << 1, /* a feed shows one half-link only */
	TED_UNUSABLE_ATTRIBUTES = 1u << 2, /* its attributes were discarded as malformed */
	TED_UNUSABLE_METRIC = 1u << 3, /* no IGP metric, or the unreachable one */
	TED_UNUSABLE_DOWN = 1u << 4, /* a fresh source says down */
	TED_UNUSABLE_ADMIN = 1u << 5, /* an operator took it out */
	TED_UNUSABLE_UNKNOWN = 1u << 6, /* its only sources were lost too long ago */
	TED_UNUSABLE_FAILED = 1u << 7, /* failed by a what-if question on this fork */
	TED_UNUSABLE_ENDPOINT = 1u << 8, /* one of its nodes is unusable */
};

struct ted_node_row {
	const char *name; /* unique among usable nodes; never NULL */
	const char *label; /* NULL without one */
	const char *site; /* NULL without one */
	struct ip_addr router_id_v4, router_id_v6;
	uint64_t unavailability_ppt; /* of the node itself */
	uint32_t unusable; /* enum ted_unusable bits */
	uint32_t rank;
	bool overload; /* may start and end paths, carries no transit */
	bool pseudonode;
	bool stale; /* only stale sources know it */
	bool srv6;
	bool has_availability, has_position;
	double latitude, longitude;
	const uint32_t *srlg; /* sorted */
	size_t n_srlg;
	const struct ted_msd *msd; /* sorted by type */
	size_t n_msd;
	const struct ted_sid *sids; /* End SIDs, sorted by octets */
	size_t n_sids;
	const uint8_t *algorithms; /* that it takes part in, sorted */
	size_t n_algorithms;
	const struct ted_fad *fads; /* definitions that it advertises, sorted by algorithm */
	size_t n_fads;
	const struct ted_prefix_row *prefixes; /* sorted */
	size_t n_prefixes;
	const char *const *services; /* sorted */
	size_t n_services;
};

struct ted_prefix_row {
	struct ip_prefix prefix;
	uint16_t topology;
	uint32_t metric;
	bool has_locator;
	struct ted_locator locator;
};

/* What the feeds say of a link, whatever files and telemetry say. */
enum ted_feed_word {
	TED_FEED_NONE, /* none ever told of it */
	TED_FEED_HAS,
	TED_FEED_LOST, /* withdrawn, or not among all that a feed has told of its domain */
};

struct ted_link_row {
	const char *name; /* unique among usable links; never NULL */
	ted_node from, to;
	ted_link reverse; /* the other direction of the same fibre, or TED_NONE */
	uint32_t unusable; /* enum ted_unusable bits */
	uint32_t rank;
	uint16_t topology;
	uint8_t feed; /* enum ted_feed_word */
	bool stale;
	bool has_delay, has_capacity, has_availability;
	bool base_given; /* base_bps is a start residual that a source gave, not capacity x
			    subscription */
	uint32_t igp_metric; /* 0 out of a pseudonode */
	uint32_t te_metric; /* the IGP metric where none was given */
	uint32_t delay_us; /* 0 where none was given */
	uint32_t delay_min_us, delay_max_us;
	uint32_t loss_ppb;
	uint64_t capacity_bps; /* 0 where none was given; UINT64_MAX out of or into a pseudonode
				  without one */
	uint64_t
	    base_bps; /* what may be booked in all: start residual, or capacity x subscription */
	uint64_t booked_bps; /* by policies; kept by the ledger */
	uint64_t slice_bps; /* held by slices; kept by the ledger */
	uint64_t idle_bps; /* of what is booked: not flowing, as far as is measured */
	uint64_t lingering_bps; /* flows here, but is not booked here now: see ted_set_flow */
	uint64_t unbooked_bps; /* measured traffic that nobody booked */
	uint64_t measured_bps;
	uint64_t advertised_residual_bps; /* RFC 8571, shown only */
	uint64_t unavailability_ppt;
	struct ip_addr v4_local, v4_remote, v6_local, v6_remote;
	uint32_t local_id, remote_id;
	const uint32_t *affinity; /* extended admin group, n_affinity words; bits past them are 0 */
	size_t n_affinity;
	const uint32_t *srlg; /* sorted; of the link alone */
	size_t n_srlg;
	const struct ted_sid *sids; /* End.X SIDs, sorted by octets */
	size_t n_sids;
	const char *const *slices; /* sorted */
	size_t n_slices;
};

struct ted_srlg_row {
	uint32_t number;
	const char *name; /* NULL without one */
	uint64_t unavailability_ppt;
};

/* A site whose availability is known. */
struct ted_site_row {
	const char *name;
	uint64_t unavailability_ppt;
};

/* What ted_settle changed, row by row. */
enum ted_changed {
	TED_CHANGED_NEW = 1u << 0, /* became usable for the first time, or again */
	TED_CHANGED_GONE = 1u << 1, /* is not usable any more */
	TED_CHANGED_METRIC = 1u << 2, /* IGP metric: forwarding of others may change */
	TED_CHANGED_TE = 1u << 3, /* TE metric, delay, affinity, SRLG, availability, slices */
	TED_CHANGED_BANDWIDTH = 1u << 4, /* capacity, subscription, measured */
	TED_CHANGED_SIDS = 1u << 5, /* SIDs, locators, MSD, SRv6 capability */
	TED_CHANGED_NAME = 1u << 6, /* names, labels, addresses, positions: shown only */
	TED_CHANGED_OVERLOAD = 1u << 7,
	TED_CHANGED_STALE = 1u << 8,
	TED_CHANGED_REASON = 1u << 9, /* still not usable, but for another reason, or one more */
};

struct ted_change {
	bool is_link;
	uint32_t row;
	uint32_t what; /* enum ted_changed bits */
	uint64_t revision; /* of the ted after the settle that made it */
};

/*
 * Makes an empty ted. seed keys its hash tables; no result depends on it. Caller owns *out;
 * ted_free(NULL) does nothing.
 */
enum pce_status ted_new(struct ted **out, uint64_t seed, struct pce_error *err);
void ted_free(struct ted *ted);

/*
 * A copy that shares the immutable structure and copies the attributes: what-if questions and
 * workers change it without touching the original. It can do everything but ted_apply, ted_source
 * and ted_settle. It may be used and freed on another thread, and may outlive the original. Caller
 * owns *out. O(rows), a few memcpys.
 */
enum pce_status ted_fork(const struct ted *ted, struct ted **out, struct pce_error *err);

/* Fixed seed-independent number of what was merged so far; grows with every settle that changed
 * something. */
uint64_t ted_revision(const struct ted *ted);

/*
 * Notes what a source says. Rows change at the next ted_settle. All or nothing per delta: on an
 * error the deltas before the faulty one stand. PCE_INVALID for keys that cannot be (empty router
 * id, no such protocol).
 */
enum pce_status ted_apply(struct ted *ted, struct ted_source source, const struct ted_delta *deltas,
			  size_t n, struct pce_error *err);

/* Something happened to a source as a whole. Rows change at the next ted_settle. */
enum pce_status ted_source(struct ted *ted, struct ted_source source, enum ted_source_event event,
			   struct pce_error *err);

/*
 * Merges everything noted since the last settle into the rows: per attribute the highest fresh
 * source wins; checks both directions of feed links; pairs directions; names rows; keeps the order.
 * *changes (owned by ted, valid until the next settle) names each row that changed, nodes before
 * links, in row order; a row that never was usable before counts as all zero. Ranks of all rows
 * move up when rows are added, without being named. On failure the rows are as they were, what was
 * noted stays noted, and the next settle does it again. Structural changes (new rows, new names)
 * cost O(rows), so settle once per batch of updates; attribute changes and withdrawals cost O(1)
 * each.
 */
enum pce_status ted_settle(struct ted *ted, const struct ted_change **changes, size_t *n,
			   struct pce_error *err);

/* Number of rows, unusable ones included: rows are 0 … count - 1. */
uint32_t ted_node_count(const struct ted *ted);
uint32_t ted_link_count(const struct ted *ted);

/*
 * A row, valid until the next settle, booking or failure of any row. (Rows of a ted that has forks
 * may move when a neighbour is changed.)
 */
const struct ted_node_row *ted_node_at(const struct ted *ted, ted_node node);
const struct ted_link_row *ted_link_at(const struct ted *ted, ted_link link);

/* Links out of (into) a node, in order of rank, usable or not; valid until the next settle. */
const ted_link *ted_links_out(const struct ted *ted, ted_node node, size_t *n);
const ted_link *ted_links_in(const struct ted *ted, ted_node node, size_t *n);

/* True if the link and both its nodes are usable. */
bool ted_link_usable(const struct ted *ted, ted_link link);

/* What may still be booked: base - booked - slices - unbooked measured traffic, never negative.
 * bit/s. */
uint64_t ted_residual_bps(const struct ted *ted, ted_link link);

/*
 * How much of the measured traffic is that of bookings and slices: what they booked, less idle_bps
 * of it that does not flow, and lingering_bps that flows although it is not booked here any more.
 * bit/s.
 */
uint64_t ted_carried_bps(const struct ted_link_row *row);

/* Known SRLGs (named or priced), sorted by number; and the risk of one, 0 ppt if nothing is known
 * of it. */
const struct ted_srlg_row *ted_srlgs(const struct ted *ted, size_t *n);
uint64_t ted_srlg_unavailability_ppt(const struct ted *ted, uint32_t number);

/* Sites whose availability is known, sorted by name; and the risk of one (NULL: none), 0 ppt if
 * nothing is known of it. */
const struct ted_site_row *ted_sites(const struct ted *ted, size_t *n);
uint64_t ted_site_unavailability_ppt(const struct ted *ted, const char *name);

/*
 * Finds a node by name, then by router id, then by a label that is unique. PCE_NOT_FOUND names the
 * text and, if there is one, a similar name.
 */
enum pce_status ted_find_node(const struct ted *ted, const char *text, ted_node *out,
			      struct pce_error *err);

/*
 * Finds links by name, or as "A,B": all links between A and B, in both
 * directions, those from A first. A name is tried first. Appends
 * to *links (grown with array_reserve, owned by the caller). PCE_NOT_FOUND names the text.
 */
enum pce_status ted_find_links(const struct ted *ted, const char *text, ted_link **links, size_t *n,
			       size_t *cap, struct pce_error *err);

/* Number of an SRLG given as number or name. PCE_NOT_FOUND names the text. */
enum pce_status ted_find_srlg(const struct ted *ted, const char *text, uint32_t *out,
			      struct pce_error *err);

/*
 * Bit of an affinity given as its name or as a bit number. PCE_NOT_FOUND: nobody gave a bit that
 * name; it matches no link, which is no error for a path.
 */
enum pce_status ted_find_affinity(const struct ted *ted, const char *text, uint32_t *out_bit,
				  struct pce_error *err);

/* Name of an affinity bit, or NULL. */
const char *ted_affinity_name(const struct ted *ted, uint32_t bit);

/*
 * The canonical key as text, for stores and dumps: stable over restarts and the same for every
 * order of arrival. Valid as long as the ted.
 */
const char *ted_link_key_text(const struct ted *ted, ted_link link);
const char *ted_node_key_text(const struct ted *ted, ted_node node);

/* The row under a canonical key text, or TED_NONE. */
ted_link ted_link_by_key(const struct ted *ted, const char *key_text);
ted_node ted_node_by_key(const struct ted *ted, const char *key_text);

/*
 * Books or frees bandwidth on a directed link, O(1). Reserving checks nothing: admission is the
 * ledger's business (a capacity that dropped may leave a link overbooked). Releasing more than is
 * booked is PCE_INTERNAL.
 */
enum pce_status ted_book(struct ted *ted, ted_link link, uint64_t rate_bps, struct pce_error *err);
enum pce_status ted_unbook(struct ted *ted, ted_link link, uint64_t rate_bps,
			   struct pce_error *err);
/* As ted_book and ted_unbook, for what a slice holds. */
enum pce_status ted_hold_slice(struct ted *ted, ted_link link, uint64_t rate_bps,
			       struct pce_error *err);
enum pce_status ted_release_slice(struct ted *ted, ted_link link, uint64_t rate_bps,
				  struct pce_error *err);

/*
 * As ted_unbook and ted_book, for a moment: the traffic of the booking still flows, so it does not
 * become traffic that nobody booked. To be undone before the next settle.
 */
enum pce_status ted_lift(struct ted *ted, ted_link link, uint64_t rate_bps, struct pce_error *err);
enum pce_status ted_lower(struct ted *ted, ted_link link, uint64_t rate_bps, struct pce_error *err);
/*
 * Says how bookings and measured traffic of a link go together: idle_bps of what is booked does
 * not flow, lingering_bps flows that was booked here until lately. Without it all that is booked
 * counts as flowing. While nothing is lifted.
 */
enum pce_status ted_set_flow(struct ted *ted, ted_link link, uint64_t idle_bps,
			     uint64_t lingering_bps, struct pce_error *err);

/* The canonical key of a link; name is room for the name that the key may have. */
void ted_link_key_of(const struct ted *ted, ted_link link, struct ted_link_key *out,
		     char name[TED_NAME_MAX + 1]);

/*
 * Fails or repairs a link or node on a fork (or in a trial), O(1) or O(degree). A failed link takes
 * its reverse with it (one fibre), a failed node all its links. Failing twice is one failure.
 * PCE_NO_MEMORY (the row may be shared with another fork and has to be copied first) leaves some of
 * it undone: try again or give the fork up. PCE_NOT_FOUND for a row that is not there.
 */
enum pce_status ted_fail_link(struct ted *ted, ted_link link);
enum pce_status ted_fail_node(struct ted *ted, ted_node node);
enum pce_status ted_repair_all(struct ted *ted);

/* Counters a feed's operator wants to see. */
struct ted_counters {
	uint64_t nodes, links, prefixes, sids; /* objects that sources hold now */
	uint64_t usable_nodes, usable_links; /* rows */
	uint64_t one_way_links,
	    discarded_attribute_links; /* rows that are unusable for this reason */
};
/* Counts what is there now. O(rows + objects of sources). */
void ted_count(const struct ted *ted, struct ted_counters *out);

/* Appends every row with all its attributes, sorted by canonical key: equal networks give equal
 * bytes. */
void ted_dump(const struct ted *ted, struct text *out);

#endif
