#include <stdlib.h>

#include "pce/base/array.h"
#include "pce/path/widest.h"

/*
 * The search itself is spf's: a width w is kept as the distance UINT64_MAX - w, and instead of a
 * sum the larger of two distances is taken.
 */
bool
widest_bottleneck(struct spf *s, const struct filter *f, uint32_t from, uint64_t *bottleneck_bps)
{
	const struct path_graph *g = f->graph;
	uint64_t far = 0;
	uint32_t node;

	spf_start(s, 1);
	spf_offer(s, f->to, &far);
	while (spf_pop(s, &node)) {
		uint64_t here = *spf_at(s, node);

		if (node == from) {
			*bottleneck_bps = UINT64_MAX - here;
			return true;
		}
		for (uint32_t i = g->nodes[node].in; i < g->nodes[node + 1].in; i++) {
			uint32_t link = g->in[i];

			if (!filter_allows(f, link))
				continue;
			far = UINT64_MAX - filter_residual(f, link);
			far = far > here ? far : here;
			spf_offer(s, g->links[link].tail, &far);
		}
	}
	return false;
}

static int
compare_u64(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

enum pce_status
widest_steps(const struct filter *f, uint64_t top_bps, uint64_t **out, size_t *cap, size_t *n,
	     struct pce_error *err)
{
	size_t found = 0, kept = 0;
	enum pce_status status = array_reserve(out, cap, f->graph->n_links, sizeof(**out), err);

	if (status)
		return status;
	for (uint32_t i = 0; i < f->graph->n_links; i++)
		if (filter_allows(f, i) && filter_residual(f, i) <= top_bps)
			(*out)[found++] = filter_residual(f, i);
	qsort(*out, found, sizeof(**out), compare_u64);
	for (size_t i = 0; i < found; i++)
		if (i == 0 || (*out)[i] != (*out)[kept - 1])
			(*out)[kept++] = (*out)[i];
	*n = kept;
	return PCE_OK;
}
