#define _GNU_SOURCE
#include "config.h"

#include "southbound/clock.h"
#include "southbound/gnmi/engine.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include <event2/event.h>
#include <grpc/byte_buffer_reader.h>
#include <grpc/support/alloc.h>
#include <grpc/support/log.h>

#include "pce/base/array.h"

#define IDLE_MS 100 /* how long a stop may go unnoticed */

struct items {
	struct gnmi_item *at;
	size_t n, cap;
};

struct gnmi_engine {
	grpc_completion_queue *cq;
	pthread_t thread;
	bool started;
	atomic_bool stopping;
	gnmi_item_fn *fn;
	void *ctx;
	struct event *wake;
	int fd;
	/* The engine's side collects; what is published is the loop's. */
	struct items collected, published, taken;
	pthread_mutex_t lock;
	atomic_size_t waiting; /* items that the loop has not seen */
	atomic_size_t lost;
	/* the engine's thread only */
	size_t pending; /* operations */
	struct gnmi_timer *timers;
	struct gnmi_part *parts;
	/* What the loop wants done. The C library has no alarm to wake the thread with, so the
	 * first of a batch calls nobody, on a channel that fails at once. */
	struct gnmi_job *jobs, **jobs_end;
	grpc_channel *nobody;
	struct wake {
		struct gnmi_tag tag;
		grpc_call *call; /* NULL: none is under way */
		grpc_metadata_array trailing;
		grpc_status_code status;
		grpc_slice details;
	} wake_up;
};

static void
free_item(struct gnmi_item *item)
{
	free(item->text);
	free(item->counters);
	free(item->answer);
}

static void
free_items(struct items *items)
{
	for (size_t i = 0; i < items->n; i++)
		free_item(&items->at[i]);
	free(items->at);
	*items = (struct items){ 0 };
}

/* --- the loop's side --- */

static void
on_wake(evutil_socket_t fd, short what, void *ctx)
{
	struct gnmi_engine *e = ctx;
	struct items swap;
	uint64_t count;

	(void)what;
	if (read((int)fd, &count, sizeof(count)) != sizeof(count))
		return;
	pthread_mutex_lock(&e->lock);
	swap = e->taken;
	e->taken = e->published;
	e->published = swap;
	pthread_mutex_unlock(&e->lock);
	for (size_t i = 0; i < e->taken.n; i++) {
		e->fn(e->ctx, &e->taken.at[i]);
		free_item(&e->taken.at[i]);
	}
	atomic_fetch_sub(&e->waiting, e->taken.n);
	e->taken.n = 0;
}

/* --- jobs --- */

static struct gnmi_job *
take_jobs(struct gnmi_engine *e)
{
	struct gnmi_job *jobs;

	pthread_mutex_lock(&e->lock);
	jobs = e->jobs;
	e->jobs = NULL;
	e->jobs_end = &e->jobs;
	pthread_mutex_unlock(&e->lock);
	return jobs;
}

static void
run_jobs(struct gnmi_engine *e)
{
	struct gnmi_job *next;

	for (struct gnmi_job *job = take_jobs(e); job; job = next) {
		next = job->next;
		job->fn(job);
	}
}

static void
end_wake(struct wake *wake)
{
	grpc_call_unref(wake->call);
	grpc_metadata_array_destroy(&wake->trailing);
	grpc_slice_unref(wake->details);
	wake->call = NULL;
}

#define ENGINE_OF_WAKE(at)                                                                         \
	((struct gnmi_engine *)(void *)((char *)(at)-offsetof(struct gnmi_engine, wake_up)))

static void
woken(struct gnmi_tag *tag, bool ok)
{
	struct gnmi_engine *e = ENGINE_OF_WAKE(tag);

	(void)ok;
	pthread_mutex_lock(&e->lock);
	end_wake(&e->wake_up);
	pthread_mutex_unlock(&e->lock);
	run_jobs(e);
}

/* Under the lock. If it is refused the thread looks by itself within IDLE_MS. */
static void
begin_wake(struct gnmi_engine *e)
{
	struct wake *wake = &e->wake_up;
	grpc_op op = { .op = GRPC_OP_RECV_STATUS_ON_CLIENT };

	grpc_metadata_array_init(&wake->trailing);
	wake->details = grpc_empty_slice();
	wake->call = grpc_channel_create_call(e->nobody, NULL, GRPC_PROPAGATE_DEFAULTS, e->cq,
					      grpc_slice_from_static_string("/wake"), NULL,
					      gpr_inf_future(GPR_CLOCK_MONOTONIC), NULL);
	op.data.recv_status_on_client.status = &wake->status;
	op.data.recv_status_on_client.status_details = &wake->details;
	op.data.recv_status_on_client.trailing_metadata = &wake->trailing;
	if (grpc_call_start_batch(wake->call, &op, 1, &wake->tag, NULL) != GRPC_CALL_OK)
		end_wake(wake);
}

void
gnmi_engine_do(struct gnmi_engine *e, struct gnmi_job *job)
{
	job->next = NULL;
	pthread_mutex_lock(&e->lock);
	*e->jobs_end = job;
	e->jobs_end = &job->next;
	if (!e->wake_up.call)
		begin_wake(e);
	pthread_mutex_unlock(&e->lock);
}

static void
say_nothing(gpr_log_func_args *args)
{
	(void)args;
}

enum pce_status
gnmi_engine_new(struct event_base *loop, gnmi_item_fn *fn, void *ctx, struct gnmi_engine **out,
		struct pce_error *err)
{
	struct gnmi_engine *e = calloc(1, sizeof(*e));

	if (!e)
		return pce_no_memory(err);
	e->fn = fn;
	e->ctx = ctx;
	pthread_mutex_init(&e->lock, NULL);
	e->fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	e->wake = e->fd < 0 ? NULL : event_new(loop, e->fd, EV_READ | EV_PERSIST, on_wake, e);
	grpc_init();
	/* What goes wrong is told by Karst, with the router's name. */
	if (!getenv("GRPC_VERBOSITY"))
		gpr_set_log_function(say_nothing);
	e->cq = grpc_completion_queue_create_for_next(NULL);
	e->nobody = grpc_lame_client_channel_create(NULL, GRPC_STATUS_CANCELLED, "wake");
	e->wake_up.tag.fn = woken;
	e->jobs_end = &e->jobs;
	if (!e->wake || event_add(e->wake, NULL)) {
		gnmi_engine_free(e);
		return pce_fail(err, PCE_IO, "no descriptor to wake the loop with");
	}
	*out = e;
	return PCE_OK;
}

/* --- the queue --- */

void
gnmi_engine_post(struct gnmi_engine *e, const struct gnmi_item *item)
{
	if (array_reserve(&e->collected.at, &e->collected.cap, e->collected.n + 1,
			  sizeof(*e->collected.at), NULL)) {
		struct gnmi_item lost = *item;

		free_item(&lost);
		atomic_fetch_add(&e->lost, 1);
		return;
	}
	e->collected.at[e->collected.n++] = *item;
	atomic_fetch_add(&e->waiting, 1);
}

bool
gnmi_engine_full(const struct gnmi_engine *e)
{
	return atomic_load(&e->waiting) > GNMI_QUEUE_MAX;
}

void
gnmi_engine_flush(struct gnmi_engine *e)
{
	const uint64_t one = 1;
	bool first;

	if (e->collected.n == 0)
		return;
	pthread_mutex_lock(&e->lock);
	first = e->published.n == 0;
	if (first) {
		struct items swap = e->published;

		e->published = e->collected;
		e->collected = swap;
	} else if (array_reserve(&e->published.at, &e->published.cap,
				 e->published.n + e->collected.n, sizeof(*e->published.at),
				 NULL) == PCE_OK) {
		for (size_t i = 0; i < e->collected.n; i++)
			e->published.at[e->published.n++] = e->collected.at[i];
		e->collected.n = 0;
	}
	pthread_mutex_unlock(&e->lock);
	/* The counter cannot overflow: the loop reads it to zero. */
	if (first && write(e->fd, &one, sizeof(one)) != sizeof(one))
		atomic_fetch_add(&e->lost, 1);
}

/* --- the thread --- */

grpc_completion_queue *
gnmi_engine_queue(const struct gnmi_engine *e)
{
	return e->cq;
}

void
gnmi_engine_add(struct gnmi_engine *e, struct gnmi_part *part)
{
	part->next = e->parts;
	e->parts = part;
}

void
gnmi_engine_timer(struct gnmi_engine *e, struct gnmi_timer *timer)
{
	timer->at = USEC_NEVER;
	timer->next = e->timers;
	e->timers = timer;
}

void
gnmi_engine_set(struct gnmi_engine *e, struct gnmi_timer *timer, struct usec at)
{
	(void)e;
	timer->at = at;
}

bool
gnmi_engine_stopping(const struct gnmi_engine *e)
{
	return atomic_load(&e->stopping);
}

void
gnmi_engine_started(struct gnmi_engine *e)
{
	e->pending++;
}

bool
gnmi_engine_batch(struct gnmi_engine *e, grpc_call *call, const grpc_op *ops, size_t n,
		  struct gnmi_tag *tag)
{
	if (grpc_call_start_batch(call, ops, n, tag, NULL) != GRPC_CALL_OK)
		return false;
	e->pending++;
	return true;
}

/* Runs what is due; the next instant at which something is. */
static struct usec
run_timers(struct gnmi_engine *e)
{
	struct usec now = monotonic_now(), next = USEC_NEVER;

	for (struct gnmi_timer *t = e->timers; t; t = t->next) {
		if (usec_due(t->at, now)) {
			t->at = USEC_NEVER;
			t->fn(t);
		}
		next = usec_min(next, t->at);
	}
	return next;
}

static gpr_timespec
deadline_of(const struct gnmi_engine *e, struct usec next)
{
	struct usec now = monotonic_now();
	int64_t ms = e->collected.n > 0 ? GNMI_BATCH_MS : IDLE_MS;

	if (next.v != USEC_NEVER.v && next.v - now.v < ms * USEC_PER_MS)
		ms = next.v > now.v ? (next.v - now.v) / USEC_PER_MS + 1 : 0;
	return gpr_time_add(gpr_now(GPR_CLOCK_MONOTONIC), gpr_time_from_millis(ms, GPR_TIMESPAN));
}

static void
stop_parts(struct gnmi_engine *e)
{
	for (struct gnmi_part *p = e->parts; p; p = p->next)
		p->stop(p);
	e->parts = NULL;
	e->timers = NULL;
}

static void *
run(void *arg)
{
	struct gnmi_engine *e = arg;
	unsigned events = 0;
	bool stopped = false;

	for (;;) {
		struct usec next = run_timers(e);
		grpc_event event = grpc_completion_queue_next(e->cq, deadline_of(e, next), NULL);

		if (event.type == GRPC_OP_COMPLETE) {
			struct gnmi_tag *tag = event.tag;

			e->pending -= tag != &e->wake_up.tag;
			tag->fn(tag, event.success != 0);
			events++;
		}
		if (event.type == GRPC_QUEUE_TIMEOUT || events >= GNMI_BATCH_EVENTS) {
			gnmi_engine_flush(e);
			events = 0;
		}
		if (event.type == GRPC_QUEUE_TIMEOUT)
			run_jobs(e);
		if (gnmi_engine_stopping(e) && !stopped) {
			stop_parts(e);
			stopped = true;
		}
		if (stopped && e->pending == 0)
			return NULL;
	}
}

enum pce_status
gnmi_engine_start(struct gnmi_engine *e, struct pce_error *err)
{
	sigset_t all, before;
	int failed;

	/* Signals are the loop's. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	failed = pthread_create(&e->thread, NULL, run, e);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (failed)
		return pce_fail(err, PCE_IO, "no thread for gRPC");
	e->started = true;
	return PCE_OK;
}

void
gnmi_engine_free(struct gnmi_engine *e)
{
	if (!e)
		return;
	if (e->started) {
		atomic_store(&e->stopping, true);
		pthread_join(e->thread, NULL);
	}
	grpc_completion_queue_shutdown(e->cq);
	while (grpc_completion_queue_next(e->cq, gpr_inf_future(GPR_CLOCK_MONOTONIC), NULL).type !=
	       GRPC_QUEUE_SHUTDOWN)
		;
	if (e->wake_up.call)
		end_wake(&e->wake_up);
	run_jobs(e);
	grpc_channel_destroy(e->nobody);
	grpc_completion_queue_destroy(e->cq);
	if (e->wake)
		event_free(e->wake);
	if (e->fd >= 0)
		close(e->fd);
	free_items(&e->collected);
	free_items(&e->published);
	free_items(&e->taken);
	pthread_mutex_destroy(&e->lock);
	free(e);
	grpc_shutdown_blocking();
}

/* --- octets --- */

const uint8_t *
gnmi_flatten(grpc_byte_buffer *buffer, size_t *len, struct text *scratch)
{
	grpc_byte_buffer_reader reader;
	grpc_slice *slice;
	const uint8_t *out = (const uint8_t *)"";

	*len = grpc_byte_buffer_length(buffer);
	if (*len == 0)
		return out;
	if (!grpc_byte_buffer_reader_init(&reader, buffer))
		return NULL;
	text_clear(scratch);
	while (grpc_byte_buffer_reader_peek(&reader, &slice)) {
		if (GRPC_SLICE_LENGTH(*slice) == *len) {
			out = GRPC_SLICE_START_PTR(*slice);
			break;
		}
		text_bytes(scratch, GRPC_SLICE_START_PTR(*slice), GRPC_SLICE_LENGTH(*slice));
	}
	grpc_byte_buffer_reader_destroy(&reader);
	if (scratch->len > 0)
		out = text_ok(scratch) ? (const uint8_t *)scratch->at : NULL;
	return out;
}

grpc_byte_buffer *
gnmi_buffer(const void *bytes, size_t len)
{
	grpc_slice slice = grpc_slice_from_copied_buffer(bytes, len);
	grpc_byte_buffer *buffer = grpc_raw_byte_buffer_create(&slice, 1);

	grpc_slice_unref(slice);
	return buffer;
}
