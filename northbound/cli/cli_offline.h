/* What the offline verbs share: a network from a file with everything needed to compute on it. */
#ifndef NORTHBOUND_CLI_CLI_OFFLINE_H
#define NORTHBOUND_CLI_CLI_OFFLINE_H

#include "models/codec/codec.h"
#include "models/codec/path.h"
#include "models/import/import.h"
#include "northbound/cli/cli.h"
#include "pce/path/path.h"
#include "pce/policy/place.h"
#include "pce/segment/compile.h"

/*
 * Reads a topology file, or standard input for "-", of a format (IMPORT_ANY: tell it by content).
 * *out must be empty. The sentence of an error begins with FILE:LINE, but for standard input. What
 * Karst does not read is PCE_INVALID.
 */
enum pce_status cli_topology_read(const struct codec *codec, const char *file,
				  enum import_format format, struct codec_topology *out,
				  struct pce_error *err);

/* As cli_topology_read, but the format that was told is put into *format, and the error keeps its
 * line beside the sentence. */
enum pce_status cli_topology_look(const struct codec *codec, const char *file,
				  enum import_format *format, struct codec_topology *out,
				  struct pce_error *err);

/* The option --format, into an enum import_format. */
struct cli_group cli_import_format_group(enum import_format *format);

/* Lists what was assumed and left out on standard error, each line with the verb in front. */
void cli_topology_report(const char *verb, const char *file, const struct codec_topology *topology);

struct cli_network {
	enum import_format format; /* set before opening; IMPORT_ANY tells it by content */
	struct codec *codec;
	struct ted *ted;
	struct path_engine *engine;
	struct segment_igp *igp;
};

/*
 * Reads a topology file of any supported format. What the file lacked and was assumed is listed on
 * standard error, each line with the verb in front. *out must be
 * zeroed but for its format; cli_network_close
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
