#include <check.h>
#include <stdio.h>
#include <string.h>

#include "tests/path/town.h"
#include "tests/support/suite.h"

#define EVERYTHING (~0u)

const char *const order_names[ORDER_COUNT] = {
	"bandwidth",   "delay",       "hops",       "te",         "igp",
	"link-delay",  "link-te",     "link-igp",   "link-loss",  "include-any",
	"include-all", "exclude-any", "avoid-node", "avoid-link", "avoid-srlg",
	"slice",       "held",        "via",        "service",
};

static bool
chance(uint64_t *state, uint32_t percent)
{
	return suite_below(state, 100) < percent;
}

static bool
is_joined(const struct ted *ted, uint32_t from, uint32_t to)
{
	for (uint32_t link = 0; link < ted_link_count(ted); link++)
		if (ted_link_at(ted, link)->from == from && ted_link_at(ted, link)->to == to)
			return true;
	return false;
}

void
order_begin(struct referee *ref, const struct ted *ted, bool walks, size_t most, uint64_t *state)
{
	uint32_t n = ted_node_count(ted);

	*ref = (struct referee){ .n = 0 };
	for (unsigned i = 0; i < 12; i++) {
		uint32_t from = suite_below(state, n);
		uint32_t to = (from + 1 + suite_below(state, n - 1)) % n;

		referee_end(ref);
		referee_begin(ref, ted, from, to, walks, most);
		if (chance(state, 3) || (ref->n > 2 && (i > 5 || !is_joined(ted, from, to))))
			return;
	}
}

static uint64_t
value_of(const struct referee_path *p, enum order_kind kind)
{
	switch (kind) {
	case ORDER_BANDWIDTH:
		return p->residual;
	case ORDER_DELAY:
		return p->delay;
	case ORDER_HOPS:
		return p->hops;
	case ORDER_TE:
		return p->te;
	default:
		return p->igp;
	}
}

/* A path that holds what is asked so far (any if none does), NULL without paths. */
static const struct referee_path *
some_path(const struct referee *ref, uint64_t *state)
{
	size_t n = referee_count(ref, EVERYTHING), at;

	if (ref->n == 0)
		return NULL;
	if (n == 0)
		return &ref->paths[suite_below(state, (uint32_t)ref->n)];
	at = suite_below(state, (uint32_t)n);
	for (size_t i = 0; i < ref->n; i++)
		if (ref->paths[i].breaks == 0 && at-- == 0)
			return &ref->paths[i];
	return NULL;
}

/* A bound about the value of the best path, or that of another path. */
static uint64_t
draw_bound(const struct referee *ref, const struct path_request *r, enum order_kind kind,
	   uint64_t *state)
{
	const struct referee_path *best = referee_best(ref, r, EVERYTHING);
	const struct referee_path *p = some_path(ref, state);
	uint64_t value;

	if (!p)
		return 1;
	if (best && chance(state, 50))
		p = best;
	value = value_of(p, kind);
	if (p == best ? chance(state, 80) : chance(state, 20))
		return kind == ORDER_BANDWIDTH ? value + (value < UINT64_MAX) : value - (value > 0);
	return value;
}

static uint32_t
some_link(const struct referee *ref, uint64_t *state)
{
	const struct referee_path *p = some_path(ref, state);

	return p && chance(state, 80) ? p->links[suite_below(state, p->n)]
				      : suite_below(state, ted_link_count(ref->ted));
}

static void
draw_link_bound(struct path_request *r, const struct referee *ref, enum order_kind kind,
		uint64_t *state)
{
	const struct ted_link_row *row = ted_link_at(ref->ted, some_link(ref, state));
	uint32_t less = chance(state, 60);

	if (kind == ORDER_LINK_DELAY)
		r->link_max_delay_us = row->delay_us - (row->delay_us > 0 ? less : 0);
	else if (kind == ORDER_LINK_TE)
		r->link_max_te = row->te_metric - (row->te_metric > 0 ? less : 0);
	else if (kind == ORDER_LINK_IGP)
		r->link_max_igp = row->igp_metric - (row->igp_metric > 0 ? less : 0);
	else
		r->link_max_loss_ppb = row->loss_ppb - (row->loss_ppb > 0 ? less : 0);
}

static void
draw_affinity(struct path_affinity *affinity, uint32_t words[8], uint64_t *state)
{
	static const unsigned bits[] = { 0, 31, 32, 100, 200 };

	memset(words, 0, 8 * sizeof(*words));
	for (unsigned i = 1 + suite_below(state, 2); i > 0; i--) {
		unsigned bit = bits[suite_below(state, chance(state, 90) ? 4 : 5)];

		words[bit / 32] |= 1u << (bit % 32);
	}
	affinity->words = words;
	affinity->n = 8;
	affinity->never = chance(state, 3);
}

static void
draw_avoid_node(struct order_slip *q, const struct referee *ref, uint64_t *state)
{
	const struct ted_link_row *row = ted_link_at(ref->ted, some_link(ref, state));

	q->nodes[0] = chance(state, 70) ? row->to : row->from;
	q->nodes[1] = suite_below(state, ted_node_count(ref->ted));
	q->r.avoid_nodes = q->nodes;
	q->r.n_avoid_nodes = 1 + suite_below(state, 2);
}

static void
draw_avoid_srlg(struct order_slip *q, uint64_t *state)
{
	static const uint32_t numbers[] = { 1, 2, 3, 4, 5, UINT32_MAX };

	q->srlgs[0] = numbers[suite_below(state, 6)];
	q->srlgs[1] = numbers[suite_below(state, 6)];
	q->r.avoid_srlgs = q->srlgs;
	q->r.n_avoid_srlgs = 1 + suite_below(state, 2);
}

static void
draw_held(struct order_slip *q, const struct referee *ref, uint64_t *state)
{
	for (unsigned i = 0; i < 4; i++)
		q->held[i] = some_link(ref, state);
	q->r.held_links = q->held;
	q->r.n_held_links = 1 + suite_below(state, 4);
	q->r.held_bps = chance(state, 5) ? UINT64_MAX : 100000000ULL * (1 + suite_below(state, 4));
}

static void
draw_vias(struct order_slip *q, const struct referee *ref, uint64_t *state)
{
	for (unsigned i = 0; i < 2; i++)
		q->via[i] = chance(state, 60) ? ted_link_at(ref->ted, some_link(ref, state))->to
					      : suite_below(state, ted_node_count(ref->ted));
	q->r.via = q->via;
	q->r.n_via = 1 + suite_below(state, 2);
}

static void
draw_services(struct order_slip *q, uint64_t *state)
{
	static const char *const kinds[] = { "cache", "firewall", "cache", "firewall", "mint" };

	for (unsigned i = 0; i < 2; i++)
		q->services[i] = kinds[suite_below(state, chance(state, 85) ? 4 : 5)];
	q->r.via_services = q->services;
	q->r.n_via_services = 1 + suite_below(state, 2);
}

static void
draw_kind(struct order_slip *q, const struct referee *ref, enum order_kind kind, uint64_t *state)
{
	struct path_request *r = &q->r;

	if (kind == ORDER_BANDWIDTH)
		r->bandwidth_bps = draw_bound(ref, r, kind, state);
	else if (kind == ORDER_DELAY)
		r->max_delay_us = draw_bound(ref, r, kind, state);
	else if (kind == ORDER_HOPS)
		r->max_hops = draw_bound(ref, r, kind, state);
	else if (kind == ORDER_TE)
		r->max_te = draw_bound(ref, r, kind, state);
	else if (kind == ORDER_IGP)
		r->max_igp = draw_bound(ref, r, kind, state);
	else if (kind <= ORDER_LINK_LOSS)
		draw_link_bound(r, ref, kind, state);
	else if (kind == ORDER_INCLUDE_ANY)
		draw_affinity(&r->include_any, q->words[0], state);
	else if (kind == ORDER_INCLUDE_ALL)
		draw_affinity(&r->include_all, q->words[1], state);
	else if (kind == ORDER_EXCLUDE_ANY)
		draw_affinity(&r->exclude_any, q->words[2], state);
	else if (kind == ORDER_AVOID_NODE)
		draw_avoid_node(q, ref, state);
	else if (kind == ORDER_AVOID_SRLG)
		draw_avoid_srlg(q, state);
	else if (kind == ORDER_SLICE)
		r->slice = chance(state, 45) ? "blue" : chance(state, 90) ? "red" : "";
	else if (kind == ORDER_HELD)
		draw_held(q, ref, state);
	else if (kind == ORDER_VIA)
		draw_vias(q, ref, state);
	else if (kind == ORDER_SERVICE)
		draw_services(q, state);
	else {
		q->links[0] = some_link(ref, state);
		q->links[1] = some_link(ref, state);
		r->avoid_links = q->links;
		r->n_avoid_links = 1 + suite_below(state, 2);
	}
	q->kinds |= 1u << kind;
}

struct path_request
order_without(const struct order_slip *q, enum order_kind kind)
{
	struct path_request r = q->r, plain = path_request_init(r.from, r.to, r.objective);
	struct path_affinity *sets[] = { &r.include_any, &r.include_all, &r.exclude_any };

	if (kind >= ORDER_INCLUDE_ANY && kind <= ORDER_EXCLUDE_ANY)
		*sets[kind - ORDER_INCLUDE_ANY] = plain.include_any;
	r.bandwidth_bps = kind == ORDER_BANDWIDTH ? 0 : r.bandwidth_bps;
	r.max_delay_us = kind == ORDER_DELAY ? PATH_NO_BOUND : r.max_delay_us;
	r.max_hops = kind == ORDER_HOPS ? PATH_NO_BOUND : r.max_hops;
	r.max_te = kind == ORDER_TE ? PATH_NO_BOUND : r.max_te;
	r.max_igp = kind == ORDER_IGP ? PATH_NO_BOUND : r.max_igp;
	r.link_max_delay_us = kind == ORDER_LINK_DELAY ? PATH_NO_BOUND : r.link_max_delay_us;
	r.link_max_te = kind == ORDER_LINK_TE ? PATH_NO_BOUND : r.link_max_te;
	r.link_max_igp = kind == ORDER_LINK_IGP ? PATH_NO_BOUND : r.link_max_igp;
	r.link_max_loss_ppb = kind == ORDER_LINK_LOSS ? UINT32_MAX : r.link_max_loss_ppb;
	r.n_avoid_nodes = kind == ORDER_AVOID_NODE ? 0 : r.n_avoid_nodes;
	r.n_avoid_links = kind == ORDER_AVOID_LINK ? 0 : r.n_avoid_links;
	r.n_avoid_srlgs = kind == ORDER_AVOID_SRLG ? 0 : r.n_avoid_srlgs;
	r.slice = kind == ORDER_SLICE ? NULL : r.slice;
	r.n_held_links = kind == ORDER_HELD ? 0 : r.n_held_links;
	r.n_via = kind == ORDER_VIA ? 0 : r.n_via;
	r.n_via_services = kind == ORDER_SERVICE ? 0 : r.n_via_services;
	return r;
}

enum outcome { FREE, BINDING, FORBIDDEN };

/* What one more constraint did to the best path so far (place among the paths, or n). */
static enum outcome
outcome_of(const struct referee *ref, const struct path_request *r, size_t before)
{
	const struct referee_path *best = referee_best(ref, r, EVERYTHING);

	if (!best)
		return FORBIDDEN;
	return (size_t)(best - ref->paths) == before ? FREE : BINDING;
}

static size_t
best_place(const struct referee *ref, const struct path_request *r)
{
	const struct referee_path *best = referee_best(ref, r, EVERYTHING);

	return best ? (size_t)(best - ref->paths) : ref->n;
}

/* Draws one kind, up to ten times, until it does what is wanted. What forbids everything unasked is
 * left out. */
static void
aim(struct order_slip *q, struct referee *ref, enum order_kind kind, enum outcome wanted,
    uint64_t *state)
{
	size_t before = best_place(ref, &q->r);
	const struct path_request old = q->r;
	uint32_t kinds = q->kinds;

	for (unsigned i = 0; i < 10; i++) {
		enum outcome outcome;

		q->r = old;
		draw_kind(q, ref, kind, state);
		referee_judge(ref, &q->r);
		outcome = outcome_of(ref, &q->r, before);
		if (outcome == wanted || (i == 9 && outcome == FREE && chance(state, 30)))
			return;
		q->r = old;
		referee_judge(ref, &q->r);
	}
	q->kinds = kinds;
}

void
order_draw(struct order_slip *q, struct referee *ref, uint32_t allowed, unsigned most,
	   uint64_t *state)
{
	unsigned n = suite_below(state, most + 1);

	memset(q, 0, sizeof(*q));
	q->r = path_request_init(ref->from, ref->to, suite_below(state, PATH_OBJECTIVE_COUNT));
	q->r.n_ties = (uint8_t)suite_below(state, 5);
	for (unsigned i = 0; i < q->r.n_ties; i++)
		q->r.ties[i] = (uint8_t)suite_below(state, PATH_TIE_COUNT);
	referee_judge(ref, &q->r);
	for (unsigned i = 0; i < n && ref->n > 0; i++) {
		enum order_kind kind = suite_below(state, ORDER_COUNT);
		enum outcome wanted = chance(state, 90) ? BINDING : FREE;

		if (i + 1 == n && chance(state, 40))
			wanted = FORBIDDEN;
		if ((allowed >> kind & 1) && !(q->kinds >> kind & 1))
			aim(q, ref, kind, wanted, state);
	}
}

void
order_count(struct order_share shares[ORDER_COUNT], const struct order_slip *q, struct referee *ref,
	    const struct referee_path *best)
{
	size_t place = best ? (size_t)(best - ref->paths) : ref->n;

	for (unsigned kind = 0; kind < ORDER_COUNT; kind++) {
		struct path_request other;

		if (!(q->kinds >> kind & 1))
			continue;
		shares[kind].asked++;
		shares[kind].infeasible += !best;
		shares[kind].feasible += best != NULL;
		other = order_without(q, kind);
		referee_judge(ref, &other);
		shares[kind].binding += best && best_place(ref, &other) != place;
	}
	referee_judge(ref, &q->r);
}

void
order_report(const char *title, const struct order_share shares[ORDER_COUNT], uint32_t must)
{
	for (unsigned i = 0; i < ORDER_COUNT; i++) {
		const struct order_share *s = &shares[i];
		unsigned tenth = s->asked / 10;

		if (s->asked == 0)
			continue;
		printf("%s %-11s asked %5u  feasible %3u%%  infeasible %3u%%  binding %3u%%\n",
		       title, order_names[i], s->asked, s->feasible * 100 / s->asked,
		       s->infeasible * 100 / s->asked, s->binding * 100 / s->asked);
		fflush(stdout);
		/* A short run (KARST_TEST_SEEDS) has too few of each to say. */
		ck_assert_msg(
		    !(must >> i & 1) || s->asked < 150 ||
			(s->feasible >= tenth && s->infeasible >= tenth && s->binding >= tenth),
		    "%s: %s does not decide often enough", title, order_names[i]);
	}
}
