/*
 * What-if: places a set of demands on a fork of the graph, fails something there, and tells who
 * moves where, who is left without a path, and which links are then fuller than a threshold.
 * Nothing outside the forks is touched.
 */
#ifndef PCE_PLAN_WHATIF_H
#define PCE_PLAN_WHATIF_H

#include "pce/path/path.h"
#include "pce/ted/ted.h"

/* One demand: a request with the bandwidth that it books on every link of its routes. */
struct plan_demand {
	const char *id;
	const struct path_request *request;
	uint8_t priority; /* 0 is placed first */
};

/* What fails together. */
struct plan_failure {
	const ted_link *links; /* each with its whole fibre */
	size_t n_links;
	const ted_node *nodes;
	size_t n_nodes;
	const uint32_t *srlgs; /* every link that carries one of these */
	size_t n_srlgs;
};

enum plan_outcome {
	PLAN_UNPLACED, /* had no path before the failure either */
	PLAN_STAYED,
	PLAN_MOVED, /* `after` may have fewer routes: the backup is gone */
	PLAN_LOST,
};

/* What becomes of one demand, in the order in which the demands were given. */
struct plan_fate {
	enum plan_outcome outcome;
	struct path_answer before, after; /* after of LOST: its no_path says why */
};

/* A link that is fuller than the threshold after the failure. */
struct plan_fuller {
	ted_link link;
	uint64_t used_before_bps, used_after_bps, capacity_bps;
};

struct plan_whatif {
	struct plan_fate *fates;
	size_t n_fates;
	struct plan_fuller *fuller; /* in the order of canonical link keys */
	size_t n_fuller;
};

/*
 * Places the demands in order of priority, then id, on a fork of ted; fails `failure` on a second
 * fork; places again, in the same order, those that a failed link or node touches; the others stay.
 * Who cannot have a pair any more gets a single path, as in restoration. threshold_ppm is the share
 * of a link's capacity above which it is listed. *out must be empty; plan_whatif_free(out)
 * afterwards.
 */
enum pce_status plan_whatif(const struct ted *ted, const struct plan_demand *demands, size_t n,
			    const struct plan_failure *failure, uint32_t threshold_ppm,
			    struct plan_whatif *out, struct pce_error *err);
void plan_whatif_free(struct plan_whatif *whatif);

/* What a link carries or has promised: the part of its capacity that is not residual. bit/s. */
uint64_t plan_used_bps(const struct ted *ted, ted_link link);

#endif
