/* Feeds against telemetry: what contradicts, for how long, and when it is too much. */
#include "pce/operate/doubt.h"
#include "tests/support/suite.h"

#define S ((int64_t)USEC_PER_S)

static const struct doubt_limits limits = { .hold_s = 60, .least_fibres = 2, .fibres_percent = 20 };

static struct doubt_facts
facts(bool speaks, bool up, enum doubt_oper a, enum doubt_oper b)
{
	return (struct doubt_facts){ speaks, up, { { a, false }, { b, false } } };
}

static void
note(struct doubts *d, size_t fibre, int64_t at_s, struct doubt_facts f)
{
	ck_assert_int_eq(doubts_note(d, fibre, &f, (struct usec){ at_s * S }, NULL), PCE_OK);
}

static void
tick(struct doubts *d, int64_t at_s)
{
	doubts_tick(d, (struct usec){ at_s * S });
}

START_TEST(doubt_of_each_rung)
{
	const enum doubt_oper U = DOUBT_OPER_UNKNOWN, P = DOUBT_OPER_UP, D = DOUBT_OPER_DOWN;
	struct doubt_facts f = facts(false, false, P, P);

	ck_assert_int_eq(doubt_of(&f), DOUBT_NONE); /* nobody speaks */
	f = facts(true, true, P, D);
	ck_assert_int_eq(doubt_of(&f), DOUBT_UP_BUT_DOWN);
	f = facts(true, true, D, U);
	ck_assert_int_eq(doubt_of(&f), DOUBT_UP_BUT_DOWN);
	f = facts(true, true, P, U);
	ck_assert_int_eq(doubt_of(&f), DOUBT_NONE);
	f = facts(true, false, P, P);
	ck_assert_int_eq(doubt_of(&f), DOUBT_GONE_BUT_ALIVE);
	f = facts(true, false, P, U); /* one end alone proves nothing */
	ck_assert_int_eq(doubt_of(&f), DOUBT_NONE);
	f.ends[0].moving = true;
	ck_assert_int_eq(doubt_of(&f), DOUBT_GONE_BUT_ALIVE);
	f = facts(true, false, U, U);
	f.ends[1].moving = true;
	ck_assert_int_eq(doubt_of(&f), DOUBT_GONE_BUT_ALIVE);
	f.ends[0].oper = D; /* an end that is down agrees, whatever still seems to move */
	ck_assert_int_eq(doubt_of(&f), DOUBT_NONE);
}
END_TEST

START_TEST(contradiction_counts_only_after_it_lasted)
{
	struct doubts d;

	doubts_init(&d, &limits);
	for (size_t i = 0; i < 5; i++)
		note(&d, i, 100, facts(true, true, DOUBT_OPER_UP, DOUBT_OPER_UP));
	ck_assert(doubts_deadline(&d).v == USEC_NEVER.v);
	note(&d, 3, 100, facts(true, false, DOUBT_OPER_UP, DOUBT_OPER_UP));
	ck_assert_int_eq(doubts_deadline(&d).v, 160 * S);
	tick(&d, 159);
	ck_assert_int_eq(doubts_tell(&d, 3), DOUBT_NONE);
	tick(&d, 160);
	ck_assert_int_eq(doubts_tell(&d, 3), DOUBT_GONE_BUT_ALIVE);
	ck_assert_uint_eq(doubts_next_untold(&d, 0), 3);
	doubts_told(&d, 3);
	ck_assert_uint_eq(doubts_next_untold(&d, 0), d.n);
	ck_assert_msg(!doubts_too_many(&d), "one fibre froze a network");
	note(&d, 3, 170, facts(true, false, DOUBT_OPER_DOWN, DOUBT_OPER_UP));
	ck_assert_uint_eq(doubts_next_untold(&d, 0), 3);
	ck_assert_int_eq(doubts_tell(&d, 3), DOUBT_NONE);
	doubts_free(&d);
}
END_TEST

START_TEST(too_many_until_accepted_and_again_after_they_agreed)
{
	struct doubts d;

	doubts_init(&d, &limits);
	for (size_t i = 0; i < 9; i++)
		note(&d, i, 0, facts(true, i > 1, DOUBT_OPER_UP, DOUBT_OPER_UP));
	tick(&d, 60);
	ck_assert(doubts_too_many(&d)); /* 2 of 9 are more than a fifth */
	doubts_accept(&d);
	ck_assert(!doubts_too_many(&d));
	ck_assert_int_eq(doubts_tell(&d, 0), DOUBT_GONE_BUT_ALIVE);
	for (size_t i = 0; i < 2; i++)
		note(&d, i, 70, facts(true, true, DOUBT_OPER_UP, DOUBT_OPER_UP));
	for (size_t i = 0; i < 2; i++)
		note(&d, i, 80, facts(true, false, DOUBT_OPER_UP, DOUBT_OPER_UP));
	tick(&d, 140);
	ck_assert(doubts_too_many(&d));
	note(&d, 9, 140, facts(true, true, DOUBT_OPER_UP, DOUBT_OPER_UNKNOWN));
	ck_assert(!doubts_too_many(&d)); /* 2 of 10 are not more */
	doubts_free(&d);
}
END_TEST

/* --- against a model that keeps everything that ever was said --- */

#define FIBRES 24
#define WORDS 400

struct word {
	int64_t at;
	size_t step;
	struct doubt_facts facts;
};

struct model {
	struct word words[FIBRES][WORDS];
	size_t n[FIBRES];
	size_t accepted; /* the step at which a person went on last; 0 never */
};

/* From the words alone: a table, not a ladder. */
static enum doubt_kind
model_kind(const struct doubt_facts *f)
{
	int ups = 0, downs = 0, moving = 0;

	for (int i = 0; i < 2; i++) {
		ups += f->ends[i].oper == DOUBT_OPER_UP;
		downs += f->ends[i].oper == DOUBT_OPER_DOWN;
		moving += f->ends[i].moving;
	}
	if (f->feed_speaks && f->feed_up && downs > 0)
		return DOUBT_UP_BUT_DOWN;
	if (f->feed_speaks && !f->feed_up && downs == 0 && (ups == 2 || moving > 0))
		return DOUBT_GONE_BUT_ALIVE;
	return DOUBT_NONE;
}

/* Since when the fibre's kind is what it is; false: it agrees. */
static bool
model_since(const struct model *m, size_t fibre, const struct word **since, enum doubt_kind *kind)
{
	size_t n = m->n[fibre];

	if (n == 0)
		return false;
	*kind = model_kind(&m->words[fibre][n - 1].facts);
	for (; n > 0 && model_kind(&m->words[fibre][n - 1].facts) == *kind; n--)
		*since = &m->words[fibre][n - 1];
	return *kind != DOUBT_NONE;
}

static void
compare(const struct model *m, const struct doubts *d, int64_t now, size_t *frozen)
{
	size_t ripe = 0, counting = 0, measured = 0;
	int64_t next = INT64_MAX;

	for (size_t i = 0; i < FIBRES; i++) {
		enum doubt_kind kind = DOUBT_NONE;
		const struct doubt_end *ends;
		const struct word *since = NULL;
		bool contradicts = model_since(m, i, &since, &kind);
		bool is_ripe = contradicts && now - since->at >= limits.hold_s * S;

		ck_assert_int_eq(doubts_tell(d, i), is_ripe ? kind : DOUBT_NONE);
		ripe += is_ripe;
		counting += is_ripe && m->accepted <= since->step;
		if (contradicts && !is_ripe && since->at + limits.hold_s * S < next)
			next = since->at + limits.hold_s * S;
		if (m->n[i] == 0)
			continue;
		ends = m->words[i][m->n[i] - 1].facts.ends;
		measured += ends[0].oper || ends[1].oper || ends[0].moving || ends[1].moving;
	}
	ck_assert_uint_eq(d->n_ripe, ripe);
	ck_assert_uint_eq(d->n_measured, measured);
	ck_assert_uint_eq(d->n_ripe - d->n_accepted, counting);
	ck_assert_int_eq(doubts_too_many(d), counting >= 2 && counting * 100 > measured * 20);
	if (next == INT64_MAX)
		ck_assert(doubts_deadline(d).v == USEC_NEVER.v);
	else
		ck_assert_int_eq(doubts_deadline(d).v, next);
	*frozen += doubts_too_many(d);
}

/* The alarms that the caller has follow from what it was told to tell. */
static void
follow_alarms(struct doubts *d, enum doubt_kind alarms[FIBRES])
{
	for (size_t i = doubts_next_untold(d, 0); i < d->n; i = doubts_next_untold(d, i)) {
		ck_assert_int_ne(alarms[i], doubts_tell(d, i));
		alarms[i] = doubts_tell(d, i);
		doubts_told(d, i);
	}
	for (size_t i = 0; i < FIBRES; i++)
		ck_assert_int_eq(alarms[i], doubts_tell(d, i));
}

static struct doubt_facts
some_facts(uint64_t *random)
{
	struct doubt_facts f = { .feed_speaks = suite_below(random, 8) > 0,
				 .feed_up = suite_below(random, 5) > 0 };

	for (size_t i = 0; i < 2; i++) {
		uint32_t oper = suite_below(random, 20);

		f.ends[i].oper = oper == 0  ? DOUBT_OPER_UNKNOWN
				 : oper < 3 ? DOUBT_OPER_DOWN
					    : DOUBT_OPER_UP;
		f.ends[i].moving = suite_below(random, 4) == 0;
	}
	return f;
}

START_TEST(doubts_agree_with_a_model_that_remembers_all)
{
	size_t frozen = 0, steps = 0;
	struct model *m = malloc(sizeof(*m));

	for (unsigned seed = 0; seed < suite_seeds(); seed++) {
		uint64_t random = seed + 1;
		enum doubt_kind alarms[FIBRES] = { DOUBT_NONE };
		int64_t now = 1000 * S;
		struct doubts d;

		m->accepted = 0;
		for (size_t i = 0; i < FIBRES; i++)
			m->n[i] = 0;
		doubts_init(&d, &limits);
		for (size_t i = 1; i <= WORDS; i++, steps++) {
			size_t fibre = suite_below(&random, FIBRES);
			struct word w;

			now += suite_below(&random, 9 * (uint32_t)S);
			w = (struct word){ now, i, some_facts(&random) };
			if (suite_below(&random, 60) == 0) {
				m->accepted = i;
				doubts_accept(&d);
			}
			if (suite_below(&random, 4) > 0) {
				m->words[fibre][m->n[fibre]++] = w;
				ck_assert_int_eq(
				    doubts_note(&d, fibre, &w.facts, (struct usec){ now }, NULL),
				    PCE_OK);
			}
			doubts_tick(&d, (struct usec){ now });
			compare(m, &d, now, &frozen);
			follow_alarms(&d, alarms);
		}
		doubts_free(&d);
	}
	free(m);
	ck_assert_uint_gt(frozen, steps / 50);
	ck_assert_uint_lt(frozen, steps - steps / 50);
}
END_TEST

int
main(void)
{
	TCase *t = tcase_create("doubt");

	tcase_add_test(t, doubt_of_each_rung);
	tcase_add_test(t, contradiction_counts_only_after_it_lasted);
	tcase_add_test(t, too_many_until_accepted_and_again_after_they_agreed);
	tcase_add_test(t, doubts_agree_with_a_model_that_remembers_all);
	return suite_run("doubt", t, 60);
}
