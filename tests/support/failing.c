/* Where the linker sends the allocations of a test program: see failing.h. */
#include "tests/support/failing.h"

#include <stdint.h>
#include <stdlib.h>

void *__real_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *at, size_t size);
void __real_free(void *at);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *at, size_t size);
void __wrap_free(void *at);

static unsigned long fail_at, counted;
static bool armed;
static long live;

/* The blocks: the C library's own (strdup and the like) are freed here too, but not counted. */
#define BUCKETS 65536u

static struct bucket {
	const void **blocks;
	unsigned n, cap;
} buckets[BUCKETS];

static struct bucket *
bucket_of(const void *at)
{
	return &buckets[((uintptr_t)at >> 4) % BUCKETS];
}

static void *
note(void *at)
{
	struct bucket *b = bucket_of(at);

	if (!at)
		return NULL;
	if (b->n == b->cap) {
		b->cap = b->cap ? 2 * b->cap : 4;
		b->blocks = __real_realloc(b->blocks, b->cap * sizeof(const void *));
		if (!b->blocks)
			abort();
	}
	b->blocks[b->n++] = at;
	live++;
	return at;
}

static void
forget(const void *at)
{
	struct bucket *b = bucket_of(at);

	for (unsigned i = 0; at && i < b->n; i++) {
		if (b->blocks[i] != at)
			continue;
		b->blocks[i] = b->blocks[--b->n];
		live--;
		return;
	}
}

static bool
fails(void)
{
	return armed && ++counted == fail_at;
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
__wrap_realloc(void *at, size_t size)
{
	void *moved;

	if (fails())
		return NULL;
	forget(at);
	moved = note(__real_realloc(at, size));
	return moved;
}

void
__wrap_free(void *at)
{
	forget(at);
	__real_free(at);
}

void
failing_at(unsigned long at)
{
	fail_at = at;
	counted = 0;
	armed = true;
}

void
failing_pause(void)
{
	armed = false;
}

void
failing_resume(void)
{
	armed = true;
}

bool
failing_stop(void)
{
	armed = false;
	return fail_at && counted >= fail_at;
}

unsigned long
failing_counted(void)
{
	return counted;
}

long
failing_live(void)
{
	return live;
}
