/*
 * REPETITA's .graph files (repetita.info.ucl.ac.be, Data Format):
 *
 *     NODES n / label x y / n lines / EDGES m / label src dest weight bw delay / m lines
 *
 * src and dest are places in the list of nodes. Edges are directed. The weight is the IGP metric,
 * the bandwidth is in kbit/s (the format leaves the unit open, its authors use this one), the delay
 * in microseconds. x and y are longitude and latitude, 0 0 where they are not known.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "models/import/readers.h"
#include "models/import/scan.h"
#include "pce/base/array.h"

#define FIELDS 6

struct repetita {
	struct draft *draft;
	struct arena arena; /* names, and the fields of the line at hand */
	struct scan scan;
	const char **names; /* of nodes */
	size_t n_names, cap_names;
	unsigned line; /* of the fields */
	char *fields[FIELDS];
	bool degrees; /* positions are degrees */
};

static enum pce_status
fail(struct repetita *r, const char *name, const char *reason)
{
	return draft_fail(r->draft, r->line, PCE_MALFORMED, "REPETITA file", name, reason);
}

/* Cuts the last n words off a line; what is left of it, without blanks around, is the first field.
 */
static bool
split(struct repetita *r, char *line, size_t n)
{
	char *end = line + strlen(line);

	for (size_t i = n; i-- > 0;) {
		while (end > line && strchr(" \t\r", end[-1]))
			end--;
		*end = 0;
		while (i > 0 && end > line && !strchr(" \t\r", end[-1]))
			end--;
		r->fields[i] = end;
	}
	r->fields[0] = line + strspn(line, " \t");
	for (size_t i = 0; i < n; i++) {
		if (!*r->fields[i])
			return false;
	}
	return true;
}

/* The next line that is not empty, as n fields. */
static enum pce_status
next_line(struct repetita *r, size_t n, const char *wanted)
{
	char *line = NULL;

	do {
		if (scan_peek(&r->scan) < 0) {
			r->line = r->scan.line;
			return fail(r, "", "the text ends too early");
		}
		r->line = r->scan.line;
		line = scan_until(&r->scan, "\n", &r->arena);
		if (!line)
			return pce_no_memory(r->draft->err);
		scan_take(&r->scan);
	} while (line[strspn(line, " \t\r")] == 0);
	return split(r, line, n) ? PCE_OK : fail(r, wanted, "this line is expected here");
}

/* "NODES 19", then the line that names the columns. */
static enum pce_status
read_head(struct repetita *r, const char *word, const char *columns, size_t n_columns, size_t *n)
{
	enum pce_status status = next_line(r, 2, word);
	char *end;

	if (status != PCE_OK)
		return status;
	if (strcmp(r->fields[0], word) != 0)
		return fail(r, word, "this line is expected here");
	*n = strtoul(r->fields[1], &end, 10);
	if (*end || r->fields[1][0] == '-')
		return fail(r, word, "a number has to follow");
	return next_line(r, n_columns, columns);
}

static bool
is_between(const char *text, double limit)
{
	char *end;
	double value = strtod(text, &end);

	return *end == 0 && value >= -limit && value <= limit;
}

/* One node; positions that are no degrees, and 0 0, say nothing. */
static enum pce_status
read_node(struct repetita *r)
{
	enum pce_status status = next_line(r, 3, "label x y");
	const char *name = r->fields[0], *x = r->fields[1], *y = r->fields[2];

	if (status == PCE_OK)
		status = array_reserve(&r->names, &r->cap_names, r->n_names + 1, sizeof(char *),
				       r->draft->err);
	if (status != PCE_OK)
		return status;
	if (!is_between(x, 180) || !is_between(y, 90)) {
		draft_left_out(r->draft, "node", name,
			       "a position that is not in degrees, left out");
	} else if (strtod(x, NULL) != 0 || strtod(y, NULL) != 0) {
		draft_value(r->draft, true, "longitude", x, r->line);
		draft_value(r->draft, true, "latitude", y, r->line);
	}
	r->names[r->n_names++] = name;
	return draft_node(r->draft, name, r->line);
}

static const char *
node_at(const struct repetita *r, const char *text)
{
	char *end;
	unsigned long at = strtoul(text, &end, 10);

	return *end == 0 && text[0] != '-' && at < r->n_names ? r->names[at] : NULL;
}

static enum pce_status
read_edge(struct repetita *r)
{
	enum pce_status status = next_line(r, 6, "label src dest weight bw delay");
	struct draft_edge edge = { .directed = true, .line = r->line };
	struct text bps = { 0 };

	if (status != PCE_OK)
		return status;
	edge.line = r->line;
	edge.source = node_at(r, r->fields[1]);
	edge.target = node_at(r, r->fields[2]);
	if (!edge.source || !edge.target)
		return draft_fail(r->draft, r->line, PCE_INVALID, "edge", r->fields[0],
				  "src and dest have to be places in the list of nodes, from 0");
	if (draft_reserve_once(r->draft, r->fields[0]))
		edge.name = r->fields[0];
	text_printf(&bps, "%s%s", r->fields[4], strpbrk(r->fields[4], "eE") ? "" : "e3");
	if (!text_ok(&bps)) {
		text_free(&bps);
		return pce_no_memory(r->draft->err);
	}
	draft_value(r->draft, false, "igp-metric", r->fields[3], r->line);
	draft_value(r->draft, false, "capacity-bps", text_get(&bps), r->line);
	draft_value(r->draft, false, "delay-us", r->fields[5], r->line);
	status = draft_edge(r->draft, &edge);
	text_free(&bps);
	return status;
}

static enum pce_status
read_all(struct repetita *r)
{
	size_t n;
	enum pce_status status = read_head(r, "NODES", "label x y", 3, &n);

	for (size_t i = 0; status == PCE_OK && i < n; i++)
		status = read_node(r);
	if (status == PCE_OK)
		status = read_head(r, "EDGES", "label src dest weight bw delay", 6, &n);
	for (size_t i = 0; status == PCE_OK && i < n; i++)
		status = read_edge(r);
	if (status != PCE_OK)
		return status;
	if (n > 0)
		draft_assumed(r->draft, "bandwidths are taken as kbit/s");
	scan_blanks(&r->scan);
	r->line = r->scan.line;
	return scan_peek(&r->scan) < 0 ? PCE_OK
				       : fail(r, "", "something follows behind the last edge");
}

enum pce_status
import_repetita(const char *text, size_t len, struct draft *draft)
{
	struct repetita r = { .draft = draft, .scan = scan_over(text, len) };
	enum pce_status status = read_all(&r);

	free(r.names);
	arena_free(&r.arena);
	return status;
}
