/*
 * Topology files of every format that Karst reads, told apart by content, not by name: Karst's own
 * YAML and JSON (karst-topology, RFC 7951), GraphML, GML, REPETITA's .graph, SNDlib (native and
 * XML), RFC 8345 in JSON, and CSV of links. Other people's formats are turned into Karst's own
 * JSON, which is then read like any other, so that there is one set of rules.
 *
 * What they share: the ids of nodes and edges are the names; an edge without an id is
 * SOURCE-TARGET, its parallels SOURCE-TARGET#2 and so on; the reverse of an undirected e5 is e5~.
 * An undirected edge is two links and one risk; directed edges stand alone. Labels are aliases
 * where unique. LinkSpeedRaw is the capacity; edge keys named like leaves of karst-topology carry
 * their values, affinity, srlg and slice with blanks between names. An edge from a node to itself
 * is left out. What each format has of its own stands at the head of its reader. DTDs are refused.
 */
#ifndef MODELS_IMPORT_IMPORT_H
#define MODELS_IMPORT_IMPORT_H

#include "models/codec/topology.h"

enum import_format {
	IMPORT_ANY, /* tell it by content */
	IMPORT_YAML,
	IMPORT_JSON,
	IMPORT_GRAPHML,
	IMPORT_GML,
	IMPORT_REPETITA,
	IMPORT_SNDLIB,
	IMPORT_SNDLIB_XML,
	IMPORT_RFC8345,
	IMPORT_CSV,
	IMPORT_FORMATS
};

/* Name of a format ("sndlib-xml"); "any" for IMPORT_ANY. */
const char *import_format_name(enum import_format format);
/* The format of that name. PCE_INVALID lists the names. */
enum pce_status import_format_parse(const char *name, enum import_format *out,
				    struct pce_error *err);
/* What a text seems to be, told by its first words; never IMPORT_ANY. */
enum import_format import_format_of(const char *text, size_t len);

/*
 * Reads a topology text. out must be empty; free it with codec_topology_free. out->assumed lists
 * what was missing and what was left out. PCE_UNSUPPORTED names a format that is not read; errors
 * in the text carry line and, where there is one, data path.
 */
enum pce_status import_topology(const struct codec *codec, const char *text, size_t len,
				const struct codec_topology_options *options,
				struct codec_topology *out, struct pce_error *err);

/* As import_topology, for a text that has to be of that format. */
enum pce_status import_topology_as(const struct codec *codec, enum import_format format,
				   const char *text, size_t len,
				   const struct codec_topology_options *options,
				   struct codec_topology *out, struct pce_error *err);

/* As import_topology for a file. The sentence of an error begins with FILE:LINE. */
enum pce_status import_topology_file(const struct codec *codec, const char *path,
				     const struct codec_topology_options *options,
				     struct codec_topology *out, struct pce_error *err);

#endif
