#define _GNU_SOURCE
#include "tests/lab/policies_internal.h"

#include <libyang/libyang.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "tests/lab/log.h"
#include "tests/lab/names.h"

/* --- what a router's configuration says --- */

static const char *
name_of(const struct lyd_node *node)
{
	return node->schema != NULL ? node->schema->name : "";
}

static const char *
leaf(const struct lyd_node *parent, const char *name)
{
	const struct lyd_node *child;

	LY_LIST_FOR(lyd_child(parent), child)
	{
		if (strcmp(name_of(child), name) == 0)
			return lyd_get_value(child);
	}
	return NULL;
}

static uint32_t
number(const struct lyd_node *parent, const char *name, uint32_t otherwise)
{
	const char *value = leaf(parent, name);

	return value != NULL ? (uint32_t)strtoul(value, NULL, 10) : otherwise;
}

static size_t
count_children(const struct lyd_node *parent, const char *name)
{
	const struct lyd_node *child;
	size_t n = 0;

	LY_LIST_FOR(lyd_child(parent), child)
	{
		n += strcmp(name_of(child), name) == 0;
	}
	return n;
}

/* Segments by their index. */
static enum pce_status
read_list(const struct lyd_node *node, struct policy_list *list, struct pce_error *err)
{
	uint32_t indexes[POLICY_SIDS];
	const struct lyd_node *child;

	list->id = number(node, "id", 0);
	list->weight = number(node, "weight", 1);
	list->valid = true;
	LY_LIST_FOR(lyd_child(node), child)
	{
		struct ip_addr sid = { 0 };
		uint32_t index = number(child, "index", 0);
		const char *text = leaf(child, "sid");
		size_t at = list->n;

		if (strcmp(name_of(child), "segment") != 0)
			continue;
		if (list->n == POLICY_SIDS)
			return pce_fail(err, PCE_LIMIT,
					"a segment list of more than %d SIDs cannot be installed",
					POLICY_SIDS);
		if (text == NULL || ip_parse(text, &sid, err) || sid.family != IP_V6)
			return pce_fail(err, PCE_INVALID, "a segment without an IPv6 SID");
		while (at > 0 && indexes[at - 1] > index) {
			indexes[at] = indexes[at - 1];
			memcpy(list->sids[at], list->sids[at - 1], 16);
			at--;
		}
		indexes[at] = index;
		memcpy(list->sids[at], sid.octets, 16);
		list->n++;
	}
	return PCE_OK;
}

static enum pce_status
read_path(const struct lyd_node *node, struct policy_path *path, struct pce_error *err)
{
	const struct lyd_node *child;
	enum pce_status status = PCE_OK;

	path->preference = number(node, "preference", 0);
	LY_LIST_FOR(lyd_child(node), child)
	{
		if (strcmp(name_of(child), "segment-list") != 0)
			continue;
		if (path->n == POLICY_LISTS)
			return pce_fail(
			    err, PCE_LIMIT,
			    "a candidate path of more than %d lists cannot be installed",
			    POLICY_LISTS);
		status = read_list(child, &path->lists[path->n], err);
		if (status)
			return status;
		if (path->lists[path->n].n > 0)
			path->n++;
	}
	return PCE_OK;
}

static enum pce_status
read_steering(const struct lyd_node *container, struct policy *policy, struct pce_error *err)
{
	const struct lyd_node *child;

	policy->steering =
	    calloc(count_children(container, "prefix") + 1, sizeof *policy->steering);
	if (policy->steering == NULL)
		return pce_no_memory(err);
	LY_LIST_FOR(lyd_child(container), child)
	{
		struct policy_steering *s = &policy->steering[policy->n_steering];
		const char *prefix = leaf(child, "prefix"), *service = leaf(child, "service-sid");
		struct ip_addr sid;

		if (strcmp(name_of(child), "prefix") != 0 || prefix == NULL ||
		    ip_parse_prefix(prefix, &s->prefix, err))
			continue;
		if (service != NULL && ip_parse(service, &sid, err) == PCE_OK) {
			memcpy(s->service, sid.octets, 16);
			s->has_service = true;
		}
		policy->n_steering++;
	}
	return PCE_OK;
}

/* Puts a path behind those of a higher preference. */
static void
order_path(struct policy *policy)
{
	size_t at = policy->n_paths;
	struct policy_path path = policy->paths[at];

	while (at > 0 && policy->paths[at - 1].preference < path.preference) {
		policy->paths[at] = policy->paths[at - 1];
		at--;
	}
	policy->paths[at] = path;
	policy->n_paths++;
}

static enum pce_status
read_policy(const struct lyd_node *node, struct policy *policy, struct pce_error *err)
{
	const char *endpoint = leaf(node, "endpoint"), *name = leaf(node, "name");
	const char *binding = leaf(node, "binding-sid");
	const struct lyd_node *child;
	enum pce_status status = PCE_OK;

	policy->color = number(node, "color", 0);
	snprintf(policy->name, sizeof policy->name, "%s", name != NULL ? name : "");
	if (endpoint == NULL || ip_parse(endpoint, &policy->endpoint, err))
		return pce_fail(err, PCE_INVALID, "a policy without an endpoint");
	if (binding != NULL)
		status = ip_parse(binding, &policy->binding, err);
	policy->paths = calloc(count_children(node, "candidate-path") + 1, sizeof *policy->paths);
	if (policy->paths == NULL)
		return pce_no_memory(err);
	LY_LIST_FOR(lyd_child(node), child)
	{
		if (strcmp(name_of(child), "steering") == 0 && !status)
			status = read_steering(child, policy, err);
		if (strcmp(name_of(child), "candidate-path") != 0 || status)
			continue;
		status = read_path(child, &policy->paths[policy->n_paths], err);
		if (!status)
			order_path(policy);
	}
	return status;
}

static void
free_policies(struct policy *policies, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		for (size_t k = 0; k < policies[i].n_paths; k++)
			for (size_t l = 0; l < policies[i].paths[k].n; l++)
				free(policies[i].paths[k].lists[l].packet);
		free(policies[i].paths);
		free(policies[i].steering);
	}
	free(policies);
}

static enum pce_status
read_all(const struct lyd_node *running, struct policy **out, size_t *n_out, struct pce_error *err)
{
	const struct lyd_node *top, *child;
	struct policy *policies;
	size_t n = 0;
	enum pce_status status = PCE_OK;

	LY_LIST_FOR(running, top)
	{
		n += count_children(top, "policy");
	}
	policies = calloc(n + 1, sizeof *policies);
	if (policies == NULL)
		return pce_no_memory(err);
	n = 0;
	LY_LIST_FOR(running, top)
	{
		LY_LIST_FOR(lyd_child(top), child)
		{
			if (strcmp(name_of(child), "policy") == 0 && !status)
				status = read_policy(child, &policies[n++], err);
		}
	}
	if (status) {
		free_policies(policies, n);
		return status;
	}
	*out = policies;
	*n_out = n;
	return PCE_OK;
}

/* --- from the old policies to the new ones --- */

static struct policy *
find_policy(struct policy_headend *h, uint32_t color, const struct ip_addr *endpoint)
{
	for (size_t i = 0; i < h->n; i++)
		if (h->policies[i].color == color &&
		    ip_compare(&h->policies[i].endpoint, endpoint) == 0)
			return &h->policies[i];
	return NULL;
}

/* The list that was there with the same SIDs. */
static struct policy_list *
same_list(struct policy *policy, const struct policy_list *list)
{
	for (size_t k = 0; policy != NULL && k < policy->n_paths; k++)
		for (size_t l = 0; l < policy->paths[k].n; l++) {
			struct policy_list *old = &policy->paths[k].lists[l];

			if (old->n == list->n && memcmp(old->sids, list->sids, list->n * 16) == 0)
				return old;
		}
	return NULL;
}

/* What is known of a list outlives a change of what is around it. */
static void
take_over(struct policies *p, uint32_t router, struct policy *old, struct policy *policy)
{
	for (size_t k = 0; k < policy->n_paths; k++)
		for (size_t l = 0; l < policy->paths[k].n; l++) {
			struct policy_list *list = &policy->paths[k].lists[l];
			const struct policy_list *known = same_list(old, list);

			list->token = ++p->next_token;
			if (known != NULL) {
				list->valid = known->valid;
				list->misses = known->misses;
				list->returns = known->returns;
			}
			policy_make_probe(p, router, list);
			p->n_lists++;
		}
}

static size_t
count_lists(const struct policy *policies, size_t n)
{
	size_t count = 0;

	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < policies[i].n_paths; k++)
			count += policies[i].paths[k].n;
	return count;
}

/* What is counted as a policy's: what is steered into it, or what its color leads there. */
static enum pce_status
tell_flows(struct policies *p, uint32_t router, struct pce_error *err)
{
	const struct policy_headend *h = &p->headends[router];
	struct flows_prefix *all;
	size_t n = 0, cap = 1;
	enum pce_status status;

	if (p->setup.flows == NULL)
		return PCE_OK;
	for (size_t i = 0; i < h->n; i++)
		cap += h->policies[i].n_steering + 1;
	all = calloc(cap, sizeof *all);
	if (all == NULL)
		return pce_no_memory(err);
	for (size_t i = 0; i < h->n; i++) {
		const struct policy *policy = &h->policies[i];

		for (size_t k = 0; k < policy->n_steering; k++)
			all[n++] = (struct flows_prefix){ policy->color, policy->endpoint,
							  policy->steering[k].prefix };
		if (policy->n_steering == 0)
			all[n++] =
			    (struct flows_prefix){ policy->color, policy->endpoint,
						   policy_steering_by_color(p, policy).prefix };
	}
	status = flows_set(p->setup.flows, router, all, n, err);
	free(all);
	return status;
}

enum pce_status
policies_configure(struct policies *p, uint32_t router, const struct lyd_node *running,
		   struct pce_error *err)
{
	struct policy_headend *h = &p->headends[router];
	struct policy *policies = NULL;
	size_t n = 0;
	enum pce_status status = read_all(running, &policies, &n, err);

	if (status)
		return status;
	pthread_mutex_lock(&p->mutex);
	p->n_lists -= count_lists(h->policies, h->n);
	for (size_t i = 0; i < n; i++)
		take_over(p, router, find_policy(h, policies[i].color, &policies[i].endpoint),
			  &policies[i]);
	free_policies(h->policies, h->n);
	h->policies = policies;
	h->n = n;
	if (h->send_fd < 0 && n > 0)
		status = policy_open_probes(p, router, err);
	if (!status)
		status = policy_install(p, router, err);
	if (!status)
		status = tell_flows(p, router, err);
	pthread_mutex_unlock(&p->mutex);
	return status;
}

/* --- operational state --- */

bool
policy_path_valid(const struct policy_path *path)
{
	for (size_t l = 0; l < path->n; l++)
		if (path->lists[l].valid)
			return true;
	return false;
}

const struct policy_path *
policy_active(const struct policy *policy)
{
	for (size_t k = 0; k < policy->n_paths; k++)
		if (policy_path_valid(&policy->paths[k]))
			return &policy->paths[k];
	return NULL;
}

static void
add_list_state(const struct policy_path *path, struct lyd_node *node)
{
	for (size_t l = 0; l < path->n; l++) {
		const struct policy_list *list = &path->lists[l];

		if (list->id != number(node, "id", 0))
			continue;
		lyd_new_path(node, NULL, "state/valid", list->valid ? "true" : "false", 0, NULL);
		if (!list->valid)
			lyd_new_path(node, NULL, "state/reason", "probes do not come back", 0,
				     NULL);
	}
}

static void
add_path_state(const struct policy *policy, struct lyd_node *node)
{
	const struct policy_path *active = policy_active(policy);
	struct lyd_node *child;

	for (size_t k = 0; k < policy->n_paths; k++) {
		const struct policy_path *path = &policy->paths[k];

		if (path->preference != number(node, "preference", 0))
			continue;
		LY_LIST_FOR(lyd_child(node), child)
		{
			if (strcmp(name_of(child), "segment-list") == 0)
				add_list_state(path, child);
		}
		lyd_new_path(node, NULL, "state/valid", policy_path_valid(path) ? "true" : "false",
			     0, NULL);
		lyd_new_path(node, NULL, "state/active", path == active ? "true" : "false", 0,
			     NULL);
	}
}

void
policies_add_state(struct policies *p, uint32_t router, struct lyd_node *node)
{
	const char *endpoint = leaf(node, "endpoint");
	const struct policy_path *active;
	struct policy *policy;
	struct ip_addr addr = { 0 };
	struct lyd_node *child;
	char text[16];

	if (endpoint == NULL || ip_parse(endpoint, &addr, NULL))
		return;
	pthread_mutex_lock(&p->mutex);
	policy = find_policy(&p->headends[router], number(node, "color", 0), &addr);
	if (policy != NULL) {
		active = policy_active(policy);
		LY_LIST_FOR(lyd_child(node), child)
		{
			if (strcmp(name_of(child), "candidate-path") == 0)
				add_path_state(policy, child);
		}
		lyd_new_path(node, NULL, "state/oper-state", active ? "up" : "down", 0, NULL);
		snprintf(text, sizeof text, "%u", active ? active->preference : 0);
		if (active != NULL)
			lyd_new_path(node, NULL, "state/active-preference", text, 0, NULL);
		else
			lyd_new_path(node, NULL, "state/reason",
				     policy->n_paths > 0
					 ? "no candidate path is valid: probes do not come back"
					 : "no candidate path",
				     0, NULL);
	}
	pthread_mutex_unlock(&p->mutex);
}

/* FNV-1a over which lists are valid. */
uint64_t
policies_version(struct policies *p, uint32_t router)
{
	const struct policy_headend *h = &p->headends[router];
	uint64_t hash = 0xcbf29ce484222325ULL;

	pthread_mutex_lock(&p->mutex);
	for (size_t i = 0; i < h->n; i++)
		for (size_t k = 0; k < h->policies[i].n_paths; k++) {
			const struct policy_path *path = &h->policies[i].paths[k];

			for (size_t l = 0; l < path->n; l++)
				hash = (hash ^ path->lists[l].valid) * 0x100000001b3ULL;
		}
	pthread_mutex_unlock(&p->mutex);
	return hash;
}

/* --- questions --- */

static void
print_policy(const struct policies *p, uint32_t router, const struct policy *policy,
	     struct text *out)
{
	const struct policy_path *active = policy_active(policy);
	char endpoint[IP_TEXT], at[LAB_NAME_TEXT], name[LAB_NAME_TEXT];

	text_printf(out, "policy %s %u %s %s %s",
		    lab_word(p->setup.network->routers[router].name, at, sizeof at), policy->color,
		    ip_print(&policy->endpoint, endpoint),
		    policy->name[0] ? lab_word(policy->name, name, sizeof name) : "-",
		    active ? "up" : "down");
	if (active != NULL)
		text_printf(out, " active %u", active->preference);
	for (size_t k = 0; k < policy->n_paths; k++)
		for (size_t l = 0; l < policy->paths[k].n; l++) {
			const struct policy_list *list = &policy->paths[k].lists[l];

			text_printf(out, " %u:%u:%s", policy->paths[k].preference, list->id,
				    list->packet == NULL ? "not-probed"
				    : list->valid        ? "valid"
							 : "invalid");
		}
	text_add(out, "\n");
}

void
policies_print(struct policies *p, struct text *out)
{
	pthread_mutex_lock(&p->mutex);
	for (uint32_t r = 0; r < p->setup.network->n_routers; r++)
		for (size_t i = 0; i < p->headends[r].n; i++)
			print_policy(p, r, &p->headends[r].policies[i], out);
	pthread_mutex_unlock(&p->mutex);
}

static bool
is_named(const struct policy *policy, uint32_t headend, const struct policies_name *name)
{
	if (name->name != NULL)
		return strcmp(policy->name, name->name) == 0;
	return headend == name->headend && policy->color == name->color &&
	       ip_compare(&policy->endpoint, &name->endpoint) == 0;
}

static bool
way_of(const struct policies *p, uint32_t headend, const struct policy *policy,
       struct policies_way *out)
{
	struct policy_steering s =
	    policy->n_steering > 0 ? policy->steering[0] : policy_steering_by_color(p, policy);
	uint32_t end = lab_router_of(p->setup.network, policy->endpoint.octets);

	if (end == LAB_NONE || s.prefix.addr.family == IP_NONE)
		return false;
	*out = (struct policies_way){ headend, end, s.prefix.addr };
	if (s.prefix.addr.family == IP_V6 && s.prefix.len <= 120)
		out->destination.octets[15] |= 2;
	if (s.prefix.addr.family == IP_V4 && s.prefix.len <= 30)
		out->destination.octets[3] |= 2;
	return true;
}

bool
policies_find(struct policies *p, const struct policies_name *name, struct policies_way *out)
{
	bool found = false;

	pthread_mutex_lock(&p->mutex);
	for (uint32_t r = 0; r < p->setup.network->n_routers && !found; r++)
		for (size_t i = 0; i < p->headends[r].n && !found; i++) {
			const struct policy *policy = &p->headends[r].policies[i];

			found = is_named(policy, r, name) && way_of(p, r, policy, out);
		}
	pthread_mutex_unlock(&p->mutex);
	return found;
}

/* --- begin and end --- */

void
policy_say(struct policies *p, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	lab_log_line(p->setup.log, p->setup.log_ctx, fmt, ap);
	va_end(ap);
}

enum pce_status
policies_new(const struct policies_setup *setup, struct policies **out, struct pce_error *err)
{
	struct policies *p = calloc(1, sizeof *p);

	if (p == NULL)
		return pce_no_memory(err);
	p->setup = *setup;
	pthread_mutex_init(&p->mutex, NULL);
	p->headends = calloc(setup->network->n_routers + 1, sizeof *p->headends);
	for (uint32_t r = 0; p->headends != NULL && r < setup->network->n_routers; r++)
		p->headends[r].send_fd = p->headends[r].receive_fd = -1;
	if (p->headends != NULL)
		p->started = pthread_create(&p->agent, NULL, policy_agent, p) == 0;
	if (p->started) {
		*out = p;
		return PCE_OK;
	}
	policies_free(p);
	return pce_fail(err, PCE_LIMIT, "no thread for the agents");
}

void
policies_free(struct policies *p)
{
	if (p == NULL)
		return;
	pthread_mutex_lock(&p->mutex);
	p->stop = true;
	pthread_mutex_unlock(&p->mutex);
	if (p->started)
		pthread_join(p->agent, NULL);
	for (uint32_t r = 0; p->headends != NULL && r < p->setup.network->n_routers; r++) {
		struct policy_headend *h = &p->headends[r];

		free_policies(h->policies, h->n);
		free(h->routes);
		if (h->send_fd >= 0)
			close(h->send_fd);
		if (h->receive_fd >= 0)
			close(h->receive_fd);
	}
	free(p->headends);
	pthread_mutex_destroy(&p->mutex);
	free(p);
}
