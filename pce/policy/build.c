#include "pce/policy/build.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pce/policy/copy.h"

const char *
policy_id_of(struct arena *arena, const char *intent_id, bool backward)
{
	size_t len = strlen(intent_id);
	char *id = arena_alloc(arena, len + 2);

	if (!id)
		return NULL;
	memcpy(id, intent_id, len);
	if (backward)
		id[len] = '~';
	return id;
}

static bool
is_host(const struct ip_prefix *prefix)
{
	return prefix->len == (prefix->addr.family == IP_V4 ? 32 : 128);
}

enum pce_status
policy_endpoint(const struct ted *ted, ted_node node, struct ip_addr *out, struct pce_error *err)
{
	const struct ted_node_row *row = ted_node_at(ted, node);

	if (row->router_id_v6.family == IP_V6) {
		*out = row->router_id_v6;
		return PCE_OK;
	}
	if (row->router_id_v4.family == IP_V4) {
		*out = row->router_id_v4;
		return PCE_OK;
	}
	for (size_t i = 0; i < row->n_prefixes; i++)
		if (is_host(&row->prefixes[i].prefix)) {
			*out = row->prefixes[i].prefix.addr;
			return PCE_OK;
		}
	return pce_fail(err, PCE_INVALID,
			"node %s has no router id and no host prefix that a policy could end at",
			row->name);
}

static int
compare_steering(const void *a, const void *b)
{
	const struct srpolicy_steering *x = a, *y = b;
	int order = ip_compare(&x->prefix.addr, &y->prefix.addr);

	return order ? order : (int)x->prefix.len - (int)y->prefix.len;
}

/* The intent's prefixes of this direction, sorted, each once. */
static void
steer(struct copier *c, const struct policy_plan *plan, struct srpolicy *out)
{
	const struct intent *i = plan->intent;
	size_t n = plan->backward ? i->n_reverse_prefixes : i->n_prefixes, kept = 0;
	const struct ip_prefix *prefixes = plan->backward ? i->reverse_prefixes : i->prefixes;
	struct srpolicy_steering *steering = n ? copy_alloc(c, n * sizeof(*steering)) : NULL;

	if (!steering)
		return;
	for (size_t k = 0; k < n; k++) {
		steering[k].prefix = prefixes[k];
		steering[k].service_sid = plan->backward ? i->reverse_service_sid : i->service_sid;
	}
	qsort(steering, n, sizeof(*steering), compare_steering);
	for (size_t k = 0; k < n; k++)
		if (k == 0 || compare_steering(&steering[k], &steering[kept - 1]) != 0)
			steering[kept++] = steering[k];
	out->steering = steering;
	out->n_steering = kept;
}

static const struct srpolicy_list *
make_list(struct copier *c, const struct segment_list *from, const char *name)
{
	struct srpolicy_list *list = copy_alloc(c, sizeof(*list));
	uint8_t(*sids)[16] = copy_alloc(c, from->n * sizeof(*sids));
	uint16_t *behaviors = copy_alloc(c, from->n * sizeof(*behaviors));

	if (c->bad)
		return NULL;
	for (size_t i = 0; i < from->n; i++) {
		memcpy(sids[i], from->segments[i].sid, sizeof(sids[i]));
		behaviors[i] = from->segments[i].behavior;
	}
	*list = (struct srpolicy_list){
		.name = name,
		.weight = from->weight ? from->weight : 1,
		.sids = sids,
		.behaviors = behaviors,
		.n_sids = from->n,
	};
	return list;
}

static const char *const *
keys_of(struct copier *c, const struct ted *ted, const uint32_t *links, size_t n)
{
	const char **keys = n ? copy_alloc(c, n * sizeof(*keys)) : NULL;

	for (size_t k = 0; keys && k < n; k++)
		keys[k] = copy_text(c, ted_link_key_text(ted, links[k]));
	return keys;
}

static void
bind(struct copier *c, const struct ted *ted, const struct placement *placement,
     struct policy_record *record)
{
	size_t n = placement->answer.n_routes;
	struct srpolicy_path *paths = copy_alloc(c, n * sizeof(*paths));
	struct policy_bound_path *bound = copy_alloc(c, n * sizeof(*bound));

	for (size_t i = 0; !c->bad && i < n; i++) {
		const struct path_route *route = &placement->answer.routes[i];
		const struct segment_list *list = &placement->lists[i];

		paths[i].name = i == 0 ? "primary" : "backup";
		paths[i].preference = i == 0 ? POLICY_PREFERENCE_PRIMARY
					     : POLICY_PREFERENCE_BACKUP - (uint32_t)(i - 1);
		paths[i].lists = make_list(c, list, paths[i].name);
		paths[i].n_lists = 1;
		bound[i] = (struct policy_bound_path){
			.link_keys = keys_of(c, ted, route->links, route->n_links),
			.n_links = route->n_links,
			.branch_keys = keys_of(c, ted, list->branches, list->n_branches),
			.n_branches = list->n_branches,
		};
	}
	record->srpolicy.paths = paths;
	record->srpolicy.n_paths = n;
	record->bound = bound;
}

static const char *
policy_name(struct copier *c, const struct policy_plan *plan, const char *id)
{
	const char *prefix = plan->name_prefix ? plan->name_prefix : "";
	size_t len = strlen(prefix) + strlen(id) + 1;
	char *name = copy_alloc(c, len);

	if (name)
		snprintf(name, len, "%s%s", prefix, id);
	return name;
}

enum pce_status
policy_build(const struct ted *ted, const struct policy_plan *plan,
	     const struct placement *placement, struct arena *arena, struct policy_record **out,
	     struct pce_error *err)
{
	struct copier c = { arena, false };
	struct policy_record *record = copy_alloc(&c, sizeof(*record));
	const char *id = policy_id_of(arena, plan->intent->id, plan->backward);

	if (!record || !id)
		return pce_no_memory(err);
	record->id = id;
	record->intent_id = copy_text(&c, plan->intent->id);
	record->headend = copy_text(&c, ted_node_key_text(ted, plan->headend));
	record->tailend = copy_text(&c, ted_node_key_text(ted, plan->tailend));
	record->backward = plan->backward;
	record->generation = plan->generation;
	record->srpolicy.color = plan->color;
	record->srpolicy.endpoint = plan->endpoint;
	record->srpolicy.name = policy_name(&c, plan, id);
	steer(&c, plan, &record->srpolicy);
	if (placement && placement_placed(placement)) {
		record->booked_bps = plan->intent->bandwidth_bps;
		bind(&c, ted, placement, record);
	}
	if (c.bad)
		return pce_no_memory(err);
	*out = record;
	return PCE_OK;
}

enum pce_status
policy_restyle(const struct policy_plan *plan, const struct policy_record *paths,
	       struct arena *arena, struct policy_record **out, struct pce_error *err)
{
	struct copier c = { arena, false };
	struct policy_record *record = policy_record_copy(arena, paths);

	if (!record)
		return pce_no_memory(err);
	record->removing = false;
	record->generation = plan->generation;
	record->srpolicy.color = plan->color;
	record->srpolicy.endpoint = plan->endpoint;
	record->srpolicy.steering = NULL;
	record->srpolicy.n_steering = 0;
	steer(&c, plan, &record->srpolicy);
	if (c.bad)
		return pce_no_memory(err);
	*out = record;
	return PCE_OK;
}

static int
compare_held(const void *a, const void *b)
{
	return strcmp(((const struct policy_held *)a)->link_key,
		      ((const struct policy_held *)b)->link_key);
}

/* Sorts, and leaves each link once, with its largest rate. Returns how many are left. */
static size_t
merge_held(struct policy_held *held, size_t n)
{
	size_t kept = 0;

	qsort(held, n, sizeof(*held), compare_held);
	for (size_t i = 0; i < n; i++) {
		if (kept == 0 || compare_held(&held[i], &held[kept - 1]) != 0)
			held[kept++] = held[i];
		else if (held[i].bps > held[kept - 1].bps)
			held[kept - 1].bps = held[i].bps;
	}
	return kept;
}

enum pce_status
policy_hold(struct arena *arena, struct policy_record *record, const struct policy_record *before,
	    struct pce_error *err)
{
	struct copier c = { arena, false };
	size_t n = before->n_held;
	struct policy_held *held;

	for (size_t i = 0; i < before->srpolicy.n_paths; i++)
		n += before->bound[i].n_links + before->bound[i].n_branches;
	held = copy_alloc(&c, n * sizeof(*held));
	n = 0;
	for (size_t i = 0; held && i < before->n_held; i++) {
		held[n].link_key = copy_text(&c, before->held[i].link_key);
		held[n++].bps = before->held[i].bps;
	}
	for (size_t i = 0; held && before->booked_bps && i < before->srpolicy.n_paths; i++) {
		const struct policy_bound_path *b = &before->bound[i];

		for (size_t k = 0; k < b->n_links + b->n_branches; k++) {
			held[n].link_key = copy_text(
			    &c, k < b->n_links ? b->link_keys[k] : b->branch_keys[k - b->n_links]);
			held[n++].bps = before->booked_bps;
		}
	}
	if (c.bad)
		return pce_no_memory(err);
	record->n_held = n ? merge_held(held, n) : 0;
	record->held = record->n_held ? held : NULL;
	return PCE_OK;
}

static int
compare_numbers(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

uint32_t
policy_pick_color(uint32_t min, uint32_t max, uint32_t *used, size_t n)
{
	uint32_t color = min ? min : 1;

	if (n)
		qsort(used, n, sizeof(*used), compare_numbers);
	for (size_t i = 0; i < n && color <= max; i++) {
		if (used[i] > color)
			break;
		if (used[i] == color) {
			if (color == UINT32_MAX)
				return 0;
			color++;
		}
	}
	return color <= max ? color : 0;
}
