/* State of reading one topology. Internal to the codec. */
#ifndef MODELS_CODEC_TOPOLOGY_INTERNAL_H
#define MODELS_CODEC_TOPOLOGY_INTERNAL_H

#include "models/codec/internal.h"
#include "models/codec/topology.h"
#include "models/codec/topology_names.h"

struct topology_reader {
	const struct document *doc;
	struct codec_topology *out;
	struct arena *arena; /* of out */
	size_t cap; /* of out->deltas */
	struct nameset nodes; /* name -> index into keys */
	struct nameset node_ids; /* node key as bytes -> index into keys */
	struct ted_node_key *keys;
	size_t n_keys, cap_keys;
	struct nameset links; /* name -> index into out->deltas */
	struct nameset link_ids; /* link key as bytes -> index into out->deltas */
	struct numberset affinities, srlgs, sites;
	const struct lyd_node **link_nodes; /* of the links, in order of their deltas */
	size_t n_links, cap_links, first_link;
	/* Names that got a number, for the assumptions: SRLGs, affinities. */
	struct topology_invented {
		const char **names;
		uint32_t *numbers;
		size_t n, cap_names, cap_numbers;
	} invented[2];
	struct pce_error *err;
};

/* A new zeroed delta at the end, or NULL without memory. */
struct ted_delta *topology_add(struct topology_reader *r, enum ted_object object);

/* The numbers of SRLG leaf-list entries below node, in the arena; a new name gets a number. */
enum pce_status topology_srlgs(struct topology_reader *r, const struct lyd_node *node,
			       const uint32_t **out, size_t *n);
/* The words of a leaf-list of affinities below a node: "affinity" of a link. */
enum pce_status topology_affinities(struct topology_reader *r, const struct lyd_node *node,
				    const char *leaf, const uint32_t **out, size_t *n);
/* The MSD list below a node or link. */
enum pce_status topology_msds(struct topology_reader *r, const struct lyd_node *node,
			      const struct ted_msd **out, size_t *n);
/* A SID list entry. */
enum pce_status topology_sid(struct topology_reader *r, const struct lyd_node *entry,
			     struct ted_sid *out);
/* One address of each family out of a leaf-list; a second one of a family is refused. */
enum pce_status topology_addresses(struct topology_reader *r, const struct lyd_node *node,
				   const char *leaf, struct ip_addr *v4, struct ip_addr *v6);

/* Reads one node with its locators and SIDs, one link, one entry of a prefix list. */
enum pce_status topology_node(struct topology_reader *r, const struct lyd_node *node);
enum pce_status topology_link(struct topology_reader *r, const struct lyd_node *link);
enum pce_status topology_prefix(struct topology_reader *r, const struct lyd_node *prefix);
/* After all links: ties each to its reverse. The deltas do not move any more. */
enum pce_status topology_reverses(struct topology_reader *r);

/* Appends the bytes that tell one key from another. */
void topology_node_id(const struct ted_node_key *key, struct text *out);
void topology_link_id(const struct ted_link_key *key, struct text *out);

/* Lists what is assumed. invented: SRLGs, affinities. */
enum pce_status topology_assume(struct codec_topology *topology,
				const struct topology_invented invented[2], struct pce_error *err);

#endif
