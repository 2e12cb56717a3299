/* What the online verbs share; see online.h. */
#include "config.h"

#include "northbound/cli/online.h"

#include <stdlib.h>
#include <string.h>

#include "pce/base/text.h"
#include "pce/base/units.h"

int
online_get(const struct online *online, const char *path, online_show *show)
{
	struct cli_ask ask = { .method = "GET", .path = path };
	struct cli_reply reply = { 0 };
	struct cli_json *json = NULL;
	struct pce_error err = { 0 };
	enum pce_status status = cli_ask_well(&online->server, &ask, &reply, &err);

	if (status == PCE_OK && online->format == CLI_TABLE)
		status = cli_json_parse(reply.body, reply.len, &json, &err);
	if (status == PCE_OK && json && !show(cli_json_root(json)))
		status = cli_output_fault(&err);
	if (status == PCE_OK && !json)
		fputs(reply.body, stdout);
	cli_json_free(json);
	free(reply.body);
	return status == PCE_OK ? CLI_DONE : cli_fail(online->verb, &err);
}

void
online_member(struct text *input, const char *name, const char *value)
{
	if (!value)
		return;
	text_printf(input, "%s\"%s\":", input->len ? "," : "", name);
	text_json_string(input, value, strlen(value));
}

int
online_order(const struct online *online, const char *operation, struct text *input, char **out)
{
	struct cli_ask ask = { .method = "POST" };
	struct cli_reply reply = { 0 };
	struct pce_error err = { 0 };
	struct text path = { 0 }, body = { 0 };

	text_printf(&path, "/restconf/operations/karst-operations:%s", operation);
	if (input)
		text_printf(&body, "{\"karst-operations:input\":{%s}}", text_get(input));
	if (!text_ok(&path) || !text_ok(&body) || (input && !text_ok(input))) {
		pce_no_memory(&err);
	} else {
		ask.path = text_get(&path);
		ask.body = input ? text_get(&body) : NULL;
		cli_ask_well(&online->server, &ask, &reply, &err);
	}
	text_free(&path);
	text_free(&body);
	if (input)
		text_free(input);
	if (out && !err.status) {
		*out = reply.body;
		return CLI_DONE;
	}
	free(reply.body);
	return err.status ? cli_fail(online->verb, &err) : CLI_DONE;
}

bool
online_entry(char out[ONLINE_PATH], const char *path, const char *list, const char *key)
{
	return snprintf(out, ONLINE_PATH, "%s/%s=", path, list) < ONLINE_PATH &&
	       cli_encode(out, ONLINE_PATH, key);
}

struct cli_table *
online_table(const char *titles)
{
	struct cli_table *table = cli_table_new();

	while (table && *titles) {
		enum cli_align align = *titles == '>' ? CLI_RIGHT : CLI_LEFT;
		size_t len = strcspn(titles, " ");
		char title[40];

		snprintf(title, sizeof(title), "%.*s", (int)len - 1, titles + 1);
		for (char *c = title; *c; c++)
			if (*c == '_')
				*c = ' ';
		cli_table_column(table, title, align);
		titles += len + (titles[len] == ' ');
	}
	return table;
}

bool
online_table_done(struct cli_table *table)
{
	bool good = table && cli_table_print(table, stdout);

	cli_table_free(table);
	return good;
}

void
online_cell(struct cli_table *table, const struct cli_node *object, const char *name)
{
	cli_table_cell(table, cli_json_member(object, name));
}

void
online_cell_bps(struct cli_table *table, const struct cli_node *object, const char *name)
{
	unsigned long long bps = cli_json_number(object, name, UINT64_MAX);
	char text[40];

	units_print_bps(bps, text, sizeof(text));
	cli_table_cell(table, bps == UINT64_MAX ? NULL : text);
}

void
online_cell_us(struct cli_table *table, const struct cli_node *object, const char *name)
{
	unsigned long long us = cli_json_number(object, name, UINT64_MAX);
	char text[40];

	units_print_us(us, text, sizeof(text));
	cli_table_cell(table, us == UINT64_MAX ? NULL : text);
}

void
online_cell_members(struct cli_table *table, const struct cli_node *array, const char *member,
		    const char *between)
{
	const struct cli_node *item;
	struct text t = { 0 };
	void *at = NULL;

	while ((item = cli_json_next(array, &at))) {
		const char *text = member ? cli_json_member(item, member) : cli_json_text(item);

		text_add(&t, t.len ? between : "");
		text_add(&t, text ? text : "");
	}
	cli_table_cell(table, t.len ? text_get(&t) : NULL);
	text_free(&t);
}

void
online_cell_list(struct cli_table *table, const struct cli_node *object, const char *name,
		 const char *between)
{
	online_cell_members(table, cli_json_get(object, name), NULL, between);
}
