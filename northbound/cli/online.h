/* What the online verbs share. */
#ifndef NORTHBOUND_CLI_ONLINE_H
#define NORTHBOUND_CLI_ONLINE_H

#include "northbound/cli/client.h"
#include "northbound/cli/json.h"
#include "pce/base/text.h"

#define ONLINE_PATH 512 /* room for a resource's path */
#define ONLINE_INTENTS "/restconf/data/karst-intent:intents"
#define ONLINE_POLICIES "/restconf/data/karst-policy:policies"
#define ONLINE_HISTORIES "/restconf/data/karst-policy:histories"
#define ONLINE_TOPOLOGY "/restconf/data/karst-topology:topology"
#define ONLINE_STATE "/restconf/data/karst-operations:operations"

/* What every online verb is told. */
struct online {
	const char *verb; /* as in messages: "intent get" */
	struct cli_server server;
	enum cli_format format;
};

/* Shows the members of an answer to people; false without memory. */
typedef bool online_show(const struct cli_node *root);

/* GETs a resource and prints it: as it came for JSON, by show for people. Exit status. */
int online_get(const struct online *online, const char *path, online_show *show);

/* Adds a member to the input of an operation; value NULL adds nothing. */
void online_member(struct text *input, const char *name, const char *value);
/*
 * Posts an operation of karst-operations with the members of its input (NULL: it has none), which
 * are freed. Its answer's body goes into *out, to free(), unless out is NULL. Exit status.
 */
int online_order(const struct online *online, const char *operation, struct text *input,
		 char **out);

/* "PATH/LIST=KEY" with the key encoded; false if it does not fit. */
bool online_entry(char out[ONLINE_PATH], const char *path, const char *list, const char *key);

/* Adds columns: the names of titles, separated by spaces; "<" before a name aligns left, ">"
 * right. A "_" stands for a space. NULL without memory. */
struct cli_table *online_table(const char *titles);
/* Prints and frees; false if it is NULL or memory ran out. */
bool online_table_done(struct cli_table *table);

/* Cells with the value of a member; "-" if it is absent. */
void online_cell(struct cli_table *table, const struct cli_node *object, const char *name);
/* The same, of a bandwidth in bit/s, a delay in us. */
void online_cell_bps(struct cli_table *table, const struct cli_node *object, const char *name);
void online_cell_us(struct cli_table *table, const struct cli_node *object, const char *name);
/* A cell with all items of a member, with between between them. */
void online_cell_list(struct cli_table *table, const struct cli_node *object, const char *name,
		      const char *between);
/* The same of an array of objects: of each the member. */
void online_cell_members(struct cli_table *table, const struct cli_node *array, const char *member,
			 const char *between);

/* How much of a history is asked for. */
struct online_history {
	uint64_t last_us, step_us; /* 0: not given */
};

/* --last and --step. */
struct cli_group online_history_group(struct online_history *options);
/* Shows the history of a link; exit status. */
int online_history(const struct online *online, const char *link,
		   const struct online_history *options);

#endif
