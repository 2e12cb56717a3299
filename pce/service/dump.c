/* A complete dump by names and canonical keys: equal services give equal bytes. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "pce/service/internal.h"

static void
dump_sids(const struct srpolicy_list *list, struct text *out)
{
	for (size_t i = 0; i < list->n_sids; i++) {
		struct ip_addr sid = ip_v6(list->sids[i]);
		char at[IP_TEXT];

		text_printf(out, " %s", ip_print(&sid, at));
	}
}

static void
dump_bound(const struct policy_bound *bound, struct text *out)
{
	for (size_t k = 0; k < policy_bound_count(bound); k++)
		text_printf(out, "   %s %s\n", k < bound->n_links ? "link" : "branch",
			    policy_bound_key(bound, k));
}

static void
dump_paths(const struct policy_record *r, struct text *out)
{
	size_t at = 0;

	for (size_t i = 0; i < r->srpolicy.n_paths; i++) {
		const struct srpolicy_path *path = &r->srpolicy.paths[i];

		text_printf(out, "  path %s preference %u\n", path->name, path->preference);
		for (size_t k = 0; k < path->n_lists; k++) {
			text_printf(out, "   list weight %u books %" PRIu64 ":",
				    path->lists[k].weight, r->bound[at].bps);
			dump_sids(&path->lists[k], out);
			text_add(out, "\n");
			dump_bound(&r->bound[at++], out);
		}
	}
	for (size_t k = 0; k < r->n_held; k++)
		text_printf(out, "  held %" PRIu64 " on %s\n", r->held[k].bps, r->held[k].link_key);
}

static void
dump_policy(const struct service *s, const struct service_policy *p, struct text *out)
{
	const struct policy_record *r = p->now.record;
	char endpoint[IP_TEXT];

	text_printf(out,
		    " policy %s color %u endpoint %s name %s state %s generation %" PRIu64
		    " booked %" PRIu64 "%s\n",
		    p->id, r->srpolicy.color, ip_print(&r->srpolicy.endpoint, endpoint),
		    r->srpolicy.name, policy_state_name(p->standing.state), r->generation,
		    r->booked_bps, r->removing ? " removing" : "");
	text_printf(out, "  headend %s device %s\n", r->headend,
		    p->device == NO_DEVICE ? "-" : s->devices[p->device].config->name);
	if (p->standing.reason[0])
		text_printf(out, "  reason %s\n", p->standing.reason);
	for (size_t i = 0; i < r->srpolicy.n_steering; i++) {
		const struct srpolicy_steering *steering = &r->srpolicy.steering[i];
		char prefix[IP_TEXT], sid[IP_TEXT];

		text_printf(out, "  steer %s %s\n", ip_print_prefix(&steering->prefix, prefix),
			    ip_print(&steering->service_sid, sid));
	}
	dump_paths(r, out);
}

static void
dump_intent(const struct service_intent *i, struct text *out)
{
	text_printf(
	    out, " intent %s revision %" PRIu64 " state %s from %s to %s bandwidth %" PRIu64 "\n",
	    i->id, i->revision, intent_state_name(i->state), i->intent->from, i->intent->to,
	    i->intent->bandwidth_bps);
	if (i->reason)
		text_printf(out, "  reason %s\n", i->reason);
}

struct keyed {
	const char *key;
	uint64_t bps;
};

static int
compare_keys(const void *a, const void *b)
{
	return strcmp(((const struct keyed *)a)->key, ((const struct keyed *)b)->key);
}

static void
dump_bookings(const struct service *s, struct text *out)
{
	uint32_t count = ted_link_count(s->ted);
	struct keyed *links = calloc((size_t)count + 1, sizeof(*links));
	size_t n = 0;

	if (!links) {
		out->bad = true;
		return;
	}
	for (uint32_t i = 0; i < count; i++) {
		uint64_t bps = ted_link_at(s->ted, i)->booked_bps;

		if (bps)
			links[n++] = (struct keyed){ ted_link_key_text(s->ted, i), bps };
	}
	qsort(links, n, sizeof(*links), compare_keys);
	for (size_t i = 0; i < n; i++)
		text_printf(out, " booked %" PRIu64 " on %s\n", links[i].bps, links[i].key);
	free(links);
}

static void
dump_device(const struct service_device *d, struct text *out)
{
	struct deploy_device_view view;

	deploy_device_get(d->deploy, &view);
	text_printf(out,
		    " device %s connected %d known %d busy %d policies %zu pending %zu refused %zu "
		    "foreign %zu %s\n",
		    d->config->name, view.connected, view.known, view.busy, view.n_policies,
		    view.n_pending, view.n_refused, view.n_foreign, view.text ? view.text : "");
}

void
service_dump(const struct service *s, struct text *out)
{
	text_add(out, "intents\n");
	for (size_t i = 0; i < s->n_intents; i++)
		dump_intent(s->intents[i], out);
	text_add(out, "policies\n");
	for (size_t i = 0; i < s->n_policies; i++)
		dump_policy(s, s->policies[i], out);
	text_add(out, "bookings\n");
	dump_bookings(s, out);
	text_add(out, "devices\n");
	for (size_t i = 0; i < s->n_devices; i++)
		dump_device(&s->devices[i], out);
	text_printf(out, "mode %s%s%s\n", operate_mode_name(s->mode),
		    s->guard.frozen ? ", frozen: " : "", s->guard.reason);
	for (size_t i = 0; i < s->n_drains; i++)
		text_printf(out, "drained %s %s\n", drain_kind_name(s->drains[i].drain.kind),
			    s->drains[i].name);
	for (size_t i = 0; i < s->n_damped; i++)
		text_printf(out, "damped %s held %d losses %u\n", s->damped[i].key,
			    s->damped[i].d.held, s->damped[i].d.losses);
	text_add(out, "alarms\n");
	for (size_t i = 0; i < s->alarms.n; i++)
		text_printf(out, " alarm %s %s %s\n", s->alarms.items[i].object,
			    s->alarms.items[i].cause,
			    s->alarms.items[i].text ? s->alarms.items[i].text : "");
}
