/* The operation compute-path: a question to the live graph that books nothing. */
#include "config.h"

#include "models/import/view.h"

#include <stdlib.h>
#include <string.h>

#include "northbound/restconf/internal.h"

/*
 * The search runs on the loop's thread, and everybody who may read may ask: so it gets no more than
 * this, whatever the client allows it. An answer that would have needed more says that it is not
 * exact, and why.
 */
#define MOST_LABELS 200000u
#define MOST_BYTES ((uint64_t)64 << 20)

static const char *const no_parameters[] = { NULL };

static uint64_t
at_most(uint64_t asked, uint64_t most)
{
	return asked > 0 && asked < most ? asked : most;
}

/* The segment lists of an answer's routes; an entry is NULL where none can be made. */
struct lists {
	struct segment_list *lists;
	const struct segment_list **pointers;
	size_t n;
};

static enum pce_status
compile_lists(const struct north_options *o, const struct path_answer *answer, struct lists *out,
	      struct pce_error *err)
{
	out->n = answer->n_routes;
	out->lists = calloc(out->n + 1, sizeof(out->lists[0]));
	out->pointers = calloc(out->n + 1, sizeof(out->pointers[0]));
	if (!out->lists || !out->pointers)
		return pce_no_memory(err);
	for (size_t i = 0; o->segments && i < out->n; i++)
		if (o->segments(o->arg, answer->routes[i].links, answer->routes[i].n_links,
				&out->lists[i], NULL) == PCE_OK)
			out->pointers[i] = &out->lists[i];
	return PCE_OK;
}

static void
free_lists(struct lists *lists)
{
	for (size_t i = 0; lists->pointers && i < lists->n; i++)
		if (lists->pointers[i])
			segment_list_free(&lists->lists[i]);
	free(lists->lists);
	free(lists->pointers);
}

/* Computes on the live graph and prints the answer. */
static enum pce_status
compute(const struct north_options *o, const struct codec_path_request *asked, struct arena *arena,
	struct text *out, struct pce_error *err)
{
	const struct ted *ted = service_view_ted(o->service);
	struct path_answer answer = { 0 };
	struct path_request request;
	struct lists lists = { 0 };
	enum pce_status status =
	    service_request_of(ted, &asked->demand, false, arena, &request, err);

	if (status == PCE_OK && asked->demand.loose)
		status =
		    pce_fail(err, PCE_UNSUPPORTED,
			     "loose forwarding is offered for intents and for files, not here");
	if (status != PCE_OK)
		return status;
	request.k = asked->k;
	request.explain = asked->explain;
	request.diverse = asked->diverse;
	request.budget_labels = at_most(asked->budget_labels, MOST_LABELS);
	request.budget_bytes = at_most(asked->budget_bytes, MOST_BYTES);
	status = path_compute(service_view_engine(o->service), &request, &answer, err);
	if (status == PCE_OK)
		status = compile_lists(o, &answer, &lists, err);
	if (status == PCE_OK) {
		struct codec_path_answer shown = { .answer = &answer,
						   .lists = lists.pointers,
						   .explain = asked->explain,
						   .names = view_names(ted) };

		status = codec_path_answer_print(o->codec, &shown, out, err);
	}
	free_lists(&lists);
	path_answer_free(&answer);
	return status;
}

/* An intent's data path as one of the operation's input. */
static void
rewrite_path(struct pce_error *err)
{
	static const char input[] = "/karst-path:compute-path/input";
	const size_t operation = sizeof(input) - sizeof("/input");
	const char *rest = strstr(err->path, "]/");
	char path[PCE_ERROR_PATH];

	/* libyang leaves "input" out */
	if (strncmp(err->path, input, operation) == 0)
		rest = err->path + operation;
	else if (strncmp(err->path, "/karst-intent:", 14) == 0 && rest)
		rest++;
	else
		return;
	if (strncmp(rest, "/input", 6) == 0)
		return;
	if (snprintf(path, sizeof(path), "%s%s", input, rest) < (int)sizeof(path))
		memcpy(err->path, path, strlen(path) + 1);
}

void
api_compute_path(struct call *call)
{
	const struct north_options *o = &call->north->options;
	struct codec_path_request asked;
	struct pce_error err = { 0 };
	struct arena arena = { 0 };
	struct text out = { 0 };
	enum pce_status status;
	const char *body;
	size_t len;

	if (!check_query(call, no_parameters))
		return;
	body = json_body(call, &len);
	if (!body)
		return;
	if (codec_format_of(body, len) != CODEC_JSON) {
		reply_error(call, 400, "malformed-message", NULL, NULL, "the body is not JSON");
		return;
	}
	status = codec_path_request_parse(o->codec, body, len, &arena, &asked, &err);
	if (status == PCE_OK)
		status = compute(o, &asked, &arena, &out, &err);
	if (status == PCE_OK) {
		reply_json(call, &out);
	} else {
		rewrite_path(&err);
		if (err.status == PCE_NOT_FOUND)
			err.status = PCE_INVALID;
		text_free(&out);
		reply_fail(call, &err);
	}
	arena_free(&arena);
}
