/*
 * Deterministic simulation of a whole karstd in one process. What runs is the daemon's own code:
 * its wiring (pce/daemon, without main.c and api.c), the service and all rooms under it, the store
 * with SQLite, the NETCONF driver and the BGP feeds. What is simulated is what they stand on: the
 * event loop (loop.c, in the place of libevent), sockets and descriptors (net.c), the clock and
 * random numbers (time.c), the store's thread (thread.c), the disk under SQLite (disk.c), SSH
 * (ssh.c), and around it the network (network.c), route reflectors (the emulated BGP-LS speakers of
 * tests/lab), routers (router.c) and clients (client.c). One source of random numbers for each seed
 * decides everything, so a seed gives the same bytes again.
 *
 * See README.md for how to add a kind of fault or an invariant.
 */
#ifndef TESTS_SIM_SIM_H
#define TESTS_SIM_SIM_H

#include <event2/event.h>

#include "pce/base/array.h"
#include "pce/base/text.h"
#include "pce/daemon/daemon.h"
#include "tests/support/suite.h"

#define SIM_SECOND ((int64_t)USEC_PER_S)

/* --- what is watched: invariants (invariants.c) --- */

#define SIM_INVARIANTS(X)                                                                          \
	X(LEDGER, "ledger-is-the-sum-over-policies")                                               \
	X(OVERBOOKED, "nothing-is-booked-on-a-full-link")                                          \
	X(RUNNING_BOOKED, "what-a-router-runs-is-booked")                                          \
	X(FOREIGN, "others-policies-are-untouched")                                                \
	X(FOREIGN_EDITS, "others-edits-are-untouched")                                             \
	X(REMOVED, "nothing-is-removed-without-reason")                                            \
	X(ACKNOWLEDGED, "nothing-acknowledged-is-lost")                                            \
	X(STORED_FIRST, "stored-before-it-is-pushed")                                              \
	X(ONE_TRANSACTION, "one-transaction-a-router")                                             \
	X(ALLOWED, "nothing-is-pushed-while-frozen")                                               \
	X(DOUBT_TOLD, "feeds-against-telemetry-are-told")                                          \
	X(DOUBT_FREEZES, "many-contradictions-freeze")                                             \
	X(ALARMED, "failed-intents-have-an-alarm")                                                 \
	X(USABLE, "no-path-over-a-lost-link")                                                      \
	X(TOGETHER, "co-routed-directions-take-the-same-links")                                    \
	X(REPLAYED, "installed-lists-follow-their-path")                                           \
	X(STORE_OPENS, "the-store-opens-after-every-crash")                                        \
	X(STEP, "the-service-finds-itself-sound")                                                  \
	X(LIVE, "time-goes-on")                                                                    \
	X(QUIET_ROUTERS, "routers-converge-to-the-store")                                          \
	X(QUIET_STORE, "the-store-converges-to-the-service")                                       \
	X(QUIET_FEASIBLE, "no-policy-without-a-path-while-one-is-feasible")                        \
	X(QUIET_GRAPH, "the-graph-converges-to-the-network")                                       \
	X(SILENT_LEFT, "silent-failures-are-left-in-bounded-time")                                 \
	X(SILENT_NAMED, "what-is-named-loses-packets")                                             \
	X(REPEATS, "the-same-seed-gives-the-same-bytes")

enum sim_invariant {
#define X(name, text) SIM_##name,
	SIM_INVARIANTS(X)
#undef X
	    SIM_INVARIANT_COUNT
};

/* Name for people. */
const char *sim_invariant_name(enum sim_invariant invariant);

/* --- the state of one run --- */

#define SIM_FAULTS_MAX 64

/* What a run of one seed came to. Plain data: it is written through a pipe. */
struct sim_result {
	uint64_t seed, place, hash; /* hash: of everything that was sent, written and told */
	int64_t simulated_us;
	uint64_t events; /* callbacks of the loop */
	uint64_t steps; /* of the service */
	uint64_t effects, io_calls;
	uint64_t drawn; /* steps of the schedule */
	uint64_t checks[SIM_INVARIANT_COUNT]; /* how often each was checked */
	uint64_t faults[SIM_FAULTS_MAX]; /* how often each kind was played */
	bool failed;
	enum sim_invariant broken;
	char text[768];
};

/* One thing that goes wrong at a counted place, instead of what disk and process do by chance. */
enum sim_matrix {
	MATRIX_NONE,
	MATRIX_IO_FAILS, /* one I/O call under SQLite */
	MATRIX_IO_FAILS_ON, /* that one and all that follow, for a minute */
	MATRIX_IO_FAILS_DIES, /* one I/O call, and kill -9 soon after: what was refused is not there
			       */
	MATRIX_IO_KILLS, /* kill -9 inside an I/O call */
	MATRIX_IO_KILLS_POWER, /* likewise, and the power goes after it was started again */
	MATRIX_IO_POWER, /* the power goes inside an I/O call */
	MATRIX_EFFECT_KILLS, /* kill -9 before an effect of the service */
	MATRIX_EFFECT_POWER,
	MATRIX_COUNT
};

/* Name on the command line. */
const char *sim_matrix_name(enum sim_matrix matrix);

/* What may be asked of a run. */
struct sim_options {
	uint64_t seed;
	double hours;
	const bool *skip; /* steps of the schedule that are left out; NULL: none */
	size_t n_skip;
	bool trace; /* tell what happens on standard error */
	uint64_t hash_seed; /* of the service's tables; changes nothing */
	enum sim_matrix matrix;
	uint64_t place; /* the call or effect, from 1; 0: only count them */
};

struct sim {
	struct sim_options options;
	struct sim_result result;
	struct usec now; /* monotonic clock */
	int64_t wall_offset_us; /* of the wall clock */
	uint64_t random; /* state of what the surroundings draw */
	struct codec *codec;
	/* the process */
	struct daemon *daemon; /* NULL while karstd is not running */
	bool in_karst; /* what runs now is karstd's */
	bool dead; /* karstd was killed inside this callback: nothing it does counts any more */
	unsigned die_after; /* effects until it is killed; 0: not planned */
	bool killed; /* the last time it died it was killed, and the machine stayed */
	bool power_lost; /* kill it as a power cut does */
	bool lossy; /* it died while the store had failed: what moved then is not known to it */
	struct usec calm_since; /* healed; USEC_NEVER: faults may be active */
};

extern struct sim sim;

/* Runs one seed to its end and leaves everything freed. */
void sim_run(const struct sim_options *options, struct codec *codec, struct sim_result *out);

/* An invariant is broken; the first one counts and ends the run. */
void sim_fail(enum sim_invariant invariant, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* Counts that an invariant was looked at. */
void sim_checked(enum sim_invariant invariant);
/* Takes bytes into the hash of the run. */
void sim_hash(const void *bytes, size_t len);
/* A line for people, with the time in front; only with trace. */
void sim_log(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* Random bits of the surroundings; a number from 0 to below - 1; true once in n times. */
uint64_t sim_random(void);
uint32_t sim_below(uint32_t below);
bool sim_once_in(uint32_t n);
/* Memory that cannot be had ends the process. */
void *sim_alloc(size_t size);

/* --- loop.c: libevent in simulated time --- */

/* Something that happens at an instant. Embedded in what it is about. */
struct sim_timer {
	struct usec at;
	uint64_t number; /* ties: in order of arming */
	size_t index; /* in the heap, from 1; 0: not armed */
	void (*fire)(void *arg);
	void *arg;
};

/* Arms (again). */
void timer_set(struct sim_timer *timer, struct usec at);
/* Disarms; a timer that is not armed is left alone. */
void timer_clear(struct sim_timer *timer);
/* Calls fn once, later. The free of arg is fn's; what never fires is forgotten by loop_reset. */
void loop_once(struct usec at, void (*fn)(void *arg), void *arg);
/* A descriptor may have become ready. */
void loop_poke(void);
/* Runs everything up to an instant, and sets the clock to it. Ends early when the run has failed.
 */
void loop_run(struct usec until);
/* Called after every callback. */
void loop_after(void (*fn)(void));
/* Frees the heap. */
void loop_reset(void);

/* --- net.c: sockets, descriptors --- */

struct sim_end;

/* What happens on an end that is no descriptor: bytes came, or (len 0) it was closed. */
typedef void sim_end_fn(void *ctx, struct sim_end *end, const uint8_t *bytes, size_t len);

/* How a connection behaves. */
struct sim_wire {
	int64_t latency_us, jitter_us;
	struct usec stalled_until; /* nothing is delivered before */
	bool black_hole; /* bytes vanish */
};

/* A connection: *near belongs to who runs now, the other end gives its bytes to fn. wire is shared
 * by both directions and must outlive it. */
struct sim_end *net_pair(struct sim_wire *wire, sim_end_fn *fn, void *ctx, struct sim_end **far);
int net_fd(const struct sim_end *end);
struct sim_end *net_by_fd(int fd);
/* Sends; bytes to a closed end vanish. */
void net_send(struct sim_end *end, const void *bytes, size_t len);
/* The other end. */
struct sim_end *net_peer(const struct sim_end *end);
/* True if the other side closed. */
bool net_ended(const struct sim_end *end);
/* Reads what is there; SIZE_MAX: closed by the other side and nothing is left. */
size_t net_read(struct sim_end *end, void *buf, size_t cap);
/* Closes this side; the other one learns it after the wire's latency. silent: by TCP's keepalives.
 */
void net_close(struct sim_end *end, bool silent);
/* Breaks the connection of an end for both sides. */
void net_break(struct sim_end *end);
/* Readiness of a descriptor: EV_READ, EV_WRITE. */
short net_ready(int fd);
/* The process died: all its ends are closed, as silent says. */
void net_process_died(bool silent);
/* The wire between an address that is listened on and karstd. */
struct sim_wire *net_wire_to(uint32_t v4);
/* Refuses (or accepts again) connections to an address. */
void net_refuse(uint32_t v4, bool refuse);
/* Breaks all connections to an address. */
void net_break_address(uint32_t v4);
/* Frees everything. */
void net_reset(void);

/* --- thread.c: the store's thread as a coroutine that runs when the disk gets to it --- */

struct sim_disk_speed {
	int64_t latency_us, jitter_us;
};
extern struct sim_disk_speed thread_disk;
/* Forgets threads that are gone. */
void thread_reset(void);

/* --- disk.c: SQLite's files --- */

/* What the disk does wrong. */
struct sim_disk {
	uint64_t room; /* octets that all files may have; UINT64_MAX: enough */
	unsigned fail_reads, fail_writes, fail_syncs; /* one in so many fails; 0: none */
	uint64_t calls; /* I/O calls so far */
	uint64_t fail_at; /* this call fails, and all after it until disk_heal; 0: none */
	bool only_once; /* of fail_at: the next ones work again */
	uint64_t die_at; /* karstd dies at this call; 0: none */
};
extern struct sim_disk disk;
/* Registers the VFS as SQLite's default. */
void disk_start(void);
/* Everything works again. */
void disk_heal(void);
/* The power went: what was not synced is lost in parts, sector by sector. */
void disk_power_cut(void);
/* Octets that all files take. */
uint64_t disk_used(void);
/* Forgets all files. */
void disk_reset(void);
/* Makes an empty file, as open(2) with O_CREAT does. */
void disk_create(const char *path);

/* --- network.c: nodes, links and shared risks, and who tells of them --- */

#define SIM_FEEDS 2

struct sim_link {
	const struct ted_delta *delta; /* as it is told when it is up */
	uint32_t from, to; /* nodes */
	uint32_t reverse; /* link */
	struct ted_link_attr attr; /* as it is told now */
	const char *name;
	unsigned down; /* reasons to be down */
	bool silent; /* it loses packets, and nobody says so */
	unsigned hidden, kept; /* reasons why the feeds lie: that it is gone, that it is there */
};

struct sim_node {
	char name[64];
	unsigned router; /* its number, UINT_MAX none */
	unsigned down;
};

struct sim_network {
	struct arena arena;
	struct ted_delta *deltas; /* nodes, prefixes, SIDs: they are told once */
	size_t n_deltas;
	struct sim_node *nodes;
	struct sim_link *links;
	uint32_t n_nodes, n_links;
	uint32_t *groups; /* shared risk group of each link, 0 none */
	uint32_t n_groups;
	const char *kind;
	bool capacities_changed;
};

extern struct sim_network network;

/* Draws a network, or takes the example's. */
void network_make(void);
/* Reads the example network; false if its file is not there. */
bool network_load_example(const struct codec *codec, const char *path);
/* Starts the speakers. */
void network_start(void);
/* A link (one direction) gets or loses a reason to be down, and the feeds tell it. */
void network_down(uint32_t link, bool down);
/* The feeds begin, or end, to lie of a link: gone (that it is, though it is not), or the reverse.
 */
void network_lie(uint32_t link, bool gone, bool begin);
/* Tells of a link as it is now, after its attributes changed. */
void network_tell(uint32_t link);
/* Stops a speaker's process, or starts it again: all that it announced goes with it. */
void network_speaker(unsigned feed, bool run);
/* Sends all of a link's state again over one feed. */
void network_repeat(unsigned feed);
/* Every reason to be down is taken back. */
void network_heal(void);
void network_free(void);
/* Address of a speaker, host order. */
uint32_t network_address(unsigned feed);

/* --- router.c: NETCONF servers --- */

#define SIM_ROUTERS_MAX 24

enum router_fault {
	ROUTER_FINE,
	ROUTER_HANGS, /* takes requests and answers none */
	ROUTER_REFUSES, /* edits */
	ROUTER_LIES_EDIT, /* says ok to an edit and does nothing */
	ROUTER_LIES_COMMIT, /* says ok to a commit and does nothing */
	ROUTER_LIES_CONFIRM, /* says ok to a confirming commit and lets it run out */
	ROUTER_LIES_CANCEL, /* says ok to a cancel-commit and keeps the change */
	ROUTER_ALTERS, /* commits something else */
	ROUTER_TWICE, /* answers twice */
	ROUTER_NONSENSE, /* answers what nobody can read */
	ROUTER_DROPS_AT_COMMIT, /* closes the session instead of a commit */
	ROUTER_DROPS_AFTER_COMMIT, /* commits, then closes the session */
	ROUTER_FAULTS
};

/* A policy as a router keeps it. Counted, never changed. */
struct router_policy {
	unsigned users;
	uint32_t color;
	char endpoint[48];
	char name[96];
	char *xml; /* its element, as it is printed */
	char *canon; /* what it says, see policy_canon */
};

struct router_set {
	struct router_policy **at;
	size_t n, cap;
};

struct router_session {
	struct sim_end *end; /* NULL: none */
	uint32_t id;
	bool greeted, chunked;
	struct text in;
};

#define ROUTER_SESSIONS 4

struct sim_router {
	unsigned number;
	uint32_t node;
	char name[32], address[32];
	struct sim_wire wire;
	struct router_set running, candidate, before;
	bool dirty; /* candidate was edited */
	bool edits_of_another; /* somebody else's edits are in the candidate */
	uint32_t running_lock, candidate_lock; /* session, 0 nobody */
	bool waiting; /* a confirmed commit waits to be confirmed */
	uint32_t waiting_session;
	char persist_id[128];
	struct sim_timer expires;
	struct router_session sessions[ROUTER_SESSIONS];
	uint32_t last_session;
	bool up;
	bool confirmed_commit, base11;
	enum router_fault fault;
	unsigned fault_times; /* how often it will be played */
	bool keeps_candidate; /* a roll-back leaves the candidate as it is */
	bool tampered; /* it holds what Karst could not know: a lie, a loss, another's hand */
	uint64_t foreign_hash; /* of others' policies */
};

struct sim_routers {
	struct sim_router at[SIM_ROUTERS_MAX];
	unsigned n;
};

extern struct sim_routers routers;

void routers_make(void);
/* Opens a connection to a router by the name of its device; NULL: it is away. */
struct sim_end *router_connect(const char *device);
/* The connection is ready: the router says hello. near: what router_connect gave. */
void router_greet(const struct sim_end *near);
/* The process restarts: sessions go, and what waited to be confirmed is taken back. lose: the
 * configuration of Karst is gone too. */
void router_restart(struct sim_router *r, bool lose, int64_t away_us);
/* Its management is reachable, or not. */
void router_reach(struct sim_router *r, bool up);
/* Closes its sessions. */
void router_drop(struct sim_router *r);
/* Somebody else holds the candidate's lock, or lets it go. */
void router_lock_by_another(struct sim_router *r, bool lock);
/* Somebody else edits the candidate and leaves it so, or discards it. */
void router_edit_by_another(struct sim_router *r, bool edit);
/* Somebody takes a policy of Karst's off, or changes it. */
bool router_tamper(struct sim_router *r, uint32_t which);
void router_heal(struct sim_router *r);
/* A policy that runs there, by key; NULL none. */
const struct router_policy *router_running(const struct sim_router *r, uint32_t color,
					   const struct ip_addr *endpoint);
bool router_is_ours(const struct router_policy *p);
void routers_free(void);

/* --- xml.c: what a router reads --- */

struct xnode {
	struct xnode *next, *child;
	const char *name; /* without prefix */
	const char *text; /* "" without */
	const char *operation; /* attribute nc:operation; NULL */
	const char *id; /* attribute message-id; NULL */
};

/* Reads one document into arena; NULL if it is none. */
struct xnode *xml_read(struct arena *arena, const char *at, size_t len);
/* The first child of a name (NULL: the first); NULL none. */
const struct xnode *xml_child(const struct xnode *node, const char *name);
/* Its text, "" if it is not there. */
const char *xml_text(const struct xnode *node, const char *name);
/* Appends an element with all that is in it. */
void xml_write(struct text *out, const struct xnode *node);
/* Appends text with its special characters replaced. */
void xml_quote(struct text *out, const char *text);

/* --- karst.c: the process --- */

extern struct karst_config karst_config;
/* The configuration of this seed. */
void karst_configure(void);
/* The one codec of this process. */
enum pce_status karst_codec(struct codec **out, struct pce_error *err);
/* Starts it; the store is read. False: it could not start, why is in err. */
bool karst_start(struct pce_error *err);
/* It is gone at once. power: as a power cut does, else as kill -9 does. */
void karst_kill(bool power);
/* Kills it if it was decided so meanwhile. */
void karst_reap(void);
/* Keeps it running: starts it again after a while. */
void karst_restart_after(int64_t us);
void karst_free(void);

/* --- client.c: people --- */

void client_make(void);
/* One of the things that people ask for. */
void client_put(uint64_t *random);
/* All or none of up to four intents, in one request. */
void client_put_many(uint64_t *random);
void client_delete(uint64_t *random);
void client_drain(uint64_t *random);
void client_mode(uint64_t *random);
/* Approves or rejects a change that waits; false: none waits. */
bool client_decide(uint64_t *random);
void client_reoptimise(uint64_t *random);
/* Acknowledges an open alarm; false: none is open. */
bool client_acknowledge(uint64_t *random);
/* Undoes modes, freezes and drains. */
void client_heal(void);
/* What was not answered is in doubt from now on. */
void client_karst_died(void);
/* The disk took a batch: what it refused before cannot come back. */
void client_disk_works(void);
/* The invariant of what was acknowledged. */
void client_check(void);
void client_free(void);

/* --- measure.c: telemetry --- */

/* After the network was made. */
void measure_make(void);
void measure_free(void);
/* Streams begin anew. */
void measure_karst_started(void);
/* A person resumes while changes are frozen. */
void measure_resumed(void);
/* The invariants of feeds against telemetry. */
void measure_check(void);

/* --- faults.c: what goes wrong, and when --- */

struct sim_step {
	struct usec at;
	uint16_t kind; /* of fault_kinds */
	uint64_t seed; /* of what it draws */
};

struct fault_kind {
	const char *name;
	unsigned weight; /* how often, compared with the others */
	bool counts; /* as a fault, not as a request */
	bool of_process; /* not played in a matrix: it is about the disk, or karstd's life */
	/* Plays it; false: it cannot be played now. */
	bool (*play)(uint64_t *random);
};

extern const struct fault_kind fault_kinds[];
extern const size_t n_fault_kinds;

/* Draws the steps of a storm between two instants. Caller frees. */
struct sim_step *faults_draw(uint64_t *random, struct usec from, struct usec to, size_t *n);
void faults_play(const struct sim_step *step);
/* Ends every fault that lasts. */
void faults_heal(void);

/* --- silent.c: fibres that lose packets, and nobody says so --- */

/* A fault: a direction of a fibre, for a while. */
bool silent_cut(uint64_t *random);
void silent_heal(void);
/* Appends what a router makes of a policy and of its lists. */
void silent_state(struct text *out, const struct sim_router *r, const struct router_policy *p);
/* A fibre or two lose packets, nothing else is wrong: what must become of it. */
void silent_trial(void);

/* --- rows.c --- */

/* As ted_link_by_key, remembered until karstd dies. */
ted_link rows_find(const struct ted *ted, const char *key);
void rows_forget(void);

/* --- invariants.c, quiet.c --- */

/* What a policy says, as text that is equal for equal policies: name, candidate paths, lists. */
void policy_canon(struct text *out, const struct srpolicy *policy);

/* After every callback. */
void invariants_check(void);
/* An effect is about to be carried out. */
void invariants_effect(const struct service_effect *effect);
/* A batch that was handed over became durable, or not. */
void invariants_stored(uint64_t id, bool good);
/* What the store refused and was not written again is lost. */
void invariants_karst_died(void);
/* Everything was compared: what was lost is known again. */
void invariants_at_rest(void);
/* A router's running configuration changed by a commit of session. */
void invariants_committed(const struct sim_router *r, const struct router_set *before,
			  uint32_t session);
/* True if nothing is under way. *why: what is. */
bool quiet_reached(const char **why);
/* What must hold then. */
void quiet_check(void);
void invariants_reset(void);

#endif
