/*
 * Tables aligned by what a terminal shows, not by octets: node names may be Chinese. The widths
 * come from Unicode's East Asian Width property (UAX 11) and not from the C library, whose answer
 * depends on the locale that happens to be set.
 */
#include "config.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "northbound/cli/cli.h"
#include "pce/base/array.h"
#include "pce/base/text.h"

struct range {
	uint32_t first, last;
};

/* Wide and fullwidth characters (UAX 11: W and F), blocks joined where all between is unassigned.
 */
static const struct range wide[] = {
	{ 0x1100, 0x115f },   { 0x231a, 0x231b },   { 0x2329, 0x232a },   { 0x23e9, 0x23ec },
	{ 0x2614, 0x2615 },   { 0x2648, 0x2653 },   { 0x26aa, 0x26ab },   { 0x2705, 0x2705 },
	{ 0x274c, 0x274c },   { 0x2795, 0x2797 },   { 0x2b1b, 0x2b1c },   { 0x2e80, 0x303e },
	{ 0x3041, 0x33ff },   { 0x3400, 0x4dbf },   { 0x4e00, 0xa4cf },   { 0xa960, 0xa97f },
	{ 0xac00, 0xd7a3 },   { 0xf900, 0xfaff },   { 0xfe30, 0xfe6f },   { 0xff00, 0xff60 },
	{ 0xffe0, 0xffe6 },   { 0x16fe0, 0x18aff }, { 0x1b000, 0x1b2ff }, { 0x1f300, 0x1f64f },
	{ 0x1f680, 0x1f6ff }, { 0x1f900, 0x1f9ff }, { 0x20000, 0x3fffd },
};

/* Combining marks and other characters without a width. */
static const struct range zero[] = {
	{ 0x0300, 0x036f }, { 0x0483, 0x0489 }, { 0x0591, 0x05bd }, { 0x0610, 0x061a },
	{ 0x064b, 0x065f }, { 0x0900, 0x0902 }, { 0x0e34, 0x0e3a }, { 0x0e47, 0x0e4e },
	{ 0x1ab0, 0x1aff }, { 0x1dc0, 0x1dff }, { 0x200b, 0x200f }, { 0x202a, 0x202e },
	{ 0x2060, 0x2064 }, { 0x20d0, 0x20f0 }, { 0x302a, 0x302d }, { 0x3099, 0x309a },
	{ 0xfe00, 0xfe0f }, { 0xfe20, 0xfe2f }, { 0xfeff, 0xfeff }, { 0xe0100, 0xe01ef },
};

static bool
in_ranges(const struct range *ranges, size_t n, uint32_t c)
{
	size_t low = 0, high = n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (c > ranges[mid].last)
			low = mid + 1;
		else if (c < ranges[mid].first)
			high = mid;
		else
			return true;
	}
	return false;
}

/* Takes one character off *text; bytes that are not UTF-8 (RFC 3629) give U+FFFD, one at a time. */
static uint32_t
next_char(const char **text)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	const unsigned char *at = (const unsigned char *)*text;
	uint32_t c = at[0];
	size_t len = c < 0x80           ? 1
		     : (c >> 5) == 0x6  ? 2
		     : (c >> 4) == 0xe  ? 3
		     : (c >> 3) == 0x1e ? 4
					: 0;

	(*text)++;
	if (len <= 1)
		return len ? c : 0xfffd;
	c &= 0x7fu >> len;
	for (size_t i = 1; i < len; i++) {
		if ((at[i] & 0xc0) != 0x80)
			return 0xfffd;
		c = c << 6 | (at[i] & 0x3f);
	}
	if (c < least[len] || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
		return 0xfffd;
	*text += len - 1;
	return c;
}

static bool
is_control(uint32_t c)
{
	return c < 0x20 || (c >= 0x7f && c < 0xa0) || (c >= 0x202a && c <= 0x202e) ||
	       (c >= 0x2066 && c <= 0x2069);
}

size_t
cli_width(const char *text)
{
	size_t width = 0;

	while (*text) {
		uint32_t c = next_char(&text);

		if (in_ranges(wide, sizeof(wide) / sizeof(wide[0]), c))
			width += 2;
		else if (!in_ranges(zero, sizeof(zero) / sizeof(zero[0]), c))
			width += 1;
	}
	return width;
}

struct column {
	char *title;
	enum cli_align align;
	size_t width;
};

struct cli_table {
	struct column *columns;
	size_t n_columns, cap_columns;
	char **cells;
	size_t n_cells, cap_cells;
	bool bad; /* memory ran out */
};

struct cli_table *
cli_table_new(void)
{
	return calloc(1, sizeof(struct cli_table));
}

void
cli_table_free(struct cli_table *table)
{
	if (!table)
		return;
	for (size_t i = 0; i < table->n_columns; i++)
		free(table->columns[i].title);
	for (size_t i = 0; i < table->n_cells; i++)
		free(table->cells[i]);
	free(table->columns);
	free(table->cells);
	free(table);
}

void
cli_table_column(struct cli_table *table, const char *title, enum cli_align align)
{
	char *copy = array_strdup(title);

	if (!copy || array_reserve(&table->columns, &table->cap_columns, table->n_columns + 1,
				   sizeof(table->columns[0]), NULL) != PCE_OK) {
		table->bad = true;
		free(copy);
		return;
	}
	table->columns[table->n_columns++] = (struct column){ copy, align, cli_width(title) };
}

/* A copy that is safe on a terminal; NULL without memory. */
static char *
printable(const char *text)
{
	struct text t = { 0 };

	while (*text) {
		const char *from = text;
		uint32_t c = next_char(&text);

		if (c == 0xfffd || is_control(c))
			text_add(&t, c == 0xfffd ? "\xef\xbf\xbd" : "?");
		else
			text_bytes(&t, from, (size_t)(text - from));
	}
	if (!t.at)
		text_add(&t, "");
	return t.at ? text_take(&t) : array_strdup("");
}

void
cli_table_cell(struct cli_table *table, const char *text)
{
	char *copy = printable(text ? text : "-");
	struct column *column;
	size_t width;

	if (!copy || table->n_columns == 0 ||
	    array_reserve(&table->cells, &table->cap_cells, table->n_cells + 1,
			  sizeof(table->cells[0]), NULL) != PCE_OK) {
		table->bad = true;
		free(copy);
		return;
	}
	column = &table->columns[table->n_cells % table->n_columns];
	width = cli_width(copy);
	if (width > column->width)
		column->width = width;
	table->cells[table->n_cells++] = copy;
}

void
cli_table_cellf(struct cli_table *table, const char *fmt, ...)
{
	char *formatted = NULL;
	va_list args;
	int len;

	va_start(args, fmt);
	len = vasprintf(&formatted, fmt, args);
	va_end(args);
	if (len < 0)
		table->bad = true;
	else
		cli_table_cell(table, formatted);
	if (len >= 0)
		free(formatted);
}

/* Prints one cell; nothing is padded behind the last column. */
static void
print_cell(const struct column *column, const char *text, bool last, FILE *out)
{
	size_t width = cli_width(text);
	int pad = (int)(column->width > width ? column->width - width : 0);

	if (column->align == CLI_RIGHT)
		fprintf(out, "%*s%s", pad, "", text);
	else
		fprintf(out, "%s%*s", text, last ? 0 : pad, "");
	fputs(last ? "\n" : "  ", out);
}

bool
cli_table_print(const struct cli_table *table, FILE *out)
{
	size_t n = table->n_columns;

	if (table->bad)
		return false;
	for (size_t i = 0; i < n; i++)
		print_cell(&table->columns[i], table->columns[i].title, i + 1 == n, out);
	for (size_t i = 0; i < table->n_cells; i++)
		print_cell(&table->columns[i % n], table->cells[i], i % n + 1 == n, out);
	return !ferror(out);
}

enum pce_status
cli_output_fault(struct pce_error *err)
{
	if (ferror(stdout))
		return pce_fail(err, PCE_IO, "standard output cannot be written");
	return pce_no_memory(err);
}
