/* Verbs that ask the daemon's API. Each takes --server, --token-file, --ca and -o. */
#ifndef NORTHBOUND_CLI_CLI_ONLINE_H
#define NORTHBOUND_CLI_CLI_ONLINE_H

/* Each runs its verb; argv[0] is its name. Returns the exit status, see enum cli_exit. */

/* karst status: overview, feeds, devices, alarms. */
int cli_status(int argc, char **argv);
/* karst intent list | get ID | put FILE | delete ID. */
int cli_intent(int argc, char **argv);
/* karst policy adopt DEVICE POLICY. */
int cli_policy_adopt(int argc, char **argv);
/* karst reoptimise. */
int cli_reoptimise(int argc, char **argv);
/* karst link damped, suspects, history. */
int cli_link(int argc, char **argv);
/* karst policy list | get ID | history ID. */
int cli_policy(int argc, char **argv);
/* karst trace INTENT: what packets really take beside what was computed. */
int cli_trace(int argc, char **argv);
/* karst token list | create NAME | revoke NAME. */
int cli_token(int argc, char **argv);
/* karst telemetry. */
int cli_telemetry(int argc, char **argv);
/* karst audit. */
int cli_audit(int argc, char **argv);
/* karst mode [MODE]. */
int cli_mode(int argc, char **argv);
/* karst change [list | show ID | approve ID | reject ID]. */
int cli_change(int argc, char **argv);
/* karst alarm [list | ack OBJECT TYPE]. */
int cli_alarm(int argc, char **argv);
/* karst resume. */
int cli_resume(int argc, char **argv);
/* karst drain KIND NAME, karst undrain KIND NAME. */
int cli_drain(int argc, char **argv);
int cli_undrain(int argc, char **argv);
/* karst backup FILE. */
int cli_backup(int argc, char **argv);
/* karst events: what happens, until it is interrupted. */
int cli_events(int argc, char **argv);
/* karst topology without FILE. */
int cli_topology_online(int argc, char **argv);
/* karst path without FILE. */
int cli_path_online(int argc, char **argv);

#endif
