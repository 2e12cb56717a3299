#define _GNU_SOURCE
#include "config.h"

#include "southbound/gnmi/shell.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pce/base/array.h"
#include "southbound/clock.h"
#include "southbound/gnmi/device.h"
#include "southbound/gnmi/messages.h"

/* --- transactions --- */

static void
forget_transaction(struct driver_device *d)
{
	gnmi_transaction_free(d->transaction);
	d->transaction = NULL;
	d->deploy = NULL;
	d->running = d->prepared = false;
	arena_free(&d->transaction_memory);
}

void
gnmi_work_free(struct driver_device *d)
{
	forget_transaction(d);
}

/* A CANCEL that was asked for while PREPARE ran begins now, whatever came of it: what is there is
 * looked at first. */
static void
follow_cancel(struct driver_device *d)
{
	struct pce_error why = { 0 };
	struct deploy_result failed = { .id = d->deploy->id, .phase = DEPLOY_CANCEL };

	d->effect = d->cancel_effect;
	d->cancel_effect = 0;
	if (gnmi_transaction_run(d->transaction, DEPLOY_CANCEL, monotonic_now(), &why) == PCE_OK) {
		d->running = true;
		d->phase = DEPLOY_CANCEL;
		return;
	}
	failed.status = why.status;
	failed.text = why.text;
	report_result(&d->report, d->effect, &failed);
}

void
gnmi_work_settle(struct driver_device *d)
{
	struct deploy_result r;

	while (d->running && gnmi_transaction_result(d->transaction, &r)) {
		char text[PCE_ERROR_TEXT];

		snprintf(text, sizeof(text), "%s", r.text ? r.text : "");
		r.text = r.text ? text : NULL;
		d->running = false;
		d->prepared = r.phase == DEPLOY_PREPARE && r.status == PCE_OK;
		/* Whoever gets the result may ask for the next phase from there. */
		report_result(&d->report, d->effect, &r);
		if (d->report.closed)
			return;
		if (d->cancel_effect != 0 && r.phase == DEPLOY_PREPARE)
			follow_cancel(d);
	}
}

static enum pce_status
new_transaction(struct driver_device *d, const struct deploy_transaction *deploy,
		struct pce_error *err)
{
	const struct gnmi_transaction_setup setup = { .device = d->config->name,
						      .naming = d->naming,
						      .payload = &d->payload.payload };
	enum pce_status status =
	    profile_check(&d->payload.owner, deploy->changes, deploy->n_changes, err);

	if (status)
		return pce_prefix(err, status, "router %s", d->config->name);
	forget_transaction(d);
	d->deploy = deploy_transaction_copy(&d->transaction_memory, deploy);
	if (!d->deploy) {
		arena_free(&d->transaction_memory);
		return pce_no_memory(err);
	}
	status = gnmi_transaction_new(&setup, d->deploy, &d->transaction, err);
	if (status)
		forget_transaction(d);
	return status;
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
	gnmi_transaction_stop(d->transaction);
	return PCE_OK;
}

static enum pce_status
apply(struct driver_device *d, uint64_t effect_id, enum deploy_phase phase,
      const struct deploy_transaction *transaction, struct pce_error *err)
{
	bool known = d->transaction != NULL && d->deploy->id == transaction->id;
	enum pce_status status;

	if (!gnmi_device_is_up(d))
		return pce_fail(err, PCE_UNREACHABLE, "router %s is not connected",
				d->config->name);
	if (phase == DEPLOY_PREPARE && transaction->n_changes == 0)
		return pce_fail(err, PCE_INVALID,
				"router %s: transaction %" PRIu64 " has no changes",
				d->config->name, transaction->id);
	if (d->running)
		return apply_while_running(d, effect_id, phase, transaction, err);
	if (d->prepared && !known)
		return pce_fail(err, PCE_CONFLICT,
				"router %s: transaction %" PRIu64 " is prepared and waits for its "
				"confirmation",
				d->config->name, d->deploy->id);
	if (!known || phase == DEPLOY_PREPARE) {
		status = new_transaction(d, transaction, err);
		if (status)
			return status;
	}
	status = gnmi_transaction_run(d->transaction, phase, monotonic_now(), err);
	if (status)
		return status;
	d->running = true;
	d->phase = phase;
	d->effect = effect_id;
	gnmi_device_schedule(d);
	return PCE_OK;
}

/* --- reads --- */

static enum pce_status
read_device(struct driver_device *d, uint64_t effect_id, struct pce_error *err)
{
	if (!gnmi_device_is_up(d))
		return pce_fail(err, PCE_UNREACHABLE, "router %s is not connected",
				d->config->name);
	if (d->n_reads == READS_MAX)
		return pce_fail(err, PCE_LIMIT, "router %s: %d reads are under way already",
				d->config->name, READS_MAX);
	d->reads[d->n_reads++] = effect_id;
	gnmi_device_schedule(d);
	return PCE_OK;
}

void
gnmi_work_read(struct driver_device *d, const struct pce_error *why)
{
	struct device_state state = { 0 };
	struct pce_error err = *why;
	struct arena arena = { 0 };
	uint64_t effect = d->reads[0];

	if (err.status == PCE_OK)
		gnmi_payload_state(&d->payload, d->gather.pieces, d->gather.n_pieces, &arena,
				   &state, &err);
	if (err.status)
		pce_prefix(&err, err.status, "router %s", d->config->name);
	gnmi_gather_free(&d->gather);
	d->gathering = false;
	d->n_reads--;
	memmove(d->reads, d->reads + 1, d->n_reads * sizeof(d->reads[0]));
	report_read(&d->report, effect, err.status ? NULL : &state, &err);
	arena_free(&arena);
}

/* --- up, down and changed --- */

void
gnmi_work_up(struct driver_device *d, bool notifies)
{
	report_up(&d->report, DEVICE_ATOMIC | (notifies ? DEVICE_NOTIFIES : 0));
}

void
gnmi_work_down(struct driver_device *d, const struct pce_error *why)
{
	struct pce_error named = *why;
	uint64_t reads[READS_MAX];
	unsigned n = d->n_reads;

	pce_prefix(&named, why->status, "router %s", d->config->name);
	memcpy(reads, d->reads, sizeof(reads));
	d->n_reads = 0;
	gnmi_work_settle(d);
	for (unsigned i = 0; i < n; i++)
		report_read(&d->report, reads[i], NULL, &named);
	/* One that cannot be reached says so once, not at each attempt. */
	if (d->told_down && strcmp(d->told, named.text) == 0)
		return;
	snprintf(d->told, sizeof(d->told), "%s", named.text);
	d->told_down = true;
	report_down(&d->report, &named);
}

/* True if all that a Notification tells of is what the last transaction wrote, and not later. */
static bool
is_own(const struct driver_device *d, const Gnmi__Notification *n)
{
	struct arena arena = { 0 };
	bool own = d->transaction != NULL &&
		   (d->running || n->timestamp <= gnmi_transaction_changed_ns(d->transaction));

	for (size_t i = 0; i < n->n_update && own; i++) {
		const char *path = gnmi_path_behind(n->prefix, n->update[i]->path, &arena);

		own = path && gnmi_transaction_covers(d->transaction, path);
	}
	for (size_t i = 0; i < n->n_delete_ && own; i++) {
		const char *path = gnmi_path_behind(n->prefix, n->delete_[i], &arena);

		own = path && gnmi_transaction_covers(d->transaction, path);
	}
	arena_free(&arena);
	return own;
}

void
gnmi_work_changed(struct driver_device *d, const uint8_t *notification, size_t len)
{
	ProtobufCMessage *message = NULL;
	bool own = false;

	if (len > 0 && gnmi_message_read(&gnmi__notification__descriptor, &gnmi_type_notification,
					 notification, len, &message, NULL) == PCE_OK) {
		own = is_own(d, (const Gnmi__Notification *)(const void *)message);
		gnmi_message_free(message);
	}
	if (own)
		return;
	report_changed(&d->report);
}

/* --- the driver --- */

static void
on_item(void *ctx, const struct gnmi_item *item)
{
	struct gnmi_driver *driver = ctx;
	struct driver_device *d = item->device < driver->n ? driver->devices[item->device] : NULL;

	if (item->kind == GNMI_ITEM_ANSWER && d)
		gnmi_device_answered(d, item->answer);
}

static enum pce_status
open_device(struct driver *base, const struct config_device *device,
	    const struct config_profile *profile, struct driver_device **out, struct pce_error *err)
{
	struct gnmi_driver *driver = (struct gnmi_driver *)base;
	enum pce_status status;

	if (driver->n == driver->cap)
		return pce_fail(err, PCE_LIMIT, "more devices than the configuration has");
	status = gnmi_device_new(driver, device, profile, &driver->devices[driver->n], err);
	if (status)
		return status;
	*out = driver->devices[driver->n++];
	return PCE_OK;
}

static void
free_driver(struct driver *base)
{
	struct gnmi_driver *driver = (struct gnmi_driver *)base;

	gnmi_engine_free(driver->engine);
	for (uint32_t i = 0; driver->lines && i < driver->n; i++)
		gnmi_line_free(driver->lines[i]);
	free(driver->lines);
	free(driver->devices);
	profile_library_free(driver->profiles);
	free(driver);
}

static const struct driver_ops ops = { .name = "gnmi",
				       .open = open_device,
				       .apply = apply,
				       .read = read_device,
				       .close = gnmi_device_close,
				       .free = free_driver };

enum pce_status
gnmi_driver_new(const struct driver_context *context, struct driver **out, struct pce_error *err)
{
	struct gnmi_driver *driver = calloc(1, sizeof(*driver));
	enum pce_status status;

	if (!driver)
		return pce_no_memory(err);
	driver->base.ops = &ops;
	driver->context = *context;
	driver->cap = (uint32_t)context->config->n_devices;
	driver->devices = calloc(driver->cap + 1, sizeof(struct driver_device *));
	driver->lines = calloc(driver->cap + 1, sizeof(struct gnmi_line *));
	status = driver->devices && driver->lines
		     ? profile_library_new(context->yang_dir, &driver->profiles, err)
		     : pce_no_memory(err);
	if (status == PCE_OK)
		status = gnmi_engine_new(context->loop, on_item, driver, &driver->engine, err);
	if (status == PCE_OK)
		status = gnmi_engine_start(driver->engine, err);
	if (status)
		free_driver(&driver->base);
	else
		*out = &driver->base;
	return status;
}
