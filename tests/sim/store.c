/* What a router keeps: sets of policies, and a confirmed commit that may be taken back. */
#include "tests/sim/store.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

/* --- policies --- */

static void
canon_list(struct text *out, const struct xnode *list)
{
	unsigned char sid[16];
	const char *weight = xml_text(list, "weight");

	text_printf(out, " %s:", *weight ? weight : "1");
	for (unsigned long want = 1;; want++) {
		const struct xnode *found = NULL;

		for (const struct xnode *c = list->child; c; c = c->next)
			if (strcmp(c->name, "segment") == 0 &&
			    strtoul(xml_text(c, "index"), NULL, 10) == want)
				found = c;
		if (!found)
			return;
		if (inet_pton(AF_INET6, xml_text(found, "sid"), sid) != 1)
			memset(sid, 0xff, sizeof(sid));
		text_hex(out, sid, sizeof(sid));
	}
}

/* The same text as policy_canon, from what the router was sent. */
static void
canon_of(struct text *out, const struct xnode *policy)
{
	unsigned long below = 0;

	text_add(out, xml_text(policy, "name"));
	for (bool first = true;; first = false) {
		const struct xnode *best = NULL;
		unsigned long most = 0;

		for (const struct xnode *c = policy->child; c; c = c->next) {
			unsigned long p = strtoul(xml_text(c, "preference"), NULL, 10);

			if (strcmp(c->name, "candidate-path") == 0 && (first || p < below) &&
			    (!best || p > most)) {
				best = c;
				most = p;
			}
		}
		if (!best)
			return;
		below = most;
		text_printf(out, " /%lu", most);
		for (const struct xnode *c = best->child; c; c = c->next)
			if (strcmp(c->name, "segment-list") == 0)
				canon_list(out, c);
	}
}

struct router_policy *
router_policy_read(const struct xnode *node)
{
	struct router_policy *p = sim_alloc(sizeof(*p));
	struct text xml = { 0 }, canon = { 0 };

	p->users = 1;
	p->color = (uint32_t)strtoul(xml_text(node, "color"), NULL, 10);
	snprintf(p->endpoint, sizeof(p->endpoint), "%s", xml_text(node, "endpoint"));
	snprintf(p->name, sizeof(p->name), "%s", xml_text(node, "name"));
	xml_write(&xml, node);
	canon_of(&canon, node);
	p->xml = text_take(&xml);
	p->canon = text_take(&canon);
	if (!p->xml || !p->canon)
		abort();
	return p;
}

void
router_policy_drop(struct router_policy *p)
{
	if (--p->users > 0)
		return;
	free(p->xml);
	free(p->canon);
	free(p);
}

bool
router_is_ours(const struct router_policy *p)
{
	return p->color >= karst_config.color_min && p->color <= karst_config.color_max &&
	       strncmp(p->name, karst_config.name_prefix, strlen(karst_config.name_prefix)) == 0;
}

/* --- sets, sorted by color and endpoint --- */

static int
order(const struct router_policy *p, uint32_t color, const char *endpoint)
{
	if (p->color != color)
		return p->color < color ? -1 : 1;
	return strcmp(p->endpoint, endpoint);
}

static size_t
place_of(const struct router_set *set, uint32_t color, const char *endpoint, bool *there)
{
	size_t at = 0;

	while (at < set->n && order(set->at[at], color, endpoint) < 0)
		at++;
	*there = at < set->n && order(set->at[at], color, endpoint) == 0;
	return at;
}

const struct router_policy *
set_find(const struct router_set *set, uint32_t color, const char *endpoint)
{
	bool there;
	size_t at = place_of(set, color, endpoint, &there);

	return there ? set->at[at] : NULL;
}

void
set_remove(struct router_set *set, uint32_t color, const char *endpoint)
{
	bool there;
	size_t at = place_of(set, color, endpoint, &there);

	if (!there)
		return;
	router_policy_drop(set->at[at]);
	set->n--;
	memmove(&set->at[at], &set->at[at + 1], (set->n - at) * sizeof(set->at[0]));
}

void
set_put(struct router_set *set, struct router_policy *p)
{
	bool there;
	size_t at;

	set_remove(set, p->color, p->endpoint);
	at = place_of(set, p->color, p->endpoint, &there);
	if (array_reserve(&set->at, &set->cap, set->n + 1, sizeof(set->at[0]), NULL))
		abort();
	memmove(&set->at[at + 1], &set->at[at], (set->n - at) * sizeof(set->at[0]));
	set->at[at] = p;
	set->n++;
}

void
set_clear(struct router_set *set)
{
	for (size_t i = 0; i < set->n; i++)
		router_policy_drop(set->at[i]);
	set->n = 0;
}

void
set_copy(struct router_set *to, const struct router_set *from)
{
	set_clear(to);
	if (array_reserve(&to->at, &to->cap, from->n + 1, sizeof(to->at[0]), NULL))
		abort();
	for (size_t i = 0; i < from->n; i++) {
		to->at[i] = from->at[i];
		to->at[i]->users++;
	}
	to->n = from->n;
}

void
set_free(struct router_set *set)
{
	set_clear(set);
	free(set->at);
	*set = (struct router_set){ 0 };
}

uint64_t
set_foreign_hash(const struct router_set *set)
{
	uint64_t hash = 7;

	for (size_t i = 0; i < set->n; i++)
		if (!router_is_ours(set->at[i]))
			hash = hash_bytes(set->at[i]->xml, strlen(set->at[i]->xml), hash);
	return hash;
}

/* --- commits --- */

void
store_discard(struct sim_router *r)
{
	set_copy(&r->candidate, &r->running);
	r->dirty = r->edits_of_another = false;
}

void
store_roll_back(struct sim_router *r)
{
	timer_clear(&r->expires);
	if (!r->waiting)
		return;
	sim_log("router %s takes its commit back", r->name);
	r->waiting = false;
	set_copy(&r->running, &r->before);
	if (!r->dirty && !r->keeps_candidate)
		set_copy(&r->candidate, &r->running);
}

void
store_commit(struct sim_router *r, uint32_t session, int64_t confirm_within_us, const char *persist)
{
	struct router_set was = { 0 };

	set_copy(&was, &r->running);
	if (confirm_within_us > 0) {
		if (!r->waiting)
			set_copy(&r->before, &r->running);
		r->waiting = true;
		r->waiting_session = session;
		snprintf(r->persist_id, sizeof(r->persist_id), "%s", persist);
		timer_set(&r->expires, usec_add(sim.now, confirm_within_us));
	} else {
		r->waiting = false;
		timer_clear(&r->expires);
	}
	set_copy(&r->running, &r->candidate);
	r->dirty = false;
	invariants_committed(r, &was, session);
	set_free(&was);
}
