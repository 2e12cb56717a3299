#define _GNU_SOURCE
#include "southbound/netconf/shell.h"

#include <event2/dns.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pce/base/array.h"
#include "southbound/clock.h"
#include "southbound/netconf/device.h"
#include "southbound/netconf/xml.h"

#define CONNECTS 12

static void
free_read(struct device_read *r)
{
	free(r->configuration);
	free(r->state);
}

/* --- transactions --- */

static void
forget_transaction(struct driver_device *d)
{
	netconf_transaction_free(d->transaction);
	d->transaction = NULL;
	d->deploy = NULL;
	d->running = false;
	arena_free(&d->memory);
}

void
work_free(struct driver_device *d)
{
	for (unsigned i = 0; i < d->reads_count; i++)
		free_read(&d->reads[i]);
	forget_transaction(d);
}

/* What the router is known to hold unconfirmed, and whether its candidate can have anything else,
 * after a phase. */
static void
note_pending(struct driver_device *d, const struct deploy_result *r)
{
	d->candidate_known = r->status == PCE_OK && r->phase != DEPLOY_CANCEL;
	if (r->phase == DEPLOY_PREPARE && r->status == PCE_OK &&
	    netconf_transaction_is_pending(d->transaction)) {
		snprintf(d->pending, sizeof d->pending, "%s", d->deploy->persist_id);
		d->pending_until =
		    usec_add(r->times.committed, netconf_confirm_timeout_s(d->deploy) * USEC_PER_S);
	} else if (r->status == PCE_OK || !r->retry) {
		d->pending[0] = '\0';
	}
}

/* A CANCEL that was asked for while PREPARE ran is answered, or begins now. */
static void
follow_cancel(struct driver_device *d, const struct deploy_result *prepared)
{
	struct deploy_result r = *prepared;
	uint64_t effect = d->cancel_effect;
	struct pce_error why = { 0 };

	d->cancel_effect = 0;
	r.phase = DEPLOY_CANCEL;
	if (prepared->status == PCE_OK) {
		if (netconf_transaction_run(d->transaction, d->session, DEPLOY_CANCEL,
					    monotonic_now(), &why) == PCE_OK) {
			d->running = true;
			d->phase = DEPLOY_CANCEL;
			d->effect = effect;
			return;
		}
		r.status = why.status;
		r.text = why.text;
	} else if (!prepared->unknown) {
		r.status = PCE_OK;
		r.text = NULL;
		r.retry = false;
	}
	report_result(&d->report, effect, &r);
}

bool
work_settle(struct driver_device *d)
{
	struct deploy_result r;
	bool stuck = false;

	while (d->transaction != NULL && netconf_transaction_result(d->transaction, &r)) {
		uint64_t effect = d->effect;
		char text[PCE_ERROR_TEXT];

		snprintf(text, sizeof text, "%s", r.text ? r.text : "");
		r.text = r.text ? text : NULL;
		stuck = stuck || netconf_transaction_is_stuck(d->transaction);
		note_pending(d, &r);
		d->running = false;
		/* Only what is prepared is kept; the rest can be taken up by its persist id. */
		if (r.phase != DEPLOY_PREPARE || r.status != PCE_OK)
			forget_transaction(d);
		/* Whoever gets the result may ask for the next phase from there. */
		report_result(&d->report, effect, &r);
		if (d->report.closed)
			return false;
		if (d->cancel_effect != 0 && r.phase == DEPLOY_PREPARE)
			follow_cancel(d, &r);
	}
	return stuck;
}

static enum pce_status
new_transaction(struct driver_device *d, const struct deploy_transaction *deploy,
		struct pce_error *err)
{
	const struct netconf_transaction_setup setup = { .device = d->config->name,
							 .profile = d->profile,
							 .payload = &d->payload.payload,
							 .candidate_in_doubt = !d->candidate_known,
							 .seed = d->seed };
	enum pce_status status;

	status = profile_check(&d->payload.owner, deploy->changes, deploy->n_changes, err);
	if (status)
		return pce_prefix(err, status, "router %s", d->config->name);
	forget_transaction(d);
	d->deploy = deploy_transaction_copy(&d->memory, deploy);
	if (d->deploy == NULL) {
		arena_free(&d->memory);
		return pce_no_memory(err);
	}
	return netconf_transaction_new(&setup, d->deploy, &d->transaction, err);
}

/* While a phase runs only one thing may be asked: that a PREPARE be cancelled. */
static enum pce_status
apply_while_running(struct driver_device *d, uint64_t effect_id, enum deploy_phase phase,
		    const struct deploy_transaction *transaction, struct pce_error *err)
{
	if (phase != DEPLOY_CANCEL || d->phase != DEPLOY_PREPARE || d->cancel_effect != 0 ||
	    transaction->id != d->deploy->id)
		return pce_fail(err, PCE_CONFLICT,
				"router %s: transaction %" PRIu64 " is still running",
				d->config->name, d->deploy->id);
	d->cancel_effect = effect_id;
	netconf_transaction_stop(d->transaction, d->session, monotonic_now());
	device_schedule(d);
	return PCE_OK;
}

static enum pce_status
apply(struct driver_device *d, uint64_t effect_id, enum deploy_phase phase,
      const struct deploy_transaction *transaction, struct pce_error *err)
{
	bool known = d->transaction != NULL && d->deploy->id == transaction->id;
	enum pce_status status;

	if (!device_is_up(d))
		return pce_fail(err, PCE_UNREACHABLE, "router %s is not connected",
				d->config->name);
	if (transaction->persist_id == NULL ||
	    (phase == DEPLOY_PREPARE && transaction->n_changes == 0))
		return pce_fail(err, PCE_INVALID,
				"router %s: transaction %" PRIu64
				" has no changes or no persist id",
				d->config->name, transaction->id);
	if (d->running)
		return apply_while_running(d, effect_id, phase, transaction, err);
	if (d->transaction != NULL && netconf_transaction_is_prepared(d->transaction) &&
	    (!known || phase == DEPLOY_PREPARE))
		return pce_fail(err, PCE_CONFLICT,
				"router %s: transaction %" PRIu64 " is prepared and waits for its "
				"confirmation",
				d->config->name, d->deploy->id);
	if (!known || phase == DEPLOY_PREPARE) {
		status = new_transaction(d, transaction, err);
		if (status)
			return status;
	}
	status = netconf_transaction_run(d->transaction, d->session, phase, monotonic_now(), err);
	if (status)
		return status;
	d->running = true;
	d->phase = phase;
	d->effect = effect_id;
	device_schedule(d);
	return PCE_OK;
}

/* --- reads --- */

/* Two requests, because not every router puts its configuration into what <get> brings. */
static enum pce_status
ask_read(struct driver_device *d, struct device_read *r, struct pce_error *err)
{
	const struct netconf_device_payload *p = &d->payload;
	struct text configuration = { 0 }, state = { 0 };
	struct usec now = monotonic_now();
	enum pce_status status;

	text_add(&configuration,
		 "<get-config><source><running/></source><filter type=\"subtree\">");
	status = profile_filter(p->profile, &p->scope, NULL, 0, &configuration, err);
	text_add(&configuration, "</filter></get-config>");
	text_add(&state, "<get><filter type=\"subtree\">");
	if (status == PCE_OK)
		status = profile_filter_state(p->profile, &state, err);
	text_add(&state, "</filter></get>");
	if (status == PCE_OK && (!text_ok(&configuration) || !text_ok(&state)))
		status = pce_no_memory(err);
	if (status == PCE_OK)
		status = netconf_rpc(d->session, "get-config", text_get(&configuration),
				     configuration.len, 0, now, &r->configuration_rpc, err);
	if (status == PCE_OK)
		status = netconf_rpc(d->session, "get", text_get(&state), state.len, 0, now,
				     &r->state_rpc, err);
	text_free(&configuration);
	text_free(&state);
	return status;
}

static enum pce_status
read_device(struct driver_device *d, uint64_t effect_id, struct pce_error *err)
{
	struct device_read *r = &d->reads[d->reads_count];
	enum pce_status status;

	if (!device_is_up(d))
		return pce_fail(err, PCE_UNREACHABLE, "router %s is not connected",
				d->config->name);
	if (d->reads_count == READS_MAX)
		return pce_fail(err, PCE_LIMIT, "router %s: %d reads are under way already",
				d->config->name, READS_MAX);
	*r = (struct device_read){ .effect = effect_id };
	status = ask_read(d, r, err);
	if (status)
		return pce_prefix(err, status, "router %s", d->config->name);
	d->reads_count++;
	device_schedule(d);
	return PCE_OK;
}

/* Both answers are there. A router that refuses to tell its state has told its configuration. */
static void
finish_read(struct driver_device *d, struct device_read *r)
{
	struct device_state state = { 0 };
	struct pce_error why = r->refused;
	struct arena arena = { 0 };

	if (why.status == PCE_OK)
		netconf_payload_state(&d->payload, r->configuration, r->state ? r->state : "",
				      &arena, &state, &why);
	if (why.status)
		pce_prefix(&why, why.status, "router %s", d->config->name);
	else if (d->pending[0] != '\0' && !usec_due(d->pending_until, monotonic_now()))
		state.pending_persist_id = d->pending;
	report_read(&d->report, r->effect, why.status ? NULL : &state, &why);
	arena_free(&arena);
	free_read(r);
}

/* True if the reply answers this read. */
static bool
take_read(struct device_read *r, const struct netconf_event *reply)
{
	if (r->configuration_rpc == reply->rpc) {
		r->configuration_rpc = 0;
		if (netconf_reply_status(reply, "get-config", &r->refused) == PCE_OK &&
		    (r->configuration = array_strdup(reply->body)) == NULL)
			pce_no_memory(&r->refused);
		return true;
	}
	if (r->state_rpc != reply->rpc)
		return false;
	r->state_rpc = 0;
	r->state = reply->ok ? array_strdup(reply->body) : NULL;
	return true;
}

static void post_up(struct driver_device *d, bool notifies);

void
work_reply(struct driver_device *d, const struct netconf_event *reply)
{
	if (d->subscribe_rpc != 0 && reply->rpc == d->subscribe_rpc) {
		d->subscribe_rpc = 0;
		post_up(d, reply->ok);
		return;
	}
	for (unsigned i = 0; i < d->reads_count; i++) {
		struct device_read *r = &d->reads[i], done;

		if (!take_read(r, reply))
			continue;
		if (r->configuration_rpc != 0 || r->state_rpc != 0)
			return;
		done = *r;
		d->reads_count--;
		memmove(r, r + 1, (d->reads_count - i) * sizeof *r);
		finish_read(d, &done);
		return;
	}
	if (d->transaction != NULL)
		netconf_transaction_reply(d->transaction, d->session, reply, monotonic_now());
}

/* --- up and down --- */

static void
post_up(struct driver_device *d, bool notifies)
{
	uint32_t capabilities = notifies ? DEVICE_NOTIFIES : 0;

	if (netconf_has(d->session, NETCONF_CONFIRMED_COMMIT) && !d->profile->no_confirmed_commit)
		capabilities |= DEVICE_CONFIRMED_COMMIT;
	if (netconf_has(d->session, NETCONF_CANDIDATE))
		capabilities |= DEVICE_ATOMIC;
	report_up(&d->report, capabilities);
}

/*
 * A router that can tells of changes from now on, by itself (RFC 5277, RFC 6470). Only one that
 * takes RPCs beside notifications (interleave) is asked: the session is needed. It is up when it
 * has answered, whatever it said.
 */
void
work_up(struct driver_device *d)
{
	static const char subscribe[] =
	    "<create-subscription xmlns=\"" NETCONF_NS_NOTIFICATION "\"/>";

	d->subscribe_rpc = 0;
	if (!netconf_has(d->session, NETCONF_NOTIFICATION) ||
	    !netconf_has(d->session, NETCONF_INTERLEAVE) ||
	    netconf_rpc(d->session, "create-subscription", subscribe, sizeof subscribe - 1, 0,
			monotonic_now(), &d->subscribe_rpc, NULL))
		post_up(d, false);
}

/* The session that changed something, or -1 for an event that is no change of configuration or of
 * policies' state. */
static int64_t
changed_by(const struct netconf_event *notification)
{
	struct text whole = { 0 }, text = { 0 };
	enum xml_token token = XML_BAD;
	int64_t session = -1;
	struct xml x;

	/* The body is a row of elements, the time and the event. */
	text_add(&whole, "<n>");
	text_bytes(&whole, notification->body, notification->body_len);
	text_add(&whole, "</n>");
	if (text_ok(&whole))
		xml_begin(&x, text_get(&whole), whole.len);
	while (text_ok(&whole) && (token = xml_next(&x, NULL)) != XML_EOF && token != XML_BAD) {
		if (token != XML_START)
			continue;
		if (xml_named(&x, NETCONF_NS_CHANGES, "netconf-config-change") ||
		    xml_named(&x, NETCONF_NS_CHANGES, "netconf-confirmed-commit") ||
		    xml_named(&x, NETCONF_NS_DEVICE, "policy-state-change"))
			session = session < 0 ? 0 : session;
		else if (session == 0 && xml_named(&x, NETCONF_NS_CHANGES, "session-id") &&
			 xml_value(&x, &text, NULL) == PCE_OK)
			session = strtol(text_get(&text), NULL, 10);
	}
	text_free(&whole);
	text_free(&text);
	return session;
}

void
work_notified(struct driver_device *d, const struct netconf_event *notification)
{
	int64_t by = changed_by(notification);

	/* What this session changed is known. */
	if (by < 0 || (by > 0 && by == (int64_t)netconf_session_id(d->session)))
		return;
	report_changed(&d->report);
}

void
work_down(struct driver_device *d, const struct pce_error *why)
{
	struct device_read reads[READS_MAX];
	struct pce_error named = *why;
	unsigned n = d->reads_count;

	pce_prefix(&named, why->status, "router %s", d->config->name);
	memcpy(reads, d->reads, sizeof reads);
	d->reads_count = 0;
	d->candidate_known = false;
	if (d->transaction != NULL) {
		netconf_transaction_lost(d->transaction, why, monotonic_now());
		work_settle(d);
	}
	for (unsigned i = 0; i < n; i++) {
		free_read(&reads[i]);
		report_read(&d->report, reads[i].effect, NULL, &named);
	}
	report_down(&d->report, &named);
}

/* --- the driver --- */

static enum pce_status
open_device(struct driver *driver, const struct config_device *device,
	    const struct config_profile *profile, struct driver_device **out, struct pce_error *err)
{
	return device_new((struct netconf_driver *)driver, device, profile, out, err);
}

static void
free_driver(struct driver *driver)
{
	struct netconf_driver *d = (struct netconf_driver *)driver;

	if (d->dns != NULL)
		evdns_base_free(d->dns, 0);
	profile_library_free(d->profiles);
	free(d);
}

static const struct driver_ops ops = { .name = "netconf",
				       .open = open_device,
				       .apply = apply,
				       .read = read_device,
				       .close = device_close,
				       .free = free_driver };

enum pce_status
netconf_driver_new(const struct driver_context *context, struct driver **out, struct pce_error *err)
{
	struct netconf_driver *d = calloc(1, sizeof *d);
	enum pce_status status;

	if (d == NULL)
		return pce_no_memory(err);
	d->base.ops = &ops;
	d->context = *context;
	d->connecting_max =
	    context->config->max_connects ? context->config->max_connects : CONNECTS;
	d->waiting_end = &d->waiting;
	status = profile_library_new(context->yang_dir, &d->profiles, err);
	if (status) {
		free(d);
		return status;
	}
	*out = &d->base;
	return PCE_OK;
}
