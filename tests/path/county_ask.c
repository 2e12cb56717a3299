#include <check.h>
#include <string.h>

#include "tests/path/county.h"
#include "tests/support/suite.h"

/* Labels that the hardest of the requests may take; what needs more is not compared. */
#define LABELS 20000

const char *const county_kinds[ASK_KINDS] = { "plain",   "filtered", "bounded", "k-best",
					      "diverse", "pair",     "via" };

static bool
chance(uint64_t *state, uint32_t percent)
{
	return suite_below(state, 100) < percent;
}

static void
draw_filters(struct county_ask *q, const struct county *c, uint64_t *state)
{
	struct path_request *r = &q->r;
	struct path_affinity affinity = { q->words, 4, false };

	q->words[0] = 1u << suite_below(state, 2);
	q->words[suite_below(state, 2)] |= chance(state, 30) ? 2 : 0;
	if (chance(state, 25))
		r->include_any = affinity;
	else if (chance(state, 20))
		r->include_all = affinity;
	else if (chance(state, 10))
		r->exclude_any = affinity;
	if (chance(state, 40))
		r->bandwidth_bps =
		    100000000ULL * suite_below(state, c->shape == COUNTY_GRID ? 4 : 300);
	for (unsigned i = 0; i < 2; i++) {
		q->nodes[i] = suite_below(state, c->n_nodes);
		q->links[i] = suite_below(state, c->n_links);
	}
	q->srlgs[0] = 1 + suite_below(state, c->n_nodes / 4 + 2);
	r->avoid_nodes = q->nodes;
	r->n_avoid_nodes = suite_below(state, 3);
	r->avoid_links = q->links;
	r->n_avoid_links = suite_below(state, 3);
	r->avoid_srlgs = q->srlgs;
	r->n_avoid_srlgs = suite_below(state, 2);
	if (chance(state, 10))
		r->slice = chance(state, 50) ? "blue" : "red";
	if (chance(state, 10))
		r->link_max_loss_ppb = 2000;
	if (chance(state, 30)) {
		for (unsigned i = 0; i < 4; i++)
			q->held[i] = suite_below(state, c->n_links);
		r->held_links = q->held;
		r->n_held_links = 4;
		r->held_bps = 200000000;
	}
}

/* The least that a path can have, or more. */
static uint64_t
draw_bound(struct path_engine *engine, const struct path_request *r, enum path_objective by,
	   uint64_t *state)
{
	struct path_request least = path_request_init(r->from, r->to, by);
	struct path_answer answer = { .n_routes = 0 };
	uint64_t value = PATH_NO_BOUND;

	county_compute(engine, &least, &answer);
	if (answer.n_routes > 0)
		value = by == PATH_DELAY ? answer.routes[0].delay_us
			: by == PATH_TE  ? answer.routes[0].te_metric
					 : answer.routes[0].igp_metric;
	path_answer_free(&answer);
	if (value == PATH_NO_BOUND)
		return value;
	if (chance(state, 5) && value > 0)
		return value - 1;
	return value + value * suite_below(state, 30) / 100;
}

static void
draw_bounds(struct county_ask *q, struct path_engine *engine, uint64_t *state)
{
	struct path_request *r = &q->r;

	if (chance(state, 70))
		r->max_delay_us = draw_bound(engine, r, PATH_DELAY, state);
	if (r->max_delay_us == PATH_NO_BOUND || chance(state, 15))
		r->max_te = draw_bound(engine, r, PATH_TE, state);
	if (chance(state, 10))
		r->max_igp = draw_bound(engine, r, PATH_IGP, state);
	if (chance(state, 15))
		r->max_hops = 4 + suite_below(state, 16);
}

void
county_ask(struct county_ask *q, const struct county *c, struct path_engine *engine,
	   enum county_kind kind, uint64_t *state)
{
	static const char *const services[] = { "firewall" };
	uint32_t from = suite_below(state, c->n_nodes);
	struct path_request *r = &q->r;

	memset(q, 0, sizeof(*q));
	*r = path_request_init(from, (from + 1 + suite_below(state, c->n_nodes - 1)) % c->n_nodes,
			       suite_below(state, PATH_OBJECTIVE_COUNT));
	r->n_ties = (uint8_t)suite_below(state, 4);
	for (unsigned i = 0; i < r->n_ties; i++)
		r->ties[i] = (uint8_t)suite_below(state, PATH_TIE_COUNT);
	r->budget_labels = LABELS;
	if (kind == ASK_FILTERED || chance(state, kind == ASK_PLAIN ? 0 : 25))
		draw_filters(q, c, state);
	if (kind == ASK_BOUNDED || (kind > ASK_BOUNDED && chance(state, 15)))
		draw_bounds(q, engine, state);
	if (kind == ASK_K || kind == ASK_DIVERSE)
		r->k = 2 + suite_below(state, 7);
	r->diverse = kind == ASK_DIVERSE;
	if (kind == ASK_PAIR) {
		r->disjoint = 1 + suite_below(state, PATH_DISJOINT_COUNT - 1);
		r->pair = suite_below(state, PATH_PAIR_COUNT);
	}
	if (kind != ASK_VIA)
		return;
	q->via[0] = suite_below(state, c->n_nodes);
	q->via[1] = suite_below(state, c->n_nodes);
	r->via = q->via;
	r->n_via = suite_below(state, 3);
	r->via_services = services;
	r->n_via_services = r->n_via == 0 || chance(state, 30);
}

void
county_compute(struct path_engine *engine, const struct path_request *r, struct path_answer *answer)
{
	struct pce_error err = { 0 };

	ck_assert_msg(path_compute(engine, r, answer, &err) == PCE_OK, "%s", err.text);
}

bool
county_is_proven(const struct path_answer *a)
{
	for (size_t i = 0; i < a->n_routes; i++)
		if (!a->routes[i].exact)
			return false;
	for (size_t i = 0; i < a->n_relaxed; i++)
		if (strcmp(a->relaxed[i].constraint, "k") == 0)
			return false;
	return a->no_path.reason != PATH_REASON_BUDGET &&
	       !(a->no_path.text && strstr(a->no_path.text, "budget"));
}

static void
print_links(const struct ted *ted, const uint32_t *links, size_t n, struct text *out)
{
	for (size_t i = 0; i < n; i++)
		text_printf(out, " %s", ted_link_at(ted, links[i])->name);
	text_add(out, "\n");
}

static void
print_shared(const struct ted *ted, const struct path_shared *s, struct text *out)
{
	text_add(out, "shared");
	for (size_t i = 0; i < s->n_nodes; i++)
		text_printf(out, " %s", ted_node_at(ted, s->nodes[i])->name);
	for (size_t i = 0; i < s->n_srlgs; i++)
		text_printf(out, " %u", s->srlgs[i]);
	print_links(ted, s->links, s->n_links, out);
}

void
county_print(const struct ted *ted, const struct path_answer *a, struct text *out)
{
	for (size_t i = 0; i < a->n_routes; i++) {
		const struct path_route *r = &a->routes[i];

		text_printf(
		    out, "%llu %llu %llu %llu %llu %s %s:", (unsigned long long)r->igp_metric,
		    (unsigned long long)r->te_metric, (unsigned long long)r->delay_us,
		    (unsigned long long)r->residual_bps, (unsigned long long)r->unavailability_ppt,
		    r->why ? r->why : "", r->chosen ? r->chosen : "");
		print_links(ted, r->links, r->n_links, out);
	}
	for (size_t i = 0; i < a->n_relaxed; i++)
		text_printf(out, "relaxed %s %s %s\n", a->relaxed[i].constraint,
			    a->relaxed[i].asked, a->relaxed[i].got);
	if (a->has_joint)
		text_printf(out, "joint %llu\n", (unsigned long long)a->joint_unavailability_ppt);
	if (a->shared.n_links + a->shared.n_nodes + a->shared.n_srlgs > 0)
		print_shared(ted, &a->shared, out);
	if (!a->no_path.text)
		return;
	text_printf(out, "none: %s (%s) %llu:", a->no_path.text,
		    path_reason_name(a->no_path.reason), (unsigned long long)a->no_path.best);
	print_links(ted, a->no_path.blocking, a->no_path.n_blocking, out);
}

struct path_engine *
county_engine(const struct ted *ted)
{
	struct path_engine *engine = NULL;
	struct pce_error err = { 0 };

	ck_assert_msg(path_engine_new(ted, &engine, &err) == PCE_OK, "%s", err.text);
	return engine;
}
