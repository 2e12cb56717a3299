/*
 * Maximum SID depths.
 *
 * RFC 9352 section 4 counts SIDs in the SRH, and says that a router that advertises nothing handles
 * none: a headend then pushes one SID without an SRH. Whether a headend reduces its encapsulation
 * (RFC 8986 section 5.2: the first SID is in the destination address only) is not advertised, so
 * every SID is counted as being in the SRH, with one exception that the RFC makes itself: a single
 * SID needs no SRH at all. This errs by one SID towards lists that surely fit.
 */
#include "pce/segment/limits.h"

static bool
find_msd(const struct ted_node_row *row, uint8_t type, uint32_t *out)
{
	for (size_t k = 0; k < row->n_msd; k++)
		if (row->msd[k].type == type) {
			*out = row->msd[k].value;
			return true;
		}
	return false;
}

/* A single SID needs no SRH, so it is within every limit on what an SRH may hold. */
static uint32_t
without_srh(uint32_t total)
{
	return total ? total : 1;
}

struct limit
limit_of_headend(const struct ted *ted, ted_node node, const struct segment_options *options)
{
	struct limit found = { .node = node, .what = "H.Encaps" };

	if (find_msd(ted_node_at(ted, node), TED_MSD_H_ENCAPS, &found.total)) {
		found.total = without_srh(found.total);
	} else if (options->strict_msd) {
		found.total = 1;
		found.assumed = true;
	} else if (options->assumed_msd) {
		found.total = options->assumed_msd;
		found.assumed = true;
	} else {
		found.total = LIMIT_NONE;
	}
	return found;
}

/* The endpoint's own word, or with strict_msd the RFC's default of 0. */
static struct limit
endpoint_msd(const struct ted *ted, ted_node node, uint8_t type, const char *what,
	     const struct segment_options *options)
{
	struct limit found = { .node = node, .what = what };

	if (find_msd(ted_node_at(ted, node), type, &found.total))
		return found;
	found.assumed = options->strict_msd;
	found.total = options->strict_msd ? 0 : LIMIT_NONE;
	return found;
}

static struct limit
smaller(struct limit a, struct limit b)
{
	return b.total < a.total ? b : a;
}

/* Segments Left on arrival is the number of SIDs after this one. */
static struct limit
segments_left(struct limit msd, uint32_t remaining, uint32_t total)
{
	if (msd.total == LIMIT_NONE)
		return msd;
	if (total)
		msd.total += total - remaining;
	else
		msd.total = remaining > msd.total ? 0 : LIMIT_NONE;
	return msd;
}

struct limit
limit_of_endpoint(const struct ted *ted, ted_node node, struct behavior means, uint32_t remaining,
		  uint32_t total, ted_node egress, const struct segment_options *options)
{
	struct limit left =
	    endpoint_msd(ted, node, TED_MSD_SEGMENTS_LEFT, "Segments Left", options);
	struct limit pop = endpoint_msd(ted, node, TED_MSD_END_POP, "End Pop", options);
	struct limit strip = { .total = LIMIT_NONE, .node = node };
	bool popped = remaining == 1 && means.flavors & BEHAVIOR_PSP;

	/* The SRH is popped here (PSP, or USP at the very end) … */
	if (popped || (remaining == 0 && means.flavors & BEHAVIOR_USP))
		strip = pop;
	/* … and what is left of the outer header is taken off where the last SID is executed. */
	if (remaining == 0 || (remaining == 1 && options->service_sids && !popped))
		strip = smaller(strip, endpoint_msd(ted, remaining ? egress : node, TED_MSD_END_D,
						    "End D", options));
	strip.total = without_srh(strip.total);
	return smaller(segments_left(left, remaining, total), strip);
}

struct limit
limit_of_carrier(const struct ted *ted, ted_node node, uint32_t remaining, uint32_t total,
		 const struct segment_options *options)
{
	struct limit left =
	    endpoint_msd(ted, node, TED_MSD_SEGMENTS_LEFT, "Segments Left", options);

	return segments_left(left, remaining, total);
}
