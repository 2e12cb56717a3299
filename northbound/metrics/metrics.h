/* Metrics in Prometheus' text format, version 0.0.4. */
#ifndef NORTHBOUND_METRICS_METRICS_H
#define NORTHBOUND_METRICS_METRICS_H

#include "northbound/events/stream.h"
#include "northbound/http/http.h"
#include "pce/service/service.h"

/* How many there are of what the service shows. */
struct metrics_counts {
	size_t nodes, links, links_up, links_one_way; /* rows that some source has */
	size_t intents, policies;
	size_t intent_states[INTENT_FAILED + 1];
	size_t policy_states[POLICY_REMOVING + 1];
	size_t devices, devices_connected;
};

/* Counts; O(rows), about 10 ns each. */
void metrics_count(const struct service *service, struct metrics_counts *out);

/* What the API itself counts. */
struct metrics_api {
	struct http_counters http;
	struct events_counters events;
	uint64_t denied; /* requests without a right to what they asked for */
};

/* Appends all metrics; sticky on lack of memory, see text_ok. */
void metrics_print(const struct service *service, const struct metrics_api *api, struct text *out);

#endif
