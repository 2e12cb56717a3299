#include "southbound/gnmi/request.h"

#include <string.h>

#include "southbound/gnmi/path.h"

#define SUBSCRIPTIONS_MAX 1024

enum pce_status
gnmi_capabilities_read(const uint8_t *bytes, size_t len, struct gnmi_capabilities *out,
		       struct pce_error *err)
{
	ProtobufCMessage *message = NULL;
	const Gnmi__CapabilityResponse *r;
	struct gnmi_capabilities c = { .known = true };
	enum pce_status status =
	    gnmi_message_read(&gnmi__capability_response__descriptor,
			      &gnmi_type_capability_response, bytes, len, &message, err);

	if (status)
		return status;
	r = (const Gnmi__CapabilityResponse *)(const void *)message;
	for (size_t i = 0; i < r->n_supported_models; i++) {
		const char *name = r->supported_models[i]->name;

		c.openconfig = c.openconfig || strcmp(name, "openconfig-interfaces") == 0;
		c.karst = c.karst || strcmp(name, "karst-device") == 0;
	}
	for (size_t i = 0; i < r->n_supported_encodings; i++) {
		c.proto = c.proto || r->supported_encodings[i] == GNMI__ENCODING__PROTO;
		c.json_ietf = c.json_ietf || r->supported_encodings[i] == GNMI__ENCODING__JSON_IETF;
	}
	/* Some name no model at all. */
	c.known = r->n_supported_models > 0;
	gnmi_message_free(message);
	*out = c;
	return PCE_OK;
}

/* A path of the map, from the root to a leaf. */
static bool
path_to(const struct gnmi_map_node *leaf, struct arena *arena, struct gnmi_path *out)
{
	out->origin = leaf->origin;
	out->n_elems = leaf->depth;
	out->elems = arena_alloc(arena, (leaf->depth + 1) * sizeof(*out->elems));
	for (const struct gnmi_map_node *n = leaf; out->elems && n->depth > 0; n = n->parent) {
		struct gnmi_path_elem *elem = &out->elems[n->depth - 1];

		elem->name = n->name;
		elem->n_keys = n->n_keys;
		elem->keys = arena_alloc(arena, (n->n_keys + 1) * sizeof(*elem->keys));
		if (!elem->keys)
			return false;
		for (size_t i = 0; i < n->n_keys; i++) {
			elem->keys[i].name = n->keys[i].name;
			elem->keys[i].value = n->keys[i].value ? n->keys[i].value : "*";
		}
	}
	return out->elems != NULL;
}

static bool
is_sampled(enum telemetry_meaning meaning)
{
	return meaning != MEANING_OPER_STATUS && meaning != MEANING_IF_INDEX &&
	       meaning != MEANING_ADDRESS;
}

/* Whether a device that tells its models has that of the path. */
static bool
may_have(const struct gnmi_map_node *leaf, const struct gnmi_capabilities *c)
{
	const struct gnmi_map_node *top = leaf;

	while (top->depth > 1)
		top = top->parent;
	if (!c->known)
		return true;
	if (strcmp(top->name, "interfaces") == 0)
		return c->openconfig;
	if (strcmp(top->name, "telemetry") == 0)
		return c->karst;
	return true;
}

static enum pce_status
subscription(const struct gnmi_map_node *leaf, const struct config_gnmi *config,
	     struct arena *arena, Gnmi__Subscription **out, struct pce_error *err)
{
	Gnmi__Subscription *s = arena_alloc(arena, sizeof(*s));
	struct gnmi_path path;

	if (!s || !path_to(leaf, arena, &path))
		return pce_no_memory(err);
	gnmi__subscription__init(s);
	s->path = gnmi_path_message(&path, NULL, arena);
	if (!s->path)
		return pce_no_memory(err);
	if (is_sampled(leaf->meaning)) {
		s->mode = GNMI__SUBSCRIPTION_MODE__SAMPLE;
		s->sample_interval = (uint64_t)config->sample_ms * 1000000;
	} else {
		s->mode = GNMI__SUBSCRIPTION_MODE__ON_CHANGE;
		s->heartbeat_interval = (uint64_t)config->heartbeat_s * 1000000000;
	}
	*out = s;
	return PCE_OK;
}

/* The next node of the map in depth-first order; NULL at the end. */
static const struct gnmi_map_node *
next_node(const struct gnmi_map_node *node)
{
	if (node->child)
		return node->child;
	while (node && !node->next)
		node = node->parent;
	return node ? node->next : NULL;
}

static enum pce_status
subscriptions(const struct gnmi_map *map, const struct config_gnmi *config,
	      const struct gnmi_capabilities *c, struct arena *arena, Gnmi__SubscriptionList *list,
	      struct pce_error *err)
{
	list->subscription = arena_alloc(arena, SUBSCRIPTIONS_MAX * sizeof(*list->subscription));
	if (!list->subscription)
		return pce_no_memory(err);
	for (const struct gnmi_map_node *n = &map->root; n; n = next_node(n)) {
		enum pce_status status;

		if (n->meaning == MEANING_NONE || !may_have(n, c))
			continue;
		if (list->n_subscription == SUBSCRIPTIONS_MAX)
			return pce_fail(err, PCE_LIMIT, "more than %d paths to subscribe to",
					SUBSCRIPTIONS_MAX);
		status =
		    subscription(n, config, arena, &list->subscription[list->n_subscription], err);
		if (status)
			return status;
		list->n_subscription++;
	}
	return PCE_OK;
}

enum pce_status
gnmi_subscribe_request(const struct gnmi_map *map, const struct config_gnmi *config,
		       const struct gnmi_capabilities *c, struct arena *arena, uint8_t **out,
		       size_t *len, struct pce_error *err)
{
	Gnmi__SubscribeRequest request = GNMI__SUBSCRIBE_REQUEST__INIT;
	Gnmi__SubscriptionList list = GNMI__SUBSCRIPTION_LIST__INIT;
	struct gnmi_path prefix = { .origin = config->origin ? config->origin : "" };
	bool json = config->encoding && strcmp(config->encoding, "json-ietf") == 0;
	enum pce_status status = subscriptions(map, config, c, arena, &list, err);

	if (status)
		return status;
	if (list.n_subscription == 0)
		return pce_fail(err, PCE_UNSUPPORTED, "it has no model that Karst knows");
	/* The other encoding, where the device has only that. */
	if (c->proto != c->json_ietf)
		json = c->json_ietf;
	list.encoding = json ? GNMI__ENCODING__JSON_IETF : GNMI__ENCODING__PROTO;
	list.mode = GNMI__SUBSCRIPTION_LIST__MODE__STREAM;
	if ((config->target && *config->target) || *prefix.origin) {
		list.prefix = gnmi_path_message(&prefix, config->target, arena);
		if (!list.prefix)
			return pce_no_memory(err);
	}
	request.request_case = GNMI__SUBSCRIBE_REQUEST__REQUEST_SUBSCRIBE;
	request.subscribe = &list;
	*len = gnmi__subscribe_request__get_packed_size(&request);
	*out = arena_alloc(arena, *len + 1);
	if (!*out)
		return pce_no_memory(err);
	gnmi__subscribe_request__pack(&request, *out);
	return PCE_OK;
}
