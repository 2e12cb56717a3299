/*
 * What happens when several things fail at once: they are taken out, and the rest is walked. Done
 * for each articulation point, each SRLG and each site.
 */
#include <stdlib.h>
#include <string.h>

#include "models/import/analyse_internal.h"

/* Who is out is marked with the number of the trial, so that nothing has to be cleared. */
struct trial {
	struct analyse_graph *g;
	uint32_t number;
	uint32_t *node_out, *fibre_out, *seen;
	uint32_t *queue;
	uint32_t *largest, *pieces; /* of islands in this trial */
	uint32_t *island_trial; /* trial that these two are of */
};

/* One thing that belongs to a risk. */
struct membership {
	const char *site; /* NULL: an SRLG */
	uint32_t number;
	uint32_t what; /* node, or fibre + number of nodes */
};

static bool
trial_init(struct analyse_graph *g, struct trial *t)
{
	*t = (struct trial){ .g = g };
	t->node_out = analyse_alloc(g, g->n, sizeof(*t->node_out));
	t->fibre_out = analyse_alloc(g, g->n_fibres, sizeof(*t->fibre_out));
	t->seen = analyse_alloc(g, g->n, sizeof(*t->seen));
	t->queue = analyse_alloc(g, g->n, sizeof(*t->queue));
	t->largest = analyse_alloc(g, g->out->islands, sizeof(*t->largest));
	t->pieces = analyse_alloc(g, g->out->islands, sizeof(*t->pieces));
	t->island_trial = analyse_alloc(g, g->out->islands, sizeof(*t->island_trial));
	return t->node_out && t->fibre_out && t->seen && t->queue && t->largest && t->pieces &&
	       t->island_trial;
}

/* Walks what is left around a node; how many nodes that is. */
static uint32_t
walk(struct trial *t, uint32_t from)
{
	const struct analyse_arcs *arcs = &t->g->undirected;
	uint32_t head = 0, tail = 0;

	t->queue[tail++] = from;
	t->seen[from] = t->number;
	while (head < tail) {
		uint32_t at = t->queue[head++];

		for (uint32_t i = arcs->first[at]; i < arcs->first[at + 1]; i++) {
			uint32_t to = arcs->arcs[i].to;

			if (t->seen[to] == t->number || t->node_out[to] == t->number ||
			    t->fibre_out[arcs->arcs[i].what] == t->number)
				continue;
			t->seen[to] = t->number;
			t->queue[tail++] = to;
		}
	}
	return tail;
}

/* Counts the pieces of islands that are split, and the nodes outside of the largest piece of each.
 */
static void
count(struct trial *t, uint32_t *pieces, uint32_t *cut_off)
{
	uint32_t total = 0, kept = 0;

	*pieces = 0;
	for (uint32_t i = 0; i < t->g->n; i++) {
		uint32_t island = t->g->island[i], size;

		if (t->node_out[i] == t->number || t->seen[i] == t->number)
			continue;
		size = walk(t, i);
		if (t->island_trial[island] != t->number) {
			t->island_trial[island] = t->number;
			t->largest[island] = t->pieces[island] = 0;
		}
		t->pieces[island]++;
		*pieces += t->pieces[island] == 2 ? 2 : t->pieces[island] > 2;
		total += size;
		if (size > t->largest[island]) {
			kept += size - t->largest[island];
			t->largest[island] = size;
		}
	}
	*cut_off = total - kept;
}

static enum pce_status
try_points(struct trial *t, const uint32_t *points, size_t n)
{
	struct analysis_point *out = arena_alloc(&t->g->out->arena, (n + 1) * sizeof(*out));

	if (!out)
		return pce_no_memory(t->g->err);
	for (size_t i = 0; i < n; i++) {
		t->number++;
		t->node_out[points[i]] = t->number;
		out[i].node = t->g->out->nodes[points[i]];
		count(t, &out[i].pieces, &out[i].cut_off);
	}
	t->g->out->points = out;
	t->g->out->n_points = n;
	return PCE_OK;
}

/* --- Memberships --- */

static size_t
add_srlgs(struct membership *out, const uint32_t *srlg, size_t n, uint32_t what)
{
	for (size_t i = 0; out && i < n; i++)
		out[i] = (struct membership){ NULL, srlg[i], what };
	return n;
}

/* All memberships into out, or with out NULL their number. */
static size_t
collect(const struct analyse_graph *g, struct membership *out)
{
	size_t n = 0;

	for (uint32_t i = 0; i < g->n; i++) {
		const struct ted_node_row *row = ted_node_at(g->ted, g->out->nodes[i]);

		n += add_srlgs(out ? out + n : NULL, row->srlg, row->n_srlg, i);
		if (row->site && out)
			out[n] = (struct membership){ row->site, 0, i };
		n += row->site != NULL;
	}
	for (uint32_t i = 0; i < g->n_fibres; i++) {
		const ted_link both[] = { g->fibres[i].there, g->fibres[i].back };

		for (size_t k = 0; k < 2 && both[k] != TED_NONE; k++) {
			const struct ted_link_row *row = ted_link_at(g->ted, both[k]);

			n += add_srlgs(out ? out + n : NULL, row->srlg, row->n_srlg, i + g->n);
		}
	}
	return n;
}

static int
compare_risks(const struct membership *x, const struct membership *y)
{
	if (!x->site != !y->site)
		return x->site ? 1 : -1;
	if (x->site)
		return strcmp(x->site, y->site);
	return x->number < y->number ? -1 : x->number > y->number;
}

static int
by_risk(const void *a, const void *b)
{
	const struct membership *x = a, *y = b;
	int order = compare_risks(x, y);

	if (order)
		return order;
	return x->what < y->what ? -1 : x->what > y->what;
}

static const char *
srlg_name(const struct ted *ted, uint32_t number)
{
	size_t n, low = 0;
	const struct ted_srlg_row *rows = ted_srlgs(ted, &n);

	while (low < n) {
		size_t middle = low + (n - low) / 2;

		if (rows[middle].number == number)
			return rows[middle].name;
		if (rows[middle].number < number)
			low = middle + 1;
		else
			n = middle;
	}
	return NULL;
}

/* Takes out the n members of one risk. */
static struct analysis_risk
try_risk(struct trial *t, const struct membership *members, size_t n)
{
	struct analysis_risk risk = { .site = members->site != NULL,
				      .name = members->site,
				      .number = members->number };

	t->number++;
	for (size_t i = 0; i < n; i++) {
		uint32_t what = members[i].what;

		if (i > 0 && members[i - 1].what == what)
			continue; /* both directions of a fibre say so */
		if (what < t->g->n) {
			t->node_out[what] = t->number;
			risk.nodes++;
		} else {
			t->fibre_out[what - t->g->n] = t->number;
			risk.fibres++;
		}
	}
	count(t, &risk.pieces, &risk.cut_off);
	if (!risk.site)
		risk.name = srlg_name(t->g->ted, risk.number);
	return risk;
}

static enum pce_status
try_risks(struct trial *t)
{
	size_t n = collect(t->g, NULL), n_risks = 0;
	struct membership *all = analyse_alloc(t->g, n, sizeof(*all));
	struct analysis_risk *out;

	if (!all)
		return pce_no_memory(t->g->err);
	collect(t->g, all);
	qsort(all, n, sizeof(*all), by_risk);
	for (size_t i = 0; i < n; i++)
		n_risks += i == 0 || compare_risks(&all[i - 1], &all[i]) != 0;
	out = arena_alloc(&t->g->out->arena, (n_risks + 1) * sizeof(*out));
	if (!out)
		return pce_no_memory(t->g->err);
	n_risks = 0;
	for (size_t i = 0, end; i < n; i = end) {
		for (end = i + 1; end < n && compare_risks(&all[i], &all[end]) == 0;)
			end++;
		out[n_risks] = try_risk(t, all + i, end - i);
		n_risks += out[n_risks].cut_off > 0;
	}
	t->g->out->risks = out;
	t->g->out->n_risks = n_risks;
	return PCE_OK;
}

enum pce_status
analyse_risks(struct analyse_graph *g, const uint32_t *points, size_t n_points)
{
	struct trial trial;
	enum pce_status status;

	if (!trial_init(g, &trial))
		return pce_no_memory(g->err);
	status = try_points(&trial, points, n_points);
	return status == PCE_OK ? try_risks(&trial) : status;
}
