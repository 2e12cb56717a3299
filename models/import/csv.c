/*
 * CSV of links (RFC 4180, or with semicolons or tabs): a header line, then a link a line. Columns
 * are named like the leaves of karst-topology's links; from and to (or source and target) have to
 * be there. Without name a link is FROM-TO, its parallels #2, #3. A line is one direction, as in
 * karst-topology, and may name its reverse; false in a column directed makes it both directions of
 * a fibre. Nodes are those that links name; a line whose `to` is empty is a node alone. Columns
 * that mean nothing here are left out and listed.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "models/import/readers.h"
#include "models/import/scan.h"
#include "pce/base/array.h"

#define KEY_MAX 64
#define COLUMNS_MAX 256

enum role { COLUMN_OTHER, COLUMN_NAME, COLUMN_FROM, COLUMN_TO, COLUMN_DIRECTED, COLUMN_LEAF };

struct column {
	enum role role;
	char leaf[KEY_MAX];
};

struct row {
	unsigned line;
	char **fields; /* one a column */
	const char *name; /* reserved; NULL: made */
};

struct csv {
	struct draft *draft;
	struct arena arena;
	struct scan scan;
	int separator;
	struct column columns[COLUMNS_MAX];
	size_t n_columns;
	struct row *rows;
	size_t n_rows, cap_rows;
	struct text field;
};

static enum pce_status
fail(struct csv *c, unsigned line, enum pce_status status, const char *what, const char *reason)
{
	return draft_fail(c->draft, line, status, "CSV", what, reason);
}

/* --- Fields --- */

static enum pce_status
quoted_field(struct csv *c)
{
	unsigned line = c->scan.line;
	int at;

	scan_take(&c->scan);
	for (;;) {
		char octet;

		at = scan_take(&c->scan);
		if (at < 0)
			return fail(c, line, PCE_MALFORMED, "", "a text in quotes does not end");
		if (at == '"' && !scan_is(&c->scan, '"'))
			return PCE_OK;
		if (at == 0)
			return fail(c, line, PCE_MALFORMED, "", "it holds the character NUL");
		octet = (char)at;
		text_bytes(&c->field, &octet, 1);
	}
}

/* One field, without blanks around it if it has no quotes; the separator or end of line behind it
 * is left. */
static enum pce_status
read_field(struct csv *c, char **out)
{
	const char stops[] = { (char)c->separator, '\n', 0 };
	bool quoted;
	char *plain;
	size_t len;

	text_clear(&c->field);
	while (scan_peek(&c->scan) == ' ')
		scan_take(&c->scan);
	quoted = scan_peek(&c->scan) == '"';
	if (quoted) {
		enum pce_status status = quoted_field(c);

		if (status != PCE_OK)
			return status;
	}
	plain = scan_until(&c->scan, stops, &c->arena);
	if (!plain || !text_ok(&c->field))
		return pce_no_memory(c->draft->err);
	if (scan_peek(&c->scan) == 0)
		return fail(c, c->scan.line, PCE_MALFORMED, "", "it holds the character NUL");
	len = strlen(plain);
	while (len && strchr(" \t\r", plain[len - 1]))
		plain[--len] = 0;
	if (quoted && len)
		return fail(c, c->scan.line, PCE_MALFORMED, "",
			    "something follows a closing quote");
	*out = quoted ? arena_strdup(&c->arena, text_get(&c->field)) : plain;
	return *out ? PCE_OK : pce_no_memory(c->draft->err);
}

/* The fields of a line; *n of them, none for an empty line. */
static enum pce_status
read_line(struct csv *c, char **fields, size_t *n)
{
	enum pce_status status = PCE_OK;

	*n = 0;
	do {
		if (*n == COLUMNS_MAX)
			return fail(c, c->scan.line, PCE_LIMIT, "",
				    "a line has more than 256 fields");
		status = read_field(c, &fields[(*n)++]);
	} while (status == PCE_OK && scan_is(&c->scan, c->separator));
	scan_is(&c->scan, '\n');
	if (*n == 1 && status == PCE_OK && !*fields[0])
		*n = 0;
	return status;
}

/* --- Columns --- */

static void
tell_column(struct csv *c, const char *title)
{
	static const struct {
		const char *title;
		enum role role;
	} roles[] = { { "name", COLUMN_NAME },      { "id", COLUMN_NAME },
		      { "link", COLUMN_NAME },      { "from", COLUMN_FROM },
		      { "source", COLUMN_FROM },    { "src", COLUMN_FROM },
		      { "to", COLUMN_TO },          { "target", COLUMN_TO },
		      { "dst", COLUMN_TO },         { "dest", COLUMN_TO },
		      { "destination", COLUMN_TO }, { "directed", COLUMN_DIRECTED } };
	struct column *column = &c->columns[c->n_columns++];
	size_t len = strlen(title);

	column->role = COLUMN_OTHER;
	for (size_t i = 0; i < sizeof(roles) / sizeof(roles[0]); i++) {
		if (strcasecmp(roles[i].title, title) == 0)
			column->role = roles[i].role;
	}
	if (column->role == COLUMN_OTHER && len < KEY_MAX) {
		memcpy(column->leaf, title, len + 1);
		if (!draft_knows(false, column->leaf)) {
			for (char *at = column->leaf; *at; at++)
				*at = (char)(*at == '_' || *at == ' '   ? '-'
					     : *at >= 'A' && *at <= 'Z' ? *at + 32
									: *at);
		}
		if (draft_knows(false, column->leaf))
			column->role = COLUMN_LEAF;
	}
	if (column->role == COLUMN_OTHER)
		draft_left_out(c->draft, "column", title, "means nothing here, left out");
}

static bool
has_role(const struct csv *c, enum role role)
{
	for (size_t i = 0; i < c->n_columns; i++) {
		if (c->columns[i].role == role)
			return true;
	}
	return false;
}

static const char *
field_of(const struct csv *c, const struct row *row, enum role role)
{
	for (size_t i = 0; i < c->n_columns; i++) {
		if (c->columns[i].role == role && *row->fields[i])
			return row->fields[i];
	}
	return NULL;
}

static enum pce_status
read_header(struct csv *c)
{
	char *fields[COLUMNS_MAX];
	unsigned line;
	size_t n = 0;
	enum pce_status status = PCE_OK;

	if (reader_left(&c->scan.in) >= 3 && memcmp(c->scan.in.at, "\xef\xbb\xbf", 3) == 0)
		reader_bytes(&c->scan.in, 3);
	do {
		for (scan_blanks(&c->scan); scan_peek(&c->scan) == '#'; scan_blanks(&c->scan))
			scan_line(&c->scan);
		line = c->scan.line;
		if (scan_peek(&c->scan) < 0)
			return fail(c, line, PCE_INVALID, "", "there is no header line in it");
		status = read_line(c, fields, &n);
	} while (status == PCE_OK && n == 0);
	for (size_t i = 0; status == PCE_OK && i < n; i++)
		tell_column(c, fields[i]);
	if (status == PCE_OK && (!has_role(c, COLUMN_FROM) || !has_role(c, COLUMN_TO)))
		return fail(c, line, PCE_INVALID, "",
			    "the header needs the columns from and to (or source and target)");
	return status;
}

/* --- Rows --- */

static enum pce_status
add_row(struct csv *c, unsigned line, char *const *fields, size_t n)
{
	struct row row = { .line = line };
	enum pce_status status;

	if (n != c->n_columns)
		return fail(c, line, PCE_INVALID, "",
			    n < c->n_columns ? "a line has fewer fields than the header"
					     : "a line has more fields than the header");
	status = array_reserve(&c->rows, &c->cap_rows, c->n_rows + 1, sizeof(row), c->draft->err);
	row.fields = arena_copy(&c->arena, fields, n * sizeof(*fields));
	if (status != PCE_OK || !row.fields)
		return pce_no_memory(c->draft->err);
	c->rows[c->n_rows++] = row;
	return PCE_OK;
}

/* A node when it is met first. */
static enum pce_status
meet(struct csv *c, const char *name, unsigned line)
{
	return draft_has_node(c->draft, name) ? PCE_OK : draft_node(c->draft, name, line);
}

/* Nodes and names: all rows, before any link. */
static enum pce_status
announce(struct csv *c, struct row *row)
{
	const char *from = field_of(c, row, COLUMN_FROM), *to = field_of(c, row, COLUMN_TO);
	enum pce_status status = PCE_OK;

	if (!from)
		return fail(c, row->line, PCE_INVALID, "", "the field from is empty");
	status = meet(c, from, row->line);
	if (status != PCE_OK || !to)
		return status;
	status = meet(c, to, row->line);
	row->name = field_of(c, row, COLUMN_NAME);
	return status == PCE_OK && row->name ? draft_reserve(c->draft, row->name, row->line)
					     : status;
}

static enum pce_status
put_row(struct csv *c, const struct row *row)
{
	const char *directed = field_of(c, row, COLUMN_DIRECTED);
	struct draft_edge edge = { row->name, field_of(c, row, COLUMN_FROM),
				   field_of(c, row, COLUMN_TO), true, row->line };

	if (!edge.target)
		return PCE_OK;
	if (directed && (strcasecmp(directed, "false") == 0 || strcmp(directed, "0") == 0 ||
			 strcasecmp(directed, "no") == 0))
		edge.directed = false;
	else if (directed && strcasecmp(directed, "true") != 0 && strcmp(directed, "1") != 0 &&
		 strcasecmp(directed, "yes") != 0)
		return fail(c, row->line, PCE_INVALID, directed, "directed is true or false");
	for (size_t i = 0; i < c->n_columns; i++) {
		if (c->columns[i].role == COLUMN_LEAF)
			draft_value(c->draft, false, c->columns[i].leaf, row->fields[i], row->line);
	}
	return draft_edge(c->draft, &edge);
}

static enum pce_status
read_rows(struct csv *c)
{
	char *fields[COLUMNS_MAX];
	enum pce_status status = PCE_OK;
	size_t n;

	while (status == PCE_OK && scan_peek(&c->scan) >= 0) {
		unsigned line = c->scan.line;

		status = read_line(c, fields, &n);
		if (status == PCE_OK && n > 0)
			status = add_row(c, line, fields, n);
	}
	for (size_t i = 0; status == PCE_OK && i < c->n_rows; i++)
		status = announce(c, &c->rows[i]);
	for (size_t i = 0; status == PCE_OK && i < c->n_rows; i++)
		status = put_row(c, &c->rows[i]);
	return status;
}

/* The separator that stands first in the header. */
static int
separator_of(const char *text, size_t len)
{
	struct scan s = scan_over(text, len);
	int c;

	for (scan_blanks(&s); scan_peek(&s) == '#'; scan_blanks(&s))
		scan_line(&s);
	while ((c = scan_take(&s)) >= 0 && c != '\n') {
		if (c == ',' || c == ';' || c == '\t')
			return c;
	}
	return ',';
}

enum pce_status
import_csv(const char *text, size_t len, struct draft *draft)
{
	struct csv c = { .draft = draft,
			 .scan = scan_over(text, len),
			 .separator = separator_of(text, len) };
	enum pce_status status = read_header(&c);

	if (status == PCE_OK)
		status = read_rows(&c);
	text_free(&c.field);
	free(c.rows);
	arena_free(&c.arena);
	return status;
}
