/*
 * gNMI paths (gNMI specification, section 2.2.2) as text, by OpenConfig's convention for path
 * strings: "/interfaces/interface[name=eth0]/state", with an origin "openconfig:" in front if there
 * is one. A backslash takes '/', '[', ']', '=', ':' and itself literally. The target is not part
 * of the text.
 */
#ifndef SOUTHBOUND_GNMI_PATH_H
#define SOUTHBOUND_GNMI_PATH_H

#include "models/proto/gnmi.pb-c.h"
#include "pce/base/arena.h"
#include "pce/base/status.h"
#include "pce/base/text.h"

#define GNMI_PATH_ELEMS 32
#define GNMI_ELEM_KEYS 8
#define GNMI_PATH_TEXT 4096 /* octets of a path at most */

struct gnmi_path_key {
	const char *name, *value;
};

struct gnmi_path_elem {
	const char *name;
	struct gnmi_path_key *keys; /* sorted by name, each once */
	size_t n_keys;
};

struct gnmi_path {
	const char *origin; /* "" without one */
	struct gnmi_path_elem *elems;
	size_t n_elems;
};

/*
 * Reads a path; "" and "/" are the root. Everything lives in arena. PCE_INVALID says at which octet
 * and why; PCE_LIMIT for more than the numbers above.
 */
enum pce_status gnmi_path_parse(const char *text, struct arena *arena, struct gnmi_path *out,
				struct pce_error *err);
/* Appends the path as text that gnmi_path_parse reads back to the same. */
void gnmi_path_print(const struct gnmi_path *path, struct text *out);
/* The path as a message to be packed, with a target (NULL: none); in arena, NULL without memory. */
Gnmi__Path *gnmi_path_message(const struct gnmi_path *path, const char *target,
			      struct arena *arena);
/* The path of a message, its keys sorted, in arena; elements in the deprecated form are taken as
 * names. PCE_LIMIT, PCE_MALFORMED (a key twice), PCE_NO_MEMORY. */
enum pce_status gnmi_path_of(const Gnmi__Path *message, struct arena *arena, struct gnmi_path *out,
			     struct pce_error *err);

#endif
