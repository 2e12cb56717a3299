#include "tests/lab/forward.h"

#include <stdlib.h>
#include <string.h>

enum pce_status
forward_new(struct lab_network *network, struct site *sites, struct forward *out,
	    struct pce_error *err)
{
	enum pce_status status;

	*out = (struct forward){ .network = network, .sites = sites };
	status = igp_new(network, &out->igp, err);
	if (status)
		return status;
	out->fresh = calloc(network->n_routers + 1, sizeof *out->fresh);
	return out->fresh != NULL ? PCE_OK : pce_no_memory(err);
}

void
forward_free(struct forward *f)
{
	igp_free(&f->igp);
	free(f->fresh);
	memset(f, 0, sizeof *f);
}

/* Routes of one router to all that a destination owns. */
static void
put_routes(struct forward *f, uint32_t at, uint32_t destination, const struct igp_route *route)
{
	const struct lab_network *net = f->network;
	const struct lab_router *to = &net->routers[destination];
	struct netlink *nl = f->sites[at].nl;
	struct ip_prefix own = { to->address, 128 };
	struct netlink_hop hops[IGP_HOPS] = { 0 };

	for (uint16_t k = 0; k < route->n; k++) {
		hops[k].interface = net->links[route->links[k]].interface;
		hops[k].gateway = net->links[route->links[k]].remote;
	}
	for (size_t p = 0; p <= to->row->n_prefixes; p++) {
		const struct ip_prefix *prefix = &own;

		if (p < to->row->n_prefixes) {
			if (!to->row->prefixes[p].has_locator ||
			    to->row->prefixes[p].locator.algorithm != 0)
				continue;
			prefix = &to->row->prefixes[p].prefix;
		}
		if (route->n > 0)
			netlink_set_route(nl, prefix, 0, hops, route->n);
		else
			netlink_delete_route(nl, prefix, 0);
	}
}

enum pce_status
forward_converge(struct forward *f, size_t *changed, struct pce_error *err)
{
	uint32_t n = f->network->n_routers;
	size_t count = 0;
	enum pce_status status = PCE_OK;

	/* The kernel drops routes over an interface that goes down by itself. */
	for (uint32_t at = 0; at < n; at++)
		netlink_tolerate(f->sites[at].nl, f->converged);
	for (uint32_t to = 0; to < n && !status; to++) {
		status = igp_compute(&f->igp, to, f->fresh, err);
		for (uint32_t at = 0; at < n && !status; at++) {
			struct igp_route *old = igp_route(&f->igp, at, to);

			if (memcmp(old, &f->fresh[at], sizeof *old) == 0)
				continue;
			put_routes(f, at, to, &f->fresh[at]);
			*old = f->fresh[at];
			count++;
		}
	}
	for (uint32_t at = 0; at < n; at++) {
		struct pce_error refusal = { 0 };

		if (netlink_flush(f->sites[at].nl, &refusal) && !status) {
			status = refusal.status;
			if (err != NULL)
				*err = refusal;
		}
		netlink_tolerate(f->sites[at].nl, false);
	}
	f->converged = true;
	if (changed != NULL)
		*changed = count;
	return status;
}

/* The kernel forgets routes over an interface that goes down; so they count as unknown. */
static void
forget_routes(struct forward *f, uint32_t link)
{
	uint32_t at = f->network->links[link].row->from;

	for (uint32_t to = 0; to < f->network->n_routers; to++) {
		struct igp_route *route = igp_route(&f->igp, at, to);

		for (uint16_t k = 0; k < route->n && k < IGP_HOPS; k++)
			if (route->links[k] == link) {
				route->n = UINT16_MAX;
				break;
			}
	}
}

enum pce_status
forward_set_fibre(struct forward *f, uint32_t link, bool up, struct pce_error *err)
{
	const struct lab_network *net = f->network;
	uint32_t ends[2] = { link, net->links[link].reverse };
	enum pce_status status = PCE_OK;

	for (size_t i = 0; i < 2 && !status; i++) {
		if (ends[i] == LAB_NONE)
			continue;
		if (up)
			site_interface_up(net, f->sites, ends[i]);
		else
			site_interface_down(f->sites, net, ends[i]);
		if (!up)
			forget_routes(f, ends[i]);
		status = netlink_flush(f->sites[net->links[ends[i]].row->from].nl, err);
	}
	return status;
}

enum pce_status
forward_set_neighbour(struct forward *f, uint32_t link, enum site_neighbour which,
		      struct pce_error *err)
{
	site_set_neighbour(f->network, f->sites, link, which);
	return netlink_flush(f->sites[f->network->links[link].row->from].nl, err);
}

enum pce_status
forward_count(struct forward *f, struct forward_count *out, struct pce_error *err)
{
	memset(out, 0, f->network->n_links * sizeof *out);
	for (uint32_t at = 0; at < f->network->n_routers; at++) {
		FILE *file = f->sites[at].counters;
		char line[512];

		rewind(file);
		if (fflush(file) != 0)
			return pce_fail(err, PCE_IO, "the counters of %s cannot be read",
					f->network->routers[at].name);
		while (fgets(line, sizeof line, file) != NULL) {
			unsigned long octets, packets;
			unsigned link;

			if (sscanf(line, " e%u: %*u %*u %*u %*u %*u %*u %*u %*u %lu %lu", &link,
				   &octets, &packets) != 3 ||
			    link >= f->network->n_links)
				continue;
			out[link] = (struct forward_count){ packets, octets };
		}
	}
	return PCE_OK;
}
