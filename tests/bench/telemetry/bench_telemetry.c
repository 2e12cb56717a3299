/*
 * What a message of telemetry costs: CPU of a server process for each message of about 1 KiB with
 * 20 counters, with 1, 16 and 256 connections, when it only receives (the floor), walks and
 * computes rates (as the collector does), or unpacks with protobuf-c. Then the walk alone, and
 * memory.
 */
#define _GNU_SOURCE
#include "config.h"

#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <event2/event.h>
#include <event2/thread.h>

#include "southbound/clock.h"
#include "southbound/gnmi/collector.h"
#include "southbound/gnmi/messages.h"
#include "southbound/telemetry/history.h"
#include "tests/bench/telemetry/load.h"

enum mode { MODE_FLOOR, MODE_WALK, MODE_PROTOBUF, MODES };

static const char *const mode_names[MODES] = { "receive only", "walk and rates", "protobuf-c" };

/* What a server found. */
struct found {
	double cpu_us; /* of the process, between the two looks */
	uint64_t messages, samples, malformed;
	long rss_kb;
};

struct server {
	enum mode mode;
	struct gnmi_map map;
	struct meter *meters[4];
	struct gnmi_walk walk;
	uint64_t messages;
	struct event_base *loop;
	struct found begin, end;
};

static double
cpu_us(void)
{
	struct rusage r;

	getrusage(RUSAGE_SELF, &r);
	return (double)(r.ru_utime.tv_sec + r.ru_stime.tv_sec) * 1e6 +
	       (double)(r.ru_utime.tv_usec + r.ru_stime.tv_usec);
}

static long
rss_kb(void)
{
	long pages = 0;
	FILE *f = fopen("/proc/self/statm", "r");

	if (f && fscanf(f, "%*d %ld", &pages) != 1)
		pages = 0;
	if (f)
		fclose(f);
	return pages * (sysconf(_SC_PAGESIZE) / 1024);
}

static void
ignore_reading(void *ctx, const struct meter_reading *reading)
{
	(void)ctx, (void)reading;
}

static void
ignore_item(void *ctx, const struct gnmi_item *item)
{
	(void)ctx, (void)item;
}

static void
take(void *ctx, uint32_t device, const uint8_t *bytes, size_t len)
{
	struct server *s = ctx;
	ProtobufCMessage *message;

	(void)device;
	__atomic_add_fetch(&s->messages, 1, __ATOMIC_RELAXED);
	if (s->mode == MODE_WALK) {
		meter_begin(s->meters[0], monotonic_now());
		(void)gnmi_walk_response(&s->walk, bytes, len, NULL, NULL);
	} else if (s->mode == MODE_PROTOBUF) {
		message = protobuf_c_message_unpack(&gnmi__subscribe_response__descriptor, NULL,
						    len, bytes);
		protobuf_c_message_free_unpacked(message, NULL);
	}
}

static void
look(struct server *s, struct found *out)
{
	out->cpu_us = cpu_us();
	out->messages = __atomic_load_n(&s->messages, __ATOMIC_RELAXED);
	out->samples = s->walk.count.samples;
	out->malformed = s->walk.count.malformed;
	out->rss_kb = rss_kb();
}

static void
on_begin(evutil_socket_t fd, short what, void *ctx)
{
	struct server *s = ctx;

	(void)fd, (void)what;
	look(s, &s->begin);
}

static void
on_end(evutil_socket_t fd, short what, void *ctx)
{
	struct server *s = ctx;

	(void)fd, (void)what;
	look(s, &s->end);
	event_base_loopbreak(s->loop);
}

static void
must(enum pce_status status, const struct pce_error *err)
{
	if (status) {
		fprintf(stderr, "bench_telemetry: %s\n", err->text);
		exit(1);
	}
}

static void
prepare(struct server *s, enum mode mode)
{
	/* Every sample counts: nothing waits for a later one. */
	const struct meter_limits limits = { 4096, { 0, 0 } };
	struct pce_error err = { 0 };

	*s = (struct server){ .mode = mode };
	must(gnmi_map_add_builtin(&s->map, &err), &err);
	must(meter_new(&limits, 1, ignore_reading, NULL, &s->meters[0], &err), &err);
	s->walk = (struct gnmi_walk){ &s->map, meter_sample, s->meters[0], { 0 } };
}

/* In a process of its own: serves, and writes what it found. */
static int
serve(enum mode mode, uint16_t port, unsigned seconds, int out)
{
	struct config_device device = { .name = "r1", .dialout_name = "127.0.0.1" };
	struct karst_config config = { .devices = &device, .n_devices = 1 };
	struct gnmi_engine *engine = NULL;
	struct gnmi_collector *collector = NULL;
	struct pce_error err = { 0 };
	struct server s;
	struct found found;

	config.telemetry.max_objects = 4096;
	config.telemetry.least_interval_ms = 500;
	config.telemetry.dialout = (struct config_dialout){ .port = port };
	must(ip_parse("127.0.0.1", &config.telemetry.dialout.listen, &err), &err);
	prepare(&s, mode);
	evthread_use_pthreads();
	s.loop = event_base_new();
	must(gnmi_engine_new(s.loop, ignore_item, NULL, &engine, &err), &err);
	must(gnmi_collector_new(engine, &config, &s.map, 1, take, &s, &collector, &err), &err);
	must(gnmi_engine_start(engine, &err), &err);
	event_base_once(s.loop, -1, EV_TIMEOUT, on_begin, &s, &(struct timeval){ 1, 0 });
	event_base_once(s.loop, -1, EV_TIMEOUT, on_end, &s,
			&(struct timeval){ (time_t)seconds + 1, 0 });
	if (write(out, "r", 1) != 1)
		return 1;
	event_base_dispatch(s.loop);
	found = s.end;
	found.cpu_us -= s.begin.cpu_us;
	found.messages -= s.begin.messages;
	found.samples -= s.begin.samples;
	return write(out, &found, sizeof(found)) != sizeof(found);
}

/* One row: both processes are forked before either of them knows gRPC. */
static struct found
measure(enum mode mode, unsigned connections, unsigned seconds, enum load_shape shape)
{
	static uint16_t port = 27300;
	struct found found = { 0 };
	pid_t server, client;
	char ready;
	int fds[2];

	port++;
	if (pipe(fds))
		exit(1);
	server = fork();
	if (server == 0)
		_exit(serve(mode, port, seconds, fds[1]));
	if (read(fds[0], &ready, 1) != 1)
		exit(1);
	client = fork();
	if (client == 0)
		_exit(load_run(port, connections, seconds + 2, shape));
	if (read(fds[0], &found, sizeof(found)) != sizeof(found))
		exit(1);
	kill(client, SIGKILL);
	waitpid(client, NULL, 0);
	waitpid(server, NULL, 0);
	close(fds[0]);
	close(fds[1]);
	return found;
}

static void
table(unsigned seconds, enum load_shape shape, const char *title)
{
	static const unsigned connections[] = { 1, 16, 256 };

	printf("%s\n  %-12s", title, "connections");
	for (int m = 0; m < MODES; m++)
		printf("  %16s", mode_names[m]);
	printf("  %8s  %8s  %10s  %s\n", "walk/", "proto/", "counters/s", "kB a connection");
	printf("  %-12s  %16s  %16s  %16s  %8s  %8s  %10s\n", "", "us CPU", "us CPU", "us CPU",
	       "floor", "floor", "and core");
	for (size_t i = 0; i < 3; i++) {
		double us[MODES];
		struct found last = { 0 };

		/* The smaller of two runs: other work on the machine only adds. */
		for (int m = 0; m < MODES; m++) {
			us[m] = HUGE_VAL;
			for (int k = 0; k < 2; k++) {
				struct found f =
				    measure((enum mode)m, connections[i], seconds, shape);
				double each = f.messages ? f.cpu_us / (double)f.messages : HUGE_VAL;

				us[m] = each < us[m] ? each : us[m];
				last = m == MODE_WALK ? f : last;
			}
		}
		printf("  %-12u  %16.2f  %16.2f  %16.2f  %8.2f  %8.2f  %10.2e  %.1f\n",
		       connections[i], us[MODE_FLOOR], us[MODE_WALK], us[MODE_PROTOBUF],
		       us[MODE_WALK] / us[MODE_FLOOR], us[MODE_PROTOBUF] / us[MODE_FLOOR],
		       20e6 / us[MODE_WALK], (double)last.rss_kb / connections[i]);
		if (last.malformed > 0)
			printf("  %llu messages were malformed\n",
			       (unsigned long long)last.malformed);
		fflush(stdout);
	}
}

static void
alone(enum load_shape shape, const char *title)
{
	const unsigned runs = 200000;
	struct server s;
	uint8_t bytes[4096];
	size_t len = load_message(shape, 0, 1700000000000000000, bytes, sizeof(bytes));
	double start, walk, unpack;

	prepare(&s, MODE_WALK);
	start = cpu_us();
	for (unsigned i = 0; i < runs; i++) {
		meter_begin(s.meters[0], (struct usec){ (int64_t)i * 1000000 });
		(void)gnmi_walk_response(&s.walk, bytes, len, NULL, NULL);
	}
	walk = (cpu_us() - start) / runs;
	start = cpu_us();
	for (unsigned i = 0; i < runs / 4; i++) {
		s.mode = MODE_PROTOBUF;
		take(&s, 0, bytes, len);
	}
	unpack = (cpu_us() - start) / (runs / 4);
	printf("  %-24s %4zu octets: walk %.2f us, %.1f million counters/s; protobuf-c %.2f us\n",
	       title, len, walk, 20 / walk, unpack);
	meter_free(s.meters[0]);
	gnmi_map_free(&s.map);
}

static void
memory(void)
{
	struct history h;

	history_init(&h, 60, 86400);
	for (int64_t t = 0; t < 86400; t += 10)
		(void)history_rate(
		    &h, (1700000000 + t) * 1000000, 10000000,
		    (uint64_t)(5e9 + 1e9 * sin((double)t / 9000) + 1e8 * (double)(t % 97)), NULL);
	printf("  a day of history of a link, a bucket a minute: %zu octets\n", history_memory(&h));
	history_free(&h);
}

int
main(int argc, char **argv)
{
	unsigned seconds = argc > 1 ? (unsigned)atoi(argv[1]) : 2;

	if (seconds < 1 || seconds > 60) {
		fprintf(stderr, "usage: bench_telemetry [SECONDS]\n");
		return 2;
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	table(seconds, LOAD_ONE_INTERFACE,
	      "one interface with 20 counters, of which 4 mean something:");
	table(seconds, LOAD_TWENTY_INTERFACES,
	      "20 interfaces with a counter each, all of them mapped:");
	printf("without a network, one core:\n");
	alone(LOAD_ONE_INTERFACE, "one interface,");
	alone(LOAD_TWENTY_INTERFACES, "20 interfaces,");
	memory();
	return 0;
}
