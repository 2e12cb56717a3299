#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "tests/path/oracle.h"

#define BIT(reason) (1u << PATH_REASON_##reason)

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

static bool
affinity_fits(const struct path_request *r, const struct ted_link_row *row)
{
	bool asked = r->include_any.never, some = false;

	if (r->include_all.never)
		return false;
	for (unsigned bit = 0; bit < 128; bit++) {
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
in_slice(const struct ted_link_row *row, const char *slice)
{
	for (size_t i = 0; i < row->n_slices; i++)
		if (strcmp(row->slices[i], slice) == 0)
			return true;
	return false;
}

static uint64_t
residual_of(const struct ted *ted, const struct path_request *r, uint32_t link)
{
	return ted_residual_bps(ted, link) +
	       (listed(r->held_links, r->n_held_links, link) ? r->held_bps : 0);
}

static bool
is_avoided(const struct ted *ted, const struct path_request *r, uint32_t link)
{
	const struct ted_link_row *row = ted_link_at(ted, link);
	const struct ted_link_row *back =
	    row->reverse == TED_NONE ? NULL : ted_link_at(ted, row->reverse);

	for (size_t i = 0; i < r->n_avoid_links; i++)
		if (r->avoid_links[i] == link ||
		    (row->reverse != TED_NONE && r->avoid_links[i] == row->reverse))
			return true;
	for (size_t i = 0; i < r->n_avoid_srlgs; i++)
		if (listed(row->srlg, row->n_srlg, r->avoid_srlgs[i]) ||
		    (back && listed(back->srlg, back->n_srlg, r->avoid_srlgs[i])))
			return true;
	return false;
}

static bool
link_fits(const struct ted *ted, const struct path_request *r, uint32_t dropped, uint32_t link)
{
	const struct ted_link_row *row = ted_link_at(ted, link);

	if (!ted_link_usable(ted, link))
		return false;
	if (!(dropped & BIT(BANDWIDTH)) && residual_of(ted, r, link) < r->bandwidth_bps)
		return false;
	if (!(dropped & BIT(AFFINITY)) && !affinity_fits(r, row))
		return false;
	if (!(dropped & BIT(SLICE)) && r->slice && !in_slice(row, r->slice))
		return false;
	if (!(dropped & BIT(AVOID)) && is_avoided(ted, r, link))
		return false;
	return (dropped & BIT(LINK_BOUND)) ||
	       (row->delay_us <= r->link_max_delay_us && row->te_metric <= r->link_max_te &&
		row->igp_metric <= r->link_max_igp && row->loss_ppb <= r->link_max_loss_ppb);
}

static bool
node_fits(const struct ted *ted, const struct path_request *r, uint32_t dropped, uint32_t node)
{
	const struct ted_node_row *row = ted_node_at(ted, node);
	bool end = node == r->from || node == r->to;

	if (!(dropped & BIT(AVOID)) && listed(r->avoid_nodes, r->n_avoid_nodes, node))
		return false;
	if (end)
		return true;
	if (!(dropped & BIT(OVERLOAD)) && row->overload)
		return false;
	for (size_t i = 0; !(dropped & BIT(AVOID)) && i < r->n_avoid_srlgs; i++)
		if (listed(row->srlg, row->n_srlg, r->avoid_srlgs[i]))
			return false;
	return true;
}

/* A risk is a number: link rows (of the lower row of the fibre), then SRLGs, nodes, sites. */
#define GROUP_RISK (1ULL << 40)
#define NODE_RISK (2ULL << 40)
#define SITE_RISK (3ULL << 40)

struct risks {
	uint64_t id[256];
	double p[256];
	size_t n;
};

static void
risk_add(struct risks *set, uint64_t id, uint64_t ppt)
{
	double p = (double)ppt / 1e12;

	for (size_t i = 0; i < set->n; i++)
		if (set->id[i] == id) {
			set->p[i] = p > set->p[i] ? p : set->p[i];
			return;
		}
	if (set->n == 256)
		ck_abort_msg("too many risks");
	set->id[set->n] = id;
	set->p[set->n++] = p;
}

static void
risks_of(const struct ted *ted, const struct oracle_path *path, uint64_t passed, struct risks *set)
{
	uint32_t from = ted_link_at(ted, path->links[0])->from;
	uint32_t to = ted_link_at(ted, path->links[path->n - 1])->to;

	for (uint32_t i = 0; i < path->n; i++) {
		uint32_t link = path->links[i];
		const struct ted_link_row *row = ted_link_at(ted, link);
		const struct ted_node_row *head = ted_node_at(ted, row->to);

		risk_add(set, row->reverse < link ? row->reverse : link, row->unavailability_ppt);
		for (size_t j = 0; j < row->n_srlg; j++)
			risk_add(set, GROUP_RISK | row->srlg[j],
				 ted_srlg_unavailability_ppt(ted, row->srlg[j]));
		if (row->to == from || row->to == to || passed >> row->to & 1)
			continue;
		risk_add(set, NODE_RISK | row->to, head->unavailability_ppt);
		for (size_t j = 0; j < head->n_srlg; j++)
			risk_add(set, GROUP_RISK | head->srlg[j],
				 ted_srlg_unavailability_ppt(ted, head->srlg[j]));
		if (head->site) /* their first letters differ */
			risk_add(set, SITE_RISK | (unsigned char)head->site[0],
				 ted_site_unavailability_ppt(ted, head->site));
	}
}

static double
fails(const struct risks *set)
{
	long double works = 1;

	for (size_t i = 0; i < set->n; i++)
		works *= 1 - (long double)set->p[i];
	return (double)(1 - works);
}

void
oracle_judge(const struct ted *ted, struct oracle_path *path, uint64_t passed)
{
	struct risks all = { .n = 0 }, set = { .n = 0 };

	risks_of(ted, path, 0, &all);
	path->unavailability = fails(&all);
	risks_of(ted, path, passed, &set);
	path->fibres = path->transit = path->groups = 0;
	for (size_t i = 0; i < set.n; i++) {
		uint64_t bit = 1ULL << (set.id[i] % 64);

		if (set.id[i] >> 40 == 0)
			path->fibres |= bit;
		else if (set.id[i] >> 40 == 1)
			path->groups |= bit;
		else if (set.id[i] >> 40 == 2)
			path->transit |= bit;
	}
}

static bool
sums_fit(const struct path_request *r, uint32_t dropped, const struct oracle_path *p)
{
	return ((dropped & BIT(DELAY)) || p->delay <= r->max_delay_us) &&
	       ((dropped & BIT(HOPS)) || p->hops <= r->max_hops) &&
	       ((dropped & BIT(TE_METRIC)) || p->te <= r->max_te) &&
	       ((dropped & BIT(IGP_METRIC)) || p->igp <= r->max_igp);
}

struct walk {
	const struct ted *ted;
	const struct path_request *r;
	uint32_t dropped;
	struct oracle_paths *out;
	struct oracle_path path;
	bool seen[64];
};

static void
keep(struct walk *w)
{
	struct oracle_paths *out = w->out;

	if (!sums_fit(w->r, w->dropped, &w->path))
		return;
	if (out->n == out->cap) {
		out->cap = out->cap * 2 + 64;
		out->paths = realloc(out->paths, out->cap * sizeof(*out->paths));
		if (!out->paths)
			ck_abort_msg("no memory");
	}
	oracle_judge(w->ted, &w->path, 0);
	out->paths[out->n++] = w->path;
}

static void
go(struct walk *w, uint32_t node)
{
	if (node == w->r->to) {
		keep(w);
		return;
	}
	w->seen[node] = true;
	for (uint32_t link = 0; link < ted_link_count(w->ted); link++) {
		const struct ted_link_row *row = ted_link_at(w->ted, link);
		struct oracle_path before = w->path;
		uint64_t residual;

		if (row->from != node || w->seen[row->to] ||
		    !link_fits(w->ted, w->r, w->dropped, link) ||
		    !node_fits(w->ted, w->r, w->dropped, row->to))
			continue;
		residual = residual_of(w->ted, w->r, link);
		w->path.links[w->path.n++] = link;
		w->path.igp += row->igp_metric;
		w->path.te += row->te_metric;
		w->path.delay += row->delay_us;
		w->path.hops += !ted_node_at(w->ted, node)->pseudonode;
		if (residual < w->path.residual)
			w->path.residual = residual;
		go(w, row->to);
		w->path = before;
	}
	w->seen[node] = false;
}

void
oracle_enumerate(const struct ted *ted, const struct path_request *r, uint32_t dropped,
		 struct oracle_paths *out)
{
	struct walk w = { .ted = ted, .r = r, .dropped = dropped, .out = out };

	w.path.residual = UINT64_MAX;
	if (node_fits(ted, r, dropped, r->from) && node_fits(ted, r, dropped, r->to))
		go(&w, r->from);
}

void
oracle_free(struct oracle_paths *paths)
{
	free(paths->paths);
	*paths = (struct oracle_paths){ .n = 0 };
}

static int
compare_numbers(uint64_t a, uint64_t b)
{
	return a < b ? -1 : a > b;
}

static int
compare_objective(const struct path_request *r, const struct oracle_path *a,
		  const struct oracle_path *b)
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
		return a->unavailability < b->unavailability - 1e-10
			   ? -1
			   : a->unavailability > b->unavailability + 1e-10;
	}
}

int
oracle_compare(const struct path_request *r, const struct oracle_path *a,
	       const struct oracle_path *b)
{
	int sign = compare_objective(r, a, b);

	for (unsigned i = 0; sign == 0 && i < r->n_ties; i++) {
		const uint64_t x[] = { a->delay, a->te, a->igp, a->hops };
		const uint64_t y[] = { b->delay, b->te, b->igp, b->hops };

		sign = compare_numbers(x[r->ties[i]], y[r->ties[i]]);
	}
	return sign ? sign : compare_numbers(a->n, b->n);
}

const struct oracle_path *
oracle_best(const struct ted *ted, const struct path_request *r, const struct oracle_paths *paths)
{
	const struct oracle_path *best = NULL;

	for (size_t i = 0; i < paths->n; i++) {
		const struct oracle_path *p = &paths->paths[i];
		int sign = best ? oracle_compare(r, p, best) : -1;

		for (uint32_t j = 0; sign == 0 && j < p->n; j++)
			sign = compare_numbers(ted_link_at(ted, p->links[j])->rank,
					       ted_link_at(ted, best->links[j])->rank);
		if (sign < 0)
			best = p;
	}
	return best;
}

bool
oracle_disjoint(enum path_disjoint kind, const struct oracle_path *a, const struct oracle_path *b)
{
	bool node = kind == PATH_DISJOINT_NODE || kind == PATH_DISJOINT_SRLG_NODE;
	bool srlg = kind == PATH_DISJOINT_SRLG || kind == PATH_DISJOINT_SRLG_NODE;

	return (a->fibres & b->fibres) == 0 && (!node || (a->transit & b->transit) == 0) &&
	       (!srlg || (a->groups & b->groups) == 0);
}

double
oracle_joint(const struct ted *ted, const struct oracle_path *a, const struct oracle_path *b)
{
	struct risks set = { .n = 0 };

	risks_of(ted, a, 0, &set);
	risks_of(ted, b, 0, &set);
	return a->unavailability + b->unavailability - fails(&set);
}
