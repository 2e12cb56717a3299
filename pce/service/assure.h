/*
 * Silent failures: what headends' probes of their lists say becomes suspicion against fibres, which
 * no feed speaks of. See assure.c; the weighing is pce/assure's.
 */
#ifndef PCE_SERVICE_ASSURE_H
#define PCE_SERVICE_ASSURE_H

#include "pce/assure/localise.h"
#include "pce/service/internal.h"

/* A list whose probes did not return, kept as long as it counts. */
struct assure_kept {
	char *policy_id;
	uint32_t slot;
	uint64_t generation; /* of the record that the list is of */
	size_t list; /* as in srpolicy_list_at */
	ted_link *links; /* that it crosses, in order of travel; behind them what it branches to */
	size_t n, n_path;
	struct usec failed_at;
	struct usec until; /* USEC_NEVER while the headend says so */
	struct usec stale_at; /* then it is no reason any more to stay on what fails for certain */
	int64_t since_us; /* wall clock */
	unsigned strikes; /* how often the like was seen: its time doubles with each */
	bool acted; /* its policy was put to work for what is known now */
	bool stale; /* stale_at is over */
	bool alone; /* all of its fibres were proved good since */
};

struct assure_strike {
	unsigned n;
	struct usec from, until; /* counts between these: at first the others see it too */
};

struct assurance {
	struct usec *alive_at; /* by link: when a list over it was last seen to return */
	struct assure_strike *strikes; /* by link */
	size_t n_links, cap_alive, cap_strikes;
	struct assure_kept **kept;
	size_t n_kept, cap_kept;
	bool dirty; /* the evidence changed */
	struct arena arena; /* of the verdict */
	struct assure_verdict verdict; /* fibres are the lesser row of their two directions */
	bool *crossing; /* by suspect: one that may be crossed, while a way past the rest is sought;
			   NULL: none */
	bool crossing_all;
	bool too_many; /* they are not believed */
	struct usec look_at; /* when headends are asked again */
	int64_t pause_us; /* after which they are asked again */
	char **told; /* objects of alarms that are raised */
	size_t n_told, cap_told;
};

/* The fibre of a link: the lesser row of its two directions. */
ted_link assure_fibre(const struct service *s, ted_link link);
/* The suspect of a fibre, or NULL. */
const struct assure_suspect *assure_find(const struct assurance *a, ted_link fibre);
/* Whether a kept failure has the fibre among its suspects. */
bool assure_blames(const struct service *s, const struct assure_kept *kept, ted_link fibre);

/* Part of the service's life. */
enum pce_status assure_new(struct service *s, struct pce_error *err);
/* Part of the service's end; one that was never made is no matter. */
void assure_free(struct service *s);
/* Takes in what a headend says of a policy's lists. */
enum pce_status assure_note(struct service *s, struct service_policy *policy,
			    const struct deploy_item_view *view, struct pce_error *err);
/* Links changed: what was a silent failure may be none. */
void assure_links(struct service *s);
/* Weighs the evidence if it changed, and what follows. */
enum pce_status assure_tick(struct service *s, struct pce_error *err);
/* When assure_tick has to be called though nothing happens. */
struct usec assure_deadline(const struct service *s);
/* Adds to a request what it shall avoid because it is suspected. */
enum pce_status assure_request(const struct service *s, const char *intent_id, bool backward,
			       struct arena *arena, struct path_request *r, struct pce_error *err);
/* True if requests avoid anything for that. */
bool assure_avoids(const struct service *s);
/*
 * Requests of the policy may cross some suspects from now on, if no way avoids them all: as few as
 * leave it any way, the unlikeliest first; *crossing then. The memory is the arena's, which has to
 * outlive the crossing.
 */
enum pce_status assure_choose(struct service *s, const struct service_policy *policy,
			      struct arena *arena, bool *crossing, struct pce_error *err);
/*
 * Requests may cross every suspect, until assure_cross_one says otherwise for some. *order: numbers
 * of the *n likeliest, the likeliest first. The memory is the arena's, as with assure_choose.
 */
enum pce_status assure_cross_each(struct service *s, struct arena *arena, const size_t **order,
				  size_t *n, struct pce_error *err);
/* After assure_cross_each: whether requests may cross the suspect of this number. */
void assure_cross_one(struct service *s, size_t suspect, bool may);
/* Requests may cross every suspect. */
void assure_cross_all(struct service *s);
/* True if each route of an answer is bound to fail: it crosses all that may be the cause of some
 * failure. */
bool assure_is_hopeless(const struct service *s, const struct path_answer *answer);
/* Requests avoid them all again. */
void assure_cross_none(struct service *s);

/* --- assure_told.c --- */
/* Raises and clears alarms as the verdict says. */
enum pce_status assure_tell(struct service *s, struct pce_error *err);

#endif
