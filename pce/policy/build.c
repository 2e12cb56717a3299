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

static void
make_list(struct copier *c, const struct segment_list *from, const char *name,
	  struct srpolicy_list *out)
{
	uint8_t(*sids)[16] = copy_alloc(c, from->n * sizeof(*sids));
	uint16_t *behaviors = copy_alloc(c, from->n * sizeof(*behaviors));

	if (c->bad)
		return;
	for (size_t i = 0; i < from->n; i++) {
		memcpy(sids[i], from->segments[i].sid, sizeof(sids[i]));
		behaviors[i] = from->segments[i].behavior;
	}
	*out = (struct srpolicy_list){
		.name = name,
		.weight = from->weight ? from->weight : 1,
		.sids = sids,
		.behaviors = behaviors,
		.n_sids = from->n,
	};
}

static const char *const *
keys_of(struct copier *c, const struct ted *ted, const uint32_t *links, size_t n)
{
	const char **keys = n ? copy_alloc(c, n * sizeof(*keys)) : NULL;

	for (size_t k = 0; keys && k < n; k++)
		keys[k] = copy_text(c, ted_link_key_text(ted, links[k]));
	return keys;
}

/* Each route is a candidate path of one list, the first the primary, the others its backups. */
static void
make_backups(struct copier *c, const struct placement *placement, struct srpolicy *out)
{
	size_t n = placement->answer.n_routes;
	struct srpolicy_path *paths = copy_alloc(c, n * sizeof(*paths));

	for (size_t i = 0; !c->bad && i < n; i++) {
		struct srpolicy_list *list = copy_alloc(c, sizeof(*list));

		paths[i].name = i == 0 ? "primary" : "backup";
		paths[i].preference = i == 0 ? POLICY_PREFERENCE_PRIMARY
					     : POLICY_PREFERENCE_BACKUP - (uint32_t)(i - 1);
		if (list)
			make_list(c, &placement->lists[i], paths[i].name, list);
		paths[i].lists = list;
		paths[i].n_lists = 1;
	}
	out->paths = paths;
	out->n_paths = n;
}

/* The routes of a guarantee are the weighted lists of one candidate path. */
static void
make_shares(struct copier *c, const struct placement *placement, struct srpolicy *out)
{
	size_t n = placement->answer.n_routes;
	struct srpolicy_path *path = copy_alloc(c, sizeof(*path));
	struct srpolicy_list *lists = copy_alloc(c, n * sizeof(*lists));

	for (size_t i = 0; !c->bad && i < n; i++) {
		char name[32];

		snprintf(name, sizeof(name), "share-%zu", i + 1);
		make_list(c, &placement->lists[i], copy_text(c, name), &lists[i]);
	}
	if (c->bad)
		return;
	*path = (struct srpolicy_path){
		.name = "primary",
		.preference = POLICY_PREFERENCE_PRIMARY,
		.lists = lists,
		.n_lists = n,
	};
	out->paths = path;
	out->n_paths = 1;
}

static void
bind(struct copier *c, const struct ted *ted, const struct placement *placement,
     struct policy_record *record)
{
	size_t n = placement->answer.n_routes;
	bool shares = placement->answer.has_guarantee;
	struct policy_bound *bound = copy_alloc(c, n * sizeof(*bound));

	if (shares)
		make_shares(c, placement, &record->srpolicy);
	else
		make_backups(c, placement, &record->srpolicy);
	for (size_t i = 0; !c->bad && i < n; i++) {
		const struct path_route *route = &placement->answer.routes[i];
		const struct segment_list *list = &placement->lists[i];

		bound[i] = (struct policy_bound){
			.link_keys = keys_of(c, ted, route->links, route->n_links),
			.n_links = route->n_links,
			.branch_keys = keys_of(c, ted, list->branches, list->n_branches),
			.n_branches = list->n_branches,
			.bps = shares ? route->reserved_bps : record->booked_bps,
		};
	}
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
	size_t n = before->n_held, n_lists = srpolicy_n_lists(&before->srpolicy);
	struct policy_held *held;

	for (size_t i = 0; i < n_lists; i++)
		n += policy_bound_count(&before->bound[i]);
	held = copy_alloc(&c, n * sizeof(*held));
	n = 0;
	for (size_t i = 0; held && i < before->n_held; i++) {
		held[n].link_key = copy_text(&c, before->held[i].link_key);
		held[n++].bps = before->held[i].bps;
	}
	for (size_t i = 0; held && before->booked_bps && i < n_lists; i++)
		for (size_t k = 0; k < policy_bound_count(&before->bound[i]); k++) {
			held[n].link_key = copy_text(&c, policy_bound_key(&before->bound[i], k));
			held[n++].bps = policy_bound_bps(before, i, k);
		}
	if (c.bad)
		return pce_no_memory(err);
	record->n_held = n ? merge_held(held, n) : 0;
	record->held = record->n_held ? held : NULL;
	return PCE_OK;
}

bool
policy_drop_lists(struct arena *arena, struct policy_record *record, const bool *stands)
{
	struct copier c = { arena, false };
	const struct srpolicy *from = &record->srpolicy;
	size_t n = srpolicy_n_lists(from), kept = 0, n_paths = 0, at = 0;
	struct srpolicy_path *paths = copy_alloc(&c, (from->n_paths + 1) * sizeof(*paths));
	struct srpolicy_list *lists = copy_alloc(&c, (n + 1) * sizeof(*lists));
	struct policy_bound *bound = copy_alloc(&c, (n + 1) * sizeof(*bound));

	if (c.bad)
		return false;
	for (size_t i = 0; i < from->n_paths; i++) {
		size_t first = kept;

		for (size_t j = 0; j < from->paths[i].n_lists; j++, at++) {
			if (!stands[at])
				continue;
			lists[kept] = from->paths[i].lists[j];
			bound[kept++] = record->bound[at];
		}
		if (kept == first)
			continue;
		paths[n_paths] = from->paths[i];
		paths[n_paths].lists = &lists[first];
		paths[n_paths++].n_lists = kept - first;
	}
	record->srpolicy.paths = paths;
	record->srpolicy.n_paths = n_paths;
	record->bound = bound;
	return true;
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
