/*
 * Segment lists of all pairs of a network: how many SIDs they have when every link of the path is
 * named, when the list is the shortest of plain SIDs, and when it is compressed (128-bit
 * containers, RFC 9800), and what a list and a replay cost.
 *
 *   bench_segment FILE...
 *
 * SIDs that a file gives are left out, so that plain and compressed lists are made of the same
 * network: one End a node, one End.X a link, 32-bit block, 16-bit C-SIDs, local End.X.
 */
#define _POSIX_C_SOURCE 200809L
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "models/import/import.h"
#include "pce/path/path.h"
#include "pce/segment/compile.h"
#include "pce/segment/replay.h"

#define MOST_PAIRS 100000 /* of a larger network every second, third … pair is taken */
#define MOST 256 /* longest path that is counted apart */

enum counted { EVERY_LINK, PLAIN, COMPRESSED, CSIDS, COUNTED };

/* Numbers of one kind of path of one or several networks. */
struct tally {
	unsigned long lists, of[COUNTED][MOST];
	double compile_us[2], replay_us;
	unsigned long replays, refused;
};

static struct pce_error err;

static void
must(enum pce_status status, const char *what)
{
	if (status == PCE_OK)
		return;
	fprintf(stderr, "bench_segment: %s: %s\n", what, err.text);
	exit(1);
}

static double
now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static void
count(struct tally *tally, enum counted what, size_t n)
{
	tally->of[what][n < MOST ? n : MOST - 1]++;
}

static void
replay_once(struct tally *tally, const struct ted *ted, const struct segment_list *list,
	    const struct path_route *route)
{
	uint32_t from = ted_link_at(ted, route->links[0])->from;
	double start = now_us();
	char text[256];
	bool same;

	must(segment_list_matches(ted, from, list, route->links, route->n_links, &same, text,
				  sizeof(text), &err),
	     "replay");
	tally->replay_us += now_us() - start;
	tally->replays++;
	if (!same)
		must(pce_fail(&err, PCE_INTERNAL, "%s", text), "replay");
}

static void
compile_once(struct tally *tally, const struct ted *ted, struct segment_igp *igp,
	     const struct path_route *route, bool csids)
{
	struct segment_options options = { .service_sids = 1,
					   .synthesise = true,
					   .synthesise_csids = csids };
	struct segment_list list = { 0 };
	struct segment_report report;
	double start = now_us();
	enum pce_status st =
	    segment_compile(igp, route->links, route->n_links, &options, &list, &report, &err);

	tally->compile_us[csids] += now_us() - start;
	if (st == PCE_UNSUPPORTED) {
		tally->refused++;
		return;
	}
	must(st, "a list");
	count(tally, csids ? COMPRESSED : PLAIN, list.n);
	if (csids)
		count(tally, CSIDS, list.n_csids);
	replay_once(tally, ted, &list, route);
	segment_list_free(&list);
}

struct network {
	struct ted *ted;
	struct path_engine *engine;
	struct segment_igp *igp;
};

static void
take_pair(struct tally *tally, const struct network *net, struct path_request *request,
	  bool only_second)
{
	struct path_answer answer = { 0 };

	must(path_compute(net->engine, request, &answer, &err), "a path");
	for (size_t r = only_second; r < answer.n_routes; r++) {
		tally->lists++;
		count(tally, EVERY_LINK, answer.routes[r].n_links);
		compile_once(tally, net->ted, net->igp, &answer.routes[r], false);
		compile_once(tally, net->ted, net->igp, &answer.routes[r], true);
	}
	path_answer_free(&answer);
}

static void
take_all_pairs(struct tally *tally, const struct network *net, enum path_objective objective,
	       enum path_disjoint disjoint)
{
	unsigned long n = ted_node_count(net->ted), nth = 0, stride = 1 + n * n / MOST_PAIRS;

	for (ted_node a = 0; a < n; a++)
		for (ted_node b = 0; b < n; b++) {
			struct path_request request = path_request_init(a, b, objective);

			if (a == b || nth++ % stride || ted_node_at(net->ted, a)->unusable ||
			    ted_node_at(net->ted, b)->unusable)
				continue;
			request.disjoint = disjoint;
			take_pair(tally, net, &request, disjoint != PATH_DISJOINT_NONE);
		}
}

/* What the file says of SIDs and locators is left out. */
static void
strip(struct codec_topology *topology)
{
	size_t kept = 0;

	for (size_t k = 0; k < topology->n; k++) {
		struct ted_delta *d = &topology->deltas[k];

		if (d->object == TED_OBJECT_SID || d->object == TED_OBJECT_PREFIX)
			continue;
		if (d->object == TED_OBJECT_LINK) {
			d->attr.link.present &= ~(uint32_t)TED_LINK_SIDS;
			d->attr.link.n_sids = 0;
		}
		topology->deltas[kept++] = *d;
	}
	topology->n = kept;
}

static void
open_network(struct network *net, const char *file)
{
	const struct ted_source source = { TED_SOURCE_FILE, 0 };
	struct codec_topology topology = { 0 };
	const struct ted_change *changes;
	struct codec *codec;
	size_t n;

	must(codec_new(NULL, &codec, &err), "codec");
	must(import_topology_file(codec, file, NULL, &topology, &err), file);
	strip(&topology);
	must(ted_new(&net->ted, 0, &err), file);
	must(ted_apply(net->ted, source, topology.deltas, topology.n, &err), file);
	must(ted_settle(net->ted, &changes, &n, &err), file);
	must(path_engine_new(net->ted, &net->engine, &err), file);
	must(segment_igp_new(net->ted, &net->igp, &err), file);
	codec_topology_free(&topology);
	codec_free(codec);
}

static void
close_network(struct network *net)
{
	segment_igp_free(net->igp);
	path_engine_free(net->engine);
	ted_free(net->ted);
}

static void
add(struct tally *sum, const struct tally *t)
{
	sum->lists += t->lists;
	sum->refused += t->refused;
	sum->replays += t->replays;
	sum->replay_us += t->replay_us;
	for (unsigned k = 0; k < 2; k++)
		sum->compile_us[k] += t->compile_us[k];
	for (unsigned w = 0; w < COUNTED; w++)
		for (unsigned k = 0; k < MOST; k++)
			sum->of[w][k] += t->of[w][k];
}

/* Mean, 99th percentile and largest. */
static void
print_numbers(const unsigned long of[MOST])
{
	unsigned long n = 0, seen = 0;
	double sum = 0;
	unsigned p99 = 0, max = 0;

	for (unsigned k = 0; k < MOST; k++) {
		n += of[k];
		sum += (double)of[k] * k;
		max = of[k] ? k : max;
	}
	while (p99 < MOST && (seen += of[p99]) * 100 < n * 99)
		p99++;
	printf(" %7.2f %3u %3u", n ? sum / (double)n : 0, p99, max);
}

static void
print_tally(const char *name, const char *kind, const struct tally *t)
{
	double lists = t->lists ? (double)t->lists : 1;

	printf("%-24.24s %-8s %8lu", name, kind, t->lists);
	for (unsigned w = 0; w < COUNTED; w++)
		print_numbers(t->of[w]);
	printf(" %7.1f %7.1f %7.1f", t->compile_us[0] / lists, t->compile_us[1] / lists,
	       t->replays ? t->replay_us / (double)t->replays : 0);
	if (t->refused)
		printf("  %lu without a list", t->refused);
	printf("\n");
	fflush(stdout);
}

static const struct {
	const char *name;
	enum path_objective objective;
	enum path_disjoint disjoint;
} kinds[] = {
	{ "shortest", PATH_IGP, PATH_DISJOINT_NONE },
	{ "fastest", PATH_DELAY, PATH_DISJOINT_NONE },
	{ "widest", PATH_BANDWIDTH, PATH_DISJOINT_NONE },
	{ "backup", PATH_IGP, PATH_DISJOINT_LINK },
};

#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

int
main(int argc, char **argv)
{
	static struct tally sums[KINDS];

	printf("%-24s %-8s %8s %15s %15s %15s %15s %7s %7s %7s\n", "network", "path", "lists",
	       "every link", "plain SIDs", "containers", "C-SIDs", "us", "us", "us");
	printf("%-24s %-8s %8s", "", "", "");
	for (unsigned w = 0; w < COUNTED; w++)
		printf(" %7s %3s %3s", "mean", "p99", "max");
	printf(" %7s %7s %7s\n", "plain", "C-SID", "replay");
	for (int k = 1; k < argc; k++) {
		const char *slash = strrchr(argv[k], '/');
		struct network net;

		open_network(&net, argv[k]);
		for (size_t i = 0; i < KINDS; i++) {
			struct tally tally = { 0 };

			take_all_pairs(&tally, &net, kinds[i].objective, kinds[i].disjoint);
			print_tally(slash ? slash + 1 : argv[k], kinds[i].name, &tally);
			add(&sums[i], &tally);
		}
		close_network(&net);
	}
	for (size_t i = 0; i < KINDS && argc > 2; i++)
		print_tally("all", kinds[i].name, &sums[i]);
	return 0;
}
