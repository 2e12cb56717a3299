/* What the offline verbs share: a network from a file with everything needed to compute on it. */
#ifndef NORTHBOUND_CLI_CLI_OFFLINE_H
#define NORTHBOUND_CLI_CLI_OFFLINE_H

#include "models/codec/codec.h"
#include "models/codec/path.h"
#include "northbound/cli/cli.h"
#include "pce/path/path.h"
#include "pce/policy/place.h"
#include "pce/segment/compile.h"

struct cli_network {
	struct codec *codec;
	struct ted *ted;
	struct path_engine *engine;
	struct segment_igp *igp;
};

/*
 * Reads a topology file of any supported format. What the file lacked and was assumed is listed on
 * standard error, each line with the verb in front. *out must be zeroed; cli_network_close
 * afterwards, also on failure.
 */
enum pce_status cli_network_open(const char *verb, const char *file, struct cli_network *out,
				 struct pce_error *err);
void cli_network_close(struct cli_network *network);

/* Names of the network's rows for the codec; borrows network. */
struct codec_names cli_network_names(const struct cli_network *network);

/* How lists are compiled offline: an absent MSD is no limit, missing SIDs are made up and listed.
 */
struct segment_options cli_network_options(void);

/* One line a made-up SID on standard error, if the lists have any. */
void cli_network_report_assumed(const char *verb, const struct cli_network *network,
				const struct segment_list *lists, size_t n);

/* True if some argument is an operand: then a file is meant, else the daemon. */
bool cli_has_operand(int argc, char **argv);

#endif
