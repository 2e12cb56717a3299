/*
 * People: they ask for intents, change and delete them, drain, undrain, change the mode, and keep a
 * list of what was acknowledged. What was asked and not answered when karstd died is in doubt until
 * it says after its restart what it has.
 */
#include <stdio.h>
#include <string.h>

#include "pce/service/internal.h"
#include "tests/sim/sim.h"

#define M ((uint64_t)1000000)
#define INTENTS 24
#define FIRST_REQUEST 1000000000000ULL

struct known {
	char id[12];
	uint32_t from, to; /* nodes */
	bool exists, in_doubt;
	bool refused_by_disk; /* see client_karst_died */
	uint64_t bandwidth_bps;
	uint64_t request; /* unanswered; 0 none */
	bool deletes;
	uint64_t wanted_bps;
};

static struct known known[INTENTS];
static unsigned n_known;
static uint64_t next_request;

void client_reply(const struct service_effect *effect);

void
client_make(void)
{
	memset(known, 0, sizeof(known));
	next_request = FIRST_REQUEST;
	n_known = network.n_nodes > 20 ? INTENTS : 8;
	for (unsigned i = 0; i < n_known; i++) {
		struct known *k = &known[i];

		snprintf(k->id, sizeof(k->id), "i%u", i);
		k->from = routers.at[sim_below(routers.n)].node;
		do
			k->to = sim_below(network.n_nodes);
		while (k->to == k->from);
	}
}

void
client_free(void)
{
	n_known = 0;
}

static void
post(struct service_event *event)
{
	sim.in_karst = true;
	daemon_post(sim.daemon, event);
	sim.in_karst = false;
}

static bool
is_there(void)
{
	return sim.daemon && !sim.dead && !sim.daemon->failed;
}

static struct intent
draw(uint64_t *random, struct known *k)
{
	struct intent intent = intent_init();

	intent.id = k->id;
	intent.from = network.nodes[k->from].name;
	intent.to = network.nodes[k->to].name;
	intent.bandwidth_bps = suite_below(random, 4) * 50 * M;
	intent.priority = (uint8_t)suite_below(random, 8);
	intent.objective = (enum path_objective)suite_below(random, 4);
	intent.disjoint = suite_below(random, 6) == 0 ? PATH_DISJOINT_LINK : PATH_DISJOINT_NONE;
	intent.bidirectional = suite_below(random, 3) == 0;
	intent.loose = suite_below(random, 3) == 0;
	if (suite_below(random, 4) == 0) {
		intent.bidirectional = intent.co_routed = true;
		intent.loose = false;
	}
	intent.keep_if_unplaced = suite_below(random, 4) == 0;
	k->deletes = false;
	k->wanted_bps = intent.bandwidth_bps;
	return intent;
}

void
client_put(uint64_t *random)
{
	struct known *k = &known[suite_below(random, n_known)];
	struct service_event e = { .kind = SERVICE_INTENT_PUT };
	struct intent intent;

	if (!is_there() || k->request)
		return;
	intent = draw(random, k);
	e.id = k->request = next_request++;
	e.u.intent_put.intent = &intent;
	e.u.intent_put.author = "sim";
	sim_log("put %s with %llu bit/s", k->id, (unsigned long long)k->wanted_bps);
	post(&e);
}

void
client_put_many(uint64_t *random)
{
	struct service_event e = { .kind = SERVICE_INTENTS_PUT };
	struct intent intents[4];
	const struct intent *wanted[4];
	size_t n = 0;

	if (!is_there())
		return;
	e.id = next_request++;
	for (unsigned i = suite_below(random, n_known); i < n_known && n < 4;
	     i += 1 + suite_below(random, 2)) {
		if (known[i].request)
			continue;
		intents[n] = draw(random, &known[i]);
		wanted[n] = &intents[n];
		known[i].request = e.id;
		sim_log("put %s with others, with %llu bit/s", known[i].id,
			(unsigned long long)known[i].wanted_bps);
		n++;
	}
	e.u.intents_put.intents = wanted;
	e.u.intents_put.n = n;
	e.u.intents_put.author = "sim";
	post(&e);
}

void
client_delete(uint64_t *random)
{
	struct known *k = &known[suite_below(random, n_known)];
	struct service_event e = { .kind = SERVICE_INTENT_DELETE };

	if (!is_there() || k->request)
		return;
	e.id = k->request = next_request++;
	k->deletes = true;
	e.u.intent_delete.intent_id = k->id;
	e.u.intent_delete.author = "sim";
	sim_log("delete %s", k->id);
	post(&e);
}

static void
order(struct service_event *e)
{
	e->kind = SERVICE_OPERATE;
	e->id = next_request++;
	e->u.operate.author = "sim";
	post(e);
}

void
client_drain(uint64_t *random)
{
	struct service_event e = { 0 };
	uint32_t node = suite_below(random, network.n_nodes);
	uint32_t link = suite_below(random, network.n_links);

	if (!is_there())
		return;
	e.u.operate.kind = suite_below(random, 2) ? OPERATE_DRAIN : OPERATE_UNDRAIN;
	e.u.operate.drain = (struct drain){ .kind = DRAIN_NODE, .name = network.nodes[node].name };
	if (suite_below(random, 2))
		e.u.operate.drain =
		    (struct drain){ .kind = DRAIN_LINK, .name = network.links[link].name };
	e.u.operate.dry_run = suite_below(random, 4) == 0;
	order(&e);
}

static void
set_mode(struct scoped_mode scope, enum operate_mode mode)
{
	struct service_event e = { 0 };

	e.u.operate.kind = OPERATE_SET_MODE;
	e.u.operate.scope = scope;
	e.u.operate.mode = mode;
	order(&e);
}

static void
resume(void)
{
	struct service_event e = { 0 };

	e.u.operate.kind = OPERATE_RESUME;
	order(&e);
}

void
client_mode(uint64_t *random)
{
	static const enum operate_mode modes[] = { MODE_ACT, MODE_ACT, MODE_ADVISE, MODE_OBSERVE };
	struct scoped_mode scope = { .scope = SCOPE_NETWORK };

	if (!is_there())
		return;
	if (suite_below(random, 3) == 0) {
		resume();
		return;
	}
	if (suite_below(random, 3) == 0) {
		scope.scope = SCOPE_INTENT;
		scope.name = known[suite_below(random, n_known)].id;
	} else if (suite_below(random, 2)) {
		scope.scope = SCOPE_HEADEND;
		scope.name = network.nodes[routers.at[suite_below(random, routers.n)].node].name;
	}
	set_mode(scope, modes[suite_below(random, 4)]);
}

bool
client_decide(uint64_t *random)
{
	const struct change *c =
	    is_there() ? service_view_change_at(sim.daemon->service, suite_below(random, 3)) : NULL;
	struct service_event e = { 0 };

	if (!c)
		return false;
	e.u.operate.kind = suite_below(random, 4) ? OPERATE_APPROVE : OPERATE_REJECT;
	e.u.operate.change_id = c->id;
	order(&e);
	return true;
}

void
client_reoptimise(uint64_t *random)
{
	struct service_event e = { 0 };

	if (!is_there())
		return;
	e.u.operate.kind = OPERATE_REOPTIMISE;
	e.u.operate.dry_run = suite_below(random, 4) == 0;
	e.u.operate.intent = suite_below(random, 2) ? known[suite_below(random, n_known)].id : NULL;
	order(&e);
}

bool
client_acknowledge(uint64_t *random)
{
	struct service_event e = { 0 };
	struct alarm alarm;
	char object[300], cause[64];
	uint32_t n = 0;

	while (is_there() && service_view_alarm_at(sim.daemon->service, n, &alarm))
		n++;
	if (n == 0 || !service_view_alarm_at(sim.daemon->service, suite_below(random, n), &alarm))
		return false;
	snprintf(object, sizeof(object), "%s", alarm.object);
	snprintf(cause, sizeof(cause), "%s", alarm.cause);
	e.u.operate.kind = OPERATE_ACKNOWLEDGE;
	e.u.operate.alarm_object = object;
	e.u.operate.alarm_cause = cause;
	order(&e);
	return true;
}

void
client_heal(void)
{
	struct service_view_operate now;
	struct scoped_mode mode;
	size_t drains, modes = 0;

	if (!is_there())
		return;
	service_view_operate(sim.daemon->service, &now);
	if (now.mode != MODE_ACT)
		set_mode((struct scoped_mode){ .scope = SCOPE_NETWORK }, MODE_ACT);
	if (now.frozen)
		resume();
	while (is_there() && service_view_mode_at(sim.daemon->service, modes, &mode)) {
		char name[128];
		struct scoped_mode scope = { .scope = mode.scope, .name = name };

		snprintf(name, sizeof(name), "%s", mode.name);
		if (mode.mode != MODE_ACT)
			set_mode(scope, MODE_ACT);
		modes++;
	}
	if (!is_there())
		return;
	drains = service_view_drain_count(sim.daemon->service);
	for (size_t i = 0; i < drains && is_there(); i++) {
		struct service_event e = { 0 };
		struct service_view_drain v;
		char name[128];

		if (!service_view_drain_at(sim.daemon->service, 0, &v))
			return;
		snprintf(name, sizeof(name), "%s", v.drain.name);
		e.u.operate.kind = OPERATE_UNDRAIN;
		e.u.operate.drain = (struct drain){ .kind = v.drain.kind, .name = name };
		order(&e);
	}
}

void
client_reply(const struct service_effect *effect)
{
	const struct service_reply *r = &effect->u.reply;

	sim_hash(&r->status, sizeof(r->status));
	for (unsigned i = 0; i < n_known; i++) {
		struct known *k = &known[i];

		if (k->request != effect->id)
			continue;
		sim_log("%s: %s %s", k->id, pce_status_name(r->status), r->error.text);
		k->request = 0;
		if (r->status == PCE_IO && sim.options.matrix != MATRIX_IO_FAILS_DIES)
			k->refused_by_disk = true;
		if (r->status != PCE_OK && !(k->deletes && r->status == PCE_NOT_FOUND))
			continue;
		k->exists = !k->deletes;
		k->bandwidth_bps = k->wanted_bps;
	}
}

/*
 * What was asked and not answered is in doubt. So is what a disk refused, until it takes something
 * again: a sync that fails says nothing about what the disk has.
 */
void
client_karst_died(void)
{
	for (unsigned i = 0; i < n_known; i++) {
		struct known *k = &known[i];

		k->in_doubt = k->in_doubt || k->request || k->refused_by_disk;
		k->refused_by_disk = false;
		k->request = 0;
	}
}

void
client_disk_works(void)
{
	for (unsigned i = 0; i < n_known; i++)
		known[i].refused_by_disk = false;
}

/* An intent that failed has one alarm, one that is whole has none. */
static void
check_alarm(const struct service_view_intent *v)
{
	struct alarm alarm;
	unsigned n = 0;

	for (size_t i = 0; service_view_alarm_at(sim.daemon->service, i, &alarm); i++)
		n += strncmp(alarm.object, "intent/", 7) == 0 &&
		     strcmp(alarm.object + 7, v->intent->id) == 0;
	if (v->state == INTENT_FAILED)
		sim_checked(SIM_ALARMED);
	if (n > 1 || (v->state == INTENT_FAILED && n == 0) || (v->state == INTENT_ACTIVE && n > 0))
		sim_fail(SIM_ALARMED, "intent %s is %s and has %u alarms", v->intent->id,
			 intent_state_name(v->state), n);
}

void
client_check(void)
{
	struct service_view_intent view;

	if (!is_there())
		return;
	for (size_t i = 0; service_view_intent_at(sim.daemon->service, i, &view); i++)
		check_alarm(&view);
	sim_checked(SIM_ACKNOWLEDGED);
	for (unsigned i = 0; i < n_known; i++) {
		struct known *k = &known[i];
		struct service_view_intent v = { 0 };
		bool there;

		if (k->request)
			continue;
		there = service_view_intent_by_id(sim.daemon->service, k->id, &v);
		if (k->in_doubt) {
			k->in_doubt = false;
			k->exists = there;
			k->bandwidth_bps = there ? v.intent->bandwidth_bps : 0;
		} else if (there != k->exists) {
			sim_fail(SIM_ACKNOWLEDGED,
				 "intent %s: %s, but what was acknowledged says %s", k->id,
				 there ? "there" : "not there", k->exists ? "there" : "not there");
		} else if (there && v.intent->bandwidth_bps != k->bandwidth_bps) {
			sim_fail(SIM_ACKNOWLEDGED,
				 "intent %s has %llu bit/s, but %llu were acknowledged", k->id,
				 (unsigned long long)v.intent->bandwidth_bps,
				 (unsigned long long)k->bandwidth_bps);
		}
	}
}
