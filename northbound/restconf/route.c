/* Resources and what may be done with them. */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "northbound/restconf/internal.h"

#define DATA "/restconf/data/"
#define EDIT (HTTP_GET | HTTP_HEAD | HTTP_PUT | HTTP_DELETE)

static const struct resource resources[] = {
	{ "/healthz", GET_ONLY, AUTH_READ, AUTH_READ, true, api_root_healthz },
	{ "/.well-known/host-meta", GET_ONLY, AUTH_READ, AUTH_READ, true, api_root_host_meta },
	{ "", GET_ONLY, AUTH_READ, AUTH_READ, true, api_page },
	{ "/app.js", GET_ONLY, AUTH_READ, AUTH_READ, true, api_page },
	{ "/api.js", GET_ONLY, AUTH_READ, AUTH_READ, true, api_page },
	{ "/table.js", GET_ONLY, AUTH_READ, AUTH_READ, true, api_page },
	{ "/map.js", GET_ONLY, AUTH_READ, AUTH_READ, true, api_page },
	{ "/detail.js", GET_ONLY, AUTH_READ, AUTH_READ, true, api_page },
	{ "/icon.svg", GET_ONLY, AUTH_READ, AUTH_READ, true, api_page },
	{ "/app.css", GET_ONLY, AUTH_READ, AUTH_READ, true, api_page },
	{ "/openapi.json", GET_ONLY, AUTH_READ, AUTH_READ, true, api_openapi },
	{ "/metrics", GET_ONLY, AUTH_READ, AUTH_READ, false, api_metrics_all },
	{ "/backup", HTTP_GET, AUTH_ADMIN, AUTH_ADMIN, false, api_backup },
	{ "/restconf", GET_ONLY, AUTH_READ, AUTH_READ, false, api_root_restconf },
	{ "/restconf/data", GET_ONLY, AUTH_READ, AUTH_READ, false, api_data },
	{ "/restconf/operations", GET_ONLY, AUTH_READ, AUTH_READ, false, api_root_operations },
	{ "/restconf/yang-library-version", GET_ONLY, AUTH_READ, AUTH_READ, false,
	  api_root_library_version },
	{ DATA "ietf-restconf-monitoring:restconf-state/streams", GET_ONLY, AUTH_READ, AUTH_READ,
	  false, api_root_streams },
	{ "/restconf/streams/karst", HTTP_GET, AUTH_READ, AUTH_READ, false, api_stream_events },
	{ DATA "karst-intent:intents", GET_ONLY, AUTH_READ, AUTH_READ, false, api_intents_all },
	{ DATA "karst-intent:intents/intent=*", EDIT, AUTH_READ, AUTH_INTENT, false,
	  api_intents_one },
	{ "/restconf/operations/karst-intent:apply-intents", HTTP_POST, AUTH_INTENT, AUTH_INTENT,
	  false, api_apply_intents },
	{ DATA "karst-policy:policies", GET_ONLY, AUTH_READ, AUTH_READ, false, api_policies_all },
	{ DATA "karst-policy:policies/policy=*", GET_ONLY, AUTH_READ, AUTH_READ, false,
	  api_policies_one },
	{ DATA "karst-policy:histories/history=*", GET_ONLY, AUTH_READ, AUTH_READ, false,
	  api_policies_history },
	{ DATA "karst-topology:topology", GET_ONLY, AUTH_READ, AUTH_READ, false, api_topology_all },
	{ DATA "karst-topology:topology/node=*", GET_ONLY, AUTH_READ, AUTH_READ, false,
	  api_topology_node },
	{ DATA "karst-topology:topology/link=*", GET_ONLY, AUTH_READ, AUTH_READ, false,
	  api_topology_link },
	{ DATA "karst-telemetry:telemetry", GET_ONLY, AUTH_READ, AUTH_READ, false, api_telemetry },
	{ "/restconf/operations/karst-telemetry:link-history", HTTP_POST, AUTH_READ, AUTH_READ,
	  false, api_link_history },
	{ "/restconf/operations/karst-telemetry:policy-hops", HTTP_POST, AUTH_READ, AUTH_READ,
	  false, api_policy_hops },
	{ DATA "karst-operations:operations/token", GET_ONLY, AUTH_ADMIN, AUTH_ADMIN, false,
	  api_tokens },
	{ "/restconf/operations/karst-operations:create-token", HTTP_POST, AUTH_ADMIN, AUTH_ADMIN,
	  false, api_create_token },
	{ "/restconf/operations/karst-operations:revoke-token", HTTP_POST, AUTH_ADMIN, AUTH_ADMIN,
	  false, api_revoke_token },
	{ DATA "karst-operations:operations/audit", GET_ONLY, AUTH_ADMIN, AUTH_ADMIN, false,
	  api_audit },
	{ DATA "karst-operations:operations/change", GET_ONLY, AUTH_READ, AUTH_READ, false,
	  api_changes },
	{ DATA "karst-operations:operations/change=*", GET_ONLY, AUTH_READ, AUTH_READ, false,
	  api_changes },
	{ "/restconf/operations/karst-operations:approve", HTTP_POST, AUTH_OPERATE, AUTH_OPERATE,
	  false, api_approve },
	{ "/restconf/operations/karst-operations:reject", HTTP_POST, AUTH_OPERATE, AUTH_OPERATE,
	  false, api_reject },
	{ DATA "karst-operations:operations", GET_ONLY, AUTH_READ, AUTH_READ, false,
	  api_operations_all },
	{ "/restconf/operations/karst-operations:set-mode", HTTP_POST, AUTH_ADMIN, AUTH_ADMIN,
	  false, api_set_mode },
	{ "/restconf/operations/karst-operations:resume", HTTP_POST, AUTH_OPERATE, AUTH_OPERATE,
	  false, api_resume },
	{ "/restconf/operations/karst-operations:adopt", HTTP_POST, AUTH_OPERATE, AUTH_OPERATE,
	  false, api_adopt },
	{ "/restconf/operations/karst-operations:reoptimise", HTTP_POST, AUTH_OPERATE, AUTH_OPERATE,
	  false, api_reoptimise },
	{ "/restconf/operations/karst-operations:drain", HTTP_POST, AUTH_OPERATE, AUTH_OPERATE,
	  false, api_drain },
	{ "/restconf/operations/karst-operations:acknowledge", HTTP_POST, AUTH_OPERATE,
	  AUTH_OPERATE, false, api_acknowledge },
	{ "/restconf/operations/karst-operations:undrain", HTTP_POST, AUTH_OPERATE, AUTH_OPERATE,
	  false, api_undrain },
	{ "/restconf/operations/karst-path:compute-path", HTTP_POST, AUTH_READ, AUTH_READ, false,
	  api_compute_path },
};

/* True if a segment of a target is what one of a resource's path (len octets) asks for. */
static bool
segment_matches(const struct http_segment *segment, const char *pattern, size_t len,
		const char **key)
{
	bool list = len > 2 && !memcmp(pattern + len - 2, "=*", 2);

	if (list)
		len -= 2;
	if (segment->n_keys != (list ? 1 : 0) || strlen(segment->name) != len ||
	    memcmp(segment->name, pattern, len))
		return false;
	if (list)
		*key = segment->keys[0];
	return true;
}

static bool
matches(const struct http_target *target, const char *path, const char **key)
{
	size_t i = 0;

	*key = NULL;
	while (*path) {
		size_t len = strcspn(path + 1, "/");

		if (i == target->n_segments ||
		    !segment_matches(&target->segments[i++], path + 1, len, key))
			return false;
		path += len + 1;
	}
	return i == target->n_segments;
}

const struct resource *
route_find(const struct http_target *target, const char **key)
{
	for (size_t i = 0; i < sizeof(resources) / sizeof(resources[0]); i++)
		if (matches(target, resources[i].path, key))
			return &resources[i];
	return NULL;
}

const struct resource *
route_at(size_t index)
{
	return index < sizeof(resources) / sizeof(resources[0]) ? &resources[index] : NULL;
}

void
route_allow(const struct resource *resource, char *out, size_t cap)
{
	static const struct {
		enum http_method method;
		const char *name;
	} names[] = {
		{ HTTP_GET, "GET, " }, { HTTP_HEAD, "HEAD, " },   { HTTP_POST, "POST, " },
		{ HTTP_PUT, "PUT, " }, { HTTP_PATCH, "PATCH, " }, { HTTP_DELETE, "DELETE, " },
	};
	size_t n = 0;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (resource->methods & names[i].method && n < cap)
			n += (size_t)snprintf(out + n, cap - n, "%s", names[i].name);
	if (n < cap)
		snprintf(out + n, cap - n, "OPTIONS");
}
