/* karst topology convert: a topology file of one format as another. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "models/import/export.h"
#include "northbound/cli/cli_offline.h"
#include "northbound/cli/cli_topology.h"

struct convert {
	enum import_format from, to;
	const char *file;
};

static enum pce_status
take_output(void *into, const char *value, struct pce_error *err)
{
	enum import_format format;
	enum pce_status status = import_format_parse(value, &format, err);

	if (status)
		return status;
	if (!export_is_offered(format))
		return pce_fail(
		    err, PCE_INVALID,
		    "%s is read and not written; there are yaml, json, graphml, rfc8345, csv",
		    value);
	*(enum import_format *)into = format;
	return PCE_OK;
}

/* The lines of a text on standard error, each with what is in front. */
static void
report(const char *file, const char *lost)
{
	for (size_t len; *lost; lost += len + 1) {
		len = strcspn(lost, "\n");
		fprintf(stderr, "karst topology convert: %s: lost: %.*s\n", file, (int)len, lost);
	}
}

static enum pce_status
convert(const struct convert *c, struct pce_error *err)
{
	struct codec_topology topology = { 0 };
	struct text out = { 0 }, lost = { 0 };
	struct codec *codec = NULL;
	enum pce_status status = codec_new(NULL, &codec, err);

	if (!status)
		status = cli_topology_read(codec, c->file, c->from, &topology, err);
	if (!status) {
		cli_topology_report("topology convert", c->file, &topology);
		status =
		    export_topology(codec, c->to, topology.deltas, topology.n, &out, &lost, err);
	}
	if (!status) {
		report(c->file, text_get(&lost));
		if (fwrite(text_get(&out), 1, out.len, stdout) != out.len || fflush(stdout))
			status = cli_output_fault(err);
	}
	text_free(&out);
	text_free(&lost);
	codec_topology_free(&topology);
	codec_free(codec);
	return status;
}

int
cli_topology_convert(int argc, char **argv)
{
	static const struct cli_command command = { "topology convert", "FILE",
						    "Writes the topology of FILE in another "
						    "format; what was assumed and what the format "
						    "has no place for goes to standard error.",
						    1, 1 };
	static const struct cli_option output[] = {
		{ "output", 'o', "yaml|json|graphml|rfc8345|csv",
		  "format to write; yaml by default", take_output },
	};
	struct convert c = { IMPORT_ANY, IMPORT_YAML, NULL };
	const struct cli_group groups[] = { { output, 1, &c.to },
					    cli_import_format_group(&c.from) };
	struct pce_error err = { 0 };
	size_t n = 0;
	int result = cli_parse(&command, argc, argv, groups, 2, &c.file, &n);
	enum pce_status status;

	if (result != CLI_GO_ON)
		return result;
	status = convert(&c, &err);
	return status ? cli_fail("topology convert", &err) : CLI_DONE;
}
