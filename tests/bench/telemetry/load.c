#include "config.h"

#include "tests/bench/telemetry/load.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <grpc/grpc.h>
#include <grpc/grpc_security.h>

#include "models/proto/gnmi.pb-c.h"

#define COUNTERS 20

static const char *const names[COUNTERS] = {
	"in-octets",
	"in-pkts",
	"in-unicast-pkts",
	"in-broadcast-pkts",
	"in-multicast-pkts",
	"in-discards",
	"in-errors",
	"in-unknown-protos",
	"in-fcs-errors",
	"out-octets",
	"out-pkts",
	"out-unicast-pkts",
	"out-broadcast-pkts",
	"out-multicast-pkts",
	"out-discards",
	"out-errors",
	"carrier-transitions",
	"last-clear",
	"resets",
	"interface-transitions",
};

static char *
loose(const char *text)
{
	return (char *)(uintptr_t)text;
}

/* interfaces/interface[name=…]/state/counters/LEAF in parts */
struct parts {
	Gnmi__PathElem elems[5], *at[5];
	Gnmi__PathElem__KeyEntry key, *keys[1];
	char name[32];
};

static void
fill(struct parts *p, const char *interface, const char *leaf)
{
	const char *const words[5] = { "interfaces", "interface", "state", "counters", leaf };

	snprintf(p->name, sizeof(p->name), "%s", interface);
	gnmi__path_elem__key_entry__init(&p->key);
	p->key.key = loose("name");
	p->key.value = p->name;
	p->keys[0] = &p->key;
	for (int i = 0; i < 5; i++) {
		gnmi__path_elem__init(&p->elems[i]);
		p->elems[i].name = loose(words[i]);
		p->at[i] = &p->elems[i];
	}
	p->elems[1].n_key = 1;
	p->elems[1].key = p->keys;
}

size_t
load_message(enum load_shape shape, uint64_t sequence, int64_t timestamp_ns, uint8_t *out,
	     size_t cap)
{
	bool one = shape == LOAD_ONE_INTERFACE;
	struct parts parts[COUNTERS];
	Gnmi__Update updates[COUNTERS], *all[COUNTERS];
	Gnmi__Path paths[COUNTERS], prefix = GNMI__PATH__INIT;
	Gnmi__TypedValue values[COUNTERS];
	Gnmi__Notification n = GNMI__NOTIFICATION__INIT;
	Gnmi__SubscribeResponse response = GNMI__SUBSCRIBE_RESPONSE__INIT;
	size_t from = one ? 3 : 1;
	char name[32];

	for (unsigned i = 0; i < COUNTERS; i++) {
		snprintf(name, sizeof(name), "Ethernet1/%u", one ? 1 : i + 1);
		fill(&parts[i], name, one ? names[i] : "out-octets");
		gnmi__path__init(&paths[i]);
		paths[i].n_elem = 5 - from;
		paths[i].elem = parts[i].at + from;
		gnmi__typed_value__init(&values[i]);
		values[i].value_case = GNMI__TYPED_VALUE__VALUE_UINT_VAL;
		values[i].uint_val = 1000000000000u * (i + 1) + sequence * 1500;
		gnmi__update__init(&updates[i]);
		updates[i].path = &paths[i];
		updates[i].val = &values[i];
		all[i] = &updates[i];
	}
	prefix.target = loose("router-1.example.net");
	prefix.n_elem = from;
	prefix.elem = parts[0].at;
	n.timestamp = timestamp_ns;
	n.prefix = &prefix;
	n.n_update = COUNTERS;
	n.update = all;
	response.response_case = GNMI__SUBSCRIBE_RESPONSE__RESPONSE_UPDATE;
	response.update = &n;
	if (gnmi__subscribe_response__get_packed_size(&response) > cap)
		abort();
	return gnmi__subscribe_response__pack(&response, out);
}

/* --- the client --- */

struct tag {
	void (*fn)(struct tag *tag, bool ok);
};

struct stream {
	struct tag send, start, status;
	grpc_channel *channel;
	grpc_call *call;
	grpc_status_code code;
	grpc_slice details;
	grpc_metadata_array trailing;
	uint64_t sequence;
	enum load_shape shape;
};

static double end_at;
static size_t live;

static double
now_s(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void
send_one(struct stream *s)
{
	struct timespec t;
	grpc_op op = { .op = GRPC_OP_SEND_MESSAGE };
	grpc_byte_buffer *buffer;
	grpc_slice slice;
	uint8_t bytes[4096];
	size_t len;

	if (now_s() > end_at) {
		grpc_call_cancel(s->call, NULL);
		return;
	}
	clock_gettime(CLOCK_REALTIME, &t);
	len = load_message(s->shape, s->sequence++, (int64_t)t.tv_sec * 1000000000 + t.tv_nsec,
			   bytes, sizeof(bytes));
	slice = grpc_slice_from_copied_buffer((const char *)bytes, len);
	buffer = grpc_raw_byte_buffer_create(&slice, 1);
	grpc_slice_unref(slice);
	op.data.send_message.send_message = buffer;
	(void)grpc_call_start_batch(s->call, &op, 1, &s->send, NULL);
	grpc_byte_buffer_destroy(buffer);
}

static void
on_send(struct tag *tag, bool ok)
{
	if (ok)
		send_one((struct stream *)(void *)tag);
}

static void
on_start(struct tag *tag, bool ok)
{
	if (ok)
		send_one((struct stream *)(void *)((char *)tag - offsetof(struct stream, start)));
}

static void
on_status(struct tag *tag, bool ok)
{
	(void)tag, (void)ok;
	live--;
}

static void
open_stream(struct stream *s, uint16_t port, grpc_completion_queue *cq)
{
	grpc_arg args[1] = { { .type = GRPC_ARG_INTEGER,
			       .key = loose(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL) } };
	grpc_channel_args all = { 1, args };
	grpc_channel_credentials *plain = grpc_insecure_credentials_create();
	grpc_op start = { .op = GRPC_OP_SEND_INITIAL_METADATA,
			  .flags = GRPC_INITIAL_METADATA_WAIT_FOR_READY };
	grpc_op status = { .op = GRPC_OP_RECV_STATUS_ON_CLIENT };
	char target[64];

	args[0].value.integer = 1;
	snprintf(target, sizeof(target), "ipv4:127.0.0.1:%u", port);
	s->channel = grpc_channel_create(target, plain, &all);
	grpc_channel_credentials_release(plain);
	s->call = grpc_channel_create_call(
	    s->channel, NULL, GRPC_PROPAGATE_DEFAULTS, cq,
	    grpc_slice_from_static_string("/gnmi.sonic.gNMIDialOut/Publish"), NULL,
	    gpr_inf_future(GPR_CLOCK_MONOTONIC), NULL);
	s->send.fn = on_send;
	s->start.fn = on_start;
	s->status.fn = on_status;
	grpc_metadata_array_init(&s->trailing);
	status.data.recv_status_on_client.status = &s->code;
	status.data.recv_status_on_client.status_details = &s->details;
	status.data.recv_status_on_client.trailing_metadata = &s->trailing;
	(void)grpc_call_start_batch(s->call, &status, 1, &s->status, NULL);
	(void)grpc_call_start_batch(s->call, &start, 1, &s->start, NULL);
}

int
load_run(uint16_t port, unsigned connections, unsigned seconds, enum load_shape shape)
{
	struct stream *streams = calloc(connections, sizeof(*streams));
	grpc_completion_queue *cq;

	if (!streams)
		return 1;
	grpc_init();
	cq = grpc_completion_queue_create_for_next(NULL);
	end_at = now_s() + seconds;
	live = connections;
	for (unsigned i = 0; i < connections; i++) {
		streams[i].shape = shape;
		open_stream(&streams[i], port, cq);
	}
	while (live > 0 && now_s() < end_at + 5) {
		grpc_event event =
		    grpc_completion_queue_next(cq,
					       gpr_time_add(gpr_now(GPR_CLOCK_MONOTONIC),
							    gpr_time_from_seconds(1, GPR_TIMESPAN)),
					       NULL);

		if (event.type == GRPC_OP_COMPLETE) {
			struct tag *tag = event.tag;

			tag->fn(tag, event.success != 0);
		}
	}
	/* The process ends here; nothing else waits for its memory. */
	return 0;
}
