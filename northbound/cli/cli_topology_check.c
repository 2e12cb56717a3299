/* karst topology check: what is wrong with a file, what is odd, and what Karst assumes. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "models/import/check.h"
#include "northbound/cli/cli_offline.h"
#include "northbound/cli/cli_topology.h"
#include "northbound/cli/findings.h"

struct check {
	enum cli_format output;
	enum import_format format;
	const char *file;
	struct codec *codec;
	struct codec_topology topology;
	struct ted *ted;
	struct import_check result;
	bool opened; /* the file could be read, whatever is in it */
	struct pce_error fault; /* of the file */
};

static enum pce_status
build(struct check *c, struct pce_error *err)
{
	const struct ted_change *changes;
	size_t n;
	enum pce_status status = ted_new(&c->ted, 0, err);

	if (!status)
		status = ted_apply(c->ted, (struct ted_source){ TED_SOURCE_FILE, 0 },
				   c->topology.deltas, c->topology.n, err);
	if (!status)
		status = ted_settle(c->ted, &changes, &n, err);
	return status ? status : import_check(&c->topology, c->ted, &c->result, err);
}

/* A fault of the file goes to c->fault, one of the machine to err. */
static enum pce_status
look(struct check *c, struct pce_error *err)
{
	enum pce_status status = codec_new(NULL, &c->codec, err);

	if (status)
		return status;
	status = cli_topology_look(c->codec, c->file, &c->format, &c->topology, &c->fault);
	if (!status)
		status = build(c, &c->fault);
	if (status == PCE_IO || status == PCE_NO_MEMORY || status == PCE_INTERNAL) {
		*err = c->fault;
		return status;
	}
	c->opened = true;
	return PCE_OK;
}

static bool
print_table(const struct check *c)
{
	struct cli_table *table;
	bool good;

	if (c->fault.status) {
		printf("error: %s", strcmp(c->file, "-") == 0 ? "" : c->file);
		if (c->fault.line)
			printf(strcmp(c->file, "-") == 0 ? "line %u" : ":%u", c->fault.line);
		printf("%s%s\n", c->fault.line || strcmp(c->file, "-") != 0 ? ": " : "",
		       c->fault.text);
		return true;
	}
	printf("%s: %s, %zu nodes, %zu links, %zu island%s\n", c->file,
	       import_format_name(c->format), c->result.nodes, c->result.links, c->result.islands,
	       c->result.islands == 1 ? "" : "s");
	if (c->result.n_warnings + c->topology.n_findings == 0)
		return true;
	putchar('\n');
	table = cli_table_new();
	if (!table)
		return false;
	cli_table_column(table, "kind", CLI_LEFT);
	cli_table_column(table, "object", CLI_LEFT);
	cli_table_column(table, "number", CLI_RIGHT);
	cli_table_column(table, "names", CLI_LEFT);
	cli_table_column(table, "what", CLI_LEFT);
	findings_rows(table, "warning", c->result.warnings, c->result.n_warnings, false);
	findings_rows(table, "left out", c->topology.findings, c->topology.n_findings, true);
	findings_rows(table, "assumed", c->topology.findings, c->topology.n_findings, false);
	good = cli_table_print(table, stdout);
	cli_table_free(table);
	return good;
}

static void
json_errors(const struct check *c, struct text *out)
{
	text_add(out, "\"errors\":[");
	if (c->fault.status) {
		text_add(out, "{\"what\":");
		text_json_string(out, c->fault.text, strlen(c->fault.text));
		if (c->fault.line)
			text_printf(out, ",\"line\":%u", c->fault.line);
		if (c->fault.path[0]) {
			text_add(out, ",\"path\":");
			text_json_string(out, c->fault.path, strlen(c->fault.path));
		}
		text_add(out, "}");
	}
	text_add(out, "]");
}

static bool
print_json(const struct check *c)
{
	struct text out = { 0 };
	bool good;

	text_add(&out, "{\"file\":");
	text_json_string(&out, c->file, strlen(c->file));
	text_printf(&out, ",\"format\":\"%s\",\"valid\":%s,", import_format_name(c->format),
		    c->fault.status ? "false" : "true");
	if (!c->fault.status)
		text_printf(&out, "\"nodes\":%zu,\"links\":%zu,\"islands\":%zu,", c->result.nodes,
			    c->result.links, c->result.islands);
	json_errors(c, &out);
	text_add(&out, ",\n \"warnings\":");
	findings_json(&out, c->result.warnings, c->result.n_warnings, false);
	text_add(&out, ",\n \"left-out\":");
	findings_json(&out, c->topology.findings, c->topology.n_findings, true);
	text_add(&out, ",\n \"assumed\":");
	findings_json(&out, c->topology.findings, c->topology.n_findings, false);
	text_add(&out, "}");
	good = text_ok(&out) && puts(text_get(&out)) >= 0;
	text_free(&out);
	return good;
}

static int
run(struct check *c)
{
	struct pce_error err = { 0 };
	enum pce_status status = look(c, &err);

	if (!status && !(c->output == CLI_JSON ? print_json(c) : print_table(c)))
		status = cli_output_fault(&err);
	import_check_free(&c->result);
	ted_free(c->ted);
	codec_topology_free(&c->topology);
	codec_free(c->codec);
	if (status)
		return cli_fail("topology check", &err);
	return c->fault.status ? CLI_NO_ANSWER : CLI_DONE;
}

int
cli_topology_check(int argc, char **argv)
{
	static const struct cli_command command = { "topology check", "FILE",
						    "Tells what is wrong or odd in a topology "
						    "file, and what Karst assumes; status 1 if it "
						    "cannot be used.",
						    1, 1 };
	struct check c = { .output = CLI_TABLE };
	const struct cli_group groups[] = { cli_format_group(&c.output),
					    cli_import_format_group(&c.format) };
	size_t n = 0;
	int result = cli_parse(&command, argc, argv, groups, 2, &c.file, &n);

	return result == CLI_GO_ON ? run(&c) : result;
}
