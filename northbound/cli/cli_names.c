/* Names in lists, told apart with the network at hand; see cli_demand.h. */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "northbound/cli/cli_demand.h"

static enum pce_status
known(const struct ted *ted, enum cli_name_kind kind, const char *name, struct pce_error *err)
{
	enum pce_status status = PCE_OK;
	ted_link *links = NULL;
	size_t n = 0, cap = 0;
	uint32_t number;

	switch (kind) {
	case CLI_NAME_NODE:
		return ted_find_node(ted, name, &number, err);
	case CLI_NAME_LINK:
		status = ted_find_links(ted, name, &links, &n, &cap, err);
		free(links);
		return status;
	case CLI_NAME_SRLG:
		return ted_find_srlg(ted, name, &number, err);
	}
	return status;
}

/* Appends the parts of one value, each of which must be known, to *names (n of them, room enough).
 */
static enum pce_status
split_value(const struct ted *ted, enum cli_name_kind kind, char *value, const char **names,
	    size_t *n, struct pce_error *err)
{
	while (value) {
		const char *part = strsep(&value, ",");
		enum pce_status status = known(ted, kind, part, err);

		if (status != PCE_OK)
			return status == PCE_NOT_FOUND ? PCE_INVALID : status;
		names[(*n)++] = part;
	}
	return PCE_OK;
}

enum pce_status
cli_names_expand(const struct ted *ted, enum cli_name_kind kind, struct name_list typed,
		 struct arena *arena, struct name_list *out, struct pce_error *err)
{
	size_t room = 0, n = 0;
	const char **names;

	for (size_t i = 0; i < typed.n; i++) {
		room++;
		for (const char *c = typed.names[i]; *c; c++)
			room += *c == ',';
	}
	names = arena_alloc(arena, room * sizeof(names[0]) + 1);
	if (!names)
		return pce_no_memory(err);
	for (size_t i = 0; i < typed.n; i++) {
		enum pce_status status;
		char *copy;

		if (!strchr(typed.names[i], ',') ||
		    known(ted, kind, typed.names[i], NULL) == PCE_OK) {
			status = known(ted, kind, typed.names[i], err);
			if (status != PCE_OK)
				return status == PCE_NOT_FOUND ? PCE_INVALID : status;
			names[n++] = typed.names[i];
			continue;
		}
		copy = arena_strdup(arena, typed.names[i]);
		if (!copy)
			return pce_no_memory(err);
		status = split_value(ted, kind, copy, names, &n, err);
		if (status != PCE_OK)
			return status;
	}
	*out = (struct name_list){ names, n };
	return PCE_OK;
}

enum pce_status
cli_demand_expand(struct cli_demand *demand, const struct ted *ted, struct pce_error *err)
{
	struct intent *intent = &demand->intent;
	const struct {
		enum cli_name_kind kind;
		struct name_list *list;
	} rows[] = {
		{ CLI_NAME_NODE, &intent->avoid_nodes },
		{ CLI_NAME_LINK, &intent->avoid_links },
		{ CLI_NAME_SRLG, &intent->avoid_srlgs },
		{ CLI_NAME_NODE, &intent->via },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		enum pce_status status = cli_names_expand(ted, rows[i].kind, *rows[i].list,
							  &demand->arena, rows[i].list, err);

		if (status != PCE_OK)
			return status;
	}
	return PCE_OK;
}
