/* Which interface is which link; see telemetry.h. */
#include <string.h>

#include "pce/base/array.h"
#include "southbound/telemetry/internal.h"

static bool
has_address(const struct watched *o, const struct ip_addr *address)
{
	for (size_t i = 0; address->family != IP_NONE && i < o->n_addresses; i++)
		if (ip_compare(&o->addresses[i], address) == 0)
			return true;
	return false;
}

/*
 * Rungs of the ladder, best first; 0: it is not this link. A link that was withdrawn comes after
 * all that were not: its interface is measured on, because that may contradict who withdrew it.
 */
#define RUNGS 4

static int
fits(const struct telemetry *t, uint32_t device, const struct watched *o,
     const struct ted_link_row *row)
{
	const struct config_device *d = &t->config->devices[device];

	for (size_t i = 0; i < d->n_interfaces; i++)
		if (strcmp(d->interfaces[i].name, o->name) == 0)
			return strcmp(d->interfaces[i].link, row->name) == 0 ? 4 : 0;
	if (strcmp(row->name, o->name) == 0)
		return 3;
	if (o->has_index && row->local_id != 0 && row->local_id == o->index)
		return 2;
	return has_address(o, &row->v6_local) || has_address(o, &row->v4_local) ? 1 : 0;
}

static ted_link
find_link(const struct telemetry *t, const struct ted *ted, uint32_t device, ted_node node,
	  const struct watched *o)
{
	size_t n;
	const ted_link *links = ted_links_out(ted, node, &n);
	ted_link best = TED_NONE;
	int rung = 0;
	bool twice = false;

	for (size_t i = 0; i < n; i++) {
		const struct ted_link_row *row = ted_link_at(ted, links[i]);
		int here = fits(t, device, o, row);

		if (here > 0 && !(row->unusable & TED_UNUSABLE_WITHDRAWN))
			here += RUNGS;

		twice = here > rung ? false : twice || (here == rung && here > 0);
		if (here > rung) {
			rung = here;
			best = links[i];
		}
	}
	return twice ? TED_NONE : best;
}

/* An object is tied to another link, or to none: what was told of the former one is taken back. */
static bool
tie(struct telemetry *t, const struct ted *ted, uint32_t device, uint32_t number, ted_link link)
{
	struct watched *o = &t->devices[device].objects[number];
	struct link_state *state = link == TED_NONE ? NULL : &t->links[link];

	if (state && state->device != NO_WATCHED &&
	    (state->device != device || state->object != number))
		return false;
	if (o->link != link && o->told.present && o->link != TED_NONE) {
		if (t->handed_out)
			t->n_told_links = t->n_told_policies = 0;
		t->handed_out = false;
		if (array_reserve(&t->told_links, &t->cap_links_told, t->n_told_links + 1,
				  sizeof(*t->told_links), NULL) == PCE_OK)
			t->told_links[t->n_told_links++] =
			    (struct telemetry_link){ .key = ted_link_key_text(ted, o->link) };
		o->told = (struct summary){ 0 };
	}
	o->dirty = o->dirty || o->link != link;
	o->link = link;
	if (!state)
		return true;
	state->device = device;
	state->object = number;
	if (state->history.length_s == 0)
		history_init(&state->history, t->config->telemetry.resolution_s,
			     t->config->telemetry.keep_s);
	o->capacity_bps = ted_link_at(ted, link)->capacity_bps;
	return true;
}

static void
bind_device(struct telemetry *t, const struct ted *ted, uint32_t device)
{
	ted_node node;

	if (ted_find_node(ted, t->config->devices[device].node, &node, NULL))
		return;
	for (uint32_t k = 0; k < t->devices[device].n; k++) {
		struct watched *o = &t->devices[device].objects[k];

		if (!o->name || o->policy || o->flow)
			continue;
		if (!tie(t, ted, device, k, find_link(t, ted, device, node, o)))
			(void)tie(t, ted, device, k, TED_NONE);
	}
}

enum pce_status
telemetry_bind(struct telemetry *t, const struct ted *ted, struct pce_error *err)
{
	size_t n = ted_link_count(ted);
	enum pce_status status;

	if (!t->rebind && t->bound_revision == ted_revision(ted))
		return PCE_OK;
	status = array_reserve(&t->links, &t->cap_links, n + 1, sizeof(*t->links), err);
	if (status)
		return status;
	for (; t->n_links < n; t->n_links++)
		t->links[t->n_links] = (struct link_state){ .device = NO_WATCHED };
	for (size_t i = 0; i < t->n_links; i++)
		t->links[i].device = NO_WATCHED;
	for (uint32_t i = 0; i < t->n_devices; i++)
		bind_device(t, ted, i);
	t->rebind = false;
	t->some_dirty = true;
	t->bound_revision = ted_revision(ted);
	return PCE_OK;
}
