/*
 * Topologies: between karst-topology and the deltas that a source gives to the
 * traffic-engineering database.
 */
#ifndef MODELS_CODEC_TOPOLOGY_H
#define MODELS_CODEC_TOPOLOGY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "models/codec/codec.h"
#include "pce/service/config.h"
#include "pce/ted/delta.h"

/* One kind of thing that a text lacked and that was assumed, or that was left out of it. */
struct codec_finding {
	bool left_out; /* else assumed */
	const char
	    *object; /* "node", "link", "srlg", "affinity"; of foreign formats also "edge", … */
	const char *leaf; /* the leaf that was missing; NULL for other things */
	const char *words; /* what became of it: "1 is assumed", "self loop, left out" */
	const char *const *names; /* the objects, all of them */
	const uint32_t *values; /* what each got, where that differs; else NULL */
	size_t n; /* 0: the file as a whole */
};

/* What a topology text says. A zeroed one is empty. */
struct codec_topology {
	struct arena arena; /* owns everything below */
	struct ted_delta *deltas; /* a node before what belongs to it and its links */
	size_t n;
	const char *const *assumed; /* one sentence for each finding, with its first names */
	size_t n_assumed;
	const struct codec_finding *findings; /* the same for programs, complete */
	size_t n_findings; /* = n_assumed */
};

/* Names that are bound already, so that a file's names mean the same bits. May be NULL. */
struct codec_topology_options {
	const struct config_affinity *affinities;
	size_t n_affinities;
};

/*
 * Reads a topology in JSON or YAML. Absent leaves are absent in the deltas; what the database will
 * assume in their place is listed in `assumed`. Names of affinities and SRLGs that are bound to no
 * number get one. A link that names its reverse gives it to both.
 *
 * PCE_INVALID or PCE_MALFORMED with path and line: a link to a node that is not there, a reverse
 * that does not lead back, a value outside its range, a duplicate. out must be empty.
 */
enum pce_status codec_topology_read(const struct codec *codec, const char *text, size_t len,
				    const struct codec_topology_options *options,
				    struct codec_topology *out, struct pce_error *err);

/* Adds findings of a converter, and their sentences, behind those that are there. The strings have
 * to be in the topology's arena or static. */
enum pce_status codec_topology_found(struct codec_topology *topology,
				     const struct codec_finding *findings, size_t n,
				     struct pce_error *err);

/* Frees everything; the topology is empty afterwards. */
void codec_topology_free(struct codec_topology *topology);

/* What the daemon knows of an object besides what sources gave. */
struct codec_topology_state {
	uint32_t sources; /* bit per enum ted_source_kind; 0 not told */
	bool stale;
	bool pseudonode; /* nodes */
	bool up; /* links, as all below */
	const char *state; /* as in YANG: "up", "down", "one-way", "unknown", "unusable" */
	uint64_t booked_bps, slice_bps;
	bool measured; /* then: */
	uint64_t policy_traffic_bps, unbooked_bps;
	uint64_t residual_bps;
};

struct codec_prefix_view {
	struct ip_prefix prefix;
	uint16_t topology;
	uint8_t ospf_route_type;
	struct ted_prefix_attr attr;
};

struct codec_sid_view {
	uint16_t topology;
	struct ted_sid sid;
};

struct codec_node_view {
	const char *name;
	const struct ted_node_key *key; /* NULL: not shown */
	struct ted_node_attr attr; /* attr.name is not read */
	const struct codec_prefix_view *prefixes;
	size_t n_prefixes;
	const struct codec_sid_view *sids;
	size_t n_sids;
	const struct codec_topology_state *state; /* NULL: not shown */
};

struct codec_link_view {
	const char *name, *from, *to;
	const char *reverse; /* NULL without one */
	struct ted_link_key key; /* only the identifiers are read, not the nodes */
	struct ted_link_attr attr; /* attr.name and attr.reverse are not read */
	const struct codec_topology_state *state; /* NULL: not shown */
};

struct codec_number_view {
	uint32_t number;
	const char *name; /* NULL without one */
	uint64_t unavailability_ppt;
};

/* A topology by names. */
struct codec_topology_view {
	const struct codec_node_view *nodes;
	size_t n_nodes;
	const struct codec_link_view *links;
	size_t n_links;
	const struct codec_number_view *srlgs, *affinities; /* sorted by number */
	const struct codec_number_view *sites; /* with names */
	size_t n_srlgs, n_affinities, n_sites;
	bool has_revision;
	uint64_t revision;
};

/* Appends {"karst-topology:topology":{…}}. Costs about 30 us a link: not for the loop's thread. */
enum pce_status codec_topology_print(const struct codec *codec,
				     const struct codec_topology_view *view, struct text *out,
				     struct pce_error *err);

/*
 * Prints what deltas (all TED_SET) say; what codec_topology_read makes of it says the same.
 * PCE_INVALID: a node or link has no name, or a link's node is not among the deltas.
 */
enum pce_status codec_topology_print_deltas(const struct codec *codec,
					    const struct ted_delta *deltas, size_t n,
					    struct text *out, struct pce_error *err);

#endif
