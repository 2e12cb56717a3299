/* karst bgpls: what routers really sent, in words. Needs no daemon. */
#ifndef NORTHBOUND_CLI_CLI_BGPLS_H
#define NORTHBOUND_CLI_CLI_BGPLS_H

/*
 * Runs "bgpls decode --kind update|nlri|attr|desc": one hex string a line on standard input, one
 * JSON object a line on standard output, in order, whatever the line holds. argv[0] is the verb.
 * Returns the exit status: 0 done, 2 usage, 3 when input or output failed.
 */
int cli_bgpls(int argc, char **argv);

#endif
