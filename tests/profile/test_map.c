/* Policies through every profile: random histories of edits and Sets on a router that is libyang's,
 * and what each model can and cannot say. */
#include "tests/profile/fixture.h"

#define KEYS 9

struct model {
	struct srpolicy there[KEYS];
	bool has[KEYS];
};

static const struct srpolicy *
find(const struct profile_held *held, const struct srpolicy *key)
{
	for (size_t i = 0; i < held->n_policies; i++)
		if (srpolicy_compare(&held->policies[i], key) == 0)
			return &held->policies[i];
	return NULL;
}

/* The router holds what the model says, and others' things as they were. */
static void
expect(const struct bench *b, const struct model *m, bool json, unsigned seed)
{
	struct profile_held held = { 0 };
	struct arena arena = { 0 };
	size_t n = b->kind->n_others;

	router_read(b, json, &arena, &held);
	for (size_t k = 0; k < KEYS; k++) {
		const struct srpolicy *got;

		if (!m->has[k])
			continue;
		n++;
		got = find(&held, &m->there[k]);
		ck_assert_msg(got != NULL && srpolicy_equal(got, &m->there[k]),
			      "%s, seed %u: policy %zu is not what was asked for%s%s",
			      b->kind->modules[0], seed, k, got && got->odd ? ": " : "",
			      got && got->odd ? got->odd : "");
	}
	ck_assert_msg(held.n_policies == n, "%s, seed %u: %zu policies, not %zu",
		      b->kind->modules[0], seed, held.n_policies, n);
	arena_free(&arena);
}

static void
run(struct bench *b, const struct deploy_change *changes, size_t n, bool inverse, bool json)
{
	struct profile_update *updates;
	struct pce_error err = { 0 };
	struct arena arena = { 0 };
	struct text xml = { 0 };
	size_t n_updates = 0;
	enum pce_status status =
	    json ? profile_set(b->profile, &scope, changes, n, inverse, &arena, &updates,
			       &n_updates, &err)
		 : profile_edit(b->profile, &scope, changes, n, inverse, &xml, &err);

	ck_assert_msg(status == PCE_OK, "%s", err.text);
	if (json)
		router_set(b, updates, n_updates);
	else
		router_edit(b, text_get(&xml));
	text_free(&xml);
	arena_free(&arena);
}

/* Some keys change at random; *after is what is there then. */
static size_t
random_changes(uint64_t *r, const struct kind *kind, struct arena *arena, const struct model *m,
	       struct model *after, struct deploy_change *changes)
{
	size_t n = 0;

	*after = *m;
	for (unsigned k = 0; k < KEYS; k++) {
		const struct srpolicy *before = m->has[k] ? &m->there[k] : NULL;

		if (suite_below(r, 3) != 0)
			continue;
		if (before != NULL && suite_below(r, 3) == 0) {
			changes[n++] = (struct deploy_change){ DEPLOY_REMOVE, before, before };
			after->has[k] = false;
			continue;
		}
		after->there[k] = random_policy(r, arena, kind, k);
		after->has[k] = true;
		changes[n++] = (struct deploy_change){ DEPLOY_REPLACE, &after->there[k], before };
	}
	return n;
}

static void
check_history(struct bench *b, unsigned seed)
{
	struct lyd_node *others;
	struct deploy_change changes[KEYS], removals[KEYS];
	struct arena arena = { 0 };
	struct model m = { 0 }, after;
	uint64_t r = seed;
	size_t n = 0;

	ck_assert_int_eq(lyd_dup_siblings(b->held, NULL, LYD_DUP_RECURSIVE, &others), LY_SUCCESS);
	for (int step = 0; step < 4; step++) {
		bool json = suite_below(&r, 2), undo = suite_below(&r, 4) == 0;

		n = random_changes(&r, b->kind, &arena, &m, &after, changes);
		run(b, changes, n, false, json);
		expect(b, &after, json, seed);
		if (undo) {
			run(b, changes, n, true, !json);
			expect(b, &m, !json, seed);
		} else {
			m = after;
		}
	}
	n = 0;
	for (size_t k = 0; k < KEYS; k++)
		if (m.has[k])
			removals[n++] =
			    (struct deploy_change){ DEPLOY_REMOVE, &m.there[k], &m.there[k] };
	run(b, removals, n, false, seed % 2);
	ck_assert_msg(lyd_compare_siblings(b->held, others,
					   LYD_COMPARE_FULL_RECURSION | LYD_COMPARE_DEFAULTS) ==
			  LY_SUCCESS,
		      "%s, seed %u: something of others changed, or something stayed",
		      b->kind->modules[0], seed);
	lyd_free_all(others);
	arena_free(&arena);
}

START_TEST(histories_on_a_router_give_what_was_asked_and_leave_others_alone)
{
	struct bench b;

	bench_open(&b, &kinds[_i]);
	for (unsigned seed = 0; seed < suite_seeds(); seed++) {
		check_history(&b, seed);
		bench_reset(&b);
	}
	bench_close(&b);
}
END_TEST

int
main(void)
{
	TCase *t = tcase_create("map");

	tcase_add_loop_test(t, histories_on_a_router_give_what_was_asked_and_leave_others_alone, 0,
			    (int)N_KINDS);
	return suite_run("profile-map", t, 60);
}
