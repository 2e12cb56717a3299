/*
 * What a BGP-LS feed costs: CPU and memory per NLRI, from a file of recorded UPDATEs.
 *
 *   bench_bgp decode FILE             UPDATEs from memory to deltas, no graph
 *   bench_bgp graph FILE              the same into a graph
 *   bench_bgp take PORT QUIET_MS      a live feed on 127.0.0.1 from 127.0.0.2 into the service, as
 *                                     in karstd; ends after silence
 *   bench_bgp take-from PORT QUIET_MS the same, connecting from 127.0.0.3
 *   bench_bgp play FILE PORT          connects from 127.0.0.2 and sends FILE at full speed
 *
 * Each prints one line of JSON. `run` beside this file puts them together with gobgpd.
 */
#define _GNU_SOURCE

#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "pce/service/service.h"
#include "southbound/bgp/feed.h"

#define FEED_NLRIS 80000 /* of the recorded feed */

struct bench {
	struct event_base *base;
	struct ted *ted; /* NULL: no graph of its own */
	struct service *service; /* NULL: none */
	struct service_effects effects;
	struct event *quiet, *deadline;
	struct timeval quiet_after;
	uint64_t deltas, updates;
	int64_t up_us, last_us;
	double up_cpu_us;
	long up_rss_kb;
};

static int64_t
now_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

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
	FILE *f = fopen("/proc/self/statm", "r");
	long pages = 0, total = 0;

	if (f) {
		if (fscanf(f, "%ld %ld", &total, &pages) != 2)
			pages = 0;
		fclose(f);
	}
	return pages * (sysconf(_SC_PAGESIZE) / 1024);
}

static int
die(const char *what, const struct pce_error *err)
{
	fprintf(stderr, "bench_bgp: %s: %s\n", what, err ? err->text : "failed");
	exit(3);
}

static uint8_t *
read_file(const char *path, size_t *len)
{
	FILE *f = fopen(path, "rb");
	uint8_t *data;
	long size;

	if (!f || fseek(f, 0, SEEK_END) || (size = ftell(f)) < 0 || fseek(f, 0, SEEK_SET)) {
		perror(path);
		exit(3);
	}
	*len = (size_t)size;
	data = malloc(*len);
	if (!data || fread(data, 1, *len, f) != *len)
		die(path, NULL);
	fclose(f);
	return data;
}

static void
report(const char *mode, const struct bench *b, int64_t wall_us, double cpu, long rss)
{
	const struct ted *ted = b->service ? service_view_ted(b->service) : b->ted;
	double n = b->deltas ? (double)b->deltas : 1;
	unsigned usable = 0;

	for (uint32_t i = 0; ted && i < ted_link_count(ted); i++)
		usable += ted_link_usable(ted, i);

	printf("{\"mode\": \"%s\", \"nlris\": %llu, \"updates\": %llu, \"wall_s\": %.3f, "
	       "\"nlris_per_s\": %.0f, \"cpu_us_per_nlri\": %.3f, \"bytes_per_nlri\": %.0f, "
	       "\"nodes\": %u, \"links\": %u, \"usable\": %u}\n",
	       mode, (unsigned long long)b->deltas, (unsigned long long)b->updates,
	       (double)wall_us / 1e6, n * 1e6 / (double)wall_us, cpu / n, (double)rss * 1024 / n,
	       ted ? ted_node_count(ted) : 0, ted ? ted_link_count(ted) : 0, usable);
}

static void
apply(struct bench *b, const struct ted_delta *deltas, size_t n)
{
	const struct ted_source source = { TED_SOURCE_BGPLS, 0 };
	struct pce_error err;

	b->updates++;
	b->deltas += n;
	if (b->ted && ted_apply(b->ted, source, deltas, n, &err))
		die("ted_apply", &err);
}

static void
settle(struct bench *b)
{
	const struct ted_change *changes;
	struct pce_error err;
	size_t n;

	if (b->ted && ted_settle(b->ted, &changes, &n, &err))
		die("ted_settle", &err);
}

static void
from_memory(struct bench *b, const char *mode, const char *path)
{
	struct bgpls_translator *t = NULL;
	struct pce_error err;
	size_t len;
	uint8_t *data = read_file(path, &len);
	struct reader r = reader_over(data, len);
	double cpu;
	long rss = rss_kb();
	int64_t wall = now_us();

	if (bgpls_translator_new(false, &t, &err))
		die("translator", &err);
	cpu = cpu_us();
	while (reader_left(&r) >= BGP_HEADER) {
		const struct ted_delta *deltas;
		struct bgp_update update;
		struct reader body;
		size_t n;
		uint8_t type;

		reader_bytes(&r, 16);
		n = reader_u16(&r);
		type = reader_u8(&r);
		body = reader_sub(&r, n - BGP_HEADER);
		if (type != 2)
			continue;
		if (!bgp_read_update(body, &update, NULL) ||
		    bgpls_translate(t, &update, &deltas, &n, &err))
			die("UPDATE", &err);
		apply(b, deltas, n);
	}
	settle(b);
	report(mode, b, now_us() - wall, cpu_us() - cpu, rss_kb() - rss);
	bgpls_translator_free(t);
	free(data);
}

static void
on_quiet(evutil_socket_t fd, short what, void *arg)
{
	struct bench *b = arg;

	(void)fd;
	(void)what;
	event_base_loopbreak(b->base);
}

/* One step of the service, as karstd does it; its effects are forgotten. */
static void
step(struct bench *b, const struct service_event *event)
{
	struct usec now = { now_us() }, due;
	struct timeval tv = { 0 };
	struct pce_error err;
	int64_t wait;

	if (service_step(b->service, now, event, &b->effects, &err))
		die("service_step", &err);
	service_effects_clear(&b->effects);
	due = service_deadline(b->service);
	if (due.v == USEC_NEVER.v) {
		event_del(b->deadline);
		return;
	}
	wait = due.v > now.v ? due.v - now.v : 0;
	tv.tv_sec = wait / 1000000;
	tv.tv_usec = wait % 1000000;
	event_add(b->deadline, &tv);
}

static void
on_deadline(evutil_socket_t fd, short what, void *arg)
{
	const struct service_event tick = { .kind = SERVICE_TICK };
	struct bench *b = arg;

	(void)fd;
	(void)what;
	step(b, &tick);
	if (b->deltas > 0)
		b->last_us = now_us();
}

static void
on_state(struct bench *b, const struct service_event *event)
{
	if (event->u.feed_state.event == TED_SOURCE_UP) {
		b->up_us = b->last_us = now_us();
		b->up_cpu_us = cpu_us();
		b->up_rss_kb = rss_kb();
	}
	if (event->u.feed_state.event == TED_SOURCE_LOST)
		fprintf(stderr, "bench_bgp: feed lost: %s\n", event->u.feed_state.text);
}

static void
post(void *ctx, const struct service_event *event)
{
	struct bench *b = ctx;

	if (event->kind == SERVICE_FEED_STATE)
		on_state(b, event);
	step(b, event);
	b->last_us = now_us();
	if (event->kind != SERVICE_FEED_UPDATE)
		return;
	b->updates++;
	b->deltas += event->u.feed_update.n;
	/* The last word was said when nothing comes for a while. */
	if (b->updates % 1000 == 1 || b->deltas >= FEED_NLRIS)
		event_add(b->quiet, &b->quiet_after);
}

static void
take(struct bench *b, unsigned port, bool connects)
{
	static const uint8_t here[4] = { 127, 0, 0, 1 }, there[4] = { 127, 0, 0, 2 },
			     from[4] = { 127, 0, 0, 3 };
	const struct ip_addr listen = ip_v4(here);
	const struct config_bgp_peer peer = { .name = "bench",
					      .address = ip_v4(connects ? here : there),
					      .port = (uint16_t)port,
					      .local = ip_v4(from),
					      .asn = 65001,
					      .passive = !connects,
					      .hold_time_s = 240,
					      .stale_time_s = 300 };
	const struct config_bgp config = { .asn = 65001,
					   .router_id = ip_v4(from),
					   .listen = &listen,
					   .n_listen = connects ? 0 : 1,
					   .listen_port = (uint16_t)port,
					   .peers = &peer,
					   .n_peers = 1 };
	const struct karst_config karst = { .bgp = config,
					    .color_min = 1000,
					    .color_max = 2000,
					    .name_prefix = "karst-",
					    .confirm_timeout_s = 30,
					    .rpc_timeout_s = 10 };
	const struct service_event recover = { .kind = SERVICE_RECOVER };
	struct event_sink sink = { post, b };
	struct bgp_feeds *feeds;
	struct pce_error err;
	double cpu;

	b->quiet = evtimer_new(b->base, on_quiet, b);
	b->deadline = evtimer_new(b->base, on_deadline, b);
	if (service_new(&karst, 1, &b->service, &err))
		die("service", &err);
	step(b, &recover);
	if (bgp_feeds_new(b->base, &config, &sink, NULL, 1, &feeds, &err))
		die("feeds", &err);
	event_base_dispatch(b->base);
	cpu = cpu_us();
	report(connects ? "take-from" : "take", b, b->last_us - b->up_us, cpu - b->up_cpu_us,
	       rss_kb() - b->up_rss_kb);
	bgp_feeds_free(feeds);
	service_free(b->service);
	event_free(b->quiet);
	event_free(b->deadline);
}

/* State of the player. */
struct player {
	struct event_base *base;
	struct bgp_shell_peer *peer;
	struct event *more;
	const uint8_t *at, *end;
	bool said_end;
	int64_t start_us;
};

static void
send_more(struct player *p)
{
	static const struct timeval soon = { 0, 1000 };
	static const uint8_t end_of_rib[] = { 0, 0, 0, 6, 0x80, 15, 3, 0x40, 4, 71 };
	struct bgp_session *s = bgp_shell_established(p->peer);

	if (!s)
		return;
	while (p->at < p->end && bgp_output_left(s) < 1 << 20) {
		size_t len = (size_t)p->at[16] << 8 | p->at[17];

		if (p->at[18] == 2 &&
		    bgp_send_update(s, p->at + BGP_HEADER, len - BGP_HEADER, NULL))
			break;
		p->at += len;
	}
	if (p->at == p->end && !p->said_end)
		p->said_end = !bgp_send_update(s, end_of_rib, sizeof(end_of_rib), NULL);
	bgp_shell_flush(p->peer);
	if (p->at == p->end && bgp_output_left(s) == 0) {
		printf("{\"mode\": \"play\", \"start_us\": %lld, \"sent_us\": %lld}\n",
		       (long long)p->start_us, (long long)now_us());
		fflush(stdout);
		return; /* stays connected, keepalives go on, until it is killed */
	}
	event_add(p->more, &soon);
}

static void
on_more(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	send_more(arg);
}

static void
on_player_event(void *ctx, struct bgp_shell_peer *peer, const struct bgp_event *event,
		struct usec received)
{
	struct player *p = ctx;

	(void)peer;
	(void)received;
	if (event->kind == BGP_EVENT_DOWN)
		fprintf(stderr, "bench_bgp: player: %s\n", event->text);
	if (event->kind == BGP_EVENT_UP) {
		p->start_us = now_us();
		send_more(p);
	}
}

static void
play(struct event_base *base, const char *path, unsigned port)
{
	static const uint8_t here[4] = { 127, 0, 0, 2 }, there[4] = { 127, 0, 0, 1 };
	const struct bgp_shell_config shell_config = { .seed = 1 };
	const struct bgp_shell_peer_config config = {
		.peer = { .session = { .local_asn = 65001,
				       .router_id = 0x7f000002,
				       .hold_time_s = 240 },
			  .retry_s = 1,
			  .retry_max_s = 1 },
		.address = ip_v4(there),
		.port = (uint16_t)port,
		.local = ip_v4(here),
	};
	struct player p = { .base = base };
	struct bgp_shell *shell;
	struct pce_error err;
	size_t len;

	p.at = read_file(path, &len);
	p.end = p.at + len;
	p.more = evtimer_new(base, on_more, &p);
	if (bgp_shell_new(base, &shell_config, on_player_event, &p, &shell, &err) ||
	    bgp_shell_add(shell, &config, &p, &p.peer, &err))
		die("player", &err);
	event_base_dispatch(base);
}

int
main(int argc, char **argv)
{
	struct bench b = { .base = event_base_new() };
	const char *mode = argc > 2 ? argv[1] : "";
	bool connects = strcmp(mode, "take-from") == 0;
	bool takes = connects || strcmp(mode, "take") == 0;
	bool graph = strcmp(mode, "graph") == 0;
	long quiet_ms = argc > 3 ? strtol(argv[3], NULL, 10) : 1000;

	if (graph && ted_new(&b.ted, 1, NULL))
		die("ted_new", NULL);
	b.quiet_after.tv_sec = quiet_ms / 1000;
	b.quiet_after.tv_usec = quiet_ms % 1000 * 1000;
	if (strcmp(mode, "decode") == 0 || strcmp(mode, "graph") == 0) {
		from_memory(&b, mode, argv[2]);
	} else if (takes) {
		take(&b, (unsigned)strtoul(argv[2], NULL, 10), connects);
	} else if (strcmp(mode, "play") == 0 && argc > 3) {
		play(b.base, argv[2], (unsigned)strtoul(argv[3], NULL, 10));
	} else {
		fprintf(stderr, "usage: bench_bgp decode|graph FILE | take|take-from PORT "
				"QUIET_MS | play FILE PORT\n");
		return 2;
	}
	ted_free(b.ted);
	event_base_free(b.base);
	return 0;
}
