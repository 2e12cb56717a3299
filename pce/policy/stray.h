/*
 * Who may be led astray by a link that is new or became shorter, without asking replay for
 * everybody. A packet heads from one waypoint of its list to the next along the IGP's shortest
 * paths; a link a → b attracts it only if to a, over the link, and on from b is no longer than the
 * way that the path takes. Two searches a changed link answer that for all policies.
 *
 * The searches leave out what would only lengthen a way (overload bits, topologies), so a policy
 * that they clear is clear; one that they do not clear is to be replayed.
 */
#ifndef PCE_POLICY_STRAY_H
#define PCE_POLICY_STRAY_H

#include "pce/base/arena.h"
#include "pce/policy/policy.h"
#include "pce/ted/ted.h"

/* A part of a route that is left to the IGP: from the node before link `from` to the node before
 * link `to` (counted along the route). */
struct stray_leg {
	uint32_t from, to;
};

/*
 * Splits a route into the legs that its list leaves to the IGP; *legs lies in arena. *known false:
 * the list does not match the route by what its nodes and links advertise now, so nothing can be
 * said without replay.
 */
enum pce_status stray_legs(const struct ted *ted, const struct srpolicy_list *list,
			   const ted_link *links, size_t n, struct arena *arena,
			   struct stray_leg **legs, size_t *n_legs, bool *known,
			   struct pce_error *err);

struct stray;

/* Searches from and to the ends of n links. Caller owns *out; stray_free(NULL) does nothing. O(n
 * links log nodes). */
enum pce_status stray_new(const struct ted *ted, const ted_link *links, size_t n,
			  struct stray **out, struct pce_error *err);
void stray_free(struct stray *stray);

/* True if one of the links may attract packets of one of the legs. */
bool stray_may(const struct stray *stray, const struct ted *ted, const ted_link *links,
	       const struct stray_leg *legs, size_t n_legs);

#endif
