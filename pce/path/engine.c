#include <stdlib.h>
#include <string.h>

#include "pce/path/alternatives.h"
#include "pce/path/choice.h"
#include "pce/path/corouted.h"
#include "pce/path/explain.h"
#include "pce/path/guarantee.h"
#include "pce/path/pairs.h"
#include "pce/path/report.h"
#include "pce/path/single.h"
#include "pce/path/via.h"

/* Each via is one more copy of the graph. */
#define VIAS_MAX 16

static void
drop_graph(struct path_engine *e)
{
	filter_free(&e->filter);
	search_free(e->search);
	scalar_free(&e->scalar);
	descent_free(&e->descent);
	direct_free(&e->direct);
	tree_scratch_free(&e->tree);
	bidirectional_free(&e->both);
	guide_free(&e->guide);
	astar_free(&e->astar);
	vicinity_free(&e->vicinity);
	common_free(&e->common);
	bounded_free(&e->bounded);
	balls_free(&e->balls);
	residual_free(&e->residual);
	path_graph_free(e->graph);
	free(e->walk);
	e->search = NULL;
	e->graph = NULL;
	e->walk = NULL;
}

enum pce_status
engine_need_both(struct path_engine *e, struct pce_error *err)
{
	enum pce_status status;

	if (e->both.mark)
		return PCE_OK;
	status = bidirectional_init(&e->both, e->graph->n_nodes, err);
	if (status)
		bidirectional_free(&e->both);
	return status;
}

enum pce_status
engine_need_search(struct path_engine *e, struct pce_error *err)
{
	return e->search ? PCE_OK : search_new(e->graph, &e->search, err);
}

/* Scratch for the graph that e has. On failure the graph is dropped. */
static enum pce_status
take_scratch(struct path_engine *e, struct pce_error *err)
{
	enum pce_status status = filter_init(&e->filter, e->graph, err);

	guide_init(&e->guide, e->graph);
	if (!status) {
		e->walk = calloc((size_t)e->graph->n_nodes + 1, sizeof(*e->walk));
		if (!e->walk)
			status = pce_no_memory(err);
	}
	if (status)
		drop_graph(e);
	return status;
}

static enum pce_status
take_graph(struct path_engine *e, struct pce_error *err)
{
	enum pce_status status = path_graph_new(e->ted, &e->graph, err);

	return status ? status : take_scratch(e, err);
}

enum pce_status
path_engine_new(const struct ted *ted, struct path_engine **out, struct pce_error *err)
{
	struct path_engine *e = calloc(1, sizeof(*e));
	enum pce_status status;

	if (!e)
		return pce_no_memory(err);
	e->ted = ted;
	status = take_graph(e, err);
	if (status)
		free(e);
	else
		*out = e;
	return status;
}

enum pce_status
path_engine_fork(const struct path_engine *engine, const struct ted *ted, struct path_engine **out,
		 struct pce_error *err)
{
	struct path_engine *e;
	enum pce_status status;

	if (ted_revision(ted) != ted_revision(engine->ted) ||
	    ted_node_count(ted) != engine->graph->n_nodes ||
	    ted_link_count(ted) != engine->graph->n_links)
		return pce_fail(err, PCE_INVALID, "the engine is not of the fork's ted");
	e = calloc(1, sizeof(*e));
	if (!e)
		return pce_no_memory(err);
	e->ted = ted;
	status = path_graph_fork(engine->graph, ted, &e->graph, err);
	if (!status)
		status = take_scratch(e, err);
	if (!status)
		status = guide_fork(&e->guide, &engine->guide, err);
	if (status)
		path_engine_free(e);
	else
		*out = e;
	return status;
}

void
path_engine_free(struct path_engine *engine)
{
	if (!engine)
		return;
	drop_graph(engine);
	free(engine->steps);
	free(engine);
}

/* What cannot be taken over in place: new rows, groups that changed hands, nodes with other risks.
 */
static bool
needs_packing(const struct path_engine *e, const struct ted_change *change)
{
	const struct path_graph *g = e->graph;
	const struct ted_link_row *row;
	const struct graph_link *l;
	struct graph_span groups;

	if (!change->is_link)
		return (change->what & (TED_CHANGED_TE | TED_CHANGED_NEW)) != 0;
	row = ted_link_at(e->ted, change->row);
	l = &g->links[g->link_of_row[change->row]];
	groups = graph_link_groups(g, g->link_of_row[change->row]);
	if (row->n_srlg != groups.n || g->node_of_row[row->from] != l->tail ||
	    g->node_of_row[row->to] != graph_head(g, g->link_of_row[change->row]) ||
	    (row->reverse == TED_NONE) != (l->reverse == GRAPH_NONE) ||
	    (row->reverse != TED_NONE && g->link_of_row[row->reverse] != l->reverse))
		return true;
	for (size_t i = 0; i < row->n_srlg; i++) {
		const struct graph_group *group = &g->groups[g->groups_of[groups.first + i]];

		if (group->number != row->srlg[i] ||
		    group->unavailability_ppt != ted_srlg_unavailability_ppt(e->ted, row->srlg[i]))
			return true;
	}
	return false;
}

static enum pce_status
update_link(struct path_engine *e, ted_link row, struct pce_error *err)
{
	uint32_t link = e->graph->link_of_row[row];
	struct graph_arc before = e->graph->arcs_out[link];
	enum pce_status status = path_graph_update_link(e->graph, row, err);

	return status ? status : guide_update(&e->guide, link, &before, err);
}

static enum pce_status
update_node(struct path_engine *e, ted_node row, struct pce_error *err)
{
	uint32_t node = e->graph->node_of_row[row];
	uint64_t before = graph_node_price(e->graph, node).cost;
	enum pce_status status = path_graph_update_node(e->graph, row, err);

	if (status || graph_node_price(e->graph, node).cost == before)
		return status;
	return guide_update_node(&e->guide, node, err);
}

enum pce_status
path_engine_refresh(struct path_engine *engine, const struct ted_change *changes, size_t n,
		    struct pce_error *err)
{
	struct path_engine fresh = { .ted = engine->ted };
	bool pack = !changes || ted_node_count(engine->ted) != engine->graph->n_nodes ||
		    ted_link_count(engine->ted) != engine->graph->n_links;
	enum pce_status status = PCE_OK;

	for (size_t i = 0; !pack && i < n; i++)
		pack = needs_packing(engine, &changes[i]);
	if (pack) {
		status = take_graph(&fresh, err);
		if (status)
			return status;
		drop_graph(engine);
		engine->graph = fresh.graph;
		engine->filter = fresh.filter;
		engine->search = fresh.search;
		engine->scalar = fresh.scalar;
		engine->descent = fresh.descent;
		engine->direct = fresh.direct;
		engine->tree = fresh.tree;
		engine->both = fresh.both;
		engine->guide = fresh.guide;
		engine->astar = fresh.astar;
		engine->vicinity = fresh.vicinity;
		engine->bounded = fresh.bounded;
		engine->balls = fresh.balls;
		engine->residual = fresh.residual;
		engine->walk = fresh.walk;
		return PCE_OK;
	}
	for (size_t i = 0; !status && i < n; i++)
		if (changes[i].is_link)
			status = update_link(engine, changes[i].row, err);
		else
			status = update_node(engine, changes[i].row, err);
	return status;
}

enum pce_status
path_engine_prepare(struct path_engine *engine, struct pce_error *err)
{
	return engine->simple ? PCE_OK : guide_make(&engine->guide, true, err);
}

void
path_engine_refresh_link(struct path_engine *engine, ted_link link)
{
	path_graph_update_state(engine->graph, link);
}

static enum pce_status
check_rows(const uint32_t *rows, size_t n, uint32_t count, const char *what, struct pce_error *err)
{
	for (size_t i = 0; i < n; i++)
		if (rows[i] >= count)
			return pce_fail(err, PCE_INVALID, "%s names row %u of %u", what, rows[i],
					count);
	return PCE_OK;
}

enum pce_status
engine_check_rows(const struct path_engine *e, const struct path_request *r, struct pce_error *err)
{
	uint32_t nodes = e->graph->n_nodes, links = e->graph->n_links;
	enum pce_status status = check_rows(&r->from, 1, nodes, "from", err);

	if (!status)
		status = check_rows(&r->to, 1, nodes, "to", err);
	if (!status)
		status = check_rows(r->avoid_nodes, r->n_avoid_nodes, nodes, "avoid-node", err);
	if (!status)
		status = check_rows(r->avoid_links, r->n_avoid_links, links, "avoid-link", err);
	if (!status)
		status = check_rows(r->via, r->n_via, nodes, "via", err);
	if (!status)
		status = check_rows(r->held_links, r->n_held_links, links, "held-links", err);
	for (size_t i = 0; !status && i < r->n_kept; i++)
		status = check_rows(&r->kept[i].link, 1, links, "kept", err);
	return status;
}

enum pce_status
engine_check(const struct path_engine *e, const struct path_request *r, struct pce_error *err)
{
	enum pce_status status = engine_check_rows(e, r, err);

	if (status)
		return status;
	if (r->from == r->to)
		return pce_fail(err, PCE_INVALID, "from and to are both %s",
				ted_node_at(e->ted, r->from)->name);
	if ((unsigned)r->objective >= PATH_OBJECTIVE_COUNT)
		return pce_fail(err, PCE_INVALID, "%d is no objective", (int)r->objective);
	if (r->n_ties > PATH_TIE_COUNT)
		return pce_fail(err, PCE_INVALID, "%u ties are more than there are", r->n_ties);
	for (unsigned i = 0; i < r->n_ties; i++)
		if (r->ties[i] >= PATH_TIE_COUNT)
			return pce_fail(err, PCE_INVALID, "%u is no tie", r->ties[i]);
	return PCE_OK;
}

static enum pce_status
check_offered(const struct path_request *r, struct pce_error *err)
{
	if (r->n_via + r->n_via_services > VIAS_MAX)
		return pce_fail(err, PCE_LIMIT, "more than %d vias are too many", VIAS_MAX);
	if (r->k > 1 && r->disjoint != PATH_DISJOINT_NONE)
		return pce_fail(err, PCE_UNSUPPORTED,
				"alternatives (k > 1) of disjoint pairs are not offered: ask for "
				"diverse paths, or for one pair without what is to be avoided");
	if (r->max_sids != PATH_NO_BOUND)
		return pce_fail(err, PCE_UNSUPPORTED,
				"a bound on the number of SIDs is not offered yet");
	if (r->co_routed && guarantee_is_asked(r))
		return pce_fail(err, PCE_UNSUPPORTED,
				"the lists of a guarantee are not offered co-routed");
	return guarantee_check(r, err);
}

static enum pce_status
compute_single(struct path_engine *e, const struct path_request *request,
	       struct path_answer *answer, struct pce_error *err)
{
	struct found found = { .n = 0 };
	enum pce_status status = single_solve(e, request, CONSTRAINTS_ALL, &found, err);
	bool exact = found.outcome == SEARCH_FOUND;

	e->common.fits = false; /* explaining asks with other constraints */
	if (!status && found.n > 0)
		status = report_found(e, &found, exact ? NULL : report_spent, answer, err);
	else if (!status && found.outcome == SEARCH_SPENT)
		status = explain_as(answer, PATH_REASON_BUDGET,
				    "the search budget was spent before any path was found", err);
	else if (!status)
		status = explain_no_path(e, request, answer, err);
	found_free(&found);
	return status;
}

static enum pce_status
compute(struct path_engine *e, const struct path_request *request, struct path_answer *answer,
	struct pce_error *err)
{
	if (request->co_routed)
		return corouted_compute(e, request, answer, err);
	if (guarantee_is_asked(request))
		return guarantee_compute(e, request, answer, err);
	if (request->disjoint != PATH_DISJOINT_NONE)
		return pairs_compute(e, request, answer, err);
	if (via_asked(request))
		return via_compute(e, request, answer, err);
	return request->k > 1 ? alternatives_compute(e, request, answer, err)
			      : compute_single(e, request, answer, err);
}

/* Builds for debugging ask for a second opinion on every answer. */
static enum pce_status
judge(const struct path_engine *e, const struct path_request *request,
      const struct path_answer *answer, struct pce_error *err)
{
#ifdef PATH_DEBUG
	struct pce_error why = { 0 };
	enum pce_status status;

	if (e->unjudged)
		return PCE_OK;
	status = path_validate_answer(e->ted, request, answer, &why);

	if (status == PCE_NO_MEMORY)
		return pce_no_memory(err);
	if (status)
		return pce_fail(err, PCE_INTERNAL, "an answer is wrong: %s", why.text);
#else
	(void)e, (void)request, (void)answer, (void)err;
#endif
	return PCE_OK;
}

static enum pce_status
compute_and_explain(struct path_engine *e, const struct path_request *request,
		    struct path_answer *answer, struct pce_error *err)
{
	enum pce_status status = compute(e, request, answer, err);

	if (!status && request->explain && !request->co_routed && !guarantee_is_asked(request))
		status = choice_explain(e, request, answer, err);
	return status;
}

/*
 * What an engine has learnt decides which search is taken, not what it finds. But searches differ
 * in how many labels they settle, and those are what a budget is counted in where several searches
 * make one answer: there each request begins without habits, and leaves none.
 */
static enum pce_status
compute_repeatably(struct path_engine *e, const struct path_request *request,
		   struct path_answer *answer, struct pce_error *err)
{
	bool alone = request->k <= 1 && request->disjoint == PATH_DISJOINT_NONE &&
		     request->n_via == 0 && request->n_via_services == 0 &&
		     !guarantee_is_asked(request) && !request->explain && !request->co_routed;
	struct path_habit habits[METRIC_COUNT];
	enum pce_status status;

	e->straight = alone && request->objective != PATH_BANDWIDTH;
	if (alone)
		return compute(e, request, answer, err);
	memcpy(habits, e->habits, sizeof(habits));
	memset(e->habits, 0, sizeof(habits));
	status = compute_and_explain(e, request, answer, err);
	memcpy(e->habits, habits, sizeof(habits));
	return status;
}

enum pce_status
path_compute(struct path_engine *engine, const struct path_request *request,
	     struct path_answer *answer, struct pce_error *err)
{
	enum pce_status status = engine_check(engine, request, err);
	uint64_t settled = engine_settled(engine);

	if (!status)
		status = check_offered(request, err);
	if (status)
		return status;
	common_meet(&engine->common, request);
	status = compute_repeatably(engine, request, answer, err);
	if (!status)
		status = judge(engine, request, answer, err);
	if (status) {
		path_answer_free(answer);
		return status;
	}
	answer->ted_revision = ted_revision(engine->ted);
	answer->settled = engine_settled(engine) - settled;
	return PCE_OK;
}
