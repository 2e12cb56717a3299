/*
 * Intents as values: defaults, deep copies and equality. Equality is by field, not by bytes: two
 * intents are equal if a client could not tell them apart.
 */
#include "pce/policy/intent.h"

#include <string.h>

#include "pce/policy/copy.h"

struct intent
intent_init(void)
{
	return (struct intent){
		.priority = 4,
		.max_delay_us = PATH_NO_BOUND,
		.max_te = PATH_NO_BOUND,
		.max_igp = PATH_NO_BOUND,
		.max_hops = PATH_NO_BOUND,
		.max_sids = PATH_NO_BOUND,
	};
}

struct intent *
intent_copy(struct arena *arena, const struct intent *intent)
{
	struct copier c = { arena, false };
	struct intent *out = copy_items(&c, intent, 1, sizeof(*intent));

	if (!out)
		return NULL;
	out->id = copy_text(&c, intent->id);
	out->description = copy_text(&c, intent->description);
	out->from = copy_text(&c, intent->from);
	out->to = copy_text(&c, intent->to);
	out->slice = copy_text(&c, intent->slice);
	out->include_any = copy_names(&c, intent->include_any);
	out->include_all = copy_names(&c, intent->include_all);
	out->exclude_any = copy_names(&c, intent->exclude_any);
	out->avoid_nodes = copy_names(&c, intent->avoid_nodes);
	out->avoid_links = copy_names(&c, intent->avoid_links);
	out->avoid_srlgs = copy_names(&c, intent->avoid_srlgs);
	out->via = copy_names(&c, intent->via);
	out->via_services = copy_names(&c, intent->via_services);
	out->prefixes =
	    copy_items(&c, intent->prefixes, intent->n_prefixes, sizeof(*intent->prefixes));
	out->reverse_prefixes = copy_items(&c, intent->reverse_prefixes, intent->n_reverse_prefixes,
					   sizeof(*intent->reverse_prefixes));
	return c.bad ? NULL : out;
}

static bool
same_names(struct name_list a, struct name_list b)
{
	if (a.n != b.n)
		return false;
	for (size_t i = 0; i < a.n; i++)
		if (strcmp(a.names[i], b.names[i]) != 0)
			return false;
	return true;
}

static bool
same_address(const struct ip_addr *a, const struct ip_addr *b)
{
	return ip_compare(a, b) == 0;
}

static bool
same_prefixes(const struct ip_prefix *a, size_t n_a, const struct ip_prefix *b, size_t n_b)
{
	if (n_a != n_b)
		return false;
	for (size_t i = 0; i < n_a; i++)
		if (a[i].len != b[i].len || !same_address(&a[i].addr, &b[i].addr))
			return false;
	return true;
}

static bool
same_bounds(const struct intent *a, const struct intent *b)
{
	return a->bandwidth_bps == b->bandwidth_bps && a->max_delay_us == b->max_delay_us &&
	       a->max_te == b->max_te && a->max_igp == b->max_igp && a->max_hops == b->max_hops &&
	       a->max_sids == b->max_sids && a->max_lists == b->max_lists && a->loose == b->loose &&
	       a->co_routed == b->co_routed && !(a->guarantee < b->guarantee) &&
	       !(a->guarantee > b->guarantee);
}

static bool
same_filters(const struct intent *a, const struct intent *b)
{
	return same_names(a->include_any, b->include_any) &&
	       same_names(a->include_all, b->include_all) &&
	       same_names(a->exclude_any, b->exclude_any) &&
	       same_names(a->avoid_nodes, b->avoid_nodes) &&
	       same_names(a->avoid_links, b->avoid_links) &&
	       same_names(a->avoid_srlgs, b->avoid_srlgs) && same_names(a->via, b->via) &&
	       same_names(a->via_services, b->via_services) && same_text(a->slice, b->slice);
}

static bool
same_steering(const struct intent *a, const struct intent *b)
{
	return a->color == b->color && same_address(&a->service_sid, &b->service_sid) &&
	       same_address(&a->reverse_service_sid, &b->reverse_service_sid) &&
	       same_prefixes(a->prefixes, a->n_prefixes, b->prefixes, b->n_prefixes) &&
	       same_prefixes(a->reverse_prefixes, a->n_reverse_prefixes, b->reverse_prefixes,
			     b->n_reverse_prefixes);
}

bool
intent_equal(const struct intent *a, const struct intent *b)
{
	return same_text(a->id, b->id) && same_text(a->description, b->description) &&
	       same_text(a->from, b->from) && same_text(a->to, b->to) &&
	       a->objective == b->objective && a->disjoint == b->disjoint && a->pair == b->pair &&
	       a->bidirectional == b->bidirectional && a->keep_if_unplaced == b->keep_if_unplaced &&
	       a->priority == b->priority && same_bounds(a, b) && same_filters(a, b) &&
	       same_steering(a, b);
}

bool
intent_same_demand(const struct intent *a, const struct intent *b)
{
	/* A service SID counts against the limits of the list, whatever its value. */
	return same_text(a->from, b->from) && same_text(a->to, b->to) &&
	       a->objective == b->objective && a->disjoint == b->disjoint && a->pair == b->pair &&
	       same_bounds(a, b) && same_filters(a, b) &&
	       (a->service_sid.family == IP_NONE) == (b->service_sid.family == IP_NONE) &&
	       (a->reverse_service_sid.family == IP_NONE) ==
		   (b->reverse_service_sid.family == IP_NONE);
}

const char *
intent_state_name(enum intent_state state)
{
	static const char *const names[] = { "admitted", "deploying", "active", "degraded",
					     "failed" };

	return (size_t)state < sizeof(names) / sizeof(names[0]) ? names[state] : "failed";
}
