/* How a policy and an intent stand, as one ladder over everything that is known of them. */
#ifndef PCE_DEPLOY_STATE_H
#define PCE_DEPLOY_STATE_H

#include "pce/deploy/device.h"
#include "pce/policy/policy.h"

/* What is known of a policy. Strings are borrowed. */
struct policy_facts {
	bool removing;
	bool has_path; /* its record has a candidate path */
	const char *failed; /* why it has no path that works; NULL: it has one */
	const char *degraded; /* why the path is less than was asked; NULL */
	const char *waits; /* why what should be done is not done; NULL */
	bool stale, overbooked;
	const char *headend; /* name */
	const char *device; /* name; NULL: none is configured for the headend */
	bool connected;
	const char *device_text;
	bool has_item; /* the router was told, or is to be told */
	struct deploy_item_view item;
};

/* What a policy lacks by itself, each worse than the ones before. */
enum policy_trouble {
	TROUBLE_NONE, /* nothing, or its router or its feed is away */
	TROUBLE_LESS, /* its path is less than was asked for, or overbooked */
	TROUBLE_DOWN, /* its router reports it down */
	TROUBLE_REFUSED, /* its router does not take it */
	TROUBLE_NO_PATH
};

struct policy_standing {
	enum policy_state state;
	bool degraded; /* serves, but not as promised */
	enum policy_trouble trouble;
	char reason[512]; /* "" without one */
};
/* The ladder for one policy. */
void policy_stand(const struct policy_facts *facts, struct policy_standing *out);

/*
 * The ladder for an intent over its policies: failed if one failed, then deploying, admitted,
 * degraded, active. *which (may be NULL) is the policy whose reason counts, n if none.
 */
enum intent_state intent_stand(const struct policy_standing *policies, size_t n, size_t *which);

#endif
