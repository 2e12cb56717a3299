#include "pce/policy/stray.h"

#include <stdlib.h>
#include <string.h>

#include "pce/segment/csid.h"

#define FAR UINT64_MAX

/* Distances of all nodes to the start of one link, and from its end. */
struct ends {
	ted_link link;
	uint64_t *to_start, *from_end;
};

struct stray {
	struct ends *ends;
	size_t n;
};

/* --- legs --- */

/* The SID that selects an address, by the bits of a compressed one (RFC 9800) or by all. */
static const struct ted_sid *
selected(const struct ted_sid *sids, size_t n, const uint8_t address[16])
{
	const struct ted_sid *found = NULL;
	unsigned most = 0;

	for (size_t i = 0; i < n; i++) {
		unsigned bits = csid_matched(csid_shape_of(&sids[i]));

		if (bits > most && csid_same_bits(sids[i].sid, address, bits)) {
			found = &sids[i];
			most = bits;
		}
	}
	return found;
}

static ted_node
node_before(const struct ted *ted, const ted_link *links, size_t n, size_t at)
{
	return at < n ? ted_link_at(ted, links[at])->from : ted_link_at(ted, links[n - 1])->to;
}

/* The next place on the route, from `at` on, where the address is executed; n + 1: nowhere.
 * *crosses: its SID is a link's. */
static size_t
place_of_sid(const struct ted *ted, const ted_link *links, size_t n, size_t at,
	     const uint8_t address[16], const struct ted_sid **sid, bool *crosses)
{
	for (size_t i = at; i <= n; i++) {
		const struct ted_node_row *node = ted_node_at(ted, node_before(ted, links, n, i));
		const struct ted_link_row *link = i < n ? ted_link_at(ted, links[i]) : NULL;

		*crosses = false;
		*sid = selected(node->sids, node->n_sids, address);
		if (!*sid && link) {
			*sid = selected(link->sids, link->n_sids, address);
			*crosses = true;
		}
		if (*sid)
			return i;
	}
	return n + 1;
}

/* What is left of a container after its first C-SID; false: nothing. */
static bool
shift(uint8_t address[16], const struct ted_sid *sid)
{
	static const uint8_t zero[16];
	struct csid_shape shape = csid_shape_of(sid);
	unsigned block = shape.block / 8u, matched = block + shape.width / 8u;

	if (!shape.width || memcmp(address + matched, zero, 16 - matched) == 0)
		return false;
	memmove(address + block, address + matched, 16 - matched);
	memset(address + 16 - (matched - block), 0, matched - block);
	return true;
}

enum pce_status
stray_legs(const struct ted *ted, const struct srpolicy_list *list, const ted_link *links, size_t n,
	   struct arena *arena, struct stray_leg **legs, size_t *n_legs, bool *known,
	   struct pce_error *err)
{
	/* A container holds 15 C-SIDs at most. */
	struct stray_leg *out = arena_alloc(arena, (16 * list->n_sids + 1) * sizeof(*out));
	size_t at = 0, count = 0;

	if (!out)
		return pce_no_memory(err);
	*known = n > 0;
	for (size_t i = 0; i < list->n_sids && *known; i++) {
		const struct ted_sid *sid;
		uint8_t address[16];

		memcpy(address, list->sids[i], sizeof(address));
		do {
			bool crosses = false;
			size_t next = place_of_sid(ted, links, n, at, address, &sid, &crosses);

			*known = next <= n;
			if (*known && next > at)
				out[count++] = (struct stray_leg){ (uint32_t)at, (uint32_t)next };
			at = next + (crosses ? 1 : 0);
		} while (*known && shift(address, sid));
	}
	*known = *known && at == n;
	*legs = out;
	*n_legs = count;
	return PCE_OK;
}

/* --- searching --- */

/* A binary heap of (distance, node); entries that were improved since are skipped. */
struct heap {
	struct heap_entry {
		uint64_t distance;
		ted_node node;
	} * entries;
	size_t n;
};

static void
heap_push(struct heap *h, uint64_t distance, ted_node node)
{
	size_t i = h->n++;

	while (i > 0 && h->entries[(i - 1) / 2].distance > distance) {
		h->entries[i] = h->entries[(i - 1) / 2];
		i = (i - 1) / 2;
	}
	h->entries[i] = (struct heap_entry){ distance, node };
}

static struct heap_entry
heap_pop(struct heap *h)
{
	struct heap_entry top = h->entries[0], last = h->entries[--h->n];
	size_t i = 0;

	for (;;) {
		size_t child = 2 * i + 1;

		if (child >= h->n)
			break;
		if (child + 1 < h->n && h->entries[child + 1].distance < h->entries[child].distance)
			child++;
		if (h->entries[child].distance >= last.distance)
			break;
		h->entries[i] = h->entries[child];
		i = child;
	}
	if (h->n > 0)
		h->entries[i] = last;
	return top;
}

/* Distances from a node, or with `backward` to it, by IGP metric over usable links. */
static void
search(const struct ted *ted, ted_node start, bool backward, struct heap *h, uint64_t *distance)
{
	for (uint32_t i = 0; i < ted_node_count(ted); i++)
		distance[i] = FAR;
	distance[start] = 0;
	h->n = 0;
	heap_push(h, 0, start);
	while (h->n > 0) {
		struct heap_entry at = heap_pop(h);
		size_t n;
		const ted_link *links =
		    backward ? ted_links_in(ted, at.node, &n) : ted_links_out(ted, at.node, &n);

		for (size_t i = 0; i < n && at.distance == distance[at.node]; i++) {
			const struct ted_link_row *row = ted_link_at(ted, links[i]);
			ted_node next = backward ? row->from : row->to;

			if (!ted_link_usable(ted, links[i]) ||
			    at.distance + row->igp_metric >= distance[next])
				continue;
			distance[next] = at.distance + row->igp_metric;
			heap_push(h, distance[next], next);
		}
	}
}

static enum pce_status
search_ends(const struct ted *ted, ted_link link, struct heap *h, struct ends *out,
	    struct pce_error *err)
{
	const struct ted_link_row *row = ted_link_at(ted, link);
	size_t nodes = (size_t)ted_node_count(ted) + 1;

	out->link = link;
	out->to_start = malloc(nodes * sizeof(*out->to_start));
	out->from_end = malloc(nodes * sizeof(*out->from_end));
	if (!out->to_start || !out->from_end)
		return pce_no_memory(err);
	search(ted, row->from, true, h, out->to_start);
	search(ted, row->to, false, h, out->from_end);
	return PCE_OK;
}

void
stray_free(struct stray *stray)
{
	if (!stray)
		return;
	for (size_t i = 0; i < stray->n; i++) {
		free(stray->ends[i].to_start);
		free(stray->ends[i].from_end);
	}
	free(stray->ends);
	free(stray);
}

enum pce_status
stray_new(const struct ted *ted, const ted_link *links, size_t n, struct stray **out,
	  struct pce_error *err)
{
	struct stray *stray = calloc(1, sizeof(*stray));
	/* Each link pushes at most one entry in a search. */
	struct heap heap = { malloc(((size_t)ted_link_count(ted) + 1) * sizeof(*heap.entries)), 0 };
	enum pce_status status = PCE_OK;

	if (stray)
		stray->ends = calloc(n + 1, sizeof(*stray->ends));
	if (!stray || !stray->ends || !heap.entries)
		status = pce_no_memory(err);
	for (size_t i = 0; i < n && status == PCE_OK; i++) {
		if (!ted_link_usable(ted, links[i]))
			continue;
		status = search_ends(ted, links[i], &heap, &stray->ends[stray->n++], err);
	}
	free(heap.entries);
	if (status) {
		stray_free(stray);
		return status;
	}
	*out = stray;
	return PCE_OK;
}

static bool
attracts(const struct ends *e, const struct ted *ted, const ted_link *links,
	 const struct stray_leg *leg, uint64_t length)
{
	uint64_t to = e->to_start[ted_link_at(ted, links[leg->from])->from];
	uint64_t on = e->from_end[ted_link_at(ted, links[leg->to - 1])->to];

	if (to == FAR || on == FAR)
		return false;
	return to + ted_link_at(ted, e->link)->igp_metric + on <= length;
}

bool
stray_may(const struct stray *stray, const struct ted *ted, const ted_link *links,
	  const struct stray_leg *legs, size_t n_legs)
{
	for (size_t i = 0; i < n_legs; i++) {
		uint64_t length = 0;

		for (uint32_t k = legs[i].from; k < legs[i].to; k++)
			length += ted_link_at(ted, links[k])->igp_metric;
		for (size_t k = 0; k < stray->n; k++)
			if (attracts(&stray->ends[k], ted, links, &legs[i], length))
				return true;
	}
	return false;
}
