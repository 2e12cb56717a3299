/* karst profile: files that say how a kind of router writes policies. */
#ifndef NORTHBOUND_CLI_CLI_PROFILE_H
#define NORTHBOUND_CLI_CLI_PROFILE_H

/* The verb; argv[0] is "profile". Returns the exit status. */
int cli_profile(int argc, char **argv);

#endif
