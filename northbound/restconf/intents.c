/*
 * Intents. A change is handed to the service as an event and answered when its reply comes, which
 * is after the change is durable: so a request waits, and its client may leave meanwhile.
 */
#include "config.h"

#include "models/codec/intent.h"

#include <event2/event.h>
#include <stdlib.h>
#include <string.h>

#include "northbound/restconf/internal.h"
#include "pce/base/array.h"

#define WAIT_MS 30000 /* for the reply of the service */

static const char *const edit_parameters[] = { "dry-run", NULL };

static struct codec_intent_state
state_of(const struct service_view_intent *view)
{
	struct codec_intent_state state = { .revision = view->revision,
					    .has_state = true,
					    .state = view->state,
					    .reason = view->reason,
					    .n_policies = view->n_policies };

	for (size_t i = 0; i < view->n_policies && i < 2; i++)
		state.policy_ids[i] = view->policy_ids[i];
	return state;
}

static size_t
count_intents(const struct service *service)
{
	struct service_view_intent view;
	size_t n = 0;

	while (service_view_intent_at(service, n, &view))
		n++;
	return n;
}

enum pce_status
intents_print(const struct north *north, struct text *out, struct pce_error *err)
{
	const struct north_options *o = &north->options;
	size_t n = count_intents(o->service);
	const struct intent **intents = calloc(n + 1, sizeof(intents[0]));
	struct codec_intent_state *states = calloc(n + 1, sizeof(states[0]));
	struct service_view_intent view;
	enum pce_status status = intents && states ? PCE_OK : pce_no_memory(err);

	for (size_t i = 0; !status && i < n && service_view_intent_at(o->service, i, &view); i++) {
		intents[i] = view.intent;
		states[i] = state_of(&view);
	}
	if (!status)
		status = codec_intents_print(o->codec, intents, states, n, out, err);
	free(intents);
	free(states);
	return status;
}

void
api_intents_all(struct call *call)
{
	uint64_t revision = service_view_revision(call->north->options.service);
	struct pce_error err = { 0 };
	struct text body = { 0 };

	if (!check_query(call, no_parameters) || reply_not_modified(call, revision, NULL))
		return;
	if (intents_print(call->north, &body, &err)) {
		text_free(&body);
		reply_fail(call, &err);
		return;
	}
	reply_etag(call, revision, NULL);
	reply_json(call, &body);
}

static void
reply_unknown(struct call *call)
{
	char message[160];

	snprintf(message, sizeof(message), "there is no intent %.100s", call->key);
	reply_error(call, 404, "invalid-value", NULL, NULL, message);
}

static void
read_one(struct call *call)
{
	const struct north_options *o = &call->north->options;
	uint64_t version = service_view_revision(o->service);
	struct service_view_intent view;
	struct codec_intent_state state;
	struct pce_error err = { 0 };
	struct text body = { 0 };

	if (!check_query(call, no_parameters))
		return;
	if (!service_view_intent_by_id(o->service, call->key, &view)) {
		reply_unknown(call);
		return;
	}
	if (reply_not_modified(call, view.revision, &version))
		return;
	state = state_of(&view);
	if (codec_intent_print(o->codec, view.intent, &state, &body, &err) != PCE_OK) {
		text_free(&body);
		reply_fail(call, &err);
		return;
	}
	reply_etag(call, view.revision, &version);
	reply_json(call, &body);
}

/* --- Changes --- */

void
pending_free(struct pending *pending)
{
	TAILQ_REMOVE(&pending->north->pending, pending, entry);
	if (pending->timer)
		event_free(pending->timer);
	free(pending->intent_id);
	free(pending);
}

static void
client_gone(void *arg)
{
	((struct pending *)arg)->request = NULL;
}

static void
waited_too_long(evutil_socket_t fd, short what, void *arg)
{
	struct pending *pending = arg;
	struct call call = { .north = pending->north, .request = pending->request };

	(void)fd;
	(void)what;
	if (pending->request)
		reply_error(&call, 504, "operation-failed", NULL, NULL,
			    "the change is not durable yet; it may still be made: read the intent");
	pending_free(pending);
}

struct pending *
pending_new(struct call *call)
{
	struct pending *pending = calloc(1, sizeof(*pending));
	uint32_t ms = call->north->options.wait_ms ? call->north->options.wait_ms : WAIT_MS;
	struct timeval wait = { ms / 1000, (suseconds_t)(ms % 1000) * 1000 };

	if (!pending)
		return NULL;
	*pending = (struct pending){ .north = call->north,
				     .id = ++call->north->next_request,
				     .request = call->request,
				     .audited = call->audited };
	TAILQ_INSERT_TAIL(&call->north->pending, pending, entry);
	pending->intent_id = array_strdup(call->key ? call->key : "");
	pending->timer = evtimer_new(call->north->options.loop, waited_too_long, pending);
	if (!pending->intent_id || !pending->timer || evtimer_add(pending->timer, &wait) != 0) {
		pending_free(pending);
		return NULL;
	}
	return pending;
}

void
pending_submit(struct pending *pending, struct service_event *event)
{
	struct north *north = pending->north;

	event->id = pending->id;
	http_keep(pending->request, client_gone, pending);
	/* The reply may come from inside this call: pending and request may be gone after it. */
	north->options.submit(north->options.arg, event);
}

/* Errors in a body that begins with the list entry are told below the container. */
static void
complete_path(struct pce_error *err)
{
	static const char entry[] = "/karst-intent:intent",
			  whole[] = "/karst-intent:intents/intent";
	char path[PCE_ERROR_PATH];
	size_t len = strlen(entry);

	if (strncmp(err->path, entry, len) || (err->path[len] != '[' && err->path[len] != '/'))
		return;
	if (snprintf(path, sizeof(path), "%s%s", whole, err->path + len) < (int)sizeof(path))
		memcpy(err->path, path, strlen(path) + 1);
}

/* The one intent of a PUT's body, whose id must be the path's. Belongs to arena. */
static const struct intent *
parse_body(struct call *call, struct arena *arena)
{
	const struct intent *const *intents;
	struct pce_error err = { 0 };
	size_t len, n;
	const char *body = json_body(call, &len);

	if (!body)
		return NULL;
	if (codec_format_of(body, len) != CODEC_JSON) {
		reply_error(call, 400, "malformed-message", NULL, NULL, "the body is not JSON");
		return NULL;
	}
	if (codec_intent_parse(call->north->options.codec, body, len, arena, &intents, &n, &err) !=
	    PCE_OK) {
		/* In a body, whatever is not found is a fault of the body. */
		if (err.status == PCE_NOT_FOUND)
			err.status = PCE_INVALID;
		complete_path(&err);
		reply_fail(call, &err);
		return NULL;
	}
	if (n != 1 || strcmp(intents[0]->id, call->key)) {
		reply_error(call, 400, "invalid-value", NULL, "/karst-intent:intents/intent/id",
			    "the body must hold exactly the intent that the path names");
		return NULL;
	}
	return intents[0];
}

/* Whether the query says dry-run, without a value or with "true". False: answered with 400. */
static bool
read_dry_run(struct call *call, bool *dry_run)
{
	const char *value = http_target_parameter(call->target, "dry-run");

	if (!check_query(call, edit_parameters))
		return false;
	*dry_run = value && strcmp(value, "false");
	if (!*dry_run || !*value || !strcmp(value, "true"))
		return true;
	reply_error(call, 400, "invalid-value", NULL, NULL,
		    "dry-run is true, false or without a value");
	return false;
}

static void
change_one(struct call *call, bool deletion)
{
	struct service_view_intent view = { 0 };
	bool dry_run;
	bool exists = service_view_intent_by_id(call->north->options.service, call->key, &view);
	struct service_event event = { .kind =
					   deletion ? SERVICE_INTENT_DELETE : SERVICE_INTENT_PUT };
	const struct intent *intent = NULL;
	struct arena arena = { 0 };
	struct pending *pending;
	uint64_t if_match;

	if (!read_dry_run(call, &dry_run) ||
	    !check_conditions(call, exists, view.revision, &if_match))
		return;
	if (deletion && !exists) {
		reply_unknown(call);
		return;
	}
	if (!deletion)
		intent = parse_body(call, &arena);
	if (!deletion && !intent) {
		arena_free(&arena);
		return;
	}
	pending = pending_new(call);
	if (!pending) {
		arena_free(&arena);
		reply_error(call, 500, "resource-denied", NULL, NULL, "out of memory");
		return;
	}
	pending->deletion = deletion;
	pending->dry_run = dry_run;
	pending->if_match = if_match;
	if (deletion) {
		event.u.intent_delete.intent_id = call->key;
		event.u.intent_delete.author = call->bearer.name;
		event.u.intent_delete.if_match = if_match;
		event.u.intent_delete.dry_run = dry_run;
	} else {
		event.u.intent_put.intent = intent;
		event.u.intent_put.author = call->bearer.name;
		event.u.intent_put.if_match = if_match;
		event.u.intent_put.dry_run = dry_run;
	}
	pending_submit(pending, &event);
	arena_free(&arena);
}

void
api_intents_one(struct call *call)
{
	switch (http_request_method(call->request)) {
	case HTTP_PUT:
		change_one(call, false);
		break;
	case HTTP_DELETE:
		change_one(call, true);
		break;
	default:
		read_one(call);
	}
}

static void
submit_many(struct call *call, const struct codec_intents_request *asked)
{
	struct service_event event = { .kind = SERVICE_INTENTS_PUT };
	struct pending *pending = pending_new(call);

	if (!pending) {
		reply_error(call, 500, "resource-denied", NULL, NULL, "out of memory");
		return;
	}
	pending->many = true;
	event.u.intents_put.intents = asked->intents;
	event.u.intents_put.n = asked->n;
	event.u.intents_put.author = call->bearer.name;
	event.u.intents_put.partly = asked->partly;
	event.u.intents_put.best_first = asked->best_first;
	event.u.intents_put.dry_run = asked->dry_run;
	pending_submit(pending, &event);
}

void
api_apply_intents(struct call *call)
{
	struct codec_intents_request asked = { 0 };
	struct pce_error err = { 0 };
	struct arena arena = { 0 };
	const char *body;
	size_t len;

	body = operation_body(call, &len);
	if (!body)
		return;
	if (codec_apply_parse(call->north->options.codec, body, len, &arena, &asked, &err))
		reply_fail(call, &err);
	else
		submit_many(call, &asked);
	arena_free(&arena);
}

/* --- Replies --- */

/* An error for each intent that was refused. */
static void
reply_refused_many(struct call *call, const struct service_reply *reply)
{
	bool invalid = reply->status == PCE_INVALID;
	struct text t = { 0 };

	text_add(&t, "{\"ietf-restconf:errors\":{\"error\":[");
	for (size_t i = 0; i < reply->n_stuck; i++) {
		char path[PCE_ERROR_PATH];

		snprintf(path, sizeof(path), "/karst-intent:apply-intents/intent[id='%s']",
			 reply->stuck[i].policy_id);
		text_printf(&t, "%s{\"error-type\":\"application\",\"error-tag\":\"%s\",",
			    i ? "," : "", invalid ? "invalid-value" : "resource-denied");
		if (i == 0 && reply->reason) {
			text_add(&t, "\"error-app-tag\":");
			text_json_string(&t, reply->reason, strlen(reply->reason));
			text_add(&t, ",");
		}
		text_add(&t, "\"error-path\":");
		text_json_string(&t, path, strlen(path));
		text_add(&t, ",\"error-message\":");
		text_json_string(&t, reply->stuck[i].text, strlen(reply->stuck[i].text));
		text_add(&t, "}");
	}
	text_add(&t, "]}}\n");
	http_reply(call->request, invalid ? 400 : 409, YANG_JSON, text_get(&t),
		   text_ok(&t) ? t.len : 0);
	text_free(&t);
}

static void
reply_many(struct call *call, const struct service_reply *reply)
{
	const char **ids = calloc(reply->n_stuck + 1, sizeof(char *));
	const char **texts = calloc(reply->n_stuck + 1, sizeof(char *));
	struct pce_error err = { 0 };
	struct text body = { 0 };

	for (size_t i = 0; ids && texts && i < reply->n_stuck; i++) {
		ids[i] = reply->stuck[i].policy_id;
		texts[i] = reply->stuck[i].text;
	}
	if (!ids || !texts)
		pce_no_memory(&err);
	else
		codec_applied_print(call->north->options.codec, ids, texts, reply->n_stuck, &body,
				    &err);
	reply_printed(call, &body, &err);
	free(ids);
	free(texts);
}

/* True if what the client's condition named is not what is there now. */
static bool
condition_broken(const struct pending *pending)
{
	const struct service *service = pending->north->options.service;
	struct service_view_intent view;
	bool exists = service_view_intent_by_id(service, pending->intent_id, &view);

	if (pending->if_match == UINT64_MAX)
		return exists;
	return pending->if_match && (!exists || view.revision != pending->if_match);
}

static void
reply_refused(struct call *call, const struct pending *pending, const struct service_reply *reply)
{
	struct pce_error err = reply->error;

	err.status = reply->status;
	if (pending->many && reply->n_stuck > 0)
		reply_refused_many(call, reply);
	else if (reply->status == PCE_CONFLICT && reply->reason)
		reply_error(call, 409, "resource-denied", reply->reason, err.path, err.text);
	else if (!pending->operation &&
		 (reply->status == PCE_CONFLICT || reply->status == PCE_EXISTS) &&
		 condition_broken(pending))
		reply_error(call, 412, "operation-failed", NULL, err.path, err.text);
	else if (reply->status == PCE_NOT_FOUND && !pending->deletion)
		reply_error(call, 400, "invalid-value", NULL, err.path, err.text);
	else
		reply_fail(call, &err);
}

/* What would be done: the paths, in the shape of karst-path's output. */
static void
reply_dry_run(struct call *call, const struct service_reply *reply)
{
	struct text body = { 0 };

	if (reply->n_paths == 0) {
		http_reply(call->request, 204, NULL, NULL, 0);
		return;
	}
	text_add(&body, "{\"karst-path:output\":{\"path\":[");
	for (size_t i = 0; i < reply->n_paths; i++) {
		text_add(&body, i ? ",{\"link\":[" : "{\"link\":[");
		for (size_t k = 0; k < reply->path_lengths[i]; k++) {
			const char *name = reply->paths[i][k];

			text_add(&body, k ? "," : "");
			text_json_string(&body, name, strlen(name));
		}
		text_printf(&body, "],\"hops\":%zu}", reply->path_lengths[i]);
	}
	text_add(&body, "]}}");
	reply_json(call, &body);
}

static void
reply_done(struct call *call, const struct pending *pending, const struct service_reply *reply)
{
	char location[512];

	if (pending->many) {
		reply_many(call, reply);
		return;
	}
	if (pending->reoptimise) {
		reply_reoptimise(call, reply);
		return;
	}
	if (pending->drain) {
		reply_drain(call, reply);
		return;
	}
	if (pending->operation) {
		http_reply(call->request, 204, NULL, NULL, 0);
		return;
	}
	if (pending->dry_run) {
		reply_dry_run(call, reply);
		return;
	}
	if (!pending->deletion)
		reply_etag(call, reply->revision, NULL);
	if (reply->created) {
		/* The schema allows no character in an id that a URI would have to encode. */
		snprintf(location, sizeof(location),
			 "/restconf/data/karst-intent:intents/intent=%s", pending->intent_id);
		http_reply_header(call->request, "Location", location);
	}
	http_reply(call->request, reply->created ? 201 : 204, NULL, NULL, 0);
}

void
north_reply(struct north *north, const struct service_effect *effect)
{
	const struct service_reply *reply = &effect->u.reply;
	struct call call = { .north = north };
	struct pending *pending;

	TAILQ_FOREACH(pending, &north->pending, entry)
	if (pending->id == effect->id)
		break;
	if (!pending)
		return;
	call.request = pending->request;
	if (!pending->request && pending->audited)
		audit_end(north->audit, pending->audited,
			  reply->status ? pce_status_name(reply->status) : "done");
	if (pending->request && reply->status != PCE_OK)
		reply_refused(&call, pending, reply);
	else if (pending->request)
		reply_done(&call, pending, reply);
	pending_free(pending);
}
