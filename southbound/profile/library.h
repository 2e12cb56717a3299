/* The profiles that a driver uses, each made once; and their check at the start. */
#ifndef SOUTHBOUND_PROFILE_LIBRARY_H
#define SOUTHBOUND_PROFILE_LIBRARY_H

#include "models/codec/codec.h"
#include "pce/service/config.h"
#include "southbound/profile/map.h"

struct profile_library;

/* Makes an empty library. yang_path: where karst-profile lies, as for codec_new; borrowed. */
enum pce_status profile_library_new(const char *yang_path, struct profile_library **out,
				    struct pce_error *err);
/* Frees it with its profiles; NULL does nothing. */
void profile_library_free(struct profile_library *library);

/* The map that a profile of the configuration names; a file is read once. It lives as long as the
 * library. PCE_NOT_FOUND for a model that is not built in; faults of a file name FILE:LINE. */
enum pce_status profile_library_get(struct profile_library *library,
				    const struct config_profile *config, const struct profile **out,
				    struct pce_error *err);

/*
 * Checks a profile as a start does: it is read, made, and compared with the router's own YANG
 * modules in `folders` (colons between them; NULL: not at all). notice gets a sentence if the
 * modules are not there, so that nothing was compared. PCE_INVALID names the line and the path.
 */
enum pce_status profile_examine(const struct codec *codec, const struct config_profile *config,
				const char *folders, struct text *notice, struct pce_error *err);

/* The address of a device for models that want it: its node, if that is an address, else NULL. */
const char *profile_headend(const struct config_device *device);

#endif
