/*
 * karst-sim: runs seeds of the simulation, each in a process of its own, and says what was tried.
 * Exit status 0 only if every invariant held, every kind of fault was played and every invariant
 * was looked at (the last two from 32 seeds on); 1 if not; 2 for wrong usage.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "models/codec/codec.h"
#include "tests/sim/sim.h"

#define JOBS_MAX 64
#define STEPS_MAX 65536
#define SHRINK_TRIES 400
#define REPEAT_EVERY 16 /* seeds: each of these is run twice */
#define ENOUGH_SEEDS 32

static const char usage[] =
    "usage: karst-sim [--seeds N] [--first-seed S] [--hours H] [--seconds T] [--jobs J]\n"
    "                 [--example FILE] [--skip STEPS] [--matrix NAME [--place N | --every N]]\n"
    "                 [--trace] [--no-shrink]\n"
    "  --seeds N       how many seeds (1)\n"
    "  --first-seed S  the first of them (1)\n"
    "  --hours H       simulated hours of each (1)\n"
    "  --seconds T     stop to begin new seeds after so many seconds\n"
    "  --jobs J        seeds at once (as many as processors)\n"
    "  --example FILE  a topology that every eighth seed plays on\n"
    "  --skip STEPS    numbers of steps to leave out: 0-20,35 (as a shrunk failure prints them)\n"
    "  --matrix NAME   instead of what disk and process do by chance, one thing goes wrong, in one "
    "run\n"
    "                  for each place of the first seed: io-fails, io-fails-on (for a minute),\n"
    "                  io-fails-dies, io-kills, io-kills-power, io-power, effect-kills, "
    "effect-power\n"
    "  --place N       only this place of the matrix\n"
    "  --every N       only every Nth place\n"
    "  --trace         say on standard error what happens\n"
    "  --no-shrink     leave a failing schedule as it is\n";

struct settings {
	uint64_t first, seeds;
	double hours, seconds;
	unsigned jobs;
	const char *example;
	enum sim_matrix matrix;
	uint64_t place, places, every;
	bool trace, no_shrink;
	bool skip[STEPS_MAX];
	size_t n_skip;
};

struct totals {
	uint64_t seeds, failed, events, steps, effects;
	int64_t simulated_us;
	uint64_t faults[SIM_FAULTS_MAX], checks[SIM_INVARIANT_COUNT];
	struct sim_result first_failure;
};

static struct settings settings;
static struct codec *codec;

static double
real_seconds(void)
{
	struct timespec t;

	timespec_get(&t, TIME_UTC);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* --- one seed in a process of its own --- */

static void
run_seed(const struct sim_options *options, bool twice, struct sim_result *out)
{
	struct sim_options again = *options;
	struct sim_result second;

	sim_run(options, codec, out);
	if (!twice || out->failed)
		return;
	again.hash_seed = 0x123456789abcdefULL;
	sim_run(&again, codec, &second);
	out->checks[SIM_REPEATS]++;
	if (second.hash == out->hash && !second.failed)
		return;
	out->failed = true;
	out->broken = SIM_REPEATS;
	snprintf(out->text, sizeof(out->text), "%016" PRIx64 ", then %016" PRIx64 " %.300s",
		 out->hash, second.hash, second.text);
}

/* Starts a process; its result comes through *fd. */
static pid_t
spawn(const struct sim_options *options, bool twice, int *fd)
{
	int ends[2];
	pid_t pid;

	fflush(NULL);
	if (pipe(ends) != 0 || (pid = fork()) < 0) {
		perror("karst-sim");
		exit(1);
	}
	if (pid == 0) {
		struct sim_result result = { 0 };

		close(ends[0]);
		run_seed(options, twice, &result);
		if (write(ends[1], &result, sizeof(result)) != (ssize_t)sizeof(result))
			_exit(1);
		_exit(0);
	}
	close(ends[1]);
	*fd = ends[0];
	return pid;
}

/* Fetches the result of a process that has it ready, or died. */
static void
fetch(pid_t pid, int fd, uint64_t seed, struct sim_result *out)
{
	ssize_t n = read(fd, out, sizeof(*out));
	int status = 0;

	close(fd);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (n == (ssize_t)sizeof(*out))
		return;
	memset(out, 0, sizeof(*out));
	out->seed = seed;
	out->failed = true;
	out->broken = SIM_STEP;
	snprintf(out->text, sizeof(out->text), "the process died: %s",
		 WIFSIGNALED(status) ? strsignal(WTERMSIG(status)) : "it ended early");
}

/* --- many --- */

static void
add(struct totals *t, const struct sim_result *r)
{
	t->seeds++;
	t->events += r->events;
	t->steps += r->steps;
	t->effects += r->effects;
	t->simulated_us += r->simulated_us;
	for (size_t i = 0; i < n_fault_kinds; i++)
		t->faults[i] += r->faults[i];
	for (int i = 0; i < SIM_INVARIANT_COUNT; i++)
		t->checks[i] += r->checks[i];
	if (!r->failed)
		return;
	if (t->failed++ == 0)
		t->first_failure = *r;
	printf("seed %" PRIu64, r->seed);
	if (settings.matrix)
		printf(", place %" PRIu64, r->place);
	printf(": %s: %s\n", sim_invariant_name(r->broken), r->text);
	fflush(stdout);
}

/* The next seed, or the next place of the matrix. */
static struct sim_options
options_for(uint64_t number)
{
	struct sim_options o = { .seed = settings.first,
				 .hours = settings.hours,
				 .trace = settings.trace,
				 .skip = settings.skip,
				 .n_skip = settings.n_skip,
				 .matrix = settings.matrix };

	if (settings.places > 0)
		o.place = number;
	else
		o.seed = number;
	return o;
}

/* Counts the places of a matrix, in a run in which nothing of it happens. */
static bool
count_places(void)
{
	struct sim_options o = options_for(settings.first);
	bool io = settings.matrix < MATRIX_EFFECT_KILLS;
	struct sim_result r;
	pid_t pid;
	int fd;

	pid = spawn(&o, false, &fd);
	fetch(pid, fd, o.seed, &r);
	settings.places = io ? r.io_calls : r.effects;
	if (settings.place == 0)
		settings.place = 1;
	else
		settings.places = settings.place; /* this one alone */
	printf("%s of seed %" PRIu64 ": %" PRIu64 " to %" PRIu64 " of %" PRIu64 "%s\n",
	       sim_matrix_name(settings.matrix), o.seed, settings.place, settings.places,
	       io ? r.io_calls : r.effects, io ? " I/O calls" : " effects");
	if (r.failed)
		printf("without: %s\n", r.text);
	return !r.failed;
}

static void
run_all(struct totals *t)
{
	struct pollfd fds[JOBS_MAX];
	pid_t pids[JOBS_MAX];
	uint64_t running[JOBS_MAX], next, end;
	unsigned n = 0;
	bool matrix = settings.places > 0;
	double until = settings.seconds > 0 ? real_seconds() + settings.seconds : 0;

	next = matrix ? settings.place : settings.first;
	end = matrix ? settings.places + 1 : settings.first + settings.seeds;
	while (n > 0 || next < end) {
		while (n < settings.jobs && next < end && t->failed == 0 &&
		       (until == 0 || real_seconds() < until)) {
			struct sim_options o = options_for(next);

			fds[n].events = POLLIN;
			pids[n] = spawn(&o, !o.matrix && next % REPEAT_EVERY == 0, &fds[n].fd);
			running[n++] = o.seed;
			next += matrix ? settings.every : 1;
		}
		if (n == 0)
			break;
		if (poll(fds, n, -1) < 0)
			continue;
		for (unsigned i = 0; i < n;) {
			struct sim_result r;

			if (!fds[i].revents) {
				i++;
				continue;
			}
			fetch(pids[i], fds[i].fd, running[i], &r);
			add(t, &r);
			n--;
			fds[i] = fds[n];
			pids[i] = pids[n];
			running[i] = running[n];
		}
	}
}

/* --- shrinking --- */

static bool
still_fails(uint64_t seed, const bool *skip, size_t n, enum sim_invariant broken)
{
	const struct sim_options o = {
		.seed = seed, .hours = settings.hours, .skip = skip, .n_skip = n
	};
	struct sim_result r;
	pid_t pid;
	int fd;

	pid = spawn(&o, broken == SIM_REPEATS, &fd);
	fetch(pid, fd, seed, &r);
	return r.failed && r.broken == broken;
}

/* Leaves out ever smaller runs of steps, as long as the same invariant breaks. */
static size_t
shrink(const struct sim_result *failure, bool *skip)
{
	size_t n = failure->drawn > 0 ? failure->drawn : STEPS_MAX / 64, left = 0;
	unsigned tries = 0;

	n = n < STEPS_MAX ? n + 80 : STEPS_MAX;
	for (size_t run = n / 2; run > 0; run /= 2)
		for (size_t at = 0; at < n && tries < SHRINK_TRIES; at += run) {
			bool was[STEPS_MAX / 64];
			size_t end = at + run < n ? at + run : n, some = 0;

			for (size_t i = at; i < end; i++)
				some += !skip[i];
			if (some == 0 || end - at > sizeof(was))
				continue;
			memcpy(was, skip + at, end - at);
			memset(skip + at, true, end - at);
			tries++;
			if (!still_fails(failure->seed, skip, n, failure->broken))
				memcpy(skip + at, was, end - at);
		}
	for (size_t i = 0; i < n; i++)
		left += !skip[i];
	printf("shrunk to %zu of %zu steps in %u runs\n", left, n, tries);
	return n;
}

static void
print_skip(const bool *skip, size_t n)
{
	const char *comma = "";

	for (size_t i = 0; i < n; i++) {
		size_t from = i;

		if (!skip[i])
			continue;
		while (i + 1 < n && skip[i + 1])
			i++;
		printf("%s%zu-%zu", comma, from, i);
		comma = ",";
	}
}

static void
explain(const struct sim_result *failure)
{
	static bool skip[STEPS_MAX];
	size_t n = settings.n_skip;

	memcpy(skip, settings.skip, sizeof(skip));
	if (!settings.no_shrink && !settings.trace && n == 0 && !settings.matrix)
		n = shrink(failure, skip);
	printf("again: ./dev sim --first-seed %" PRIu64 " --seeds 1 --hours %g --trace",
	       failure->seed, settings.hours);
	if (settings.matrix)
		printf(" --matrix %s --place %" PRIu64, sim_matrix_name(settings.matrix),
		       failure->place);
	if (n > 0) {
		printf(" --skip ");
		print_skip(skip, n);
	}
	printf("\n");
}

/* --- the report --- */

static bool
report(const struct totals *t, double seconds)
{
	double hours = (double)t->simulated_us / 3600e6;
	bool enough = t->seeds >= ENOUGH_SEEDS && !settings.matrix, good = t->failed == 0;
	uint64_t faults = 0;

	printf("faults played:\n");
	for (size_t i = 0; i < n_fault_kinds; i++) {
		bool zero = enough && t->faults[i] == 0;

		printf("  %-32s %10" PRIu64 "%s\n", fault_kinds[i].name, t->faults[i],
		       zero ? "  NEVER" : "");
		good = good && !zero;
		faults += fault_kinds[i].counts ? t->faults[i] : 0;
	}
	printf("invariants checked:\n");
	for (int i = 0; i < SIM_INVARIANT_COUNT; i++) {
		bool zero = enough && t->checks[i] == 0;

		printf("  %-48s %12" PRIu64 "%s\n", sim_invariant_name((enum sim_invariant)i),
		       t->checks[i], zero ? "  NEVER" : "");
		good = good && !zero;
	}
	if (enough && (double)faults < 100 * hours) {
		printf("only %.0f faults an hour\n", (double)faults / hours);
		good = false;
	}
	printf("%" PRIu64
	       " seeds, %.1f simulated hours in %.1f s: %.1f hours a second, %.0f events "
	       "a second, %.0f steps of the service a second; %.0f faults an hour, %" PRIu64
	       " effects; %s\n",
	       t->seeds, hours, seconds, hours / seconds, (double)t->events / seconds,
	       (double)t->steps / seconds, hours > 0 ? (double)faults / hours : 0, t->effects,
	       good ? "every invariant held" : "FAILED");
	return good;
}

/* --- the command line --- */

static bool
read_skip(const char *text)
{
	while (*text) {
		char *end;
		unsigned long from = strtoul(text, &end, 10), to = from;

		if (end == text)
			return false;
		if (*end == '-')
			to = strtoul(end + 1, &end, 10);
		if (to >= STEPS_MAX || from > to)
			return false;
		for (unsigned long i = from; i <= to; i++)
			settings.skip[i] = true;
		settings.n_skip = to + 1 > settings.n_skip ? to + 1 : settings.n_skip;
		text = *end == ',' ? end + 1 : end;
		if (*end && *end != ',')
			return false;
	}
	return true;
}

static bool
read_matrix(const char *name)
{
	for (unsigned i = 1; i < MATRIX_COUNT; i++)
		if (strcmp(name, sim_matrix_name((enum sim_matrix)i)) == 0)
			settings.matrix = (enum sim_matrix)i;
	return settings.matrix != MATRIX_NONE;
}

static bool
read_options(int argc, char **argv)
{
	static const struct option names[] = {
		{ "seeds", required_argument, NULL, 'n' },
		{ "first-seed", required_argument, NULL, 'f' },
		{ "hours", required_argument, NULL, 'h' },
		{ "seconds", required_argument, NULL, 's' },
		{ "jobs", required_argument, NULL, 'j' },
		{ "example", required_argument, NULL, 'e' },
		{ "skip", required_argument, NULL, 'k' },
		{ "trace", no_argument, NULL, 't' },
		{ "no-shrink", no_argument, NULL, 'S' },
		{ "matrix", required_argument, NULL, 'm' },
		{ "place", required_argument, NULL, 'p' },
		{ "every", required_argument, NULL, 'E' },
		{ NULL, 0, NULL, 0 },
	};
	int option;

	while ((option = getopt_long(argc, argv, "", names, NULL)) != -1) {
		if (option == 'n')
			settings.seeds = strtoull(optarg, NULL, 10);
		else if (option == 'f')
			settings.first = strtoull(optarg, NULL, 10);
		else if (option == 'h')
			settings.hours = strtod(optarg, NULL);
		else if (option == 's')
			settings.seconds = strtod(optarg, NULL);
		else if (option == 'j')
			settings.jobs = (unsigned)strtoul(optarg, NULL, 10);
		else if (option == 'e')
			settings.example = optarg;
		else if (option == 't')
			settings.trace = true;
		else if (option == 'S')
			settings.no_shrink = true;
		else if (option == 'p')
			settings.place = strtoull(optarg, NULL, 10);
		else if (option == 'E')
			settings.every = strtoull(optarg, NULL, 10);
		else if (option == 'm') {
			if (!read_matrix(optarg))
				return false;
		} else if (option != 'k' || !read_skip(optarg))
			return false;
	}
	return optind == argc && settings.seeds > 0 && settings.hours > 0 && settings.jobs > 0 &&
	       settings.every > 0 && settings.jobs <= JOBS_MAX;
}

int
main(int argc, char **argv)
{
	static struct totals totals;
	struct pce_error err = { 0 };
	long processors = sysconf(_SC_NPROCESSORS_ONLN);
	double began;

	settings.seeds = settings.first = 1;
	settings.hours = 1;
	settings.every = 1;
	settings.jobs = processors > 0 && processors <= JOBS_MAX ? (unsigned)processors : 1;
	if (!read_options(argc, argv)) {
		fputs(usage, stderr);
		return 2;
	}
	if (karst_codec(&codec, &err)) {
		fprintf(stderr, "karst-sim: %s\n", err.text);
		return 2;
	}
	if (settings.example && !network_load_example(codec, settings.example))
		return 2;
	began = real_seconds();
	if (settings.matrix && !count_places())
		return 1;
	run_all(&totals);
	if (totals.failed > 0)
		explain(&totals.first_failure);
	return report(&totals, real_seconds() - began) ? 0 : 1;
}
