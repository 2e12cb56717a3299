/*
 * Computing a policy's path anew beside the one that is there: what restoration (restore.c) and
 * re-optimisation (reoptimise.c) share.
 */
#ifndef PCE_SERVICE_RECOMPUTE_H
#define PCE_SERVICE_RECOMPUTE_H

#include "pce/operate/reoptimise.h"
#include "pce/service/internal.h"

/* A zeroed one with its policy set is ready; recompute_free afterwards. */
struct recompute {
	struct service_policy *p;
	struct path_request request;
	struct placement placement;
	struct held_record next;
	bool compared; /* what is there stands and answers the request: it has a value too */
	enum worth worth; /* what is compared ... */
	uint64_t before, after; /* ... of what is there, and of the placement */
	bool keep; /* what is there is as good */
	char note[512]; /* why it is not what was asked for; "" */
	const char *why; /* the path that is there is left; "" */
};

/* Frees what it holds. */
void recompute_free(struct recompute *r);
/* Computes what r->request asks for, with the policy's own bookings given back, and compares it
 * with what is there. No path is an answer. Nothing changes. */
enum pce_status recompute_ask(struct service *s, struct recompute *r, struct pce_error *why);
/* The new path comes into force on the books, in the store and on the router, if it differs. */
enum pce_status recompute_take(struct service *s, struct recompute *r,
			       const struct policy_move *why, struct pce_error *err);

/* --- reoptimise.c --- */
/* A link is as young as one that came back now. */
enum pce_status reoptimise_returned(struct service *s, ted_link link, struct pce_error *err);
/* The other direction of a co-routed intent goes where the leader went. */
enum pce_status recompute_follow(struct service *s, struct service_policy *leader, const char *left,
				 struct pce_error *err);

/* --- worth.c --- */
/* Fills worth, before and after. Asked while the policy's own bookings are lifted. */
enum pce_status worth_compare(const struct service *s, struct recompute *r, struct pce_error *err);

#endif
