/* karst path without FILE: the daemon computes, on the network as it is now. */
#include "config.h"

#include "models/codec/path.h"

#include <stdlib.h>
#include <string.h>

#include "northbound/cli/cli_demand.h"
#include "northbound/cli/cli_online.h"
#include "northbound/cli/online.h"
#include "pce/base/units.h"

#define COMPUTE "/restconf/operations/karst-path:compute-path"

struct path_run {
	struct online online;
	struct cli_demand demand;
	bool explain;
};

static bool
show_paths(const struct cli_node *paths, bool shares)
{
	struct cli_table *table =
	    online_table(shares ? ">igp >te >delay >hops >residual >availability >weight >reserved "
				  "<path <links <segments"
				: ">igp >te >delay >hops >residual >availability "
				  "<path <links <segments");
	const struct cli_node *path;
	void *at = NULL;

	while (table && (path = cli_json_next(paths, &at))) {
		online_cell(table, path, "igp-metric");
		online_cell(table, path, "te-metric");
		online_cell_us(table, path, "delay-us");
		online_cell(table, path, "hops");
		online_cell_bps(table, path, "residual-bps");
		online_cell(table, path, "availability");
		if (shares) {
			online_cell(table, path, "weight");
			online_cell_bps(table, path, "reserved-bps");
		}
		online_cell_list(table, path, "node", " > ");
		online_cell_list(table, path, "link", " ");
		online_cell_members(table, cli_json_get(path, "segment"), "sid", " ");
	}
	return online_table_done(table);
}

/* Names of one kind that both paths of a pair depend on. */
static void
show_shared(const struct cli_node *output)
{
	static const char *const kinds[] = { "link", "node", "srlg", "site" };
	static const char *const names[] = { "link", "node", "SRLG", "site" };
	const struct cli_node *shared = cli_json_get(output, "shared"), *item;

	if (!shared)
		return;
	printf("both paths share:");
	for (unsigned i = 0; i < 4; i++)
		for (void *at = NULL; (item = cli_json_next(cli_json_get(shared, kinds[i]), &at));)
			printf(" %s %s", names[i], cli_json_text(item));
	printf("\n");
}

/* A member that is a bandwidth, for people. */
static void
print_bps(const struct cli_node *object, const char *name, char *out, unsigned cap)
{
	const char *text = cli_json_member(object, name);

	units_print_bps(text ? strtoull(text, NULL, 10) : 0, out, cap);
}

/* What lists hold together. */
static void
show_guarantee(const struct cli_node *g)
{
	char bandwidth[40], reserved[40], bound[40];

	print_bps(g, "bandwidth-bps", bandwidth, sizeof(bandwidth));
	print_bps(g, "reserved-bps", reserved, sizeof(reserved));
	print_bps(g, "bound-bps", bound, sizeof(bound));
	printf("%s holds with probability %s; reserved %s, gamma %s", bandwidth,
	       cli_json_member(g, "probability"), reserved, cli_json_member(g, "gamma"));
	if (strcmp(reserved, bound) == 0)
		printf(", the least there is\n");
	else if (cli_json_true(g, "best-of-candidates"))
		printf(", the least of the %s candidate paths\n", cli_json_member(g, "candidates"));
	else
		printf(", not proven the least\n");
}

/* Why this path, and the nodes of the next best one. */
static void
show_choice(const struct cli_node *path, unsigned number)
{
	const struct cli_node *runner_up =
	    cli_json_get(cli_json_get(path, "explanation"), "runner-up");
	const char *chosen = cli_json_member(path, "chosen");
	const struct cli_node *node;
	const char *between = "";

	if (chosen)
		printf("path %u: %s\n", number, chosen);
	if (!runner_up)
		return;
	printf("runner-up of path %u: ", number);
	for (void *at = NULL; (node = cli_json_next(cli_json_get(runner_up, "node"), &at));) {
		printf("%s%s", between, cli_json_text(node));
		between = " > ";
	}
	printf("\n");
}

/* What a person should know besides the table. */
static void
show_remarks(const struct cli_node *output)
{
	const struct cli_node *item;
	const struct cli_node *guarantee = cli_json_get(output, "guarantee");
	unsigned number = 0;
	void *at = NULL;

	if (guarantee)
		show_guarantee(guarantee);

	while ((item = cli_json_next(cli_json_get(output, "path"), &at))) {
		const char *why = cli_json_member(item, "why");

		number++;
		if (guarantee)
			continue;
		if (!cli_json_true(item, "exact"))
			printf("path %u is not proven best: %s\n", number, why ? why : "");
		show_choice(item, number);
	}
	at = NULL;
	while ((item = cli_json_next(cli_json_get(output, "relaxed"), &at)))
		printf("given up: %s %s, got %s\n", cli_json_member(item, "constraint"),
		       cli_json_member(item, "asked"), cli_json_member(item, "got"));
	show_shared(output);
}

/* Prints the answer; the exit status tells whether there is a path. */
static int
show_answer(const struct path_run *run, const struct cli_reply *reply)
{
	struct cli_json *json = NULL;
	struct pce_error err = { 0 };
	const struct cli_node *output, *none;
	int result;

	if (cli_json_parse(reply->body, reply->len, &json, &err) != PCE_OK)
		return cli_fail("path", &err);
	output = cli_json_get(cli_json_root(json), "karst-path:output");
	none = cli_json_get(output, "no-path");
	result = none ? CLI_NO_ANSWER : CLI_DONE;
	if (run->online.format == CLI_JSON) {
		fputs(reply->body, stdout);
	} else if (none) {
		const char *text = cli_json_member(none, "text");

		printf("%s\n", text ? text : "there is no path");
	} else if (show_paths(cli_json_get(output, "path"),
			      cli_json_get(output, "guarantee") != NULL)) {
		show_remarks(output);
	} else {
		pce_no_memory(&err);
		result = cli_fail("path", &err);
	}
	cli_json_free(json);
	return result;
}

/* True if the daemon's network has an entry of this name. */
static enum pce_status
is_known(const struct path_run *run, const char *list, const char *name, bool *out,
	 struct pce_error *err)
{
	struct cli_ask ask = { .method = "GET" };
	struct cli_reply reply = { 0 };
	char path[ONLINE_PATH];
	enum pce_status status;

	if (!online_entry(path, ONLINE_TOPOLOGY, list, name))
		return pce_fail(err, PCE_INVALID, "the name %.80s is too long", name);
	ask.path = path;
	status = cli_ask(&run->online.server, &ask, &reply, err);
	*out = reply.status == 200;
	free(reply.body);
	return status;
}

/* True if a value with commas is one thing: a name, or for links "A,B" of two nodes. */
static enum pce_status
is_one(const struct path_run *run, const char *list, const char *value, bool *out,
       struct pce_error *err)
{
	const char *comma = strchr(value, ',');
	bool is_link = !strcmp(list, "link"), first = false, second = false;
	enum pce_status status;
	char name[ONLINE_PATH];

	*out = !comma;
	if (!comma)
		return PCE_OK;
	status = is_known(run, list, value, out, err);
	if (status != PCE_OK || *out || !is_link || strchr(comma + 1, ','))
		return status;
	snprintf(name, sizeof(name), "%.*s", (int)(comma - value), value);
	status = is_known(run, "node", name, &first, err);
	if (status == PCE_OK && first)
		status = is_known(run, "node", comma + 1, &second, err);
	*out = first && second;
	return status;
}

/* Splits the values of a list at their commas where they are not one name. */
static enum pce_status
split_list(struct path_run *run, const char *list, struct name_list *names, struct pce_error *err)
{
	struct arena *arena = &run->demand.arena;
	enum pce_status status = PCE_OK;
	const char **out;
	size_t room = 0, n = 0;

	for (size_t i = 0; i < names->n; i++) {
		room++;
		for (const char *c = names->names[i]; *c; c++)
			room += *c == ',';
	}
	out = arena_alloc(arena, (room + 1) * sizeof(out[0]));
	if (!out)
		return pce_no_memory(err);
	for (size_t i = 0; status == PCE_OK && i < names->n; i++) {
		char *rest = arena_strdup(arena, names->names[i]);
		bool one = false;

		status = rest ? is_one(run, list, rest, &one, err) : pce_no_memory(err);
		if (status == PCE_OK && one)
			out[n++] = rest;
		while (status == PCE_OK && !one && rest)
			out[n++] = strsep(&rest, ",");
	}
	if (status == PCE_OK)
		*names = (struct name_list){ out, n };
	return status;
}

/* The question as the operation's input. */
static enum pce_status
make_input(struct path_run *run, struct text *out, struct pce_error *err)
{
	struct cli_demand *demand = &run->demand;
	struct codec_path_request request = { .k = demand->k,
					      .diverse = demand->diverse,
					      .explain = run->explain,
					      .budget_labels = demand->budget_labels };
	struct codec *codec = NULL;
	enum pce_status status = split_list(run, "node", &demand->intent.avoid_nodes, err);

	if (status == PCE_OK)
		status = split_list(run, "link", &demand->intent.avoid_links, err);
	if (status == PCE_OK)
		status = split_list(run, "srlg", &demand->intent.avoid_srlgs, err);
	if (status == PCE_OK)
		status = split_list(run, "node", &demand->intent.via, err);
	if (status == PCE_OK)
		status = codec_new(NULL, &codec, err);
	request.demand = demand->intent;
	if (status == PCE_OK)
		status = codec_path_request_print(codec, &request, out, err);
	codec_free(codec);
	return status;
}

static int
ask(struct path_run *run)
{
	struct cli_ask question = { .method = "POST", .path = COMPUTE };
	struct cli_reply reply = { 0 };
	struct pce_error err = { 0 };
	struct text input = { 0 };
	enum pce_status status = cli_demand_check(&run->demand, &err);
	int result;

	if (status == PCE_OK)
		status = make_input(run, &input, &err);
	question.body = text_get(&input);
	if (status == PCE_OK)
		status = cli_ask_well(&run->online.server, &question, &reply, &err);
	result = status == PCE_OK ? show_answer(run, &reply) : cli_fail("path", &err);
	free(reply.body);
	text_free(&input);
	return result;
}

static enum pce_status
take_explain(void *into, const char *value, struct pce_error *err)
{
	(void)value;
	(void)err;
	*(bool *)into = true;
	return PCE_OK;
}

int
cli_path_online(int argc, char **argv)
{
	static const struct cli_command command = {
		"path", "[FILE]",
		"Computes the best path on the network in FILE, or without FILE on the daemon's.",
		0, 1
	};
	static const struct cli_option options[] = {
		{ "explain", 0, NULL, "tell why this path", take_explain },
	};
	struct path_run run = { .online.verb = "path" };
	const struct cli_group groups[] = { cli_format_group(&run.online.format),
					    cli_demand_group(&run.demand),
					    { options, 1, &run.explain },
					    cli_server_group(&run.online.server) };
	const char *file;
	size_t n;
	int result;

	cli_demand_init(&run.demand);
	result = cli_parse(&command, argc, argv, groups, 4, &file, &n);
	if (result == CLI_GO_ON)
		result = n ? cli_usage("path", "a FILE needs no server") : ask(&run);
	cli_demand_free(&run.demand);
	return result;
}
