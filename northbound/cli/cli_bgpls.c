/* karst bgpls: hex lines in, JSON lines out. */
#define _POSIX_C_SOURCE 200809L

#include "northbound/cli/cli_bgpls.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "southbound/bgp/json.h"

static const char usage[] =
    "usage: karst bgpls decode --kind update|nlri|attr|desc < FILE\n"
    "  reads one hex string a line and prints one JSON object for each line\n"
    "  update  a whole BGP message         nlri  BGP-LS NLRIs\n"
    "  attr    the value of attribute 29   desc  descriptor TLVs\n";

static int
fail_usage(const char *why, const char *word)
{
	fprintf(stderr, "karst bgpls: %s%s\n%s", why, word, usage);
	return 2;
}

static int
decode(enum bgpls_kind kind)
{
	struct text out = { 0 };
	char *line = NULL;
	size_t cap = 0;
	ssize_t len;
	int status = 0;

	while (status == 0 && (len = getline(&line, &cap, stdin)) >= 0) {
		text_clear(&out);
		bgpls_json_line(kind, line, (size_t)len, &out);
		if (text_ok(&out))
			puts(text_get(&out));
		else
			puts("{\"error\": \"out of memory\"}");
		/* who asks line by line over a pipe waits for the answer */
		if (fflush(stdout) != 0)
			status = 3;
	}
	if (ferror(stdin) || fflush(stdout) != 0)
		status = 3;
	if (status)
		perror("karst bgpls");
	text_free(&out);
	free(line);
	return status;
}

int
cli_bgpls(int argc, char **argv)
{
	const char *word = NULL;
	enum bgpls_kind kind;
	struct pce_error err;

	if (argc >= 2 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)) {
		fputs(usage, stdout);
		return 0;
	}
	if (argc < 2 || strcmp(argv[1], "decode") != 0)
		return fail_usage("decode is the only verb here", "");
	for (int i = 2; i < argc; i++) {
		if (strcmp(argv[i], "--kind") == 0 && i + 1 < argc)
			word = argv[++i];
		else if (strncmp(argv[i], "--kind=", 7) == 0)
			word = argv[i] + 7;
		else if (strcmp(argv[i], "--help") == 0)
			return fputs(usage, stdout) < 0 ? 3 : 0;
		else
			return fail_usage("not understood: ", argv[i]);
	}
	if (!word)
		return fail_usage("--kind is missing", "");
	if (bgpls_parse_kind(word, &kind, &err))
		return fail_usage("", err.text);
	return decode(kind);
}
