/*
 * Records name nodes and links by canonical key; computing needs rows. A record is bound when all
 * its keys have rows: after a restart that is only so when the feeds are learned. What is bound is
 * booked, and noted in the index of affected links.
 */
#include <stdlib.h>
#include <string.h>

#include "pce/base/array.h"
#include "pce/service/assure.h"
#include "pce/service/internal.h"

#define MSD_ASSUMED 10u

/* --- requests and options --- */

uint32_t
device_of_node(const struct service *s, ted_node node)
{
	for (size_t i = 0; node != TED_NONE && i < s->n_devices; i++)
		if (s->devices[i].node == node)
			return (uint32_t)i;
	return NO_DEVICE;
}

static const struct config_profile *
profile_of(const struct service *s, uint32_t device)
{
	const char *name = device == NO_DEVICE ? NULL : s->devices[device].config->profile;

	for (size_t i = 0; name && i < s->config->n_profiles; i++)
		if (strcmp(s->config->profiles[i].name, name) == 0)
			return &s->config->profiles[i];
	return NULL;
}

struct segment_options
options_for(const struct service *s, ted_node headend, const struct intent *intent, bool backward)
{
	const struct config_profile *profile = profile_of(s, device_of_node(s, headend));
	const struct ip_addr *sid = backward ? &intent->reverse_service_sid : &intent->service_sid;
	bool feeds = s->config->bgp.n_peers > 0 || s->config->bgp.n_listen > 0;
	uint32_t msd = profile && profile->msd ? profile->msd : MSD_ASSUMED;

	return (struct segment_options){
		.strict_msd = s->config->strict_msd,
		.assumed_msd = feeds     ? msd
			       : profile ? profile->msd
					 : 0,
		.service_sids = sid->family != IP_NONE ? 1 : 0,
		.loose = intent->loose,
		/* Without routers to push to, SIDs that a file lacks may be made up. */
		.synthesise = s->n_devices == 0 && !feeds,
	};
}

enum pce_status
request_for(const struct service *s, const struct intent *intent, bool backward, bool drains,
	    struct arena *arena, struct path_request *out, struct pce_error *err)
{
	enum pce_status status = intent_request(s->ted, intent, backward, arena, out, err);

	if (status)
		return status;
	if (s->config->n_ties > 0 && s->config->n_ties <= PATH_TIE_COUNT) {
		memcpy(out->ties, s->config->ties, s->config->n_ties);
		out->n_ties = s->config->n_ties;
	}
	status = assure_request(s, intent->id, backward, arena, out, err);
	/* What is suspected on one way is left by both. */
	if (status == PCE_OK && intent->co_routed)
		status = assure_request(s, intent->id, !backward, arena, out, err);
	if (status || !drains)
		return status;
	status = drain_request(s, arena, out, err);
	return status ? status : damping_request(s, arena, out, err);
}

/* --- rows --- */

static enum pce_status
find_rows(struct service *s, struct service_policy *p, struct pce_error *err)
{
	struct policy_record *r = p->now.record;
	size_t n = srpolicy_n_lists(&r->srpolicy);

	if (!p->links) {
		p->links = arena_alloc(&p->now.arena, (n + 1) * sizeof(*p->links));
		p->n_links = arena_alloc(&p->now.arena, (n + 1) * sizeof(*p->n_links));
		p->held_links =
		    arena_alloc(&p->now.arena, (r->n_held + 1) * sizeof(*p->held_links));
		if (!p->links || !p->n_links || !p->held_links)
			return pce_no_memory(err);
	}
	p->headend = ted_node_by_key(s->ted, r->headend);
	p->tailend = ted_node_by_key(s->ted, r->tailend);
	p->unbound = p->headend == TED_NONE || p->tailend == TED_NONE;
	for (size_t i = 0; i < n; i++) {
		size_t most = policy_bound_count(&r->bound[i]);

		p->n_links[i] = r->bound[i].n_links;
		if (!p->links[i])
			p->links[i] = arena_alloc(&p->now.arena, (most + 1) * sizeof(ted_link));
		if (!p->links[i])
			return pce_no_memory(err);
		for (size_t k = 0; k < most; k++) {
			p->links[i][k] = ted_link_by_key(s->ted, policy_bound_key(&r->bound[i], k));
			p->unbound = p->unbound || p->links[i][k] == TED_NONE;
		}
	}
	for (size_t k = 0; k < r->n_held; k++) {
		p->held_links[k] = ted_link_by_key(s->ted, r->held[k].link_key);
		p->unbound = p->unbound || p->held_links[k] == TED_NONE;
	}
	s->some_unbound = s->some_unbound || p->unbound;
	return PCE_OK;
}

static enum pce_status
enter_index(struct service *s, struct service_policy *p, struct pce_error *err)
{
	const struct policy_record *r = p->now.record;
	enum pce_status status = PCE_OK;

	for (size_t i = 0; i < srpolicy_n_lists(&r->srpolicy); i++)
		for (size_t k = 0; k < policy_bound_count(&r->bound[i]) && status == PCE_OK; k++)
			if (p->links[i][k] != TED_NONE)
				status = affected_add(&s->affected, p->links[i][k], p->slot, err);
	return status;
}

static void
leave_index(struct service *s, struct service_policy *p)
{
	const struct policy_record *r = p->now.record;

	if (!r || !p->links)
		return;
	for (size_t i = 0; i < srpolicy_n_lists(&r->srpolicy); i++)
		for (size_t k = 0; k < policy_bound_count(&r->bound[i]); k++)
			if (p->links[i][k] != TED_NONE)
				affected_remove(&s->affected, p->links[i][k], p->slot);
}

/* --- bookings --- */

static enum pce_status
want_bound(struct service *s, const struct policy_record *r, struct ledger_holding *want,
	   struct pce_error *err)
{
	enum pce_status status = PCE_OK;

	if (r->booked_bps == 0)
		return PCE_OK;
	for (size_t i = 0; i < srpolicy_n_lists(&r->srpolicy); i++)
		for (size_t k = 0; k < policy_bound_count(&r->bound[i]) && status == PCE_OK; k++)
			status = ledger_want(
			    want, ted_link_by_key(s->ted, policy_bound_key(&r->bound[i], k)),
			    policy_bound_bps(r, i, k), err);
	return status;
}

static enum pce_status
want_held(struct service *s, const struct policy_record *r, struct ledger_holding *want,
	  struct pce_error *err)
{
	enum pce_status status = PCE_OK;

	for (size_t k = 0; k < r->n_held && status == PCE_OK; k++)
		status = ledger_want(want, ted_link_by_key(s->ted, r->held[k].link_key),
				     r->held[k].bps, err);
	return status;
}

const struct policy_record *
pending_record(const struct service_policy *p)
{
	const struct admission *a = p->intent ? p->intent->pending : NULL;

	for (size_t i = 0; a && i < a->n; i++)
		if (a->parts[i].policy == p)
			return a->parts[i].next.record;
	return NULL;
}

/* Everything that the policy is to hold. */
static enum pce_status
want_all(struct service *s, const struct service_policy *p, struct ledger_holding *want,
	 struct pce_error *err)
{
	const struct policy_record *records[3] = { p->now.record, pending_record(p), p->tentative };
	enum pce_status status = PCE_OK;

	for (size_t i = 0; i < 3 && status == PCE_OK; i++) {
		if (!records[i])
			continue;
		status = want_bound(s, records[i], want, err);
		if (status == PCE_OK)
			status = want_held(s, records[i], want, err);
	}
	if (status)
		ledger_holding_free(want);
	return status;
}

enum pce_status
policy_book(struct service *s, struct service_policy *p, struct pce_error *err)
{
	struct ledger_holding want = { 0 };
	enum pce_status status = want_all(s, p, &want, err);
	bool freed = false;

	if (status)
		return status;
	status = ledger_change(&s->ledger, &p->holding, &want, &freed, err);
	ledger_holding_free(&want);
	if (freed)
		s->improved = true;
	return status;
}

enum pce_status
policy_fits(struct service *s, const struct service_policy *p, ted_link *short_of,
	    struct pce_error *err)
{
	struct ledger_holding want = { 0 };
	enum pce_status status = want_all(s, p, &want, err);

	*short_of = TED_NONE;
	if (status == PCE_OK)
		(void)ledger_fits(&s->ledger, &p->holding, &want, short_of);
	ledger_holding_free(&want);
	return status;
}

enum pce_status
policy_adopt(struct service *s, struct service_policy *p, struct held_record *next,
	     struct pce_error *err)
{
	enum pce_status status;

	leave_index(s, p);
	arena_free(&p->now.arena);
	p->now = *next;
	*next = (struct held_record){ 0 };
	p->links = NULL;
	p->n_links = NULL;
	p->held_links = NULL;
	p->legs = NULL;
	status = find_rows(s, p, err);
	if (status == PCE_OK)
		status = enter_index(s, p, err);
	if (status == PCE_OK)
		status = policy_book(s, p, err);
	touch(s, p);
	return status;
}

enum pce_status
policy_unbind(struct service *s, struct service_policy *p, struct pce_error *err)
{
	struct ledger_holding none = { 0 };
	bool freed = false;
	enum pce_status status = ledger_change(&s->ledger, &p->holding, &none, &freed, err);

	leave_index(s, p);
	p->links = NULL;
	if (freed)
		s->improved = true;
	return status;
}

/* --- devices --- */

static void
poke(struct service *s, uint32_t device)
{
	if (device != NO_DEVICE)
		s->devices[device].poked = true;
}

static void
drop_former(struct service *s, struct service_policy *p)
{
	struct deploy_device *deploy;

	if (!p->former)
		return;
	deploy = s->devices[p->former_device].deploy;
	deploy_unwant(deploy, p->former);
	deploy_release(deploy, p->former);
	poke(s, p->former_device);
	p->former = NULL;
	p->former_device = NO_DEVICE;
}

/* The policy goes elsewhere: what it was stays wanted until the new one works. */
static void
item_to_former(struct service *s, struct service_policy *p)
{
	if (!p->item)
		return;
	drop_former(s, p);
	p->former = p->item;
	p->former_device = p->device;
	p->item = NULL;
}

static enum pce_status
want_on_device(struct service *s, struct service_policy *p, uint32_t device, struct pce_error *err)
{
	struct pce_error why = { 0 };
	struct deploy_item *item;
	enum pce_status status;

	status = deploy_want(s->devices[device].deploy, &p->now.record->srpolicy, p->id, p->slot,
			     s->step.now, &item, &why);
	if (status == PCE_EXISTS)
		return replace_text(&p->failed, why.text, err);
	if (status)
		return pce_fail(err, status, "%s", why.text);
	if (p->item != item)
		item_to_former(s, p);
	p->item = item;
	p->device = device;
	if (p->now.record->adopts) {
		status = deploy_adopt(s->devices[device].deploy, item, p->now.record->adopts, &why);
		if (status == PCE_NO_MEMORY)
			return pce_no_memory(err);
	}
	mode_hold(s, p);
	poke(s, device);
	return group_join(s, p, err);
}

/* After a restart only the router knows whether it still holds what is to go. */
static enum pce_status
unwant_on_device(struct service *s, struct service_policy *p, uint32_t device,
		 struct pce_error *err)
{
	struct pce_error why = { 0 };
	enum pce_status status;

	drop_former(s, p);
	if (p->item) {
		deploy_unwant(s->devices[p->device].deploy, p->item);
		poke(s, p->device);
		return PCE_OK;
	}
	if (device == NO_DEVICE)
		return PCE_OK;
	status = deploy_want_absent(s->devices[device].deploy, &p->now.record->srpolicy, p->id,
				    p->slot, &p->item, &why);
	if (status == PCE_EXISTS) /* another policy has the key by now, and says what is there */
		return PCE_OK;
	if (status)
		return pce_fail(err, status, "%s", why.text);
	p->device = device;
	poke(s, device);
	return PCE_OK;
}

enum pce_status
policy_deploy(struct service *s, struct service_policy *p, struct pce_error *err)
{
	uint32_t device = device_of_node(s, p->headend);

	touch(s, p);
	if (p->now.record->removing)
		return unwant_on_device(s, p, device, err);
	if (device == NO_DEVICE) {
		item_to_former(s, p);
		p->device = NO_DEVICE;
		return PCE_OK;
	}
	if (p->now.record->srpolicy.n_paths == 0) {
		if (p->device == NO_DEVICE)
			p->device = device;
		return PCE_OK;
	}
	return want_on_device(s, p, device, err);
}

bool
policy_may_be_held(const struct service *s, const struct service_policy *p)
{
	struct deploy_item_view view;

	if (p->former)
		return true;
	if (!p->item)
		return p->unbound && s->learning;
	deploy_item_get(s->devices[p->device].deploy, p->item, &view);
	return view.held;
}

enum pce_status
policy_settled(struct service *s, struct service_policy *p, struct pce_error *err)
{
	struct policy_record *r = p->now.record;

	drop_former(s, p);
	if (r->adopts)
		want_stored(s, p);
	r->adopts = NULL;
	if (r->n_held == 0)
		return PCE_OK;
	r->held = NULL;
	r->n_held = 0;
	want_stored(s, p);
	return policy_book(s, p, err);
}

/* --- what became known --- */

static void
bind_devices(struct service *s)
{
	for (size_t i = 0; i < s->n_devices; i++) {
		struct service_device *d = &s->devices[i];

		if (d->node != TED_NONE || !d->config->node)
			continue;
		d->node = ted_node_by_key(s->ted, d->config->node);
		if (d->node == TED_NONE &&
		    ted_find_node(s->ted, d->config->node, &d->node, NULL) != PCE_OK)
			d->node = TED_NONE;
		s->some_unbound = s->some_unbound || d->node == TED_NONE;
	}
}

static enum pce_status
bind_policy(struct service *s, struct service_policy *p, struct pce_error *err)
{
	enum pce_status status;

	leave_index(s, p);
	status = find_rows(s, p, err);
	if (status == PCE_OK)
		status = enter_index(s, p, err);
	if (status == PCE_OK)
		status = policy_book(s, p, err);
	if (status == PCE_OK && !p->item)
		status = policy_deploy(s, p, err);
	if (status == PCE_OK && p->now.record->removing)
		status = policy_try_delete(s, p, err);
	return status;
}

enum pce_status
bind_all(struct service *s, struct pce_error *err)
{
	enum pce_status status = PCE_OK;

	if (!s->some_unbound)
		return PCE_OK;
	s->some_unbound = false;
	bind_devices(s);
	for (size_t i = 0; i < s->n_policies && status == PCE_OK; i++)
		if (s->policies[i]->unbound || s->policies[i]->device == NO_DEVICE)
			status = bind_policy(s, s->policies[i], err);
	return status;
}
