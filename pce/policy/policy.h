/*
 * SRv6 Policies (RFC 9256) as plain data: what one headend shall hold, or holds. This is what
 * drivers push and read back, and what the store keeps. Strings and arrays belong to the arena that
 * the value was made in.
 */
#ifndef PCE_POLICY_POLICY_H
#define PCE_POLICY_POLICY_H

#include "pce/base/addr.h"
#include "pce/base/arena.h"
#include "pce/base/units.h"
#include "pce/policy/intent.h"

/* One weighted segment list. */
struct srpolicy_list {
	const char *name;
	uint32_t weight;
	const uint8_t (*sids)[16];
	const uint16_t *behaviors; /* n_sids code points, 0 not known; informational */
	size_t n_sids;
};

/* One candidate path. */
struct srpolicy_path {
	const char *name;
	uint32_t preference; /* the highest valid one is active */
	const struct srpolicy_list *lists;
	size_t n_lists;
};

/* Traffic steered into the policy by prefix. */
struct srpolicy_steering {
	struct ip_prefix prefix;
	struct ip_addr service_sid; /* appended to the list (End.DT*); IP_NONE: none */
};

/* A policy on a headend: its key there is (color, endpoint). */
struct srpolicy {
	uint32_t color;
	struct ip_addr endpoint;
	const char *name;
	struct ip_addr binding_sid; /* IP_NONE: none */
	const struct srpolicy_path *paths; /* highest preference first */
	size_t n_paths;
	const struct srpolicy_steering *steering; /* sorted by prefix */
	size_t n_steering;
	/* What a router holds that no other field says ("admin-state is DOWN"); NULL: nothing.
	 * Never part of what is wanted. */
	const char *odd;
};

/* What the headend makes of one segment list. */
struct srpolicy_oper_list {
	uint32_t preference; /* of its candidate path */
	uint32_t id; /* number within it, from 1 */
	bool valid;
	const char *reason; /* why not; NULL without one */
};

/* Operational state as the headend reports it. */
struct srpolicy_oper {
	uint32_t color;
	struct ip_addr endpoint;
	bool up;
	uint32_t active_preference; /* 0: none */
	const char *reason; /* NULL without one */
	const struct srpolicy_oper_list *lists; /* those of which it tells something */
	size_t n_lists;
};

/* Deep copy into arena; NULL without memory. */
struct srpolicy *srpolicy_copy(struct arena *arena, const struct srpolicy *policy);
/* True if a router that holds one holds the other: everything but the behaviours is equal. */
bool srpolicy_equal(const struct srpolicy *a, const struct srpolicy *b);
/* Total order by key: color, then endpoint. */
int srpolicy_compare(const struct srpolicy *a, const struct srpolicy *b);

/* How many segment lists a policy has, over all candidate paths. */
static inline size_t
srpolicy_n_lists(const struct srpolicy *policy)
{
	size_t n = 0;

	for (size_t i = 0; i < policy->n_paths; i++)
		n += policy->paths[i].n_lists;
	return n;
}

/*
 * List number i, counted through all candidate paths from the highest preference on; i <
 * srpolicy_n_lists. *path (may be NULL) is the candidate path it belongs to.
 */
const struct srpolicy_list *srpolicy_list_at(const struct srpolicy *policy, size_t i, size_t *path);

/*
 * What one segment list is bound to, as the store keeps it: canonical link keys, in order of
 * travel; and of a loose list those of the links beside the path that equal-cost branching may use,
 * in no order. On each of them the list has booked `bps`.
 */
struct policy_bound {
	const char *const *link_keys;
	size_t n_links;
	const char *const *branch_keys;
	size_t n_branches;
	uint64_t bps;
};

/* A link that is still booked for what a headend may run, and how much. */
struct policy_held {
	const char *link_key;
	uint64_t bps;
};

enum policy_state {
	POLICY_PENDING, /* computed, not yet on the router */
	POLICY_DEPLOYING, /* being pushed */
	POLICY_ACTIVE, /* read back from the router as wanted */
	POLICY_FAILED, /* no path, or refused by the router; what is on the router stays */
	POLICY_REMOVING, /* being taken off the router */
};

/* Name as in the YANG enumeration; never NULL. */
const char *policy_state_name(enum policy_state state);

/*
 * One direction of one intent, as stored. `id` is "INTENT" for the forward and "INTENT~" for the
 * backward direction. List i of `srpolicy` (srpolicy_list_at) follows bound[i].
 */
struct policy_record {
	const char *id;
	const char *intent_id;
	const char *headend, *tailend; /* node key texts */
	bool backward;
	bool removing;
	uint64_t group; /* it changes together with others of this number; 0: by itself */
	const char *adopts; /* name of the policy of others that it takes the place of, until the
			       headend holds it; NULL: of none */
	bool unapproved; /* it is booked, and waits for a person before the headend gets it */
	bool tampered; /* the headend was changed, and waits for a person before it is repaired */
	uint64_t booked_bps; /* of the service; what each list books is in bound */
	struct srpolicy srpolicy;
	const struct policy_bound *bound; /* as many as srpolicy_n_lists */
	uint64_t generation; /* grows with every change of the path */
	/*
	 * Make before break: links that the headend may still use from before its last changes.
	 * They stay booked until it confirmed the newest one; a link in bound and in held is
	 * booked once, with the larger rate. Sorted by key.
	 */
	const struct policy_held *held;
	size_t n_held;
};

/* Deep copy into arena; NULL without memory. */
struct policy_record *policy_record_copy(struct arena *arena, const struct policy_record *record);
/* The keys that a list is bound to: its links in order of travel, then its branches. */
size_t policy_bound_count(const struct policy_bound *bound);
const char *policy_bound_key(const struct policy_bound *bound, size_t k);
/*
 * What a record books on key k of its list i, bit/s: the lists of one candidate path carry traffic
 * at the same time, so what they book on one link adds up; candidate paths take turns.
 */
uint64_t policy_bound_bps(const struct policy_record *record, size_t i, size_t k);

#endif
