/* Each allocation of what everything else is made of, made to fail in turn. */
#include <string.h>

#include "pce/base/arena.h"
#include "pce/base/array.h"
#include "pce/base/hash.h"
#include "pce/base/text.h"
#include "tests/support/failing.h"
#include "tests/support/suite.h"

#define MANY 300u

static const void *
key(const void *owner, uint32_t value, size_t *len)
{
	*len = sizeof(uint32_t);
	return (const uint32_t *)owner + value;
}

/* Makes each allocation of try fail in turn until none does; returns how many there were. */
static unsigned long
for_each(void (*try)(bool *whole))
{
	unsigned long at = 1;

	for (bool reached = true; reached; at++) {
		long blocks = failing_live();
		bool whole = false;

		failing_at(at);
		try(&whole);
		reached = failing_stop();
		ck_assert_msg(whole == !reached, "allocation %lu", at);
		ck_assert_int_eq(failing_live(), blocks);
	}
	return at - 1;
}

static void
fill_text(bool *whole)
{
	struct text t = { 0 };
	char *taken;

	for (unsigned i = 0; i < MANY; i++) {
		text_printf(&t, "%u,", i);
		text_json_string(&t, "a\n", 2);
		text_hex(&t, &i, sizeof(i));
	}
	*whole = text_ok(&t) && strstr(text_get(&t), "299,") != NULL;
	taken = text_take(&t);
	*whole = *whole && taken != NULL && t.len == 0;
	free(taken);
	text_free(&t);
}

START_TEST(text_without_memory_stays_bad)
{
	ck_assert_uint_gt(for_each(fill_text), 3);
}
END_TEST

static void
fill_arena(bool *whole)
{
	struct arena a = { 0 };

	*whole = true;
	for (unsigned i = 0; i < MANY; i++) {
		char *text = arena_strdup(&a, "something of some length");
		unsigned char *big = i % 50 == 0 ? arena_alloc(&a, 100000) : NULL;

		*whole = *whole && text != NULL && (i % 50 != 0 || (big && big[99999] == 0));
	}
	arena_free(&a);
}

START_TEST(arena_without_memory_gives_nothing)
{
	ck_assert_uint_gt(for_each(fill_arena), 3);
}
END_TEST

static void
fill_array(bool *whole)
{
	unsigned *items = NULL;
	size_t cap = 0;
	void *copy, *block, *lines;
	char *string;

	*whole = true;
	for (unsigned i = 0; *whole && i < MANY; i++) {
		*whole = array_reserve(&items, &cap, i + 1, sizeof(*items), NULL) == PCE_OK;
		if (*whole)
			items[i] = i;
	}
	for (unsigned i = 0; *whole && i < MANY; i++)
		*whole = items[i] == i;
	copy = array_copy("abc", 4);
	string = array_strdup("abc");
	lines = array_lines(1000, &block);
	*whole = *whole && copy && string && lines;
	free(copy);
	free(string);
	free(lines ? block : NULL);
	free(items);
}

START_TEST(array_without_memory_keeps_what_it_has)
{
	ck_assert_uint_gt(for_each(fill_array), 5);
}
END_TEST

/* What could not be added is not there, and all the rest is. */
static void
fill_hash(bool *whole)
{
	static uint32_t keys[MANY];
	bool there[MANY];
	struct hash h;

	hash_init(&h, key, keys, 7);
	*whole = true;
	for (uint32_t i = 0; i < MANY; i++) {
		keys[i] = i * 2654435761u;
		there[i] = hash_add(&h, i, NULL) == PCE_OK;
		*whole = *whole && there[i];
	}
	for (uint32_t i = 0; i < MANY; i++)
		if (hash_find(&h, &keys[i], sizeof(keys[i])) != (there[i] ? i : HASH_NONE))
			abort();
	hash_free(&h);
}

START_TEST(hash_without_memory_keeps_what_it_has)
{
	ck_assert_uint_gt(for_each(fill_hash), 3);
}
END_TEST

int
main(void)
{
	TCase *t = tcase_create("memory");

	tcase_add_test(t, text_without_memory_stays_bad);
	tcase_add_test(t, arena_without_memory_gives_nothing);
	tcase_add_test(t, array_without_memory_keeps_what_it_has);
	tcase_add_test(t, hash_without_memory_keeps_what_it_has);
	return suite_run("base memory", t, 30);
}
