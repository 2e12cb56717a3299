/*
 * What becomes of suspicions: requests avoid them, alarms and views tell of them.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pce/base/array.h"
#include "pce/service/assure.h"

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

	if (a->n_kept == 0 || a->too_many)
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

enum pce_status
assure_cross_all(struct service *s, struct arena *arena, const size_t **order, size_t *n,
		 struct pce_error *err)
{
	struct assurance *a = s->assurance;
	size_t *at = arena_alloc(arena, (a->verdict.n + 1) * sizeof(*at));
	bool *crossing = arena_alloc(arena, a->verdict.n + 1);

	*n = 0;
	if (!at || !crossing)
		return pce_no_memory(err);
	for (size_t i = 0; i < a->verdict.n; i++) {
		size_t k = (*n)++;

		crossing[i] = true;
		for (; k > 0 &&
		       comes_first(s, &a->verdict.suspects[i], &a->verdict.suspects[at[k - 1]]);
		     k--)
			at[k] = at[k - 1];
		at[k] = i;
	}
	a->crossing = crossing;
	*order = at;
	return PCE_OK;
}

void
assure_cross(struct service *s, size_t suspect, bool may)
{
	s->assurance->crossing[suspect] = may;
}

void
assure_cross_none(struct service *s)
{
	s->assurance->crossing = NULL;
}

/* True if the route crosses whatever may be the cause of some failure. */
static bool
is_hopeless(const struct service *s, const struct path_route *route)
{
	const struct assurance *a = s->assurance;

	for (size_t i = 0; i < a->n_kept; i++) {
		const struct assure_kept *kept = a->kept[i];
		bool all = !kept->alone;

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
