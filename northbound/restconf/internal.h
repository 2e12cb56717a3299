/* What the files of the API share:
 *   north.c     life, the gate that every request passes, replies of the service
 *   route.c     which resource a path names, and what may be done with it
 *   reply.c     bodies, errors, entity tags, query parameters
 *   root.c      what describes the API itself
 *   data.c      everything in one
 *   openapi.c   the same for other people's programs
 *   intents.c   intents: reading, and changes that wait for the service
 *   backup.c    the store as a file
 *   operate.c   what operators order
 *   tokens.c    tokens
 *   policies.c, topology.c, operations.c, compute.c  the other resources
 */
#ifndef NORTHBOUND_RESTCONF_INTERNAL_H
#define NORTHBOUND_RESTCONF_INTERNAL_H

#include <inttypes.h>
#include <stdio.h>
#include <sys/queue.h>

#include "models/codec/codec.h"
#include "northbound/auth/audit.h"
#include "northbound/auth/auth.h"
#include "northbound/events/stream.h"
#include "northbound/http/http.h"
#include "northbound/restconf/north.h"

#define YANG_JSON "application/yang-data+json"
#define GET_ONLY (HTTP_GET | HTTP_HEAD)

/* A request that waits for SERVICE_REPLY. */
struct pending {
	TAILQ_ENTRY(pending) entry;
	struct north *north;
	uint64_t id;
	struct http_request *request; /* NULL: its client left */
	struct event *timer;
	char *intent_id;
	bool deletion, dry_run;
	bool operation; /* of an operator, about no intent */
	bool drain; /* whose answer is a report */
	bool reoptimise; /* likewise */
	bool many; /* intents as one */
	uint64_t if_match; /* as in struct service_event */
	uint64_t audited; /* as in struct call */
};

struct topology_printer;
struct computer;
struct backup;

struct north {
	struct north_options options;
	struct http_server *http;
	struct auth *auth; /* NULL: everybody may do everything */
	struct audit *audit;
	const char *first_token;
	struct events *events;
	TAILQ_HEAD(, pending) pending;
	uint64_t next_request;
	int64_t started_s; /* since 1970 */
	struct topology_printer *printer;
	struct computer *computer;
	struct backup *backup; /* that is being made, or NULL */
	uint64_t denied;
	struct text openapi; /* the document, once somebody asked */
};

/* One request on its way through the gate to its resource. */
struct call {
	struct north *north;
	struct http_request *request;
	const struct http_target *target;
	const char *key; /* of the list entry that the path names; NULL without one */
	struct auth_bearer bearer;
	uint64_t audited; /* entry of the audit, 0 none */
};

/* --- route.c --- */

struct resource {
	const char *path; /* as in the API: "/restconf/data/karst-intent:intents/intent=*"; "" is
			     "/" */
	unsigned methods; /* enum http_method bits; OPTIONS is always there */
	enum auth_role read_role, write_role;
	bool open; /* no token needed */
	void (*handle)(struct call *call);
};

/* The resource that a target names, and the key of its list entry; NULL if there is none. */
const struct resource *route_find(const struct http_target *target, const char **key);
/* The resources one by one, in the order of their table; NULL at the end. */
const struct resource *route_at(size_t index);
/* "GET, HEAD, OPTIONS" for the methods of a resource. */
void route_allow(const struct resource *resource, char *out, size_t cap);

/* --- reply.c --- */

/*
 * Answers with an error body (RFC 8040 section 7.1).
 *   tag      error-tag, as "invalid-value"
 *   app_tag  error-app-tag, or NULL
 *   path     data path, or NULL or ""
 */
void reply_error(struct call *call, unsigned status, const char *tag, const char *app_tag,
		 const char *path, const char *message);
/* Appends an error body (RFC 8040 section 7.1), as reply_error sends it. */
void error_print(struct text *out, unsigned status, const char *tag, const char *app_tag,
		 const char *path, const char *message);
/* Answers with the error that belongs to a status of Karst. */
void reply_fail(struct call *call, const struct pce_error *err);
/* Answers 200 with a JSON body; frees it. Without memory: 500. */
void reply_json(struct call *call, struct text *body);
/* The same of what was printed, or answers with the error that came of it; frees the body. */
void reply_printed(struct call *call, struct text *body, const struct pce_error *err);
/* Adds the ETag header: "REVISION", or "REVISION-VERSION". */
void reply_etag(struct call *call, uint64_t revision, const uint64_t *version);
/* True, and answered with 304, if If-None-Match says that the client has this already. */
bool reply_not_modified(struct call *call, uint64_t revision, const uint64_t *version);
/* True if the query has only parameters named in known (NULL-terminated); else answered with 400.
 */
bool check_query(struct call *call, const char *const *known);
/* For check_query: none. */
extern const char *const no_parameters[];
/* The body if it is JSON by its Content-Type; NULL, and answered with 415 or 500, otherwise. */
const char *json_body(struct call *call, size_t *len);
/* The same of an operation, which has no parameters. */
const char *operation_body(struct call *call, size_t *len);

/*
 * If-Match and If-None-Match of a request that changes something (RFC 9110 section 13): *if_match
 * as in struct service_event. exists and revision: what is there now. False, and answered with 412,
 * if it cannot hold.
 */
bool check_conditions(struct call *call, bool exists, uint64_t revision, uint64_t *if_match);

/* --- Resources: each answers or keeps the call's request. --- */

/* /.well-known/host-meta (RFC 8040 section 3.1). */
void api_root_host_meta(struct call *call);
/* /restconf, the API resource (RFC 8040 section 3.3). */
void api_root_restconf(struct call *call);
/* /restconf/operations (RFC 8040 section 3.3.2). */
void api_root_operations(struct call *call);
/* /restconf/yang-library-version (RFC 8040 section 3.3.3). */
void api_root_library_version(struct call *call);
/* Which event streams there are (RFC 8040 section 9.3). */
void api_root_streams(struct call *call);
/* /openapi.json: all of this as an OpenAPI document. */
void api_openapi(struct call *call);
/* /healthz: answers as long as the loop turns. */
void api_root_healthz(struct call *call);
/* The operators' page and what it loads. */
void api_page(struct call *call);
/* All intents. */
void api_intents_all(struct call *call);
/* One intent: GET, PUT, DELETE. */
void api_intents_one(struct call *call);
/* Many intents as one. */
void api_apply_intents(struct call *call);
/* All policies. */
void api_policies_all(struct call *call);
/* One policy. */
void api_policies_one(struct call *call);
/* The last moves of one policy. */
void api_policies_history(struct call *call);
/* Overview, feeds, devices, alarms. */
void api_operations_all(struct call *call);
/* The datastore, everything in one (RFC 8040 section 3.3.1). */
void api_data(struct call *call);
/* Answers api_data, with the topology printed as its own resource is. */
void reply_data(struct call *call, const struct text *topology);
/* What the resources of one module hold, each as an object of its own. */
enum pce_status intents_print(const struct north *north, struct text *out, struct pce_error *err);
enum pce_status policies_print(const struct north *north, struct text *out, struct pce_error *err);
enum pce_status operations_print(const struct north *north, struct text *out,
				 struct pce_error *err);
enum pce_status telemetry_print(const struct north *north, struct text *out, struct pce_error *err);
/* The whole topology. */
void api_topology_all(struct call *call);
/* One node of it. */
void api_topology_node(struct call *call);
/* One directed link of it. */
void api_topology_link(struct call *call);
/* The operation compute-path of karst-path. */
void api_compute_path(struct call *call);
/* The event stream; Last-Event-ID resumes. */
void api_stream_events(struct call *call);
/* /metrics, in Prometheus' text format. */
void api_metrics_all(struct call *call);

/* The store as a file. */
void api_backup(struct call *call);
/* The tokens, without their secrets; karst-operations: create-token and revoke-token. */
void api_tokens(struct call *call);
void api_create_token(struct call *call);
void api_revoke_token(struct call *call);
/* What is measured; karst-telemetry: link-history, policy-hops. */
void api_telemetry(struct call *call);
void api_link_history(struct call *call);
void api_policy_hops(struct call *call);
/* Who asked for what. */
void api_audit(struct call *call);

/* Forgets the backup that is being made; NULL does nothing. */
void backup_free(struct backup *backup);
/* karst-operations: set-mode, resume, drain, undrain. */
void api_set_mode(struct call *call);
void api_resume(struct call *call);
void api_drain(struct call *call);
void api_undrain(struct call *call);
/* Changes that wait for approval, or the one that the path names. */
void api_changes(struct call *call);
/* karst-operations: approve and reject. */
void api_approve(struct call *call);
void api_reject(struct call *call);
/* karst-operations: acknowledge. */
void api_acknowledge(struct call *call);
/* karst-operations: adopt. */
void api_adopt(struct call *call);
/* karst-operations: reoptimise. */
void api_reoptimise(struct call *call);
/* Answers with who gains by a re-optimisation. */
void reply_reoptimise(struct call *call, const struct service_reply *reply);
/* Answers with what a drain does. */
void reply_drain(struct call *call, const struct service_reply *reply);

/* Makes the call's request one that waits for the service's reply; NULL, and nothing done, without
 * memory. The key of the call, if there is one, is kept. */
struct pending *pending_new(struct call *call);
/* Keeps the request, and submits the event with its id. Neither is valid afterwards. */
void pending_submit(struct pending *pending, struct service_event *event);
/* Forgets a request that waits; its client, if any, is told nothing. */
void pending_free(struct pending *pending);
/* Prints one notice as a RESTCONF notification; for struct events_options. */
enum pce_status notification_print(void *arg, const struct service_notice *notice, struct text *out,
				   struct pce_error *err);

/* The thread that answers compute-path, idle until somebody asks. Caller owns *out. */
enum pce_status computer_new(struct north *north, struct computer **out, struct pce_error *err);
/* Waits for what is being computed and drops what waits. NULL does nothing. */
void computer_free(struct computer *computer);

/* The thread that prints whole topologies, idle until somebody asks. Caller owns *out. */
enum pce_status topology_printer_new(struct north *north, struct topology_printer **out,
				     struct pce_error *err);
/* Waits for the thread. NULL does nothing. */
void topology_printer_free(struct topology_printer *printer);

#endif
