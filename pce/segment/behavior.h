/*
 * Endpoint behaviours as the compiler sees them (IANA "SRv6 Endpoint Behaviors"; RFC 8986 section
 * 4.16, RFC 9800 section 4). The registry numbers the flavours of one behaviour in a row, PSP in
 * bit 0, USP in bit 1 and USD in bit 2, in two pieces for the older ones; with REPLACE-CSID a
 * behaviour has its plain number and 100.
 */
#ifndef PCE_SEGMENT_BEHAVIOR_H
#define PCE_SEGMENT_BEHAVIOR_H

#include <stdbool.h>
#include <stdint.h>

enum behavior_class { BEHAVIOR_OTHER, BEHAVIOR_PLAIN_END, BEHAVIOR_PLAIN_END_X };
enum behavior_flavor { BEHAVIOR_PSP = 1, BEHAVIOR_USP = 2, BEHAVIOR_USD = 4 };

struct behavior {
	enum behavior_class class;
	unsigned flavors; /* enum behavior_flavor bits */
	bool next_csid, replace_csid;
};

/* What an IANA code point means; BEHAVIOR_OTHER for all that no list of plain SIDs may hold. */
static inline struct behavior
behavior_of(uint16_t code)
{
	static const struct {
		uint16_t first, count;
		struct behavior base;
	} rows[] = {
		{ 1, 4, { BEHAVIOR_PLAIN_END, 0, false, false } },
		{ 28, 4, { BEHAVIOR_PLAIN_END, BEHAVIOR_USD, false, false } },
		{ 43, 8, { BEHAVIOR_PLAIN_END, 0, true, false } },
		{ 101, 4, { BEHAVIOR_PLAIN_END, 0, false, true } },
		{ 128, 4, { BEHAVIOR_PLAIN_END, BEHAVIOR_USD, false, true } },
		{ 5, 4, { BEHAVIOR_PLAIN_END_X, 0, false, false } },
		{ 32, 4, { BEHAVIOR_PLAIN_END_X, BEHAVIOR_USD, false, false } },
		{ 52, 8, { BEHAVIOR_PLAIN_END_X, 0, true, false } },
		{ 105, 4, { BEHAVIOR_PLAIN_END_X, 0, false, true } },
		{ 132, 4, { BEHAVIOR_PLAIN_END_X, BEHAVIOR_USD, false, true } },
	};

	for (unsigned k = 0; k < sizeof(rows) / sizeof(rows[0]); k++) {
		struct behavior found = rows[k].base;

		if (code < rows[k].first || code - rows[k].first >= rows[k].count)
			continue;
		found.flavors |= (unsigned)(code - rows[k].first);
		return found;
	}
	return (struct behavior){ BEHAVIOR_OTHER, 0, false, false };
}

#endif
