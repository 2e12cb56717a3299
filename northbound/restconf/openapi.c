/*
 * /openapi.json: the API as an OpenAPI 3.1 document. What there is comes from the table of
 * resources, what bodies hold from the YANG modules; it is made when somebody first asks, and kept.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "models/codec/openapi.h"
#include "northbound/restconf/internal.h"

#define DATA "/restconf/data"
#define OPERATIONS "/restconf/operations/"

/* What is no YANG data. */
static const struct {
	const char *path, *type;
} others[] = {
	{ "", "text/html" },
	{ "/app.js", "text/javascript" },
	{ "/api.js", "text/javascript" },
	{ "/table.js", "text/javascript" },
	{ "/map.js", "text/javascript" },
	{ "/detail.js", "text/javascript" },
	{ "/app.css", "text/css" },
	{ "/icon.svg", "image/svg+xml" },
	{ "/metrics", "text/plain" },
	{ "/backup", "application/octet-stream" },
	{ "/.well-known/host-meta", "application/xrd+xml" },
	{ "/healthz", "application/json" },
	{ "/openapi.json", "application/json" },
	{ "/restconf/streams/karst", "text/event-stream" },
};

static const char *
other_type(const char *path)
{
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if (strcmp(others[i].path, path) == 0)
			return others[i].type;
	return NULL;
}

/* The schema path that a resource's path stands for; false if it has none of ours. */
static bool
schema_path(const struct resource *resource, char *out, size_t cap)
{
	bool rpc = strncmp(resource->path, OPERATIONS, strlen(OPERATIONS)) == 0;
	const char *path = resource->path;
	size_t n = 0;

	if (!rpc && strncmp(path, DATA "/karst-", strlen(DATA "/karst-")) != 0)
		return false;
	path += rpc ? strlen(OPERATIONS) - 1 : strlen(DATA);
	for (; *path && n + 1 < cap; path++)
		if (*path != '=' && *path != '*')
			out[n++] = *path;
	out[n] = '\0';
	return true;
}

static bool
is_entry(const struct resource *resource)
{
	size_t len = strlen(resource->path);

	return len > 2 && strcmp(resource->path + len - 2, "=*") == 0;
}

/* "content": of one type with a schema, or any object or text. */
static enum pce_status
add_content(const struct north *north, const struct resource *resource, enum codec_schema_body body,
	    struct text *out, bool *there, struct pce_error *err)
{
	const char *type = other_type(resource->path);
	char path[256];
	struct text schema = { 0 };
	enum pce_status status = PCE_OK;

	*there = true;
	if (type)
		text_printf(&schema, "{\"type\":\"%s\"}",
			    strstr(type, "json") ? "object" : "string");
	else if (schema_path(resource, path, sizeof(path)))
		status = codec_schema_print(north->options.codec, path, body, is_entry(resource),
					    &schema, there, err);
	else
		text_add(&schema, "{\"type\":\"object\"}");
	if (!status && *there) {
		text_printf(out, "\"content\":{\"%s\":{\"schema\":", type ? type : YANG_JSON);
		text_bytes(out, text_get(&schema), schema.len);
		text_add(out, "}}");
	}
	text_free(&schema);
	return status;
}

static enum pce_status
add_body(const struct north *north, const struct resource *resource, enum http_method method,
	 struct text *out, struct pce_error *err)
{
	struct text content = { 0 };
	bool there = false;
	enum pce_status status = add_content(
	    north, resource, method == HTTP_POST ? CODEC_SCHEMA_INPUT : CODEC_SCHEMA_WRITE,
	    &content, &there, err);

	if (!status && there) {
		text_add(out, ",\"requestBody\":{\"required\":true,");
		text_bytes(out, text_get(&content), content.len);
		text_add(out, "}");
	}
	text_free(&content);
	return status;
}

static enum pce_status
add_responses(const struct north *north, const struct resource *resource, enum http_method method,
	      struct text *out, struct pce_error *err)
{
	enum codec_schema_body body = method == HTTP_POST ? CODEC_SCHEMA_OUTPUT : CODEC_SCHEMA_READ;
	enum pce_status status = PCE_OK;
	struct text content = { 0 };
	bool there = false;

	text_add(out, ",\"responses\":{");
	if (method == HTTP_PUT)
		text_add(out, "\"201\":{\"description\":\"Made.\"},");
	if (!(method & GET_ONLY))
		text_add(out, "\"204\":{\"description\":\"Done.\"},");
	if (method == HTTP_PUT || method == HTTP_DELETE) {
		text_add(out, "\"200\":{\"description\":\"The outcome of a dry run.\"},");
	} else if (method != HTTP_HEAD) {
		status = add_content(north, resource, body, &content, &there, err);
		if (!status && there) {
			text_add(out, "\"200\":{\"description\":\"The answer.\",");
			text_bytes(out, text_get(&content), content.len);
			text_add(out, "},");
		}
	} else {
		text_add(out, "\"200\":{\"description\":\"It is there.\"},");
	}
	text_free(&content);
	text_add(out, "\"default\":{\"$ref\":\"#/components/responses/error\"}}");
	return status;
}

static void
add_parameters(const struct resource *resource, enum http_method method, struct text *out)
{
	bool dry = method == HTTP_PUT || method == HTTP_DELETE;

	if (!is_entry(resource) && !dry)
		return;
	text_add(out, ",\"parameters\":[");
	if (is_entry(resource))
		text_add(out, "{\"name\":\"key\",\"in\":\"path\",\"required\":true,"
			      "\"schema\":{\"type\":\"string\",\"minLength\":1}}");
	if (dry)
		text_printf(
		    out,
		    "%s{\"name\":\"dry-run\",\"in\":\"query\",\"description\":\"Tells what "
		    "would come of it, and changes nothing.\",\"schema\":{\"type\":\"string\","
		    "\"enum\":[\"true\",\"false\"]}}",
		    is_entry(resource) ? "," : "");
	text_add(out, "]");
}

static enum pce_status
add_method(const struct north *north, const struct resource *resource, enum http_method method,
	   const char *name, struct text *out, struct pce_error *err)
{
	enum auth_role role = method & GET_ONLY ? resource->read_role : resource->write_role;
	enum pce_status status = PCE_OK;

	text_printf(out, "\"%s\":{\"operationId\":\"%s ", name, name);
	text_add(out, *resource->path ? resource->path : "/");
	text_printf(out, "\",\"description\":\"Needs %s%s.\"",
		    resource->open ? "no token" : "the role ",
		    resource->open ? "" : auth_role_name(role));
	if (resource->open)
		text_add(out, ",\"security\":[]");
	add_parameters(resource, method, out);
	if (method == HTTP_PUT || method == HTTP_POST)
		status = add_body(north, resource, method, out, err);
	if (!status)
		status = add_responses(north, resource, method, out, err);
	text_add(out, "}");
	return status;
}

static enum pce_status
add_path(const struct north *north, const struct resource *resource, struct text *out,
	 struct pce_error *err)
{
	static const struct {
		enum http_method method;
		const char *name;
	} names[] = { { HTTP_GET, "get" },
		      { HTTP_HEAD, "head" },
		      { HTTP_POST, "post" },
		      { HTTP_PUT, "put" },
		      { HTTP_DELETE, "delete" } };
	enum pce_status status = PCE_OK;
	bool first = true;

	text_printf(out, "\"%s%.*s%s\":{", *resource->path ? "" : "/",
		    (int)(strlen(resource->path) - (is_entry(resource) ? 1 : 0)), resource->path,
		    is_entry(resource) ? "{key}" : "");
	for (size_t i = 0; !status && i < sizeof(names) / sizeof(names[0]); i++) {
		if (!(resource->methods & names[i].method))
			continue;
		text_add(out, first ? "" : ",");
		first = false;
		status = add_method(north, resource, names[i].method, names[i].name, out, err);
	}
	text_add(out, "}");
	return status;
}

/* What all operations share: who may ask, and how an error looks (RFC 8040 section 8). */
static void
add_components(struct text *out)
{
	text_add(
	    out,
	    "\"security\":[{\"token\":[]},{\"certificate\":[]}],\"components\":{"
	    "\"securitySchemes\":{\"token\":{\"type\":\"http\",\"scheme\":\"bearer\"},"
	    "\"certificate\":{\"type\":\"mutualTLS\"}},\"responses\":{\"error\":{"
	    "\"description\":\"An error: what, where, and one sentence.\",\"content\":{\"" YANG_JSON
	    "\":{\"schema\":{\"$ref\":\"#/components/schemas/errors\"}}}}},\"schemas\":{"
	    "\"errors\":{\"type\":\"object\",\"required\":[\"ietf-restconf:errors\"],"
	    "\"properties\":{\"ietf-restconf:errors\":{\"type\":\"object\",\"required\":[\"error\"]"
	    ","
	    "\"properties\":{\"error\":{\"type\":\"array\",\"minItems\":1,\"items\":{"
	    "\"type\":\"object\",\"required\":[\"error-type\",\"error-tag\"],\"properties\":{"
	    "\"error-type\":{\"type\":\"string\",\"enum\":[\"transport\",\"rpc\",\"protocol\","
	    "\"application\"]},\"error-tag\":{\"type\":\"string\"},"
	    "\"error-app-tag\":{\"type\":\"string\"},\"error-path\":{\"type\":\"string\"},"
	    "\"error-message\":{\"type\":\"string\"}}}}}}}}}}");
}

static enum pce_status
print_document(const struct north *north, struct text *out, struct pce_error *err)
{
	const struct resource *resource;
	enum pce_status status = PCE_OK;
	bool first = true;

	text_add(out, "{\"openapi\":\"3.1.0\",\"info\":{\"title\":\"Karst\",\"version\":");
	text_json_string(out, north->options.version, strlen(north->options.version));
	text_add(out, ",\"description\":\"RESTCONF (RFC 8040) of karstd, made from its YANG "
		      "modules.\"},\"servers\":[{\"url\":\"/\"}],");
	add_components(out);
	text_add(out, ",\"paths\":{");
	for (size_t i = 0; !status && (resource = route_at(i)); i++) {
		text_add(out, first ? "" : ",");
		first = false;
		status = add_path(north, resource, out, err);
	}
	text_add(out, "}}\n");
	return status ? status : text_ok(out) ? PCE_OK : pce_no_memory(err);
}

void
api_openapi(struct call *call)
{
	struct text *kept = &call->north->openapi;
	struct pce_error err = { 0 };

	if (!check_query(call, no_parameters))
		return;
	if (kept->len == 0 && print_document(call->north, kept, &err) != PCE_OK) {
		text_free(kept);
		reply_fail(call, &err);
		return;
	}
	http_reply_header(call->request, "Cache-Control", "no-cache");
	http_reply(call->request, 200, "application/json", text_get(kept), kept->len);
}
