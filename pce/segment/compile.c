/*
 * Segment-list compiler: the fewest containers, then the fewest SIDs, that forward strictly along a
 * path.
 *
 * The path is v0, v1 … vn. One SID covers a stretch of it:
 *
 * - End of vt, from vi to vt: if the routers between have no other shortest way to vt;
 * - End.X of vt, from vi over the link that leaves vt: under the same condition, always if i = t.
 *
 * Whether a stretch has one way only is closed under sub-paths, so one number for each t, the first
 * i from which it holds, describes where a SID may be used. These are the steps that pack.h makes a
 * list of: a container holds one plain SID, or as many NEXT-CSID ones of one locator block as its
 * 128 bits take (RFC 9800). Plain and compressed ones mix as they come. Without compression a
 * container is a SID, and the result is the shortest list of SIDs.
 *
 * Two C-SIDs must not be neighbours if their node would take them for a longer SID of its own; and
 * a C-SID stands alone if somebody has a route or SID inside of it (igp_keeps_argument).
 *
 * Limits on depth (limits.h) make a step depend on how many containers follow it, which pack.h
 * keeps apart, and the last two on how many there are in all: let r(B) be the shortest list among
 * those whose end bears B. A list that fits has N containers and bears at least N; if B ≤ N then
 * N ≥ r(B), so raising B to r(B) until r(B) ≤ B ends at the shortest list that fits, after at most
 * as many rounds as a list has containers. Exact, like the rest: the tests compare with all lists.
 *
 * What comes after the list: the steered route's service SID, which belongs to the endpoint and has
 * a container to itself, or (service_sids 0) nothing. With nothing, an End.X at the end would leave
 * the packet at the last but one node unless it also decapsulates (USD), so only such an End.X may
 * be last then; another one is followed by the endpoint's End, the only SID of a list that covers
 * no part of the path.
 *
 * SIDs of flexible algorithms (flex.h) are steps like any other, but what the routers between do
 * follows the algorithm's metric in the algorithm's topology.
 *
 * Not done here: LAN adjacencies, binding SIDs.
 */
#include "pce/segment/compile.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pce/base/array.h"
#include "pce/segment/igp.h"
#include "pce/segment/limits.h"
#include "pce/segment/pack.h"
#include "pce/segment/replay.h"
#include "pce/segment/sids.h"
#include "pce/segment/spread.h"

#define PATH_LINKS 1024 /* no path of a real network has as many */

/* A node of the path. */
struct position {
	ted_node node;
	uint32_t first; /* from here to this position there is one way only */
	struct sid_choices end; /* of the node */
	struct sid_choices end_x; /* of the link that leaves this position */
};

struct compilation {
	struct segment_igp *igp;
	const struct ted *ted;
	const uint32_t *links;
	uint32_t n;
	const struct segment_options *options;
	struct position *at; /* n + 1 of them */
	struct step *steps;
	size_t n_steps, cap_steps;
	struct pack_result best;
	struct spread spread; /* loose */
	bool limited; /* endpoints' limits count */
	uint32_t bears; /* containers in all that the end of the list must bear */
};

uint32_t
segment_headend_limit(const struct segment_igp *igp, uint32_t node,
		      const struct segment_options *options)
{
	return limit_of_headend(igp->ted, node, options).total;
}

static const char *
name_of(const struct compilation *c, uint32_t position)
{
	return ted_node_at(c->ted, c->at[position].node)->name;
}

static enum pce_status
check_topology(struct segment_igp *igp, const uint32_t *links, size_t n, struct pce_error *err)
{
	uint16_t routed;
	enum pce_status st = igp_topology(igp, &routed, err);

	for (size_t k = 0; k < n && st == PCE_OK; k++) {
		const struct ted_link_row *row = ted_link_at(igp->ted, links[k]);

		if (row->topology != routed)
			st =
			    pce_fail(err, PCE_UNSUPPORTED,
				     "link %s is in topology %u, but IPv6 is routed by topology %u",
				     row->name, row->topology, routed);
	}
	return st;
}

static enum pce_status
check_path(const struct ted *ted, const uint32_t *links, size_t n, struct pce_error *err)
{
	if (n == 0)
		return pce_fail(err, PCE_INVALID, "a path without links needs no segment list");
	if (n > PATH_LINKS)
		return pce_fail(err, PCE_INVALID, "a path of %zu links is too long", n);
	for (size_t k = 0; k < n; k++) {
		const struct ted_link_row *row;

		if (links[k] >= ted_link_count(ted))
			return pce_fail(err, PCE_INVALID, "the path names link row %u of %u",
					links[k], ted_link_count(ted));
		row = ted_link_at(ted, links[k]);
		if (!ted_link_usable(ted, links[k]))
			return pce_fail(err, PCE_INVALID, "link %s is not usable", row->name);
		if (k && ted_link_at(ted, links[k - 1])->to != row->from)
			return pce_fail(err, PCE_INVALID, "link %s does not begin where %s ends",
					row->name, ted_link_at(ted, links[k - 1])->name);
	}
	if (ted_node_at(ted, ted_link_at(ted, links[0])->from)->pseudonode ||
	    ted_node_at(ted, ted_link_at(ted, links[n - 1])->to)->pseudonode)
		return pce_fail(err, PCE_INVALID, "a path cannot begin or end at a pseudonode");
	return PCE_OK;
}

static void
compilation_free(struct compilation *c)
{
	for (uint32_t k = 0; c->at && k <= c->n; k++) {
		sid_choices_free(&c->at[k].end);
		sid_choices_free(&c->at[k].end_x);
	}
	free(c->at);
	free(c->steps);
	spread_free(&c->spread);
	pack_result_free(&c->best);
}

/* The first position from which all that an algorithm does on the way to t will do. */
static enum pce_status
find_first(struct compilation *c, uint32_t t, uint8_t algorithm, uint32_t *first,
	   struct pce_error *err)
{
	ted_node to = c->at[t].node;
	struct igp_tree *tree;
	enum pce_status st = igp_tree_to(c->igp, algorithm, to, &tree, err);
	bool fine = true;

	*first = t;
	if (st == PCE_OK && c->options->allows)
		st = spread_to(&c->spread, c->igp, c->options, algorithm, to, err);
	while (st == PCE_OK && fine && *first > 0) {
		ted_link link = c->links[*first - 1];

		st = c->options->allows ? spread_from(&c->spread, link, &fine, err)
					: igp_only_way(c->igp, tree, link, to, &fine, err);
		*first -= fine;
	}
	return st;
}

/* Fills the positions. */
static enum pce_status
find_positions(struct compilation *c, struct pce_error *err)
{
	enum pce_status st = igp_index(c->igp, err);

	if (st != PCE_OK)
		return st;
	c->at = calloc((size_t)c->n + 1, sizeof(*c->at));
	if (!c->at)
		return pce_no_memory(err);
	for (uint32_t t = 0; t <= c->n && st == PCE_OK; t++) {
		struct position *p = &c->at[t];
		enum sids_made_up made_up = !c->options->synthesise        ? SIDS_AS_TOLD
					    : c->options->synthesise_csids ? SIDS_COMPRESSED
									   : SIDS_PLAIN;

		p->node = t < c->n ? ted_link_at(c->ted, c->links[t])->from
				   : ted_link_at(c->ted, c->links[t - 1])->to;
		st = find_first(c, t, 0, &p->first, err);
		if (st == PCE_OK && t > 0)
			st = sids_of_node(c->igp, p->node, made_up, &p->end, err);
		if (st == PCE_OK && t < c->n)
			st = sids_of_link(c->igp, c->links[t], made_up, &p->end_x, err);
	}
	return st;
}

/* A step for each SID; those of one algorithm follow each other. */
static enum pce_status
add_steps(struct compilation *c, uint32_t t, bool end, struct pce_error *err)
{
	const struct position *p = &c->at[t];
	const struct sid_choices *choices = end ? &p->end : &p->end_x;
	uint32_t first = p->first;
	uint8_t algorithm = 0;

	for (size_t k = 0; k < choices->n; k++) {
		const struct sid_choice *sid = &choices->items[k];
		enum pce_status st =
		    array_reserve(&c->steps, &c->cap_steps, c->n_steps + 1, sizeof(*c->steps), err);

		if (st == PCE_OK && sid->algorithm != algorithm)
			st = find_first(c, t, sid->algorithm, &first, err);
		if (st != PCE_OK)
			return st;
		algorithm = sid->algorithm;
		c->steps[c->n_steps++] =
		    (struct step){ sid, sid->routed ? first : t, t, end ? t : t + 1, end };
	}
	return PCE_OK;
}

/* At the very end a SID that decapsulates is worth more than its place. */
static void
prefer_decapsulation(struct compilation *c)
{
	struct sid_choices *last = &c->at[c->n].end;

	for (size_t k = 0; k < last->n && !c->options->service_sids; k++) {
		struct sid_choice found = last->items[k];

		if (!(found.means.flavors & BEHAVIOR_USD))
			continue;
		memmove(&last->items[1], &last->items[0], k * sizeof(found));
		last->items[0] = found;
		return;
	}
}

/* Fills everything but best. */
static enum pce_status
compilation_init(struct compilation *c, struct pce_error *err)
{
	enum pce_status st = find_positions(c, err);

	if (st == PCE_OK)
		prefer_decapsulation(c);
	for (uint32_t t = 0; t <= c->n && st == PCE_OK; t++) {
		st = add_steps(c, t, true, err);
		if (st == PCE_OK)
			st = add_steps(c, t, false, err);
	}
	return st;
}

/* The limit of a SID's node with `after` containers of the list to follow the SID's own. */
static struct limit
limit_of_step(const struct compilation *c, const struct step *step, bool carries, uint32_t after,
	      uint32_t total)
{
	ted_node node = c->at[step->owner].node;
	uint32_t remaining = after + c->options->service_sids;

	if (carries)
		return limit_of_carrier(c->ted, node, remaining, total, c->options);
	return limit_of_endpoint(c->ted, node, step->sid->means, remaining, total, c->at[c->n].node,
				 c->options);
}

static bool
step_bears(const void *ctx, const struct step *step, bool carries, uint32_t after)
{
	const struct compilation *c = ctx;

	/* Nothing follows the list: its last SID must decapsulate where it leads. */
	if (!carries && !after && !c->options->service_sids && !step->end &&
	    !(step->sid->means.flavors & BEHAVIOR_USD))
		return false;
	return !c->limited || limit_of_step(c, step, carries, after, 0).total >= c->bears;
}

static bool
steps_join(const void *ctx, const struct step *a, const struct step *b)
{
	const struct compilation *c = ctx;
	struct csid_shape shape = a->sid->shape, then = b->sid->shape;
	uint8_t container[16];

	memcpy(container, a->sid->sid, sizeof(container));
	csid_append(container, csid_matched(shape), b->sid->sid, then);
	return !igp_mistakes(c->igp, container, csid_matched(shape), then.width,
			     c->at[a->owner].node);
}

static enum pce_status
solve(struct compilation *c, bool *found, struct pce_error *err)
{
	struct pack_problem problem = {
		.steps = c->steps,
		.n_steps = c->n_steps,
		.n = c->n,
		.closing = !c->options->service_sids,
		.bears = step_bears,
		.joins = steps_join,
		.ctx = c,
	};

	pack_result_free(&c->best);
	return pack_solve(&problem, &c->best, found, err);
}

static struct segment_csid
csid_of(const struct compilation *c, const struct step *step)
{
	return (struct segment_csid){
		.behavior = step->sid->behavior,
		.kind = step->end ? SEGMENT_END : SEGMENT_END_X,
		.node = c->at[step->owner].node,
		.link = step->end ? TED_NONE : c->links[step->owner],
		.algorithm = step->sid->algorithm,
		.block = step->sid->shape.block,
		.width = step->sid->shape.width,
		.local = step->sid->local,
		.assumed = step->sid->assumed,
	};
}

/* Writes the list that solve found into *out, which must be empty. */
static enum pce_status
write_list(const struct compilation *c, struct segment_list *out, struct segment_report *report,
	   struct pce_error *err)
{
	struct segment_list list = { .weight = 1, .width = 1 };
	unsigned used = 0; /* bits of a container; of a packed one, slots */
	bool packed = false;

	list.segments = calloc(c->best.containers, sizeof(*list.segments));
	list.csids = calloc(c->best.n, sizeof(*list.csids));
	if (!list.segments || !list.csids) {
		segment_list_free(&list);
		return pce_no_memory(err);
	}
	report->sids_assumed = false;
	for (size_t k = 0; k < c->best.n; k++) {
		const struct step *step = &c->steps[c->best.steps[k]];
		struct segment_csid *csid = &list.csids[list.n_csids++];
		struct segment *s;

		*csid = csid_of(c, step);
		memcpy(csid->sid, step->sid->sid, sizeof(csid->sid));
		report->sids_assumed |= step->sid->assumed || step->sid->assumed_behavior;
		if (c->best.opens[k]) {
			s = &list.segments[list.n++];
			*s = (struct segment){ .behavior = csid->behavior,
					       .kind = csid->kind,
					       .node = csid->node,
					       .link = csid->link,
					       .first_csid = (uint32_t)k };
			packed = c->best.packed[k];
			used = packed ? 0 : csid->block;
			if (!packed)
				memcpy(s->sid, csid->sid, sizeof(s->sid));
		} else {
			s = &list.segments[list.n - 1];
			if (!packed)
				csid_append(s->sid, used, csid->sid, step->sid->shape);
		}
		if (packed)
			csid_pack(s->sid, used, csid->sid, step->sid->shape);
		s->assumed |= csid->assumed;
		s->n_csids++;
		used += packed ? 1 : csid->width;
	}
	*out = list;
	return PCE_OK;
}

/* The tightest limit on the list that solve found. */
static struct limit
tightest(const struct compilation *c)
{
	struct limit found = limit_of_headend(c->ted, c->at[0].node, c->options);
	uint32_t after = c->best.containers, total = after + c->options->service_sids;

	for (size_t k = 0; k < c->best.n; k++) {
		const struct step *step = &c->steps[c->best.steps[k]];
		bool carries = k + 1 < c->best.n && !c->best.opens[k + 1];
		struct limit limit;

		after -= c->best.opens[k];
		limit = limit_of_step(c, step, carries, after, total);
		if (limit.total < found.total)
			found = limit;
	}
	return found;
}

static void
report_limit(struct segment_report *report, struct limit limit)
{
	report->limit = limit.total;
	report->limit_node = limit.total == LIMIT_NONE ? TED_NONE : limit.node;
	report->msd_assumed = limit.total != LIMIT_NONE && limit.assumed;
}

/* The furthest position that SIDs lead to. */
static uint32_t
furthest(const struct compilation *c, bool *reached)
{
	uint32_t far = 0;

	reached[0] = true;
	for (uint32_t i = 0; i < c->n; i++) {
		if (!reached[i])
			continue;
		far = i;
		for (size_t s = 0; s < c->n_steps; s++) {
			const struct step *step = &c->steps[s];

			if (step->first <= i && i <= step->owner && step->to > i)
				reached[step->to] = true;
		}
	}
	return far;
}

/* Why the other end of a link has no End SID that would do. */
static const char *
why_no_end(const struct compilation *c, uint32_t position)
{
	const struct ted_node_row *row = ted_node_at(c->ted, c->at[position].node);

	if (c->at[position].end.n)
		return "the End SIDs beyond it are reached another way too";
	for (size_t k = 0; k < row->n_sids; k++)
		if (behavior_of(row->sids[k].behavior).replace_csid)
			return "its other end has a REPLACE-CSID SID of a structure that no list "
			       "can use";
	return "its other end has no usable End SID";
}

static enum pce_status
fail_uncovered(const struct compilation *c, struct segment_report *report, struct pce_error *err)
{
	bool *reached = calloc((size_t)c->n + 1, sizeof(*reached));
	const struct ted_link_row *link;
	uint32_t far;

	if (!reached)
		return pce_no_memory(err);
	far = furthest(c, reached);
	free(reached);
	link = ted_link_at(c->ted, c->links[far]);
	if (ted_node_at(c->ted, link->to)->pseudonode)
		snprintf(report->text, sizeof(report->text),
			 "no SID leads from %s over the LAN %s: it has several ways there, and "
			 "End.X SIDs of LAN adjacencies are not supported",
			 name_of(c, far), ted_node_at(c->ted, link->to)->name);
	else
		snprintf(
		    report->text, sizeof(report->text),
		    "no SID leads from %s along link %s: the link has no usable End.X SID, and "
		    "%s",
		    name_of(c, far), link->name, why_no_end(c, far + 1));
	return pce_fail(err, PCE_UNSUPPORTED, "%s", report->text);
}

static enum pce_status
fail_limit(const struct compilation *c, struct limit limit, uint32_t total,
	   struct segment_report *report, struct pce_error *err)
{
	report_limit(report, limit);
	snprintf(report->text, sizeof(report->text),
		 "the path from %s to %s needs %u SIDs%s, %s allows %u (maximum SID depth %s%s)",
		 name_of(c, 0), name_of(c, c->n), total,
		 c->options->service_sids ? " with the service SID" : "",
		 ted_node_at(c->ted, limit.node)->name, limit.total, limit.what,
		 limit.assumed ? ", assumed" : "");
	return pce_fail(err, PCE_LIMIT, "%s", report->text);
}

/* Solves again with the endpoints' limits; *found if there is a list that fits. */
static enum pce_status
solve_limited(struct compilation *c, uint32_t headend, bool *found, struct pce_error *err)
{
	uint32_t service = c->options->service_sids;

	c->limited = true;
	for (c->bears = c->best.containers + service;;) {
		enum pce_status st = solve(c, found, err);

		*found = *found && c->best.containers + service <= headend;
		if (st != PCE_OK || !*found || c->best.containers + service <= c->bears)
			return st;
		c->bears = c->best.containers + service;
	}
}

/* Finds the best list that fits. */
static enum pce_status
shortest(struct compilation *c, struct segment_report *report, struct pce_error *err)
{
	struct limit limit = limit_of_headend(c->ted, c->at[0].node, c->options);
	uint32_t headend = limit.total, total;
	bool found;
	enum pce_status st = solve(c, &found, err);

	if (st != PCE_OK)
		return st;
	if (!found)
		return fail_uncovered(c, report, err);
	total = c->best.containers + c->options->service_sids;
	if (total > headend)
		return fail_limit(c, limit, total, report, err);
	limit = tightest(c);
	if (total > limit.total) {
		st = solve_limited(c, headend, &found, err);
		if (st != PCE_OK)
			return st;
		if (!found)
			return fail_limit(c, limit, total, report, err);
		limit = tightest(c);
	}
	report_limit(report, limit);
	return PCE_OK;
}

/* A list as replay takes it. */
struct replayable {
	uint8_t (*sids)[16];
	struct replay_sid *extra;
	size_t n_extra;
};

static void
replayable_free(struct replayable *r)
{
	free(r->sids);
	free(r->extra);
}

/* out must be freed also on failure. */
static enum pce_status
replayable_of(const struct segment_list *list, struct replayable *out, struct pce_error *err)
{
	*out = (struct replayable){
		.sids = calloc(list->n ? list->n : 1, sizeof(*out->sids)),
		.extra = calloc(list->n_csids ? list->n_csids : 1, sizeof(*out->extra)),
	};
	if (!out->sids || !out->extra)
		return pce_no_memory(err);
	for (size_t k = 0; k < list->n; k++)
		memcpy(out->sids[k], list->segments[k].sid, sizeof(out->sids[k]));
	for (size_t k = 0; k < list->n_csids; k++) {
		const struct segment_csid *s = &list->csids[k];
		struct replay_sid *e = &out->extra[out->n_extra];

		if (!s->assumed)
			continue;
		*e = (struct replay_sid){ .behavior = s->behavior,
					  .node = s->node,
					  .link = s->link,
					  .block = s->block,
					  .width = s->width,
					  .local = s->local };
		memcpy(e->sid, s->sid, sizeof(e->sid));
		out->n_extra++;
	}
	return PCE_OK;
}

enum pce_status
segment_list_matches(const struct ted *ted, uint32_t from, const struct segment_list *list,
		     const uint32_t *links, size_t n, bool *same, char *text, size_t cap,
		     struct pce_error *err)
{
	struct replay_expected expected = { links, list->branches, n, list->n_branches };
	struct replayable r;
	enum pce_status st = replayable_of(list, &r, err);
	const uint8_t(*sids)[16] = (const uint8_t(*)[16])r.sids;

	if (st == PCE_OK && list->n_branches)
		st = replay_spreads(ted, from, sids, list->n, r.extra, r.n_extra, &expected, same,
				    text, cap, err);
	else if (st == PCE_OK)
		st = replay_matches(ted, from, sids, list->n, r.extra, r.n_extra, links, n, same,
				    text, cap, err);
	replayable_free(&r);
	return st;
}

static bool
on_path(const struct compilation *c, uint32_t link)
{
	for (uint32_t k = 0; k < c->n; k++)
		if (c->links[k] == link)
			return true;
	return false;
}

/* What a loose list uses beside the path. */
static enum pce_status
find_branches(const struct compilation *c, struct segment_list *list, struct pce_error *err)
{
	struct replay_result result = { 0 };
	struct replayable r;
	enum pce_status st = replayable_of(list, &r, err);

	if (st == PCE_OK)
		st = replay_run(c->ted, c->at[0].node, (const uint8_t(*)[16])r.sids, list->n,
				r.extra, r.n_extra, &result, err);
	if (st == PCE_OK)
		list->branches =
		    calloc(result.n_links ? result.n_links : 1, sizeof(*list->branches));
	if (st == PCE_OK && !list->branches)
		st = pce_no_memory(err);
	for (size_t k = 0; st == PCE_OK && k < result.n_links; k++)
		if (!on_path(c, result.links[k]))
			list->branches[list->n_branches++] = result.links[k];
	list->width = result.width;
	replay_result_free(&result);
	replayable_free(&r);
	return st;
}

/* True in *fits if no way that a loose list leaves open breaks a bound. */
static enum pce_status
check_sums(struct compilation *c, bool *fits, struct pce_error *err)
{
	uint64_t sums[SEGMENT_SUMS] = { 0 };
	enum pce_status st = PCE_OK;
	uint32_t at = 0;

	for (size_t k = 0; st == PCE_OK && k < c->best.n; k++) {
		const struct step *step = &c->steps[c->best.steps[k]];
		ted_node to = c->at[step->owner].node;
		bool fine = true;

		if (at < step->owner) {
			st = spread_to(&c->spread, c->igp, c->options, step->sid->algorithm, to,
				       err);
			if (st == PCE_OK)
				st = spread_from(&c->spread, c->links[at], &fine, err);
			for (unsigned i = 0; st == PCE_OK && i < SEGMENT_SUMS; i++)
				sums[i] += spread_worst(&c->spread, c->at[at].node)[i];
		}
		if (!step->end) {
			const struct ted_link_row *row = ted_link_at(c->ted, c->links[step->owner]);

			sums[0] += row->delay_us;
			sums[1] += row->te_metric;
			sums[2]++;
		}
		at = step->to;
	}
	*fits = true;
	for (unsigned i = 0; i < SEGMENT_SUMS; i++)
		*fits &= sums[i] <= c->options->most[i];
	return st;
}

/* Nothing leaves the compiler that replay has not forwarded along the path. */
static enum pce_status
confirm(const struct compilation *c, const struct segment_list *list, struct segment_report *report,
	struct pce_error *err)
{
	bool same = false;
	enum pce_status st = segment_list_matches(c->ted, c->at[0].node, list, c->links, c->n,
						  &same, report->text, sizeof(report->text), err);

	if (st != PCE_OK || same)
		return st;
	return pce_fail(err, PCE_INTERNAL,
			"the compiled list from %s to %s does not replay to its path: %s",
			name_of(c, 0), name_of(c, c->n), report->text);
}

/* Compiles in the mode of the options; *fits false: a loose list would break a bound. */
static enum pce_status
compile_once(struct compilation *c, struct segment_list *out, bool *fits,
	     struct segment_report *report, struct pce_error *err)
{
	enum pce_status st = compilation_init(c, err);

	*fits = true;
	if (st == PCE_OK)
		st = shortest(c, report, err);
	if (st == PCE_OK && c->options->allows)
		st = check_sums(c, fits, err);
	if (st != PCE_OK || !*fits)
		return st;
	st = write_list(c, out, report, err);
	if (st == PCE_OK && c->options->allows)
		st = find_branches(c, out, err);
	return st == PCE_OK ? confirm(c, out, report, err) : st;
}

enum pce_status
segment_compile(struct segment_igp *igp, const uint32_t *links, size_t n,
		const struct segment_options *options, struct segment_list *out,
		struct segment_report *report, struct pce_error *err)
{
	struct compilation c = { .igp = igp, .ted = igp->ted, .links = links, .options = options };
	struct segment_options strict = *options;
	struct segment_list list = { 0 };
	bool fits = true;
	enum pce_status st;

	*report = (struct segment_report){ .limit = LIMIT_NONE, .limit_node = TED_NONE };
	st = check_path(igp->ted, links, n, err);
	if (st == PCE_OK)
		st = check_topology(igp, links, n, err);
	if (st != PCE_OK) {
		snprintf(report->text, sizeof(report->text), "%.255s", err ? err->text : "");
		return st;
	}
	c.n = (uint32_t)n;
	st = compile_once(&c, &list, &fits, report, err);
	compilation_free(&c);
	if (st == PCE_OK && !fits) {
		strict.allows = NULL;
		return segment_compile(igp, links, n, &strict, out, report, err);
	}
	report->fits = st == PCE_OK;
	if (st == PCE_OK)
		*out = list;
	else
		segment_list_free(&list);
	return st;
}
