#include "southbound/gnmi/map.h"

#include "southbound/gnmi/path.h"

#define OC_IF "/interfaces/interface[name=*]"
#define OC_SUB OC_IF "/subinterfaces/subinterface[index=0]"
#define KARST_IF "/telemetry/interface[name=*]"
#define KARST_POLICY "/telemetry/policy[color=*][endpoint=*]"
#define KARST_FLOW "/telemetry/flow[color=*][endpoint=*][headend=*]"

/* openconfig-interfaces, openconfig-if-ip; karst-device. */
static const struct gnmi_mapping builtin[] = {
	{ OC_IF "/state/counters/out-octets", MEANING_OUT_OCTETS, 1, 1 },
	{ OC_IF "/state/counters/in-octets", MEANING_IN_OCTETS, 1, 1 },
	{ OC_IF "/state/counters/out-pkts", MEANING_OUT_PACKETS, 1, 1 },
	{ OC_IF "/state/counters/out-discards", MEANING_OUT_DISCARDS, 1, 1 },
	{ OC_IF "/state/oper-status", MEANING_OPER_STATUS, 1, 1 },
	{ OC_IF "/state/ifindex", MEANING_IF_INDEX, 1, 1 },
	{ OC_SUB "/ipv4/addresses/address/state/ip", MEANING_ADDRESS, 1, 1 },
	{ OC_SUB "/ipv6/addresses/address/state/ip", MEANING_ADDRESS, 1, 1 },
	{ KARST_IF "/out-octets", MEANING_OUT_OCTETS, 1, 1 },
	{ KARST_IF "/in-octets", MEANING_IN_OCTETS, 1, 1 },
	{ KARST_IF "/out-packets", MEANING_OUT_PACKETS, 1, 1 },
	{ KARST_IF "/out-discards", MEANING_OUT_DISCARDS, 1, 1 },
	{ KARST_IF "/out-rate-bps", MEANING_OUT_RATE, 1, 1 },
	{ KARST_IF "/oper-status", MEANING_OPER_STATUS, 1, 1 },
	{ KARST_IF "/if-index", MEANING_IF_INDEX, 1, 1 },
	{ KARST_IF "/address", MEANING_ADDRESS, 1, 1 },
	{ KARST_IF "/delay-us", MEANING_DELAY, 1, 1 },
	{ KARST_IF "/loss-ppb", MEANING_LOSS, 1, 1 },
	{ KARST_POLICY "/out-octets", MEANING_POLICY_OCTETS, 1, 1 },
	{ KARST_POLICY "/out-rate-bps", MEANING_POLICY_RATE, 1, 1 },
	{ KARST_FLOW "/in-packets", MEANING_FLOW_PACKETS, 1, 1 },
};

void
gnmi_map_free(struct gnmi_map *map)
{
	arena_free(&map->arena);
	*map = (struct gnmi_map){ 0 };
}

const struct gnmi_mapping *
gnmi_map_builtin(size_t *n)
{
	*n = sizeof(builtin) / sizeof(builtin[0]);
	return builtin;
}

static bool
same_keys(const struct gnmi_map_node *node, const struct gnmi_path_elem *elem)
{
	if (node->n_keys != elem->n_keys)
		return false;
	for (size_t i = 0; i < elem->n_keys; i++) {
		const char *value = node->keys[i].value ? node->keys[i].value : "*";

		if (strcmp(node->keys[i].name, elem->keys[i].name) != 0 ||
		    strcmp(value, elem->keys[i].value) != 0)
			return false;
	}
	return true;
}

static enum pce_status
fill_keys(struct gnmi_map *map, struct gnmi_map_node *node, const struct gnmi_path_elem *elem,
	  struct pce_error *err)
{
	if (elem->n_keys > GNMI_MAP_ELEM_KEYS)
		return pce_fail(err, PCE_LIMIT, "element %s has more than %d keys", elem->name,
				GNMI_MAP_ELEM_KEYS);
	for (size_t i = 0; i < elem->n_keys; i++) {
		struct gnmi_map_key *key = &node->keys[i];

		key->name = arena_strdup(&map->arena, elem->keys[i].name);
		if (!key->name)
			return pce_no_memory(err);
		key->len = strlen(key->name);
		if (strcmp(elem->keys[i].value, "*") == 0) {
			if (node->n_slots == GNMI_MAP_KEYS)
				return pce_fail(err, PCE_LIMIT, "more than %d keys of a path are *",
						GNMI_MAP_KEYS);
			key->slot = node->n_slots++;
			continue;
		}
		key->value = arena_strdup(&map->arena, elem->keys[i].value);
		if (!key->value)
			return pce_no_memory(err);
		key->value_len = strlen(key->value);
	}
	node->n_keys = elem->n_keys;
	return PCE_OK;
}

/* The child for an element, made if there is none. */
static enum pce_status
child_for(struct gnmi_map *map, struct gnmi_map_node *parent, const struct gnmi_path_elem *elem,
	  struct gnmi_map_node **out, struct pce_error *err)
{
	struct gnmi_map_node *node = parent->child;
	enum pce_status status;

	for (; node; node = node->next) {
		if (strcmp(node->name, elem->name) != 0)
			continue;
		*out = node;
		return same_keys(node, elem)
			   ? PCE_OK
			   : pce_fail(err, PCE_INVALID, "element %s has other keys in another path",
				      elem->name);
	}
	if (map->n_nodes == GNMI_MAP_NODES)
		return pce_fail(err, PCE_LIMIT, "the paths have more than %d elements",
				GNMI_MAP_NODES);
	node = arena_alloc(&map->arena, sizeof(*node));
	if (!node || !(node->name = arena_strdup(&map->arena, elem->name)))
		return pce_no_memory(err);
	node->len = strlen(node->name);
	node->parent = parent;
	node->depth = parent->depth + 1;
	node->n_slots = parent->n_slots;
	status = fill_keys(map, node, elem, err);
	if (status)
		return status;
	if (parent->last)
		parent->last->next = node;
	else
		parent->child = node;
	parent->last = node;
	map->n_nodes++;
	*out = node;
	return PCE_OK;
}

/* How many names the meaning's object has. */
static unsigned
names_of(enum telemetry_meaning meaning)
{
	if (meaning == MEANING_FLOW_PACKETS)
		return 3;
	return meaning == MEANING_POLICY_OCTETS || meaning == MEANING_POLICY_RATE ? 2 : 1;
}

static enum pce_status
add_path(struct gnmi_map *map, const struct gnmi_mapping *row, const struct gnmi_path *path,
	 struct pce_error *err)
{
	struct gnmi_map_node *node = &map->root;
	enum pce_status status = PCE_OK;

	for (size_t i = 0; i < path->n_elems && status == PCE_OK; i++)
		status = child_for(map, node, &path->elems[i], &node, err);
	if (status)
		return pce_prefix(err, status, "path %s", row->path);
	if (node->n_slots != names_of(row->meaning))
		return pce_fail(
		    err, PCE_INVALID, "path %s: %s is of an object with %u keys, not %u", row->path,
		    telemetry_meaning_name(row->meaning), names_of(row->meaning), node->n_slots);
	node->origin = arena_strdup(&map->arena, path->origin);
	if (!node->origin)
		return pce_no_memory(err);
	node->meaning = row->meaning;
	node->multiplier = row->multiplier;
	node->divisor = row->divisor;
	return PCE_OK;
}

enum pce_status
gnmi_map_add(struct gnmi_map *map, const struct gnmi_mapping *row, struct pce_error *err)
{
	struct arena scratch = { 0 };
	struct gnmi_path path;
	enum pce_status status;

	if (row->multiplier == 0 || row->divisor == 0)
		return pce_fail(err, PCE_INVALID, "path %s: a factor of 0 means nothing",
				row->path);
	status = gnmi_path_parse(row->path, &scratch, &path, err);
	if (status == PCE_OK)
		status = add_path(map, row, &path, err);
	arena_free(&scratch);
	return status;
}

enum pce_status
gnmi_map_add_builtin(struct gnmi_map *map, struct pce_error *err)
{
	enum pce_status status = PCE_OK;

	for (size_t i = 0; i < sizeof(builtin) / sizeof(builtin[0]) && status == PCE_OK; i++)
		status = gnmi_map_add(map, &builtin[i], err);
	return status;
}
