/* karst topology FILE: what a topology file says, without a daemon. */
#ifndef NORTHBOUND_CLI_CLI_TOPOLOGY_H
#define NORTHBOUND_CLI_CLI_TOPOLOGY_H

/* Runs the verb; argv[0] is its name. Without FILE the daemon is asked. Returns the exit status. */
int cli_topology(int argc, char **argv);

#endif
