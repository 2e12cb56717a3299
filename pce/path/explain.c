#include <stdlib.h>

#include "pce/base/array.h"
#include "pce/base/text.h"
#include "pce/base/units.h"
#include "pce/path/cut.h"
#include "pce/path/explain.h"
#include "pce/path/single.h"

/* The constraints that can be given up, in the order in which they are told. */
static const enum path_reason droppable[] = {
	PATH_REASON_BANDWIDTH,  PATH_REASON_DELAY,      PATH_REASON_HOPS,  PATH_REASON_TE_METRIC,
	PATH_REASON_IGP_METRIC, PATH_REASON_LINK_BOUND, PATH_REASON_SLICE, PATH_REASON_AFFINITY,
	PATH_REASON_AVOID,      PATH_REASON_OVERLOAD,
};
#define N_DROPPABLE (sizeof(droppable) / sizeof(droppable[0]))

struct explanation {
	struct path_engine *e;
	const struct path_request *request;
	struct path_no_path *out;
	struct text text;
	unsigned clauses;
	bool spent; /* a probe ran out of budget */
};

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

static bool
has_affinity(const struct path_affinity *affinity)
{
	return affinity->n > 0 || affinity->never;
}

/* True if the request makes use of a constraint at all. */
static bool
is_asked(const struct path_request *r, enum path_reason constraint)
{
	switch (constraint) {
	case PATH_REASON_BANDWIDTH:
		return r->bandwidth_bps > 0;
	case PATH_REASON_DELAY:
		return r->max_delay_us != PATH_NO_BOUND;
	case PATH_REASON_HOPS:
		return r->max_hops != PATH_NO_BOUND;
	case PATH_REASON_TE_METRIC:
		return r->max_te != PATH_NO_BOUND;
	case PATH_REASON_IGP_METRIC:
		return r->max_igp != PATH_NO_BOUND;
	case PATH_REASON_LINK_BOUND:
		return r->link_max_delay_us != PATH_NO_BOUND || r->link_max_te != PATH_NO_BOUND ||
		       r->link_max_igp != PATH_NO_BOUND || r->link_max_loss_ppb != UINT32_MAX;
	case PATH_REASON_SLICE:
		return r->slice != NULL;
	case PATH_REASON_AFFINITY:
		return has_affinity(&r->include_any) || has_affinity(&r->include_all) ||
		       has_affinity(&r->exclude_any);
	case PATH_REASON_AVOID:
		return r->n_avoid_nodes > 0 || r->n_avoid_links > 0 || r->n_avoid_srlgs > 0;
	default:
		return true;
	}
}

static void
print_metric(const char *name, uint64_t value, struct text *out)
{
	text_printf(out, "%s %llu", name, (unsigned long long)value);
}

/* "200 Mbit/s", "20 ms delay", "3 hops", "the slice video": what was asked, or another value of it.
 */
static void
print_constraint(const struct path_request *r, enum path_reason constraint, uint64_t value,
		 struct text *out)
{
	char number[64];

	switch (constraint) {
	case PATH_REASON_BANDWIDTH:
		units_print_bps(value, number, sizeof(number));
		text_add(out, number);
		break;
	case PATH_REASON_DELAY:
		units_print_us(value, number, sizeof(number));
		text_printf(out, "%s delay", number);
		break;
	case PATH_REASON_HOPS:
		text_printf(out, "%llu hop%s", (unsigned long long)value, value == 1 ? "" : "s");
		break;
	case PATH_REASON_TE_METRIC:
		print_metric("TE metric", value, out);
		break;
	case PATH_REASON_IGP_METRIC:
		print_metric("IGP metric", value, out);
		break;
	case PATH_REASON_SLICE:
		text_printf(out, "the slice %s", r->slice);
		break;
	case PATH_REASON_LINK_BOUND:
		text_add(out, "the bounds on each link");
		break;
	case PATH_REASON_AFFINITY:
		text_add(out, "the affinities asked for");
		break;
	case PATH_REASON_AVOID:
		text_add(out, "what is to be avoided");
		break;
	default:
		text_add(out, "overloaded nodes kept free of transit");
	}
}

static uint64_t
asked_value(const struct path_request *r, enum path_reason constraint)
{
	switch (constraint) {
	case PATH_REASON_BANDWIDTH:
		return r->bandwidth_bps;
	case PATH_REASON_DELAY:
		return r->max_delay_us;
	case PATH_REASON_HOPS:
		return r->max_hops;
	case PATH_REASON_TE_METRIC:
		return r->max_te;
	case PATH_REASON_IGP_METRIC:
		return r->max_igp;
	default:
		return 0;
	}
}

static bool
counts_te(const struct path_request *r)
{
	return r->objective == PATH_TE || r->max_te != PATH_NO_BOUND ||
	       r->link_max_te != PATH_NO_BOUND;
}

/* Another objective must not open links that have no TE metric: the one asked for cannot use them.
 */
static void
keep_te(const struct path_request *r, struct path_request *other)
{
	if (counts_te(r) && other->link_max_te == PATH_NO_BOUND)
		other->link_max_te = TED_METRIC_UNREACHABLE - 1;
}

/* The request whose best route needs the constraint relaxed least. */
static struct path_request
relaxing(const struct path_request *r, enum path_reason constraint)
{
	struct path_request relaxed = *r;

	switch (constraint) {
	case PATH_REASON_BANDWIDTH:
		relaxed.objective = PATH_BANDWIDTH;
		break;
	case PATH_REASON_DELAY:
		relaxed.objective = PATH_DELAY;
		break;
	case PATH_REASON_TE_METRIC:
		relaxed.objective = PATH_TE;
		break;
	case PATH_REASON_IGP_METRIC:
		relaxed.objective = PATH_IGP;
		break;
	case PATH_REASON_HOPS: /* fewest hops: see solve_relaxed */
		relaxed.objective = PATH_IGP;
		break;
	default:
		if (relaxed.objective == PATH_AVAILABILITY)
			relaxed.objective = PATH_IGP; /* any route will do */
		break;
	}
	keep_te(r, &relaxed);
	return relaxed;
}

/* The route that relaxes one constraint the least while those of the mask hold. */
static enum pce_status
solve_relaxed(struct explanation *x, enum path_reason constraint, uint32_t mask,
	      struct found *found, struct pce_error *err)
{
	struct path_request relaxed = relaxing(x->request, constraint);
	struct task task;
	enum pce_status status;

	if (constraint != PATH_REASON_HOPS)
		return single_solve(x->e, &relaxed, mask, found, err);
	status = filter_set(&x->e->filter, &relaxed, mask, err);
	if (status || x->e->filter.end_avoided)
		return status;
	task_set(&task, x->e, &relaxed, mask);
	task.order = (struct order){ { METRIC_HOPS, METRIC_DELAY, METRIC_LINKS }, 3 };
	return single_sum(x->e, &task, found, err);
}

static uint64_t
route_value(const struct explanation *x, enum path_reason constraint, const struct found *found,
	    uint32_t *tightest)
{
	static const uint8_t metrics[PATH_REASON_COUNT] = {
		[PATH_REASON_DELAY] = METRIC_DELAY,
		[PATH_REASON_HOPS] = METRIC_HOPS,
		[PATH_REASON_TE_METRIC] = METRIC_TE,
		[PATH_REASON_IGP_METRIC] = METRIC_IGP,
	};
	uint64_t least = UINT64_MAX, sum = 0;

	*tightest = GRAPH_NONE;
	for (size_t i = 0; i < found->n; i++) {
		uint64_t residual = filter_residual(&x->e->filter, found->links[i]);

		if (residual < least) {
			least = residual;
			*tightest = found->links[i];
		}
		sum += filter_weight(&x->e->filter, found->links[i], metrics[constraint]);
	}
	return constraint == PATH_REASON_BANDWIDTH ? least : sum;
}

static const char *
node_name(const struct explanation *x, uint32_t node)
{
	return ted_node_at(x->e->ted, x->e->graph->nodes[node].row)->name;
}

static void
print_link(struct explanation *x, uint32_t link)
{
	const struct path_graph *g = x->e->graph;

	text_printf(&x->text, "%s→%s", node_name(x, graph_tail(g, link)),
		    node_name(x, graph_head(g, link)));
}

static bool
is_number(enum path_reason constraint)
{
	return constraint == PATH_REASON_BANDWIDTH || constraint == PATH_REASON_DELAY ||
	       constraint == PATH_REASON_HOPS || constraint == PATH_REASON_TE_METRIC ||
	       constraint == PATH_REASON_IGP_METRIC;
}

/* Bandwidth of the route found, where the request cares for bandwidth. */
static void
print_residual(struct explanation *x, uint64_t residual_bps)
{
	char number[64];

	if (x->request->bandwidth_bps == 0 && x->request->objective != PATH_BANDWIDTH)
		return;
	units_print_bps(residual_bps, number, sizeof(number));
	text_printf(&x->text, " with %s", number);
}

/* One clause: what giving up or relaxing one constraint would bring. */
static void
print_relaxation(struct explanation *x, enum path_reason constraint, const struct found *found)
{
	uint32_t tightest;
	uint64_t value = route_value(x, constraint, found, &tightest);
	uint64_t residual = route_value(x, PATH_REASON_BANDWIDTH, found, &tightest);

	text_add(&x->text, x->clauses++ > 0 ? "; " : ": ");
	if (constraint == PATH_REASON_BANDWIDTH) {
		text_add(&x->text, "the widest has ");
		print_constraint(x->request, constraint, value, &x->text);
		text_add(&x->text, ", limited by ");
		print_link(x, tightest);
		return;
	}
	if (is_number(constraint)) {
		text_add(&x->text, "with ");
		print_constraint(x->request, constraint, value, &x->text);
		text_add(&x->text, " instead of ");
	} else {
		text_add(&x->text, "without ");
	}
	print_constraint(x->request, constraint, asked_value(x->request, constraint), &x->text);
	text_add(&x->text, " there is one");
	print_residual(x, residual);
}

/* One clause: the best value that a constraint could have if it were the only one. */
static void
print_limit(struct explanation *x, enum path_reason constraint, const struct found *found)
{
	uint32_t tightest;
	uint64_t value = route_value(x, constraint, found, &tightest);

	text_add(&x->text, x->clauses++ > 0 ? "; " : ": ");
	text_add(&x->text, "even without other constraints the best has ");
	print_constraint(x->request, constraint, value, &x->text);
	if (constraint == PATH_REASON_BANDWIDTH) {
		text_add(&x->text, ", limited by ");
		print_link(x, tightest);
	}
}

/* Starts the sentence: "no path with 200 Mbit/s and 20 ms delay". */
static void
print_head(struct explanation *x, uint32_t constraints)
{
	unsigned n = 0;

	text_printf(&x->text, "no path from %s to %s", node_name(x, x->e->filter.from),
		    node_name(x, x->e->filter.to));
	for (size_t i = 0; i < N_DROPPABLE; i++) {
		if (!(constraints & CONSTRAINT(droppable[i])))
			continue;
		text_add(&x->text, n++ > 0 ? " and " : " with ");
		print_constraint(x->request, droppable[i], asked_value(x->request, droppable[i]),
				 &x->text);
	}
}

/* True if there is a route under the mask; a probe that runs out of budget counts as "no". */
static enum pce_status
is_feasible(struct explanation *x, uint32_t mask, bool *yes, struct pce_error *err)
{
	struct path_request any = *x->request;
	struct found found = { .n = 0 };
	enum pce_status status;

	any.objective = any.max_delay_us != PATH_NO_BOUND ? PATH_DELAY : PATH_IGP;
	keep_te(x->request, &any);
	status = single_solve(x->e, &any, mask, &found, err);
	*yes = found.n > 0;
	x->spent |= found.outcome == SEARCH_SPENT;
	found_free(&found);
	return status;
}

/* The minimal conflicting set, by dropping for good whatever is not needed for the conflict. */
static enum pce_status
thin_out(struct explanation *x, uint32_t asked, uint32_t *set, struct pce_error *err)
{
	enum pce_status status = PCE_OK;
	uint32_t rest = asked;

	for (size_t i = N_DROPPABLE; !status && i-- > 0;) {
		uint32_t bit = CONSTRAINT(droppable[i]);
		bool yes;

		if (!(rest & bit))
			continue;
		status = is_feasible(x, rest & ~bit, &yes, err);
		if (!status && !yes)
			rest &= ~bit;
	}
	*set = rest;
	return status;
}

static uint32_t
asked_constraints(const struct path_request *r)
{
	uint32_t asked = 0;

	for (size_t i = 0; i < N_DROPPABLE; i++)
		if (is_asked(r, droppable[i]))
			asked |= CONSTRAINT(droppable[i]);
	return asked;
}

/* Drops one constraint at a time; prints a clause for each that opens a route. */
static enum pce_status
try_singles(struct explanation *x, uint32_t asked, struct pce_error *err)
{
	enum pce_status status = PCE_OK;

	for (size_t i = 0; !status && i < N_DROPPABLE; i++) {
		struct found found = { .n = 0 };
		uint32_t tightest;

		if (!(asked & CONSTRAINT(droppable[i])))
			continue;
		status =
		    solve_relaxed(x, droppable[i], asked & ~CONSTRAINT(droppable[i]), &found, err);
		if (!status && found.n > 0) {
			if (x->clauses == 0) {
				x->out->reason = droppable[i];
				x->out->has_best = is_number(droppable[i]);
				x->out->best = x->out->has_best
						   ? route_value(x, droppable[i], &found, &tightest)
						   : 0;
			}
			print_relaxation(x, droppable[i], &found);
		}
		x->spent |= found.outcome == SEARCH_SPENT;
		found_free(&found);
	}
	return status;
}

/* The first pair whose loss opens a route: both names. */
static enum pce_status
try_pairs(struct explanation *x, uint32_t asked, struct pce_error *err)
{
	for (size_t i = 0; i < N_DROPPABLE; i++)
		for (size_t j = i + 1; j < N_DROPPABLE; j++) {
			uint32_t pair = CONSTRAINT(droppable[i]) | CONSTRAINT(droppable[j]);
			enum pce_status status;
			bool yes;

			if ((asked & pair) != pair)
				continue;
			status = is_feasible(x, asked & ~pair, &yes, err);
			if (status)
				return status;
			if (!yes)
				continue;
			text_add(&x->text, x->clauses > 0 ? "; " : ": ");
			text_add(&x->text, "only without both ");
			print_constraint(x->request, droppable[i],
					 asked_value(x->request, droppable[i]), &x->text);
			text_add(&x->text, " and ");
			print_constraint(x->request, droppable[j],
					 asked_value(x->request, droppable[j]), &x->text);
			text_add(&x->text, " there is one");
			x->clauses++;
			return PCE_OK;
		}
	return PCE_OK;
}

/* No single constraint decides. If one is impossible even by itself it is the reason, with the best
 * that it could have; else several conflict. */
static enum pce_status
blame(struct explanation *x, uint32_t set, struct pce_error *err)
{
	struct found found = { .n = 0 };
	enum pce_status status = PCE_OK;

	x->out->reason = PATH_REASON_CONFLICT;
	for (size_t i = 0; !status && i < N_DROPPABLE; i++) {
		if (set != CONSTRAINT(droppable[i]))
			continue;
		x->out->reason = droppable[i];
		status = solve_relaxed(x, droppable[i], 0, &found, err);
		if (!status && found.n > 0 && is_number(droppable[i]))
			print_limit(x, droppable[i], &found);
	}
	found_free(&found);
	return status;
}

/* The links that the constraints of `dropped` take out and that a smallest cut is made of. */
static enum pce_status
find_cut(struct explanation *x, uint32_t asked, uint32_t dropped, struct pce_error *err)
{
	return cut_blocking(x->e, x->request, asked, asked & ~dropped, &x->out->blocking,
			    &x->out->n_blocking, err);
}

static enum pce_status
explain_constraints(struct explanation *x, struct pce_error *err)
{
	uint32_t asked = asked_constraints(x->request), set;
	enum pce_status status = thin_out(x, asked, &set, err);

	if (status)
		return status;
	print_head(x, set);
	status = try_singles(x, asked, err);
	if (!status && x->clauses == 0) {
		status = blame(x, set, err);
		if (!status)
			status = try_pairs(x, asked, err);
	}
	if (!status)
		status = find_cut(x, asked, set, err);
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

/* Ends that no constraint can help; true if that was it. */
static bool
explain_ends(struct explanation *x)
{
	const struct path_request *r = x->request;
	const uint32_t ends[2] = { r->from, r->to };

	for (unsigned i = 0; i < 2; i++) {
		const struct ted_node_row *row = ted_node_at(x->e->ted, ends[i]);

		if (row->unusable == 0)
			continue;
		x->out->reason = PATH_REASON_ENDPOINT_DOWN;
		text_printf(&x->text, "no path: %s is not usable, %s", row->name,
			    why_unusable(row->unusable));
		return true;
	}
	for (size_t i = 0; i < r->n_avoid_nodes; i++)
		if (r->avoid_nodes[i] == r->from || r->avoid_nodes[i] == r->to) {
			x->out->reason = PATH_REASON_AVOID;
			text_printf(&x->text, "no path: %s is to be avoided and is an end of it",
				    ted_node_at(x->e->ted, r->avoid_nodes[i])->name);
			return true;
		}
	return false;
}

static enum pce_status
explain(struct explanation *x, struct pce_error *err)
{
	enum pce_status status;
	bool joined;

	if (explain_ends(x))
		return PCE_OK;
	status = is_feasible(x, 0, &joined, err);
	if (status)
		return status;
	if (joined)
		return explain_constraints(x, err);
	x->out->reason = PATH_REASON_DISCONNECTED;
	print_head(x, 0);
	text_printf(&x->text, ": no usable links%s join them, whatever the constraints",
		    counts_te(x->request) ? " with a TE metric" : "");
	return cut_unusable(x->e, &x->out->blocking, &x->out->n_blocking, err);
}

enum pce_status
explain_no_path(struct path_engine *e, const struct path_request *request,
		struct path_answer *answer, struct pce_error *err)
{
	struct path_no_path out = { .reason = PATH_REASON_NONE };
	struct explanation x = { .e = e, .request = request, .out = &out };
	enum pce_status status = explain(&x, err);

	if (!status && x.spent)
		text_add(&x.text,
			 " (the search budget was spent: there may be better relaxations)");
	out.text = text_take(&x.text);
	if (!status && !out.text)
		status = pce_no_memory(err);
	if (status) {
		text_free(&x.text);
		free(out.text);
		free(out.blocking);
		return status;
	}
	answer->no_path = out;
	return PCE_OK;
}
