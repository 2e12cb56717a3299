/*
 * SRv6 Policies on the headends of the lab: what NETCONF puts into running becomes routes of the
 * kernel, and an agent probes every segment list and takes those out of use that do not come back
 * (as S-BFD, RFC 7880, would tell a router).
 *
 * The valid candidate path of the highest preference is active (RFC 9256, section 2.9); its valid
 * lists share the traffic by weight. If no path is valid the policy is down, and what it was sent
 * stays on the path of the highest preference. Prefixes of the steering go into the policy, with
 * their service SID behind the list or, without one, that of the endpoint's router. A policy
 * without steering takes what is for the prefix 2001:db8:6b:n:c::/96, where n is the number of its
 * endpoint's router and c its color in two groups: as a BGP route with that color would. A binding
 * SID is End.B6.Encaps with the lists' first one.
 *
 * Every call may come from any thread.
 */
#ifndef TESTS_LAB_POLICIES_H
#define TESTS_LAB_POLICIES_H

#include "pce/base/text.h"
#include "tests/lab/flows.h"
#include "tests/lab/log.h"
#include "tests/lab/network.h"
#include "tests/lab/site.h"

struct lyd_node;
struct policies;

struct policies_setup {
	const struct lab_network *network;
	struct site *sites;
	struct flows *flows; /* is told what policies carry; NULL: nobody is */
	uint32_t probe_us; /* time between probes of a list; 0: no probes */
	/* What a router makes of its lists changed; from the agent's thread, which waits. NULL:
	 * nobody is told. */
	void (*changed)(void *ctx, uint32_t router);
	void *changed_ctx;
	lab_log_fn *log; /* of what lists and policies become; NULL: none */
	void *log_ctx;
};

/* Starts the agent. Caller owns *out. */
enum pce_status policies_new(const struct policies_setup *setup, struct policies **out,
			     struct pce_error *err);
/* Stops the agent; the kernel keeps its routes. NULL does nothing. */
void policies_free(struct policies *policies);

/* Makes the kernel of a router do what the configuration says (karst-device); all of it is in force
 * when the call returns. */
enum pce_status policies_configure(struct policies *policies, uint32_t router,
				   const struct lyd_node *running, struct pce_error *err);
/* Adds the operational state below one policy of a router's configuration. */
void policies_add_state(struct policies *policies, uint32_t router, struct lyd_node *policy);
/* A number that changes when the operational state of a router's policies does. */
uint64_t policies_version(struct policies *policies, uint32_t router);
/* Time between probes from now on; 0 stops them and counts every list as valid. */
void policies_set_probing(struct policies *policies, uint32_t probe_us);
/* One line for each policy: router, color, endpoint, name, state, active preference, lists. */
void policies_print(struct policies *policies, struct text *out);
/* A policy: by its name, or with name NULL by its key at a headend. */
struct policies_name {
	const char *name;
	uint32_t headend, color;
	struct ip_addr endpoint;
};

/* A destination that a policy takes: where it begins, an address, and the router at its end. */
struct policies_way {
	uint32_t headend, endpoint;
	struct ip_addr destination;
};

/* False if there is no such policy, or nothing is steered into it. */
bool policies_find(struct policies *policies, const struct policies_name *name,
		   struct policies_way *out);

#endif
