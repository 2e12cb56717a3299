/*
 * karst-lab-flow: UDP from hosts to hosts of the lab, with what became of it. Each line on standard
 * input is a stream:
 *
 *   NAME FROM TO ADDRESS PACKETS PPS FLOWS [PORT [OCTETS]]
 *
 * FROM and TO are namespaces (names in /run/netns), ADDRESS is where it is sent, FLOWS source ports
 * take turns, OCTETS (64 to 1400) is what UDP carries in each packet; PORT 0: one of its own. All
 * streams run side by side; each gives a line of JSON when all are done:
 *
 *   {"name": …, "sent": …, "received": …, "lost": …, "reordered": …, "gap-ms": …, "lost-ms": …,
 *    "first-lost-us": …, "min-us": …, "mean-us": …, "max-us": …}
 *
 * gap-ms is the longest time between two packets that arrived one after the other, lost-ms the lost
 * packets times their distance, first-lost-us when (CLOCK_MONOTONIC) the first lost one was sent.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "pce/base/array.h"
#include "tests/lab/space.h"

#define STREAMS_MAX 512
#define PACKETS_MAX 10000000
#define PORT 9000
#define OCTETS_MAX 1400

struct packet {
	char magic[8];
	uint32_t stream, number;
	int64_t sent_us;
	uint8_t rest[40];
};

struct stream {
	char name[128], from[256], to[256], address[64];
	unsigned packets, pps, flows, port, octets;
	int family;
	struct sockaddr_storage destination;
	socklen_t destination_len;
	int *senders;
	int receiver;
	int64_t *sent_us; /* by number; 0: not sent */
	uint8_t *arrived;
	unsigned sent, received, reordered, highest;
	int64_t last_us, gap_us, min_us, max_us, sum_us;
};

static struct stream streams[STREAMS_MAX];
static size_t n_streams;
static double patience = 2.0;

static int64_t
now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static int
fail(const struct stream *s, const char *what)
{
	fprintf(stderr, "%s: %s: %s\n", s->name, what, strerror(errno));
	return -1;
}

/* --- the streams --- */

static int
read_stream(const char *line, struct stream *s)
{
	struct sockaddr_in6 *six = (void *)&s->destination;
	struct sockaddr_in *four = (void *)&s->destination;
	int n;

	s->octets = sizeof(struct packet);
	s->receiver = -1;
	n = sscanf(line, "%127s %255s %255s %63s %u %u %u %u %u", s->name, s->from, s->to,
		   s->address, &s->packets, &s->pps, &s->flows, &s->port, &s->octets);
	if (s->port == 0)
		s->port = PORT + (unsigned)n_streams;
	if (n < 7 || s->packets == 0 || s->packets > PACKETS_MAX || s->pps == 0 || s->flows == 0 ||
	    s->flows > 4096 || s->octets < sizeof(struct packet) || s->octets > OCTETS_MAX) {
		fprintf(stderr, "this is no stream: %s", line);
		return -1;
	}
	if (inet_pton(AF_INET6, s->address, &six->sin6_addr) == 1) {
		s->family = six->sin6_family = AF_INET6;
		six->sin6_port = htons((uint16_t)s->port);
		s->destination_len = sizeof *six;
	} else if (inet_pton(AF_INET, s->address, &four->sin_addr) == 1) {
		s->family = four->sin_family = AF_INET;
		four->sin_port = htons((uint16_t)s->port);
		s->destination_len = sizeof *four;
	} else {
		fprintf(stderr, "%s is no address\n", s->address);
		return -1;
	}
	return 0;
}

static int
enter(const char *name)
{
	int fd = space_open(name);
	struct pce_error err;
	enum pce_status status;

	if (fd < 0)
		return -1;
	status = space_enter(fd, &err);
	close(fd);
	return status == PCE_OK ? 0 : -1;
}

static int
open_receiver(struct stream *s)
{
	struct sockaddr_storage any = { .ss_family = (sa_family_t)s->family };
	int size = 16 << 20;

	if (s->family == AF_INET6)
		((struct sockaddr_in6 *)&any)->sin6_port = htons((uint16_t)s->port);
	else
		((struct sockaddr_in *)&any)->sin_port = htons((uint16_t)s->port);
	if (enter(s->to) != 0)
		return fail(s, s->to);
	s->receiver = socket(s->family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (s->receiver < 0)
		return fail(s, "receiver");
	setsockopt(s->receiver, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size);
	if (bind(s->receiver, (struct sockaddr *)&any, s->destination_len) != 0)
		return fail(s, "receiver");
	return 0;
}

static int
open_senders(struct stream *s)
{
	if (enter(s->from) != 0)
		return fail(s, s->from);
	s->senders = calloc(s->flows, sizeof *s->senders);
	for (unsigned i = 0; s->senders != NULL && i < s->flows; i++) {
		s->senders[i] = socket(s->family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
		if (s->senders[i] < 0 || connect(s->senders[i], (struct sockaddr *)&s->destination,
						 s->destination_len) != 0)
			return fail(s, "sender");
	}
	return s->senders != NULL ? 0 : fail(s, "sender");
}

static int
open_stream(struct stream *s)
{
	s->sent_us = calloc(s->packets, sizeof *s->sent_us);
	s->arrived = calloc(s->packets, 1);
	if (s->sent_us == NULL || s->arrived == NULL)
		return fail(s, "memory");
	return open_receiver(s) != 0 || open_senders(s) != 0 ? -1 : 0;
}

/* --- the run --- */

static void
take(struct stream *s, const struct packet *p, int64_t at)
{
	int64_t delay = at - p->sent_us;

	if (memcmp(p->magic, "karstudp", 8) != 0 || p->stream != (uint32_t)(s - streams) ||
	    p->number >= s->packets || s->arrived[p->number])
		return;
	s->arrived[p->number] = 1;
	if (p->number < s->highest)
		s->reordered++;
	else
		s->highest = p->number;
	if (s->received > 0 && at - s->last_us > s->gap_us)
		s->gap_us = at - s->last_us;
	s->last_us = at;
	s->min_us = s->received == 0 || delay < s->min_us ? delay : s->min_us;
	s->max_us = delay > s->max_us ? delay : s->max_us;
	s->sum_us += delay;
	s->received++;
}

static void
take_all(struct stream *s)
{
	struct packet p;

	/* What is behind the head of a longer one is cut off. */
	while (recv(s->receiver, &p, sizeof p, 0) == (ssize_t)sizeof p)
		take(s, &p, now_us());
}

static void
send_one(struct stream *s)
{
	static uint8_t octets[OCTETS_MAX];
	struct packet p = { .stream = (uint32_t)(s - streams),
			    .number = s->sent,
			    .sent_us = now_us() };

	memcpy(p.magic, "karstudp", 8);
	memcpy(octets, &p, sizeof p);
	s->sent_us[s->sent] = p.sent_us;
	if (send(s->senders[s->sent % s->flows], octets, s->octets, 0) < 0 && errno != ENOBUFS &&
	    errno != ENETUNREACH && errno != EHOSTUNREACH && errno != ECONNREFUSED)
		fail(s, "send");
	s->sent++;
}

/* When the next packet of a stream is due, since the start. */
static int64_t
due(const struct stream *s)
{
	return (int64_t)((uint64_t)s->sent * 1000000u / s->pps);
}

static void
run(void)
{
	int64_t start = now_us(), next;

	do {
		int64_t now = now_us() - start;

		next = INT64_MAX;
		for (size_t i = 0; i < n_streams; i++) {
			struct stream *s = &streams[i];

			for (unsigned burst = 0;
			     burst < 32 && s->sent < s->packets && due(s) <= now; burst++)
				send_one(s);
			take_all(s);
			if (s->sent < s->packets && due(s) < next)
				next = due(s);
		}
		now = now_us() - start;
		if (next != INT64_MAX && next > now) {
			struct timespec wait = { (next - now) / 1000000,
						 (next - now) % 1000000 * 1000 };

			nanosleep(&wait, NULL);
		}
	} while (next != INT64_MAX);
}

/* Until all that was sent has arrived, or for as long as there is patience. */
static void
wait_for_rest(void)
{
	int64_t end = now_us() + (int64_t)(patience * 1e6);
	bool all = false;

	while (!all && now_us() < end) {
		struct timespec wait = { 0, 2000000 };

		all = true;
		for (size_t i = 0; i < n_streams; i++) {
			take_all(&streams[i]);
			all = all && streams[i].received == streams[i].sent;
		}
		if (!all)
			nanosleep(&wait, NULL);
	}
}

static void
report(const struct stream *s)
{
	unsigned lost = s->sent - s->received;
	int64_t first = 0;

	for (unsigned i = 0; i < s->sent && first == 0; i++)
		if (!s->arrived[i])
			first = s->sent_us[i];
	printf(
	    "{\"name\": \"%s\", \"sent\": %u, \"received\": %u, \"lost\": %u, \"reordered\": %u, "
	    "\"gap-ms\": %.3f, \"lost-ms\": %.3f, \"first-lost-us\": %lld, \"min-us\": %lld, "
	    "\"mean-us\": %lld, \"max-us\": %lld}\n",
	    s->name, s->sent, s->received, lost, s->reordered, (double)s->gap_us / 1000,
	    lost * 1000.0 / s->pps, (long long)first, (long long)s->min_us,
	    s->received ? (long long)(s->sum_us / s->received) : 0LL, (long long)s->max_us);
}

int
main(int argc, char **argv)
{
	static const struct option options[] = { { "patience", required_argument, NULL, 'p' },
						 { NULL, 0, NULL, 0 } };
	char line[1024];
	int o;

	while ((o = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (o != 'p') {
			fputs("usage: karst-lab-flow [--patience SECONDS] < STREAMS\n", stderr);
			return 2;
		}
		patience = strtod(optarg, NULL);
	}
	while (fgets(line, sizeof line, stdin) != NULL && n_streams < STREAMS_MAX) {
		if (read_stream(line, &streams[n_streams]) != 0)
			return 2;
		if (open_stream(&streams[n_streams]) != 0)
			return 1;
		n_streams++;
	}
	run();
	wait_for_rest();
	for (size_t i = 0; i < n_streams; i++)
		report(&streams[i]);
	return 0;
}
