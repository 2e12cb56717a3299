/* One router of the gNMI driver. Internal to southbound/gnmi: device.c asks it one thing after the
 * other and keeps it up, shell.c gives it work. */
#ifndef SOUTHBOUND_GNMI_DEVICE_H
#define SOUTHBOUND_GNMI_DEVICE_H

#include "southbound/gnmi/gather.h"
#include "southbound/gnmi/line.h"
#include "southbound/gnmi/payload.h"
#include "southbound/profile/library.h"
#include "southbound/report.h"

#define READS_MAX 8

struct event;

struct gnmi_driver {
	struct driver base;
	struct driver_context context;
	struct profile_library *profiles;
	struct gnmi_engine *engine;
	struct driver_device **devices; /* by number; NULL: closed */
	struct gnmi_line **lines;
	uint32_t n, cap;
};

enum device_state_kind {
	DEVICE_AWAY,
	DEVICE_PROBING, /* connected: does it answer Get? */
	DEVICE_WATCHING, /* will it tell of changes? */
	DEVICE_UP
};

/* Whose the call is that is under way. */
enum caller { CALLER_NONE, CALLER_PROBE, CALLER_PING, CALLER_TRANSACTION, CALLER_READ };

struct driver_device {
	struct gnmi_driver *driver;
	struct gnmi_line *line;
	uint32_t number;
	const struct config_device *config;
	struct gnmi_device_payload payload;
	struct gnmi_naming naming;
	struct arena memory; /* of what stays */
	const char *const *paths; /* all policies */
	size_t n_paths;
	struct event *timer;
	enum device_state_kind state;
	struct usec state_by, heard;
	char told[PCE_ERROR_TEXT]; /* why it is away, as told last */
	bool told_down;
	unsigned busy; /* callbacks in progress: not to be freed yet */
	struct report report;
	/* the call that is under way */
	enum caller caller;
	uint64_t call;
	struct usec call_by; /* the engine must have answered */
	/* work */
	struct gnmi_transaction *transaction; /* running, prepared, or the last one */
	struct arena transaction_memory;
	const struct deploy_transaction *deploy;
	bool running, prepared;
	enum deploy_phase phase;
	uint64_t effect, cancel_effect;
	struct gnmi_gather gather; /* of the probe, or of the first read */
	bool gathering;
	uint64_t reads[READS_MAX]; /* effects, first come first */
	unsigned n_reads;
};

/* Makes a device that begins to connect. */
enum pce_status gnmi_device_new(struct gnmi_driver *driver, const struct config_device *config,
				const struct config_profile *profile, struct driver_device **out,
				struct pce_error *err);
/* Frees the device, as soon as no callback of it is in progress. */
void gnmi_device_close(struct driver_device *d);
/* Has the device looked after when the loop runs next. */
void gnmi_device_schedule(struct driver_device *d);
/* True if a transaction or a read can be asked. */
bool gnmi_device_is_up(const struct driver_device *d);
/* An answer of its line. */
void gnmi_device_answered(struct driver_device *d, const struct gnmi_answer *answer);

/* --- in shell.c, called by device.c --- */

/* It is up. */
void gnmi_work_up(struct driver_device *d, bool notifies);
/* It is not, or an attempt failed: posts what has to be answered. */
void gnmi_work_down(struct driver_device *d, const struct pce_error *why);
/* It told of a change (no octets: of some change). */
void gnmi_work_changed(struct driver_device *d, const uint8_t *notification, size_t len);
/* The first read is answered, or failed. */
void gnmi_work_read(struct driver_device *d, const struct pce_error *why);
/* Posts results that are there. */
void gnmi_work_settle(struct driver_device *d);
/* Frees what belongs to work. */
void gnmi_work_free(struct driver_device *d);

#endif
