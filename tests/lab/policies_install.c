/* From policies to routes: what the kernel of a headend shall have, against what it has. */
#include "tests/lab/policies_internal.h"

#include <linux/seg6_local.h>
#include <stdio.h>

#include "pce/base/array.h"
#include "pce/base/hash.h"

#define WHOLE_MAX (POLICY_SIDS + 1) /* the service SID too */

/* One wanted route: hops, and the segments that they point into. */
struct wanted {
	struct ip_prefix prefix;
	bool binding;
	struct netlink_hop hops[POLICY_LISTS];
	size_t n;
	uint8_t segments[POLICY_LISTS][WHOLE_MAX][16];
};

/* The lists that carry traffic: the valid ones of the active path, or all of the best one. */
static size_t
lists_in_force(const struct policy *policy, const struct policy_list *out[POLICY_LISTS])
{
	const struct policy_path *path = policy_active(policy);
	bool any = path == NULL;
	size_t n = 0;

	if (any && policy->n_paths > 0)
		path = &policy->paths[0];
	for (size_t l = 0; path != NULL && l < path->n; l++)
		if (any || path->lists[l].valid)
			out[n++] = &path->lists[l];
	return n;
}

/* Nothing is sent to this neighbour: the packet is encapsulated first and then routed anew. */
static struct ip_addr
nowhere(void)
{
	static const uint8_t octets[16] = { 0xfe, 0x80, [15] = 0x99 };

	return ip_v6(octets);
}

static void
make_hops(const struct policy *policy, const uint8_t *service, struct wanted *w)
{
	const struct policy_list *lists[POLICY_LISTS];

	w->n = lists_in_force(policy, lists);
	for (size_t i = 0; i < w->n; i++) {
		size_t n = lists[i]->n;

		memcpy(w->segments[i], lists[i]->sids, n * 16);
		if (service != NULL)
			memcpy(w->segments[i][n++], service, 16);
		w->hops[i] = (struct netlink_hop){ .interface = SITE_INTERFACE_SIDS,
						   .weight = lists[i]->weight,
						   .segments = (const uint8_t(*)[16])w->segments[i],
						   .n_segments = n };
		if (w->n > 1 && w->prefix.addr.family == IP_V6)
			w->hops[i].gateway = nowhere();
	}
}

static uint64_t
content_of(const struct wanted *w)
{
	uint64_t h = hash_bytes(&w->n, sizeof w->n, 7);

	for (size_t i = 0; i < w->n; i++) {
		h = hash_bytes(&w->hops[i].weight, sizeof w->hops[i].weight, h);
		h = hash_bytes(w->segments[i], w->hops[i].n_segments * 16, h);
	}
	return h;
}

static void
hand_to_kernel(struct netlink *nl, const struct wanted *w)
{
	struct netlink_sid sid = { .action = SEG6_LOCAL_ACTION_END_B6_ENCAP,
				   .interface = SITE_INTERFACE_SIDS };

	if (!w->binding) {
		netlink_set_route(nl, &w->prefix, SITE_TABLE_POLICIES, w->hops, w->n);
		return;
	}
	sid.segments = w->hops[0].segments;
	sid.n_segments = w->hops[0].n_segments;
	netlink_set_sid(nl, &w->prefix, &sid);
}

static enum pce_status
want(struct policies *p, uint32_t router, const struct wanted *w, struct pce_error *err)
{
	struct policy_headend *h = &p->headends[router];
	uint64_t content = content_of(w);
	struct policy_route *route = NULL;
	enum pce_status status;

	for (size_t i = 0; i < h->n_routes && route == NULL; i++)
		if (h->routes[i].binding == w->binding &&
		    h->routes[i].prefix.len == w->prefix.len &&
		    ip_compare(&h->routes[i].prefix.addr, &w->prefix.addr) == 0)
			route = &h->routes[i];
	if (route != NULL && route->wanted)
		return PCE_OK; /* two policies want it: the first one has it */
	if (route != NULL && route->content == content) {
		route->wanted = true;
		return PCE_OK;
	}
	if (route == NULL) {
		status =
		    array_reserve(&h->routes, &h->routes_cap, h->n_routes + 1, sizeof *route, err);
		if (status)
			return status;
		route = &h->routes[h->n_routes++];
	}
	*route = (struct policy_route){ w->prefix, w->binding, content, true };
	hand_to_kernel(p->setup.sites[router].policy_nl, w);
	return PCE_OK;
}

/* The service SID of the endpoint's router, or NULL. */
static const uint8_t *
service_of(const struct policies *p, const struct policy *policy, enum ip_family family)
{
	uint32_t end = lab_router_of(p->setup.network, policy->endpoint.octets);

	if (end == LAB_NONE)
		return NULL;
	return family == IP_V4 ? p->setup.network->routers[end].service4
			       : p->setup.network->routers[end].service6;
}

struct policy_steering
policy_steering_by_color(const struct policies *p, const struct policy *policy)
{
	uint32_t end = lab_router_of(p->setup.network, policy->endpoint.octets);
	struct policy_steering s = { 0 };

	if (end == LAB_NONE)
		return s;
	s.prefix = p->setup.network->routers[end].customers6;
	s.prefix.len = 96;
	for (unsigned i = 0; i < 4; i++)
		s.prefix.addr.octets[8 + i] = (uint8_t)(policy->color >> (24 - 8 * i));
	return s;
}

static enum pce_status
want_steering(struct policies *p, uint32_t router, const struct policy *policy,
	      const struct policy_steering *s, struct pce_error *err)
{
	struct wanted w = { .prefix = s->prefix };

	make_hops(policy,
		  s->has_service ? s->service : service_of(p, policy, s->prefix.addr.family), &w);
	return w.n > 0 ? want(p, router, &w, err) : PCE_OK;
}

/* The packet that comes by the binding SID is encapsulated once more (RFC 8986, section 4.13), so
 * something has to take that off at the end of the list. */
static enum pce_status
want_binding(struct policies *p, uint32_t router, const struct policy *policy,
	     struct pce_error *err)
{
	uint32_t end = lab_router_of(p->setup.network, policy->endpoint.octets);
	struct wanted w = { .prefix = { policy->binding, 128 }, .binding = true };

	if (policy->binding.family != IP_V6 || end == LAB_NONE)
		return PCE_OK;
	make_hops(policy, p->setup.network->routers[end].transit, &w);
	return w.n > 0 ? want(p, router, &w, err) : PCE_OK;
}

static enum pce_status
want_policy(struct policies *p, uint32_t router, const struct policy *policy, struct pce_error *err)
{
	struct policy_steering by_color = policy_steering_by_color(p, policy);
	enum pce_status status = PCE_OK;

	for (size_t i = 0; i < policy->n_steering && !status; i++)
		status = want_steering(p, router, policy, &policy->steering[i], err);
	if (!status && policy->n_steering == 0 && by_color.prefix.len > 0)
		status = want_steering(p, router, policy, &by_color, err);
	return status ? status : want_binding(p, router, policy, err);
}

enum pce_status
policy_install(struct policies *p, uint32_t router, struct pce_error *err)
{
	struct policy_headend *h = &p->headends[router];
	struct netlink *nl = p->setup.sites[router].policy_nl;
	enum pce_status status = PCE_OK, flushed;
	size_t kept = 0;

	for (size_t i = 0; i < h->n_routes; i++)
		h->routes[i].wanted = false;
	for (size_t i = 0; i < h->n && !status; i++)
		status = want_policy(p, router, &h->policies[i], err);
	for (size_t i = 0; i < h->n_routes; i++) {
		const struct policy_route *route = &h->routes[i];

		if (route->wanted || status)
			h->routes[kept++] = *route;
		else
			netlink_delete_route(nl, &route->prefix,
					     route->binding ? 0 : SITE_TABLE_POLICIES);
	}
	h->n_routes = kept;
	flushed = netlink_flush(nl, status ? NULL : err);
	return status ? status : flushed;
}
