/*
 * Emulated NETCONF routers, many in one process, on libnetconf2's server: router i listens on a
 * port of its own, over SSH, and has the datastores of datastore.h with the model karst-device.
 * Each starts with one policy that is not Karst's. Nothing is kept on disk.
 *
 * For tests of what may go wrong a router can be told to misbehave.
 *
 * libnetconf2's server is global to the process, so there can be one set of routers at a time.
 */
#ifndef TESTS_LAB_ROUTERS_H
#define TESTS_LAB_ROUTERS_H

#include <stdbool.h>
#include <stdint.h>

#include "pce/base/status.h"
#include "tests/lab/log.h"

struct lab_routers;
struct lyd_node;
struct gtree;

/* gNMI: router i listens on the address of all, first_port + i; 0: no gNMI. */
struct lab_gnmi_setup {
	uint16_t first_port;
	const char *certificate_file, *key_file; /* NULL: plain text */
	const char *ca_file; /* of clients, which have to show a certificate; NULL: need not */
	const char *username, *password; /* that a call has to name; NULL: anybody */
};

struct lab_routers_setup {
	unsigned count;
	const char *const *names; /* count of them, NULL: r0, r1, … */
	uint16_t first_port; /* router i listens on address, first_port + i */
	const char *address;
	const char *host_key_file; /* private key in OpenSSH format, shared by all */
	const char *authorized_file; /* public key that may log in, as any user */
	const char *yang_path; /* colon-separated folders of karst-device, ietf-netconf, … */
	bool no_confirmed_commit; /* not offered */
	unsigned poll_threads; /* 0: 2 */
	bool no_stranger; /* they start without a policy */
	/*
	 * For routers that forward: running changed and has to be made true (false: *text, of 256
	 * octets, says why it cannot, and the commit is answered so), and the operational state of
	 * one policy has to be added below it. From any thread, for one router one at a time. NULL:
	 * nothing forwards, and every policy with a path is up.
	 */
	bool (*configure)(void *ctx, unsigned router, const struct lyd_node *running, char *text);
	void (*add_state)(void *ctx, unsigned router, struct lyd_node *policy);
	void *forward_ctx;
	struct lab_gnmi_setup gnmi;
	/* Adds what is measured of a router to its gNMI tree; NULL: what control's lines say. And a
	 * number that changes when its state does, besides what NETCONF and gNMI change; NULL: it
	 * does not. From the gNMI server's thread, with forward_ctx. */
	void (*measure)(void *ctx, unsigned router, struct gtree *tree);
	uint64_t (*version)(void *ctx, unsigned router);
	lab_log_fn *log; /* called from the threads of the routers, one at a time; NULL: none */
	void *log_ctx;
};

/* What a router shall do wrong, once (late: until changed). */
enum lab_fault {
	LAB_FAULT_NONE,
	LAB_FAULT_CLOSE_BEFORE_COMMIT, /* closes the session instead of a commit */
	LAB_FAULT_CLOSE_AFTER_COMMIT, /* commits, then closes without a reply */
	LAB_FAULT_REFUSE_EDIT, /* edit-config is refused */
	LAB_FAULT_LATE, /* answers so many milliseconds late */
	LAB_FAULT_NONSENSE, /* answers an edit with data that nobody asked for */
	LAB_FAULT_ALTER /* a commit puts something else into running */
};

/* Starts all routers; they listen when it returns. Whoever owns *out stops it. */
enum pce_status lab_routers_start(const struct lab_routers_setup *setup, struct lab_routers **out,
				  struct pce_error *err);
/* Has subscribers told that the operational state of a router's policies changed. From any thread;
 * waits for nothing. */
void lab_routers_state_changed(struct lab_routers *routers, unsigned router);
/* Closes all sessions and frees everything. */
void lab_routers_stop(struct lab_routers *routers);

/*
 * Does what one line of control says, and gives one line of answer in *answer (to free()):
 *
 *   fault NAME none|close-before-commit|close-after-commit|refuse-edit|late MS|nonsense|alter
 *   show NAME running|candidate    the configuration as XML in one line
 *   lock NAME, unlock NAME         both locks, for a session 4242 that is not there
 *   dirty NAME                     somebody's uncommitted edit in the candidate
 *   clean NAME                     discards it
 *   kill NAME                      closes the router's sessions
 *   stop NAME                      closes them and takes none
 *   start NAME [empty]             takes sessions again; empty: as it was at the very start
 *
 * and for gNMI of routers that nothing is measured of (octets are counted at the rate):
 *   interface NAME IF INDEX        an interface is there
 *   rate NAME IF BPS               what it sends from now on
 *   oper NAME IF UP|DOWN
 *   delay NAME IF US
 *   policy NAME COLOR ENDPOINT BPS what a policy sends from now on
 */
enum pce_status lab_routers_control(struct lab_routers *routers, const char *line, char **answer,
				    struct pce_error *err);

#endif
