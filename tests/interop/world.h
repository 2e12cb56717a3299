/*
 * A world for tests of the NETCONF driver with real peers: keys and a folder of its own, servers as
 * child processes on loopback ports (emulated routers, netconfd behind sshd, or any program as the
 * subsystem of an sshd), an independent client (ncclient), and the driver on a libevent loop, whose
 * events are kept. Every process is ended by its id.
 */
#ifndef TESTS_INTEROP_WORLD_H
#define TESTS_INTEROP_WORLD_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

#include "southbound/driver.h"

struct event_base;

/* A child process with pipes to its standard input and output; pid 0: none. */
struct child {
	pid_t pid;
	FILE *in, *out;
};

/* An event of the driver, kept. Strings are copies in the world's memory. */
struct seen {
	enum service_event_kind kind;
	uint64_t id;
	const char *device;
	enum pce_status status;
	const char *text;
	uint32_t capabilities;
	struct deploy_result result;
	struct device_state state;
};

struct world {
	char dir[64];
	char host_key[128], client_key[128], host_fingerprint[80];
	struct arena memory;
	struct event_base *loop;
	struct driver *driver;
	struct karst_config config;
	struct seen *seen;
	size_t seen_count, seen_cap, seen_read;
	void (*hook)(struct world *w, const struct seen *s); /* called from inside post; NULL */
	struct child children[8];
	unsigned children_count;
};

/* Ends the test program with 77 (or with a failure, if KARST_REQUIRE lists need): why says what is
 * lacking. */
void skip_unless(bool there, const char *need, const char *why);
/* True if the file may be run. */
bool runs(const char *path);
/* A python3 that has ncclient, or NULL. */
const char *python_with_ncclient(void);

/* Makes the folder, keys, loop and driver; color range 100 to 199, name prefix "karst-". */
void world_make(struct world *w);
/* Makes the driver anew, as after a restart; devices must be closed. */
void world_new_driver(struct world *w);
/* Ends all children and frees everything. */
void world_end(struct world *w);
/* The first of n contiguous TCP ports on 127.0.0.1 that nobody has now. */
uint16_t world_ports(unsigned n);

/* Starts a program with pipes; NULL-terminated arguments, env "NAME=VALUE" pairs or NULL. */
struct child *world_spawn(struct world *w, const char *const *argv, const char *const *env);
/* Ends a child by a signal and waits for it. */
void child_end(struct child *c, int signal);
/* Writes a line and gives the next line of answer that begins with "ok" or "error" (or what it
 * wrote first if any is true). The text is valid until the next call. */
const char *child_ask(struct child *c, const char *line);
/* The next line; NULL at its end. */
const char *child_line(struct child *c);

/* Emulated routers on ports from first on; more: further arguments or NULL. */
struct child *world_routers(struct world *w, unsigned count, uint16_t first, const char *more);
/* An sshd whose subsystem netconf is a command; waits until it listens. */
struct child *world_sshd(struct world *w, uint16_t port, const char *command);
/* netconfd with karst-device, and an sshd before it. *netconfd is the server's process. */
void world_netconfd(struct world *w, uint16_t port, struct child **netconfd, struct child **sshd);
/* The independent client, connected; answers of child_ask as other.py says. */
struct child *world_client(struct world *w, uint16_t port);

/* A device at 127.0.0.1 with the world's keys, pinned; profile NULL: default. */
struct config_device world_device(struct world *w, const char *name, uint16_t port,
				  const char *profile);
/* Runs the loop until an event of this kind (and id, unless 0) that was not yet taken; fails the
 * test after two minutes. */
const struct seen *world_wait(struct world *w, enum service_event_kind kind, uint64_t id);
/* Why a session was lost or could not be made last, for messages; "none". */
const char *world_last_loss(const struct world *w);
/* Runs the loop for a while. */
void world_run(struct world *w, unsigned ms);

/* A policy of Karst's, in the world's memory: name "karst-COLOR", lists segments long. */
const struct srpolicy *world_policy(struct world *w, uint32_t color, unsigned lists,
				    unsigned segments);

#endif
