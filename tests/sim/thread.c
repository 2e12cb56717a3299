/*
 * The store's thread as a coroutine. pce/store/store_sqlite.c starts one thread, which waits on one
 * condition; the linker sends these calls here (--wrap). Handing a batch over wakes the thread only
 * after the disk's latency, so batches gather (group commit) as they do on a real disk, and always
 * in the same way. Mutexes are the real ones: nothing ever contends.
 */
#include <pthread.h>
#include <ucontext.h>

#include "tests/sim/sim.h"

#define STACK ((size_t)512 * 1024)

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/common_interface_defs.h>
#define SWITCH_BEGIN(save, stack, size) __sanitizer_start_switch_fiber(save, stack, size)
#define SWITCH_END(save, bottom, size) __sanitizer_finish_switch_fiber(save, bottom, size)
#else
#define SWITCH_BEGIN(save, stack, size) ((void)(save), (void)(stack), (void)(size))
#define SWITCH_END(save, bottom, size) ((void)(save), (void)(bottom), (void)(size))
#endif

struct sim_disk_speed thread_disk;

static struct {
	bool there, ended;
	void *(*fn)(void *);
	void *arg;
	char *stack;
	ucontext_t inside, outside;
	struct sim_timer wake;
	/* for the sanitizer */
	void *fake_inside, *fake_outside;
	const void *outer_stack;
	size_t outer_size;
} thread;

int __wrap_pthread_create(pthread_t *out, const pthread_attr_t *attr, void *(*fn)(void *),
			  void *arg);
int __wrap_pthread_join(pthread_t id, void **result);
int __wrap_pthread_cond_wait(pthread_cond_t *cond, pthread_mutex_t *lock);
int __wrap_pthread_cond_signal(pthread_cond_t *cond);

/* From inside to whoever woke it. last: the coroutine never comes back. */
static void
leave(bool last)
{
	SWITCH_BEGIN(last ? NULL : &thread.fake_inside, thread.outer_stack, thread.outer_size);
	swapcontext(&thread.inside, &thread.outside);
	SWITCH_END(thread.fake_inside, &thread.outer_stack, &thread.outer_size);
}

static void
enter(void)
{
	SWITCH_BEGIN(&thread.fake_outside, thread.stack, STACK);
	swapcontext(&thread.outside, &thread.inside);
	SWITCH_END(thread.fake_outside, NULL, NULL);
}

static void
body(void)
{
	SWITCH_END(NULL, &thread.outer_stack, &thread.outer_size);
	thread.fn(thread.arg);
	thread.ended = true;
	leave(true);
}

/* The disk got to what waits. It is karstd's work. */
static void
wake(void *arg)
{
	(void)arg;
	sim.in_karst = true;
	enter();
}

int
__wrap_pthread_create(pthread_t *out, const pthread_attr_t *attr, void *(*fn)(void *), void *arg)
{
	(void)attr;
	if (thread.there)
		abort();
	thread.there = true;
	thread.ended = false;
	thread.fn = fn;
	thread.arg = arg;
	thread.stack = sim_alloc(STACK);
	getcontext(&thread.inside);
	thread.inside.uc_stack.ss_sp = thread.stack;
	thread.inside.uc_stack.ss_size = STACK;
	thread.inside.uc_link = NULL;
	makecontext(&thread.inside, body, 0);
	thread.wake.fire = wake;
	*out = pthread_self();
	enter(); /* to its first wait */
	return 0;
}

int
__wrap_pthread_join(pthread_t id, void **result)
{
	(void)id, (void)result;
	timer_clear(&thread.wake);
	while (!thread.ended)
		enter();
	thread.there = false;
	free(thread.stack);
	thread.stack = NULL;
	return 0;
}

int
__wrap_pthread_cond_wait(pthread_cond_t *cond, pthread_mutex_t *lock)
{
	(void)cond;
	pthread_mutex_unlock(lock);
	leave(false);
	pthread_mutex_lock(lock);
	return 0;
}

int
__wrap_pthread_cond_signal(pthread_cond_t *cond)
{
	int64_t wait = thread_disk.latency_us;

	(void)cond;
	if (thread_disk.jitter_us > 0)
		wait += sim_below((uint32_t)thread_disk.jitter_us);
	if (thread.wake.index == 0)
		timer_set(&thread.wake, usec_add(sim.now, wait));
	return 0;
}

void
thread_reset(void)
{
	timer_clear(&thread.wake);
}
