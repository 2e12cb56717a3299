/* Metrics; see metrics.h. */
#include "config.h"

#include "northbound/metrics/metrics.h"

#include <inttypes.h>
#include <string.h>

static void
count_rows(const struct ted *ted, struct metrics_counts *out)
{
	for (ted_node i = 0; i < ted_node_count(ted); i++)
		out->nodes += !(ted_node_at(ted, i)->unusable & TED_UNUSABLE_WITHDRAWN);
	for (ted_link i = 0; i < ted_link_count(ted); i++) {
		uint32_t unusable = ted_link_at(ted, i)->unusable;

		out->links += !(unusable & TED_UNUSABLE_WITHDRAWN);
		out->links_one_way += (unusable & TED_UNUSABLE_ONE_WAY) != 0;
		out->links_up += ted_link_usable(ted, i);
	}
}

void
metrics_count(const struct service *service, struct metrics_counts *out)
{
	struct service_view_intent intent;
	struct service_view_policy policy;
	struct service_view_device device;

	*out = (struct metrics_counts){ 0 };
	count_rows(service_view_ted(service), out);
	for (; service_view_intent_at(service, out->intents, &intent); out->intents++)
		out->intent_states[intent.state]++;
	for (; service_view_policy_at(service, out->policies, &policy); out->policies++)
		out->policy_states[policy.state]++;
	for (; service_view_device_at(service, out->devices, &device); out->devices++)
		out->devices_connected += device.connected;
}

static void
head(struct text *out, const char *name, const char *type, const char *help)
{
	text_printf(out, "# HELP karst_%s %s\n# TYPE karst_%s %s\n", name, help, name, type);
}

static void
gauge(struct text *out, const char *name, const char *help, uint64_t value)
{
	head(out, name, "gauge", help);
	text_printf(out, "karst_%s %" PRIu64 "\n", name, value);
}

static void
counter(struct text *out, const char *name, const char *help, uint64_t value)
{
	head(out, name, "counter", help);
	text_printf(out, "karst_%s %" PRIu64 "\n", name, value);
}

/* A label's value: backslash, quote and line feed are escaped. */
static void
label(struct text *out, const char *value)
{
	for (; *value; value++) {
		if (*value == '\n')
			text_add(out, "\\n");
		else if (*value == '"' || *value == '\\')
			text_printf(out, "\\%c", *value);
		else
			text_bytes(out, value, 1);
	}
}

static void
print_states(struct text *out, const struct metrics_counts *counts)
{
	head(out, "intents", "gauge", "Intents by state.");
	for (int i = INTENT_ADMITTED; i <= INTENT_FAILED; i++)
		text_printf(out, "karst_intents{state=\"%s\"} %zu\n",
			    intent_state_name((enum intent_state)i), counts->intent_states[i]);
	head(out, "policies", "gauge", "Policies by state.");
	for (int i = POLICY_PENDING; i <= POLICY_REMOVING; i++)
		text_printf(out, "karst_policies{state=\"%s\"} %zu\n",
			    policy_state_name((enum policy_state)i), counts->policy_states[i]);
}

static void
print_feeds(const struct service *service, struct text *out)
{
	struct service_view_feed feed;

	head(out, "feed_up", "gauge", "1 while the session of a feed is up.");
	for (size_t i = 0; service_view_feed_at(service, i, &feed); i++) {
		text_add(out, "karst_feed_up{feed=\"");
		label(out, feed.name);
		text_printf(out, "\"} %d\n", feed.up);
	}
	head(out, "feed_updates_total", "counter", "Updates that a feed has sent.");
	for (size_t i = 0; service_view_feed_at(service, i, &feed); i++) {
		text_add(out, "karst_feed_updates_total{feed=\"");
		label(out, feed.name);
		text_printf(out, "\"} %" PRIu64 "\n", feed.updates);
	}
}

static void
print_lists(const struct service *service, struct text *out)
{
	struct service_view_counters lists;

	service_view_counters(service, &lists);
	counter(out, "lists_strayed_total",
		"Installed segment lists that were found to forward otherwise than their path.",
		lists.lists_strayed);
	counter(out, "lists_refused_total",
		"Compiled segment lists that replay did not confirm; they were not pushed.",
		lists.lists_refused);
}

/* A gauge of every link that is measured. */
static void
print_link_gauge(const struct ted *ted, struct text *out, const char *name, const char *help,
		 uint64_t (*value)(const struct ted *ted, ted_link link))
{
	head(out, name, "gauge", help);
	for (ted_link i = 0; i < ted_link_count(ted); i++) {
		const struct ted_link_row *row = ted_link_at(ted, i);

		if (row->measured_bps == 0 || row->unusable & TED_UNUSABLE_WITHDRAWN)
			continue;
		text_printf(out, "karst_%s{link=\"", name);
		label(out, row->name);
		text_printf(out, "\"} %" PRIu64 "\n", value(ted, i));
	}
}

static uint64_t
measured(const struct ted *ted, ted_link link)
{
	return ted_link_at(ted, link)->measured_bps;
}

static uint64_t
booked(const struct ted *ted, ted_link link)
{
	return ted_link_at(ted, link)->booked_bps;
}

static uint64_t
unbooked(const struct ted *ted, ted_link link)
{
	return ted_link_at(ted, link)->unbooked_bps;
}

static void
print_links(const struct ted *ted, struct text *out)
{
	print_link_gauge(ted, out, "link_measured_bps", "Traffic of links that are measured.",
			 measured);
	print_link_gauge(ted, out, "link_booked_bps", "Bookings on links that are measured.",
			 booked);
	print_link_gauge(ted, out, "link_unbooked_bps", "Measured traffic that nobody booked.",
			 unbooked);
	print_link_gauge(ted, out, "link_residual_bps", "What may still be booked.",
			 ted_residual_bps);
}

static void
print_alarms(const struct service *service, struct text *out)
{
	size_t counts[ALARM_CRITICAL + 1] = { 0 };
	struct alarm alarm;

	for (size_t i = 0; service_view_alarm_at(service, i, &alarm); i++)
		counts[alarm.severity]++;
	head(out, "alarms", "gauge", "Open alarms by severity.");
	for (int i = ALARM_WARNING; i <= ALARM_CRITICAL; i++)
		text_printf(out, "karst_alarms{severity=\"%s\"} %zu\n",
			    alarm_severity_name((enum alarm_severity)i), counts[i]);
}

static void
print_api(const struct metrics_api *api, struct text *out)
{
	counter(out, "http_requests_total", "Requests that were handled.", api->http.requests);
	counter(out, "http_refused_total", "Requests with ambiguous framing or an impossible path.",
		api->http.refused);
	counter(out, "http_denied_total", "Requests without the right to what they asked for.",
		api->denied);
	counter(out, "http_slow_total", "Connections closed at a deadline.", api->http.slow);
	counter(out, "http_overfull_total", "Connections cut because too much was coming in.",
		api->http.overfull);
	counter(out, "http_evicted_total", "Idle connections closed to make room for others.",
		api->http.evicted);
	counter(out, "http_lagging_total", "Event streams cut because their reader was too slow.",
		api->http.lagging);
	gauge(out, "http_connections", "Open connections.", api->http.connections);
	gauge(out, "event_streams", "Open event streams.", api->events.clients);
	counter(out, "events_total", "Events since the start.", api->events.events);
	counter(out, "events_unprintable_total", "Events that could not be kept or printed.",
		api->events.unprintable);
}

void
metrics_print(const struct service *service, const struct metrics_api *api, struct text *out)
{
	struct metrics_counts counts;

	metrics_count(service, &counts);
	gauge(out, "topology_revision", "Revision of the topology.",
	      ted_revision(service_view_ted(service)));
	gauge(out, "nodes", "Nodes that some source has.", counts.nodes);
	gauge(out, "links", "Directed links that some source has.", counts.links);
	gauge(out, "links_up", "Directed links that can be used.", counts.links_up);
	gauge(out, "links_one_way", "Half-links whose other half no feed shows.",
	      counts.links_one_way);
	gauge(out, "devices", "Devices that are configured.", counts.devices);
	gauge(out, "devices_connected", "Devices with a session.", counts.devices_connected);
	print_states(out, &counts);
	print_feeds(service, out);
	print_lists(service, out);
	print_links(service_view_ted(service), out);
	print_alarms(service, out);
	print_api(api, out);
}
