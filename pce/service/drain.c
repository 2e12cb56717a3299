/*
 * Drains: what traffic is taken off before a person works on it. A drained object stays in the
 * graph, because the routers' IGP goes on using it and every list has to be right for that; but no
 * path may cross it. So each request avoids what is drained, and the policies that cross it are
 * validated against that: they move, make before break, as for any other reason. One that finds no
 * other path stays where it is, degraded, and says so.
 *
 * Objects are kept by the name that the operator gave and looked up each time: a feed may rename
 * rows or learn them late.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pce/base/array.h"
#include "pce/service/admit.h"
#include "pce/service/windows.h"

/* What the names of a drain stand for now. */
struct drained {
	ted_link *links;
	size_t n_links, cap_links;
	ted_node node;
	uint32_t srlg;
};

static enum pce_status
find(const struct service *s, const struct drain *drain, struct drained *out, struct pce_error *err)
{
	*out = (struct drained){ .node = TED_NONE };
	switch (drain->kind) {
	case DRAIN_NODE:
		return ted_find_node(s->ted, drain->name, &out->node, err);
	case DRAIN_LINK:
		return ted_find_links(s->ted, drain->name, &out->links, &out->n_links,
				      &out->cap_links, err);
	case DRAIN_SRLG:
	case DRAIN_KIND_COUNT:
		break;
	}
	return ted_find_srlg(s->ted, drain->name, &out->srlg, err);
}

/* --- requests --- */

/* A longer copy of an array of rows. */
static enum pce_status
append(struct arena *arena, const uint32_t **rows, size_t *n, const uint32_t *more, size_t n_more,
       struct pce_error *err)
{
	uint32_t *copy = arena_alloc(arena, (*n + n_more + 1) * sizeof(*copy));

	if (!copy)
		return pce_no_memory(err);
	if (*n > 0)
		memcpy(copy, *rows, *n * sizeof(*copy));
	if (n_more > 0)
		memcpy(copy + *n, more, n_more * sizeof(*copy));
	*rows = copy;
	*n += n_more;
	return PCE_OK;
}

enum pce_status
drain_request(const struct service *s, struct arena *arena, struct path_request *r,
	      struct pce_error *err)
{
	enum pce_status status = PCE_OK;

	for (size_t i = 0; i < s->n_drains && status == PCE_OK; i++) {
		struct drained d;

		if (find(s, &s->drains[i].drain, &d, NULL) != PCE_OK) {
			free(d.links);
			continue; /* not known now: no path crosses it */
		}
		if (s->drains[i].drain.kind == DRAIN_LINK)
			status = append(arena, &r->avoid_links, &r->n_avoid_links, d.links,
					d.n_links, err);
		else if (s->drains[i].drain.kind == DRAIN_SRLG)
			status = append(arena, &r->avoid_srlgs, &r->n_avoid_srlgs, &d.srlg, 1, err);
		else if (d.node != r->from && d.node != r->to)
			status = append(arena, &r->avoid_nodes, &r->n_avoid_nodes, &d.node, 1, err);
		free(d.links);
	}
	return status;
}

/* --- who crosses it --- */

static bool
has_srlg(const uint32_t *srlg, size_t n, uint32_t number)
{
	for (size_t i = 0; i < n; i++)
		if (srlg[i] == number)
			return true;
	return false;
}

static bool
link_is_drained(const struct service *s, const struct drain *drain, const struct drained *d,
		ted_link link)
{
	const struct ted_link_row *row = ted_link_at(s->ted, link);
	const struct ted_node_row *to = ted_node_at(s->ted, row->to);

	if (drain->kind == DRAIN_NODE)
		return row->from == d->node || row->to == d->node;
	if (drain->kind == DRAIN_SRLG)
		return has_srlg(row->srlg, row->n_srlg, d->srlg) ||
		       has_srlg(to->srlg, to->n_srlg, d->srlg);
	for (size_t i = 0; i < d->n_links; i++)
		if (d->links[i] == link || d->links[i] == row->reverse)
			return true;
	return false;
}

static bool
crosses(const struct service *s, const struct service_policy *p, const struct drain *drain,
	const struct drained *d)
{
	/* One without its intent yet is being admitted anew, with the drain known. */
	if (!p->intent || !p->intent->intent || !p->now.record || !p->links)
		return false;
	for (size_t i = 0; i < srpolicy_n_lists(&p->now.record->srpolicy); i++)
		for (size_t k = 0; k < policy_reach(p, i); k++)
			if (p->links[i][k] != TED_NONE &&
			    link_is_drained(s, drain, d, p->links[i][k]))
				return true;
	return false;
}

size_t
drain_remaining(const struct service *s, const struct drain *drain)
{
	struct drained d;
	size_t n = 0;

	if (find(s, drain, &d, NULL) == PCE_OK)
		for (size_t i = 0; i < s->n_policies; i++)
			n += crosses(s, s->policies[i], drain, &d);
	free(d.links);
	return n;
}

const struct service_policy *
drain_waiting(const struct service *s, const struct drain *drain, size_t n)
{
	const struct service_policy *found = NULL;
	struct drained d;

	if (find(s, drain, &d, NULL) == PCE_OK)
		for (size_t i = 0; i < s->n_policies && !found; i++)
			if (crosses(s, s->policies[i], drain, &d) && n-- == 0)
				found = s->policies[i];
	free(d.links);
	return found;
}

/* --- the list --- */

static int
compare(const struct drain *a, const struct drain *b)
{
	return a->kind != b->kind ? (a->kind < b->kind ? -1 : 1) : strcmp(a->name, b->name);
}

static size_t
place_of(const struct service *s, const struct drain *drain)
{
	size_t at = 0;

	while (at < s->n_drains && compare(&s->drains[at].drain, drain) < 0)
		at++;
	return at;
}

static bool
is_drained(const struct service *s, const struct drain *drain)
{
	size_t at = place_of(s, drain);

	return at < s->n_drains && compare(&s->drains[at].drain, drain) == 0;
}

static enum pce_status
insert(struct service *s, const struct drain *drain, struct pce_error *err)
{
	size_t at = place_of(s, drain);
	enum pce_status status =
	    array_reserve(&s->drains, &s->cap_drains, s->n_drains + 1, sizeof(*s->drains), err);
	struct kept_drain copy = { NULL, *drain };

	copy.name = status ? NULL : array_strdup(drain->name);
	if (!copy.name)
		return status ? status : pce_no_memory(err);
	copy.drain.name = copy.name;
	memmove(&s->drains[at + 1], &s->drains[at], (s->n_drains - at) * sizeof(copy));
	s->drains[at] = copy;
	s->n_drains++;
	return PCE_OK;
}

static void
take_out(struct service *s, const struct drain *drain)
{
	size_t at = place_of(s, drain);

	free(s->drains[at].name);
	s->n_drains--;
	memmove(&s->drains[at], &s->drains[at + 1], (s->n_drains - at) * sizeof(*s->drains));
}

void
drain_free(struct service *s)
{
	while (s->n_drains > 0)
		free(s->drains[--s->n_drains].name);
	free(s->drains);
}

/* --- orders --- */

/* Why a policy cannot leave; false if it can. */
static enum pce_status
is_stuck(struct service *s, struct service_policy *p, const struct drain *drain,
	 const struct drained *d, bool *stuck, char *text, size_t cap, struct pce_error *err)
{
	bool placed = false;
	enum pce_status status;

	*stuck = true;
	if (drain->kind == DRAIN_NODE && (p->headend == d->node || p->tailend == d->node)) {
		snprintf(text, cap, "it begins or ends at %s", drain->name);
		return PCE_OK;
	}
	status = restore_try(s, p, &placed, text, cap, err);
	*stuck = !placed;
	return status;
}

/* Who crosses it, and who cannot leave; each for itself, with all others where they are. */
static enum pce_status
report(struct service *s, const struct drain *drain, const struct drained *d,
       struct drain_report *r, struct pce_error *err)
{
	struct service_stuck *all = arena_alloc(&r->arena, (s->n_policies + 1) * sizeof(*all));
	enum pce_status status = all ? PCE_OK : pce_no_memory(err);

	r->stuck = all;
	r->moves = arena_alloc(&r->arena, (s->n_policies + 1) * sizeof(*r->moves));
	if (!r->moves)
		return pce_no_memory(err);
	for (size_t i = 0; i < s->n_policies && status == PCE_OK; i++) {
		struct service_policy *p = s->policies[i];
		struct service_stuck *told;
		char text[512] = "";
		bool stuck;

		if (!crosses(s, p, drain, d))
			continue;
		r->n_affected++;
		status = is_stuck(s, p, drain, d, &stuck, text, sizeof(text), err);
		if (status)
			continue;
		told = stuck ? &all[r->n_stuck++] : &r->moves[r->n_moves++];
		told->policy_id = arena_strdup(&r->arena, p->id);
		told->text = arena_strdup(&r->arena, text);
		if (!told->policy_id || !told->text)
			return pce_no_memory(err);
	}
	return status;
}

/* All that crosses it is validated against the new list; what may only be advised, as one change.
 */
static enum pce_status
move_off(struct service *s, const struct drain *drain, const struct drained *d,
	 struct pce_error *err)
{
	struct service_policy **advised = calloc(s->n_policies + 1, sizeof(*advised));
	enum pce_status status = advised ? PCE_OK : pce_no_memory(err);
	char cause[256];
	size_t n = 0;

	snprintf(cause, sizeof(cause), "%s %s drained", drain_kind_name(drain->kind), drain->name);
	for (size_t i = 0; i < s->n_policies && status == PCE_OK; i++) {
		struct service_policy *p = s->policies[i];

		if (!crosses(s, p, drain, d))
			continue;
		if (mode_of_policy(s, p).mode == MODE_ADVISE && !p->now.record->unapproved)
			advised[n++] = p;
		else
			work_add(s, p, WORK_VALIDATE, s->step.now, cause);
	}
	if (status == PCE_OK && n > 0)
		status = advise_together(s, advised, n, cause, err);
	free(advised);
	return status;
}

static enum pce_status
tell_drain(struct service *s, const struct drain *drain, const char *state, struct pce_error *err)
{
	const char *author =
	    s->step.event->kind == SERVICE_OPERATE ? s->step.event->u.operate.author : NULL;
	char object[288], text[160];

	snprintf(object, sizeof(object), "%s/%s", drain_kind_name(drain->kind), drain->name);
	if (s->step.event->kind != SERVICE_OPERATE)
		author = "the clock: a maintenance window";
	snprintf(text, sizeof(text), "by %s", author ? author : "nobody");
	return tell_session(s, object, state, text, err);
}

static enum pce_status drain(struct service *s, const struct drain *wanted, const struct drained *d,
			     struct drain_report *out, struct pce_error *err);

enum pce_status
drain_begin(struct service *s, const struct drain *wanted, bool *begun, struct pce_error *err)
{
	struct drain_report report = { 0 };
	struct drained d = { 0 };
	enum pce_status status = PCE_OK;

	*begun = !is_drained(s, wanted) && find(s, wanted, &d, NULL) == PCE_OK;
	if (*begun)
		status = drain(s, wanted, &d, &report, err);
	arena_free(&report.arena);
	free(d.links);
	return status;
}

static enum pce_status
drain(struct service *s, const struct drain *wanted, const struct drained *d,
      struct drain_report *out, struct pce_error *err)
{
	const struct service_event *e = s->step.event;
	bool dry = e->kind == SERVICE_OPERATE && e->u.operate.dry_run,
	     there = is_drained(s, wanted);
	enum pce_status status = there ? PCE_OK : insert(s, wanted, err);

	if (status)
		return status;
	status = report(s, wanted, d, out, err);
	s->drains[place_of(s, wanted)].drain.affected = (uint32_t)out->n_affected;
	if (status || dry) {
		if (!there)
			take_out(s, wanted);
		return status;
	}
	if (there)
		return PCE_OK;
	status = move_off(s, wanted, d, err);
	s->operate_dirty = s->batch_wanted = true;
	return status ? status : tell_drain(s, wanted, "drained", err);
}

static enum pce_status
undrain(struct service *s, const struct drain *wanted, struct pce_error *err)
{
	take_out(s, wanted);
	s->improved = true;
	s->operate_dirty = s->batch_wanted = true;
	return tell_drain(s, wanted, "undrained", err);
}

enum pce_status
drain_end(struct service *s, const struct drain *wanted, struct pce_error *err)
{
	return is_drained(s, wanted) ? undrain(s, wanted, err) : PCE_OK;
}

/* Not PCE_OK: the answer to the operator. */
static enum pce_status
check(const struct service *s, const struct drain *wanted, struct drained *d, struct pce_error *why)
{
	const struct service_event *e = s->step.event;
	enum pce_status status;

	*d = (struct drained){ .node = TED_NONE };
	if (!wanted->name || (unsigned)wanted->kind >= DRAIN_KIND_COUNT)
		return pce_fail(why, PCE_INVALID, "there is nothing named to drain");
	if (e->u.operate.kind == OPERATE_UNDRAIN)
		return is_drained(s, wanted) || window_is_planned(s, wanted)
			   ? PCE_OK
			   : pce_fail(why, PCE_NOT_FOUND, "%s %s is not drained",
				      drain_kind_name(wanted->kind), wanted->name);
	status = find(s, wanted, d, why);
	if (status == PCE_OK && !e->u.operate.dry_run && e->u.operate.until_us == 0)
		status = operate_refuse(s, why);
	return status;
}

enum pce_status
drain_event(struct service *s, struct drain_report *out, bool *wait, struct pce_error *err)
{
	const struct service_event *e = s->step.event;
	struct drain wanted = e->u.operate.drain;
	struct pce_error why = { 0 };
	struct reply_facts facts = { .why = &why };
	struct drained d;
	enum pce_status status = PCE_OK;

	*wait = false;
	wanted.since_us = e->wall_us;
	facts.status = check(s, &wanted, &d, &why);
	if (facts.status == PCE_OK && e->u.operate.kind == OPERATE_UNDRAIN) {
		if (window_cancel(s, &wanted))
			s->operate_dirty = s->batch_wanted = true;
		status = drain_end(s, &wanted, err);
	} else if (facts.status == PCE_OK && e->u.operate.until_us && !e->u.operate.dry_run) {
		status = window_plan(s,
				     &(struct drain_window){ .drain = wanted,
							     .from_us = e->u.operate.from_us,
							     .until_us = e->u.operate.until_us },
				     &why, err);
		facts.status = why.status;
	} else if (facts.status == PCE_OK) {
		status = drain(s, &wanted, &d, out, err);
	}
	free(d.links);
	if (status)
		return status;
	*wait = facts.status == PCE_OK && s->operate_dirty && !e->u.operate.dry_run;
	facts.drain = facts.status == PCE_OK ? out : NULL;
	return *wait ? PCE_OK : send_reply(s, e->id, &facts, err);
}

/* --- the store --- */

enum pce_status
drain_collect(const struct service *s, struct arena *arena, struct operate_record *out,
	      struct pce_error *err)
{
	struct drain *copy = arena_alloc(arena, (s->n_drains + 1) * sizeof(*copy));

	if (!copy)
		return pce_no_memory(err);
	for (size_t i = 0; i < s->n_drains; i++) {
		copy[i] = s->drains[i].drain;
		copy[i].name = arena_strdup(arena, s->drains[i].name);
		if (!copy[i].name)
			return pce_no_memory(err);
	}
	out->drains = copy;
	out->n_drains = s->n_drains;
	return PCE_OK;
}

enum pce_status
drain_recover(struct service *s, const struct operate_record *record, struct pce_error *err)
{
	enum pce_status status = PCE_OK;

	for (size_t i = 0; i < record->n_drains && status == PCE_OK; i++)
		if (!is_drained(s, &record->drains[i]))
			status = insert(s, &record->drains[i], err);
	return status;
}
