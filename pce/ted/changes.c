/* The change log of a settle: rows as they were, compared with rows as they are. */
#include <stdlib.h>
#include <string.h>

#include "pce/base/array.h"
#include "pce/ted/settle.h"

static bool
same_list(const void *a, size_t n_a, const void *b, size_t n_b, size_t size)
{
	return n_a == n_b && (n_a == 0 || memcmp(a, b, n_a * size) == 0);
}

static bool
same_text(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

static bool
same_words(const char *const *a, size_t n_a, const char *const *b, size_t n_b)
{
	if (n_a != n_b)
		return false;
	for (size_t i = 0; i < n_a; i++)
		if (strcmp(a[i], b[i]))
			return false;
	return true;
}

static bool
same_locators(const struct ted_node_row *a, const struct ted_node_row *b)
{
	return same_list(a->prefixes, a->n_prefixes, b->prefixes, b->n_prefixes,
			 sizeof(*a->prefixes));
}

/* The risk under a number, among sorted ones. */
static uint64_t
risk_of(const struct numbers *n, uint32_t number)
{
	size_t low = 0, high = n->n_srlgs;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (n->srlgs[middle].number == number)
			return n->srlgs[middle].unavailability_ppt;
		if (n->srlgs[middle].number < number)
			low = middle + 1;
		else
			high = middle;
	}
	return 0;
}

/* True if the settle changed the risk of one of these SRLGs. */
static bool
has_risk(const struct settle *s, const uint32_t *srlg, size_t n)
{
	for (size_t i = 0; s->old_numbers && i < n; i++)
		if (risk_of(s->old_numbers, srlg[i]) != risk_of(s->ted->numbers, srlg[i]))
			return true;
	return false;
}

/* True if the settle changed the risk of a node's groups or of its site. */
static bool
node_has_risk(const struct settle *s, const struct ted_node_row *row)
{
	return has_risk(s, row->srlg, row->n_srlg) ||
	       (s->old_numbers && row->site &&
		numbers_site_ppt(s->old_numbers, row->site) !=
		    numbers_site_ppt(s->ted->numbers, row->site));
}

enum pce_status
changes_of_risks(struct settle *s, struct pce_error *err)
{
	for (uint32_t i = 0; i < s->first_node; i++) {
		const struct ted_node_row *row = &node_cell(s->ted, i)->row;

		if (node_has_risk(s, row) && !settle_node(s, i))
			return pce_no_memory(err);
	}
	for (uint32_t i = 0; i < s->first_link; i++) {
		const struct ted_link_row *row = &link_cell(s->ted, i)->row;

		if (has_risk(s, row->srlg, row->n_srlg) && !settle_link(s, i))
			return pce_no_memory(err);
	}
	return PCE_OK;
}

static uint32_t
what_usable(uint32_t old, uint32_t now)
{
	if (!old != !now)
		return now ? TED_CHANGED_GONE : TED_CHANGED_NEW;
	return old != now ? TED_CHANGED_REASON : 0;
}

static bool
same_place(const struct ted_node_row *a, const struct ted_node_row *b)
{
	return a->has_position == b->has_position && !(a->latitude < b->latitude) &&
	       !(a->latitude > b->latitude) && !(a->longitude < b->longitude) &&
	       !(a->longitude > b->longitude);
}

static uint32_t
what_node(const struct settle *s, const struct ted_node_row *a, const struct ted_node_row *b)
{
	uint32_t what = what_usable(a->unusable, b->unusable);

	if (a->unavailability_ppt != b->unavailability_ppt ||
	    a->has_availability != b->has_availability || !same_text(a->site, b->site) ||
	    !same_list(a->srlg, a->n_srlg, b->srlg, b->n_srlg, sizeof(*a->srlg)) ||
	    !same_words(a->services, a->n_services, b->services, b->n_services) ||
	    node_has_risk(s, b))
		what |= TED_CHANGED_TE;
	if (a->srv6 != b->srv6 || !same_locators(a, b) ||
	    !same_list(a->msd, a->n_msd, b->msd, b->n_msd, sizeof(*a->msd)) ||
	    !same_list(a->algorithms, a->n_algorithms, b->algorithms, b->n_algorithms, 1) ||
	    !same_list(a->fads, a->n_fads, b->fads, b->n_fads, sizeof(*a->fads)) ||
	    !same_list(a->sids, a->n_sids, b->sids, b->n_sids, sizeof(*a->sids)))
		what |= TED_CHANGED_SIDS;
	if (!same_text(a->name, b->name) || !same_text(a->label, b->label) || !same_place(a, b) ||
	    ip_compare(&a->router_id_v4, &b->router_id_v4) ||
	    ip_compare(&a->router_id_v6, &b->router_id_v6))
		what |= TED_CHANGED_NAME;
	if (a->overload != b->overload)
		what |= TED_CHANGED_OVERLOAD;
	if (a->stale != b->stale)
		what |= TED_CHANGED_STALE;
	return what;
}

static bool
same_te(const struct ted_link_row *a, const struct ted_link_row *b)
{
	return a->te_metric == b->te_metric && a->delay_us == b->delay_us &&
	       a->delay_min_us == b->delay_min_us && a->delay_max_us == b->delay_max_us &&
	       a->has_delay == b->has_delay && a->loss_ppb == b->loss_ppb &&
	       a->unavailability_ppt == b->unavailability_ppt &&
	       a->has_availability == b->has_availability &&
	       same_list(a->affinity, a->n_affinity, b->affinity, b->n_affinity,
			 sizeof(*a->affinity)) &&
	       same_list(a->srlg, a->n_srlg, b->srlg, b->n_srlg, sizeof(*a->srlg)) &&
	       same_words(a->slices, a->n_slices, b->slices, b->n_slices);
}

static uint32_t
what_link(const struct settle *s, const struct ted_link_row *a, const struct ted_link_row *b)
{
	uint32_t what = what_usable(a->unusable, b->unusable);

	if (!what && b->unusable && (a->feed == TED_FEED_LOST) != (b->feed == TED_FEED_LOST))
		what |= TED_CHANGED_REASON;
	if (a->igp_metric != b->igp_metric || a->from != b->from || a->to != b->to)
		what |= TED_CHANGED_METRIC;
	/* That a link lost or found its other direction is said by its being usable or not. */
	if (!same_te(a, b) || (a->reverse != b->reverse && !a->unusable && !b->unusable) ||
	    has_risk(s, b->srlg, b->n_srlg))
		what |= TED_CHANGED_TE;
	if (a->capacity_bps != b->capacity_bps || a->has_capacity != b->has_capacity ||
	    a->base_bps != b->base_bps || a->base_given != b->base_given ||
	    a->measured_bps != b->measured_bps ||
	    a->advertised_residual_bps != b->advertised_residual_bps)
		what |= TED_CHANGED_BANDWIDTH;
	if (!same_list(a->sids, a->n_sids, b->sids, b->n_sids, sizeof(*a->sids)))
		what |= TED_CHANGED_SIDS;
	if (!same_text(a->name, b->name))
		what |= TED_CHANGED_NAME;
	if (a->stale != b->stale)
		what |= TED_CHANGED_STALE;
	return what;
}

enum pce_status
changes_reserve(struct settle *s, struct pce_error *err)
{
	size_t most = s->n_nodes + s->n_links + (s->ted->nodes.count - s->first_node) +
		      (s->ted->links.count - s->first_link);

	return array_reserve(&s->ted->changes, &s->ted->cap_changes, most, sizeof(*s->ted->changes),
			     err);
}

static void
add(struct settle *s, size_t *n, bool is_link, uint32_t row, uint32_t what)
{
	if (what)
		s->ted->changes[(*n)++] =
		    (struct ted_change){ is_link, row, what, s->ted->revision + 1 };
}

static int
compare_changes(const void *left, const void *right)
{
	const struct ted_change *a = left, *b = right;

	if (a->is_link != b->is_link)
		return a->is_link ? 1 : -1;
	return (a->row > b->row) - (a->row < b->row);
}

size_t
changes_list(struct settle *s)
{
	struct ted *ted = s->ted;
	const struct ted_node_row no_node = { .unusable = TED_UNUSABLE_WITHDRAWN };
	const struct ted_link_row no_link = { .unusable = TED_UNUSABLE_WITHDRAWN,
					      .reverse = TED_NONE };
	size_t n = 0;

	for (size_t i = 0; i < s->n_nodes; i++)
		add(s, &n, false, s->nodes[i].row,
		    what_node(s, &s->nodes[i].cell.row, &node_cell(ted, s->nodes[i].row)->row));
	for (uint32_t i = s->first_node; i < ted->nodes.count; i++)
		add(s, &n, false, i, what_node(s, &no_node, &node_cell(ted, i)->row));
	for (size_t i = 0; i < s->n_links; i++)
		add(s, &n, true, s->links[i].row,
		    what_link(s, &s->links[i].cell.row, &link_cell(ted, s->links[i].row)->row));
	for (uint32_t i = s->first_link; i < ted->links.count; i++)
		add(s, &n, true, i, what_link(s, &no_link, &link_cell(ted, i)->row));
	if (n > 1)
		qsort(ted->changes, n, sizeof(*ted->changes), compare_changes);
	if (n > 0 || s->old_numbers)
		ted->revision++;
	return n;
}
