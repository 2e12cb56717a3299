/*
 * The agent: probes of every list, and what is concluded from them. A probe is a UDP packet that
 * carries the list, the same way back, and the headend's address at the end; it enters its router
 * through lo, as a packet that came in, because the kernel obeys local SIDs only for those. Nobody
 * has to answer it. Its flow label changes, so that all equal-cost ways are tried.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "tests/lab/lists.h"
#include "tests/lab/names.h"
#include "tests/lab/policies_internal.h"
#include "tests/lab/space.h"

#define PORT 7784 /* as S-BFD's, RFC 7881; inside of the lab only */
#define SEGMENTS_MAX 60
#define HEAD_ETHERNET 14
#define HEAD_IPV6 40
#define PAYLOAD 16
#define LOAD_US 250 /* no more than one probe in so many microseconds, over all lists */

static void
put16(uint8_t *at, unsigned value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
}

static void
put32(uint8_t *at, uint32_t value)
{
	put16(at, value >> 16);
	put16(at + 2, value & 0xffff);
}

static uint32_t
get32(const uint8_t *at)
{
	return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

/* The list, the way back, the headend. */
static size_t
all_segments(struct policies *p, uint32_t router, const struct policy_list *list,
	     uint8_t (*out)[16])
{
	const struct lab_network *net = p->setup.network;
	struct list_stop stops[LIST_STOPS];
	size_t n_stops, n = list->n, back;

	memcpy(out, list->sids, n * 16);
	if (!list_stops(net, router, list->sids, list->n, stops, &n_stops) ||
	    !list_back(net, stops, n_stops, out + n, SEGMENTS_MAX - n - 1, &back))
		return 0;
	n += back;
	memcpy(out[n++], net->routers[router].address.octets, 16);
	return n;
}

void
policy_make_probe(struct policies *p, uint32_t router, struct policy_list *list)
{
	uint8_t segments[SEGMENTS_MAX][16], *at;
	size_t n = all_segments(p, router, list, segments), srh = 8 + 16 * n;
	const unsigned ip = 0x60000000;

	if (n == 0)
		return;
	list->payload_at = HEAD_ETHERNET + HEAD_IPV6 + srh + 8;
	list->packet_len = list->payload_at + PAYLOAD;
	list->packet = at = calloc(1, list->packet_len);
	if (at == NULL)
		return;
	put16(at + 12, ETHERTYPE_IPV6);
	at += HEAD_ETHERNET;
	put32(at, ip);
	put16(at + 4, (unsigned)(srh + 8 + PAYLOAD));
	at[6] = 43;
	at[7] = 255;
	memcpy(at + 8, p->setup.network->routers[router].address.octets, 16);
	memcpy(at + 24, segments[0], 16);
	at += HEAD_IPV6;
	at[0] = IPPROTO_UDP;
	at[1] = (uint8_t)(2 * n);
	at[2] = 4;
	at[3] = at[4] = (uint8_t)(n - 1);
	for (size_t i = 0; i < n; i++)
		memcpy(at + 8 + 16 * i, segments[n - 1 - i], 16);
	at += srh;
	put16(at, PORT);
	put16(at + 2, PORT);
	put16(at + 4, 8 + PAYLOAD);
}

/* RFC 8200, section 8.1: source and destination are the headend itself. */
static unsigned
checksum(const uint8_t address[16], const uint8_t *udp, size_t len)
{
	uint32_t sum = (uint32_t)len + IPPROTO_UDP;

	for (size_t i = 0; i < 16; i += 2)
		sum += 2 * (uint32_t)(address[i] << 8 | address[i + 1]);
	for (size_t i = 0; i + 1 < len; i += 2)
		sum += (uint32_t)(udp[i] << 8 | udp[i + 1]);
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return sum == 0xffff ? 0xffff : ~sum & 0xffff;
}

static void
send_probe(struct policies *p, uint32_t router, struct policy_list *list)
{
	uint8_t *udp = list->packet + list->payload_at - 8, *payload = udp + 8;

	list->sent++;
	list->awaited = true;
	put16(list->packet + HEAD_ETHERNET + 2, (list->sent * 40503u) & 0xffff);
	put32(payload, 0x6b617273);
	put32(payload + 4, list->token);
	put32(payload + 8, list->sent);
	put16(udp + 6, 0);
	put16(udp + 6,
	      checksum(p->setup.network->routers[router].address.octets, udp, 8 + PAYLOAD));
	if (send(p->headends[router].send_fd, list->packet, list->packet_len, MSG_DONTWAIT) < 0)
		list->awaited = false; /* not the list's fault */
}

/* --- sockets --- */

static enum pce_status
open_in_space(struct policies *p, uint32_t router, struct pce_error *err)
{
	struct policy_headend *h = &p->headends[router];
	const struct lab_router *r = &p->setup.network->routers[router];
	struct sockaddr_ll lo = { .sll_family = AF_PACKET,
				  .sll_protocol = htons(ETHERTYPE_IPV6),
				  .sll_ifindex = 1 };
	struct sockaddr_in6 own = { .sin6_family = AF_INET6, .sin6_port = htons(PORT) };

	memcpy(&own.sin6_addr, r->address.octets, 16);
	h->send_fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
	h->receive_fd = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (h->send_fd < 0 || h->receive_fd < 0 ||
	    bind(h->send_fd, (struct sockaddr *)&lo, sizeof lo) != 0 ||
	    bind(h->receive_fd, (struct sockaddr *)&own, sizeof own) != 0)
		return pce_fail(err, PCE_IO, "%s cannot probe: %s", r->name, strerror(errno));
	return PCE_OK;
}

enum pce_status
policy_open_probes(struct policies *p, uint32_t router, struct pce_error *err)
{
	int home = space_here();
	enum pce_status status, back;

	if (home < 0)
		return pce_fail(err, PCE_IO, "no namespace: %s", strerror(errno));
	status = space_enter(p->setup.sites[router].space, err);
	if (!status)
		status = open_in_space(p, router, err);
	back = space_enter(home, status ? NULL : err);
	close(home);
	return status ? status : back;
}

/* --- what comes back --- */

static struct policy_list *
find_token(struct policy_headend *h, uint32_t token)
{
	for (size_t i = 0; i < h->n; i++)
		for (size_t k = 0; k < h->policies[i].n_paths; k++)
			for (size_t l = 0; l < h->policies[i].paths[k].n; l++)
				if (h->policies[i].paths[k].lists[l].token == token)
					return &h->policies[i].paths[k].lists[l];
	return NULL;
}

static void
take_returns(struct policy_headend *h)
{
	uint8_t payload[64];
	ssize_t n;

	while ((n = recv(h->receive_fd, payload, sizeof payload, 0)) >= PAYLOAD) {
		struct policy_list *list = find_token(h, get32(payload + 4));

		if (list == NULL || !list->awaited || get32(payload + 8) != list->sent)
			continue;
		list->awaited = false;
		list->misses = 0;
		list->returns++;
	}
}

/* Judges the last probe; true if the list became valid or invalid. */
static bool
judge(struct policy_list *list)
{
	bool before = list->valid;

	if (list->awaited) {
		list->misses++;
		list->returns = 0;
	}
	if (list->misses >= POLICY_MISSES)
		list->valid = false;
	else if (list->returns >= POLICY_RETURNS)
		list->valid = true;
	return list->valid != before;
}

static bool
probe_policy(struct policies *p, uint32_t router, struct policy *policy)
{
	bool changed = false;

	for (size_t k = 0; k < policy->n_paths; k++)
		for (size_t l = 0; l < policy->paths[k].n; l++) {
			struct policy_list *list = &policy->paths[k].lists[l];

			if (list->packet == NULL)
				continue;
			if (judge(list)) {
				changed = true;
				policy_say(p, "list %s %s %u %u %s",
					   p->setup.network->routers[router].name,
					   policy->name[0] ? policy->name : "-",
					   policy->paths[k].preference, list->id,
					   list->valid ? "valid" : "invalid");
			}
			send_probe(p, router, list);
		}
	return changed;
}

static void
probe_headend(struct policies *p, uint32_t router)
{
	struct policy_headend *h = &p->headends[router];
	struct pce_error err = { 0 };
	char word[LAB_NAME_TEXT];
	bool changed = false;

	if (h->send_fd < 0 || h->n == 0)
		return;
	take_returns(h);
	for (size_t i = 0; i < h->n; i++)
		changed = probe_policy(p, router, &h->policies[i]) || changed;
	if (!changed)
		return;
	if (p->setup.changed != NULL)
		p->setup.changed(p->setup.changed_ctx, router);
	if (policy_install(p, router, &err))
		policy_say(p, "error %s", err.text);
	else
		policy_say(p, "switched %s",
			   lab_word(p->setup.network->routers[router].name, word, sizeof word));
}

void
policies_set_probing(struct policies *p, uint32_t probe_us)
{
	pthread_mutex_lock(&p->mutex);
	p->setup.probe_us = probe_us;
	for (uint32_t r = 0; r < p->setup.network->n_routers && probe_us == 0; r++) {
		struct policy_headend *h = &p->headends[r];

		for (size_t i = 0; i < h->n; i++)
			for (size_t k = 0; k < h->policies[i].n_paths; k++)
				for (size_t l = 0; l < h->policies[i].paths[k].n; l++) {
					struct policy_list *list =
					    &h->policies[i].paths[k].lists[l];

					list->valid = true;
					list->awaited = false;
					list->misses = 0;
				}
		if (h->n > 0)
			policy_install(p, r, NULL);
	}
	pthread_mutex_unlock(&p->mutex);
}

/* Above everything that only computes, so that a busy machine is not taken for a cut fibre. */
static void
take_precedence(void)
{
	struct sched_param param = { .sched_priority = 10 };

	pthread_setschedparam(pthread_self(), SCHED_FIFO, &param);
}

void *
policy_agent(void *policies)
{
	struct policies *p = policies;
	struct timespec due;
	bool stop = false;

	take_precedence();
	clock_gettime(CLOCK_MONOTONIC, &due);
	while (!stop) {
		uint64_t period, load;
		struct timespec now;

		pthread_mutex_lock(&p->mutex);
		for (uint32_t r = 0; r < p->setup.network->n_routers && p->setup.probe_us > 0; r++)
			probe_headend(p, r);
		load = (uint64_t)p->n_lists * LOAD_US;
		period = p->setup.probe_us > 0 ? p->setup.probe_us : 50000;
		stop = p->stop;
		pthread_mutex_unlock(&p->mutex);
		due.tv_nsec += (long)((period > load ? period : load) * 1000);
		due.tv_sec += due.tv_nsec / 1000000000;
		due.tv_nsec %= 1000000000;
		clock_gettime(CLOCK_MONOTONIC, &now);
		if (now.tv_sec > due.tv_sec ||
		    (now.tv_sec == due.tv_sec && now.tv_nsec > due.tv_nsec))
			due = now; /* late: no hurry to make up for it */
		clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &due, NULL);
	}
	return NULL;
}
