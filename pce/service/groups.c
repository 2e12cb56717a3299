/*
 * Groups: changes on several headends that are made together, or not at all. Policies whose records
 * have the same group number wait until all their routers can take a transaction; then all are
 * prepared with a confirmed commit, and only when all are, the decision is stored, for all of them
 * in one batch, and each is confirmed. From then on stragglers are rolled forward like any other
 * difference. What fails before the decision is taken back everywhere, and tried again later.
 *
 * The limit of it: routers run the new state from their prepare on, so for as long as the slowest
 * one needs, at most half of the confirm-timeout, some run the new and some the old state; and a
 * router that loses its session between the decision and its confirming commit may go back to the
 * old state by itself until it is read again.
 *
 * A router without confirmed commit cannot take a change back by itself, so it goes last, when all
 * others wait prepared: its change is final when it is made, but for the inverse, which is stored
 * before. The decision follows it; if it refuses, or nobody knows, the others are taken back.
 *
 * The number is part of the stored record: after a crash the group is the same. An undecided
 * transaction is then cancelled by its persist id or its inverse, a decided one confirmed, and as
 * the decisions were one batch, either all or none are decided.
 *
 * Restoration takes a policy out of its group: a dead router must not hold back the others.
 */
#include <stdlib.h>

#include "pce/base/array.h"
#include "pce/service/internal.h"

#define RETRY_US ((int64_t)USEC_PER_S)
#define RETRY_MOST_US (60 * (int64_t)USEC_PER_S)

/* What all routers of a group say together. */
struct standing {
	size_t n_devices; /* that do not hold their part yet */
	size_t n_first, n_last; /* of them with and without confirmed commit */
	bool ready, running, deciding;
	bool prepared, first_prepared; /* all, those with confirmed commit */
};

static bool
has_part(const struct service *s, uint32_t device, uint64_t group, struct deploy_group_view *view)
{
	deploy_group_get(s->devices[device].deploy, group, s->step.now, view);
	return view->n > 0;
}

static struct standing
stand(const struct service *s, const struct group_run *run)
{
	struct standing all = { .ready = !s->learning && !operate_waits(s),
				.running = true,
				.prepared = true,
				.first_prepared = true };

	for (uint32_t i = 0; i < s->n_devices; i++) {
		struct deploy_group_view view;

		if (!has_part(s, i, run->id, &view))
			continue;
		all.n_devices++;
		all.n_first += view.confirms;
		all.n_last += !view.confirms;
		all.ready = all.ready && view.ready && mode_opens(s, &s->devices[i]);
		all.prepared = all.prepared && view.prepared;
		all.deciding = all.deciding || view.deciding;
		if (view.confirms)
			all.first_prepared = all.first_prepared && view.prepared;
		/* Whoever goes last only has to be there meanwhile. */
		if (view.confirms || run->last)
			all.running = all.running && view.running;
		else
			all.running = all.running && view.connected;
	}
	return all;
}

/* Begins on those with confirmed commit, or on those without. */
static void
start(struct service *s, uint64_t group, bool confirms)
{
	for (uint32_t i = 0; i < s->n_devices; i++) {
		struct deploy_group_view view;

		if (!has_part(s, i, group, &view) || view.confirms != confirms)
			continue;
		deploy_group_start(s->devices[i].deploy, group);
		s->devices[i].poked = true;
	}
}

static void
each_device(struct service *s, uint64_t group,
	    void (*act)(struct deploy_device *device, uint64_t group))
{
	for (uint32_t i = 0; i < s->n_devices; i++) {
		struct deploy_group_view view;

		if (!has_part(s, i, group, &view))
			continue;
		act(s->devices[i].deploy, group);
		s->devices[i].poked = true;
	}
}

/* Nothing holds its policies together any more: what is not on its router yet goes by itself. */
static void
dissolve(struct service *s, uint64_t group)
{
	for (size_t i = 0; i < s->n_policies; i++) {
		struct service_policy *p = s->policies[i];

		if (p->now.record->group != group)
			continue;
		p->now.record->group = 0;
		want_stored(s, p);
		touch(s, p);
		if (!p->item)
			continue;
		deploy_group(s->devices[p->device].deploy, p->item, 0);
		s->devices[p->device].poked = true;
	}
}

static void
drop(struct service *s, struct group_run *run)
{
	*run = s->groups[--s->n_groups];
}

static void
fail(struct service *s, struct group_run *run)
{
	each_device(s, run->id, deploy_group_abandon);
	run->step = GROUP_GATHERING;
	run->retry_at =
	    back_off_until(s->step.now, RETRY_US, run->failures, RETRY_MOST_US, s->step.random);
	run->failures++;
}

/* False if the group is over. */
static bool
turn(struct service *s, struct group_run *run)
{
	struct standing now = stand(s, run);
	int64_t most = (int64_t)s->config->confirm_timeout_s * USEC_PER_S / 2;

	switch (run->step) {
	case GROUP_GATHERING:
		if (now.n_devices > 1 && now.ready && usec_due(run->retry_at, s->step.now)) {
			run->last = now.n_first == 0;
			start(s, run->id, !run->last);
			run->step = GROUP_PREPARING;
			run->expires = usec_add(s->step.now, most);
		}
		return now.n_devices > 1 || s->learning;
	case GROUP_PREPARING:
		if (now.n_devices > 0 && now.prepared && !usec_due(run->expires, s->step.now)) {
			each_device(s, run->id, deploy_group_decide);
			run->step = GROUP_DECIDING;
			s->batch_wanted = true;
		} else if (!now.running || now.n_devices == 0 ||
			   usec_due(run->expires, s->step.now)) {
			fail(s, run);
		} else if (!run->last && now.first_prepared && now.n_last > 0) {
			run->last = true;
			start(s, run->id, false);
		}
		return true;
	case GROUP_DECIDING:
		if (run->undecided) {
			run->undecided = false;
			fail(s, run);
			return true;
		}
		return now.deciding;
	}
	return true;
}

static struct group_run *
run_of(struct service *s, uint64_t group)
{
	for (size_t i = 0; i < s->n_groups; i++)
		if (s->groups[i].id == group)
			return &s->groups[i];
	return NULL;
}

enum pce_status
group_join(struct service *s, struct service_policy *p, struct pce_error *err)
{
	uint64_t group = p->now.record->removing ? 0 : p->now.record->group;
	enum pce_status status = PCE_OK;

	if (group && !run_of(s, group)) {
		status = array_reserve(&s->groups, &s->cap_groups, s->n_groups + 1,
				       sizeof(*s->groups), err);
		if (status == PCE_OK)
			s->groups[s->n_groups++] = (struct group_run){ .id = group };
	}
	if (status == PCE_OK && p->item)
		deploy_group(s->devices[p->device].deploy, p->item, group);
	return status;
}

void
groups_tick(struct service *s)
{
	for (size_t i = s->n_groups; i > 0; i--) {
		struct group_run *run = &s->groups[i - 1];

		if (turn(s, run))
			continue;
		dissolve(s, run->id);
		drop(s, run);
	}
}

void
groups_unstored(struct service *s, uint64_t group)
{
	struct group_run *run = run_of(s, group);

	if (run)
		run->undecided = true;
}

struct usec
groups_deadline(const struct service *s)
{
	struct usec at = USEC_NEVER;

	for (size_t i = 0; i < s->n_groups; i++) {
		const struct group_run *run = &s->groups[i];

		if (run->step == GROUP_PREPARING)
			at = usec_min(at, run->expires);
		else if (run->step == GROUP_GATHERING && !usec_due(run->retry_at, s->last_now))
			at = usec_min(at, run->retry_at);
	}
	return at;
}
