/* What the two halves of admission share: computing (admit.c) and coming into force (admitted.c).
 */
#ifndef PCE_SERVICE_ADMIT_H
#define PCE_SERVICE_ADMIT_H

#include "pce/service/internal.h"

/* The work on one direction of an intent that is being put. */
struct policy_work {
	struct admission_part *part;
	struct admission_part *partner; /* that goes over the same links the other way; NULL */
	const struct intent *wanted;
	const struct intent *before; /* NULL: created */
	bool backward;
	uint32_t prefer_color; /* 0 none */
	struct arena *arena;
	struct path_request request;
	struct policy_plan plan, *out;
	const char *reason; /* of no path */
};

/* Computes, compiles and books one direction. Not OK: the answer to the client. */
enum pce_status admit_part(struct service *s, struct policy_work *work, struct pce_error *why);

/*
 * Computes and books what the step's event (SERVICE_INTENT_PUT) asks for. *out: the admission, to
 * be accepted or undone; NULL: why->status says why not (*reason for programs), or the intent is
 * there as it is wanted. Errors are those of the step.
 */
enum pce_status admit_prepare(struct service *s, struct admission **out, const char **reason,
			      struct pce_error *why, struct pce_error *err);
/* The admission goes to the store with the next batch; its policies change together with those of
 * the group, 0: by themselves. */
void admit_accept(struct service *s, struct admission *admission, uint64_t group);

struct reply_facts {
	enum pce_status status;
	const struct pce_error *why; /* when not OK */
	const char *reason;
	bool created;
	uint64_t revision;
	const struct admission *admission; /* whose paths are shown, NULL none */
	const struct service_intent *intent; /* likewise */
	const struct drain_report *drain; /* NULL none */
	const struct service_stuck
	    *refused; /* intents of a request over many, in the reply's arena */
	size_t n_refused;
};

/* Emits the reply to a request. */
enum pce_status send_reply(struct service *s, uint64_t request, const struct reply_facts *facts,
			   struct pce_error *err);
/* A copy in arena; NULL without memory. */
struct service_stuck *stuck_copy(struct arena *arena, const struct service_stuck *from, size_t n);
/* Gives back what an admission booked: all is as before. */
enum pce_status admission_undo(struct service *s, struct admission *a, struct pce_error *err);

#endif
