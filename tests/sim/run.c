/*
 * One seed from its beginning to its end: storms of faults, each followed by a calm in which
 * everything is healed and has to come to rest.
 */
#include <string.h>

#include "tests/sim/sim.h"

#define STORM (540 * SIM_SECOND)
#define CALM_LEAST (270 * SIM_SECOND) /* two read-backs: what was tampered with is found */
#define CALM_MOST (2400 * SIM_SECOND)
#define SALT 0x6b61727374ULL

static const char *const matrix_names[MATRIX_COUNT] = {
	"none",           "io-fails", "io-fails-on",  "io-fails-dies", "io-kills",
	"io-kills-power", "io-power", "effect-kills", "effect-power",
};

const char *
sim_matrix_name(enum sim_matrix matrix)
{
	return matrix_names[matrix];
}

static void
set_matrix(const struct sim_options *o)
{
	switch (o->place ? o->matrix : MATRIX_NONE) {
	case MATRIX_IO_FAILS_DIES:
	case MATRIX_IO_FAILS:
		disk.only_once = true;
		disk.fail_at = o->place;
		break;
	case MATRIX_IO_FAILS_ON:
		disk.fail_at = o->place;
		break;
	case MATRIX_IO_POWER:
	case MATRIX_IO_KILLS_POWER:
	case MATRIX_IO_KILLS:
		disk.die_at = o->place;
		break;
	case MATRIX_EFFECT_POWER:
	case MATRIX_EFFECT_KILLS:
		sim.die_after = (unsigned)o->place;
		break;
	default:
		return;
	}
	sim.power_lost = o->matrix == MATRIX_IO_POWER || o->matrix == MATRIX_EFFECT_POWER;
}

static void
wait_for_calm(void)
{
	struct usec least = usec_add(sim.now, CALM_LEAST), most = usec_add(sim.now, CALM_MOST);
	const char *why = "";

	while (!sim.result.failed) {
		/* Modes, freezes and drains that an answer brought back after the heal. */
		client_heal();
		loop_run(usec_add(sim.now, 5 * SIM_SECOND));
		if (usec_due(least, sim.now) && quiet_reached(&why))
			break;
		if (usec_due(most, sim.now))
			sim_fail(SIM_QUIET_ROUTERS, "no rest after %d s of calm: %s",
				 (int)(CALM_MOST / SIM_SECOND), why);
	}
	if (!sim.result.failed)
		quiet_check();
}

/* Plays the steps of one storm that are not left out; *number counts all steps of the run. */
static void
play_storm(const struct sim_step *steps, size_t n, size_t *number)
{
	const struct sim_options *o = &sim.options;

	for (size_t i = 0; i < n && !sim.result.failed; i++, ++*number) {
		if (o->skip && *number < o->n_skip && o->skip[*number])
			continue;
		loop_run(steps[i].at);
		if (!sim.result.failed)
			faults_play(&steps[i]);
		invariants_check();
	}
}

static void
play(void)
{
	size_t storms = 0;
	struct usec end = usec_add(sim.now, (int64_t)(sim.options.hours * 3600e6));
	uint64_t schedule = sim.options.seed * 2 + SALT;
	size_t number = 0;

	while (!sim.result.failed && sim.now.v < end.v) {
		struct usec until = usec_add(sim.now, STORM);
		size_t n;
		struct sim_step *steps = faults_draw(&schedule, sim.now, until, &n);

		play_storm(steps, n, &number);
		free(steps);
		sim.result.drawn = number;
		loop_run(until);
		sim_log("=== calm");
		faults_heal();
		wait_for_calm();
		if (++storms % 2 == 1 && !sim.result.failed)
			silent_trial();
	}
}

void
sim_run(const struct sim_options *options, struct codec *codec, struct sim_result *out)
{
	struct usec began;

	memset(&sim, 0, sizeof(sim));
	sim.options = *options;
	sim.codec = codec;
	sim.random = options->seed * 2 + 1;
	sim.now = (struct usec){ 1000 * SIM_SECOND };
	sim.result.seed = options->seed;
	sim.result.place = options->place;
	began = sim.now;
	disk_start();
	thread_disk = (struct sim_disk_speed){ 1000, 8000 };
	loop_after(invariants_check);
	karst_configure();
	network_make();
	routers_make();
	network_start();
	client_make();
	measure_make();
	set_matrix(options);
	karst_restart_after(0);
	play();
	sim.result.io_calls = disk.calls;
	sim.result.simulated_us = sim.now.v - began.v;
	karst_free();
	routers_free();
	client_free();
	measure_free();
	network_free();
	invariants_reset();
	loop_reset();
	net_reset();
	disk_reset();
	*out = sim.result;
}
