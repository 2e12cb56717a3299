/*
 * The second opinion: whether a route answers a request, told from the rows of the TED alone. It
 * shares no code with the computations on purpose, so that a defect of theirs cannot hide here. It
 * judges that every constraint holds, not that the route is the best one.
 */
#include <stdlib.h>
#include <string.h>

#include "pce/path/path.h"

static const char *
link_name(const struct ted *ted, uint32_t link)
{
	return ted_link_at(ted, link)->name;
}

static bool
contains(const uint32_t *list, size_t n, uint32_t value)
{
	for (size_t i = 0; i < n; i++)
		if (list[i] == value)
			return true;
	return false;
}

/* Connected from end to end, over known and usable links. */
static enum pce_status
check_chain(const struct ted *ted, const struct path_request *r, const uint32_t *links, size_t n,
	    struct pce_error *err)
{
	uint32_t at = r->from;

	for (size_t i = 0; i < n; i++) {
		if (links[i] >= ted_link_count(ted))
			return pce_fail(err, PCE_CONFLICT, "there is no link in row %u", links[i]);
		if (ted_link_at(ted, links[i])->from != at)
			return pce_fail(err, PCE_CONFLICT, "link %s does not begin at %s",
					link_name(ted, links[i]), ted_node_at(ted, at)->name);
		if (!ted_link_usable(ted, links[i]))
			return pce_fail(err, PCE_CONFLICT, "link %s is not usable",
					link_name(ted, links[i]));
		at = ted_link_at(ted, links[i])->to;
	}
	if (at != r->to || n == 0)
		return pce_fail(err, PCE_CONFLICT, "the route ends at %s",
				ted_node_at(ted, at)->name);
	return PCE_OK;
}

static enum pce_status
check_transit(const struct ted *ted, const struct path_request *r, uint32_t node,
	      struct pce_error *err)
{
	const struct ted_node_row *row = ted_node_at(ted, node);

	if (row->overload)
		return pce_fail(err, PCE_CONFLICT, "%s is overloaded and carries no transit",
				row->name);
	for (size_t i = 0; i < r->n_avoid_srlgs; i++)
		if (contains(row->srlg, row->n_srlg, r->avoid_srlgs[i]))
			return pce_fail(err, PCE_CONFLICT, "%s belongs to SRLG %u, to be avoided",
					row->name, r->avoid_srlgs[i]);
	return PCE_OK;
}

static enum pce_status
check_nodes(const struct ted *ted, const struct path_request *r, const uint32_t *links, size_t n,
	    struct pce_error *err)
{
	enum pce_status status = PCE_OK;

	for (size_t i = 0; !status && i <= n; i++) {
		uint32_t node = i < n ? ted_link_at(ted, links[i])->from : r->to;

		for (size_t j = 0; j < i && r->n_via == 0 && r->n_via_services == 0; j++)
			if (ted_link_at(ted, links[j])->from == node)
				return pce_fail(err, PCE_CONFLICT, "the route passes %s twice",
						ted_node_at(ted, node)->name);
		if (contains(r->avoid_nodes, r->n_avoid_nodes, node))
			return pce_fail(err, PCE_CONFLICT, "%s is to be avoided",
					ted_node_at(ted, node)->name);
		if (i > 0 && i < n)
			status = check_transit(ted, r, node, err);
	}
	return status;
}

static bool
has_service(const struct ted_node_row *row, const char *kind)
{
	for (size_t i = 0; i < row->n_services; i++)
		if (strcmp(row->services[i], kind) == 0)
			return true;
	return false;
}

/* The vias in their order, and no directed link twice. */
static enum pce_status
check_vias(const struct ted *ted, const struct path_request *r, const uint32_t *links, size_t n,
	   struct pce_error *err)
{
	size_t passed = 0, services = 0;

	for (size_t i = 0; i <= n; i++) {
		uint32_t node = i < n ? ted_link_at(ted, links[i])->from : r->to;

		if (i < n && contains(links, i, links[i]))
			return pce_fail(err, PCE_CONFLICT, "the route takes link %s twice",
					link_name(ted, links[i]));
		while (passed < r->n_via && r->via[passed] == node)
			passed++;
		while (passed == r->n_via && services < r->n_via_services &&
		       has_service(ted_node_at(ted, node), r->via_services[services]))
			services++;
	}
	if (passed < r->n_via)
		return pce_fail(err, PCE_CONFLICT, "the route does not pass %s in its turn",
				ted_node_at(ted, r->via[passed])->name);
	if (services < r->n_via_services)
		return pce_fail(err, PCE_CONFLICT, "the route passes no %s in its turn",
				r->via_services[services]);
	return PCE_OK;
}

static bool
has_bit(const struct ted_link_row *row, size_t word, uint32_t bits)
{
	return word < row->n_affinity && (row->affinity[word] & bits) != 0;
}

static enum pce_status
check_affinity(const struct path_request *r, const struct ted_link_row *row, struct pce_error *err)
{
	bool any = false, asked = r->include_any.never;

	for (size_t i = 0; i < r->exclude_any.n; i++)
		if (has_bit(row, i, r->exclude_any.words[i]))
			return pce_fail(err, PCE_CONFLICT, "link %s has an excluded affinity",
					row->name);
	for (size_t i = 0; i < r->include_all.n; i++)
		for (unsigned bit = 0; bit < 32; bit++)
			if (r->include_all.words[i] >> bit & 1 && !has_bit(row, i, 1u << bit))
				return pce_fail(err, PCE_CONFLICT, "link %s lacks affinity bit %zu",
						row->name, i * 32 + bit);
	for (size_t i = 0; i < r->include_any.n; i++) {
		asked |= r->include_any.words[i] != 0;
		any |= has_bit(row, i, r->include_any.words[i]);
	}
	if (r->include_all.never || (asked && !any))
		return pce_fail(err, PCE_CONFLICT, "link %s lacks an affinity that is asked for",
				row->name);
	return PCE_OK;
}

static enum pce_status
check_slice(const struct path_request *r, const struct ted_link_row *row, struct pce_error *err)
{
	if (!r->slice)
		return PCE_OK;
	for (size_t i = 0; i < row->n_slices; i++)
		if (strcmp(row->slices[i], r->slice) == 0)
			return PCE_OK;
	return pce_fail(err, PCE_CONFLICT, "link %s is not in slice %s", row->name, r->slice);
}

static enum pce_status
check_avoided(const struct path_request *r, const struct ted_link_row *row, uint32_t link,
	      struct pce_error *err)
{
	if (contains(r->avoid_links, r->n_avoid_links, link) ||
	    (row->reverse != TED_NONE && contains(r->avoid_links, r->n_avoid_links, row->reverse)))
		return pce_fail(err, PCE_CONFLICT, "link %s is to be avoided", row->name);
	return PCE_OK;
}

static enum pce_status
check_groups(const struct path_request *r, const struct ted_link_row *row, struct pce_error *err)
{
	for (size_t i = 0; row && i < r->n_avoid_srlgs; i++)
		if (contains(row->srlg, row->n_srlg, r->avoid_srlgs[i]))
			return pce_fail(err, PCE_CONFLICT,
					"link %s belongs to SRLG %u, to be avoided", row->name,
					r->avoid_srlgs[i]);
	return PCE_OK;
}

static enum pce_status
check_bandwidth(const struct ted *ted, const struct path_request *r, uint32_t link,
		struct pce_error *err)
{
	uint64_t residual = ted_residual_bps(ted, link);
	bool held = contains(r->held_links, r->n_held_links, link);

	if (held && residual > UINT64_MAX - r->held_bps)
		residual = UINT64_MAX;
	else if (held)
		residual += r->held_bps;
	if (r->guarantee > 0 && residual > 0)
		return PCE_OK; /* of several lists: each has a share of it */
	if (residual < r->bandwidth_bps)
		return pce_fail(err, PCE_CONFLICT,
				"link %s has %llu bit/s left of the %llu asked for",
				link_name(ted, link), (unsigned long long)residual,
				(unsigned long long)r->bandwidth_bps);
	return PCE_OK;
}

static enum pce_status
check_link(const struct ted *ted, const struct path_request *r, uint32_t link,
	   struct pce_error *err)
{
	const struct ted_link_row *row = ted_link_at(ted, link);
	const struct ted_link_row *reverse =
	    row->reverse == TED_NONE ? NULL : ted_link_at(ted, row->reverse);
	enum pce_status status = check_bandwidth(ted, r, link, err);

	if (!status)
		status = check_affinity(r, row, err);
	if (!status)
		status = check_slice(r, row, err);
	if (!status)
		status = check_avoided(r, row, link, err);
	if (!status)
		status = check_groups(r, row, err);
	if (!status)
		status = check_groups(r, reverse, err);
	if (status)
		return status;
	if (row->delay_us > r->link_max_delay_us || row->te_metric > r->link_max_te ||
	    row->igp_metric > r->link_max_igp || row->loss_ppb > r->link_max_loss_ppb)
		return pce_fail(err, PCE_CONFLICT, "link %s exceeds a bound on each link",
				row->name);
	return PCE_OK;
}

static enum pce_status
check_bound(const char *what, uint64_t sum, uint64_t max, struct pce_error *err)
{
	if (sum <= max)
		return PCE_OK;
	return pce_fail(err, PCE_CONFLICT, "the route's %s is %llu, more than %llu", what,
			(unsigned long long)sum, (unsigned long long)max);
}

static enum pce_status
check_sums(const struct ted *ted, const struct path_request *r, const uint32_t *links, size_t n,
	   struct pce_error *err)
{
	uint64_t igp = 0, te = 0, delay = 0, hops = 0;
	enum pce_status status;

	for (size_t i = 0; i < n; i++) {
		const struct ted_link_row *row = ted_link_at(ted, links[i]);

		igp += row->igp_metric;
		te += row->te_metric;
		delay += row->delay_us;
		hops += !ted_node_at(ted, row->from)->pseudonode;
	}
	status = check_bound("delay in us", delay, r->max_delay_us, err);
	if (!status)
		status = check_bound("number of hops", hops, r->max_hops, err);
	if (!status)
		status = check_bound("TE metric", te, r->max_te, err);
	if (!status)
		status = check_bound("IGP metric", igp, r->max_igp, err);
	return status;
}

static enum pce_status
check_back(const struct ted *ted, const struct path_request *request, const uint32_t *links,
	   size_t n, struct pce_error *err)
{
	struct path_request back = *request;
	uint32_t *reversed = calloc(n + 1, sizeof(*reversed)),
		 *via = calloc(request->n_via + 1, sizeof(*via));
	enum pce_status status = reversed && via ? PCE_OK : pce_no_memory(err);

	back.co_routed = false;
	back.from = request->to;
	back.to = request->from;
	back.n_via_services = 0; /* where the way there passes them the way back does */
	for (size_t i = 0; !status && i < request->n_via; i++)
		via[i] = request->via[request->n_via - 1 - i];
	back.via = via;
	for (size_t i = 0; !status && i < n; i++) {
		reversed[n - 1 - i] = ted_link_at(ted, links[i])->reverse;
		if (reversed[n - 1 - i] == TED_NONE)
			status = pce_fail(err, PCE_CONFLICT, "link %s has no way back",
					  link_name(ted, links[i]));
	}
	if (!status)
		status = path_validate(ted, &back, reversed, n, err);
	free(reversed);
	free(via);
	return status;
}

enum pce_status
path_validate(const struct ted *ted, const struct path_request *request, const uint32_t *links,
	      size_t n, struct pce_error *err)
{
	enum pce_status status;

	if (request->from >= ted_node_count(ted) || request->to >= ted_node_count(ted))
		return pce_fail(err, PCE_INVALID, "an end of the route is no node");
	status = check_chain(ted, request, links, n, err);
	if (!status)
		status = check_nodes(ted, request, links, n, err);
	if (!status)
		status = check_vias(ted, request, links, n, err);
	for (size_t i = 0; !status && i < n; i++)
		status = check_link(ted, request, links[i], err);
	if (!status)
		status = check_sums(ted, request, links, n, err);
	if (!status && request->co_routed)
		status = check_back(ted, request, links, n, err);
	return status;
}

enum pce_status
path_validate_branches(const struct ted *ted, const struct path_request *request,
		       const uint32_t *links, size_t n, struct pce_error *err)
{
	enum pce_status status = PCE_OK;

	for (size_t i = 0; !status && i < n; i++) {
		uint32_t from;

		if (links[i] >= ted_link_count(ted))
			return pce_fail(err, PCE_CONFLICT, "there is no link in row %u", links[i]);
		from = ted_link_at(ted, links[i])->from;
		status = check_link(ted, request, links[i], err);
		if (status || from == request->from)
			continue;
		if (contains(request->avoid_nodes, request->n_avoid_nodes, from))
			status = pce_fail(err, PCE_CONFLICT, "%s is to be avoided",
					  ted_node_at(ted, from)->name);
		else
			status = check_transit(ted, request, from, err);
	}
	return status;
}
