#include "southbound/gnmi/value.h"

#include <math.h>

#define DIGITS_MAX 40 /* of a number in text */

static bool
read_decimal(struct reader r, struct gnmi_value *out)
{
	struct wire_field f;

	out->i = 0;
	out->precision = 0;
	while (wire_next(&r, &f)) {
		if (f.number == 1 && f.type == WIRE_VARINT)
			out->i = (int64_t)f.value;
		else if (f.number == 2 && f.type == WIRE_VARINT)
			out->precision = f.value > 255 ? 255 : (uint32_t)f.value;
	}
	return reader_ok(&r);
}

static void
take_number(const struct wire_field *f, struct gnmi_value *out)
{
	switch (f->number) {
	case 2:
		out->kind = GNMI_VALUE_INT;
		out->i = (int64_t)f->value;
		return;
	case 3:
		out->kind = GNMI_VALUE_UINT;
		out->u = f->value;
		return;
	case 4:
		out->kind = GNMI_VALUE_BOOL;
		out->u = f->value != 0;
		return;
	default:
		return;
	}
}

static bool
take_bytes(const struct wire_field *f, struct gnmi_value *out)
{
	static const enum gnmi_value_kind kinds[] = {
		[1] = GNMI_VALUE_STRING,  [5] = GNMI_VALUE_BYTES,  [8] = GNMI_VALUE_OTHER,
		[9] = GNMI_VALUE_OTHER,   [10] = GNMI_VALUE_JSON,  [11] = GNMI_VALUE_JSON,
		[12] = GNMI_VALUE_STRING, [13] = GNMI_VALUE_OTHER,
	};

	if (f->number == 7) {
		out->kind = GNMI_VALUE_DECIMAL;
		return read_decimal(f->bytes, out);
	}
	if (f->number < sizeof(kinds) / sizeof(kinds[0]) && kinds[f->number] != GNMI_VALUE_NONE) {
		out->kind = kinds[f->number];
		out->slice = wire_slice_of(&f->bytes);
	}
	return true;
}

bool
gnmi_value_read(struct reader r, struct gnmi_value *out)
{
	struct wire_field f;

	out->kind = GNMI_VALUE_NONE;
	while (wire_next(&r, &f)) {
		if (f.type == WIRE_VARINT) {
			take_number(&f, out);
		} else if (f.type == WIRE_BYTES) {
			if (!take_bytes(&f, out))
				return false;
		} else if (f.number == 6 && f.type == WIRE_32) {
			out->kind = GNMI_VALUE_DOUBLE;
			out->d = (double)wire_float(f.value);
		} else if (f.number == 14 && f.type == WIRE_64) {
			out->kind = GNMI_VALUE_DOUBLE;
			out->d = wire_double(f.value);
		}
	}
	return reader_ok(&r);
}

/* digits / 10^precision * multiplier / divisor, rounded down. */
static bool
scale(unsigned __int128 digits, uint32_t precision, uint64_t multiplier, uint64_t divisor,
      uint64_t *out)
{
	unsigned __int128 over = divisor, limit = (unsigned __int128)-1;

	for (uint32_t i = 0; i < precision; i++) {
		if (over > limit / 10) {
			*out = 0;
			return true;
		}
		over *= 10;
	}
	if (digits > limit / multiplier)
		return false;
	digits = digits * multiplier / over;
	if (digits > UINT64_MAX)
		return false;
	*out = (uint64_t)digits;
	return true;
}

static bool
scale_double(double d, uint64_t multiplier, uint64_t divisor, uint64_t *out)
{
	double scaled = d * (double)multiplier / (double)divisor;

	if (isnan(scaled) || scaled < 0 || scaled >= 18446744073709551616.0)
		return false;
	*out = (uint64_t)scaled;
	return true;
}

/* "123", "0.25"; no sign, no exponent. */
static bool
scale_text(struct wire_slice s, uint64_t multiplier, uint64_t divisor, uint64_t *out)
{
	unsigned __int128 digits = 0;
	uint32_t precision = 0;
	bool point = false, any = false;

	if (s.len == 0 || s.len > DIGITS_MAX)
		return false;
	for (size_t i = 0; i < s.len; i++) {
		if (s.at[i] == '.' && !point && any) {
			point = true;
			continue;
		}
		if (s.at[i] < '0' || s.at[i] > '9' || digits > ((unsigned __int128)-1 - 9) / 10)
			return false;
		digits = digits * 10 + (unsigned)(s.at[i] - '0');
		precision += point;
		any = true;
	}
	return s.at[s.len - 1] != '.' && scale(digits, precision, multiplier, divisor, out);
}

bool
gnmi_value_count(const struct gnmi_value *v, uint64_t multiplier, uint64_t divisor, uint64_t *out)
{
	switch (v->kind) {
	case GNMI_VALUE_UINT:
		if (multiplier == 1 && divisor == 1) {
			*out = v->u;
			return true;
		}
		return scale(v->u, 0, multiplier, divisor, out);
	case GNMI_VALUE_INT:
		return v->i >= 0 && scale((uint64_t)v->i, 0, multiplier, divisor, out);
	case GNMI_VALUE_DECIMAL:
		return v->i >= 0 && scale((uint64_t)v->i, v->precision, multiplier, divisor, out);
	case GNMI_VALUE_DOUBLE:
		return scale_double(v->d, multiplier, divisor, out);
	case GNMI_VALUE_STRING:
		return scale_text(v->slice, multiplier, divisor, out);
	default:
		return false;
	}
}

bool
gnmi_value_text(const struct gnmi_value *v, struct wire_slice *out)
{
	if (v->kind != GNMI_VALUE_STRING)
		return false;
	*out = v->slice;
	return true;
}
