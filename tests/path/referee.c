#include "tests/path/referee.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

static bool
listed(const uint32_t *list, size_t n, uint32_t value)
{
	for (size_t i = 0; i < n; i++)
		if (list[i] == value)
			return true;
	return false;
}

static bool
bit_of(const uint32_t *words, size_t n, unsigned bit)
{
	return bit / 32 < n && (words[bit / 32] >> (bit % 32) & 1);
}

static uint64_t
add(uint64_t a, uint64_t b)
{
	return a > UINT64_MAX - b ? UINT64_MAX : a + b;
}

static const struct ted_link_row *
reverse_of(const struct ted *ted, uint32_t link)
{
	uint32_t reverse = ted_link_at(ted, link)->reverse;

	return reverse == TED_NONE ? NULL : ted_link_at(ted, reverse);
}

static uint32_t
group_bit(struct referee *ref, uint32_t number)
{
	for (uint32_t i = 0; i < ref->n_srlgs; i++)
		if (ref->srlgs[i] == number)
			return 1u << i;
	if (ref->n_srlgs == 32)
		ck_abort_msg("too many shared risks");
	ref->srlgs[ref->n_srlgs] = number;
	return 1u << ref->n_srlgs++;
}

/* Unavailabilities of the fibres of one or two paths: of a fibre used in both directions, the
 * worse one. */
static void
fibre_risks(const struct referee *ref, const struct referee_path *p, uint64_t ppt[64])
{
	for (uint32_t i = 0; i < p->n; i++) {
		const struct ted_link_row *row = ted_link_at(ref->ted, p->links[i]);
		uint32_t fibre = row->reverse < p->links[i] ? row->reverse : p->links[i];

		if (row->unavailability_ppt > ppt[fibre])
			ppt[fibre] = row->unavailability_ppt;
	}
}

static long double
survives(uint64_t ppt)
{
	return ppt >= 1000000000000 ? 0 : 1 - (long double)ppt / 1e12L;
}

/* Probability that the sites of these nodes stand, each once. */
static long double
sites_stand(const struct ted *ted, uint32_t nodes)
{
	long double p = 1;

	for (uint32_t i = 0; nodes >> i; i++) {
		const char *site = nodes >> i & 1 ? ted_node_at(ted, i)->site : NULL;
		bool seen = !site;

		for (uint32_t j = 0; !seen && j < i; j++)
			seen = nodes >> j & 1 && ted_node_at(ted, j)->site &&
			       strcmp(ted_node_at(ted, j)->site, site) == 0;
		if (!seen)
			p *= survives(ted_site_unavailability_ppt(ted, site));
	}
	return p;
}

/* Probability that none of the risks of one or two (b != NULL) paths strikes. */
static long double
works(const struct referee *ref, const struct referee_path *a, const struct referee_path *b)
{
	uint64_t ppt[64] = { 0 };
	uint32_t transit = a->transit | (b ? b->transit : 0), groups = a->groups;
	long double p = 1;

	fibre_risks(ref, a, ppt);
	if (b) {
		fibre_risks(ref, b, ppt);
		groups |= b->groups;
	}
	for (unsigned i = 0; i < 64; i++)
		p *= survives(ppt[i]);
	for (uint32_t i = 0; transit >> i; i++)
		if (transit >> i & 1)
			p *= survives(ted_node_at(ref->ted, i)->unavailability_ppt);
	for (uint32_t i = 0; i < ref->n_srlgs; i++)
		if (groups >> i & 1)
			p *= survives(ted_srlg_unavailability_ppt(ref->ted, ref->srlgs[i]));
	return p * sites_stand(ref->ted, transit);
}

static void
keep(struct referee *ref, const struct referee_path *p, size_t most)
{
	if (ref->n == most)
		ref->overflow = true;
	if (ref->overflow)
		return;
	if (ref->n == ref->cap) {
		ref->cap = ref->cap * 2 + 64;
		ref->paths = realloc(ref->paths, ref->cap * sizeof(*ref->paths));
		if (!ref->paths)
			ck_abort_msg("no memory");
	}
	ref->paths[ref->n] = *p;
	ref->paths[ref->n++].works = works(ref, p, NULL);
}

/* One more link at the end of a path. */
static void
extend(struct referee *ref, struct referee_path *p, uint32_t link)
{
	const struct ted_link_row *row = ted_link_at(ref->ted, link);
	const struct ted_node_row *tail = ted_node_at(ref->ted, row->from);

	if (p->n > 0 && row->from != ref->from && row->from != ref->to) {
		p->transit |= 1u << row->from;
		for (size_t i = 0; i < tail->n_srlg; i++)
			p->groups |= group_bit(ref, tail->srlg[i]);
	}
	p->links[p->n++] = link;
	p->igp = add(p->igp, row->igp_metric);
	p->te = add(p->te, row->te_metric);
	p->delay = add(p->delay, row->delay_us);
	p->hops += !tail->pseudonode;
	p->fibres |= 1ULL << (row->reverse < link ? row->reverse : link);
	for (size_t i = 0; i < row->n_srlg; i++)
		p->groups |= group_bit(ref, row->srlg[i]);
}

static bool
passes(const struct referee *ref, const struct referee_path *p, uint32_t node)
{
	if (node == ref->from)
		return true;
	for (uint32_t i = 0; i < p->n; i++)
		if (ted_link_at(ref->ted, p->links[i])->to == node)
			return true;
	return false;
}

static void
go(struct referee *ref, const struct referee_path *p, uint32_t node, size_t most)
{
	if (node == ref->to && p->n > 0)
		keep(ref, p, most);
	if (ref->overflow || p->n == REFEREE_STEPS || (node == ref->to && !ref->walks))
		return;
	for (uint32_t link = 0; link < ted_link_count(ref->ted); link++) {
		const struct ted_link_row *row = ted_link_at(ref->ted, link);
		struct referee_path longer = *p;

		if (row->from != node || row->from == row->to || !ted_link_usable(ref->ted, link) ||
		    (ref->walks ? listed(p->links, p->n, link) : passes(ref, p, row->to)))
			continue;
		extend(ref, &longer, link);
		go(ref, &longer, row->to, most);
	}
}

void
referee_begin(struct referee *ref, const struct ted *ted, uint32_t from, uint32_t to, bool walks,
	      size_t most)
{
	struct referee_path p = { .n = 0 };

	*ref = (struct referee){ .ted = ted, .from = from, .to = to, .walks = walks };
	ck_assert_uint_le(ted_link_count(ted), 64);
	ck_assert_uint_le(ted_node_count(ted), 32);
	if (ted_node_at(ted, from)->unusable == 0 && ted_node_at(ted, to)->unusable == 0)
		go(ref, &p, from, most);
}

void
referee_end(struct referee *ref)
{
	free(ref->paths);
	*ref = (struct referee){ .n = 0 };
}

static bool
affinity_fits(const struct path_request *r, const struct ted_link_row *row)
{
	bool asked = r->include_any.never, some = false;

	if (r->include_all.never)
		return false;
	for (unsigned bit = 0; bit < 256; bit++) {
		bool has = bit_of(row->affinity, row->n_affinity, bit);

		if (has && bit_of(r->exclude_any.words, r->exclude_any.n, bit))
			return false;
		if (!has && bit_of(r->include_all.words, r->include_all.n, bit))
			return false;
		if (bit_of(r->include_any.words, r->include_any.n, bit)) {
			asked = true;
			some |= has;
		}
	}
	return some || !asked;
}

static bool
has_name(const char *const *names, size_t n, const char *wanted)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(names[i], wanted) == 0)
			return true;
	return false;
}

static bool
in_avoided_group(const struct path_request *r, const uint32_t *srlg, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (listed(r->avoid_srlgs, r->n_avoid_srlgs, srlg[i]))
			return true;
	return false;
}

uint64_t
referee_residual(const struct ted *ted, const struct path_request *r, uint32_t link)
{
	uint64_t residual = ted_residual_bps(ted, link);

	return listed(r->held_links, r->n_held_links, link) ? add(residual, r->held_bps) : residual;
}

uint32_t
referee_link_breaks(const struct ted *ted, const struct path_request *r, uint32_t link)
{
	const struct ted_link_row *row = ted_link_at(ted, link);
	const struct ted_link_row *back = reverse_of(ted, link);
	uint32_t breaks = 0;

	if (referee_residual(ted, r, link) < r->bandwidth_bps)
		breaks |= BREAKS(BANDWIDTH);
	if (!affinity_fits(r, row))
		breaks |= BREAKS(AFFINITY);
	if (r->slice && !has_name(row->slices, row->n_slices, r->slice))
		breaks |= BREAKS(SLICE);
	if (listed(r->avoid_links, r->n_avoid_links, link) ||
	    (back && listed(r->avoid_links, r->n_avoid_links, row->reverse)) ||
	    in_avoided_group(r, row->srlg, row->n_srlg) ||
	    (back && in_avoided_group(r, back->srlg, back->n_srlg)))
		breaks |= BREAKS(AVOID);
	if (row->delay_us > r->link_max_delay_us || row->te_metric > r->link_max_te ||
	    row->igp_metric > r->link_max_igp || row->loss_ppb > r->link_max_loss_ppb)
		breaks |= BREAKS(LINK_BOUND);
	if (row->te_metric == TED_METRIC_UNREACHABLE &&
	    (r->objective == PATH_TE || r->max_te != PATH_NO_BOUND ||
	     r->link_max_te != PATH_NO_BOUND))
		breaks |= BREAKS_FOR_GOOD;
	return breaks;
}

uint32_t
referee_node_breaks(const struct ted *ted, const struct path_request *r, uint32_t node,
		    bool transit)
{
	const struct ted_node_row *row = ted_node_at(ted, node);
	uint32_t breaks = 0;

	if (listed(r->avoid_nodes, r->n_avoid_nodes, node))
		breaks |= BREAKS(AVOID);
	if (transit && row->overload)
		breaks |= BREAKS(OVERLOAD);
	if (transit && in_avoided_group(r, row->srlg, row->n_srlg))
		breaks |= BREAKS(AVOID);
	return breaks;
}

/* Whether the vias, then the services, are met in their order, and whether it loops on the way. */
static void
judge_stages(const struct referee *ref, const struct path_request *r, struct referee_path *p)
{
	size_t stage = 0, all = r->n_via + r->n_via_services;
	uint32_t seen = 0; /* nodes, in this stage */

	p->loops = false;
	for (uint32_t i = 0; i <= p->n; i++) {
		uint32_t node = i == 0 ? ref->from : ted_link_at(ref->ted, p->links[i - 1])->to;
		const struct ted_node_row *row = ted_node_at(ref->ted, node);
		size_t before = stage;

		while (stage < all &&
		       (stage < r->n_via ? r->via[stage] == node
					 : has_name(row->services, row->n_services,
						    r->via_services[stage - r->n_via])))
			stage++;
		if (stage > before)
			seen = 0;
		p->loops |= seen >> node & 1;
		seen |= 1u << node;
	}
	if (stage < all)
		p->breaks |= BREAKS(VIA);
}

/* What each link and node breaks by itself, so that it is told once and not for every path. */
struct verdicts {
	uint32_t link[64], through[32], at_end[32];
	uint64_t residual[64];
};

static void
judge_path(const struct referee *ref, const struct path_request *r, const struct verdicts *v,
	   struct referee_path *p)
{
	p->breaks = v->at_end[ref->from];
	p->residual = UINT64_MAX;
	for (uint32_t i = 0; i < p->n; i++) {
		uint32_t link = p->links[i], head = ted_link_at(ref->ted, link)->to;

		p->breaks |= v->link[link] | (i + 1 < p->n ? v->through[head] : v->at_end[head]);
		p->residual = v->residual[link] < p->residual ? v->residual[link] : p->residual;
	}
	if (p->delay > r->max_delay_us)
		p->breaks |= BREAKS(DELAY);
	if (p->hops > r->max_hops)
		p->breaks |= BREAKS(HOPS);
	if (p->te > r->max_te)
		p->breaks |= BREAKS(TE_METRIC);
	if (p->igp > r->max_igp)
		p->breaks |= BREAKS(IGP_METRIC);
	judge_stages(ref, r, p);
}

void
referee_judge(struct referee *ref, const struct path_request *r)
{
	struct verdicts v;

	for (uint32_t i = 0; i < ted_link_count(ref->ted); i++) {
		v.link[i] = referee_link_breaks(ref->ted, r, i);
		v.residual[i] = referee_residual(ref->ted, r, i);
	}
	for (uint32_t i = 0; i < ted_node_count(ref->ted); i++) {
		v.through[i] = referee_node_breaks(ref->ted, r, i, true);
		v.at_end[i] = referee_node_breaks(ref->ted, r, i, false);
	}
	for (size_t i = 0; i < ref->n; i++)
		judge_path(ref, r, &v, &ref->paths[i]);
}

size_t
referee_count(const struct referee *ref, uint32_t mask)
{
	size_t n = 0;

	for (size_t i = 0; i < ref->n; i++)
		n += (ref->paths[i].breaks & (mask | BREAKS_FOR_GOOD)) == 0;
	return n;
}

static int
compare_numbers(uint64_t a, uint64_t b)
{
	return a < b ? -1 : a > b;
}

/* By probability; equal if the risks are the same, whatever the order of multiplication gave. */
static int
compare_risks(const struct referee_path *a, const struct referee_path *b)
{
	long double apart = a->works - b->works, slack = (a->works + b->works) * 1e-16L;

	return apart > slack ? -1 : apart < -slack;
}

static int
compare_objective(const struct path_request *r, const struct referee_path *a,
		  const struct referee_path *b)
{
	switch (r->objective) {
	case PATH_IGP:
		return compare_numbers(a->igp, b->igp);
	case PATH_TE:
		return compare_numbers(a->te, b->te);
	case PATH_DELAY:
		return compare_numbers(a->delay, b->delay);
	case PATH_BANDWIDTH:
		return compare_numbers(b->residual, a->residual);
	default:
		return compare_risks(a, b);
	}
}

int
referee_compare_sums(const struct path_request *r, const struct referee_path *a,
		     const struct referee_path *b)
{
	int sign = compare_objective(r, a, b);

	for (unsigned i = 0; sign == 0 && i < r->n_ties; i++) {
		const uint64_t x[] = { a->delay, a->te, a->igp, a->hops };
		const uint64_t y[] = { b->delay, b->te, b->igp, b->hops };

		sign = compare_numbers(x[r->ties[i]], y[r->ties[i]]);
	}
	return sign ? sign : compare_numbers(a->n, b->n);
}

int
referee_compare(const struct referee *ref, const struct path_request *r,
		const struct referee_path *a, const struct referee_path *b)
{
	int sign = referee_compare_sums(r, a, b);

	for (uint32_t i = 0; sign == 0 && i < a->n; i++)
		sign = compare_numbers(ted_link_at(ref->ted, a->links[i])->rank,
				       ted_link_at(ref->ted, b->links[i])->rank);
	return sign;
}

const struct referee_path *
referee_best(const struct referee *ref, const struct path_request *r, uint32_t mask)
{
	const struct referee_path *best = NULL;

	for (size_t i = 0; i < ref->n; i++)
		if ((ref->paths[i].breaks & (mask | BREAKS_FOR_GOOD)) == 0 &&
		    (!best || referee_compare(ref, r, &ref->paths[i], best) < 0))
			best = &ref->paths[i];
	return best;
}

const struct referee_path *
referee_find(const struct referee *ref, const uint32_t *links, size_t n)
{
	for (size_t i = 0; i < ref->n; i++)
		if (ref->paths[i].n == n &&
		    memcmp(ref->paths[i].links, links, n * sizeof(*links)) == 0)
			return &ref->paths[i];
	return NULL;
}

bool
referee_disjoint(enum path_disjoint kind, const struct referee_path *a,
		 const struct referee_path *b)
{
	if (kind == PATH_DISJOINT_AVAILABILITY)
		return true;
	if (kind != PATH_DISJOINT_LINK && kind != PATH_DISJOINT_SRLG &&
	    (a->transit & b->transit) != 0)
		return false;
	if (kind != PATH_DISJOINT_LINK && kind != PATH_DISJOINT_NODE &&
	    (a->groups & b->groups) != 0)
		return false;
	return (a->fibres & b->fibres) == 0;
}

long double
referee_joint(const struct referee *ref, const struct referee_path *a, const struct referee_path *b)
{
	return 1 - a->works - b->works + works(ref, a, b);
}

bool
referee_asks(const struct path_request *r, enum path_reason reason)
{
	const struct path_affinity *sets[] = { &r->include_any, &r->include_all, &r->exclude_any };
	bool some = false;

	switch (reason) {
	case PATH_REASON_BANDWIDTH:
		return r->bandwidth_bps > 0;
	case PATH_REASON_DELAY:
		return r->max_delay_us != PATH_NO_BOUND;
	case PATH_REASON_HOPS:
		return r->max_hops != PATH_NO_BOUND;
	case PATH_REASON_TE_METRIC:
		return r->max_te != PATH_NO_BOUND;
	case PATH_REASON_IGP_METRIC:
		return r->max_igp != PATH_NO_BOUND;
	case PATH_REASON_AFFINITY:
		for (unsigned i = 0; i < 3; i++)
			some |= sets[i]->n > 0 || sets[i]->never;
		return some;
	case PATH_REASON_AVOID:
		return r->n_avoid_links + r->n_avoid_nodes + r->n_avoid_srlgs > 0;
	case PATH_REASON_SLICE:
		return r->slice != NULL;
	case PATH_REASON_LINK_BOUND:
		return r->link_max_delay_us != PATH_NO_BOUND || r->link_max_te != PATH_NO_BOUND ||
		       r->link_max_igp != PATH_NO_BOUND || r->link_max_loss_ppb != UINT32_MAX;
	case PATH_REASON_VIA:
		return r->n_via + r->n_via_services > 0;
	case PATH_REASON_OVERLOAD:
		return true;
	default:
		return false;
	}
}
