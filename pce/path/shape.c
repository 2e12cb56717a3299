#include <stdlib.h>
#include <string.h>

#include "pce/path/graph_internal.h"

static enum pce_status
allocate(struct graph_shape *s, struct pce_error *err)
{
	size_t nodes = (size_t)s->n_nodes + 1, links = (size_t)s->n_links + 1;

	s->out_first = calloc(nodes, sizeof(*s->out_first));
	s->in_first = calloc(nodes, sizeof(*s->in_first));
	s->nodes = calloc(nodes, sizeof(*s->nodes));
	s->node_of_row = calloc(nodes, sizeof(*s->node_of_row));
	s->links = calloc(links, sizeof(*s->links));
	s->in = calloc(links, sizeof(*s->in));
	s->link_of_row = calloc(links, sizeof(*s->link_of_row));
	if (!s->out_first || !s->in_first || !s->nodes || !s->node_of_row || !s->links || !s->in ||
	    !s->link_of_row)
		return pce_no_memory(err);
	return PCE_OK;
}

/* Gives a row the next number, unless it has one. */
static void
number_node(struct graph_shape *s, ted_node row, uint32_t *n)
{
	if (s->node_of_row[row] != GRAPH_NONE)
		return;
	s->node_of_row[row] = *n;
	s->nodes[(*n)++].row = row;
}

/* Breadth first over links in order of rank, beginning with the node of lowest rank. */
static void
number_nodes(struct graph_shape *s, const struct ted *ted, const uint32_t *by_rank)
{
	uint32_t n = 0, done = 0;

	for (uint32_t i = 0; i < s->n_nodes; i++)
		s->node_of_row[i] = GRAPH_NONE;
	for (uint32_t rank = 0; rank < s->n_nodes; rank++) {
		number_node(s, by_rank[rank], &n);
		for (; done < n; done++) {
			size_t degree;
			const ted_link *out = ted_links_out(ted, s->nodes[done].row, &degree);

			for (size_t i = 0; i < degree; i++)
				number_node(s, ted_link_at(ted, out[i])->to, &n);
		}
	}
}

static enum pce_status
number_links(struct graph_shape *s, const struct ted *ted, struct pce_error *err)
{
	uint32_t at = 0;

	for (uint32_t i = 0; i < s->n_nodes; i++) {
		size_t n;
		const ted_link *out = ted_links_out(ted, s->nodes[i].row, &n);

		s->out_first[i] = at;
		for (size_t j = 0; j < n && at < s->n_links; j++) {
			s->link_of_row[out[j]] = at;
			s->links[at].tail = i;
			s->links[at++].row = out[j];
		}
	}
	s->out_first[s->n_nodes] = at;
	return at == s->n_links ? PCE_OK
				: pce_fail(err, PCE_INTERNAL, "%u of %u links leave no node",
					   s->n_links - at, s->n_links);
}

/* Sorts the links by head, those of a head by rank. by_rank has room for all links. */
static enum pce_status
join(struct graph_shape *s, const struct ted *ted, uint32_t *by_rank, struct pce_error *err)
{
	uint32_t *at = s->in_first;

	for (uint32_t i = 0; i < s->n_links; i++) {
		const struct ted_link_row *row = ted_link_at(ted, s->links[i].row);

		if (row->rank >= s->n_links)
			return pce_fail(err, PCE_INTERNAL, "link %s has rank %u of %u", row->name,
					row->rank, s->n_links);
		by_rank[row->rank] = i;
		s->links[i].reverse =
		    row->reverse == TED_NONE ? GRAPH_NONE : s->link_of_row[row->reverse];
		at[s->node_of_row[row->to]]++;
	}
	for (uint32_t i = 1; i <= s->n_nodes; i++)
		at[i] += at[i - 1];
	for (uint32_t i = s->n_links; i-- > 0;) {
		uint32_t link = by_rank[i];
		uint32_t head = s->node_of_row[ted_link_at(ted, s->links[link].row)->to];

		s->in[--at[head]] = link;
		s->links[link].in_place = at[head];
	}
	return PCE_OK;
}

static enum pce_status
number(struct graph_shape *s, const struct ted *ted, struct pce_error *err)
{
	uint32_t more = s->n_nodes > s->n_links ? s->n_nodes : s->n_links;
	uint32_t *by_rank = calloc((size_t)more + 1, sizeof(*by_rank));
	enum pce_status status = by_rank ? allocate(s, err) : pce_no_memory(err);

	for (uint32_t i = 0; !status && i < s->n_nodes; i++) {
		uint32_t rank = ted_node_at(ted, i)->rank;

		if (rank >= s->n_nodes)
			status = pce_fail(err, PCE_INTERNAL, "node %s has rank %u of %u",
					  ted_node_at(ted, i)->name, rank, s->n_nodes);
		else
			by_rank[rank] = i;
	}
	if (!status) {
		number_nodes(s, ted, by_rank);
		status = number_links(s, ted, err);
	}
	if (!status)
		status = join(s, ted, by_rank, err);
	free(by_rank);
	return status ? status : graph_groups_pack(s, ted, err);
}

enum pce_status
graph_shape_new(const struct ted *ted, struct graph_shape **out, struct pce_error *err)
{
	struct graph_shape *s;
	enum pce_status status;

	if (ted_node_count(ted) >= GRAPH_MEMBER_NODE || ted_link_count(ted) >= GRAPH_MEMBER_NODE)
		return pce_fail(err, PCE_LIMIT, "a graph of %u links is too large to compute on",
				ted_link_count(ted));
	s = calloc(1, sizeof(*s));
	if (!s)
		return pce_no_memory(err);
	atomic_init(&s->holders, 1);
	s->n_nodes = ted_node_count(ted);
	s->n_links = ted_link_count(ted);
	status = number(s, ted, err);
	if (status)
		graph_shape_free(s);
	else
		*out = s;
	return status;
}

void
graph_shape_free(struct graph_shape *s)
{
	if (!s || atomic_fetch_sub_explicit(&s->holders, 1, memory_order_acq_rel) != 1)
		return;
	free(s->out_first);
	free(s->in_first);
	free(s->in);
	free(s->links);
	free(s->nodes);
	free(s->node_of_row);
	free(s->link_of_row);
	free(s->groups);
	free(s->groups_of);
	free(s->link_groups);
	free(s->node_groups);
	free(s->members);
	free(s->group_of_bit);
	free(s);
}
