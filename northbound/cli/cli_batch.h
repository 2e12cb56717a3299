/* karst path FILE --batch REQUESTS: many requests at once, on several threads. */
#ifndef NORTHBOUND_CLI_CLI_BATCH_H
#define NORTHBOUND_CLI_CLI_BATCH_H

#include <stdbool.h>

#include "northbound/cli/cli.h"

struct cli_batch {
	const char *requests; /* file, "-" standard input; NULL: no batch */
	uint32_t threads; /* 0: as many as there are processors */
};

/* The group of --batch and --threads. */
struct cli_group cli_batch_group(struct cli_batch *batch);

/* True if --batch is among the arguments: then there has to be a file. */
bool cli_batch_is_asked(int argc, char **argv);

/*
 * Reads the network in file and the requests: inputs of compute-path in JSON, as a list or one
 * behind the other (one a line). All are read, and their names looked up, before any is computed: a
 * fault ends the verb and names the request. Prints the answers in the order of the requests, one
 * JSON object a line or one table; the answers do not depend on the number of threads. csid as for
 * the verb. Returns the exit status: CLI_NO_ANSWER if some request has no path.
 */
int cli_batch_run(const char *file, const struct cli_batch *batch, enum cli_format format,
		  bool csid);

#endif
