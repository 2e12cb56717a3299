/*
 * Random histories: intents come, change and go, links fail and return, routers refuse, stay silent
 * or go away, the disk fills up, the process dies. After every event the invariants must hold, and
 * when the storm is over everything must have come to rest where it should.
 */
#include "tests/service/history.h"

#include <stdio.h>
#include <string.h>

#define M ((uint64_t)1000000)
#define IDS 8
#define EVENTS 150
#define NOISE 64 /* blocks of memory */

/* What clients know of one intent. */
struct known {
	char id[8];
	unsigned from, to;
	bool exists;
	uint64_t bandwidth_bps;
	bool in_doubt; /* a request was not answered before a crash */
	uint64_t request; /* unanswered, 0 none */
	bool request_deletes;
	uint64_t request_bps;
};

struct history {
	struct world w;
	struct shape shape;
	uint64_t random;
	struct known known[IDS];
};

static uint32_t
below(struct history *h, uint32_t n)
{
	return suite_below(&h->random, n);
}

static void
make_network(struct history *h)
{
	unsigned n = 4 + below(h, 4);

	world_init(&h->w, n, h->random);
	h->w.hash_seed ^= h->shape.hash;
	for (unsigned i = 0; i < n; i++)
		world_fibre(&h->w, i, (i + 1) % n, 5 + below(h, 3) * 5,
			    (1 + below(h, 4)) * 100 * M);
	for (unsigned i = 0; i < n; i++) {
		unsigned a = below(h, n), b = below(h, n);

		if (a != b)
			world_fibre(&h->w, a, b, 5 + below(h, 3) * 5, (1 + below(h, 4)) * 100 * M);
	}
	for (unsigned i = 0; i < h->w.n_fibres; i++)
		h->w.fibres[i].unavailability_ppt = below(h, 4) * (uint64_t)5000000000;
	for (unsigned i = 0; i < n; i++)
		h->w.routers[i].confirmed_commit = below(h, 4) > 0;
	for (unsigned i = 0; i < IDS; i++) {
		struct known *k = &h->known[i];

		snprintf(k->id, sizeof(k->id), "i%u", i);
		k->from = below(h, n);
		k->to = (k->from + 1 + below(h, n - 1)) % n;
	}
	h->w.capacities_change = h->shape.capacities;
	h->w.config.history_moves = 3;
	if (h->shape.damping)
		h->w.config.damping = (struct damping_limits){ 1000, 1500, 1000, 5, 20 };
	h->w.config.change_lifetime_s = h->shape.orders ? below(h, 2) * 200 : 0;
	if (h->shape.orders)
		h->w.config.guard = (struct guard_limits){ .links_percent = 10 + below(h, 60),
							   .least_links = 1,
							   .window_s = 1 + below(h, 20),
							   .heal_after_s = below(h, 10),
							   .moves_per_s = below(h, 6),
							   .moved_percent = below(h, 3) * 30,
							   .moved_window_s = 1 + below(h, 4) };
	world_start(&h->w);
	world_routers_up(&h->w);
}

/* Takes in what was answered since. */
static void
read_replies(struct history *h)
{
	for (unsigned i = 0; i < IDS; i++) {
		struct known *k = &h->known[i];
		const struct world_reply *r = k->request ? world_reply(&h->w, k->request) : NULL;

		if (!r)
			continue;
		k->request = 0;
		if (r->status != PCE_OK)
			continue;
		k->exists = !k->request_deletes;
		k->bandwidth_bps = k->request_bps;
		k->in_doubt = false;
	}
}

static struct intent
some_intent(struct history *h, struct known *k)
{
	struct intent intent = world_intent(&h->w, k->id, k->from, k->to, below(h, 4) * 50 * M);

	intent.priority = (uint8_t)below(h, 8);
	intent.objective = (enum path_objective)below(h, 4);
	intent.disjoint = below(h, 6) == 0 ? PATH_DISJOINT_LINK : PATH_DISJOINT_NONE;
	if (intent.bandwidth_bps > 0 && below(h, 4) == 0) {
		intent.disjoint = PATH_DISJOINT_NONE;
		intent.guarantee = below(h, 2) ? 0.99 : 0.9999;
		intent.max_lists = 1 + below(h, 4);
	}
	intent.bidirectional = below(h, 3) == 0;
	intent.loose = below(h, 3) == 0;
	if (!(intent.guarantee > 0) && below(h, 4) == 0) {
		intent.bidirectional = intent.co_routed = true;
		intent.loose = false;
	}
	intent.keep_if_unplaced = below(h, 4) == 0;
	k->request_deletes = false;
	k->request_bps = intent.bandwidth_bps;
	return intent;
}

static void
put_some(struct history *h)
{
	struct known *k = &h->known[below(h, IDS)];
	struct intent intent;

	if (k->request)
		return;
	intent = some_intent(h, k);
	k->request = world_put(&h->w, &intent);
}

/* All or none of up to four intents. */
static void
put_many(struct history *h)
{
	struct intent intents[4];
	const struct intent *wanted[4];
	struct known *of[4];
	unsigned n = 0;
	uint64_t request;

	for (unsigned i = below(h, IDS); i < IDS && n < 4; i += 1 + below(h, 2)) {
		if (h->known[i].request)
			continue;
		of[n] = &h->known[i];
		intents[n] = some_intent(h, of[n]);
		wanted[n] = &intents[n];
		n++;
	}
	request = world_put_many(&h->w, wanted, n, false);
	for (unsigned i = 0; i < n; i++)
		of[i]->request = request;
}

static void
delete_some(struct history *h)
{
	struct known *k = &h->known[below(h, IDS)];

	if (k->request)
		return;
	k->request_deletes = true;
	k->request = world_delete(&h->w, k->id);
}

static void
change_link(struct history *h)
{
	unsigned fibre = below(h, h->w.n_fibres), half = below(h, 2);
	struct world_fibre *f = &h->w.fibres[fibre];

	switch (below(h, h->shape.capacities ? 6 : 5)) {
	case 0:
	case 1:
		f->up[half] = !f->up[half];
		world_tell_link(&h->w, fibre, half);
		break;
	case 2:
		world_cut(&h->w, fibre);
		break;
	case 3:
		world_mend(&h->w, fibre);
		break;
	case 4:
		f->metric = 5 + below(h, 3) * 5;
		if (f->up[half])
			world_tell_link(&h->w, fibre, half);
		break;
	case 5:
		f->capacity_bps = (1 + below(h, 4)) * 100 * M;
		if (f->up[half])
			world_tell_link(&h->w, fibre, half);
		break;
	}
}

static enum world_result
some_result(struct history *h, const struct world_wait *wait)
{
	if (wait->kind == SERVICE_STORE)
		return h->shape.store_fails && below(h, 6) == 0 ? WORLD_REFUSE : WORLD_OK;
	if (!h->shape.routers_fail || below(h, 4) > 0)
		return WORLD_OK;
	if (wait->kind == SERVICE_READ)
		return WORLD_REFUSE;
	return (enum world_result)(1 + below(h, 4));
}

static void
let_happen(struct history *h)
{
	size_t at;

	if (h->w.n_waits == 0) {
		world_pass(&h->w, below(h, 3000000));
		return;
	}
	at = world_first_of(&h->w, below(h, (uint32_t)h->w.n_waits));
	world_happen(&h->w, at, some_result(h, h->w.waits[at]));
}

static void
crash(struct history *h)
{
	read_replies(h);
	for (unsigned i = 0; i < IDS; i++)
		if (h->known[i].request) {
			h->known[i].request = 0;
			h->known[i].in_doubt = true;
		}
	world_crash(&h->w, below(h, 4));
	world_recover(&h->w);
	world_check(&h->w);
	if (below(h, 2))
		world_routers_up(&h->w);
	world_check(&h->w);
	world_learn(&h->w);
}

static void
lose_feed(struct history *h)
{
	struct service_event e = { .kind = SERVICE_FEED_STATE };

	e.u.feed_state.source = (struct ted_source){ TED_SOURCE_BGPLS, 1 };
	e.u.feed_state.name = "rr1";
	e.u.feed_state.event = TED_SOURCE_LOST;
	e.u.feed_state.stale_time_s = 5;
	world_event(&h->w, &e);
	for (unsigned i = below(h, 5); i > 0; i--)
		let_happen(h);
	world_check(&h->w);
	if (below(h, 2))
		world_pass(&h->w, 6 * (int64_t)USEC_PER_S);
	world_check(&h->w);
	world_learn(&h->w);
}

static void
drain_some(struct history *h)
{
	struct service_event e = { .kind = SERVICE_OPERATE, .id = h->w.next_request++ };
	char name[16];

	snprintf(name, sizeof(name), "n%u", below(h, h->w.n_nodes));
	e.u.operate.kind = below(h, 2) ? OPERATE_DRAIN : OPERATE_UNDRAIN;
	e.u.operate.drain = (struct drain){ .kind = DRAIN_NODE, .name = name };
	e.u.operate.dry_run = below(h, 4) == 0;
	e.u.operate.author = "history";
	world_event(&h->w, &e);
}

/* A mode of some headend or intent. */
static void
mode_some(struct history *h)
{
	enum operate_mode mode = (enum operate_mode)below(h, MODE_COUNT);
	char name[16];

	if (below(h, 2)) {
		snprintf(name, sizeof(name), "n%u", below(h, h->w.n_nodes));
		world_mode(&h->w, mode, SCOPE_HEADEND, name);
	} else {
		world_mode(&h->w, mode, SCOPE_INTENT, h->known[below(h, IDS)].id);
	}
}

/* Somebody decides on what is proposed, or on what is not. */
static void
decide_some(struct history *h)
{
	size_t n = 0;
	uint64_t id = below(h, 1000);

	while (service_view_change_at(h->w.service, n))
		n++;
	if (n > 0 && below(h, 8) > 0)
		id = service_view_change_at(h->w.service, below(h, (uint32_t)n))->id;
	world_decide(&h->w, below(h, 3) ? OPERATE_APPROVE : OPERATE_REJECT, id);
}

/* Karst acts everywhere. */
static void
act_everywhere(struct history *h)
{
	struct scoped_mode m;

	while (service_view_mode_at(h->w.service, 0, &m)) {
		char name[16];

		snprintf(name, sizeof(name), "%s", m.name);
		world_mode(&h->w, MODE_ACT, m.scope, name);
	}
	world_order(&h->w, OPERATE_SET_MODE, MODE_ACT);
}

/* Everything is undrained. */
static void
undrain_all(struct history *h)
{
	struct service_view_drain v;

	while (service_view_drain_at(h->w.service, 0, &v)) {
		struct service_event e = { .kind = SERVICE_OPERATE, .id = h->w.next_request++ };
		char name[16];

		snprintf(name, sizeof(name), "%s", v.drain.name);
		e.u.operate.kind = OPERATE_UNDRAIN;
		e.u.operate.drain = (struct drain){ .kind = DRAIN_NODE, .name = name };
		world_event(&h->w, &e);
	}
}

static void
something(struct history *h)
{
	uint32_t what = below(h, 40);
	unsigned router = below(h, h->w.n_nodes);

	if (what < 7) {
		put_some(h);
	} else if (what == 7) {
		put_many(h);
	} else if (what < 10) {
		delete_some(h);
	} else if (what < 15) {
		change_link(h);
	} else if (what == 15 && h->shape.crashes) {
		crash(h);
	} else if (what == 16 && h->shape.routers_fail) {
		if (h->w.routers[router].up)
			world_router_down(&h->w, router);
		else
			world_router_up(&h->w, router);
	} else if (what == 17 && h->shape.routers_fail && !h->w.routers[router].up) {
		world_commit_expires(&h->w, router);
	} else if (what == 18 && h->shape.feed) {
		lose_feed(h);
	} else if (what == 19 && h->shape.orders) {
		if (below(h, 3) == 0)
			drain_some(h);
		if (below(h, 2) == 0)
			mode_some(h);
		decide_some(h);
		world_order(&h->w, (enum operate_kind)below(h, 2),
			    below(h, 4) ? MODE_ACT : (enum operate_mode)below(h, MODE_COUNT));
	} else {
		let_happen(h);
	}
}

static void
check_known(struct history *h)
{
	for (unsigned i = 0; i < IDS; i++) {
		const struct known *k = &h->known[i];
		const struct intent *stored = world_stored_intent(&h->w, k->id);

		if (k->in_doubt || k->request)
			continue;
		ck_assert_msg((stored != NULL) == k->exists,
			      "intent %s: stored %d, acknowledged %d", k->id, stored != NULL,
			      k->exists);
		if (stored)
			ck_assert_uint_eq(stored->bandwidth_bps, k->bandwidth_bps);
	}
}

/* Takes and gives memory so that addresses differ from run to run. */
static void
make_noise(void **noise, uint64_t *random)
{
	size_t at = suite_below(random, NOISE);

	free(noise[at]);
	noise[at] = malloc(1 + suite_below(random, 5000));
}

void
history_run(uint64_t seed, struct shape shape, const struct history_run *run)
{
	static struct history h;
	void *noise[NOISE] = { NULL };
	uint64_t random = run->noise;

	memset(&h, 0, sizeof(h));
	h.shape = shape;
	h.shape.hash = run->hash_seed;
	h.random = seed;
	h.w.tracing = false;
	make_network(&h);
	h.w.tracing = run->trace != NULL;
	h.w.link_gap_us = below(&h, 2) ? 25000 : 0;
	for (unsigned i = 0; i < EVENTS; i++) {
		something(&h);
		world_check(&h.w);
		if (run->noise)
			make_noise(noise, &random);
		read_replies(&h);
	}
	world_routers_up(&h.w);
	if (shape.orders) {
		world_settle(&h.w); /* what was just told may freeze yet */
		act_everywhere(&h);
		world_order(&h.w, OPERATE_RESUME, MODE_ACT);
		undrain_all(&h);
	}
	world_rest(&h.w);
	read_replies(&h);
	check_known(&h);
	world_check_quiet(&h.w);
	if (run->trace) {
		service_dump(h.w.service, &h.w.trace);
		*run->trace = text_take(&h.w.trace);
	}
	world_free(&h.w);
	for (size_t i = 0; i < NOISE; i++)
		free(noise[i]);
}
