/* Demands in trees, and the names of enumerations. */
#include "models/codec/demand.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const objectives[] = {
	[PATH_IGP] = "igp",
	[PATH_TE] = "te",
	[PATH_DELAY] = "delay",
	[PATH_BANDWIDTH] = "bandwidth",
	[PATH_AVAILABILITY] = "availability",
};

static const char *const disjoints[] = {
	[PATH_DISJOINT_NONE] = NULL,
	[PATH_DISJOINT_LINK] = "link",
	[PATH_DISJOINT_NODE] = "node",
	[PATH_DISJOINT_SRLG] = "srlg",
	[PATH_DISJOINT_AVAILABILITY] = "availability",
	[PATH_DISJOINT_SRLG_NODE] = "srlg-node",
};

static const char *const intent_states[] = {
	[INTENT_ADMITTED] = "admitted", [INTENT_DEPLOYING] = "deploying",
	[INTENT_ACTIVE] = "active",     [INTENT_DEGRADED] = "degraded",
	[INTENT_FAILED] = "failed",
};

static const char *const policy_states[] = {
	[POLICY_PENDING] = "pending", [POLICY_DEPLOYING] = "deploying", [POLICY_ACTIVE] = "active",
	[POLICY_FAILED] = "failed",   [POLICY_REMOVING] = "removing",
};

static const char *const reasons[] = {
	[PATH_REASON_NONE] = NULL,
	[PATH_REASON_ENDPOINT_DOWN] = "endpoint-down",
	[PATH_REASON_DISCONNECTED] = "disconnected",
	[PATH_REASON_BANDWIDTH] = "bandwidth",
	[PATH_REASON_DELAY] = "delay",
	[PATH_REASON_HOPS] = "hops",
	[PATH_REASON_TE_METRIC] = "te-metric",
	[PATH_REASON_IGP_METRIC] = "igp-metric",
	[PATH_REASON_AFFINITY] = "affinity",
	[PATH_REASON_AVOID] = "avoid",
	[PATH_REASON_SLICE] = "slice",
	[PATH_REASON_LINK_BOUND] = "link-bound",
	[PATH_REASON_OVERLOAD] = "overload",
	[PATH_REASON_DISJOINT] = "disjoint",
	[PATH_REASON_VIA] = "via",
	[PATH_REASON_SIDS] = "sids",
	[PATH_REASON_CONFLICT] = "conflict",
	[PATH_REASON_BUDGET] = "budget",
	[PATH_REASON_GUARANTEE] = "guarantee",
	[PATH_REASON_CO_ROUTED] = "co-routed",
};

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

const char *
enum_objective(enum path_objective objective)
{
	return (size_t)objective < COUNT(objectives) ? objectives[objective] : "igp";
}

const char *
enum_disjoint(enum path_disjoint disjoint)
{
	return (size_t)disjoint < COUNT(disjoints) ? disjoints[disjoint] : NULL;
}

const char *
enum_intent_state(enum intent_state state)
{
	return (size_t)state < COUNT(intent_states) ? intent_states[state] : "failed";
}

const char *
enum_policy_state(enum policy_state state)
{
	return (size_t)state < COUNT(policy_states) ? policy_states[state] : "failed";
}

const char *
enum_reason(enum path_reason reason)
{
	return (size_t)reason < COUNT(reasons) ? reasons[reason] : NULL;
}

enum path_objective
enum_objective_of(const char *name)
{
	for (size_t i = 0; name && i < COUNT(objectives); i++) {
		if (strcmp(objectives[i], name) == 0)
			return (enum path_objective)i;
	}
	return PATH_IGP;
}

enum path_disjoint
enum_disjoint_of(const char *name)
{
	for (size_t i = 0; name && i < COUNT(disjoints); i++) {
		if (disjoints[i] && strcmp(disjoints[i], name) == 0)
			return (enum path_disjoint)i;
	}
	return PATH_DISJOINT_NONE;
}

struct intent
demand_init(void)
{
	return (struct intent){
		.objective = PATH_IGP,
		.priority = 4,
		.max_delay_us = PATH_NO_BOUND,
		.max_te = PATH_NO_BOUND,
		.max_igp = PATH_NO_BOUND,
		.max_hops = PATH_NO_BOUND,
		.max_sids = PATH_NO_BOUND,
	};
}

static void
emit_list(struct emit *e, const char *name, struct name_list list)
{
	emit_strings(e, name, list.names, list.n);
}

static void
emit_constraints(struct emit *e, const struct intent *intent)
{
	emit_open(e, "constraints", '{');
	if (intent->max_delay_us != PATH_NO_BOUND)
		emit_u64(e, "max-delay-us", intent->max_delay_us);
	if (intent->max_hops != PATH_NO_BOUND)
		emit_u32(e, "max-hops", (uint32_t)intent->max_hops);
	if (intent->max_te != PATH_NO_BOUND)
		emit_u64(e, "max-te-metric", intent->max_te);
	if (intent->max_igp != PATH_NO_BOUND)
		emit_u64(e, "max-igp-metric", intent->max_igp);
	if (intent->max_sids != PATH_NO_BOUND)
		emit_u32(e, "max-segments", (uint32_t)intent->max_sids);
	emit_list(e, "include-any", intent->include_any);
	emit_list(e, "include-all", intent->include_all);
	emit_list(e, "exclude-any", intent->exclude_any);
	emit_open(e, "avoid", '{');
	emit_list(e, "node", intent->avoid_nodes);
	emit_list(e, "link", intent->avoid_links);
	emit_list(e, "srlg", intent->avoid_srlgs);
	emit_close(e, '}');
	emit_string(e, "disjoint", enum_disjoint(intent->disjoint));
	if (intent->pair == PATH_PAIR_MAXIMUM)
		emit_string(e, "pair-objective", "maximum");
	emit_list(e, "via", intent->via);
	emit_list(e, "via-service", intent->via_services);
	emit_string(e, "slice", intent->slice);
	emit_close(e, '}');
}

void
demand_emit(struct emit *e, const struct intent *intent)
{
	emit_string(e, "from", intent->from);
	emit_string(e, "to", intent->to);
	emit_string(e, "objective", enum_objective(intent->objective));
	if (intent->bandwidth_bps)
		emit_u64(e, "bandwidth-bps", intent->bandwidth_bps);
	if (intent->guarantee > 0) {
		char text[32];

		snprintf(text, sizeof(text), "%.12f", intent->guarantee);
		emit_string(e, "guarantee", text);
	}
	if (intent->loose)
		emit_string(e, "forwarding", "loose");
	if (intent->co_routed)
		emit_bool(e, "co-routed", true);
	if (intent->max_lists)
		emit_u32(e, "max-lists", intent->max_lists);
	emit_constraints(e, intent);
}

static struct name_list
read_list(const struct lyd_node *parent, const char *name, struct arena *arena, bool *bad)
{
	struct name_list list = { 0 };

	list.names = read_strings(parent, name, arena, &list.n, bad);
	return list;
}

static void
read_constraints(const struct lyd_node *node, struct arena *arena, struct intent *out, bool *bad)
{
	const struct lyd_node *avoid = read_child(node, "avoid");
	const char *pair = read_text(node, "pair-objective");

	out->max_delay_us = read_u64(node, "max-delay-us", PATH_NO_BOUND);
	out->max_hops = read_u64(node, "max-hops", PATH_NO_BOUND);
	out->max_te = read_u64(node, "max-te-metric", PATH_NO_BOUND);
	out->max_igp = read_u64(node, "max-igp-metric", PATH_NO_BOUND);
	out->max_sids = read_u64(node, "max-segments", PATH_NO_BOUND);
	out->include_any = read_list(node, "include-any", arena, bad);
	out->include_all = read_list(node, "include-all", arena, bad);
	out->exclude_any = read_list(node, "exclude-any", arena, bad);
	out->avoid_nodes = read_list(avoid, "node", arena, bad);
	out->avoid_links = read_list(avoid, "link", arena, bad);
	out->avoid_srlgs = read_list(avoid, "srlg", arena, bad);
	out->disjoint = enum_disjoint_of(read_text(node, "disjoint"));
	out->pair = pair && strcmp(pair, "maximum") == 0 ? PATH_PAIR_MAXIMUM : PATH_PAIR_TOTAL;
	out->via = read_list(node, "via", arena, bad);
	out->via_services = read_list(node, "via-service", arena, bad);
	out->slice = read_copy(arena, read_text(node, "slice"), bad);
}

void
demand_read(const struct lyd_node *node, struct arena *arena, struct intent *out, bool *bad)
{
	const char *guarantee = read_text(node, "guarantee");
	const char *forwarding = read_text(node, "forwarding");

	out->from = read_copy(arena, read_text(node, "from"), bad);
	out->to = read_copy(arena, read_text(node, "to"), bad);
	out->objective = enum_objective_of(read_text(node, "objective"));
	out->bandwidth_bps = read_u64(node, "bandwidth-bps", 0);
	out->guarantee = guarantee ? strtod(guarantee, NULL) : 0;
	out->loose = forwarding && strcmp(forwarding, "loose") == 0;
	out->max_lists = (uint32_t)read_u64(node, "max-lists", 0);
	out->co_routed = read_bool(node, "co-routed", false);
	read_constraints(read_child(node, "constraints"), arena, out, bad);
}
