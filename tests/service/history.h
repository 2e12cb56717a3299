/* Random histories of a whole world; see history.c. */
#ifndef TESTS_SERVICE_HISTORY_H
#define TESTS_SERVICE_HISTORY_H

#include "tests/service/world.h"

/* What a history may contain. */
struct shape {
	bool routers_fail, store_fails, crashes, capacities, feed;
	bool damping; /* of flapping links */
	bool orders; /* a feed guard, and operators who change their mind */
	uint64_t hash; /* set by history_run */
};

/* What may differ between two runs of one history without changing any effect. */
struct history_run {
	uint64_t hash_seed;
	uint64_t noise; /* seed of what is allocated in between; 0: nothing */
	char **trace; /* gets every effect and a last dump as text, to be freed; NULL: not wanted */
};

/* Plays the history of a seed, with the invariants checked after every event. */
void history_run(uint64_t seed, struct shape shape, const struct history_run *run);

#endif
