/* The set of simulated routers: making them, and what happens to them from outside. */
#include <stdio.h>
#include <string.h>

#include "tests/sim/store.h"

#define ANOTHER 9999u /* session of somebody else */

static struct router_policy *
made(uint32_t color, const char *endpoint, const char *name)
{
	struct text t = { 0 };
	struct arena arena = { 0 };
	struct router_policy *p;
	struct xnode *node;

	text_printf(&t, "<policy><color>%u</color><endpoint>%s</endpoint><name>%s</name></policy>",
		    color, endpoint, name);
	node = xml_read(&arena, text_get(&t), t.len);
	p = router_policy_read(node);
	text_free(&t);
	arena_free(&arena);
	return p;
}

static void
on_expiry(void *arg)
{
	store_roll_back(arg);
}

static void
make_router(uint32_t node)
{
	struct sim_router *r = &routers.at[routers.n];

	*r = (struct sim_router){ .number = routers.n, .node = node, .up = true };
	snprintf(r->name, sizeof(r->name), "d%u", r->number);
	snprintf(r->address, sizeof(r->address), "10.8.0.%u", r->number + 1);
	r->wire.latency_us = 200 + sim_below(5000);
	r->wire.jitter_us = 100 + sim_below(3000);
	r->confirmed_commit = !sim_once_in(5);
	r->base11 = !sim_once_in(4);
	r->keeps_candidate = sim_once_in(3);
	r->expires.fire = on_expiry;
	r->expires.arg = r;
	set_put(&r->running, made(77, "2001:db8::9", "theirs"));
	/* In Karst's range of colors, but not by its name: not Karst's either. */
	set_put(&r->running, made(karst_config.color_max, "2001:db8::9", "somebody-else"));
	set_copy(&r->candidate, &r->running);
	r->foreign_hash = set_foreign_hash(&r->running);
	network.nodes[node].router = r->number;
	routers.n++;
}

void
routers_make(void)
{
	uint32_t most = network.n_nodes < 12 ? network.n_nodes : 12;

	memset(&routers, 0, sizeof(routers));
	for (uint32_t i = 0; i < network.n_nodes; i++)
		network.nodes[i].router = UINT32_MAX;
	/* Spread over the network; the services end at these. */
	for (uint32_t i = 0; i < most; i++)
		make_router((uint32_t)((uint64_t)i * network.n_nodes / most));
}

void
router_reach(struct sim_router *r, bool up)
{
	r->up = up;
	if (!up)
		router_drop(r);
}

static void
come_back(void *arg)
{
	router_reach(arg, true);
}

void
router_restart(struct sim_router *r, bool lose, int64_t away_us)
{
	router_drop(r);
	store_roll_back(r);
	for (size_t i = r->running.n; lose && i > 0; i--) {
		struct router_policy *p = r->running.at[i - 1];

		if (router_is_ours(p))
			set_remove(&r->running, p->color, p->endpoint);
	}
	r->tampered = r->tampered || lose;
	r->running_lock = r->candidate_lock = 0;
	store_discard(r);
	r->up = false;
	loop_once(usec_add(sim.now, away_us), come_back, r);
}

void
router_lock_by_another(struct sim_router *r, bool locked)
{
	if (locked && r->candidate_lock == 0)
		r->candidate_lock = ANOTHER;
	else if (!locked && r->candidate_lock == ANOTHER)
		r->candidate_lock = 0;
}

void
router_edit_by_another(struct sim_router *r, bool on)
{
	if (on && !r->dirty && r->candidate_lock == 0) {
		set_put(&r->candidate, made(78, "2001:db8::8", "not-committed"));
		r->dirty = r->edits_of_another = true;
	} else if (!on && r->edits_of_another) {
		store_discard(r);
	}
}

bool
router_tamper(struct sim_router *r, uint32_t which)
{
	for (size_t i = 0; i < r->running.n; i++) {
		struct router_policy *p = r->running.at[(i + which) % r->running.n];

		if (!router_is_ours(p) || r->waiting || r->running_lock || r->candidate_lock ||
		    r->dirty)
			continue;
		sim_log("somebody takes %s off router %s", p->name, r->name);
		set_remove(&r->running, p->color, p->endpoint);
		store_discard(r);
		r->tampered = true;
		return true;
	}
	return false;
}

void
router_heal(struct sim_router *r)
{
	r->fault = ROUTER_FINE;
	r->fault_times = 0;
	r->wire.black_hole = false;
	r->wire.stalled_until = (struct usec){ 0 };
	router_lock_by_another(r, false);
	router_edit_by_another(r, false);
	/* A commit that was a lie left its edits behind; Karst tells of them, and people tidy up.
	 */
	if (r->tampered && r->dirty && r->candidate_lock == 0)
		store_discard(r);
	if (!r->up)
		router_reach(r, true);
}

const struct router_policy *
router_running(const struct sim_router *r, uint32_t color, const struct ip_addr *endpoint)
{
	char text[IP_TEXT];

	return set_find(&r->running, color, ip_print(endpoint, text));
}

void
routers_free(void)
{
	for (unsigned i = 0; i < routers.n; i++) {
		struct sim_router *r = &routers.at[i];

		timer_clear(&r->expires);
		for (unsigned k = 0; k < ROUTER_SESSIONS; k++)
			text_free(&r->sessions[k].in);
		set_free(&r->running);
		set_free(&r->candidate);
		set_free(&r->before);
	}
	routers.n = 0;
}
