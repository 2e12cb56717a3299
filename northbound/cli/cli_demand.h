/*
 * The options that say what a path must be (--from, --to, --objective, constraints): one table for
 * the offline and the online form of "karst path", so that both read the same words.
 */
#ifndef NORTHBOUND_CLI_CLI_DEMAND_H
#define NORTHBOUND_CLI_CLI_DEMAND_H

#include "northbound/cli/cli.h"
#include "pce/policy/intent.h"
#include "pce/ted/ted.h"

struct cli_demand {
	struct intent intent; /* what was asked for, by name; its id is NULL */
	uint32_t k; /* alternatives wanted; 0: not said, one */
	bool diverse; /* with k: they share as little as possible */
	uint64_t budget_labels; /* 0: the default */
	struct arena arena; /* its lists; strings point into argv */
};

/* Prepares an empty demand: the defaults of the schema (objective igp), nothing named. */
void cli_demand_init(struct cli_demand *demand);
/* Frees the lists. */
void cli_demand_free(struct cli_demand *demand);

/*
 * The group of --from, --to, --objective, --bandwidth, --max-delay, --max-hops, --max-te,
 * --max-igp, --max-segments, --include-any, --include-all, --exclude-any, --avoid-node,
 * --avoid-link, --avoid-srlg, --disjoint, --pair-objective, --via, --via-service, --slice, --k,
 * --diverse, --co-routed, --guarantee, --lists, --budget. Lists of affinity names are separated by
 * commas, and every list option may be repeated. Lists of nodes, links and SRLGs are kept as typed:
 * only with the network at hand can be told whether "A,B" is one name, the links between A and B,
 * or two names; see cli_demand_expand.
 */
struct cli_group cli_demand_group(struct cli_demand *demand);

/* PCE_INVALID if --from or --to is missing or both name the same node, and for options that
 * contradict each other. */
enum pce_status cli_demand_check(const struct cli_demand *demand, struct pce_error *err);

/* What the names of a list stand for. */
enum cli_name_kind { CLI_NAME_NODE, CLI_NAME_LINK, CLI_NAME_SRLG };

/*
 * Expands the values of a list option into single names that ted knows: a value that is a name (for
 * links also "A,B", all parallel links between the two) stands for itself, any other is split at
 * its commas. PCE_INVALID names what is unknown. The result is in arena.
 */
enum pce_status cli_names_expand(const struct ted *ted, enum cli_name_kind kind,
				 struct name_list typed, struct arena *arena, struct name_list *out,
				 struct pce_error *err);

/* Expands the lists of nodes, links and SRLGs of a demand. */
enum pce_status cli_demand_expand(struct cli_demand *demand, const struct ted *ted,
				  struct pce_error *err);

#endif
