/* Shared by the configuration (policies.c), the routes (policies_install.c) and the agent
 * (policies_probe.c). Everything is under the mutex. */
#ifndef TESTS_LAB_POLICIES_INTERNAL_H
#define TESTS_LAB_POLICIES_INTERNAL_H

#include <pthread.h>

#include "tests/lab/policies.h"

#define POLICY_SIDS 20 /* of a list, at most */
#define POLICY_LISTS 8 /* of a candidate path, at most */
#define POLICY_MISSES 3 /* probes in a row that have to be lost before a list is invalid */
#define POLICY_RETURNS 10 /* that have to come back before it is valid again */

struct policy_list {
	uint32_t id, weight;
	uint8_t sids[POLICY_SIDS][16];
	size_t n;
	bool valid;
	uint32_t token; /* number in its probes */
	uint32_t sent; /* sequence of the last probe */
	unsigned misses, returns;
	bool awaited; /* the last probe has not come back */
	uint8_t *packet; /* the probe; NULL: it cannot be probed */
	size_t packet_len, payload_at;
};

struct policy_path {
	uint32_t preference;
	struct policy_list lists[POLICY_LISTS];
	size_t n;
};

struct policy_steering {
	struct ip_prefix prefix;
	uint8_t service[16];
	bool has_service;
};

struct policy {
	uint32_t color;
	struct ip_addr endpoint;
	char name[128];
	struct ip_addr binding; /* IP_NONE: none */
	struct policy_path *paths; /* the highest preference first */
	size_t n_paths;
	struct policy_steering *steering;
	size_t n_steering;
};

/* A route that is in the kernel. */
struct policy_route {
	struct ip_prefix prefix;
	bool binding; /* a local SID */
	uint64_t content; /* hash of what it says */
	bool wanted; /* scratch */
};

struct policy_headend {
	struct policy *policies;
	size_t n;
	struct policy_route *routes;
	size_t n_routes, routes_cap;
	int send_fd, receive_fd; /* of the probes; -1 not open */
};

struct policies {
	struct policies_setup setup;
	pthread_mutex_t mutex;
	pthread_t agent;
	bool started, stop;
	uint32_t next_token;
	size_t n_lists;
	struct policy_headend *headends; /* one for each router */
};

/* The path in force: the valid one that comes first, or NULL. */
const struct policy_path *policy_active(const struct policy *policy);
/* True if a list of the path is valid. */
bool policy_path_valid(const struct policy_path *path);
/* Installs what differs from what the kernel has. */
enum pce_status policy_install(struct policies *p, uint32_t router, struct pce_error *err);
/* What a BGP route with the policy's color would lead into it; prefix of length 0: nothing. */
struct policy_steering policy_steering_by_color(const struct policies *p,
						const struct policy *policy);
/* One line to the log: microseconds, words. */
void policy_say(struct policies *p, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Makes the probe of a list; without memory or a way back the list is not probed. */
void policy_make_probe(struct policies *p, uint32_t router, struct policy_list *list);
/* Opens the sockets of a headend. */
enum pce_status policy_open_probes(struct policies *p, uint32_t router, struct pce_error *err);
/* The agent's thread. */
void *policy_agent(void *policies);

#endif
