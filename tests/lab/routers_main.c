/*
 * karst-lab-routers: emulated NETCONF routers as a program. Lines on standard input control them
 * (routers.h says how; "quit" or the end of input ends the program), one line on standard output
 * answers each, and one line is written for each commit, roll-back and end of a session, with the
 * microseconds of CLOCK_MONOTONIC in front.
 */
#define _GNU_SOURCE
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "pce/base/array.h"
#include "tests/lab/routers.h"

static const char usage[] =
    "usage: karst-lab-routers --host-key FILE --authorized FILE.pub [--count N | --names FILE]\n"
    "       [--port FIRST] [--address ADDR] [--yang DIR:DIR] [--threads N]\n"
    "       [--no-confirmed-commit] [--no-control]\n"
    "       [--gnmi FIRST-PORT [--gnmi-cert FILE --gnmi-key FILE [--gnmi-ca FILE]]\n"
    "        [--gnmi-user NAME:PASSWORD]]\n";

static void
print_line(void *ctx, const char *line)
{
	(void)ctx;
	printf("%s\n", line);
	fflush(stdout);
}

/* One name a line; NULL with a message if the file cannot be read. */
static const char **
read_names(const char *path, unsigned *count)
{
	FILE *f = fopen(path, "r");
	const char **names = NULL;
	size_t cap = 0;
	char line[256];

	if (f == NULL) {
		perror(path);
		return NULL;
	}
	while (fgets(line, sizeof line, f) != NULL) {
		line[strcspn(line, "\r\n")] = '\0';
		if (line[0] == '\0' || array_reserve(&names, &cap, *count + 1, sizeof *names, NULL))
			continue;
		names[(*count)++] = array_strdup(line);
	}
	fclose(f);
	return names;
}

static void
control_loop(struct lab_routers *routers)
{
	char line[1024];

	while (fgets(line, sizeof line, stdin) != NULL) {
		struct pce_error err = { 0 };
		char *answer = NULL;

		line[strcspn(line, "\r\n")] = '\0';
		if (strcmp(line, "quit") == 0)
			return;
		if (lab_routers_control(routers, line, &answer, &err))
			printf("error %s\n", err.text);
		else
			printf("%s\n", answer);
		fflush(stdout);
		free(answer);
	}
}

static void
wait_for_signal(void)
{
	sigset_t set;
	int which;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigwait(&set, &which);
}

/* NAME:PASSWORD, in place. */
static void
read_user(char *text, struct lab_gnmi_setup *gnmi)
{
	char *colon = strchr(text, ':');

	gnmi->username = text;
	gnmi->password = colon ? colon + 1 : "";
	if (colon != NULL)
		*colon = '\0';
}

static bool
read_gnmi(int option, char *value, struct lab_gnmi_setup *gnmi)
{
	if (option == 'g')
		gnmi->first_port = (uint16_t)strtoul(value, NULL, 10);
	else if (option == 'C')
		gnmi->certificate_file = value;
	else if (option == 'K')
		gnmi->key_file = value;
	else if (option == 'A')
		gnmi->ca_file = value;
	else if (option == 'U')
		read_user(value, gnmi);
	else
		return false;
	return true;
}

static bool
read_options(int argc, char **argv, struct lab_routers_setup *setup, bool *controlled)
{
	static const struct option options[] = {
		{ "count", required_argument, NULL, 'c' },
		{ "names", required_argument, NULL, 'n' },
		{ "port", required_argument, NULL, 'p' },
		{ "address", required_argument, NULL, 'a' },
		{ "host-key", required_argument, NULL, 'k' },
		{ "authorized", required_argument, NULL, 'u' },
		{ "yang", required_argument, NULL, 'y' },
		{ "threads", required_argument, NULL, 't' },
		{ "no-confirmed-commit", no_argument, NULL, 'x' },
		{ "no-control", no_argument, NULL, 'q' },
		{ "gnmi", required_argument, NULL, 'g' },
		{ "gnmi-cert", required_argument, NULL, 'C' },
		{ "gnmi-key", required_argument, NULL, 'K' },
		{ "gnmi-ca", required_argument, NULL, 'A' },
		{ "gnmi-user", required_argument, NULL, 'U' },
		{ NULL, 0, NULL, 0 },
	};
	int o;

	while ((o = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (o == 'c')
			setup->count = (unsigned)strtoul(optarg, NULL, 10);
		else if (o == 'n')
			setup->names = read_names(optarg, &setup->count);
		else if (o == 'p')
			setup->first_port = (uint16_t)strtoul(optarg, NULL, 10);
		else if (o == 'a')
			setup->address = optarg;
		else if (o == 'k')
			setup->host_key_file = optarg;
		else if (o == 'u')
			setup->authorized_file = optarg;
		else if (o == 'y')
			setup->yang_path = optarg;
		else if (o == 't')
			setup->poll_threads = (unsigned)strtoul(optarg, NULL, 10);
		else if (o == 'x')
			setup->no_confirmed_commit = true;
		else if (o == 'q')
			*controlled = false;
		else if (!read_gnmi(o, optarg, &setup->gnmi))
			return false;
	}
	if ((setup->gnmi.certificate_file == NULL) != (setup->gnmi.key_file == NULL))
		return false;
	return optind == argc && setup->host_key_file != NULL && setup->authorized_file != NULL &&
	       setup->count > 0;
}

int
main(int argc, char **argv)
{
	struct lab_routers_setup setup = {
		.count = 0, .first_port = 18830, .address = "127.0.0.1", .log = print_line
	};
	const char *yang = getenv("KARST_YANG_PATH");
	struct lab_routers *routers = NULL;
	struct pce_error err = { 0 };
	bool controlled = true;
	char path[2048];
	sigset_t set;

	snprintf(path, sizeof path, "%s:/usr/share/yuma/modules/ietf", yang ? yang : KARST_YANGDIR);
	setup.yang_path = path;
	if (!read_options(argc, argv, &setup, &controlled)) {
		fputs(usage, stderr);
		return 2;
	}
	/* The threads inherit the mask: signals are for wait_for_signal. */
	sigemptyset(&set);
	sigaddset(&set, SIGPIPE);
	if (!controlled) {
		sigaddset(&set, SIGTERM);
		sigaddset(&set, SIGINT);
	}
	sigprocmask(SIG_BLOCK, &set, NULL);
	if (lab_routers_start(&setup, &routers, &err)) {
		fprintf(stderr, "karst-lab-routers: %s\n", err.text);
		return 1;
	}
	printf("ready %u %u\n", setup.count, setup.first_port);
	fflush(stdout);
	if (controlled)
		control_loop(routers);
	else
		wait_for_signal();
	lab_routers_stop(routers);
	for (unsigned i = 0; setup.names != NULL && i < setup.count; i++)
		free((char *)(uintptr_t)setup.names[i]);
	free((void *)(uintptr_t)setup.names);
	return 0;
}
