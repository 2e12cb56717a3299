/*
 * Path attributes of an UPDATE.
 *
 * RFC 7606 grades errors: an attribute whose value is wrong makes the announced routes withdrawn; a
 * second copy of an attribute is skipped; only what hides where the NLRIs are (an MP attribute that
 * cannot be sliced, two of them, lengths that do not add up) ends the session. Karst asks for
 * 4-octet AS numbers, but reads an AS_PATH only to see that it is well formed, in either width.
 */
#include "southbound/bgp/update.h"

#include <string.h>

enum attr_type {
	ATTR_ORIGIN = 1,
	ATTR_AS_PATH = 2,
	ATTR_MED = 4,
	ATTR_LOCAL_PREF = 5,
	ATTR_ORIGINATOR_ID = 9,
	ATTR_CLUSTER_LIST = 10,
	ATTR_MP_REACH = 14,
	ATTR_MP_UNREACH = 15,
	ATTR_LS = 29,
};

#define FLAG_EXTENDED 0x10

struct attr {
	uint8_t flags, type;
	struct reader value;
};

bool
bgp_mp_is_ls(const struct bgp_mp *mp)
{
	return mp->present && mp->afi == BGP_AFI_LS &&
	       (mp->safi == BGP_SAFI_LS || mp->safi == BGP_SAFI_LS_VPN);
}

bool
bgp_update_is_end_of_rib(const struct bgp_update *update)
{
	return !update->reach.present && bgp_mp_is_ls(&update->unreach) &&
	       reader_left(&update->unreach.nlri) == 0 && !update->has_ls && !update->has_origin;
}

/* Next hop lengths that RFC 4760, 2545 and 9552 allow, with and without route distinguisher. */
static bool
next_hop_fits(size_t len)
{
	return len == 4 || len == 12 || len == 16 || len == 24 || len == 32 || len == 48;
}

static bool
read_mp(struct attr a, struct bgp_mp *mp, struct bgpls_faults *faults)
{
	bool reach = a.type == ATTR_MP_REACH;
	size_t len = reader_left(&a.value);

	if (mp->present)
		return bgpls_fault(faults, "attribute %u stands twice", a.type);
	mp->present = true;
	mp->afi = reader_u16(&a.value);
	mp->safi = reader_u8(&a.value);
	if (reach) {
		mp->next_hop = reader_sub(&a.value, reader_u8(&a.value));
		reader_u8(&a.value);
	}
	if (!reader_ok(&a.value))
		return bgpls_fault(faults, "attribute %u of %zu octets is truncated", a.type, len);
	if (reach && bgp_mp_is_ls(mp) && !next_hop_fits(reader_left(&mp->next_hop)))
		return bgpls_fault(faults, "next hop of %zu octets", reader_left(&mp->next_hop));
	mp->nlri = a.value;
	return true;
}

static void
withdraw(struct bgp_update *out, struct bgpls_faults *faults, unsigned type, size_t len)
{
	out->withdraw = true;
	bgpls_fault(faults, "attribute %u of %zu octets is malformed", type, len);
}

/* A value of 4 octets; NULL (and the routes are withdrawn) if it has another length. */
static const uint8_t *
four(struct attr a, struct bgp_update *out, struct bgpls_faults *faults)
{
	if (reader_left(&a.value) == 4)
		return a.value.at;
	withdraw(out, faults, a.type, reader_left(&a.value));
	return NULL;
}

static void
read_number(struct attr a, bool *has, uint32_t *number, struct bgp_update *out,
	    struct bgpls_faults *faults)
{
	if (!four(a, out, faults))
		return;
	*has = true;
	*number = reader_u32(&a.value);
}

static void
read_origin(struct attr a, struct bgp_update *out, struct bgpls_faults *faults)
{
	size_t len = reader_left(&a.value);

	out->has_origin = true;
	out->origin = reader_u8(&a.value);
	if (len != 1 || out->origin > 2)
		withdraw(out, faults, a.type, len);
}

/* True if the segments add up with AS numbers of width octets (RFC 7606 section 7.2). */
static bool
segments_fit(struct reader r, size_t width)
{
	while (reader_left(&r) > 0) {
		uint8_t type = reader_u8(&r), count = reader_u8(&r);

		reader_bytes(&r, count * width);
		if (!reader_ok(&r) || type < 1 || type > 4 || count == 0)
			return false;
	}
	return true;
}

static void
read_as_path(struct attr a, struct bgp_update *out, struct bgpls_faults *faults)
{
	if (!segments_fit(a.value, 4) && !segments_fit(a.value, 2))
		withdraw(out, faults, a.type, reader_left(&a.value));
	out->as_path = a.value;
}

static void
note_other(struct attr a, struct bgp_update *out)
{
	if (out->n_other < BGP_OTHER_ATTRS)
		out->other[out->n_other++] = a.type;
}

/* False only where framing is lost. */
static bool
read_attr(struct attr a, struct bgp_update *out, struct bgpls_faults *faults)
{
	switch (a.type) {
	case ATTR_ORIGIN:
		read_origin(a, out, faults);
		return true;
	case ATTR_AS_PATH:
		read_as_path(a, out, faults);
		if (reader_left(&a.value) == 0)
			note_other(a, out);
		return true;
	case ATTR_MED:
		read_number(a, &out->has_med, &out->med, out, faults);
		return true;
	case ATTR_LOCAL_PREF:
		read_number(a, &out->has_local_pref, &out->local_pref, out, faults);
		return true;
	case ATTR_ORIGINATOR_ID:
		out->originator = four(a, out, faults);
		out->has_originator = out->originator != NULL;
		return true;
	case ATTR_CLUSTER_LIST:
		if (reader_left(&a.value) == 0 || reader_left(&a.value) % 4)
			withdraw(out, faults, a.type, reader_left(&a.value));
		else
			out->cluster_list = a.value;
		return true;
	case ATTR_MP_REACH:
		return read_mp(a, &out->reach, faults);
	case ATTR_MP_UNREACH:
		return read_mp(a, &out->unreach, faults);
	case ATTR_LS:
		out->has_ls = true;
		out->ls = a.value;
		out->ls_flags = a.flags;
		return true;
	default:
		note_other(a, out);
		return true;
	}
}

static bool
next_attr(struct reader *r, struct attr *out)
{
	size_t len;

	out->flags = reader_u8(r);
	out->type = reader_u8(r);
	len = out->flags & FLAG_EXTENDED ? reader_u16(r) : reader_u8(r);
	out->value = reader_sub(r, len);
	return reader_ok(r);
}

static bool
read_attrs(struct reader r, struct bgp_update *out, struct bgpls_faults *faults)
{
	uint32_t seen[8] = { 0 };
	struct attr a;

	while (reader_left(&r) > 0) {
		uint32_t *word, bit;

		if (!next_attr(&r, &a)) {
			/* RFC 7606 section 4: the rest of the attributes is lost; go on only if
			 * the NLRIs are known already. */
			bgpls_fault(faults, "attribute %u runs past the path attributes", a.type);
			out->withdraw = true;
			return out->reach.present || out->unreach.present;
		}
		word = &seen[a.type / 32];
		bit = 1u << a.type % 32;
		if (*word & bit && a.type != ATTR_MP_REACH && a.type != ATTR_MP_UNREACH)
			continue;
		*word |= bit;
		if (!read_attr(a, out, faults))
			return false;
	}
	return true;
}

bool
bgp_read_update(struct reader body, struct bgp_update *out, struct bgpls_faults *faults)
{
	struct reader attrs;
	size_t left = reader_left(&body), len;

	memset(out, 0, sizeof(*out));
	len = reader_u16(&body);
	out->v4_withdrawn = reader_sub(&body, len);
	if (!reader_ok(&body))
		return bgpls_fault(faults, "withdrawn routes of %zu octets exceed an UPDATE of %zu",
				   len, left);
	len = reader_u16(&body);
	attrs = reader_sub(&body, len);
	if (!reader_ok(&body))
		return bgpls_fault(faults, "path attributes of %zu octets exceed an UPDATE of %zu",
				   len, left);
	out->v4_nlri = body;
	return read_attrs(attrs, out, faults);
}
