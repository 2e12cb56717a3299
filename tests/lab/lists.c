#include "tests/lab/lists.h"

/* True if the first bits of both are equal. */
static bool
same_bits(const uint8_t *a, const uint8_t *b, unsigned bits)
{
	unsigned rest = bits % 8;

	if (memcmp(a, b, bits / 8) != 0)
		return false;
	return rest == 0 || ((a[bits / 8] ^ b[bits / 8]) >> (8 - rest)) == 0;
}

static bool
is_csid(const struct ted_sid *sid)
{
	bool next = (sid->behavior >= 43 && sid->behavior <= 50) ||
		    (sid->behavior >= 52 && sid->behavior <= 59);

	return next && sid->structure.block > 0;
}

static bool
is_end(uint16_t behavior)
{
	return (behavior >= 1 && behavior <= 4) || (behavior >= 28 && behavior <= 31) ||
	       (behavior >= 43 && behavior <= 50);
}

/* Bits of an address that a SID matches. */
static unsigned
matched(const struct ted_sid *sid)
{
	return is_csid(sid)
		   ? (unsigned)sid->structure.block + sid->structure.node + sid->structure.function
		   : 128;
}

struct found {
	const struct ted_sid *sid;
	struct list_stop stop;
};

static void
consider(struct found *best, const uint8_t addr[16], const struct ted_sid *sid,
	 struct list_stop stop)
{
	if (sid->algorithm != 0 || !same_bits(addr, sid->sid, matched(sid)))
		return;
	if (best->sid == NULL || matched(sid) > matched(best->sid))
		*best = (struct found){ sid, stop };
}

/* The SID of a router that an address means there. */
static struct found
sid_at(const struct lab_network *net, uint32_t at, const uint8_t addr[16])
{
	const struct lab_router *r = &net->routers[at];
	struct found best = { 0 };

	for (size_t i = 0; i < r->row->n_sids; i++)
		if (is_end(r->row->sids[i].behavior))
			consider(&best, addr, &r->row->sids[i], (struct list_stop){ at, LAB_NONE });
	for (size_t k = 0; k < r->n_out; k++) {
		const struct ted_link_row *row = net->links[r->out[k]].row;

		for (size_t i = 0; i < row->n_sids; i++)
			consider(&best, addr, &row->sids[i],
				 (struct list_stop){ LAB_NONE, r->out[k] });
	}
	return best;
}

/* An address is a SID of the router at hand (a local C-SID), or of the one whose locator it is in.
 */
static struct found
find_sid(const struct lab_network *net, uint32_t at, const uint8_t addr[16])
{
	struct found here = sid_at(net, at, addr);
	uint32_t owner = here.sid != NULL ? LAB_NONE : lab_router_of(net, addr);

	return owner != LAB_NONE ? sid_at(net, owner, addr) : here;
}

/* Takes the first C-SID out of a container: what follows moves up behind the block. False: nothing
 * followed. */
static bool
advance(uint8_t addr[16], const struct ted_sid *sid)
{
	unsigned block = sid->structure.block / 8u;
	unsigned len = ((unsigned)sid->structure.node + sid->structure.function) / 8u;
	bool more = false;

	for (unsigned i = block; i < 16; i++) {
		addr[i] = i + len < 16 ? addr[i + len] : 0;
		more = more || addr[i] != 0;
	}
	return more;
}

bool
list_stops(const struct lab_network *net, uint32_t headend, const uint8_t (*sids)[16], size_t n,
	   struct list_stop stops[LIST_STOPS], size_t *n_stops)
{
	uint32_t at = headend;

	*n_stops = 0;
	for (size_t i = 0; i < n; i++) {
		uint8_t addr[16];
		bool more = true;

		memcpy(addr, sids[i], 16);
		while (more) {
			struct found f = find_sid(net, at, addr);

			if (f.sid == NULL || *n_stops == LIST_STOPS)
				return false;
			at = f.stop.link != LAB_NONE ? net->links[f.stop.link].row->to
						     : f.stop.router;
			stops[(*n_stops)++] = f.stop;
			more = is_csid(f.sid) && advance(addr, f.sid);
		}
	}
	return true;
}

/* One SID that stands alone for a node. */
static bool
node_sid(const struct lab_router *r, uint8_t out[16])
{
	const struct ted_sid *best = NULL;

	for (size_t i = 0; i < r->row->n_sids; i++) {
		const struct ted_sid *sid = &r->row->sids[i];

		if (is_end(sid->behavior) && sid->algorithm == 0 &&
		    (best == NULL || (is_csid(best) && !is_csid(sid))))
			best = sid;
	}
	if (best != NULL)
		memcpy(out, best->sid, 16);
	return best != NULL;
}

/* One SID that stands alone for an adjacency; a local C-SID gets its node in front. */
static bool
link_sid(const struct lab_network *net, uint32_t link, uint8_t out[16])
{
	const struct ted_link_row *row = net->links[link].row;

	for (size_t i = 0; i < row->n_sids; i++) {
		const struct ted_sid *sid = &row->sids[i];
		unsigned block = sid->structure.block / 8u, function = sid->structure.function / 8u;

		if (sid->algorithm != 0 || sid->backup)
			continue;
		memcpy(out, sid->sid, 16);
		if (!is_csid(sid) || sid->structure.node > 0)
			return true;
		if (!node_sid(&net->routers[row->from], out) || block + 2 * function > 16)
			return false;
		memcpy(out + block + function, sid->sid + block, function);
		return true;
	}
	return false;
}

bool
list_back(const struct lab_network *net, const struct list_stop *stops, size_t n_stops,
	  uint8_t (*out)[16], size_t cap, size_t *n_out)
{
	*n_out = 0;
	for (size_t i = n_stops; i-- > 0;) {
		bool end_of_list = i + 1 == n_stops && stops[i].link == LAB_NONE;
		bool good;

		if (end_of_list)
			continue;
		if (*n_out == cap)
			return false;
		if (stops[i].link == LAB_NONE)
			good = node_sid(&net->routers[stops[i].router], out[*n_out]);
		else
			good = net->links[stops[i].link].reverse != LAB_NONE &&
			       link_sid(net, net->links[stops[i].link].reverse, out[*n_out]);
		if (!good)
			return false;
		(*n_out)++;
	}
	return true;
}
