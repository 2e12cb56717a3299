/*
 * Rows of the traffic-engineering database as text: the topology as the API and the command line
 * show it, and names for path answers.
 */
#ifndef MODELS_IMPORT_VIEW_H
#define MODELS_IMPORT_VIEW_H

#include <stdbool.h>

#include "models/codec/path.h"
#include "models/codec/topology.h"
#include "pce/ted/ted.h"

/* Names of rows, for codec_path_answer_print. Valid as long as ted. */
struct codec_names view_names(const struct ted *ted);

/*
 * True if a view shows the row: some source tells of it, and its name is a key of its own, of which
 * only usable rows are sure. O(1) for usable rows.
 */
bool view_shows_node(const struct ted *ted, ted_node node);
bool view_shows_link(const struct ted *ted, ted_link link);

/*
 * Appends {"karst-topology:topology":{…}} with everything that is shown, in order of rank.
 * state: with revision, bookings and usability, as the API shows it (residual-bps is then what is
 * left now); without: what a file would say, which reads back to the same graph. Costs about 30 us
 * a link: print from a fork on a worker when the network is large.
 */
enum pce_status view_topology_print(const struct codec *codec, const struct ted *ted, bool state,
				    struct text *out, struct pce_error *err);

/* As view_topology_print for one node or link, as RESTCONF answers a GET of its list entry:
 * {"karst-topology:node":[{…}]}. With state. */
enum pce_status view_node_print(const struct codec *codec, const struct ted *ted, ted_node node,
				struct text *out, struct pce_error *err);
enum pce_status view_link_print(const struct codec *codec, const struct ted *ted, ted_link link,
				struct text *out, struct pce_error *err);

#endif
