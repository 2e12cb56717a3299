#include "southbound/profile/library.h"

#include <stdlib.h>
#include <string.h>

#include "pce/base/array.h"

struct profile_library {
	struct profile **profiles;
	size_t n, cap;
};

enum pce_status
profile_library_new(struct profile_library **out, struct pce_error *err)
{
	struct profile_library *library = calloc(1, sizeof *library);

	if (library == NULL)
		return pce_no_memory(err);
	*out = library;
	return PCE_OK;
}

void
profile_library_free(struct profile_library *library)
{
	if (library == NULL)
		return;
	for (size_t i = 0; i < library->n; i++)
		profile_free(library->profiles[i]);
	free(library->profiles);
	free(library);
}

enum pce_status
profile_library_get(struct profile_library *library, const struct config_profile *config,
		    const struct profile **out, struct pce_error *err)
{
	const char *name = config->model ? config->model : "karst";
	const struct profile_table *table = profile_table_builtin(name);
	enum pce_status status;

	if (table == NULL)
		return pce_fail(err, PCE_NOT_FOUND, "profile %s: there is no model %s",
				config->name, name);
	for (size_t i = 0; i < library->n; i++)
		if (profile_table(library->profiles[i]) == table) {
			*out = library->profiles[i];
			return PCE_OK;
		}
	status = array_reserve(&library->profiles, &library->cap, library->n + 1,
			       sizeof *library->profiles, err);
	if (status == PCE_OK)
		status = profile_new(table, &library->profiles[library->n], err);
	if (status == PCE_OK)
		*out = library->profiles[library->n++];
	return status;
}

const char *
profile_headend(const struct config_device *device)
{
	struct ip_addr addr;

	return device->node && ip_parse(device->node, &addr, NULL) == PCE_OK ? device->node : NULL;
}
