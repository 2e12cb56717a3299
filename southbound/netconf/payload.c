#include "southbound/netconf/payload.h"

#include <string.h>

#include "southbound/netconf/data.h"

/* A filter that names more policies than this costs more than reading all of them. */
#define FILTER_MAX 64

static enum pce_status
edit(void *ctx, const struct deploy_change *changes, size_t n, bool inverse, struct text *out,
     struct pce_error *err)
{
	const struct netconf_device_payload *p = ctx;

	return profile_edit(p->profile, &p->scope, changes, n, inverse, out, err);
}

static enum pce_status
filter(void *ctx, const struct deploy_change *changes, size_t n, struct text *out,
       struct pce_error *err)
{
	const struct netconf_device_payload *p = ctx;

	return profile_filter(p->profile, &p->scope, changes, n > FILTER_MAX ? 0 : n, out, err);
}

/* What the router holds by its configuration and, unless NULL, its state. */
static enum pce_status
understand(const struct netconf_device_payload *p, const char *configuration, size_t len,
	   const char *state, struct arena *arena, struct profile_held *out, struct pce_error *err)
{
	const struct profile_table *table = profile_table(p->profile);
	struct data_tree held = { 0 }, live = { 0 };
	enum pce_status status = netconf_data_read(&held, table, configuration, len, err);

	if (status == PCE_OK && state != NULL)
		status = netconf_data_read(&live, table, state, strlen(state), err);
	if (status == PCE_OK)
		status = profile_read(p->profile, &p->scope, &held, state ? &live : NULL, arena,
				      out, err);
	data_free(&held);
	data_free(&live);
	return status;
}

static enum pce_status
owned(void *ctx, const struct deploy_change *changes, size_t n, const char *data, size_t len,
      struct pce_error *err)
{
	const struct netconf_device_payload *p = ctx;
	struct profile_held held = { 0 };
	struct arena arena = { 0 };
	enum pce_status status = understand(p, data, len, NULL, &arena, &held, err);

	if (status == PCE_OK)
		status = profile_owned(&p->owner, changes, n, &held, err);
	arena_free(&arena);
	return status;
}

static enum pce_status
verify(void *ctx, const struct deploy_change *changes, size_t n, bool inverse, const char *data,
       size_t len, struct pce_error *err)
{
	const struct netconf_device_payload *p = ctx;
	struct profile_held held = { 0 };
	struct arena arena = { 0 };
	enum pce_status status = understand(p, data, len, NULL, &arena, &held, err);

	if (status == PCE_OK)
		status = profile_verify(changes, n, inverse, &held, err);
	arena_free(&arena);
	return status;
}

void
netconf_device_payload_init(struct netconf_device_payload *p, const struct profile *profile,
			    const struct karst_config *config, const char *headend)
{
	const char *prefix = config->name_prefix ? config->name_prefix : "";

	*p = (struct netconf_device_payload){
		{ p, edit, filter, owned, verify },
		profile,
		{ config->color_min, config->color_max, prefix },
		{ prefix, headend },
	};
}

enum pce_status
netconf_payload_state(const struct netconf_device_payload *p, const char *configuration,
		      const char *state, struct arena *arena, struct device_state *out,
		      struct pce_error *err)
{
	struct profile_held held = { 0 };
	enum pce_status status =
	    understand(p, configuration, strlen(configuration), state, arena, &held, err);

	return status == PCE_OK ? profile_sort(&p->owner, &held, arena, out, err) : status;
}
