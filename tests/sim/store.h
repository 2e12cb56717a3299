/* Inside of the routers: what they keep. */
#ifndef TESTS_SIM_STORE_H
#define TESTS_SIM_STORE_H

#include "tests/sim/sim.h"

/* A policy from its element; one user. */
struct router_policy *router_policy_read(const struct xnode *node);
/* One user less. */
void router_policy_drop(struct router_policy *p);

const struct router_policy *set_find(const struct router_set *set, uint32_t color,
				     const char *endpoint);
void set_remove(struct router_set *set, uint32_t color, const char *endpoint);
/* Takes the policy over, in the place of one with its key. */
void set_put(struct router_set *set, struct router_policy *p);
void set_clear(struct router_set *set);
void set_copy(struct router_set *to, const struct router_set *from);
void set_free(struct router_set *set);
/* Of all policies that are not Karst's. */
uint64_t set_foreign_hash(const struct router_set *set);

/* The candidate becomes equal to running. */
void store_discard(struct sim_router *r);
/* Running becomes what it was before the commit that waits. */
void store_roll_back(struct sim_router *r);
/* The candidate runs; confirm_within_us 0: for good. */
void store_commit(struct sim_router *r, uint32_t session, int64_t confirm_within_us,
		  const char *persist);

#endif
