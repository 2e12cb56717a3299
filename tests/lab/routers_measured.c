/*
 * What the emulated routers measure: counters that grow at rates which lines of control set, where
 * nothing forwards. Routers that do tell what the kernel counts (lab_routers_setup.measure).
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "pce/base/array.h"
#include "tests/lab/gnmi_tree.h"
#include "tests/lab/names.h"
#include "tests/lab/routers_internal.h"

/* An octet counter that grows at a rate. */
struct flow {
	uint64_t octets, bps;
	int64_t at_us;
};

struct interface {
	char *name;
	struct flow flow;
	uint32_t index, delay_us;
	bool up;
};

struct policy_flow {
	uint32_t color;
	char endpoint[64];
	struct flow flow;
};

struct routers_flows {
	struct interface *interfaces;
	struct policy_flow *policies;
	size_t n, cap, n_policies, policies_cap;
};

static int64_t
now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static uint64_t
octets(struct flow *f)
{
	int64_t now = now_us();

	if (f->at_us != 0)
		f->octets += (uint64_t)((double)f->bps / 8e6 * (double)(now - f->at_us));
	f->at_us = now;
	return f->octets;
}

static void
set_rate(struct flow *f, uint64_t bps)
{
	octets(f);
	f->bps = bps;
}

static struct interface *
find_interface(struct routers_flows *f, const char *name)
{
	for (size_t i = 0; i < f->n; i++)
		if (strcmp(f->interfaces[i].name, name) == 0)
			return &f->interfaces[i];
	return NULL;
}

static bool
add_interface(struct routers_flows *f, const char *name, uint32_t index)
{
	struct interface *at = find_interface(f, name);

	if (at == NULL) {
		if (array_reserve(&f->interfaces, &f->cap, f->n + 1, sizeof *f->interfaces, NULL))
			return false;
		at = &f->interfaces[f->n];
		*at = (struct interface){ .name = array_strdup(name), .up = true };
		if (at->name == NULL)
			return false;
		f->n++;
	}
	at->index = index;
	octets(&at->flow);
	return true;
}

static bool
set_policy(struct routers_flows *f, uint32_t color, const char *endpoint, uint64_t bps)
{
	struct policy_flow *at;

	for (size_t i = 0; i < f->n_policies; i++)
		if (f->policies[i].color == color &&
		    strcmp(f->policies[i].endpoint, endpoint) == 0) {
			set_rate(&f->policies[i].flow, bps);
			return true;
		}
	if (array_reserve(&f->policies, &f->policies_cap, f->n_policies + 1, sizeof *f->policies,
			  NULL))
		return false;
	at = &f->policies[f->n_policies++];
	*at = (struct policy_flow){ .color = color };
	snprintf(at->endpoint, sizeof at->endpoint, "%s", endpoint);
	set_rate(&at->flow, bps);
	return true;
}

bool
routers_set_flow(struct router *r, const char *verb, const char *words)
{
	char name[LAB_NAME_TEXT] = "", arg[64] = "", more[32] = "";
	struct interface *at;

	if (r->flows == NULL)
		r->flows = calloc(1, sizeof *r->flows);
	if (r->flows == NULL || sscanf(words, "%399s %63s %31s", name, arg, more) < 2)
		return false;
	r->version++;
	if (strcmp(verb, "policy") == 0)
		return set_policy(r->flows, (uint32_t)strtoul(name, NULL, 10), arg,
				  strtoull(more, NULL, 10));
	lab_unword(name);
	if (strcmp(verb, "interface") == 0)
		return add_interface(r->flows, name, (uint32_t)strtoul(arg, NULL, 10));
	at = find_interface(r->flows, name);
	if (at == NULL)
		return false;
	if (strcmp(verb, "rate") == 0)
		set_rate(&at->flow, strtoull(arg, NULL, 10));
	else if (strcmp(verb, "oper") == 0)
		at->up = strcmp(arg, "UP") == 0;
	else if (strcmp(verb, "delay") == 0)
		at->delay_us = (uint32_t)strtoul(arg, NULL, 10);
	else
		return false;
	return true;
}

void
routers_free_flows(struct router *r)
{
	for (size_t i = 0; r->flows != NULL && i < r->flows->n; i++)
		free(r->flows->interfaces[i].name);
	if (r->flows != NULL) {
		free(r->flows->interfaces);
		free(r->flows->policies);
	}
	free(r->flows);
	r->flows = NULL;
}

static void
add_flows(struct routers_flows *f, struct gtree *tree)
{
	for (size_t i = 0; i < f->n; i++) {
		struct interface *at = &f->interfaces[i];
		uint64_t sent = octets(&at->flow);
		struct gtree_interface told = { .name = at->name,
						.index = at->index,
						.up = at->up,
						.out_octets = sent,
						.out_packets = sent / 1000,
						.in_octets = sent / 3,
						.in_packets = sent / 3000,
						.delay_us = at->delay_us };

		gtree_add_interface(tree, &told);
	}
	for (size_t i = 0; i < f->n_policies; i++)
		gtree_add_policy_octets(tree, f->policies[i].color, f->policies[i].endpoint,
					octets(&f->policies[i].flow));
}

void
routers_measure(struct lab_routers *all, struct router *r, struct gtree *tree)
{
	if (all->setup.measure != NULL) {
		all->setup.measure(all->setup.forward_ctx, r->index, tree);
		return;
	}
	pthread_mutex_lock(&r->mutex);
	if (r->flows != NULL)
		add_flows(r->flows, tree);
	pthread_mutex_unlock(&r->mutex);
}

uint64_t
routers_version(struct lab_routers *all, struct router *r)
{
	uint64_t version;

	pthread_mutex_lock(&r->mutex);
	version = r->version;
	pthread_mutex_unlock(&r->mutex);
	if (all->setup.version != NULL)
		version += all->setup.version(all->setup.forward_ctx, r->index) << 32;
	return version;
}

void
routers_tell(const struct router *r, const char *what)
{
	routers_say(r, what, "");
}
