/*
 * The NETCONF driver with many emulated routers, which run in a process of their own: seconds to
 * connect all, CPU and memory of our side for each session, CPU while idle, reads, and transactions
 * of ten policies on all at once; then the time of one small transaction on one router. Usage:
 * bench_netconf [ROUTERS [IDLE-SECONDS]]
 */
#define _GNU_SOURCE
#include <event2/event.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "southbound/profile/profile.h"
#include "tests/interop/world.h"
#include "tests/support/suite.h"

#define POLICIES 10
#define ROUTERS_MAX 1000
#define ROUNDS 200

static struct world w;
static struct config_device config[ROUTERS_MAX];
static struct driver_device *device[ROUTERS_MAX];
static char names[ROUTERS_MAX][16], persist_ids[ROUTERS_MAX][16];
static struct deploy_change changes[POLICIES];
static struct deploy_transaction transactions[ROUTERS_MAX];
static double samples[ROUTERS_MAX];
static double wall_from, cpu_from;
static unsigned routers, idle_s;

static double
wall(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static double
cpu(void)
{
	struct rusage r;

	getrusage(RUSAGE_SELF, &r);
	return (double)(r.ru_utime.tv_sec + r.ru_stime.tv_sec) +
	       (double)(r.ru_utime.tv_usec + r.ru_stime.tv_usec) / 1e6;
}

static long
resident_kb(void)
{
	long size = 0, pages = 0;
	FILE *f = fopen("/proc/self/statm", "r");

	if (f == NULL || fscanf(f, "%ld %ld", &size, &pages) != 2)
		pages = 0;
	if (f != NULL)
		fclose(f);
	return pages * (sysconf(_SC_PAGESIZE) / 1024);
}

static void
begin(void)
{
	wall_from = wall();
	cpu_from = cpu();
}

static void
report(const char *what, unsigned n)
{
	double seconds = wall() - wall_from, used = cpu() - cpu_from;

	printf("%-44s %8.3f s  CPU %7.3f s  %7.3f ms each\n", what, seconds, used, 1e3 * used / n);
	fflush(stdout);
}

static int
order(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static void
percentiles(const char *what, unsigned n)
{
	qsort(samples, n, sizeof *samples, order);
	printf("%-44s p50 %.1f ms, p99 %.1f ms\n", what, samples[n / 2], samples[n * 99 / 100]);
	fflush(stdout);
}

static void
connect_all(unsigned n)
{
	long before = resident_kb();
	long more;

	begin();
	for (unsigned i = 0; i < n; i++) {
		snprintf(names[i], sizeof names[i], "r%u", i);
		config[i] = world_device(&w, names[i], (uint16_t)(config[0].port + i), NULL);
		w.driver->ops->open(w.driver, &config[i], profile_builtin("default"), &device[i],
				    NULL);
	}
	for (unsigned i = 0; i < n; i++)
		world_wait(&w, SERVICE_DEVICE_UP, 0);
	report("all connected", n);
	more = resident_kb() - before;
	printf("%-44s %ld kB, %ld kB each\n", "memory", more, more / (long)n);
	begin();
	world_run(&w, idle_s * 1000);
	report("idle", n);
}

static void
read_all(unsigned n)
{
	begin();
	for (unsigned i = 0; i < n; i++)
		w.driver->ops->read(device[i], i + 1, NULL);
	for (unsigned i = 0; i < n; i++)
		ck_assert_int_eq(world_wait(&w, SERVICE_DEVICE_READ, 0)->status, PCE_OK);
	report("all read", n);
}

static void
phase_all(unsigned n, enum deploy_phase phase, const char *what)
{
	begin();
	for (unsigned i = 0; i < n; i++) {
		struct pce_error err = { 0 };

		if (w.driver->ops->apply(device[i], i + 1, phase, &transactions[i], &err)) {
			printf("%s: %s\n", names[i], err.text);
			exit(EXIT_FAILURE);
		}
	}
	for (unsigned i = 0; i < n; i++) {
		const struct seen *s = world_wait(&w, SERVICE_DEVICE_RESULT, 0);

		if (s->status != PCE_OK) {
			printf("%s\n", s->text);
			exit(EXIT_FAILURE);
		}
		samples[i] = (double)(s->result.times.done.v - s->result.times.started.v) / 1e3;
	}
	report(what, n);
}

static void
one_by_one(void)
{
	double commit[ROUNDS];

	for (unsigned i = 0; i < ROUNDS; i++) {
		struct deploy_transaction t = transactions[0];
		double from = wall();
		const struct seen *s;

		t.id = 100000 + i;
		t.n_changes = 1;
		changes[0].policy = world_policy(&w, 100, 1 + i % 2, 3);
		ck_assert_int_eq(w.driver->ops->apply(device[0], 1, DEPLOY_PREPARE, &t, NULL),
				 PCE_OK);
		s = world_wait(&w, SERVICE_DEVICE_RESULT, 1);
		ck_assert_int_eq(s->status, PCE_OK);
		commit[i] = (double)(s->result.times.committed.v - s->result.times.started.v) / 1e3;
		ck_assert_int_eq(w.driver->ops->apply(device[0], 2, DEPLOY_CONFIRM, &t, NULL),
				 PCE_OK);
		ck_assert_int_eq(world_wait(&w, SERVICE_DEVICE_RESULT, 2)->status, PCE_OK);
		samples[i] = 1e3 * (wall() - from);
	}
	percentiles("one policy on one router, confirmed", ROUNDS);
	memcpy(samples, commit, sizeof commit);
	percentiles("  of it until the change runs", ROUNDS);
}

static void
make_transactions(unsigned n)
{
	for (unsigned i = 0; i < POLICIES; i++)
		changes[i] =
		    (struct deploy_change){ DEPLOY_REPLACE, world_policy(&w, 100 + i, 2, 3), NULL };
	for (unsigned i = 0; i < n; i++) {
		snprintf(persist_ids[i], sizeof persist_ids[i], "p-%u", i);
		transactions[i] = (struct deploy_transaction){ .id = i + 1,
							       .device = names[i],
							       .persist_id = persist_ids[i],
							       .confirm_timeout_s = 120,
							       .changes = changes,
							       .n_changes = POLICIES };
	}
}

/* The world's helpers check as they go, so the bench is a test that never forks. */
START_TEST(many_routers)
{
	unsigned n = routers;

	world_make(&w);
	config[0].port = world_ports(n);
	world_routers(&w, n, config[0].port, NULL);
	printf("%u emulated routers in one other process\n", n);
	connect_all(n);
	read_all(n);
	make_transactions(n);
	phase_all(n, DEPLOY_PREPARE, "10 policies on all: prepared");
	percentiles("  of one router, all at once", n);
	phase_all(n, DEPLOY_CONFIRM, "10 policies on all: confirmed");
	percentiles("  of one router, all at once", n);
	read_all(n);
	one_by_one();
	for (unsigned i = 0; i < n; i++)
		w.driver->ops->close(device[i]);
	world_end(&w);
}
END_TEST

int
main(int argc, char **argv)
{
	TCase *t = tcase_create("bench");

	routers = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 10) : 300;
	idle_s = argc > 2 ? (unsigned)strtoul(argv[2], NULL, 10) : 5;
	if (routers == 0 || routers > ROUTERS_MAX)
		return 2;
	setenv("CK_FORK", "no", 1);
	tcase_add_test(t, many_routers);
	return suite_run("bench-netconf", t, 0);
}
