/*
 * karstd: the imperative shell around the service. It owns the event loop and every thread, turns
 * what it sees into events, and carries out the effects. It decides nothing.
 *
 * One loop thread runs the service, the BGP sessions, the NETCONF sessions and the HTTP server; the
 * store has a thread of its own and reports through a descriptor. A fault that ends the start is
 * one sentence on standard error.
 */
#ifndef PCE_DAEMON_DAEMON_H
#define PCE_DAEMON_DAEMON_H

#include <event2/event.h>

#include "models/codec/telemetry.h"
#include "pce/service/service.h"
#include "southbound/driver.h"

struct persist;
struct feeds;
struct devices;
struct api;
struct telemetry_shell;
struct codec;

struct daemon {
	const struct karst_config *config;
	const char *yang_path; /* colon-separated folders of YANG modules */
	struct codec *codec;
	struct event_base *loop;
	struct event *tick;
	struct service *service;
	struct persist *persist;
	struct feeds *feeds;
	struct devices *devices;
	struct telemetry_shell *telemetry; /* NULL: nobody is asked */
	struct api *api;
	bool stepping; /* a step runs: nobody may post now */
	bool failed; /* the service found itself broken: the process ends with status 1 */
};

/* Microseconds of the monotonic clock, and since 1970. */
struct usec daemon_now(void);
int64_t daemon_wall_us(void);
/* 64 fresh random bits from the kernel. */
uint64_t daemon_random(void);

/*
 * Hands one event to the service and carries out what it wants. wall_us and random of the event are
 * filled here. Must not be called from inside itself (drivers and servers post from the loop only).
 */
void daemon_post(struct daemon *daemon, const struct service_event *event);

/*
 * Answers an effect that was refused at once: posts event (SERVICE_STORED, SERVICE_DEVICE_RESULT or
 * SERVICE_DEVICE_READ, its status set) with the text of err, from the next turn of the loop,
 * because the service is in the middle of a step. Both are copied; what else event points to must
 * last.
 */
void daemon_refuse(struct daemon *daemon, const struct service_event *event,
		   const struct pce_error *err);

/* The sink for sessions and servers: posts to the daemon in ctx. */
struct event_sink daemon_sink(struct daemon *daemon);

/* --- persist.c: the store --- */

/* Opens the store in the state folder and posts SERVICE_RECOVER with what it holds. */
enum pce_status persist_open(struct daemon *daemon, struct persist **out, struct pce_error *err);
/* Waits for what is being written, then closes. NULL does nothing. */
void persist_close(struct persist *persist);
/* Puts the backup in the place of the store in the state folder, which no karstd may have open;
 * each of its records has to be one that this karstd reads. */
enum pce_status persist_restore(struct daemon *daemon, const char *from, struct pce_error *err);
/*
 * Makes a backup in a new file of the state folder and calls done from the loop: with the file's
 * path, which the caller removes, or with NULL and why. When it is refused at once, done is not
 * called: PCE_CONFLICT while another one is being made.
 */
typedef void persist_done(void *arg, const char *path, const struct pce_error *err);
enum pce_status persist_backup(struct persist *persist, persist_done *done, void *arg,
			       struct pce_error *err);
/* Carries out SERVICE_STORE; SERVICE_STORED follows from the loop. */
void persist_write(struct persist *persist, const struct service_effect *effect);

/* --- feeds.c: files and BGP-LS --- */

/* Loads the topology files of the configuration and starts the BGP-LS sessions. */
enum pce_status feeds_open(struct daemon *daemon, struct feeds **out, struct pce_error *err);
/* Closes every session. NULL does nothing. */
void feeds_close(struct feeds *feeds);

/* --- devices.c: drivers and routers --- */

/* Makes the drivers. Nothing connects yet. */
enum pce_status devices_prepare(struct daemon *daemon, struct devices **out, struct pce_error *err);
/* Checks the profiles of all devices: they can be read, and fit the routers' YANG modules where
 * these are there; a warning is logged where they are not. */
enum pce_status devices_check(const struct daemon *daemon, struct pce_error *err);
/* Opens every configured device. */
enum pce_status devices_open(struct devices *devices, struct pce_error *err);
/* Closes every device and driver. NULL does nothing. */
void devices_close(struct devices *devices);
/* Carries out SERVICE_APPLY and SERVICE_READ; a refusal by the driver becomes the result event,
 * from the loop. */
void devices_apply(struct devices *devices, const struct service_effect *effect);
void devices_read(struct devices *devices, const struct service_effect *effect);

/* --- telemetry.c: what routers stream --- */

/* Asks the configured devices for telemetry; *out stays NULL if there are none. */
enum pce_status telemetry_open(struct daemon *daemon, struct telemetry_shell **out,
			       struct pce_error *err);
/* Ends all streams. NULL does nothing. */
void telemetry_close(struct telemetry_shell *shell);

/* For the API; shell may be NULL. Devices in order of configuration, false past the end; a link by
 * its row, false if it was never measured; its history likewise. */
bool telemetry_device_at(const struct telemetry_shell *shell, size_t index,
			 struct codec_telemetry_device *out);
bool telemetry_link_at(const struct telemetry_shell *shell, ted_link link,
		       struct codec_telemetry_link *out);
/* What comes in at a node of a flow (telemetry_view_flow); false if it is not measured there. */
bool telemetry_flow_at(const struct telemetry_shell *shell, ted_node node, const char *name,
		       uint64_t *out);
typedef void telemetry_bucket_fn(void *ctx, const struct codec_history_bucket *bucket);
bool telemetry_history(const struct telemetry_shell *shell, ted_link link,
		       const struct codec_history_request *asked, telemetry_bucket_fn *fn,
		       void *ctx);

/* --- api.c: the northbound API --- */

/* Opens the API; the first start says where its token is. */
enum pce_status api_open(struct daemon *daemon, struct api **out, struct pce_error *err);
/* Closes it; requests that wait are dropped. NULL does nothing. */
void api_close(struct api *api);
/* Carries out SERVICE_REPLY and SERVICE_NOTICE; NULL does nothing. */
void api_reply(struct api *api, const struct service_effect *effect);
void api_notice(struct api *api, const struct service_notice *notice);
/* Reads the tokens again. */
void api_reload(struct api *api);

#endif
