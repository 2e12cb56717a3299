/*
 * What-if against plain reasoning: the books are kept here anew, reachability is a breadth-first
 * search over what is left, and nothing of the engine is asked.
 */
#include <stdio.h>
#include <string.h>

#include "pce/plan/whatif.h"
#include "tests/support/suite.h"

#define NODES_MAX 8
#define FIBRES_MAX 16
#define DEMANDS_MAX 8

struct world {
	struct ted *ted;
	uint32_t nodes, fibres, demands;
	struct path_request requests[DEMANDS_MAX];
	struct plan_demand list[DEMANDS_MAX];
	char ids[DEMANDS_MAX][16];
};

static struct ted_node_key
node_key(uint32_t number)
{
	struct ted_node_key key = { .protocol = TED_PROTOCOL_STATIC, .router_id_len = 2 };

	key.router_id[0] = 'n';
	key.router_id[1] = (uint8_t)('0' + number);
	return key;
}

static void
add_node(struct ted *ted, uint32_t number)
{
	char name[4] = { 'n', (char)('0' + number), '\0', '\0' };
	struct ted_delta d = { .object = TED_OBJECT_NODE, .op = TED_SET };

	d.key.node = node_key(number);
	d.attr.node.present = TED_NODE_NAME;
	d.attr.node.name = name;
	ck_assert_int_eq(ted_apply(ted, (struct ted_source){ TED_SOURCE_FILE, 0 }, &d, 1, NULL), 0);
}

static void
add_direction(struct ted *ted, uint32_t from, uint32_t to, const char *name, const char *other,
	      uint64_t capacity, uint32_t metric)
{
	struct ted_delta d = { .object = TED_OBJECT_LINK, .op = TED_SET };
	struct ted_link_key reverse = { .local = node_key(to),
					.remote = node_key(from),
					.name = other };

	d.key.link =
	    (struct ted_link_key){ .local = node_key(from), .remote = node_key(to), .name = name };
	d.attr.link.present =
	    TED_LINK_NAME | TED_LINK_IGP_METRIC | TED_LINK_CAPACITY | TED_LINK_REVERSE;
	d.attr.link.name = name;
	d.attr.link.igp_metric = metric;
	d.attr.link.capacity_bps = capacity;
	d.attr.link.reverse = &reverse;
	ck_assert_int_eq(ted_apply(ted, (struct ted_source){ TED_SOURCE_FILE, 0 }, &d, 1, NULL), 0);
}

static void
world_make(struct world *w, uint64_t *rnd)
{
	const struct ted_change *changes;
	size_t n;

	memset(w, 0, sizeof(*w));
	ck_assert_int_eq(ted_new(&w->ted, suite_random(rnd), NULL), PCE_OK);
	w->nodes = 3 + suite_below(rnd, NODES_MAX - 2);
	w->fibres = w->nodes - 1 + suite_below(rnd, FIBRES_MAX - w->nodes + 1);
	for (uint32_t i = 0; i < w->nodes; i++)
		add_node(w->ted, i);
	for (uint32_t i = 0; i < w->fibres; i++) {
		uint32_t a = i + 1 < w->nodes ? i + 1 : suite_below(rnd, w->nodes);
		uint32_t b =
		    i + 1 < w->nodes ? suite_below(rnd, i + 1) : suite_below(rnd, w->nodes);
		uint64_t capacity = 100 * (1 + suite_below(rnd, 5));
		uint32_t metric = 1 + suite_below(rnd, 10);
		char name[16], other[16];

		if (a == b)
			continue;
		snprintf(name, sizeof(name), "e%u", i);
		snprintf(other, sizeof(other), "e%u~", i);
		add_direction(w->ted, a, b, name, other, capacity, metric);
		add_direction(w->ted, b, a, other, name, capacity, metric);
	}
	ck_assert_int_eq(ted_settle(w->ted, &changes, &n, NULL), PCE_OK);
	w->demands = 1 + suite_below(rnd, DEMANDS_MAX);
	for (uint32_t i = 0; i < w->demands; i++) {
		uint32_t from = suite_below(rnd, w->nodes), to = suite_below(rnd, w->nodes - 1);

		snprintf(w->ids[i], sizeof(w->ids[i]), "d%u", i);
		w->requests[i] = path_request_init(from, to + (to >= from), PATH_IGP);
		w->requests[i].bandwidth_bps = 50 * (1 + suite_below(rnd, 6));
		if (suite_below(rnd, 4) == 0)
			w->requests[i].disjoint = PATH_DISJOINT_LINK;
		w->list[i] = (struct plan_demand){ w->ids[i], &w->requests[i],
						   (uint8_t)suite_below(rnd, 3) };
	}
}

/* Adds what an answer books, each link once; checks that it is a path over usable links. */
static void
book(const struct world *w, const struct path_answer *answer, const struct path_request *q,
     ted_link failed, uint64_t *booked)
{
	bool mine[2 * FIBRES_MAX] = { false };

	for (size_t r = 0; r < answer->n_routes; r++) {
		ted_node at = q->from;

		for (size_t i = 0; i < answer->routes[r].n_links; i++) {
			ted_link l = answer->routes[r].links[i];
			const struct ted_link_row *row = ted_link_at(w->ted, l);

			ck_assert_uint_eq(row->from, at);
			if (failed != TED_NONE)
				ck_assert(l != failed && row->reverse != failed);
			at = row->to;
			if (!mine[l])
				booked[l] += q->bandwidth_bps;
			mine[l] = true;
		}
		ck_assert_uint_eq(at, q->to);
	}
}

/* Breadth first over links that have room for one more, without the failed fibre. */
static bool
reachable(const struct world *w, const struct path_request *q, ted_link failed,
	  const uint64_t *booked)
{
	bool seen[NODES_MAX + 1] = { false };
	bool grew = true;

	seen[q->from] = true;
	while (grew) {
		grew = false;
		for (ted_link l = 0; l < ted_link_count(w->ted); l++) {
			const struct ted_link_row *row = ted_link_at(w->ted, l);

			if (l == failed || row->reverse == failed || !seen[row->from] ||
			    seen[row->to])
				continue;
			if (row->capacity_bps < booked[l] + q->bandwidth_bps)
				continue;
			seen[row->to] = true;
			grew = true;
		}
	}
	return seen[q->to];
}

static void
check_capacity(const struct world *w, const uint64_t *booked)
{
	for (ted_link l = 0; l < ted_link_count(w->ted); l++)
		ck_assert_uint_le(booked[l], ted_link_at(w->ted, l)->capacity_bps);
}

static void
check_fuller(const struct world *w, const struct plan_whatif *out, ted_link failed,
	     const uint64_t *booked, uint32_t threshold_ppm)
{
	size_t n = 0;

	for (ted_link l = 0; l < ted_link_count(w->ted); l++) {
		const struct ted_link_row *row = ted_link_at(w->ted, l);
		bool full = booked[l] * 1000000 > row->capacity_bps * threshold_ppm;
		bool listed = false;

		for (size_t i = 0; i < out->n_fuller; i++)
			if (out->fuller[i].link == l) {
				listed = true;
				ck_assert_uint_eq(out->fuller[i].used_after_bps, booked[l]);
			}
		full = full && l != failed && row->reverse != failed;
		ck_assert_int_eq(listed, full);
		n += full;
	}
	ck_assert_uint_eq(n, out->n_fuller);
}

static void
check(const struct world *w, const struct plan_whatif *out, ted_link failed, uint32_t threshold_ppm,
      unsigned *outcomes)
{
	uint64_t before[2 * FIBRES_MAX] = { 0 }, after[2 * FIBRES_MAX] = { 0 };

	for (uint32_t i = 0; i < w->demands; i++) {
		const struct plan_fate *fate = &out->fates[i];

		outcomes[fate->outcome]++;
		book(w, &fate->before, &w->requests[i], TED_NONE, before);
		if (fate->outcome == PLAN_STAYED && fate->after.n_routes == 0)
			book(w, &fate->before, &w->requests[i], failed, after);
		else
			book(w, &fate->after, &w->requests[i], failed, after);
	}
	check_capacity(w, before);
	check_capacity(w, after);
	check_fuller(w, out, failed, after, threshold_ppm);
	for (uint32_t i = 0; i < w->demands; i++) {
		const struct plan_fate *fate = &out->fates[i];

		/* Later demands only took more: who found nothing at its turn finds nothing now. */
		if (fate->outcome == PLAN_LOST)
			ck_assert(!reachable(w, &w->requests[i], failed, after));
		if (fate->outcome == PLAN_UNPLACED && w->requests[i].disjoint == PATH_DISJOINT_NONE)
			ck_assert(!reachable(w, &w->requests[i], TED_NONE, before));
		if (fate->outcome == PLAN_MOVED || fate->outcome == PLAN_STAYED)
			ck_assert_uint_gt(fate->before.n_routes, 0);
	}
}

START_TEST(whatif_agrees_with_plain_reasoning)
{
	unsigned outcomes[4] = { 0 };

	for (unsigned seed = 1; seed <= suite_seeds(); seed++) {
		uint64_t rnd = seed;
		struct plan_whatif out = { 0 };
		struct pce_error err = { 0 };
		struct plan_failure failure = { 0 };
		uint32_t threshold_ppm;
		ted_link failed;
		struct text first = { 0 }, last = { 0 };
		struct world w;

		world_make(&w, &rnd);
		failed = suite_below(&rnd, ted_link_count(w.ted));
		threshold_ppm = suite_below(&rnd, 1000000);
		failure = (struct plan_failure){ .links = &failed, .n_links = 1 };
		ted_dump(w.ted, &first);
		ck_assert_msg(
		    plan_whatif(w.ted, w.list, w.demands, &failure, threshold_ppm, &out, &err) == 0,
		    "seed %u: %s", seed, err.text);
		check(&w, &out, failed, threshold_ppm, outcomes);
		ted_dump(w.ted, &last);
		ck_assert_str_eq(text_get(&first), text_get(&last));
		text_free(&first);
		text_free(&last);
		plan_whatif_free(&out);
		ted_free(w.ted);
	}
	printf("unplaced %u, stayed %u, moved %u, lost %u\n", outcomes[0], outcomes[1], outcomes[2],
	       outcomes[3]);
	for (int i = 0; i < 4; i++)
		ck_assert_uint_gt(outcomes[i], 0);
}
END_TEST

int
main(void)
{
	TCase *t = tcase_create("whatif");

	tcase_add_test(t, whatif_agrees_with_plain_reasoning);
	return suite_run("plan", t, 120);
}
