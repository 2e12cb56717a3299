/*
 * The bandwidth ledger: who holds how much on which directed link. What is booked on a link in the
 * ted is the sum over all holdings, nothing else.
 *
 * A policy holds its bandwidth once on every link that any of its candidate paths uses: a backup
 * books too (else it would be no promise), but where primary and backup share a link it is counted
 * once, since only one of them carries the traffic. While a policy moves, its old links are held
 * with the old rate until the headend confirmed the move; a link that is old and new is counted
 * once, with the larger rate.
 */
#ifndef PCE_POLICY_LEDGER_H
#define PCE_POLICY_LEDGER_H

#include "pce/path/path.h"
#include "pce/ted/ted.h"

struct ledger_entry {
	ted_link link;
	uint64_t bps;
};

/* What one holder has booked. A zeroed holding is empty. */
struct ledger_holding {
	struct ledger_entry *entries; /* sorted by link, each once */
	size_t n, cap;
};

struct ledger {
	struct ted *ted;
	struct path_engine *engine; /* told of every link that changed; NULL: none */
	uint64_t revision; /* grows with every change of a booking */
};

/* Frees the memory of a holding that books nothing in any ledger. */
void ledger_holding_free(struct ledger_holding *holding);

/* Adds a link to what a holder wants; wanting it twice is wanting the larger rate. Rate 0 and
 * TED_NONE are ignored. */
enum pce_status ledger_want(struct ledger_holding *want, ted_link link, uint64_t bps,
			    struct pce_error *err);

/*
 * Makes *holding what *want says, in one step, and leaves *want empty. *freed (may be NULL): true
 * if some link holds less afterwards. Checks no capacity: see ledger_fits. PCE_INTERNAL if the
 * books do not add up; both holdings are then as before.
 */
enum pce_status ledger_change(struct ledger *ledger, struct ledger_holding *holding,
			      struct ledger_holding *want, bool *freed, struct pce_error *err);

/*
 * Takes the bookings of a holding off the links (lift) and puts them back (lower), so that a
 * computation in between sees the network without its asker. The holding itself stays. Neither
 * changes the revision.
 */
enum pce_status ledger_lift(struct ledger *ledger, const struct ledger_holding *holding,
			    struct pce_error *err);
enum pce_status ledger_lower(struct ledger *ledger, const struct ledger_holding *holding,
			     struct pce_error *err);

/*
 * True if *want could be held without overbooking a link further than it is, given that *holding
 * is given back. Else *short_of (may be NULL) is the first link that lacks room.
 */
bool ledger_fits(const struct ledger *ledger, const struct ledger_holding *holding,
		 const struct ledger_holding *want, ted_link *short_of);

/* What a holding has on a link, bit/s. */
uint64_t ledger_held_bps(const struct ledger_holding *holding, ted_link link);

#endif
