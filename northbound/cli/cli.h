/*
 * What the verbs of the command line share: options, tables, usage errors, exit status.
 *
 * A verb declares its options as a table and parses with cli_parse; groups of options that several
 * verbs take (output format, server, demand) are tables too, each with the struct that it fills.
 * Standard output carries only the result; everything else goes to standard error.
 */
#ifndef NORTHBOUND_CLI_CLI_H
#define NORTHBOUND_CLI_CLI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "pce/base/status.h"

/* Exit status of every verb. */
enum cli_exit {
	CLI_DONE = 0,
	CLI_NO_ANSWER = 1, /* no path, not feasible, refused */
	CLI_USAGE = 2, /* usage, or bad input */
	CLI_UNREACHABLE = 3, /* the daemon or a router could not be reached */
};

/* Returned by cli_parse instead of an exit status: go on. */
#define CLI_GO_ON (-1)

/* One option. Its letter and its name both work: "-o json", "--output json", "--output=json". */
struct cli_option {
	const char *name; /* without dashes */
	char letter; /* 0: none */
	const char *value; /* what the help calls its value; NULL: a flag without one */
	const char *help;
	/* Takes the value (NULL for a flag) into the group's struct. May be called repeatedly. */
	enum pce_status (*take)(void *into, const char *value, struct pce_error *err);
};

/* A table of options with what they fill. */
struct cli_group {
	const struct cli_option *options;
	size_t n;
	void *into;
};

/* What a verb is, for its usage text and for the number of operands. */
struct cli_command {
	const char *name; /* "path", "intent put" */
	const char *operands; /* "[FILE]"; "" for none */
	const char *summary; /* one sentence */
	size_t min_operands, max_operands;
};

/*
 * Parses argv[1..]: options of all groups and operands, mixed in any order; "--" ends the options,
 * "-" is an operand. operands has room for command->max_operands. Returns CLI_GO_ON, or the exit
 * status: CLI_DONE after --help (printed to standard output), CLI_USAGE after a complaint on
 * standard error. Strings point into argv.
 */
int cli_parse(const struct cli_command *command, int argc, char **argv,
	      const struct cli_group *groups, size_t n_groups, const char **operands,
	      size_t *n_operands);

/* How a result is printed. */
enum cli_format { CLI_TABLE, CLI_JSON };

/* The group of "-o table|json", into an enum cli_format. */
struct cli_group cli_format_group(enum cli_format *format);

/* Prints "karst VERB: …" and a hint to --help on standard error; returns CLI_USAGE. */
int cli_usage(const char *verb, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/*
 * Prints an error on standard error, with line and data path where they are known; returns the
 * exit status that belongs to it: bad input 2, unreachable or timed out 3, anything else 1.
 */
int cli_fail(const char *verb, const struct pce_error *err);

/* Exit status that belongs to an error: see cli_fail. PCE_OK is CLI_DONE. */
int cli_exit_of(enum pce_status status);

/* Columns of a terminal that a UTF-8 string takes: wide East Asian characters take 2, combining
 * ones 0. Bytes that are not UTF-8 count as the replacement character, 1. */
size_t cli_width(const char *text);

/* A table for people: a header and rows of cells, printed in aligned columns. */
struct cli_table;

enum cli_align { CLI_LEFT, CLI_RIGHT };

/* Makes a table without rows; NULL without memory. Caller owns it; cli_table_free(NULL) does
 * nothing. */
struct cli_table *cli_table_new(void);
void cli_table_free(struct cli_table *table);
/* Adds a column at the right; before the first row. */
void cli_table_column(struct cli_table *table, const char *title, enum cli_align align);
/* Adds one cell; cells fill rows from left to right. NULL is shown as "-". Control characters are
 * shown as "?": nothing that a router or a user named can move the cursor. */
void cli_table_cell(struct cli_table *table, const char *text);
/* As cli_table_cell, formatted. */
void cli_table_cellf(struct cli_table *table, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* Prints header and rows; a table without rows prints its header. False without memory or when the
 * stream failed. */
bool cli_table_print(const struct cli_table *table, FILE *out);

/* Why cli_table_print failed: standard output could not be written (PCE_IO), or memory ran out. */
enum pce_status cli_output_fault(struct pce_error *err);

/* Reads a file, or standard input for "-", up to limit bytes. *out is NUL-terminated and owned by
 * the caller. PCE_IO, and PCE_INVALID for a longer one, name the file. */
enum pce_status cli_read_file(const char *path, size_t limit, char **out, size_t *len,
			      struct pce_error *err);

#endif
