#include "pce/segment/flex.h"

#include <stdlib.h>

#include "pce/base/array.h"

void
flex_free(struct flex_list *list)
{
	free(list->items);
	*list = (struct flex_list){ 0 };
}

size_t
flex_place(const struct flex_list *list, uint8_t algorithm, uint32_t domain)
{
	size_t k = 0;

	while (k < list->n &&
	       (list->items[k].fad.algorithm != algorithm || list->items[k].domain != domain))
		k++;
	return k;
}

static enum pce_status
take_fad(struct flex_list *list, const struct ted_fad *fad, uint32_t domain, uint32_t rank,
	 struct pce_error *err)
{
	size_t at = flex_place(list, fad->algorithm, domain);
	enum pce_status st =
	    array_reserve(&list->items, &list->cap, list->n + 1, sizeof(*list->items), err);
	struct flex *there;

	if (st != PCE_OK)
		return st;
	there = &list->items[at];
	if (at < list->n && (there->fad.priority > fad->priority ||
			     (there->fad.priority == fad->priority && there->rank > rank)))
		return PCE_OK;
	*there = (struct flex){ domain, *fad, rank };
	list->n += at == list->n;
	return PCE_OK;
}

enum pce_status
flex_find(const struct ted *ted, const uint32_t *domain, struct flex_list *list,
	  struct pce_error *err)
{
	enum pce_status st = PCE_OK;

	for (ted_node k = 0; k < ted_node_count(ted); k++) {
		const struct ted_node_row *row = ted_node_at(ted, k);

		for (size_t i = 0; i < row->n_fads && !row->unusable && st == PCE_OK; i++)
			st = take_fad(list, &row->fads[i], domain[k], row->rank, err);
	}
	return st;
}

static bool
takes_part(const struct ted *ted, ted_node node, uint8_t algorithm)
{
	const struct ted_node_row *row = ted_node_at(ted, node);
	bool found = row->pseudonode; /* a LAN has no say */

	for (size_t k = 0; k < row->n_algorithms; k++)
		found |= row->algorithms[k] == algorithm;
	return found;
}

static uint32_t
group_word(const struct ted_link_row *row, size_t k)
{
	return k < row->n_affinity ? row->affinity[k] : 0;
}

/* Bits of a definition that the link has; *all false if it lacks some. */
static bool
has_any(const struct ted_link_row *row, const uint32_t *words, size_t n, bool *all)
{
	bool any = false;

	*all = true;
	for (size_t k = 0; k < n; k++) {
		any |= (group_word(row, k) & words[k]) != 0;
		*all &= (group_word(row, k) & words[k]) == words[k];
	}
	return any;
}

static bool
colour_allows(const struct ted_link_row *row, const struct ted_fad *fad)
{
	bool all;

	if (has_any(row, fad->exclude_any, fad->n_exclude_any, &all))
		return false;
	for (size_t k = 0; k < fad->n_exclude_srlg; k++)
		for (size_t i = 0; i < row->n_srlg; i++)
			if (row->srlg[i] == fad->exclude_srlg[k])
				return false;
	if (fad->n_include_any && !has_any(row, fad->include_any, fad->n_include_any, &all))
		return false;
	has_any(row, fad->include_all, fad->n_include_all, &all);
	return all;
}

bool
flex_cost(const struct ted *ted, const struct ted_fad *fad, ted_link link, uint64_t *cost)
{
	const struct ted_link_row *row = ted_link_at(ted, link);
	bool from_lan = ted_node_at(ted, row->from)->pseudonode;

	if (fad->unsupported || fad->calculation || !takes_part(ted, row->from, fad->algorithm) ||
	    !takes_part(ted, row->to, fad->algorithm))
		return false;
	*cost = 0;
	if (from_lan)
		return true;
	if (!colour_allows(row, fad))
		return false;
	switch (fad->metric_type) {
	case TED_FAD_IGP:
		*cost = row->igp_metric;
		return true;
	case TED_FAD_MIN_DELAY:
		*cost = row->delay_min_us ? row->delay_min_us : row->delay_us;
		return row->has_delay;
	case TED_FAD_TE:
		*cost = row->te_metric;
		return row->te_metric != TED_METRIC_UNREACHABLE;
	default:
		return false;
	}
}
