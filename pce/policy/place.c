/*
 * Placing. A route is of use only if a segment list forwards along it within the limits of the
 * routers. The best route may need more SIDs than its headend can push while a worse one needs
 * fewer; then the best of those that need few enough is searched for (segment/bounded.h). What that
 * search cannot take apart (several alternatives, vias, shared risks) gets more alternatives
 * instead, best first, of which those with a list are kept; after ALTERNATIVES of them the answer
 * is that none was found, with the number that was tried. A pair is placed as it was found, or not
 * at all. Where nothing can be expressed, the answer says which limit of which node it was, and
 * where a binding SID would make a list of two.
 */
#include "pce/policy/place.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pce/base/array.h"
#include "pce/policy/loose.h"
#include "pce/segment/bounded.h"

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

/* What became of a route. */
struct verdict {
	bool fits; /* it has a list within the limits; else text says why not */
	bool refused; /* it has a list, but replay did not confirm it */
	char text[256];
};

static enum pce_status compile_route(const struct placer *placer,
				     const struct path_request *request,
				     const struct segment_options *options,
				     const struct path_route *route, struct segment_list *list,
				     struct verdict *verdict, struct pce_error *err);

/* Whether the way back of a route has a list; else the verdict is that it has none. */
static enum pce_status
try_back(const struct placer *placer, const struct path_request *request,
	 const struct path_route *route, struct verdict *verdict, struct pce_error *err)
{
	const struct ted *ted = segment_igp_ted(placer->igp);
	const struct path_request back = { .max_sids = request->max_sids };
	struct placer alone = *placer;
	struct segment_list list = { 0 };
	struct path_route turned = { .links = calloc(route->n_links + 1, sizeof(uint32_t)),
				     .n_links = route->n_links };
	enum pce_status status = turned.links ? PCE_OK : pce_no_memory(err);

	alone.back = NULL;
	alone.loose = NULL;
	for (size_t i = 0; status == PCE_OK && i < route->n_links; i++)
		turned.links[route->n_links - 1 - i] = ted_link_at(ted, route->links[i])->reverse;
	if (status == PCE_OK)
		status = compile_route(&alone, &back, placer->back, &turned, &list, verdict, err);
	if (status == PCE_OK && !verdict->fits) {
		char text[sizeof(verdict->text)];

		memcpy(text, verdict->text, sizeof(text));
		snprintf(verdict->text, sizeof(verdict->text), "the way back: %.200s", text);
	}
	segment_list_free(&list);
	free(turned.links);
	return status;
}

/* Compiles one route; where a loose list does not do, a strict one may. */
static enum pce_status
compile_route(const struct placer *placer, const struct path_request *request,
	      const struct segment_options *options, const struct path_route *route,
	      struct segment_list *list, struct verdict *verdict, struct pce_error *err)
{
	struct segment_report report = { 0 };
	struct segment_options strict = *options;
	enum pce_status status =
	    segment_compile(placer->igp, route->links, route->n_links, options, list, &report, err);

	strict.allows = NULL;
	if (options->allows && (status == PCE_LIMIT || status == PCE_UNSUPPORTED))
		status = segment_compile(placer->igp, route->links, route->n_links, &strict, list,
					 &report, err);
	*verdict = (struct verdict){ .fits = status == PCE_OK, .refused = status == PCE_INTERNAL };
	if (status == PCE_LIMIT || status == PCE_UNSUPPORTED || status == PCE_INTERNAL) {
		memcpy(verdict->text, report.text, sizeof(verdict->text));
		return PCE_OK;
	}
	if (status)
		return status;
	if (list->n > request->max_sids) {
		verdict->fits = false;
		snprintf(verdict->text, sizeof(verdict->text),
			 "the path needs %zu segments, the intent allows %llu", list->n,
			 (unsigned long long)request->max_sids);
	}
	if (verdict->fits && request->co_routed && placer->back)
		return try_back(placer, request, route, verdict, err);
	return PCE_OK;
}

/* Bars from the list of one route what the others use, and what their lists do if they are made. */
static void
bar_others(struct loose *loose, const struct placement *out, size_t except)
{
	if (!loose)
		return;
	loose_unbar(loose);
	for (size_t i = 0; i < out->answer.n_routes; i++) {
		if (i == except)
			continue;
		loose_bar(loose, out->answer.routes[i].links, out->answer.routes[i].n_links);
		loose_bar(loose, out->lists[i].branches, out->lists[i].n_branches);
	}
}

static enum pce_status
compile_all(const struct placer *placer, const struct path_request *request,
	    const struct segment_options *options, struct placement *out, struct pce_error *err)
{
	out->lists = calloc(out->answer.n_routes, sizeof(*out->lists));
	if (!out->lists)
		return pce_no_memory(err);
	for (size_t i = 0; i < out->answer.n_routes; i++) {
		struct verdict verdict;
		enum pce_status status;

		bar_others(placer->loose, out, i);
		status = compile_route(placer, request, options, &out->answer.routes[i],
				       &out->lists[i], &verdict, err);
		if (status)
			return status;
		out->refused += verdict.refused;
		if (!verdict.fits)
			return no_list(out, verdict.text, err);
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
		struct verdict verdict = { 0 };

		if (status == PCE_OK && kept < wanted)
			status = compile_route(placer, request, options, &answer->routes[i],
					       &out->lists[kept], &verdict, err);
		out->refused += verdict.refused;
		if (verdict.fits) {
			answer->routes[kept++] = answer->routes[i];
			continue;
		}
		segment_list_free(&out->lists[kept]);
		if (!text[0])
			memcpy(text, verdict.text, sizeof(verdict.text));
		dropped.routes[dropped.n_routes++] = answer->routes[i];
	}
	answer->n_routes = kept;
	path_answer_free(&dropped);
	return status;
}

/* Asks for ever more alternatives, until enough have a list. */
static enum pce_status
try_alternatives(const struct placer *placer, const struct path_request *request,
		 const struct segment_options *options, struct placement *out, char text[256],
		 size_t *tried, struct pce_error *err)
{
	uint32_t wanted = request->k > 1 ? request->k : 1;
	struct path_request asked = *request;
	bool more = true;

	asked.max_sids = PATH_NO_BOUND; /* asked of the lists, here */
	for (asked.k = wanted; more;) {
		enum pce_status status;

		free_lists(out);
		path_answer_free(&out->answer);
		status = path_compute(placer->engine, &asked, &out->answer, err);
		*tried = out->answer.n_routes;
		if (status || !*tried)
			return status;
		status = keep_expressible(placer, request, options, wanted, out, text, err);
		if (status)
			return status;
		more = out->answer.n_routes < wanted && *tried == asked.k && asked.k < ALTERNATIVES;
		asked.k = asked.k < ALTERNATIVES_FIRST ? ALTERNATIVES_FIRST : ALTERNATIVES;
	}
	return PCE_OK;
}

/* Entries that the list may have, without the service SID. */
static uint32_t
most_entries(const struct placer *placer, const struct path_request *request,
	     const struct segment_options *options)
{
	uint32_t headend = segment_headend_limit(placer->igp, request->from, options);

	if (headend != UINT32_MAX)
		headend -= options->service_sids < headend ? options->service_sids : headend;
	return request->max_sids < headend ? (uint32_t)request->max_sids : headend;
}

/* The best route that can be expressed, by search; text: why not. */
static enum pce_status
search_bounded(const struct placer *placer, const struct path_request *request,
	       const struct segment_options *options, struct placement *out, char text[256],
	       struct pce_error *err)
{
	struct path_request asked = *request;
	struct bounded_query query = { placer->engine, placer->igp, &asked, options,
				       most_entries(placer, request, options) };
	struct bounded_result result = { 0 };
	enum pce_status status;

	asked.max_sids = PATH_NO_BOUND;
	status = bounded_search(&query, &out->answer, &result, err);
	if (status)
		return status;
	out->refused += result.refused;
	if (result.outcome == BOUNDED_FOUND || result.outcome == BOUNDED_UNPROVEN) {
		out->lists = calloc(1, sizeof(*out->lists));
		if (!out->lists) {
			segment_list_free(&result.list);
			return pce_no_memory(err);
		}
		out->lists[0] = result.list;
		return PCE_OK;
	}
	if (result.outcome == BOUNDED_SPENT)
		snprintf(text, 256, "after %llu labels no path with a segment list of at most %u",
			 (unsigned long long)result.labels, query.most);
	return PCE_OK;
}

/* Where the path would have a list within the limits if it were cut in two, if anywhere. */
static enum pce_status
propose_binding(const struct placer *placer, const struct path_request *request,
		const struct segment_options *options, const struct path_route *route, char *text,
		size_t cap, struct pce_error *err)
{
	const struct ted *ted = segment_igp_ted(placer->igp);
	size_t best = 0, best_sids = SIZE_MAX, best_first = 0;
	struct segment_options first = *options;

	first.service_sids = 1; /* the binding SID */
	for (size_t at = 1; at < route->n_links; at++) {
		struct segment_list a = { 0 }, b = { 0 };
		struct segment_report report;
		enum pce_status st =
		    segment_compile(placer->igp, route->links, at, &first, &a, &report, err);

		if (st == PCE_OK && a.n + 1 > request->max_sids)
			st = PCE_LIMIT;
		if (st == PCE_OK)
			st = segment_compile(placer->igp, route->links + at, route->n_links - at,
					     options, &b, &report, err);
		if (st == PCE_OK && a.n + b.n < best_sids) {
			best = at;
			best_first = a.n + 1;
			best_sids = a.n + b.n;
		}
		segment_list_free(&a);
		segment_list_free(&b);
		if (st == PCE_NO_MEMORY)
			return st;
	}
	if (best)
		snprintf(text, cap,
			 "; with a binding SID at %s for the rest of the path, %zu SIDs and %zu "
			 "behind it would do",
			 ted_node_at(ted, ted_link_at(ted, route->links[best])->from)->name,
			 best_first, best_sids + 1 - best_first);
	return PCE_OK;
}

/* Nothing can be expressed: says why the best path cannot, and what would help. */
static enum pce_status
explain_single(const struct placer *placer, const struct path_request *request,
	       const struct segment_options *options, size_t tried, const char *text,
	       struct placement *out, struct pce_error *err)
{
	struct path_request asked = *request;
	struct path_answer best = { 0 };
	char why[640], binding[256] = "";
	enum pce_status status;

	asked.max_sids = PATH_NO_BOUND;
	asked.k = 1;
	status = path_compute(placer->engine, &asked, &best, err);
	if (status == PCE_OK && best.n_routes)
		status = propose_binding(placer, request, options, &best.routes[0], binding,
					 sizeof(binding), err);
	path_answer_free(&best);
	if (status)
		return status;
	if (tried > 1)
		snprintf(why, sizeof(why), "none of the %zu best paths has a list: %s%s", tried,
			 text, binding);
	else
		snprintf(why, sizeof(why), "no path has a list: %s%s", text, binding);
	return no_list(out, why, err);
}

static enum pce_status
compute_single(const struct placer *placer, const struct path_request *request,
	       const struct segment_options *options, struct placement *out, struct pce_error *err)
{
	struct path_request asked = *request;
	char text[256] = "";
	size_t tried = 0;
	bool several = request->k > 1 || request->co_routed;
	enum pce_status status;

	asked.max_sids = PATH_NO_BOUND;
	if (!several) {
		status = path_compute(placer->engine, &asked, &out->answer, err);
		if (status || !out->answer.n_routes)
			return status;
		status = keep_expressible(placer, request, options, 1, out, text, err);
		if (status || out->answer.n_routes)
			return status;
		free_lists(out);
		path_answer_free(&out->answer);
		status = search_bounded(placer, request, options, out, text, err);
		if (status != PCE_OK && status != PCE_UNSUPPORTED)
			return status;
		several = status == PCE_UNSUPPORTED;
	}
	if (several) {
		text[0] = '\0';
		status = try_alternatives(placer, request, options, out, text, &tried, err);
		if (status || !tried)
			return status;
	}
	if (out->answer.n_routes > 0)
		return PCE_OK;
	return explain_single(placer, request, options, tried, text, out, err);
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
	/* The search for short lists knows one direction; alternatives are tried in both. */
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

static enum pce_status
compute_mode(const struct placer *placer, const struct path_request *request,
	     const struct segment_options *options, enum place_pair pair, struct placement *out,
	     struct pce_error *err)
{
	enum pce_status status = compute_once(placer, request, options, out, err);

	if (status == PCE_OK && !placement_placed(out) && pair == PLACE_PAIR_OR_SINGLE &&
	    request->disjoint != PATH_DISJOINT_NONE) {
		if (placer->loose)
			loose_unbar(placer->loose);
		status = fall_back(placer, request, options, out, err);
	}
	return status;
}

/* Makes what a loose list needs, if the request may have one; loose_free afterwards. */
static enum pce_status
prepare(const struct placer *placer, const struct path_request *request,
	const struct segment_options *options, struct placer *with, struct segment_options *filled,
	struct pce_error *err)
{
	enum pce_status status = PCE_OK;

	*with = *placer;
	*filled = *options;
	filled->allows = NULL;
	with->loose = NULL;
	/* What is judged by the risks of its links must stay on them. */
	if (options->loose && request->disjoint != PATH_DISJOINT_AVAILABILITY &&
	    request->objective != PATH_AVAILABILITY && !(request->guarantee > 0))
		status = loose_new(placer->engine, segment_igp_ted(placer->igp), request,
				   &with->loose, err);
	if (with->loose)
		loose_options(with->loose, filled);
	return status;
}

/* Gives out what prepare's loose was for, or frees it after a failure. */
static enum pce_status
finish(const struct placer *with, enum pce_status status, struct placement *placement,
       struct placement *out)
{
	loose_free(with->loose);
	if (status)
		placement_free(placement);
	else
		*out = *placement;
	return status;
}

static enum pce_status
copy_routes(const struct path_route *routes, size_t n, struct path_answer *out,
	    struct pce_error *err)
{
	out->routes = calloc(n + 1, sizeof(*out->routes));
	if (!out->routes)
		return pce_no_memory(err);
	for (size_t i = 0; i < n; i++) {
		struct path_route *route = &out->routes[i];

		route->links =
		    array_copy(routes[i].links, routes[i].n_links * sizeof(*route->links));
		if (!route->links)
			return pce_no_memory(err);
		route->n_links = routes[i].n_links;
		out->n_routes++;
	}
	return PCE_OK;
}

enum pce_status
place_routes(const struct placer *placer, const struct path_request *request,
	     const struct segment_options *options, const struct path_route *routes, size_t n,
	     struct placement *out, struct pce_error *err)
{
	struct placer with;
	struct segment_options filled;
	struct placement placement = { 0 };
	enum pce_status status = prepare(placer, request, options, &with, &filled, err);

	if (status)
		return status;
	status = copy_routes(routes, n, &placement.answer, err);
	if (status == PCE_OK)
		status = compile_all(&with, request, &filled, &placement, err);
	return finish(&with, status, &placement, out);
}

enum pce_status
place_compute(const struct placer *placer, const struct path_request *request,
	      const struct segment_options *options, enum place_pair pair, struct placement *out,
	      struct pce_error *err)
{
	struct placer with;
	struct segment_options filled;
	struct placement placement = { 0 };
	enum pce_status status = prepare(placer, request, options, &with, &filled, err);

	if (status)
		return status;
	status = compute_mode(&with, request, &filled, pair, &placement, err);
	return finish(&with, status, &placement, out);
}
