/* karst whatif FILE: what a failure does to a set of intents, without a daemon. */
#ifndef NORTHBOUND_CLI_CLI_WHATIF_H
#define NORTHBOUND_CLI_CLI_WHATIF_H

/* Runs the verb; argv[0] is its name. Returns the exit status. */
int cli_whatif(int argc, char **argv);

#endif
