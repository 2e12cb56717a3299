/*
 * Fuzz target: whatever a NETCONF peer may send. The first octet chooses the size of the pieces in
 * which the rest arrives; three RPCs are asked once the hello is taken.
 */
#include <stdlib.h>
#include <string.h>

#include "southbound/netconf/session.h"
#include "southbound/netconf/xml.h"
#include "tests/fuzz/fuzz.h"

static void
drain(struct netconf_session *s)
{
	struct netconf_event e;
	uint64_t rpc, fingerprint;

	while (netconf_next(s, &e)) {
		netconf_reply_status(&e, "fuzz", NULL);
		if (e.body != NULL)
			xml_fingerprint(e.body, e.body_len, &fingerprint, NULL);
		if (e.kind == NETCONF_OPEN)
			for (int i = 0; i < 3; i++)
				netconf_rpc(s, "get", "<get/>", 6, 0, (struct usec){ 0 }, &rpc,
					    NULL);
		netconf_event_free(&e);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct netconf_limits limits = { .message_max = 1 << 16, .output_max = 1 << 16 };
	struct netconf_session *s = NULL;
	size_t piece = size ? data[0] : 0;

	if (size == 0 || netconf_session_new(&limits, (struct usec){ 0 }, &s, NULL))
		return 0;
	for (size_t at = 1; at < size;) {
		size_t n = piece && piece < size - at ? piece : size - at;
		uint8_t *exact = malloc(n);

		if (exact == NULL)
			break;
		memcpy(exact, data + at, n);
		netconf_input(s, exact, n, (struct usec){ 0 }, NULL);
		free(exact);
		at += n;
		drain(s);
	}
	netconf_session_free(s);
	return 0;
}
