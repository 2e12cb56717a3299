/* Shared by the servers (routers.c) and what may be ordered of them (routers_control.c). */
#ifndef TESTS_LAB_ROUTERS_INTERNAL_H
#define TESTS_LAB_ROUTERS_INTERNAL_H

#include <libssh/libssh.h>
#include <nc_server.h>
#include <pthread.h>
#include <stdatomic.h>

#include "tests/lab/datastore.h"
#include "tests/lab/routers.h"

#define POLL_THREADS_MAX 16
struct gnmi_server;
struct routers_flows; /* routers_measured.c */

#define SESSIONS_MAX 8 /* of a router that can be closed from outside */

struct router {
	char *name;
	unsigned index;
	pthread_mutex_t mutex;
	struct lab_store store;
	enum lab_fault fault;
	unsigned late_ms;
	bool kill, stopped;
	bool changed; /* running was, and nobody was told yet */
	uint32_t changed_by; /* session; 0: none */
	atomic_bool state_changed; /* likewise, of the operational state */
	struct nc_session *sessions[SESSIONS_MAX];
	uint64_t version; /* counts changes of running, and of what control says is measured */
	unsigned gnmi_killed; /* counts orders to end its gNMI calls */
	struct routers_flows *flows; /* what control says is measured */
};

struct lab_routers {
	struct lab_routers_setup setup;
	struct ly_ctx *ctx;
	struct router *routers;
	ssh_key authorized;
	struct nc_pollsession *polls[POLL_THREADS_MAX];
	pthread_t poll_threads[POLL_THREADS_MAX], accept_threads[2], clock_thread;
	unsigned poll_count, poll_started, accept_started;
	bool clock_started;
	pthread_mutex_t log_mutex;
	struct gnmi_server *gnmi;
	atomic_bool state_changed; /* of some router */
	atomic_bool stop;
};

/* Puts into running what a router has at its very start. */
enum pce_status routers_seed(struct lab_routers *all, struct router *r, struct pce_error *err);
/* Makes what the configuration says true; false with the reason. */
bool routers_make_true(struct lab_routers *all, struct router *r, char text[256]);
/* Has subscribers told that running was changed (RFC 6470); session 0: by nobody of NETCONF. */
void routers_changed(struct router *r, uint32_t session);
/* "MICROSECONDS WHAT NAME DETAIL" to the log. With or without the router's mutex. */
void routers_say(const struct router *r, const char *what, const char *detail);
/* As routers_say, without a detail. */
void routers_tell(const struct router *r, const char *what);
/* A number that changes with the router's configuration or state. Takes the mutex. */
uint64_t routers_version(struct lab_routers *all, struct router *r);
/* Adds what is measured to a tree. Takes the mutex. */
void routers_measure(struct lab_routers *all, struct router *r, struct gtree *tree);
/* Does what a line of control says about what is measured (verb of routers.h, words behind the
 * router's name); false: it is not understood. With the mutex. */
bool routers_set_flow(struct router *r, const char *verb, const char *words);
void routers_free_flows(struct router *r);
/* Changes a policy of running as a person at the router would. */
void routers_alter(struct router *r);
/* Marks a session as ended; its poll thread removes it. */
void routers_close_session(struct nc_session *session);

#endif
