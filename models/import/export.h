/*
 * Topologies as files of a format. YAML and JSON hold everything; GraphML, CSV and RFC 8345 what
 * they have a place for, and what they have none for is told. What each writes, import.h reads.
 */
#ifndef MODELS_IMPORT_EXPORT_H
#define MODELS_IMPORT_EXPORT_H

#include "models/import/import.h"

/* True for the formats that can be written: YAML, JSON, GraphML, RFC 8345, CSV. */
bool export_is_offered(enum import_format format);

/*
 * Appends deltas (all TED_SET, as codec_topology_read makes them) as a text of that format, and to
 * *lost a line for each kind of thing that the format has no place for ("router-id of 3 nodes").
 * PCE_UNSUPPORTED for a format that is not offered; else as codec_topology_print_deltas.
 */
enum pce_status export_topology(const struct codec *codec, enum import_format format,
				const struct ted_delta *deltas, size_t n, struct text *out,
				struct text *lost, struct pce_error *err);

#endif
