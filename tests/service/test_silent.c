/* Silent failures: suspected from what headends' probes say, left, and used again when proved good.
 */
#include "pce/service/assure.h"
#include "tests/service/probes.h"
#include "tests/service/square.h"

static const struct assure_limits usual = {
	.hold_s = 60, .max_hold_s = 3600, .detect_ms = 100, .links_percent = 10, .least_links = 16
};

static void
probed_square(struct world *w)
{
	world_init(w, 4, 1);
	w->config.assure = usual;
	w->probing = true;
	square_run(w);
}

static bool
suspected(const struct world *w, unsigned fibre, struct service_view_suspect *out)
{
	for (size_t i = 0; service_view_suspect_at(w->service, i, out); i++)
		if (strtoul(out->link + 1, NULL, 10) == fibre)
			return true;
	return false;
}

static bool
has_alarm(const struct world *w, unsigned fibre)
{
	struct alarm alarm;

	for (size_t i = 0; service_view_alarm_at(w->service, i, &alarm); i++)
		if (strcmp(alarm.cause, "silent-loss") == 0 &&
		    strtoul(alarm.object + strlen("link/f"), NULL, 10) == fibre)
			return alarm.action != NULL && alarm.since_us > 0;
	return false;
}

/* Time for the headends to be asked again. */
static void
pass(struct world *w, int64_t ms)
{
	for (; ms > 0; ms -= 50) {
		world_settle(w);
		world_pass(w, 50 * (int64_t)USEC_PER_MS);
	}
	world_settle(w);
}

START_TEST(silent_link_is_left_at_once)
{
	struct world w;
	struct intent a;
	struct service_view_suspect v;

	probed_square(&w);
	a = world_intent(&w, "a", 0, 3, G);
	admit(&w, &a);
	ck_assert(world_uses(&w, "a", 1));
	pass(&w, 500);
	probes_silence(&w, 1, 0, true);
	ck_assert(!probes_arrive(&w, "a"));
	pass(&w, 50);
	ck_assert(probes_arrive(&w, "a"));
	ck_assert(world_uses(&w, "a", 3));
	ck_assert_int_eq(policy_of(&w, "a").state, POLICY_ACTIVE);
	ck_assert_ptr_nonnull(strstr(policy_of(&w, "a").cause, "probes do not come back"));
	/* With nobody else to ask both fibres of the path are possible. */
	ck_assert(suspected(&w, 0, &v) && !v.named && v.confidence_ppm < 1000000);
	ck_assert(suspected(&w, 1, &v) && !v.named && v.since_us > 0 && v.avoided);
	ck_assert_str_eq(v.policy_id, "a");
	ck_assert(has_alarm(&w, 0) && has_alarm(&w, 1));
	world_check_quiet(&w);
	world_free(&w);
}
END_TEST

START_TEST(crossing_lists_name_the_link_and_clear_the_others)
{
	struct world w;
	struct intent a, b;
	struct service_view_suspect v;

	probed_square(&w);
	a = world_intent(&w, "a", 0, 3, G);
	b = world_intent(&w, "b", 0, 1, G);
	admit(&w, &a);
	admit(&w, &b);
	pass(&w, 500);
	probes_silence(&w, 1, 1, true);
	pass(&w, 500);
	ck_assert(world_uses(&w, "a", 3) && world_uses(&w, "b", 0));
	ck_assert(!suspected(&w, 0, &v) && !has_alarm(&w, 0));
	ck_assert(suspected(&w, 1, &v) && v.named);
	ck_assert_uint_eq(v.confidence_ppm, 1000000);
	ck_assert(has_alarm(&w, 1));
	world_free(&w);
}
END_TEST

START_TEST(suspect_is_forgotten_in_time_and_longer_kept_when_it_returns)
{
	struct world w;
	struct intent a;
	struct service_view_suspect v;

	probed_square(&w);
	a = world_intent(&w, "a", 0, 3, G);
	admit(&w, &a);
	pass(&w, 500);
	probes_silence(&w, 1, 0, true);
	pass(&w, 500);
	ck_assert(suspected(&w, 1, &v) && v.strikes == 1 && v.until_us > v.since_us);
	world_pass(&w, 61 * (int64_t)USEC_PER_S);
	world_settle(&w);
	ck_assert(!suspected(&w, 1, &v) && !has_alarm(&w, 1));
	/* Driven back onto it, it is seen again and kept for twice as long. */
	world_cut(&w, 3);
	world_settle(&w);
	ck_assert(world_uses(&w, "a", 1));
	pass(&w, 300);
	probes_silence(&w, 1, 0, true);
	pass(&w, 300);
	ck_assert(suspected(&w, 1, &v) && v.strikes == 2);
	ck_assert_int_eq(v.until_us, 0); /* nowhere to go: the evidence stands */
	world_mend(&w, 3);
	world_settle(&w);
	pass(&w, 300);
	ck_assert(world_uses(&w, "a", 3));
	world_pass(&w, 100 * (int64_t)USEC_PER_S);
	ck_assert(suspected(&w, 1, &v));
	world_pass(&w, 30 * (int64_t)USEC_PER_S);
	ck_assert(!suspected(&w, 1, &v));
	world_free(&w);
}
END_TEST

START_TEST(list_that_returns_clears_its_suspects)
{
	struct world w;
	struct intent a;
	struct service_view_suspect v;

	probed_square(&w);
	a = world_intent(&w, "a", 0, 3, G);
	admit(&w, &a);
	world_cut(&w, 3);
	world_settle(&w);
	pass(&w, 500);
	probes_silence(&w, 1, 0, true);
	pass(&w, 500);
	ck_assert(suspected(&w, 1, &v));
	ck_assert(!probes_arrive(&w, "a") && world_uses(&w, "a", 1));
	ck_assert_ptr_nonnull(strstr(policy_of(&w, "a").reason, "every path crosses"));
	probes_silence(&w, 1, 0, false);
	pass(&w, 500);
	ck_assert(!suspected(&w, 1, &v) && !has_alarm(&w, 1));
	ck_assert_msg(!policy_of(&w, "a").reason, "%s", policy_of(&w, "a").reason);
	world_free(&w);
}
END_TEST

START_TEST(loss_that_the_feed_tells_of_is_no_silent_one)
{
	struct world w;
	struct intent a;
	struct service_view_suspect v;

	probed_square(&w);
	a = world_intent(&w, "a", 0, 3, G);
	admit(&w, &a);
	pass(&w, 500);
	probes_silence(&w, 1, 0, true);
	while (w.n_waits > 0)
		world_happen(&w, 0, WORLD_OK);
	ck_assert(suspected(&w, 0, &v) && suspected(&w, 1, &v));
	world_cut(&w, 1);
	world_settle(&w);
	ck_assert(!suspected(&w, 0, &v) && !suspected(&w, 1, &v));
	ck_assert(!has_alarm(&w, 0) && !has_alarm(&w, 1));
	world_free(&w);
}
END_TEST

START_TEST(too_many_suspects_are_not_believed)
{
	struct world w;
	struct intent a;
	struct alarm alarm;
	size_t i = 0;

	world_init(&w, 4, 1);
	w.config.assure = usual;
	w.config.assure.least_links = 1;
	w.probing = true;
	square_run(&w);
	a = world_intent(&w, "a", 0, 3, G);
	admit(&w, &a);
	pass(&w, 500);
	w.probes_lie = true;
	probes_silence(&w, 1, 0, true);
	pass(&w, 500);
	ck_assert(world_uses(&w, "a", 1)); /* it stays */
	while (service_view_alarm_at(w.service, i, &alarm) &&
	       strcmp(alarm.cause, "too-many-suspects") != 0)
		i++;
	ck_assert(service_view_alarm_at(w.service, i, &alarm));
	ck_assert_int_eq(alarm.severity, ALARM_CRITICAL);
	world_free(&w);
}
END_TEST

START_TEST(new_intents_avoid_suspects)
{
	struct world w;
	struct intent a, b;

	probed_square(&w);
	a = world_intent(&w, "a", 0, 3, G);
	b = world_intent(&w, "b", 0, 3, G);
	admit(&w, &a);
	pass(&w, 500);
	probes_silence(&w, 1, 0, true);
	pass(&w, 500);
	admit(&w, &b);
	ck_assert(world_uses(&w, "b", 3));
	world_free(&w);
}
END_TEST

START_TEST(suspects_refuse_no_intent_that_has_no_other_way)
{
	struct world w;
	struct intent a, b;

	probed_square(&w);
	a = world_intent(&w, "a", 0, 1, G);
	b = world_intent(&w, "b", 1, 0, G);
	admit(&w, &a);
	world_cut(&w, 3);
	world_settle(&w);
	pass(&w, 500);
	probes_silence(&w, 0, 0, true);
	pass(&w, 500);
	ck_assert(has_alarm(&w, 0));
	admit(&w, &b);
	ck_assert(world_uses(&w, "b", 0));
	world_free(&w);
}
END_TEST

/* --- random networks, policies and faults --- */

static void
random_network(struct world *w, unsigned seed)
{
	uint64_t random = seed;

	world_init(w, 4 + suite_below(&random, 7), seed);
	w->config.assure = usual;
	w->config.assure.links_percent = 100;
	w->probing = true;
	for (unsigned i = 1; i < w->n_nodes; i++)
		world_fibre(w, i, suite_below(&random, i), 1 + suite_below(&random, 20), 10 * G);
	for (unsigned i = 0; i < w->n_nodes + 2; i++) {
		unsigned a = suite_below(&random, w->n_nodes), b = suite_below(&random, w->n_nodes);

		if (a != b)
			world_fibre(w, a, b, 1 + suite_below(&random, 20), 10 * G);
	}
	world_start(w);
	world_routers_up(w);
	world_settle(w);
}

static unsigned
random_intents(struct world *w, uint64_t *random)
{
	unsigned n = 1 + suite_below(random, 8);

	for (unsigned i = 0; i < n; i++) {
		static const char *const ids[] = { "a", "b", "c", "d", "e", "f", "g", "h" };
		unsigned from = suite_below(random, w->n_nodes),
			 to = suite_below(random, w->n_nodes);
		struct intent intent;

		to = to == from ? (to + 1) % w->n_nodes : to;
		intent = world_intent(w, ids[i], from, to, 1000000);
		admit(w, &intent);
	}
	return n;
}

/* A few fibres in one direction or both, or all of a node. */
static void
random_faults(struct world *w, uint64_t *random)
{
	unsigned n = 1 + suite_below(random, 3), node = suite_below(random, w->n_nodes);

	if (suite_below(random, 4) == 0) {
		for (unsigned f = 0; f < w->n_fibres; f++)
			if (w->fibres[f].a == node || w->fibres[f].b == node)
				w->silent[f][0] = w->silent[f][1] = true;
		return;
	}
	while (n-- > 0) {
		unsigned f = suite_below(random, w->n_fibres), how = 1 + suite_below(random, 3);

		w->silent[f][0] = w->silent[f][0] || (how & 1);
		w->silent[f][1] = w->silent[f][1] || (how & 2);
	}
}

static bool
is_bad(const struct world *w, unsigned fibre)
{
	return w->silent[fibre][0] || w->silent[fibre][1];
}

/* The oracle: whether a way past all faults exists, by flooding. */
static bool
reaches(const struct world *w, unsigned from, unsigned to)
{
	bool met[WORLD_NODES] = { false };

	met[from] = true;
	for (unsigned round = 0; round < w->n_nodes; round++)
		for (unsigned f = 0; f < w->n_fibres; f++)
			if (!is_bad(w, f) && (met[w->fibres[f].a] || met[w->fibres[f].b]))
				met[w->fibres[f].a] = met[w->fibres[f].b] = true;
	return met[to];
}

static unsigned
number_of(const struct world *w, ted_node node)
{
	return (unsigned)strtoul(ted_node_at(w->service->ted, node)->name + 1, NULL, 10);
}

/* Before anything is known of a list, its bad fibre is a suspect; nothing good is named. */
static void
check_suspects(const struct world *w, unsigned seed)
{
	struct service_view_suspect v;

	for (size_t i = 0; i < w->service->assurance->n_kept; i++) {
		const struct assure_kept *k = w->service->assurance->kept[i];

		for (size_t l = 0; l < k->n; l++) {
			unsigned f = (unsigned)strtoul(
			    ted_link_at(w->service->ted, k->links[l])->name + 1, NULL, 10);

			ck_assert_msg(!is_bad(w, f) || suspected(w, f, &v),
				      "seed %u: fibre %u is bad and not suspected", seed, f);
		}
	}
	for (size_t i = 0; service_view_suspect_at(w->service, i, &v); i++)
		ck_assert_msg(!v.named || is_bad(w, (unsigned)strtoul(v.link + 1, NULL, 10)),
			      "seed %u: %s is named and good", seed, v.link);
}

START_TEST(random_silent_faults_are_suspected_and_left)
{
	unsigned moved = 0, left = 0;

	for (unsigned seed = 0; seed < suite_seeds(); seed++) {
		struct world w;
		uint64_t random = seed + 77;
		struct service_view_policy v;

		random_network(&w, seed);
		random_intents(&w, &random);
		pass(&w, 300);
		random_faults(&w, &random);
		probes_silence(&w, 0, 0, w.silent[0][0]);
		for (unsigned i = 0; i < 60; i++) {
			pass(&w, 50);
			check_suspects(&w, seed);
		}
		for (size_t i = 0; service_view_policy_at(w.service, i, &v); i++) {
			unsigned from = number_of(&w, v.headend), to = number_of(&w, v.tailend);

			if (!reaches(&w, from, to)) {
				left++;
				continue;
			}
			ck_assert_msg(
			    probes_arrive(&w, v.id),
			    "seed %u: policy %s loses its packets although there is a way", seed,
			    v.id);
			moved += v.generation > 1;
		}
		world_check(&w);
		world_free(&w);
	}
	ck_assert_uint_gt(moved, suite_seeds() / 8);
	ck_assert_uint_gt(left, suite_seeds() / 50);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("silent");

	tcase_add_test(tc, silent_link_is_left_at_once);
	tcase_add_test(tc, crossing_lists_name_the_link_and_clear_the_others);
	tcase_add_test(tc, suspect_is_forgotten_in_time_and_longer_kept_when_it_returns);
	tcase_add_test(tc, list_that_returns_clears_its_suspects);
	tcase_add_test(tc, loss_that_the_feed_tells_of_is_no_silent_one);
	tcase_add_test(tc, too_many_suspects_are_not_believed);
	tcase_add_test(tc, new_intents_avoid_suspects);
	tcase_add_test(tc, suspects_refuse_no_intent_that_has_no_other_way);
	tcase_add_test(tc, random_silent_faults_are_suspected_and_left);
	return suite_run("silent", tc, 60);
}
