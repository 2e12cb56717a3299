/* What is odd in a topology that can be read: for people who check a file before they use it. */
#ifndef MODELS_IMPORT_CHECK_H
#define MODELS_IMPORT_CHECK_H

#include "models/codec/topology.h"
#include "pce/ted/ted.h"

/* A zeroed one is empty. */
struct import_check {
	struct arena arena; /* owns the warnings; names are the topology's or the ted's */
	const struct codec_finding *warnings; /* left_out is false, leaf where one is to blame */
	size_t n_warnings;
	size_t nodes, links;
	size_t islands; /* parts of the network between which no link leads, in either direction */
};

/*
 * Looks for islands, links that nothing leads back from, labels that are no aliases,
 * and values that are absurd: metrics of 0 or so high that IGPs do not use the link, capacity 0, a
 * residual above the capacity, a delay above a second, availability 0. ted holds the topology and
 * is settled. out must be empty; import_check_free afterwards. O(n + m).
 */
enum pce_status import_check(const struct codec_topology *topology, const struct ted *ted,
			     struct import_check *out, struct pce_error *err);
void import_check_free(struct import_check *check);

#endif
