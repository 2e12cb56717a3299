/*
 * Placing. A route is of use only if a segment list forwards along it within the limits of the
 * routers. The best route may need more SIDs than its headend can push while the next best needs
 * fewer; so when too few routes have a list, more are asked for, best first, and the first one with
 * a list is the best that can be expressed. After ALTERNATIVES of them the answer is that none was
 * found, with the number that was tried. A pair is placed as it was found, or not at all; so are
 * the lists of a guarantee.
 */
#include "pce/policy/place.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pce/base/array.h"

#define ALTERNATIVES 32
#define ALTERNATIVES_FIRST 8

bool
placement_placed(const struct placement *placement)
{
	return placement->answer.n_routes > 0;
}

static void
free_lists(struct placement *placement)
{
	for (size_t i = 0; placement->lists && i < placement->answer.n_routes; i++)
		segment_list_free(&placement->lists[i]);
	free(placement->lists);
	placement->lists = NULL;
}

void
placement_free(struct placement *placement)
{
	free_lists(placement);
	path_answer_free(&placement->answer);
	free(placement->why);
	*placement = (struct placement){ 0 };
}

/* Turns the placement into "no path" for want of segments. */
static enum pce_status
no_list(struct placement *out, const char *text, struct pce_error *err)
{
	char *why = array_strdup(text);

	if (!why)
		return pce_no_memory(err);
	free_lists(out);
	path_answer_free(&out->answer);
	out->answer.no_path = (struct path_no_path){ .reason = PATH_REASON_SIDS, .text = why };
	return PCE_OK;
}

/* Compiles one route. *fits false with text filled: no list within the limits. */
static enum pce_status
compile_route(const struct placer *placer, const struct path_request *request,
	      const struct segment_options *options, const struct path_route *route,
	      struct segment_list *list, bool *fits, char *text, size_t cap, struct pce_error *err)
{
	struct segment_report report = { 0 };
	enum pce_status status =
	    segment_compile(placer->igp, route->links, route->n_links, options, list, &report, err);

	*fits = status == PCE_OK;
	if (status == PCE_LIMIT || status == PCE_UNSUPPORTED) {
		snprintf(text, cap, "%s", report.text);
		return PCE_OK;
	}
	if (status)
		return status;
	if (list->n > request->max_sids) {
		*fits = false;
		snprintf(text, cap, "the path needs %zu segments, the intent allows %llu", list->n,
			 (unsigned long long)request->max_sids);
	}
	return PCE_OK;
}

static enum pce_status
compile_all(const struct placer *placer, const struct path_request *request,
	    const struct segment_options *options, struct placement *out, struct pce_error *err)
{
	out->lists = calloc(out->answer.n_routes, sizeof(*out->lists));
	if (!out->lists)
		return pce_no_memory(err);
	for (size_t i = 0; i < out->answer.n_routes; i++) {
		char text[256] = "";
		bool fits;
		enum pce_status status =
		    compile_route(placer, request, options, &out->answer.routes[i], &out->lists[i],
				  &fits, text, sizeof(text), err);

		if (status)
			return status;
		if (!fits)
			return no_list(out, text, err);
		if (out->answer.has_guarantee)
			out->lists[i].weight = out->answer.routes[i].weight;
	}
	return PCE_OK;
}

static enum pce_status
mark_degraded(struct placement *out, const char *text, struct pce_error *err)
{
	free(out->why);
	out->why = array_strdup(text);
	out->degraded = true;
	return out->why ? PCE_OK : pce_no_memory(err);
}

/* Says in the placement what the engine gave up, if anything. */
static enum pce_status
note_relaxed(struct placement *out, struct pce_error *err)
{
	const struct path_relaxed *r = out->answer.relaxed;
	char text[256];

	if (out->answer.n_relaxed == 0)
		return PCE_OK;
	snprintf(text, sizeof(text), "%s was asked, the network gives %s (%s)",
		 r->asked ? r->asked : "more", r->got ? r->got : "less",
		 r->constraint ? r->constraint : "constraint");
	return mark_degraded(out, text, err);
}

/* Keeps the first `wanted` routes that have a list; text: why the best without one has none. */
static enum pce_status
keep_expressible(const struct placer *placer, const struct path_request *request,
		 const struct segment_options *options, size_t wanted, struct placement *out,
		 char text[256], struct pce_error *err)
{
	struct path_answer *answer = &out->answer;
	size_t n = answer->n_routes, kept = 0;
	struct path_answer dropped = { .routes = calloc(n, sizeof(*dropped.routes)) };
	enum pce_status status = PCE_OK;

	out->lists = calloc(n, sizeof(*out->lists));
	if (!out->lists || !dropped.routes) {
		free(dropped.routes);
		return pce_no_memory(err);
	}
	for (size_t i = 0; i < n; i++) {
		char why[256] = "";
		bool fits = false;

		if (status == PCE_OK && kept < wanted)
			status = compile_route(placer, request, options, &answer->routes[i],
					       &out->lists[kept], &fits, why, sizeof(why), err);
		if (fits) {
			answer->routes[kept++] = answer->routes[i];
			continue;
		}
		segment_list_free(&out->lists[kept]);
		if (!text[0])
			snprintf(text, 256, "%s", why);
		dropped.routes[dropped.n_routes++] = answer->routes[i];
	}
	answer->n_routes = kept;
	path_answer_free(&dropped);
	return status;
}

static enum pce_status
compute_single(const struct placer *placer, const struct path_request *request,
	       const struct segment_options *options, struct placement *out, struct pce_error *err)
{
	uint32_t wanted = request->k > 1 ? request->k : 1;
	struct path_request asked = *request;
	char text[256] = "", why[320];
	size_t tried = 0;
	bool more = true;

	asked.max_sids = PATH_NO_BOUND; /* asked of the lists, here */
	for (asked.k = wanted; more;) {
		enum pce_status status;

		free_lists(out);
		path_answer_free(&out->answer);
		status = path_compute(placer->engine, &asked, &out->answer, err);
		tried = out->answer.n_routes;
		if (status || !tried)
			return status;
		status = keep_expressible(placer, request, options, wanted, out, text, err);
		if (status)
			return status;
		more = out->answer.n_routes < wanted && tried == asked.k && asked.k < ALTERNATIVES;
		asked.k = asked.k < ALTERNATIVES_FIRST ? ALTERNATIVES_FIRST : ALTERNATIVES;
	}
	if (out->answer.n_routes > 0)
		return PCE_OK;
	if (tried > 1)
		snprintf(why, sizeof(why), "none of the %zu best paths has a list: %s", tried,
			 text);
	else
		snprintf(why, sizeof(why), "%s", text);
	return no_list(out, why, err);
}

/* Routes that belong together: each with its list, or none of them. */
static enum pce_status
compute_together(const struct placer *placer, const struct path_request *request,
		 const struct segment_options *options, struct placement *out,
		 struct pce_error *err)
{
	struct path_request asked = *request;
	enum pce_status status;

	asked.max_sids = PATH_NO_BOUND;
	status = path_compute(placer->engine, &asked, &out->answer, err);
	if (status == PCE_OK && out->answer.n_routes > 0)
		status = compile_all(placer, request, options, out, err);
	return status;
}

static enum pce_status
compute_once(const struct placer *placer, const struct path_request *request,
	     const struct segment_options *options, struct placement *out, struct pce_error *err)
{
	bool together = request->disjoint != PATH_DISJOINT_NONE || request->guarantee > 0;
	enum pce_status status = together ? compute_together(placer, request, options, out, err)
					  : compute_single(placer, request, options, out, err);

	if (status == PCE_OK && out->answer.n_routes > 0)
		status = note_relaxed(out, err);
	return status;
}

/* Without a second path: the single one, and the reason why it is alone. */
static enum pce_status
fall_back(const struct placer *placer, const struct path_request *request,
	  const struct segment_options *options, struct placement *out, struct pce_error *err)
{
	struct path_request single = *request;
	struct placement alone = { 0 };
	char text[512];
	enum pce_status status;

	single.disjoint = PATH_DISJOINT_NONE;
	status = compute_once(placer, &single, options, &alone, err);
	if (status == PCE_OK && placement_placed(&alone)) {
		snprintf(text, sizeof(text), "no backup path: %s",
			 out->answer.no_path.text ? out->answer.no_path.text : "none is disjoint");
		placement_free(out);
		*out = alone;
		return mark_degraded(out, text, err);
	}
	placement_free(&alone);
	return status;
}

enum pce_status
place_compute(const struct placer *placer, const struct path_request *request,
	      const struct segment_options *options, enum place_pair pair, struct placement *out,
	      struct pce_error *err)
{
	struct placement placement = { 0 };
	enum pce_status status = compute_once(placer, request, options, &placement, err);

	if (status == PCE_OK && !placement_placed(&placement) && pair == PLACE_PAIR_OR_SINGLE &&
	    request->disjoint != PATH_DISJOINT_NONE)
		status = fall_back(placer, request, options, &placement, err);
	if (status) {
		placement_free(&placement);
		return status;
	}
	*out = placement;
	return PCE_OK;
}
