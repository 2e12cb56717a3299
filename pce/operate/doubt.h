/*
 * Feeds against telemetry: what the routing protocol tells of a fibre, and what the routers measure
 * on it, are two witnesses. A feed that has lost a fibre whose ends are both up, or that carries
 * traffic, may be lying; so may one that still has a fibre whose end is down.
 *
 * The witnesses do not speak at the same time. A router tells of its interface with the next
 * sample, a measured rate decays with its smoothing, the protocol waits for its hold timer: so only
 * what contradicts for a while counts. And there are good reasons for a single contradiction (the
 * protocol was taken off an interface that is up): it is told, and freezes nothing. More of them
 * than a number and a share of the fibres that are measured freeze changes, because then it is
 * more likely that one witness is wrong than that so many fibres are.
 *
 * Pure: time comes with what happens, and all that holds at an instant depends on what was told and
 * when.
 */
#ifndef PCE_OPERATE_DOUBT_H
#define PCE_OPERATE_DOUBT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pce/base/status.h"
#include "pce/base/units.h"

struct doubt_limits {
	uint32_t hold_s; /* contradictions count after it; 0: nobody compares */
	uint32_t least_fibres; /* that fewer contradict is told, but freezes nothing */
	uint32_t fibres_percent; /* of those that are measured; more freeze; 0: never */
};

/* What a router says of its interface at one end of a fibre. */
enum doubt_oper { DOUBT_OPER_UNKNOWN, DOUBT_OPER_UP, DOUBT_OPER_DOWN };

struct doubt_end {
	enum doubt_oper oper;
	bool moving; /* what it sends is more than what smoothing may have left over */
};

/* What the witnesses say of a fibre. */
struct doubt_facts {
	bool feed_speaks; /* a feed tells, or withdrew it: neither stale nor silent */
	bool feed_up; /* what it says */
	struct doubt_end ends[2]; /* the second one is all unknown where there is no way back */
};

enum doubt_kind {
	DOUBT_NONE,
	DOUBT_GONE_BUT_ALIVE, /* the feed lost it; both ends are up, or traffic moves */
	DOUBT_UP_BUT_DOWN, /* the feed has it; an end says that it is down */
};

struct doubt {
	enum doubt_kind kind;
	struct usec since; /* of the kind */
	bool measured; /* telemetry says something of it */
	bool ripe; /* it contradicts for long enough */
	bool accepted; /* a person resumed in spite of it: it freezes nothing any more */
	enum doubt_kind told; /* the caller's: what an alarm says; see doubts_next_untold */
};

/* All fibres, by a small number that the caller gives each. */
struct doubts {
	struct doubt_limits limits;
	struct doubt *at;
	size_t n, cap;
	size_t n_measured, n_ripe, n_accepted; /* accepted ones are ripe or will be */
	size_t n_untold; /* whose alarm is not what it should be */
	struct usec next; /* the first one ripens; USEC_NEVER */
};

/* Ladder: the feed's silence; a down end against the feed's up; both ends up, or one moving and
 * none down, against the feed's gone. */
enum doubt_kind doubt_of(const struct doubt_facts *facts);

/* No fibre is known; doubts_free frees. */
void doubts_init(struct doubts *doubts, const struct doubt_limits *limits);
void doubts_free(struct doubts *doubts);

/* True if anybody compares. */
bool doubts_on(const struct doubts *doubts);

/* Takes in what is said of a fibre now. PCE_NO_MEMORY. O(1), and O(fibres) when the next one to
 * ripen agrees again. */
enum pce_status doubts_note(struct doubts *doubts, size_t fibre, const struct doubt_facts *facts,
			    struct usec now, struct pce_error *err);
/* Time passed: what contradicts for long enough is ripe from now on. */
void doubts_tick(struct doubts *doubts, struct usec now);
/* When doubts_tick has something to do; USEC_NEVER: without news never. */
struct usec doubts_deadline(const struct doubts *doubts);

/* What an alarm should say of a fibre: its kind if it is ripe. */
enum doubt_kind doubts_tell(const struct doubts *doubts, size_t fibre);
/* The first fibre from `from` on whose alarm is not what it should be; doubts->n: none. */
size_t doubts_next_untold(const struct doubts *doubts, size_t from);
/* The alarm says what it should. */
void doubts_told(struct doubts *doubts, size_t fibre);

/* True if so many contradict, that nobody accepted, that changes have to freeze. */
bool doubts_too_many(const struct doubts *doubts);
/* A person goes on in spite of what contradicts now: it does not count until it agreed again. */
void doubts_accept(struct doubts *doubts);

#endif
