/*
 * The queue of policies to look at again: who comes into it, and in which order they are looked at.
 */
#include <stdlib.h>
#include <string.h>

#include "pce/base/array.h"
#include "pce/service/advise.h"

void
work_add(struct service *s, struct service_policy *p, unsigned work, struct usec cause_at,
	 const char *cause)
{
	if (!p->intent || !p->now.record || s->learning)
		return;
	if (p->work == 0) {
		if (array_reserve(&s->queue, &s->cap_queue, s->n_queue + 1, sizeof(*s->queue),
				  NULL) != PCE_OK)
			return;
		s->queue[s->n_queue++] = p->slot;
		s->queue_sorted = false;
		p->cause_at = cause_at;
		p->detected_at = s->step.now;
		(void)replace_text(&p->work_cause, cause, NULL);
	} else if ((work & WORK_COMPUTE) && !(p->work & WORK_COMPUTE)) {
		(void)replace_text(&p->work_cause, cause, NULL);
	}
	if (work & ~p->work)
		s->queue_sorted = false;
	p->work |= work;
}

void
check_all(struct service *s, unsigned work, const char *cause)
{
	for (size_t i = 0; i < s->n_policies; i++)
		work_add(s, s->policies[i], work, s->noted_at, cause);
}

/* Works out what the paths leave to the IGP, once for each record that is bound. */
static enum pce_status
find_legs(struct service *s, struct service_policy *p, struct pce_error *err)
{
	const struct srpolicy *sr = &p->now.record->srpolicy;
	enum pce_status status = PCE_OK;

	size_t n = srpolicy_n_lists(sr);

	p->legs = arena_alloc(&p->now.arena, (n + 1) * sizeof(*p->legs));
	if (!p->legs)
		return pce_no_memory(err);
	for (size_t i = 0; i < n && status == PCE_OK; i++)
		status = stray_legs(s->ted, srpolicy_list_at(sr, i, NULL), p->links[i],
				    p->n_links[i], &p->now.arena, &p->legs[i].at, &p->legs[i].n,
				    &p->legs[i].known, err);
	return status;
}

/* True if some list of the policy may be led astray, or that cannot be told. */
static enum pce_status
may_stray(struct service *s, struct service_policy *p, const struct stray *stray, bool *may,
	  struct pce_error *err)
{
	enum pce_status status = PCE_OK;

	*may = p->unbound;
	if (!p->unbound && !p->legs)
		status = find_legs(s, p, err);
	for (size_t i = 0;
	     status == PCE_OK && !*may && i < srpolicy_n_lists(&p->now.record->srpolicy); i++)
		*may = !p->legs[i].known ||
		       stray_may(stray, s->ted, p->links[i], p->legs[i].at, p->legs[i].n);
	return status;
}

enum pce_status
check_strays(struct service *s, const ted_link *links, size_t n, const char *cause,
	     struct pce_error *err)
{
	struct stray *stray;
	enum pce_status status = PCE_OK;

	if (s->learning || s->n_policies == 0)
		return PCE_OK;
	status = stray_new(s->ted, links, n, &stray, err);
	if (status)
		return status;
	for (size_t i = 0; i < s->n_policies && status == PCE_OK; i++) {
		bool may;

		status = may_stray(s, s->policies[i], stray, &may, err);
		if (status == PCE_OK && may)
			work_add(s, s->policies[i], WORK_CHECK, s->noted_at, cause);
	}
	stray_free(stray);
	return status;
}

void
restore_improved(struct service *s)
{
	if (!s->improved || s->learning || operate_waits(s))
		return;
	s->improved = false;
	reoptimise_noted(s);
	for (size_t i = 0; i < s->n_policies; i++) {
		struct service_policy *p = s->policies[i];

		if (p->failed || p->degraded)
			work_add(s, p, WORK_COMPUTE, s->step.now, "something improved");
	}
}

bool
restore_waits(const struct service *s)
{
	return !s->learning && s->n_queue > 0 && !operate_waits(s);
}

/* True if some list of the policy leads over a link that is gone. */
static bool
is_lost(const struct service *s, const struct service_policy *p)
{
	if (p->failed)
		return true;
	for (size_t i = 0; p->links && i < srpolicy_n_lists(&p->now.record->srpolicy); i++)
		for (size_t k = 0; k < p->n_links[i]; k++)
			if (p->links[i][k] != TED_NONE && !ted_link_usable(s->ted, p->links[i][k]))
				return true;
	return false;
}

/* What is lost goes before what may have gone astray, and that before what only might improve. */
static uint8_t
urgency_of(const struct service *s, const struct service_policy *p)
{
	return is_lost(s, p) ? 0 : p->work & WORK_CHECK ? 1 : 2;
}

static bool
comes_before(const struct service_policy *a, const struct service_policy *b)
{
	if (a->urgency != b->urgency)
		return a->urgency < b->urgency;
	if (a->intent->intent->priority != b->intent->intent->priority)
		return a->intent->intent->priority < b->intent->intent->priority;
	return strcmp(a->id, b->id) < 0;
}

/* Merge sort: the order is total, and no comparison function needs a global. */
static void
sort_slots(const struct service *s, uint32_t *slots, uint32_t *spare, size_t n)
{
	size_t half = n / 2, i = 0, j = half, k = 0;

	if (n < 2)
		return;
	sort_slots(s, slots, spare, half);
	sort_slots(s, slots + half, spare, n - half);
	memcpy(spare, slots, n * sizeof(*slots));
	while (i < half && j < n)
		slots[k++] =
		    comes_before(s->slots[spare[j]], s->slots[spare[i]]) ? spare[j++] : spare[i++];
	while (i < half)
		slots[k++] = spare[i++];
	while (j < n)
		slots[k++] = spare[j++];
}

enum pce_status
queue_order(struct service *s, struct pce_error *err)
{
	uint32_t *spare;
	size_t kept = 0;

	for (size_t i = 0; i < s->n_queue; i++) {
		struct service_policy *p = s->slots[s->queue[i]];

		if (p && p->intent && !p->intent->pending)
			s->queue[kept++] = s->queue[i];
		else if (p)
			p->work = 0; /* looked at when its change is stored, or never */
	}
	s->n_queue = kept;
	if (s->queue_sorted || kept < 2)
		return PCE_OK;
	spare = malloc(kept * sizeof(*spare));
	if (!spare)
		return pce_no_memory(err);
	for (size_t i = 0; i < kept; i++)
		s->slots[s->queue[i]]->urgency = urgency_of(s, s->slots[s->queue[i]]);
	sort_slots(s, s->queue, spare, kept);
	free(spare);
	s->queue_sorted = true;
	return PCE_OK;
}
