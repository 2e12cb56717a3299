/*
 * A server on northbound/http whose handler does what the path says, for check_http.py. Usage:
 * http_probe [STATE_DIR]; with a folder it speaks TLS with a certificate made there. Prints its
 * port, and ends when standard input ends.
 */
#include "config.h"

#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "northbound/http/http.h"
#include "northbound/http/tls.h"
#include "pce/base/text.h"

static struct event_base *loop;
static struct http_server *server;
static unsigned gone_count;

/* A request that is answered, or written to, by a timer. */
struct later {
	struct event *timer;
	struct http_request *request;
	size_t bytes;
};

static void
later_free(struct later *later)
{
	event_free(later->timer);
	free(later);
}

static void
later_gone(void *arg)
{
	gone_count++;
	later_free(arg);
}

static void
later_answer(evutil_socket_t fd, short what, void *arg)
{
	struct later *later = arg;

	(void)fd;
	(void)what;
	http_reply(later->request, 200, "text/plain", "late\n", 5);
	later_free(later);
}

static void
later_write(evutil_socket_t fd, short what, void *arg)
{
	struct later *later = arg;
	struct timeval soon = { 0, 1000 };
	char *bytes = malloc(later->bytes);

	(void)fd;
	(void)what;
	memset(bytes, 'x', later->bytes);
	bytes[later->bytes - 1] = '\n';
	if (http_stream_write(later->request, bytes, later->bytes))
		evtimer_add(later->timer, &soon);
	free(bytes);
}

static size_t
number_of(const struct http_target *target, const char *name)
{
	const char *text = http_target_parameter(target, name);

	return text ? strtoul(text, NULL, 10) : 0;
}

static void
handle_later(struct http_request *request, bool stream)
{
	const struct http_target *target = http_request_target(request);
	size_t ms = number_of(target, "ms");
	struct timeval after = { (time_t)(ms / 1000), (suseconds_t)(ms % 1000 * 1000) };
	struct later *later = calloc(1, sizeof(*later));

	later->request = request;
	later->bytes = number_of(target, "bytes") + 1;
	later->timer = evtimer_new(loop, stream ? later_write : later_answer, later);
	evtimer_add(later->timer, &after);
	if (stream)
		http_stream(request, "text/plain", later_gone, later);
	else
		http_keep(request, later_gone, later);
}

static void
handle_counters(struct http_request *request)
{
	struct http_counters c;
	struct text t = { 0 };

	http_server_count(server, &c);
	text_printf(&t,
		    "{\"overfull\":%llu,\"evicted\":%llu,\"requests\":%llu,\"refused\":%llu,"
		    "\"slow\":%llu,\"lagging\":%llu,"
		    "\"connections\":%u,\"streams\":%u,\"gone\":%u}",
		    (unsigned long long)c.overfull, (unsigned long long)c.evicted,
		    (unsigned long long)c.requests, (unsigned long long)c.refused,
		    (unsigned long long)c.slow, (unsigned long long)c.lagging, c.connections,
		    c.streams, gone_count);
	http_reply(request, 200, "application/json", text_get(&t), t.len);
	text_free(&t);
}

static void
handle_echo(struct http_request *request)
{
	const struct http_target *target = http_request_target(request);
	struct text t = { 0 };
	size_t len = 0;

	text_printf(&t, "%s", http_request_method_name(request));
	for (size_t i = 0; i < target->n_segments; i++) {
		text_printf(&t, " [%s", target->segments[i].name);
		for (size_t k = 0; k < target->segments[i].n_keys; k++)
			text_printf(&t, "|%s", target->segments[i].keys[k]);
		text_add(&t, "]");
	}
	http_request_body(request, &len);
	text_printf(&t, " %zu\n", len);
	http_reply(request, 200, "text/plain", text_get(&t), t.len);
	text_free(&t);
}

static void
handle(void *arg, struct http_request *request)
{
	const struct http_target *target = http_request_target(request);
	const char *name = target->n_segments ? target->segments[0].name : "";

	(void)arg;
	if (!strcmp(name, "later"))
		handle_later(request, false);
	else if (!strcmp(name, "stream"))
		handle_later(request, true);
	else if (!strcmp(name, "counters"))
		handle_counters(request);
	else if (!strcmp(name, "nothing"))
		http_reply(request, 204, NULL, NULL, 0);
	else if (strcmp(name, "silent"))
		handle_echo(request);
}

static void
input(evutil_socket_t fd, short what, void *arg)
{
	char bytes[64];

	(void)what;
	(void)arg;
	if (read((int)fd, bytes, sizeof(bytes)) <= 0)
		event_base_loopbreak(loop);
}

int
main(int argc, char **argv)
{
	struct http_options options = { .limits = http_limits_default(), .handler = handle };
	char certificate[512], key[512];
	struct pce_error err = { 0 };
	struct event *end;

	options.loop = loop = event_base_new();
	ip_parse("127.0.0.1", &options.listen, NULL);
	options.limits.connections = 12;
	options.limits.waiting_bytes = 24 << 20;
	options.limits.request_ms = 700;
	options.limits.idle_ms = 900;
	options.limits.reply_ms = 1200;
	if (argc > 1) {
		if (tls_self_signed(argv[1], &options.listen, certificate, key, sizeof(certificate),
				    &err) != PCE_OK) {
			fprintf(stderr, "%s\n", err.text);
			return 1;
		}
		options.certificate_file = certificate;
		options.key_file = key;
	}
	if (http_server_new(&options, &server, &err) != PCE_OK) {
		fprintf(stderr, "%s\n", err.text);
		return 1;
	}
	printf("%u\n", http_server_port(server));
	fflush(stdout);
	end = event_new(loop, STDIN_FILENO, EV_READ | EV_PERSIST, input, NULL);
	event_add(end, NULL);
	event_base_dispatch(loop);
	event_free(end);
	http_server_free(server);
	event_base_free(loop);
	libevent_global_shutdown();
	return 0;
}
