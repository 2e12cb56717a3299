#include "pce/base/units.h"

#include <stdio.h>
#include <string.h>

struct usec
usec_add(struct usec at, int64_t delta_us)
{
	if (delta_us > 0 && at.v > INT64_MAX - delta_us)
		return USEC_NEVER;
	if (delta_us < 0 && at.v < INT64_MIN - delta_us)
		return (struct usec){ INT64_MIN };
	return (struct usec){ at.v + delta_us };
}

struct usec
usec_max(struct usec a, struct usec b)
{
	return a.v > b.v ? a : b;
}

struct usec
usec_min(struct usec a, struct usec b)
{
	return a.v <= b.v ? a : b;
}

bool
usec_due(struct usec at, struct usec now)
{
	return at.v != INT64_MAX && at.v <= now.v;
}

/* A decimal number without sign: digits with the point removed, and how many of them were decimals.
 */
struct decimal {
	uint64_t digits;
	unsigned decimals;
	const char *rest;
};

static bool
read_decimal(const char *text, struct decimal *out)
{
	unsigned seen = 0, significant = 0;
	bool point = false;

	*out = (struct decimal){ 0 };
	for (; (*text >= '0' && *text <= '9') || (*text == '.' && !point); text++) {
		if (*text == '.') {
			point = true;
			continue;
		}
		seen++;
		if (significant || *text != '0')
			significant++;
		if (significant > 18)
			return false;
		out->digits = out->digits * 10 + (uint64_t)(*text - '0');
		if (point)
			out->decimals++;
	}
	out->rest = text;
	return seen > 0 && out->decimals <= 18;
}

/* digits * scale / 10^decimals, only if whole and within 64 bits. */
static bool
scale_exact(const struct decimal *d, uint64_t scale, uint64_t *out)
{
	__uint128_t value = (__uint128_t)d->digits * scale;
	uint64_t divisor = 1;

	for (unsigned i = 0; i < d->decimals; i++)
		divisor *= 10;
	if (value % divisor)
		return false;
	value /= divisor;
	if (value > UINT64_MAX)
		return false;
	*out = (uint64_t)value;
	return true;
}

enum pce_status
units_parse_bps(const char *text, uint64_t *out_bps, struct pce_error *err)
{
	struct decimal d;
	uint64_t scale = 1, value;

	if (!read_decimal(text, &d))
		goto bad;
	switch (*d.rest) {
	case 'T':
		scale *= 1000; /* fallthrough */
	case 'G':
		scale *= 1000; /* fallthrough */
	case 'M':
		scale *= 1000; /* fallthrough */
	case 'k':
		scale *= 1000;
		d.rest++;
		break;
	default:
		break;
	}
	if (*d.rest != '\0' || !scale_exact(&d, scale, &value))
		goto bad;
	*out_bps = value;
	return PCE_OK;
bad:
	return pce_fail(
	    err, PCE_INVALID,
	    "\"%s\" is not a bandwidth: give whole bits per second, such as 200M, 1.5G or 64000",
	    text);
}

enum pce_status
units_parse_us(const char *text, uint64_t *out_us, struct pce_error *err)
{
	static const struct {
		const char *unit;
		uint64_t us;
	} units[] = { { "us", 1 }, { "ms", USEC_PER_MS }, { "s", USEC_PER_S } };
	struct decimal d;
	uint64_t value;

	if (!read_decimal(text, &d))
		goto bad;
	if (d.digits == 0 && *d.rest == '\0') {
		*out_us = 0;
		return PCE_OK;
	}
	for (unsigned i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (strcmp(d.rest, units[i].unit) != 0)
			continue;
		if (!scale_exact(&d, units[i].us, &value))
			goto bad;
		*out_us = value;
		return PCE_OK;
	}
bad:
	return pce_fail(
	    err, PCE_INVALID,
	    "\"%s\" is not a time: give a number with its unit, such as 300us, 20ms or 1.5s", text);
}

/* Prints value / 10^places without trailing zeros, followed by a blank and the unit. */
static void
print_scaled(uint64_t value, unsigned places, const char *unit, char *out, unsigned cap)
{
	uint64_t divisor = 1;
	char fraction[24] = "";

	for (unsigned i = 0; i < places; i++)
		divisor *= 10;
	if (value % divisor) {
		snprintf(fraction, sizeof(fraction), ".%0*llu", (int)places,
			 (unsigned long long)(value % divisor));
		for (size_t n = strlen(fraction); fraction[n - 1] == '0'; n--)
			fraction[n - 1] = '\0';
	}
	snprintf(out, cap, "%llu%s %s", (unsigned long long)(value / divisor), fraction, unit);
}

void
units_print_bps(uint64_t bps, char *out, unsigned cap)
{
	if (bps >= 1000000000)
		print_scaled(bps, 9, "Gbit/s", out, cap);
	else if (bps >= 1000000)
		print_scaled(bps, 6, "Mbit/s", out, cap);
	else if (bps >= 1000)
		print_scaled(bps, 3, "kbit/s", out, cap);
	else
		print_scaled(bps, 0, "bit/s", out, cap);
}

void
units_print_us(uint64_t us, char *out, unsigned cap)
{
	if (us >= USEC_PER_S)
		print_scaled(us, 6, "s", out, cap);
	else if (us >= USEC_PER_MS)
		print_scaled(us, 3, "ms", out, cap);
	else
		print_scaled(us, 0, "us", out, cap);
}

enum pce_status
units_parse_availability(const char *text, uint64_t *out_unavailability_ppt, struct pce_error *err)
{
	struct decimal d;
	uint64_t value;

	if (!read_decimal(text, &d) || *d.rest != '\0' || !scale_exact(&d, PPT_ONE, &value) ||
	    value > PPT_ONE)
		return pce_fail(err, PCE_INVALID,
				"\"%s\" is not an availability: give a number from 0 to 1 with at "
				"most 12 decimals",
				text);
	*out_unavailability_ppt = PPT_ONE - value;
	return PCE_OK;
}

/* "4nines", "4 nines", "4-nines": 10^-4 is left. */
static bool
read_nines(const struct decimal *d, uint64_t *out_complement_ppt)
{
	const char *rest = d->rest + (*d->rest == ' ' || *d->rest == '-');

	if ((strcmp(rest, "nines") != 0 && strcmp(rest, "nine") != 0) || d->decimals > 0 ||
	    d->digits < 1 || d->digits > 12)
		return false;
	*out_complement_ppt = PPT_ONE;
	for (uint64_t i = 0; i < d->digits; i++)
		*out_complement_ppt /= 10;
	return true;
}

enum pce_status
units_parse_probability(const char *text, uint64_t *out_complement_ppt, struct pce_error *err)
{
	struct decimal d = { .rest = text };
	uint64_t value;
	bool percent;

	if (!read_decimal(text, &d))
		goto bad;
	if (read_nines(&d, out_complement_ppt))
		return PCE_OK;
	percent = strcmp(d.rest, "%") == 0;
	if ((!percent && *d.rest != '\0') ||
	    !scale_exact(&d, percent ? PPT_ONE / 100 : PPT_ONE, &value) || value > PPT_ONE)
		goto bad;
	*out_complement_ppt = PPT_ONE - value;
	return PCE_OK;
bad:
	return pce_fail(err, PCE_INVALID,
			"\"%s\" is not a probability: give a number from 0 to 1 with at most 12 "
			"decimals (0.9999), a percentage (99.99%%) or nines (4nines)",
			text);
}

void
units_print_availability(uint64_t unavailability_ppt, char *out, unsigned cap)
{
	uint64_t value = PPT_ONE - (unavailability_ppt > PPT_ONE ? PPT_ONE : unavailability_ppt);
	char fraction[16];

	snprintf(fraction, sizeof(fraction), "%012llu", (unsigned long long)(value % PPT_ONE));
	for (size_t n = strlen(fraction); n > 1 && fraction[n - 1] == '0'; n--)
		fraction[n - 1] = '\0';
	snprintf(out, cap, "%llu.%s", (unsigned long long)(value / PPT_ONE), fraction);
}
