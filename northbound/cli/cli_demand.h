/*
 * The options that say what a path must be (--from, --to, --objective, constraints): one table for
 * the offline and the online form of "karst path", so that both read the same words.
 */
#ifndef NORTHBOUND_CLI_CLI_DEMAND_H
#define NORTHBOUND_CLI_CLI_DEMAND_H

#include "northbound/cli/cli.h"
#include "pce/policy/intent.h"

struct cli_demand {
	struct intent intent; /* what was asked for, by name; its id is NULL */
	struct arena arena; /* its lists; strings point into argv */
};

/* Prepares an empty demand: the defaults of the schema (objective igp), nothing named. */
void cli_demand_init(struct cli_demand *demand);
/* Frees the lists. */
void cli_demand_free(struct cli_demand *demand);

/*
 * The group of --from, --to, --objective, --bandwidth, --max-delay, --max-hops, --max-te,
 * --max-igp, --max-segments, --include-any, --include-all, --exclude-any, --avoid-node,
 * --avoid-link, --avoid-srlg, --disjoint, --via, --slice. Lists of affinity names are separated by
 * commas, and every list option may be repeated; --avoid-link takes one link each time, because
 * "A,B" is one.
 */
struct cli_group cli_demand_group(struct cli_demand *demand);

/* PCE_INVALID if --from or --to is missing, or both name the same node. */
enum pce_status cli_demand_check(const struct cli_demand *demand, struct pce_error *err);

#endif
