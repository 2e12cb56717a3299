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
	"\"karst-telemetry:link-history\":[null]"

static const char *const no_parameters[] = { NULL };

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

void
api_page(struct call *call)
{
	const char *name = call->target->n_segments ? call->target->segments[0].name : "";

	if (!check_query(call, no_parameters))
		return;
	/* The page holds no secret; whoever has no token sees an empty one. */
	http_reply_header(call->request, "Content-Security-Policy",
			  "default-src 'self'; frame-ancestors 'none'; base-uri 'none'");
	http_reply_header(call->request, "Cache-Control", "no-cache");
	if (!strcmp(name, "app.js"))
		http_reply(call->request, 200, "text/javascript; charset=utf-8", web_app_js,
			   web_app_js_len);
	else if (!strcmp(name, "app.css"))
		http_reply(call->request, 200, "text/css; charset=utf-8", web_app_css,
			   web_app_css_len);
	else
		http_reply(call->request, 200, "text/html; charset=utf-8", web_index_html,
			   web_index_html_len);
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
