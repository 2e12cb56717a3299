/*
 * Fuzz target: whatever a BGP peer may send. The first octet chooses the size of the pieces in
 * which the rest arrives, and its low bit whether a session is established before.
 */
#include <stdlib.h>
#include <string.h>

#include "southbound/bgp/session.h"
#include "tests/fuzz/fuzz.h"

static const struct usec now = { 1000000 };

/* AS 65001, hold time 90, router id 10.0.0.2, AFI 16388/SAFI 71, extended messages; a keepalive. */
static const uint8_t hello[] = {
	255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
	255, 0,   39,  1,   4,   253, 233, 0,   90,  10,  0,   0,   2,   10,  2,
	8,   1,   4,   64,  4,   0,   71,  6,   0,   255, 255, 255, 255, 255, 255,
	255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 0,   19,  4,
};

static void
drain(struct bgp_session *s)
{
	struct bgp_event event;

	while (bgp_next(s, now, &event))
		if (event.kind == BGP_EVENT_DOWN && event.text[0] == '\0')
			abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct bgp_session_config config = { .local_asn = 65000,
						   .router_id = 1,
						   .hold_time_s = 90 };
	struct bgp_session *s = NULL;
	uint8_t out[512];
	size_t piece = size ? data[0] >> 1 : 0;

	if (size == 0 || bgp_session_new(&config, now, &s, NULL))
		return 0;
	if (data[0] & 1) {
		bgp_input(s, hello, sizeof(hello), now, NULL);
		drain(s);
		if (bgp_session_state(s) != BGP_ESTABLISHED)
			abort();
	}
	for (size_t at = 1; at < size;) {
		size_t n = piece && piece < size - at ? piece : size - at;
		uint8_t *exact;

		if (n > BGP_INPUT_MAX)
			n = BGP_INPUT_MAX;
		exact = malloc(n);
		if (!exact)
			break;
		memcpy(exact, data + at, n);
		if (bgp_input(s, exact, n, now, NULL))
			abort();
		free(exact);
		at += n;
		drain(s);
		while (bgp_output(s, out, sizeof(out)) > 0)
			;
	}
	bgp_session_free(s);
	return 0;
}
