#include "southbound/netconf/payload.h"

#include <string.h>

/* A filter that names more policies than this costs more than reading all of them. */
#define FILTER_MAX 64

static bool
in_range(const struct netconf_device_payload *p, const struct srpolicy *policy)
{
	return policy->color >= p->color_min && policy->color <= p->color_max;
}

static bool
is_ours(const struct netconf_device_payload *p, const struct srpolicy *policy)
{
	return in_range(p, policy) && policy->name != NULL &&
	       strncmp(policy->name, p->name_prefix, strlen(p->name_prefix)) == 0;
}

enum pce_status
netconf_payload_check(const struct netconf_device_payload *p, const struct deploy_change *changes,
		      size_t n, struct pce_error *err)
{
	char endpoint[IP_TEXT];

	for (size_t i = 0; i < n; i++) {
		const struct deploy_change *c = &changes[i];
		bool ours =
		    c->action != DEPLOY_REMOVE ? is_ours(p, c->policy) : in_range(p, c->policy);

		if (!ours || (c->before != NULL && !is_ours(p, c->before) &&
			      !(c->action == DEPLOY_ADOPT && in_range(p, c->before))))
			return pce_fail(err, PCE_DENIED,
					"policy %u to %s is outside Karst's colors %u to %u or "
					"its name does not begin with \"%s\"",
					c->policy->color, ip_print(&c->policy->endpoint, endpoint),
					p->color_min, p->color_max, p->name_prefix);
	}
	return PCE_OK;
}

static enum pce_status
edit(void *ctx, const struct deploy_change *changes, size_t n, bool inverse, struct text *out,
     struct pce_error *err)
{
	const struct netconf_device_payload *p = ctx;

	return codec_device_edit(p->codec, changes, n, inverse, out, err);
}

static enum pce_status
filter(void *ctx, const struct deploy_change *changes, size_t n, struct text *out,
       struct pce_error *err)
{
	const struct netconf_device_payload *p = ctx;

	return codec_device_filter(p->codec, changes, n > FILTER_MAX ? 0 : n, out, err);
}

/* What the router holds under a policy's key, or NULL. O(log n). */
static const struct srpolicy *
find(const struct codec_device *held, const struct srpolicy *key)
{
	size_t low = 0, high = held->n_policies;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = srpolicy_compare(&held->policies[middle], key);

		if (order == 0)
			return &held->policies[middle];
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

static enum pce_status
owned(void *ctx, const struct deploy_change *changes, size_t n, const char *data, size_t len,
      struct pce_error *err)
{
	const struct netconf_device_payload *p = ctx;
	struct codec_device held = { 0 };
	struct arena arena = { 0 };
	char endpoint[IP_TEXT];
	enum pce_status status = codec_device_read(p->codec, data, len, &arena, &held, err);

	for (size_t i = 0; i < n && status == PCE_OK; i++) {
		const struct srpolicy *there = find(&held, changes[i].policy);

		/* What is taken over has to be what the operator saw. */
		if (there != NULL && changes[i].action == DEPLOY_ADOPT &&
		    changes[i].before != NULL && srpolicy_equal(there, changes[i].before))
			continue;
		if (there != NULL && !is_ours(p, there))
			status = pce_fail(err, PCE_EXISTS,
					  "policy %u to %s is there already and called \"%s\", "
					  "so it is not Karst's",
					  there->color, ip_print(&there->endpoint, endpoint),
					  there->name ? there->name : "");
	}
	arena_free(&arena);
	return status;
}

static const struct srpolicy *
wanted(const struct deploy_change *c, bool inverse)
{
	if (inverse)
		return c->before;
	return c->action != DEPLOY_REMOVE ? c->policy : NULL;
}

static enum pce_status
verify(void *ctx, const struct deploy_change *changes, size_t n, bool inverse, const char *data,
       size_t len, struct pce_error *err)
{
	const struct netconf_device_payload *p = ctx;
	struct codec_device held = { 0 };
	struct arena arena = { 0 };
	char endpoint[IP_TEXT];
	enum pce_status status = codec_device_read(p->codec, data, len, &arena, &held, err);

	for (size_t i = 0; i < n && status == PCE_OK; i++) {
		const struct srpolicy *want = wanted(&changes[i], inverse);
		const struct srpolicy *there = find(&held, changes[i].policy);
		const char *how = want == NULL && there != NULL   ? "is still there"
				  : want != NULL && there == NULL ? "is not there"
				  : want != NULL && !srpolicy_equal(want, there)
				      ? "is not what was asked for"
				      : NULL;

		if (how != NULL)
			status = pce_fail(err, PCE_UNSUPPORTED,
					  "it accepted the change, but policy %u to %s %s",
					  changes[i].policy->color,
					  ip_print(&changes[i].policy->endpoint, endpoint), how);
	}
	arena_free(&arena);
	return status;
}

void
netconf_device_payload_init(struct netconf_device_payload *p, const struct codec *codec,
			    const struct karst_config *config)
{
	*p = (struct netconf_device_payload){ { p, edit, filter, owned, verify },
					      codec,
					      config->color_min,
					      config->color_max,
					      config->name_prefix ? config->name_prefix : "" };
}

enum pce_status
netconf_payload_state(const struct netconf_device_payload *p, const char *configuration,
		      const char *state, struct arena *arena, struct device_state *out,
		      struct pce_error *err)
{
	struct codec_device held = { 0 }, live = { 0 };
	struct srpolicy *ours, *foreign;
	size_t n_ours = 0, n_foreign = 0;
	enum pce_status status;

	status =
	    codec_device_read(p->codec, configuration, strlen(configuration), arena, &held, err);
	if (status == PCE_OK)
		status = codec_device_read(p->codec, state, strlen(state), arena, &live, err);
	if (status)
		return status;
	ours = arena_alloc(arena, (held.n_policies + 1) * sizeof *ours);
	foreign = arena_alloc(arena, (held.n_policies + 1) * sizeof *foreign);
	if (ours == NULL || foreign == NULL)
		return pce_no_memory(err);
	for (size_t i = 0; i < held.n_policies; i++) {
		if (is_ours(p, &held.policies[i]))
			ours[n_ours++] = held.policies[i];
		else
			foreign[n_foreign++] = held.policies[i];
	}
	*out = (struct device_state){ .policies = ours,
				      .n_policies = n_ours,
				      .foreign = foreign,
				      .n_foreign = n_foreign,
				      .oper = live.oper,
				      .n_oper = live.n_oper };
	return PCE_OK;
}
