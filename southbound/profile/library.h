/* The profiles that a driver uses, each made once. */
#ifndef SOUTHBOUND_PROFILE_LIBRARY_H
#define SOUTHBOUND_PROFILE_LIBRARY_H

#include "pce/service/config.h"
#include "southbound/profile/map.h"

struct profile_library;

/* Makes an empty library. */
enum pce_status profile_library_new(struct profile_library **out, struct pce_error *err);
/* Frees it with its profiles; NULL does nothing. */
void profile_library_free(struct profile_library *library);

/* The map that a profile of the configuration names; it lives as long as the library.
 * PCE_NOT_FOUND names it. */
enum pce_status profile_library_get(struct profile_library *library,
				    const struct config_profile *config, const struct profile **out,
				    struct pce_error *err);

/* The address of a device for models that want it: its node, if that is an address, else NULL. */
const char *profile_headend(const struct config_device *device);

#endif
