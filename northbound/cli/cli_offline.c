#include "northbound/cli/cli_offline.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define INPUT_LIMIT ((size_t)1 << 30) /* of a network on standard input */

/* A file that Karst cannot read is bad input, which "no answer" is not, whatever the reason. */
static enum pce_status
cannot_read(enum pce_status status, struct pce_error *err)
{
	if (status != PCE_UNSUPPORTED && status != PCE_LIMIT)
		return status;
	err->status = PCE_INVALID;
	return PCE_INVALID;
}

/* - is standard input, as everywhere on the command line. */
enum pce_status
cli_topology_look(const struct codec *codec, const char *file, enum import_format *format,
		  struct codec_topology *out, struct pce_error *err)
{
	bool standard = strcmp(file, "-") == 0;
	char *text = NULL;
	size_t len = 0;
	enum pce_status status = standard ? cli_read_file(file, INPUT_LIMIT, &text, &len, err)
					  : codec_file_read(file, 0, &text, &len, err);

	if (status)
		return status;
	if (*format == IMPORT_ANY)
		*format = import_format_of(text, len);
	status = import_topology_as(codec, *format, text, len, NULL, out, err);
	free(text);
	return status ? cannot_read(status, err) : PCE_OK;
}

enum pce_status
cli_topology_read(const struct codec *codec, const char *file, enum import_format format,
		  struct codec_topology *out, struct pce_error *err)
{
	enum pce_status status = cli_topology_look(codec, file, &format, out, err);

	return status && status != PCE_IO && strcmp(file, "-") != 0
		   ? codec_name_file(err, status, file)
		   : status;
}

static enum pce_status
take_format(void *into, const char *value, struct pce_error *err)
{
	return import_format_parse(value, into, err);
}

struct cli_group
cli_import_format_group(enum import_format *format)
{
	static const struct cli_option options[] = {
		{ "format", 0, "FORMAT",
		  "read FILE as yaml, json, graphml, gml, repetita, sndlib, sndlib-xml, rfc8345 or "
		  "csv; without it the content tells",
		  take_format },
	};

	return (struct cli_group){ options, 1, format };
}

void
cli_topology_report(const char *verb, const char *file, const struct codec_topology *topology)
{
	for (size_t i = 0; i < topology->n_assumed; i++)
		fprintf(stderr, "karst %s: %s: %s: %s\n", verb, file,
			topology->findings[i].left_out ? "note" : "assumed", topology->assumed[i]);
}

static enum pce_status
load(const char *verb, const char *file, struct cli_network *network, struct pce_error *err)
{
	const struct ted_source source = { TED_SOURCE_FILE, 0 };
	struct codec_topology topology = { 0 };
	enum pce_status status;

	status = cli_topology_read(network->codec, file, network->format, &topology, err);
	if (status)
		return status;
	cli_topology_report(verb, file, &topology);
	status = ted_apply(network->ted, source, topology.deltas, topology.n, err);
	codec_topology_free(&topology);
	return status;
}

enum pce_status
cli_network_open(const char *verb, const char *file, struct cli_network *out, struct pce_error *err)
{
	const struct ted_change *changes;
	enum pce_status status = codec_new(NULL, &out->codec, err);
	size_t n;

	if (!status)
		status = ted_new(&out->ted, 0, err);
	if (!status)
		status = load(verb, file, out, err);
	if (!status)
		status = ted_settle(out->ted, &changes, &n, err);
	if (!status)
		status = path_engine_new(out->ted, &out->engine, err);
	if (!status)
		status = segment_igp_new(out->ted, &out->igp, err);
	return status;
}

void
cli_network_close(struct cli_network *network)
{
	segment_igp_free(network->igp);
	path_engine_free(network->engine);
	ted_free(network->ted);
	codec_free(network->codec);
	*network = (struct cli_network){ 0 };
}

static const char *
node_name(const void *ctx, uint32_t node)
{
	return ted_node_at(((const struct cli_network *)ctx)->ted, node)->name;
}

static const char *
link_name(const void *ctx, uint32_t link)
{
	return ted_link_at(((const struct cli_network *)ctx)->ted, link)->name;
}

static uint32_t
link_from(const void *ctx, uint32_t link)
{
	return ted_link_at(((const struct cli_network *)ctx)->ted, link)->from;
}

static uint32_t
link_to(const void *ctx, uint32_t link)
{
	return ted_link_at(((const struct cli_network *)ctx)->ted, link)->to;
}

struct codec_names
cli_network_names(const struct cli_network *network)
{
	return (struct codec_names){ node_name, link_name, link_from, link_to, network };
}

struct segment_options
cli_network_options(void)
{
	return (struct segment_options){ .assumed_msd = 0, .service_sids = 1, .synthesise = true };
}

void
cli_network_report_assumed(const char *verb, const struct cli_network *network,
			   const struct segment_list *lists, size_t n)
{
	for (size_t l = 0; l < n; l++) {
		for (size_t i = 0; i < lists[l].n_csids; i++) {
			const struct segment_csid *segment = &lists[l].csids[i];
			struct ip_addr sid = ip_v6(segment->sid);
			char shown[IP_TEXT];

			if (!segment->assumed)
				continue;
			fprintf(stderr, "karst %s: assumed: %s SID %s of %s %s, which has none\n",
				verb, segment->kind == SEGMENT_END ? "End" : "End.X",
				ip_print(&sid, shown),
				segment->kind == SEGMENT_END ? "node" : "link",
				segment->kind == SEGMENT_END ? node_name(network, segment->node)
							     : link_name(network, segment->link));
		}
	}
}

bool
cli_has_operand(int argc, char **argv)
{
	static const char *const flags[] = { "--diverse", "--explain", "--csid", "--co-routed" };

	for (int i = 1; i < argc; i++) {
		bool flag = false;

		if (!strcmp(argv[i], "--"))
			return i + 1 < argc;
		if (argv[i][0] != '-' || !strcmp(argv[i], "-"))
			return true;
		for (size_t f = 0; f < sizeof(flags) / sizeof(flags[0]); f++)
			flag = flag || !strcmp(argv[i], flags[f]);
		if (!flag && !strchr(argv[i], '=') && (argv[i][1] == '-' || !argv[i][2]))
			i++; /* its value */
	}
	return false;
}
