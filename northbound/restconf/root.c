/* What describes the API itself. */
#include "config.h"

#include <string.h>

#include "northbound/restconf/internal.h"
#include "northbound/web/web.h"

#define OPERATIONS                                                                                 \
	"\"karst-path:compute-path\":[null],\"karst-operations:set-mode\":[null],"                 \
	"\"karst-operations:reoptimise\":[null],\"karst-operations:adopt\":[null],"                \
	"\"karst-operations:resume\":[null],\"karst-operations:drain\":[null],"                    \
	"\"karst-operations:undrain\":[null],\"karst-operations:create-token\":[null],"            \
	"\"karst-operations:revoke-token\":[null],\"karst-operations:acknowledge\":[null],"        \
	"\"karst-operations:approve\":[null],\"karst-operations:reject\":[null],"                  \
	"\"karst-telemetry:link-history\":[null],"                                                 \
	"\"karst-telemetry:policy-hops\":[null]"

static void
reply_fixed(struct call *call, const char *type, const char *body)
{
	if (check_query(call, no_parameters))
		http_reply(call->request, 200, type, body, strlen(body));
}

/* RFC 8040 section 3.1. */
void
api_root_host_meta(struct call *call)
{
	reply_fixed(call, "application/xrd+xml",
		    "<XRD xmlns='http://docs.oasis-open.org/ns/xri/xrd-1.0'>\n"
		    "  <Link rel='restconf' href='/restconf'/>\n"
		    "</XRD>\n");
}

/* RFC 8040 section 3.3. */
void
api_root_restconf(struct call *call)
{
	reply_fixed(call, YANG_JSON,
		    "{\"ietf-restconf:restconf\":{\"data\":{},"
		    "\"operations\":{" OPERATIONS "},"
		    "\"yang-library-version\":\"2019-01-04\"}}\n");
}

/* RFC 8040 section 3.3.2. */
void
api_root_operations(struct call *call)
{
	reply_fixed(call, YANG_JSON, "{\"ietf-restconf:operations\":{" OPERATIONS "}}\n");
}

/* RFC 8040 section 3.3.3. */
void
api_root_library_version(struct call *call)
{
	reply_fixed(call, YANG_JSON, "{\"ietf-restconf:yang-library-version\":\"2019-01-04\"}\n");
}

/* RFC 8040 section 9.3: which event streams there are. */
void
api_root_streams(struct call *call)
{
	reply_fixed(call, YANG_JSON,
		    "{\"ietf-restconf-monitoring:streams\":{\"stream\":[{\"name\":\"karst\","
		    "\"description\":\"Everything that karst-events defines; a client that "
		    "comes back with Last-Event-ID gets what it missed.\","
		    "\"access\":[{\"encoding\":\"json\","
		    "\"location\":\"/restconf/streams/karst\"}]}]}}\n");
}

void
api_root_healthz(struct call *call)
{
	reply_fixed(call, "application/json", "{\"status\":\"ok\"}\n");
}

/* The media type of a file of the page, by the end of its name (RFC 9239 for JavaScript). */
static const char *
page_type(const char *name)
{
	static const struct {
		const char *end, *type;
	} types[] = {
		{ ".js", "text/javascript; charset=utf-8" },
		{ ".css", "text/css; charset=utf-8" },
		{ ".svg", "image/svg+xml" },
	};
	const char *end = strrchr(name, '.');

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (!strcmp(end, types[i].end))
			return types[i].type;
	return "text/html; charset=utf-8";
}

void
api_page(struct call *call)
{
	const char *name = call->target->n_segments ? call->target->segments[0].name : "index.html";
	const struct web_file *file = web_files;

	if (!check_query(call, no_parameters))
		return;
	while (strcmp(file->name, name)) /* the routes name only files that there are */
		file++;
	/* The page holds no secret; whoever has no token sees an empty one. */
	http_reply_header(call->request, "Content-Security-Policy",
			  "default-src 'self'; frame-ancestors 'none'; base-uri 'none'");
	http_reply_header(call->request, "Cache-Control", "no-cache");
	http_reply(call->request, 200, page_type(file->name), file->octets, file->n);
}

void
api_stream_events(struct call *call)
{
	struct pce_error err = { 0 };

	if (!check_query(call, no_parameters))
		return;
	if (events_subscribe(call->north->events, call->request,
			     http_request_header(call->request, "Last-Event-ID"), &err) != PCE_OK)
		reply_fail(call, &err);
}
