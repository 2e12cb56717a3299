/*
 * What the files of the service share. The service is one struct; each file is one part of its
 * work:
 *   service.c  life, dispatch of events, the end of every step, deadlines
 *   tables.c   intents and policies in order of id, the numbers (slots) of policies
 *   binding.c  records tied to rows: nodes, links, devices, bookings, the index of affected links
 *   admit.c    an intent is put: request, path, list, booking
 *   admitted.c what was admitted comes into force, or is undone
 *   many.c     one request over many intents
 *   remove.c   an intent is deleted; policies leave
 *   durable.c  what goes to the store, in batches, and what waits for it
 *   feed.c     sources come, go and speak; settling; who is affected
 *   telemetry.c  what was measured: links in the graph, bookings that do not flow
 *   queue.c    the queue of policies to look at again, most important first
 *   restore.c  what is to be done with one of them, and doing it
 *   push.c     devices: events in, orders out
 *   recover.c  from the records of the store to a running state
 *   advise.c   changes that are proposed and wait for approval; proposals.c: their list
 *   windows.c  drains that begin and end by the clock
 *   drain.c    what traffic is taken off
 *   operate.c  whether anything may be changed: the guard against feeds; operators' orders
 *   doubt.c    feeds that contradict telemetry
 *   modes.c    the modes of the network, of headends, of intents
 *   reoptimise.c, worth.c  policies go back to better paths
 *   adopt.c    policies of others become intents
 *   drift.c    what routers hold otherwise than Karst left it
 *   repair.c   repairs of it that wait for approval
 *   damping.c  links that flap
 *   assure.c, assure_told.c  links that lose packets silently, as headends' probes tell
 *   corouted.c both directions of an intent over the same links
 *   groups.c   changes on several headends that are made together
 *   history.c  what became of every policy, move by move
 *   notify.c   states that changed become notices
 *   alarms.c   alarms are raised, cleared, acknowledged
 *   view.c, dump.c  reading
 */
#ifndef PCE_SERVICE_INTERNAL_H
#define PCE_SERVICE_INTERNAL_H

#include "pce/deploy/device.h"
#include "pce/deploy/state.h"
#include "pce/operate/alarms.h"
#include "pce/operate/doubt.h"
#include "pce/operate/guard.h"
#include "pce/operate/mode.h"
#include "pce/operate/scopes.h"
#include "pce/policy/affected.h"
#include "pce/policy/build.h"
#include "pce/policy/ledger.h"
#include "pce/policy/place.h"
#include "pce/policy/request.h"
#include "pce/policy/stray.h"
#include "pce/service/service.h"

#define NO_DEVICE UINT32_MAX
#define NO_SLOT UINT32_MAX

/* What a policy in the queue is to be looked at for. */
enum work {
	WORK_CHECK = 1u << 0, /* does its route still stand, and its list still follow it? */
	WORK_VALIDATE = 1u << 1, /* does its route still answer the request? */
	WORK_COMPUTE = 1u << 2, /* compute anew */
};

/* A record with its memory. */
struct held_record {
	struct arena arena;
	struct policy_record *record; /* NULL: none */
};

struct service_policy {
	uint32_t slot;
	char *id, *intent_id;
	struct service_intent *intent; /* NULL: deleted, the policy is on its way out */
	struct held_record now; /* what counts */
	ted_node headend, tailend; /* rows; TED_NONE not known */
	ted_link **links; /* rows of now.record->bound, in now.arena */
	size_t
	    *n_links; /* of the list's path; links that it branches to are behind them in links */
	ted_link *held_links; /* rows of now.record->held */
	bool unbound; /* some row is not known yet */
	struct policy_flow {
		bool measured; /* its headend tells what it carries */
		uint64_t measured_bps;
		struct flow_link {
			ted_link link;
			uint32_t share_ppm; /* of the traffic */
		} * links; /* where its traffic is taken to be */
		size_t n_links, cap_links;
		uint64_t generation; /* of the record that links are of */
		uint64_t next_generation; /* that it moves to, since the instant */
		struct usec moved;
	} flow;
	/* What each list leaves to the IGP, in now.arena; NULL: not worked out yet. */
	struct list_legs {
		struct stray_leg *at;
		size_t n;
		bool known;
	} * legs;
	struct ledger_holding holding;
	uint32_t device;
	struct deploy_item *item;
	uint32_t former_device; /* where it was before its headend changed, until it is elsewhere */
	struct deploy_item *former;
	/* restoration */
	unsigned work; /* enum work bits; not 0: it is in the queue */
	uint8_t urgency; /* in the queue: 0 first */
	unsigned parked; /* work that a mode forbids */
	struct kept_change *change; /* that waits for approval, and it is part of; NULL */
	const struct policy_record *tentative; /* booked too while changes are planned together */
	char *waits; /* why what should be done is not done; NULL: nothing is to be done */
	char *failed, *degraded; /* see struct policy_facts */
	struct usec cause_at, detected_at; /* of the work that waits */
	char *work_cause;
	bool on_trial; /* it left a list that failed silently; the new one is not proved good yet */
	/* storage */
	bool dirty; /* its record has to be stored */
	bool leaving; /* its record has to be deleted */
	bool in_batch; /* its record is on its way */
	/* telling */
	bool touched;
	bool told; /* a notice was given once */
	struct policy_standing standing; /* as told last */
	uint64_t told_generation;
	struct service_stages stages;
	char *cause;
	char **before;
	size_t n_before;
	struct usec reoptimised_at; /* 0: never */
	struct move_log moves;
	bool moves_listed; /* in move_slots */
};

struct service_intent {
	char *id;
	struct arena arena;
	const struct intent *intent;
	uint64_t revision;
	struct service_policy *policies[2]; /* forward, backward */
	size_t n;
	struct admission *pending; /* a change of it is on its way to the store */
	bool touched, told;
	enum intent_state state;
	char *reason;
	enum policy_trouble alarmed; /* what its alarm is about */
};

/* One direction of an intent that is being put. */
struct admission_part {
	struct service_policy *policy;
	bool fresh; /* made for this admission, in no table yet */
	bool rejoins; /* it was on its way out */
	bool drop; /* the intent needs this direction no more */
	struct held_record next;
	char *failed, *degraded;
	size_t n_routes;
};

/* A put or a deletion that waits for the store. */
struct admission {
	struct admission *next;
	uint64_t request; /* to reply to */
	uint64_t batch; /* that carries it; 0: the one being collected */
	bool deletion, created;
	struct service_intent *intent; /* created: in no table yet */
	struct arena arena;
	const struct intent *wanted;
	uint64_t revision;
	struct admission_part parts[2];
	size_t n;
	struct usec received, computed;
	/* Of a request over many intents: another admission answers; which it was refused for. */
	bool silent;
	const struct service_stuck *refused; /* in arena */
	size_t n_refused;
};

struct service_device {
	const struct config_device *config;
	struct deploy_device *deploy;
	ted_node node; /* TED_NONE while it is not known */
	bool poked; /* ask it for orders */
	bool recheck; /* it said something too early to be believed */
};

struct service_feed {
	struct ted_source source;
	char *name, *text;
	bool up, synced, was_synced;
	uint64_t updates, deltas;
	struct usec expire_at;
	uint32_t stale_time_s;
};

#define CHANGES_ENDED 64 /* remembered for those who ask too late */
#define CHANGES_ENDED_TEXT 96

/* A change that waits for approval. */
struct kept_change {
	struct arena arena;
	struct change *change;
	struct change_part *parts; /* while it is made up: those of change */
	struct usec expires, looked; /* looked: when it was compared with the network last */
	bool dirty; /* its record has to be stored */
};

/* A group of policies that go to their headends together. */
struct group_run {
	uint64_t id;
	enum { GROUP_GATHERING, GROUP_PREPARING, GROUP_DECIDING } step;
	bool undecided; /* the decision could not be stored */
	bool last; /* those without confirmed commit have begun too */
	struct usec expires, retry_at;
	unsigned failures;
};

/* A batch on its way to the store. */
struct batch {
	struct batch *next;
	uint64_t id;
	struct batch_policy {
		uint32_t slot;
		bool deletes; /* else: writes */
	} * policies;
	size_t n_policies;
	struct batch_transaction {
		uint32_t device;
		uint64_t id;
		bool forget;
	} * transactions;
	size_t n_transactions;
	bool operate; /* carries mode and freeze */
	struct batch_move {
		uint32_t slot;
		uint64_t number;
		bool gone; /* else: written */
	} * moves;
	size_t n_moves;
	bool damping; /* carries what is held down */
	bool changes; /* carries proposed changes */
	uint64_t *changes_gone;
	size_t n_changes_gone;
};

struct step {
	struct usec now;
	const struct service_event *event;
	struct service_effects *effects;
	uint64_t random;
};

struct service {
	const struct karst_config *config;
	struct ted *ted;
	struct path_engine *engine;
	struct segment_igp *igp;
	struct ledger ledger;
	struct affected_index affected;
	struct step step;
	struct usec last_now; /* of the last step */
	int64_t last_wall_us;

	struct service_intent **intents; /* by id */
	size_t n_intents, cap_intents;
	struct service_policy **policies; /* by id */
	size_t n_policies, cap_policies;
	struct service_policy **slots; /* by number, NULL free */
	size_t n_slots, cap_slots;

	struct service_device *devices; /* in order of configuration */
	size_t n_devices;
	struct service_feed *feeds;
	size_t n_feeds, cap_feeds;
	struct alarms alarms;
	struct seen_alarms {
		struct seen_alarm {
			char *object, *cause;
			int64_t since_us; /* wall clock */
		} * items; /* acknowledged before a restart and not raised again yet */
		size_t n, cap;
		struct usec until; /* then what was not raised again is over */
	} seen;

	struct admission *admissions; /* in order of arrival */

	enum operate_mode mode; /* of the network */
	struct scopes scopes; /* modes of headends and intents */
	struct group_run *groups;
	size_t n_groups, cap_groups;
	struct kept_change **changes; /* by id */
	size_t n_changes, cap_changes;
	uint64_t *changes_gone; /* whose records have to be deleted */
	size_t n_changes_gone, cap_changes_gone;
	bool changes_dirty;
	struct ended_change {
		uint64_t id;
		char text[CHANGES_ENDED_TEXT];
	} changes_ended[CHANGES_ENDED];
	struct guard guard;
	uint32_t n_usable; /* directed links */
	size_t frozen_queue; /* policies that wait, as the alarm says */
	bool operate_dirty; /* mode or freeze has to be stored */
	struct kept_drain {
		char *name; /* what drain.name is */
		struct drain drain;
	} * drains; /* sorted by kind, then name */
	size_t n_drains, cap_drains;
	struct kept_window {
		char *name; /* what window.drain.name is */
		struct drain_window window;
	} * windows; /* in order of arrival */
	size_t n_windows, cap_windows;
	struct damped_link {
		char *key; /* canonical, of the fibre */
		ted_link link; /* TED_NONE: not known, or not looked up yet */
		struct damped d;
		int64_t since_us; /* wall clock: held since */
		bool told; /* by an alarm, while it is held */
		bool dirty; /* its record has to be written */
		uint64_t batch; /* the last one that carries it; 0: none is on its way */
	} * damped; /* sorted by key */
	size_t n_damped, cap_damped;
	ted_link *partners; /* by link: the other direction when it was last known, or TED_NONE */
	size_t n_partners, cap_partners;
	bool damping_dirty;
	struct assurance *assurance;
	bool feed_turned; /* what is settled next comes of a feed that came or went */
	struct drift_entry {
		struct arena arena;
		uint32_t device;
		uint32_t color;
		struct ip_addr endpoint;
		const char *policy_id; /* NULL: of nobody */
		int64_t since_us, repaired_us; /* wall clock; repaired 0: not yet */
		const struct policy_difference *differences;
		size_t n_differences;
		bool seen;
	} * *drifts; /* in order of time; the open ones and the last that were repaired */
	size_t n_drifts, cap_drifts, n_open_drifts;
	struct usec repair_at; /* repairs that wait for the cap */
	struct reoptimiser {
		struct usec scan_at, again_at; /* USEC_NEVER: nothing improved since */
		uint32_t *slots; /* of the scan that is under way */
		size_t at, n, cap; /* n 0: none is */
		bool by_hand;
		uint32_t moved; /* by this scan */
		struct usec go_on_at; /* the end of the pause */
		struct usec *returned; /* by link: when it came back last */
		size_t n_returned, cap_returned;
	} reoptimiser;
	struct operation *operations; /* requests that wait for that, in order of arrival */

	/* what the next batch carries besides dirty policies */
	struct batch_transaction *due;
	struct transaction_record *due_records;
	size_t n_due, cap_due, cap_due_records;
	struct arena due_arena;
	bool batch_wanted; /* a batch goes out at the end of this step */
	struct batch *batches; /* on their way, oldest first */
	struct usec store_retry_at;
	unsigned store_failures;
	bool some_dirty;

	uint64_t next_id, reserved_id; /* ids below reserved_id may be used */
	uint64_t notice_number, revision;
	uint64_t lists_strayed, lists_refused; /* counters of service_view_counters */

	bool learning; /* restarted: feeds are not learned yet, nothing is judged or pushed */
	struct usec learn_by; /* then what is known has to do */
	bool some_unbound; /* policies or devices without their rows */

	bool noted; /* deltas wait to be settled */
	struct usec settle_at, last_settle, noted_at;

	struct telemetry_flow {
		uint64_t *idle, *lingering; /* by link row, as told to the ted last */
		uint64_t *idle_next, *lingering_next;
		size_t cap[4];
		bool any; /* something was measured */
		uint64_t ledger_revision; /* that they are of */
		struct usec next; /* when a policy that moved is in its place */
	} flows;
	struct feed_doubts {
		struct doubts all; /* by the row of that direction of a fibre which comes first */
		struct doubt_end *ends; /* by link row, as telemetry told last */
		size_t n_ends, cap_ends;
		bool stale; /* a feed came or went since all were compared */
		struct doubt_alarm {
			size_t fibre;
			char *object;
		} * alarms; /* in no order */
		size_t n_alarms, cap_alarms;
	} doubt;
	uint64_t telemetry_unknown; /* summaries of links and policies that are not known */

	uint32_t *queue; /* slots to look at */
	size_t n_queue, cap_queue;
	bool queue_sorted;
	bool improved; /* something that may give a path to one without */

	uint32_t *move_slots; /* policies whose history has to be written */
	size_t n_move_slots, cap_move_slots;
	struct usec moves_due; /* by then; USEC_NEVER: nothing waits */
	char **stray_moves; /* keys of records that no policy has; deleted in the next batch */
	size_t n_stray_moves, cap_stray_moves;

	uint32_t *touched;
	size_t n_touched, cap_touched;
	bool some_intent_touched;
	char cause[256]; /* of what is being taken in */
};

/* --- tables.c --- */
struct service_intent *intent_find(const struct service *s, const char *id);
struct service_policy *policy_find(const struct service *s, const char *id);
enum pce_status intent_new(const char *id, struct service_intent **out, struct pce_error *err);
void intent_free(struct service_intent *intent);
enum pce_status intent_insert(struct service *s, struct service_intent *intent,
			      struct pce_error *err);
void intent_remove(struct service *s, struct service_intent *intent);
/* A policy with a slot, in no table; policy_free gives the slot back. */
enum pce_status policy_new(struct service *s, const char *intent_id, bool backward,
			   struct service_policy **out, struct pce_error *err);
void policy_free(struct service *s, struct service_policy *policy);
enum pce_status policy_insert(struct service *s, struct service_policy *policy,
			      struct pce_error *err);
void policy_remove(struct service *s, struct service_policy *policy);
/* Replaces *text by a copy of with (NULL clears it). */
enum pce_status replace_text(char **text, const char *with, struct pce_error *err);

/* --- binding.c --- */
/* Makes *next the policy's record: rows, index, bookings. Takes next's memory. */
enum pce_status policy_adopt(struct service *s, struct service_policy *policy,
			     struct held_record *next, struct pce_error *err);
/* Brings the bookings to what the record says, and the one that waits in a pending admission. */
enum pce_status policy_book(struct service *s, struct service_policy *policy,
			    struct pce_error *err);
/* *short_of: a link that lacks room for what the record and the pending one want, TED_NONE none. */
enum pce_status policy_fits(struct service *s, const struct service_policy *policy,
			    ted_link *short_of, struct pce_error *err);
/* The record that waits for the store to become the policy's, or NULL. */
const struct policy_record *pending_record(const struct service_policy *policy);
/* Books nothing any more and leaves the index. */
enum pce_status policy_unbind(struct service *s, struct service_policy *policy,
			      struct pce_error *err);
/* Says to the headend's device what it shall hold. */
enum pce_status policy_deploy(struct service *s, struct service_policy *policy,
			      struct pce_error *err);
/* True if the headend may hold something under the policy's key. */
bool policy_may_be_held(const struct service *s, const struct service_policy *policy);
/* The router holds what it shall: lets go of what was only held until then. */
enum pce_status policy_settled(struct service *s, struct service_policy *policy,
			       struct pce_error *err);
/* After rows became known: ties what is not tied yet. */
enum pce_status bind_all(struct service *s, struct pce_error *err);
uint32_t device_of_node(const struct service *s, ted_node node);
struct segment_options options_for(const struct service *s, ted_node headend,
				   const struct intent *intent, bool backward);
/* The intent's request with the configuration's ties. drains: it avoids what is drained. */
enum pce_status request_for(const struct service *s, const struct intent *intent, bool backward,
			    bool drains, struct arena *arena, struct path_request *out,
			    struct pce_error *err);

/* --- admit.c, remove.c --- */
enum pce_status admit_put(struct service *s, struct pce_error *err);
enum pce_status admit_delete(struct service *s, struct pce_error *err);
/* SERVICE_INTENTS_PUT (many.c). */
enum pce_status admit_many(struct service *s, struct pce_error *err);
/* The batch of an admission is durable (or not: status, text). */
enum pce_status admit_stored(struct service *s, struct admission *admission, enum pce_status status,
			     const char *text, struct pce_error *err);
void admission_free(struct service *s, struct admission *admission);
/* Starts to take a policy off its router. */
enum pce_status policy_leave(struct service *s, struct service_policy *policy,
			     struct pce_error *err);
/* If nothing holds it any more, its record is to be deleted. */
enum pce_status policy_try_delete(struct service *s, struct service_policy *policy,
				  struct pce_error *err);
/* Its record is deleted: it is no more. */
enum pce_status policy_gone(struct service *s, struct service_policy *policy,
			    struct pce_error *err);

/* Appends the policy's paths as link names to *paths, which has room. */
enum pce_status path_names(struct service *s, const struct policy_record *record,
			   const char *const **paths, size_t *lengths, size_t *n,
			   struct pce_error *err);
/* Frees the part's memory. */
void part_free(struct admission_part *part);

/* --- judge.c --- */

/* Judges list i of a policy (srpolicy_list_at); not standing: text says why. */
enum pce_status policy_judge_list(struct service *s, const struct service_policy *policy, size_t i,
				  bool replay, enum affected_verdict *verdict, char *text,
				  size_t cap, struct pce_error *err);
/* Judges all lists of a policy: the worst verdict and why. */
enum pce_status policy_judge(struct service *s, const struct service_policy *policy, bool replay,
			     enum affected_verdict *worst, bool *some_stands, char *text,
			     size_t cap, struct pce_error *err);
/* What all lists of a record book together, bit/s. */
uint64_t policy_reserved_bps(const struct policy_record *record);
/* Whether a policy answers a request; if not, *why says what it lacks. Asked while its own bookings
 * are lifted. */
bool policy_answers(const struct service *s, const struct service_policy *policy,
		    const struct path_request *request, struct pce_error *why);
/* The same of its paths alone, whatever its lists branch to. */
bool policy_paths_answer(const struct service *s, const struct service_policy *policy,
			 const struct path_request *request, struct pce_error *why);
/* Links that list i of a policy leads over: its path's, and behind them those it branches to. */
size_t policy_reach(const struct service_policy *policy, size_t i);
/* Whether a policy answers its intent's request now, with its own bookings given back; if not, text
 * says what it lacks. */
enum pce_status policy_validate(struct service *s, struct service_policy *policy, bool *valid,
				char *text, size_t cap, struct pce_error *err);

/* --- durable.c --- */
uint64_t take_id(struct service *s);
void want_stored(struct service *s, struct service_policy *policy);
enum pce_status want_transaction(struct service *s, uint32_t device,
				 const struct transaction_record *record, uint64_t forget,
				 struct pce_error *err);
/* Emits the batch that this step collected, if any. */
enum pce_status flush_batch(struct service *s, struct pce_error *err);
enum pce_status durable_event(struct service *s, struct pce_error *err);
void batch_free(struct batch *batch);

/* --- feed.c --- */
enum pce_status feed_state(struct service *s, struct pce_error *err);
enum pce_status feed_update(struct service *s, struct pce_error *err);
/* Traffic that nobody booked grew or shrank on a link: who crosses it is looked at, or told anew.
 */
void feed_link_flow(struct service *s, ted_link link, bool grew);
/* Something was noted, at an instant, by a source that is synced or not: when to settle it. */
enum pce_status feed_noted(struct service *s, struct usec received, bool synced,
			   struct pce_error *err);
/* Settles what was noted, now. */
enum pce_status feed_settle(struct service *s, struct pce_error *err);
enum pce_status feed_tick(struct service *s, struct pce_error *err);
struct usec feed_deadline(const struct service *s);

/* --- telemetry.c --- */
enum pce_status telemetry_event(struct service *s, struct pce_error *err);
/* Bookings changed since the last summaries: their traffic has not yet. */
enum pce_status telemetry_follow(struct service *s, struct pce_error *err);
void flows_free(struct service *s);
/* When telemetry_follow has to be called though nothing happens. */
struct usec telemetry_deadline_of(const struct service *s);
/* Forgets where a policy's traffic is. */
void flow_free(struct policy_flow *flow);

/* --- restore.c --- */
void work_add(struct service *s, struct service_policy *policy, unsigned work, struct usec cause_at,
	      const char *cause);
/* Looks at policies, the most important first, up to a step's budget. */
enum pce_status restore_some(struct service *s, struct pce_error *err);
/* Puts those without (all of) their path back into the queue if something improved. */
void restore_improved(struct service *s);
bool restore_waits(const struct service *s);
/* Tells whether the policy would find a path now; if not, text says why. Nothing changes. */
enum pce_status restore_try(struct service *s, struct service_policy *p, bool *placed, char *text,
			    size_t cap, struct pce_error *err);
/* Everything is looked at. */
void check_all(struct service *s, unsigned work, const char *cause);
/* Those are looked at that one of the links, new or shorter, may lead astray. */
enum pce_status check_strays(struct service *s, const ted_link *links, size_t n, const char *cause,
			     struct pce_error *err);

/* --- push.c --- */
enum pce_status push_new(struct service *s, struct pce_error *err);
enum pce_status push_event(struct service *s, struct pce_error *err);
/* Takes in what changed on devices and hands out their orders. */
enum pce_status push_orders(struct service *s, struct pce_error *err);
void poke_all(struct service *s);

/* --- recover.c --- */
enum pce_status recover(struct service *s, struct pce_error *err);
/* True if every feed that is configured told all it has: what is not known does not exist. */
bool all_known(const struct service *s);
/* Ends the learning if the feeds are learned, or time is over. */
enum pce_status recover_learned(struct service *s, struct pce_error *err);

/* --- drain.c --- */
/* Adds to a request what it shall avoid because it is drained, but for its own ends. */
enum pce_status drain_request(const struct service *s, struct arena *arena, struct path_request *r,
			      struct pce_error *err);
/* What a drain does, told before it is done. */
struct drain_report {
	struct arena arena;
	size_t n_affected;
	struct service_stuck *stuck;
	size_t n_stuck;
	struct service_stuck *moves; /* text: names of the links that it goes to */
	size_t n_moves;
};

/* OPERATE_DRAIN and OPERATE_UNDRAIN: replies, or *wait: the reply has to wait for the store, with
 * the report, whose arena is the caller's. */
enum pce_status drain_event(struct service *s, struct drain_report *out, bool *wait,
			    struct pce_error *err);
/* A copy of what is drained, for a record. */
enum pce_status drain_collect(const struct service *s, struct arena *arena,
			      struct operate_record *out, struct pce_error *err);
enum pce_status drain_recover(struct service *s, const struct operate_record *record,
			      struct pce_error *err);
void drain_free(struct service *s);
/* Drains an object, or lets traffic use it again, without a reply; *begun: it was not so before. */
enum pce_status drain_begin(struct service *s, const struct drain *wanted, bool *begun,
			    struct pce_error *err);
enum pce_status drain_end(struct service *s, const struct drain *wanted, struct pce_error *err);
/* The nth of those that cross it, NULL past the end. */
const struct service_policy *drain_waiting(const struct service *s, const struct drain *drain,
					   size_t n);
/* How many policies cross it. */
size_t drain_remaining(const struct service *s, const struct drain *drain);

/* --- modes.c --- */
/* The mode that counts for what goes from a headend (TED_NONE: any) for an intent (NULL: any), and
 * whose it is. The name is borrowed. */
struct scoped_mode mode_of(const struct service *s, ted_node headend, const char *intent_id);
struct scoped_mode mode_of_policy(const struct service *s, const struct service_policy *policy);
/* Says in a few words whose mode it is. */
void mode_say(const struct scoped_mode *rule, char *text, size_t cap);
/* PCE_CONFLICT with one sentence if that may not be changed at all. */
enum pce_status mode_refuse(const struct service *s, ted_node headend, const char *intent_id,
			    struct pce_error *why);
/* True if the device may begin transactions. */
bool mode_opens(const struct service *s, const struct service_device *device);
/* Holds the policy's changes back on its device, or lets them go, as its mode says. */
void mode_hold(struct service *s, struct service_policy *policy);
/* Takes a policy out of work because the rule forbids it, and notes what it would need. */
enum pce_status mode_park(struct service *s, struct service_policy *policy,
			  const struct scoped_mode *rule, struct pce_error *err);
/* Everything that is parked is put back to work. */
void mode_unpark(struct service *s);
/* OPERATE_SET_MODE; why: the answer, if it is not done. */
enum pce_status mode_set(struct service *s, bool *changed, struct pce_error *why,
			 struct pce_error *err);
/* An intent is gone, and its mode with it. */
enum pce_status mode_forget_intent(struct service *s, const char *intent_id, struct pce_error *err);
/* A copy of the modes, for a record. */
enum pce_status mode_collect(const struct service *s, struct arena *arena,
			     struct operate_record *out, struct pce_error *err);
enum pce_status mode_recover(struct service *s, const struct operate_record *record,
			     struct pce_error *err);

/* --- advise.c --- */
/* Proposes what the policies need as one change. */
enum pce_status advise_together(struct service *s, struct service_policy *const *policies, size_t n,
				const char *cause, struct pce_error *err);
/* Proposes to put on the headends what the intent's unapproved policies are. before: what they were
 * (forward, backward), NULL nothing. */
enum pce_status advise_deploy(struct service *s, struct service_intent *intent,
			      const struct policy_record *const before[2], const char *cause,
			      struct pce_error *err);
/* Nobody need approve what the policy waits for. */
enum pce_status advise_overtaken(struct service *s, struct service_policy *policy,
				 struct pce_error *err);
/* The policy is leaving. */
enum pce_status advise_forget(struct service *s, struct service_policy *policy,
			      struct pce_error *err);
/* OPERATE_APPROVE and OPERATE_REJECT; why: the answer, if it is not done. */
enum pce_status advise_event(struct service *s, struct pce_error *why, struct pce_error *err);
/* Proposals whose time is over. */
enum pce_status advise_tick(struct service *s, struct pce_error *err);
struct usec advise_deadline(const struct service *s);
/* A batch with changes was not stored: they are to be written again. */
void advise_not_stored(struct service *s, const uint64_t *gone, size_t n_gone);
enum pce_status advise_recover(struct service *s, const struct change *const *changes, size_t n,
			       struct pce_error *err);
void advise_free(struct service *s);

/* --- groups.c --- */
/* Puts what its device shall hold into the group that the policy's record names, or into none. */
enum pce_status group_join(struct service *s, struct service_policy *policy, struct pce_error *err);
/* Begins, decides, abandons what is due. */
void groups_tick(struct service *s);
struct usec groups_deadline(const struct service *s);
/* The decision on a group could not be stored. */
void groups_unstored(struct service *s, uint64_t group);

/* --- operate.c --- */
/* True if nothing may be changed now. */
bool operate_waits(const struct service *s);
/* PCE_CONFLICT with one sentence if nothing may be changed now, else PCE_OK. */
enum pce_status operate_refuse(const struct service *s, struct pce_error *why);
/* Freezes changes, if they are not frozen yet. */
enum pce_status operate_freeze(struct service *s, const char *reason, struct pce_error *err);
/* Takes in which links came and went; may freeze. */
enum pce_status operate_links(struct service *s, const struct ted_change *changes, size_t n,
			      struct pce_error *err);
/* A feed was lost; may freeze. */
enum pce_status operate_feed_lost(struct service *s, const struct service_feed *lost,
				  struct pce_error *err);
/* The end of a step: the alarm's text, and whether the feeds have healed. */
enum pce_status operate_tick(struct service *s, struct pce_error *err);
enum pce_status operate_event(struct service *s, struct pce_error *err);
/* The batch carries mode and freeze; what waited for it waits for its result. */
void operate_collected(struct service *s, uint64_t batch);
enum pce_status operate_stored(struct service *s, uint64_t batch, enum pce_status stored,
			       const char *text, struct pce_error *err);
enum pce_status operate_recover(struct service *s, const struct operate_record *record,
				struct pce_error *err);
void operate_free(struct service *s);

/* --- doubt.c --- */
/* Takes in what the feeds say of links now; partners are known. */
enum pce_status doubt_links(struct service *s, const struct ted_change *changes, size_t n,
			    struct pce_error *err);
/* A feed came or went. */
void doubt_feeds(struct service *s);
/* Takes in what telemetry says of a link. */
enum pce_status doubt_summary(struct service *s, ted_link link, const struct telemetry_link *from,
			      struct pce_error *err);
/* Contradictions that last: alarms, and a freeze if they are too many. */
enum pce_status doubt_tick(struct service *s, struct pce_error *err);
void doubt_free(struct service *s);

/* --- damping.c --- */
/* Takes in which links went. blamed: the feed went, not the links. */
enum pce_status damping_links(struct service *s, const struct ted_change *changes, size_t n,
			      bool blamed, struct pce_error *err);
/* Lets go of links whose time is over. */
enum pce_status damping_tick(struct service *s, struct pce_error *err);
struct usec damping_deadline(const struct service *s);
/* How many fibres are held down. */
size_t damping_held(const struct service *s);
/* Adds to a request what it shall avoid because it is held down. */
enum pce_status damping_request(const struct service *s, struct arena *arena,
				struct path_request *r, struct pce_error *err);
/* Records of what changed, NULL for a deletion, with their keys; there is room for all. */
enum pce_status damping_collect(struct service *s, uint64_t batch, struct arena *arena,
				const struct damping_record **records, const char **keys, size_t *n,
				struct pce_error *err);
/* A batch that carried some was stored, or not. */
void damping_stored(struct service *s, uint64_t batch, bool good);
enum pce_status damping_recover(struct service *s, const struct damping_record *const *records,
				size_t n, struct pce_error *err);
void damping_free(struct service *s);

/* --- adopt.c --- */
/* OPERATE_ADOPT: a policy of others becomes an intent; answered as a put. */
enum pce_status adopt_event(struct service *s, struct pce_error *err);

/* --- drift.c --- */
/* Takes in what drifted on a device, grants repairs, tells. */
enum pce_status drift_look(struct service *s, uint32_t device, struct pce_error *err);
/* Asks devices again whose repairs waited for the cap. */
void drift_poke(struct service *s);
void drift_free(struct service *s);
/* Grants the repair of a policy that drifted: a person approved it. Its device gives orders. */
enum pce_status drift_grant(struct service *s, struct service_policy *policy,
			    struct pce_error *err);
/* Looks at the policy's device again. */
void drift_poke_policy(struct service *s, const struct service_policy *policy);

/* --- repair.c --- */
/* Proposes to put back what a router was changed from; has: what it holds, NULL nothing. */
enum pce_status repair_propose(struct service *s, struct service_policy *policy,
			       const struct srpolicy *has, const char *cause,
			       struct pce_error *err);
/* Notes that the policy's router was changed and may not be repaired, or that this is over. */
void repair_wait(struct service *s, struct service_policy *policy, bool waits);
/* The policy's router holds what it shall. */
enum pce_status repair_over(struct service *s, struct service_policy *policy,
			    struct pce_error *err);

/* --- reoptimise.c --- */
/* Something improved: policies may find better paths. */
void reoptimise_noted(struct service *s);
/* Takes in which links came back. */
enum pce_status reoptimise_links(struct service *s, const struct ted_change *changes, size_t n,
				 struct pce_error *err);
/* Looks at some policies of the scan that is due, and moves those that gain. */
enum pce_status reoptimise_some(struct service *s, struct pce_error *err);
struct usec reoptimise_deadline(const struct service *s);
/* OPERATE_REOPTIMISE: tells who gains what, and begins. */
enum pce_status reoptimise_event(struct service *s, struct pce_error *err);
void reoptimise_free(struct service *s);

/* --- history.c --- */
/* Notes that the policy moved to the record that is in force now; of why, kind, text and gain
 * count. What it left is what remember_before kept. */
enum pce_status history_note(struct service *s, struct service_policy *policy,
			     const struct policy_move *why, struct pce_error *err);
/* The newest move reached another stage. */
void history_stages(struct service *s, struct service_policy *policy);
/* True if moves have waited long enough to be written. */
bool history_is_due(const struct service *s);
/* Has the policy's history written again: a batch with it failed. */
void history_retry(struct service *s, const struct batch_move *moved);
/* Takes in the records of the store, in any order. */
enum pce_status history_recover(struct service *s, const struct move_record *const *records,
				size_t n, struct pce_error *err);
/* Moves that the store does not know of are said to be unknown. */
enum pce_status history_close_gaps(struct service *s, struct pce_error *err);

#include "pce/service/notify.h"

#endif
