/* Random intents, and their equality field by field, for tests of what carries them. */
#ifndef TESTS_MODELS_RANDOM_INTENT_H
#define TESTS_MODELS_RANDOM_INTENT_H

#include "pce/policy/intent.h"
#include "tests/models/random.h"

static inline struct name_list
random_list(struct random *r)
{
	struct name_list list = { 0 };

	if (random_bool(r))
		list.names = random_names(r, &list.n);
	return list;
}

static inline uint64_t
random_bound(struct random *r, uint64_t max)
{
	return random_bool(r) ? PATH_NO_BOUND : 1 + random_number(r, max - 1);
}

static inline const struct ip_prefix *
random_prefixes(struct random *r, size_t *n)
{
	struct ip_prefix *out = arena_alloc(r->arena, 3 * sizeof(*out));

	*n = suite_below(&r->state, 4);
	for (size_t i = 0; i < *n; i++) {
		out[i] = random_prefix(r, i & 1 ? IP_V4 : IP_V6);
		out[i].len = out[i].len < 8 ? 8 : out[i].len;
		out[i].addr.octets[0] = (uint8_t)(0x20 + i); /* all different */
	}
	return *n ? out : NULL;
}

static inline struct intent
random_intent(struct random *r)
{
	char id[32];
	struct intent i = { .from = random_name(r), .to = random_name(r) };

	snprintf(id, sizeof(id), "Intent_%u.x-y", r->serial++);
	i.id = arena_strdup(r->arena, id);
	i.description = random_bool(r) ? random_text(r) : NULL;
	i.objective = (enum path_objective)suite_below(&r->state, PATH_OBJECTIVE_COUNT);
	i.disjoint = (enum path_disjoint)suite_below(&r->state, PATH_DISJOINT_COUNT);
	i.pair = (enum path_pair)suite_below(&r->state, PATH_PAIR_COUNT);
	i.bidirectional = random_bool(r);
	i.loose = random_bool(r);
	i.keep_if_unplaced = random_bool(r);
	i.priority = (uint8_t)suite_below(&r->state, 8);
	i.bandwidth_bps = random_number(r, UINT64_MAX);
	i.max_delay_us = random_bound(r, UINT64_MAX - 1);
	i.max_te = random_bound(r, UINT64_MAX - 1);
	i.max_igp = random_bound(r, UINT64_MAX - 1);
	i.max_hops = random_bound(r, UINT32_MAX);
	i.max_sids = random_bound(r, UINT32_MAX);
	i.include_any = random_list(r);
	i.include_all = random_list(r);
	i.exclude_any = random_list(r);
	i.avoid_nodes = random_list(r);
	i.avoid_links = random_list(r);
	i.avoid_srlgs = random_list(r);
	i.via = random_list(r);
	i.via_services = random_list(r);
	i.slice = random_bool(r) ? random_text(r) : NULL;
	if (i.bandwidth_bps && random_bool(r))
		i.guarantee = (double)(1 + suite_below(&r->state, 1000000)) / 1e6;
	i.max_lists = suite_below(&r->state, 9);
	i.color = (uint32_t)random_number(r, UINT32_MAX);
	i.prefixes = random_prefixes(r, &i.n_prefixes);
	if (i.bidirectional)
		i.reverse_prefixes = random_prefixes(r, &i.n_reverse_prefixes);
	if (random_bool(r))
		i.service_sid = random_addr(r, IP_V6);
	if (random_bool(r))
		i.reverse_service_sid = random_addr(r, IP_V6);
	return i;
}

static inline bool
same_list(struct name_list a, struct name_list b)
{
	return same_texts(a.names, a.n, b.names, b.n);
}

static inline bool
same_prefixes(const struct ip_prefix *a, size_t n, const struct ip_prefix *b, size_t m)
{
	bool same = n == m;

	for (size_t i = 0; same && i < n; i++)
		same = a[i].len == b[i].len && ip_compare(&a[i].addr, &b[i].addr) == 0;
	return same;
}

static inline bool
same_intent(const struct intent *a, const struct intent *b)
{
	return same_text(a->id, b->id) && same_text(a->description, b->description) &&
	       same_text(a->from, b->from) && same_text(a->to, b->to) &&
	       a->objective == b->objective && a->disjoint == b->disjoint && a->pair == b->pair &&
	       a->bidirectional == b->bidirectional && a->loose == b->loose &&
	       a->keep_if_unplaced == b->keep_if_unplaced && a->priority == b->priority &&
	       a->bandwidth_bps == b->bandwidth_bps && a->max_delay_us == b->max_delay_us &&
	       a->max_te == b->max_te && a->max_igp == b->max_igp && a->max_hops == b->max_hops &&
	       a->max_sids == b->max_sids && same_list(a->include_any, b->include_any) &&
	       same_list(a->include_all, b->include_all) &&
	       same_list(a->exclude_any, b->exclude_any) &&
	       same_list(a->avoid_nodes, b->avoid_nodes) &&
	       same_list(a->avoid_links, b->avoid_links) &&
	       same_list(a->avoid_srlgs, b->avoid_srlgs) && same_list(a->via, b->via) &&
	       same_list(a->via_services, b->via_services) && same_text(a->slice, b->slice) &&
	       a->guarantee >= b->guarantee && a->guarantee <= b->guarantee &&
	       a->max_lists == b->max_lists && a->color == b->color &&
	       same_prefixes(a->prefixes, a->n_prefixes, b->prefixes, b->n_prefixes) &&
	       same_prefixes(a->reverse_prefixes, a->n_reverse_prefixes, b->reverse_prefixes,
			     b->n_reverse_prefixes) &&
	       ip_compare(&a->service_sid, &b->service_sid) == 0 &&
	       ip_compare(&a->reverse_service_sid, &b->reverse_service_sid) == 0;
}

#endif
