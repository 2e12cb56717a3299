/*
 * The lab as a whole: a network of namespaces that forwards, its NETCONF servers and its BGP-LS
 * speaker, and the faults that can be made in it. One loop thread owns it; the NETCONF servers and
 * the agents have threads of their own.
 */
#ifndef TESTS_LAB_LAB_H
#define TESTS_LAB_LAB_H

#include "pce/base/text.h"
#include "tests/lab/bgpls_speaker.h"
#include "tests/lab/forward.h"
#include "tests/lab/policies.h"
#include "tests/lab/routers.h"
#include "tests/lab/wires.h"

struct event_base;

struct lab_setup {
	const char *file; /* topology */
	const char *name; /* of the lab: namespaces begin with it and a dot */
	/* NETCONF: router i listens on the address at first_port + i. NULL key: no servers. */
	const char *address;
	uint16_t first_port;
	const char *host_key_file, *authorized_file, *yang_path;
	uint16_t gnmi_port; /* router i listens for gNMI at gnmi_port + i; 0: no gNMI */
	/* BGP-LS: listens for the controller at the peer's address. Port 0: no speaker. */
	struct ip_addr speaker_address, speaker_peer;
	uint16_t speaker_port;
	uint32_t asn;
	uint32_t probe_us; /* between probes of a list */
	lab_log_fn *log;
	void *log_ctx;
};

struct lab {
	struct lab_setup setup;
	struct lab_network network;
	struct site *sites;
	struct forward forward;
	struct policies *policies;
	struct lab_routers *routers;
	struct counters *counters; /* of the gNMI server's thread */
	struct flows *flows; /* NULL: they are not counted */
	_Atomic uint64_t changes; /* of fibres and routers */
	_Atomic bool made; /* the namespaces are there */
	struct lab_speaker *speaker;
	struct wires *_Atomic wires; /* impaired links; NULL: none yet */
	bool unconverged; /* lab_converge has work */
	int stamps; /* see trace_prepare */
	bool *silent; /* directed links that are cut silently */
};

/* Brings everything up; it forwards when this returns. On failure lab_stop has to be called too. */
enum pce_status lab_start(struct lab *lab, const struct lab_setup *setup, struct event_base *loop,
			  struct pce_error *err);
/* Stops servers and agents and removes all namespaces. */
void lab_stop(struct lab *lab);

/* Lets the IGP react to what was changed by the calls below. They do not do so themselves, so that
 * the loop can send the news to the controller meanwhile, as routers flood before they compute. */
enum pce_status lab_converge(struct lab *lab, struct pce_error *err);
/* Cuts a fibre (the link and its reverse), or a single direction silently; heals it in both. */
enum pce_status lab_cut(struct lab *lab, uint32_t link, bool silent, struct pce_error *err);
enum pce_status lab_heal(struct lab *lab, uint32_t link, struct pce_error *err);
/* Loss, damage and delay on one direction of a link; all 0 ends it. */
enum pce_status lab_impair(struct lab *lab, uint32_t link, const struct wire_fault *fault,
			   struct pce_error *err);
/* Takes a router away as if its power had gone, and brings it back, with what it held or empty. */
enum pce_status lab_stop_router(struct lab *lab, uint32_t router, struct pce_error *err);
enum pce_status lab_start_router(struct lab *lab, uint32_t router, bool empty,
				 struct pce_error *err);
/* Adds what the kernel counts of a router's links to its gNMI tree, and a number that changes when
 * its state may have; see lab_routers_setup. lab: a struct lab. */
struct gtree;
void lab_measure(void *lab, unsigned router, struct gtree *tree);
uint64_t lab_version(void *lab, unsigned router);
/* One line to the lab's log, the microseconds of CLOCK_MONOTONIC in front. */
void lab_say(struct lab *lab, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/*
 * Does what one line says; the answer of lines goes to *answer.
 *
 *   status                       counts, and a line for each policy
 *   routers, links               a line for each
 *   counters                     LINK PACKETS OCTETS of every directed link
 *   cut LINK [silent], heal LINK
 *   loss|corrupt LINK PPM, delay LINK US    0 ends it
 *   stop ROUTER, restart ROUTER [empty]
 *   probe US                     time between probes, 0: none
 *   trace POLICY [PACKETS]       links that marked packets really take: PACKET US LINK
 *   trace-key ROUTER COLOR ENDPOINT [PACKETS]  the same, of a policy by its key
 *   reach ROUTER ROUTER ADDRESS  as trace, from the host of one router to the host of another
 *   netconf LINE                 as lab_routers_control
 */
enum pce_status lab_control(struct lab *lab, const char *line, struct text *answer,
			    struct pce_error *err);

#endif
