#include "pce/policy/loose.h"

#include <stdlib.h>
#include <string.h>

#include "pce/path/steps.h"

struct loose {
	const struct ted *ted;
	const struct path_request *request;
	struct path_rules *rules;
	bool *barred; /* by link */
};

void
loose_free(struct loose *loose)
{
	if (!loose)
		return;
	path_rules_free(loose->rules);
	free(loose->barred);
	free(loose);
}

enum pce_status
loose_new(struct path_engine *engine, const struct ted *ted, const struct path_request *request,
	  struct loose **out, struct pce_error *err)
{
	struct loose *loose = calloc(1, sizeof(*loose));
	enum pce_status status;

	if (!loose)
		return pce_no_memory(err);
	loose->ted = ted;
	loose->request = request;
	loose->barred = calloc(ted_link_count(ted) + 1, sizeof(*loose->barred));
	status = loose->barred ? path_rules_new(engine, request, &loose->rules, err)
			       : pce_no_memory(err);
	if (status) {
		loose_free(loose);
		return status;
	}
	*out = loose;
	return PCE_OK;
}

static bool
allows(const void *ctx, uint32_t link)
{
	const struct loose *loose = ctx;

	return !loose->barred[link] && path_rules_allow(loose->rules, link);
}

void
loose_options(const struct loose *loose, struct segment_options *options)
{
	options->allows = allows;
	options->ctx = loose;
	options->most[0] = loose->request->max_delay_us;
	options->most[1] = loose->request->max_te;
	options->most[2] = loose->request->max_hops;
}

void
loose_unbar(struct loose *loose)
{
	memset(loose->barred, 0, ted_link_count(loose->ted) * sizeof(*loose->barred));
}

static void
bar_fibre(struct loose *loose, ted_link link)
{
	ted_link reverse = ted_link_at(loose->ted, link)->reverse;

	loose->barred[link] = true;
	if (reverse != TED_NONE)
		loose->barred[reverse] = true;
}

static void
bar_node(struct loose *loose, ted_node node)
{
	size_t n;
	const ted_link *links;

	if (node == loose->request->from || node == loose->request->to)
		return;
	links = ted_links_in(loose->ted, node, &n);
	for (size_t k = 0; k < n; k++)
		loose->barred[links[k]] = true;
}

/* Numbers of shared risks, sorted. */
struct risks {
	const uint32_t *numbers;
	size_t n;
};

static bool
share(struct risks a, struct risks b)
{
	size_t i = 0, j = 0;

	while (i < a.n && j < b.n) {
		if (a.numbers[i] == b.numbers[j])
			return true;
		if (a.numbers[i] < b.numbers[j])
			i++;
		else
			j++;
	}
	return false;
}

static struct risks
risks_of_link(const struct loose *loose, ted_link link)
{
	const struct ted_link_row *row = ted_link_at(loose->ted, link);

	return (struct risks){ row->srlg, row->n_srlg };
}

/* Those of the node that a link leads to; the ends' own do not count. */
static struct risks
risks_behind(const struct loose *loose, ted_link link)
{
	ted_node node = ted_link_at(loose->ted, link)->to;
	const struct ted_node_row *row = ted_node_at(loose->ted, node);

	if (node == loose->request->from || node == loose->request->to)
		return (struct risks){ 0 };
	return (struct risks){ row->srlg, row->n_srlg };
}

static void
bar_srlgs(struct loose *loose, ted_link link)
{
	struct risks own = risks_of_link(loose, link), behind = risks_behind(loose, link);

	if (!own.n && !behind.n)
		return;
	for (ted_link k = 0; k < ted_link_count(loose->ted); k++) {
		struct risks theirs = risks_of_link(loose, k), beyond = risks_behind(loose, k);

		loose->barred[k] |= share(own, theirs) || share(own, beyond) ||
				    share(behind, theirs) || share(behind, beyond);
	}
}

void
loose_bar(struct loose *loose, const uint32_t *links, size_t n)
{
	enum path_disjoint kind = loose->request->disjoint;
	bool nodes = kind == PATH_DISJOINT_NODE || kind == PATH_DISJOINT_SRLG_NODE;
	bool srlgs = kind == PATH_DISJOINT_SRLG || kind == PATH_DISJOINT_SRLG_NODE;

	for (size_t k = 0; k < n; k++) {
		bar_fibre(loose, links[k]);
		if (nodes)
			bar_node(loose, ted_link_at(loose->ted, links[k])->to);
		if (srlgs)
			bar_srlgs(loose, links[k]);
	}
}
