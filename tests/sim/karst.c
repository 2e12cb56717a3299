/*
 * The process under test: what karstd's main does, and how it dies. Nothing of it survives but what
 * the disk and the routers have. When it dies inside a callback, everything that it still does
 * until that returns goes nowhere: the sockets, the disk and the people do not hear it.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "models/codec/codec.h"
#include "pce/daemon/log.h"
#include "southbound/gnmi/shell.h"
#include "tests/sim/sim.h"

struct event_base *loop_base(bool karst);

struct karst_config karst_config;

static struct config_device devices[SIM_ROUTERS_MAX];
static struct config_bgp_peer peers[SIM_FEEDS];
static char feed_names[SIM_FEEDS][8];
static struct sim_timer restart;
static struct daemon process;

void
karst_configure(void)
{
	uint8_t id[4] = { 10, 9, 0, 1 };

	memset(&karst_config, 0, sizeof(karst_config));
	karst_config.state_dir = "/sim";
	karst_config.bgp.asn = 65000;
	karst_config.bgp.router_id = ip_v4(id);
	karst_config.bgp.peers = peers;
	karst_config.bgp.n_peers = SIM_FEEDS;
	karst_config.devices = devices;
	karst_config.color_min = 1000;
	karst_config.color_max = 1999;
	karst_config.name_prefix = "karst-";
	karst_config.confirm_timeout_s = 30 + sim_below(4) * 10;
	karst_config.rpc_timeout_s = 10;
	karst_config.readback_interval_s = 120;
	karst_config.assure = (struct assure_limits){ .hold_s = 60,
						      .max_hold_s = 600,
						      .detect_ms = 500,
						      .links_percent = 50,
						      .least_links = 64 };
	if (sim_once_in(3))
		karst_config.guard = (struct guard_limits){ .links_percent = 20 + sim_below(50),
							    .least_links = 2,
							    .window_s = 1 + sim_below(20),
							    .heal_after_s = sim_below(20),
							    .moves_per_s = sim_below(8) };
	if (sim_once_in(2))
		karst_config.guard.doubt = (struct doubt_limits){ .hold_s = 8 + sim_below(40),
								  .least_fibres = 1 + sim_below(3),
								  .fibres_percent = sim_below(20) };
	for (unsigned i = 0; i < SIM_FEEDS; i++) {
		uint8_t at[4] = { 10, 9, 1, (uint8_t)(1 + i) };

		snprintf(feed_names[i], sizeof(feed_names[i]), "rr%u", i);
		peers[i] = (struct config_bgp_peer){ .name = feed_names[i],
						     .address = ip_v4(at),
						     .port = 179,
						     .asn = 65000,
						     .hold_time_s = 90,
						     .stale_time_s = 60 + sim_below(300) };
	}
}

/* After the routers were made. */
static void
list_devices(void)
{
	memset(devices, 0, sizeof(devices));
	for (unsigned i = 0; i < routers.n; i++)
		devices[i] = (struct config_device){
			.name = routers.at[i].name,
			.node = network.nodes[routers.at[i].node].name,
			.driver = "netconf",
			.address = routers.at[i].address,
			.port = 830,
		};
	karst_config.n_devices = routers.n;
}

/* --- living and dying --- */

static void
close_all(void)
{
	struct daemon *d = &process;

	feeds_close(d->feeds);
	if (d->devices)
		devices_close(d->devices);
	persist_close(d->persist);
	service_free(d->service);
	if (d->tick)
		event_free(d->tick);
	event_base_free(d->loop);
	memset(d, 0, sizeof(*d));
	sim.daemon = NULL;
}

static void
on_tick(evutil_socket_t fd, short what, void *ctx)
{
	(void)fd, (void)what;
	daemon_post(ctx, &(struct service_event){ .kind = SERVICE_TICK });
}

bool
karst_start(struct pce_error *err)
{
	struct daemon *d = &process;
	enum pce_status status;

	list_devices();
	timer_clear(&restart);
	sim.in_karst = true;
	sim.dead = false;
	memset(d, 0, sizeof(*d));
	d->config = &karst_config;
	d->codec = sim.codec;
	d->yang_path = "";
	d->loop = loop_base(true);
	d->tick = event_new(d->loop, -1, 0, on_tick, d);
	sim.daemon = d;
	measure_karst_started();
	status = service_new(d->config, sim.options.hash_seed, &d->service, err);
	if (!status)
		status = devices_prepare(d, &d->devices, err);
	if (!status)
		status = persist_open(d, &d->persist, err);
	if (!status)
		status = feeds_open(d, &d->feeds, err);
	if (!status)
		status = devices_open(d->devices, err);
	sim.in_karst = false;
	if (!status)
		return true;
	close_all();
	return false;
}

static void
power_goes(void *arg)
{
	(void)arg;
	karst_kill(true);
}

static void
start_again(void *arg)
{
	struct pce_error err = { 0 };

	(void)arg;
	sim_log("karstd starts again");
	if (karst_start(&err)) {
		sim_checked(SIM_STORE_OPENS);
		/* What it shows now has to last, before anything is stored anew. */
		if (sim.options.matrix == MATRIX_IO_KILLS_POWER && sim.killed)
			loop_once(usec_add(sim.now, 2), power_goes, NULL);
		return;
	}
	/* A disk that fails is no broken promise; a store that is no store any more is. */
	if (sim.dead && sim.power_lost)
		disk_power_cut();
	if (err.status != PCE_IO && !sim.dead)
		sim_fail(SIM_STORE_OPENS, "karstd does not start again: %s", err.text);
	sim_log("it could not: %s", err.text);
	sim.dead = false;
	karst_restart_after(5 * SIM_SECOND);
}

void
karst_restart_after(int64_t us)
{
	restart.fire = start_again;
	timer_set(&restart, usec_add(sim.now, us));
}

void
karst_kill(bool power)
{
	if (!sim.daemon)
		return;
	sim.killed = !power;
	sim_log("karstd dies%s", power ? " with the power" : "");
	sim.in_karst = true;
	sim.dead = true;
	invariants_karst_died();
	net_process_died(power);
	close_all();
	thread_reset();
	sim.dead = sim.in_karst = false;
	sim.die_after = 0;
	disk.die_at = 0;
	if (power)
		disk_power_cut();
	client_karst_died();
	karst_restart_after(SIM_SECOND / 10 + (int64_t)sim_below(30 * USEC_PER_S));
}

void
karst_reap(void)
{
	if (sim.daemon && sim.daemon->failed)
		sim_fail(SIM_STEP, "the service found itself broken");
	sim_checked(SIM_STEP);
	if (sim.daemon && sim.dead)
		karst_kill(sim.power_lost);
}

void
karst_free(void)
{
	timer_clear(&restart);
	if (sim.daemon) {
		sim.in_karst = sim.dead = true;
		close_all();
		thread_reset();
		sim.in_karst = sim.dead = false;
	}
}

/* --- effects pass here on their way to whoever carries them out (--wrap) --- */

void __real_persist_write(struct persist *persist, const struct service_effect *effect);
void __real_devices_apply(struct devices *devices, const struct service_effect *effect);
void __real_devices_read(struct devices *devices, const struct service_effect *effect);
void __wrap_persist_write(struct persist *persist, const struct service_effect *effect);
void __wrap_devices_apply(struct devices *devices, const struct service_effect *effect);
void __wrap_devices_read(struct devices *devices, const struct service_effect *effect);

/* False once karstd is dead: between any two effects it may die. */
static bool
passes(const struct service_effect *effect)
{
	if (sim.dead)
		return false;
	if (sim.die_after > 0 && --sim.die_after == 0) {
		sim_log("karstd dies before effect %llu", (unsigned long long)effect->id);
		sim.dead = true;
		return false;
	}
	sim.result.effects++;
	sim_hash(&effect->kind, sizeof(effect->kind));
	sim_hash(&effect->id, sizeof(effect->id));
	invariants_effect(effect);
	return true;
}

void
__wrap_persist_write(struct persist *persist, const struct service_effect *effect)
{
	if (passes(effect))
		__real_persist_write(persist, effect);
}

void
__wrap_devices_apply(struct devices *d, const struct service_effect *effect)
{
	if (passes(effect))
		__real_devices_apply(d, effect);
}

void
__wrap_devices_read(struct devices *d, const struct service_effect *effect)
{
	if (passes(effect))
		__real_devices_read(d, effect);
}

/* --- the northbound side: replies go to the clients (client.c), notices into the hash --- */

void client_reply(const struct service_effect *effect);

void
api_reply(struct api *api, const struct service_effect *effect)
{
	(void)api;
	if (passes(effect))
		client_reply(effect);
}

void
api_notice(struct api *api, const struct service_notice *notice)
{
	(void)api;
	if (sim.dead)
		return;
	sim_hash(&notice->number, sizeof(notice->number));
	sim_hash(notice->object, strlen(notice->object));
	if (notice->state)
		sim_hash(notice->state, strlen(notice->state));
	if (notice->text)
		sim_hash(notice->text, strlen(notice->text));
	sim_log("notice %s %s %s%s%s", notice->object, notice->state ? notice->state : "",
		notice->text ? notice->text : "", notice->cause ? " because " : "",
		notice->cause ? notice->cause : "");
}

void
log_line(enum log_level level, const char *fmt, ...)
{
	char text[1024];
	va_list ap;

	if (!sim.options.trace || level > LOG_LEVEL_WARNING)
		return;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	sim_log("karstd: %s", text);
}

/* --- one codec for all lives (--wrap) --- */

enum pce_status __wrap_codec_new(const char *yang_path, struct codec **out, struct pce_error *err);
void __wrap_codec_free(struct codec *codec);

enum pce_status
__wrap_codec_new(const char *yang_path, struct codec **out, struct pce_error *err)
{
	(void)yang_path, (void)err;
	*out = sim.codec;
	return PCE_OK;
}

void
__wrap_codec_free(struct codec *codec)
{
	(void)codec;
}

enum pce_status __real_codec_new(const char *yang_path, struct codec **out, struct pce_error *err);

enum pce_status
karst_codec(struct codec **out, struct pce_error *err)
{
	return __real_codec_new(NULL, out, err);
}

/* gRPC brings threads and I/O of its own, which cannot be simulated. */
enum pce_status
gnmi_driver_new(const struct driver_context *context, struct driver **out, struct pce_error *err)
{
	(void)context, (void)out;
	return pce_fail(err, PCE_UNSUPPORTED, "the simulation has no routers that speak gNMI");
}
