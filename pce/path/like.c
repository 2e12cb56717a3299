#include "pce/path/like.h"

#include <string.h>

/* Whoever adds a field to the request compares it here, too. */
#if UINTPTR_MAX == UINT64_MAX
_Static_assert(sizeof(struct path_request) == 352, "like_compare has to know every field");
#endif

static int
numbers(uint64_t a, uint64_t b)
{
	return (a > b) - (a < b);
}

static int
lists(const uint32_t *a, size_t n_a, const uint32_t *b, size_t n_b)
{
	int apart = numbers(n_a, n_b);

	for (size_t i = 0; !apart && i < n_a; i++)
		apart = numbers(a[i], b[i]);
	return apart;
}

static int
affinities(const struct path_affinity *a, const struct path_affinity *b)
{
	int apart = numbers(a->never, b->never);

	return apart ? apart : lists(a->words, a->n, b->words, b->n);
}

static int
names(const char *a, const char *b)
{
	if (!a || !b)
		return numbers(a != NULL, b != NULL);
	return strcmp(a, b);
}

static int
compare_bounds(const struct path_request *a, const struct path_request *b)
{
	const uint64_t of_a[] = { a->bandwidth_bps,     a->max_delay_us, a->max_te,
				  a->max_igp,           a->max_hops,     a->max_sids,
				  a->link_max_delay_us, a->link_max_te,  a->link_max_igp,
				  a->link_max_loss_ppb };
	const uint64_t of_b[] = { b->bandwidth_bps,     b->max_delay_us, b->max_te,
				  b->max_igp,           b->max_hops,     b->max_sids,
				  b->link_max_delay_us, b->link_max_te,  b->link_max_igp,
				  b->link_max_loss_ppb };
	int apart = 0;

	for (size_t i = 0; !apart && i < sizeof(of_a) / sizeof(of_a[0]); i++)
		apart = numbers(of_a[i], of_b[i]);
	return apart;
}

static int
compare_filters(const struct path_request *a, const struct path_request *b)
{
	int apart = affinities(&a->include_any, &b->include_any);

	if (!apart)
		apart = affinities(&a->include_all, &b->include_all);
	if (!apart)
		apart = affinities(&a->exclude_any, &b->exclude_any);
	if (!apart)
		apart = lists(a->avoid_nodes, a->n_avoid_nodes, b->avoid_nodes, b->n_avoid_nodes);
	if (!apart)
		apart = lists(a->avoid_links, a->n_avoid_links, b->avoid_links, b->n_avoid_links);
	if (!apart)
		apart = lists(a->avoid_srlgs, a->n_avoid_srlgs, b->avoid_srlgs, b->n_avoid_srlgs);
	if (!apart)
		apart = names(a->slice, b->slice);
	if (!apart)
		apart = lists(a->held_links, a->n_held_links, b->held_links, b->n_held_links);
	if (!apart)
		apart = numbers(a->n_kept, b->n_kept);
	for (size_t i = 0; !apart && i < a->n_kept; i++) {
		apart = numbers(a->kept[i].link, b->kept[i].link);
		if (!apart)
			apart = numbers(a->kept[i].there_bps, b->kept[i].there_bps);
		if (!apart)
			apart = numbers(a->kept[i].back_bps, b->kept[i].back_bps);
	}
	return apart ? apart : numbers(a->held_bps, b->held_bps);
}

static int
compare_vias(const struct path_request *a, const struct path_request *b)
{
	int apart = lists(a->via, a->n_via, b->via, b->n_via);

	if (!apart)
		apart = numbers(a->n_via_services, b->n_via_services);
	for (size_t i = 0; !apart && i < a->n_via_services; i++)
		apart = names(a->via_services[i], b->via_services[i]);
	return apart;
}

/* 0 and 1 are the same. */
static uint64_t
wanted(const struct path_request *r)
{
	return r->k > 1 ? r->k : 1;
}

/* What is wanted, apart from constraints. */
static int
compare_aims(const struct path_request *a, const struct path_request *b)
{
	const uint64_t of_a[] = { a->objective,    a->disjoint, a->pair,      a->n_ties,
				  wanted(a),       a->diverse,  a->max_lists, a->budget_labels,
				  a->budget_bytes, a->explain,  a->co_routed };
	const uint64_t of_b[] = { b->objective,    b->disjoint, b->pair,      b->n_ties,
				  wanted(b),       b->diverse,  b->max_lists, b->budget_labels,
				  b->budget_bytes, b->explain,  b->co_routed };
	int apart = (a->guarantee > b->guarantee) - (a->guarantee < b->guarantee);

	for (size_t i = 0; !apart && i < sizeof(of_a) / sizeof(of_a[0]); i++)
		apart = numbers(of_a[i], of_b[i]);
	for (size_t i = 0; !apart && i < a->n_ties && i < PATH_TIE_COUNT; i++)
		apart = numbers(a->ties[i], b->ties[i]);
	return apart;
}

int
like_compare(const struct path_request *a, const struct path_request *b)
{
	int apart = compare_aims(a, b);

	if (!apart)
		apart = compare_bounds(a, b);
	if (!apart)
		apart = compare_filters(a, b);
	return apart ? apart : compare_vias(a, b);
}
