/*
 * A gRPC completion queue on a thread of its own, beside the event loop. All calls live on that
 * thread; what comes out of them goes to the loop through one queue, in batches with one wake-up
 * (an eventfd), never by shared state. If the loop cannot keep up, the queue is full and streams
 * are not read on, so that flow control holds the routers back.
 *
 * Only a thread inside cq_next moves I/O, and start_batch after the queue's shutdown aborts the
 * process: so operations are counted, and the queue is shut down when none is under way.
 */
#ifndef SOUTHBOUND_GNMI_ENGINE_H
#define SOUTHBOUND_GNMI_ENGINE_H

#include <grpc/grpc.h>

#include "pce/base/status.h"
#include "pce/base/text.h"
#include "southbound/gnmi/walk.h"
#include "southbound/telemetry/meter.h"

#define GNMI_QUEUE_MAX 65536 /* items that wait for the loop */
#define GNMI_BATCH_EVENTS 256
#define GNMI_BATCH_MS 5

struct event_base;
struct gnmi_engine;

/* What was counted of a device, whichever way it streams. */
struct gnmi_counters {
	struct gnmi_walk_counters walk;
	struct meter_counters meter;
	uint64_t octets, streams, paused, refused;
	size_t memory; /* of its meter */
};

enum gnmi_item_kind { GNMI_ITEM_READING, GNMI_ITEM_STATE, GNMI_ITEM_COUNTERS, GNMI_ITEM_ANSWER };

/* One thing for the loop. */
struct gnmi_item {
	enum gnmi_item_kind kind;
	uint32_t device; /* number in the configuration */
	struct meter_reading reading;
	bool up; /* STATE */
	char *text; /* STATE: why not; to be freed */
	struct gnmi_counters *counters; /* COUNTERS; to be freed */
	struct gnmi_answer *answer; /* ANSWER: see line.h; to be freed */
};

/* Something that the loop wants done on the engine's thread. */
struct gnmi_job {
	void (*fn)(struct gnmi_job *job);
	struct gnmi_job *next;
};

/* Called on the loop for each item; what it points to is freed afterwards. */
typedef void gnmi_item_fn(void *ctx, const struct gnmi_item *item);

/* Embedded where an operation completes; fn runs on the engine's thread. */
struct gnmi_tag {
	void (*fn)(struct gnmi_tag *tag, bool ok);
};

/* Something to do later on the engine's thread. */
struct gnmi_timer {
	void (*fn)(struct gnmi_timer *timer);
	struct usec at; /* USEC_NEVER: not set */
	struct gnmi_timer *next;
};

/* What takes part in the engine: it is told to end on the engine's thread. */
struct gnmi_part {
	void (*stop)(struct gnmi_part *part);
	struct gnmi_part *next;
};

/* Nothing runs yet. Caller owns *out. */
enum pce_status gnmi_engine_new(struct event_base *loop, gnmi_item_fn *fn, void *ctx,
				struct gnmi_engine **out, struct pce_error *err);
/* Starts the thread. */
enum pce_status gnmi_engine_start(struct gnmi_engine *engine, struct pce_error *err);
/* Stops every part, waits for the thread, and frees the engine; the parts' memory is their owners'.
 * NULL does nothing. On the loop's thread. */
void gnmi_engine_free(struct gnmi_engine *engine);

/* --- on the loop's thread --- */

/* Has a job done soon, after those given before. It belongs to the engine until fn was called; jobs
 * that are left when the engine ends are called from gnmi_engine_free, where it is stopping. */
void gnmi_engine_do(struct gnmi_engine *engine, struct gnmi_job *job);

/* --- before the start, or on the engine's thread --- */

/* The completion queue that calls are made on. */
grpc_completion_queue *gnmi_engine_queue(const struct gnmi_engine *engine);
/* Adds a part. */
void gnmi_engine_add(struct gnmi_engine *engine, struct gnmi_part *part);
/* Adds a timer, not set. */
void gnmi_engine_timer(struct gnmi_engine *engine, struct gnmi_timer *timer);
/* Sets a timer that was added, or unsets it. */
void gnmi_engine_set(struct gnmi_engine *engine, struct gnmi_timer *timer, struct usec at);
/* Takes an item for the loop; without memory it is lost and counted. */
void gnmi_engine_post(struct gnmi_engine *engine, const struct gnmi_item *item);
/* Hands what was taken to the loop at once, instead of with a batch. */
void gnmi_engine_flush(struct gnmi_engine *engine);
/* True if the loop has not taken what waits. */
bool gnmi_engine_full(const struct gnmi_engine *engine);
/* True once it is stopping: nothing new may be started but what ends calls. */
bool gnmi_engine_stopping(const struct gnmi_engine *engine);
/* An operation that will complete with a tag was started, by gnmi_engine_batch or otherwise. */
void gnmi_engine_started(struct gnmi_engine *engine);
/* start_batch, counted. false: it was refused, and tag will not complete. */
bool gnmi_engine_batch(struct gnmi_engine *engine, grpc_call *call, const grpc_op *ops, size_t n,
		       struct gnmi_tag *tag);

/*
 * The octets of a message in one piece: in place if they are, else copied to *scratch (grown, the
 * caller frees it). NULL without memory.
 */
const uint8_t *gnmi_flatten(grpc_byte_buffer *buffer, size_t *len, struct text *scratch);
/* Octets as a buffer to send. */
grpc_byte_buffer *gnmi_buffer(const void *bytes, size_t len);

#endif
