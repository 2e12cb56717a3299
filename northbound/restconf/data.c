/*
 * /restconf/data: the datastore as one resource (RFC 8040 section 3.3.1). What only administrators
 * may read (tokens, the audit) is no part of it; it has resources of its own.
 */
#include "config.h"

#include <string.h>

#include "northbound/restconf/internal.h"

/* Appends the members of an object, without its braces. */
static void
add_members(struct text *out, const struct text *object, bool *first)
{
	const char *from = object->len ? strchr(text_get(object), '{') : NULL;
	const char *to = from ? strrchr(from, '}') : NULL;

	if (!to)
		return;
	from++;
	from += strspn(from, " \n\t");
	if (from >= to)
		return;
	text_add(out, *first ? "" : ",");
	text_bytes(out, from, (size_t)(to - from));
	*first = false;
}

void
reply_data(struct call *call, const struct text *topology)
{
	static enum pce_status (*const printers[])(const struct north *, struct text *,
						   struct pce_error *) = {
		intents_print, policies_print, operations_print, telemetry_print
	};
	struct pce_error err = { 0 };
	struct text body = { 0 }, part = { 0 };
	bool first = true;

	text_add(&body, "{\"ietf-restconf:data\":{");
	add_members(&body, topology, &first);
	for (size_t i = 0; !err.status && i < sizeof(printers) / sizeof(printers[0]); i++) {
		text_clear(&part);
		if (printers[i](call->north, &part, &err) == PCE_OK)
			add_members(&body, &part, &first);
	}
	text_add(&body, "}}");
	text_free(&part);
	reply_printed(call, &body, &err);
}
