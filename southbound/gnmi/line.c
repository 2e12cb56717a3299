#define _GNU_SOURCE
#include "config.h"

#include "southbound/gnmi/line.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "southbound/clock.h"
#include "southbound/gnmi/code.h"

#define CHANGED_MAX 65536 /* octets of a message that is told whole */
#define WATCH_PAUSE_US (50 * (int64_t)USEC_PER_MS)

struct gnmi_line {
	struct gnmi_part part;
	struct gnmi_engine *engine;
	uint32_t device;
	struct gnmi_connection connection;
	struct gnmi_call call;
	uint64_t number; /* of the call */
	struct gnmi_stream watch;
	struct gnmi_timer read_on;
	bool watches; /* the router said that the stream is in step */
	bool ready, losing;
	struct pce_error why; /* it is being lost */
};

enum order_kind { ORDER_OPEN, ORDER_CALL, ORDER_WATCH, ORDER_LOSE, ORDER_STEADY };

struct order {
	struct gnmi_job job;
	struct gnmi_line *line;
	enum order_kind kind;
	uint64_t call;
	const char *method;
	int64_t timeout_ms;
	struct pce_error why;
	size_t len;
	uint8_t bytes[];
};

#define LINE_OF(pointer, member)                                                                   \
	((struct gnmi_line *)(void *)((char *)(pointer)-offsetof(struct gnmi_line, member)))

/* --- answers --- */

/* Without memory the loop hears nothing of it, and asks again when its patience is over. */
static void
answer(struct gnmi_line *line, const struct gnmi_answer *from)
{
	size_t text_len = strlen(from->text);
	struct gnmi_answer *copy = malloc(sizeof(*copy) + from->len + text_len + 1);
	struct gnmi_item item = { .kind = GNMI_ITEM_ANSWER, .device = line->device };
	uint8_t *behind;

	if (!copy)
		return;
	*copy = *from;
	behind = (uint8_t *)(copy + 1);
	if (from->len > 0)
		memcpy(behind, from->bytes, from->len);
	memcpy(behind + from->len, from->text, text_len + 1);
	copy->bytes = behind;
	copy->text = (const char *)behind + from->len;
	item.answer = copy;
	gnmi_engine_post(line->engine, &item);
	gnmi_engine_flush(line->engine);
}

static bool
is_busy(const struct gnmi_line *line)
{
	return line->call.busy || line->watch.busy;
}

/* --- losing --- */

/* When nothing is under way any more the connection goes. */
static void
lose_if_idle(struct gnmi_line *line)
{
	if (is_busy(line))
		return;
	if (gnmi_engine_stopping(line->engine)) {
		gnmi_channel_close(&line->connection.channel);
		return;
	}
	if (!line->losing)
		return;
	line->losing = line->ready = false;
	gnmi_connection_lose(&line->connection, &line->why);
}

static void
lose(struct gnmi_line *line, const struct pce_error *why)
{
	if (!line->ready || line->losing)
		return;
	line->losing = true;
	line->why = *why;
	gnmi_call_cancel(&line->call);
	gnmi_stream_cancel(&line->watch);
	lose_if_idle(line);
}

static void
on_failed(struct gnmi_connection *connection, const struct pce_error *why)
{
	answer(LINE_OF(connection, connection), &(struct gnmi_answer){ .kind = GNMI_ANSWER_DOWN,
								       .code = (int)why->status,
								       .text = why->text });
}

static void
on_ready(struct gnmi_connection *connection, const struct gnmi_capabilities *capabilities)
{
	struct gnmi_line *line = LINE_OF(connection, connection);

	line->ready = true;
	line->watches = false;
	answer(line, &(struct gnmi_answer){
			 .kind = GNMI_ANSWER_UP, .capabilities = *capabilities, .text = "" });
}

/* --- calls --- */

static void
call_ended(struct gnmi_line *line, int code, const char *text, const uint8_t *bytes, size_t len)
{
	answer(line, &(struct gnmi_answer){ .kind = GNMI_ANSWER_CALL,
					    .call = line->number,
					    .code = code,
					    .text = text,
					    .bytes = bytes,
					    .len = bytes ? len : 0 });
}

static void
on_called(struct gnmi_call *call, grpc_status_code status, const uint8_t *bytes, size_t len,
	  const char *text)
{
	struct gnmi_line *line = LINE_OF(call, call);

	call_ended(line, (int)status, text, bytes, len);
	lose_if_idle(line);
}

static void
do_call(struct gnmi_line *line, const struct order *order)
{
	struct pce_error err = { 0 };

	line->number = order->call;
	if (!line->ready || line->losing)
		call_ended(line, GNMI_UNAVAILABLE, "the connection was lost", NULL, 0);
	else if (gnmi_call_start(&line->call, line->engine, &line->connection.channel,
				 order->method, order->bytes, order->len, order->timeout_ms, &err))
		call_ended(line, GNMI_INTERNAL, err.text, NULL, 0);
}

/* --- the watch --- */

/* SubscribeResponse: 1 is a Notification, 3 says that the stream is in step. */
static bool
on_message(struct gnmi_stream *stream, const uint8_t *bytes, size_t len)
{
	struct gnmi_line *line = LINE_OF(stream, watch);
	struct reader r = reader_over(bytes, len);
	struct gnmi_answer changed = { .kind = GNMI_ANSWER_CHANGED, .text = "" };
	struct wire_field field;
	bool in_step = false;

	while (wire_next(&r, &field)) {
		in_step = in_step || (field.number == 3 && field.type == WIRE_VARINT);
		if (field.number == 1 && field.type == WIRE_BYTES && len <= CHANGED_MAX) {
			changed.bytes = field.bytes.at;
			changed.len = reader_left(&field.bytes);
		}
	}
	if (!line->watches) {
		line->watches = in_step;
		if (in_step)
			answer(line,
			       &(struct gnmi_answer){ .kind = GNMI_ANSWER_WATCHES, .text = "" });
		return true;
	}
	if (in_step)
		return true;
	answer(line, &changed);
	gnmi_engine_set(line->engine, &line->read_on, usec_add(monotonic_now(), WATCH_PAUSE_US));
	return false;
}

static void
on_read_on(struct gnmi_timer *timer)
{
	gnmi_stream_resume(&LINE_OF(timer, read_on)->watch);
}

static void
on_watch_ended(struct gnmi_stream *stream, grpc_status_code status, const char *text)
{
	struct gnmi_line *line = LINE_OF(stream, watch);
	struct pce_error why = { 0 };

	gnmi_engine_set(line->engine, &line->read_on, USEC_NEVER);
	if (line->losing || gnmi_engine_stopping(line->engine)) {
		lose_if_idle(line);
	} else if (!line->watches && status != GRPC_STATUS_UNAVAILABLE) {
		answer(line, &(struct gnmi_answer){
				 .kind = GNMI_ANSWER_BLIND, .code = (int)status, .text = text });
	} else {
		/* A router that ends it on purpose is asked again, with a new connection. */
		if (gnmi_code_explain((int)status, text, "Subscribe", &why) == PCE_OK)
			pce_fail(&why, PCE_UNREACHABLE, "it ended the stream of changes");
		lose(line, &why);
	}
}

static void
do_watch(struct gnmi_line *line, const struct order *order)
{
	struct pce_error err = { 0 };

	if (!line->ready || line->losing || line->watch.busy)
		return;
	if (gnmi_stream_start(&line->watch, line->engine, &line->connection.channel,
			      "/gnmi.gNMI/Subscribe", order->bytes, order->len, &err))
		lose(line, &err);
}

/* --- life --- */

static void
stop(struct gnmi_part *part)
{
	struct gnmi_line *line = LINE_OF(part, part);

	gnmi_call_cancel(&line->call);
	gnmi_stream_cancel(&line->watch);
	gnmi_connection_stop(&line->connection, is_busy(line));
}

static void
do_open(struct gnmi_line *line)
{
	line->part.stop = stop;
	line->call.done = on_called;
	line->watch.message = on_message;
	line->watch.ended = on_watch_ended;
	line->read_on.fn = on_read_on;
	gnmi_engine_add(line->engine, &line->part);
	gnmi_engine_timer(line->engine, &line->read_on);
	gnmi_connection_begin(&line->connection);
}

static void
carry_out(struct gnmi_job *job)
{
	struct order *order = (struct order *)(void *)job;
	struct gnmi_line *line = order->line;

	if (!gnmi_engine_stopping(line->engine)) {
		switch (order->kind) {
		case ORDER_OPEN:
			do_open(line);
			break;
		case ORDER_CALL:
			do_call(line, order);
			break;
		case ORDER_WATCH:
			do_watch(line, order);
			break;
		case ORDER_LOSE:
			lose(line, &order->why);
			break;
		case ORDER_STEADY:
			gnmi_connection_steady(&line->connection);
			break;
		}
	}
	free(order);
}

static enum pce_status
order(struct gnmi_line *line, const struct order *from, const uint8_t *bytes, size_t len,
      struct pce_error *err)
{
	struct order *copy = malloc(sizeof(*copy) + len);

	if (!copy)
		return pce_no_memory(err);
	*copy = *from;
	copy->job.fn = carry_out;
	copy->line = line;
	copy->len = len;
	if (len > 0)
		memcpy(copy->bytes, bytes, len);
	gnmi_engine_do(line->engine, &copy->job);
	return PCE_OK;
}

enum pce_status
gnmi_line_open(struct gnmi_engine *engine, const struct config_device *config, uint32_t device,
	       uint64_t random, struct gnmi_line **out, struct pce_error *err)
{
	struct gnmi_line *line = calloc(1, sizeof(*line));
	enum pce_status status;

	if (!line)
		return pce_no_memory(err);
	line->engine = engine;
	line->device = device;
	line->connection = (struct gnmi_connection){ .engine = engine,
						     .config = config,
						     .random = random,
						     .quiet = true,
						     .ready = on_ready,
						     .failed = on_failed };
	status = order(line, &(struct order){ .kind = ORDER_OPEN }, NULL, 0, err);
	if (status)
		free(line);
	else
		*out = line;
	return status;
}

void
gnmi_line_free(struct gnmi_line *line)
{
	if (!line)
		return;
	gnmi_channel_close(&line->connection.channel);
	free(line);
}

enum pce_status
gnmi_line_call(struct gnmi_line *line, uint64_t call, const char *method, const uint8_t *bytes,
	       size_t len, int64_t timeout_ms, struct pce_error *err)
{
	const struct order wanted = {
		.kind = ORDER_CALL, .call = call, .method = method, .timeout_ms = timeout_ms
	};

	return order(line, &wanted, bytes, len, err);
}

enum pce_status
gnmi_line_watch(struct gnmi_line *line, const uint8_t *bytes, size_t len, struct pce_error *err)
{
	return order(line, &(struct order){ .kind = ORDER_WATCH }, bytes, len, err);
}

enum pce_status
gnmi_line_lose(struct gnmi_line *line, const struct pce_error *why, struct pce_error *err)
{
	return order(line, &(struct order){ .kind = ORDER_LOSE, .why = *why }, NULL, 0, err);
}

enum pce_status
gnmi_line_steady(struct gnmi_line *line, struct pce_error *err)
{
	return order(line, &(struct order){ .kind = ORDER_STEADY }, NULL, 0, err);
}
