/*
 * Segment-list compiler: the fewest SIDs that forward strictly along a path.
 *
 * The path is v0, v1 … vn. One SID covers a stretch of it:
 *
 * - End of vt, from vi to vt: if the routers between have no other shortest way to vt;
 * - End.X of vt, from vi over the link that leaves vt: under the same condition, always if i = t.
 *
 * Both stand for arcs on the positions of the path, and the fewest arcs from 0 to n are the
 * shortest list. Whether a stretch has one way only is closed under sub-paths, so one number for
 * each t, the first i from which it holds, describes all arcs.
 *
 * Limits on depth (limits.h) make an arc depend on how many SIDs follow it, and the last two on how
 * many there are in all. Fewer SIDs to go is never worse for those before, except that exactly one
 * to go makes a SID the one that pops the SRH; so each position needs two numbers, not one: whether
 * one SID ends the path, and the fewest from two upwards. For how many there are in all: let r(B)
 * be the shortest list among those whose end bears B SIDs. A list that fits has N SIDs and bears at
 * least N; if B ≤ N then N ≥ r(B), so raising B to r(B) until r(B) ≤ B ends at the shortest list
 * that fits, after at most as many rounds as a list has SIDs. Exact, like the rest: the tests
 * compare with all lists.
 *
 * What comes after the list: the steered route's service SID, which belongs to the endpoint, or
 * (service_sids 0) nothing. With nothing, an End.X at the end would leave the packet at the last
 * but one node unless it also decapsulates (USD), so only such an End.X may be last then; another
 * one is followed by the endpoint's End, the only SID of a list that covers no part of the path.
 *
 * Not done here: compressed SIDs in containers (RFC 9800; a NEXT-CSID SID with a zero argument is a
 * plain SID and used as one), flexible algorithms, LAN adjacencies, binding SIDs.
 */
#include "pce/segment/compile.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pce/base/array.h"
#include "pce/segment/igp.h"
#include "pce/segment/limits.h"
#include "pce/segment/replay.h"
#include "pce/segment/sids.h"

#define NO_WAY UINT32_MAX

/* What may cover the path from one position on. */
struct position {
	ted_node node;
	uint32_t first; /* from here to this position there is one way only */
	uint32_t one; /* 1 if one SID leads from here to the end, else NO_WAY */
	uint32_t more; /* fewest SIDs, but at least two, from here to the end, or NO_WAY */
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
	bool limited; /* endpoints' limits count */
	uint32_t bears; /* SIDs in all that the end of the list must bear */
};

/* One step of a list. */
struct step {
	const struct sid_choice *sid;
	uint32_t owner; /* position of the SID's node */
	uint32_t to;
};

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
	if (n >= NO_WAY / 2)
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
}

static enum pce_status
find_first(struct compilation *c, uint32_t t, struct pce_error *err)
{
	struct position *p = &c->at[t];
	struct igp_tree *tree;
	enum pce_status st = igp_tree_to(c->igp, p->node, &tree, err);
	bool only = true;

	p->first = t;
	while (st == PCE_OK && only && p->first > 0) {
		st = igp_only_way(c->igp, tree, c->links[p->first - 1], p->node, &only, err);
		p->first -= only;
	}
	return st;
}

/* Fills everything but best. */
static enum pce_status
compilation_init(struct compilation *c, struct pce_error *err)
{
	enum pce_status st = igp_index(c->igp, err);

	if (st != PCE_OK)
		return st;
	c->at = calloc((size_t)c->n + 1, sizeof(*c->at));
	if (!c->at)
		return pce_no_memory(err);
	for (uint32_t t = 0; t <= c->n && st == PCE_OK; t++) {
		struct position *p = &c->at[t];
		bool synthesise = c->options->synthesise;

		p->node = t < c->n ? ted_link_at(c->ted, c->links[t])->from
				   : ted_link_at(c->ted, c->links[t - 1])->to;
		st = find_first(c, t, err);
		if (st == PCE_OK && t > 0)
			st = sids_of_node(c->igp, p->node, synthesise, &p->end, err);
		if (st == PCE_OK && t < c->n)
			st = sids_of_link(c->igp, c->links[t], synthesise, &p->end_x, err);
	}
	return st;
}

static bool
bearable(const struct compilation *c, ted_node node, struct behavior means, uint32_t remaining)
{
	struct limit limit;

	if (!c->limited)
		return true;
	limit = limit_of_endpoint(c->ted, node, means, remaining, 0, c->at[c->n].node, c->options);
	return limit.total >= c->bears;
}

/* The best End SID of position t with `after` SIDs of the list to follow, or NULL. */
static const struct sid_choice *
pick_end(const struct compilation *c, uint32_t t, uint32_t after)
{
	const struct sid_choices *choices = &c->at[t].end;
	uint32_t remaining = after + c->options->service_sids;
	const struct sid_choice *found = NULL;

	for (size_t k = 0; k < choices->n; k++) {
		const struct sid_choice *sid = &choices->items[k];

		if (!bearable(c, c->at[t].node, sid->means, remaining))
			continue;
		/* At the very end one that decapsulates is worth more than its place. */
		if (remaining || sid->means.flavors & BEHAVIOR_USD)
			return sid;
		found = found ? found : sid;
	}
	return found;
}

/* The best End.X SID of position t, sent to from position i. */
static const struct sid_choice *
pick_end_x(const struct compilation *c, uint32_t i, uint32_t t, uint32_t after)
{
	const struct sid_choices *choices = &c->at[t].end_x;
	uint32_t remaining = after + c->options->service_sids;

	for (size_t k = 0; k < choices->n; k++) {
		const struct sid_choice *sid = &choices->items[k];

		if (!sid->routed && i != t)
			continue;
		if (!remaining && !(sid->means.flavors & BEHAVIOR_USD))
			continue;
		if (bearable(c, c->at[t].node, sid->means, remaining))
			return sid;
	}
	return NULL;
}

static bool
reaches(const struct compilation *c, uint32_t i, uint32_t t)
{
	return t <= c->n && c->at[t].first <= i;
}

/* Fewest SIDs from a position to the end, or NO_WAY. */
static uint32_t
fewest(const struct compilation *c, uint32_t i)
{
	const struct position *p = &c->at[i];

	return i == c->n ? 0 : p->one != NO_WAY ? p->one : p->more;
}

/* True if `after` SIDs lead from position j to the end and no other number does as well. */
static bool
leads(const struct compilation *c, uint32_t j, uint32_t after)
{
	if (after == 0)
		return j == c->n;
	return after == 1 ? c->at[j].one == 1 : c->at[j].more == after;
}

static bool
arc_holds(const struct compilation *c, uint32_t i, uint32_t t, bool end, uint32_t after)
{
	uint32_t to = end ? t : t + 1;

	if (to > c->n || after == NO_WAY || !leads(c, to, after))
		return false;
	/* The endpoint's End after an End.X covers nothing; no other SID may. */
	if (end && (to == c->n ? after > 0 : to == i))
		return false;
	return (end ? pick_end(c, t, after) : pick_end_x(c, i, t, after)) != NULL;
}

/* Takes what one SID more than from `to` gives into position i. */
static void
solve_arc(struct compilation *c, uint32_t i, uint32_t t, bool end)
{
	struct position *p = &c->at[i];
	uint32_t to = end ? t : t + 1;
	uint32_t more = to <= c->n ? c->at[to].more : NO_WAY;

	if (arc_holds(c, i, t, end, 0))
		p->one = 1;
	if (p->more > 2 && arc_holds(c, i, t, end, 1))
		p->more = 2;
	if (more < p->more - 1 && arc_holds(c, i, t, end, more))
		p->more = more + 1;
}

/* Fills one and more from the end to the start. O(n²). */
static void
solve(struct compilation *c)
{
	bool closes = !c->options->service_sids && pick_end(c, c->n, 0);

	c->at[c->n].one = closes ? 1 : NO_WAY;
	c->at[c->n].more = NO_WAY;
	for (uint32_t i = c->n; i-- > 0;) {
		c->at[i].one = c->at[i].more = NO_WAY;
		for (uint32_t t = i; reaches(c, i, t); t++) {
			solve_arc(c, i, t, true);
			solve_arc(c, i, t, false);
		}
	}
}

/*
 * The next step from position i with `after` SIDs to follow it, by preference:
 *   1. the furthest reach
 *   2. End before End.X
 *   3. the order of the choices (sids.c)
 */
static struct step
next_step(const struct compilation *c, uint32_t i, uint32_t after)
{
	struct step found = { NULL, i, c->n };

	for (uint32_t t = i; reaches(c, i, t); t++) {
		if (arc_holds(c, i, t, true, after))
			found = (struct step){ pick_end(c, t, after), t, t };
		if (arc_holds(c, i, t, false, after))
			found = (struct step){ pick_end_x(c, i, t, after), t, t + 1 };
	}
	return found;
}

/* Writes the shortest list that solve found into out, which has room for it. */
static void
write_list(const struct compilation *c, struct segment *out, struct segment_report *report)
{
	uint32_t i = 0;

	report->sids_assumed = false;
	for (uint32_t after = fewest(c, 0); after-- > 0;) {
		struct step step = next_step(c, i, after);
		bool end = step.to == step.owner;

		*out = (struct segment){
			.behavior = step.sid->behavior,
			.kind = end ? SEGMENT_END : SEGMENT_END_X,
			.node = c->at[step.owner].node,
			.link = end ? TED_NONE : c->links[step.owner],
			.assumed = step.sid->assumed,
		};
		memcpy(out->sid, step.sid->sid, sizeof(out->sid));
		report->sids_assumed |= step.sid->assumed || step.sid->assumed_behavior;
		out++;
		i = step.to;
	}
}

/* The tightest limit on a list. */
static struct limit
tightest(const struct compilation *c, const struct segment *segments, uint32_t n)
{
	struct limit found = limit_of_headend(c->ted, c->at[0].node, c->options);
	uint32_t total = n + c->options->service_sids;

	for (uint32_t k = 0; k < n; k++) {
		struct limit limit =
		    limit_of_endpoint(c->ted, segments[k].node, behavior_of(segments[k].behavior),
				      total - 1 - k, total, c->at[c->n].node, c->options);

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
		for (uint32_t t = i; reaches(c, i, t); t++) {
			if (t > i && pick_end(c, t, c->n - t))
				reached[t] = true;
			if (t < c->n && pick_end_x(c, i, t, c->n - t))
				reached[t + 1] = true;
		}
	}
	return far;
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
		    name_of(c, far), link->name,
		    c->at[far + 1].end.n ? "the End SIDs beyond it are reached another way too"
					 : "its other end has no usable End SID");
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

/* Solves again with the endpoints' limits; true if there is a list that fits. */
static bool
solve_limited(struct compilation *c, uint32_t headend)
{
	uint32_t service = c->options->service_sids;

	c->limited = true;
	for (c->bears = fewest(c, 0) + service;;) {
		solve(c);
		if (fewest(c, 0) == NO_WAY || fewest(c, 0) + service > headend)
			return false;
		if (fewest(c, 0) + service <= c->bears)
			return true;
		c->bears = fewest(c, 0) + service;
	}
}

/* The shortest list that fits, into *list (*n segments, owned by the caller). */
static enum pce_status
shortest(struct compilation *c, struct segment **list, uint32_t *n, struct segment_report *report,
	 struct pce_error *err)
{
	struct limit limit = limit_of_headend(c->ted, c->at[0].node, c->options);
	uint32_t headend = limit.total, total;
	struct segment *segments;

	solve(c);
	if (fewest(c, 0) == NO_WAY)
		return fail_uncovered(c, report, err);
	total = fewest(c, 0) + c->options->service_sids;
	if (total > headend)
		return fail_limit(c, limit, total, report, err);
	segments = calloc(fewest(c, 0), sizeof(*segments));
	if (!segments)
		return pce_no_memory(err);
	write_list(c, segments, report);
	limit = tightest(c, segments, fewest(c, 0));
	if (total > limit.total) {
		if (!solve_limited(c, headend)) {
			free(segments);
			return fail_limit(c, limit, total, report, err);
		}
		free(segments);
		segments = calloc(fewest(c, 0), sizeof(*segments));
		if (!segments)
			return pce_no_memory(err);
		write_list(c, segments, report);
		limit = tightest(c, segments, fewest(c, 0));
	}
	report_limit(report, limit);
	*list = segments;
	*n = fewest(c, 0);
	return PCE_OK;
}

enum pce_status
segment_list_matches(const struct ted *ted, uint32_t from, const struct segment_list *list,
		     const uint32_t *links, size_t n, bool *same, char *text, size_t cap,
		     struct pce_error *err)
{
	uint8_t(*sids)[16] = calloc(list->n ? list->n : 1, sizeof(*sids));
	struct replay_sid *extra = calloc(list->n ? list->n : 1, sizeof(*extra));
	size_t n_extra = 0;
	enum pce_status st;

	if (!sids || !extra) {
		st = pce_no_memory(err);
		goto out;
	}
	for (size_t k = 0; k < list->n; k++) {
		const struct segment *s = &list->segments[k];

		memcpy(sids[k], s->sid, sizeof(sids[k]));
		if (!s->assumed)
			continue;
		memcpy(extra[n_extra].sid, s->sid, sizeof(s->sid));
		extra[n_extra].behavior = s->behavior;
		extra[n_extra].node = s->node;
		extra[n_extra++].link = s->link;
	}
	st = replay_matches(ted, from, (const uint8_t(*)[16])sids, list->n, extra, n_extra, links,
			    n, same, text, cap, err);
out:
	free(sids);
	free(extra);
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

enum pce_status
segment_compile(struct segment_igp *igp, const uint32_t *links, size_t n,
		const struct segment_options *options, struct segment_list *out,
		struct segment_report *report, struct pce_error *err)
{
	struct compilation c = { .igp = igp, .ted = igp->ted, .links = links, .options = options };
	struct segment_list list = { .weight = 1 };
	uint32_t count = 0;
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
	st = compilation_init(&c, err);
	if (st == PCE_OK)
		st = shortest(&c, &list.segments, &count, report, err);
	if (st == PCE_OK) {
		list.n = count;
		st = confirm(&c, &list, report, err);
	}
	if (st == PCE_OK) {
		report->fits = true;
		*out = list;
	} else {
		segment_list_free(&list);
	}
	compilation_free(&c);
	return st;
}
