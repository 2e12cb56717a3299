/*
 * Telemetry: routers tell whether their interfaces are up, with the next sample. It is handed to
 * the service as the summaries that are left of it (what makes them of bytes has tests of its own).
 * And the invariants of what feeds and telemetry say together, from what was told alone: each fibre
 * on which they contradict each other for long enough has an alarm, and too many freeze changes.
 */
#include <string.h>

#include "pce/service/internal.h"
#include "tests/sim/sim.h"

#define SAMPLE_MS 5000u
#define ALARMS_MOST 64u

enum oper { OPER_UNKNOWN, OPER_UP, OPER_DOWN };

struct watched {
	ted_link row; /* TED_NONE: not looked up yet */
	enum oper told;
	/* of the first direction of a fibre */
	int contradicts; /* 0 not, 1 gone but alive, 2 up but down */
	struct usec since;
	bool ripe; /* for long enough */
	bool accepted;
};

static struct watched *watched; /* by link; of this life of karstd */
static bool measures; /* this network has telemetry */
static struct sim_timer sample;

static const struct service *
service(void)
{
	return sim.daemon && !sim.dead && !sim.daemon->failed ? sim.daemon->service : NULL;
}

static void
look_up(const struct service *s, uint32_t link)
{
	for (ted_link row = 0; row < ted_link_count(s->ted); row++)
		if (strcmp(ted_link_at(s->ted, row)->name, network.links[link].name) == 0) {
			watched[link].row = row;
			return;
		}
}

/* What changed since it was told last. */
static void
tell_links(const struct service *s)
{
	struct telemetry_link *links = sim_alloc((network.n_links + 1) * sizeof(*links));
	struct service_event e = { .kind = SERVICE_TELEMETRY };

	for (uint32_t i = 0; i < network.n_links; i++) {
		struct watched *w = &watched[i];
		enum oper now = network.links[i].down ? OPER_DOWN : OPER_UP;

		if (w->row == TED_NONE)
			look_up(s, i);
		if (w->row == TED_NONE || w->told == now)
			continue;
		w->told = now;
		links[e.u.telemetry.n_links++] =
		    (struct telemetry_link){ .key = ted_link_key_text(s->ted, w->row),
					     .present = TELEMETRY_OPER,
					     .oper_down = now == OPER_DOWN };
	}
	e.u.telemetry.links = links;
	e.u.telemetry.received = sim.now;
	if (e.u.telemetry.n_links > 0) {
		sim_log("telemetry tells of %zu links", e.u.telemetry.n_links);
		sim.in_karst = true;
		daemon_post(sim.daemon, &e);
		sim.in_karst = false;
	}
	free(links);
}

static void
on_sample(void *arg)
{
	(void)arg;
	if (service())
		tell_links(service());
	timer_set(&sample, usec_add(sim.now, (int64_t)(1 + sim_below(SAMPLE_MS)) * USEC_PER_MS));
}

void
measure_make(void)
{
	measures = sim_below(4) > 0;
	watched = sim_alloc((network.n_links + 1) * sizeof(*watched));
	measure_karst_started();
	sample.fire = on_sample;
	if (measures)
		timer_set(&sample, usec_add(sim.now, SIM_SECOND));
}

void
measure_free(void)
{
	timer_clear(&sample);
	free(watched);
	watched = NULL;
}

void
measure_karst_started(void)
{
	for (uint32_t i = 0; watched && i < network.n_links; i++)
		watched[i] = (struct watched){ .row = TED_NONE };
}

void
measure_resumed(void)
{
	for (uint32_t i = 0; i < network.n_links; i++)
		watched[i].accepted = watched[i].contradicts != 0;
}

/* --- the invariants --- */

static bool
a_feed_speaks(const struct service *s)
{
	struct service_view_feed f;

	for (size_t i = 0; service_view_feed_at(s, i, &f); i++)
		if (f.up && f.synced)
			return !s->learning;
	return false;
}

static bool
is_gone(const struct service *s, ted_link link)
{
	const struct ted_link_row *row = ted_link_at(s->ted, link);
	uint32_t nodes =
	    ted_node_at(s->ted, row->from)->unusable | ted_node_at(s->ted, row->to)->unusable;

	return row->unusable & (TED_UNUSABLE_WITHDRAWN | TED_UNUSABLE_ONE_WAY) ||
	       nodes & TED_UNUSABLE_WITHDRAWN;
}

static int
judge(const struct service *s, const struct watched *a, const struct watched *b)
{
	const struct ted_link_row *there = ted_link_at(s->ted, a->row);
	const struct ted_link_row *back = ted_link_at(s->ted, b->row);

	if (there->stale || back->stale ||
	    (there->unusable | back->unusable) & TED_UNUSABLE_UNKNOWN)
		return 0;
	if (is_gone(s, a->row) || is_gone(s, b->row))
		return a->told == OPER_UP && b->told == OPER_UP ? 1 : 0;
	return a->told == OPER_DOWN || b->told == OPER_DOWN ? 2 : 0;
}

/* How many alarms of contradictions there are, and whether this fibre has one. */
static size_t
alarms(const struct service *s, const struct sim_link *l, bool *there)
{
	struct alarm alarm;
	size_t n = 0;

	*there = false;
	for (size_t i = 0; service_view_alarm_at(s, i, &alarm); i++) {
		if (strcmp(alarm.cause, "contradicted") != 0)
			continue;
		n++;
		if (l &&
		    (strcmp(alarm.object + strlen("link/"), l->name) == 0 ||
		     strcmp(alarm.object + strlen("link/"), network.links[l->reverse].name) == 0))
			*there = true;
	}
	return n;
}

static void
check_counts(const struct service *s, size_t ripe, size_t counting, size_t measured)
{
	const struct doubt_limits *limits = &karst_config.guard.doubt;
	bool there;
	size_t told = alarms(s, NULL, &there);

	if (told != (ripe < ALARMS_MOST ? ripe : ALARMS_MOST))
		sim_fail(SIM_DOUBT_TOLD, "%zu fibres are contradicted, alarms tell of %zu", ripe,
			 told);
	if (counting == 0 || limits->fibres_percent == 0 || counting < limits->least_fibres ||
	    counting * 100 <= measured * limits->fibres_percent)
		return;
	sim_checked(SIM_DOUBT_FREEZES);
	if (!s->guard.frozen)
		sim_fail(SIM_DOUBT_FREEZES, "%zu of %zu fibres are contradicted", counting,
			 measured);
}

/* Takes in how a fibre stands; true if it is contradicted for long enough. */
static bool
follow(const struct service *s, uint32_t link, bool speaks)
{
	struct watched *w = &watched[link], *other = &watched[network.links[link].reverse];
	int now;

	/* The other direction may have come since telemetry told of the one. */
	if (w->told != OPER_UNKNOWN && other->row == TED_NONE)
		look_up(s, network.links[link].reverse);
	if (other->told != OPER_UNKNOWN && w->row == TED_NONE)
		look_up(s, link);
	now = speaks && w->row != TED_NONE && other->row != TED_NONE ? judge(s, w, other) : 0;

	if (now != w->contradicts) {
		w->contradicts = now;
		w->since = s->last_now;
		w->accepted = w->ripe = false;
	}
	/* Where the clock jumped back it stays so. */
	w->ripe = w->ripe ||
		  (now && usec_due(usec_add(w->since,
					    (int64_t)karst_config.guard.doubt.hold_s * USEC_PER_S),
				   s->last_now));
	return w->ripe;
}

void
measure_check(void)
{
	const struct service *s = service();
	size_t ripe = 0, counting = 0, measured = 0;
	bool speaks = s && a_feed_speaks(s), there;

	if (!s || !measures || karst_config.guard.doubt.hold_s == 0)
		return;
	for (uint32_t i = 0; i < network.n_links; i++) {
		uint32_t reverse = network.links[i].reverse;

		if (reverse < i)
			continue;
		measured +=
		    watched[i].told != OPER_UNKNOWN || watched[reverse].told != OPER_UNKNOWN;
		if (!follow(s, i, speaks))
			continue;
		ripe++;
		counting += !watched[i].accepted;
		sim_checked(SIM_DOUBT_TOLD);
		if (alarms(s, &network.links[i], &there) < ALARMS_MOST && !there)
			sim_fail(SIM_DOUBT_TOLD, "link %s is contradicted, and nobody is told",
				 network.links[i].name);
	}
	check_counts(s, ripe, counting, measured);
}
