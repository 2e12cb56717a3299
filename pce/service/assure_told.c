/*
 * What becomes of suspicions: requests avoid them, alarms and views tell of them.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pce/base/array.h"
#include "pce/service/assure.h"

#define TRIALS_MOST 8u /* suspects that are each asked for */
#define PPM_PERCENT 10000

/* --- requests --- */

/* Whether a policy has a list that fails, and whether it crosses the fibre. */
static bool
has_failed(const struct service *s, const char *policy_id, ted_link fibre, bool *crosses)
{
	const struct assurance *a = s->assurance;
	bool failed = false;

	*crosses = false;
	for (size_t i = 0; i < a->n_kept; i++) {
		if (strcmp(a->kept[i]->policy_id, policy_id) != 0)
			continue;
		failed = true;
		for (size_t k = 0; fibre != TED_NONE && k < a->kept[i]->n; k++)
			*crosses = *crosses || assure_fibre(s, a->kept[i]->links[k]) == fibre;
	}
	return failed;
}

/* The fibres of the policy's own lists that fail for no reason that can be found. */
static size_t
alone_links(const struct service *s, const char *policy_id, uint32_t *out)
{
	const struct assurance *a = s->assurance;
	size_t n = 0;

	for (size_t i = 0; i < a->n_kept; i++)
		if (a->kept[i]->alone && strcmp(a->kept[i]->policy_id, policy_id) == 0) {
			if (out)
				memcpy(out + n, a->kept[i]->links, a->kept[i]->n * sizeof(*out));
			n += a->kept[i]->n;
		}
	return n;
}

enum pce_status
assure_request(const struct service *s, const char *intent_id, bool backward, struct arena *arena,
	       struct path_request *r, struct pce_error *err)
{
	const struct assurance *a = s->assurance;
	size_t n = r->n_avoid_links, most = n + a->verdict.n, len = strlen(intent_id);
	char *id = arena_alloc(arena, len + 2);
	uint32_t *links;
	bool failed, crosses;

	if (a->n_kept == 0 || a->too_many || a->crossing_all)
		return PCE_OK;
	if (!id)
		return pce_no_memory(err);
	memcpy(id, intent_id, len);
	id[len] = backward ? '~' : '\0';
	failed = has_failed(s, id, TED_NONE, &crosses);
	most += a->crossing ? 0 : alone_links(s, id, NULL);
	links = arena_alloc(arena, (most + 1) * sizeof(*links));
	if (!links)
		return pce_no_memory(err);
	if (n > 0)
		memcpy(links, r->avoid_links, n * sizeof(*links));
	for (size_t i = 0; i < a->verdict.n; i++)
		if (!(a->crossing && a->crossing[i]) && (failed || !a->verdict.suspects[i].beside))
			links[n++] = a->verdict.suspects[i].fibre;
	if (!a->crossing)
		n += alone_links(s, id, links + n);
	r->avoid_links = links;
	r->n_avoid_links = n;
	return PCE_OK;
}

bool
assure_avoids(const struct service *s)
{
	return s->assurance->n_kept > 0 && !s->assurance->too_many;
}

/* --- a way past as many as can be --- */

static bool
comes_first(const struct service *s, const struct assure_suspect *a, const struct assure_suspect *b)
{
	if (a->beside != b->beside)
		return b->beside;
	if (a->confidence_ppm != b->confidence_ppm)
		return a->confidence_ppm > b->confidence_ppm;
	return ted_link_at(s->ted, a->fibre)->rank < ted_link_at(s->ted, b->fibre)->rank;
}

static bool
has_room(const struct service *s, const struct service_policy *p, ted_link link)
{
	uint64_t own = ledger_held_bps(&p->holding, link);

	return !p->intent ||
	       ted_residual_bps(s->ted, link) + own >= p->intent->intent->bandwidth_bps;
}

/* Whether any way with room leads from the policy's headend to its end but over what is avoided;
 * what else it has to be does not matter. */
static bool
leads(const struct service *s, const struct service_policy *p, const bool *avoid, ted_node *queue,
      bool *met)
{
	size_t n = 0;

	memset(met, 0, ted_node_count(s->ted));
	met[p->headend] = true;
	queue[n++] = p->headend;
	for (size_t i = 0; i < n && !met[p->tailend]; i++) {
		size_t out;
		const ted_link *links = ted_links_out(s->ted, queue[i], &out);

		for (size_t k = 0; k < out; k++) {
			ted_node to = ted_link_at(s->ted, links[k])->to;

			if (met[to] || avoid[assure_fibre(s, links[k])] ||
			    !ted_link_usable(s->ted, links[k]) || !has_room(s, p, links[k]) ||
			    (ted_node_at(s->ted, to)->overload && to != p->tailend))
				continue;
			met[to] = true;
			queue[n++] = to;
		}
	}
	return met[p->tailend];
}

/* Numbers of the suspects, the likeliest first. */
static void
put_in_order(const struct service *s, size_t *order)
{
	const struct assure_verdict *v = &s->assurance->verdict;

	for (size_t i = 0; i < v->n; i++) {
		size_t k = i;

		for (; k > 0 && comes_first(s, &v->suspects[i], &v->suspects[order[k - 1]]); k--)
			order[k] = order[k - 1];
		order[k] = i;
	}
}

enum pce_status
assure_choose(struct service *s, const struct service_policy *p, struct arena *arena,
	      bool *crossing, struct pce_error *err)
{
	struct assurance *a = s->assurance;
	const struct assure_verdict *v = &a->verdict;
	size_t n_nodes = ted_node_count(s->ted), *order;
	bool *avoid, *met, *chosen, failed, unused;
	ted_node *queue;

	if (!assure_avoids(s) || p->headend == TED_NONE || p->tailend == TED_NONE)
		return PCE_OK;
	order = arena_alloc(arena, (v->n + 1) * sizeof(*order));
	chosen = arena_alloc(arena, v->n + 1);
	avoid = arena_alloc(arena, ted_link_count(s->ted) + 1);
	met = arena_alloc(arena, n_nodes + 1);
	queue = arena_alloc(arena, (n_nodes + 1) * sizeof(*queue));
	if (!order || !chosen || !avoid || !met || !queue)
		return pce_no_memory(err);
	put_in_order(s, order);
	failed = has_failed(s, p->id, TED_NONE, &unused);
	for (size_t i = 0; i < v->n; i++) {
		const struct assure_suspect *suspect = &v->suspects[order[i]];

		avoid[suspect->fibre] = failed || !suspect->beside;
		if (avoid[suspect->fibre] && !leads(s, p, avoid, queue, met)) {
			avoid[suspect->fibre] = false;
			chosen[order[i]] = true;
			*crossing = *crossing || !suspect->beside;
			a->crossing = chosen;
		}
	}
	return PCE_OK;
}

enum pce_status
assure_cross_each(struct service *s, struct arena *arena, const size_t **order, size_t *n,
		  struct pce_error *err)
{
	struct assurance *a = s->assurance;
	size_t *all = arena_alloc(arena, (a->verdict.n + 1) * sizeof(*all));
	bool *crossing = arena_alloc(arena, a->verdict.n + 1);

	if (!all || !crossing)
		return pce_no_memory(err);
	memset(crossing, true, a->verdict.n);
	put_in_order(s, all);
	a->crossing = crossing;
	*order = all;
	*n = a->verdict.n < TRIALS_MOST ? a->verdict.n : TRIALS_MOST;
	return PCE_OK;
}

void
assure_cross_one(struct service *s, size_t suspect, bool may)
{
	s->assurance->crossing[suspect] = may;
}

void
assure_cross_all(struct service *s)
{
	s->assurance->crossing_all = true;
}

void
assure_cross_none(struct service *s)
{
	s->assurance->crossing = NULL;
	s->assurance->crossing_all = false;
}

/* True if the route crosses whatever may be the cause of some failure, one that is still there or
 * was there not long ago. */
static bool
is_hopeless(const struct service *s, const struct path_route *route)
{
	const struct assurance *a = s->assurance;

	for (size_t i = 0; i < a->n_kept; i++) {
		const struct assure_kept *kept = a->kept[i];
		bool all = !kept->alone && !kept->stale;

		for (size_t k = 0; k < kept->n && all; k++) {
			ted_link fibre = assure_fibre(s, kept->links[k]);
			bool met = !assure_blames(s, kept, fibre);

			for (size_t j = 0; j < route->n_links && !met; j++)
				met = assure_fibre(s, route->links[j]) == fibre;
			all = met;
		}
		if (all)
			return true;
	}
	return false;
}

bool
assure_is_hopeless(const struct service *s, const struct path_answer *answer)
{
	for (size_t i = 0; i < answer->n_routes; i++)
		if (!is_hopeless(s, &answer->routes[i]))
			return false;
	return answer->n_routes > 0;
}

/* --- alarms --- */

/* The first failure that blames the fibre, how many do, and the link of it that its list crosses.
 */
static const struct assure_kept *
first_blame(const struct service *s, ted_link fibre, ted_link *link)
{
	const struct assurance *a = s->assurance;

	for (size_t i = 0; i < a->n_kept; i++)
		for (size_t k = 0; k < a->kept[i]->n; k++)
			if (assure_fibre(s, a->kept[i]->links[k]) == fibre &&
			    assure_blames(s, a->kept[i], fibre)) {
				*link = a->kept[i]->links[k];
				return a->kept[i];
			}
	*link = fibre;
	return NULL;
}

static enum pce_status
note_told(struct assurance *a, const char *object, struct pce_error *err)
{
	enum pce_status status;

	for (size_t i = 0; i < a->n_told; i++)
		if (strcmp(a->told[i], object) == 0)
			return PCE_OK;
	status = array_reserve(&a->told, &a->cap_told, a->n_told + 1, sizeof(char *), err);
	if (status)
		return status;
	a->told[a->n_told] = array_strdup(object);
	if (!a->told[a->n_told])
		return pce_no_memory(err);
	a->n_told++;
	return PCE_OK;
}

static void
object_of(const struct service *s, ted_link fibre, char *object, size_t cap)
{
	snprintf(object, cap, "link/%s", ted_link_at(s->ted, fibre)->name);
}

static enum pce_status
tell_suspect(struct service *s, const struct assure_suspect *suspect, struct pce_error *err)
{
	ted_link link;
	const struct assure_kept *k = first_blame(s, suspect->fibre, &link);
	char object[288], text[640];
	const struct alarm alarm = {
		.object = object,
		.cause = "silent-loss",
		.severity = suspect->named ? ALARM_MAJOR : ALARM_MINOR,
		.text = text,
		.action = "Look at the fibre, its optics and both line cards; paths avoid it until "
			  "it is proved good, see karst link suspects.",
	};
	enum pce_status status;

	object_of(s, suspect->fibre, object, sizeof(object));
	status = note_told(s->assurance, object, err);
	if (status || !k)
		return status;
	if (suspect->named)
		snprintf(text, sizeof(text),
			 "link %s loses packets silently: probes of policy %s do not come back, "
			 "nothing else on its way can be the cause, and no feed tells of it",
			 ted_link_at(s->ted, link)->name, k->policy_id);
	else
		snprintf(text, sizeof(text),
			 "link %s may lose packets silently (%u %%): probes of policy %s do not "
			 "come back, and no feed tells of it",
			 ted_link_at(s->ted, link)->name, suspect->confidence_ppm / PPM_PERCENT,
			 k->policy_id);
	return raise_alarm(s, &alarm, err);
}

static enum pce_status
clear_others(struct service *s, struct pce_error *err)
{
	struct assurance *a = s->assurance;
	enum pce_status status = PCE_OK;
	size_t kept = 0;

	for (size_t i = 0; i < a->n_told; i++) {
		bool is = false;

		for (size_t k = 0; k < a->verdict.n && !is && !a->too_many; k++) {
			char object[288];

			object_of(s, a->verdict.suspects[k].fibre, object, sizeof(object));
			is = !a->verdict.suspects[k].beside && strcmp(object, a->told[i]) == 0;
		}
		if (!is && status == PCE_OK)
			status = clear_alarm(s, a->told[i], "silent-loss", err);
		if (is)
			a->told[kept++] = a->told[i];
		else
			free(a->told[i]);
	}
	a->n_told = kept;
	return status;
}

static enum pce_status
tell_too_many(struct service *s, struct pce_error *err)
{
	const struct assurance *a = s->assurance;
	char text[256];
	const struct alarm alarm = {
		.object = "assurance",
		.cause = "too-many-suspects",
		.severity = ALARM_CRITICAL,
		.text = text,
		.action =
		    "Look whether the headends' probes work at all; nothing is moved because of "
		    "them until fewer links are suspected.",
	};

	if (!a->too_many)
		return clear_alarm(s, alarm.object, alarm.cause, err);
	snprintf(text, sizeof(text),
		 "probes of %zu segment lists do not come back, which would make %zu links bad: "
		 "that is not believed",
		 a->n_kept, a->verdict.n - a->verdict.n_beside);
	return raise_alarm(s, &alarm, err);
}

enum pce_status
assure_tell(struct service *s, struct pce_error *err)
{
	const struct assurance *a = s->assurance;
	enum pce_status status = tell_too_many(s, err);

	if (status == PCE_OK)
		status = clear_others(s, err);
	for (size_t i = 0; i < a->verdict.n && status == PCE_OK && !a->too_many; i++)
		if (!a->verdict.suspects[i].beside)
			status = tell_suspect(s, &a->verdict.suspects[i], err);
	return status;
}

/* --- looking --- */

bool
service_view_suspect_at(const struct service *s, size_t index, struct service_view_suspect *out)
{
	const struct assurance *a = s->assurance;
	const struct assure_suspect *suspect;
	const struct assure_kept *k;
	ted_link link, reverse;

	if (index >= a->verdict.n)
		return false;
	suspect = &a->verdict.suspects[index];
	k = first_blame(s, suspect->fibre, &link);
	reverse = ted_link_at(s->ted, link)->reverse;
	*out = (struct service_view_suspect){
		.link = ted_link_at(s->ted, link)->name,
		.reverse = reverse == TED_NONE ? NULL : ted_link_at(s->ted, reverse)->name,
		.named = suspect->named,
		.beside = suspect->beside,
		.avoided = !a->too_many,
		.confidence_ppm = suspect->confidence_ppm,
		.n_failures = suspect->n_failures,
	};
	if (k) {
		out->policy_id = k->policy_id;
		out->since_us = k->since_us;
		out->strikes = k->strikes;
		out->until_us =
		    k->until.v == USEC_NEVER.v ? 0 : s->last_wall_us + (k->until.v - s->last_now.v);
	}
	return true;
}
