/* Both directions of an intent over the same links: see corouted.c. */
#ifndef PCE_SERVICE_COROUTED_H
#define PCE_SERVICE_COROUTED_H

#include "pce/service/internal.h"

/* The policy that goes over the same links the other way; NULL: the intent is not co-routed. */
struct service_policy *corouted_partner(const struct service_policy *policy);
/* Of the two, the one whose path is computed; NULL: the intent is not co-routed. */
struct service_policy *corouted_leader(const struct service_policy *policy);
/* True if the policy's path is that of another one. */
bool corouted_follows(const struct service_policy *policy);

/* ledger_lift and ledger_lower of a policy and another one (NULL: of one alone). */
enum pce_status corouted_lift(struct service *s, const struct service_policy *policy,
			      const struct service_policy *other, struct pce_error *err);
enum pce_status corouted_lower(struct service *s, const struct service_policy *policy,
			       const struct service_policy *other, struct pce_error *err);

/* What each direction holds is not there for the other one, though both are lifted: they may leave
 * one after the other. For a request of the leader; the list lies in arena. */
enum pce_status corouted_keep(const struct service_policy *leader,
			      const struct service_policy *follower, struct arena *arena,
			      struct path_request *request, struct pce_error *err);

/* True if two that should go over the same links do not, because a crash came between them or there
 * was no such path. */
bool corouted_apart(const struct service *s, const struct service_policy *policy);

/* Places the way back of the leader's record (NULL: it has none), while what both hold is lifted.
 * PCE_OK with or without a path. PCE_NO_MEMORY. */
enum pce_status corouted_follow(struct service *s, const struct service_policy *leader_policy,
				const struct policy_record *leader,
				const struct path_request *request,
				const struct segment_options *options, struct placement *out,
				struct pce_error *err);

/* What set off the work on one is what set it off on the other. */
enum pce_status corouted_share_work(struct service_policy *from, struct service_policy *to,
				    struct pce_error *err);

#endif
