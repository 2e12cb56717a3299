/* What a topology does not say: it stays absent in the deltas, and is listed with what the database
 * makes of it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "models/codec/topology_internal.h"

#define EXAMPLES 3 /* names that a sentence gives */

/* A leaf whose absence means an assumption. */
struct missing {
	enum ted_object object;
	uint32_t field;
	const char *leaf;
	const char *assumed;
};

static const struct missing missing[] = {
	{ TED_OBJECT_LINK, TED_LINK_IGP_METRIC, "igp-metric", "1 is assumed" },
	{ TED_OBJECT_LINK, TED_LINK_TE_METRIC, "te-metric", "igp-metric is assumed" },
	{ TED_OBJECT_LINK, TED_LINK_DELAY, "delay-us", "0 is assumed" },
	{ TED_OBJECT_LINK, TED_LINK_CAPACITY | TED_LINK_START_RESIDUAL, "capacity-bps",
	  "no bandwidth can be booked there" },
	{ TED_OBJECT_LINK, TED_LINK_AVAILABILITY, "availability", "1 is assumed" },
	{ TED_OBJECT_NODE, TED_NODE_AVAILABILITY, "availability", "1 is assumed" },
};
#define KINDS (sizeof(missing) / sizeof(missing[0]))

static bool
is_missing(const struct missing *kind, const struct ted_delta *delta)
{
	bool link = delta->object == TED_OBJECT_LINK;
	uint32_t present = link ? delta->attr.link.present : delta->attr.node.present;

	return delta->object == kind->object && !(present & kind->field);
}

/* All objects that lack a leaf. */
static enum pce_status
find_missing(struct codec_topology *topology, const struct missing *kind, struct codec_finding *out,
	     struct pce_error *err)
{
	bool link = kind->object == TED_OBJECT_LINK;
	const char **names;
	size_t n = 0;

	for (size_t i = 0; i < topology->n; i++)
		n += is_missing(kind, &topology->deltas[i]);
	names = arena_alloc(&topology->arena, (n + 1) * sizeof(*names));
	if (!names)
		return pce_no_memory(err);
	*out = (struct codec_finding){
		false, link ? "link" : "node", kind->leaf, kind->assumed, names, NULL, 0
	};
	for (size_t i = 0; i < topology->n; i++) {
		const struct ted_delta *delta = &topology->deltas[i];
		const char *name = link ? delta->attr.link.name : delta->attr.node.name;

		if (is_missing(kind, delta))
			names[out->n++] = name ? name : "?";
	}
	return PCE_OK;
}

static const char *
plural(const char *object)
{
	return strchr("sx", object[strlen(object) - 1]) ? "es" : "s";
}

/* "igp-metric is missing on 3 links (a, b, c): 1 is assumed", "edge a: self loop, left out",
 * "affinity red has no bit: 0 is assumed". */
static void
say(const struct codec_finding *f, struct text *out)
{
	const char *object = strcmp(f->object, "srlg") == 0 ? "SRLG" : f->object;

	if (f->n == 0) {
		text_printf(out, "%s\n", f->words);
		return;
	}
	if (f->values && f->n <= EXAMPLES) {
		for (size_t i = 0; i < f->n; i++)
			text_printf(out, "%s%s %s has no %s: %u is assumed", i ? "; " : "", object,
				    f->names[i], f->leaf, f->values[i]);
		text_add(out, "\n");
		return;
	}
	if (f->leaf && !f->values)
		text_printf(out, "%s is missing on %zu %s%s (", f->leaf, f->n, object,
			    f->n == 1 ? "" : plural(object));
	else if (f->n == 1)
		text_printf(out, "%s ", object);
	else
		text_printf(out, "%zu %s%s (", f->n, object, plural(object));
	for (size_t i = 0; i < f->n && i < EXAMPLES; i++) {
		text_printf(out, "%s%s", i ? ", " : "", f->names[i]);
		if (f->values)
			text_printf(out, " %u", f->values[i]);
	}
	text_printf(out, "%s%s: %s\n", f->n > EXAMPLES ? ", ..." : "",
		    f->n > 1 || (f->leaf && !f->values) ? ")" : "", f->words);
}

/* Old and new pointers in one array in the arena. */
static void *
extend(struct arena *arena, const void *old, size_t n_old, size_t n_new, size_t size)
{
	char *out = arena_alloc(arena, (n_old + n_new + 1) * size);

	if (out && n_old)
		memcpy(out, old, n_old * size);
	return out;
}

enum pce_status
codec_topology_found(struct codec_topology *topology, const struct codec_finding *findings,
		     size_t n, struct pce_error *err)
{
	size_t at = topology->n_findings;
	struct codec_finding *all =
	    extend(&topology->arena, topology->findings, at, n, sizeof(*all));
	const char **sentences =
	    extend(&topology->arena, topology->assumed, at, n, sizeof(*sentences));
	struct text line = { 0 };
	enum pce_status status = all && sentences ? PCE_OK : pce_no_memory(err);

	for (size_t i = 0; status == PCE_OK && i < n; i++) {
		text_clear(&line);
		say(&findings[i], &line);
		all[at + i] = findings[i];
		if (text_ok(&line) && line.len > 0)
			line.at[line.len - 1] = 0;
		sentences[at + i] =
		    text_ok(&line) ? arena_strdup(&topology->arena, text_get(&line)) : NULL;
		if (!sentences[at + i])
			status = pce_no_memory(err);
	}
	text_free(&line);
	if (status != PCE_OK)
		return status;
	topology->findings = all;
	topology->assumed = sentences;
	topology->n_findings = topology->n_assumed = at + n;
	return PCE_OK;
}

enum pce_status
topology_assume(struct codec_topology *topology, const struct topology_invented invented[2],
		struct pce_error *err)
{
	static const char *const names[2][2] = { { "srlg", "number" }, { "affinity", "bit" } };
	struct codec_finding found[KINDS + 2];
	size_t n = 0;
	enum pce_status status = PCE_OK;

	for (size_t kind = 0; status == PCE_OK && kind < KINDS; kind++) {
		status = find_missing(topology, &missing[kind], &found[n], err);
		n += status == PCE_OK && found[n].n > 0;
	}
	for (size_t i = 0; status == PCE_OK && i < 2; i++) {
		const struct topology_invented *list = &invented[i];
		size_t len = list->n;
		const char **copy = extend(&topology->arena, list->names, len, 0, sizeof(*copy));
		uint32_t *numbers =
		    extend(&topology->arena, list->numbers, len, 0, sizeof(*numbers));

		if (!copy || !numbers)
			return pce_no_memory(err);
		found[n] = (struct codec_finding){ false,       names[i][0],
						   names[i][1], "a free number is assumed",
						   copy,        numbers,
						   list->n };
		n += list->n > 0;
	}
	return status == PCE_OK ? codec_topology_found(topology, found, n, err) : status;
}
