/*
 * The invariants of DESIGN.md, checked from outside the code that has to keep them. What the
 * service holds is looked at through pce/service/internal.h; what was asked of the store and of
 * routers is remembered here, across all lives of karstd.
 */
#include <stdio.h>
#include <string.h>

#include "pce/segment/replay.h"
#include "pce/service/internal.h"
#include "tests/sim/store.h"
#include "tests/support/feasible.h"

/* A policy record that was to be stored. */
struct version {
	uint64_t generation, canon; /* canon: hash of what the policy says */
	char **keys; /* of all links that it books */
	uint64_t *bps; /* on each of them */
	size_t n_keys;
	uint32_t color;
	char endpoint[IP_TEXT];
	bool removing, gone;
	bool durable;
};

struct past {
	char id[24];
	bool unsaved; /* the store refused its newest record */
	bool lost; /* karstd died before it was saved: what moved then is not known to it */
	struct version *versions;
	size_t n, cap;
};

/* A transaction, as the store knows it. */
struct known_transaction {
	uint64_t id;
	bool stored, decided; /* durable, or the store refused it */
	bool durable;
};

struct batch_of {
	uint64_t batch, transaction; /* 0: it is about a policy */
	bool decided;
	size_t past, version; /* indices of the policy and its record */
};

static struct {
	struct arena arena;
	struct past *past;
	size_t n_past, cap_past;
	struct known_transaction *transactions;
	size_t n_transactions, cap_transactions;
	struct batch_of *batches;
	size_t n_batches, cap_batches;
	uint64_t open[SIM_ROUTERS_MAX]; /* transaction that is open on each router */
	enum deploy_phase phase[SIM_ROUTERS_MAX];
	bool stepped;
} seen;

static const char *const names[] = {
#define X(name, text) text,
	SIM_INVARIANTS(X)
#undef X
};

const char *
sim_invariant_name(enum sim_invariant invariant)
{
	return names[invariant];
}

void
invariants_reset(void)
{
	for (size_t i = 0; i < seen.n_past; i++)
		free(seen.past[i].versions);
	free(seen.past);
	free(seen.transactions);
	free(seen.batches);
	rows_forget();
	arena_free(&seen.arena);
	memset(&seen, 0, sizeof(seen));
}

static struct service *
service(void)
{
	return sim.daemon && !sim.dead ? sim.daemon->service : NULL;
}

/* --- what policies say --- */

void
policy_canon(struct text *out, const struct srpolicy *p)
{
	text_add(out, p->name ? p->name : "");
	for (size_t i = 0; i < p->n_paths; i++) {
		text_printf(out, " /%u", p->paths[i].preference);
		for (size_t k = 0; k < p->paths[i].n_lists; k++) {
			const struct srpolicy_list *l = &p->paths[i].lists[k];

			text_printf(out, " %u:", l->weight ? l->weight : 1);
			text_hex(out, l->sids, l->n_sids * 16);
		}
	}
}

static uint64_t
canon_hash(const char *text)
{
	return hash_bytes(text, strlen(text), 1);
}

static uint64_t
canon_of(const struct srpolicy *p)
{
	struct text t = { 0 };
	uint64_t hash;

	policy_canon(&t, p);
	hash = canon_hash(text_get(&t));
	text_free(&t);
	return hash;
}

/* --- memory of what was to be stored --- */

static struct past *
past_of(const char *id, bool make)
{
	struct past *p;

	for (size_t i = 0; i < seen.n_past; i++)
		if (strcmp(seen.past[i].id, id) == 0)
			return &seen.past[i];
	if (!make)
		return NULL;
	if (array_reserve(&seen.past, &seen.cap_past, seen.n_past + 1, sizeof(*p), NULL))
		abort();
	p = &seen.past[seen.n_past++];
	memset(p, 0, sizeof(*p));
	snprintf(p->id, sizeof(p->id), "%s", id);
	return p;
}

/* The links of a list's path, then those that a loose list branches to. */
static const char *
bound_key(const struct policy_bound *b, size_t k)
{
	return k < b->n_links ? b->link_keys[k] : b->branch_keys[k - b->n_links];
}

static bool
uses(const struct policy_bound *b, const char *key)
{
	for (size_t k = 0; k < b->n_links + b->n_branches; k++)
		if (strcmp(bound_key(b, k), key) == 0)
			return true;
	return false;
}

/* What a candidate path of n lists holds on a link: its lists carry traffic at the same time. */
static uint64_t
path_holds(const struct policy_bound *lists, size_t n, const char *key)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < n; i++)
		if (n == 1 || uses(&lists[i], key))
			sum += lists[i].bps;
	return sum;
}

/* Calls fn for every link that a record books on, with what it books there. */
static void
each_booking(const struct policy_record *r, void (*fn)(void *ctx, const char *key, uint64_t bps),
	     void *ctx)
{
	const struct policy_bound *lists = r->bound;

	for (size_t i = 0; i < r->srpolicy.n_paths; i++) {
		size_t n = r->srpolicy.paths[i].n_lists;

		for (size_t j = 0; j < n; j++)
			for (size_t k = 0; k < lists[j].n_links + lists[j].n_branches; k++) {
				const char *key = bound_key(&lists[j], k);

				fn(ctx, key, path_holds(lists, n, key));
			}
		lists += n;
	}
}

static void
count_key(void *ctx, const char *key, uint64_t bps)
{
	(void)key, (void)bps;
	++*(size_t *)ctx;
}

static void
remember_key(void *ctx, const char *key, uint64_t bps)
{
	struct version *v = ctx;

	v->keys[v->n_keys] = arena_strdup(&seen.arena, key);
	v->bps[v->n_keys++] = bps;
}

static void
remember_keys(struct version *v, const struct policy_record *r)
{
	size_t n = 0;

	each_booking(r, count_key, &n);
	v->keys = arena_alloc(&seen.arena, (n + 1) * sizeof(char *));
	v->bps = arena_alloc(&seen.arena, (n + 1) * sizeof(*v->bps));
	each_booking(r, remember_key, v);
}

static void
remember(const char *id, const struct policy_record *r)
{
	struct past *p = past_of(id, true);
	struct version *v;

	if (array_reserve(&p->versions, &p->cap, p->n + 1, sizeof(*v), NULL))
		abort();
	v = &p->versions[p->n++];
	*v = (struct version){ .gone = r == NULL };
	if (!r)
		return;
	v->generation = r->generation;
	v->removing = r->removing;
	v->color = r->srpolicy.color;
	ip_print(&r->srpolicy.endpoint, v->endpoint);
	v->canon = canon_of(&r->srpolicy);
	remember_keys(v, r);
}

static struct known_transaction *
transaction(uint64_t id, bool make)
{
	for (size_t i = seen.n_transactions; i > 0; i--)
		if (seen.transactions[i - 1].id == id)
			return &seen.transactions[i - 1];
	if (!make)
		return NULL;
	if (array_reserve(&seen.transactions, &seen.cap_transactions, seen.n_transactions + 1,
			  sizeof(*seen.transactions), NULL))
		abort();
	seen.transactions[seen.n_transactions++] = (struct known_transaction){ .id = id };
	return &seen.transactions[seen.n_transactions - 1];
}

/* A transaction is opened: only while changes are allowed. One that is open comes to its end. */
static void
check_opened(const struct transaction_record *t)
{
	const struct service *s = service();
	struct service_view_operate operate;

	if (t->decided || transaction(t->id, false))
		return;
	sim_checked(SIM_ALLOWED);
	service_view_operate(s, &operate);
	/* What was approved goes out in the mode advise too. */
	if (operate.mode == MODE_OBSERVE || operate.frozen || s->learning)
		sim_fail(SIM_ALLOWED, "a change of %s begins while %s", t->device,
			 operate.frozen ? operate.frozen
			 : s->learning  ? "the network is not known yet"
					: "the mode is observe");
	(void)transaction(t->id, true);
}

static void
add_to_batch(struct batch_of b)
{
	if (array_reserve(&seen.batches, &seen.cap_batches, seen.n_batches + 1,
			  sizeof(*seen.batches), NULL))
		abort();
	seen.batches[seen.n_batches++] = b;
}

static void
remember_batch(const struct service_effect *e)
{
	for (size_t i = 0; i < e->u.store.n; i++) {
		const struct service_record *r = &e->u.store.records[i];
		const struct past *p;

		if (r->kind == RECORD_POLICY) {
			remember(r->key, r->policy);
			p = past_of(r->key, true);
			add_to_batch((struct batch_of){
			    .batch = e->id, .past = (size_t)(p - seen.past), .version = p->n - 1 });
		} else if (r->kind == RECORD_TRANSACTION && r->transaction) {
			check_opened(r->transaction);
			add_to_batch((struct batch_of){ .batch = e->id,
							.transaction = r->transaction->id,
							.decided = r->transaction->decided });
		}
	}
}

void
invariants_stored(uint64_t id, bool good)
{
	size_t kept = 0;

	if (good)
		client_disk_works();
	for (size_t i = 0; i < seen.n_batches; i++) {
		struct batch_of b = seen.batches[i];
		struct known_transaction *t;

		if (b.batch != id) {
			seen.batches[kept++] = b;
			continue;
		}
		if (b.transaction == 0) {
			seen.past[b.past].unsaved = !good;
			seen.past[b.past].versions[b.version].durable = good;
			continue;
		}
		/* A store that fails does not hold up restoration: it was tried. */
		t = transaction(b.transaction, true);
		t->stored = true;
		t->durable = t->durable || good;
		t->decided = t->decided || b.decided;
	}
	seen.n_batches = kept;
}

void
invariants_karst_died(void)
{
	rows_forget();
	for (size_t i = 0; i < seen.n_past; i++) {
		struct past *p = &seen.past[i];

		p->lost = p->lost || p->unsaved;
		sim.lossy = sim.lossy || p->unsaved;
		p->unsaved = false;
	}
	/* A change that is prepared, and in no store, is taken back by the router alone. */
	for (unsigned i = 0; i < routers.n; i++) {
		const struct known_transaction *t =
		    seen.open[i] ? transaction(seen.open[i], false) : NULL;

		if (t && !t->durable)
			routers.at[i].tampered = true;
	}
}

void
invariants_at_rest(void)
{
	for (size_t i = 0; i < seen.n_past; i++)
		seen.past[i].lost = false;
	sim.lossy = false;
}

/* --- effects --- */

static unsigned
router_of(const char *device)
{
	unsigned i = 0;

	while (i + 1 < routers.n && strcmp(routers.at[i].name, device) != 0)
		i++;
	return i;
}

static void
check_apply(const struct service_effect *e)
{
	const struct deploy_transaction *t = e->u.apply.transaction;
	enum deploy_phase phase = e->u.apply.phase;
	const struct known_transaction *known = transaction(t->id, false);
	unsigned router = router_of(t->device);

	sim_checked(SIM_STORED_FIRST);
	if (!known || !known->stored || (phase == DEPLOY_CONFIRM && !known->decided))
		sim_fail(SIM_STORED_FIRST, "transaction %llu on %s, phase %d: not in the store yet",
			 (unsigned long long)t->id, t->device, (int)phase);
	seen.phase[router] = phase;
	if (phase != DEPLOY_PREPARE)
		return;
	sim_checked(SIM_ONE_TRANSACTION);
	if (seen.open[router] && seen.open[router] != t->id)
		sim_fail(SIM_ONE_TRANSACTION, "transaction %llu on %s while %llu is open",
			 (unsigned long long)t->id, t->device,
			 (unsigned long long)seen.open[router]);
	seen.open[router] = t->id;
}

static void
log_effect(const struct service_effect *e)
{
	const struct deploy_transaction *t = e->u.apply.transaction;

	sim_log("effect %d, %llu", (int)e->kind, (unsigned long long)e->id);
	for (size_t i = 0; e->kind == SERVICE_STORE && i < e->u.store.n; i++) {
		const struct service_record *r = &e->u.store.records[i];

		sim_log("  record %d %s generation %llu held %zu", (int)r->kind, r->key,
			r->policy ? (unsigned long long)r->policy->generation : 0,
			r->policy ? r->policy->n_held : 0);
	}
	if (e->kind != SERVICE_APPLY)
		return;
	sim_log("  phase %d of %llu on %s", (int)e->u.apply.phase, (unsigned long long)t->id,
		t->device);
	for (size_t i = 0; i < t->n_changes; i++)
		sim_log("  %s %s", t->changes[i].action == DEPLOY_REMOVE ? "remove" : "replace",
			t->changes[i].policy->name);
}

void
invariants_effect(const struct service_effect *e)
{
	if (sim.options.trace)
		log_effect(e);
	if (e->kind == SERVICE_STORE)
		remember_batch(e);
	else if (e->kind == SERVICE_APPLY)
		check_apply(e);
}

/* --- events on their way into the service (--wrap) --- */

enum pce_status __real_service_step(struct service *s, struct usec now,
				    const struct service_event *e, struct service_effects *effects,
				    struct pce_error *err);
enum pce_status __wrap_service_step(struct service *s, struct usec now,
				    const struct service_event *e, struct service_effects *effects,
				    struct pce_error *err);

static void
note_event(const struct service_event *e)
{
	if (e->kind == SERVICE_STORED) {
		invariants_stored(e->id, e->u.stored.status == PCE_OK);
	} else if (e->kind == SERVICE_DEVICE_DOWN) {
		seen.open[router_of(e->u.device_down.device)] = 0;
	} else if (e->kind == SERVICE_DEVICE_RESULT) {
		const struct deploy_result *r = &e->u.device_result.result;

		if (r->phase != DEPLOY_PREPARE || r->status != PCE_OK)
			seen.open[router_of(e->u.device_result.device)] = 0;
	} else if (e->kind == SERVICE_RECOVER) {
		memset(seen.open, 0, sizeof(seen.open));
		for (size_t i = 0; i < e->u.recover.n_transactions; i++) {
			const struct transaction_record *t = e->u.recover.transactions[i];
			struct known_transaction *known = transaction(t->id, true);

			known->stored = known->durable = true;
			known->decided = known->decided || t->decided;
		}
	}
}

enum pce_status
__wrap_service_step(struct service *s, struct usec now, const struct service_event *e,
		    struct service_effects *effects, struct pce_error *err)
{
	enum pce_status status;

	sim.result.steps++;
	seen.stepped = true;
	sim_hash(&e->kind, sizeof(e->kind));
	if (e->kind != SERVICE_TICK)
		sim_log("event %d of %llu", (int)e->kind, (unsigned long long)e->id);
	note_event(e);
	if (e->kind == SERVICE_OPERATE && e->u.operate.kind == OPERATE_RESUME && s->guard.frozen)
		measure_resumed();
	status = __real_service_step(s, now, e, effects, err);
	if (status)
		sim_fail(SIM_STEP, "%s", err->text);
	return status;
}

/* --- the ledger --- */

struct holding {
	const struct service *s;
	uint64_t *bps; /* by link */
};

static void
hold_one(void *ctx, const char *key, uint64_t bps)
{
	struct holding *h = ctx;
	ted_link link = rows_find(h->s->ted, key);

	if (link != TED_NONE && bps > h->bps[link])
		h->bps[link] = bps;
}

/* Raises what each link of a record holds for its policy. */
static void
hold(const struct service *s, uint64_t *bps, const struct policy_record *r)
{
	struct holding h = { s, bps };

	if (!r)
		return;
	each_booking(r, hold_one, &h);
	for (size_t k = 0; k < r->n_held; k++)
		hold_one(&h, r->held[k].link_key, r->held[k].bps);
}

static const struct policy_record *
waiting_record(const struct service_policy *p)
{
	const struct admission *a = p->intent ? p->intent->pending : NULL;

	for (size_t i = 0; a && i < a->n; i++)
		if (a->parts[i].policy == p)
			return a->parts[i].next.record;
	return NULL;
}

static void
check_ledger(const struct service *s)
{
	ted_link n = ted_link_count(s->ted);
	uint64_t *sum = sim_alloc((n + 1) * sizeof(*sum)), *one = sim_alloc((n + 1) * sizeof(*one));

	for (size_t i = 0; i < s->n_slots; i++) {
		if (!s->slots[i])
			continue;
		memset(one, 0, n * sizeof(*one));
		hold(s, one, s->slots[i]->now.record);
		hold(s, one, waiting_record(s->slots[i]));
		for (ted_link link = 0; link < n; link++)
			sum[link] += one[link];
	}
	sim_checked(SIM_LEDGER);
	sim_checked(SIM_OVERBOOKED);
	for (ted_link link = 0; link < n; link++) {
		const struct ted_link_row *row = ted_link_at(s->ted, link);

		if (sum[link] != row->booked_bps)
			sim_fail(SIM_LEDGER, "link %s: booked %llu, policies hold %llu", row->name,
				 (unsigned long long)row->booked_bps,
				 (unsigned long long)sum[link]);
		/* A move that a full disk lost may meet, after a crash, what was admitted since. */
		if (!network.capacities_changed && !sim.lossy && row->capacity_bps != 0 &&
		    sum[link] > row->base_bps)
			sim_fail(SIM_OVERBOOKED, "link %s: booked %llu of %llu", row->name,
				 (unsigned long long)sum[link], (unsigned long long)row->base_bps);
	}
	free(sum);
	free(one);
}

/* --- make before break --- */

static bool
version_is_booked(const struct service *s, const struct version *v, const struct service_policy *p)
{
	for (size_t k = 0; k < v->n_keys; k++) {
		ted_link link = rows_find(s->ted, v->keys[k]);

		if (link != TED_NONE && ledger_held_bps(&p->holding, link) < v->bps[k])
			return false;
	}
	return true;
}

struct booked {
	const struct service *s;
	const struct service_policy *p;
	bool lacks;
};

static void
see_booked(void *ctx, const char *key, uint64_t bps)
{
	struct booked *b = ctx;
	ted_link link = rows_find(b->s->ted, key);

	b->lacks = b->lacks || (link != TED_NONE && ledger_held_bps(&b->p->holding, link) < bps);
}

static bool
record_is_booked(const struct service *s, const struct policy_record *r,
		 const struct service_policy *p)
{
	struct booked b = { s, p, false };

	each_booking(r, see_booked, &b);
	return !b.lacks;
}

/* What a router runs is booked on every link, as long as the policy is known. */
static void
check_running(const struct service *s, const struct sim_router *r, const struct router_policy *run)
{
	const char *id = run->name + strlen(karst_config.name_prefix);
	const struct service_policy *p = policy_find(s, id);
	const struct past *past = p ? past_of(id, false) : NULL;
	uint64_t canon = canon_hash(run->canon);
	bool known = false;

	for (size_t i = past ? past->n : 0; i > 0; i--) {
		const struct version *v = &past->versions[i - 1];

		if (v->gone || v->canon != canon)
			continue;
		if (version_is_booked(s, v, p))
			return;
		known = true;
	}
	/* While the store fails the newest record may be known to nobody else. */
	if (!known || past->lost ||
	    (canon_of(&p->now.record->srpolicy) == canon && record_is_booked(s, p->now.record, p)))
		return;
	sim_fail(SIM_RUNNING_BOOKED, "router %s runs %s over links that are not booked", r->name,
		 run->name);
}

static void
check_routers(const struct service *s)
{
	for (unsigned i = 0; i < routers.n; i++) {
		const struct sim_router *r = &routers.at[i];

		if (r->tampered)
			continue;
		sim_checked(SIM_RUNNING_BOOKED);
		for (size_t k = 0; k < r->running.n; k++)
			if (router_is_ours(r->running.at[k]))
				check_running(s, r, r->running.at[k]);
	}
}

/* --- when nothing waits to be looked at --- */

/* What nobody who is heard knows is not lost: its policies stay where they are. */
static bool
is_lost(const struct service *s, ted_link link)
{
	const struct ted_link_row *row = ted_link_at(s->ted, link);
	uint32_t nodes =
	    ted_node_at(s->ted, row->from)->unusable | ted_node_at(s->ted, row->to)->unusable;

	return ((row->unusable & ~(uint32_t)TED_UNUSABLE_ENDPOINT) | nodes) &
	       ~(uint32_t)TED_UNUSABLE_UNKNOWN;
}

static void
check_usable(const struct service *s)
{
	struct service_view_operate operate;

	service_view_operate(s, &operate);
	if (s->noted || s->n_queue > 0 || s->learning || operate.frozen || operate.mode != MODE_ACT)
		return;
	sim_checked(SIM_USABLE);
	sim_checked(SIM_TOGETHER);
	for (size_t i = 0; i < s->n_policies; i++) {
		const struct service_policy *p = s->policies[i];

		if (has_parted(s, p))
			sim_fail(SIM_TOGETHER, "the directions of intent %s part", p->id);
		if (p->failed || p->waits || !p->intent || p->intent->pending || p->unbound ||
		    p->now.record->removing)
			continue;
		for (size_t k = 0; k < srpolicy_n_lists(&p->now.record->srpolicy); k++)
			for (size_t j = 0; j < p->n_links[k]; j++)
				if (is_lost(s, p->links[k][j]))
					sim_fail(SIM_USABLE, "policy %s uses link %s", p->id,
						 ted_link_at(s->ted, p->links[k][j])->name);
	}
}

struct comparison {
	const struct version *v;
	size_t at;
	bool differ;
};

static void
compare_key(void *ctx, const char *key, uint64_t bps)
{
	struct comparison *c = ctx;

	c->differ = c->differ || c->at >= c->v->n_keys || c->v->bps[c->at] != bps ||
		    strcmp(c->v->keys[c->at], key) != 0;
	c->at++;
}

static bool
is_version(const struct version *v, const struct policy_record *r)
{
	struct comparison c = { v, 0, v->gone || v->generation != r->generation };

	if (!c.differ)
		each_booking(r, compare_key, &c);
	return !c.differ && c.at == v->n_keys && v->canon == canon_of(&r->srpolicy);
}

/* While the store fails a record may count, and be followed by another one, without ever being
 * handed over. */
static void
remember_now(const struct service *s)
{
	for (size_t i = 0; i < s->n_policies; i++) {
		const struct service_policy *p = s->policies[i];
		const struct past *past = past_of(p->id, true);
		bool known = !p->dirty;

		for (size_t k = past->n; k > 0 && !known; k--)
			known = is_version(&past->versions[k - 1], p->now.record);
		if (!known)
			remember(p->id, p->now.record);
	}
}

void
invariants_check(void)
{
	struct service *s;

	karst_reap();
	s = service();
	if (!s || !seen.stepped || sim.result.failed)
		return;
	seen.stepped = false;
	sim_checked(SIM_LIVE);
	remember_now(s);
	check_ledger(s);
	check_routers(s);
	check_usable(s);
	measure_check();
	client_check();
}

/* --- what commits do --- */

static void
check_removed(const struct sim_router *r, const struct router_policy *was)
{
	const struct past *past = past_of(was->name + strlen(karst_config.name_prefix), false);

	sim_checked(SIM_REMOVED);
	if (!past || past->n == 0 || seen.phase[r->number] == DEPLOY_CANCEL || r->tampered ||
	    past->lost || past->unsaved)
		return;
	/* What was not stored yet may have died with karstd. */
	for (size_t i = past->n; i > 0; i--) {
		const struct version *v = &past->versions[i - 1];

		if (v->gone || v->removing || v->color != was->color ||
		    strcmp(v->endpoint, was->endpoint) != 0)
			return;
		if (v->durable)
			break;
	}
	sim_fail(SIM_REMOVED, "router %s: %s was taken off, but it is wanted", r->name, was->name);
}

void
invariants_committed(const struct sim_router *r, const struct router_set *before, uint32_t session)
{
	(void)session;
	sim_checked(SIM_FOREIGN);
	if (set_foreign_hash(&r->running) != r->foreign_hash)
		sim_fail(SIM_FOREIGN,
			 "router %s: others' policies changed, or their edits were "
			 "committed",
			 r->name);
	for (size_t i = 0; i < before->n; i++) {
		const struct router_policy *p = before->at[i];

		if (router_is_ours(p) && !set_find(&r->running, p->color, p->endpoint))
			check_removed(r, p);
	}
}
