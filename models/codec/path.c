/* karst-path: requests and answers. */
#include "models/codec/path.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "models/codec/demand.h"
#include "pce/base/units.h"

#define COMPUTE "/karst-path:compute-path"
#define WHATIF "/karst-path:whatif"

static enum pce_status
read_request(const struct document *doc, struct arena *arena, struct codec_path_request *out,
	     struct pce_error *err)
{
	const struct lyd_node *op = doc->tree;
	struct codec_path_request request = { .demand = demand_init() };
	bool bad = false;

	demand_read(op, arena, &request.demand, &bad);
	if (bad)
		return pce_no_memory(err);
	request.k = (uint32_t)read_u64(op, "count", 1);
	request.diverse = read_bool(op, "diverse", false);
	request.explain = read_bool(op, "explain", false);
	request.budget_labels = read_u64(op, "budget-labels", 0);
	request.budget_bytes = read_u64(op, "budget-bytes", 0);
	if (request.demand.guarantee > 0 && request.demand.bandwidth_bps == 0)
		return document_fail(doc, op, "guarantee", PCE_INVALID, err,
				     "guarantee needs the bandwidth-bps to hold");
	if (request.demand.max_lists > 0 && request.demand.guarantee <= 0)
		return document_fail(doc, op, "max-lists", PCE_INVALID, err,
				     "max-lists is for a guarantee");
	if (strcmp(request.demand.from, request.demand.to) == 0)
		return document_fail(doc, op, "to", PCE_INVALID, err,
				     "from and to are the same node %s", request.demand.from);
	*out = request;
	return PCE_OK;
}

enum pce_status
codec_path_request_parse(const struct codec *codec, const char *text, size_t len,
			 struct arena *arena, struct codec_path_request *out, struct pce_error *err)
{
	struct document doc = { 0 };
	enum pce_status status = document_parse_input(codec, text, len, COMPUTE, &doc, err);

	if (status == PCE_OK)
		status = read_request(&doc, arena, out, err);
	document_free(&doc);
	return status;
}

enum pce_status
codec_path_request_print(const struct codec *codec, const struct codec_path_request *request,
			 struct text *out, struct pce_error *err)
{
	struct emit e = { 0 };

	emit_open(&e, NULL, '{');
	emit_open(&e, &COMPUTE[1], '{');
	demand_emit(&e, &request->demand);
	if (request->k > 1)
		emit_u32(&e, "count", request->k);
	if (request->diverse)
		emit_bool(&e, "diverse", true);
	if (request->explain)
		emit_bool(&e, "explain", true);
	if (request->budget_labels)
		emit_u64(&e, "budget-labels", request->budget_labels);
	if (request->budget_bytes)
		emit_u64(&e, "budget-bytes", request->budget_bytes);
	emit_close(&e, '}');
	emit_close(&e, '}');
	return emit_finish(codec, &e, EMIT_INPUT, COMPUTE, out, err);
}

static void
emit_names(struct emit *e, const struct codec_names *names, const uint32_t *links, size_t n)
{
	emit_open(e, "node", '[');
	for (size_t i = 0; i < n; i++) {
		if (i == 0)
			emit_string(
			    e, NULL,
			    names->node_name(names->ctx, names->link_from(names->ctx, links[i])));
		emit_string(e, NULL,
			    names->node_name(names->ctx, names->link_to(names->ctx, links[i])));
	}
	emit_close(e, ']');
	emit_open(e, "link", '[');
	for (size_t i = 0; i < n; i++)
		emit_string(e, NULL, names->link_name(names->ctx, links[i]));
	emit_close(e, ']');
}

static void
emit_route_names(struct emit *e, const struct codec_names *names, const struct path_route *route)
{
	emit_names(e, names, route->links, route->n_links);
}

static void
emit_binding(struct emit *e, const struct path_binding *binding)
{
	bool floor = binding->constraint == PATH_REASON_BANDWIDTH;

	emit_open(e, NULL, '{');
	emit_string(e, "name", enum_reason(binding->constraint));
	if (binding->has_slack) {
		emit_u64(e, "asked", binding->asked);
		emit_u64(e, "has", binding->has);
		emit_u64(e, "slack",
			 floor ? binding->has - binding->asked : binding->asked - binding->has);
	}
	emit_bool(e, "binds", binding->binds);
	if (binding->binds)
		emit_u64(e, "without", binding->without);
	emit_close(e, '}');
}

static void
emit_choice(struct emit *e, const struct codec_names *names, const struct path_choice *choice)
{
	static const char *const decided[PATH_DECIDED_COUNT] = {
		[PATH_DECIDED_ALONE] = "alone",    [PATH_DECIDED_OBJECTIVE] = "objective",
		[PATH_DECIDED_DELAY] = "delay",    [PATH_DECIDED_TE] = "te-metric",
		[PATH_DECIDED_IGP] = "igp-metric", [PATH_DECIDED_HOPS] = "hops",
		[PATH_DECIDED_LINKS] = "links",    [PATH_DECIDED_RANK] = "rank",
	};

	emit_open(e, "explanation", '{');
	emit_u64(e, "value", choice->value);
	emit_string(e, "decided-by", decided[choice->decided]);
	if (choice->has_runner_up) {
		emit_open(e, "runner-up", '{');
		emit_names(e, names, choice->runner_up, choice->n_runner_up);
		emit_u64(e, "value", choice->runner_up_value);
		emit_u32(e, "common-links", (uint32_t)choice->part);
		emit_bool(e, "proven", choice->sure);
		emit_close(e, '}');
	}
	emit_open(e, "constraint", '[');
	for (size_t i = 0; i < choice->n_bindings; i++)
		emit_binding(e, &choice->bindings[i]);
	emit_close(e, ']');
	emit_close(e, '}');
}

/* The behaviour without its flavors, as people and tests compare it. */
static void
emit_instruction(struct emit *e, const struct codec_names *names, const struct segment_csid *csid)
{
	bool cross = csid->kind == SEGMENT_END_X;

	emit_string(e, "behavior", cross ? "End.X" : "End");
	if (csid->algorithm)
		emit_u32(e, "algorithm", csid->algorithm);
	emit_string(e, "node", names->node_name(names->ctx, csid->node));
	if (cross)
		emit_string(e, "link", names->link_name(names->ctx, csid->link));
}

/* A container also says which SIDs it holds. */
static void
emit_segment(struct emit *e, const struct codec_names *names, const struct segment_list *list,
	     const struct segment *segment)
{
	struct segment_csid first = { .kind = segment->kind,
				      .node = segment->node,
				      .link = segment->link };

	if (segment->n_csids)
		first.algorithm = list->csids[segment->first_csid].algorithm;
	emit_open(e, NULL, '{');
	emit_sid(e, "sid", segment->sid);
	emit_instruction(e, names, &first);
	if (segment->n_csids > 1) {
		emit_open(e, "csid", '[');
		for (uint32_t k = 0; k < segment->n_csids; k++) {
			const struct segment_csid *csid = &list->csids[segment->first_csid + k];

			emit_open(e, NULL, '{');
			emit_sid(e, "sid", csid->sid);
			emit_instruction(e, names, csid);
			emit_u32(e, "csid-length", csid->width);
			emit_close(e, '}');
		}
		emit_close(e, ']');
	}
	emit_close(e, '}');
}

static void
emit_route(struct emit *e, const struct codec_path_answer *answer, size_t i)
{
	const struct path_route *route = &answer->answer->routes[i];
	const struct segment_list *list = answer->lists ? answer->lists[i] : NULL;
	char bound[32];

	emit_open(e, NULL, '{');
	emit_route_names(e, &answer->names, route);
	emit_u64(e, "igp-metric", route->igp_metric);
	emit_u64(e, "te-metric", route->te_metric);
	emit_u64(e, "delay-us", route->delay_us);
	emit_u32(e, "hops", (uint32_t)route->n_links);
	emit_u64(e, "residual-bps", route->residual_bps);
	emit_availability(e, "availability", route->unavailability_ppt);
	if (list) {
		emit_open(e, "segment", '[');
		for (size_t j = 0; j < list->n; j++)
			emit_segment(e, &answer->names, list, &list->segments[j]);
		emit_close(e, ']');
	}
	if (route->weight > 0) {
		emit_u32(e, "weight", route->weight);
		emit_u64(e, "reserved-bps", route->reserved_bps);
	}
	if (list && list->n_branches) {
		emit_u32(e, "ecmp-width", list->width);
		emit_open(e, "branch-link", '[');
		for (size_t j = 0; j < list->n_branches; j++)
			emit_string(e, NULL,
				    answer->names.link_name(answer->names.ctx, list->branches[j]));
		emit_close(e, ']');
	}
	emit_bool(e, "exact", route->exact);
	if (!route->exact && route->has_bound) {
		snprintf(bound, sizeof(bound), "%" PRIu64, route->bound);
		emit_string(e, "bound", bound);
	}
	if (!route->exact)
		emit_string(e, "why", route->why);
	if (answer->explain)
		emit_string(e, "chosen", route->chosen);
	if (answer->explain && route->choice)
		emit_choice(e, &answer->names, route->choice);
	emit_close(e, '}');
}

static void
emit_relaxed(struct emit *e, const struct path_answer *answer)
{
	if (answer->n_relaxed == 0)
		return;
	emit_open(e, "relaxed", '[');
	for (size_t i = 0; i < answer->n_relaxed; i++) {
		emit_open(e, NULL, '{');
		emit_string(e, "constraint", answer->relaxed[i].constraint);
		emit_string(e, "asked", answer->relaxed[i].asked);
		emit_string(e, "got", answer->relaxed[i].got);
		emit_close(e, '}');
	}
	emit_close(e, ']');
}

/* What lists hold together. */
static void
emit_guarantee(struct emit *e, const struct path_guarantee *g)
{
	char gamma[40];

	snprintf(gamma, sizeof(gamma), "%" PRIu64 ".%06" PRIu64, g->gamma_ppm / 1000000,
		 g->gamma_ppm % 1000000);
	emit_open(e, "guarantee", '{');
	emit_u64(e, "bandwidth-bps", g->bandwidth_bps);
	emit_availability(e, "probability", g->unavailability_ppt);
	emit_u64(e, "reserved-bps", g->reserved_bps);
	emit_string(e, "gamma", gamma);
	emit_u64(e, "bound-bps", g->bound_bps);
	emit_u32(e, "candidates", g->n_candidates);
	emit_bool(e, "all-candidates", g->all_candidates);
	emit_bool(e, "best-of-candidates", g->best_of_candidates);
	emit_close(e, '}');
}

/* What both routes of a pair share. */
static void
emit_shared(struct emit *e, const struct codec_names *names, const struct path_shared *shared)
{
	if (shared->n_links + shared->n_nodes + shared->n_srlgs + shared->n_sites == 0)
		return;
	emit_open(e, "shared", '{');
	emit_open(e, "link", '[');
	for (size_t i = 0; i < shared->n_links; i++)
		emit_string(e, NULL, names->link_name(names->ctx, shared->links[i]));
	emit_close(e, ']');
	emit_open(e, "node", '[');
	for (size_t i = 0; i < shared->n_nodes; i++)
		emit_string(e, NULL, names->node_name(names->ctx, shared->nodes[i]));
	emit_close(e, ']');
	emit_open(e, "srlg", '[');
	for (size_t i = 0; i < shared->n_srlgs; i++)
		emit_u32(e, NULL, shared->srlgs[i]);
	emit_close(e, ']');
	emit_open(e, "site", '[');
	for (size_t i = 0; i < shared->n_sites; i++)
		emit_string(e, NULL, shared->sites[i]);
	emit_close(e, ']');
	emit_close(e, '}');
}

/* The constraints that conflict, and what relaxing each would bring. */
static void
emit_conflict(struct emit *e, const struct path_no_path *no_path)
{
	if (no_path->n_conflict > 0) {
		emit_open(e, "conflict", '[');
		for (size_t i = 0; i < no_path->n_conflict; i++)
			emit_string(e, NULL, enum_reason(no_path->conflict[i]));
		emit_close(e, ']');
	}
	if (no_path->n_relaxations == 0)
		return;
	emit_open(e, "relaxation", '[');
	for (size_t i = 0; i < no_path->n_relaxations; i++) {
		const struct path_relaxation *r = &no_path->relaxations[i];

		emit_open(e, NULL, '{');
		emit_string(e, "constraint", enum_reason(r->constraint));
		if (r->has_best) {
			emit_u64(e, "asked", r->asked);
			emit_u64(e, "best", r->best);
		}
		emit_string(e, "text", r->text);
		emit_close(e, '}');
	}
	emit_close(e, ']');
}

/* A cut may name a link once for each direction or path; YANG's state leaf-lists allow that. */
static void
emit_no_path(struct emit *e, const struct codec_names *names, const struct path_no_path *no_path)
{
	const char *reason = enum_reason(no_path->reason);

	emit_open(e, "no-path", '{');
	emit_string(e, "reason", reason ? reason : "conflict");
	emit_string(e, "text", no_path->text ? no_path->text : "there is no path");
	if (no_path->n_blocking) {
		emit_open(e, "blocking-link", '[');
		for (size_t i = 0; i < no_path->n_blocking; i++)
			emit_string(e, NULL, names->link_name(names->ctx, no_path->blocking[i]));
		emit_close(e, ']');
	}
	if (no_path->has_best)
		emit_u64(e, "best", no_path->best);
	emit_conflict(e, no_path);
	if (no_path->has_best_unavailability)
		emit_availability(e, "best-probability", no_path->best_unavailability_ppt);
	emit_close(e, '}');
}

enum pce_status
codec_path_answer_print(const struct codec *codec, const struct codec_path_answer *answer,
			struct text *out, struct pce_error *err)
{
	const struct path_answer *a = answer->answer;
	struct emit e = { 0 };

	emit_open(&e, NULL, '{');
	emit_open(&e, &COMPUTE[1], '{');
	if (a->n_routes) {
		emit_open(&e, "path", '[');
		for (size_t i = 0; i < a->n_routes; i++)
			emit_route(&e, answer, i);
		emit_close(&e, ']');
		if (a->has_joint)
			emit_availability(&e, "joint-availability", a->joint_unavailability_ppt);
		if (a->has_guarantee)
			emit_guarantee(&e, &a->guarantee);
		emit_shared(&e, &answer->names, &a->shared);
		emit_relaxed(&e, a);
	} else {
		emit_no_path(&e, &answer->names, &a->no_path);
	}
	emit_close(&e, '}');
	emit_close(&e, '}');
	return emit_finish(codec, &e, EMIT_OUTPUT, COMPUTE, out, err);
}

static void
emit_moved(struct emit *e, const struct codec_moved *moved)
{
	emit_open(e, NULL, '{');
	emit_string(e, "intent", moved->intent);
	emit_string(e, "from", moved->from);
	emit_string(e, "to", moved->to);
	emit_strings(e, "old-node", moved->before.nodes, moved->before.n_nodes);
	emit_strings(e, "old-link", moved->before.links, moved->before.n_links);
	emit_strings(e, "node", moved->after.nodes, moved->after.n_nodes);
	emit_strings(e, "link", moved->after.links, moved->after.n_links);
	emit_u64(e, "old-delay-us", moved->before.delay_us);
	emit_u64(e, "delay-us", moved->after.delay_us);
	emit_string(e, "role", moved->role);
	emit_close(e, '}');
}

static void
emit_lost(struct emit *e, const struct codec_lost *lost)
{
	emit_open(e, NULL, '{');
	emit_string(e, "intent", lost->intent);
	emit_string(e, "from", lost->from);
	emit_string(e, "to", lost->to);
	emit_string(e, "reason", enum_reason(lost->reason));
	emit_string(e, "text", lost->text);
	emit_close(e, '}');
}

/* Parts per million of what can be booked, rounded up; saturating. */
static uint64_t
load_ppm(uint64_t booked, uint64_t capacity)
{
	unsigned __int128 ppm;

	if (capacity == 0)
		return booked ? UINT64_MAX : 0;
	ppm = ((unsigned __int128)booked * 1000000u + capacity - 1) / capacity;
	return ppm > UINT64_MAX ? UINT64_MAX : (uint64_t)ppm;
}

static void
emit_fuller(struct emit *e, const struct codec_fuller *fuller)
{
	emit_open(e, NULL, '{');
	emit_string(e, "link", fuller->link);
	emit_u64(e, "capacity-bps", fuller->capacity_bps);
	emit_u64(e, "old-booked-bps", fuller->before_bps);
	emit_u64(e, "booked-bps", fuller->after_bps);
	emit_u64(e, "old-load-ppm", load_ppm(fuller->before_bps, fuller->capacity_bps));
	emit_u64(e, "load-ppm", load_ppm(fuller->after_bps, fuller->capacity_bps));
	emit_close(e, '}');
}

/* libyang leaves empty lists out; programs that read the answer want all three. */
static void
add_missing_lists(const struct codec_whatif_answer *answer, struct text *json)
{
	static const char *const names[] = { "moved", "lost", "fuller" };
	const size_t counts[] = { answer->n_moved, answer->n_lost, answer->n_fuller };
	bool members = answer->n_moved || answer->n_lost || answer->n_fuller;

	json->len -= 2; /* the two closing braces */
	json->at[json->len] = 0;
	for (size_t i = 0; i < 3; i++) {
		if (counts[i])
			continue;
		text_printf(json, "%s\"%s\":[]", members ? "," : "", names[i]);
		members = true;
	}
	text_add(json, "}}");
}

enum pce_status
codec_whatif_print(const struct codec *codec, const struct codec_whatif_answer *answer, bool output,
		   struct text *out, struct pce_error *err)
{
	struct emit e = { 0 };
	struct text json = { 0 };
	enum pce_status status;

	emit_open(&e, NULL, '{');
	emit_open(&e, &WHATIF[1], '{');
	emit_open(&e, "moved", '[');
	for (size_t i = 0; i < answer->n_moved; i++)
		emit_moved(&e, &answer->moved[i]);
	emit_close(&e, ']');
	emit_open(&e, "lost", '[');
	for (size_t i = 0; i < answer->n_lost; i++)
		emit_lost(&e, &answer->lost[i]);
	emit_close(&e, ']');
	emit_open(&e, "fuller", '[');
	for (size_t i = 0; i < answer->n_fuller; i++)
		emit_fuller(&e, &answer->fuller[i]);
	emit_close(&e, ']');
	emit_close(&e, '}');
	emit_close(&e, '}');
	status = emit_finish(codec, &e, EMIT_OUTPUT, output ? WHATIF : NULL, &json, err);
	if (status == PCE_OK) {
		add_missing_lists(answer, &json);
		text_bytes(out, text_get(&json), json.len);
		if (!text_ok(&json) || !text_ok(out))
			status = pce_no_memory(err);
	}
	text_free(&json);
	return status;
}

enum pce_status
codec_whatif_request_parse(const struct codec *codec, const char *text, size_t len,
			   struct arena *arena, struct codec_whatif_request *out,
			   struct pce_error *err)
{
	struct document doc = { 0 };
	struct codec_whatif_request request = { 0 };
	const struct lyd_node *fail;
	bool bad = false;
	enum pce_status status = document_parse_input(codec, text, len, WHATIF, &doc, err);

	if (status != PCE_OK)
		return status;
	fail = read_child(doc.tree, "fail");
	request.links.names = read_strings(fail, "link", arena, &request.links.n, &bad);
	request.nodes.names = read_strings(fail, "node", arena, &request.nodes.n, &bad);
	request.srlgs.names = read_strings(fail, "srlg", arena, &request.srlgs.n, &bad);
	request.threshold_ppm = (uint32_t)read_u64(doc.tree, "threshold-ppm", 800000);
	if (bad)
		status = pce_no_memory(err);
	else if (request.links.n + request.nodes.n + request.srlgs.n == 0)
		status = document_fail(&doc, doc.tree, "fail", PCE_INVALID, err,
				       "the question names nothing that fails");
	else
		*out = request;
	document_free(&doc);
	return status;
}
