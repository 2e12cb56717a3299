/*
 * The last events, for event streams: a bounded ring of what the service told, oldest forgotten
 * first. Pure. An event is kept as data first and printed once, when its turn comes: printing goes
 * through libyang and must not hold up the effects that came with it.
 */
#ifndef NORTHBOUND_EVENTS_RING_H
#define NORTHBOUND_EVENTS_RING_H

#include "pce/service/effect.h"

struct events_ring;

/* Room for capacity events (> 0). Caller owns *out; events_ring_free(NULL) does nothing. */
enum pce_status events_ring_new(size_t capacity, struct events_ring **out, struct pce_error *err);
void events_ring_free(struct events_ring *ring);

/* Copies a notice in; its numbers must grow. PCE_NO_MEMORY: the event is lost, as if forgotten. */
enum pce_status events_ring_add(struct events_ring *ring, const struct service_notice *notice,
				struct pce_error *err);

/* The oldest event that is not printed yet; NULL if all are. */
const struct service_notice *events_ring_unprinted(const struct events_ring *ring);
/* Stores its text and lets go of the data. text is taken (from malloc); NULL: it cannot be printed
 * and is left out. */
void events_ring_printed(struct events_ring *ring, char *text);

/* A printed event. */
struct events_entry {
	uint64_t number;
	const char *text; /* owned by the ring, valid until the next change of it */
};

/*
 * The first printed event with a number above after. False if there is none yet. *missed: true if
 * events between after and this one were forgotten.
 */
bool events_ring_next(const struct events_ring *ring, uint64_t after, struct events_entry *out,
		      bool *missed);

/* Number of the newest event, printed or not; 0 before the first. */
uint64_t events_ring_newest(const struct events_ring *ring);

#endif
