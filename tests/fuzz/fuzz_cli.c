/*
 * Fuzz target: what the command line's own parsers are given. The first octet chooses: numbers with
 * units, the JSON of replies, or the options of a demand, one "NAME VALUE" a line.
 */
#include <stdlib.h>
#include <string.h>

#include "northbound/cli/cli_demand.h"
#include "northbound/cli/json.h"
#include "pce/base/units.h"
#include "tests/fuzz/fuzz.h"

#define DEPTH_MAX 200

static void
read_units(const char *text)
{
	uint64_t value = 0;
	struct pce_error err;

	(void)units_parse_bps(text, &value, &err);
	(void)units_parse_us(text, &value, &err);
	(void)units_parse_availability(text, &value, &err);
	(void)units_parse_probability(text, &value, &err);
}

/* Visits everything as the tables do. */
static void
walk(const struct cli_node *node, unsigned depth)
{
	const struct cli_node *item;
	const char *name;
	void *at = NULL;

	(void)cli_json_text(node);
	(void)cli_json_number(node, "id", 7);
	(void)cli_json_true(node, "up");
	if (depth == DEPTH_MAX)
		return;
	while ((item = cli_json_next(node, &at)))
		walk(item, depth + 1);
	item = cli_json_find(node, "karst-", &name);
	if (item)
		walk(item, depth + 1);
	item = cli_json_get(node, "a");
	if (item)
		walk(item, depth + 1);
}

static void
read_json(const char *text, size_t len)
{
	struct cli_json *json = NULL;
	struct pce_error err;

	if (cli_json_parse(text, len, &json, &err) == PCE_OK)
		walk(cli_json_root(json), 0);
	cli_json_free(json);
}

/* One option of a demand; a name that is none takes the value all the same, as the first. */
static void
take(const struct cli_group *group, const char *name, const char *value)
{
	const struct cli_option *option = &group->options[0];
	struct pce_error err;

	for (size_t i = 0; i < group->n; i++)
		if (strcmp(group->options[i].name, name) == 0)
			option = &group->options[i];
	(void)option->take(group->into, option->value ? value : NULL, &err);
}

static void
read_demand(char *text)
{
	struct cli_demand demand;
	struct cli_group group;
	struct pce_error err;
	char *line, *value;

	cli_demand_init(&demand);
	group = cli_demand_group(&demand);
	while ((line = text) && *line) {
		text = strchr(line, '\n');
		if (text)
			*text++ = '\0';
		value = strchr(line, ' ');
		if (value)
			*value++ = '\0';
		take(&group, line, value ? value : "");
	}
	(void)cli_demand_check(&demand, &err);
	cli_demand_free(&demand);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text;

	if (size < 1)
		return 0;
	text = malloc(size);
	if (!text)
		abort();
	memcpy(text, data + 1, size - 1);
	text[size - 1] = '\0';
	if (data[0] % 3 == 0)
		read_units(text);
	else if (data[0] % 3 == 1)
		read_json(text, size - 1);
	else
		read_demand(text);
	free(text);
	return 0;
}
