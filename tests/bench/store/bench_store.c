/*
 * What storing costs: batches of three records of 1 kB (an intent, a policy, a transaction), one at
 * a time and many at once. Run: bench_store FILE (a new one, on the disk that is asked about).
 */
#define _GNU_SOURCE
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "pce/store/store_sqlite.h"

#define SINGLES 300u
#define TOGETHER 10000u

static int wake;

static double
now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static void
check(enum pce_status status, const char *text)
{
	if (status) {
		fprintf(stderr, "bench_store: %s\n", text);
		exit(1);
	}
}

static void
put(struct store *store, uint64_t id)
{
	static char bytes[1000];
	struct store_record records[3];
	char key[24];
	struct pce_error err;

	snprintf(key, sizeof(key), "key-%llu", (unsigned long long)(id % 2000));
	for (uint32_t i = 0; i < 3; i++)
		records[i] = (struct store_record){
			.kind = i, .key = key, .version = 1, .bytes = bytes, .len = sizeof(bytes)
		};
	check(store_put(store, id, records, 3, &err), err.text);
}

static void
wait_for(struct store *store, unsigned n)
{
	struct store_result result;
	struct pollfd fd = { wake, POLLIN, 0 };
	uint64_t count;

	while (n > 0) {
		if (store_poll(store, &result)) {
			check(result.status, result.text);
			n--;
		} else if (poll(&fd, 1, -1) == 1 && read(wake, &count, sizeof(count)) < 0) {
			exit(1);
		}
	}
}

static int
compare(const void *left, const void *right)
{
	const double *a = left, *b = right;

	return (*a > *b) - (*a < *b);
}

int
main(int argc, char **argv)
{
	static double times[SINGLES];
	struct store *store;
	struct pce_error err;
	double start;

	if (argc != 2) {
		fprintf(stderr, "usage: bench_store FILE\n");
		return 2;
	}
	wake = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	check(store_sqlite_open(argv[1], wake, &store, &err), err.text);
	for (unsigned i = 0; i < SINGLES; i++) {
		start = now_us();
		put(store, i);
		wait_for(store, 1);
		times[i] = now_us() - start;
	}
	qsort(times, SINGLES, sizeof(*times), compare);
	printf("one batch at a time: p50 %.0f us, p99 %.0f us\n", times[SINGLES / 2],
	       times[SINGLES * 99 / 100]);
	start = now_us();
	for (unsigned i = 0; i < TOGETHER; i++)
		put(store, i);
	wait_for(store, TOGETHER);
	printf("%u batches at once: %.0f batches/s\n", TOGETHER,
	       TOGETHER / ((now_us() - start) / 1e6));
	store_close(store);
	return 0;
}
