/*
 * Replay: an independent forwarder. It sends a virtual packet along a segment list over all
 * equal-cost paths of the IGP, by its own reading of RFC 8986 and 9800, and tells which links the
 * packet can take and which share of the traffic each one carries. It knows neither the compiler
 * nor the path engine; a checker forbids their headers here.
 */
#ifndef PCE_SEGMENT_REPLAY_H
#define PCE_SEGMENT_REPLAY_H

#include "pce/ted/ted.h"

/* A SID that replay shall know although no source advertised it (synthesised for a file without
 * SIDs). */
struct replay_sid {
	uint8_t sid[16];
	uint16_t behavior;
	uint32_t node, link; /* link TED_NONE for End */
	uint8_t block, width; /* NEXT-CSID: bits of its locator block and of its C-SID; else 0 */
	bool local; /* nobody routes to it: it means something at its node only */
};

#define REPLAY_WHOLE UINT64_C(1000000000000) /* all of the traffic */

struct replay_result {
	uint32_t
	    *links; /* every link that carries some share, by row, sorted; owned by the result */
	uint64_t *shares; /* of each of these: parts per REPLAY_WHOLE of the traffic; more than
			     that on a link that is crossed twice; a split rounds down */
	size_t n_links;
	uint32_t width; /* most equal-cost links over which a router splits it; 1: no branching */
	bool delivered; /* every copy of the packet ended at the last SID's node */
	uint32_t end; /* node where it ended, TED_NONE if at several */
	char text[256]; /* when not delivered: where and why the packet was lost */
};

/*
 * Forwards from node `from` along sids[0 … n-1]. extra lists synthesised SIDs (may be NULL with
 * n_extra 0). A packet that is lost is a result, not an error. *out must be empty;
 * replay_result_free(out) afterwards.
 */
enum pce_status replay_run(const struct ted *ted, uint32_t from, const uint8_t (*sids)[16],
			   size_t n, const struct replay_sid *extra, size_t n_extra,
			   struct replay_result *out, struct pce_error *err);
void replay_result_free(struct replay_result *result);

/*
 * True in *same if the packet takes exactly the links path[0 … n_path-1] in every case, each once,
 * and arrives at their end; else text (cap octets) says what it does instead.
 */
enum pce_status replay_matches(const struct ted *ted, uint32_t from, const uint8_t (*sids)[16],
			       size_t n, const struct replay_sid *extra, size_t n_extra,
			       const uint32_t *path, size_t n_path, bool *same, char *text,
			       size_t cap, struct pce_error *err);

/* Links that a list is to use. */
struct replay_expected {
	const uint32_t *path, *branches; /* in order of travel; sorted */
	size_t n_path, n_branches;
};

/*
 * The same for a list that may branch: true in *same if the packet takes the links of path and
 * branches, all of them and no others, and always arrives at the path's end.
 */
enum pce_status replay_spreads(const struct ted *ted, uint32_t from, const uint8_t (*sids)[16],
			       size_t n, const struct replay_sid *extra, size_t n_extra,
			       const struct replay_expected *expected, bool *same, char *text,
			       size_t cap, struct pce_error *err);

#endif
