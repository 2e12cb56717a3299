#include "tests/lab/lab.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "tests/lab/counters.h"
#include "tests/lab/flows.h"
#include "tests/lab/log.h"
#include "tests/lab/names.h"
#include "tests/lab/space.h"
#include "tests/lab/trace.h"
#include "tests/lab/wires.h"

void
lab_say(struct lab *lab, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	lab_log_line(lab->setup.log, lab->setup.log_ctx, fmt, ap);
	va_end(ap);
}

/* --- what the network tells the controller --- */

static enum pce_status
announce(struct lab *lab, const struct ted_delta *delta, enum ted_op op, struct pce_error *err)
{
	struct ted_delta said = *delta;

	if (lab->speaker == NULL)
		return PCE_OK;
	said.op = op;
	return lab_speaker_say(lab->speaker, &said, 1, err);
}

/* Both directions of a fibre, as they are now. */
static enum pce_status
announce_fibre(struct lab *lab, uint32_t link, struct pce_error *err)
{
	const struct lab_network *net = &lab->network;
	uint32_t ends[2] = { link, net->links[link].reverse };
	enum pce_status status = PCE_OK;

	for (size_t i = 0; i < 2 && !status; i++)
		if (ends[i] != LAB_NONE)
			status = announce(lab, net->links[ends[i]].delta,
					  lab_link_up(net, ends[i]) ? TED_SET : TED_DELETE, err);
	return status;
}

static enum pce_status
announce_all(struct lab *lab, struct pce_error *err)
{
	for (size_t i = 0; i < lab->network.topology.n; i++) {
		const struct ted_delta *d = &lab->network.topology.deltas[i];
		enum pce_status status;

		if (d->object > TED_OBJECT_SID)
			continue;
		if (d->object == TED_OBJECT_NODE && d->key.node.protocol == TED_PROTOCOL_STATIC)
			return pce_fail(
			    err, PCE_INVALID,
			    "node %.*s has no igp identity in the file: no feed can name it",
			    (int)d->key.node.router_id_len, (const char *)d->key.node.router_id);
		status = announce(lab, d, TED_SET, err);
		if (status)
			return status;
	}
	return PCE_OK;
}

static void
on_session(void *ctx, struct lab_speaker *speaker, bool up, const char *text)
{
	(void)speaker;
	lab_say(ctx, "bgp %s%s%s", up ? "up" : "down", text ? " " : "", text ? text : "");
}

static enum pce_status
start_speaker(struct lab *lab, struct event_base *loop, struct pce_error *err)
{
	struct lab_speaker_setup s = { .peer = lab->setup.speaker_peer,
				       .local = lab->setup.speaker_address,
				       .passive = true,
				       .listen_port = lab->setup.speaker_port,
				       .asn = lab->setup.asn,
				       .peer_asn = lab->setup.asn,
				       .router_id = 0x0a000001,
				       .on_state = on_session,
				       .ctx = lab };
	enum pce_status status;

	if (lab->setup.speaker_port == 0)
		return PCE_OK;
	status = lab_speaker_new(loop, &s, &lab->speaker, err);
	return status ? status : announce_all(lab, err);
}

/* --- NETCONF --- */

static bool
on_configure(void *ctx, unsigned router, const struct lyd_node *running, char *text)
{
	struct lab *lab = ctx;
	struct pce_error err = { 0 };
	enum pce_status status = policies_configure(lab->policies, router, running, &err);

	if (status)
		snprintf(text, 256, "%.255s", err.text);
	return status == PCE_OK;
}

static void
on_state_wanted(void *ctx, unsigned router, struct lyd_node *policy)
{
	struct lab *lab = ctx;

	policies_add_state(lab->policies, router, policy);
}

static void
on_state_changed(void *ctx, uint32_t router)
{
	struct lab *lab = ctx;

	if (lab->routers != NULL)
		lab_routers_state_changed(lab->routers, router);
}

static enum pce_status
start_routers(struct lab *lab, struct pce_error *err)
{
	struct lab_routers_setup s = { .count = lab->network.n_routers,
				       .first_port = lab->setup.first_port,
				       .address = lab->setup.address,
				       .host_key_file = lab->setup.host_key_file,
				       .authorized_file = lab->setup.authorized_file,
				       .yang_path = lab->setup.yang_path,
				       .log = lab->setup.log,
				       .log_ctx = lab->setup.log_ctx,
				       .no_stranger = true,
				       .configure = on_configure,
				       .add_state = on_state_wanted,
				       .gnmi = { .first_port = lab->setup.gnmi_port },
				       .measure = lab_measure,
				       .version = lab_version,
				       .forward_ctx = lab };
	const char **names;
	enum pce_status status;

	if (lab->setup.host_key_file == NULL)
		return PCE_OK;
	names = calloc(s.count + 1, sizeof *names);
	if (names == NULL)
		return pce_no_memory(err);
	for (uint32_t i = 0; i < s.count; i++)
		names[i] = lab->network.routers[i].name;
	s.names = names;
	status = lab_routers_start(&s, &lab->routers, err);
	free(names);
	return status;
}

/* --- begin and end --- */

static enum pce_status
allocate(struct lab *lab, struct pce_error *err)
{
	uint32_t n = lab->network.n_routers;

	lab->sites = calloc(n + 1, sizeof *lab->sites);
	lab->silent = calloc(lab->network.n_links + 1, sizeof *lab->silent);
	if (lab->sites == NULL || lab->silent == NULL)
		return pce_no_memory(err);
	for (uint32_t i = 0; i < n; i++)
		lab->sites[i].space = lab->sites[i].host_space = -1;
	return PCE_OK;
}

/* Counting flows is for telemetry alone; a kernel that cannot does without. */
static void
start_flows(struct lab *lab)
{
	struct pce_error err = { 0 };

	if (lab->flows != NULL && flows_start(lab->flows, &err))
		lab_say(lab, "error %s", err.text);
}

static enum pce_status
start_forwarding(struct lab *lab, struct pce_error *err)
{
	enum pce_status status = site_make(&lab->network, lab->sites, err);

	if (!status)
		status = forward_new(&lab->network, lab->sites, &lab->forward, err);
	if (!status)
		status = forward_converge(&lab->forward, NULL, err);
	if (!status)
		start_flows(lab);
	lab->made = status == PCE_OK;
	return status;
}

/* Servers come first: building a province takes seconds, and their ports should not be taken by
 * somebody else meanwhile. Nobody is told of them before all is ready. */
enum pce_status
lab_start(struct lab *lab, const struct lab_setup *setup, struct event_base *loop,
	  struct pce_error *err)
{
	struct policies_setup p = { .network = &lab->network,
				    .probe_us = setup->probe_us,
				    .changed = on_state_changed,
				    .changed_ctx = lab,
				    .log = setup->log,
				    .log_ctx = setup->log_ctx };
	enum pce_status status;

	memset(lab, 0, sizeof *lab);
	lab->setup = *setup;
	lab->stamps = trace_prepare();
	status = lab_network_read(setup->file, setup->name, &lab->network, err);
	if (!status)
		status = allocate(lab, err);
	p.sites = lab->sites;
	if (!status && setup->gnmi_port != 0 &&
	    flows_new(&lab->network, lab->sites, &lab->flows, err) != PCE_OK)
		lab_say(lab, "error %s", err ? err->text : "flows are not counted");
	p.flows = lab->flows;
	if (!status)
		status = policies_new(&p, &lab->policies, err);
	if (!status)
		status = counters_new(&lab->network, lab->sites, &lab->counters, err);
	if (!status)
		status = start_routers(lab, err);
	if (!status)
		status = start_speaker(lab, loop, err);
	return status ? status : start_forwarding(lab, err);
}

void
lab_stop(struct lab *lab)
{
	char prefix[160];

	if (lab->policies != NULL)
		policies_set_probing(lab->policies, 0); /* nothing is told any more */
	if (lab->routers != NULL)
		lab_routers_stop(lab->routers);
	lab_speaker_free(lab->speaker);
	counters_free(lab->counters);
	wires_free(lab->wires);
	policies_free(lab->policies);
	flows_free(lab->flows);
	forward_free(&lab->forward);
	site_close(lab->sites, lab->network.n_routers);
	if (lab->sites != NULL) {
		snprintf(prefix, sizeof prefix, "%s.", lab->setup.name);
		space_remove_all(prefix);
	}
	if (lab->stamps >= 0)
		close(lab->stamps);
	free(lab->sites);
	free(lab->silent);
	lab_network_free(&lab->network);
	memset(lab, 0, sizeof *lab);
}

/* --- faults --- */

/* Puts in front of each end of a fibre who belongs there: a wire, nobody, or the other end. */
static enum pce_status
set_neighbours(struct lab *lab, uint32_t link, struct pce_error *err)
{
	uint32_t ends[2] = { link, lab->network.links[link].reverse };
	enum pce_status status = PCE_OK;

	for (size_t i = 0; i < 2 && !status; i++)
		if (ends[i] != LAB_NONE)
			status = forward_set_neighbour(&lab->forward, ends[i],
						       lab->silent[ends[i]] ? SITE_NEIGHBOUR_NOBODY
						       : wires_active(lab->wires, ends[i])
							   ? SITE_NEIGHBOUR_WIRE
							   : SITE_NEIGHBOUR_REAL,
						       err);
	return status;
}

enum pce_status
lab_converge(struct lab *lab, struct pce_error *err)
{
	enum pce_status status;
	size_t changed;

	if (!lab->unconverged)
		return PCE_OK;
	lab->unconverged = false;
	status = forward_converge(&lab->forward, &changed, err);
	if (!status)
		lab_say(lab, "converged %zu routes", changed);
	return status;
}

/* What was changed of a fibre goes to the kernel and the controller; the IGP follows. */
static enum pce_status
fibre_changed(struct lab *lab, uint32_t link, struct pce_error *err)
{
	enum pce_status status =
	    forward_set_fibre(&lab->forward, link, lab_link_up(&lab->network, link), err);

	lab->changes++;
	if (!status && lab_link_up(&lab->network, link))
		status = set_neighbours(lab, link, err);
	if (!status)
		status = announce_fibre(lab, link, err);
	lab->unconverged = true;
	return status;
}

static enum pce_status
set_cut(struct lab *lab, uint32_t link, bool cut, struct pce_error *err)
{
	struct lab_link *links = lab->network.links;
	uint32_t reverse = links[link].reverse;

	links[link].cut = cut;
	if (reverse != LAB_NONE)
		links[reverse].cut = cut;
	return fibre_changed(lab, link, err);
}

static enum pce_status
set_silent(struct lab *lab, uint32_t link, bool silent, struct pce_error *err)
{
	uint32_t reverse = lab->network.links[link].reverse;

	lab->silent[link] = silent;
	if (reverse != LAB_NONE)
		lab->silent[reverse] = silent;
	return set_neighbours(lab, link, err);
}

enum pce_status
lab_impair(struct lab *lab, uint32_t link, const struct wire_fault *fault, struct pce_error *err)
{
	struct wires *made = NULL;
	enum pce_status status = PCE_OK;

	if (lab->wires == NULL)
		status = wires_new(&lab->network, lab->sites, &made, err);
	if (made != NULL)
		lab->wires = made;
	if (!status)
		status = wires_set(lab->wires, link, fault, err);
	if (!status)
		lab_say(lab, "impair %s loss %u corrupt %u delay %u",
			lab->network.links[link].row->name, fault->loss_ppm, fault->corrupt_ppm,
			fault->delay_us);
	return status ? status : set_neighbours(lab, link, err);
}

enum pce_status
lab_cut(struct lab *lab, uint32_t link, bool silent, struct pce_error *err)
{
	const char *name = lab->network.links[link].row->name;
	char word[LAB_NAME_TEXT];

	if (lab->network.links[link].cut)
		return pce_fail(err, PCE_CONFLICT, "%s is cut already", name);
	lab_say(lab, "cut %s%s", lab_word(name, word, sizeof word), silent ? " silently" : "");
	return silent ? set_silent(lab, link, true, err) : set_cut(lab, link, true, err);
}

enum pce_status
lab_heal(struct lab *lab, uint32_t link, struct pce_error *err)
{
	lab_say(lab, "heal %s", lab->network.links[link].row->name);
	if (lab->silent[link])
		return set_silent(lab, link, false, err);
	return set_cut(lab, link, false, err);
}

static enum pce_status
set_stopped(struct lab *lab, uint32_t router, bool stopped, struct pce_error *err)
{
	struct lab_router *r = &lab->network.routers[router];
	enum pce_status status = PCE_OK;

	r->stopped = stopped;
	for (size_t i = 0; i < r->n_out && !status; i++)
		status = fibre_changed(lab, r->out[i], err);
	lab->unconverged = true;
	return status;
}

static enum pce_status
order_server(struct lab *lab, const char *verb, uint32_t router, const char *how,
	     struct pce_error *err)
{
	char line[LAB_NAME_TEXT + 64], word[LAB_NAME_TEXT], *answer = NULL;
	enum pce_status status;

	if (lab->routers == NULL)
		return PCE_OK;
	snprintf(line, sizeof line, "%s %s %s", verb,
		 lab_word(lab->network.routers[router].name, word, sizeof word), how);
	status = lab_routers_control(lab->routers, line, &answer, err);
	free(answer);
	return status;
}

enum pce_status
lab_stop_router(struct lab *lab, uint32_t router, struct pce_error *err)
{
	enum pce_status status = order_server(lab, "stop", router, "", err);

	lab_say(lab, "stop %s", lab->network.routers[router].name);
	return status ? status : set_stopped(lab, router, true, err);
}

enum pce_status
lab_start_router(struct lab *lab, uint32_t router, bool empty, struct pce_error *err)
{
	enum pce_status status = PCE_OK;

	lab_say(lab, "restart %s%s", lab->network.routers[router].name, empty ? " empty" : "");
	if (!lab->network.routers[router].stopped)
		status = lab_stop_router(lab, router, err);
	if (!status)
		status = set_stopped(lab, router, false, err);
	return status ? status : order_server(lab, "start", router, empty ? "empty" : "", err);
}
