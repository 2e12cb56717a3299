/*
 * The built-in tables.
 *
 * "karst": Karst's own module (models/yang/karst-device.yang).
 *
 * "ietf": the structure of the IETF's model (draft-ietf-spring-sr-policy-yang, module revision
 * 2019-11-04): segment lists stand beside the policies, a candidate path is known by its origin,
 * originator and discriminator. There is no place for steered prefixes, which BGP's colors do
 * there, and the router tells validity per candidate path.
 */
#include <string.h>

#include "southbound/profile/map.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))
#define LEVEL(at, key, leaf)                                                                       \
	{                                                                                          \
		.path = (at), .keys = (key), .n_keys = COUNT(key), .leaves = (leaf),               \
		.n_leaves = COUNT(leaf)                                                            \
	}
#define LEAF(what, at, kind)                                                                       \
	{                                                                                          \
		.value = PROFILE_##what, .path = (at), .type = PROFILE_##kind                      \
	}
#define STATE(what, at, kind)                                                                      \
	{                                                                                          \
		.value = PROFILE_##what, .path = (at), .type = PROFILE_##kind, .state = true       \
	}
#define FIXED(at, text, when)                                                                      \
	{                                                                                          \
		.path = (at), .constant = (text), .with = PROFILE_##when                           \
	}

/* --- karst --- */

static const struct profile_module karst_modules[] = {
	{ "karst-device", "urn:karst:yang:karst-device", 0 },
};

static const char *const karst_policy_keys[] = { "color", "endpoint" };
static const struct profile_leaf karst_policy[] = {
	LEAF(COLOR, "color", NUMBER),
	LEAF(ENDPOINT, "endpoint", STRING),
	LEAF(NAME, "name", STRING),
	LEAF(BINDING_SID, "binding-sid", STRING),
	STATE(OPER_STATE, "state/oper-state", STRING),
	STATE(ACTIVE_PREFERENCE, "state/active-preference", NUMBER),
	STATE(REASON, "state/reason", STRING),
};

static const char *const karst_path_keys[] = { "preference" };
static const struct profile_leaf karst_path[] = {
	LEAF(PREFERENCE, "preference", NUMBER),
	LEAF(PATH_NAME, "name", STRING),
};

static const char *const karst_list_keys[] = { "id" };
static const struct profile_leaf karst_list[] = {
	LEAF(LIST_ID, "id", NUMBER),
	LEAF(LIST_NAME, "name", STRING),
	LEAF(WEIGHT, "weight", NUMBER),
	STATE(LIST_VALID, "state/valid", BOOLEAN),
	STATE(LIST_REASON, "state/reason", STRING),
};

static const char *const karst_segment_keys[] = { "index" };
static const struct profile_leaf karst_segment[] = {
	LEAF(INDEX, "index", NUMBER),
	LEAF(SID, "sid", STRING),
	LEAF(BEHAVIOR, "behavior", NUMBER),
};

static const char *const karst_steering_keys[] = { "prefix" };
static const struct profile_leaf karst_steering[] = {
	LEAF(PREFIX, "prefix", STRING),
	LEAF(SERVICE_SID, "service-sid", STRING),
};

/* --- ietf --- */

static const struct profile_module ietf_modules[] = {
	{ "ietf-routing", "urn:ietf:params:xml:ns:yang:ietf-routing", 0 },
	{ "ietf-sr-policy", "urn:ietf:params:xml:ns:yang:ietf-sr-policy", 0 },
};

#define IETF_TOP "/ietf-routing:routing/ietf-sr-policy:segment-routing/traffic-engineering/"

static const struct profile_word up_down[] = { { "up", "UP" }, { "down", "DOWN" } };

static const struct profile_leaf ietf_policy[] = {
	LEAF(COLOR, "color", NUMBER),
	LEAF(ENDPOINT, "endpoint", STRING),
	LEAF(NAME, "name", STRING),
	FIXED("admin-state", "UP", CONSTANT),
	FIXED("binding-sid/dataplane", "srv6", BINDING_SID),
	LEAF(BINDING_SID, "binding-sid/value", STRING),
	{ .value = PROFILE_OPER_STATE,
	  .path = "oper-state",
	  .state = true,
	  .words = up_down,
	  .n_words = COUNT(up_down) },
};

static const char *const ietf_path_keys[] = { "protocol-origin", "originator", "discriminator" };
static const struct profile_leaf ietf_path[] = {
	FIXED("protocol-origin", "local", CONSTANT),
	FIXED("originator", "0:0.0.0.0", CONSTANT),
	LEAF(PREFERENCE, "discriminator", NUMBER),
	LEAF(PREFERENCE, "preference", NUMBER),
	LEAF(PATH_NAME, "name", STRING),
	STATE(ACTIVE, "is-best-candidate-path", BOOLEAN),
	STATE(PATH_VALID, "is-valid", BOOLEAN),
};

static const char *const ietf_list_keys[] = { "name-ref" };
static const struct profile_leaf ietf_list[] = {
	LEAF(LIST_REFERENCE, "name-ref", STRING),
	LEAF(WEIGHT, "weight", NUMBER),
};

static const char *const ietf_shared_keys[] = { "name" };
static const struct profile_leaf ietf_shared[] = {
	LEAF(LIST_REFERENCE, "name", STRING),
};

static const struct profile_leaf ietf_segment[] = {
	LEAF(INDEX, "index", NUMBER),
	FIXED("type", "segment-type-2", CONSTANT),
	LEAF(SID, "segment-types/segment-type-2/sid-value", STRING),
};

static const struct profile_table tables[] = {
	{ .name = "karst",
	  .modules = karst_modules,
	  .n_modules = COUNT(karst_modules),
	  .gnmi_origin = "",
	  .levels = {
		  [PROFILE_POLICY] = LEVEL("/karst-device:srv6-policies/policy", karst_policy_keys,
					   karst_policy),
		  [PROFILE_PATH] = LEVEL("candidate-path", karst_path_keys, karst_path),
		  [PROFILE_LIST] = LEVEL("segment-list", karst_list_keys, karst_list),
		  [PROFILE_SEGMENT] = LEVEL("segment", karst_segment_keys, karst_segment),
		  [PROFILE_STEERING] = LEVEL("steering/prefix", karst_steering_keys,
					     karst_steering),
	  } },
	{ .name = "ietf",
	  .modules = ietf_modules,
	  .n_modules = COUNT(ietf_modules),
	  .gnmi_origin = "",
	  .levels = {
		  [PROFILE_POLICY] = LEVEL(IETF_TOP "policies/policy", karst_policy_keys,
					   ietf_policy),
		  [PROFILE_PATH] = LEVEL("candidate-paths/candidate-path", ietf_path_keys,
					 ietf_path),
		  [PROFILE_LIST] = LEVEL("segment-lists/segment-list", ietf_list_keys, ietf_list),
		  [PROFILE_SHARED] = LEVEL(IETF_TOP "attributes/segment-lists/segment-list",
					   ietf_shared_keys, ietf_shared),
		  [PROFILE_SEGMENT] = LEVEL("segments/segment", karst_segment_keys, ietf_segment),
	  } },
};

const struct profile_table *
profile_table_builtin(const char *name)
{
	for (size_t i = 0; i < COUNT(tables); i++)
		if (strcmp(tables[i].name, name) == 0)
			return &tables[i];
	return NULL;
}
