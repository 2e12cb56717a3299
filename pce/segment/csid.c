#include "pce/segment/csid.h"

#include <string.h>

bool
csid_same_bits(const uint8_t a[16], const uint8_t b[16], unsigned n)
{
	unsigned whole = n / 8, rest = n % 8;

	if (memcmp(a, b, whole) != 0)
		return false;
	return !rest || ((a[whole] ^ b[whole]) & (0xff00u >> rest & 0xffu)) == 0;
}

static bool
any_bit(const uint8_t sid[16], unsigned from, unsigned to)
{
	bool found = false;

	for (unsigned k = from / 8; k < to / 8; k++)
		found |= sid[k] != 0;
	return found;
}

struct csid_shape
csid_shape_of(const struct ted_sid *sid)
{
	const struct ted_sid_structure *s = &sid->structure;
	unsigned width = (unsigned)s->node + s->function, matched = s->block + width;
	struct behavior means = behavior_of(sid->behavior);

	if ((!means.next_csid && !means.replace_csid) || !s->block || !width ||
	    (means.replace_csid && width != 16 && width != 32))
		return (struct csid_shape){ 0 };
	if (s->block % 8 || width % 8 || matched >= 128 || s->argument != 128 - matched)
		return (struct csid_shape){ 0 };
	if (!any_bit(sid->sid, s->block, matched) || any_bit(sid->sid, matched, 128))
		return (struct csid_shape){ 0 };
	return (struct csid_shape){ s->block, (uint8_t)width,
				    (uint8_t)(means.replace_csid ? 128 / width : 0) };
}

bool
csid_is_local(const struct ted_sid *sid)
{
	return behavior_of(sid->behavior).next_csid && sid->structure.block && !sid->structure.node;
}

unsigned
csid_matched(struct csid_shape shape)
{
	return shape.width ? (unsigned)shape.block + shape.width : 128;
}

void
csid_append(uint8_t container[16], unsigned used, const uint8_t sid[16], struct csid_shape shape)
{
	memcpy(container + used / 8, sid + shape.block / 8, shape.width / 8);
}

void
csid_pack(uint8_t container[16], unsigned n, const uint8_t sid[16], struct csid_shape shape)
{
	unsigned octets = shape.width / 8u;

	memcpy(container + 16 - (n + 1) * octets, sid + shape.block / 8, octets);
}
