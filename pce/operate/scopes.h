/*
 * Modes of single headends and intents, beside the network's. Of all modes that apply to a change
 * the most restrictive one counts; where two are equally restrictive, the wider scope is named.
 */
#ifndef PCE_OPERATE_SCOPES_H
#define PCE_OPERATE_SCOPES_H

#include <stdbool.h>
#include <stddef.h>

#include "pce/operate/mode.h"

/* A zeroed list is empty. */
struct scopes {
	struct kept_mode {
		char *name; /* what mode.name is */
		struct scoped_mode mode;
	} * items; /* sorted by scope, then name */
	size_t n, cap;
};

/* Frees everything; the list is empty afterwards. */
void scopes_free(struct scopes *scopes);

/* Sets the mode of a headend or an intent; MODE_ACT takes it off the list, since it restricts
 * nothing. *changed: it was another one before. O(n). */
enum pce_status scopes_set(struct scopes *scopes, const struct scoped_mode *mode, bool *changed,
			   struct pce_error *err);

/* What counts for a change so far, and what else applies to it: the more restrictive one. */
struct scoped_mode scopes_stricter(const struct scoped_mode *so_far,
				   const struct scoped_mode *other);

#endif
