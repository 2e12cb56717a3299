#include "config.h"

#include <stdio.h>
#include <string.h>

#include "northbound/cli/cli_demand.h"
#include "tests/support/suite.h"

START_TEST(width_counts_columns_not_octets)
{
	static const struct {
		const char *text;
		size_t width;
	} rows[] = {
		{ "", 0 },
		{ "NN-P1", 5 },
		{ "南宁", 4 },
		{ "é", 1 },
		{ "e\xcc\x81", 1 }, /* e and a combining acute accent */
		{ "ＡＢ", 4 }, /* fullwidth forms */
		{ "\xff\xfe", 2 }, /* not UTF-8: one replacement character each */
		{ "\xe5\x8d", 2 }, /* cut in mid-character */
		{ "\xed\xa0\x80", 3 }, /* a surrogate is not a character */
	};

	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		ck_assert_msg(cli_width(rows[i].text) == rows[i].width, "row %u: %zu", i,
			      cli_width(rows[i].text));
}
END_TEST

static char *
printed(const struct cli_table *table)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	ck_assert(cli_table_print(table, out));
	fclose(out);
	return text;
}

START_TEST(table_wide_names_stay_aligned)
{
	struct cli_table *table = cli_table_new();

	cli_table_column(table, "NODE", CLI_LEFT);
	cli_table_column(table, "LINKS", CLI_RIGHT);
	cli_table_column(table, "TEXT", CLI_LEFT);
	cli_table_cell(table, "南宁核心");
	cli_table_cellf(table, "%d", 12);
	cli_table_cell(table, NULL);
	cli_table_cell(table, "LZ-1");
	cli_table_cellf(table, "%d", 3);
	cli_table_cell(table, "a\x1b[2Jb");
	char *text = printed(table);

	ck_assert_str_eq(text, "NODE      LINKS  TEXT\n"
			       "南宁核心     12  -\n"
			       "LZ-1          3  a?[2Jb\n");
	free(text);
	cli_table_free(table);
}
END_TEST

/* Parses words (NULL at the end) as the operands and options of a verb with one operand at most. */
static int
parse(struct cli_demand *demand, enum cli_format *format, const char *operand[1], char **words)
{
	static const struct cli_command command = { "path", "[FILE]", "Computes a path.", 0, 1 };
	struct cli_group groups[] = { cli_format_group(format), cli_demand_group(demand) };
	int argc = 0;
	size_t n = 0;

	while (words[argc])
		argc++;
	operand[0] = NULL;
	return cli_parse(&command, argc, words, groups, 2, operand, &n);
}

START_TEST(parse_takes_options_and_operands_in_any_order)
{
	struct cli_demand demand;
	enum cli_format format = CLI_TABLE;
	const char *file[1];
	char *words[] = { "path",
			  "--from=A",
			  "net.yaml",
			  "--to",
			  "B",
			  "-ojson",
			  "--bandwidth",
			  "1.5G",
			  "--max-delay",
			  "20ms",
			  "--exclude-any",
			  "red,blue",
			  "--exclude-any",
			  "green",
			  "--avoid-link",
			  "A,C",
			  "--disjoint",
			  "srlg",
			  "--objective",
			  "bandwidth",
			  NULL };

	cli_demand_init(&demand);
	ck_assert_int_eq(parse(&demand, &format, file, words), CLI_GO_ON);
	ck_assert_str_eq(file[0], "net.yaml");
	ck_assert_int_eq(format, CLI_JSON);
	ck_assert_str_eq(demand.intent.from, "A");
	ck_assert_str_eq(demand.intent.to, "B");
	ck_assert_uint_eq(demand.intent.bandwidth_bps, 1500000000);
	ck_assert_uint_eq(demand.intent.max_delay_us, 20000);
	ck_assert_uint_eq(demand.intent.exclude_any.n, 3);
	ck_assert_str_eq(demand.intent.exclude_any.names[1], "blue");
	ck_assert_str_eq(demand.intent.exclude_any.names[2], "green");
	ck_assert_uint_eq(demand.intent.avoid_links.n, 1);
	ck_assert_str_eq(demand.intent.avoid_links.names[0], "A,C");
	ck_assert_int_eq(demand.intent.disjoint, PATH_DISJOINT_SRLG);
	ck_assert_int_eq(demand.intent.objective, PATH_BANDWIDTH);
	ck_assert_int_eq(cli_demand_check(&demand, NULL), PCE_OK);
	cli_demand_free(&demand);
}
END_TEST

START_TEST(parse_bad_words_are_usage_errors)
{
	static char *rows[][5] = {
		{ "path", "--nonsense", NULL },
		{ "path", "--from", NULL },
		{ "path", "a", "b", NULL },
		{ "path", "--bandwidth", "fast", NULL },
		{ "path", "--max-hops", "0", NULL },
		{ "path", "--max-hops", "-1", NULL },
		{ "path", "--exclude-any", "a,,b", NULL },
		{ "path", "-o", "xml", NULL },
		{ "path", "-x", NULL },
	};

	ck_assert_ptr_nonnull(freopen("/dev/null", "w", stderr));
	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct cli_demand demand;
		enum cli_format format = CLI_TABLE;
		const char *file[1];

		cli_demand_init(&demand);
		ck_assert_msg(parse(&demand, &format, file, rows[i]) == CLI_USAGE, "row %u", i);
		cli_demand_free(&demand);
	}
}
END_TEST

START_TEST(parse_dash_is_an_operand_and_two_end_the_options)
{
	struct cli_demand demand;
	enum cli_format format = CLI_TABLE;
	const char *file[1];
	char *dash[] = { "path", "-", NULL }, *end[] = { "path", "--", "--from", NULL };

	cli_demand_init(&demand);
	ck_assert_int_eq(parse(&demand, &format, file, dash), CLI_GO_ON);
	ck_assert_str_eq(file[0], "-");
	ck_assert_int_eq(parse(&demand, &format, file, end), CLI_GO_ON);
	ck_assert_str_eq(file[0], "--from");
	ck_assert_int_eq(cli_demand_check(&demand, NULL), PCE_INVALID);
	cli_demand_free(&demand);
}
END_TEST

int
main(void)
{
	TCase *t = tcase_create("cli");

	tcase_add_test(t, width_counts_columns_not_octets);
	tcase_add_test(t, table_wide_names_stay_aligned);
	tcase_add_test(t, parse_takes_options_and_operands_in_any_order);
	tcase_add_test(t, parse_bad_words_are_usage_errors);
	tcase_add_test(t, parse_dash_is_an_operand_and_two_end_the_options);
	return suite_run("cli", t, 20);
}
