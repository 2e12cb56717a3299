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
 * The number is part of the stored record: after a crash the group is the same. An undecided
 * transaction is then cancelled by its persist id, a decided one confirmed, and as the decisions
 * were one batch, either all or none are decided.
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
	bool ready, running, prepared, deciding, some_running;
};

static bool
has_part(const struct service *s, uint32_t device, uint64_t group, struct deploy_group_view *view)
{
	deploy_group_get(s->devices[device].deploy, group, s->step.now, view);
	return view->n > 0;
}

static struct standing
stand(const struct service *s, uint64_t group)
{
	struct standing all = { .ready = !s->learning && !operate_waits(s),
				.running = true,
				.prepared = true };

	for (uint32_t i = 0; i < s->n_devices; i++) {
		struct deploy_group_view view;

		if (!has_part(s, i, group, &view))
			continue;
		all.n_devices++;
		all.ready = all.ready && view.ready && mode_opens(s, &s->devices[i]);
		all.running = all.running && view.running;
		all.some_running = all.some_running || view.running;
		all.prepared = all.prepared && view.prepared;
		all.deciding = all.deciding || view.deciding;
	}
	return all;
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
	struct standing now = stand(s, run->id);
	int64_t most = (int64_t)s->config->confirm_timeout_s * USEC_PER_S / 2;

	switch (run->step) {
	case GROUP_GATHERING:
		if (now.n_devices > 1 && now.ready && usec_due(run->retry_at, s->step.now)) {
			each_device(s, run->id, deploy_group_start);
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
