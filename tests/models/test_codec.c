/* Intents, policies, records, configuration, requests and answers: structs to text and back. */
#include <stdio.h>
#include <string.h>

#include "models/codec/config.h"
#include "models/codec/device.h"
#include "models/codec/event.h"
#include "models/codec/intent.h"
#include "models/codec/path.h"
#include "models/codec/policy.h"
#include "models/codec/record.h"
#include "tests/models/random.h"

static struct codec *codec;

static void
setup(void)
{
	struct pce_error err = { 0 };

	ck_assert_msg(codec_new(NULL, &codec, &err) == PCE_OK, "%s", err.text);
}

static void
teardown(void)
{
	codec_free(codec);
}

#define ck_ok(call, err)                                                                           \
	ck_assert_msg((call) == PCE_OK, "seed %u: %s: %s", seed, (err).path, (err).text)

/* --- Intents --- */

static struct name_list
random_list(struct random *r)
{
	struct name_list list = { 0 };

	if (random_bool(r))
		list.names = random_names(r, &list.n);
	return list;
}

static uint64_t
random_bound(struct random *r, uint64_t max)
{
	return random_bool(r) ? PATH_NO_BOUND : 1 + random_number(r, max - 1);
}

static const struct ip_prefix *
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

static struct intent
random_intent(struct random *r)
{
	char id[32];
	struct intent i = { .from = random_name(r), .to = random_name(r) };

	snprintf(id, sizeof(id), "Intent_%u.x-y", r->serial++);
	i.id = arena_strdup(r->arena, id);
	i.description = random_bool(r) ? random_text(r) : NULL;
	i.objective = (enum path_objective)suite_below(&r->state, PATH_OBJECTIVE_COUNT);
	i.disjoint = (enum path_disjoint)suite_below(&r->state, PATH_DISJOINT_AVAILABILITY + 1);
	i.bidirectional = random_bool(r);
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

static bool
same_list(struct name_list a, struct name_list b)
{
	return same_texts(a.names, a.n, b.names, b.n);
}

static bool
same_prefixes(const struct ip_prefix *a, size_t n, const struct ip_prefix *b, size_t m)
{
	bool same = n == m;

	for (size_t i = 0; same && i < n; i++)
		same = a[i].len == b[i].len && ip_compare(&a[i].addr, &b[i].addr) == 0;
	return same;
}

static bool
same_intent(const struct intent *a, const struct intent *b)
{
	return same_text(a->id, b->id) && same_text(a->description, b->description) &&
	       same_text(a->from, b->from) && same_text(a->to, b->to) &&
	       a->objective == b->objective && a->disjoint == b->disjoint &&
	       a->bidirectional == b->bidirectional && a->keep_if_unplaced == b->keep_if_unplaced &&
	       a->priority == b->priority && a->bandwidth_bps == b->bandwidth_bps &&
	       a->max_delay_us == b->max_delay_us && a->max_te == b->max_te &&
	       a->max_igp == b->max_igp && a->max_hops == b->max_hops &&
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

START_TEST(intents_to_text_and_back_are_the_same)
{
	for (unsigned seed = 0; seed < suite_seeds(); seed++) {
		struct arena arena = { 0 };
		struct random r = { seed, &arena, 1 };
		struct intent all[3];
		const struct intent *list[3], *const *got;
		struct pce_error err = { 0 };
		struct text json = { 0 }, yaml = { 0 };
		size_t n = 1 + suite_below(&r.state, 3), m;

		for (size_t i = 0; i < n; i++) {
			all[i] = random_intent(&r);
			list[i] = &all[i];
		}
		if (n == 1)
			ck_ok(codec_intent_print(codec, list[0], NULL, &json, &err), err);
		else
			ck_ok(codec_intents_print(codec, list, NULL, n, &json, &err), err);
		text_printf(&yaml, "%s%s", n > 1 ? "---\n" : "", text_get(&json));
		ck_ok(codec_intent_parse(codec, text_get(&yaml), yaml.len, &arena, &got, &m, &err),
		      err);
		ck_assert_uint_eq(n, m);
		for (size_t i = 0; i < n; i++)
			ck_assert_msg(same_intent(list[i], got[i]), "seed %u: %s", seed,
				      text_get(&json));
		text_free(&json);
		text_free(&yaml);
		arena_free(&arena);
	}
}
END_TEST

START_TEST(intent_state_is_printed)
{
	struct arena arena = { 0 };
	struct random r = { 1, &arena, 1 };
	struct intent intent = random_intent(&r);
	struct codec_intent_state state = { .revision = 7,
					    .has_state = true,
					    .state = INTENT_DEGRADED,
					    .reason = "r1 is away",
					    .policy_ids = { "a", "a~" },
					    .n_policies = 2 };
	struct pce_error err = { 0 };
	struct text json = { 0 };
	unsigned seed = 0;

	ck_ok(codec_intent_print(codec, &intent, &state, &json, &err), err);
	ck_assert_ptr_nonnull(strstr(text_get(&json), "\"state\":\"degraded\""));
	ck_assert_ptr_nonnull(strstr(text_get(&json), "\"revision\":\"7\""));
	ck_assert_ptr_nonnull(strstr(text_get(&json), "\"policy\":[\"a\",\"a~\"]"));
	text_free(&json);
	arena_free(&arena);
}
END_TEST

#define INTENT "intents:\n  intent:\n  - id: v1\n    from: A\n    to: B\n"

static const struct {
	const char *text, *path, *words;
	unsigned line;
} intent_faults[] = {
	{ "intents:\n  intent:\n  - id: v1\n    from: A\n", "/karst-intent:intents/intent[id='v1']",
	  "intent v1: to is missing", 3 },
	{ INTENT "    objective: speed\n", "/karst-intent:intents/intent[id='v1']/objective",
	  "speed", 6 },
	{ INTENT "    priority: 8\n", "/karst-intent:intents/intent[id='v1']/priority", "8", 6 },
	{ INTENT "    constraints: {max-delay-us: 0}\n",
	  "/karst-intent:intents/intent[id='v1']/constraints/max-delay-us", "0", 6 },
	{ INTENT "    constraints:\n      max-dealy-us: 5\n",
	  "/karst-intent:intents/intent[id='v1']/constraints", "max-dealy-us is not known", 7 },
	{ INTENT "    steering:\n      reverse-prefix: ['::/0']\n",
	  "/karst-intent:intents/intent[id='v1']/steering/reverse-prefix", "bidirectional", 7 },
	{ INTENT "    guarantee: 0.99\n", "/karst-intent:intents/intent[id='v1']/guarantee",
	  "bandwidth-bps", 6 },
	{ "intents:\n  intent:\n  - {id: a b, from: A, to: B}\n", "/karst-intent:intents/intent/id",
	  "a b", 3 },
	{ "{\"karst-intent:intent\":[{\"id\":\"x\",\n\"from\":\"a\",\n\"to\":\"a\"}]}",
	  "/karst-intent:intents/intent[id='x']/to", "same node", 3 },
	{ "topology: {}", "", "no karst-intent:intents", 0 },
};

START_TEST(intent_bad_text_is_one_sentence_with_path_and_line)
{
	struct arena arena = { 0 };
	const struct intent *const *got;
	struct pce_error err = { 0 };
	size_t n;

	ck_assert_int_ne(codec_intent_parse(codec, intent_faults[_i].text,
					    strlen(intent_faults[_i].text), &arena, &got, &n, &err),
			 PCE_OK);
	ck_assert_msg(strstr(err.text, intent_faults[_i].words) != NULL, "fault %d says: %s", _i,
		      err.text);
	ck_assert_msg(!intent_faults[_i].path[0] || strcmp(err.path, intent_faults[_i].path) == 0,
		      "fault %d is at: %s", _i, err.path);
	ck_assert_msg(!intent_faults[_i].line || err.line == intent_faults[_i].line,
		      "fault %d is on line %u: %s", _i, err.line, err.text);
	arena_free(&arena);
}
END_TEST

/* --- Policies --- */

static struct srpolicy_list
random_sids(struct random *r)
{
	struct srpolicy_list list = { .weight = (uint32_t)random_number(r, UINT32_MAX) };
	size_t n = suite_below(&r->state, 5);
	uint8_t(*sids)[16] = arena_alloc(r->arena, (n + 1) * 16);
	uint16_t *behaviors = arena_alloc(r->arena, (n + 1) * sizeof(*behaviors));

	list.name = random_bool(r) ? random_name(r) : NULL;
	for (size_t i = 0; i < n; i++) {
		random_octets(r, sids[i], 16);
		sids[i][0] = 0xfc;
		behaviors[i] = (uint16_t)random_number(r, i & 1 ? 70 : 65535);
	}
	list.sids = (const uint8_t(*)[16])sids;
	list.behaviors = behaviors;
	list.n_sids = n;
	return list;
}

static struct srpolicy
random_policy(struct random *r)
{
	struct srpolicy p = { .color = 1 + (uint32_t)random_number(r, UINT32_MAX - 1),
			      .endpoint = random_addr(r, random_bool(r) ? IP_V4 : IP_V6) };
	struct srpolicy_path *paths = arena_alloc(r->arena, 3 * sizeof(*paths));
	struct srpolicy_steering *steering = arena_alloc(r->arena, 3 * sizeof(*steering));

	p.name = random_bool(r) ? random_name(r) : NULL;
	if (random_bool(r))
		p.binding_sid = random_addr(r, IP_V6);
	p.n_paths = suite_below(&r->state, 4);
	for (size_t i = 0; i < p.n_paths; i++) {
		size_t n = suite_below(&r->state, 3);
		struct srpolicy_list *lists = arena_alloc(r->arena, (n + 1) * sizeof(*lists));

		for (size_t j = 0; j < n; j++)
			lists[j] = random_sids(r);
		paths[i] = (struct srpolicy_path){ random_bool(r) ? random_name(r) : NULL,
						   300 - 100 * (uint32_t)i, lists, n };
	}
	p.paths = paths;
	p.n_steering = suite_below(&r->state, 4);
	for (size_t i = 0; i < p.n_steering; i++) {
		steering[i].prefix = random_prefix(r, IP_V6);
		if (steering[i].prefix.len < 8)
			steering[i].prefix.len = 8;
		steering[i].prefix.addr.octets[0] = (uint8_t)(0x20 + i); /* sorted */
		if (random_bool(r))
			steering[i].service_sid = random_addr(r, IP_V6);
	}
	p.steering = steering;
	return p;
}

static bool
same_sids(const struct srpolicy_list *a, const struct srpolicy_list *b)
{
	bool same = same_text(a->name, b->name) && a->weight == b->weight && a->n_sids == b->n_sids;

	for (size_t i = 0; same && i < a->n_sids; i++)
		same =
		    memcmp(a->sids[i], b->sids[i], 16) == 0 && a->behaviors[i] == b->behaviors[i];
	return same;
}

static bool
same_policy(const struct srpolicy *a, const struct srpolicy *b)
{
	bool same = a->color == b->color && ip_compare(&a->endpoint, &b->endpoint) == 0 &&
		    same_text(a->name, b->name) &&
		    ip_compare(&a->binding_sid, &b->binding_sid) == 0 && a->n_paths == b->n_paths &&
		    a->n_steering == b->n_steering;

	for (size_t i = 0; same && i < a->n_paths; i++) {
		const struct srpolicy_path *x = &a->paths[i], *y = &b->paths[i];

		same = same_text(x->name, y->name) && x->preference == y->preference &&
		       x->n_lists == y->n_lists;
		for (size_t j = 0; same && j < x->n_lists; j++)
			same = same_sids(&x->lists[j], &y->lists[j]);
	}
	for (size_t i = 0; same && i < a->n_steering; i++)
		same = same_prefixes(&a->steering[i].prefix, 1, &b->steering[i].prefix, 1) &&
		       ip_compare(&a->steering[i].service_sid, &b->steering[i].service_sid) == 0;
	return same;
}

START_TEST(device_policies_to_xml_and_back_are_the_same)
{
	for (unsigned seed = 0; seed < suite_seeds(); seed++) {
		struct arena arena = { 0 };
		struct random r = { seed, &arena, 1 };
		struct srpolicy all[4];
		struct codec_device got;
		struct pce_error err = { 0 };
		struct text xml = { 0 };
		size_t n = suite_below(&r.state, 5);

		for (size_t i = 0; i < n; i++) {
			all[i] = random_policy(&r);
			all[i].color = 100 + 10 * (uint32_t)(n - i); /* falling: read sorts them */
		}
		ck_ok(codec_device_print(codec, all, n, &xml, &err), err);
		ck_ok(codec_device_read(codec, text_get(&xml), xml.len, &arena, &got, &err), err);
		ck_assert_uint_eq(got.n_policies, n);
		ck_assert_uint_eq(got.n_oper, 0);
		for (size_t i = 0; i < n; i++)
			ck_assert_msg(same_policy(&all[i], &got.policies[n - 1 - i]), "seed %u: %s",
				      seed, text_get(&xml));
		text_free(&xml);
		arena_free(&arena);
	}
}
END_TEST

/* What a router may send: lists in any order, state, other modules, things we do not know. */
START_TEST(device_answer_of_a_router_is_read_in_canonical_order)
{
	static const char xml[] =
	    "<sys xmlns=\"urn:x\"><a/></sys>"
	    "<srv6-policies xmlns=\"urn:karst:yang:karst-device\">"
	    "<policy><color>9</color><endpoint>2001:DB8:0:0::2</endpoint><news>1</news>"
	    "<candidate-path><preference>100</preference></candidate-path>"
	    "<candidate-path><preference>200</preference>"
	    "<segment-list><id>2</id><weight>3</weight></segment-list>"
	    "<segment-list><id>1</id>"
	    "<segment><index>20</index><sid>fc00::2</sid></segment>"
	    "<segment><index>3</index><sid>fc00::1</sid><behavior>43</behavior></segment>"
	    "<state><valid>true</valid></state></segment-list></candidate-path>"
	    "<state><oper-state>up</oper-state><active-preference>200</active-preference></state>"
	    "</policy>"
	    "<policy><color>9</color><endpoint>2001:db8::1</endpoint>"
	    "<state><oper-state>down</oper-state><reason>no SID &lt;3&gt;</reason></state>"
	    "</policy></srv6-policies>";
	struct arena arena = { 0 };
	struct codec_device got;
	struct pce_error err = { 0 };
	const struct srpolicy_list *list;
	unsigned seed = 0;

	ck_ok(codec_device_read(codec, xml, strlen(xml), &arena, &got, &err), err);
	ck_assert_uint_eq(got.n_policies, 2);
	ck_assert_uint_eq(got.policies[0].endpoint.octets[15], 1);
	ck_assert_uint_eq(got.policies[1].paths[0].preference, 200);
	ck_assert_uint_eq(got.policies[1].paths[1].preference, 100);
	list = got.policies[1].paths[0].lists;
	ck_assert_uint_eq(list[0].weight, 1);
	ck_assert_uint_eq(list[1].weight, 3);
	ck_assert_uint_eq(list[0].sids[0][15], 1);
	ck_assert_uint_eq(list[0].behaviors[0], 43);
	ck_assert_uint_eq(list[0].sids[1][15], 2);
	ck_assert_uint_eq(got.n_oper, 2);
	ck_assert(!got.oper[0].up);
	ck_assert_str_eq(got.oper[0].reason, "no SID <3>");
	ck_assert(got.oper[1].up);
	ck_assert_uint_eq(got.oper[1].active_preference, 200);
	arena_free(&arena);
}
END_TEST

START_TEST(device_nonsense_is_malformed)
{
	static const char *const bad[] = {
		"<srv6-policies",
		"words",
		"<a></b>",
		"<srv6-policies xmlns=\"urn:karst:yang:karst-device\"><policy><color>x</color>"
		"<endpoint>::1</endpoint></policy></srv6-policies>",
		"<srv6-policies xmlns=\"urn:karst:yang:karst-device\"><policy><color>1</color>"
		"</policy></srv6-policies>",
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct arena arena = { 0 };
		struct codec_device got = { 0 };
		struct pce_error err = { 0 };

		ck_assert_int_eq(
		    codec_device_read(codec, bad[i], strlen(bad[i]), &arena, &got, &err),
		    PCE_MALFORMED);
		ck_assert_ptr_null(got.policies);
		ck_assert_msg(err.text[0], "%zu", i);
		arena_free(&arena);
	}
}
END_TEST

START_TEST(device_edit_marks_each_policy)
{
	struct srpolicy a = { .color = 1,
			      .endpoint = random_addr(&(struct random){ .state = 1 }, IP_V6),
			      .name = "k <policy> x" };
	struct srpolicy b = { .color = 2, .endpoint = a.endpoint };
	struct deploy_change changes[] = { { DEPLOY_REPLACE, &a, NULL },
					   { DEPLOY_REMOVE, &b, &b } };
	struct pce_error err = { 0 };
	struct text there = { 0 }, back = { 0 };
	const char *replace, *drop;
	unsigned seed = 0;

	ck_ok(codec_device_edit(codec, changes, 2, false, &there, &err), err);
	replace = strstr(text_get(&there), "nc:operation=\"replace\"><color>1<");
	drop = strstr(text_get(&there), "nc:operation=\"remove\"><color>2<");
	ck_assert_msg(replace && drop && replace < drop, "%s", text_get(&there));
	ck_ok(codec_device_edit(codec, changes, 2, true, &back, &err), err);
	ck_assert_ptr_nonnull(strstr(text_get(&back), "nc:operation=\"remove\"><color>1<"));
	ck_assert_ptr_nonnull(strstr(text_get(&back), "nc:operation=\"replace\"><color>2<"));
	text_free(&there);
	text_free(&back);
}
END_TEST

/* --- Records --- */

static struct policy_record
random_record(struct random *r)
{
	struct policy_record p = { .id = random_name(r),
				   .intent_id = random_name(r),
				   .headend = random_name(r),
				   .tailend = random_name(r),
				   .backward = random_bool(r),
				   .removing = random_bool(r),
				   .booked_bps = random_number(r, UINT64_MAX),
				   .generation = random_number(r, UINT64_MAX) };
	struct policy_bound_path *bound = arena_alloc(r->arena, 4 * sizeof(*bound));

	p.srpolicy = random_policy(r);
	for (size_t i = 0; i < p.srpolicy.n_paths; i++) {
		if (random_bool(r))
			bound[i].link_keys = random_names(r, &bound[i].n_links);
	}
	p.bound = bound;
	if (random_bool(r)) {
		const char *const *names = random_names(r, &p.n_held);
		struct policy_held *held = arena_alloc(r->arena, (p.n_held + 1) * sizeof(*held));

		for (size_t i = 0; i < p.n_held; i++)
			held[i] = (struct policy_held){ names[i], random_number(r, UINT64_MAX) };
		p.held = held;
	}
	return p;
}

static bool
same_record(const struct policy_record *a, const struct policy_record *b)
{
	bool same = same_text(a->id, b->id) && same_text(a->intent_id, b->intent_id) &&
		    same_text(a->headend, b->headend) && same_text(a->tailend, b->tailend) &&
		    a->backward == b->backward && a->removing == b->removing &&
		    a->booked_bps == b->booked_bps && a->generation == b->generation &&
		    a->n_held == b->n_held && same_policy(&a->srpolicy, &b->srpolicy);

	for (size_t i = 0; same && i < a->n_held; i++)
		same = same_text(a->held[i].link_key, b->held[i].link_key) &&
		       a->held[i].bps == b->held[i].bps;
	for (size_t i = 0; same && i < a->srpolicy.n_paths; i++)
		same = same_texts(a->bound[i].link_keys, a->bound[i].n_links, b->bound[i].link_keys,
				  b->bound[i].n_links);
	return same;
}

/* Prints a record and reads it back into *got. */
static void
there_and_back(unsigned seed, const struct service_record *record, struct arena *arena,
	       struct service_record *got)
{
	struct pce_error err = { 0 };
	struct text json = { 0 };

	ck_ok(codec_record_print(codec, record, &json, &err), err);
	ck_ok(codec_record_parse(codec, record->kind, record->key, text_get(&json), json.len, arena,
				 got, &err),
	      err);
	ck_assert_str_eq(got->key, record->key);
	text_free(&json);
}

START_TEST(records_to_text_and_back_are_the_same)
{
	for (unsigned seed = 0; seed < suite_seeds(); seed++) {
		struct arena arena = { 0 };
		struct random r = { seed, &arena, 1 };
		struct policy_record policy = random_record(&r);
		struct intent intent = random_intent(&r);
		struct transaction_record t = { .id = random_number(&r, UINT64_MAX),
						.device = random_name(&r),
						.decided = random_bool(&r) };
		struct service_record got = { 0 };

		t.persist_id = random_bool(&r) ? random_name(&r) : NULL;
		if (random_bool(&r))
			t.policy_ids = random_names(&r, &t.n_policy_ids);
		there_and_back(seed,
			       &(struct service_record){
				   .kind = RECORD_POLICY, .key = policy.id, .policy = &policy },
			       &arena, &got);
		ck_assert_msg(same_record(&policy, got.policy), "seed %u", seed);
		there_and_back(seed,
			       &(struct service_record){ .kind = RECORD_INTENT,
							 .key = intent.id,
							 .intent = &intent,
							 .revision = UINT64_MAX - seed },
			       &arena, &got);
		ck_assert_msg(same_intent(&intent, got.intent), "seed %u", seed);
		ck_assert_uint_eq(got.revision, UINT64_MAX - seed);
		there_and_back(seed,
			       &(struct service_record){
				   .kind = RECORD_TRANSACTION, .key = "7", .transaction = &t },
			       &arena, &got);
		ck_assert_uint_eq(got.transaction->id, t.id);
		ck_assert(same_text(got.transaction->device, t.device));
		ck_assert(same_text(got.transaction->persist_id, t.persist_id));
		ck_assert_int_eq(got.transaction->decided, t.decided);
		ck_assert(same_texts(got.transaction->policy_ids, got.transaction->n_policy_ids,
				     t.policy_ids, t.n_policy_ids));
		there_and_back(seed,
			       &(struct service_record){
				   .kind = RECORD_META, .key = "next-id", .next_id = seed + 1 },
			       &arena, &got);
		ck_assert_uint_eq(got.next_id, seed + 1);
		arena_free(&arena);
	}
}
END_TEST

START_TEST(record_of_another_version_or_kind_is_refused)
{
	static const char future[] = "{\"karst-record:meta\":{\"version\":2,\"next-id\":\"1\"}}";
	static const char meta[] = "{\"karst-record:meta\":{\"version\":1,\"next-id\":\"1\"}}";
	struct arena arena = { 0 };
	struct service_record got;
	struct pce_error err = { 0 };

	ck_assert_int_eq(codec_record_parse(codec, RECORD_META, "next-id", future, strlen(future),
					    &arena, &got, &err),
			 PCE_UNSUPPORTED);
	ck_assert_ptr_nonnull(strstr(err.text, "version 2"));
	ck_assert_int_eq(
	    codec_record_parse(codec, RECORD_POLICY, "p", meta, strlen(meta), &arena, &got, &err),
	    PCE_MALFORMED);
	ck_assert_int_eq(codec_record_parse(codec, RECORD_POLICY, "p", "{", 1, &arena, &got, &err),
			 PCE_MALFORMED);
	arena_free(&arena);
}
END_TEST

/* --- Configuration --- */

#define CONFIG                                                                                     \
	"karstd:\n  state-folder: state\n  topology-file: [net.yaml, /abs.yaml]\n"                 \
	"  bgp:\n    asn: 65000\n    router-id: 192.0.2.1\n    listen: ['127.0.0.1']\n"            \
	"    listen-port: 1790\n    peer:\n    - {name: rr1, address: 127.0.0.2, asn: 65001, "     \
	"passive: true}\n"                                                                         \
	"  device:\n  - name: r1\n    address: 127.0.0.1\n    port: 8300\n    username: karst\n"   \
	"    private-key-file: id\n"                                                               \
	"    host-key-sha256: 'SHA256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU'\n"              \
	"  affinity: [{name: gold, bit: 40}]\n"                                                    \
	"  policy: {tie-break: [te, hops]}\n"

START_TEST(config_file_is_read_with_defaults)
{
	struct arena arena = { 0 };
	struct karst_config c;
	struct pce_error err = { 0 };
	unsigned seed = 0;

	ck_ok(codec_config_parse(codec, CONFIG, strlen(CONFIG), "/etc/karst", &arena, &c, &err),
	      err);
	ck_assert_str_eq(c.state_dir, "/etc/karst/state");
	ck_assert_uint_eq(c.n_topology_files, 2);
	ck_assert_str_eq(c.topology_files[0], "/etc/karst/net.yaml");
	ck_assert_str_eq(c.topology_files[1], "/abs.yaml");
	ck_assert_uint_eq(c.bgp.listen_port, 1790);
	ck_assert_uint_eq(c.bgp.peers[0].hold_time_s, 90);
	ck_assert_uint_eq(c.bgp.peers[0].stale_time_s, 300);
	ck_assert(c.bgp.peers[0].passive);
	ck_assert_str_eq(c.devices[0].node, "r1");
	ck_assert_str_eq(c.devices[0].driver, "netconf");
	ck_assert_str_eq(c.devices[0].private_key_file, "/etc/karst/id");
	ck_assert_ptr_null(c.devices[0].profile);
	ck_assert_uint_eq(c.affinities[0].bit, 40);
	ck_assert_uint_eq(c.n_ties, 2);
	ck_assert_uint_eq(c.ties[0], PATH_TIE_TE);
	ck_assert_uint_eq(c.ties[1], PATH_TIE_HOPS);
	ck_assert_uint_eq(c.color_min, 10000);
	ck_assert_str_eq(c.name_prefix, "karst-");
	ck_assert(c.api.tls && c.api.auth);
	ck_assert_uint_eq(c.api.port, 8443);
	ck_assert_uint_eq(c.confirm_timeout_s, 60);
	arena_free(&arena);
}
END_TEST

static bool
same_config(const struct karst_config *a, const struct karst_config *b)
{
	bool same =
	    same_text(a->state_dir, b->state_dir) && same_text(a->trace_file, b->trace_file) &&
	    same_texts(a->topology_files, a->n_topology_files, b->topology_files,
		       b->n_topology_files) &&
	    a->bgp.asn == b->bgp.asn && ip_compare(&a->bgp.router_id, &b->bgp.router_id) == 0 &&
	    a->bgp.n_listen == b->bgp.n_listen && a->bgp.listen_port == b->bgp.listen_port &&
	    a->bgp.strict_order == b->bgp.strict_order && a->bgp.n_peers == b->bgp.n_peers &&
	    a->n_profiles == b->n_profiles && a->n_devices == b->n_devices &&
	    a->n_affinities == b->n_affinities && ip_compare(&a->api.listen, &b->api.listen) == 0 &&
	    a->api.port == b->api.port && a->api.tls == b->api.tls && a->api.auth == b->api.auth &&
	    same_text(a->api.certificate_file, b->api.certificate_file) &&
	    same_text(a->api.key_file, b->api.key_file) && a->color_min == b->color_min &&
	    a->color_max == b->color_max && same_text(a->name_prefix, b->name_prefix) &&
	    a->strict_msd == b->strict_msd && a->confirm_timeout_s == b->confirm_timeout_s &&
	    a->rpc_timeout_s == b->rpc_timeout_s &&
	    a->readback_interval_s == b->readback_interval_s &&
	    a->max_connects == b->max_connects && a->n_ties == b->n_ties &&
	    memcmp(a->ties, b->ties, a->n_ties) == 0;

	for (size_t i = 0; same && i < a->bgp.n_listen; i++)
		same = ip_compare(&a->bgp.listen[i], &b->bgp.listen[i]) == 0;
	for (size_t i = 0; same && i < a->bgp.n_peers; i++) {
		const struct config_bgp_peer *x = &a->bgp.peers[i], *y = &b->bgp.peers[i];

		same = same_text(x->name, y->name) && ip_compare(&x->address, &y->address) == 0 &&
		       x->port == y->port && ip_compare(&x->local, &y->local) == 0 &&
		       x->asn == y->asn && x->passive == y->passive &&
		       x->hold_time_s == y->hold_time_s && x->stale_time_s == y->stale_time_s;
	}
	for (size_t i = 0; same && i < a->n_profiles; i++) {
		const struct config_profile *x = &a->profiles[i], *y = &b->profiles[i];

		same = same_text(x->name, y->name) && x->msd == y->msd &&
		       x->no_validate == y->no_validate &&
		       x->discard_on_error == y->discard_on_error &&
		       x->no_confirmed_commit == y->no_confirmed_commit &&
		       x->no_running_lock == y->no_running_lock && x->batch == y->batch;
	}
	for (size_t i = 0; same && i < a->n_devices; i++) {
		const struct config_device *x = &a->devices[i], *y = &b->devices[i];

		same = same_text(x->name, y->name) && same_text(x->node, y->node) &&
		       same_text(x->driver, y->driver) && same_text(x->profile, y->profile) &&
		       same_text(x->address, y->address) && x->port == y->port &&
		       same_text(x->username, y->username) &&
		       same_text(x->private_key_file, y->private_key_file) &&
		       same_text(x->host_key_sha256, y->host_key_sha256) &&
		       same_text(x->known_hosts_file, y->known_hosts_file);
	}
	for (size_t i = 0; same && i < a->n_affinities; i++)
		same = same_text(a->affinities[i].name, b->affinities[i].name) &&
		       a->affinities[i].bit == b->affinities[i].bit;
	return same;
}

static struct config_bgp
random_bgp(struct random *r)
{
	struct config_bgp bgp = { .asn = 1 + (uint32_t)random_number(r, 4294967200u),
				  .router_id = random_addr(r, IP_V4),
				  .listen_port = (uint16_t)random_number(r, 65535),
				  .strict_order = random_bool(r),
				  .n_listen = 1,
				  .n_peers = suite_below(&r->state, 4) };
	struct ip_addr *listen = arena_alloc(r->arena, sizeof(*listen));
	struct config_bgp_peer *peers = arena_alloc(r->arena, 4 * sizeof(*peers));

	*listen = random_addr(r, IP_V6);
	bgp.listen = listen;
	bgp.peers = peers;
	for (size_t i = 0; i < bgp.n_peers; i++) {
		peers[i] = (struct config_bgp_peer){ .name = random_name(r),
						     .address = random_addr(r, IP_V6),
						     .port = (uint16_t)random_number(r, 65535),
						     .asn = 1 + (uint32_t)random_number(r, 70000),
						     .passive = random_bool(r),
						     .hold_time_s = 3 + suite_below(&r->state, 999),
						     .stale_time_s = suite_below(&r->state, 999) };
		if (random_bool(r))
			peers[i].local = random_addr(r, IP_V6);
	}
	return bgp;
}

static struct karst_config
random_config(struct random *r)
{
	static const uint8_t loopback[4] = { 127, 0, 0, 3 };
	struct karst_config c = { .state_dir = random_name(r),
				  .color_min = 5,
				  .name_prefix = "k-",
				  .color_max = 5 + (uint32_t)random_number(r, 4294967290u),
				  .strict_msd = random_bool(r),
				  .confirm_timeout_s = 5,
				  .rpc_timeout_s = 1 + suite_below(&r->state, 600),
				  .readback_interval_s = suite_below(&r->state, 86400),
				  .max_connects = 1 + suite_below(&r->state, 256),
				  .ties = { PATH_TIE_HOPS, PATH_TIE_IGP, PATH_TIE_TE,
					    PATH_TIE_DELAY },
				  .n_ties = (uint8_t)(1 + suite_below(&r->state, 4)) };
	struct config_profile *profiles = arena_alloc(r->arena, 4 * sizeof(*profiles));
	struct config_device *devices = arena_alloc(r->arena, 4 * sizeof(*devices));
	struct config_affinity *affinities = arena_alloc(r->arena, 4 * sizeof(*affinities));

	c.trace_file = random_bool(r) ? random_name(r) : NULL;
	c.topology_files = random_names(r, &c.n_topology_files);
	if (random_bool(r))
		c.bgp = random_bgp(r);
	else
		c.bgp.listen_port = 179;
	c.api = (struct config_api){ ip_v4(loopback),
				     (uint16_t)random_number(r, 65535),
				     random_bool(r),
				     random_bool(r),
				     NULL,
				     NULL };
	if (random_bool(r)) {
		c.api.certificate_file = random_name(r);
		c.api.key_file = random_name(r);
	}
	c.n_profiles = suite_below(&r->state, 4);
	c.n_devices = suite_below(&r->state, 4);
	c.n_affinities = suite_below(&r->state, 4);
	for (size_t i = 0; i < 3; i++) {
		profiles[i] = (struct config_profile){ .name = random_name(r),
						       .msd = 1 + suite_below(&r->state, 255),
						       .no_validate = random_bool(r),
						       .discard_on_error = random_bool(r),
						       .no_confirmed_commit = random_bool(r),
						       .no_running_lock = random_bool(r),
						       .batch = 1 + suite_below(&r->state, 10000) };
		devices[i] =
		    (struct config_device){ .name = random_name(r),
					    .node = random_name(r),
					    .driver = "netconf",
					    .profile = random_bool(r) ? random_name(r) : NULL,
					    .address = "2001:db8::7",
					    .port = (uint16_t)random_number(r, 65535),
					    .username = random_name(r),
					    .private_key_file = random_name(r),
					    .known_hosts_file = random_name(r) };
		affinities[i] = (struct config_affinity){ random_name(r), 10 * (uint32_t)i };
	}
	c.profiles = profiles;
	c.devices = devices;
	c.affinities = affinities;
	return c;
}

START_TEST(configs_to_text_and_back_are_the_same)
{
	for (unsigned seed = 0; seed < suite_seeds(); seed++) {
		struct arena arena = { 0 };
		struct random r = { seed, &arena, 1 };
		struct karst_config config = random_config(&r), got;
		struct pce_error err = { 0 };
		struct text json = { 0 };

		ck_ok(codec_config_print(codec, &config, &json, &err), err);
		ck_ok(
		    codec_config_parse(codec, text_get(&json), json.len, NULL, &arena, &got, &err),
		    err);
		ck_assert_msg(same_config(&config, &got), "seed %u: %s", seed, text_get(&json));
		text_free(&json);
		arena_free(&arena);
	}
}
END_TEST

static const struct {
	const char *text, *words;
	unsigned line;
} config_faults[] = {
	{ "karstd: {}\n", "state-folder is missing", 1 },
	{ "karstd:\n  state-folder: s\n  api:\n    address: 192.0.2.1\n    tls: false\n",
	  "loopback", 4 },
	{ "karstd:\n  state-folder: s\n  api:\n    key-file: x\n", "come together", 3 },
	{ "karstd:\n  state-folder: s\n  policy:\n    color-low: 9\n    color-high: 8\n",
	  "color-high is below color-low", 5 },
	{ "karstd:\n  state-folder: s\n  device:\n  - name: r1\n    address: 127.0.0.1\n    "
	  "username: u\n    private-key-file: k\n",
	  "known-hosts-file", 4 },
	{ "karstd:\n  state-folder: s\n  bgp: {asn: 1, router-id: 192.0.2.1,\n   peer: [{name: a, "
	  "address: '::1', asn: 2, passive: true}]}\n",
	  "passive", 4 },
	{ "karstd:\n  state-folder: s\n  bgp:\n    asn: 0\n", "0", 4 },
};

START_TEST(config_bad_file_is_one_sentence_with_line)
{
	struct arena arena = { 0 };
	struct karst_config got;
	struct pce_error err = { 0 };

	ck_assert_int_ne(codec_config_parse(codec, config_faults[_i].text,
					    strlen(config_faults[_i].text), NULL, &arena, &got,
					    &err),
			 PCE_OK);
	ck_assert_msg(strstr(err.text, config_faults[_i].words) != NULL, "fault %d says: %s", _i,
		      err.text);
	ck_assert_msg(err.line == config_faults[_i].line, "fault %d is on line %u: %s", _i,
		      err.line, err.text);
	arena_free(&arena);
}
END_TEST

/* --- Requests, answers, events --- */

START_TEST(path_requests_to_text_and_back_are_the_same)
{
	for (unsigned seed = 0; seed < suite_seeds(); seed++) {
		struct arena arena = { 0 };
		struct random r = { seed, &arena, 1 };
		struct codec_path_request request = { .demand = random_intent(&r) }, got;
		struct intent *d = &request.demand;
		struct pce_error err = { 0 };
		struct text json = { 0 }, yaml = { 0 };

		request.k = 1 + suite_below(&r.state, 9);
		request.diverse = random_bool(&r);
		request.explain = random_bool(&r);
		request.budget_labels = random_number(&r, UINT64_MAX);
		request.budget_bytes = random_number(&r, UINT64_MAX);
		d->id = d->description = NULL; /* an intent's alone */
		d->bidirectional = d->keep_if_unplaced = false;
		d->priority = 4;
		d->color = 0;
		d->n_prefixes = d->n_reverse_prefixes = 0;
		d->service_sid = d->reverse_service_sid = (struct ip_addr){ 0 };
		ck_ok(codec_path_request_print(codec, &request, &json, &err), err);
		text_printf(&yaml, "%s%s", random_bool(&r) ? "---\n" : "", text_get(&json));
		ck_ok(
		    codec_path_request_parse(codec, text_get(&yaml), yaml.len, &arena, &got, &err),
		    err);
		ck_assert_msg(same_intent(d, &got.demand), "seed %u: %s", seed, text_get(&json));
		ck_assert_uint_eq(got.k, request.k);
		ck_assert_int_eq(got.diverse, request.diverse);
		ck_assert_int_eq(got.explain, request.explain);
		ck_assert_uint_eq(got.budget_labels, request.budget_labels);
		ck_assert_uint_eq(got.budget_bytes, request.budget_bytes);
		text_free(&json);
		text_free(&yaml);
		arena_free(&arena);
	}
}
END_TEST

static const char *
row_name(const void *ctx, uint32_t row)
{
	static const char *const names[] = { "A", "B", "C" };

	(void)ctx;
	return names[row];
}

static const char *
row_link(const void *ctx, uint32_t row)
{
	(void)ctx;
	return row ? "b-c" : "a-b";
}

static uint32_t
row_from(const void *ctx, uint32_t row)
{
	(void)ctx;
	return row;
}

static uint32_t
row_to(const void *ctx, uint32_t row)
{
	(void)ctx;
	return row + 1;
}

START_TEST(path_answer_has_the_promised_shape)
{
	uint32_t links[] = { 0, 1 };
	struct path_route route = { .links = links,
				    .n_links = 2,
				    .igp_metric = 30,
				    .te_metric = 31,
				    .delay_us = 32,
				    .residual_bps = 5000000000ULL,
				    .unavailability_ppt = 50000000,
				    .exact = true,
				    .why = NULL };
	struct segment segments[] = {
		{ .sid = { 0xfc, [15] = 2 }, .node = 1, .kind = SEGMENT_END },
		{ .sid = { 0xfc, [15] = 3 }, .node = 1, .link = 1, .kind = SEGMENT_END_X }
	};
	struct segment_list list = { segments, 2, 1 };
	const struct segment_list *lists[] = { &list };
	struct path_relaxed relaxed = { (char[]){ "disjoint" }, (char[]){ "srlg" },
					(char[]){ "link" } };
	struct path_answer answer = {
		.routes = &route, .n_routes = 1, .relaxed = &relaxed, .n_relaxed = 1
	};
	struct codec_path_answer print = {
		&answer, lists, false, { row_name, row_link, row_from, row_to, NULL }
	};
	struct pce_error err = { 0 };
	struct text json = { 0 };
	unsigned seed = 0;

	ck_ok(codec_path_answer_print(codec, &print, &json, &err), err);
	ck_assert_str_eq(
	    text_get(&json),
	    "{\"karst-path:output\":{\"path\":[{\"node\":[\"A\",\"B\",\"C\"],\"link\":[\"a-b\","
	    "\"b-c\"],\"igp-metric\":\"30\",\"te-metric\":\"31\",\"delay-us\":\"32\",\"hops\":2,"
	    "\"residual-bps\":\"5000000000\",\"availability\":\"0.99995\",\"segment\":[{\"sid\":"
	    "\"fc00::2\",\"behavior\":\"End\",\"node\":\"B\"},{\"sid\":\"fc00::3\",\"behavior\":"
	    "\"End.X\",\"node\":\"B\",\"link\":\"b-c\"}],\"exact\":true}],\"relaxed\":[{"
	    "\"constraint\":\"disjoint\",\"asked\":\"srlg\",\"got\":\"link\"}]}}");
	text_clear(&json);
	route.exact = false;
	route.has_bound = true;
	route.bound = 77;
	route.why = (char[]){ "the budget is spent" };
	answer.n_relaxed = 0;
	print.lists = NULL;
	ck_ok(codec_path_answer_print(codec, &print, &json, &err), err);
	ck_assert_ptr_nonnull(strstr(text_get(&json), "\"exact\":false,\"bound\":\"77\","
						      "\"why\":\"the budget is spent\""));
	ck_assert_ptr_null(strstr(text_get(&json), "relaxed"));
	ck_assert_ptr_null(strstr(text_get(&json), "segment"));
	text_free(&json);
}
END_TEST

/* Every reason has a name in YANG, so that no answer fails to print. */
START_TEST(path_reasons_and_states_are_all_in_the_schema)
{
	struct pce_error err = { 0 };
	struct text json = { 0 };
	unsigned seed = 0;

	for (int reason = PATH_REASON_NONE + 1; reason < PATH_REASON_COUNT; reason++) {
		struct path_answer answer = { .no_path = { .reason = (enum path_reason)reason,
							   .text = (char[]){ "why" } } };
		struct codec_path_answer print = { .answer = &answer };
		char wanted[64] = "\"reason\":\"conflict\"";

		text_clear(&json);
		ck_ok(codec_path_answer_print(codec, &print, &json, &err), err);
		ck_assert_ptr_nonnull(strstr(text_get(&json),
					     "{\"karst-path:output\":{\"no-path\":{"
					     "\"reason\":\""));
		ck_assert(reason == PATH_REASON_CONFLICT || !strstr(text_get(&json), wanted));
	}
	for (int state = POLICY_PENDING; state <= POLICY_REMOVING; state++) {
		struct codec_policy policy = { .id = "a", .state = (enum policy_state)state };

		ck_ok(codec_policy_print(codec, &policy, &json, &err), err);
	}
	text_free(&json);
}
END_TEST

START_TEST(whatif_answer_always_has_its_three_lists)
{
	const char *const nodes[] = { "A", "B", "A" }; /* may repeat */
	const char *const links[] = { "x" };
	struct codec_moved moved = { .intent = "v",
				     .from = "A",
				     .to = "B",
				     .before = { nodes, links, 3, 1, 5 },
				     .after = { nodes, links, 2, 1, 6 } };
	struct codec_lost lost = { "w", "A", "B", PATH_REASON_BANDWIDTH, "too full" };
	struct codec_fuller fuller = { "x", 1000, 100, 901 };
	struct codec_whatif_answer answer = { &moved, 1, NULL, 0, NULL, 0 };
	struct pce_error err = { 0 };
	struct text json = { 0 };
	unsigned seed = 0;

	ck_ok(codec_whatif_print(codec, &answer, false, &json, &err), err);
	ck_assert_ptr_nonnull(strstr(text_get(&json), "{\"karst-path:whatif\":{\"moved\":[{"
						      "\"intent\":\"v\""));
	ck_assert_ptr_nonnull(strstr(text_get(&json), ",\"lost\":[],\"fuller\":[]}}"));
	text_clear(&json);
	answer = (struct codec_whatif_answer){ NULL, 0, &lost, 1, &fuller, 1 };
	ck_ok(codec_whatif_print(codec, &answer, true, &json, &err), err);
	ck_assert_ptr_nonnull(strstr(text_get(&json), "{\"karst-path:output\":{\"lost\":[{"));
	ck_assert_ptr_nonnull(strstr(text_get(&json), "\"load-ppm\":\"901000\""));
	ck_assert_ptr_nonnull(strstr(text_get(&json), ",\"moved\":[]}}"));
	text_free(&json);
}
END_TEST

START_TEST(notices_are_printed_as_restconf_notifications)
{
	const char *const before[] = { "a-b" }, *const after[] = { "a-c", "c-b" };
	struct alarm alarm = { "device/r1", "unreachable", ALARM_MAJOR, "r1 is away", "look",
			       0,           false,         false };
	struct service_notice notice = { .kind = NOTICE_POLICY,
					 .number = 9,
					 .wall_us = 1500000,
					 .object = "v~",
					 .state = "active",
					 .before = before,
					 .n_before = 1,
					 .after = after,
					 .n_after = 2,
					 .stages = { { 100 }, { 150 }, { 0 }, { 400 }, { 900 } },
					 .alarm = &alarm };
	struct pce_error err = { 0 };
	struct text json = { 0 };
	unsigned seed = 0;

	ck_ok(codec_notice_print(codec, &notice, &json, &err), err);
	ck_assert_str_eq(
	    text_get(&json),
	    "{\"ietf-restconf:notification\":{\"eventTime\":\"1970-01-01T00:00:01.500000Z\","
	    "\"karst-events:policy-change\":{\"number\":\"9\",\"policy\":\"v~\",\"state\":"
	    "\"active\",\"link-before\":[\"a-b\"],\"link-after\":[\"a-c\",\"c-b\"],\"stage\":{"
	    "\"computed-us\":\"50\",\"prepared-us\":\"300\",\"confirmed-us\":\"800\"}}}}");
	for (int kind = NOTICE_TOPOLOGY; kind <= NOTICE_ALARM; kind++) {
		notice.kind = (enum service_notice_kind)kind;
		ck_ok(codec_notice_print(codec, &notice, &json, &err), err);
	}
	text_free(&json);
}
END_TEST

START_TEST(status_is_printed)
{
	struct srpolicy foreign = { .color = 7,
				    .endpoint = random_addr(&(struct random){ .state = 1 }, 4),
				    .name = "theirs" };
	struct alarm alarm = { "store", "disk-full", ALARM_CRITICAL, "t", "a", 1, false, true };
	struct codec_feed feed = { "rr1", true, true, NULL, 5, 6 };
	struct codec_device_status device = { "r1",   NULL, false, false,    false,
					      "away", 1,    2,     &foreign, 1 };
	struct codec_status status = { .version = "0.1",
				       .mode = "act",
				       .feeds = &feed,
				       .n_feeds = 1,
				       .devices = &device,
				       .n_devices = 1,
				       .alarms = &alarm,
				       .n_alarms = 1 };
	struct pce_error err = { 0 };
	struct text json = { 0 };
	unsigned seed = 0;

	ck_ok(codec_status_print(codec, &status, &json, &err), err);
	ck_assert_ptr_nonnull(strstr(text_get(&json), "\"severity\":\"critical\""));
	ck_assert_ptr_nonnull(strstr(text_get(&json), "\"name\":\"theirs\""));
	text_free(&json);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("codec");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, intents_to_text_and_back_are_the_same);
	tcase_add_test(tc, intent_state_is_printed);
	tcase_add_loop_test(tc, intent_bad_text_is_one_sentence_with_path_and_line, 0,
			    sizeof(intent_faults) / sizeof(intent_faults[0]));
	tcase_add_test(tc, device_policies_to_xml_and_back_are_the_same);
	tcase_add_test(tc, device_answer_of_a_router_is_read_in_canonical_order);
	tcase_add_test(tc, device_nonsense_is_malformed);
	tcase_add_test(tc, device_edit_marks_each_policy);
	tcase_add_test(tc, records_to_text_and_back_are_the_same);
	tcase_add_test(tc, record_of_another_version_or_kind_is_refused);
	tcase_add_test(tc, config_file_is_read_with_defaults);
	tcase_add_test(tc, configs_to_text_and_back_are_the_same);
	tcase_add_loop_test(tc, config_bad_file_is_one_sentence_with_line, 0,
			    sizeof(config_faults) / sizeof(config_faults[0]));
	tcase_add_test(tc, path_requests_to_text_and_back_are_the_same);
	tcase_add_test(tc, path_answer_has_the_promised_shape);
	tcase_add_test(tc, path_reasons_and_states_are_all_in_the_schema);
	tcase_add_test(tc, whatif_answer_always_has_its_three_lists);
	tcase_add_test(tc, notices_are_printed_as_restconf_notifications);
	tcase_add_test(tc, status_is_printed);
	return suite_run("models/codec", tc, 120);
}
