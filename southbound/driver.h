/*
 * The seam to the routers: one small vtable per protocol (NETCONF, gNMI). Everything is
 * non-blocking; results come back as events through the sink, from the event loop and never from
 * inside a call.
 */
#ifndef SOUTHBOUND_DRIVER_H
#define SOUTHBOUND_DRIVER_H

#include "pce/deploy/transaction.h"
#include "pce/service/config.h"
#include "pce/service/event.h"

struct event_base;

/* Where events go. The event's pointers are borrowed for the length of the call. */
struct event_sink {
	void (*post)(void *ctx, const struct service_event *event);
	void *ctx;
};

/* What every device of a driver shares. */
struct driver_context {
	struct event_base *loop;
	struct event_sink sink;
	const struct karst_config *config;
	uint64_t seed; /* jitter of back-off */
	const char *yang_dir; /* colon-separated folders of YANG modules */
};

struct driver; /* one driver with all its devices; made by netconf_driver_new and its like */
struct driver_device; /* one router */

struct driver_ops {
	const char *name; /* as in the configuration */
	/*
	 * Starts to connect and keeps connected (back-off, at most config->max_connects at once)
	 * until close. Posts SERVICE_DEVICE_UP and _DOWN. device and profile must outlive it.
	 */
	enum pce_status (*open)(struct driver *driver, const struct config_device *device,
				const struct config_profile *profile, struct driver_device **out,
				struct pce_error *err);
	/*
	 * Runs a phase; posts SERVICE_DEVICE_RESULT with effect_id. One open transaction per
	 * device: another one is refused with PCE_CONFLICT. The transaction is copied. CANCEL of
	 * one that is still preparing stops it.
	 */
	enum pce_status (*apply)(struct driver_device *device, uint64_t effect_id,
				 enum deploy_phase phase,
				 const struct deploy_transaction *transaction,
				 struct pce_error *err);
	/* Reads what the router holds; posts SERVICE_DEVICE_READ with effect_id. */
	enum pce_status (*read)(struct driver_device *device, uint64_t effect_id,
				struct pce_error *err);
	/* Closes the session; nothing is posted for it afterwards. */
	void (*close)(struct driver_device *device);
	/* Frees the driver after all its devices are closed. */
	void (*free)(struct driver *driver);
};

/* Every driver begins with this. */
struct driver {
	const struct driver_ops *ops;
};

#endif
