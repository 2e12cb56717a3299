/*
 * The API as one object, and the gate that every request passes: which resource it names, whether
 * its bearer may, whether the method and the wanted encoding fit. See north.h.
 */
#include "config.h"

#include <event2/event.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "northbound/auth/certificate.h"
#include "northbound/http/tls.h"
#include "northbound/restconf/internal.h"

#define RING 8192 /* events kept for those who come back */
#define HEARTBEAT_MS 15000
#define PATH_ROOM 1024

/* True if the client takes JSON (RFC 9110 section 12.5.1, without weights: 0 is not looked at). */
static bool
accepts_json(const char *accept)
{
	static const char *const good[] = { YANG_JSON, "application/json",  "application/*",
					    "*/*",     "text/event-stream", "text/plain" };

	if (!accept || !*accept)
		return true;
	while (*accept) {
		size_t skip = strspn(accept, " \t,"), len = strcspn(accept + skip, ",; \t");

		for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
			if (len == strlen(good[i]) && !strncasecmp(accept + skip, good[i], len))
				return true;
		accept += skip + len;
		accept += strcspn(accept, ",");
	}
	return false;
}

/* What only some may do is written down, whoever asks for it. */
static bool
is_audited(const struct resource *resource, enum http_method method)
{
	if (method & GET_ONLY)
		return resource->read_role == AUTH_ADMIN && resource->handle != api_audit &&
		       resource->handle != api_tokens;
	return method != HTTP_OPTIONS && resource->write_role > AUTH_READ;
}

/* False, and answered, if the audit cannot be written: nothing is changed unseen. */
static bool
audit(struct call *call, const struct resource *resource)
{
	const char *author = call->bearer.name ? call->bearer.name : "";
	const char *dry_run = http_target_parameter(call->target, "dry-run");
	struct pce_error err = { 0 };
	struct timespec now;
	char action[32];
	struct audit_entry entry = { .author = author,
				     .address = http_request_peer(call->request),
				     .action = action,
				     .target = http_request_path(call->request) };

	if (!is_audited(resource, http_request_method(call->request)))
		return true;
	clock_gettime(CLOCK_REALTIME, &now);
	entry.wall_us = (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
	snprintf(action, sizeof(action), "%s%s", http_request_method_name(call->request),
		 dry_run && strcmp(dry_run, "false") ? " dry-run" : "");
	call->audited = audit_begin(call->north->audit, &entry, &err);
	if (call->audited) {
		http_request_tag(call->request, call->audited);
		return true;
	}
	reply_fail(call, &err);
	return false;
}

/* Who makes the request: whose token it carries or, without one, whose certificate its client
 * showed. */
static enum pce_status
identify(struct call *call, const char *authorization, struct pce_error *err)
{
	const char *fault;
	struct x509_st *certificate = http_request_certificate(call->request, &fault);

	if (!authorization && certificate)
		return auth_check_certificate(&call->north->options.config->api, certificate, fault,
					      &call->bearer, err);
	return auth_check(call->north->auth, authorization, time(NULL), &call->bearer, err);
}

/* False, and answered, if the request's bearer may not. */
static bool
check_bearer(struct call *call, const struct resource *resource)
{
	struct north *north = call->north;
	const char *header = http_request_header(call->request, "Authorization");
	bool reading = http_request_method(call->request) & GET_ONLY;
	enum auth_role needed = reading ? resource->read_role : resource->write_role;
	struct pce_error err = { 0 };
	char message[160];

	call->bearer = (struct auth_bearer){ "anonymous", AUTH_ADMIN };
	if (resource->open || !north->auth)
		return true;
	if (identify(call, header, &err) != PCE_OK) {
		north->denied++;
		http_reply_header(call->request, "WWW-Authenticate",
				  header ? "Bearer realm=\"karst\", error=\"invalid_token\""
					 : "Bearer realm=\"karst\"");
		reply_error(call, 401, "access-denied", NULL, NULL, err.text);
		return false;
	}
	if (call->bearer.role >= needed)
		return true;
	north->denied++;
	if (!audit(call, resource))
		return false;
	snprintf(message, sizeof(message), "this needs the role %s, and %s has the role %s",
		 auth_role_name(needed), call->bearer.name, auth_role_name(call->bearer.role));
	reply_error(call, 403, "access-denied", NULL, NULL, message);
	return false;
}

static void
answered(void *arg, uint64_t tag, unsigned status)
{
	struct north *north = arg;
	char result[16];

	snprintf(result, sizeof(result), "%u", status);
	if (status) /* else whoever carries it out tells */
		audit_end(north->audit, tag, result);
}

static void
handle(void *arg, struct http_request *request)
{
	struct call call = { .north = arg,
			     .request = request,
			     .target = http_request_target(request) };
	const struct resource *resource = route_find(call.target, &call.key);
	enum http_method method = http_request_method(request);
	char allow[64];

	http_reply_header(request, "X-Content-Type-Options", "nosniff");
	if (!resource) {
		static const struct resource nothing = { .read_role = AUTH_READ };

		/* Only who may read learns what there is not. */
		if (check_bearer(&call, &nothing))
			reply_error(&call, 404, "invalid-value", NULL, NULL,
				    "there is no such resource");
		return;
	}
	if (!check_bearer(&call, resource))
		return;
	if (resource->methods & method) {
		if (!audit(&call, resource))
			return;
		if (accepts_json(http_request_header(request, "Accept")) || resource->open)
			resource->handle(&call);
		else
			reply_error(&call, 406, "invalid-value", NULL, NULL,
				    "the only encoding is " YANG_JSON);
		return;
	}
	route_allow(resource, allow, sizeof(allow));
	http_reply_header(request, "Allow", allow);
	if (method == HTTP_OPTIONS)
		http_reply(request, 200, NULL, NULL, 0);
	else
		reply_error(&call, 405, "operation-not-supported", NULL, NULL,
			    "the resource does not have this method");
}

/* A request that cannot be right, whatever it is for. */
static void
refuse(void *arg, struct http_request *request, const char *why)
{
	struct call call = { .north = arg, .request = request };

	reply_error(&call, 400, "malformed-message", NULL, NULL, why);
}

/* What evhttp refuses before there is a request. */
static void
page(void *arg, unsigned status, struct text *out)
{
	char message[120];

	(void)arg;
	if (status == 413)
		snprintf(message, sizeof(message), "the body is larger than %zu octets",
			 http_limits_default().body_bytes);
	else
		snprintf(message, sizeof(message), "%s",
			 status == 405   ? "the method is not known"
			 : status == 400 ? "the request line or a header is malformed"
					 : "the server cannot answer now");
	error_print(out, status,
		    status == 413   ? "too-big"
		    : status == 405 ? "operation-not-supported"
		    : status == 400 ? "malformed-message"
				    : "operation-failed",
		    NULL, NULL, message);
}

static enum pce_status
open_auth(struct north *north, struct pce_error *err)
{
	const struct karst_config *config = north->options.config;

	if (!config->api.auth)
		return PCE_OK;
	return auth_open(config->state_dir, north->started_s, &north->auth, &north->first_token,
			 err);
}

static enum pce_status
open_http(struct north *north, struct pce_error *err)
{
	const struct karst_config *config = north->options.config;
	struct http_options options = { .loop = north->options.loop,
					.listen = config->api.listen,
					.port = config->api.port,
					.certificate_file = config->api.certificate_file,
					.key_file = config->api.key_file,
					.client_ca_file = config->api.client_ca_file,
					.client_crl_file = config->api.client_crl_file,
					.limits = http_limits_default(),
					.handler = handle,
					.refuse = refuse,
					.page = page,
					.page_type = YANG_JSON,
					.answered = answered,
					.arg = north };
	char certificate[PATH_ROOM], key[PATH_ROOM];
	enum pce_status status = PCE_OK;

	if (!config->api.tls) {
		options.certificate_file = options.key_file = NULL;
	} else if (!options.certificate_file) {
		status = tls_self_signed(config->state_dir, &options.listen, certificate, key,
					 PATH_ROOM, err);
		options.certificate_file = certificate;
		options.key_file = key;
	}
	if (status == PCE_OK)
		status = http_server_new(&options, &north->http, err);
	return status;
}

static enum pce_status
open_events(struct north *north, struct pce_error *err)
{
	struct timespec now;
	struct events_options options = { .loop = north->options.loop,
					  .capacity = RING,
					  .heartbeat_ms = HEARTBEAT_MS,
					  .print = notification_print,
					  .arg = north };

	clock_gettime(CLOCK_REALTIME, &now);
	north->started_s = now.tv_sec;
	options.epoch = (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
	return events_new(&options, &north->events, err);
}

enum pce_status
north_new(const struct north_options *options, struct north **out, struct pce_error *err)
{
	struct north *north = calloc(1, sizeof(*north));
	enum pce_status status;

	if (!north)
		return pce_no_memory(err);
	north->options = *options;
	TAILQ_INIT(&north->pending);
	status = open_events(north, err);
	if (status == PCE_OK)
		status = topology_printer_new(north, &north->printer, err);
	if (status == PCE_OK)
		status = computer_new(north, &north->computer, err);
	if (status == PCE_OK)
		status = open_auth(north, err);
	if (status == PCE_OK)
		status = audit_open(options->config->state_dir, &north->audit, err);
	if (status == PCE_OK)
		status = open_http(north, err);
	if (status != PCE_OK) {
		north_free(north);
		return status;
	}
	*out = north;
	return PCE_OK;
}

void
north_free(struct north *north)
{
	struct pending *pending;

	if (!north)
		return;
	events_free(north->events);
	http_server_free(north->http); /* whoever waits is told that it is gone */
	topology_printer_free(north->printer);
	computer_free(north->computer);
	backup_free(north->backup);
	while ((pending = TAILQ_FIRST(&north->pending)))
		pending_free(pending);
	text_free(&north->openapi);
	auth_free(north->auth);
	audit_close(north->audit);
	free(north);
}

uint16_t
north_port(const struct north *north)
{
	return http_server_port(north->http);
}

const char *
north_first_token(const struct north *north)
{
	return north->first_token;
}

enum pce_status
north_reload(struct north *north, struct pce_error *err)
{
	enum pce_status status = north->auth ? auth_reload(north->auth, err) : PCE_OK;

	return status ? status : http_server_reload(north->http, err);
}

void
north_notice(struct north *north, const struct service_notice *notice)
{
	events_add(north->events, notice);
}
