/*
 * From an intent to a record of a policy, with each allocation made to fail in turn: the call that
 * failed says so, nothing leaks, what was booked is as before, and the same again gives the same
 * record.
 */
#include <stdio.h>
#include <string.h>

#include "pce/policy/affected.h"
#include "pce/policy/build.h"
#include "pce/policy/differ.h"
#include "pce/policy/ledger.h"
#include "pce/policy/place.h"
#include "pce/policy/request.h"
#include "pce/policy/stray.h"
#include "tests/segment/feed.h"
#include "tests/support/failing.h"
#include "tests/support/suite.h"

/* A network, and what one seed asks of it. */
struct scene {
	struct ted *ted;
	struct intent intent;
	char from[64], to[64];
};

static void
draw(struct scene *s, uint64_t seed)
{
	uint64_t random = seed + 9000000;
	uint32_t n, from;

	random_feed(&random);
	enrich_feed(&random, seed & 1, 20);
	s->ted = ted_of_feed(seed, NULL);
	n = (uint32_t)ted_node_count(s->ted);
	from = suite_below(&random, n);
	snprintf(s->from, sizeof(s->from), "%s", ted_node_at(s->ted, from)->name);
	snprintf(s->to, sizeof(s->to), "%s",
		 ted_node_at(s->ted, (from + 1 + suite_below(&random, n - 1)) % n)->name);
	s->intent = intent_init();
	s->intent.id = "i";
	s->intent.from = s->from;
	s->intent.to = s->to;
	s->intent.bandwidth_bps = seed % 3 ? 10 : 0;
	s->intent.loose = seed & 2;
	s->intent.disjoint = seed % 5 == 0 ? PATH_DISJOINT_LINK : PATH_DISJOINT_NONE;
	s->intent.objective = seed % 4 == 0 ? PATH_DELAY : PATH_IGP;
}

/* Books the links of a placement and gives them back. */
static enum pce_status
book(struct ted *ted, const struct placement *p, uint64_t bps, struct pce_error *err)
{
	struct ledger ledger = { .ted = ted };
	struct ledger_holding holding = { 0 }, want = { 0 }, nothing = { 0 };
	enum pce_status status = PCE_OK;

	for (size_t i = 0; i < p->answer.n_routes; i++)
		for (size_t k = 0; !status && k < p->answer.routes[i].n_links; k++)
			status = ledger_want(&want, p->answer.routes[i].links[k], bps, err);
	if (!status && ledger_fits(&ledger, &holding, &want, NULL))
		status = ledger_change(&ledger, &holding, &want, NULL, err);
	if (!status)
		status = ledger_change(&ledger, &holding, &nothing, NULL, err);
	else if (holding.n > 0)
		ledger_change(&ledger, &holding, &nothing, NULL, NULL);
	ledger_holding_free(&holding);
	ledger_holding_free(&want);
	return status;
}

/* Asks whether the list stands, and who may be led astray by a link. */
static enum pce_status
judge(const struct ted *ted, const struct path_request *request, const struct placement *p,
      const struct policy_record *record, struct arena *arena, struct pce_error *err)
{
	const struct srpolicy_list *list = srpolicy_list_at(&record->srpolicy, 0, NULL);
	const struct path_route *r = &p->answer.routes[0];
	const struct affected_route route = { r->links, r->n_links, 0 };
	struct affected_index index = { 0 };
	enum affected_verdict verdict;
	struct stray *stray = NULL;
	struct stray_leg *legs;
	enum pce_status status;
	size_t n_legs;
	bool known;
	char text[128];

	status = affected_add(&index, r->links[0], 3, err);
	if (!status)
		status = affected_judge(ted, request->from, list, &route, AFFECTED_REPLAY, &verdict,
					text, sizeof(text), err);
	if (!status)
		status =
		    stray_legs(ted, list, r->links, r->n_links, arena, &legs, &n_legs, &known, err);
	if (!status)
		status = stray_new(ted, r->links, 1, &stray, err);
	stray_free(stray);
	affected_free(&index);
	return status;
}

/* Made and judged; the record as text goes to *out. */
static enum pce_status
make_record(const struct scene *s, const struct path_request *request, const struct placement *p,
	    struct arena *arena, struct text *out, struct pce_error *err)
{
	struct policy_plan plan = { .intent = &s->intent,
				    .name_prefix = "k-",
				    .color = 7,
				    .headend = request->from,
				    .tailend = request->to };
	struct policy_difference *differences;
	struct policy_record *record, *copy;
	enum pce_status status;
	size_t n;

	plan.endpoint.family = IP_V6;
	status = policy_build(s->ted, &plan, p, arena, &record, err);
	if (!status && p->answer.n_routes > 0)
		status = judge(s->ted, request, p, record, arena, err);
	if (status)
		return status;
	copy = policy_record_copy(arena, record);
	if (!copy)
		return pce_no_memory(err);
	copy->srpolicy.name = "other";
	status = policy_hold(arena, copy, record, err);
	if (!status)
		status =
		    policy_differ(&record->srpolicy, &copy->srpolicy, arena, &differences, &n, err);
	if (status)
		return status;
	text_printf(out, "%s %s %zu lists, %zu held, %zu differences", record->id,
		    record->srpolicy.name, srpolicy_n_lists(&record->srpolicy), copy->n_held, n);
	for (size_t i = 0; i < srpolicy_n_lists(&record->srpolicy); i++) {
		const struct srpolicy_list *list = srpolicy_list_at(&record->srpolicy, i, NULL);

		text_add(out, " ");
		text_hex(out, list->sids, 16 * list->n_sids);
		for (size_t k = 0; k < policy_bound_count(&record->bound[i]); k++)
			text_printf(out, " %s", policy_bound_key(&record->bound[i], k));
	}
	return text_ok(out) ? PCE_OK : pce_no_memory(err);
}

/* The whole way. *out is not touched on failure but for what text_ok tells. */
static enum pce_status
go(const struct scene *s, struct text *out, struct pce_error *err)
{
	struct segment_options options = { .service_sids = 1, .loose = s->intent.loose };
	struct placer placer = { 0 };
	struct path_request request;
	struct placement p = { 0 };
	struct arena arena = { 0 };
	struct intent *copy;
	enum pce_status status;

	copy = intent_copy(&arena, &s->intent);
	status =
	    copy ? intent_request(s->ted, copy, false, &arena, &request, err) : pce_no_memory(err);
	if (!status)
		status = segment_igp_new(s->ted, &placer.igp, err);
	if (!status)
		status = path_engine_new(s->ted, &placer.engine, err);
	if (!status)
		status = place_compute(&placer, &request, &options, PLACE_PAIR_OR_SINGLE, &p, err);
	if (!status)
		status = book(s->ted, &p, s->intent.bandwidth_bps, err);
	if (!status && placement_placed(&p))
		status = make_record(s, &request, &p, &arena, out, err);
	placement_free(&p);
	path_engine_free(placer.engine);
	segment_igp_free(placer.igp);
	arena_free(&arena);
	return status;
}

/* All allocations of one scene; true if it has a path. */
static bool
try_all(const struct scene *s, unsigned seed)
{
	struct text want = { 0 }, got = { 0 };
	struct pce_error err = { 0 };
	bool placed, reached = true;

	ck_assert_msg(go(s, &want, &err) == PCE_OK, "seed %u: %s", seed, err.text);
	placed = want.len > 0;
	for (unsigned long at = 1; reached; at++) {
		long blocks = failing_live();
		enum pce_status status;

		failing_at(at);
		status = go(s, &got, &err);
		reached = failing_stop();
		/* What only makes searches faster may be lacking. */
		ck_assert_msg(status == PCE_OK || (reached && status == PCE_NO_MEMORY),
			      "seed %u, allocation %lu: %d", seed, at, (int)status);
		ck_assert_msg(status || !strcmp(text_get(&got), text_get(&want)), "%s\n%s",
			      text_get(&got), text_get(&want));
		text_free(&got);
		ck_assert_msg(failing_live() == blocks, "seed %u, allocation %lu: %ld leak", seed,
			      at, failing_live() - blocks);
	}
	for (ted_link i = 0; i < ted_link_count(s->ted); i++)
		ck_assert_uint_eq(ted_link_at(s->ted, i)->booked_bps, 0);
	text_free(&want);
	return placed;
}

START_TEST(intent_without_memory_leaves_nothing_behind)
{
	unsigned placed = 0;

	for (unsigned seed = 0; seed < suite_seeds() / 10; seed++) {
		struct scene s;

		draw(&s, seed);
		placed += try_all(&s, seed);
		ted_free(s.ted);
	}
	ck_assert_uint_gt(placed, suite_seeds() / 40);
}
END_TEST

int
main(void)
{
	TCase *t = tcase_create("memory");

	tcase_add_test(t, intent_without_memory_leaves_nothing_behind);
	return suite_run("policy memory", t, 60);
}
