/*
 * The second opinion on a whole answer: every route by itself (validate.c), the sums and
 * probabilities that are told of it, and what holds between routes: alternatives differ and come
 * best first, pairs are as disjoint as they claim and share what they say. All is told from the
 * rows of the TED with floating-point probabilities and plain loops; nothing is shared with the
 * computations, so that a defect of theirs cannot hide here. That a route is the best one is not
 * judged, but a bound that the route itself beats is a lie, and found.
 *
 * Builds for debugging, and all tests, ask for this opinion on every answer (see engine.c).
 */
#include <stdlib.h>
#include <string.h>

#include "pce/base/array.h"
#include "pce/base/units.h"
#include "pce/path/path.h"
#include "pce/path/validate_guarantee.h"

/* Rounding of fixed-point probabilities against floating-point ones, and of costs against
 * probabilities. */
#define SLACK_PPT 2.0L
#define SLACK_BOUND_PPT 4096

enum { KIND_LINK, KIND_NODE, KIND_SRLG, KIND_SITE };

/* Something that can fail: a fibre (by its lower link), a transit node, a shared risk group, a site
 * (by its place among those that have an availability). */
struct hazard {
	uint64_t id; /* kind << 32 | number */
	uint64_t ppt;
};

/* Each once, in no order. */
struct hazards {
	struct hazard *at;
	size_t n, cap;
};

static enum pce_status
add(struct hazards *set, uint64_t kind, uint32_t number, uint64_t ppt, struct pce_error *err)
{
	uint64_t id = kind << 32 | number;
	enum pce_status status;

	for (size_t i = 0; i < set->n; i++) {
		if (set->at[i].id != id)
			continue;
		if (set->at[i].ppt < ppt)
			set->at[i].ppt = ppt;
		return PCE_OK;
	}
	status = array_reserve(&set->at, &set->cap, set->n + 1, sizeof(*set->at), err);
	if (!status)
		set->at[set->n++] = (struct hazard){ id, ppt };
	return status;
}

static enum pce_status
add_srlgs(struct hazards *set, const struct ted *ted, const uint32_t *srlgs, size_t n,
	  struct pce_error *err)
{
	enum pce_status status = PCE_OK;

	for (size_t i = 0; !status && i < n; i++)
		status =
		    add(set, KIND_SRLG, srlgs[i], ted_srlg_unavailability_ppt(ted, srlgs[i]), err);
	return status;
}

static enum pce_status
add_site(struct hazards *set, const struct ted *ted, const char *site, struct pce_error *err)
{
	size_t n;
	const struct ted_site_row *sites = ted_sites(ted, &n);

	for (size_t i = 0; site && i < n; i++)
		if (strcmp(sites[i].name, site) == 0 && sites[i].unavailability_ppt > 0)
			return add(set, KIND_SITE, (uint32_t)i, sites[i].unavailability_ppt, err);
	return PCE_OK;
}

static bool
is_listed(const uint32_t *rows, size_t n, uint32_t row)
{
	for (size_t i = 0; i < n; i++)
		if (rows[i] == row)
			return true;
	return false;
}

/* What a route depends on; the two ends' own risks do not count, wherever they are passed, nor, if
 * not wanted, those of the nodes that every route has to pass. */
static enum pce_status
add_route(struct hazards *set, const struct ted *ted, const struct path_request *r,
	  const struct path_route *route, bool vias, struct pce_error *err)
{
	enum pce_status status = PCE_OK;

	for (size_t i = 0; !status && i < route->n_links; i++) {
		uint32_t link = route->links[i];
		const struct ted_link_row *row = ted_link_at(ted, link);
		const struct ted_node_row *node = ted_node_at(ted, row->to);

		status = add(set, KIND_LINK, row->reverse < link ? row->reverse : link,
			     row->unavailability_ppt, err);
		if (!status)
			status = add_srlgs(set, ted, row->srlg, row->n_srlg, err);
		if (status || row->to == r->from || row->to == r->to ||
		    (!vias && is_listed(r->via, r->n_via, row->to)))
			continue;
		status = add(set, KIND_NODE, row->to, node->unavailability_ppt, err);
		if (!status)
			status = add_srlgs(set, ted, node->srlg, node->n_srlg, err);
		if (!status)
			status = add_site(set, ted, node->site, err);
	}
	return status;
}

/* Probability that something of the set fails. */
static long double
fails(const struct hazards *set)
{
	long double works = 1;

	for (size_t i = 0; i < set->n; i++)
		works *= 1 - (long double)set->at[i].ppt / 1e12L;
	return 1 - works;
}

static bool
is_near(long double probability, uint64_t ppt)
{
	long double difference = probability * 1e12L - (long double)ppt;

	return difference <= SLACK_PPT && difference >= -SLACK_PPT;
}

static enum pce_status
differs(const char *what, unsigned long long told, unsigned long long is, struct pce_error *err)
{
	return pce_fail(err, PCE_CONFLICT, "a route's %s is told as %llu and is %llu", what, told,
			is);
}

static uint64_t
sum(uint64_t a, uint64_t b)
{
	return a > UINT64_MAX - b ? UINT64_MAX : a + b;
}

static uint64_t
residual_of(const struct ted *ted, const struct path_request *r, uint32_t link)
{
	uint64_t residual = ted_residual_bps(ted, link);

	for (size_t i = 0; i < r->n_held_links; i++)
		if (r->held_links[i] == link)
			return sum(residual, r->held_bps);
	return residual;
}

static enum pce_status
check_sums(const struct ted *ted, const struct path_request *r, const struct path_route *route,
	   struct pce_error *err)
{
	uint64_t igp = 0, te = 0, delay = 0, least = UINT64_MAX;

	for (size_t i = 0; i < route->n_links; i++) {
		const struct ted_link_row *row = ted_link_at(ted, route->links[i]);
		uint64_t residual = residual_of(ted, r, route->links[i]);

		igp += row->igp_metric;
		te += row->te_metric;
		delay += row->delay_us;
		least = residual < least ? residual : least;
	}
	if (route->igp_metric != igp)
		return differs("IGP metric", route->igp_metric, igp, err);
	if (route->te_metric != te)
		return differs("TE metric", route->te_metric, te, err);
	if (route->delay_us != delay)
		return differs("delay", route->delay_us, delay, err);
	if (route->residual_bps != least)
		return differs("residual bandwidth", route->residual_bps, least, err);
	return PCE_OK;
}

/* What the objective sees of a route; less is better. */
static uint64_t
objective_of(const struct path_request *r, const struct path_route *route)
{
	switch (r->objective) {
	case PATH_IGP:
		return route->igp_metric;
	case PATH_TE:
		return route->te_metric;
	case PATH_DELAY:
		return route->delay_us;
	case PATH_BANDWIDTH:
		return UINT64_MAX - route->residual_bps;
	default:
		return route->unavailability_ppt;
	}
}

static bool
is_pair(const struct path_request *r)
{
	return r->disjoint != PATH_DISJOINT_NONE;
}

/* A route that is not proven says why, and does not beat its own bound. */
static enum pce_status
check_proof(const struct path_request *r, const struct path_route *route, struct pce_error *err)
{
	uint64_t bound = r->objective == PATH_BANDWIDTH ? UINT64_MAX - route->bound : route->bound;
	uint64_t slack = r->objective == PATH_AVAILABILITY ? SLACK_BOUND_PPT : 0;

	if (route->exact != (route->why == NULL))
		return pce_fail(err, PCE_CONFLICT, "a route is %s and %s why",
				route->exact ? "exact" : "not exact",
				route->why ? "says" : "does not say");
	if (route->has_bound && !is_pair(r) && bound > sum(objective_of(r, route), slack))
		return pce_fail(err, PCE_CONFLICT, "a route is better than its bound %llu",
				(unsigned long long)route->bound);
	return PCE_OK;
}

static enum pce_status
check_route(const struct ted *ted, const struct path_request *r, const struct path_route *route,
	    struct pce_error *err)
{
	struct hazards set = { .n = 0 };
	enum pce_status status = path_validate(ted, r, route->links, route->n_links, err);

	if (!status)
		status = check_sums(ted, r, route, err);
	if (!status)
		status = check_proof(r, route, err);
	if (!status)
		status = add_route(&set, ted, r, route, true, err);
	if (!status && !is_near(fails(&set), route->unavailability_ppt))
		status = pce_fail(
		    err, PCE_CONFLICT, "a route's unavailability is told as %llu ppt and is %.1Lf",
		    (unsigned long long)route->unavailability_ppt, fails(&set) * 1e12L);
	free(set.at);
	return status;
}

static bool
same_route(const struct path_route *a, const struct path_route *b)
{
	return a->n_links == b->n_links &&
	       memcmp(a->links, b->links, a->n_links * sizeof(*a->links)) == 0;
}

/* Alternatives: no more than asked, all different; proven ones best first. */
static enum pce_status
check_alternatives(const struct path_request *r, const struct path_answer *a, struct pce_error *err)
{
	size_t most = is_pair(r) ? 2 : r->k > 1 ? r->k : 1;
	uint64_t slack = r->objective == PATH_AVAILABILITY ? SLACK_BOUND_PPT : 0;

	if (a->n_routes > most)
		return pce_fail(err, PCE_CONFLICT, "%zu routes where %zu were asked for",
				a->n_routes, most);
	for (size_t i = 1; i < a->n_routes; i++) {
		for (size_t j = 0; j < i; j++)
			if (same_route(&a->routes[i], &a->routes[j]))
				return pce_fail(err, PCE_CONFLICT, "routes %zu and %zu are one", j,
						i);
		if (is_pair(r) || r->diverse || !a->routes[i - 1].exact)
			continue;
		/* the widest in both directions: a route tells of one */
		if (r->co_routed && r->objective == PATH_BANDWIDTH)
			continue;
		if (objective_of(r, &a->routes[i - 1]) > sum(objective_of(r, &a->routes[i]), slack))
			return pce_fail(err, PCE_CONFLICT,
					"route %zu is better than the one before", i);
	}
	return PCE_OK;
}

/* The kind of disjointness that the answer claims. */
static const char *
claimed(const struct path_request *r, const struct path_answer *a)
{
	static const char *const names[PATH_DISJOINT_COUNT] = {
		[PATH_DISJOINT_NONE] = "none",
		[PATH_DISJOINT_LINK] = "link",
		[PATH_DISJOINT_NODE] = "node",
		[PATH_DISJOINT_SRLG] = "srlg",
		[PATH_DISJOINT_AVAILABILITY] = "availability",
		[PATH_DISJOINT_SRLG_NODE] = "srlg-node",
	};

	for (size_t i = 0; i < a->n_relaxed; i++)
		if (strcmp(a->relaxed[i].constraint, "disjoint") == 0)
			return a->relaxed[i].got;
	return names[r->disjoint];
}

/* True if the claim forbids two routes to have this in common. */
static bool
is_forbidden(const char *claim, uint64_t kind)
{
	if (strcmp(claim, "availability") == 0 || kind == KIND_SITE)
		return false;
	if (kind == KIND_LINK || strcmp(claim, "srlg-node") == 0)
		return true;
	return strcmp(claim, kind == KIND_NODE ? "node" : "srlg") == 0;
}

static bool
is_told(const struct ted *ted, const struct path_shared *shared, const struct hazard *h)
{
	uint32_t number = (uint32_t)h->id;
	bool told = false;
	size_t n;

	switch (h->id >> 32) {
	case KIND_LINK:
		for (size_t i = 0; i < shared->n_links; i++)
			told |= shared->links[i] == number ||
				ted_link_at(ted, shared->links[i])->reverse == number;
		break;
	case KIND_NODE:
		for (size_t i = 0; i < shared->n_nodes; i++)
			told |= shared->nodes[i] == number;
		break;
	case KIND_SITE:
		for (size_t i = 0; i < shared->n_sites; i++)
			told |= strcmp(shared->sites[i], ted_sites(ted, &n)[number].name) == 0;
		break;
	default:
		for (size_t i = 0; i < shared->n_srlgs; i++)
			told |= shared->srlgs[i] == number;
	}
	return told;
}

/* What both have: nothing that the claim forbids, and all of it told where sharing is allowed. */
static enum pce_status
check_common(const struct ted *ted, const struct path_answer *a, const char *claim,
	     const struct hazards sets[2], struct pce_error *err)
{
	bool told = strcmp(claim, "availability") == 0;
	size_t common = 0;

	for (size_t i = 0; i < sets[0].n; i++)
		for (size_t j = 0; j < sets[1].n; j++) {
			const struct hazard *h = &sets[0].at[i];

			if (h->id != sets[1].at[j].id)
				continue;
			common++;
			if (is_forbidden(claim, h->id >> 32))
				return pce_fail(err, PCE_CONFLICT,
						"a %s-disjoint pair shares risk %llx", claim,
						(unsigned long long)h->id);
			if (told && !is_told(ted, &a->shared, h))
				return pce_fail(err, PCE_CONFLICT,
						"a pair does not tell that it shares risk %llx",
						(unsigned long long)h->id);
		}
	if (told &&
	    common != a->shared.n_links + a->shared.n_nodes + a->shared.n_srlgs + a->shared.n_sites)
		return pce_fail(err, PCE_CONFLICT, "a pair tells more than the %zu risks it shares",
				common);
	return PCE_OK;
}

static enum pce_status
check_pair(const struct ted *ted, const struct path_request *r, const struct path_answer *a,
	   struct pce_error *err)
{
	struct hazards sets[2] = { { .n = 0 }, { .n = 0 } }, either = { .n = 0 };
	const char *claim = claimed(r, a);
	bool vias = strcmp(claim, "availability") == 0;
	long double joint = 0;
	enum pce_status status = PCE_OK;

	if (a->n_routes != 2)
		return pce_fail(err, PCE_CONFLICT, "a pair of %zu routes", a->n_routes);
	for (unsigned i = 0; !status && i < 2; i++) {
		status = add_route(&sets[i], ted, r, &a->routes[i], vias, err);
		if (!status)
			status = add_route(&either, ted, r, &a->routes[i], true, err);
		joint += (long double)a->routes[i].unavailability_ppt / 1e12L;
	}
	if (!status)
		status = check_common(ted, a, claim, sets, err);
	if (!status && !is_near(joint - fails(&either), a->joint_unavailability_ppt))
		status = pce_fail(err, PCE_CONFLICT, "a pair's joint unavailability is not %llu",
				  (unsigned long long)a->joint_unavailability_ppt);
	free(sets[0].at);
	free(sets[1].at);
	free(either.at);
	return status;
}

static enum pce_status
check_none(const struct ted *ted, const struct path_no_path *none, struct pce_error *err)
{
	if (none->reason == PATH_REASON_NONE || !none->text || !none->text[0])
		return pce_fail(err, PCE_CONFLICT, "there is neither a route nor a reason");
	for (size_t i = 0; i < none->n_relaxations; i++)
		if (!none->relaxations[i].text || !none->relaxations[i].text[0])
			return pce_fail(err, PCE_CONFLICT, "a relaxation without words");
	for (size_t i = 0; i < none->n_blocking; i++)
		if (none->blocking[i] >= ted_link_count(ted))
			return pce_fail(err, PCE_CONFLICT, "link row %u blocks and is not there",
					none->blocking[i]);
	return PCE_OK;
}

static uint64_t
bounded_value(const struct ted *ted, enum path_reason constraint, const struct path_route *route)
{
	uint64_t hops = 0;

	for (size_t i = 0; i < route->n_links; i++)
		hops += !ted_node_at(ted, ted_link_at(ted, route->links[i])->from)->pseudonode;
	switch (constraint) {
	case PATH_REASON_BANDWIDTH:
		return route->residual_bps;
	case PATH_REASON_DELAY:
		return route->delay_us;
	case PATH_REASON_HOPS:
		return hops;
	case PATH_REASON_TE_METRIC:
		return route->te_metric;
	default:
		return route->igp_metric;
	}
}

/* Slacks are as told. */
static enum pce_status
check_bindings(const struct ted *ted, const struct path_answer *a, const struct path_choice *c,
	       bool pair, struct pce_error *err)
{
	for (size_t i = 0; i < c->n_bindings; i++) {
		const struct path_binding *b = &c->bindings[i];
		bool floor = b->constraint == PATH_REASON_BANDWIDTH, met = false;

		if (!b->has_slack)
			continue;
		for (size_t j = 0; j < (pair ? 2 : 1); j++)
			met |= bounded_value(ted, b->constraint, &a->routes[j]) == b->has;
		if (!met || (floor ? b->has < b->asked : b->has > b->asked))
			return pce_fail(err, PCE_CONFLICT, "a route is told to leave %llu of %llu",
					(unsigned long long)b->has, (unsigned long long)b->asked);
	}
	return PCE_OK;
}

/* The runner-up answers the request too, and parts from the route where it is told to. */
static enum pce_status
check_choice(const struct ted *ted, const struct path_request *r, const struct path_answer *a,
	     size_t at, struct pce_error *err)
{
	const struct path_route *route = &a->routes[at];
	const struct path_choice *c = route->choice;
	size_t part = 0;
	enum pce_status status;

	if (!c)
		return PCE_OK;
	if (!route->chosen || !route->chosen[0])
		return pce_fail(err, PCE_CONFLICT, "a choice without a sentence");
	status = check_bindings(ted, a, c, is_pair(r), err);
	if (status || !c->has_runner_up)
		return status;
	status = path_validate(ted, r, c->runner_up, c->n_runner_up, err);
	if (status)
		return status;
	while (part < c->n_runner_up && part < route->n_links &&
	       c->runner_up[part] == route->links[part])
		part++;
	if (part != c->part || (part == route->n_links && part == c->n_runner_up))
		return pce_fail(err, PCE_CONFLICT, "a runner-up parts at link %zu, told as %zu",
				part, c->part);
	return PCE_OK;
}

enum pce_status
path_validate_answer(const struct ted *ted, const struct path_request *request,
		     const struct path_answer *answer, struct pce_error *err)
{
	enum pce_status status = PCE_OK;

	if (answer->n_routes == 0)
		return check_none(ted, &answer->no_path, err);
	for (size_t i = 0; !status && i < answer->n_routes; i++)
		status = check_route(ted, request, &answer->routes[i], err);
	for (size_t i = 0; !status && i < answer->n_routes; i++)
		status = check_choice(ted, request, answer, i, err);
	if (status || request->guarantee > 0)
		return status ? status : validate_guarantee(ted, request, answer, err);
	status = check_alternatives(request, answer, err);
	return status || !is_pair(request) ? status : check_pair(ted, request, answer, err);
}

enum pce_status
path_routes_unavailability(const struct ted *ted, const struct path_request *request,
			   const struct path_route *routes, size_t n, uint64_t *ppt,
			   struct pce_error *err)
{
	struct hazards either = { .n = 0 };
	enum pce_status status = PCE_OK;
	long double probability = 0;

	for (size_t i = 0; !status && i < n; i++) {
		struct hazards one = { .n = 0 };

		status = add_route(&one, ted, request, &routes[i], true, err);
		if (!status)
			status = add_route(&either, ted, request, &routes[i], true, err);
		probability += fails(&one);
		free(one.at);
	}
	/* P(A and B) = P(A) + P(B) - P(A or B) */
	if (n > 1)
		probability -= fails(&either);
	free(either.at);
	if (!status)
		*ppt = probability <= 0 ? 0 : (uint64_t)(probability * 1e12L + 0.5L);
	return status;
}
