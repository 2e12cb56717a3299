/*
 * Topology files of every format that Karst reads, told apart by content, not by name: Karst's own
 * YAML and JSON (karst-topology, RFC 7951) and GraphML. Other people's formats are turned into
 * Karst's own JSON, which is then read like any other, so that there is one set of rules.
 *
 * GraphML (graphml.graphdrawing.org): the ids of nodes and edges are the names; an edge without an
 * id is SOURCE-TARGET, its parallels SOURCE-TARGET#2 and so on; the reverse of an undirected e5 is
 * e5~. An undirected edge is two links and one risk; the edges of a directed file stand alone.
 * Labels are aliases where unique. LinkSpeedRaw is the capacity; edge keys named like leaves of
 * karst-topology carry their values, affinity, srlg and slice with blanks between names. DTDs are
 * refused.
 */
#ifndef MODELS_IMPORT_IMPORT_H
#define MODELS_IMPORT_IMPORT_H

#include "models/codec/topology.h"

/*
 * Reads a topology text. out must be empty; free it with codec_topology_free. out->assumed lists
 * what was missing and what was left out. PCE_UNSUPPORTED names a format that is not read; errors
 * in the text carry line and, where there is one, data path.
 */
enum pce_status import_topology(const struct codec *codec, const char *text, size_t len,
				const struct codec_topology_options *options,
				struct codec_topology *out, struct pce_error *err);

/* As import_topology for a file. The sentence of an error begins with FILE:LINE. */
enum pce_status import_topology_file(const struct codec *codec, const char *path,
				     const struct codec_topology_options *options,
				     struct codec_topology *out, struct pce_error *err);

#endif
