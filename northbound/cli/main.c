/* karst: the command line. Each verb is one row of the table. */
#include "config.h"

#include <malloc.h>
#include <stdio.h>
#include <string.h>

#include "northbound/cli/cli_bgpls.h"
#include "northbound/cli/cli_online.h"
#include "northbound/cli/cli_path.h"
#include "northbound/cli/cli_profile.h"
#include "northbound/cli/cli_topology.h"
#include "northbound/cli/cli_whatif.h"

static const struct verb {
	const char *name;
	int (*run)(int argc, char **argv); /* argv[0] is the verb; returns the exit status */
	const char *help;
} verbs[] = {
	{ "path", cli_path, "compute a path on the network in a file, or on the daemon's" },
	{ "whatif", cli_whatif, "tell what a failure does to a set of intents" },
	{ "topology", cli_topology, "show a network" },
	{ "intent", cli_intent, "list, show, put and delete intents" },
	{ "policy", cli_policy, "show the policies on the headends" },
	{ "trace", cli_trace, "show the links that packets of an intent really take" },
	{ "link", cli_link, "show the links that flapped or are suspected, or what one carried" },
	{ "reoptimise", cli_reoptimise, "move policies to better paths now" },
	{ "link", cli_link, "show the links that flapped or are suspected" },
	{ "status", cli_status, "show how the daemon, its feeds and its devices are" },
	{ "events", cli_events, "follow what happens" },
	{ "token", cli_token, "list, make and end tokens" },
	{ "telemetry", cli_telemetry, "show what routers stream" },
	{ "audit", cli_audit, "show who changed what" },
	{ "mode", cli_mode, "show or change whether Karst acts" },
	{ "change", cli_change, "show, approve and reject changes that wait in the mode advise" },
	{ "drain", cli_drain, "take traffic off a node, a link or a shared risk" },
	{ "undrain", cli_undrain, "let traffic use it again" },
	{ "alarm", cli_alarm, "show and acknowledge alarms" },
	{ "resume", cli_resume, "end a freeze of changes" },
	{ "backup", cli_backup, "copy what the daemon has stored into a file" },
	{ "profile", cli_profile, "check how a kind of router is said to write policies" },
	{ "bgpls", cli_bgpls, "decode BGP-LS messages given as hex" },
};

static int
usage(FILE *out)
{
	fputs("usage: karst VERB …\n", out);
	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++)
		fprintf(out, "  %-10s %s\n", verbs[i].name, verbs[i].help);
	return out == stdout ? 0 : 2;
}

int
main(int argc, char **argv)
{
	/* As karstd: forks of the graph come and go. */
	mallopt(M_MMAP_THRESHOLD, 32 << 20);
	mallopt(M_TRIM_THRESHOLD, 256 << 20);
	if (argc < 2)
		return usage(stderr);
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 ||
	    strcmp(argv[1], "help") == 0)
		return usage(stdout);
	if (strcmp(argv[1], "--version") == 0)
		return puts("karst " PACKAGE_VERSION) < 0 ? 3 : 0;
	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++)
		if (strcmp(argv[1], verbs[i].name) == 0)
			return verbs[i].run(argc - 1, argv + 1);
	fprintf(stderr, "karst: no verb is called %s\n", argv[1]);
	return usage(stderr);
}
