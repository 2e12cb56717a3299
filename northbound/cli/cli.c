/*
 * Options and complaints. Options are parsed here and not by getopt, because the groups of several
 * rooms are put together at run time, every value has a parser that says what is wrong with it, and
 * options and operands may be mixed on every C library.
 */
#include "northbound/cli/cli.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "pce/base/array.h"

/* One run of cli_parse. */
struct parse {
	const struct cli_command *command;
	const struct cli_group *groups;
	size_t n_groups;
	int argc;
	char **argv;
	int at; /* argument being looked at */
};

static void
print_help(const struct parse *p, FILE *out)
{
	fprintf(out, "Usage: karst %s [OPTION]...%s%s\n%s\n\nOptions:\n", p->command->name,
		p->command->operands[0] ? " " : "", p->command->operands, p->command->summary);
	for (size_t g = 0; g < p->n_groups; g++) {
		for (size_t i = 0; i < p->groups[g].n; i++) {
			const struct cli_option *o = &p->groups[g].options[i];
			char left[64], letter[8] = "    ";

			if (o->letter)
				snprintf(letter, sizeof(letter), "-%c, ", o->letter);
			snprintf(left, sizeof(left), "%s--%s%s%s", letter, o->name,
				 o->value ? " " : "", o->value ? o->value : "");
			fprintf(out, "  %-34s  %s\n", left, o->help);
		}
	}
	fprintf(out, "  %-34s  %s\n", "-h, --help", "show this text");
}

/* The option called name (len octets, or the letter if len is 0), and its group. */
static const struct cli_option *
find_option(const struct parse *p, const char *name, size_t len, char letter,
	    const struct cli_group **group)
{
	for (size_t g = 0; g < p->n_groups; g++) {
		for (size_t i = 0; i < p->groups[g].n; i++) {
			const struct cli_option *o = &p->groups[g].options[i];

			*group = &p->groups[g];
			if (len == 0 ? letter == o->letter
				     : strlen(o->name) == len && !memcmp(o->name, name, len))
				return o;
		}
	}
	return NULL;
}

/* Takes the option at p->at, which begins with a dash; CLI_GO_ON or an exit status. */
static int
take_option(struct parse *p)
{
	const char *arg = p->argv[p->at], *value = NULL;
	const char *verb = p->command->name;
	const struct cli_group *group = NULL;
	const struct cli_option *o;
	struct pce_error err = { 0 };
	int shown; /* octets of arg that name the option */

	if (arg[1] == '-') {
		const char *equals = strchr(arg, '=');
		size_t len = equals ? (size_t)(equals - arg) : strlen(arg);

		o = find_option(p, arg + 2, len - 2, 0, &group);
		value = equals ? equals + 1 : NULL;
		shown = (int)len;
	} else {
		o = find_option(p, NULL, 0, arg[1], &group);
		value = arg[2] ? arg + 2 : NULL;
		shown = 2;
	}
	if (!o)
		return cli_usage(verb, "there is no option %.*s", shown, arg);
	if (!o->value && value)
		return cli_usage(verb, "option %.*s takes no value", shown, arg);
	if (o->value && !value) {
		if (p->at + 1 >= p->argc)
			return cli_usage(verb, "option %.*s needs a value: %s", shown, arg,
					 o->value);
		value = p->argv[++p->at];
	}
	if (o->take(group->into, value, &err) != PCE_OK)
		return cli_usage(verb, "option %.*s: %s", shown, arg, err.text);
	return CLI_GO_ON;
}

int
cli_parse(const struct cli_command *command, int argc, char **argv, const struct cli_group *groups,
	  size_t n_groups, const char **operands, size_t *n_operands)
{
	struct parse p = { command, groups, n_groups, argc, argv, 1 };
	bool options = true;
	size_t n = 0;

	for (; p.at < argc; p.at++) {
		const char *arg = argv[p.at];

		if (options && !strcmp(arg, "--")) {
			options = false;
		} else if (options && (!strcmp(arg, "--help") || !strcmp(arg, "-h"))) {
			print_help(&p, stdout);
			return CLI_DONE;
		} else if (options && arg[0] == '-' && arg[1] != '\0') {
			int status = take_option(&p);

			if (status != CLI_GO_ON)
				return status;
		} else if (n == command->max_operands) {
			return cli_usage(command->name, "\"%s\" is one operand too many", arg);
		} else {
			operands[n++] = arg;
		}
	}
	if (n < command->min_operands)
		return cli_usage(command->name, "an operand is missing: %s", command->operands);
	*n_operands = n;
	return CLI_GO_ON;
}

static enum pce_status
take_format(void *into, const char *value, struct pce_error *err)
{
	enum cli_format *format = into;

	if (!strcmp(value, "table"))
		*format = CLI_TABLE;
	else if (!strcmp(value, "json"))
		*format = CLI_JSON;
	else
		return pce_fail(err, PCE_INVALID, "\"%s\" is neither table nor json", value);
	return PCE_OK;
}

struct cli_group
cli_format_group(enum cli_format *format)
{
	static const struct cli_option options[] = {
		{ "output", 'o', "table|json", "a table for people (default) or JSON for programs",
		  take_format },
	};

	return (struct cli_group){ options, 1, format };
}

int
cli_usage(const char *verb, const char *fmt, ...)
{
	va_list args;

	fprintf(stderr, "karst %s: ", verb);
	va_start(args, fmt);
	vfprintf(stderr, fmt, args);
	va_end(args);
	fprintf(stderr, "\nTry \"karst %s --help\".\n", verb);
	return CLI_USAGE;
}

int
cli_exit_of(enum pce_status status)
{
	switch (status) {
	case PCE_OK:
		return CLI_DONE;
	case PCE_INVALID:
	case PCE_MALFORMED:
	case PCE_NOT_FOUND:
	case PCE_IO:
		return CLI_USAGE;
	case PCE_UNREACHABLE:
	case PCE_TIMEOUT:
	case PCE_DENIED:
		return CLI_UNREACHABLE;
	default:
		return CLI_NO_ANSWER;
	}
}

int
cli_fail(const char *verb, const struct pce_error *err)
{
	fprintf(stderr, "karst %s: ", verb);
	if (err->line)
		fprintf(stderr, "line %u: ", err->line);
	if (err->path[0])
		fprintf(stderr, "%s: ", err->path);
	fprintf(stderr, "%s\n", err->text);
	return cli_exit_of(err->status);
}

enum pce_status
cli_read_file(const char *path, size_t limit, char **out, size_t *len, struct pce_error *err)
{
	bool standard = !strcmp(path, "-");
	const char *name = standard ? "standard input" : path;
	FILE *file = standard ? stdin : fopen(path, "rb");
	enum pce_status status = PCE_OK;
	char *bytes = NULL;
	size_t n = 0, cap = 0;

	if (!file)
		return pce_fail(err, PCE_IO, "cannot open %s: %s", name, strerror(errno));
	for (;;) {
		status = array_reserve(&bytes, &cap, n + 65537, 1, err);
		if (status != PCE_OK)
			break;
		size_t got = fread(bytes + n, 1, 65536, file);

		n += got;
		if (n > limit)
			status =
			    pce_fail(err, PCE_INVALID, "%s is longer than %zu bytes", name, limit);
		else if (ferror(file))
			status = pce_fail(err, PCE_IO, "cannot read %s: %s", name, strerror(errno));
		if (status != PCE_OK || got == 0)
			break;
	}
	if (!standard)
		fclose(file);
	if (status != PCE_OK) {
		free(bytes);
		return status;
	}
	bytes[n] = '\0';
	*out = bytes;
	*len = n;
	return PCE_OK;
}
