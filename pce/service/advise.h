/* What restoration and the mode advise want of each other. */
#ifndef PCE_SERVICE_ADVISE_H
#define PCE_SERVICE_ADVISE_H

#include "pce/service/internal.h"

enum plan_outcome {
	PLAN_STANDS, /* what is there stays; text: what it lacks, or "" */
	PLAN_MOVE, /* next; text: what that lacks, or "" */
	PLAN_STUCK, /* what is there is not right, and there is nothing better; text: why */
};

/* What restoration would do with one policy. */
struct restore_plan {
	enum plan_outcome outcome;
	struct held_record next; /* PLAN_MOVE; the caller's */
	char text[512];
	char left[512]; /* why what is there is left; "" */
};

/* What restoration would do with the policy now, for the work that it is to be looked at for;
 * nothing changes. out is zeroed before. */
enum pce_status restore_plan(struct service *s, struct service_policy *policy,
			     struct restore_plan *out, struct pce_error *err);
/* The planned record comes into force on the books, in the store and on the router. */
enum pce_status restore_take(struct service *s, struct service_policy *policy,
			     struct restore_plan *plan, struct pce_error *err);
/* Looks at a policy now, and moves it if need be. */
enum pce_status restore_now(struct service *s, struct service_policy *policy,
			    struct pce_error *err);

/* --- proposals.c --- */

/* The change of that number that is on the list; NULL: none. */
struct kept_change *proposal_find(const struct service *s, uint64_t id);
/* A change that is being made up, with room for n parts; proposal_free frees it. */
enum pce_status proposal_new(struct service *s, size_t n, const char *cause,
			     struct kept_change **out, struct pce_error *err);
void proposal_free(struct kept_change *kept);
/* What a record is, as one side of a part. All it points to lies in arena. */
enum pce_status proposal_side(const struct service *s, const struct policy_record *record,
			      struct arena *arena, struct change_side *out, struct pce_error *err);
/*
 * The draft comes onto the list in place of what its policies had: unless it is the same. Takes the
 * draft; *now: what is on the list for these policies afterwards, NULL if the draft is empty.
 */
enum pce_status proposal_replace(struct service *s, struct kept_change *draft,
				 struct service_policy **policies, size_t n,
				 struct kept_change **now, struct pce_error *err);
/* Takes a change off the list; how it ended, and why, for people. */
enum pce_status proposal_end(struct service *s, struct kept_change *kept, const char *state,
			     const char *text, struct pce_error *err);
/* Tells subscribers what became of a change. */
enum pce_status proposal_tell(struct service *s, uint64_t id, const char *state, const char *text,
			      struct pce_error *err);

/* What a router holds, as one side of a part: it has no links that Karst knows. */
enum pce_status proposal_held(const struct srpolicy *held, struct arena *arena,
			      struct change_side *out, struct pce_error *err);

/* --- repair.c --- */

/* True if the change repairs what a router was changed to. */
bool repair_is(const struct kept_change *kept);
/* Approves one; why: the answer, if it is not done. */
enum pce_status repair_approve(struct service *s, struct kept_change *kept, const char *text,
			       struct pce_error *why, struct pce_error *err);

/* --- queue.c, advise.c --- */

/* The policy says that it waits for the change; dead: it carries nothing meanwhile. */
enum pce_status advise_say_waits(struct service *s, struct service_policy *policy,
				 const struct change *change, bool dead, struct pce_error *err);
/* Clears the alarm of a policy that carries nothing until it is approved. */
enum pce_status advise_no_alarm(struct service *s, const struct service_policy *policy,
				struct pce_error *err);
/* The answer to whoever approves what would not be done any more. */
void advise_stale(uint64_t id, const struct service_policy *policy, struct pce_error *why);

/* Takes out of the queue what left meanwhile, and sorts the rest (queue.c). */
enum pce_status queue_order(struct service *s, struct pce_error *err);

/* Looks at a policy of the queue that may only be advised: proposes, or keeps what is proposed. */
enum pce_status advise_look(struct service *s, struct service_policy *policy, int *budget,
			    struct pce_error *err);

#endif
