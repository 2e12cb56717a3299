#include "pce/path/corouted.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pce/base/text.h"
#include "pce/path/explain.h"
#include "pce/path/report.h"

#define ROUTES_MOST 4096 /* looked at for one that can be taken back */
#define ROUTES_STEP 8 /* each time so many times more */

struct corouted {
	struct path_engine *e;
	const struct path_request *request;
	struct path_request back; /* the same from the other end */
	bool spent; /* there may be routes that were not looked at */
};

/* --- the network of links that can be taken both ways --- */

static void
take_down(struct path_graph *g, uint32_t link)
{
	g->arcs_out[link].class |= ARC_DOWN;
	g->arcs_in[g->links[link].in_place].class |= ARC_DOWN;
	g->version++;
}

static void
narrow_link(struct path_graph *g, uint32_t link, uint64_t bps)
{
	struct graph_arc *out = &g->arcs_out[link];

	g->residual_bps[link] = bps;
	out->residual_kbps = bps / 1000 < UINT32_MAX ? (uint32_t)(bps / 1000) : UINT32_MAX;
	g->arcs_in[g->links[link].in_place].residual_kbps = out->residual_kbps;
}

static void
narrow_by(struct path_graph *g, uint32_t link, uint64_t bps, uint64_t taken)
{
	uint64_t room = bps > taken ? bps - taken : 0;

	if (taken > 0 && link != GRAPH_NONE && room < g->residual_bps[link])
		narrow_link(g, link, room);
}

/* What is not there for one of the directions. */
static void
leave_kept(const struct corouted *c, struct path_graph *view, bool room)
{
	const struct path_graph *g = c->e->graph;

	for (size_t i = 0; i < c->request->n_kept; i++) {
		const struct path_kept *kept = &c->request->kept[i];
		uint32_t link = g->link_of_row[kept->link];
		uint64_t bps = filter_residual(&c->e->filter, link);

		narrow_by(view, link, bps, kept->there_bps);
		if (room)
			narrow_by(view, g->links[link].reverse, bps, kept->back_bps);
	}
}

/* A search of its own on what is left; mask: the constraints that the way back has to hold. */
static enum pce_status
fork_view(const struct corouted *c, uint32_t mask, struct path_engine **out, struct pce_error *err)
{
	struct filter *f = &c->e->filter;
	const struct path_graph *from = c->e->graph;
	bool room = mask & CONSTRAINT(PATH_REASON_BANDWIDTH);
	enum pce_status status = path_engine_fork(c->e, c->e->ted, out, err);

	if (!status)
		status = filter_set(f, &c->back, mask, err);
	if (status)
		return status;
	(*out)->unjudged = true;
	(*out)->simple = c->e->simple;
	for (uint32_t i = 0; i < from->n_links; i++) {
		uint32_t reverse = from->links[i].reverse;
		uint64_t here = filter_residual(f, i), there;

		if (reverse == GRAPH_NONE || !filter_allows(f, reverse)) {
			take_down((*out)->graph, i);
			continue;
		}
		there = filter_residual(f, reverse);
		narrow_link((*out)->graph, i, room && there < here ? there : here);
	}
	leave_kept(c, (*out)->graph, room);
	return PCE_OK;
}

/* --- bounds on the sums of the way back --- */

static bool
is_bounded(const struct path_request *r)
{
	return r->max_delay_us != PATH_NO_BOUND || r->max_te != PATH_NO_BOUND ||
	       r->max_igp != PATH_NO_BOUND || r->max_hops != PATH_NO_BOUND;
}

/* True if the sums of a route's way back are within the bounds of the mask. */
static bool
returns(const struct corouted *c, const struct path_route *route, uint32_t mask)
{
	const struct path_graph *g = c->e->graph;
	const struct path_request *r = c->request;
	uint64_t delay = 0, te = 0, igp = 0, hops = 0;

	for (size_t i = 0; i < route->n_links; i++) {
		uint32_t link = g->links[g->link_of_row[route->links[i]]].reverse;
		const struct graph_arc *arc = &g->arcs_out[link];

		delay += arc->delay_us;
		te += arc->te;
		igp += arc->igp;
		hops += (arc->class & ARC_NO_HOP) == 0;
	}
	return (!(mask & CONSTRAINT(PATH_REASON_DELAY)) || delay <= r->max_delay_us) &&
	       (!(mask & CONSTRAINT(PATH_REASON_TE_METRIC)) || te <= r->max_te) &&
	       (!(mask & CONSTRAINT(PATH_REASON_IGP_METRIC)) || igp <= r->max_igp) &&
	       (!(mask & CONSTRAINT(PATH_REASON_HOPS)) || hops <= r->max_hops);
}

static size_t
count_returning(const struct corouted *c, const struct path_answer *answer, uint32_t mask)
{
	size_t n = 0;

	for (size_t i = 0; i < answer->n_routes; i++)
		n += returns(c, &answer->routes[i], mask);
	return n;
}

/* Leaves the first `wanted` routes that can be taken back. */
static void
keep_returning(const struct corouted *c, struct path_answer *answer, size_t wanted, uint32_t mask)
{
	struct path_answer gone = { .routes = calloc(answer->n_routes + 1, sizeof(*gone.routes)) };
	size_t kept = 0;

	/* without memory for the list of those that go they are kept at the end, unseen */
	for (size_t i = 0; gone.routes && i < answer->n_routes; i++) {
		if (kept < wanted && returns(c, &answer->routes[i], mask))
			answer->routes[kept++] = answer->routes[i];
		else
			gone.routes[gone.n_routes++] = answer->routes[i];
	}
	if (gone.routes)
		answer->n_routes = kept;
	path_answer_free(&gone);
}

/* --- searching --- */

/* Pairs are taken as they are found. */
static enum pce_status
take_pair(struct corouted *c, uint32_t mask, struct path_answer *answer)
{
	if (count_returning(c, answer, mask) == answer->n_routes)
		return PCE_OK;
	path_answer_free(answer);
	c->spent = true;
	return PCE_OK;
}

static void
forget_relaxed(struct path_answer *answer)
{
	struct path_answer gone = { .relaxed = answer->relaxed, .n_relaxed = answer->n_relaxed };

	answer->relaxed = NULL;
	answer->n_relaxed = 0;
	path_answer_free(&gone);
}

/* Fewer alternatives than were asked for, as all who give them say it. */
static enum pce_status
tell_shortfall(struct path_answer *answer, uint32_t wanted, struct pce_error *err)
{
	char asked[16], got[16];

	forget_relaxed(answer);
	if (answer->n_routes == 0 || answer->n_routes >= wanted)
		return PCE_OK;
	snprintf(asked, sizeof(asked), "%u", wanted);
	snprintf(got, sizeof(got), "%zu", answer->n_routes);
	return report_relaxed(answer, "k", asked, got, err);
}

/* Routes in order until enough can be taken back. */
static enum pce_status
take_in_order(struct corouted *c, struct path_engine *view, struct path_request *asked,
	      uint32_t mask, struct path_answer *answer, struct pce_error *err)
{
	uint32_t wanted = asked->k > 1 ? asked->k : 1;
	enum pce_status status = PCE_OK;

	while (!status && answer->n_routes == asked->k &&
	       count_returning(c, answer, mask) < wanted) {
		c->spent = asked->k >= ROUTES_MOST;
		if (c->spent)
			break;
		path_answer_free(answer);
		asked->k *= ROUTES_STEP;
		asked->explain = false;
		status = path_compute(view, asked, answer, err);
	}
	if (!status)
		keep_returning(c, answer, wanted, mask);
	return status ? status : tell_shortfall(answer, wanted, err);
}

/* What is found when the way back has to hold the constraints of the mask; none: no routes. */
static enum pce_status
search(struct corouted *c, uint32_t mask, struct path_answer *answer, struct pce_error *err)
{
	struct path_request asked = *c->request;
	struct path_engine *view = NULL;
	enum pce_status status = fork_view(c, mask, &view, err);

	asked.co_routed = false;
	asked.k = asked.k > 1 ? asked.k : 1;
	asked.held_links = NULL; /* in the view already */
	asked.n_held_links = 0;
	c->spent = false;
	if (!status)
		status = path_compute(view, &asked, answer, err);
	if (!status && answer->n_routes > 0 && is_bounded(c->request))
		status = asked.disjoint != PATH_DISJOINT_NONE
			     ? take_pair(c, mask, answer)
			     : take_in_order(c, view, &asked, mask, answer, err);
	if (!status && answer->n_routes == 0 && answer->no_path.reason == PATH_REASON_BUDGET)
		c->spent = true;
	c->e->unfolded += view ? engine_settled(view) : 0;
	path_engine_free(view);
	return status;
}

/* What the routes of the view have on the network as it is. */
static void
tell_residuals(const struct corouted *c, struct path_answer *answer)
{
	const struct path_graph *g = c->e->graph;
	const struct path_request *r = c->request;
	uint32_t none = ~CONSTRAINTS_ALL;

	/* only what is held is of interest, and that cannot fail once there is room */
	if (filter_set(&c->e->filter, r, none, NULL))
		return;
	for (size_t i = 0; i < answer->n_routes; i++) {
		struct path_route *route = &answer->routes[i];
		uint64_t least = UINT64_MAX;

		for (size_t k = 0; k < route->n_links; k++) {
			uint64_t bps =
			    filter_residual(&c->e->filter, g->link_of_row[route->links[k]]);

			least = bps < least ? bps : least;
		}
		route->residual_bps = least;
	}
}

/* --- why there is none --- */

static const struct {
	enum path_reason reason;
	const char *text;
} droppable[] = {
	{ PATH_REASON_BANDWIDTH, "the bandwidth" },    { PATH_REASON_DELAY, "the bound on delay" },
	{ PATH_REASON_TE_METRIC, "the TE bound" },     { PATH_REASON_IGP_METRIC, "the IGP bound" },
	{ PATH_REASON_AFFINITY, "the affinities" },    { PATH_REASON_SLICE, "the slice" },
	{ PATH_REASON_LINK_BOUND, "bounds on links" }, { PATH_REASON_OVERLOAD, "overloaded nodes" },
};

/* The question without its other direction. */
static enum pce_status
ask_alone(const struct corouted *c, const struct path_request *r, struct path_answer *out,
	  struct pce_error *err)
{
	struct path_request alone = *r;

	alone.co_routed = false;
	return path_compute(c->e, &alone, out, err);
}

/* The way back has no path by itself: that is said of it. */
static enum pce_status
blame_back(struct path_answer *back, struct path_answer *answer, struct pce_error *err)
{
	struct text text = { 0 };

	text_printf(&text, "the way back: %s", back->no_path.text ? back->no_path.text : "none");
	free(back->no_path.text);
	back->no_path.text = text_take(&text);
	text_free(&text);
	*answer = *back;
	*back = (struct path_answer){ 0 };
	return answer->no_path.text ? PCE_OK : pce_no_memory(err);
}

/* Why the best route there cannot be taken back; and its links that cannot, as what blocks. */
static enum pce_status
blame_links(const struct corouted *c, const struct path_route *there, struct path_no_path *no,
	    struct text *text, struct pce_error *err)
{
	const struct path_graph *g = c->e->graph;
	struct path_request plain = *c->request;
	struct pce_error why = { 0 };
	enum pce_status status = filter_set(&c->e->filter, &c->back, CONSTRAINTS_ALL, err);

	no->blocking = status ? NULL : calloc(there->n_links + 1, sizeof(*no->blocking));
	if (status || !no->blocking)
		return status ? status : pce_no_memory(err);
	for (size_t i = 0; i < there->n_links; i++) {
		uint32_t reverse = g->links[g->link_of_row[there->links[i]]].reverse;

		if (reverse == GRAPH_NONE || !filter_allows(&c->e->filter, reverse))
			no->blocking[no->n_blocking++] = there->links[i];
	}
	plain.co_routed = true;
	status = path_validate(c->e->ted, &plain, there->links, there->n_links, &why);
	if (status == PCE_NO_MEMORY)
		return pce_no_memory(err);
	text_printf(text, ": the best one there cannot be taken back%s%s", status ? ", " : "",
		    why.text);
	return PCE_OK;
}

/* Which single constraint of the way back opens a path when it is given up. */
static enum pce_status
relax_each(struct corouted *c, struct path_no_path *no, struct text *text, struct pce_error *err)
{
	size_t n = sizeof(droppable) / sizeof(droppable[0]);
	enum pce_status status = PCE_OK;

	no->relaxations = calloc(n, sizeof(*no->relaxations));
	if (!no->relaxations)
		return pce_no_memory(err);
	for (size_t i = 0; !status && i < n; i++) {
		struct path_answer found = { 0 };
		struct path_relaxation *r = &no->relaxations[no->n_relaxations];

		status = search(c, CONSTRAINTS_ALL & ~CONSTRAINT(droppable[i].reason), &found, err);
		if (!status && found.n_routes > 0) {
			struct text clause = { 0 };

			text_printf(&clause, "without %s of the way back there is one",
				    droppable[i].text);
			text_printf(text, "; %s", text_get(&clause));
			*r = (struct path_relaxation){ .constraint = droppable[i].reason,
						       .text = text_take(&clause) };
			text_free(&clause);
			no->n_relaxations++;
			status = r->text ? PCE_OK : pce_no_memory(err);
		}
		path_answer_free(&found);
	}
	return status;
}

static enum pce_status
explain_apart(struct corouted *c, const struct path_route *there, struct path_answer *answer,
	      struct pce_error *err)
{
	struct path_no_path *no = &answer->no_path;
	struct text text = { 0 };
	enum pce_status status;

	text_printf(&text, "no path from %s to %s can be taken both ways over the same links",
		    ted_node_at(c->e->ted, c->request->from)->name,
		    ted_node_at(c->e->ted, c->request->to)->name);
	no->reason = PATH_REASON_CO_ROUTED;
	status = blame_links(c, there, no, &text, err);
	if (!status)
		status = relax_each(c, no, &text, err);
	no->text = text_take(&text);
	text_free(&text);
	return status ? status : no->text ? PCE_OK : pce_no_memory(err);
}

static enum pce_status
explain(struct corouted *c, struct path_answer *answer, struct pce_error *err)
{
	struct path_answer there = { 0 }, back = { 0 };
	bool spent = c->spent;
	enum pce_status status;

	path_answer_free(answer);
	if (spent)
		return explain_as(answer, PATH_REASON_BUDGET,
				  c->request->disjoint == PATH_DISJOINT_NONE
				      ? "of all the paths looked at none can be taken back within "
					"the bounds; there are more"
				      : "the best pair cannot be taken back within the bounds; "
					"others are not searched for",
				  err);
	status = ask_alone(c, c->request, &there, err);
	if (!status && there.n_routes > 0)
		status = ask_alone(c, &c->back, &back, err);
	if (!status && there.n_routes == 0) {
		*answer = there;
		there = (struct path_answer){ 0 };
	} else if (!status && back.n_routes == 0) {
		status = blame_back(&back, answer, err);
	} else if (!status) {
		status = explain_apart(c, &there.routes[0], answer, err);
	}
	path_answer_free(&there);
	path_answer_free(&back);
	return status;
}

enum pce_status
corouted_compute(struct path_engine *e, const struct path_request *request,
		 struct path_answer *answer, struct pce_error *err)
{
	struct corouted c = { .e = e, .request = request, .back = *request };
	enum pce_status status;

	c.back.from = request->to;
	c.back.to = request->from;
	c.back.co_routed = false;
	status = search(&c, CONSTRAINTS_ALL, answer, err);
	if (!status && answer->n_routes == 0)
		return explain(&c, answer, err);
	if (!status)
		tell_residuals(&c, answer);
	return status;
}
