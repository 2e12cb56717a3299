/* From the octets of a notification to its leaves. */
#include "southbound/gnmi/walk.h"
#include "tests/gnmi/random_notification.h"

static struct gnmi_map map;

static void
load(void)
{
	map = (struct gnmi_map){ 0 };
	ck_assert_int_eq(gnmi_map_add_builtin(&map, NULL), PCE_OK);
}

static void
unload(void)
{
	gnmi_map_free(&map);
}

static bool
same_name(struct wire_slice got, const char *wanted)
{
	return wire_is(got, wanted, strlen(wanted));
}

static bool
same_value(const struct gnmi_value *value, const struct expected *e)
{
	struct wire_slice text;
	uint64_t number;

	if (e->text)
		return gnmi_value_text(value, &text) && same_name(text, e->text);
	return gnmi_value_count(value, 1, 1, &number) && number == e->number;
}

static void
meet(void *ctx, const struct gnmi_sample *sample)
{
	struct made *made = ctx;

	ck_assert_int_eq(sample->timestamp_ns, made->timestamp_ns);
	ck_assert_ptr_nonnull(sample->value);
	for (size_t i = 0; i < made->n_expected; i++) {
		struct expected *e = &made->expected[i];

		if (e->met || e->meaning != sample->leaf->meaning ||
		    !same_name(sample->names[0], e->names[0]) ||
		    (e->names[1] && !same_name(sample->names[1], e->names[1])) ||
		    !same_value(sample->value, e))
			continue;
		e->met = true;
		return;
	}
	ck_abort_msg("a leaf that nobody sent: %s of %.*s",
		     telemetry_meaning_name(sample->leaf->meaning), (int)sample->names[0].len,
		     sample->names[0].at);
}

START_TEST(walk_finds_every_leaf_in_every_encoding)
{
	for (uint64_t seed = 1; seed <= 4 * suite_seeds(); seed++) {
		struct arena arena = { 0 };
		struct made made;
		struct gnmi_walk walk = { &map, meet, &made, { 0 } };
		struct pce_error err = { 0 };
		uint64_t random = seed;
		uint8_t *exact;

		make_notification(&random, &arena, &made);
		exact = malloc(made.len + 1);
		ck_assert_ptr_nonnull(exact);
		memcpy(exact, made.bytes, made.len);
		ck_assert_msg(gnmi_walk_response(&walk, exact, made.len, NULL, &err) == PCE_OK,
			      "seed %llu: %s", (unsigned long long)seed, err.text);
		for (size_t i = 0; i < made.n_expected; i++)
			ck_assert_msg(made.expected[i].met, "seed %llu: %s of %s was not found",
				      (unsigned long long)seed,
				      telemetry_meaning_name(made.expected[i].meaning),
				      made.expected[i].names[0]);
		ck_assert_uint_eq(walk.count.samples, made.n_expected);
		ck_assert_uint_eq(walk.count.bad_json, 0);
		free(exact);
		arena_free(&arena);
	}
}
END_TEST

static void
ignore(void *ctx, const struct gnmi_sample *sample)
{
	(void)ctx, (void)sample;
}

START_TEST(walk_cut_or_flipped_never_reads_outside)
{
	for (uint64_t seed = 1; seed <= suite_seeds(); seed++) {
		struct arena arena = { 0 };
		struct made made;
		struct gnmi_walk walk = { &map, ignore, NULL, { 0 } };
		uint64_t random = seed;
		size_t cut;
		uint8_t *exact;

		make_notification(&random, &arena, &made);
		cut = suite_below(&random, (uint32_t)made.len + 1);
		exact = malloc(cut + 1);
		ck_assert_ptr_nonnull(exact);
		memcpy(exact, made.bytes, cut);
		for (unsigned i = suite_below(&random, 4); i > 0 && cut > 0; i--)
			exact[suite_below(&random, (uint32_t)cut)] ^=
			    (uint8_t)(1u << suite_below(&random, 8));
		(void)gnmi_walk_response(&walk, exact, cut, NULL, NULL);
		free(exact);
		arena_free(&arena);
	}
}
END_TEST

static void
take_deleted(void *ctx, const struct gnmi_sample *sample)
{
	unsigned *deleted = ctx;

	ck_assert_ptr_null(sample->value);
	ck_assert(same_name(sample->names[0], "eth0"));
	*deleted += 1;
}

START_TEST(walk_delete_of_an_interface_tells_its_leaves)
{
	Gnmi__PathElem top = GNMI__PATH_ELEM__INIT, list = GNMI__PATH_ELEM__INIT;
	Gnmi__PathElem *elems[] = { &top, &list };
	Gnmi__PathElem__KeyEntry key = GNMI__PATH_ELEM__KEY_ENTRY__INIT, *keys[] = { &key };
	Gnmi__Path path = GNMI__PATH__INIT, *paths[] = { &path };
	Gnmi__Notification n = GNMI__NOTIFICATION__INIT;
	uint8_t bytes[128];
	unsigned deleted = 0;
	struct gnmi_walk walk = { &map, take_deleted, &deleted, { 0 } };

	top.name = (char *)(uintptr_t) "interfaces";
	list.name = (char *)(uintptr_t) "interface";
	key.key = (char *)(uintptr_t) "name";
	key.value = (char *)(uintptr_t) "eth0";
	list.n_key = 1;
	list.key = keys;
	path.n_elem = 2;
	path.elem = elems;
	n.n_delete_ = 1;
	n.delete_ = paths;
	ck_assert_int_eq(gnmi_walk_notification(
			     &walk, reader_over(bytes, gnmi__notification__pack(&n, bytes)), NULL),
			 PCE_OK);
	ck_assert_uint_eq(deleted, 8);
}
END_TEST

/* telemetry / interface [KEY=eth0] / delay-us = 5 */
static uint64_t
samples_with_key(const char *key_name)
{
	Gnmi__PathElem elems[3], *at[3];
	Gnmi__PathElem__KeyEntry key = GNMI__PATH_ELEM__KEY_ENTRY__INIT, *keys[] = { &key };
	Gnmi__Path path = GNMI__PATH__INIT;
	Gnmi__TypedValue value = GNMI__TYPED_VALUE__INIT;
	Gnmi__Update update = GNMI__UPDATE__INIT, *updates[] = { &update };
	Gnmi__Notification n = GNMI__NOTIFICATION__INIT;
	static const char *const names[] = { "telemetry", "interface", "delay-us" };
	struct gnmi_walk walk = { &map, ignore, NULL, { 0 } };
	uint8_t bytes[128];

	for (int i = 0; i < 3; i++) {
		gnmi__path_elem__init(&elems[i]);
		elems[i].name = (char *)(uintptr_t)names[i];
		at[i] = &elems[i];
	}
	key.key = (char *)(uintptr_t)key_name;
	key.value = (char *)(uintptr_t) "eth0";
	elems[1].n_key = key_name ? 1 : 0;
	elems[1].key = keys;
	path.n_elem = 3;
	path.elem = at;
	value.value_case = GNMI__TYPED_VALUE__VALUE_UINT_VAL;
	value.uint_val = 5;
	update.path = &path;
	update.val = &value;
	n.n_update = 1;
	n.update = updates;
	ck_assert_int_eq(gnmi_walk_notification(
			     &walk, reader_over(bytes, gnmi__notification__pack(&n, bytes)), NULL),
			 PCE_OK);
	ck_assert_uint_eq(walk.count.samples + walk.count.unmapped, 1);
	return walk.count.samples;
}

START_TEST(walk_path_without_its_key_means_nothing)
{
	ck_assert_uint_eq(samples_with_key("name"), 1);
	ck_assert_uint_eq(samples_with_key("nome"), 0);
	ck_assert_uint_eq(samples_with_key(NULL), 0);
}
END_TEST

START_TEST(walk_sync_is_told)
{
	const uint8_t bytes[] = { 0x18, 0x01 };
	struct gnmi_walk walk = { &map, ignore, NULL, { 0 } };
	bool sync = false;

	ck_assert_int_eq(gnmi_walk_response(&walk, bytes, sizeof(bytes), &sync, NULL), PCE_OK);
	ck_assert(sync);
}
END_TEST

START_TEST(map_rows_that_cannot_be_are_refused)
{
	struct gnmi_map own = { 0 };
	struct gnmi_mapping row = { "/a/b[name=*]/c", MEANING_DELAY, 1, 1 };
	struct pce_error err = { 0 };

	ck_assert_int_eq(gnmi_map_add(&own, &row, &err), PCE_OK);
	row.path = "/a/b[index=*]/d";
	ck_assert_int_eq(gnmi_map_add(&own, &row, &err), PCE_INVALID);
	row.path = "/a/no-key";
	ck_assert_int_eq(gnmi_map_add(&own, &row, &err), PCE_INVALID);
	row.path = "/a/b[name=*]/e[x=*]/f[y=*]/g[z=*]";
	ck_assert_int_eq(gnmi_map_add(&own, &row, &err), PCE_LIMIT);
	row.path = "/a/b[name=*]/e[x=*]/f[y=*]";
	ck_assert_int_eq(gnmi_map_add(&own, &row, &err), PCE_INVALID);
	row.meaning = MEANING_FLOW_PACKETS;
	ck_assert_int_eq(gnmi_map_add(&own, &row, &err), PCE_OK);
	row.path = "/a[";
	ck_assert_int_eq(gnmi_map_add(&own, &row, &err), PCE_INVALID);
	row.path = "/a/b[name=*]/c";
	row.divisor = 0;
	ck_assert_int_eq(gnmi_map_add(&own, &row, &err), PCE_INVALID);
	gnmi_map_free(&own);
}
END_TEST

int
main(void)
{
	TCase *t = tcase_create("walk");

	tcase_add_checked_fixture(t, load, unload);
	tcase_add_test(t, walk_finds_every_leaf_in_every_encoding);
	tcase_add_test(t, walk_cut_or_flipped_never_reads_outside);
	tcase_add_test(t, walk_delete_of_an_interface_tells_its_leaves);
	tcase_add_test(t, walk_path_without_its_key_means_nothing);
	tcase_add_test(t, walk_sync_is_told);
	tcase_add_test(t, map_rows_that_cannot_be_are_refused);
	return suite_run("gnmi walk", t, 60);
}
