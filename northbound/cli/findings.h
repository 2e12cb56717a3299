/* Findings about a topology (models/codec/topology.h) for people and for programs. */
#ifndef NORTHBOUND_CLI_FINDINGS_H
#define NORTHBOUND_CLI_FINDINGS_H

#include "models/codec/topology.h"
#include "northbound/cli/cli.h"

/* Rows "kind, objects, number, first names, what" for those findings with that left_out. */
void findings_rows(struct cli_table *table, const char *kind, const struct codec_finding *findings,
		   size_t n, bool left_out);

/* A JSON array of objects {"object","leaf","what","count","names"[,"values"]}, with all names. */
void findings_json(struct text *out, const struct codec_finding *findings, size_t n, bool left_out);

#endif
