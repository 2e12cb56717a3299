/* Dumps and counters. A dump shows what is there, in order of keys, so that equal networks are
 * equal text; rows of what is gone are left out, as they tell only of the past. */
#include <stdlib.h>
#include <string.h>

#include "pce/ted/ted_internal.h"

static void
field_text(struct text *out, const char *name, const char *value)
{
	if (!value)
		return;
	text_printf(out, " %s=", name);
	text_json_string(out, value, strlen(value));
}

static void
field_number(struct text *out, const char *name, uint64_t value)
{
	text_printf(out, " %s=%llu", name, (unsigned long long)value);
}

static void
field_addr(struct text *out, const char *name, const struct ip_addr *addr)
{
	char text[IP_TEXT];

	if (addr->family)
		text_printf(out, " %s=%s", name, ip_print(addr, text));
}

static void
field_numbers(struct text *out, const char *name, const uint32_t *list, size_t n)
{
	if (n == 0)
		return;
	text_printf(out, " %s=", name);
	for (size_t i = 0; i < n; i++)
		text_printf(out, "%s%u", i ? "," : "", list[i]);
}

static void
field_words(struct text *out, const char *name, const char *const *list, size_t n)
{
	if (n == 0)
		return;
	text_printf(out, " %s=", name);
	for (size_t i = 0; i < n; i++) {
		text_add(out, i ? "," : "");
		text_json_string(out, list[i], strlen(list[i]));
	}
}

static void
field_sids(struct text *out, const struct ted_sid *sids, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const struct ted_sid *s = &sids[i];
		struct ip_addr addr = ip_v6(s->sid);
		char text[IP_TEXT];

		text_printf(out, " sid=%s/%u/%u/%u/%u/%d/%u-%u-%u-%u", ip_print(&addr, text),
			    s->behavior, s->flags, s->algorithm, s->weight, s->backup,
			    s->structure.block, s->structure.node, s->structure.function,
			    s->structure.argument);
	}
}

static void
dump_prefix(struct text *out, const struct ted_prefix_row *p)
{
	char text[IP_TEXT];

	text_printf(out, " prefix=%s/%u/%u", ip_print_prefix(&p->prefix, text), p->topology,
		    p->metric);
	if (p->has_locator)
		text_printf(out, "/locator:%u:%u:%u", p->locator.flags, p->locator.algorithm,
			    p->locator.metric);
}

static void
dump_fad(struct text *out, const struct ted_fad *f)
{
	text_printf(out, " fad=%u:%u:%u:%u:%u", f->algorithm, f->metric_type, f->calculation,
		    f->priority, f->unsupported);
	field_numbers(out, "exclude-any", f->exclude_any, f->n_exclude_any);
	field_numbers(out, "include-any", f->include_any, f->n_include_any);
	field_numbers(out, "include-all", f->include_all, f->n_include_all);
	field_numbers(out, "exclude-srlg", f->exclude_srlg, f->n_exclude_srlg);
}

static void
dump_node(const struct ted *ted, ted_node node, struct text *out)
{
	const struct ted_node_row *r = &node_cell(ted, node)->row;

	text_printf(out, "node %s", ted_node_key_text(ted, node));
	field_text(out, "name", r->name);
	field_text(out, "label", r->label);
	field_text(out, "site", r->site);
	field_number(out, "unusable", r->unusable);
	field_addr(out, "v4", &r->router_id_v4);
	field_addr(out, "v6", &r->router_id_v6);
	text_printf(out, " overload=%d pseudonode=%d stale=%d srv6=%d", r->overload, r->pseudonode,
		    r->stale, r->srv6);
	if (r->has_availability)
		field_number(out, "unavailability-ppt", r->unavailability_ppt);
	if (r->has_position)
		text_printf(out, " position=%.17g,%.17g", r->latitude, r->longitude);
	field_numbers(out, "srlg", r->srlg, r->n_srlg);
	for (size_t i = 0; i < r->n_msd; i++)
		text_printf(out, " msd=%u:%u", r->msd[i].type, r->msd[i].value);
	for (size_t i = 0; i < r->n_algorithms; i++)
		text_printf(out, " algorithm=%u", r->algorithms[i]);
	for (size_t i = 0; i < r->n_fads; i++)
		dump_fad(out, &r->fads[i]);
	field_words(out, "services", r->services, r->n_services);
	field_sids(out, r->sids, r->n_sids);
	for (size_t i = 0; i < r->n_prefixes; i++)
		dump_prefix(out, &r->prefixes[i]);
	text_add(out, "\n");
}

static void
dump_link_bandwidths(const struct ted_link_row *r, struct text *out)
{
	if (r->has_capacity)
		field_number(out, "capacity", r->capacity_bps);
	field_number(out, r->base_given ? "base-given" : "base", r->base_bps);
	field_number(out, "booked", r->booked_bps);
	field_number(out, "slice", r->slice_bps);
	field_number(out, "measured", r->measured_bps);
	field_number(out, "idle", r->idle_bps);
	field_number(out, "lingering", r->lingering_bps);
	field_number(out, "unbooked", r->unbooked_bps);
	field_number(out, "advertised-residual", r->advertised_residual_bps);
}

static void
dump_link(const struct ted *ted, ted_link link, struct text *out)
{
	const struct ted_link_row *r = &link_cell(ted, link)->row;

	text_printf(out, "link %s", ted_link_key_text(ted, link));
	field_text(out, "name", r->name);
	text_printf(out, " from=%s to=%s", ted_node_key_text(ted, r->from),
		    ted_node_key_text(ted, r->to));
	if (r->reverse != TED_NONE)
		text_printf(out, " reverse=%s", ted_link_key_text(ted, r->reverse));
	field_number(out, "unusable", r->unusable);
	text_printf(out, " stale=%d igp=%u te=%u", r->stale, r->igp_metric, r->te_metric);
	if (r->has_delay)
		text_printf(out, " delay=%u/%u/%u", r->delay_us, r->delay_min_us, r->delay_max_us);
	field_number(out, "loss-ppb", r->loss_ppb);
	if (r->has_availability)
		field_number(out, "unavailability-ppt", r->unavailability_ppt);
	dump_link_bandwidths(r, out);
	field_numbers(out, "affinity", r->affinity, r->n_affinity);
	field_numbers(out, "srlg", r->srlg, r->n_srlg);
	field_words(out, "slices", r->slices, r->n_slices);
	field_sids(out, r->sids, r->n_sids);
	text_add(out, "\n");
}

void
ted_dump(const struct ted *ted, struct text *out)
{
	const struct numbers *n = ted->numbers;

	for (uint32_t i = 0; i < ted->nodes.count; i++) {
		ted_node node = ted->structure->node_order[i];

		if (!(node_cell(ted, node)->row.unusable & TED_UNUSABLE_WITHDRAWN))
			dump_node(ted, node, out);
	}
	for (uint32_t i = 0; i < ted->links.count; i++) {
		ted_link link = ted->structure->link_order[i];

		if (!(link_cell(ted, link)->row.unusable & TED_UNUSABLE_WITHDRAWN))
			dump_link(ted, link, out);
	}
	for (size_t i = 0; i < n->n_srlgs; i++) {
		text_printf(out, "srlg %u", n->srlgs[i].number);
		field_text(out, "name", n->srlgs[i].name);
		field_number(out, "unavailability-ppt", n->srlgs[i].unavailability_ppt);
		text_add(out, "\n");
	}
	for (size_t i = 0; i < n->n_sites; i++) {
		text_add(out, "site");
		field_text(out, "name", n->sites[i].name);
		field_number(out, "unavailability-ppt", n->sites[i].unavailability_ppt);
		text_add(out, "\n");
	}
	for (size_t i = 0; i < n->n_affinities; i++) {
		text_printf(out, "affinity %u", n->affinities[i].bit);
		field_text(out, "name", n->affinities[i].name);
		text_add(out, "\n");
	}
}

static void
count_rows(const struct ted *ted, struct ted_counters *out)
{
	for (uint32_t i = 0; i < ted->nodes.count; i++) {
		const struct ted_node_row *r = &node_cell(ted, i)->row;

		out->usable_nodes += r->unusable == 0;
		if (r->unusable & TED_UNUSABLE_WITHDRAWN)
			continue;
		out->nodes++;
		out->prefixes += r->n_prefixes;
		out->sids += r->n_sids;
	}
	for (uint32_t i = 0; i < ted->links.count; i++) {
		uint32_t unusable = link_cell(ted, i)->row.unusable;

		out->usable_links += unusable == 0;
		out->links += !(unusable & TED_UNUSABLE_WITHDRAWN);
		out->one_way_links += !!(unusable & TED_UNUSABLE_ONE_WAY);
		out->discarded_attribute_links += !!(unusable & TED_UNUSABLE_ATTRIBUTES);
	}
}

void
ted_count(const struct ted *ted, struct ted_counters *out)
{
	*out = (struct ted_counters){ 0 };
	count_rows(ted, out);
}
