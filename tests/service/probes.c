#include "tests/service/probes.h"

#include <stdio.h>
#include <string.h>

#include "pce/segment/replay.h"

#define NOTICED_US (30 * (int64_t)USEC_PER_MS)

static bool
is_silent(const struct world *w, ted_link link)
{
	unsigned fibre = 0, half = 0;

	if (sscanf(ted_link_at(w->service->ted, link)->name, "f%u.%u", &fibre, &half) != 2 ||
	    fibre >= w->n_fibres)
		return false;
	return w->silent[fibre][0] || w->silent[fibre][1];
}

bool
probes_fail(const struct world *w, unsigned router, const struct srpolicy_list *list)
{
	struct replay_result result = { 0 };
	ted_node from;
	bool fail = w->probes_lie;

	if (ted_find_node(w->service->ted, w->node_names[router], &from, NULL) != PCE_OK)
		return fail;
	ck_assert_int_eq(
	    replay_run(w->service->ted, from, list->sids, list->n_sids, NULL, 0, &result, NULL),
	    PCE_OK);
	for (size_t i = 0; i < result.n_links; i++)
		fail = fail || is_silent(w, result.links[i]);
	fail = fail || !result.delivered;
	replay_result_free(&result);
	return fail;
}

static void
report(const struct world *w, unsigned router, struct arena *arena, const struct srpolicy *p,
       struct srpolicy_oper *out)
{
	struct srpolicy_oper_list *lists = arena_alloc(arena, 64 * sizeof(*lists));

	*out = (struct srpolicy_oper){ .color = p->color, .endpoint = p->endpoint, .lists = lists };
	for (size_t i = 0; i < p->n_paths; i++)
		for (size_t k = 0; k < p->paths[i].n_lists; k++) {
			bool valid = !probes_fail(w, router, &p->paths[i].lists[k]);

			ck_assert_uint_lt(out->n_lists, 64);
			lists[out->n_lists++] =
			    (struct srpolicy_oper_list){ p->paths[i].preference, (uint32_t)k + 1,
							 valid, NULL };
			out->up = out->up || valid;
		}
}

void
probes_report(const struct world *w, unsigned router, struct arena *arena,
	      struct device_state *state)
{
	struct srpolicy_oper *oper;

	if (!w->probing)
		return;
	oper = arena_alloc(arena, (state->n_policies + 1) * sizeof(*oper));
	for (size_t i = 0; i < state->n_policies; i++)
		report(w, router, arena, &state->policies[i], &oper[i]);
	state->oper = oper;
	state->n_oper = state->n_policies;
}

void
probes_silence(struct world *w, unsigned fibre, unsigned half, bool silent)
{
	w->silent[fibre][half] = silent;
	world_pass(w, NOTICED_US);
	for (unsigned i = 0; i < w->n_nodes; i++) {
		struct service_event e = { .kind = SERVICE_DEVICE_CHANGED };

		if (!w->routers[i].up || w->routers[i].running.n == 0)
			continue;
		e.u.device_changed.device = w->device_names[i];
		world_event(w, &e);
	}
}

bool
probes_arrive(const struct world *w, const char *policy_id)
{
	struct service_view_policy v;

	for (unsigned i = 0; i < w->n_nodes; i++) {
		const struct srpolicy *held = world_held(w, i, policy_id);

		if (!held)
			continue;
		for (size_t k = 0; k < held->n_paths; k++)
			if (probes_fail(w, i, &held->paths[k].lists[0]))
				return false;
		return service_view_policy_by_id(w->service, policy_id, &v);
	}
	return false;
}
