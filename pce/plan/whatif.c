#include "pce/plan/whatif.h"

#include <stdlib.h>
#include <string.h>

void
plan_whatif_free(struct plan_whatif *whatif)
{
	for (size_t i = 0; i < whatif->n_fates; i++) {
		path_answer_free(&whatif->fates[i].before);
		path_answer_free(&whatif->fates[i].after);
	}
	free(whatif->fates);
	free(whatif->fuller);
	*whatif = (struct plan_whatif){ 0 };
}

uint64_t
plan_used_bps(const struct ted *ted, ted_link link)
{
	const struct ted_link_row *row = ted_link_at(ted, link);
	uint64_t residual = ted_residual_bps(ted, link);
	/* A residual that was given says how much of the whole capacity is gone; a subscription
	 * share does not. */
	uint64_t whole = row->base_given && row->capacity_bps > row->base_bps ? row->capacity_bps
									      : row->base_bps;

	return whole > residual ? whole - residual : 0;
}

/* A fork that demands are placed on, with the engine over it. */
struct stage {
	struct ted *ted;
	struct path_engine *engine;
};

static void
stage_close(struct stage *stage)
{
	path_engine_free(stage->engine);
	ted_free(stage->ted);
}

/* engine: of ted, for the fork's to share with; or NULL. */
static enum pce_status
stage_open(const struct ted *ted, const struct path_engine *engine, struct stage *stage,
	   struct pce_error *err)
{
	enum pce_status status;

	*stage = (struct stage){ 0 };
	status = ted_fork(ted, &stage->ted, err);
	if (!status && engine)
		status = path_engine_fork(engine, stage->ted, &stage->engine, err);
	else if (!status)
		status = path_engine_new(stage->ted, &stage->engine, err);
	if (status)
		stage_close(stage);
	return status;
}

struct ordered {
	const struct plan_demand *demand;
	size_t index;
};

static int
by_priority(const void *a, const void *b)
{
	const struct ordered *x = a, *y = b;
	int order;

	if (x->demand->priority != y->demand->priority)
		return x->demand->priority < y->demand->priority ? -1 : 1;
	order = strcmp(x->demand->id, y->demand->id);
	if (order)
		return order;
	return x->index < y->index ? -1 : x->index > y->index;
}

/* True if an earlier route of the answer has the link: a link is booked once. */
static bool
booked_before(const struct path_answer *answer, size_t route, ted_link link)
{
	for (size_t r = 0; r < route; r++)
		for (size_t i = 0; i < answer->routes[r].n_links; i++)
			if (answer->routes[r].links[i] == link)
				return true;
	return false;
}

static enum pce_status
book(struct stage *stage, const struct path_answer *answer, uint64_t bps, bool take,
     struct pce_error *err)
{
	for (size_t r = 0; r < answer->n_routes; r++) {
		for (size_t i = 0; i < answer->routes[r].n_links; i++) {
			ted_link link = answer->routes[r].links[i];
			enum pce_status status;

			if (bps == 0 || booked_before(answer, r, link))
				continue;
			status = take ? ted_book(stage->ted, link, bps, err)
				      : ted_unbook(stage->ted, link, bps, err);
			if (status)
				return status;
			path_engine_refresh_link(stage->engine, link);
		}
	}
	return PCE_OK;
}

static enum pce_status
place(struct stage *stage, const struct plan_demand *demand, struct path_answer *answer,
      struct pce_error *err)
{
	enum pce_status status = path_compute(stage->engine, demand->request, answer, err);

	if (status)
		return pce_prefix(err, status, "demand %s", demand->id);
	return book(stage, answer, demand->request->bandwidth_bps, true, err);
}

/* As place, but one path is better than none where a pair cannot be had. */
static enum pce_status
place_again(struct stage *stage, const struct plan_demand *demand, struct path_answer *answer,
	    struct pce_error *err)
{
	struct path_request single = *demand->request;
	const struct plan_demand alone = { demand->id, &single, demand->priority };
	enum pce_status status = place(stage, demand, answer, err);

	if (status || answer->n_routes > 0 || single.disjoint == PATH_DISJOINT_NONE)
		return status;
	single.disjoint = PATH_DISJOINT_NONE;
	path_answer_free(answer);
	return place(stage, &alone, answer, err);
}

static void
fail(struct ted *ted, const struct plan_failure *failure)
{
	for (size_t i = 0; i < failure->n_links; i++)
		ted_fail_link(ted, failure->links[i]);
	for (size_t i = 0; i < failure->n_nodes; i++)
		ted_fail_node(ted, failure->nodes[i]);
	for (ted_link link = 0; link < ted_link_count(ted); link++) {
		const struct ted_link_row *row = ted_link_at(ted, link);
		bool hit = false;

		for (size_t i = 0; i < failure->n_srlgs; i++)
			for (size_t s = 0; s < row->n_srlg; s++)
				hit = hit || row->srlg[s] == failure->srlgs[i];
		if (hit)
			ted_fail_link(ted, link);
	}
	for (ted_node node = 0; node < ted_node_count(ted); node++) {
		const struct ted_node_row *row = ted_node_at(ted, node);
		bool hit = false;

		for (size_t i = 0; i < failure->n_srlgs; i++)
			for (size_t s = 0; s < row->n_srlg; s++)
				hit = hit || row->srlg[s] == failure->srlgs[i];
		if (hit)
			ted_fail_node(ted, node);
	}
}

static bool
touched(const struct ted *ted, const struct path_answer *answer)
{
	for (size_t r = 0; r < answer->n_routes; r++)
		for (size_t i = 0; i < answer->routes[r].n_links; i++)
			if (!ted_link_usable(ted, answer->routes[r].links[i]))
				return true;
	return false;
}

static bool
same_routes(const struct path_answer *a, const struct path_answer *b)
{
	if (a->n_routes != b->n_routes)
		return false;
	for (size_t r = 0; r < a->n_routes; r++)
		if (a->routes[r].n_links != b->routes[r].n_links ||
		    memcmp(a->routes[r].links, b->routes[r].links,
			   a->routes[r].n_links * sizeof(uint32_t)) != 0)
			return false;
	return true;
}

/* Frees the bandwidth of everyone who is hit first, then places them again: the most important
 * takes first. */
static enum pce_status
replace_touched(struct stage *after, const struct ordered *order, size_t n,
		struct plan_whatif *result, struct pce_error *err)
{
	enum pce_status status = PCE_OK;

	for (size_t i = 0; i < n && !status; i++) {
		struct plan_fate *fate = &result->fates[order[i].index];

		if (fate->outcome != PLAN_STAYED || !touched(after->ted, &fate->before))
			continue;
		fate->outcome = PLAN_LOST;
		status =
		    book(after, &fate->before, order[i].demand->request->bandwidth_bps, false, err);
	}
	for (size_t i = 0; i < n && !status; i++) {
		struct plan_fate *fate = &result->fates[order[i].index];

		if (fate->outcome != PLAN_LOST)
			continue;
		status = place_again(after, order[i].demand, &fate->after, err);
		if (!status && fate->after.n_routes > 0)
			fate->outcome =
			    same_routes(&fate->before, &fate->after) ? PLAN_STAYED : PLAN_MOVED;
	}
	return status;
}

struct ranked {
	uint32_t rank;
	struct plan_fuller fuller;
};

static int
by_rank(const void *a, const void *b)
{
	const struct ranked *x = a, *y = b;

	return x->rank < y->rank ? -1 : x->rank > y->rank;
}

static enum pce_status
list_fuller(const struct stage *before, const struct stage *after, uint32_t threshold_ppm,
	    struct plan_whatif *result, struct pce_error *err)
{
	uint32_t count = ted_link_count(after->ted);
	struct ranked *found = malloc((count ? count : 1) * sizeof(*found));
	size_t n = 0;

	if (!found)
		return pce_no_memory(err);
	for (ted_link link = 0; link < count; link++) {
		const struct ted_link_row *row = ted_link_at(after->ted, link);
		uint64_t used = plan_used_bps(after->ted, link);

		if (!row->has_capacity || row->capacity_bps == 0 ||
		    !ted_link_usable(after->ted, link))
			continue;
		if ((__uint128_t)used * 1000000 <= (__uint128_t)row->capacity_bps * threshold_ppm)
			continue;
		found[n++] = (struct ranked){
			row->rank,
			{ link, plan_used_bps(before->ted, link), used, row->capacity_bps },
		};
	}
	qsort(found, n, sizeof(*found), by_rank);
	result->fuller = malloc((n ? n : 1) * sizeof(*result->fuller));
	if (!result->fuller) {
		free(found);
		return pce_no_memory(err);
	}
	for (size_t i = 0; i < n; i++)
		result->fuller[i] = found[i].fuller;
	result->n_fuller = n;
	free(found);
	return PCE_OK;
}

static enum pce_status
run(struct stage *before, const struct ordered *order, size_t n, const struct plan_failure *failure,
    uint32_t threshold_ppm, struct plan_whatif *result, struct pce_error *err)
{
	struct stage after;
	enum pce_status status = PCE_OK;

	for (size_t i = 0; i < n && !status; i++) {
		struct plan_fate *fate = &result->fates[order[i].index];

		status = place(before, order[i].demand, &fate->before, err);
		fate->outcome = fate->before.n_routes > 0 ? PLAN_STAYED : PLAN_UNPLACED;
	}
	if (status)
		return status;
	status = stage_open(before->ted, before->engine, &after, err);
	if (status)
		return status;
	fail(after.ted, failure);
	for (ted_link i = 0; i < ted_link_count(after.ted); i++)
		if (ted_link_usable(before->ted, i) != ted_link_usable(after.ted, i))
			path_engine_refresh_link(after.engine, i);
	status = replace_touched(&after, order, n, result, err);
	if (!status)
		status = list_fuller(before, &after, threshold_ppm, result, err);
	stage_close(&after);
	return status;
}

enum pce_status
plan_whatif(const struct ted *ted, const struct plan_demand *demands, size_t n,
	    const struct plan_failure *failure, uint32_t threshold_ppm, struct plan_whatif *out,
	    struct pce_error *err)
{
	struct ordered *order = malloc((n ? n : 1) * sizeof(*order));
	struct plan_whatif result = { .fates = calloc(n ? n : 1, sizeof(*result.fates)),
				      .n_fates = n };
	struct stage before;
	enum pce_status status;

	if (!order || !result.fates) {
		free(order);
		free(result.fates);
		return pce_no_memory(err);
	}
	for (size_t i = 0; i < n; i++)
		order[i] = (struct ordered){ &demands[i], i };
	qsort(order, n, sizeof(*order), by_priority);
	status = stage_open(ted, NULL, &before, err);
	if (!status) {
		status = run(&before, order, n, failure, threshold_ppm, &result, err);
		stage_close(&before);
	}
	free(order);
	if (status)
		plan_whatif_free(&result);
	else
		*out = result;
	return status;
}
