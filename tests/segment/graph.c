#include "tests/segment/graph.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void
graph_init(struct ted *g)
{
	memset(g, 0, sizeof(*g));
}

ted_node
graph_node(struct ted *g)
{
	ted_node node = g->n_nodes++;
	struct ted_node_row *row = &g->nodes[node];

	if (node >= GRAPH_NODES)
		abort();
	snprintf(g->names[node], sizeof(g->names[node]), "%c", 'A' + (int)node);
	row->name = g->names[node];
	row->rank = node;
	row->sids = g->node_sids[node];
	row->prefixes = g->prefixes[node];
	row->msd = g->msds[node];
	return node;
}

ted_link
graph_link(struct ted *g, ted_node from, ted_node to, uint32_t metric)
{
	ted_link link = g->n_links++;
	struct ted_link_row *row = &g->links[link];

	if (link >= GRAPH_LINKS)
		abort();
	snprintf(g->link_names[link], sizeof(g->link_names[link]), "%c-%c.%u", 'A' + (int)from,
		 'A' + (int)to, link);
	row->name = g->link_names[link];
	row->from = from;
	row->to = to;
	row->reverse = TED_NONE;
	row->rank = link;
	row->igp_metric = metric;
	row->sids = g->link_sids[link];
	g->out[from][g->n_out[from]++] = link;
	g->in[to][g->n_in[to]++] = link;
	return link;
}

ted_link
graph_fibre(struct ted *g, ted_node from, ted_node to, uint32_t metric)
{
	ted_link there = graph_link(g, from, to, metric);
	ted_link back = graph_link(g, to, from, metric);

	g->links[there].reverse = back;
	g->links[back].reverse = there;
	return there;
}

static void
write_sid(uint8_t sid[16], ted_node node, uint16_t function)
{
	const uint8_t octets[16] = { 0xfc,
				     0xbb,
				     0xbb,
				     0,
				     (uint8_t)((node + 1) >> 8),
				     (uint8_t)(node + 1),
				     (uint8_t)(function >> 8),
				     (uint8_t)function };

	memcpy(sid, octets, 16);
}

void
graph_locator(struct ted *g, ted_node node)
{
	struct ted_node_row *row = &g->nodes[node];
	struct ted_prefix_row *p = &g->prefixes[node][row->n_prefixes++];

	p->prefix.addr.family = IP_V6;
	write_sid(p->prefix.addr.octets, node, 0);
	p->prefix.len = 48;
	p->has_locator = true;
}

static struct ted_sid *
fill_sid(struct ted_sid *sid, ted_node node, uint16_t function, uint16_t behavior)
{
	write_sid(sid->sid, node, function);
	sid->behavior = behavior;
	sid->structure = (struct ted_sid_structure){ 32, 16, 16, 0 };
	return sid;
}

struct ted_sid *
graph_end(struct ted *g, ted_node node, uint16_t function, uint16_t behavior)
{
	return fill_sid(&g->node_sids[node][g->nodes[node].n_sids++], node, function, behavior);
}

struct ted_sid *
graph_end_x(struct ted *g, ted_link link, uint16_t function, uint16_t behavior)
{
	struct ted_link_row *row = &g->links[link];

	return fill_sid(&g->link_sids[link][row->n_sids++], row->from, function, behavior);
}

void
graph_msd(struct ted *g, ted_node node, uint8_t type, uint8_t value)
{
	g->msds[node][g->nodes[node].n_msd++] = (struct ted_msd){ type, value };
}

void
graph_sids(struct ted *g)
{
	for (ted_node k = 0; k < g->n_nodes; k++) {
		graph_locator(g, k);
		graph_end(g, k, 1, TED_BEHAVIOR_END);
	}
	for (ted_link k = 0; k < g->n_links; k++)
		graph_end_x(g, k, (uint16_t)(0x100 + k), TED_BEHAVIOR_END_X);
}

uint32_t
ted_node_count(const struct ted *ted)
{
	return ted->n_nodes;
}

uint32_t
ted_link_count(const struct ted *ted)
{
	return ted->n_links;
}

const struct ted_node_row *
ted_node_at(const struct ted *ted, ted_node node)
{
	return &ted->nodes[node];
}

const struct ted_link_row *
ted_link_at(const struct ted *ted, ted_link link)
{
	return &ted->links[link];
}

const ted_link *
ted_links_out(const struct ted *ted, ted_node node, size_t *n)
{
	*n = ted->n_out[node];
	return ted->out[node];
}

const ted_link *
ted_links_in(const struct ted *ted, ted_node node, size_t *n)
{
	*n = ted->n_in[node];
	return ted->in[node];
}

bool
ted_link_usable(const struct ted *ted, ted_link link)
{
	const struct ted_link_row *row = &ted->links[link];

	return !row->unusable && !ted->nodes[row->from].unusable && !ted->nodes[row->to].unusable;
}
