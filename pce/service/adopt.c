/*
 * Adoption: a policy that somebody else put on a router becomes Karst's, as an intent whose path is
 * pinned to the one that the router's list takes: its transit nodes in order, as many hops, and
 * none of the links beside it. Color, endpoint and steering stay, so the traffic stays; name and
 * list become Karst's, in one replacement on the router.
 *
 * What such an intent cannot say is refused by name: several lists or candidate paths, a binding
 * SID, service SIDs that differ, a list that branches or does not arrive, a color outside of
 * Karst's range (Karst touches nothing outside of it; the configuration can widen it).
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pce/base/text.h"
#include "pce/segment/replay.h"
#include "pce/service/admit.h"

struct adoption {
	uint32_t device;
	const struct srpolicy *theirs;
	struct intent intent;
	ted_link *links; /* of the path, in order */
	size_t n_links;
	ted_node tail;
	struct arena arena;
};

/* --- what is to be adopted --- */

static bool
is_called(const struct srpolicy *policy, const char *name)
{
	char key[IP_TEXT + 16], endpoint[IP_TEXT];

	snprintf(key, sizeof(key), "%u/%s", policy->color, ip_print(&policy->endpoint, endpoint));
	return strcmp(key, name) == 0 || (policy->name && strcmp(policy->name, name) == 0);
}

static enum pce_status
find(const struct service *s, struct adoption *a, struct pce_error *why)
{
	const struct service_event *e = s->step.event;
	const char *device = e->u.operate.adopt.device, *name = e->u.operate.adopt.policy;
	struct deploy_device_view view;

	for (a->device = 0; a->device < s->n_devices; a->device++)
		if (strcmp(s->devices[a->device].config->name, device) == 0)
			break;
	if (a->device == s->n_devices)
		return pce_fail(why, PCE_NOT_FOUND, "there is no device %s", device);
	deploy_device_get(s->devices[a->device].deploy, &view);
	if (!view.connected || !view.known || s->devices[a->device].node == TED_NONE)
		return pce_fail(why, PCE_CONFLICT, "device %s is away, or its node is not known",
				device);
	for (size_t i = 0; i < view.n_foreign; i++)
		if (is_called(&view.foreign[i], name)) {
			a->theirs = &view.foreign[i];
			return PCE_OK;
		}
	return pce_fail(why, PCE_NOT_FOUND, "device %s holds no policy of others called %s", device,
			name);
}

static enum pce_status
check_shape(const struct service *s, const struct srpolicy *p, struct pce_error *why)
{
	if (p->color < s->config->color_min || p->color > s->config->color_max)
		return pce_fail(why, PCE_UNSUPPORTED,
				"its color %u is outside Karst's range %u to %u, and Karst changes "
				"nothing there: widen policy/color-low and color-high first",
				p->color, s->config->color_min, s->config->color_max);
	if (p->n_paths != 1 || p->paths[0].n_lists != 1)
		return pce_fail(why, PCE_UNSUPPORTED,
				"it has %zu candidate paths and %zu lists in the first one: only a "
				"policy with one list can be pinned to its path",
				p->n_paths, p->n_paths ? p->paths[0].n_lists : 0);
	if (p->binding_sid.family != IP_NONE)
		return pce_fail(why, PCE_UNSUPPORTED,
				"it has a binding SID, which Karst does not manage");
	for (size_t i = 1; i < p->n_steering; i++)
		if (ip_compare(&p->steering[i].service_sid, &p->steering[0].service_sid) != 0)
			return pce_fail(why, PCE_UNSUPPORTED,
					"its prefixes have different service SIDs");
	return PCE_OK;
}

/* --- its path --- */

/* Puts the links that the packet takes into order; false if they are no single way. */
static bool
line_up(const struct ted *ted, ted_node from, const struct replay_result *r, struct adoption *a)
{
	ted_node at = from;

	while (a->n_links < r->n_links) {
		size_t i = 0;

		while (i < r->n_links && ted_link_at(ted, r->links[i])->from != at)
			i++;
		if (i == r->n_links)
			return false;
		a->links[a->n_links++] = r->links[i];
		at = ted_link_at(ted, r->links[i])->to;
	}
	a->tail = at;
	return at == r->end;
}

static enum pce_status
map_path(const struct service *s, struct adoption *a, struct pce_error *why)
{
	const struct srpolicy_list *list = &a->theirs->paths[0].lists[0];
	ted_node head = s->devices[a->device].node;
	struct replay_result r = { 0 };
	enum pce_status status =
	    replay_run(s->ted, head, list->sids, list->n_sids, NULL, 0, &r, why);

	if (status)
		return status;
	a->links = arena_alloc(&a->arena, (r.n_links + 1) * sizeof(*a->links));
	if (!a->links)
		status = pce_no_memory(why);
	else if (!r.delivered)
		status = pce_fail(why, PCE_UNSUPPORTED, "its list is no path here: %s", r.text);
	else if (r.width > 1 || r.n_links == 0 || !line_up(s->ted, head, &r, a))
		status = pce_fail(why, PCE_UNSUPPORTED,
				  "its list takes %zu links over up to %u ways at once: it cannot "
				  "be pinned to one path",
				  r.n_links, r.width);
	replay_result_free(&r);
	return status;
}

static enum pce_status
check_endpoint(const struct service *s, const struct adoption *a, struct pce_error *why)
{
	struct ip_addr endpoint;
	char theirs[IP_TEXT], ours[IP_TEXT];
	enum pce_status status = policy_endpoint(s->ted, a->tail, &endpoint, why);

	if (status)
		return status;
	if (ip_compare(&endpoint, &a->theirs->endpoint) != 0)
		return pce_fail(why, PCE_UNSUPPORTED,
				"its path ends at %s, whose address is %s, but its endpoint is %s",
				ted_node_at(s->ted, a->tail)->name, ip_print(&endpoint, ours),
				ip_print(&a->theirs->endpoint, theirs));
	return PCE_OK;
}

/* --- as an intent --- */

static enum pce_status
add_name(struct adoption *a, const char **names, size_t *n, const char *name, struct pce_error *why)
{
	names[*n] = arena_strdup(&a->arena, name);
	if (!names[*n])
		return pce_no_memory(why);
	++*n;
	return PCE_OK;
}

/* Links beside one of the path, between the same nodes. */
static enum pce_status
avoid_beside(const struct ted *ted, struct adoption *a, ted_link link, const char **names,
	     size_t *n, struct pce_error *why)
{
	const struct ted_link_row *row = ted_link_at(ted, link);
	size_t count;
	const ted_link *links = ted_links_out(ted, row->from, &count);
	enum pce_status status = PCE_OK;

	for (size_t i = 0; i < count && status == PCE_OK; i++)
		if (links[i] != link && ted_link_at(ted, links[i])->to == row->to)
			status = add_name(a, names, n, ted_link_at(ted, links[i])->name, why);
	return status;
}

static enum pce_status
pin(const struct service *s, struct adoption *a, struct pce_error *why)
{
	const char **vias = arena_alloc(&a->arena, (a->n_links + 1) * sizeof(*vias)), **beside;
	size_t n_vias = 0, n_beside = 0, most = 0, hops = 0;
	enum pce_status status = PCE_OK;

	for (size_t i = 0; i < a->n_links; i++) {
		size_t n;

		(void)ted_links_out(s->ted, ted_link_at(s->ted, a->links[i])->from, &n);
		most += n;
	}
	beside = arena_alloc(&a->arena, (most + 1) * sizeof(*beside));
	if (!vias || !beside)
		return pce_no_memory(why);
	for (size_t i = 0; i < a->n_links && status == PCE_OK; i++) {
		const struct ted_link_row *row = ted_link_at(s->ted, a->links[i]);
		const struct ted_node_row *from = ted_node_at(s->ted, row->from);

		hops += !from->pseudonode;
		if (i > 0 && !from->pseudonode)
			status = add_name(a, vias, &n_vias, from->name, why);
		if (status == PCE_OK)
			status = avoid_beside(s->ted, a, a->links[i], beside, &n_beside, why);
	}
	a->intent.via = (struct name_list){ vias, n_vias };
	a->intent.avoid_links = (struct name_list){ beside, n_beside };
	a->intent.max_hops = hops;
	return status;
}

static enum pce_status
steer(struct adoption *a, struct pce_error *why)
{
	const struct srpolicy *p = a->theirs;
	struct ip_prefix *prefixes =
	    arena_alloc(&a->arena, (p->n_steering + 1) * sizeof(*prefixes));

	if (!prefixes)
		return pce_no_memory(why);
	for (size_t i = 0; i < p->n_steering; i++)
		prefixes[i] = p->steering[i].prefix;
	a->intent.prefixes = prefixes;
	a->intent.n_prefixes = p->n_steering;
	if (p->n_steering > 0)
		a->intent.service_sid = p->steering[0].service_sid;
	return PCE_OK;
}

/* Not PCE_OK: the answer to the operator. */
static enum pce_status
make_intent(struct service *s, struct adoption *a, struct pce_error *why)
{
	const char *id = s->step.event->u.operate.adopt.intent;
	enum pce_status status = find(s, a, why);

	if (status == PCE_OK)
		status = check_shape(s, a->theirs, why);
	if (status == PCE_OK)
		status = map_path(s, a, why);
	if (status == PCE_OK)
		status = check_endpoint(s, a, why);
	if (status)
		return status;
	a->intent = intent_init();
	a->intent.id = id && *id ? id : a->theirs->name;
	a->intent.description = "adopted";
	a->intent.from = ted_node_at(s->ted, s->devices[a->device].node)->name;
	a->intent.to = ted_node_at(s->ted, a->tail)->name;
	a->intent.objective = PATH_IGP;
	a->intent.color = a->theirs->color;
	if (!a->intent.id)
		return pce_fail(why, PCE_INVALID, "it has no name: say how the intent is called");
	status = pin(s, a, why);
	return status ? status : steer(a, why);
}

/* The admission that this step made; NULL: it was refused, or a dry run. */
static struct admission *
made(const struct service *s)
{
	for (struct admission *a = s->admissions; a; a = a->next)
		if (a->request == s->step.event->id && !a->deletion && a->batch == 0)
			return a;
	return NULL;
}

/* Puts the intent as if a client had, and notes whose policy its own takes the place of. */
static enum pce_status
put(struct service *s, const struct adoption *a, struct pce_error *err)
{
	const struct service_event *order = s->step.event;
	struct service_event event = *order;
	struct admission *admission;
	enum pce_status status;

	event.kind = SERVICE_INTENT_PUT;
	event.u.intent_put.intent = &a->intent;
	event.u.intent_put.author = order->u.operate.author;
	event.u.intent_put.if_match = UINT64_MAX;
	event.u.intent_put.dry_run = order->u.operate.dry_run;
	s->step.event = &event;
	status = admit_put(s, err);
	admission = status == PCE_OK ? made(s) : NULL;
	s->step.event = order;
	for (size_t i = 0; admission && i < admission->n; i++) {
		struct admission_part *part = &admission->parts[i];

		if (!part->next.record)
			continue;
		part->next.record->adopts =
		    arena_strdup(&part->next.arena, a->theirs->name ? a->theirs->name : "");
		if (!part->next.record->adopts)
			return pce_no_memory(err);
	}
	return status;
}

enum pce_status
adopt_event(struct service *s, struct pce_error *err)
{
	struct adoption a = { .tail = TED_NONE };
	struct pce_error why = { 0 };
	struct reply_facts facts = { .why = &why };
	enum pce_status status = feed_settle(s, err);

	if (status)
		return status;
	facts.status = make_intent(s, &a, &why);
	if (facts.status == PCE_NO_MEMORY)
		status = pce_no_memory(err);
	else if (facts.status)
		status = send_reply(s, s->step.event->id, &facts, err);
	else
		status = put(s, &a, err);
	arena_free(&a.arena);
	return status;
}
