#include "northbound/cli/cli_requests.h"

#include <stdlib.h>
#include <string.h>

#include "pce/base/array.h"
#include "pce/policy/request.h"

void
cli_requests_free(struct cli_requests *requests)
{
	free(requests->list);
	arena_free(&requests->arena);
	*requests = (struct cli_requests){ .list = NULL };
}

/* Where the text is being read. */
struct place {
	const char *at, *end;
	unsigned line;
};

static bool
skip_blanks(struct place *p)
{
	while (p->at < p->end && strchr(" \t\r\n", *p->at)) {
		p->line += *p->at == '\n';
		p->at++;
	}
	return p->at < p->end;
}

/*
 * The end of the JSON object that begins at p: strings are skipped, brackets of all kinds are
 * counted. Whether it is good JSON the codec says. NULL: it does not end.
 */
static const char *
end_of_object(const struct place *p)
{
	unsigned depth = 0;
	bool quoted = false;

	for (const char *c = p->at; c < p->end; c++) {
		if (quoted) {
			if (*c == '\\')
				c++;
			else
				quoted = *c != '"';
			continue;
		}
		quoted = *c == '"';
		if (*c == '{' || *c == '[')
			depth++;
		if ((*c == '}' || *c == ']') && --depth == 0)
			return c + 1;
	}
	return NULL;
}

static enum pce_status
resolve(const struct ted *ted, struct cli_requests *all, struct cli_request *r,
	struct pce_error *err)
{
	enum pce_status status =
	    intent_request(ted, &r->asked.demand, false, &all->arena, &r->request, err);

	if (status && err)
		err->path[0] = '\0'; /* of an intent, and there is none here */
	if (status)
		return status;
	r->request.k = r->asked.k;
	r->request.explain = r->asked.explain;
	r->request.diverse = r->asked.diverse;
	r->request.explain = r->asked.explain;
	r->request.budget_labels = r->asked.budget_labels;
	r->request.budget_bytes = r->asked.budget_bytes;
	if (r->request.from == r->request.to)
		return pce_fail(err, PCE_INVALID, "from and to are both %s", r->asked.demand.from);
	return PCE_OK;
}

static enum pce_status
read_one(const struct codec *codec, const struct ted *ted, struct place *p,
	 struct cli_requests *out, struct pce_error *err)
{
	const char *end = end_of_object(p);
	struct cli_request *r;
	enum pce_status status =
	    array_reserve(&out->list, &out->cap, out->n + 1, sizeof(*out->list), err);

	if (status)
		return status;
	r = &out->list[out->n];
	*r = (struct cli_request){ .line = p->line };
	if (*p->at != '{')
		status = pce_fail(err, PCE_MALFORMED, "'%c' where an object should begin", *p->at);
	else if (!end)
		status = pce_fail(err, PCE_MALFORMED, "the object does not end");
	if (!status)
		status = codec_path_request_parse(codec, p->at, (size_t)(end - p->at), &out->arena,
						  &r->asked, err);
	if (!status)
		status = resolve(ted, out, r, err);
	if (status) {
		if (err)
			err->line = 0; /* within the request */
		return pce_prefix(err, status, "request %zu (line %u)", out->n + 1, p->line);
	}
	for (; p->at < end; p->at++)
		p->line += *p->at == '\n';
	out->n++;
	return PCE_OK;
}

/* The comma or the end of a list. */
static enum pce_status
go_on(struct place *p, bool *more, struct pce_error *err)
{
	if (!skip_blanks(p))
		return pce_fail(err, PCE_MALFORMED, "line %u: the list does not end", p->line);
	*more = *p->at == ',';
	if (!*more && *p->at != ']')
		return pce_fail(err, PCE_MALFORMED,
				"line %u: '%c' where a comma or the end of the list should be",
				p->line, *p->at);
	p->at++;
	return PCE_OK;
}

static enum pce_status
read_list(const struct codec *codec, const struct ted *ted, struct place *p,
	  struct cli_requests *out, struct pce_error *err)
{
	enum pce_status status = PCE_OK;
	bool more;

	p->at++;
	more = skip_blanks(p) && *p->at != ']';
	if (!more)
		status = go_on(p, &more, err);
	while (!status && more) {
		if (!skip_blanks(p))
			return pce_fail(err, PCE_MALFORMED, "line %u: the list does not end",
					p->line);
		status = read_one(codec, ted, p, out, err);
		if (!status)
			status = go_on(p, &more, err);
	}
	if (!status && skip_blanks(p))
		return pce_fail(err, PCE_MALFORMED, "line %u: '%c' behind the end of the list",
				p->line, *p->at);
	return status;
}

enum pce_status
cli_requests_read(const struct codec *codec, const struct ted *ted, const char *text, size_t len,
		  struct cli_requests *out, struct pce_error *err)
{
	struct place p = { text, text + len, 1 };
	enum pce_status status = PCE_OK;

	if (!skip_blanks(&p))
		return pce_fail(err, PCE_INVALID, "there is no request");
	if (*p.at == '[')
		return read_list(codec, ted, &p, out, err);
	while (!status && skip_blanks(&p))
		status = read_one(codec, ted, &p, out, err);
	return status;
}
