/*
 * Silent failures. A fibre can lose packets while every feed says that it is up. The headends'
 * probes see it, list by list: what they report is kept as evidence, pce/assure says which fibres
 * can be the cause, and these are avoided like drained ones until they are proved good, their feed
 * says that they are down (then it was no silent failure), or their time is over: it doubles with
 * every return, because nobody probes a fibre that everybody avoids.
 *
 * A policy whose list fails moves at once, past all suspects; where it cannot, past as many as it
 * can, the likeliest first. Others stay where they are unless a suspect is the only one of some
 * failure. Whoever's lists cross suspects is read again once the failure must have been noticed
 * there: what works proves its fibres good, and what is proved good is used again.
 *
 * Taken for granted: probes come back over the fibres of their list (as in the lab), so both
 * directions of a fibre are one. A list that fails although all of its fibres are proved good
 * (a SID that its node does not obey any more) is avoided by its own policy alone.
 */
#include "pce/service/assure.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pce/base/array.h"
#include "pce/service/recompute.h"

#define EXPLAINED_US                                                                               \
	(10 * (int64_t)USEC_PER_S) /* a feed that tells of the loss so late explains it */
#define REMEMBERED 10 /* times the hold: so long a return counts as one */
#define STALE_PART 8 /* of the hold: then a way that failed is better than one that fails */
#define PAUSE_MOST_US (60 * (int64_t)USEC_PER_S)

static bool
is_on(const struct service *s)
{
	return s->config->assure.hold_s > 0;
}

static int64_t
detect_us(const struct service *s)
{
	int64_t us = (int64_t)s->config->assure.detect_ms * USEC_PER_MS;

	return us > 0 ? us : USEC_PER_S;
}

static int64_t
hold_us(const struct service *s, unsigned strikes)
{
	int64_t us = (int64_t)s->config->assure.hold_s * USEC_PER_S;
	int64_t most = (int64_t)s->config->assure.max_hold_s * USEC_PER_S;

	while (--strikes > 0 && us < most)
		us *= 2;
	return us < most || most == 0 ? us : most;
}

ted_link
assure_fibre(const struct service *s, ted_link link)
{
	ted_link reverse = ted_link_at(s->ted, link)->reverse;

	return reverse < link ? reverse : link;
}

const struct assure_suspect *
assure_find(const struct assurance *a, ted_link fibre)
{
	size_t low = 0, high = a->verdict.n;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (a->verdict.suspects[middle].fibre < fibre)
			low = middle + 1;
		else
			high = middle;
	}
	return low < a->verdict.n && a->verdict.suspects[low].fibre == fibre
		   ? &a->verdict.suspects[low]
		   : NULL;
}

/* --- what is kept --- */

static void
kept_free(struct assure_kept *k)
{
	free(k->policy_id);
	free(k->links);
	free(k);
}

void
assure_free(struct service *s)
{
	struct assurance *a = s->assurance;

	if (!a)
		return;
	while (a->n_kept > 0)
		kept_free(a->kept[--a->n_kept]);
	while (a->n_told > 0)
		free(a->told[--a->n_told]);
	free(a->kept);
	free(a->told);
	free(a->alive_at);
	free(a->strikes);
	arena_free(&a->arena);
	free(a);
}

enum pce_status
assure_new(struct service *s, struct pce_error *err)
{
	s->assurance = calloc(1, sizeof(*s->assurance));
	if (!s->assurance)
		return pce_no_memory(err);
	s->assurance->look_at = USEC_NEVER;
	return PCE_OK;
}

/* Rows for every link that is known. */
static enum pce_status
make_rows(struct service *s, struct pce_error *err)
{
	struct assurance *a = s->assurance;
	size_t n = ted_link_count(s->ted);
	enum pce_status status;

	if (a->n_links >= n)
		return PCE_OK;
	status = array_reserve(&a->alive_at, &a->cap_alive, n, sizeof(*a->alive_at), err);
	if (status == PCE_OK)
		status = array_reserve(&a->strikes, &a->cap_strikes, n, sizeof(*a->strikes), err);
	for (; status == PCE_OK && a->n_links < n; a->n_links++) {
		a->alive_at[a->n_links] = (struct usec){ 0 };
		a->strikes[a->n_links] = (struct assure_strike){ 0 };
	}
	return status;
}

static struct assure_kept *
find_kept(const struct assurance *a, const struct service_policy *p, size_t list)
{
	for (size_t i = 0; i < a->n_kept; i++)
		if (a->kept[i]->slot == p->slot && a->kept[i]->list == list &&
		    a->kept[i]->generation == p->now.record->generation)
			return a->kept[i];
	return NULL;
}

/* What was seen so often before on one of the links. */
static unsigned
strikes_of(const struct service *s, const struct assure_kept *k)
{
	const struct assurance *a = s->assurance;
	unsigned most = 0;

	for (size_t i = 0; i < k->n; i++) {
		const struct assure_strike *strike = &a->strikes[assure_fibre(s, k->links[i])];

		if (strike->n > most && usec_due(strike->from, s->step.now) &&
		    !usec_due(strike->until, s->step.now))
			most = strike->n;
	}
	return most;
}

static void
strike(struct service *s, const struct assure_kept *k)
{
	for (size_t i = 0; i < k->n; i++)
		s->assurance->strikes[assure_fibre(s, k->links[i])] = (struct assure_strike){
			k->strikes,
			usec_add(s->step.now, 4 * detect_us(s)),
			usec_add(s->step.now, REMEMBERED * hold_us(s, k->strikes)),
		};
}

static void
drop(struct service *s, size_t at, bool counts)
{
	struct assurance *a = s->assurance;
	struct assure_kept *k = a->kept[at];

	if (counts)
		strike(s, k);
	kept_free(k);
	a->n_kept--;
	memmove(&a->kept[at], &a->kept[at + 1], (a->n_kept - at) * sizeof(struct assure_kept *));
	a->dirty = s->improved = true;
}

/* --- what headends say --- */

enum said { SAID_NOTHING, SAID_VALID, SAID_INVALID };

static enum said
said_of(const struct srpolicy *sr, size_t list, const struct srpolicy_oper *oper)
{
	size_t path, first = list;

	srpolicy_list_at(sr, list, &path);
	while (first > 0) {
		size_t before;

		srpolicy_list_at(sr, first - 1, &before);
		if (before != path)
			break;
		first--;
	}
	for (size_t i = 0; i < oper->n_lists; i++)
		if (oper->lists[i].preference == sr->paths[path].preference &&
		    oper->lists[i].id == list - first + 1)
			return oper->lists[i].valid ? SAID_VALID : SAID_INVALID;
	return oper->n_lists == 0 && !oper->up ? SAID_INVALID : SAID_NOTHING;
}

/* Every fibre of a list that returns is good. */
static void
note_alive(struct service *s, const struct service_policy *p, size_t list, struct usec at)
{
	struct assurance *a = s->assurance;

	if (p->now.record->bound[list].n_branches > 0)
		return; /* who knows which way they took */
	for (size_t i = 0; i < p->n_links[list]; i++) {
		ted_link link = p->links[list][i];
		ted_link reverse = ted_link_at(s->ted, link)->reverse;

		a->alive_at[link] = usec_max(a->alive_at[link], at);
		if (reverse != TED_NONE)
			a->alive_at[reverse] = usec_max(a->alive_at[reverse], at);
	}
	a->dirty = a->dirty || a->n_kept > 0;
}

static bool
is_explained(const struct service *s, const ted_link *links, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!ted_link_usable(s->ted, links[i]))
			return true;
	return false;
}

/* Memory of a failure is made whole, or not at all. */
static struct assure_kept *
kept_new(const struct service_policy *p, size_t list)
{
	struct assure_kept *k = calloc(1, sizeof(*k));

	if (!k)
		return NULL;
	k->n_path = p->n_links[list];
	k->n = k->n_path + p->now.record->bound[list].n_branches;
	k->policy_id = array_strdup(p->id);
	k->links = array_copy(p->links[list], k->n * sizeof(*k->links));
	k->slot = p->slot;
	k->generation = p->now.record->generation;
	k->list = list;
	k->until = k->stale_at = USEC_NEVER;
	if (k->policy_id && k->links)
		return k;
	kept_free(k);
	return NULL;
}

static enum pce_status
note_failed(struct service *s, const struct service_policy *p, size_t list, struct pce_error *err)
{
	struct assurance *a = s->assurance;
	struct assure_kept *k;
	enum pce_status status;

	if (find_kept(a, p, list) || is_explained(s, p->links[list], p->n_links[list]))
		return PCE_OK;
	status =
	    array_reserve(&a->kept, &a->cap_kept, a->n_kept + 1, sizeof(struct assure_kept *), err);
	k = status ? NULL : kept_new(p, list);
	if (!k)
		return status ? status : pce_no_memory(err);
	k->failed_at = s->step.now;
	k->since_us = s->step.event->wall_us;
	k->strikes = 1 + strikes_of(s, k);
	a->kept[a->n_kept++] = k;
	a->dirty = true;
	a->pause_us = 2 * detect_us(s);
	a->look_at = usec_min(a->look_at, usec_add(s->step.now, detect_us(s)));
	return PCE_OK;
}

/* What is new at a headend may not have been probed yet: until it must have been, nothing is made
 * of what is said of it. */
static bool
is_too_young(const struct service *s, const struct deploy_item_view *view)
{
	return !usec_due(usec_add(view->prepared, detect_us(s)), view->oper_at);
}

static void
ask_later(struct service *s, const struct service_policy *p, const struct deploy_item_view *view,
	  enum said said)
{
	struct usec at = usec_add(view->prepared, detect_us(s));

	if (said == SAID_VALID && s->assurance->n_kept == 0)
		return;
	s->devices[p->device].recheck = true;
	at = usec_max(at, usec_add(s->step.now, detect_us(s) / 8));
	s->assurance->look_at = usec_min(s->assurance->look_at, at);
}

enum pce_status
assure_note(struct service *s, struct service_policy *p, const struct deploy_item_view *view,
	    struct pce_error *err)
{
	enum pce_status status;

	if (!is_on(s) || s->learning || !view->oper || !view->oper_current || p->unbound ||
	    !p->links || view->state != DEPLOY_SYNCED)
		return PCE_OK;
	status = make_rows(s, err);
	for (size_t i = 0; i < srpolicy_n_lists(&p->now.record->srpolicy) && status == PCE_OK;
	     i++) {
		enum said said = said_of(&p->now.record->srpolicy, i, view->oper);

		if (said == SAID_NOTHING)
			continue;
		if (is_too_young(s, view))
			ask_later(s, p, view, said);
		else if (said == SAID_VALID)
			note_alive(s, p, i, view->oper_at);
		else
			status = note_failed(s, p, i, err);
		p->on_trial = p->on_trial && is_too_young(s, view);
	}
	return status;
}

/* --- the verdict --- */

bool
assure_blames(const struct service *s, const struct assure_kept *k, ted_link fibre)
{
	const struct assurance *a = s->assurance;
	const struct assure_failure f = { .failed_at = k->failed_at };
	const struct assure_evidence e = { .alive_at = a->alive_at, .detect_us = detect_us(s) };

	for (size_t i = 0; i < k->n; i++)
		if (assure_fibre(s, k->links[i]) == fibre)
			return !assure_is_proved(&e, &f, fibre);
	return false;
}

/* Fibres out of a node, or of a shared risk group. */
static enum pce_status
add_risk(struct arena *arena, struct assure_evidence *e, size_t *cap, const uint32_t *fibres,
	 size_t n, struct pce_error *err)
{
	struct assure_risk *grown = (struct assure_risk *)(uintptr_t)e->risks;
	uint32_t *copy = arena_copy(arena, fibres, n * sizeof(*fibres));

	if (copy && e->n_risks == *cap) {
		*cap = *cap * 2 + 16;
		grown = arena_alloc(arena, *cap * sizeof(*grown));
		if (grown && e->n_risks > 0)
			memcpy(grown, e->risks, e->n_risks * sizeof(*grown));
	}
	if (!copy || !grown)
		return pce_no_memory(err);
	grown[e->n_risks++] = (struct assure_risk){ copy, n };
	e->risks = grown;
	return PCE_OK;
}

static bool
has_srlg(const struct ted_link_row *row, uint32_t srlg)
{
	for (size_t i = 0; i < row->n_srlg; i++)
		if (row->srlg[i] == srlg)
			return true;
	return false;
}

/* Nodes that failed lists go through and none begins or ends at. */
static enum pce_status
add_nodes(struct service *s, struct arena *arena, struct assure_evidence *e, size_t *cap,
	  uint32_t *scratch, struct pce_error *err)
{
	const struct assurance *a = s->assurance;
	size_t n_nodes = ted_node_count(s->ted);
	uint8_t *role = arena_alloc(arena, n_nodes + 1); /* 1: transit, 2: an end */
	enum pce_status status = role ? PCE_OK : pce_no_memory(err);

	for (size_t i = 0; status == PCE_OK && i < a->n_kept; i++)
		for (size_t k = 0; k < a->kept[i]->n; k++) {
			const struct ted_link_row *row = ted_link_at(s->ted, a->kept[i]->links[k]);

			role[row->from] |= k == 0 ? 2 : 1;
			role[row->to] |= k + 1 == a->kept[i]->n_path ? 2 : 1;
		}
	for (ted_node v = 0; status == PCE_OK && v < n_nodes; v++) {
		size_t out, n = 0;
		const ted_link *links = ted_links_out(s->ted, v, &out);

		if (role[v] != 1)
			continue;
		for (size_t k = 0; k < out; k++)
			if (ted_link_usable(s->ted, links[k]))
				scratch[n++] = assure_fibre(s, links[k]);
		status = add_risk(arena, e, cap, scratch, n, err);
	}
	return status;
}

/* Groups that a link of a failed list has, each once. */
static enum pce_status
add_groups(struct service *s, struct arena *arena, struct assure_evidence *e, size_t *cap,
	   uint32_t *scratch, struct pce_error *err)
{
	const struct assurance *a = s->assurance;
	size_t n_groups;
	const struct ted_srlg_row *groups = ted_srlgs(s->ted, &n_groups);
	enum pce_status status = PCE_OK;

	for (size_t g = 0; g < n_groups && status == PCE_OK; g++) {
		bool met = false;
		size_t n = 0;

		for (size_t i = 0; i < a->n_kept && !met; i++)
			for (size_t k = 0; k < a->kept[i]->n && !met; k++)
				met = has_srlg(ted_link_at(s->ted, a->kept[i]->links[k]),
					       groups[g].number);
		for (ted_link link = 0; met && link < ted_link_count(s->ted); link++)
			if (has_srlg(ted_link_at(s->ted, link), groups[g].number) &&
			    ted_link_usable(s->ted, link) && assure_fibre(s, link) == link)
				scratch[n++] = link;
		if (n > 1)
			status = add_risk(arena, e, cap, scratch, n, err);
	}
	return status;
}

static enum pce_status
add_failures(struct service *s, struct arena *arena, struct assure_evidence *e,
	     struct pce_error *err)
{
	const struct assurance *a = s->assurance;
	struct assure_failure *failures = arena_alloc(arena, (a->n_kept + 1) * sizeof(*failures));

	if (!failures)
		return pce_no_memory(err);
	for (size_t i = 0; i < a->n_kept; i++) {
		const struct assure_kept *k = a->kept[i];
		uint32_t *fibres = arena_alloc(arena, (k->n + 1) * sizeof(*fibres));
		size_t n = 0;

		if (!fibres)
			return pce_no_memory(err);
		for (size_t j = 0; j < k->n; j++) {
			uint32_t fibre = assure_fibre(s, k->links[j]);
			size_t at = 0;

			while (at < n && fibres[at] != fibre)
				at++;
			fibres[at] = fibre;
			n += at == n;
		}
		failures[i] = (struct assure_failure){ fibres, n, k->failed_at };
	}
	e->failures = failures;
	e->n_failures = a->n_kept;
	return PCE_OK;
}

static bool
are_too_many(const struct service *s, size_t suspects)
{
	size_t most = (size_t)s->n_usable / 2 * s->config->assure.links_percent / 100;

	if (most < s->config->assure.least_links)
		most = s->config->assure.least_links;
	return suspects > most;
}

/* Whoever avoided what is proved good now, or forgotten, may use it again; not at once. */
static enum pce_status
release(struct service *s, const struct assure_verdict *before, struct pce_error *err)
{
	struct assurance *a = s->assurance;
	enum pce_status status = PCE_OK;

	for (size_t i = 0; i < before->n && status == PCE_OK; i++) {
		ted_link fibre = before->suspects[i].fibre;
		const struct assure_suspect *now = assure_find(a, fibre);

		if (now && now->beside == before->suspects[i].beside)
			continue;
		s->improved = true;
		if (!now && !before->suspects[i].beside)
			status = reoptimise_returned(s, fibre, err);
		if (status == PCE_OK && !now && !before->suspects[i].beside &&
		    ted_link_at(s->ted, fibre)->reverse != TED_NONE)
			status = reoptimise_returned(s, ted_link_at(s->ted, fibre)->reverse, err);
	}
	return status;
}

static bool
same_verdict(const struct assure_verdict *a, const struct assure_verdict *b)
{
	if (a->n != b->n)
		return false;
	for (size_t i = 0; i < a->n; i++)
		if (a->suspects[i].fibre != b->suspects[i].fibre ||
		    a->suspects[i].named != b->suspects[i].named ||
		    a->suspects[i].beside != b->suspects[i].beside)
			return false;
	return true;
}

/* The evidence as rows, and what pce/assure makes of it. */
static enum pce_status
weigh(struct service *s, struct arena *arena, struct assure_verdict *out, struct pce_error *err)
{
	struct assurance *a = s->assurance;
	struct assure_evidence e = { .n_fibres = a->n_links,
				     .alive_at = a->alive_at,
				     .detect_us = detect_us(s) };
	uint32_t *scratch = arena_alloc(arena, (a->n_links + 1) * sizeof(*scratch));
	size_t cap = 0;
	enum pce_status status = scratch ? add_failures(s, arena, &e, err) : pce_no_memory(err);

	if (status == PCE_OK)
		status = add_nodes(s, arena, &e, &cap, scratch, err);
	if (status == PCE_OK)
		status = add_groups(s, arena, &e, &cap, scratch, err);
	return status ? status : assure_localise(&e, arena, out, err);
}

static enum pce_status
judge(struct service *s, bool *changed, struct pce_error *err)
{
	struct assurance *a = s->assurance;
	struct assure_verdict v = { 0 }, before = a->verdict;
	struct arena arena = { 0 }, old = a->arena;
	enum pce_status status = make_rows(s, err);

	if (status == PCE_OK && a->n_kept > 0)
		status = weigh(s, &arena, &v, err);
	if (status) {
		arena_free(&arena);
		return status;
	}
	for (size_t i = 0; i < a->n_kept; i++)
		a->kept[i]->alone = v.unexplained[i];
	*changed = !same_verdict(&before, &v);
	a->verdict = v;
	a->arena = arena;
	a->too_many = are_too_many(s, v.n - v.n_beside);
	status = release(s, &before, err);
	arena_free(&old);
	return status;
}

/* --- what follows --- */

static struct service_policy *
policy_of_kept(const struct service *s, const struct assure_kept *k)
{
	struct service_policy *p = k->slot < s->n_slots ? s->slots[k->slot] : NULL;

	return p && p->intent && p->now.record && strcmp(p->id, k->policy_id) == 0 ? p : NULL;
}

/* Its policy moves, or its list stays. */
static bool
still_stands(const struct service *s, const struct assure_kept *k)
{
	const struct service_policy *p = policy_of_kept(s, k);

	return p && !p->now.record->removing && p->now.record->generation == k->generation;
}

/* True if the list itself was seen to return. */
static bool
returns(const struct service *s, const struct assure_kept *k)
{
	struct deploy_item_view view;
	const struct service_policy *p = policy_of_kept(s, k);

	if (!k->alone || !p || !p->item || p->device == NO_DEVICE)
		return false;
	deploy_item_get(s->devices[p->device].deploy, p->item, &view);
	return view.oper && view.oper_current &&
	       said_of(&p->now.record->srpolicy, k->list, view.oper) == SAID_VALID;
}

/* Whether the list that a policy gets next is better has to be seen. */
static void
try_next(struct service *s, struct service_policy *p)
{
	struct assurance *a = s->assurance;

	p->on_trial = true;
	a->pause_us = 2 * detect_us(s);
	a->look_at = usec_min(a->look_at, usec_add(s->step.now, a->pause_us));
}

/* From now on nobody probes the list: its time begins. */
static void
leave(struct service *s, struct assure_kept *k)
{
	struct service_policy *p = policy_of_kept(s, k);

	k->until = usec_add(s->step.now, hold_us(s, k->strikes));
	k->stale_at = usec_add(s->step.now, hold_us(s, k->strikes) / STALE_PART);
	strike(s, k);
	if (p)
		try_next(s, p);
}

static void
settle_kept(struct service *s)
{
	struct assurance *a = s->assurance;

	for (size_t i = a->n_kept; i-- > 0;) {
		struct assure_kept *k = a->kept[i];
		bool stands = still_stands(s, k);

		if (!stands && k->until.v == USEC_NEVER.v)
			leave(s, k);
		s->improved = s->improved || (usec_due(k->stale_at, s->step.now) && !k->stale);
		k->stale = usec_due(k->stale_at, s->step.now);
		if (is_explained(s, k->links, k->n) &&
		    !usec_due(usec_add(k->failed_at, EXPLAINED_US), s->step.now))
			drop(s, i, false);
		else if (usec_due(k->until, s->step.now) || (stands && returns(s, k)))
			drop(s, i, true);
	}
}

/* Whether a list of the policy crosses a suspect. */
static bool
crosses_suspect(const struct service *s, const struct service_policy *p)
{
	if (!p->now.record || !p->links || p->unbound || p->device == NO_DEVICE)
		return false;
	for (size_t l = 0; l < srpolicy_n_lists(&p->now.record->srpolicy); l++)
		for (size_t k = 0; k < policy_reach(p, l); k++)
			if (assure_find(s->assurance, assure_fibre(s, p->links[l][k])))
				return true;
	return false;
}

/* Asks the headends whose lists cross suspects, and those that spoke too early. */
static void
look_again(struct service *s)
{
	struct assurance *a = s->assurance;

	for (size_t i = 0; i < s->n_policies; i++)
		if (s->policies[i]->device != NO_DEVICE &&
		    (s->policies[i]->on_trial || crosses_suspect(s, s->policies[i])))
			s->devices[s->policies[i]->device].recheck = true;
	for (size_t i = 0; i < s->n_devices; i++) {
		struct service_device *d = &s->devices[i];

		if (!d->recheck)
			continue;
		d->recheck = false;
		d->poked = true;
		deploy_changed(d->deploy);
	}
	a->look_at = a->n_kept > 0 ? usec_add(s->step.now, a->pause_us) : USEC_NEVER;
	a->pause_us = a->pause_us * 2 < PAUSE_MOST_US ? a->pause_us * 2 : PAUSE_MOST_US;
}

static void
say_cause(const struct service *s, const struct assure_kept *k, char *text, size_t cap)
{
	size_t used = (size_t)snprintf(text, cap, "probes do not come back over");

	for (size_t i = 0; i < k->n && used < cap; i++)
		used += (size_t)snprintf(text + used, cap - used, " %s",
					 ted_link_at(s->ted, k->links[i])->name);
}

/* Who crosses what is certainly bad, whether its own probes say so or not. */
static void
work_on_link(struct service *s, ted_link link)
{
	char cause[256];
	size_t n = 0;
	const uint32_t *slots = link == TED_NONE ? NULL : affected_on(&s->affected, link, &n);

	if (n > 0)
		snprintf(cause, sizeof(cause), "link %s loses packets silently",
			 ted_link_at(s->ted, link)->name);
	for (size_t i = 0; i < n; i++) {
		struct service_policy *p = s->slots[slots[i]];

		if (!p || !p->intent)
			continue;
		work_add(s, p, WORK_VALIDATE, s->step.now, cause);
		try_next(s, p);
	}
}

static void
work_on_named(struct service *s)
{
	const struct assure_verdict *v = &s->assurance->verdict;

	for (size_t i = 0; i < v->n; i++) {
		if (!v->suspects[i].named)
			continue;
		work_on_link(s, v->suspects[i].fibre);
		work_on_link(s, ted_link_at(s->ted, v->suspects[i].fibre)->reverse);
	}
}

static void
put_to_work(struct service *s, bool changed)
{
	struct assurance *a = s->assurance;
	char cause[256];

	for (size_t i = 0; i < a->n_kept; i++) {
		struct assure_kept *k = a->kept[i];

		if (a->too_many || !still_stands(s, k) || (k->acted && !changed))
			continue;
		k->acted = true;
		say_cause(s, k, cause, sizeof(cause));
		work_add(s, policy_of_kept(s, k), WORK_COMPUTE, k->failed_at, cause);
	}
	if (changed && !a->too_many)
		work_on_named(s);
}

enum pce_status
assure_tick(struct service *s, struct pce_error *err)
{
	struct assurance *a = s->assurance;
	bool changed = false;
	enum pce_status status;

	if (!is_on(s) || s->learning)
		return PCE_OK;
	settle_kept(s);
	if (a->dirty) {
		a->dirty = false;
		status = judge(s, &changed, err);
		if (status)
			return status;
		put_to_work(s, changed);
		status = assure_tell(s, err);
		if (status)
			return status;
	}
	if (usec_due(a->look_at, s->step.now))
		look_again(s);
	return PCE_OK;
}

void
assure_links(struct service *s)
{
	s->assurance->dirty = s->assurance->dirty || s->assurance->n_kept > 0;
}

struct usec
assure_deadline(const struct service *s)
{
	const struct assurance *a = s->assurance;
	struct usec at = a->look_at;

	if (!is_on(s) || s->learning)
		return USEC_NEVER;
	for (size_t i = 0; i < a->n_kept; i++)
		at = usec_min(at, usec_due(a->kept[i]->stale_at, s->last_now)
				      ? a->kept[i]->until
				      : a->kept[i]->stale_at);
	return a->dirty ? s->last_now : at;
}
