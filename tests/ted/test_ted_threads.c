/* Forks used and freed on other threads while the original learns and books: for the thread
 * sanitizer, and to see that nothing leaks over. */
#include <pthread.h>
#include <string.h>

#include "tests/support/suite.h"
#include "tests/ted/net.h"

#define ROUTERS 40u
#define WORKERS 4u

static void
say_ring(struct ted *ted, uint32_t metric)
{
	for (uint32_t i = 0; i < ROUTERS; i++) {
		uint32_t next = (i + 1) % ROUTERS;

		say_node(ted, PEER_1, net_isis(i + 1), NULL);
		say_link(ted, PEER_1,
			 net_addressed(net_isis(i + 1), net_isis(next + 1), (uint8_t)i, true),
			 metric);
		say_link(ted, PEER_1,
			 net_addressed(net_isis(next + 1), net_isis(i + 1), (uint8_t)i, false),
			 metric);
	}
}

/* Works on a fork as a planner does; returns NULL, or what was wrong. */
static void *
work(void *arg)
{
	struct ted *fork = arg;
	struct pce_error err;
	const char *wrong = NULL;
	uint32_t metric = ted_link_at(fork, 0)->igp_metric;

	for (ted_link i = 0; i < ted_link_count(fork) && !wrong; i++) {
		uint64_t before = ted_link_at(fork, i)->booked_bps;

		if (ted_link_at(fork, i)->igp_metric != metric)
			wrong = "a fork sees later metrics";
		if (ted_book(fork, i, 5, &err) || ted_link_at(fork, i)->booked_bps != before + 5)
			wrong = "a fork cannot book";
		if (ted_link_by_key(fork, ted_link_key_text(fork, i)) != i)
			wrong = "a fork does not know its keys";
		if (ted_fail_link(fork, i) || ted_link_usable(fork, i))
			wrong = "a fork cannot fail a link";
	}
	ted_free(fork);
	return (void *)(uintptr_t)wrong;
}

START_TEST(fork_on_other_threads_is_apart)
{
	struct ted *ted;
	struct pce_error err;

	ck_assert_int_eq(ted_new(&ted, 1, &err), PCE_OK);
	say_ring(ted, 1);
	settle(ted, NULL);
	for (uint32_t round = 2; round < 60; round++) {
		pthread_t threads[WORKERS];

		for (unsigned i = 0; i < WORKERS; i++) {
			struct ted *fork;

			ck_assert_int_eq(ted_fork(ted, &fork, &err), PCE_OK);
			ck_assert_int_eq(pthread_create(&threads[i], NULL, work, fork), 0);
			for (ted_link l = 0; l < 2 * ROUTERS; l++)
				ck_assert_int_eq(ted_book(ted, l, 1, &err), PCE_OK);
		}
		say_ring(ted, round);
		say_node(ted, PEER_1, net_isis(100 + round), "newcomer");
		settle(ted, NULL);
		for (unsigned i = 0; i < WORKERS; i++) {
			void *wrong;

			ck_assert_int_eq(pthread_join(threads[i], &wrong), 0);
			ck_assert_msg(!wrong, "%s", (const char *)wrong);
		}
	}
	ck_assert_uint_eq(ted_link_at(ted, 0)->booked_bps, 58 * WORKERS);
	ted_free(ted);
}
END_TEST

int
main(void)
{
	TCase *t = tcase_create("threads");

	tcase_add_test(t, fork_on_other_threads_is_apart);
	return suite_run("ted threads", t, 60);
}
