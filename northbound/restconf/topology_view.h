/* Rows of a graph as the views that the codec prints. */
#ifndef NORTHBOUND_RESTCONF_TOPOLOGY_VIEW_H
#define NORTHBOUND_RESTCONF_TOPOLOGY_VIEW_H

#include "models/codec/topology.h"
#include "pce/ted/ted.h"

/*
 * Appends the whole graph as {"karst-topology:topology":{…}}. Objects that every source has
 * withdrawn are left out. Any thread that owns ted.
 */
enum pce_status topology_print(const struct codec *codec, const struct ted *ted, struct text *out,
			       struct pce_error *err);

/* Appends one node as {"karst-topology:node":[{…}]} (RFC 8040 section 4.3), one link likewise. */
enum pce_status topology_print_node(const struct codec *codec, const struct ted *ted, ted_node node,
				    struct text *out, struct pce_error *err);
enum pce_status topology_print_link(const struct codec *codec, const struct ted *ted, ted_link link,
				    struct text *out, struct pce_error *err);

/* True if the API shows the row. */
bool topology_shows_node(const struct ted *ted, ted_node node);
bool topology_shows_link(const struct ted *ted, ted_link link);

#endif
