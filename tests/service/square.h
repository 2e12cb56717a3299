/* The small network of the scenarios, and shorthands that they share. */
#ifndef TESTS_SERVICE_SQUARE_H
#define TESTS_SERVICE_SQUARE_H

#include <stdio.h>
#include <string.h>

#include "tests/service/world.h"

#define G ((uint64_t)1000000000)

/*
 * A square: n0-n1-n3 (fibres 0, 1) and n0-n2-n3 (2, 3) cost the same, so every list has to say
 * which way it goes; the second way is slower. All of 10 Gbit/s.
 */
static inline void
square_fibres(struct world *w)
{
	world_fibre(w, 0, 1, 10, 10 * G);
	world_fibre(w, 1, 3, 10, 10 * G);
	world_fibre(w, 0, 2, 10, 10 * G);
	world_fibre(w, 2, 3, 10, 10 * G);
	w->fibres[2].delay_us = w->fibres[3].delay_us = 2000;
}

/* Builds it in a world that is as its configuration shall be, and waits until all is quiet. */
static inline void
square_run(struct world *w)
{
	square_fibres(w);
	world_start(w);
	world_routers_up(w);
	world_settle(w);
}

static inline void
square(struct world *w)
{
	world_init(w, 4, 1);
	square_run(w);
}

static inline void
store_next(struct world *w, enum world_result result)
{
	size_t at;

	ck_assert_uint_gt(world_waiting(w, SERVICE_STORE, &at), 0);
	world_happen(w, at, result);
}

/* Lets stores happen until an apply waits, and says which phase. */
static inline enum deploy_phase
next_apply(struct world *w, size_t *at)
{
	while (world_waiting(w, SERVICE_APPLY, at) == 0)
		store_next(w, WORLD_OK);
	return w->waits[*at]->phase;
}

static inline void
mode_well(struct world *w, enum operate_mode mode, enum mode_scope scope, const char *name)
{
	uint64_t request = world_mode(w, mode, scope, name);

	world_settle(w);
	ck_assert_ptr_nonnull(world_reply(w, request));
	ck_assert_msg(world_reply(w, request)->status == PCE_OK, "%s",
		      world_reply(w, request)->text);
}

static inline struct service_view_policy
policy_of(const struct world *w, const char *id)
{
	struct service_view_policy v;

	ck_assert_msg(service_view_policy_by_id(w->service, id, &v), "no policy %s", id);
	return v;
}

static inline struct service_view_intent
intent_of(const struct world *w, const char *id)
{
	struct service_view_intent v;

	ck_assert_msg(service_view_intent_by_id(w->service, id, &v), "no intent %s", id);
	return v;
}

static inline void
admit(struct world *w, const struct intent *intent)
{
	uint64_t request = world_put(w, intent);

	world_settle(w);
	ck_assert_ptr_nonnull(world_reply(w, request));
	ck_assert_msg(world_reply(w, request)->status == PCE_OK, "%s",
		      world_reply(w, request)->text);
	world_check_quiet(w);
}

#endif
