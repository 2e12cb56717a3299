/* karst topology analyse: where a network is weak. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "models/import/analyse.h"
#include "northbound/cli/cli_offline.h"
#include "northbound/cli/cli_topology.h"
#include "pce/base/units.h"

#define PAIRS_MAX 10000 /* two-edge cuts that JSON lists pair by pair */

struct run {
	enum cli_format output;
	enum import_format format;
	size_t top, sources;
	const char *file;
	struct codec *codec;
	struct ted *ted;
	struct analysis a;
};

static enum pce_status
take_number(const char *value, size_t *out, struct pce_error *err)
{
	char *end;
	unsigned long number = strtoul(value, &end, 10);

	if (end == value || *end || value[0] == '-' || number == 0 || number > UINT32_MAX)
		return pce_fail(err, PCE_INVALID, "%s is not a number from 1", value);
	*out = number;
	return PCE_OK;
}

static enum pce_status
take_top(void *into, const char *value, struct pce_error *err)
{
	return take_number(value, &((struct run *)into)->top, err);
}

static enum pce_status
take_sources(void *into, const char *value, struct pce_error *err)
{
	return take_number(value, &((struct run *)into)->sources, err);
}

/* --- Tables --- */

static const char *
node_name(const struct run *r, ted_node node)
{
	return ted_node_at(r->ted, node)->name;
}

/* Name and, where it says more, the label. */
static void
cell_node(struct cli_table *table, const struct run *r, ted_node node)
{
	const struct ted_node_row *row = ted_node_at(r->ted, node);

	if (row->label && row->label[0] && strcmp(row->label, row->name) != 0)
		cli_table_cellf(table, "%s (%s)", row->name, row->label);
	else
		cli_table_cell(table, row->name);
}

static struct cli_table *
new_table(const char *const *left, const char *const *right)
{
	struct cli_table *table = cli_table_new();

	for (; table && *left; left++)
		cli_table_column(table, *left, CLI_LEFT);
	for (; table && *right; right++)
		cli_table_column(table, *right, CLI_RIGHT);
	return table;
}

static bool
done(struct cli_table *table)
{
	bool good = table && cli_table_print(table, stdout);

	cli_table_free(table);
	return good;
}

#define LIST(...) ((const char *const[]){ __VA_ARGS__, NULL })

static bool
print_bridges(const struct run *r)
{
	struct cli_table *table;

	printf("\nbridges: %zu\n", r->a.n_bridges);
	if (r->a.n_bridges == 0)
		return true;
	table = new_table(LIST("link", "from", "to"), LIST("cuts off"));
	for (size_t i = 0; table && i < r->a.n_bridges; i++) {
		const struct analysis_fibre *f = &r->a.fibres[r->a.bridges[i].fibre];

		cli_table_cell(table, ted_link_at(r->ted, f->there)->name);
		cell_node(table, r, f->from);
		cell_node(table, r, f->to);
		cli_table_cellf(table, "%" PRIu32, r->a.bridges[i].cut_off);
	}
	return done(table);
}

static bool
print_points(const struct run *r)
{
	struct cli_table *table;

	printf("\narticulation points: %zu\n", r->a.n_points);
	if (r->a.n_points == 0)
		return true;
	table = new_table(LIST("node"), LIST("pieces", "cuts off"));
	for (size_t i = 0; table && i < r->a.n_points; i++) {
		cell_node(table, r, r->a.points[i].node);
		cli_table_cellf(table, "%" PRIu32, r->a.points[i].pieces);
		cli_table_cellf(table, "%" PRIu32, r->a.points[i].cut_off);
	}
	return done(table);
}

static uint64_t
count_pairs(const struct analysis *a)
{
	uint64_t pairs = 0;

	for (size_t i = 0; i < a->n_groups; i++)
		pairs += (uint64_t)a->groups[i].n * (a->groups[i].n - 1) / 2;
	return pairs;
}

static bool
print_groups(const struct run *r)
{
	printf("\ntwo-edge cuts: %" PRIu64 "\n", count_pairs(&r->a));
	for (size_t i = 0; i < r->a.n_groups; i++) {
		const struct analysis_group *group = &r->a.groups[i];
		struct cli_table *table;

		printf(group->n == 2 ? "these two\n" : "any two of these %zu\n", group->n);
		table = new_table(LIST("  link", "from", "to"), LIST(NULL));
		for (size_t k = 0; table && k < group->n; k++) {
			const struct analysis_fibre *f = &r->a.fibres[group->fibres[k]];

			cli_table_cellf(table, "  %s", ted_link_at(r->ted, f->there)->name);
			cell_node(table, r, f->from);
			cell_node(table, r, f->to);
		}
		if (!done(table))
			return false;
	}
	return true;
}

static bool
print_risks(const struct run *r)
{
	struct cli_table *table;

	printf("\nshared risks that split the network: %zu\n", r->a.n_risks);
	if (r->a.n_risks == 0)
		return true;
	table = new_table(LIST("kind", "name"), LIST("fibres", "nodes", "pieces", "cuts off"));
	for (size_t i = 0; table && i < r->a.n_risks; i++) {
		const struct analysis_risk *risk = &r->a.risks[i];

		cli_table_cell(table, risk->site ? "site" : "SRLG");
		if (risk->name)
			cli_table_cell(table, risk->name);
		else
			cli_table_cellf(table, "%" PRIu32, risk->number);
		cli_table_cellf(table, "%" PRIu32, risk->fibres);
		cli_table_cellf(table, "%" PRIu32, risk->nodes);
		cli_table_cellf(table, "%" PRIu32, risk->pieces);
		cli_table_cellf(table, "%" PRIu32, risk->cut_off);
	}
	return done(table);
}

/* Rows with their pairs, the most first, then in order of rank. */
struct crossed {
	double pairs;
	uint32_t rank, row;
};

/* As precise as it is printed: below that, sums differ by the order in which they were added. */
static int
by_pairs(const void *a, const void *b)
{
	const struct crossed *x = a, *y = b;
	double more = rint(x->pairs * 1e6), less = rint(y->pairs * 1e6);

	if (more != less)
		return more > less ? -1 : 1;
	return x->rank < y->rank ? -1 : x->rank > y->rank;
}

static struct crossed *
sort_crossed(const struct run *r, bool links, size_t *n)
{
	uint32_t rows = links ? ted_link_count(r->ted) : ted_node_count(r->ted);
	struct crossed *out = malloc(((size_t)rows + 1) * sizeof(*out));

	*n = 0;
	for (uint32_t i = 0; out && i < rows; i++) {
		if (links ? !ted_link_usable(r->ted, i) : ted_node_at(r->ted, i)->unusable != 0)
			continue;
		out[(*n)++] = (struct crossed){ links ? r->a.link_pairs[i] : r->a.node_pairs[i],
						links ? ted_link_at(r->ted, i)->rank
						      : ted_node_at(r->ted, i)->rank,
						i };
	}
	if (out)
		qsort(out, *n, sizeof(*out), by_pairs);
	return out;
}

static double
share(const struct run *r, double pairs)
{
	return r->a.pairs > 0 ? pairs / r->a.pairs : 0;
}

static bool
print_crossed(const struct run *r, bool links)
{
	size_t n;
	struct crossed *all = sort_crossed(r, links, &n);
	struct cli_table *table =
	    links ? new_table(LIST("link", "from", "to"), LIST("pairs", "of all"))
		  : new_table(LIST("node"), LIST("pairs", "of all"));

	printf("\nbetweenness of %s%s\n", links ? "links" : "nodes",
	       r->a.sources < r->a.n_nodes ? ", estimated" : "");
	for (size_t i = 0; all && table && i < n && i < r->top && all[i].pairs > 0; i++) {
		const struct ted_link_row *link = links ? ted_link_at(r->ted, all[i].row) : NULL;

		if (links) {
			cli_table_cell(table, link->name);
			cell_node(table, r, link->from);
			cell_node(table, r, link->to);
		} else {
			cell_node(table, r, all[i].row);
		}
		cli_table_cellf(table, "%.1f", all[i].pairs);
		cli_table_cellf(table, "%.1f %%", 100 * share(r, all[i].pairs));
	}
	n = all != NULL;
	free(all);
	return done(table) && n;
}

static void
print_diameter(const struct run *r)
{
	char delay[40];

	if (!r->a.has_diameter) {
		printf("\ndiameter in delay: no node reaches another\n");
		return;
	}
	units_print_us(r->a.diameter_us, delay, sizeof(delay));
	printf("\ndiameter in delay: %s%s, from %s to %s over %zu links:", delay,
	       r->a.diameter_exact ? "" : " at least", node_name(r, r->a.diameter_from),
	       node_name(r, r->a.diameter_to), r->a.diameter_hops);
	for (size_t i = 0; i < r->a.diameter_hops; i++)
		printf(" %s", ted_link_at(r->ted, r->a.diameter_path[i])->name);
	putchar('\n');
}

static bool
print_tables(const struct run *r)
{
	printf("%zu nodes, %zu links, %zu fibres, %zu island%s\n", r->a.n_nodes, r->a.n_links,
	       r->a.n_fibres, r->a.islands, r->a.islands == 1 ? "" : "s");
	if (r->a.paired)
		printf("%zu pairs of opposite links name no reverse and count as one fibre each\n",
		       r->a.paired);
	if (r->a.one_way)
		printf("%zu links lead one way only and count as connections all the same\n",
		       r->a.one_way);
	if (!print_bridges(r) || !print_points(r) || !print_groups(r) || !print_risks(r) ||
	    !print_crossed(r, false) || !print_crossed(r, true))
		return false;
	print_diameter(r);
	return true;
}

/* --- JSON --- */

static void
json_text(struct text *out, const char *text)
{
	text_json_string(out, text, strlen(text));
}

static void
json_node(const struct run *r, struct text *out, const char *name, ted_node node)
{
	text_printf(out, "\"%s\":", name);
	json_text(out, node_name(r, node));
}

/* The names of a fibre's links as an array. */
static void
json_fibre(const struct run *r, struct text *out, uint32_t fibre)
{
	const struct analysis_fibre *f = &r->a.fibres[fibre];

	text_add(out, "[");
	json_text(out, ted_link_at(r->ted, f->there)->name);
	if (f->back != TED_NONE) {
		text_add(out, ",");
		json_text(out, ted_link_at(r->ted, f->back)->name);
	}
	text_add(out, "]");
}

static void
json_weak(const struct run *r, struct text *out)
{
	const struct analysis *a = &r->a;

	text_add(out, ",\n \"bridges\":[");
	for (size_t i = 0; i < a->n_bridges; i++) {
		text_add(out, i ? ",\n  {\"links\":" : "\n  {\"links\":");
		json_fibre(r, out, a->bridges[i].fibre);
		text_add(out, ",");
		json_node(r, out, "from", a->fibres[a->bridges[i].fibre].from);
		text_add(out, ",");
		json_node(r, out, "to", a->fibres[a->bridges[i].fibre].to);
		text_printf(out, ",\"cuts-off\":%" PRIu32 "}", a->bridges[i].cut_off);
	}
	text_add(out, "],\n \"articulation-points\":[");
	for (size_t i = 0; i < a->n_points; i++) {
		text_add(out, i ? ",\n  {" : "\n  {");
		json_node(r, out, "node", a->points[i].node);
		text_printf(out, ",\"pieces\":%" PRIu32 ",\"cuts-off\":%" PRIu32 "}",
			    a->points[i].pieces, a->points[i].cut_off);
	}
	text_add(out, "]");
}

/* Groups, and unless there are very many, the pairs that they stand for. */
static void
json_cuts(const struct run *r, struct text *out)
{
	uint64_t pairs = count_pairs(&r->a);
	bool first = true;

	text_printf(out, ",\n \"two-edge-cut-pairs\":%" PRIu64 ",\"two-edge-cut-groups\":[", pairs);
	for (size_t i = 0; i < r->a.n_groups; i++) {
		text_add(out, i ? ",\n  [" : "\n  [");
		for (size_t k = 0; k < r->a.groups[i].n; k++) {
			text_add(out, k ? "," : "");
			json_fibre(r, out, r->a.groups[i].fibres[k]);
		}
		text_add(out, "]");
	}
	text_add(out, "]");
	if (pairs > PAIRS_MAX)
		return;
	text_add(out, ",\n \"two-edge-cuts\":[");
	for (size_t i = 0; i < r->a.n_groups; i++) {
		const struct analysis_group *group = &r->a.groups[i];

		for (size_t k = 0; k < group->n * group->n; k++) {
			if (k / group->n >= k % group->n)
				continue;
			text_add(out, first ? "\n  [" : ",\n  [");
			json_fibre(r, out, group->fibres[k / group->n]);
			text_add(out, ",");
			json_fibre(r, out, group->fibres[k % group->n]);
			text_add(out, "]");
			first = false;
		}
	}
	text_add(out, "]");
}

static void
json_risks(const struct run *r, struct text *out)
{
	text_add(out, ",\n \"shared-risks\":[");
	for (size_t i = 0; i < r->a.n_risks; i++) {
		const struct analysis_risk *risk = &r->a.risks[i];

		text_printf(out, "%s\n  {\"kind\":\"%s\"", i ? "," : "",
			    risk->site ? "site" : "srlg");
		if (risk->name) {
			text_add(out, ",\"name\":");
			json_text(out, risk->name);
		}
		if (!risk->site)
			text_printf(out, ",\"number\":%" PRIu32, risk->number);
		text_printf(out,
			    ",\"fibres\":%" PRIu32 ",\"nodes\":%" PRIu32 ",\"pieces\":%" PRIu32
			    ",\"cuts-off\":%" PRIu32 "}",
			    risk->fibres, risk->nodes, risk->pieces, risk->cut_off);
	}
	text_add(out, "]");
}

static bool
json_crossed(const struct run *r, bool links, struct text *out)
{
	size_t n;
	struct crossed *all = sort_crossed(r, links, &n);

	text_printf(out, "\"%s\":[", links ? "links" : "nodes");
	for (size_t i = 0; all && i < n; i++) {
		text_printf(out, "%s\n  {\"%s\":", i ? "," : "", links ? "link" : "node");
		json_text(out,
			  links ? ted_link_at(r->ted, all[i].row)->name : node_name(r, all[i].row));
		text_printf(out, ",\"pairs\":%.6f,\"share\":%.9f}", all[i].pairs,
			    share(r, all[i].pairs));
	}
	text_add(out, "]");
	free(all);
	return all != NULL;
}

static void
json_diameter(const struct run *r, struct text *out)
{
	text_add(out, ",\n \"diameter\":");
	if (!r->a.has_diameter) {
		text_add(out, "null}");
		return;
	}
	text_printf(out, "{\"delay-us\":%" PRIu64 ",\"exact\":%s,", r->a.diameter_us,
		    r->a.diameter_exact ? "true" : "false");
	json_node(r, out, "from", r->a.diameter_from);
	text_add(out, ",");
	json_node(r, out, "to", r->a.diameter_to);
	text_add(out, ",\"links\":[");
	for (size_t i = 0; i < r->a.diameter_hops; i++) {
		text_add(out, i ? "," : "");
		json_text(out, ted_link_at(r->ted, r->a.diameter_path[i])->name);
	}
	text_add(out, "]}}");
}

static bool
print_json(const struct run *r)
{
	struct text out = { 0 };
	bool good;

	text_printf(&out,
		    "{\"nodes\":%zu,\"links\":%zu,\"fibres\":%zu,\"islands\":%zu,"
		    "\"paired-fibres\":%zu,\"one-way-links\":%zu",
		    r->a.n_nodes, r->a.n_links, r->a.n_fibres, r->a.islands, r->a.paired,
		    r->a.one_way);
	json_weak(r, &out);
	json_cuts(r, &out);
	json_risks(r, &out);
	text_printf(&out, ",\n \"betweenness\":{\"pairs\":%.0f,\"exact\":%s,", r->a.pairs,
		    r->a.sources < r->a.n_nodes ? "false" : "true");
	good = json_crossed(r, false, &out);
	text_add(&out, ",");
	good = good && json_crossed(r, true, &out);
	text_add(&out, "}");
	json_diameter(r, &out);
	good = good && text_ok(&out) && puts(text_get(&out)) >= 0;
	text_free(&out);
	return good;
}

/* --- The verb --- */

static enum pce_status
analyse(struct run *r, struct pce_error *err)
{
	struct codec_topology topology = { 0 };
	const struct ted_change *changes;
	enum pce_status status = codec_new(NULL, &r->codec, err);
	size_t n;

	if (!status)
		status = cli_topology_read(r->codec, r->file, r->format, &topology, err);
	if (!status) {
		cli_topology_report("topology analyse", r->file, &topology);
		status = ted_new(&r->ted, 0, err);
	}
	if (!status)
		status = ted_apply(r->ted, (struct ted_source){ TED_SOURCE_FILE, 0 },
				   topology.deltas, topology.n, err);
	codec_topology_free(&topology);
	if (!status)
		status = ted_settle(r->ted, &changes, &n, err);
	return status ? status : analysis_make(r->ted, r->sources, &r->a, err);
}

int
cli_topology_analyse(int argc, char **argv)
{
	static const struct cli_command command = {
		"topology analyse", "FILE",
		"Tells where a network is weak: bridges, articulation points, two-edge cuts, "
		"shared "
		"risks that split it, betweenness, and its diameter in delay.",
		1, 1
	};
	static const struct cli_option options[] = {
		{ "top", 0, "N", "rows of betweenness in a table, 10 by default", take_top },
		{ "sources", 0, "N",
		  "count shortest paths from N nodes; by default from all, and from 1000 if there "
		  "are more than 20000",
		  take_sources },
	};
	struct run r = { .output = CLI_TABLE, .top = 10 };
	const struct cli_group groups[] = { cli_format_group(&r.output),
					    cli_import_format_group(&r.format),
					    { options, 2, &r } };
	struct pce_error err = { 0 };
	size_t n = 0;
	int result = cli_parse(&command, argc, argv, groups, 3, &r.file, &n);
	enum pce_status status;

	if (result != CLI_GO_ON)
		return result;
	status = analyse(&r, &err);
	if (!status && !(r.output == CLI_JSON ? print_json(&r) : print_tables(&r)))
		status = cli_output_fault(&err);
	analysis_free(&r.a);
	ted_free(r.ted);
	codec_free(r.codec);
	return status ? cli_fail("topology analyse", &err) : CLI_DONE;
}
