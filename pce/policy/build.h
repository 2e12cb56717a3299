/* From a placement to the record of a policy: what the headend shall hold, and what it is bound to.
 */
#ifndef PCE_POLICY_BUILD_H
#define PCE_POLICY_BUILD_H

#include "pce/policy/place.h"
#include "pce/policy/policy.h"
#include "pce/ted/ted.h"

#define POLICY_PREFERENCE_PRIMARY 200u
#define POLICY_PREFERENCE_BACKUP 100u

struct policy_plan {
	const struct intent *intent;
	bool backward;
	const char *name_prefix; /* of Karst's policies; the name is prefix + policy id */
	uint32_t color;
	struct ip_addr endpoint;
	ted_node headend, tailend;
	uint64_t generation;
};

/* The id of an intent's policy: "INTENT" or "INTENT~", in arena; NULL without memory. */
const char *policy_id_of(struct arena *arena, const char *intent_id, bool backward);

/*
 * The address that stands for a node as an endpoint: its IPv6 router id, else its IPv4 router id,
 * else its first host prefix. PCE_INVALID if it has none of them.
 */
enum pce_status policy_endpoint(const struct ted *ted, ted_node node, struct ip_addr *out,
				struct pce_error *err);

/*
 * Builds the record: route i and list i become candidate path i, primary first; those of a
 * guarantee the weighted lists of one candidate path. placement NULL: a record without a path.
 * Nothing is held. *out and all it points to lie in arena.
 */
enum pce_status policy_build(const struct ted *ted, const struct policy_plan *plan,
			     const struct placement *placement, struct arena *arena,
			     struct policy_record **out, struct pce_error *err);

/* As policy_build, with the paths of a record that is there already: only what the plan says
 * (color, endpoint, steering, generation) is new. */
enum pce_status policy_restyle(const struct policy_plan *plan, const struct policy_record *paths,
			       struct arena *arena, struct policy_record **out,
			       struct pce_error *err);

/*
 * Makes record hold what the record before it was bound to or held (make before break). Strings are
 * copied into arena.
 */
enum pce_status policy_hold(struct arena *arena, struct policy_record *record,
			    const struct policy_record *before, struct pce_error *err);

/*
 * Leaves in a record only the lists i with stands[i], and the candidate paths that keep one. False
 * without memory; the record is then as before.
 */
bool policy_drop_lists(struct arena *arena, struct policy_record *record, const bool *stands);

/* The lowest color from min to max that is not among used[0 … n-1], which is sorted here; 0: none
 * is free. */
uint32_t policy_pick_color(uint32_t min, uint32_t max, uint32_t *used, size_t n);

#endif
