/*
 * Choice of SIDs, and SIDs that are made up.
 *
 * A network without SIDs (a GraphML map, a planner's sketch) can still be asked what lists its
 * paths would have. The made-up SIDs are numbered by rank, the order of canonical keys, so that
 * they do not depend on the order of arrival, and come from a /32 that nothing in the network
 * touches: a node with real SIDs keeps them, and both kinds mix in one list. Compressed ones are as
 * RFC 9800 section 6.3 recommends them: a node's End from the global identifiers, B:NODE::, and its
 * End.X from the local ones, B:e000+::, which mean something at that node only.
 */
#include "pce/segment/sids.h"

#include <stdlib.h>
#include <string.h>

#include "pce/base/array.h"

#define MADE_UP_END 1u /* function of a node's End SID */
#define MADE_UP_END_X 0x1000u /* function of a node's first End.X SID */
#define LOCAL_FIRST 0xe000u /* the local identifiers block of 16 bits: from here on */
#define NARROW_NODES 0xfffeu /* more nodes, or links than fit past MADE_UP_END_X: wide layout */
#define NARROW_LINKS 0xefffu

void
sid_choices_free(struct sid_choices *choices)
{
	free(choices->items);
	*choices = (struct sid_choices){ 0 };
}

/*
 * Preference among SIDs that would do the same, a total order:
 *   1. routed from anywhere before known to its node only
 *   2. the lower algorithm
 *   3. told behaviour before assumed
 *   4. plain before NEXT-CSID, which asks more of the router, and that before REPLACE-CSID
 *   5. the lower code point, that is fewer flavours
 *   6. the lower octets
 */
static int
compare_choices(const void *left, const void *right)
{
	const struct sid_choice *a = left, *b = right;

	if (a->routed != b->routed)
		return a->routed ? -1 : 1;
	if (a->algorithm != b->algorithm)
		return a->algorithm < b->algorithm ? -1 : 1;
	if (a->assumed_behavior != b->assumed_behavior)
		return a->assumed_behavior ? 1 : -1;
	if (a->means.next_csid != b->means.next_csid)
		return a->means.next_csid ? 1 : -1;
	if (a->means.replace_csid != b->means.replace_csid)
		return a->means.replace_csid ? 1 : -1;
	if (a->behavior != b->behavior)
		return a->behavior < b->behavior ? -1 : 1;
	return memcmp(a->sid, b->sid, sizeof(a->sid));
}

/* RFC 9800 section 4.1: the argument is what follows locator and function. */
static bool
argument_is_zero(const struct ted_sid *sid)
{
	unsigned bits =
	    (unsigned)sid->structure.block + sid->structure.node + sid->structure.function;

	for (; bits && bits < 128; bits++)
		if (sid->sid[bits / 8] & 0x80 >> bits % 8)
			return false;
	return true;
}

/* A file may leave the behaviour out: a node's SID is then taken for End, a link's for End.X. */
static uint16_t
told_or_plain(uint16_t behavior, enum behavior_class class)
{
	if (behavior)
		return behavior;
	return class == BEHAVIOR_PLAIN_END ? TED_BEHAVIOR_END : TED_BEHAVIOR_END_X;
}

static bool
fit_for_list(const struct segment_igp *igp, const struct ted_sid *sid, ted_node owner,
	     enum behavior_class class)
{
	struct behavior means = behavior_of(told_or_plain(sid->behavior, class));

	return means.class == class && igp_knows(igp, sid->algorithm, owner) && !sid->backup &&
	       (!means.next_csid || argument_is_zero(sid)) &&
	       (!means.replace_csid || csid_shape_of(sid).slots > 0);
}

static enum pce_status
add_choice(struct sid_choices *choices, const struct sid_choice *choice, struct pce_error *err)
{
	enum pce_status st = array_reserve(&choices->items, &choices->cap, choices->n + 1,
					   sizeof(*choices->items), err);

	if (st != PCE_OK)
		return st;
	choices->items[choices->n] = *choice;
	choices->items[choices->n].means = behavior_of(choice->behavior);
	choices->n++;
	return PCE_OK;
}

static enum pce_status
add_sid(const struct segment_igp *igp, ted_node owner, struct sid_choices *choices,
	const struct ted_sid *sid, enum behavior_class class, bool routed, struct pce_error *err)
{
	struct sid_choice choice = { .behavior = told_or_plain(sid->behavior, class),
				     .assumed_behavior = sid->behavior == 0,
				     .shape = csid_shape_of(sid),
				     .algorithm = sid->algorithm,
				     .routed = routed };

	memcpy(choice.sid, sid->sid, sizeof(choice.sid));
	if (choice.shape.width && !choice.shape.slots &&
	    !igp_keeps_argument(igp, choice.sid, csid_matched(choice.shape), owner, !routed))
		choice.shape = (struct csid_shape){ 0 };
	return add_choice(choices, &choice, err);
}

static void
put_big_endian(uint8_t *at, size_t len, uint32_t value)
{
	while (len--) {
		at[len] = (uint8_t)value;
		value >>= 8;
	}
}

/* block:NODE:FUNCTION::, both parts of 16 bits, or of 32 in a network that needs more. */
static enum pce_status
make_up(struct segment_igp *igp, ted_node node, uint32_t function, uint16_t behavior,
	struct sid_choices *choices, struct pce_error *err)
{
	size_t width = igp->n_nodes < NARROW_NODES && igp->n_links < NARROW_LINKS ? 2 : 4;
	struct sid_choice made = { .behavior = behavior, .routed = true, .assumed = true };
	enum pce_status st = igp_block(igp, made.sid, err);

	if (st != PCE_OK)
		return st;
	put_big_endian(made.sid + 4, width, ted_node_at(igp->ted, node)->rank + 1);
	put_big_endian(made.sid + 4 + width, width, function);
	return add_choice(choices, &made, err);
}

/* block:VALUE::, of 16 bits, or of 32 in a network that has more nodes or links than these. */
static enum pce_status
make_up_csid(struct segment_igp *igp, uint32_t value, bool local, struct sid_choices *choices,
	     struct pce_error *err)
{
	bool narrow = igp->n_nodes < LOCAL_FIRST - 1 && igp->n_links < 0x10000u - LOCAL_FIRST;
	uint32_t first = narrow ? LOCAL_FIRST : LOCAL_FIRST << 16;
	struct sid_choice made = {
		.behavior = local ? TED_BEHAVIOR_END_X_NEXT_CSID_PSP_USP_USD
				  : TED_BEHAVIOR_END_NEXT_CSID_PSP_USP_USD,
		.shape = { 32, narrow ? 16 : 32 },
		.routed = !local,
		.local = local,
		.assumed = true,
	};
	enum pce_status st = igp_block(igp, made.sid, err);

	if (st != PCE_OK)
		return st;
	put_big_endian(made.sid + 4, made.shape.width / 8, local ? first + value : value);
	return add_choice(choices, &made, err);
}

enum pce_status
sids_of_node(struct segment_igp *igp, ted_node node, enum sids_made_up made_up,
	     struct sid_choices *choices, struct pce_error *err)
{
	const struct ted_node_row *row = ted_node_at(igp->ted, node);
	enum pce_status st = PCE_OK;

	if (row->pseudonode)
		return PCE_OK;
	if (!row->n_sids && made_up == SIDS_COMPRESSED)
		return make_up_csid(igp, row->rank + 1, false, choices, err);
	if (!row->n_sids && made_up == SIDS_PLAIN)
		return make_up(igp, node, MADE_UP_END, TED_BEHAVIOR_END_USD, choices, err);
	for (size_t k = 0; k < row->n_sids && st == PCE_OK; k++)
		if (fit_for_list(igp, &row->sids[k], node, BEHAVIOR_PLAIN_END) &&
		    igp_routed_to(igp, row->sids[k].sid, row->sids[k].algorithm, node))
			st = add_sid(igp, node, choices, &row->sids[k], BEHAVIOR_PLAIN_END, true,
				     err);
	if (choices->n)
		qsort(choices->items, choices->n, sizeof(*choices->items), compare_choices);
	return st;
}

/* Place of a link among the links out of its node, which are in order of rank. */
static uint32_t
place_at_node(const struct segment_igp *igp, ted_link link, ted_node node)
{
	size_t n;
	const ted_link *out = ted_links_out(igp->ted, node, &n);
	uint32_t place = 0;

	while (place < n && out[place] != link)
		place++;
	return place;
}

static enum pce_status
make_up_for_link(struct segment_igp *igp, ted_link link, enum sids_made_up made_up,
		 struct sid_choices *choices, struct pce_error *err)
{
	ted_node from = ted_link_at(igp->ted, link)->from;
	uint32_t place = place_at_node(igp, link, from);

	if (made_up == SIDS_COMPRESSED)
		return make_up_csid(igp, place, true, choices, err);
	return make_up(igp, from, MADE_UP_END_X + place, TED_BEHAVIOR_END_X_USD, choices, err);
}

enum pce_status
sids_of_link(struct segment_igp *igp, ted_link link, enum sids_made_up made_up,
	     struct sid_choices *choices, struct pce_error *err)
{
	const struct ted_link_row *row = ted_link_at(igp->ted, link);
	enum pce_status st = PCE_OK;

	if (ted_node_at(igp->ted, row->from)->pseudonode ||
	    ted_node_at(igp->ted, row->to)->pseudonode)
		return PCE_OK;
	if (!row->n_sids && made_up != SIDS_AS_TOLD)
		return make_up_for_link(igp, link, made_up, choices, err);
	for (size_t k = 0; k < row->n_sids && st == PCE_OK; k++) {
		const struct ted_sid *sid = &row->sids[k];

		/* Twice at one node: nobody can say which link the packet would take. */
		if (fit_for_list(igp, sid, row->from, BEHAVIOR_PLAIN_END_X) &&
		    igp_times_at(igp, sid->sid, row->from) == 1)
			st = add_sid(igp, row->from, choices, sid, BEHAVIOR_PLAIN_END_X,
				     igp_routed_to(igp, sid->sid, sid->algorithm, row->from), err);
	}
	if (choices->n)
		qsort(choices->items, choices->n, sizeof(*choices->items), compare_choices);
	return st;
}
