/*
 * Segment-list compiler: the shortest list of End and End.X SIDs, compressed (RFC 9800) where the
 * routers can, that forwards strictly along a given path over the IGP's equal-cost paths. What it
 * makes is accepted only after replay.h has forwarded along it.
 */
#ifndef PCE_SEGMENT_COMPILE_H
#define PCE_SEGMENT_COMPILE_H

#include "pce/segment/list.h"
#include "pce/ted/ted.h"

struct segment_igp;

/* Sums of a way that may be bounded: delay (us), TE metric, hops. */
#define SEGMENT_SUMS 3

/* What limits a list and where missing values come from. */
struct segment_options {
	bool strict_msd; /* an absent MSD means RFC 9352's default (a headend may push no list) */
	uint32_t assumed_msd; /* limit where a feed gave none and strict_msd is off; 0: no limit
				 (from a file) */
	uint32_t service_sids; /* SIDs that the steered route appends (the egress's service SID): 1,
				  or 0 when the list's last SID must decapsulate (then an End.X
				  without USD cannot be last) */
	bool synthesise; /* make SIDs up for a node or link without any (offline files); marked
			    assumed */
	bool loose; /* placing shall fill in what follows, by the request's constraints */
	/*
	 * Loose: the list may leave the traffic to any equal-cost way whose links `allows` says yes
	 * to (ctx is its first argument) and whose sums, the path's own list ended, keep within
	 * `most`. NULL: strict.
	 */
	bool (*allows)(const void *ctx, uint32_t link);
	const void *ctx;
	uint64_t most[SEGMENT_SUMS]; /* delay, TE metric, hops; UINT64_MAX: no bound */
	bool synthesise_csids; /* … and make them NEXT-CSID ones (RFC 9800) */
};

/* Shortest-path state of the IGP, kept between compilations: one per thread. Caller owns *out. */
enum pce_status segment_igp_new(const struct ted *ted, struct segment_igp **out,
				struct pce_error *err);
void segment_igp_free(struct segment_igp *igp);
/* Forgets what it knows after IGP metrics, links or SIDs changed. */
void segment_igp_reset(struct segment_igp *igp);

/* The graph that it is of. */
const struct ted *segment_igp_ted(const struct segment_igp *igp);

/* SIDs that a headend can push, the service SID included; UINT32_MAX: no limit is known. */
uint32_t segment_headend_limit(const struct segment_igp *igp, uint32_t node,
			       const struct segment_options *options);

/* True if there are flexible algorithms: then also other attributes of links than the IGP metric
 * change what routers do. */
bool segment_igp_flexible(const struct segment_igp *igp);

/* What a compilation reports besides the list. */
struct segment_report {
	bool fits; /* within every limit */
	uint32_t limit; /* the smallest limit that applied, UINT32_MAX none */
	uint32_t limit_node; /* whose limit it was, TED_NONE if none */
	bool msd_assumed; /* the limit is not the headend's own word */
	bool sids_assumed; /* some SIDs were synthesised, or their behaviour was not told and is
			      taken for plain End or End.X */
	char text[256]; /* when no list is given: which limit, or which node or link lacks a SID */
};

/*
 * Compiles the path links[0 … n-1] (connected, usable) into *out, which must be empty; *report is
 * always filled. PCE_OK, out filled: the list fits and its replay takes exactly the path.
 * PCE_LIMIT: the list would exceed a limit (out stays empty, report says which). PCE_UNSUPPORTED: a
 * SID that is needed does not exist. PCE_INTERNAL: replay disagrees, which is a defect of the
 * compiler and is never emitted.
 */
enum pce_status segment_compile(struct segment_igp *igp, const uint32_t *links, size_t n,
				const struct segment_options *options, struct segment_list *out,
				struct segment_report *report, struct pce_error *err);

/*
 * Replays a list again, its synthesised SIDs included: true in *same if it still forwards from node
 * `from` exactly along links[0 … n-1], and over its branches if it has any; else text (cap octets)
 * says what happens instead.
 */
enum pce_status segment_list_matches(const struct ted *ted, uint32_t from,
				     const struct segment_list *list, const uint32_t *links,
				     size_t n, bool *same, char *text, size_t cap,
				     struct pce_error *err);

#endif
