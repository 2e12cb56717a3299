/* Warnings about a topology. Each is one pass over the objects with its own question. */
#include "models/import/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "models/import/draft.h"
#include "pce/base/units.h"

#define METRIC_UNUSED 16777215u /* RFC 5305 section 3: from here on IS-IS does not use the link */
#define DELAY_ABSURD 1000000u

#define WARNINGS 24

struct checker {
	const struct codec_topology *topology;
	const struct ted *ted;
	struct import_check *out;
	struct codec_finding found[WARNINGS];
	size_t n;
	uint32_t *island; /* of each node: the lowest node of it */
	struct draft_names labels, names;
	unsigned *label_uses;
	struct pce_error *err;
};

/* True if the warning holds for the object of that number. */
typedef bool question(const struct checker *c, uint32_t at);
typedef const char *name_fn(const struct checker *c, uint32_t at);

static const char *
node_name(const struct checker *c, uint32_t at)
{
	return ted_node_at(c->ted, at)->name;
}

static const char *
link_name(const struct checker *c, uint32_t at)
{
	return ted_link_at(c->ted, at)->name;
}

static const char *
label_name(const struct checker *c, uint32_t at)
{
	return c->labels.names[at];
}

/* Asks a question of n objects and adds a warning that names those that it holds for. */
static enum pce_status
ask(struct checker *c, const char *object, const char *leaf, const char *words, uint32_t n,
    question *holds, name_fn *name)
{
	const char **names;
	size_t count = 0;

	for (uint32_t i = 0; i < n; i++)
		count += holds(c, i);
	if (count == 0)
		return PCE_OK;
	names = arena_alloc(&c->out->arena, count * sizeof(*names));
	words = arena_strdup(&c->out->arena, words);
	if (!names || !words)
		return pce_no_memory(c->err);
	c->found[c->n] = (struct codec_finding){ false, object, leaf, words, names, NULL, 0 };
	for (uint32_t i = 0; i < n; i++) {
		if (holds(c, i))
			names[c->found[c->n].n++] = name(c, i);
	}
	c->n++;
	return PCE_OK;
}

/* --- Islands --- */

static uint32_t
root_of(uint32_t *island, uint32_t at)
{
	while (island[at] != at) {
		island[at] = island[island[at]];
		at = island[at];
	}
	return at;
}

/* Joins the ends of every link; the largest island has the number that most nodes have. */
static uint32_t
join(struct checker *c, uint32_t *size)
{
	uint32_t n = ted_node_count(c->ted), largest = 0;

	for (uint32_t i = 0; i < n; i++)
		c->island[i] = i;
	for (uint32_t i = 0; i < ted_link_count(c->ted); i++) {
		uint32_t a = root_of(c->island, ted_link_at(c->ted, i)->from);
		uint32_t b = root_of(c->island, ted_link_at(c->ted, i)->to);

		c->island[a > b ? a : b] = a < b ? a : b;
	}
	for (uint32_t i = 0; i < n; i++) {
		c->island[i] = root_of(c->island, i);
		c->out->islands += c->island[i] == i;
		size[c->island[i]]++;
	}
	for (uint32_t i = 0; i < n; i++)
		largest = size[i] > size[largest] ? i : largest;
	return largest;
}

static bool
is_cut_off(const struct checker *c, uint32_t at)
{
	return c->island[at] == UINT32_MAX;
}

static enum pce_status
check_islands(struct checker *c)
{
	uint32_t n = ted_node_count(c->ted), largest;
	uint32_t *size = calloc((size_t)n + 1, sizeof(*size));
	char words[100];

	c->island = calloc((size_t)n + 1, sizeof(*c->island));
	if (!size || !c->island) {
		free(size);
		return pce_no_memory(c->err);
	}
	largest = join(c, size);
	free(size);
	for (uint32_t i = 0; i < n; i++)
		c->island[i] = c->island[i] == largest ? 0 : UINT32_MAX;
	snprintf(words, sizeof(words),
		 "cut off from the largest of %zu islands: no path leads there", c->out->islands);
	return ask(c, "node", NULL, words, n, is_cut_off, node_name);
}

/* --- Labels --- */

static bool
is_shared(const struct checker *c, uint32_t at)
{
	return c->label_uses[at] > 1;
}

static bool
is_name(const struct checker *c, uint32_t at)
{
	return c->label_uses[at] == 1 &&
	       draft_names_find(&c->names, c->labels.names[at]) != HASH_NONE;
}

static enum pce_status
count_labels(struct checker *c)
{
	uint32_t n = ted_node_count(c->ted);
	enum pce_status status = PCE_OK;

	c->label_uses = calloc((size_t)n + 1, sizeof(*c->label_uses));
	if (!c->label_uses)
		return pce_no_memory(c->err);
	for (uint32_t i = 0; status == PCE_OK && i < n; i++) {
		const struct ted_node_row *row = ted_node_at(c->ted, i);
		uint32_t at;

		if (draft_names_find(&c->names, row->name) == HASH_NONE)
			status = draft_names_add(&c->names, row->name, c->err);
		if (!row->label || !row->label[0] || strcmp(row->label, row->name) == 0 ||
		    status != PCE_OK)
			continue;
		at = draft_names_find(&c->labels, row->label);
		if (at == HASH_NONE) {
			at = (uint32_t)c->labels.n;
			status = draft_names_add(&c->labels, row->label, c->err);
		}
		c->label_uses[at]++;
	}
	return status;
}

/* Labels outlive the checker in the arena. */
static enum pce_status
check_labels(struct checker *c)
{
	size_t first = c->n;
	enum pce_status status = count_labels(c);

	if (status == PCE_OK)
		status = ask(c, "label", "label", "given to several nodes: it names none of them",
			     (uint32_t)c->labels.n, is_shared, label_name);
	if (status == PCE_OK)
		status = ask(c, "label", "label",
			     "is the name of a node: the name counts, not the label",
			     (uint32_t)c->labels.n, is_name, label_name);
	for (size_t i = first; status == PCE_OK && i < c->n; i++) {
		const char **names = (const char **)(uintptr_t)c->found[i].names;

		for (size_t k = 0; status == PCE_OK && k < c->found[i].n; k++) {
			names[k] = arena_strdup(&c->out->arena, names[k]);
			if (!names[k])
				status = pce_no_memory(c->err);
		}
	}
	return status;
}

/* --- Links --- */

/* Looked for at the end that has fewer links. */
static bool
is_one_way(const struct checker *c, uint32_t at)
{
	const struct ted_link_row *row = ted_link_at(c->ted, at);
	size_t n_out, n_in;
	const ted_link *out = ted_links_out(c->ted, row->to, &n_out);
	const ted_link *in = ted_links_in(c->ted, row->from, &n_in);

	if (row->reverse != TED_NONE)
		return false;
	for (size_t i = 0; i < n_out && n_out <= n_in; i++) {
		if (ted_link_at(c->ted, out[i])->to == row->from)
			return false;
	}
	for (size_t i = 0; i < n_in && n_out > n_in; i++) {
		if (ted_link_at(c->ted, in[i])->from == row->to)
			return false;
	}
	return true;
}

/* The attributes of a link as the file gives them. */
static const struct ted_link_attr *
attr_at(const struct checker *c, uint32_t at)
{
	return &c->topology->deltas[at].attr.link;
}

static bool
has(const struct checker *c, uint32_t at, uint32_t field)
{
	return c->topology->deltas[at].object == TED_OBJECT_LINK && attr_at(c, at)->present & field;
}

static const char *
attr_name(const struct checker *c, uint32_t at)
{
	return attr_at(c, at)->name;
}

static bool
igp_is_zero(const struct checker *c, uint32_t at)
{
	return has(c, at, TED_LINK_IGP_METRIC) && attr_at(c, at)->igp_metric == 0;
}

static bool
igp_is_unused(const struct checker *c, uint32_t at)
{
	return has(c, at, TED_LINK_IGP_METRIC) && attr_at(c, at)->igp_metric >= METRIC_UNUSED;
}

static bool
te_is_zero(const struct checker *c, uint32_t at)
{
	return has(c, at, TED_LINK_TE_METRIC) && attr_at(c, at)->te_metric == 0;
}

static bool
te_is_unused(const struct checker *c, uint32_t at)
{
	return has(c, at, TED_LINK_TE_METRIC) && attr_at(c, at)->te_metric == UINT32_MAX;
}

static bool
capacity_is_zero(const struct checker *c, uint32_t at)
{
	return has(c, at, TED_LINK_CAPACITY) && attr_at(c, at)->capacity_bps == 0;
}

static bool
residual_is_more(const struct checker *c, uint32_t at)
{
	return has(c, at, TED_LINK_CAPACITY) && has(c, at, TED_LINK_START_RESIDUAL) &&
	       attr_at(c, at)->start_residual_bps > attr_at(c, at)->capacity_bps;
}

static bool
delay_is_absurd(const struct checker *c, uint32_t at)
{
	return has(c, at, TED_LINK_DELAY) && attr_at(c, at)->delay_us > DELAY_ABSURD;
}

static bool
never_works(const struct checker *c, uint32_t at)
{
	return has(c, at, TED_LINK_AVAILABILITY) && attr_at(c, at)->unavailability_ppt == PPT_ONE;
}

static enum pce_status
check_links(struct checker *c)
{
	static const struct {
		const char *leaf, *words;
		question *holds;
	} values[] = {
		{ "igp-metric", "igp-metric 0: crossing it costs nothing", igp_is_zero },
		{ "igp-metric", "igp-metric of 16777215 or more: IS-IS does not use the link",
		  igp_is_unused },
		{ "te-metric", "te-metric 0: crossing it costs nothing", te_is_zero },
		{ "te-metric", "te-metric 4294967295: the largest there is", te_is_unused },
		{ "capacity-bps", "capacity-bps 0: nothing can be booked there", capacity_is_zero },
		{ "residual-bps", "residual-bps is above capacity-bps", residual_is_more },
		{ "delay-us", "a delay above one second", delay_is_absurd },
		{ "availability", "availability 0: it never works", never_works },
	};
	uint32_t n = ted_link_count(c->ted);
	enum pce_status status;

	status =
	    ask(c, "link", "reverse", "one way only: no link leads back", n, is_one_way, link_name);
	for (size_t i = 0; status == PCE_OK && i < sizeof(values) / sizeof(values[0]); i++)
		status = ask(c, "link", values[i].leaf, values[i].words, (uint32_t)c->topology->n,
			     values[i].holds, attr_name);
	return status;
}

static enum pce_status
check_all(struct checker *c)
{
	enum pce_status status;

	c->out->nodes = ted_node_count(c->ted);
	c->out->links = ted_link_count(c->ted);
	if (c->out->nodes == 0)
		c->found[c->n++] =
		    (struct codec_finding){ false, "file", NULL, "there is no node in it",
					    NULL,  NULL,   0 };
	else if (c->out->links == 0)
		c->found[c->n++] =
		    (struct codec_finding){ false, "file", NULL, "there is no link in it",
					    NULL,  NULL,   0 };
	status = c->out->nodes ? check_islands(c) : PCE_OK;
	if (status == PCE_OK)
		status = check_labels(c);
	if (status == PCE_OK)
		status = check_links(c);
	if (status != PCE_OK)
		return status;
	c->out->n_warnings = c->n;
	c->out->warnings =
	    arena_copy(&c->out->arena, c->found, c->n * sizeof(c->found[0]) + (c->n == 0));
	return c->out->warnings ? PCE_OK : pce_no_memory(c->err);
}

enum pce_status
import_check(const struct codec_topology *topology, const struct ted *ted, struct import_check *out,
	     struct pce_error *err)
{
	struct import_check made = { 0 };
	struct checker c = { .topology = topology, .ted = ted, .out = &made, .err = err };
	enum pce_status status;

	draft_names_init(&c.labels);
	draft_names_init(&c.names);
	status = check_all(&c);
	draft_names_free(&c.labels);
	draft_names_free(&c.names);
	free(c.island);
	free(c.label_uses);
	if (status == PCE_OK)
		*out = made;
	else
		import_check_free(&made);
	return status;
}

void
import_check_free(struct import_check *check)
{
	arena_free(&check->arena);
	*check = (struct import_check){ .n_warnings = 0 };
}
