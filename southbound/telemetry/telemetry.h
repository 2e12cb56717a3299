/*
 * From readings to what the service has to know: which interface of which router is which link,
 * smoothed values, and summaries only when something changed by enough. Runs on the loop, reads no
 * clock. Everything that is kept for a link is found here: parts of a number, ages, history.
 *
 * An interface is a link out of its router's node if the configuration says so, or its name is the
 * link's, or its index is the link-local identifier that the IGP advertises, or it has the link's
 * local address; in this order, and only if no other link fits as well.
 */
#ifndef SOUTHBOUND_TELEMETRY_TELEMETRY_H
#define SOUTHBOUND_TELEMETRY_TELEMETRY_H

#include "pce/service/config.h"
#include "pce/service/event.h"
#include "pce/ted/ted.h"
#include "southbound/telemetry/history.h"
#include "southbound/telemetry/meter.h"

struct telemetry;

/* One link as it is measured. */
struct telemetry_view {
	const char *device, *interface; /* where it is measured; NULL: nowhere */
	uint32_t present; /* enum telemetry_field: fresh now */
	uint64_t rate_bps; /* smoothed */
	uint64_t last_rate_bps; /* of the last interval */
	uint32_t delay_us, loss_ppb;
	bool oper_down;
	uint64_t reported_bps; /* what the service was told last */
	struct usec rate_at; /* when the last rate was received */
};

struct telemetry_counts {
	uint64_t readings, summaries,
	    unbound; /* unbound: readings of interfaces that are no link */
	size_t links, policies; /* measured now */
};

/* config must outlive it. Caller owns *out; telemetry_free(NULL) does nothing. */
enum pce_status telemetry_new(const struct karst_config *config, struct telemetry **out,
			      struct pce_error *err);
void telemetry_free(struct telemetry *t);

/*
 * Takes a reading of a device (by its number in the configuration). wall_us: our wall clock.
 * PCE_NO_MEMORY loses the reading.
 */
enum pce_status telemetry_reading(struct telemetry *t, uint32_t device,
				  const struct meter_reading *reading, int64_t wall_us,
				  struct pce_error *err);
/*
 * Ties interfaces to the rows of ted, if either changed since; cheap when nothing did, else some
 * hundred nanoseconds an interface.
 */
enum pce_status telemetry_bind(struct telemetry *t, const struct ted *ted, struct pce_error *err);

/*
 * What the service has to be told now: fills the telemetry part of *out, whose arrays live until
 * the next call; false if there is nothing. Marks it as told.
 */
bool telemetry_summaries(struct telemetry *t, const struct ted *ted, struct usec now,
			 struct service_event *out);
/* When something becomes stale, or comes up after its hold time: call telemetry_summaries then. */
struct usec telemetry_deadline(const struct telemetry *t);

/* One link by its row; false if nothing ever was measured of it. */
bool telemetry_view_link(const struct telemetry *t, ted_link link, struct telemetry_view *out);
/* Its history; NULL without one. */
const struct history *telemetry_view_history(const struct telemetry *t, ted_link link);
/*
 * Packets in 1000 s, smoothed, of a policy that come in at a device; name is "COLOR ENDPOINT
 * HEADEND" as the router writes them. False if that is not measured there now. O(objects).
 */
bool telemetry_view_flow(const struct telemetry *t, uint32_t device, const char *name,
			 uint64_t *out);
void telemetry_view_counts(const struct telemetry *t, struct telemetry_counts *out);

#endif
