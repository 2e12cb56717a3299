/* Intents, policies and records: structs to text and back. */
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "models/codec/device.h"
#include "models/codec/intent.h"
#include "models/codec/record.h"
#include "tests/models/codec_fixture.h"
#include "tests/models/random_intent.h"

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
	struct policy_bound *bound;

	p.srpolicy = random_policy(r);
	bound = arena_alloc(r->arena, (srpolicy_n_lists(&p.srpolicy) + 1) * sizeof(*bound));
	for (size_t i = 0; i < srpolicy_n_lists(&p.srpolicy); i++) {
		bound[i].bps = random_bool(r) ? p.booked_bps : random_number(r, UINT64_MAX);
		if (random_bool(r))
			bound[i].link_keys = random_names(r, &bound[i].n_links);
		if (random_bool(r))
			bound[i].branch_keys = random_names(r, &bound[i].n_branches);
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
	for (size_t i = 0; same && i < srpolicy_n_lists(&a->srpolicy); i++)
		same = a->bound[i].bps == b->bound[i].bps &&
		       same_texts(a->bound[i].link_keys, a->bound[i].n_links, b->bound[i].link_keys,
				  b->bound[i].n_links) &&
		       same_texts(a->bound[i].branch_keys, a->bound[i].n_branches,
				  b->bound[i].branch_keys, b->bound[i].n_branches);
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

static struct move_record
random_move(struct random *r)
{
	struct move_record m = { .policy_id = random_name(r) };
	struct move_path *paths = arena_alloc(r->arena, 3 * sizeof(*paths));
	int64_t *stages[] = { &m.move.stages.detected_us, &m.move.stages.computed_us,
			      &m.move.stages.stored_us,   &m.move.stages.sent_us,
			      &m.move.stages.prepared_us, &m.move.stages.confirmed_us };

	m.move.number = random_number(r, UINT64_MAX);
	m.move.wall_us = (int64_t)random_number(r, 4000000000000000);
	m.move.kind = (enum move_kind)suite_below(&r->state, MOVE_KIND_COUNT);
	m.move.cause = random_bool(r) ? random_name(r) : NULL;
	m.move.text = random_bool(r) ? random_name(r) : NULL;
	if (random_bool(r))
		m.move.before = random_names(r, &m.move.n_before);
	m.move.n_paths = suite_below(&r->state, 3);
	for (uint32_t i = 0; i < m.move.n_paths; i++) {
		paths[i].preference = 200 - i / 2;
		paths[i].list = i % 2 + 1;
		paths[i].links = random_names(r, &paths[i].n_links);
	}
	m.move.paths = paths;
	if (random_bool(r))
		m.move.gain =
		    (struct move_gain){ "delay-us", random_number(r, UINT64_MAX),
					random_number(r, UINT64_MAX),
					random_bool(r) ? UINT32_MAX : suite_below(&r->state, 900) };
	for (size_t i = 0; i < 6; i++)
		*stages[i] = random_bool(r) ? -1 : (int64_t)suite_below(&r->state, 1000000);
	return m;
}

static bool
same_move(const struct move_record *x, const struct move_record *y)
{
	const struct policy_move *a = &x->move, *b = &y->move;
	bool same = same_text(x->policy_id, y->policy_id) && a->number == b->number &&
		    a->wall_us == b->wall_us && a->kind == b->kind &&
		    same_text(a->cause, b->cause) && same_text(a->text, b->text) &&
		    same_texts(a->before, a->n_before, b->before, b->n_before) &&
		    a->n_paths == b->n_paths && same_text(a->gain.measure, b->gain.measure) &&
		    a->gain.before == b->gain.before && a->gain.after == b->gain.after &&
		    a->gain.percent == b->gain.percent &&
		    memcmp(&a->stages, &b->stages, sizeof(a->stages)) == 0;

	for (size_t i = 0; same && i < a->n_paths; i++)
		same = a->paths[i].preference == b->paths[i].preference &&
		       a->paths[i].list == b->paths[i].list &&
		       same_texts(a->paths[i].links, a->paths[i].n_links, b->paths[i].links,
				  b->paths[i].n_links);
	return same;
}

START_TEST(moves_to_text_and_back_are_the_same)
{
	for (unsigned seed = 0; seed < suite_seeds(); seed++) {
		struct arena arena = { 0 };
		struct random r = { seed, &arena, 1 };
		const struct move_record move = random_move(&r);
		struct service_record record = { .kind = RECORD_MOVE, .key = "a/1", .move = &move };
		struct service_record got = { 0 };

		there_and_back(seed, &record, &arena, &got);
		ck_assert_msg(got.move && same_move(got.move, &move), "seed %u", seed);
		arena_free(&arena);
	}
}
END_TEST

/* Changes of every kind, each of another color. */
static void
random_changes(struct random *r, struct transaction_record *t)
{
	struct deploy_change *changes = arena_alloc(r->arena, 3 * sizeof(*changes));

	t->changes = changes;
	for (size_t i = random_number(r, 3); i > 0; i--) {
		struct deploy_change *c = &changes[t->n_changes++];
		struct policy_record one = random_record(r), other = random_record(r);

		one.srpolicy.color = other.srpolicy.color = (uint32_t)i;
		other.srpolicy.endpoint = one.srpolicy.endpoint;
		c->action = (enum deploy_action)random_number(r, 2);
		c->policy = arena_copy(r->arena, &one.srpolicy, sizeof(one.srpolicy));
		if (random_bool(r))
			c->before = arena_copy(r->arena, &other.srpolicy, sizeof(other.srpolicy));
	}
}

static bool
same_change(const struct deploy_change *a, const struct deploy_change *b)
{
	if (a->action != b->action || a->policy->color != b->policy->color ||
	    ip_compare(&a->policy->endpoint, &b->policy->endpoint) != 0 || !a->before != !b->before)
		return false;
	return (a->action == DEPLOY_REMOVE || same_policy(a->policy, b->policy)) &&
	       (!a->before || same_policy(a->before, b->before));
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
		t.group = random_bool(&r) ? random_number(&r, UINT64_MAX) : 0;
		random_changes(&r, &t);
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
		ck_assert_uint_eq(got.transaction->group, t.group);
		ck_assert_uint_eq(got.transaction->n_changes, t.n_changes);
		for (size_t i = 0; i < t.n_changes; i++)
			ck_assert_msg(same_change(&got.transaction->changes[i], &t.changes[i]),
				      "seed %u, change %zu", seed, i);
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

/* One codec, two threads: each gets what a single one gets. */
static void *
print_and_parse(void *arg)
{
	const char *wanted = arg;
	size_t equal = 0;

	for (int i = 0; i < 200; i++) {
		struct arena arena = { 0 };
		struct text json = { 0 };
		struct pce_error err = { 0 };
		const struct intent *const *got;
		size_t n;

		if (codec_intent_parse(codec, wanted, strlen(wanted), &arena, &got, &n, &err) ==
			PCE_OK &&
		    codec_intents_print(codec, got, NULL, n, &json, &err) == PCE_OK)
			equal += strcmp(text_get(&json), wanted) == 0;
		if (codec_intent_parse(codec, "intents: 5", 10, &arena, &got, &n, &err) != PCE_OK)
			equal += strstr(err.text, "intents needs names") != NULL;
		text_free(&json);
		arena_free(&arena);
	}
	return (void *)(uintptr_t)equal;
}

START_TEST(codec_serves_two_threads_at_once)
{
	struct arena arena = { 0 };
	struct random r = { 3, &arena, 1 };
	struct text wanted[2] = { { 0 }, { 0 } };
	struct pce_error err = { 0 };
	pthread_t threads[2];
	unsigned seed = 0;

	for (size_t i = 0; i < 2; i++) {
		struct intent intent = random_intent(&r);
		const struct intent *one = &intent;

		ck_ok(codec_intents_print(codec, &one, NULL, 1, &wanted[i], &err), err);
		ck_assert_int_eq(pthread_create(&threads[i], NULL, print_and_parse, wanted[i].at),
				 0);
	}
	for (size_t i = 0; i < 2; i++) {
		void *equal;

		ck_assert_int_eq(pthread_join(threads[i], &equal), 0);
		ck_assert_uint_eq((uintptr_t)equal, 400);
		text_free(&wanted[i]);
	}
	arena_free(&arena);
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
	tcase_add_test(tc, moves_to_text_and_back_are_the_same);
	tcase_add_test(tc, records_to_text_and_back_are_the_same);
	tcase_add_test(tc, record_of_another_version_or_kind_is_refused);
	tcase_add_test(tc, codec_serves_two_threads_at_once);
	return suite_run("models/codec", tc, 120);
}
