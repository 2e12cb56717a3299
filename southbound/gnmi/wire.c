#include "southbound/gnmi/wire.h"

#define NESTED_MAX 8

uint64_t
wire_long_varint(struct reader *r)
{
	uint64_t v = 0;

	for (unsigned shift = 0; shift < 70; shift += 7) {
		uint8_t octet = reader_u8(r);

		/* The tenth octet has room for one bit. */
		if (r->bad || (shift == 63 && octet > 1))
			break;
		v |= (uint64_t)(octet & 0x7f) << shift;
		if (octet < 0x80)
			return v;
	}
	r->bad = true;
	return 0;
}

uint64_t
wire_fixed(struct reader *r, unsigned n)
{
	const uint8_t *at = reader_bytes(r, n);
	uint64_t v = 0;

	for (unsigned i = 0; at && i < n; i++)
		v |= (uint64_t)at[i] << (8 * i);
	return v;
}

static const struct wire_nested *
nested_field(const struct wire_message *type, uint32_t number)
{
	for (size_t i = 0; i < type->n_nested && i < NESTED_MAX; i++)
		if (type->nested[i].number == number)
			return &type->nested[i];
	return NULL;
}

static enum pce_status
check(const struct wire_message *type, struct reader r, unsigned depth, struct pce_error *err)
{
	unsigned repeats[NESTED_MAX] = { 0 };
	struct wire_field field;
	enum pce_status status = PCE_OK;

	if (depth > WIRE_DEPTH_MAX)
		return pce_fail(err, PCE_LIMIT, "a %s is nested more than %d messages deep",
				type->name, WIRE_DEPTH_MAX);
	while (status == PCE_OK && wire_next(&r, &field)) {
		const struct wire_nested *n = nested_field(type, field.number);

		if (!n || field.type != WIRE_BYTES)
			continue;
		if (!n->repeated && ++repeats[n - type->nested] > WIRE_REPEATS_MAX)
			return pce_fail(err, PCE_LIMIT,
					"field %u of a %s is given more than %d times",
					field.number, type->name, WIRE_REPEATS_MAX);
		status = check(n->type, field.bytes, depth + 1, err);
	}
	if (status == PCE_OK && !reader_ok(&r))
		status = pce_fail(err, PCE_MALFORMED, "a %s is cut short or malformed", type->name);
	return status;
}

enum pce_status
wire_check(const struct wire_message *type, const void *bytes, size_t len, struct pce_error *err)
{
	return check(type, reader_over(bytes, len), 1, err);
}
