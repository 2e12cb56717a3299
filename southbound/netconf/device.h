/* One router of the NETCONF driver. Internal to southbound/netconf: device.c keeps it connected,
 * shell.c gives it work. */
#ifndef SOUTHBOUND_NETCONF_DEVICE_H
#define SOUTHBOUND_NETCONF_DEVICE_H

#include "southbound/netconf/channel.h"
#include "southbound/netconf/payload.h"
#include "southbound/netconf/session.h"
#include "southbound/netconf/transaction.h"
#include "southbound/profile/library.h"
#include "southbound/report.h"

#define READS_MAX 8

struct event;
struct evdns_base;
struct evdns_getaddrinfo_request;

struct netconf_driver {
	struct driver base;
	struct driver_context context;
	struct profile_library *profiles;
	struct evdns_base *dns; /* made when the first name has to be resolved */
	unsigned connecting, connecting_max;
	struct driver_device *waiting, **waiting_end; /* those that wait for their turn */
};

enum device_state_kind {
	DEVICE_PAUSED, /* waits before it tries again */
	DEVICE_WAITING, /* for its turn to connect */
	DEVICE_RESOLVING,
	DEVICE_CONNECTING, /* TCP and SSH or TLS */
	DEVICE_GREETING, /* hellos */
	DEVICE_UP
};

/* One read: two RPCs, which may be answered in any order. */
struct device_read {
	uint64_t effect;
	uint64_t configuration_rpc, state_rpc; /* 0 once answered */
	char *configuration, *state; /* what they brought; NULL not yet, or refused */
	struct pce_error refused; /* the configuration */
};

struct driver_device {
	struct netconf_driver *driver;
	const struct config_device *config;
	const struct config_profile *profile;
	struct netconf_device_payload payload;
	struct event *io, *timer;
	enum device_state_kind state;
	struct driver_device *next_waiting;
	struct evdns_getaddrinfo_request *resolving;
	struct netconf_channel *channel;
	struct netconf_session *session;
	bool writing; /* the io event also waits for writing */
	struct usec state_by; /* PAUSED: when it goes on; connecting: when it gives up */
	struct usec heard, up_since;
	unsigned failures;
	uint64_t seed;
	uint64_t keepalive_rpc;
	uint64_t subscribe_rpc; /* that the router is to tell of changes; 0: none is out */
	unsigned busy; /* callbacks in progress: not to be freed yet */
	struct report report;
	/* work */
	struct netconf_transaction *transaction; /* running a phase, or prepared */
	struct arena memory; /* of the transaction's copy */
	const struct deploy_transaction *deploy;
	bool running;
	enum deploy_phase phase;
	uint64_t effect, cancel_effect;
	bool candidate_known; /* by our last commit it is equal to running */
	char pending[256]; /* persist id of a confirmed commit that waits, "" none known */
	struct usec pending_until; /* when the router takes it back by itself */
	struct device_read reads[READS_MAX];
	unsigned reads_count;
};

/* Makes a device that begins to connect when the loop runs. */
enum pce_status device_new(struct netconf_driver *driver, const struct config_device *config,
			   const struct config_profile *profile, struct driver_device **out,
			   struct pce_error *err);
/* Ends the session and frees the device, as soon as no callback of it is in progress. */
void device_close(struct driver_device *d);
/* Has the device looked after when the loop runs next: output sent, timers set, results posted. */
void device_schedule(struct driver_device *d);
/* True if a transaction or a read can be asked. */
bool device_is_up(const struct driver_device *d);

/* --- in shell.c, called by device.c --- */

/* The session opened. */
void work_up(struct driver_device *d);
/* A notification came. */
void work_notified(struct driver_device *d, const struct netconf_event *notification);
/* A reply came. */
void work_reply(struct driver_device *d, const struct netconf_event *reply);
/* The connection was lost, or an attempt failed: posts what has to be answered. */
void work_down(struct driver_device *d, const struct pce_error *why);
/* Posts results that are there; true if the session should be closed for a new one. */
bool work_settle(struct driver_device *d);
/* Frees what belongs to work. */
void work_free(struct driver_device *d);

#endif
