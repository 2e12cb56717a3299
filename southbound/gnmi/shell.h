/*
 * The gNMI driver (southbound/driver.h): policies by Set and Get. The calls are made on a thread
 * (line.h, an engine of its own, so that no telemetry is in front of them); what is decided is in
 * transaction.c; here, on the loop, are the queue of what a device is asked, its timers, and what
 * the service is told.
 *
 * A router is up when it answers Get: one that has no Get (streaming targets) cannot be driven, and
 * is told so. Then it is asked to tell of changes (Subscribe ON_CHANGE for the policies), which not
 * every router can; it is up whatever it says to that. A router that said nothing for 30 s is
 * pinged by Capabilities. An error that apply or read returns is the whole answer: nothing is
 * posted for that effect.
 *
 * wall_us and random of the posted events are 0: the sink's owner fills them.
 */
#ifndef SOUTHBOUND_GNMI_SHELL_H
#define SOUTHBOUND_GNMI_SHELL_H

#include "southbound/driver.h"

/* Makes the driver, and starts its thread; context is copied, what it points to must outlive the
 * driver. Freed by its ops after all devices are closed. */
enum pce_status gnmi_driver_new(const struct driver_context *context, struct driver **out,
				struct pce_error *err);

#endif
