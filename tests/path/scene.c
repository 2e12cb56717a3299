#include "tests/path/scene.h"

static void
draw_metrics(struct scene *s, uint32_t link)
{
	struct ted_link_attr *a = &s->links[link].attr.link;
	uint32_t most = suite_below(&s->state, 8) == 0 ? 1000 : 6;

	a->igp_metric = s->least + suite_below(&s->state, most);
	a->te_metric = s->least + suite_below(&s->state, most);
	a->delay_us = s->least + suite_below(&s->state, most);
	if (suite_below(&s->state, 60) == 0)
		a->igp_metric = UINT32_MAX - suite_below(&s->state, 2);
	if (!s->risky)
		return;
	a->present |= TED_LINK_AVAILABILITY;
	a->unavailability_ppt = s->least + suite_below(&s->state, most) * (uint64_t)20000000;
	if (suite_below(&s->state, 3) == 0)
		a->unavailability_ppt += suite_below(&s->state, 100000);
	if (suite_below(&s->state, 100) == 0)
		a->unavailability_ppt = 1000000000000 - suite_below(&s->state, 2);
}

/* Says a node with one of a few probabilities of failure. */
static void
say_risky_node(struct scene *s, uint32_t node)
{
	struct ted_delta d = { .object = TED_OBJECT_NODE };

	d.key.node = net_isis(node + 1);
	d.attr.node.present = TED_NODE_AVAILABILITY;
	if (s->risky)
		d.attr.node.unavailability_ppt = suite_below(&s->state, 3) * (uint64_t)10000000;
	say(s->ted, FILE_1, d);
}

static struct ted_link_key
key_of(uint32_t a, uint32_t b, uint32_t local, uint32_t remote)
{
	struct ted_link_key key = net_link(net_isis(a + 1), net_isis(b + 1));

	key.has_ids = true;
	key.local_id = local + 1;
	key.remote_id = remote + 1;
	return key;
}

/* Adds a link whose reverse has this number, or its own number: it stands alone. */
static void
add_link(struct scene *s, uint32_t a, uint32_t b, uint32_t reverse)
{
	struct ted_delta *d = &s->links[s->m];

	*d = (struct ted_delta){ .object = TED_OBJECT_LINK };
	d->key.link = key_of(a, b, s->m, reverse);
	s->reverse[s->m] = key_of(b, a, reverse, s->m);
	d->attr.link.present = TED_LINK_IGP_METRIC | TED_LINK_TE_METRIC | TED_LINK_DELAY |
			       TED_LINK_START_RESIDUAL | TED_LINK_AFFINITY | TED_LINK_SRLG;
	d->attr.link.start_residual_bps = 1000 * (1 + suite_below(&s->state, 4));
	s->affinity[s->m] = 1u << suite_below(&s->state, 8);
	d->attr.link.affinity = &s->affinity[s->m];
	d->attr.link.n_affinity = 1;
	if (reverse != s->m) {
		d->attr.link.present |= TED_LINK_REVERSE;
		d->attr.link.reverse = &s->reverse[s->m];
	}
	s->srlg[s->m] = 1 + suite_below(&s->state, SCENE_NODES);
	d->attr.link.srlg = &s->srlg[s->m];
	d->attr.link.n_srlg = 1;
	draw_metrics(s, s->m);
	say(s->ted, FILE_1, *d);
	s->m++;
}

static void
join(struct scene *s, uint32_t a, uint32_t b)
{
	bool both = suite_below(&s->state, 10) > 0;

	add_link(s, a, b, both ? s->m + 1 : s->m);
	if (both)
		add_link(s, b, a, s->m - 1);
}

static void
draw(struct scene *s, unsigned seed, bool risky)
{
	*s = (struct scene){ .state = seed, .least = seed % 2, .risky = risky };
	ck_assert(ted_new(&s->ted, seed, NULL) == PCE_OK);
	for (uint32_t i = 0; i < SCENE_NODES; i++)
		say_risky_node(s, i);
	for (uint32_t c = 0; c < SCENE_CORES; c++) {
		uint32_t base = c * SCENE_REGION;

		join(s, base, (base + SCENE_REGION) % SCENE_NODES);
		join(s, base, (base + 2 * SCENE_REGION) % SCENE_NODES);
		for (uint32_t i = 1; i < SCENE_REGION; i++) {
			join(s, base + i, base + suite_below(&s->state, i));
			join(s, base + i, base + (i > 4 ? i - 1 - suite_below(&s->state, 4) : 0));
		}
	}
	settle(s->ted, NULL);
	ck_assert(path_engine_new(s->ted, &s->guided, NULL) == PCE_OK);
	ck_assert(path_engine_new(s->ted, &s->plain, NULL) == PCE_OK);
	s->plain->guide.tried = true; /* no hierarchy, it says */
}

void
scene_draw(struct scene *s, unsigned seed)
{
	draw(s, seed, false);
}

void
scene_draw_risky(struct scene *s, unsigned seed)
{
	draw(s, seed, true);
}

void
scene_free(struct scene *s)
{
	path_engine_free(s->guided);
	path_engine_free(s->plain);
	ted_free(s->ted);
}

void
scene_change(struct scene *s)
{
	const struct ted_change *changes;
	size_t n;

	for (unsigned i = 0; i < 4; i++) {
		uint32_t link = suite_below(&s->state, s->m);

		if (suite_below(&s->state, 4) == 0)
			s->links[link].attr.link.start_residual_bps =
			    1000 * (1 + suite_below(&s->state, 4));
		else
			draw_metrics(s, link);
		say(s->ted, FILE_1, s->links[link]);
	}
	if (s->risky && suite_below(&s->state, 2) == 0)
		say_risky_node(s, suite_below(&s->state, SCENE_NODES));
	n = settle(s->ted, &changes);
	ck_assert(path_engine_refresh(s->guided, changes, n, NULL) == PCE_OK);
	ck_assert(path_engine_refresh(s->plain, changes, n, NULL) == PCE_OK);
	s->plain->guide.tried = true;
}

struct path_request
scene_request(struct scene *s)
{
	uint32_t from = suite_below(&s->state, SCENE_NODES),
		 to = suite_below(&s->state, SCENE_NODES - 1);
	enum path_objective objective = (enum path_objective)suite_below(&s->state, 3);
	struct path_request r = path_request_init(from, to >= from ? to + 1 : to, objective);

	if (suite_below(&s->state, 3) == 0)
		r.bandwidth_bps = 1000 * (1 + suite_below(&s->state, 3));
	if (suite_below(&s->state, 2) == 0) {
		s->words[0] = 0;
		for (unsigned i = 0; i < 3; i++)
			s->words[0] |= 1u << suite_below(&s->state, 8);
		r.exclude_any.words = s->words;
		r.exclude_any.n = 1;
	}
	if (suite_below(&s->state, 4) == 0)
		r.n_ties = (uint8_t)suite_below(&s->state, 3);
	if (suite_below(&s->state, 6) == 0)
		r.ties[0] = PATH_TIE_HOPS;
	return r;
}
