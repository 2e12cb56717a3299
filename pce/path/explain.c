#include <stdlib.h>

#include "pce/base/array.h"
#include "pce/path/cut.h"
#include "pce/path/explain.h"
#include "pce/path/explain_internal.h"
#include "pce/path/via.h"

/* Bridges named in the sentence; all are in the list. */
#define BRIDGES_NAMED 3

enum pce_status
explain_as(struct path_answer *answer, enum path_reason reason, const char *text,
	   struct pce_error *err)
{
	char *copy = array_strdup(text);

	if (!copy)
		return pce_no_memory(err);
	free(answer->no_path.text);
	answer->no_path.text = copy;
	answer->no_path.reason = reason;
	return PCE_OK;
}

/* The minimal conflicting set, by dropping for good whatever is not needed for the conflict. */
static enum pce_status
thin_out(struct explanation *x, uint32_t asked, uint32_t *set, struct pce_error *err)
{
	enum pce_status status = PCE_OK;
	uint32_t rest = asked;

	for (size_t i = CONSTRAINT_COUNT; !status && i-- > 0;) {
		uint32_t bit = CONSTRAINT(constraint_list[i]);
		bool yes;

		if (!(rest & bit))
			continue;
		status = probe_feasible(x, rest & ~bit, &yes, err);
		if (!status && !yes)
			rest &= ~bit;
	}
	*set = rest;
	return status;
}

static enum pce_status
list_conflict(struct explanation *x, uint32_t set, struct pce_error *err)
{
	struct path_no_path *out = x->out;

	out->conflict = calloc(CONSTRAINT_COUNT, sizeof(*out->conflict));
	if (!out->conflict)
		return pce_no_memory(err);
	for (size_t i = 0; i < CONSTRAINT_COUNT; i++)
		if (set & CONSTRAINT(constraint_list[i]))
			out->conflict[out->n_conflict++] = constraint_list[i];
	return PCE_OK;
}

/* Adds a clause to the sentence, which is not the first one if `more`. */
static void
say(struct explanation *x, bool more, const struct text *clause)
{
	text_add(&x->text, more ? "; " : ": ");
	text_add(&x->text, text_get(clause));
}

/* Adds what giving up one constraint brings; takes the clause. */
static enum pce_status
add_relaxation(struct explanation *x, struct path_relaxation relaxation, struct text *clause,
	       struct pce_error *err)
{
	struct path_no_path *out = x->out;
	struct path_relaxation *grown =
	    realloc(out->relaxations, (out->n_relaxations + 1) * sizeof(*grown));

	if (!grown)
		return pce_no_memory(err);
	out->relaxations = grown;
	say(x, out->n_relaxations > 0 || out->n_blocking > 0, clause);
	relaxation.text = text_take(clause);
	if (!relaxation.text)
		return pce_no_memory(err);
	grown[out->n_relaxations++] = relaxation;
	return PCE_OK;
}

/* Words and value of a constraint whose loss opens this route. */
static enum pce_status
tell_relaxation(struct explanation *x, enum path_reason constraint, const struct found *found,
		struct pce_error *err)
{
	struct path_relaxation relaxation = { .constraint = constraint };
	struct text clause = { .len = 0 }, element = { .len = 0 };
	uint32_t tightest;
	enum pce_status status;

	relaxation.has_best = constraint_is_number(constraint);
	relaxation.asked = constraint_value(x->request, constraint);
	if (relaxation.has_best)
		relaxation.best = probe_value(x, constraint, found, &tightest);
	print_relaxation(x, constraint, found, NULL, &clause);
	status = explain_element(x, constraint, &element, err);
	if (!status && element.len > 0) {
		text_clear(&clause);
		text_printf(&clause, "without %s there is one", text_get(&element));
	}
	if (!status)
		status = add_relaxation(x, relaxation, &clause, err);
	text_free(&clause);
	text_free(&element);
	return status;
}

/* Drops one constraint at a time; a clause for each that opens a route. */
static enum pce_status
try_singles(struct explanation *x, uint32_t asked, struct pce_error *err)
{
	enum pce_status status = PCE_OK;

	for (size_t i = 0; !status && i < CONSTRAINT_COUNT; i++) {
		uint32_t bit = CONSTRAINT(constraint_list[i]);
		struct found found = { .n = 0 };

		if (!(asked & bit) || constraint_list[i] == PATH_REASON_DISJOINT)
			continue;
		status = probe_relaxed(x, constraint_list[i], asked & ~bit, &found, err);
		if (!status && found.n > 0)
			status = tell_relaxation(x, constraint_list[i], &found, err);
		found_free(&found);
	}
	return status;
}

/* The first pair whose loss opens a route. */
static enum pce_status
try_pairs(struct explanation *x, uint32_t asked, bool more, struct pce_error *err)
{
	for (size_t i = 0; i < CONSTRAINT_COUNT; i++)
		for (size_t j = i + 1; j < CONSTRAINT_COUNT; j++) {
			enum path_reason a = constraint_list[i], b = constraint_list[j];
			uint32_t pair = CONSTRAINT(a) | CONSTRAINT(b);
			struct text clause = { .len = 0 };
			enum pce_status status;
			bool yes;

			if ((asked & pair) != pair || b == PATH_REASON_DISJOINT)
				continue;
			status = probe_feasible(x, asked & ~pair, &yes, err);
			if (status)
				return status;
			if (!yes)
				continue;
			print_both(x, a, b, &clause);
			say(x, more, &clause);
			text_free(&clause);
			return PCE_OK;
		}
	return PCE_OK;
}

/* No single constraint decides. If one is impossible even by itself, the best that it could have is
 * told. */
static enum pce_status
tell_limit(struct explanation *x, uint32_t set, bool *said, struct pce_error *err)
{
	enum pce_status status = PCE_OK;

	*said = false;
	for (size_t i = 0; !status && i < CONSTRAINT_COUNT; i++) {
		enum path_reason constraint = constraint_list[i];
		struct found found = { .n = 0 };
		struct text clause = { .len = 0 };

		if (set != CONSTRAINT(constraint) || !constraint_is_number(constraint))
			continue;
		status = probe_relaxed(x, constraint, 0, &found, err);
		if (!status && found.n > 0) {
			print_limit(x, constraint, &found, &clause);
			say(x, false, &clause);
			*said = true;
		}
		text_free(&clause);
		found_free(&found);
	}
	return status;
}

/* For programs that want one reason. */
static void
set_reason(struct explanation *x)
{
	struct path_no_path *out = x->out;
	bool way = false;

	for (size_t i = 0; i < out->n_relaxations; i++)
		way |= out->relaxations[i].constraint == PATH_REASON_VIA;
	if (x->second)
		out->reason = PATH_REASON_DISJOINT;
	else if (way)
		out->reason = PATH_REASON_VIA;
	else if (out->n_relaxations > 0)
		out->reason = out->relaxations[0].constraint;
	else
		out->reason = out->n_conflict == 1 ? out->conflict[0] : PATH_REASON_CONFLICT;
	for (size_t i = 0; i < out->n_relaxations && !out->has_best; i++) {
		out->has_best = out->relaxations[i].has_best &&
				(x->second || out->relaxations[i].constraint == out->reason);
		out->best = out->has_best ? out->relaxations[i].best : 0;
	}
}

/*
 * The links that the constraints of `dropped` take out and that a smallest cut is made of; on the
 * way through nodes, those of the first stretch that is cut.
 */
static enum pce_status
find_cut(struct explanation *x, uint32_t asked, uint32_t dropped, struct pce_error *err)
{
	struct path_request stretch = *x->request;
	struct path_no_path *out = x->out;
	enum pce_status status = PCE_OK;

	for (size_t i = 0; !status && i <= x->request->n_via && out->n_blocking == 0; i++) {
		stretch.to = i < x->request->n_via ? x->request->via[i] : x->request->to;
		if (stretch.from != stretch.to)
			status = cut_blocking(x->e, &stretch, asked, asked & ~dropped,
					      &out->blocking, &out->n_blocking, err);
		stretch.from = stretch.to;
	}
	return status;
}

static enum pce_status
explain_constraints(struct explanation *x, struct pce_error *err)
{
	uint32_t asked = constraint_mask(x->request), set;
	enum pce_status status = thin_out(x, asked, &set, err);
	bool said;

	if (!status)
		status = list_conflict(x, set, err);
	if (status)
		return status;
	print_head(x, set);
	status = try_singles(x, asked, err);
	if (!status && x->out->n_relaxations == 0) {
		status = tell_limit(x, set, &said, err);
		if (!status)
			status = try_pairs(x, asked, said, err);
	}
	if (!status)
		status = find_cut(x, asked, set, err);
	if (!status)
		set_reason(x);
	return status;
}

/* Links that every route has to cross, those of the first stretches first. */
static enum pce_status
list_bridges(struct explanation *x, struct pce_error *err)
{
	const struct path_graph *g = x->e->graph;
	uint8_t *marks = calloc((size_t)g->n_links + 1, 1);
	struct found only = { .n = 0 };
	struct path_no_path *out = x->out;
	enum pce_status status = marks ? PCE_OK : pce_no_memory(err);

	if (!status)
		status = via_asked(x->request)
			     ? via_solve(x->e, x->request, CONSTRAINTS_ALL, &only, err)
			     : single_solve(x->e, x->request, CONSTRAINTS_ALL, &only, err);
	if (!status)
		status = via_asked(x->request) ? via_bridges(x->e, x->request, marks, err)
					       : cut_bridges(x->e, marks, err);
	if (!status && !(out->blocking = calloc(only.n + 1, sizeof(*out->blocking))))
		status = pce_no_memory(err);
	for (size_t i = 0; !status && i < only.n; i++)
		if (marks[only.links[i]])
			out->blocking[out->n_blocking++] = g->links[only.links[i]].row;
	free(marks);
	found_free(&only);
	return status;
}

/* ": every path crosses a→b and b→c" */
static void
name_bridges(struct explanation *x)
{
	const struct path_no_path *out = x->out;
	size_t named = out->n_blocking > BRIDGES_NAMED ? BRIDGES_NAMED : out->n_blocking;

	for (size_t i = 0; i < named; i++) {
		text_add(&x->text, i == 0                    ? ": every path crosses "
				   : i + 1 < out->n_blocking ? ", "
							     : " and ");
		print_link(x, out->blocking[i], &x->text);
	}
	if (out->n_blocking > named)
		text_printf(&x->text, " and %zu more", out->n_blocking - named);
}

/* There is one route and no second: what every route has to cross, and what would help. */
static enum pce_status
explain_second(struct explanation *x, struct pce_error *err)
{
	uint32_t asked = constraint_mask(x->request) & ~CONSTRAINT(PATH_REASON_OVERLOAD), set;
	enum pce_status status;

	x->second = true;
	status = thin_out(x, asked, &set, err);
	if (!status)
		status = list_conflict(x, set, err);
	if (status)
		return status;
	print_head(x, set);
	status = list_bridges(x, err);
	if (!status)
		name_bridges(x);
	if (!status)
		status = try_singles(x, asked, err);
	set_reason(x);
	return status;
}

/* Why a node cannot be used; the weightiest reason. */
static const char *
why_unusable(uint32_t bits)
{
	if (bits & TED_UNUSABLE_FAILED)
		return "it is taken to have failed";
	if (bits & TED_UNUSABLE_ADMIN)
		return "an operator took it out";
	if (bits & TED_UNUSABLE_WITHDRAWN)
		return "no feed or file tells of it any more";
	if (bits & TED_UNUSABLE_UNKNOWN)
		return "every feed that told of it was lost too long ago";
	return "it is down";
}

static bool
is_listed(const uint32_t *rows, size_t n, uint32_t row)
{
	for (size_t i = 0; i < n; i++)
		if (rows[i] == row)
			return true;
	return false;
}

/* A node that the request cannot do without and cannot use; true if that was it. */
static bool
explain_node(struct explanation *x, uint32_t node, bool end)
{
	const struct path_request *r = x->request;
	const struct ted_node_row *row = ted_node_at(x->e->ted, node);

	if (row->unusable != 0) {
		x->out->reason = end ? PATH_REASON_ENDPOINT_DOWN : PATH_REASON_VIA;
		text_printf(&x->text, "no path: %s is not usable, %s", row->name,
			    why_unusable(row->unusable));
		return true;
	}
	if (!is_listed(r->avoid_nodes, r->n_avoid_nodes, node))
		return false;
	x->out->reason = PATH_REASON_AVOID;
	text_printf(&x->text, "no path: %s is to be avoided and %s", row->name,
		    end ? "is an end of it" : "to be passed");
	return true;
}

/* Nodes that no constraint can help; true if that was it. */
static bool
explain_nodes(struct explanation *x)
{
	const struct path_request *r = x->request;

	if (explain_node(x, r->from, true) || explain_node(x, r->to, true))
		return true;
	for (size_t i = 0; i < r->n_via; i++)
		if (explain_node(x, r->via[i], false))
			return true;
	return false;
}

static enum pce_status
explain(struct explanation *x, struct pce_error *err)
{
	enum pce_status status;
	bool joined;

	if (explain_nodes(x))
		return PCE_OK;
	status = probe_feasible(x, 0, &joined, err);
	if (status)
		return status;
	if (joined)
		return explain_constraints(x, err);
	x->out->reason = PATH_REASON_DISCONNECTED;
	print_head(x, 0);
	text_printf(&x->text, ": no usable links%s join them, whatever the constraints",
		    constraint_counts_te(x->request) ? " with a TE metric" : "");
	return cut_unusable(x->e, &x->out->blocking, &x->out->n_blocking, err);
}

/* Runs one of the two explanations and hands over what it made. */
static enum pce_status
finish(struct explanation *x, enum pce_status (*run)(struct explanation *, struct pce_error *),
       struct path_answer *answer, struct pce_error *err)
{
	enum pce_status status = run(x, err);

	if (!status && x->spent)
		text_add(&x->text,
			 " (the search budget was spent: there may be better relaxations)");
	if (!status && !(x->out->text = text_take(&x->text)))
		status = pce_no_memory(err);
	text_free(&x->text);
	if (!status)
		return PCE_OK;
	path_answer_free(answer);
	return status;
}

enum pce_status
explain_no_path(struct path_engine *e, const struct path_request *request,
		struct path_answer *answer, struct pce_error *err)
{
	struct path_request one = *request;
	struct explanation x = { .e = e, .request = &one, .out = &answer->no_path };

	one.disjoint = PATH_DISJOINT_NONE;
	return finish(&x, explain, answer, err);
}

enum pce_status
explain_no_second(struct path_engine *e, const struct path_request *request,
		  struct path_answer *answer, struct pce_error *err)
{
	struct explanation x = { .e = e, .request = request, .out = &answer->no_path };

	return finish(&x, explain_second, answer, err);
}
