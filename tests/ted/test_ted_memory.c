/*
 * Every allocation made to fail in turn: nothing leaks, a settle that failed shows the rows as they
 * were, and trying again gives what would have come without the failure.
 */
#include <string.h>

#include "tests/support/failing.h"
#include "tests/support/suite.h"
#include "tests/ted/net.h"

/* Runs one call with failures switched on. */
#define TRY(status, call)                                                                          \
	do {                                                                                       \
		failing_resume();                                                                  \
		(status) = (call);                                                                 \
		failing_pause();                                                                   \
	} while (0)

static char *
dump(const struct ted *ted)
{
	struct text text = { 0 };

	ted_dump(ted, &text);
	return text_take(&text);
}

static void
expect_dump(const struct ted *ted, const char *expected)
{
	char *got = dump(ted);

	ck_assert_str_eq(got, expected);
	free(got);
}

/* A network that uses everything: two peers, a static file bound to it, parallel links, names that
 * clash, lists, SRLGs, affinities. */
static const uint32_t two_numbers[] = { 9, 4 };
static const char *const two_words[] = { "video", "agency" };

static size_t
first_deltas(struct ted_delta *out)
{
	size_t n = 0;

	for (uint32_t i = 1; i <= 3; i++) {
		struct ted_delta d = { .object = TED_OBJECT_NODE, .key.node = net_isis(i) };

		d.attr.node.present = TED_NODE_NAME | TED_NODE_SRLG | TED_NODE_SERVICES;
		d.attr.node.name = i == 3 ? "B" : i == 2 ? "B" : "A";
		d.attr.node.srlg = two_numbers;
		d.attr.node.services = two_words;
		d.attr.node.n_srlg = d.attr.node.n_services = 2;
		out[n++] = d;
	}
	for (uint8_t i = 0; i < 6; i++) {
		uint32_t a = i / 2 + 1u, b = i / 2 == 2 ? 1 : a + 1;
		struct ted_delta d = { .object = TED_OBJECT_LINK };

		d.key.link = net_addressed(net_isis(i % 2 ? b : a), net_isis(i % 2 ? a : b),
					   (uint8_t)(i / 2), i % 2 == 0);
		d.attr.link.present = TED_LINK_IGP_METRIC | TED_LINK_SRLG | TED_LINK_SLICES;
		d.attr.link.igp_metric = 10;
		d.attr.link.srlg = two_numbers;
		d.attr.link.slices = two_words;
		d.attr.link.n_srlg = d.attr.link.n_slices = 2;
		out[n++] = d;
	}
	return n;
}

static size_t
file_deltas(struct ted_delta *out)
{
	static struct ted_link_key reverse;
	struct ted_delta node = { .object = TED_OBJECT_NODE, .key.node = net_static("A") };
	struct ted_delta link = { .object = TED_OBJECT_LINK };
	struct ted_delta number = { .object = TED_OBJECT_SRLG, .key.number = 4 };
	struct ted_delta bit = { .object = TED_OBJECT_AFFINITY, .key.number = 1 };
	struct ted_delta prefix = { .object = TED_OBJECT_PREFIX };
	struct ted_delta sid = { .object = TED_OBJECT_SID };

	link.key.link = net_link(net_static("A"), net_static("C"));
	link.key.link.name = "new";
	reverse = net_link(net_static("C"), net_static("A"));
	reverse.name = "wen";
	link.attr.link.present = TED_LINK_REVERSE | TED_LINK_NAME;
	link.attr.link.name = "A-B";
	link.attr.link.reverse = &reverse;
	number.attr.srlg = bit.attr.srlg = (struct ted_srlg_attr){ "duct", 7 };
	prefix.key.prefix.node = net_isis(1);
	prefix.key.prefix.prefix.addr = ip_v6((const uint8_t[16]){ 0xfd });
	prefix.key.prefix.prefix.len = 48;
	sid.key.sid.node = net_isis(1);
	sid.key.sid.sid[0] = 0xfd;
	out[0] = node;
	out[1] = link;
	out[2] = number;
	out[3] = bit;
	out[4] = prefix;
	out[5] = sid;
	node.key.node = net_static("C");
	out[6] = node;
	link.key.link = reverse;
	link.attr.link.present = 0;
	out[7] = link;
	return 8;
}

/* The whole story; every call that may fail is tried until it works, failing at fail_at once. */
static struct ted *
tell(unsigned long at, const char *before, const char *after, bool *failed)
{
	struct ted_delta deltas[16];
	struct pce_error err = { 0 };
	const struct ted_change *changes;
	struct ted *ted, *fork = NULL;
	size_t n = first_deltas(deltas), done = 0, n_changes = 77;
	enum pce_status status;

	ck_assert_int_eq(ted_new(&ted, 1, &err), PCE_OK);
	ck_assert_int_eq(ted_apply(ted, PEER_1, deltas, n, &err), PCE_OK);
	settle(ted, NULL);
	if (before)
		expect_dump(ted, before);
	ck_assert_int_eq(ted_fork(ted, &fork, &err), PCE_OK);
	n = file_deltas(deltas);
	failing_at(at);
	failing_pause();
	for (done = 0; done < n;) {
		TRY(status, ted_apply(ted, FILE_1, &deltas[done], 1, &err));
		ck_assert(status == PCE_OK || status == PCE_NO_MEMORY);
		done += status == PCE_OK;
	}
	TRY(status, ted_source(ted, PEER_2, TED_SOURCE_UP, &err));
	if (status)
		TRY(status, ted_source(ted, PEER_2, TED_SOURCE_UP, &err));
	ck_assert_int_eq(status, PCE_OK);
	do {
		bool had = failing_counted() < at;

		TRY(status, ted_settle(ted, &changes, &n_changes, &err));
		ck_assert(status == PCE_OK || (had && status == PCE_NO_MEMORY));
		if (status && before) {
			ck_assert_uint_eq(n_changes, 77);
			expect_dump(ted, before);
		}
	} while (status);
	*failed = failing_stop();
	if (before)
		expect_dump(fork, before);
	if (after)
		expect_dump(ted, after);
	ted_free(fork);
	return ted;
}

START_TEST(settle_without_memory_changes_nothing)
{
	long blocks = failing_live();
	bool failed;
	struct ted_delta deltas[16];
	struct pce_error err;
	struct ted *ted;
	char *before, *after;

	ck_assert_int_eq(ted_new(&ted, 1, &err), PCE_OK);
	ck_assert_int_eq(ted_apply(ted, PEER_1, deltas, first_deltas(deltas), &err), PCE_OK);
	settle(ted, NULL);
	before = dump(ted);
	ted_free(ted);
	ted = tell(0, NULL, NULL, &failed);
	after = dump(ted);
	ted_free(ted);
	ck_assert_str_ne(before, after);
	for (unsigned long at = 1;; at++) {
		ted_free(tell(at, before, after, &failed));
		ck_assert_int_eq(failing_live(), blocks + 2);
		if (!failed)
			break;
		ck_assert_uint_lt(at, 2000);
	}
	free(before);
	free(after);
}
END_TEST

START_TEST(new_without_memory_leaks_nothing)
{
	long blocks = failing_live();

	for (unsigned long at = 1;; at++) {
		struct ted *ted = NULL;
		struct pce_error err;
		enum pce_status status;

		failing_at(at);
		failing_pause();
		TRY(status, ted_new(&ted, 1, &err));
		if (!status) {
			ted_free(ted);
			break;
		}
		ck_assert_int_eq(status, PCE_NO_MEMORY);
		ck_assert_ptr_null(ted);
		ck_assert_int_eq(failing_live(), blocks);
	}
	ck_assert_int_eq(failing_live(), blocks);
}
END_TEST

START_TEST(fork_without_memory_leaks_nothing)
{
	struct ted *ted, *fork = NULL;
	bool failed;
	long blocks;

	ted = tell(0, NULL, NULL, &failed);
	blocks = failing_live();
	for (unsigned long at = 1;; at++) {
		struct pce_error err;
		enum pce_status status;

		failing_at(at);
		failing_pause();
		TRY(status, ted_fork(ted, &fork, &err));
		if (!status)
			TRY(status, ted_book(fork, 0, 5, &err));
		if (!status)
			TRY(status, ted_fail_link(fork, 0));
		if (!status)
			TRY(status, ted_fail_node(fork, 0));
		ck_assert(status == PCE_OK || status == PCE_NO_MEMORY);
		ted_free(fork);
		fork = NULL;
		if (!status)
			break;
		ck_assert_int_eq(failing_live(), blocks);
	}
	ck_assert_uint_eq(ted_link_at(ted, 0)->booked_bps, 0);
	ted_free(ted);
}
END_TEST

int
main(void)
{
	TCase *t = tcase_create("memory");

	tcase_add_test(t, settle_without_memory_changes_nothing);
	tcase_add_test(t, new_without_memory_leaks_nothing);
	tcase_add_test(t, fork_without_memory_leaks_nothing);
	return suite_run("ted memory", t, 60);
}
