/*
 * What goes wrong. To add a kind: a function that plays it and a row of fault_kinds. Whatever lasts
 * ends by itself (loop_once) or in faults_heal.
 */
#include <stdio.h>
#include <string.h>

#include "tests/sim/sim.h"

/* --- links --- */

struct outage {
	uint32_t *links;
	size_t n;
};

static unsigned outages;

static void
end_outage(void *arg)
{
	struct outage *o = arg;

	for (size_t i = 0; i < o->n; i++)
		network_down(o->links[i], false);
	outages--;
	free(o->links);
	free(o);
}

/* Takes the links down that pick says, for a while. */
static bool
take_down(bool (*pick)(uint32_t link, uint32_t which), uint32_t which, int64_t us)
{
	struct outage *o = sim_alloc(sizeof(*o));

	o->links = sim_alloc((network.n_links + 1) * sizeof(*o->links));
	for (uint32_t i = 0; i < network.n_links; i++)
		if (pick(i, which))
			o->links[o->n++] = i;
	for (size_t i = 0; i < o->n; i++)
		network_down(o->links[i], true);
	outages++;
	loop_once(usec_add(sim.now, us), end_outage, o);
	return o->n > 0;
}

static int64_t
some_time(uint64_t *random, uint32_t most_s)
{
	return SIM_SECOND / 10 + (int64_t)suite_below(random, most_s * 1000) * USEC_PER_MS;
}

static bool
pick_fibre(uint32_t link, uint32_t which)
{
	return link == which || network.links[which].reverse == link;
}

static bool
pick_half(uint32_t link, uint32_t which)
{
	return link == which;
}

static bool
pick_node(uint32_t link, uint32_t which)
{
	return network.links[link].from == which || network.links[link].to == which;
}

static bool
pick_group(uint32_t link, uint32_t which)
{
	return network.groups[link] == which;
}

static bool
link_down(uint64_t *random)
{
	return take_down(pick_fibre, suite_below(random, network.n_links), some_time(random, 200));
}

static bool
half_link_down(uint64_t *random)
{
	return take_down(pick_half, suite_below(random, network.n_links), some_time(random, 100));
}

static bool
node_down(uint64_t *random)
{
	return take_down(pick_node, suite_below(random, network.n_nodes), some_time(random, 100));
}

static bool
group_down(uint64_t *random)
{
	return take_down(pick_group, 1 + suite_below(random, network.n_groups),
			 some_time(random, 100));
}

static bool
link_flaps(uint64_t *random)
{
	uint32_t link = suite_below(random, network.n_links);
	unsigned times = 3 + suite_below(random, 6);

	for (unsigned i = 0; i < times; i++)
		take_down(pick_fibre, link, (int64_t)(1 + 2 * i) * some_time(random, 2));
	return true;
}

struct lie {
	uint32_t link;
	bool gone;
};

static void
end_lie(void *arg)
{
	struct lie *lie = arg;

	network_lie(lie->link, lie->gone, false);
	network_lie(network.links[lie->link].reverse, lie->gone, false);
	free(lie);
}

static void
tell_lie(uint32_t link, bool gone, int64_t us)
{
	struct lie *lie = sim_alloc(sizeof(*lie));

	*lie = (struct lie){ link, gone };
	network_lie(link, gone, true);
	network_lie(network.links[link].reverse, gone, true);
	loop_once(usec_add(sim.now, us), end_lie, lie);
}

/* Fibres that are up, and that the feeds have lost. */
static bool
feed_lies_gone(uint64_t *random)
{
	unsigned n = 1 + suite_below(random, 4);
	int64_t us = some_time(random, 200);

	for (unsigned i = 0; i < n; i++)
		tell_lie(suite_below(random, network.n_links), true, us);
	return true;
}

/* A fibre that is down, and that the feeds still have. */
static bool
feed_lies_up(uint64_t *random)
{
	uint32_t link = suite_below(random, network.n_links);

	tell_lie(link, false, 250 * SIM_SECOND);
	return take_down(pick_fibre, link, some_time(random, 200));
}

static bool
metric_changes(uint64_t *random)
{
	struct sim_link *l = &network.links[suite_below(random, network.n_links)];

	if (!(l->attr.present & TED_LINK_IGP_METRIC))
		return false;
	l->attr.igp_metric = 5 + suite_below(random, 6) * 5;
	network_tell((uint32_t)(l - network.links));
	return true;
}

static bool
capacity_changes(uint64_t *random)
{
	struct sim_link *l = &network.links[suite_below(random, network.n_links)];

	l->attr.capacity_bps = (2 + suite_below(random, 8)) * 100000000ULL;
	network.capacities_changed = true;
	network_tell((uint32_t)(l - network.links));
	return true;
}

/* --- feeds --- */

static bool
feed_lost(uint64_t *random)
{
	net_break_address(network_address(suite_below(random, SIM_FEEDS)));
	return true;
}

static void
start_speaker(void *arg)
{
	network_speaker((unsigned)(uintptr_t)arg, true);
}

static bool
feed_restarts(uint64_t *random)
{
	unsigned feed = suite_below(random, SIM_FEEDS);

	network_speaker(feed, false);
	loop_once(usec_add(sim.now, some_time(random, 120)), start_speaker,
		  (void *)(uintptr_t)feed);
	return true;
}

static bool
feed_stalls(uint64_t *random)
{
	net_wire_to(network_address(suite_below(random, SIM_FEEDS)))->stalled_until =
	    usec_add(sim.now, some_time(random, 60));
	return true;
}

static bool
feed_repeats(uint64_t *random)
{
	network_repeat(suite_below(random, SIM_FEEDS));
	return true;
}

static void
accept_feed(void *arg)
{
	net_refuse(network_address((unsigned)(uintptr_t)arg), false);
}

static bool
feed_refuses(uint64_t *random)
{
	unsigned feed = suite_below(random, SIM_FEEDS);

	net_refuse(network_address(feed), true);
	net_break_address(network_address(feed));
	loop_once(usec_add(sim.now, some_time(random, 100)), accept_feed, (void *)(uintptr_t)feed);
	return true;
}

/* --- routers --- */

static struct sim_router *
some_router(uint64_t *random)
{
	return &routers.at[suite_below(random, routers.n)];
}

static bool
router_lost(uint64_t *random)
{
	router_drop(some_router(random));
	return true;
}

/* A fault of a router lasts until it was played, or for a while. */
static void
end_router_fault(void *arg)
{
	struct sim_router *r = arg;

	r->fault = ROUTER_FINE;
	r->fault_times = 0;
}

static bool
router_does(uint64_t *random, enum router_fault fault, unsigned times)
{
	struct sim_router *r = some_router(random);

	if (r->fault != ROUTER_FINE)
		return false;
	r->fault = fault;
	r->fault_times = times;
	loop_once(usec_add(sim.now, some_time(random, 120)), end_router_fault, r);
	return true;
}

#define ROUTER_FAULT(name, fault, times)                                                           \
	static bool name(uint64_t *random)                                                         \
	{                                                                                          \
		return router_does(random, fault, times);                                          \
	}
ROUTER_FAULT(router_hangs, ROUTER_HANGS, 1)
ROUTER_FAULT(router_refuses, ROUTER_REFUSES, 1 + suite_below(random, 5))
ROUTER_FAULT(router_lies_edit, ROUTER_LIES_EDIT, 1)
ROUTER_FAULT(router_lies_commit, ROUTER_LIES_COMMIT, 1)
ROUTER_FAULT(router_lies_confirm, ROUTER_LIES_CONFIRM, 1)
ROUTER_FAULT(router_lies_cancel, ROUTER_LIES_CANCEL, 1)
ROUTER_FAULT(router_alters, ROUTER_ALTERS, 1)
ROUTER_FAULT(router_twice, ROUTER_TWICE, 1)
ROUTER_FAULT(router_nonsense, ROUTER_NONSENSE, 1)
ROUTER_FAULT(router_drops_at, ROUTER_DROPS_AT_COMMIT, 1)
ROUTER_FAULT(router_drops_after, ROUTER_DROPS_AFTER_COMMIT, 1)

static bool
router_restarts(uint64_t *random)
{
	router_restart(some_router(random), false, some_time(random, 100));
	return true;
}

static bool
router_loses(uint64_t *random)
{
	router_restart(some_router(random), true, some_time(random, 100));
	return true;
}

static void
reach_again(void *arg)
{
	router_reach(arg, true);
}

static bool
router_away(uint64_t *random)
{
	struct sim_router *r = some_router(random);

	router_reach(r, false);
	loop_once(usec_add(sim.now, some_time(random, 150)), reach_again, r);
	return true;
}

static void
unlock_again(void *arg)
{
	router_lock_by_another(arg, false);
}

static bool
router_locked(uint64_t *random)
{
	struct sim_router *r = some_router(random);

	router_lock_by_another(r, true);
	loop_once(usec_add(sim.now, some_time(random, 60)), unlock_again, r);
	return true;
}

static void
discard_again(void *arg)
{
	router_edit_by_another(arg, false);
}

static bool
router_edited(uint64_t *random)
{
	struct sim_router *r = some_router(random);

	router_edit_by_another(r, true);
	loop_once(usec_add(sim.now, some_time(random, 60)), discard_again, r);
	return r->edits_of_another;
}

static bool
router_tampered(uint64_t *random)
{
	struct sim_router *r = some_router(random);

	return router_tamper(r, suite_below(random, 16));
}

static bool
router_stalls(uint64_t *random)
{
	some_router(random)->wire.stalled_until = usec_add(sim.now, some_time(random, 40));
	return true;
}

static void
end_black_hole(void *arg)
{
	struct sim_router *r = arg;

	r->wire.black_hole = false;
	router_drop(r);
}

static bool
router_black_hole(uint64_t *random)
{
	struct sim_router *r = some_router(random);

	r->wire.black_hole = true;
	loop_once(usec_add(sim.now, some_time(random, 60)), end_black_hole, r);
	return true;
}

static bool
everything_lost(uint64_t *random)
{
	(void)random;
	for (unsigned i = 0; i < routers.n; i++)
		router_drop(&routers.at[i]);
	for (unsigned i = 0; i < SIM_FEEDS; i++)
		net_break_address(network_address(i));
	return true;
}

/* --- karstd --- */

static bool
karst_dies_at_effect(uint64_t *random)
{
	if (!sim.daemon || sim.die_after)
		return false;
	sim.power_lost = false;
	sim.die_after = 1 + suite_below(random, 30);
	return true;
}

static bool
karst_dies_at_io(uint64_t *random)
{
	if (!sim.daemon)
		return false;
	sim.power_lost = suite_below(random, 2);
	disk.die_at = disk.calls + 1 + suite_below(random, 60);
	return true;
}

static bool
karst_killed(uint64_t *random)
{
	(void)random;
	if (!sim.daemon)
		return false;
	karst_kill(false);
	return true;
}

static bool
power_cut(uint64_t *random)
{
	(void)random;
	if (!sim.daemon)
		return false;
	karst_kill(true);
	return true;
}

/* --- the disk and the clock --- */

static void
end_disk_fault(void *arg)
{
	uint64_t die_at = disk.die_at;

	(void)arg;
	disk_heal();
	disk.die_at = die_at;
	thread_disk = (struct sim_disk_speed){ 1000, 8000 };
}

static bool
disk_for_a_while(uint64_t *random)
{
	loop_once(usec_add(sim.now, some_time(random, 60)), end_disk_fault, NULL);
	return true;
}

static bool
disk_full(uint64_t *random)
{
	disk.room = disk_used();
	return disk_for_a_while(random);
}

static bool
disk_write_errors(uint64_t *random)
{
	disk.fail_writes = 1 + suite_below(random, 20);
	return disk_for_a_while(random);
}

static bool
disk_sync_errors(uint64_t *random)
{
	disk.fail_syncs = 1 + suite_below(random, 4);
	return disk_for_a_while(random);
}

static bool
disk_slow(uint64_t *random)
{
	thread_disk = (struct sim_disk_speed){ 500000, 8000000 };
	return disk_for_a_while(random);
}

static bool
wall_clock_jumps(uint64_t *random)
{
	sim.wall_offset_us +=
	    ((int64_t)suite_below(random, 2000000) - 1000000) * (SIM_SECOND / 100);
	return true;
}

/* The machine was suspended: everything is late at once. */
static bool
clock_jumps(uint64_t *random)
{
	sim.now = usec_add(sim.now, some_time(random, 100));
	return true;
}

/* --- people --- */

static bool
intent_put(uint64_t *random)
{
	client_put(random);
	return true;
}

static bool
intents_put(uint64_t *random)
{
	client_put_many(random);
	return true;
}

static bool
intent_deleted(uint64_t *random)
{
	client_delete(random);
	return true;
}

static bool
mind_changed(uint64_t *random)
{
	uint64_t again = *random;

	client_put(random);
	client_delete(&again); /* of the same intent */
	return true;
}

static bool
drained(uint64_t *random)
{
	client_drain(random);
	return true;
}

static bool
mode_changed(uint64_t *random)
{
	client_mode(random);
	return true;
}

static bool
change_decided(uint64_t *random)
{
	return client_decide(random);
}

static bool
reoptimised(uint64_t *random)
{
	client_reoptimise(random);
	return true;
}

static bool
alarm_acknowledged(uint64_t *random)
{
	return client_acknowledge(random);
}

const struct fault_kind fault_kinds[] = {
	{ "intent-put", 36, false, false, intent_put },
	{ "intents-put-as-one", 6, false, false, intents_put },
	{ "intent-deleted", 8, false, false, intent_deleted },
	{ "mind-changed", 6, true, false, mind_changed },
	{ "drained-or-undrained", 4, true, false, drained },
	{ "mode-or-resume", 6, true, false, mode_changed },
	{ "change-decided", 6, false, false, change_decided },
	{ "alarm-acknowledged", 3, false, false, alarm_acknowledged },
	{ "re-optimised", 2, false, false, reoptimised },
	{ "link-down", 10, true, false, link_down },
	{ "half-link-down", 6, true, false, half_link_down },
	{ "node-down", 3, true, false, node_down },
	{ "shared-risk-down", 4, true, false, group_down },
	{ "link-flaps", 3, true, false, link_flaps },
	{ "link-silent", 3, true, false, silent_cut },
	{ "metric-changes", 5, true, false, metric_changes },
	{ "capacity-changes", 2, true, false, capacity_changes },
	{ "feed-session-lost", 3, true, false, feed_lost },
	{ "feed-restarts", 2, true, false, feed_restarts },
	{ "feed-delayed", 3, true, false, feed_stalls },
	{ "feed-duplicates", 3, true, false, feed_repeats },
	{ "feed-refuses", 2, true, false, feed_refuses },
	{ "feed-lies-gone", 4, true, false, feed_lies_gone },
	{ "feed-lies-up", 3, true, false, feed_lies_up },
	{ "router-session-lost", 4, true, false, router_lost },
	{ "router-hangs", 3, true, false, router_hangs },
	{ "router-refuses", 4, true, false, router_refuses },
	{ "router-lies-edit", 3, true, false, router_lies_edit },
	{ "router-lies-commit", 3, true, false, router_lies_commit },
	{ "router-lets-timeout-run-out", 3, true, false, router_lies_confirm },
	{ "router-lies-cancel", 3, true, false, router_lies_cancel },
	{ "router-alters", 3, true, false, router_alters },
	{ "router-answers-twice", 3, true, false, router_twice },
	{ "router-answers-nonsense", 3, true, false, router_nonsense },
	{ "router-drops-at-commit", 4, true, false, router_drops_at },
	{ "router-drops-after-commit", 4, true, false, router_drops_after },
	{ "router-restarts", 2, true, false, router_restarts },
	{ "router-loses-configuration", 2, true, false, router_loses },
	{ "router-away", 3, true, false, router_away },
	{ "router-locked-by-another", 3, true, false, router_locked },
	{ "router-edited-by-another", 3, true, false, router_edited },
	{ "router-tampered-with", 2, true, false, router_tampered },
	{ "router-delayed", 4, true, false, router_stalls },
	{ "router-black-hole", 3, true, false, router_black_hole },
	{ "all-sessions-lost", 1, true, false, everything_lost },
	{ "killed-between-effects", 5, true, true, karst_dies_at_effect },
	{ "killed-in-io", 3, true, true, karst_dies_at_io },
	{ "killed", 2, true, true, karst_killed },
	{ "power-cut", 3, true, true, power_cut },
	{ "disk-full", 3, true, true, disk_full },
	{ "disk-write-errors", 3, true, true, disk_write_errors },
	{ "disk-sync-errors", 3, true, true, disk_sync_errors },
	{ "disk-slow", 2, true, true, disk_slow },
	{ "wall-clock-jumps", 2, true, false, wall_clock_jumps },
	{ "clock-jumps", 1, true, false, clock_jumps },
};
const size_t n_fault_kinds = sizeof(fault_kinds) / sizeof(fault_kinds[0]);

_Static_assert(sizeof(fault_kinds) / sizeof(fault_kinds[0]) <= SIM_FAULTS_MAX, "room in results");

/* --- the schedule --- */

static int
by_time(const void *a, const void *b)
{
	const struct sim_step *x = a, *y = b;

	if (x->at.v != y->at.v)
		return x->at.v < y->at.v ? -1 : 1;
	return x->seed < y->seed ? -1 : x->seed > y->seed;
}

static uint16_t
some_kind(uint64_t *random)
{
	unsigned all = 0, at;
	uint16_t kind = 0;

	for (size_t i = 0; i < n_fault_kinds; i++)
		all += fault_kinds[i].weight;
	at = suite_below(random, all);
	for (; at >= fault_kinds[kind].weight; kind++)
		at -= fault_kinds[kind].weight;
	return kind;
}

struct sim_step *
faults_draw(uint64_t *random, struct usec from, struct usec to, size_t *n)
{
	size_t count = 45 + suite_below(random, 30);
	struct sim_step *steps = sim_alloc(count * sizeof(*steps));
	uint64_t span = (uint64_t)(to.v - from.v);

	for (size_t i = 0; i < count; i++)
		steps[i] =
		    (struct sim_step){ usec_add(from, (int64_t)(suite_random(random) % span)),
				       some_kind(random), suite_random(random) };
	qsort(steps, count, sizeof(*steps), by_time);
	*n = count;
	return steps;
}

void
faults_play(const struct sim_step *step)
{
	uint64_t random = step->seed;

	if (sim.options.matrix && fault_kinds[step->kind].of_process)
		return;
	sim_log("--- %s", fault_kinds[step->kind].name);
	sim_hash(&step->kind, sizeof(step->kind));
	if (fault_kinds[step->kind].play(&random))
		sim.result.faults[step->kind]++;
}

void
faults_heal(void)
{
	network_heal();
	silent_heal();
	for (unsigned i = 0; i < routers.n; i++)
		router_heal(&routers.at[i]);
	end_disk_fault(NULL);
	disk.die_at = 0;
	sim.die_after = 0;
}
