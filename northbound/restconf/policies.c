/* Policies, read only: they follow from intents. */
#include "config.h"

#include "models/codec/policy.h"

#include <stdlib.h>
#include <string.h>

#include "northbound/restconf/internal.h"

/* The names along the way of one list; without any while some link is not known. */
static bool
name_path(const struct ted *ted, const ted_link *links, size_t n, struct arena *arena,
	  struct codec_policy_path *out)
{
	const char **node_names, **link_names;

	for (size_t i = 0; i < n; i++)
		if (links[i] == TED_NONE)
			return true;
	if (n == 0)
		return true;
	node_names = arena_alloc(arena, (n + 1) * sizeof(node_names[0]));
	link_names = arena_alloc(arena, n * sizeof(link_names[0]));
	if (!node_names || !link_names)
		return false;
	node_names[0] = ted_node_at(ted, ted_link_at(ted, links[0])->from)->name;
	for (size_t i = 0; i < n; i++) {
		const struct ted_link_row *row = ted_link_at(ted, links[i]);

		link_names[i] = row->name;
		node_names[i + 1] = ted_node_at(ted, row->to)->name;
	}
	*out = (struct codec_policy_path){ node_names, link_names, n + 1, n, out->reserved_bps };
	return true;
}

/* A view as the codec wants it; false without memory. */
static bool
policy_of(const struct ted *ted, const struct service_view_policy *view, struct arena *arena,
	  struct codec_policy *out)
{
	struct codec_policy_path *paths =
	    arena_alloc(arena, (view->n_lists + 1) * sizeof(paths[0]));

	if (!paths)
		return false;
	for (size_t i = 0; i < view->n_lists; i++) {
		paths[i].reserved_bps = view->bound[i].bps;
		if (!name_path(ted, view->links[i], view->n_links[i], arena, &paths[i]))
			return false;
	}
	*out = (struct codec_policy){ .id = view->id,
				      .intent_id = view->intent_id,
				      .backward = view->backward,
				      .headend = view->headend_name,
				      .tailend = view->tailend_name,
				      .device = view->device,
				      .srpolicy = view->srpolicy,
				      .state = view->state,
				      .reason = view->reason,
				      .cause = view->cause,
				      .mode = view->mode,
				      .paths = paths,
				      .booked_bps = view->booked_bps,
				      .generation = view->generation,
				      .operational_known = view->operational_known,
				      .operational_up = view->operational_up,
				      .operational = view->operational,
				      .stages = view->stages };
	return true;
}

enum pce_status
policies_print(const struct north *north, struct text *out, struct pce_error *err)
{
	const struct north_options *o = &north->options;
	const struct ted *ted = service_view_ted(o->service);
	struct codec_policy *policies;
	struct service_view_policy view;
	struct arena arena = { 0 };
	enum pce_status status = PCE_OK;
	size_t n = 0;

	while (service_view_policy_at(o->service, n, &view))
		n++;
	policies = arena_alloc(&arena, (n + 1) * sizeof(policies[0]));
	if (!policies)
		status = pce_no_memory(err);
	for (size_t i = 0; status == PCE_OK && i < n; i++) {
		service_view_policy_at(o->service, i, &view);
		if (!policy_of(ted, &view, &arena, &policies[i]))
			status = pce_no_memory(err);
	}
	if (status == PCE_OK)
		status = codec_policies_print(o->codec, policies, n, out, err);
	arena_free(&arena);
	return status;
}

void
api_policies_all(struct call *call)
{
	const struct north_options *o = &call->north->options;
	uint64_t revision = service_view_revision(o->service);
	struct pce_error err = { 0 };
	struct text body = { 0 };

	if (!check_query(call, no_parameters) || reply_not_modified(call, revision, NULL))
		return;
	if (policies_print(call->north, &body, &err) != PCE_OK) {
		text_free(&body);
		reply_fail(call, &err);
		return;
	}
	reply_etag(call, revision, NULL);
	reply_json(call, &body);
}

/* The moves of a policy, as pointers in the arena; NULL without memory. */
static const struct policy_move **
moves_of(const struct service *service, const char *id, size_t n, struct arena *arena)
{
	const struct policy_move **moves = arena_alloc(arena, (n + 1) * sizeof(*moves));

	for (size_t i = 0; moves && i < n; i++)
		moves[i] = service_view_move_at(service, id, i);
	return moves;
}

void
api_policies_history(struct call *call)
{
	const struct north_options *o = &call->north->options;
	size_t n = service_view_move_count(o->service, call->key);
	struct service_view_policy view;
	const struct policy_move **moves;
	struct pce_error err = { 0 };
	struct arena arena = { 0 };
	struct text body = { 0 };

	if (!check_query(call, no_parameters))
		return;
	moves = moves_of(o->service, call->key, n, &arena);
	if (!service_view_policy_by_id(o->service, call->key, &view))
		pce_fail(&err, PCE_NOT_FOUND, "there is no policy %s", call->key);
	else if (!moves)
		pce_no_memory(&err);
	else
		codec_history_print(o->codec, call->key, moves, n, &body, &err);
	arena_free(&arena);
	reply_printed(call, &body, &err);
}

void
api_policies_one(struct call *call)
{
	const struct north_options *o = &call->north->options;
	uint64_t revision = service_view_revision(o->service);
	struct service_view_policy view;
	struct codec_policy policy;
	struct pce_error err = { 0 };
	struct arena arena = { 0 };
	struct text body = { 0 };

	if (!check_query(call, no_parameters))
		return;
	if (!service_view_policy_by_id(o->service, call->key, &view)) {
		pce_fail(&err, PCE_NOT_FOUND, "there is no policy %s", call->key);
		reply_fail(call, &err);
		return;
	}
	if (reply_not_modified(call, revision, NULL))
		return;
	if (!policy_of(service_view_ted(o->service), &view, &arena, &policy))
		pce_no_memory(&err);
	else
		codec_policy_print(o->codec, &policy, &body, &err);
	arena_free(&arena);
	if (err.status) {
		text_free(&body);
		reply_fail(call, &err);
		return;
	}
	reply_etag(call, revision, NULL);
	reply_json(call, &body);
}
