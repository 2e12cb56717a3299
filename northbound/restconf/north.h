/*
 * The northbound API as one object: HTTP server, tokens, RESTCONF resources (RFC 8040), event
 * streams, metrics and the operators' page.
 *
 * It reads the service through its views and changes it through events. It belongs to the loop's
 * thread, the thread that steps the service. How the daemon uses it:
 *
 *   north_new       after the service has recovered
 *   options.submit  called by the API with SERVICE_INTENT_PUT and SERVICE_INTENT_DELETE events; the
 *                   event's pointers are borrowed for the call. The daemon fills in wall_us and
 *                   random, and steps the service, at once or later (then it copies the event).
 *   north_reply     for every SERVICE_REPLY effect whose id came from submit; also from inside
 *                   submit
 *   north_notice    for every SERVICE_NOTICE effect; it copies what it needs
 *   north_free      before the loop, the service and the codec are freed
 */
#ifndef NORTHBOUND_RESTCONF_NORTH_H
#define NORTHBOUND_RESTCONF_NORTH_H

#include "models/codec/telemetry.h"
#include "pce/path/path.h"
#include "pce/segment/list.h"
#include "pce/service/service.h"

struct codec;
struct event_base;
struct north;

/* The caller removes the file at path. */
typedef void north_backed_up(void *arg, const char *path, const struct pce_error *err);

typedef void north_bucket(void *ctx, const struct codec_history_bucket *bucket);

/* What is measured, asked with the arg of the options. */
struct north_telemetry {
	/* Devices in order; false past the end. */
	bool (*device)(void *arg, size_t index, struct codec_telemetry_device *out);
	/* Fills all but name and capacity; false: it was never measured. */
	bool (*link)(void *arg, ted_link link, struct codec_telemetry_link *out);
	/* Gives the buckets in order of time; false: it was never measured. */
	bool (*history)(void *arg, ted_link link, const struct codec_history_request *asked,
			north_bucket *fn, void *ctx);
	/* Packets in 1000 s that come in at a node of the flow "COLOR ENDPOINT HEADEND"; false: it
	 * is not measured there. */
	bool (*flow)(void *arg, ted_node node, const char *name, uint64_t *out);
};

struct north_options {
	struct event_base *loop;
	const struct karst_config *config; /* api and state_dir are read */
	struct service *service;
	const struct codec *codec;
	const char *version; /* of the software */
	void *arg; /* of the functions below */
	void (*submit)(void *arg, const struct service_event *event);
	/*
	 * Answers what compute-path asks, routes and their segment lists, on forks of the graph and
	 * of its engine that nobody else has; called on another thread. *lists gets one a route
	 * (malloc'ed, each freed with segment_list_free), without segments where there is none.
	 * NULL: the engine is asked, and answers show no segments.
	 */
	enum pce_status (*place)(void *arg, const struct ted *ted, struct path_engine *engine,
				 const struct path_request *request, bool loose,
				 struct path_answer *answer, struct segment_list **lists,
				 struct pce_error *err);
	/*
	 * Starts a backup of the store into a file and calls done later, from the loop: with its
	 * path, or with NULL and why there is none. NULL: there are no backups.
	 */
	enum pce_status (*backup)(void *arg, north_backed_up *done, void *done_arg,
				  struct pce_error *err);
	const struct north_telemetry *telemetry; /* NULL: nothing is measured */
	uint32_t wait_ms; /* for a reply of the service, then 504; 0: 30 s */
	/* Appends lines of the daemon's own to /metrics; may be NULL. */
	void (*metrics)(void *arg, struct text *out);
};

/*
 * Opens the API as the configuration says: reads or makes tokens and certificate, listens. The
 * errors are those of auth_open, tls_self_signed and http_server_new. All options are borrowed
 * until north_free. Caller owns *out.
 */
enum pce_status north_new(const struct north_options *options, struct north **out,
			  struct pce_error *err);
/* Closes everything; requests that wait are dropped. NULL does nothing. */
void north_free(struct north *north);

/* The port that it listens on. */
uint16_t north_port(const struct north *north);
/* Path of the file that holds the token made at this first start; NULL if none was made. */
const char *north_first_token(const struct north *north);
/* Reads the tokens file, certificates and revocations again (SIGHUP) and closes all connections;
 * what could not be read stays as it was. */
enum pce_status north_reload(struct north *north, struct pce_error *err);

/* Answers the request that an effect of kind SERVICE_REPLY belongs to; an id that is not known (its
 * client was told 504) is nothing. */
void north_reply(struct north *north, const struct service_effect *effect);
/* Tells subscribers. Cheap: printing and sending happen in later turns of the loop. */
void north_notice(struct north *north, const struct service_notice *notice);

#endif
