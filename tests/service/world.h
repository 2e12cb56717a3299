/*
 * A world around the service for tests: a network that a feed describes, a store and routers in
 * memory, and a clock. What the service wants is kept until the test lets it happen, in the order
 * and with the results that the test chooses, so every interleaving can be played.
 */
#ifndef TESTS_SERVICE_WORLD_H
#define TESTS_SERVICE_WORLD_H

#include "pce/service/internal.h"
#include "tests/support/suite.h"

#define WORLD_NODES 16
#define WORLD_FIBRES 48
#define WORLD_FOREIGN_COLOR 77u

struct world_fibre {
	unsigned a, b;
	uint32_t metric, delay_us;
	uint64_t capacity_bps, unavailability_ppt;
	bool up[2]; /* half-links a → b and b → a */
};

/* A policy that a router holds. */
struct world_policy {
	struct arena arena;
	struct srpolicy *policy;
};

struct world_policies {
	struct world_policy **at;
	size_t n, cap;
};

struct world_router {
	bool up;
	bool confirmed_commit;
	struct world_policies running, before; /* before: while a commit waits to be confirmed */
	bool waiting;
	struct usec expires; /* then the waiting commit is taken back */
	char persist_id[64];
};

enum world_result { WORLD_OK, WORLD_REFUSE, WORLD_RETRY, WORLD_UNKNOWN_DONE, WORLD_UNKNOWN_NOT };

/* An effect that waits to be carried out. */
struct world_wait {
	struct arena arena;
	enum service_effect_kind kind;
	uint64_t id;
	unsigned router;
	enum deploy_phase phase;
	struct deploy_transaction *transaction;
	struct service_record *records;
	size_t n_records;
};

struct world_stored {
	struct arena arena;
	struct service_record record;
};

struct world_reply {
	uint64_t id;
	enum pce_status status;
	bool created;
	uint64_t revision;
	char reason[32], text[512], path[256];
	size_t n_paths;
	size_t length; /* of the first path */
	size_t n_affected, n_stuck;
	char stuck[256]; /* the first: "POLICY: WHY" */
	size_t n_improvements;
	char improvement[512]; /* the first: "POLICY MEASURE BEFORE AFTER LINKS > LINKS" */
};

struct world {
	struct karst_config config;
	struct config_device devices[WORLD_NODES];
	char device_names[WORLD_NODES][16], node_names[WORLD_NODES][16];
	unsigned n_nodes, n_fibres;
	struct world_fibre fibres[WORLD_FIBRES];
	uint64_t hash_seed, random;
	struct service *service;
	struct usec now;
	struct world_router routers[WORLD_NODES];
	struct world_wait **waits;
	size_t n_waits, cap_waits;
	struct world_stored **store;
	size_t n_store, cap_store;
	struct world_stored **history; /* every policy record that ever was to be stored */
	size_t n_history, cap_history;
	struct world_reply *replies;
	size_t n_replies, cap_replies;
	uint64_t next_request;
	struct text trace; /* every effect, if tracing */
	bool tracing;
	size_t n_applies, n_moves, n_notices;
	struct arena notices_arena;
	struct service_stages last_stages; /* of the last POLICY notice that was confirmed */
	int64_t link_gap_us; /* passes before the feed says something of a link */
	bool synced;
	bool capacities_change; /* links may be overbooked by that */
	bool probing; /* routers probe their lists, and tell what comes back */
	bool silent[WORLD_FIBRES][2]; /* half-links that lose packets and say nothing */
	bool probes_lie; /* none comes back, whatever they cross */
	bool store_failed, lossy; /* lossy: a crash came while a failed store had not caught up */
};

/* A world of n nodes without fibres; routers of all nodes exist and are down. */
void world_init(struct world *w, unsigned n_nodes, uint64_t seed);
void world_free(struct world *w);
void world_fibre(struct world *w, unsigned a, unsigned b, uint32_t metric, uint64_t capacity_bps);
/* Makes the service (nothing recovered), tells it the network, syncs the feed. */
void world_start(struct world *w);
/* A service that recovers what the store holds; feed and routers are not told yet. */
void world_recover(struct world *w);
/* The whole network through the feed, then SYNCED. */
void world_learn(struct world *w);

/* One event; stamps time and random bits. */
void world_event(struct world *w, struct service_event *event);
/* Time passes; ticks whenever the service wants one. */
void world_pass(struct world *w, int64_t us);
void world_tick(struct world *w);

/* Something happens to the feed as a whole. */
void world_feed(struct world *w, enum ted_source_event event);
/* The feed says how one half-link of a fibre stands now. */
void world_tell_link(struct world *w, unsigned fibre, unsigned half);
/* Both half-links go (one withdrawal each) or return. */
void world_cut(struct world *w, unsigned fibre);
void world_mend(struct world *w, unsigned fibre);

void world_router_up(struct world *w, unsigned router);
void world_router_down(struct world *w, unsigned router);
void world_routers_up(struct world *w);

/* An intent from node to node, to be changed by the test before it is put. */
struct intent world_intent(const struct world *w, const char *id, unsigned from, unsigned to,
			   uint64_t bandwidth_bps);
/* Puts it; the id of the request. */
uint64_t world_put(struct world *w, const struct intent *intent);
/* The same for several in one request; partly: those that can be admitted, else all or none. */
uint64_t world_put_many(struct world *w, const struct intent *const *intents, size_t n,
			bool partly);
uint64_t world_delete(struct world *w, const char *id);
/* An operator's order; the id of the request. */
uint64_t world_order(struct world *w, enum operate_kind kind, enum operate_mode mode);
/* Sets the mode of a headend (by name) or an intent (by id); the id of the request. */
uint64_t world_mode(struct world *w, enum operate_mode mode, enum mode_scope scope,
		    const char *name);
/* Approves or rejects a proposed change; the id of the request. */
uint64_t world_decide(struct world *w, enum operate_kind kind, uint64_t change);
/* Drains or undrains an object; the id of the request. */
uint64_t world_drain(struct world *w, enum operate_kind kind, enum drain_kind what,
		     const char *name, bool dry_run);
/* Takes in what a reply tells of improvements. */
void world_keep_improvement(const struct service_reply *from, struct world_reply *out);
/* The reply to a request, or NULL. */
const struct world_reply *world_reply(const struct world *w, uint64_t request);

/* The effect that is due before this one can be: the store and each router keep their order. */
size_t world_first_of(const struct world *w, size_t index);
/* Lets one waiting effect happen, or the one that is due before it. */
void world_happen(struct world *w, size_t index, enum world_result result);
/* Lets everything happen well, and time pass, until nothing is wanted any more. */
void world_settle(struct world *w);
/* Likewise, and waits out every back-off, until routers that are up hold what they shall. */
void world_rest(struct world *w);
/* A commit that waits to be confirmed is taken back by the router; false if none waits. */
bool world_commit_expires(struct world *w, unsigned router);
/* The process dies: waiting batches up to `kept` are durable, transactions reach routers or not by
 * the world's random numbers. */
void world_crash(struct world *w, size_t kept);

/* Number of waiting effects of a kind, and the index of the first (SIZE_MAX: none). */
size_t world_waiting(const struct world *w, enum service_effect_kind kind, size_t *first);

/* The policy of ours that a router holds under an intent's name, or NULL. */
const struct srpolicy *world_held(const struct world *w, unsigned router, const char *policy_id);
/* A stored record's policy or intent; NULL: none. */
const struct policy_record *world_stored_policy(const struct world *w, const char *id);
const struct intent *world_stored_intent(const struct world *w, const char *id);
const struct policy_move *world_stored_move(const struct world *w, const char *id, uint64_t number);
size_t world_stored_count(const struct world *w, enum record_kind kind);

/* Link row of one half of a fibre; booked bandwidth on it. */
ted_link world_link(const struct world *w, unsigned fibre, unsigned half);
uint64_t world_booked(const struct world *w, unsigned fibre, unsigned half);
/* True if the policy's primary path uses the fibre (either half). */
bool world_uses(const struct world *w, const char *policy_id, unsigned fibre);

/* Appends an effect as text. */
void world_trace(struct text *out, const struct service_effect *effect);

/* A change that goes out waits for nobody; fails the test if it does. */
void world_check_approved(const struct world *w, const struct world_wait *wait);
/* What must hold after every event; fails the test if not. */
void world_check(const struct world *w);
/* What must hold when nothing is on its way and all routers are up. */
void world_check_quiet(const struct world *w);

#endif
