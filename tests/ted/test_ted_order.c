/*
 * Properties of merging on random networks: the order of arrival, the split over peers, settles in
 * between and the hash seed change nothing; and every row is what a much simpler model of the rules
 * says (one table [source][object], read from scratch for every row).
 */
#include <stdio.h>
#include <string.h>

#include "tests/support/suite.h"
#include "tests/ted/net.h"
#include "tests/ted/random_steps.h"

/* The model. */
enum fresh { FRESH, STALE, UNKNOWN };

struct statement {
	enum { NEVER, SAID, TAKEN_BACK } state;
	enum fresh fresh;
	bool repeated; /* since the source came up */
	struct ted_delta delta;
};

struct model {
	struct statement said[N_SOURCES][MAX_OBJECTS];
	bool lost[N_SOURCES], expired[N_SOURCES];
	bool complete[N_SOURCES]; /* told all that it has, once */
};

static void
model_event(struct model *m, int source, enum ted_source_event what)
{
	for (int i = 0; i < MAX_OBJECTS; i++) {
		struct statement *s = &m->said[source][i];

		if (what == TED_SOURCE_UP) {
			s->repeated = false;
			if (s->fresh == FRESH)
				s->fresh = STALE;
		} else if (what == TED_SOURCE_LOST && s->fresh == FRESH) {
			s->fresh = STALE;
		} else if (what == TED_SOURCE_EXPIRED) {
			s->fresh = UNKNOWN;
		} else if (what == TED_SOURCE_SYNCED && !m->lost[source] && s->state == SAID &&
			   !s->repeated) {
			s->state = TAKEN_BACK;
		} else if (what == TED_SOURCE_REMOVED) {
			*s = (struct statement){ 0 };
		}
	}
	if (what == TED_SOURCE_UP || what == TED_SOURCE_REMOVED)
		m->lost[source] = m->expired[source] = false;
	if (what == TED_SOURCE_LOST || what == TED_SOURCE_EXPIRED)
		m->lost[source] = true;
	if (what == TED_SOURCE_EXPIRED)
		m->expired[source] = true;
	if (what == TED_SOURCE_REMOVED || (what == TED_SOURCE_SYNCED && !m->lost[source]))
		m->complete[source] = what == TED_SOURCE_SYNCED;
}

static void
model_step(struct model *m, const struct step *step)
{
	struct statement *s;

	if (step->object < 0) {
		model_event(m, step->source, step->event);
		return;
	}
	s = &m->said[step->source][step->object];
	if (step->delta.op == TED_SET)
		*s = (struct statement){ SAID,
					 m->expired[step->source] ? UNKNOWN
					 : m->lost[step->source]  ? STALE
								  : FRESH,
					 true, step->delta };
	else if (s->state == SAID)
		s->state = TAKEN_BACK;
}

static bool
exists_by(int source)
{
	return sources[source].kind <= TED_SOURCE_BGPLS;
}

struct model_row {
	bool there, in_file, in_feed, fresh, known_well, taken_by_feed, ever;
};

/* How much a statement's being there, or having been taken back, counts. */
static int
weight(const struct model *m, int source, const struct statement *s)
{
	if (s->state == TAKEN_BACK ? !m->lost[source] : s->fresh == FRESH)
		return 3;
	return s->fresh == UNKNOWN ? 1 : 2;
}

/* True if feeds that are heard, or were heard later, took back what the others have. */
static bool
is_refuted(const struct model *m, int object)
{
	int most[2] = { 0, 0 };

	for (int i = 0; i < N_SOURCES; i++) {
		const struct statement *s = &m->said[i][object];
		int *at = &most[s->state == TAKEN_BACK];

		if (sources[i].kind == TED_SOURCE_BGPLS && s->state != NEVER &&
		    weight(m, i, s) > *at)
			*at = weight(m, i, s);
	}
	return most[1] > most[0];
}

static struct model_row
model_row(const struct model *m, int object)
{
	bool refuted = is_refuted(m, object);
	struct model_row r = { 0 };

	for (int i = 0; i < N_SOURCES; i++) {
		const struct statement *s = &m->said[i][object];

		if (!exists_by(i) || s->state == NEVER)
			continue;
		r.ever = true;
		if (s->state == TAKEN_BACK) {
			r.taken_by_feed |= sources[i].kind == TED_SOURCE_BGPLS;
			continue;
		}
		if (refuted && sources[i].kind == TED_SOURCE_BGPLS)
			continue;
		r.there = true;
		r.in_file |= sources[i].kind == TED_SOURCE_FILE;
		r.in_feed |= sources[i].kind == TED_SOURCE_BGPLS;
	}
	/* Where a feed has it, a file's word on whether it is there still does not count. */
	for (int i = 0; i < N_SOURCES; i++) {
		const struct statement *s = &m->said[i][object];

		if (!exists_by(i) || s->state != SAID ||
		    sources[i].kind != (r.in_feed ? TED_SOURCE_BGPLS : TED_SOURCE_FILE))
			continue;
		r.fresh |= s->fresh == FRESH;
		r.known_well |= s->fresh != UNKNOWN;
	}
	return r;
}

/* The statement that decides about an attribute: best freshness, then kind, then id. */
static const struct statement *
decides(const struct model *m, int object, uint32_t bit)
{
	const struct statement *best = NULL;

	for (int fresh = FRESH; fresh <= UNKNOWN && !best; fresh++)
		for (int kind = TED_SOURCE_OPERATOR; kind >= TED_SOURCE_FILE && !best; kind--)
			for (int i = 0; i < N_SOURCES && !best; i++) {
				const struct statement *s = &m->said[i][object];
				bool is_link = s->delta.object == TED_OBJECT_LINK;
				uint32_t present = is_link ? s->delta.attr.link.present
							   : s->delta.attr.node.present;

				if ((int)sources[i].kind == kind && s->state == SAID &&
				    (int)s->fresh == fresh && present & bit &&
				    !(is_link && s->delta.attr.link.unusable))
					best = s;
			}
	return best;
}

/* True if a fresh source says down: bit is OPER or ADMIN. */
static bool
says_down(const struct model *m, int object, uint32_t bit)
{
	for (int i = 0; i < N_SOURCES; i++) {
		const struct statement *s = &m->said[i][object];
		const struct ted_link_attr *a = &s->delta.attr.link;

		if (s->state != SAID || s->fresh != FRESH)
			continue;
		if (s->delta.object == TED_OBJECT_NODE) {
			if (s->delta.attr.node.present & bit && s->delta.attr.node.admin_down)
				return true;
		} else if (!a->unusable && a->present & bit &&
			   (bit == TED_LINK_OPER ? a->oper_down : a->admin_down)) {
			return true;
		}
	}
	return false;
}

static uint32_t
common_bits(const struct model *m, int object, uint32_t admin)
{
	struct model_row r = model_row(m, object);
	uint32_t bits = 0;

	if (r.in_file && !r.in_feed && r.taken_by_feed)
		bits |= TED_UNUSABLE_DOWN;
	if (r.there && !r.known_well)
		bits |= TED_UNUSABLE_UNKNOWN;
	if (says_down(m, object, admin))
		bits |= TED_UNUSABLE_ADMIN;
	return bits;
}

/* A feed that told all that it has speaks of the node. */
static bool
told(const struct model *m, int node)
{
	for (int i = 0; i < N_SOURCES; i++)
		if (sources[i].kind == TED_SOURCE_BGPLS && m->complete[i] &&
		    m->said[i][node].state == SAID)
			return true;
	return false;
}

/* Only a file has the link, though a feed should. */
static bool
missed(const struct net *net, const struct model *m, int link)
{
	const struct ted_node_key *a = &net->nodes[net->from[link]],
				  *b = &net->nodes[net->to[link]];
	struct model_row r = model_row(m, net->n_nodes + link);
	bool from = told(m, net->from[link]), to = told(m, net->to[link]);

	if (!r.in_file || r.in_feed)
		return false;
	return (from && to) ||
	       ((from || to) && a->protocol == b->protocol && a->instance == b->instance &&
		a->asn == b->asn && a->bgpls_id == b->bgpls_id);
}

static bool
down_by_itself(const struct net *net, const struct model *m, int link)
{
	int object = net->n_nodes + link;

	return common_bits(m, object, TED_LINK_ADMIN) & TED_UNUSABLE_DOWN ||
	       says_down(m, object, TED_LINK_OPER);
}

/* All feeds that know it best had its attributes discarded. */
static bool
discarded(const struct model *m, int object)
{
	for (int fresh = FRESH; fresh <= UNKNOWN; fresh++) {
		int feeds = 0, bad = 0;

		for (int i = 0; i < N_SOURCES; i++) {
			const struct statement *s = &m->said[i][object];

			if (sources[i].kind != TED_SOURCE_BGPLS || s->state != SAID ||
			    (int)s->fresh != fresh)
				continue;
			feeds++;
			bad += s->delta.attr.link.unusable;
		}
		if (feeds > 0)
			return feeds == bad;
	}
	return false;
}

static uint32_t
model_metric(const struct net *net, const struct model *m, int link)
{
	int object = net->n_nodes + link;
	const struct statement *s = decides(m, object, TED_LINK_IGP_METRIC);

	if (net->nodes[net->from[link]].router_id_len == 7)
		return 0;
	if (!s)
		return model_row(m, object).in_feed ? TED_METRIC_UNREACHABLE : 1;
	return s->delta.attr.link.igp_metric >= 0xffffff ? TED_METRIC_UNREACHABLE
							 : s->delta.attr.link.igp_metric;
}

/* The mirror is there; or, at a pseudonode, anything that leads back. */
static bool
has_way_back(const struct net *net, const struct model *m, int link)
{
	bool pseudo = net->nodes[net->from[link]].router_id_len == 7 ||
		      net->nodes[net->to[link]].router_id_len == 7;

	for (int i = 0; i < net->n_links; i++)
		if (pseudo ? net->from[i] == net->to[link] && net->to[i] == net->from[link]
			   : i == net->mirror[link])
			if (model_row(m, net->n_nodes + i).in_feed)
				return true;
	return false;
}

static uint32_t
model_link_bits(const struct net *net, const struct model *m, int link)
{
	int object = net->n_nodes + link, mirror = net->n_nodes + net->mirror[link];
	struct model_row r = model_row(m, object), other = model_row(m, mirror);
	uint32_t bits = common_bits(m, object, TED_LINK_ADMIN);

	for (int end = 0; end < 2; end++) {
		int node = end ? net->to[link] : net->from[link];

		if (!model_row(m, node).there || common_bits(m, node, TED_NODE_ADMIN))
			bits |= TED_UNUSABLE_ENDPOINT;
	}
	if (down_by_itself(net, m, link) || missed(net, m, link))
		bits |= TED_UNUSABLE_DOWN;
	if (r.in_feed && other.in_feed && down_by_itself(net, m, net->mirror[link]))
		bits |= TED_UNUSABLE_DOWN; /* one fibre */
	if (r.in_feed && !has_way_back(net, m, link))
		bits |= TED_UNUSABLE_ONE_WAY;
	if (discarded(m, object))
		bits |= TED_UNUSABLE_ATTRIBUTES;
	if (model_metric(net, m, link) == TED_METRIC_UNREACHABLE)
		bits |= TED_UNUSABLE_METRIC;
	return bits;
}

__extension__ typedef unsigned __int128 wide;

static uint64_t
model_base(const struct net *net, const struct model *m, int link)
{
	int object = net->n_nodes + link;
	const struct statement *capacity = decides(m, object, TED_LINK_CAPACITY);
	const struct statement *share = decides(m, object, TED_LINK_SUBSCRIPTION);
	const struct statement *most = decides(m, object, TED_LINK_RESERVABLE);
	bool pseudo = net->nodes[net->from[link]].router_id_len == 7 ||
		      net->nodes[net->to[link]].router_id_len == 7;
	wide base = pseudo ? UINT64_MAX : 0;

	if (capacity)
		base = (wide)capacity->delta.attr.link.capacity_bps *
		       (share ? share->delta.attr.link.subscription_ppm : 1000000) / 1000000;
	else if (most)
		base = most->delta.attr.link.reservable_bps;
	if (most && base > most->delta.attr.link.reservable_bps)
		base = most->delta.attr.link.reservable_bps;
	return base >= UINT64_MAX ? UINT64_MAX : (uint64_t)base;
}

static const struct ted_link_row *
row_of_link(const struct ted *ted, const struct net *net, int link)
{
	for (ted_link i = 0; i < ted_link_count(ted); i++) {
		const struct ted_link_row *r = ted_link_at(ted, i);

		if (ip_compare(&r->v4_local, &net->links[link].v4_local) == 0)
			return r;
	}
	return NULL;
}

static void
check_link(const struct ted *ted, const struct net *net, const struct model *m, int link)
{
	int object = net->n_nodes + link;
	struct model_row r = model_row(m, object);
	const struct ted_link_row *row = row_of_link(ted, net, link);
	const struct statement *s;

	if (!r.there) {
		ck_assert(!row || row->unusable & TED_UNUSABLE_WITHDRAWN);
		return;
	}
	ck_assert_ptr_nonnull(row);
	ck_assert_uint_eq(row->unusable, model_link_bits(net, m, link));
	ck_assert_uint_eq(row->igp_metric, model_metric(net, m, link));
	ck_assert_int_eq(row->stale, !r.fresh);
	s = decides(m, object, TED_LINK_CAPACITY);
	ck_assert_int_eq(row->has_capacity, s != NULL);
	if (s)
		ck_assert_uint_eq(row->capacity_bps, s->delta.attr.link.capacity_bps);
	ck_assert_uint_eq(row->base_bps, model_base(net, m, link));
	if (r.in_feed && model_row(m, net->n_nodes + net->mirror[link]).in_feed)
		ck_assert_ptr_eq(ted_link_at(ted, row->reverse),
				 row_of_link(ted, net, net->mirror[link]));
	else
		ck_assert_uint_eq(row->reverse, TED_NONE);
}

static void
check_node(const struct ted *ted, const struct net *net, const struct model *m, int node)
{
	const struct ted_node_row *row = NULL;
	struct model_row r = model_row(m, node);
	const struct statement *overload = decides(m, node, TED_NODE_OVERLOAD);
	char key[64];
	ted_node found;

	snprintf(key, sizeof(key), "isis-l2:0:65000:0:0:0:%012x%s", node + 1,
		 net->nodes[node].router_id_len == 7 ? "03" : "");
	found = ted_node_by_key(ted, key);
	if (found != TED_NONE)
		row = ted_node_at(ted, found);
	if (!r.there) {
		ck_assert(!row || row->unusable & TED_UNUSABLE_WITHDRAWN);
		return;
	}
	ck_assert_ptr_nonnull(row);
	ck_assert_uint_eq(row->unusable, common_bits(m, node, TED_NODE_ADMIN));
	ck_assert_int_eq(row->overload, overload && overload->delta.attr.node.overload);
	ck_assert_int_eq(row->stale, !r.fresh);
	ck_assert_int_eq(row->pseudonode, net->nodes[node].router_id_len == 7);
}

static struct ted *
new_ted(uint64_t seed)
{
	struct ted *ted;
	struct pce_error err;

	ck_assert_int_eq(ted_new(&ted, seed, &err), PCE_OK);
	return ted;
}

static void
do_step(struct ted *ted, const struct step *step)
{
	if (step->object < 0)
		event(ted, sources[step->source], step->event);
	else
		say(ted, sources[step->source], step->delta);
}

static char *
dump(struct ted *ted)
{
	struct text text = { 0 };
	char *at;

	settle(ted, NULL);
	ted_dump(ted, &text);
	at = text_take(&text);
	ck_assert_ptr_nonnull(at);
	return at;
}

/* Fails with the first line that differs. */
static void
expect_equal(const char *got, const char *expected, unsigned seed, unsigned order)
{
	const char *a = got, *b = expected;

	if (!expected || strcmp(got, expected) == 0)
		return;
	while (strcspn(a, "\n") == strcspn(b, "\n") && strncmp(a, b, strcspn(a, "\n")) == 0) {
		a += strcspn(a, "\n") + 1;
		b += strcspn(b, "\n") + 1;
	}
	fprintf(stderr, "seed %u order %u:\n%.*s\nbut before:\n%.*s\n", seed, order,
		(int)strcspn(a, "\n"), a, (int)strcspn(b, "\n"), b);
	ck_abort_msg("seed %u order %u: the dumps differ", seed, order);
}

START_TEST(settle_random_statements_equal_the_model)
{
	static struct net net;
	static struct model model;

	for (unsigned seed = 0; seed < suite_seeds(); seed++) {
		uint64_t random = seed;
		struct ted *ted = new_ted(seed);
		int first_event;

		make_net(&net, &random);
		make_steps(&net, &first_event, &random);
		memset(&model, 0, sizeof(model));
		for (int i = 0; i < net.n_steps; i++) {
			do_step(ted, &net.steps[i]);
			model_step(&model, &net.steps[i]);
			if (suite_below(&random, 6) && i + 1 < net.n_steps)
				continue;
			settle(ted, NULL);
			for (int j = 0; j < net.n_nodes; j++)
				check_node(ted, &net, &model, j);
			for (int j = 0; j < net.n_links; j++)
				check_link(ted, &net, &model, j);
		}
		ted_free(ted);
	}
}
END_TEST

/* Shuffles what is said, but keeps what one source says about one object in order. */
static void
shuffle(struct step *steps, int n, uint64_t *random)
{
	for (int i = n - 1; i > 0; i--) {
		int at = i, target = (int)suite_below(random, (uint32_t)i + 1);

		/* Move step i back to target, but not past one about the same. */
		for (; at > target; at--) {
			struct step s = steps[at];

			if (steps[at - 1].source == s.source && steps[at - 1].object == s.object)
				break;
			steps[at] = steps[at - 1];
			steps[at - 1] = s;
		}
	}
}

/* Adds static objects of a file that may be the same as some of the net, and other odd things. */
static void
add_oddities(struct net *net, uint64_t *random)
{
	static struct ted_link_key reverse[2];
	int n = 0;

	for (int i = 0; i < net->n_nodes && net->n_steps < MAX_STEPS; i++) {
		struct step s = { 0, 1000 + i % 4, 0, { .object = TED_OBJECT_NODE } };

		s.delta.key.node = net_static(some_names[i % 4]);
		s.delta.attr.node.present = TED_NODE_LABEL;
		s.delta.attr.node.label = "from file";
		random_router_ids(&s.delta.attr.node, random);
		net->steps[net->n_steps++] = s;
	}
	for (int i = 0; i < 6 && net->n_steps < MAX_STEPS; i++) {
		uint32_t a = suite_below(random, 4), b = suite_below(random, 4);
		uint32_t c = suite_below(random, 4);
		struct step s = { 0, 2000 + (int)(a * 16 + b * 4 + c), 0, { 0 } };
		struct ted_link_key *key = &s.delta.key.link;

		s.source = (int)suite_below(random, 2);
		s.delta.object = TED_OBJECT_LINK;
		*key = net_link(net_static(some_names[a]), net_static(some_names[b]));
		key->name = c ? some_names[c] : "fibre";
		if (net->n_links > 0 && suite_below(random, 3) == 0) {
			/* Identifiers of a link of the net, and a key of their own. */
			int other = (int)suite_below(random, (uint32_t)net->n_links);

			key->v4_local = net->links[other].v4_local;
			key->v4_remote = net->links[other].v4_remote;
			key->local_id = net->links[other].local_id;
			key->has_ids = net->links[other].has_ids;
			s.object += 100 * (other + 1);
		}
		s.delta.attr.link.present = TED_LINK_CAPACITY;
		s.delta.attr.link.capacity_bps = (uint64_t)i + 1;
		if (n < 2 && suite_below(random, 2)) {
			reverse[n] = net_link(key->remote, key->local);
			reverse[n].name = some_names[suite_below(random, 4)];
			s.delta.attr.link.present |= TED_LINK_REVERSE;
			s.delta.attr.link.reverse = &reverse[n++];
		}
		net->steps[net->n_steps++] = s;
	}
	for (uint32_t i = 0; i < 4 && net->n_steps < MAX_STEPS; i++) {
		struct step s = { (int)suite_below(random, N_SOURCES), 3000 + (int)i, 0, { 0 } };

		s.delta.object = i % 2   ? TED_OBJECT_SRLG
				 : i % 4 ? TED_OBJECT_SITE
					 : TED_OBJECT_AFFINITY;
		s.delta.key.number = suite_below(random, 3);
		s.object = 3000 + (int)s.delta.key.number + 10 * (int)s.delta.object;
		s.delta.attr.srlg.name = some_names[suite_below(random, 4)];
		s.delta.attr.srlg.unavailability_ppt = suite_below(random, 100);
		net->steps[net->n_steps++] = s;
	}
}

/* Links without addresses: parallel ones that only ids, or nothing, tell apart. */
static void
blur(struct net *net, uint64_t *random)
{
	for (int i = 0; i < net->n_links; i++) {
		struct ted_link_key *key = &net->links[i];
		uint32_t how = suite_below(random, 6);

		if (how >= 3)
			continue;
		key->v4_local = key->v4_remote = (struct ip_addr){ 0 };
		key->has_ids = true;
		key->local_id = (uint32_t)i + 1;
		key->remote_id = how == 1 ? (uint32_t)net->mirror[i] + 1 : 0;
	}
}

START_TEST(settle_any_order_gives_equal_dumps)
{
	static struct net net;
	static struct step steps[MAX_STEPS];

	for (unsigned seed = 0; seed < suite_seeds(); seed++) {
		uint64_t random = seed;
		char *expected = NULL;
		int first_event, n;

		make_net(&net, &random);
		blur(&net, &random);
		make_steps(&net, &first_event, &random);
		n = net.n_steps = first_event; /* events belong to an order */
		add_oddities(&net, &random);
		n = net.n_steps;
		for (unsigned order = 0; order < 4; order++) {
			struct ted *ted = new_ted(suite_random(&random));
			char *got;

			memcpy(steps, net.steps, sizeof(steps));
			if (order > 0)
				shuffle(steps, n, &random);
			for (int i = 0; i < n; i++) {
				do_step(ted, &steps[i]);
				if (suite_below(&random, 8) == 0)
					do_step(ted, &steps[i]);
				if (order > 1 && suite_below(&random, 8) == 0)
					settle(ted, NULL);
			}
			event(ted, PEER_2, TED_SOURCE_LOST);
			event(ted, PEER_1, seed % 3 ? TED_SOURCE_LOST : TED_SOURCE_EXPIRED);
			if (seed % 5 == 0)
				event(ted, PEER_2, TED_SOURCE_REMOVED);
			got = dump(ted);
			expect_equal(got, expected, seed, order);
			free(expected);
			expected = got;
			ted_free(ted);
		}
		free(expected);
	}
}
END_TEST

START_TEST(settle_any_split_over_peers_gives_equal_dumps)
{
	static struct net net;
	char *expected = NULL;
	uint64_t random = 7;

	do
		make_net(&net, &random);
	while (net.n_links < 16);
	for (unsigned seed = 0; seed < suite_seeds(); seed++) {
		struct ted *ted = new_ted(suite_random(&random));
		int order[MAX_OBJECTS], n = net.n_nodes + net.n_links;
		char *got;

		for (int i = 0; i < n; i++) {
			int j = (int)suite_below(&random, (uint32_t)i + 1);

			order[i] = order[j];
			order[j] = i;
		}
		for (int i = 0; i < n; i++) {
			uint32_t peers = seed ? 1 + suite_below(&random, 7) : 1;
			uint64_t fixed = (uint64_t)order[i] + 1000;
			struct ted_delta d = random_delta(&net, 2, order[i], &fixed);

			d.op = TED_SET;
			for (int p = 0; p < 3; p++) {
				if (!(peers & 1u << p) && suite_below(&random, 3) == 0) {
					/* Said and taken back is as never said, if others have it.
					 */
					say(ted, sources[2 + p], d);
					d.op = TED_DELETE;
					say(ted, sources[2 + p], d);
					d.op = TED_SET;
				}
				if (peers & 1u << p)
					say(ted, sources[2 + p], d);
			}
			if (suite_below(&random, 10) == 0)
				settle(ted, NULL);
		}
		got = dump(ted);
		expect_equal(got, expected, seed, 0);
		free(expected);
		expected = got;
		ted_free(ted);
	}
	free(expected);
}
END_TEST

int
main(void)
{
	TCase *t = tcase_create("order");

	tcase_add_test(t, settle_random_statements_equal_the_model);
	tcase_add_test(t, settle_any_order_gives_equal_dumps);
	tcase_add_test(t, settle_any_split_over_peers_gives_equal_dumps);
	return suite_run("ted order", t, 120);
}
