/* Load for the benchmark: messages, and a client that sends them as fast as it can. */
#ifndef TESTS_BENCH_TELEMETRY_LOAD_H
#define TESTS_BENCH_TELEMETRY_LOAD_H

#include <stddef.h>
#include <stdint.h>

enum load_shape {
	LOAD_ONE_INTERFACE, /* one interface with 20 counters, as OpenConfig has them */
	LOAD_TWENTY_INTERFACES, /* 20 interfaces with one counter each, all of them mapped */
};

/* Packs a SubscribeResponse of 20 counters into out, which has room for cap; its length. */
size_t load_message(enum load_shape shape, uint64_t sequence, int64_t timestamp_ns, uint8_t *out,
		    size_t cap);
/* Streams to a collector at 127.0.0.1 for some seconds, one stream a connection. For a process of
 * its own. Returns its exit status. */
int load_run(uint16_t port, unsigned connections, unsigned seconds, enum load_shape shape);

#endif
