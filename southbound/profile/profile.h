/*
 * Device profiles: what is special about a kind of router, as found by trying. A profile of the
 * configuration goes before a built-in one of the same name.
 */
#ifndef SOUTHBOUND_PROFILE_PROFILE_H
#define SOUTHBOUND_PROFILE_PROFILE_H

#include "pce/service/config.h"

/* The built-in profile of that name, NULL if there is none. It lives for ever. */
const struct config_profile *profile_builtin(const char *name);

/* The profile of a device: of the configuration, else built in; a device that names none has
 * "default". PCE_NOT_FOUND names the device and the profile. */
enum pce_status profile_of_device(const struct karst_config *config,
				  const struct config_device *device,
				  const struct config_profile **out, struct pce_error *err);

#endif
