#include <getopt.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <event2/thread.h>

#include "config.h"
#include "models/codec/config.h"
#include "models/import/import.h"
#include "pce/daemon/daemon.h"
#include "pce/daemon/log.h"

/* Exit status of karstd(8). USAGE: trying again without a change of the input is of no use. */
enum { EXIT_DONE = 0, EXIT_FAULT = 1, EXIT_USAGE = 2 };

struct options {
	const char *config_file;
	const char *yang_path;
	const char *restore_from;
	bool check_only;
};

static void
usage(FILE *out)
{
	fputs("usage: karstd --config FILE [--check | --restore FILE] [--yang-path DIR:…]\n"
	      "              [--verbose | --quiet]\n"
	      "       karstd --version | --help\n"
	      "  -c, --config FILE     configuration in YAML or JSON (YANG module karst-config)\n"
	      "  -t, --check           read the configuration and its topology files, then exit\n"
	      "  -r, --restore FILE    put a backup in the place of the store, then exit\n"
	      "  -Y, --yang-path DIRS  folders of YANG modules, separated by colons\n"
	      "  -v, --verbose         also log every change of intents and policies\n"
	      "  -q, --quiet           log errors and warnings only\n",
	      out);
}

/* Returns the exit status, or -1 to go on. */
static int
read_options(int argc, char **argv, struct options *out)
{
	static const struct option names[] = {
		{ "config", required_argument, NULL, 'c' },
		{ "check", no_argument, NULL, 't' },
		{ "restore", required_argument, NULL, 'r' },
		{ "yang-path", required_argument, NULL, 'Y' },
		{ "verbose", no_argument, NULL, 'v' },
		{ "quiet", no_argument, NULL, 'q' },
		{ "version", no_argument, NULL, 'V' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	int option;

	while ((option = getopt_long(argc, argv, "c:tr:Y:vqVh", names, NULL)) != -1) {
		switch (option) {
		case 'c':
			out->config_file = optarg;
			break;
		case 't':
			out->check_only = true;
			break;
		case 'r':
			out->restore_from = optarg;
			break;
		case 'Y':
			out->yang_path = optarg;
			break;
		case 'v':
			log_set_level(LOG_LEVEL_INFO);
			break;
		case 'q':
			log_set_level(LOG_LEVEL_WARNING);
			break;
		case 'V':
			puts("karstd " PACKAGE_VERSION);
			return EXIT_DONE;
		case 'h':
			usage(stdout);
			return EXIT_DONE;
		default:
			usage(stderr);
			return EXIT_USAGE;
		}
	}
	if (!out->config_file || optind < argc) {
		usage(stderr);
		return EXIT_USAGE;
	}
	return -1;
}

static void
on_tick(evutil_socket_t fd, short what, void *ctx)
{
	(void)fd, (void)what;
	daemon_post(ctx, &(struct service_event){ .kind = SERVICE_TICK });
}

static void
on_signal(evutil_socket_t number, short what, void *ctx)
{
	struct daemon *daemon = ctx;

	(void)what;
	log_line(LOG_LEVEL_NOTICE, "signal %d: ending", (int)number);
	event_base_loopbreak(daemon->loop);
}

/* Everything that runs, in the order in which it has to start: the store before anything can be
 * promised. */
static enum pce_status
start(struct daemon *daemon, struct pce_error *err)
{
	enum pce_status status;

	daemon->loop = event_base_new();
	daemon->tick = daemon->loop ? evtimer_new(daemon->loop, on_tick, daemon) : NULL;
	if (!daemon->tick)
		return pce_no_memory(err);
	status = service_new(daemon->config, daemon_random(), &daemon->service, err);
	if (!status)
		status = devices_prepare(daemon, &daemon->devices, err);
	if (!status)
		status = persist_open(daemon, &daemon->persist, err);
	if (!status)
		status = feeds_open(daemon, &daemon->feeds, err);
	if (!status)
		status = devices_open(daemon->devices, err);
	if (!status)
		status = telemetry_open(daemon, &daemon->telemetry, err);
	if (!status)
		status = api_open(daemon, &daemon->api, err);
	/* Said already. The loop would forget a break from before its first turn. */
	if (!status && daemon->failed)
		status = pce_fail(err, PCE_INTERNAL, "the start failed");
	return status;
}

/* New work stops first, then the store writes what it was given. */
static void
stop(struct daemon *daemon)
{
	api_close(daemon->api);
	daemon->api = NULL;
	/* libevent frees what was let go of in the next turn, and only there. */
	if (daemon->service && daemon->loop)
		event_base_loop(daemon->loop, EVLOOP_NONBLOCK);
	telemetry_close(daemon->telemetry);
	feeds_close(daemon->feeds);
	devices_close(daemon->devices);
	persist_close(daemon->persist);
	service_free(daemon->service);
	if (daemon->tick)
		event_free(daemon->tick);
	if (daemon->loop)
		event_base_free(daemon->loop);
}

static void
on_reload(evutil_socket_t number, short what, void *ctx)
{
	struct daemon *daemon = ctx;

	(void)number, (void)what;
	api_reload(daemon->api);
}

/* Reads everything that a start would read, and says what is wrong with it. */
static int
check(const struct daemon *daemon)
{
	const struct codec_topology_options options = { daemon->config->affinities,
							daemon->config->n_affinities };
	struct pce_error err = { 0 };

	for (size_t i = 0; i < daemon->config->n_topology_files; i++) {
		struct codec_topology topology = { 0 };

		if (import_topology_file(daemon->codec, daemon->config->topology_files[i], &options,
					 &topology, &err)) {
			log_line(LOG_LEVEL_ERROR, "%s", err.text);
			return EXIT_USAGE;
		}
		codec_topology_free(&topology);
	}
	if (devices_check(daemon, &err)) {
		log_line(LOG_LEVEL_ERROR, "%s", err.text);
		return EXIT_USAGE;
	}
	return EXIT_DONE;
}

static int
exit_status(enum pce_status status)
{
	return status == PCE_INVALID || status == PCE_MALFORMED ? EXIT_USAGE : EXIT_FAULT;
}

static int
restore(struct daemon *daemon, const char *from)
{
	struct pce_error err = { 0 };
	enum pce_status status = persist_restore(daemon, from, &err);

	if (!status)
		return EXIT_DONE;
	log_line(LOG_LEVEL_ERROR, "%s", err.text);
	return exit_status(status);
}

static int
run(struct daemon *daemon)
{
	static const int numbers[] = { SIGTERM, SIGINT, SIGHUP };
	struct event *signals[3] = { NULL, NULL, NULL };
	struct pce_error err = { 0 };
	int result = EXIT_FAULT;

	if (start(daemon, &err)) {
		log_line(LOG_LEVEL_ERROR, "%s", err.text);
		result = exit_status(err.status);
	} else {
		for (int i = 0; i < 3; i++) {
			signals[i] =
			    evsignal_new(daemon->loop, numbers[i],
					 numbers[i] == SIGHUP ? on_reload : on_signal, daemon);
			if (signals[i])
				event_add(signals[i], NULL);
		}
		log_line(LOG_LEVEL_NOTICE, "ready");
		event_base_dispatch(daemon->loop);
		result = daemon->failed ? EXIT_FAULT : EXIT_DONE;
	}
	for (int i = 0; i < 3; i++)
		if (signals[i])
			event_free(signals[i]);
	stop(daemon);
	return result;
}

int
main(int argc, char **argv)
{
	struct options options = { .yang_path = getenv("KARST_YANG_PATH") };
	struct karst_config config = { 0 };
	struct arena arena = { 0 };
	struct pce_error err = { 0 };
	struct daemon daemon = { 0 };
	int result = read_options(argc, argv, &options);

	if (result >= 0)
		return result;
	signal(SIGPIPE, SIG_IGN);
	/* A fork of the graph is some megabytes: taken from the kernel each time, its pages cost
	 * ten times what copying them does. */
	mallopt(M_MMAP_THRESHOLD, 32 << 20);
	mallopt(M_TRIM_THRESHOLD, 256 << 20);
	if (codec_new(options.yang_path, &daemon.codec, &err) ||
	    codec_config_read(daemon.codec, options.config_file, &arena, &config, &err)) {
		log_line(LOG_LEVEL_ERROR, "%s", err.text);
		result = EXIT_USAGE;
	} else if (config.trace_file) {
		log_line(LOG_LEVEL_ERROR,
			 "%s: trace-file: this karstd writes no trace yet; remove it",
			 options.config_file);
		result = EXIT_USAGE;
	} else {
		daemon.config = &config;
		daemon.yang_path = codec_yang_path(options.yang_path);
		result = options.check_only     ? check(&daemon)
			 : options.restore_from ? restore(&daemon, options.restore_from)
						: run(&daemon);
	}
	codec_free(daemon.codec);
	arena_free(&arena);
	libevent_global_shutdown();
	return result;
}
