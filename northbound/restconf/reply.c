/* Bodies, errors, entity tags, query parameters. */
#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "northbound/restconf/internal.h"

static void
add_member(struct text *t, const char *name, const char *value)
{
	if (!value || !*value)
		return;
	text_printf(t, ",\"%s\":", name);
	text_json_string(t, value, strlen(value));
}

void
error_print(struct text *out, unsigned status, const char *tag, const char *app_tag,
	    const char *path, const char *message)
{
	text_printf(out,
		    "{\"ietf-restconf:errors\":{\"error\":[{\"error-type\":\"%s\","
		    "\"error-tag\":\"%s\"",
		    status == 401 || status == 403 || status == 405 ? "protocol" : "application",
		    tag);
	add_member(out, "error-app-tag", app_tag);
	add_member(out, "error-path", path);
	add_member(out, "error-message", message);
	text_add(out, "}]}}\n");
}

void
reply_error(struct call *call, unsigned status, const char *tag, const char *app_tag,
	    const char *path, const char *message)
{
	struct text t = { 0 };

	error_print(&t, status, tag, app_tag, path, message);
	http_reply(call->request, status, YANG_JSON, text_get(&t), text_ok(&t) ? t.len : 0);
	text_free(&t);
}

void
reply_fail(struct call *call, const struct pce_error *err)
{
	static const struct {
		unsigned status;
		const char *tag;
	} of[PCE_STATUS_COUNT] = {
		[PCE_OK] = { 500, "operation-failed" },
		[PCE_INVALID] = { 400, "invalid-value" },
		[PCE_MALFORMED] = { 400, "malformed-message" },
		[PCE_NOT_FOUND] = { 404, "invalid-value" },
		[PCE_EXISTS] = { 409, "data-exists" },
		[PCE_CONFLICT] = { 409, "resource-denied" },
		[PCE_NO_CAPACITY] = { 409, "resource-denied" },
		[PCE_NO_MEMORY] = { 500, "resource-denied" },
		[PCE_LIMIT] = { 507, "resource-denied" },
		[PCE_UNSUPPORTED] = { 501, "operation-not-supported" },
		[PCE_DENIED] = { 403, "access-denied" },
		[PCE_UNREACHABLE] = { 503, "operation-failed" },
		[PCE_TIMEOUT] = { 504, "operation-failed" },
		[PCE_IO] = { 507, "operation-failed" },
		[PCE_INTERNAL] = { 500, "operation-failed" },
	};
	unsigned i = err->status < PCE_STATUS_COUNT ? err->status : PCE_INTERNAL;

	reply_error(call, of[i].status, of[i].tag, NULL, err->path, err->text);
}

void
reply_json(struct call *call, struct text *body)
{
	text_add(body, "\n");
	if (!text_ok(body)) {
		reply_error(call, 500, "resource-denied", NULL, NULL, "out of memory");
	} else {
		http_reply_header(call->request, "Cache-Control", "no-cache");
		http_reply(call->request, 200, YANG_JSON, text_get(body), body->len);
	}
	text_free(body);
}

void
reply_printed(struct call *call, struct text *body, const struct pce_error *err)
{
	if (!err->status) {
		reply_json(call, body);
		return;
	}
	text_free(body);
	reply_fail(call, err);
}

static void
format_etag(char out[64], uint64_t revision, const uint64_t *version)
{
	if (version)
		snprintf(out, 64, "\"%" PRIu64 "-%" PRIu64 "\"", revision, *version);
	else
		snprintf(out, 64, "\"%" PRIu64 "\"", revision);
}

void
reply_etag(struct call *call, uint64_t revision, const uint64_t *version)
{
	char etag[64];

	format_etag(etag, revision, version);
	http_reply_header(call->request, "ETag", etag);
}

/*
 * Takes the next tag off a list of entity tags (RFC 9110 section 8.8.3): its octets with quotes,
 * or "*". Returns NULL at the end or where the list is malformed.
 */
static const char *
next_tag(const char **list, size_t *len)
{
	const char *at = *list + strspn(*list, " \t,"), *end;

	if (!strncmp(at, "W/", 2))
		at += 2;
	if (*at == '*') {
		*len = 1;
		*list = at + 1;
		return at;
	}
	end = *at == '"' ? strchr(at + 1, '"') : NULL;
	if (!end)
		return NULL;
	*len = (size_t)(end + 1 - at);
	*list = end + 1;
	return at;
}

bool
reply_not_modified(struct call *call, uint64_t revision, const uint64_t *version)
{
	const char *list = http_request_header(call->request, "If-None-Match"), *tag;
	char etag[64];
	size_t len;

	format_etag(etag, revision, version);
	while (list && (tag = next_tag(&list, &len))) {
		if (*tag == '*' || (len == strlen(etag) && !memcmp(tag, etag, len))) {
			reply_etag(call, revision, version);
			http_reply(call->request, 304, NULL, NULL, 0);
			return true;
		}
	}
	return false;
}

/* True if a tag (with quotes) names this revision, whatever version behind it. */
static bool
tag_names_revision(const char *tag, size_t len, uint64_t revision)
{
	char number[24];
	size_t n = (size_t)snprintf(number, sizeof(number), "%" PRIu64, revision);

	return len > n + 1 && !memcmp(tag + 1, number, n) &&
	       (tag[n + 1] == '"' || tag[n + 1] == '-');
}

bool
check_conditions(struct call *call, bool exists, uint64_t revision, uint64_t *if_match)
{
	const char *want = http_request_header(call->request, "If-Match");
	const char *refuse = http_request_header(call->request, "If-None-Match"), *tag;
	bool matched = false;
	size_t len;

	*if_match = 0;
	while (want && !matched && (tag = next_tag(&want, &len)))
		matched = exists && (*tag == '*' || tag_names_revision(tag, len, revision));
	if (http_request_header(call->request, "If-Match")) {
		if (!matched) {
			reply_error(call, 412, "operation-failed", NULL, NULL,
				    exists ? "the intent has changed: its revision is not the one "
					     "in If-Match"
					   : "If-Match: the intent does not exist");
			return false;
		}
		*if_match = revision;
	}
	while (refuse && (tag = next_tag(&refuse, &len))) {
		if (exists && (*tag == '*' || tag_names_revision(tag, len, revision))) {
			reply_error(call, 412, "operation-failed", NULL, NULL,
				    "If-None-Match: the intent exists");
			return false;
		}
		if (*tag == '*')
			*if_match = UINT64_MAX;
	}
	return true;
}

const char *const no_parameters[] = { NULL };

bool
check_query(struct call *call, const char *const *known)
{
	const struct http_target *target = call->target;

	for (size_t i = 0; i < target->n_parameters; i++) {
		char message[160];
		bool found = false;

		for (const char *const *name = known; *name && !found; name++)
			found = !strcmp(*name, target->parameters[i].name);
		if (found)
			continue;
		snprintf(message, sizeof(message), "query parameter \"%.80s\" is not known here",
			 target->parameters[i].name);
		reply_error(call, 400, "invalid-value", NULL, NULL, message);
		return false;
	}
	return true;
}

const char *
json_body(struct call *call, size_t *len)
{
	static const char *const types[] = { YANG_JSON, "application/json" };
	const char *type = http_request_header(call->request, "Content-Type"), *body;
	size_t n = type ? strcspn(type, "; \t") : 0;
	bool known = false;

	for (size_t i = 0; i < 2; i++)
		known |= n == strlen(types[i]) && !strncasecmp(type, types[i], n);
	if (!known) {
		reply_error(call, 415, "invalid-value", NULL, NULL,
			    "the body must be " YANG_JSON " (Content-Type)");
		return NULL;
	}
	body = http_request_body(call->request, len);
	if (!body)
		reply_error(call, 500, "resource-denied", NULL, NULL, "out of memory");
	return body;
}

const char *
operation_body(struct call *call, size_t *len)
{
	return check_query(call, no_parameters) ? json_body(call, len) : NULL;
}
