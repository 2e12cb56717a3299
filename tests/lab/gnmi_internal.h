/*
 * Shared by the parts of the routers' gNMI server: gnmi_server.c has the connections and calls,
 * gnmi_answer.c answers single questions, gnmi_set.c changes the configuration, gnmi_stream.c
 * streams. All of it runs on the server's one thread; routers' mutexes are taken for moments.
 */
#ifndef TESTS_LAB_GNMI_INTERNAL_H
#define TESTS_LAB_GNMI_INTERNAL_H

#include "southbound/gnmi/engine.h"
#include "southbound/gnmi/messages.h"
#include "tests/lab/gnmi_server.h"
#include "tests/lab/gnmi_tree.h"
#include "tests/lab/routers_internal.h"

/* An answer that is made: octets to be sent (to free()), or why there is none. */
struct gnmi_answer {
	grpc_status_code status;
	char text[528];
	uint8_t *bytes;
	size_t len;
};

/* Packs a message into an answer. */
void gnmi_answer_pack(struct gnmi_answer *out, const ProtobufCMessage *message);
/* Makes it a refusal. */
void gnmi_answer_refuse(struct gnmi_answer *out, grpc_status_code status, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* Single questions; bytes are the request. */
void gnmi_answer_capabilities(struct lab_routers *all, struct router *r, const uint8_t *bytes,
			      size_t len, struct gnmi_answer *out);
void gnmi_answer_get(struct lab_routers *all, struct router *r, const uint8_t *bytes, size_t len,
		     struct gnmi_answer *out);
void gnmi_answer_set(struct lab_routers *all, struct router *r, const uint8_t *bytes, size_t len,
		     struct gnmi_answer *out);

/* What a path may ask for, to build no more of a tree than that. */
#define GNMI_PART_POLICIES 1u
#define GNMI_PART_MEASURED 2u
unsigned gnmi_parts(const struct gnmi_path *path);
/* Builds the parts of a router's tree; false without memory. Takes the router's mutex. */
bool gnmi_build(struct lab_routers *all, struct router *r, unsigned parts, struct gtree *tree);
/* Prefix and path as one path, in an arena. PCE_LIMIT, PCE_MALFORMED, PCE_UNSUPPORTED (origin). */
enum pce_status gnmi_join(const Gnmi__Path *prefix, const Gnmi__Path *path, struct arena *arena,
			  struct gnmi_path *out, struct pce_error *err);
/* True if encoding is spoken. */
bool gnmi_speaks(Gnmi__Encoding encoding);
/* One node as an update, in an arena; PROTO takes leaves only. NULL without memory. */
Gnmi__Update *gnmi_update(const struct gtree_node *node, Gnmi__Encoding encoding,
			  struct arena *arena);
/* Nanoseconds since 1970. */
int64_t gnmi_time(void);
/* The target of a request's prefix, "" without one. */
const char *gnmi_target(const Gnmi__Path *prefix);
/* A prefix that has nothing but a target; NULL without memory. */
Gnmi__Path *gnmi_prefix(const char *target, struct arena *arena);

/* --- streams --- */

struct gnmi_stream_state;

/* Reads what is subscribed. PCE_…, and nothing is made. Caller owns *out. */
enum pce_status gnmi_stream_new(struct lab_routers *all, struct router *r,
				const Gnmi__SubscriptionList *list, struct gnmi_stream_state **out,
				struct pce_error *err);
void gnmi_stream_free(struct gnmi_stream_state *stream);
/* One message to be sent at now, if there is one: octets in a buffer, else NULL; *end: nothing will
 * follow, and the call ends well (ONCE). */
grpc_byte_buffer *gnmi_stream_next(struct gnmi_stream_state *stream, struct usec now, bool *end);
/* The client polls. False: the stream is none that may be polled. */
bool gnmi_stream_poll(struct gnmi_stream_state *stream);

#endif
