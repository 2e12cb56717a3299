/*
 * Pairing: the two directions of one fibre, and the two-way check. Links between the same two nodes
 * are looked at together, those of one direction on either side. First come the pairs that a source
 * named; then, among what feeds show, those whose addresses are each other's, whose link ids are
 * each other's, that agree in some part and differ in none, and at last the only two that are left.
 * At every step a pair has to be the only choice of both, so the order of arrival plays no part.
 *
 * Where directions cannot be told apart, their number decides: as many one way as the other are all
 * usable (without a reverse); else one half is missing and nobody knows whose: none is usable.
 */
#include <stdlib.h>
#include <string.h>

#include "pce/base/array.h"
#include "pce/ted/settle.h"

#define NO_MATE SIZE_MAX

/* How well two half-links match, best first. */
enum match {
	MATCH_ADDRESSES,
	MATCH_IDS,
	MATCH_PARTLY,
	MATCH_POSSIBLE,
	MATCH_NONE,
};

static bool
is_present(const struct link_cell *cell)
{
	return !(cell->own & TED_UNUSABLE_WITHDRAWN);
}

/* Counts an equal pair of identifiers, or notes that they differ. */
static unsigned
agree(bool both, bool equal, bool *differ)
{
	if (both && !equal)
		*differ = true;
	return both && equal;
}

static unsigned
agree_addr(const struct ip_addr *a, const struct ip_addr *b, bool *differ)
{
	return agree(a->family && b->family, ip_compare(a, b) == 0, differ);
}

static enum match
match(const struct ted_link_row *a, const struct ted_link_row *b)
{
	bool differ = false;
	unsigned v4 = agree_addr(&a->v4_local, &b->v4_remote, &differ) +
		      agree_addr(&a->v4_remote, &b->v4_local, &differ);
	unsigned v6 = agree_addr(&a->v6_local, &b->v6_remote, &differ) +
		      agree_addr(&a->v6_remote, &b->v6_local, &differ);
	unsigned ids = agree(a->local_id && b->remote_id, a->local_id == b->remote_id, &differ) +
		       agree(a->remote_id && b->local_id, a->remote_id == b->local_id, &differ);

	if (v4 == 2 || v6 == 2)
		return MATCH_ADDRESSES;
	if (ids == 2)
		return MATCH_IDS;
	if (differ)
		return MATCH_NONE;
	return v4 + v6 + ids > 0 ? MATCH_PARTLY : MATCH_POSSIBLE;
}

static enum pce_status
add_member(struct settle *s, int side, ted_link row, struct pce_error *err)
{
	enum pce_status status = array_reserve(&s->side[side], &s->cap_side[side],
					       s->n_side[side] + 1, sizeof(*s->side[side]), err);

	if (!status)
		s->side[side][s->n_side[side]++] = (struct pair_member){
			.row = row, .cell = link_cell(s->ted, row), .mate = NO_MATE
		};
	return status;
}

/*
 * Collects the links between a and b of one topology, from the lists of the node that has fewer.
 * The lists are in order of rank, and so are the sides.
 */
static enum pce_status
collect(struct settle *s, ted_node a, ted_node b, uint16_t topology, struct pce_error *err)
{
	const struct structure *st = s->ted->structure;
	uint32_t at_a =
	    st->out_start[a + 1] - st->out_start[a] + st->in_start[a + 1] - st->in_start[a];
	uint32_t at_b =
	    st->out_start[b + 1] - st->out_start[b] + st->in_start[b + 1] - st->in_start[b];
	ted_node here = at_a <= at_b ? a : b, there = here == a ? b : a;
	enum pce_status status = PCE_OK;

	s->n_side[0] = s->n_side[1] = 0;
	for (uint32_t i = st->out_start[here]; !status && i < st->out_start[here + 1]; i++)
		if (st->to[st->out[i]] == there &&
		    link_cell(s->ted, st->out[i])->row.topology == topology)
			status = add_member(s, here != a, st->out[i], err);
	for (uint32_t i = st->in_start[here]; !status && i < st->in_start[here + 1]; i++)
		if (st->from[st->in[i]] == there &&
		    link_cell(s->ted, st->in[i])->row.topology == topology)
			status = add_member(s, here == a, st->in[i], err);
	return status;
}

/* Index on the other side of the link that a member's source named as its reverse. */
static size_t
claimed(const struct settle *s, int side, size_t i)
{
	const struct rib *rib = s->ted->rib;
	uint32_t claim = s->side[side][i].cell->claim;
	ted_link row;

	if (claim == RIB_NONE)
		return NO_MATE;
	row = rib->objects[rib_resolve(rib, claim)].row;
	for (size_t j = 0; j < s->n_side[!side]; j++)
		if (s->side[!side][j].row == row && is_present(s->side[!side][j].cell))
			return j;
	return NO_MATE;
}

static void
tie(struct settle *s, int side, size_t i, size_t j)
{
	s->side[side][i].mate = j;
	s->side[!side][j].mate = i;
}

/* Pairs by claims: mutual ones first, then each link's own in order. */
static void
pair_claims(struct settle *s)
{
	for (size_t i = 0; i < s->n_side[0]; i++) {
		size_t j = is_present(s->side[0][i].cell) ? claimed(s, 0, i) : NO_MATE;

		if (j != NO_MATE && s->side[1][j].mate == NO_MATE && claimed(s, 1, j) == i)
			tie(s, 0, i, j);
	}
	for (int side = 0; side < 2; side++) {
		for (size_t i = 0; i < s->n_side[side]; i++) {
			const struct pair_member *m = &s->side[side][i];
			size_t j = is_present(m->cell) && m->mate == NO_MATE ? claimed(s, side, i)
									     : NO_MATE;

			if (j != NO_MATE && s->side[!side][j].mate == NO_MATE)
				tie(s, side, i, j);
		}
	}
}

static bool
is_open(const struct pair_member *m)
{
	return m->mate == NO_MATE && m->cell->cell.in_feed && is_present(m->cell);
}

/* Counts for every open member the open ones of the other side that match at least so well. */
static void
count_candidates(struct settle *s, enum match least)
{
	for (int side = 0; side < 2; side++)
		for (size_t i = 0; i < s->n_side[side]; i++)
			s->side[side][i].n_candidates = 0;
	for (size_t i = 0; i < s->n_side[0]; i++) {
		struct pair_member *a = &s->side[0][i];

		for (size_t j = 0; is_open(a) && j < s->n_side[1]; j++) {
			struct pair_member *b = &s->side[1][j];

			if (!is_open(b) || match(&a->cell->row, &b->cell->row) > least)
				continue;
			a->n_candidates++;
			a->only = j;
			b->n_candidates++;
			b->only = i;
		}
	}
}

static void
pair_feeds(struct settle *s)
{
	for (enum match least = MATCH_ADDRESSES; least < MATCH_NONE; least++) {
		count_candidates(s, least);
		for (size_t i = 0; i < s->n_side[0]; i++) {
			const struct pair_member *a = &s->side[0][i];

			if (is_open(a) && a->n_candidates == 1 &&
			    s->side[1][a->only].n_candidates == 1)
				tie(s, 0, i, a->only);
		}
	}
}

/* True if what could not be told apart is at least complete: as many one way as the other, and each
 * could belong to each. */
static bool
rest_is_complete(struct settle *s)
{
	size_t n[2] = { 0, 0 };

	count_candidates(s, MATCH_POSSIBLE);
	for (int side = 0; side < 2; side++)
		for (size_t i = 0; i < s->n_side[side]; i++)
			n[side] += is_open(&s->side[side][i]) && s->side[side][i].n_candidates > 0;
	/* Each of the one side has all of the other as candidates: so the sides are of one size. */
	for (int side = 0; side < 2; side++)
		for (size_t i = 0; i < s->n_side[side]; i++)
			if (is_open(&s->side[side][i]) && s->side[side][i].n_candidates > 0 &&
			    s->side[side][i].n_candidates != n[0])
				return false;
	return true;
}

/* What pairing found out about all links between two nodes. */
struct verdict {
	bool at_pseudonode;
	bool complete; /* what could not be told apart is as many one way as the other */
	bool in_feed[2]; /* by side: a feed shows at least one */
};

/*
 * A pseudonode names each router of its LAN once, however many interfaces that has there: any link
 * back will do.
 */
static bool
is_two_way(const struct verdict *v, int side, const struct pair_member *m,
	   const struct pair_member *mate)
{
	if (v->at_pseudonode)
		return v->in_feed[!side];
	return mate ? mate->cell->cell.in_feed : v->complete && m->n_candidates > 0;
}

static enum pce_status
keep(struct settle *s, ted_link link, ted_link reverse, uint32_t paired, struct pce_error *err)
{
	struct link_cell *cell = link_cell(s->ted, link);

	if (cell->row.reverse == reverse && cell->paired == paired)
		return PCE_OK;
	cell = settle_link(s, link);
	if (!cell)
		return pce_no_memory(err);
	cell->row.reverse = reverse;
	cell->paired = paired;
	return settle_check(s, link, err);
}

static enum pce_status
untie(struct settle *s, ted_link link, struct pce_error *err)
{
	return keep(s, link, TED_NONE, 0, err);
}

static enum pce_status
store(struct settle *s, const struct verdict *v, int side, size_t i, struct pce_error *err)
{
	const struct pair_member *m = &s->side[side][i];
	const struct pair_member *mate = m->mate == NO_MATE ? NULL : &s->side[!side][m->mate];
	uint32_t paired = 0;

	if (is_present(m->cell) && m->cell->cell.in_feed && !is_two_way(v, side, m, mate))
		paired |= TED_UNUSABLE_ONE_WAY;
	/* One fibre: down one way is down both ways. */
	if (mate)
		paired |= mate->cell->own & TED_UNUSABLE_DOWN;
	return keep(s, m->row, mate ? mate->row : TED_NONE, paired, err);
}

static void
note_paired(struct settle *s, const struct pair_member *m)
{
	struct rib_object *o = &s->ted->rib->objects[m->cell->cell.object];

	if (o->flags & RIB_DIRTY)
		o->flags |= RIB_PAIRED;
}

/* Pairs what was collected. */
static struct verdict
pair_sides(struct settle *s, bool at_pseudonode)
{
	struct verdict v = { .at_pseudonode = at_pseudonode };

	pair_claims(s);
	pair_feeds(s);
	v.complete = rest_is_complete(s);
	for (int side = 0; side < 2; side++)
		for (size_t i = 0; i < s->n_side[side]; i++)
			v.in_feed[side] |= s->side[side][i].cell->cell.in_feed;
	return v;
}

enum pce_status
pair_links(struct settle *s, ted_link link, struct pce_error *err)
{
	const struct structure *st = s->ted->structure;
	const struct link_cell *self = link_cell(s->ted, link);
	ted_node from = st->from[link], to = st->to[link];
	const struct ted_node_row *a = &node_cell(s->ted, from)->row;
	const struct ted_node_row *b = &node_cell(s->ted, to)->row;
	bool ordered = a->rank <= b->rank;
	struct verdict v;
	enum pce_status status;

	if (from == to)
		return untie(s, link, err); /* a loop has no other direction */
	status = collect(s, ordered ? from : to, ordered ? to : from, self->row.topology, err);
	if (status)
		return status;
	v = pair_sides(s, a->pseudonode || b->pseudonode);
	for (int side = 0; !status && side < 2; side++)
		for (size_t i = 0; !status && i < s->n_side[side]; i++) {
			note_paired(s, &s->side[side][i]);
			status = store(s, &v, side, i, err);
		}
	return status;
}
