#include "tests/bench/path/build.h"

#include <stdlib.h>
#include <string.h>

void
must(enum pce_status status, const struct pce_error *err)
{
	if (!status)
		return;
	fprintf(stderr, "bench path: %s\n", err->text);
	exit(1);
}

static struct ted_node_key
key_of(uint32_t node)
{
	struct ted_node_key k = { .protocol = TED_PROTOCOL_ISIS_L2, .router_id_len = 6 };

	for (unsigned i = 0; i < 4; i++)
		k.router_id[5 - i] = (uint8_t)((node + 1) >> (8 * i));
	return k;
}

static void
link_key(const struct network *net, uint32_t link, struct ted_link_key *key)
{
	memset(key, 0, sizeof(*key));
	key->local = key_of(net->links[link].tail);
	key->remote = key_of(net->links[link].head);
	key->has_ids = true;
	key->local_id = link + 1;
	key->remote_id = net->links[link].reverse + 1;
}

static void
say(struct ted *ted, const struct ted_delta *delta)
{
	struct pce_error err = { 0 };

	must(ted_apply(ted, (struct ted_source){ TED_SOURCE_FILE, 1 }, delta, 1, &err), &err);
}

void
build_link(struct ted *ted, const struct network *net, uint32_t link, uint32_t igp)
{
	const struct network_link *l = &net->links[link];
	struct ted_delta d = { .object = TED_OBJECT_LINK };
	struct ted_link_attr *a = &d.attr.link;
	struct ted_link_key reverse;

	link_key(net, link, &d.key.link);
	link_key(net, l->reverse, &reverse);
	a->present = TED_LINK_IGP_METRIC | TED_LINK_TE_METRIC | TED_LINK_DELAY |
		     TED_LINK_START_RESIDUAL | TED_LINK_AFFINITY | TED_LINK_AVAILABILITY |
		     TED_LINK_REVERSE;
	a->igp_metric = igp;
	a->te_metric = l->te;
	a->delay_us = l->delay_us;
	a->start_residual_bps = l->residual_kbps * (uint64_t)1000;
	a->affinity = &l->affinity;
	a->n_affinity = 1;
	a->unavailability_ppt = l->unavailability_ppt;
	a->reverse = &reverse;
	say(ted, &d);
}

void
build_ted(const struct network *net, struct ted **ted, uint32_t **row)
{
	struct pce_error err = { 0 };
	const struct ted_change *changes;
	size_t n;

	must(ted_new(ted, 1, &err), &err);
	for (uint32_t i = 0; i < net->n_nodes; i++) {
		struct ted_delta d = { .object = TED_OBJECT_NODE, .key.node = key_of(i) };

		say(*ted, &d);
	}
	for (uint32_t i = 0; i < net->n_links; i++)
		build_link(*ted, net, i, net->links[i].igp);
	must(ted_settle(*ted, &changes, &n, &err), &err);
	*row = calloc((size_t)net->n_nodes + 1, sizeof(**row));
	for (uint32_t i = 0; *row && i < net->n_nodes; i++)
		(*row)[i] = i; /* in the order in which they were said */
	for (uint32_t i = 0; i < net->n_links; i++)
		if (ted_link_at(*ted, i)->from != net->links[i].tail)
			must(pce_fail(&err, PCE_INTERNAL, "link %u is not in its row", i), &err);
}
