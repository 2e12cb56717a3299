/* What a topology does not say: it stays absent in the deltas, and is listed with what the database
 * makes of it. */
#include <stdlib.h>
#include <string.h>

#include "models/codec/topology_internal.h"

#define EXAMPLES 3 /* names that a sentence gives */

struct missing {
	enum ted_object object;
	uint32_t field;
	const char *leaf;
	const char *assumed;
	size_t n;
	const char *examples[EXAMPLES];
};

static void
count_missing(struct missing *missing, const struct ted_delta *delta)
{
	bool link = delta->object == TED_OBJECT_LINK;
	uint32_t present = link ? delta->attr.link.present : delta->attr.node.present;
	const char *name = link ? delta->attr.link.name : delta->attr.node.name;

	if (delta->object != missing->object || present & missing->field)
		return;
	if (missing->n < EXAMPLES)
		missing->examples[missing->n] = name ? name : "?";
	missing->n++;
}

static void
say_missing(const struct missing *missing, struct text *out)
{
	text_printf(out, "%s is missing on %zu %s%s (", missing->leaf, missing->n,
		    missing->object == TED_OBJECT_LINK ? "link" : "node",
		    missing->n == 1 ? "" : "s");
	for (size_t i = 0; i < missing->n && i < EXAMPLES; i++)
		text_printf(out, "%s%s", i ? ", " : "", missing->examples[i]);
	text_printf(out, "%s): %s\n", missing->n > EXAMPLES ? ", ..." : "", missing->assumed);
}

/* Cuts lines into an array of sentences in the arena. */
static enum pce_status
split_lines(struct codec_topology *topology, const char *lines, struct pce_error *err)
{
	const char **out;
	size_t n = 0;

	for (const char *at = lines; *at; at++)
		n += *at == '\n';
	out = arena_alloc(&topology->arena, (n + 1) * sizeof(*out));
	if (!out)
		return pce_no_memory(err);
	for (size_t i = 0; i < n; i++) {
		size_t len = strcspn(lines, "\n");
		char *copy = arena_alloc(&topology->arena, len + 1);

		if (!copy)
			return pce_no_memory(err);
		memcpy(copy, lines, len);
		out[i] = copy;
		lines += len + 1;
	}
	topology->assumed = out;
	topology->n_assumed = n;
	return PCE_OK;
}

enum pce_status
topology_assume(struct codec_topology *topology, const char *invented, struct pce_error *err)
{
	struct missing all[] = {
		{ .object = TED_OBJECT_LINK,
		  .field = TED_LINK_IGP_METRIC,
		  .leaf = "igp-metric",
		  .assumed = "1 is assumed" },
		{ .object = TED_OBJECT_LINK,
		  .field = TED_LINK_TE_METRIC,
		  .leaf = "te-metric",
		  .assumed = "igp-metric is assumed" },
		{ .object = TED_OBJECT_LINK,
		  .field = TED_LINK_DELAY,
		  .leaf = "delay-us",
		  .assumed = "0 is assumed" },
		{ .object = TED_OBJECT_LINK,
		  .field = TED_LINK_CAPACITY | TED_LINK_START_RESIDUAL,
		  .leaf = "capacity-bps",
		  .assumed = "no bandwidth can be booked there" },
		{ .object = TED_OBJECT_LINK,
		  .field = TED_LINK_AVAILABILITY,
		  .leaf = "availability",
		  .assumed = "1 is assumed" },
		{ .object = TED_OBJECT_NODE,
		  .field = TED_NODE_AVAILABILITY,
		  .leaf = "availability",
		  .assumed = "1 is assumed" },
	};
	struct text lines = { 0 };
	enum pce_status status;

	for (size_t kind = 0; kind < sizeof(all) / sizeof(all[0]); kind++) {
		for (size_t i = 0; i < topology->n; i++)
			count_missing(&all[kind], &topology->deltas[i]);
		if (all[kind].n)
			say_missing(&all[kind], &lines);
	}
	if (invented)
		text_add(&lines, invented);
	status =
	    text_ok(&lines) ? split_lines(topology, text_get(&lines), err) : pce_no_memory(err);
	text_free(&lines);
	return status;
}
