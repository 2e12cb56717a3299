/* karst path FILE: paths on the network that a file describes, without a daemon. */
#ifndef NORTHBOUND_CLI_CLI_PATH_H
#define NORTHBOUND_CLI_CLI_PATH_H

/* Runs the verb; argv[0] is its name. Without FILE the daemon is asked. Returns the exit status. */
int cli_path(int argc, char **argv);

#endif
