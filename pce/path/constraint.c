#include "pce/path/constraint.h"
#include "pce/base/units.h"

const enum path_reason constraint_list[CONSTRAINT_COUNT] = {
	PATH_REASON_BANDWIDTH,  PATH_REASON_DELAY,      PATH_REASON_HOPS,     PATH_REASON_TE_METRIC,
	PATH_REASON_IGP_METRIC, PATH_REASON_LINK_BOUND, PATH_REASON_SLICE,    PATH_REASON_AFFINITY,
	PATH_REASON_AVOID,      PATH_REASON_VIA,        PATH_REASON_DISJOINT, PATH_REASON_OVERLOAD,
};

static bool
has_affinity(const struct path_affinity *affinity)
{
	return affinity->n > 0 || affinity->never;
}

bool
constraint_is_asked(const struct path_request *r, enum path_reason constraint)
{
	switch (constraint) {
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
	case PATH_REASON_LINK_BOUND:
		return r->link_max_delay_us != PATH_NO_BOUND || r->link_max_te != PATH_NO_BOUND ||
		       r->link_max_igp != PATH_NO_BOUND || r->link_max_loss_ppb != UINT32_MAX;
	case PATH_REASON_SLICE:
		return r->slice != NULL;
	case PATH_REASON_AFFINITY:
		return has_affinity(&r->include_any) || has_affinity(&r->include_all) ||
		       has_affinity(&r->exclude_any);
	case PATH_REASON_AVOID:
		return r->n_avoid_nodes > 0 || r->n_avoid_links > 0 || r->n_avoid_srlgs > 0;
	case PATH_REASON_VIA:
		return r->n_via > 0 || r->n_via_services > 0;
	case PATH_REASON_DISJOINT:
		return r->disjoint != PATH_DISJOINT_NONE;
	default:
		return true;
	}
}

uint32_t
constraint_mask(const struct path_request *r)
{
	uint32_t asked = 0;

	for (size_t i = 0; i < CONSTRAINT_COUNT; i++)
		if (constraint_is_asked(r, constraint_list[i]))
			asked |= CONSTRAINT(constraint_list[i]);
	return asked;
}

bool
constraint_is_number(enum path_reason constraint)
{
	return constraint == PATH_REASON_BANDWIDTH || constraint == PATH_REASON_DELAY ||
	       constraint == PATH_REASON_HOPS || constraint == PATH_REASON_TE_METRIC ||
	       constraint == PATH_REASON_IGP_METRIC;
}

uint64_t
constraint_value(const struct path_request *r, enum path_reason constraint)
{
	switch (constraint) {
	case PATH_REASON_BANDWIDTH:
		return r->bandwidth_bps;
	case PATH_REASON_DELAY:
		return r->max_delay_us;
	case PATH_REASON_HOPS:
		return r->max_hops;
	case PATH_REASON_TE_METRIC:
		return r->max_te;
	case PATH_REASON_IGP_METRIC:
		return r->max_igp;
	default:
		return 0;
	}
}

static void
print_number(enum path_reason constraint, uint64_t value, struct text *out)
{
	unsigned long long n = value;
	char number[64];

	switch (constraint) {
	case PATH_REASON_BANDWIDTH:
		units_print_bps(value, number, sizeof(number));
		text_add(out, number);
		break;
	case PATH_REASON_DELAY:
		units_print_us(value, number, sizeof(number));
		text_printf(out, "%s delay", number);
		break;
	case PATH_REASON_HOPS:
		text_printf(out, "%llu hop%s", n, n == 1 ? "" : "s");
		break;
	case PATH_REASON_TE_METRIC:
		text_printf(out, "TE metric %llu", n);
		break;
	default:
		text_printf(out, "IGP metric %llu", n);
	}
}

static void
print_vias(const struct ted *ted, const struct path_request *r, struct text *out)
{
	text_add(out, "the way through");
	for (size_t i = 0; i < r->n_via; i++)
		text_printf(out, "%s %s", i > 0 ? "," : "", ted_node_at(ted, r->via[i])->name);
	for (size_t i = 0; i < r->n_via_services; i++)
		text_printf(out, "%s the service %s", r->n_via + i > 0 ? "," : "",
			    r->via_services[i]);
}

void
constraint_print(const struct ted *ted, const struct path_request *r, enum path_reason constraint,
		 uint64_t value, struct text *out)
{
	if (constraint_is_number(constraint)) {
		print_number(constraint, value, out);
		return;
	}
	switch (constraint) {
	case PATH_REASON_SLICE:
		text_printf(out, "the slice %s", r->slice);
		break;
	case PATH_REASON_LINK_BOUND:
		text_add(out, "the bounds on each link");
		break;
	case PATH_REASON_AFFINITY:
		text_add(out, "the affinities asked for");
		break;
	case PATH_REASON_AVOID:
		text_add(out, "what is to be avoided");
		break;
	case PATH_REASON_VIA:
		print_vias(ted, r, out);
		break;
	case PATH_REASON_DISJOINT:
		text_add(out, "a second path");
		break;
	default:
		text_add(out, "overloaded nodes kept free of transit");
	}
}

bool
constraint_counts_te(const struct path_request *r)
{
	return r->objective == PATH_TE || r->max_te != PATH_NO_BOUND ||
	       r->link_max_te != PATH_NO_BOUND;
}

/* Lists and bounds on links. */
static void
drop_filters(struct path_request *r, uint32_t dropped)
{
	if (dropped & CONSTRAINT(PATH_REASON_LINK_BOUND)) {
		r->link_max_delay_us = r->link_max_te = r->link_max_igp = PATH_NO_BOUND;
		r->link_max_loss_ppb = UINT32_MAX;
	}
	if (dropped & CONSTRAINT(PATH_REASON_SLICE))
		r->slice = NULL;
	if (dropped & CONSTRAINT(PATH_REASON_AFFINITY))
		r->include_any = r->include_all = r->exclude_any = (struct path_affinity){ 0 };
	if (dropped & CONSTRAINT(PATH_REASON_AVOID))
		r->n_avoid_nodes = r->n_avoid_links = r->n_avoid_srlgs = 0;
	if (dropped & CONSTRAINT(PATH_REASON_VIA))
		r->n_via = r->n_via_services = 0;
	if (dropped & CONSTRAINT(PATH_REASON_DISJOINT))
		r->disjoint = PATH_DISJOINT_NONE;
}

struct path_request
constraint_without(const struct path_request *r, uint32_t dropped)
{
	struct path_request out = *r;

	if (dropped & CONSTRAINT(PATH_REASON_BANDWIDTH))
		out.bandwidth_bps = 0;
	if (dropped & CONSTRAINT(PATH_REASON_DELAY))
		out.max_delay_us = PATH_NO_BOUND;
	if (dropped & CONSTRAINT(PATH_REASON_HOPS))
		out.max_hops = PATH_NO_BOUND;
	if (dropped & CONSTRAINT(PATH_REASON_TE_METRIC))
		out.max_te = PATH_NO_BOUND;
	if (dropped & CONSTRAINT(PATH_REASON_IGP_METRIC))
		out.max_igp = PATH_NO_BOUND;
	drop_filters(&out, dropped);
	if (constraint_counts_te(r) && !constraint_counts_te(&out))
		out.link_max_te = TED_METRIC_UNREACHABLE - 1;
	return out;
}
