#include "southbound/profile/profile.h"

#include <string.h>

/*
 * No built-in profile sends a separate validate: commit validates anyway (RFC 6241,
 * section 8.3.4.1), and a server was found that answers ok to edit, validate and commit and then
 * loses the change.
 */
static const struct config_profile builtins[] = {
	{ .name = "default", .msd = 10, .no_validate = true, .batch = 500 },
	/* netconfd of yuma123: loses the change after edit, validate, commit; answers ok to
	 * cancel-commit and to its own time-out, but rolls nothing back, while running is locked;
	 * each edit-config revalidates everything, so few and large ones; keys are compared as
	 * written, so addresses are always sent as RFC 5952 says. */
	{ .name = "yuma", .msd = 10, .no_validate = true, .no_running_lock = true, .batch = 500 },
	/* OpenDaylight's netconf-testtool: a failed edit leaves its other changes in the candidate;
	 * it answers ok to a confirmed commit without announcing it, and makes it permanent; each
	 * session has a candidate of its own, and running cannot be locked. */
	{ .name = "opendaylight",
	  .msd = 10,
	  .no_validate = true,
	  .discard_on_error = true,
	  .no_confirmed_commit = true,
	  .no_running_lock = true,
	  .batch = 500 },
	/* A router with the structure of the IETF's model. */
	{ .name = "ietf", .msd = 10, .no_validate = true, .batch = 500, .model = "ietf" },
};

const struct config_profile *
profile_builtin(const char *name)
{
	for (size_t i = 0; i < sizeof builtins / sizeof *builtins; i++)
		if (strcmp(builtins[i].name, name) == 0)
			return &builtins[i];
	return NULL;
}

enum pce_status
profile_of_device(const struct karst_config *config, const struct config_device *device,
		  const struct config_profile **out, struct pce_error *err)
{
	const char *name = device->profile ? device->profile : "default";
	const struct config_profile *found = NULL;

	for (size_t i = 0; i < config->n_profiles && found == NULL; i++)
		if (strcmp(config->profiles[i].name, name) == 0)
			found = &config->profiles[i];
	if (found == NULL)
		found = profile_builtin(name);
	if (found == NULL)
		return pce_fail(err, PCE_NOT_FOUND, "device %s: there is no profile %s",
				device->name, name);
	*out = found;
	return PCE_OK;
}
