#include "southbound/gnmi/exchange.h"

#include <inttypes.h>
#include <string.h>

#include "pce/base/text.h"
#include "southbound/gnmi/messages.h"
#include "southbound/gnmi/path.h"

/* --- what is asked --- */

/* The prefix of a request; NULL in *out without one. */
static enum pce_status
prefix_of(const struct gnmi_naming *naming, struct arena *arena, Gnmi__Path **out,
	  struct pce_error *err)
{
	const struct gnmi_path none = { .origin = naming->origin ? naming->origin : "" };

	*out = NULL;
	if (*none.origin == '\0' && (naming->target == NULL || *naming->target == '\0'))
		return PCE_OK;
	*out = gnmi_path_message(&none, naming->target, arena);
	return *out ? PCE_OK : pce_no_memory(err);
}

static enum pce_status
path_of(const char *text, struct arena *arena, Gnmi__Path **out, struct pce_error *err)
{
	struct gnmi_path path;
	enum pce_status status = gnmi_path_parse(text, arena, &path, err);

	if (status)
		return status;
	*out = gnmi_path_message(&path, NULL, arena);
	return *out ? PCE_OK : pce_no_memory(err);
}

static enum pce_status
update_of(const struct gnmi_edit *edit, struct arena *arena, Gnmi__Update **out,
	  struct pce_error *err)
{
	Gnmi__Update *update = arena_alloc(arena, sizeof(*update));
	Gnmi__TypedValue *value = arena_alloc(arena, sizeof(*value));

	if (!update || !value)
		return pce_no_memory(err);
	gnmi__update__init(update);
	gnmi__typed_value__init(value);
	value->value_case = GNMI__TYPED_VALUE__VALUE_JSON_IETF_VAL;
	value->json_ietf_val.data = (uint8_t *)(uintptr_t)edit->json;
	value->json_ietf_val.len = strlen(edit->json);
	update->val = value;
	*out = update;
	return path_of(edit->path, arena, &update->path, err);
}

static enum pce_status
pack(const ProtobufCMessage *message, const char *what, struct arena *arena, const uint8_t **out,
     size_t *len, struct pce_error *err)
{
	size_t size = protobuf_c_message_get_packed_size(message);
	uint8_t *bytes;

	if (size > WIRE_MESSAGE_MAX)
		return pce_fail(err, PCE_LIMIT, "a %s of %zu octets is too large", what, size);
	bytes = arena_alloc(arena, size + 1);
	if (!bytes)
		return pce_no_memory(err);
	protobuf_c_message_pack(message, bytes);
	*out = bytes;
	*len = size;
	return PCE_OK;
}

enum pce_status
gnmi_set_request(const struct gnmi_naming *naming, const struct gnmi_edit *edits, size_t n,
		 struct arena *arena, const uint8_t **out, size_t *len, struct pce_error *err)
{
	Gnmi__SetRequest request = GNMI__SET_REQUEST__INIT;
	enum pce_status status = prefix_of(naming, arena, &request.prefix, err);

	request.delete_ = arena_alloc(arena, (n + 1) * sizeof(*request.delete_));
	request.replace = arena_alloc(arena, (n + 1) * sizeof(*request.replace));
	if (!request.delete_ || !request.replace)
		return pce_no_memory(err);
	for (size_t i = 0; i < n && status == PCE_OK; i++)
		status =
		    edits[i].json
			? update_of(&edits[i], arena, &request.replace[request.n_replace++], err)
			: path_of(edits[i].path, arena, &request.delete_[request.n_delete_++], err);
	return status ? status : pack(&request.base, "SetRequest", arena, out, len, err);
}

enum pce_status
gnmi_get_request(const struct gnmi_naming *naming, const char *const *paths, size_t n,
		 bool configuration, struct arena *arena, const uint8_t **out, size_t *len,
		 struct pce_error *err)
{
	Gnmi__GetRequest request = GNMI__GET_REQUEST__INIT;
	enum pce_status status = prefix_of(naming, arena, &request.prefix, err);

	request.path = arena_alloc(arena, (n + 1) * sizeof(*request.path));
	if (!request.path)
		return pce_no_memory(err);
	for (size_t i = 0; i < n && status == PCE_OK; i++)
		status = path_of(paths[i], arena, &request.path[request.n_path++], err);
	request.encoding = GNMI__ENCODING__JSON_IETF;
	request.type = configuration ? GNMI__GET_REQUEST__DATA_TYPE__CONFIG
				     : GNMI__GET_REQUEST__DATA_TYPE__ALL;
	return status ? status : pack(&request.base, "GetRequest", arena, out, len, err);
}

static enum pce_status
subscription_of(const char *path, struct arena *arena, Gnmi__Subscription **out,
		struct pce_error *err)
{
	Gnmi__Subscription *s = arena_alloc(arena, sizeof(*s));

	if (!s)
		return pce_no_memory(err);
	gnmi__subscription__init(s);
	s->mode = GNMI__SUBSCRIPTION_MODE__ON_CHANGE;
	*out = s;
	return path_of(path, arena, &s->path, err);
}

enum pce_status
gnmi_watch_request(const struct gnmi_naming *naming, const char *const *paths, size_t n,
		   struct arena *arena, const uint8_t **out, size_t *len, struct pce_error *err)
{
	Gnmi__SubscribeRequest request = GNMI__SUBSCRIBE_REQUEST__INIT;
	Gnmi__SubscriptionList list = GNMI__SUBSCRIPTION_LIST__INIT;
	enum pce_status status = prefix_of(naming, arena, &list.prefix, err);

	list.subscription = arena_alloc(arena, (n + 1) * sizeof(*list.subscription));
	if (!list.subscription)
		return pce_no_memory(err);
	for (size_t i = 0; i < n && status == PCE_OK; i++)
		status = subscription_of(paths[i], arena, &list.subscription[list.n_subscription++],
					 err);
	list.encoding = GNMI__ENCODING__JSON_IETF;
	list.mode = GNMI__SUBSCRIPTION_LIST__MODE__STREAM;
	list.updates_only = true;
	request.request_case = GNMI__SUBSCRIBE_REQUEST__REQUEST_SUBSCRIBE;
	request.subscribe = &list;
	return status ? status : pack(&request.base, "SubscribeRequest", arena, out, len, err);
}

/* --- what is answered --- */

/* Appends a value that is not JSON yet; false for one that cannot be. */
static bool
print_scalar(const Gnmi__TypedValue *v, struct text *out)
{
	switch (v->value_case) {
	case GNMI__TYPED_VALUE__VALUE_STRING_VAL:
		text_json_string(out, v->string_val, strlen(v->string_val));
		return true;
	case GNMI__TYPED_VALUE__VALUE_ASCII_VAL:
		text_json_string(out, v->ascii_val, strlen(v->ascii_val));
		return true;
	case GNMI__TYPED_VALUE__VALUE_INT_VAL:
		text_printf(out, "%" PRId64, v->int_val);
		return true;
	case GNMI__TYPED_VALUE__VALUE_UINT_VAL:
		text_printf(out, "%" PRIu64, v->uint_val);
		return true;
	case GNMI__TYPED_VALUE__VALUE_BOOL_VAL:
		text_add(out, v->bool_val ? "true" : "false");
		return true;
	case GNMI__TYPED_VALUE__VALUE_LEAFLIST_VAL:
		text_add(out, "[");
		for (size_t i = 0; i < v->leaflist_val->n_element; i++) {
			const Gnmi__TypedValue *element = v->leaflist_val->element[i];

			if (i > 0)
				text_add(out, ",");
			/* A list in a list is none. */
			if (element->value_case == GNMI__TYPED_VALUE__VALUE_LEAFLIST_VAL ||
			    !print_scalar(element, out))
				return false;
		}
		text_add(out, "]");
		return true;
	default:
		return false;
	}
}

static enum pce_status
value_of(const Gnmi__Update *update, struct arena *arena, struct gnmi_piece *out,
	 struct pce_error *err)
{
	const Gnmi__TypedValue *v = update->val;
	const ProtobufCBinaryData *json = NULL;
	struct text scratch = { 0 };
	enum pce_status status = PCE_OK;

	if (v && v->value_case == GNMI__TYPED_VALUE__VALUE_JSON_IETF_VAL)
		json = &v->json_ietf_val;
	else if (v && v->value_case == GNMI__TYPED_VALUE__VALUE_JSON_VAL)
		json = &v->json_val;
	if (json) {
		out->len = json->len;
		out->json = arena_copy(arena, json->data ? json->data : (uint8_t *)"", json->len);
	} else if (v && print_scalar(v, &scratch)) {
		out->len = scratch.len;
		out->json =
		    text_ok(&scratch) ? arena_copy(arena, text_get(&scratch), scratch.len) : NULL;
	} else {
		status = pce_fail(err, PCE_UNSUPPORTED, "a value of %s is no JSON", out->path);
	}
	text_free(&scratch);
	return status == PCE_OK && !out->json ? pce_no_memory(err) : status;
}

/* The path of an update behind its prefix, as text without origin. */
static enum pce_status
whole_path(const Gnmi__Path *prefix, const Gnmi__Path *path, struct arena *arena, const char **out,
	   struct pce_error *err)
{
	struct gnmi_path parts[2] = { 0 }, whole = { .origin = "" };
	struct text text = { 0 };
	enum pce_status status = PCE_OK;

	if (prefix)
		status = gnmi_path_of(prefix, arena, &parts[0], err);
	if (status == PCE_OK && path)
		status = gnmi_path_of(path, arena, &parts[1], err);
	if (status)
		return status;
	whole.n_elems = parts[0].n_elems + parts[1].n_elems;
	whole.elems = arena_alloc(arena, (whole.n_elems + 1) * sizeof(*whole.elems));
	if (!whole.elems)
		return pce_no_memory(err);
	for (size_t i = 0, at = 0; i < 2; i++)
		for (size_t k = 0; k < parts[i].n_elems; k++)
			whole.elems[at++] = parts[i].elems[k];
	gnmi_path_print(&whole, &text);
	*out = text_ok(&text) ? arena_strdup(arena, text_get(&text)) : NULL;
	text_free(&text);
	return *out ? PCE_OK : pce_no_memory(err);
}

const char *
gnmi_path_behind(const Gnmi__Path *prefix, const Gnmi__Path *path, struct arena *arena)
{
	const char *out = NULL;

	return whole_path(prefix, path, arena, &out, NULL) == PCE_OK ? out : NULL;
}

static enum pce_status
pieces_of(const Gnmi__Notification *n, struct arena *arena, struct gnmi_piece *out, size_t *n_out,
	  struct pce_error *err)
{
	enum pce_status status = PCE_OK;

	for (size_t i = 0; i < n->n_update && status == PCE_OK; i++) {
		struct gnmi_piece *piece = &out[*n_out];

		status = whole_path(n->prefix, n->update[i]->path, arena, &piece->path, err);
		if (status == PCE_OK)
			status = value_of(n->update[i], arena, piece, err);
		*n_out += status == PCE_OK;
	}
	return status;
}

enum pce_status
gnmi_get_read(const uint8_t *bytes, size_t len, struct arena *arena, struct gnmi_piece **out,
	      size_t *n, struct pce_error *err)
{
	ProtobufCMessage *message = NULL;
	const Gnmi__GetResponse *r;
	struct gnmi_piece *pieces;
	size_t total = 0, made = 0;
	enum pce_status status = gnmi_message_read(
	    &gnmi__get_response__descriptor, &gnmi_type_get_response, bytes, len, &message, err);

	if (status)
		return status;
	r = (const Gnmi__GetResponse *)(const void *)message;
	for (size_t i = 0; i < r->n_notification; i++)
		total += r->notification[i]->n_update;
	pieces = arena_alloc(arena, (total + 1) * sizeof(*pieces));
	status = pieces ? PCE_OK : pce_no_memory(err);
	for (size_t i = 0; i < r->n_notification && status == PCE_OK; i++)
		status = pieces_of(r->notification[i], arena, pieces, &made, err);
	gnmi_message_free(message);
	if (status)
		return status;
	*out = pieces;
	*n = made;
	return PCE_OK;
}

enum pce_status
gnmi_set_read(const uint8_t *bytes, size_t len, int64_t *timestamp_ns, struct pce_error *err)
{
	ProtobufCMessage *message = NULL;
	enum pce_status status = gnmi_message_read(
	    &gnmi__set_response__descriptor, &gnmi_type_set_response, bytes, len, &message, err);

	if (status)
		return status;
	*timestamp_ns = ((const Gnmi__SetResponse *)(const void *)message)->timestamp;
	gnmi_message_free(message);
	return PCE_OK;
}
