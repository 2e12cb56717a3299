/* karst topology FILE: what a topology file says, without a daemon. */
#ifndef NORTHBOUND_CLI_CLI_TOPOLOGY_H
#define NORTHBOUND_CLI_CLI_TOPOLOGY_H

/* Runs the verb; argv[0] is its name. Without FILE the daemon is asked. Returns the exit status. */
int cli_topology(int argc, char **argv);

/* The verbs behind it: karst topology check FILE, convert FILE, analyse FILE. argv[0] is the last
 * word of the name. */
int cli_topology_check(int argc, char **argv);
int cli_topology_convert(int argc, char **argv);
int cli_topology_analyse(int argc, char **argv);

#endif
