/*
 * Real packets: the five routers of examples/triangle as network namespaces with the kernel's own
 * SRv6 forwarding. Packets of many flows are sent along compiled lists and along random ones, and
 * the counters of every link must agree with the path, and with what replay said.
 *
 * Needs root, network namespaces and the kernel's seg6local; skipped without.
 */
#define _GNU_SOURCE /* setns */
#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "models/import/import.h"
#include "pce/segment/compile.h"
#include "pce/segment/replay.h"
#include "tests/support/suite.h"

#define NODES 5
#define LINKS 16
#define PACKETS 1000 /* each a flow of its own */
#define NOISE 20 /* neighbour and multicast chatter on a link, at most */
#define SIDS 8

static struct ted *ted;
static struct pce_error err;
static FILE *counters[NODES]; /* /proc/net/dev of each router */
static int sender[NODES]; /* packet sockets of the host, one towards each router */
static int home = -1; /* the namespace that the test began in */

/* The namespace of a router, or with n NODES that of the host. */
static const char *
space(uint32_t n)
{
	static char names[NODES + 1][40];

	snprintf(names[n], sizeof(names[n]), "karst-%ld-%u", (long)getpid(), n);
	return names[n];
}

static void
mac_of(uint32_t number, uint8_t out[6])
{
	const uint8_t mac[6] = { 2, 0, 0, 0, (uint8_t)(number >> 8), (uint8_t)number };

	memcpy(out, mac, 6);
}

static int run(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

static int
run(const char *fmt, ...)
{
	char command[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(command, sizeof(command), fmt, ap);
	va_end(ap);
	return system(command);
}

/* Commands for one namespace, given to ip in one go. */
static FILE *
batch(uint32_t n)
{
	char command[300];

	snprintf(command, sizeof(command), "ip -n %s -batch -", space(n));
	return popen(command, "w");
}

static const char *
text_of(const uint8_t octets[16])
{
	static char text[4][IP_TEXT];
	static unsigned turn;
	struct ip_addr addr = ip_v6(octets);

	return ip_print(&addr, text[turn++ % 4]);
}

static void
service_sid(ted_node node, uint8_t out[16])
{
	memcpy(out, ted_node_at(ted, node)->prefixes[0].prefix.addr.octets, 16);
	out[7] = 0xd6;
}

/* Distances by as many rounds as there are nodes. */
static void
distances_to(ted_node to, uint32_t out[NODES])
{
	for (uint32_t k = 0; k < NODES; k++)
		out[k] = k == to ? 0 : 100000;
	for (uint32_t round = 0; round < NODES; round++)
		for (ted_link k = 0; k < LINKS; k++) {
			const struct ted_link_row *l = ted_link_at(ted, k);

			if (out[l->to] + l->igp_metric < out[l->from])
				out[l->from] = out[l->to] + l->igp_metric;
		}
}

static void
write_routes(FILE *to_ip, ted_node node)
{
	for (ted_node t = 0; t < NODES; t++) {
		uint32_t distance[NODES];

		if (t == node)
			continue;
		distances_to(t, distance);
		fprintf(to_ip, "route add %s/48 proto isis",
			text_of(ted_node_at(ted, t)->prefixes[0].prefix.addr.octets));
		for (ted_link k = 0; k < LINKS; k++) {
			const struct ted_link_row *l = ted_link_at(ted, k);

			if (l->from == node && l->igp_metric + distance[l->to] == distance[node])
				fprintf(to_ip, " nexthop via fe80::%x dev e%u", l->reverse + 1, k);
		}
		fprintf(to_ip, "\n");
	}
}

static void
write_sids(FILE *to_ip, ted_node node)
{
	const struct ted_node_row *row = ted_node_at(ted, node);
	uint8_t sid[16];

	for (size_t k = 0; k < row->n_sids; k++)
		fprintf(to_ip, "route add %s/128 encap seg6local action End%s dev sr0\n",
			text_of(row->sids[k].sid),
			row->sids[k].behavior == TED_BEHAVIOR_END_PSP ? " flavors psp" : "");
	for (ted_link k = 0; k < LINKS; k++) {
		const struct ted_link_row *l = ted_link_at(ted, k);

		if (l->from == node)
			fprintf(to_ip,
				"route add %s/128 encap seg6local action End.X nh6 fe80::%x oif "
				"e%u dev e%u\n",
				text_of(l->sids[0].sid), l->reverse + 1, k, k);
	}
	service_sid(node, sid);
	fprintf(to_ip, "route add %s/128 encap seg6local action End.DT6 table 100 dev sr0\n",
		text_of(sid));
	fprintf(to_ip, "neigh add fe80::dead lladdr 02:00:00:00:02:00 dev sink nud permanent\n"
		       "route add default via fe80::dead dev sink table 100\n");
}

static int
make_router(ted_node node)
{
	FILE *to_ip = batch(node);

	if (!to_ip)
		return -1;
	fprintf(to_ip, "link set lo up\nlink add sr0 type ifb\nlink set sr0 up\n"
		       "link add sink type ifb\nlink set sink up\nlink set h0 up\n");
	for (ted_link k = 0; k < LINKS; k++) {
		const struct ted_link_row *l = ted_link_at(ted, k);

		if (l->from != node)
			continue;
		fprintf(to_ip,
			"link set e%u addrgenmode none\nlink set e%u up\n"
			"addr add fe80::%x/64 dev e%u nodad\n"
			"neigh add fe80::%x lladdr 02:00:00:00:00:%02x dev e%u nud permanent\n",
			k, k, k + 1, k, l->reverse + 1, l->reverse, k);
	}
	write_routes(to_ip, node);
	write_sids(to_ip, node);
	return pclose(to_ip);
}

static int
make_spaces(void)
{
	int failed = 0;

	for (uint32_t n = 0; n <= NODES; n++) {
		failed |= run("ip netns add %s 2>/dev/null", space(n));
		failed |= run("ip netns exec %s sysctl -q -w net.ipv6.conf.all.forwarding=1 "
			      "net.ipv6.conf.all.accept_dad=0 net.ipv6.conf.default.accept_dad=0 "
			      "net.ipv6.fib_multipath_hash_policy=0 "
			      "net.ipv4.fib_multipath_hash_seed=%u 2>/dev/null",
			      space(n), 77 * n + 5);
	}
	for (ted_link k = 0; k < LINKS && !failed; k++) {
		const struct ted_link_row *l = ted_link_at(ted, k);

		if (l->reverse > k)
			failed |= run("ip link add name e%u address 02:00:00:00:00:%02x netns %s "
				      "type veth peer name e%u address 02:00:00:00:00:%02x netns "
				      "%s",
				      k, k, space(l->from), l->reverse, l->reverse, space(l->to));
	}
	for (uint32_t n = 0; n < NODES && !failed; n++)
		failed |= run("ip link add name h0 address 02:00:00:00:01:%02x netns %s type veth "
			      "peer name h%u netns %s && ip -n %s link set h%u up",
			      n, space(n), n, space(NODES), space(NODES), n);
	return failed;
}

static int
enter(uint32_t n)
{
	char path[300];
	int fd, failed;

	snprintf(path, sizeof(path), "/run/netns/%s", space(n));
	fd = open(path, O_RDONLY | O_CLOEXEC);
	failed = fd < 0 || setns(fd, CLONE_NEWNET) != 0;
	if (fd >= 0)
		close(fd);
	return failed;
}

static int
open_ends(void)
{
	int failed = 0;

	for (uint32_t n = 0; n < NODES && !failed; n++) {
		failed = enter(n);
		counters[n] = fopen("/proc/thread-self/net/dev", "r");
		failed |= !counters[n];
	}
	failed |= enter(NODES);
	for (uint32_t n = 0; n < NODES && !failed; n++) {
		char name[16];
		struct sockaddr_ll at = { .sll_family = AF_PACKET, .sll_protocol = htons(0x86dd) };

		snprintf(name, sizeof(name), "h%u", n);
		at.sll_ifindex = (int)if_nametoindex(name);
		sender[n] = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
		failed = sender[n] < 0 || bind(sender[n], (struct sockaddr *)&at, sizeof(at)) != 0;
	}
	return failed | (setns(home, CLONE_NEWNET) != 0);
}

static void
remove_spaces(void)
{
	for (uint32_t n = 0; n <= NODES; n++)
		run("ip netns del %s 2>/dev/null", space(n));
}

static int
read_triangle(void)
{
	struct codec_topology topology = { 0 };
	const struct ted_change *changes;
	const char *top = getenv("KARST_SRCDIR");
	struct codec *codec;
	char path[4096];
	size_t n;
	int failed;

	snprintf(path, sizeof(path), "%s/examples/triangle/topology.yaml", top ? top : ".");
	failed = codec_new(NULL, &codec, &err) != PCE_OK;
	if (failed)
		return -1;
	failed = import_topology_file(codec, path, NULL, &topology, &err) != PCE_OK ||
		 ted_new(&ted, 1, &err) != PCE_OK ||
		 ted_apply(ted, (struct ted_source){ TED_SOURCE_FILE, 0 }, topology.deltas,
			   topology.n, &err) != PCE_OK ||
		 ted_settle(ted, &changes, &n, &err) != PCE_OK;
	codec_topology_free(&topology);
	codec_free(codec);
	return failed || ted_node_count(ted) != NODES || ted_link_count(ted) != LINKS;
}

/* Packets that each link has carried, and those that were decapsulated at each router. */
struct count {
	unsigned long links[LINKS], sinks[NODES];
};

static void
read_counters(struct count *out)
{
	memset(out, 0, sizeof(*out));
	for (uint32_t n = 0; n < NODES; n++) {
		char line[512], name[32];
		unsigned long received, sent;

		rewind(counters[n]);
		fflush(counters[n]);
		while (fgets(line, sizeof(line), counters[n])) {
			if (sscanf(line, " %31[^:]: %*u %lu %*u %*u %*u %*u %*u %*u %*u %lu", name,
				   &received, &sent) != 3)
				continue;
			if (name[0] == 'e')
				out->links[atoi(name + 1)] = sent;
			if (strcmp(name, "sink") == 0)
				out->sinks[n] = sent + received;
		}
	}
}

/* Ethernet, IPv6 with a flow label of its own, SRH, and an inner IPv6 header without payload. */
static size_t
write_packet(uint8_t *out, ted_node head, const uint8_t (*sids)[16], size_t n, uint32_t flow)
{
	static const uint8_t source[16] = { 0x20, 1, 0xd, 0xb8, 0xff, [15] = 1 };
	size_t srh = n > 1 ? 8 + 16 * n : 0, at = 14;
	const uint8_t ethernet[2] = { 0x86, 0xdd };

	memset(out, 0, 14 + 40 + srh + 40);
	mac_of(0x100 + head, out);
	memcpy(out + 12, ethernet, 2);
	out[at] = 0x60;
	out[at + 1] = (uint8_t)(flow >> 16 & 15);
	out[at + 2] = (uint8_t)(flow >> 8);
	out[at + 3] = (uint8_t)flow;
	out[at + 4] = (uint8_t)((srh + 40) >> 8);
	out[at + 5] = (uint8_t)(srh + 40);
	out[at + 6] = srh ? 43 : 41;
	out[at + 7] = 64;
	memcpy(out + at + 8, source, 16);
	memcpy(out + at + 24, sids[0], 16);
	at += 40;
	if (srh) {
		out[at] = 41;
		out[at + 1] = (uint8_t)(2 * n);
		out[at + 2] = 4; /* RFC 8754 section 2 */
		out[at + 3] = out[at + 4] = (uint8_t)(n - 1);
		for (size_t k = 0; k < n; k++)
			memcpy(out + at + 8 + 16 * k, sids[n - 1 - k], 16);
		at += srh;
	}
	out[at] = 0x60;
	out[at + 6] = 59; /* no next header */
	out[at + 7] = 64;
	memcpy(out + at + 8, source, 16);
	memcpy(out + at + 24, source, 16);
	out[at + 24 + 15] = 2;
	return at + 40;
}

/* Sends all flows along a list with the service SID of its end; what they did goes to *out. */
static void
send_flows(ted_node head, const uint8_t (*list)[16], size_t n, ted_node end, struct count *out)
{
	struct count before, now;
	uint8_t sids[SIDS + 1][16], packet[1500];
	struct timespec pause = { 0, 2000000 };

	memcpy(sids, list, n * 16);
	service_sid(end, sids[n]);
	read_counters(&before);
	for (uint32_t k = 0; k < PACKETS; k++) {
		size_t len = write_packet(packet, head, (const uint8_t(*)[16])sids, n + 1,
					  k * 2654435761u >> 12);

		ck_assert_int_eq(send(sender[head], packet, len, 0), (ssize_t)len);
	}
	/* All that arrives has arrived soon; what does not is found out after two seconds. */
	for (unsigned k = 0; k < 1000; k++) {
		read_counters(&now);
		if (now.sinks[end] - before.sinks[end] >= PACKETS)
			break;
		nanosleep(&pause, NULL);
	}
	for (uint32_t k = 0; k < LINKS; k++)
		out->links[k] = now.links[k] - before.links[k];
	for (uint32_t k = 0; k < NODES; k++)
		out->sinks[k] = now.sinks[k] - before.sinks[k];
}

static void
expect_links(const struct count *count, const bool used[LINKS], ted_node end, const char *what)
{
	for (uint32_t k = 0; k < LINKS; k++)
		ck_assert_msg(used[k] ? count->links[k] > NOISE : count->links[k] <= NOISE,
			      "%s: %lu packets on link %s, which %s", what, count->links[k],
			      ted_link_at(ted, k)->name, used[k] ? "must be used" : "must not be");
	ck_assert_msg(count->sinks[end] >= PACKETS, "%s: %lu packets arrived at %s", what,
		      count->sinks[end], ted_node_at(ted, end)->name);
}

static size_t
random_path(uint64_t *random, ted_link *path)
{
	bool visited[NODES] = { false };
	ted_node at = suite_below(random, NODES);
	size_t n = 0;

	for (;;) {
		size_t n_out;
		const ted_link *out = ted_links_out(ted, at, &n_out);
		ted_link link = out[suite_below(random, (uint32_t)n_out)];

		visited[at] = true;
		at = ted_link_at(ted, link)->to;
		if (visited[at])
			return n;
		path[n++] = link;
	}
}

START_TEST(compiled_list_takes_its_path_in_the_kernel)
{
	struct segment_options options = { .service_sids = 1 };
	struct segment_igp *igp;
	uint64_t random = 42;

	ck_assert_int_eq(segment_igp_new(ted, &igp, &err), PCE_OK);
	for (unsigned p = 0; p < 60; p++) {
		struct segment_list list = { 0 };
		struct segment_report report;
		uint8_t sids[SIDS][16];
		ted_link path[NODES];
		bool used[LINKS] = { false };
		struct count count;
		size_t n = random_path(&random, path);
		ted_node head, end;

		if (!n)
			continue;
		head = ted_link_at(ted, path[0])->from;
		end = ted_link_at(ted, path[n - 1])->to;
		ck_assert_msg(segment_compile(igp, path, n, &options, &list, &report, &err) ==
				  PCE_OK,
			      "%s", err.text);
		for (size_t k = 0; k < list.n; k++)
			memcpy(sids[k], list.segments[k].sid, 16);
		for (size_t k = 0; k < n; k++)
			used[path[k]] = true;
		send_flows(head, (const uint8_t(*)[16])sids, list.n, end, &count);
		expect_links(&count, used, end, ted_link_at(ted, path[0])->name);
		segment_list_free(&list);
	}
	segment_igp_free(igp);
}
END_TEST

/* A random SID of a node or link. */
static void
random_sid(uint64_t *random, uint8_t out[16])
{
	ted_link link = suite_below(random, LINKS);

	if (suite_below(random, 2))
		memcpy(out, ted_link_at(ted, link)->sids[0].sid, 16);
	else
		memcpy(out, ted_node_at(ted, suite_below(random, NODES))->sids[0].sid, 16);
}

START_TEST(random_list_takes_the_links_of_replay_in_the_kernel)
{
	uint64_t random = 7;
	unsigned branched = 0;

	for (unsigned p = 0; p < 60; p++) {
		struct replay_result r = { 0 };
		uint8_t sids[SIDS][16];
		bool used[LINKS] = { false };
		struct count count;
		size_t n = 1 + suite_below(&random, 4);
		ted_node head = suite_below(&random, NODES);
		char what[32];

		for (size_t k = 0; k < n; k++)
			random_sid(&random, sids[k]);
		ck_assert_int_eq(
		    replay_run(ted, head, (const uint8_t(*)[16])sids, n, NULL, 0, &r, &err),
		    PCE_OK);
		ck_assert_msg(r.delivered, "%s", r.text);
		for (size_t k = 0; k < r.n_links; k++)
			used[r.links[k]] = true;
		send_flows(head, (const uint8_t(*)[16])sids, n, r.end, &count);
		for (size_t k = 0; k < LINKS; k++)
			branched += count.links[k] > NOISE && count.links[k] < PACKETS - NOISE;
		snprintf(what, sizeof(what), "random list %u", p);
		expect_links(&count, used, r.end, what);
		replay_result_free(&r);
	}
	ck_assert_uint_gt(branched, 20); /* equal-cost paths were really taken */
}
END_TEST

static int
skip(const char *why)
{
	const char *require = getenv("KARST_REQUIRE");
	bool wanted = require && (strstr(require, "root") || strstr(require, "seg6"));

	fprintf(stderr, "%s: %s\n", wanted ? "required" : "skipped", why);
	return wanted ? EXIT_FAILURE : 77;
}

int
main(void)
{
	TCase *t = tcase_create("kernel");
	int status;

	if (geteuid() != 0)
		return skip("root is needed to make network namespaces");
	home = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	if (read_triangle()) {
		fprintf(stderr, "the triangle cannot be read: %s\n", err.text);
		return EXIT_FAILURE;
	}
	status = make_spaces();
	for (ted_node n = 0; n < NODES && !status; n++)
		status = make_router(n);
	if (!status)
		status = open_ends();
	if (status) {
		remove_spaces();
		return skip("the kernel has no network namespaces with seg6local here");
	}
	tcase_add_test(t, compiled_list_takes_its_path_in_the_kernel);
	tcase_add_test(t, random_list_takes_the_links_of_replay_in_the_kernel);
	status = suite_run("kernel", t, 120);
	remove_spaces();
	ted_free(ted);
	return status;
}
