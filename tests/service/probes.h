/*
 * Silent failures in the world of the service's tests: half-links that lose packets while the feed
 * says that they are up, and routers that probe their segment lists, out and back. Which links a
 * list takes is replay's word, not the service's.
 */
#ifndef TESTS_SERVICE_PROBES_H
#define TESTS_SERVICE_PROBES_H

#include "tests/service/world.h"

/* Adds what the router makes of its policies to what it says of itself. */
void probes_report(const struct world *w, unsigned router, struct arena *arena,
		   struct device_state *state);
/* A half-link begins, or ceases, to lose packets; the routers that notice say that something
 * changed, after the time that it takes. */
void probes_silence(struct world *w, unsigned fibre, unsigned half, bool silent);
/* True if the packets of every candidate path's first list of a policy arrive, at its router. */
bool probes_arrive(const struct world *w, const char *policy_id);
/* True if a list that a router holds crosses a half-link that loses packets, out or back. */
bool probes_fail(const struct world *w, unsigned router, const struct srpolicy_list *list);

#endif
