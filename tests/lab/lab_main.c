/*
 * karst-lab: the lab as a program.
 *
 *   karst-lab run FILE …    brings the network of a topology file up and keeps it until SIGTERM or
 * SIGINT karst-lab tell WORDS    gives one order to a lab that runs (lab.h has them), prints its
 * answer karst-lab down          ends a lab that runs and removes what one left behind that does
 * not
 *
 * Orders come by the Unix socket /run/karst-lab/NAME/control, one line a connection, and the answer
 * is "ok" or "error TEXT" and what follows up to the end. One line goes to standard output for each
 * thing that happens, with the microseconds of CLOCK_MONOTONIC in front.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/listener.h>
#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "tests/lab/lab.h"
#include "tests/lab/space.h"

#define FOLDER "/run/karst-lab"
#define LINE_MAX_OCTETS 4096

static const char usage[] =
    "usage: karst-lab run FILE [--name NAME] [--detach LOG]\n"
    "           [--netconf ADDR:PORT --host-key FILE --authorized FILE.pub [--yang DIR:DIR]\n"
    "            [--gnmi PORT]]\n"
    "           [--bgp-listen ADDR:PORT --bgp-peer ADDR] [--asn N] [--probe-us N]\n"
    "       karst-lab tell [--name NAME] WORDS\n"
    "       karst-lab down [--name NAME | --all]\n";

#define WAITING_MAX 64

struct program {
	struct lab lab;
	struct event_base *loop;
	struct event *converge; /* fires a little after an order that changed the network */
	struct bufferevent *waiting[WAITING_MAX]; /* whose answers wait for it */
	char *answers[WAITING_MAX];
	size_t n_waiting;
	char folder[200];
	int lock;
};

struct options {
	struct lab_setup setup;
	const char *detach;
	char yang[2048], address[64];
	bool all;
};

static void
print_line(void *ctx, const char *line)
{
	(void)ctx;
	printf("%s\n", line);
	fflush(stdout);
}

static double
seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* --- orders --- */

static void
on_converge(evutil_socket_t fd, short what, void *ctx)
{
	struct program *p = ctx;
	struct pce_error err = { 0 };
	bool failed = lab_converge(&p->lab, &err) != PCE_OK;

	(void)fd, (void)what;
	for (size_t i = 0; i < p->n_waiting; i++) {
		struct evbuffer *out = bufferevent_get_output(p->waiting[i]);

		if (failed)
			evbuffer_add_printf(out, "error %s\n", err.text);
		else
			evbuffer_add_printf(out, "ok\n%s", p->answers[i] ? p->answers[i] : "");
		free(p->answers[i]);
		bufferevent_enable(p->waiting[i], EV_READ);
	}
	p->n_waiting = 0;
}

/* An order that changed the network is answered when the IGP has converged; until then nothing is
 * heard of its peer, so that it stays there. */
static void
wait_for_convergence(struct program *p, struct bufferevent *peer, struct text *answer)
{
	const struct timeval soon = { 0, 500 };

	bufferevent_disable(peer, EV_READ);
	p->waiting[p->n_waiting] = peer;
	p->answers[p->n_waiting++] = text_take(answer);
	event_add(p->converge, &soon);
}

static void
answer_order(struct program *p, struct bufferevent *peer, const char *line)
{
	struct evbuffer *out = bufferevent_get_output(peer);
	struct pce_error err = { 0 };
	struct text answer = { 0 };
	enum pce_status status = lab_control(&p->lab, line, &answer, &err);

	if (p->lab.unconverged && (status || p->n_waiting == WAITING_MAX))
		lab_converge(&p->lab, NULL);
	if (status)
		evbuffer_add_printf(out, "error %s\n", err.text);
	else if (p->lab.unconverged)
		wait_for_convergence(p, peer, &answer);
	else
		evbuffer_add_printf(out, "ok\n%s", text_get(&answer));
	text_free(&answer);
}

static void
on_sent(struct bufferevent *peer, void *ctx)
{
	(void)ctx;
	bufferevent_free(peer);
}

static void
on_gone(struct bufferevent *peer, short what, void *ctx)
{
	(void)what, (void)ctx;
	bufferevent_free(peer);
}

static void
on_order(struct bufferevent *peer, void *ctx)
{
	struct evbuffer *in = bufferevent_get_input(peer);
	char *line = evbuffer_readln(in, NULL, EVBUFFER_EOL_LF);

	if (line == NULL) {
		if (evbuffer_get_length(in) > LINE_MAX_OCTETS)
			bufferevent_free(peer);
		return;
	}
	bufferevent_setcb(peer, NULL, on_sent, on_gone, ctx);
	answer_order(ctx, peer, line);
	free(line);
}

static void
on_connection(struct evconnlistener *listener, evutil_socket_t fd, struct sockaddr *from, int len,
	      void *ctx)
{
	struct program *p = ctx;
	struct bufferevent *peer = bufferevent_socket_new(p->loop, fd, BEV_OPT_CLOSE_ON_FREE);

	(void)listener, (void)from, (void)len;
	if (peer == NULL) {
		evutil_closesocket(fd);
		return;
	}
	bufferevent_setcb(peer, on_order, NULL, on_gone, p);
	bufferevent_enable(peer, EV_READ | EV_WRITE);
}

static struct sockaddr_un
control_address(const char *name)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };

	snprintf(at.sun_path, sizeof at.sun_path, FOLDER "/%.60s/control", name);
	return at;
}

static struct evconnlistener *
listen_for_orders(struct program *p)
{
	struct sockaddr_un at = control_address(p->lab.setup.name);

	unlink(at.sun_path);
	return evconnlistener_new_bind(p->loop, on_connection, p, LEV_OPT_CLOSE_ON_FREE, -1,
				       (struct sockaddr *)&at, sizeof at);
}

/* --- the folder of a lab: a lock that its process holds, with its number in it --- */

static int
open_lock(const char *name, char folder[200])
{
	char path[256];

	mkdir(FOLDER, 0755);
	snprintf(folder, 200, FOLDER "/%.60s", name);
	mkdir(folder, 0700);
	snprintf(path, sizeof path, "%s/pid", folder);
	return open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
}

static enum pce_status
take_lock(struct program *p, const char *name, struct pce_error *err)
{
	char prefix[80];
	size_t left;

	p->lock = open_lock(name, p->folder);
	if (p->lock < 0)
		return pce_fail(err, PCE_DENIED, "%s: %s (the lab needs root)", p->folder,
				strerror(errno));
	if (flock(p->lock, LOCK_EX | LOCK_NB) != 0)
		return pce_fail(err, PCE_EXISTS, "a lab \"%s\" is running", name);
	if (ftruncate(p->lock, 0) != 0 || dprintf(p->lock, "%ld\n", (long)getpid()) < 0)
		return pce_fail(err, PCE_IO, "%s: %s", p->folder, strerror(errno));
	snprintf(prefix, sizeof prefix, "%.60s.", name);
	left = space_remove_all(prefix);
	if (left > 0)
		fprintf(stderr, "karst-lab: removed %zu namespaces that a lab left behind\n", left);
	return PCE_OK;
}

static void
remove_folder(const char *folder)
{
	char path[256];

	snprintf(path, sizeof path, "%s/control", folder);
	unlink(path);
	snprintf(path, sizeof path, "%s/pid", folder);
	unlink(path);
	rmdir(folder);
}

/* --- run --- */

static void
on_signal(evutil_socket_t number, short what, void *ctx)
{
	(void)number, (void)what;
	event_base_loopbreak(ctx);
}

/* Once the parent has seen "ready", what happens goes to the log. */
static void
leave_parent(const char *log)
{
	if (log != NULL)
		dup2(STDERR_FILENO, STDOUT_FILENO);
}

static void
serve(struct program *p, const char *log, double since)
{
	struct event *term = evsignal_new(p->loop, SIGTERM, on_signal, p->loop);
	struct event *interrupt = evsignal_new(p->loop, SIGINT, on_signal, p->loop);
	struct evconnlistener *listener = listen_for_orders(p);

	if (term != NULL && interrupt != NULL && listener != NULL) {
		event_add(term, NULL);
		event_add(interrupt, NULL);
		for (size_t i = 0; i < p->lab.network.n_notes; i++)
			printf("note %s\n", p->lab.network.notes[i]);
		printf("ready %u routers, %u links in %.1f s\n", p->lab.network.n_routers,
		       p->lab.network.n_links, seconds() - since);
		fflush(stdout);
		leave_parent(log);
		event_base_dispatch(p->loop);
	}
	if (listener != NULL)
		evconnlistener_free(listener);
	if (term != NULL)
		event_free(term);
	if (interrupt != NULL)
		event_free(interrupt);
}

static int
run(struct options *o)
{
	struct program p = { .lock = -1 };
	struct pce_error err = { 0 };
	double since = seconds();
	int result = 0;

	p.loop = event_base_new();
	p.converge = p.loop != NULL ? evtimer_new(p.loop, on_converge, &p) : NULL;
	if (p.converge == NULL || take_lock(&p, o->setup.name, &err)) {
		fprintf(stderr, "karst-lab: %s\n", err.text);
		return 1;
	}
	if (lab_start(&p.lab, &o->setup, p.loop, &err)) {
		fprintf(stderr, "karst-lab: %s\n", err.text);
		result = 1;
	} else {
		serve(&p, o->detach, since);
	}
	/* Whoever is impatient has to wait: everything is removed now. */
	signal(SIGTERM, SIG_IGN);
	signal(SIGINT, SIG_IGN);
	for (size_t i = 0; i < p.n_waiting; i++)
		free(p.answers[i]);
	lab_stop(&p.lab);
	event_free(p.converge);
	event_base_free(p.loop);
	remove_folder(p.folder);
	close(p.lock);
	return result;
}

/* The child goes on as a process of its own; the parent waits for its "ready". */
static int
detach(const char *log)
{
	int ends[2], file;
	pid_t child;
	char c, first = 0;

	if (pipe(ends) != 0 || (child = fork()) < 0) {
		perror("karst-lab");
		return 1;
	}
	if (child == 0) {
		close(ends[0]);
		setsid();
		file = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
		if (file >= 0)
			dup2(file, STDERR_FILENO);
		dup2(ends[1], STDOUT_FILENO);
		close(ends[1]);
		return -1;
	}
	close(ends[1]);
	while (read(ends[0], &c, 1) == 1) {
		first = first == 0 || first == '\n' ? c : first;
		putchar(c);
		if (c == '\n' && first == 'r')
			return 0;
		if (c == '\n')
			first = '\n';
	}
	fprintf(stderr, "karst-lab: it did not start, see %s\n", log);
	return 1;
}

/* --- tell and down --- */

static int
tell(const char *name, char **words, int n)
{
	struct sockaddr_un at = control_address(name);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	FILE *peer;
	char line[4096];
	int result = 1;

	if (fd < 0 || connect(fd, (struct sockaddr *)&at, sizeof at) != 0) {
		fprintf(stderr, "karst-lab: no lab \"%s\" is running (%s: %s)\n", name, at.sun_path,
			strerror(errno));
		return 3;
	}
	peer = fdopen(fd, "r+");
	for (int i = 0; i < n; i++)
		dprintf(fd, "%s%s", i > 0 ? " " : "", words[i]);
	dprintf(fd, "\n");
	if (peer != NULL && fgets(line, sizeof line, peer) != NULL) {
		result = strcmp(line, "ok\n") == 0 ? 0 : 1;
		if (result != 0)
			fprintf(stderr, "karst-lab: %s",
				line + (strncmp(line, "error ", 6) ? 0 : 6));
		while (fgets(line, sizeof line, peer) != NULL)
			fputs(line, stdout);
	}
	if (peer != NULL)
		fclose(peer);
	return result;
}

/* Ends the process that holds the lock, if one does, and waits for it. */
static void
end_process(int lock)
{
	char text[32] = "";
	long pid;

	for (unsigned tries = 0; flock(lock, LOCK_EX | LOCK_NB) != 0 && tries < 600; tries++) {
		if (pread(lock, text, sizeof text - 1, 0) > 0 && (pid = strtol(text, NULL, 10)) > 1)
			kill((pid_t)pid, tries < 500 ? SIGTERM : SIGKILL);
		usleep(tries < 500 ? 100000 : 1000000);
	}
}

static int
down(const char *name)
{
	char folder[200], prefix[80];
	int lock;
	size_t n;

	if (strlen(name) > 60 || strchr(name, '/') != NULL) {
		fprintf(stderr, "karst-lab: no lab can be called %s\n", name);
		return 2;
	}
	lock = open_lock(name, folder);
	if (lock >= 0)
		end_process(lock);
	snprintf(prefix, sizeof prefix, "%.60s.", name);
	n = space_remove_all(prefix);
	remove_folder(folder);
	if (lock >= 0)
		close(lock);
	if (n > 0)
		printf("removed %zu namespaces\n", n);
	return 0;
}

/* --- options --- */

static bool
read_endpoint(const char *value, char address[64], uint16_t *port)
{
	const char *colon = strrchr(value, ':');

	if (colon == NULL || colon - value >= 64)
		return false;
	snprintf(address, 64, "%.*s", (int)(colon - value), value);
	*port = (uint16_t)strtoul(colon + 1, NULL, 10);
	return *port != 0;
}

static bool
read_option(struct options *o, int which)
{
	struct lab_setup *s = &o->setup;
	char address[64];

	switch (which) {
	case 'n':
		s->name = optarg;
		return strlen(optarg) <= 60 && strchr(optarg, '/') == NULL && optarg[0] != '\0';
	case 'd':
		o->detach = optarg;
		return true;
	case 'c':
		s->address = o->address;
		return read_endpoint(optarg, o->address, &s->first_port);
	case 'g':
		s->gnmi_port = (uint16_t)strtoul(optarg, NULL, 10);
		return s->gnmi_port != 0;
	case 'k':
		s->host_key_file = optarg;
		return true;
	case 'u':
		s->authorized_file = optarg;
		return true;
	case 'y':
		snprintf(o->yang, sizeof o->yang, "%s", optarg);
		return true;
	case 'l':
		return read_endpoint(optarg, address, &s->speaker_port) &&
		       ip_parse(address, &s->speaker_address, NULL) == PCE_OK;
	case 'p':
		return ip_parse(optarg, &s->speaker_peer, NULL) == PCE_OK;
	case 'a':
		s->asn = (uint32_t)strtoul(optarg, NULL, 10);
		return s->asn != 0;
	case 'b':
		s->probe_us = (uint32_t)strtoul(optarg, NULL, 10);
		return s->probe_us == 0 || s->probe_us >= 1000;
	case 'A':
		return o->all = true;
	default:
		return false;
	}
}

static bool
read_options(struct options *o, int argc, char **argv)
{
	static const struct option options[] = {
		{ "name", required_argument, NULL, 'n' },
		{ "detach", required_argument, NULL, 'd' },
		{ "netconf", required_argument, NULL, 'c' },
		{ "gnmi", required_argument, NULL, 'g' },
		{ "host-key", required_argument, NULL, 'k' },
		{ "authorized", required_argument, NULL, 'u' },
		{ "yang", required_argument, NULL, 'y' },
		{ "bgp-listen", required_argument, NULL, 'l' },
		{ "bgp-peer", required_argument, NULL, 'p' },
		{ "asn", required_argument, NULL, 'a' },
		{ "probe-us", required_argument, NULL, 'b' },
		{ "all", no_argument, NULL, 'A' },
		{ NULL, 0, NULL, 0 },
	};
	const char *yang = getenv("KARST_YANG_PATH");
	bool good = true;
	int which;

	o->setup = (struct lab_setup){
		.name = "karst", .asn = 65000, .probe_us = 10000, .log = print_line
	};
	snprintf(o->yang, sizeof o->yang, "%s:/usr/share/yuma/modules/ietf",
		 yang != NULL ? yang : KARST_YANGDIR);
	while ((which = getopt_long(argc, argv, "+", options, NULL)) != -1)
		good = good && read_option(o, which);
	o->setup.yang_path = o->yang;
	if (o->setup.address == NULL || o->setup.authorized_file == NULL)
		o->setup.host_key_file = NULL;
	return good;
}

static int
down_all(void)
{
	/* Every lab has its folder here. */
	char *argv[] = { (char[]){ "sh" }, (char[]){ "-c" },
			 (char[]){ "for d in " FOLDER "/*; do [ -d \"$d\" ] && \"$0\" down --name "
				   "\"$(basename \"$d\")\"; done; exit 0" },
			 (char[]){ "/proc/self/exe" }, NULL };
	char self[512];
	ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);

	if (n > 0) {
		self[n] = '\0';
		argv[3] = self;
		execv("/bin/sh", argv);
	}
	return 1;
}

static void
allow_descriptors(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
		limit.rlim_cur = limit.rlim_max < 65536 ? limit.rlim_max : 65536;
		setrlimit(RLIMIT_NOFILE, &limit);
	}
}

int
main(int argc, char **argv)
{
	const char *verb = argc > 1 ? argv[1] : "";
	struct options o = { 0 };
	char *file = NULL;
	int rc;

	/* FILE may come first. */
	if (strcmp(verb, "run") == 0 && argc > 2 && argv[2][0] != '-') {
		file = argv[2];
		argc--, argv++;
	}
	if (argc > 1)
		argc--, argv++;
	if (!read_options(&o, argc, argv)) {
		fputs(usage, stderr);
		return 2;
	}
	signal(SIGPIPE, SIG_IGN);
	allow_descriptors();
	if (strcmp(verb, "tell") == 0 && optind < argc)
		return tell(o.setup.name, argv + optind, argc - optind);
	if (strcmp(verb, "down") == 0 && optind == argc)
		return o.all ? down_all() : down(o.setup.name);
	if (strcmp(verb, "run") != 0 || file == NULL || optind != argc) {
		fputs(usage, stderr);
		return 2;
	}
	o.setup.file = file;
	rc = o.detach != NULL ? detach(o.detach) : -1;
	return rc >= 0 ? rc : run(&o);
}
