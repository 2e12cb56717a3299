/* Every allocation made to fail in turn: nothing leaks, the answer stays empty, and the next try
 * gives what would have come without the failure. */
#include <stdlib.h>
#include <string.h>

#include "pce/path/path.h"
#include "tests/path/oracle.h"
#include "tests/support/suite.h"

void *__real_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *at, size_t size);
void __real_free(void *at);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *at, size_t size);
void __wrap_free(void *at);

static unsigned long fail_at, counted; /* the allocation that fails, from 1; 0: none */
static bool armed; /* only while the code under test runs */
static long live;

static bool
fails(void)
{
	return armed && fail_at != 0 && ++counted == fail_at;
}

static void *
note(void *at)
{
	live += armed && at;
	return at;
}

void *
__wrap_malloc(size_t size)
{
	return fails() ? NULL : note(__real_malloc(size));
}

void *
__wrap_calloc(size_t n, size_t size)
{
	return fails() ? NULL : note(__real_calloc(n, size));
}

void *
__wrap_realloc(void *old, size_t size)
{
	if (fails())
		return NULL;
	live -= armed && old;
	return note(__real_realloc(old, size));
}

void
__wrap_free(void *at)
{
	live -= armed && at;
	__real_free(at);
}

/* One engine, one answer, everything freed; true if nothing failed. */
static bool
run_once(const struct ted *ted, const struct path_request *r, uint64_t *settled)
{
	struct path_engine *engine = NULL;
	struct path_answer answer = { .n_routes = 0 };
	struct pce_error err = { 0 };
	enum pce_status status;

	counted = 0;
	live = 0;
	armed = true;
	status = path_engine_new(ted, &engine, &err);
	if (!status)
		status = path_compute(engine, r, &answer, &err);
	if (status && (answer.routes || answer.no_path.text || answer.relaxed))
		abort();
	*settled = answer.settled;
	path_answer_free(&answer);
	path_engine_free(engine);
	armed = false;
	ck_assert_msg(live == 0, "%ld blocks leak at allocation %lu", live, fail_at);
	ck_assert_msg(status == PCE_OK || status == PCE_NO_MEMORY, "%s", err.text);
	return status == PCE_OK;
}

START_TEST(path_without_memory_fails_cleanly)
{
	for (unsigned seed = 1; seed <= suite_seeds() / 4; seed++) {
		uint64_t state = seed, settled, expected;
		struct random_net net;
		struct random_request q;
		struct ted *ted;

		net_draw(&net, &state, 6);
		ted = net_build(&net, NULL);
		request_draw(&q, ted, &state);
		q.r.disjoint = seed % 3 == 0 ? PATH_DISJOINT_NONE : seed % 5;
		q.r.k = q.r.disjoint == PATH_DISJOINT_NONE ? seed % 4 : 0;
		q.r.diverse = seed % 8 == 0;
		if (seed % 7 == 6) {
			q.r.disjoint = PATH_DISJOINT_NONE;
			q.r.k = 0;
			q.r.guarantee = 0.999;
			q.r.max_lists = 1 + seed % 3;
			q.r.bandwidth_bps = 100000000;
		}
		fail_at = 0;
		ck_assert(run_once(ted, &q.r, &expected));
		for (fail_at = 1; !run_once(ted, &q.r, &settled); fail_at++)
			;
		ck_assert_uint_eq(settled, expected);
		ted_free(ted);
	}
}
END_TEST

int
main(void)
{
	TCase *tcase = tcase_create("memory");

	tcase_add_test(tcase, path_without_memory_fails_cleanly);
	return suite_run("path_memory", tcase, 60);
}
