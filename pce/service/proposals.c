/*
 * The list of changes that are proposed: what they are before and after, how they come onto the
 * list and off it, and the store.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pce/base/array.h"
#include "pce/service/advise.h"

/* --- the list --- */

struct kept_change *
proposal_find(const struct service *s, uint64_t id)
{
	for (size_t i = 0; i < s->n_changes; i++)
		if (s->changes[i]->change->id == id)
			return s->changes[i];
	return NULL;
}

void
proposal_free(struct kept_change *kept)
{
	arena_free(&kept->arena);
	free(kept);
}

void
advise_free(struct service *s)
{
	for (size_t i = 0; i < s->n_changes; i++)
		proposal_free(s->changes[i]);
	free(s->changes);
	free(s->changes_gone);
}

/* Ids grow: the newest is the last. */
static enum pce_status
insert(struct service *s, struct kept_change *kept, struct pce_error *err)
{
	enum pce_status status = array_reserve(&s->changes, &s->cap_changes, s->n_changes + 1,
					       sizeof(struct kept_change *), err);
	size_t at = s->n_changes;

	if (status)
		return status;
	while (at > 0 && s->changes[at - 1]->change->id > kept->change->id)
		at--;
	memmove(&s->changes[at + 1], &s->changes[at],
		(s->n_changes - at) * sizeof(struct kept_change *));
	s->changes[at] = kept;
	s->n_changes++;
	s->revision++;
	return PCE_OK;
}

enum pce_status
proposal_tell(struct service *s, uint64_t id, const char *state, const char *text,
	      struct pce_error *err)
{
	char object[40];

	snprintf(object, sizeof(object), "change/%" PRIu64, id);
	return tell_session(s, object, state, text, err);
}

/* Takes a change off the list; how it ended, and why, for people. */
enum pce_status
proposal_end(struct service *s, struct kept_change *kept, const char *state, const char *text,
	     struct pce_error *err)
{
	uint64_t id = kept->change->id;
	enum pce_status status =
	    array_reserve(&s->changes_gone, &s->cap_changes_gone, s->n_changes_gone + 1,
			  sizeof(*s->changes_gone), err);
	size_t at = 0;

	if (status)
		return status;
	for (size_t i = 0; i < s->n_policies; i++)
		if (s->policies[i]->change == kept)
			s->policies[i]->change = NULL;
	while (s->changes[at] != kept)
		at++;
	s->n_changes--;
	memmove(&s->changes[at], &s->changes[at + 1],
		(s->n_changes - at) * sizeof(struct kept_change *));
	proposal_free(kept);
	s->changes_gone[s->n_changes_gone++] = id;
	s->changes_dirty = s->batch_wanted = true;
	snprintf(s->changes_ended[id % CHANGES_ENDED].text, CHANGES_ENDED_TEXT, "%s%s%s", state,
		 text ? ": " : "", text ? text : "");
	s->changes_ended[id % CHANGES_ENDED].id = id;
	s->revision++;
	return proposal_tell(s, id, state, text, err);
}

/* --- sides --- */

static enum pce_status
name_links(const struct service *s, const struct policy_bound *bound, struct arena *arena,
	   struct change_path *out, struct pce_error *err)
{
	const char **names = arena_alloc(arena, (bound->n_links + 1) * sizeof(*names));
	ted_link *rows = arena_alloc(arena, (bound->n_links + 1) * sizeof(*rows));

	if (!names || !rows)
		return pce_no_memory(err);
	out->measured = true;
	for (size_t k = 0; k < bound->n_links; k++) {
		const char *name = bound->link_keys[k];

		rows[k] = ted_link_by_key(s->ted, name);
		if (rows[k] == TED_NONE) {
			out->measured = false;
		} else {
			name = ted_link_at(s->ted, rows[k])->name;
			out->delay_us += ted_link_at(s->ted, rows[k])->delay_us;
		}
		names[k] = arena_strdup(arena, name);
		if (!names[k])
			return pce_no_memory(err);
	}
	out->links = names;
	out->n_links = bound->n_links;
	return out->measured ? path_unavailability(s->engine, rows, bound->n_links,
						   &out->unavailability_ppt, err)
			     : PCE_OK;
}

static enum pce_status
print_sids(const struct srpolicy_list *list, struct arena *arena, struct change_path *out,
	   struct pce_error *err)
{
	size_t n = list->n_sids;
	const char **sids = arena_alloc(arena, (n + 1) * sizeof(*sids));

	if (!sids)
		return pce_no_memory(err);
	for (size_t k = 0; k < n; k++) {
		struct ip_addr addr = { .family = IP_V6 };
		char text[IP_TEXT];

		memcpy(addr.octets, list->sids[k], sizeof(list->sids[k]));
		sids[k] = arena_strdup(arena, ip_print(&addr, text));
		if (!sids[k])
			return pce_no_memory(err);
	}
	out->sids = sids;
	out->n_sids = n;
	return PCE_OK;
}

enum pce_status
proposal_side(const struct service *s, const struct policy_record *r, struct arena *arena,
	      struct change_side *out, struct pce_error *err)
{
	size_t n = srpolicy_n_lists(&r->srpolicy);
	struct change_path *paths = arena_alloc(arena, (n + 1) * sizeof(*paths));
	enum pce_status status = paths ? PCE_OK : pce_no_memory(err);

	*out = (struct change_side){ .bandwidth_bps = r->booked_bps, .paths = paths };
	for (; out->n_paths < n && status == PCE_OK; out->n_paths++) {
		size_t i = out->n_paths;

		status = name_links(s, &r->bound[i], arena, &paths[i], err);
		if (status == PCE_OK)
			status = print_sids(srpolicy_list_at(&r->srpolicy, i, NULL), arena,
					    &paths[i], err);
	}
	return status;
}

enum pce_status
proposal_held(const struct srpolicy *held, struct arena *arena, struct change_side *out,
	      struct pce_error *err)
{
	size_t n = srpolicy_n_lists(held);
	struct change_path *paths = arena_alloc(arena, (n + 1) * sizeof(*paths));
	enum pce_status status = paths ? PCE_OK : pce_no_memory(err);

	*out = (struct change_side){ .paths = paths };
	for (; out->n_paths < n && status == PCE_OK; out->n_paths++)
		status = print_sids(srpolicy_list_at(held, out->n_paths, NULL), arena,
				    &paths[out->n_paths], err);
	return status;
}

/* --- proposing --- */

/* A change that is being made up, with room for n parts. */
enum pce_status
proposal_new(struct service *s, size_t n, const char *cause, struct kept_change **out,
	     struct pce_error *err)
{
	struct kept_change *kept = calloc(1, sizeof(*kept));
	struct change_part *parts;

	if (!kept)
		return pce_no_memory(err);
	kept->change = arena_alloc(&kept->arena, sizeof(*kept->change));
	parts = arena_alloc(&kept->arena, (n + 1) * sizeof(*parts));
	if (kept->change)
		kept->change->cause = arena_strdup(&kept->arena, cause ? cause : "");
	if (!kept->change || !parts || !kept->change->cause) {
		proposal_free(kept);
		return pce_no_memory(err);
	}
	kept->change->parts = kept->parts = parts;
	kept->change->created_us = s->step.event->wall_us;
	kept->expires = USEC_NEVER;
	if (s->config->change_lifetime_s > 0) {
		int64_t life = (int64_t)s->config->change_lifetime_s * USEC_PER_S;

		kept->expires = usec_add(s->step.now, life);
		kept->change->expires_us = kept->change->created_us + life;
	}
	*out = kept;
	return PCE_OK;
}

/* Policies that lose their change to one that is not about them need one of their own. */
static enum pce_status
look_at_others(struct service *s, const struct kept_change *kept, struct service_policy **policies,
	       size_t n, struct pce_error *err)
{
	enum pce_status status = PCE_OK;

	for (size_t i = 0; i < s->n_policies && status == PCE_OK; i++) {
		struct service_policy *p = s->policies[i];
		bool here = false;

		if (p->change != kept)
			continue;
		for (size_t k = 0; k < n; k++)
			here = here || policies[k] == p;
		if (here)
			continue;
		status = replace_text(&p->waits, NULL, err);
		work_add(s, p, WORK_CHECK | WORK_VALIDATE, s->step.now, kept->change->cause);
	}
	return status;
}

/*
 * The draft comes onto the list in place of what its policies had: unless it is the same. Takes the
 * draft; *now: what is on the list for these policies afterwards, NULL if the draft is empty.
 */
enum pce_status
proposal_replace(struct service *s, struct kept_change *draft, struct service_policy **policies,
		 size_t n, struct kept_change **now, struct pce_error *err)
{
	struct kept_change *old = NULL;
	enum pce_status status = PCE_OK;
	char text[64] = "it is not needed any more";

	for (size_t i = 0; i < n && !old; i++)
		old = policies[i]->change;
	*now = old;
	if (old && change_same(old->change, draft->change)) {
		proposal_free(draft);
		return PCE_OK;
	}
	*now = draft->change->n_parts > 0 ? draft : NULL;
	if (*now) {
		draft->change->id = take_id(s);
		draft->dirty = true;
		snprintf(text, sizeof(text), "by change %" PRIu64, draft->change->id);
	}
	for (size_t i = 0; i < n && status == PCE_OK; i++)
		if (policies[i]->change)
			status = look_at_others(s, policies[i]->change, policies, n, err);
	for (size_t i = 0; i < n && status == PCE_OK; i++)
		if (policies[i]->change)
			status = proposal_end(s, policies[i]->change,
					      *now ? "superseded" : "withdrawn", text, err);
	if (status == PCE_OK && *now)
		status = insert(s, draft, err);
	if (status || !*now) {
		proposal_free(draft);
		return status;
	}
	for (size_t i = 0; i < draft->change->n_parts; i++) {
		struct service_policy *p = policy_find(s, draft->change->parts[i].policy_id);

		if (p)
			p->change = draft;
	}
	s->changes_dirty = s->batch_wanted = true;
	return proposal_tell(s, draft->change->id, "proposed", draft->change->cause, err);
}

/* --- the store --- */

void
advise_not_stored(struct service *s, const uint64_t *gone, size_t n_gone)
{
	for (size_t i = 0; i < s->n_changes; i++)
		s->changes[i]->dirty = true;
	for (size_t i = 0; i < n_gone; i++)
		if (array_reserve(&s->changes_gone, &s->cap_changes_gone, s->n_changes_gone + 1,
				  sizeof(*s->changes_gone), NULL) == PCE_OK)
			s->changes_gone[s->n_changes_gone++] = gone[i];
	s->changes_dirty = true;
}

static enum pce_status
recover_one(struct service *s, const struct change *from, struct pce_error *err)
{
	struct kept_change *kept = calloc(1, sizeof(*kept));
	enum pce_status status = PCE_OK;

	if (!kept)
		return pce_no_memory(err);
	kept->change = change_copy(&kept->arena, from);
	kept->expires = USEC_NEVER;
	if (from->expires_us > 0)
		kept->expires = usec_add(s->step.now, from->expires_us - s->step.event->wall_us);
	status = kept->change ? insert(s, kept, err) : pce_no_memory(err);
	if (status) {
		proposal_free(kept);
		return status;
	}
	if (from->id >= s->next_id)
		s->next_id = from->id + 1;
	for (size_t i = 0; i < from->n_parts; i++) {
		struct service_policy *p = policy_find(s, from->parts[i].policy_id);

		if (!p || !p->intent)
			return proposal_end(s, kept, "withdrawn", "a policy of it is gone", err);
		p->change = kept;
	}
	return PCE_OK;
}

enum pce_status
advise_recover(struct service *s, const struct change *const *changes, size_t n,
	       struct pce_error *err)
{
	enum pce_status status = PCE_OK;

	for (size_t i = 0; i < n && status == PCE_OK; i++)
		if (changes[i] && changes[i]->n_parts > 0 && !proposal_find(s, changes[i]->id))
			status = recover_one(s, changes[i], err);
	return status;
}
