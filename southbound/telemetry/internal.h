/* What the files of this room share. */
#ifndef SOUTHBOUND_TELEMETRY_INTERNAL_H
#define SOUTHBOUND_TELEMETRY_INTERNAL_H

#include "southbound/telemetry/telemetry.h"
#include "southbound/telemetry/window.h"

#define NO_WATCHED UINT32_MAX
#define WATCHED_ADDRESSES 4

/* What is known of an object, or was told of it. */
struct summary {
	uint32_t present; /* enum telemetry_field */
	uint64_t rate_bps;
	uint32_t delay_us, loss_ppb;
	bool oper_down;
};

/* An interface or a policy of a device. */
struct watched {
	char *name; /* NULL: not there */
	bool policy, flow;
	ted_link link; /* TED_NONE: no link that is known */
	uint64_t capacity_bps; /* of the link; 0 not known */
	bool has_index, has_loss, has_oper, up;
	uint64_t index;
	struct ip_addr addresses[WATCHED_ADDRESSES];
	size_t n_addresses;
	struct window *rate, *delay; /* NULL until something came */
	double loss_ppb;
	uint64_t last_rate_bps;
	struct usec rate_at, delay_at, loss_at, oper_at; /* 0: never, or forgotten */
	struct usec oper_since; /* up or down */
	struct summary measured, now, told;
	bool dirty;
	struct usec look_at;
};

struct watched_device {
	struct watched *objects; /* by the meter's numbers */
	size_t n, cap;
};

/* What is kept for a link, whoever measures it. */
struct link_state {
	uint32_t device, object; /* NO_WATCHED: nobody measures it now */
	struct history history; /* length_s 0: nobody ever did */
};

struct telemetry {
	const struct karst_config *config;
	struct watched_device *devices;
	size_t n_devices;
	struct link_state *links; /* by row */
	size_t n_links, cap_links;
	bool rebind, some_dirty;
	bool handed_out; /* what is in told_links and told_policies */
	uint64_t bound_revision;
	struct usec deadline;
	struct telemetry_link *told_links;
	size_t n_told_links, cap_links_told;
	struct telemetry_policy *told_policies;
	size_t n_told_policies, cap_policies_told;
	struct usec told_received;
	struct telemetry_counts counts;
};

#endif
