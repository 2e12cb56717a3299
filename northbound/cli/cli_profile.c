/* karst profile check: whether a profile file can work, and fits the router's YANG modules. */
#include "northbound/cli/cli_profile.h"

#include <stdio.h>
#include <string.h>

#include "northbound/cli/cli.h"
#include "southbound/profile/library.h"

struct profile_options {
	const char *yang;
};

static enum pce_status
take_yang(void *into, const char *value, struct pce_error *err)
{
	struct profile_options *options = into;

	(void)err;
	options->yang = value;
	return PCE_OK;
}

static enum pce_status
examine(const char *name, const char *yang, struct text *notice, struct pce_error *err)
{
	const bool builtin = profile_table_builtin(name) != NULL;
	const struct config_profile config = { .name = name,
					       .model = builtin ? name : NULL,
					       .model_file = builtin ? NULL : name };
	struct codec *codec = NULL;
	enum pce_status status = codec_new(NULL, &codec, err);

	if (status == PCE_OK)
		status = profile_examine(codec, &config, yang, notice, err);
	codec_free(codec);
	return status;
}

static int
check(int argc, char **argv)
{
	static const struct cli_option options[] = {
		{ "yang", 'y', "DIR:…", "folders with the router's YANG modules", take_yang },
	};
	static const struct cli_command command = {
		"profile check", "FILE|NAME",
		"Checks a profile file, or a built-in profile (karst, ietf), against a router's "
		"YANG.",
		1, 1
	};
	struct profile_options taken = { 0 };
	struct cli_group groups[] = { { options, 1, &taken } };
	struct pce_error err = { 0 };
	struct text notice = { 0 };
	const char *name;
	size_t n;
	int result = cli_parse(&command, argc, argv, groups, 1, &name, &n);

	if (result != CLI_GO_ON)
		return result;
	if (examine(name, taken.yang, &notice, &err)) {
		text_free(&notice);
		return cli_fail("profile", &err);
	}
	if (notice.len > 0)
		fprintf(stderr, "karst profile: %s\n", text_get(&notice));
	printf("%s: %s\n", name,
	       notice.len > 0 ? "good by itself" : "good, and fits the YANG modules");
	text_free(&notice);
	return CLI_DONE;
}

int
cli_profile(int argc, char **argv)
{
	if (argc > 1 && strcmp(argv[1], "check") == 0)
		return check(argc - 1, argv + 1);
	if (argc > 1 && strcmp(argv[1], "--help") == 0) {
		puts("usage: karst profile check FILE|NAME [--yang DIR:…]");
		return CLI_DONE;
	}
	return cli_usage("profile", "the verb is check");
}
