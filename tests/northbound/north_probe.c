/*
 * The API over the real service, with a store that is only a counter: for check_restconf.py and
 * check_cli.py. Usage: north_probe STATE_DIR TOPOLOGY [tls] [auth] [impatient]. Prints its port.
 * Commands on standard input, one a line, each answered by "ok": hold        keep store requests
 * unanswered release     answer them full        let the store fail as a full disk does (answered
 * at once) fine        let it work again cut NAME    withdraw a link mend NAME   bring it back It
 * ends when standard input ends.
 */
#include "config.h"

#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "models/codec/config.h"
#include "models/codec/topology.h"
#include "northbound/restconf/north.h"
#include "pce/base/array.h"
#include "pce/segment/compile.h"

static struct {
	struct event_base *loop;
	struct event *tick, *input;
	struct codec *codec;
	struct service *service;
	struct north *north;
	struct codec_topology topology;
	bool hold, full, stepping;
	uint64_t *held; /* ids of store effects */
	size_t n_held, cap_held;
	struct service_event queue[64]; /* of stored events that came up inside a step */
	size_t n_queue;
} probe;

static void
die(const char *what, const struct pce_error *err)
{
	fprintf(stderr, "north_probe: %s: %s\n", what, err->text);
	exit(1);
}

static struct usec
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (struct usec){ (int64_t)t.tv_sec * USEC_PER_S + t.tv_nsec / 1000 };
}

static struct service_event
stored(uint64_t id)
{
	struct service_event event = { .kind = SERVICE_STORED, .id = id };

	event.u.stored.status = probe.full ? PCE_IO : PCE_OK;
	event.u.stored.text = probe.full ? "database or disk is full" : NULL;
	return event;
}

static void
take_effect(struct service_effect *effect)
{
	switch (effect->kind) {
	case SERVICE_STORE:
		if (probe.hold) {
			array_reserve(&probe.held, &probe.cap_held, probe.n_held + 1,
				      sizeof(probe.held[0]), NULL);
			probe.held[probe.n_held++] = effect->id;
		} else if (probe.n_queue < 64) {
			probe.queue[probe.n_queue++] = stored(effect->id);
		}
		break;
	case SERVICE_REPLY:
		north_reply(probe.north, effect);
		break;
	case SERVICE_NOTICE:
		if (probe.north)
			north_notice(probe.north, &effect->u.notice);
		break;
	default:
		break;
	}
}

static void
schedule(void)
{
	struct usec at = service_deadline(probe.service);
	int64_t wait = at.v == USEC_NEVER.v ? 3600 * (int64_t)USEC_PER_S : at.v - now().v;
	struct timeval tv = { 0, 0 };

	if (wait > 0) {
		tv.tv_sec = (time_t)(wait / USEC_PER_S);
		tv.tv_usec = (suseconds_t)(wait % USEC_PER_S);
	}
	evtimer_add(probe.tick, &tv);
}

static void
step(const struct service_event *event)
{
	struct service_effects effects = { 0 };
	struct service_event copy = *event;
	struct timespec wall;
	struct pce_error err = { 0 };

	clock_gettime(CLOCK_REALTIME, &wall);
	copy.wall_us = (int64_t)wall.tv_sec * 1000000 + wall.tv_nsec / 1000;
	if (service_step(probe.service, now(), &copy, &effects, &err) != PCE_OK)
		die("step", &err);
	for (struct service_effect *e = effects.first; e; e = e->next)
		take_effect(e);
	service_effects_clear(&effects);
}

/* Steps, and then takes in what the store answered at once. */
static void
run(const struct service_event *event)
{
	step(event);
	for (size_t i = 0; i < probe.n_queue; i++) {
		struct service_event next = probe.queue[i];

		step(&next);
	}
	probe.n_queue = 0;
	schedule();
}

static void
submit(void *arg, const struct service_event *event)
{
	(void)arg;
	run(event);
}

static void
on_tick(evutil_socket_t fd, short what, void *arg)
{
	struct service_event event = { .kind = SERVICE_TICK };

	(void)fd;
	(void)what;
	(void)arg;
	run(&event);
}

static enum pce_status
place(void *arg, const struct ted *ted, struct path_engine *engine,
      const struct path_request *request, bool loose, struct path_answer *answer,
      struct segment_list **lists, struct pce_error *err)
{
	const struct segment_options options = { .synthesise = true };
	struct segment_igp *igp;
	enum pce_status status = segment_igp_new(ted, &igp, err);

	(void)arg;
	(void)loose;
	if (status == PCE_OK)
		status = path_compute(engine, request, answer, err);
	*lists = calloc(answer->n_routes + 1, sizeof(**lists));
	for (size_t i = 0; status == PCE_OK && i < answer->n_routes; i++) {
		struct segment_report report;

		(void)segment_compile(igp, answer->routes[i].links, answer->routes[i].n_links,
				      &options, &(*lists)[i], &report, NULL);
	}
	segment_igp_free(igp);
	return status;
}

static void
feed_state(enum ted_source_event what)
{
	struct service_event event = { .kind = SERVICE_FEED_STATE };

	event.u.feed_state.source = (struct ted_source){ TED_SOURCE_FILE, 1 };
	event.u.feed_state.name = "file";
	event.u.feed_state.event = what;
	run(&event);
}

static void
feed_update(const struct ted_delta *deltas, size_t n)
{
	struct service_event event = { .kind = SERVICE_FEED_UPDATE };

	event.u.feed_update.source = (struct ted_source){ TED_SOURCE_FILE, 1 };
	event.u.feed_update.deltas = deltas;
	event.u.feed_update.n = n;
	event.u.feed_update.received = now();
	run(&event);
}

/* Withdraws a link of the file, or brings it back. */
static void
change_link(const char *name, bool cut)
{
	for (size_t i = 0; i < probe.topology.n; i++) {
		struct ted_delta delta = probe.topology.deltas[i];

		if (delta.object != TED_OBJECT_LINK || strcmp(delta.attr.link.name, name))
			continue;
		if (cut)
			delta.op = TED_DELETE;
		feed_update(&delta, 1);
	}
}

static void
command(const char *line)
{
	if (!strcmp(line, "hold")) {
		probe.hold = true;
	} else if (!strcmp(line, "release")) {
		size_t n = probe.n_held;
		uint64_t *held = probe.held;

		probe.hold = false;
		probe.held = NULL;
		probe.n_held = probe.cap_held = 0;
		for (size_t i = 0; i < n; i++) {
			struct service_event event = stored(held[i]);

			run(&event);
		}
		free(held);
	} else if (!strcmp(line, "full")) {
		probe.full = true;
	} else if (!strcmp(line, "fine")) {
		probe.full = false;
	} else if (!strncmp(line, "cut ", 4)) {
		change_link(line + 4, true);
	} else if (!strncmp(line, "mend ", 5)) {
		change_link(line + 5, false);
	}
	printf("ok\n");
	fflush(stdout);
}

static void
on_input(evutil_socket_t fd, short what, void *arg)
{
	static char line[256];
	static size_t used;
	ssize_t n = read((int)fd, line + used, sizeof(line) - 1 - used);
	char *end;

	(void)what;
	(void)arg;
	if (n <= 0) {
		event_base_loopbreak(probe.loop);
		return;
	}
	used += (size_t)n;
	line[used] = '\0';
	while ((end = strchr(line, '\n'))) {
		*end = '\0';
		command(line);
		used -= (size_t)(end + 1 - line);
		memmove(line, end + 1, used + 1);
	}
}

static void
load_topology(const char *path)
{
	struct pce_error err = { 0 };
	char *text = NULL;
	size_t len = 0;

	if (codec_file_read(path, 0, &text, &len, &err) != PCE_OK ||
	    codec_topology_read(probe.codec, text, len, NULL, &probe.topology, &err) != PCE_OK)
		die(path, &err);
	free(text);
	feed_state(TED_SOURCE_UP);
	feed_update(probe.topology.deltas, probe.topology.n);
	feed_state(TED_SOURCE_SYNCED);
}

static struct karst_config
read_config(const char *state_dir, bool tls, bool auth, struct arena *arena)
{
	struct karst_config config = { 0 };
	struct pce_error err = { 0 };
	struct text t = { 0 };

	text_printf(&t,
		    "karst-config:karstd:\n  state-folder: \"%s\"\n  api:\n    address: 127.0.0.1\n"
		    "    port: 0\n    tls: %s\n    auth: %s\n",
		    state_dir, tls ? "true" : "false", auth ? "true" : "false");
	if (codec_config_parse(probe.codec, text_get(&t), t.len, NULL, arena, &config, &err) !=
	    PCE_OK)
		die("configuration", &err);
	text_free(&t);
	return config;
}

static void
start(const struct karst_config *config, bool impatient)
{
	struct service_event recover = { .kind = SERVICE_RECOVER };
	struct north_options options = { .loop = probe.loop,
					 .config = config,
					 .codec = probe.codec,
					 .version = "probe",
					 .submit = submit,
					 .place = place,
					 .wait_ms = impatient ? 300 : 0 };
	struct pce_error err = { 0 };

	if (service_new(config, 1, &probe.service, &err) != PCE_OK)
		die("service", &err);
	options.service = probe.service;
	recover.u.recover.next_id = 1;
	run(&recover);
	if (north_new(&options, &probe.north, &err) != PCE_OK)
		die("API", &err);
}

int
main(int argc, char **argv)
{
	struct arena arena = { 0 };
	struct pce_error err = { 0 };
	struct karst_config config;
	bool tls = false, auth = false, impatient = false;

	if (argc < 3)
		return 2;
	for (int i = 3; i < argc; i++) {
		tls |= !strcmp(argv[i], "tls");
		auth |= !strcmp(argv[i], "auth");
		impatient |= !strcmp(argv[i], "impatient");
	}
	probe.loop = event_base_new();
	probe.tick = evtimer_new(probe.loop, on_tick, NULL);
	if (codec_new(NULL, &probe.codec, &err) != PCE_OK)
		die("codec", &err);
	config = read_config(argv[1], tls, auth, &arena);
	start(&config, impatient);
	load_topology(argv[2]);
	printf("%u\n", north_port(probe.north));
	fflush(stdout);
	probe.input = event_new(probe.loop, STDIN_FILENO, EV_READ | EV_PERSIST, on_input, NULL);
	event_add(probe.input, NULL);
	event_base_dispatch(probe.loop);
	north_free(probe.north);
	service_free(probe.service);
	codec_topology_free(&probe.topology);
	codec_free(probe.codec);
	event_free(probe.input);
	event_free(probe.tick);
	event_base_free(probe.loop);
	free(probe.held);
	arena_free(&arena);
	libevent_global_shutdown();
	return 0;
}
