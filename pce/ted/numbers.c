/* Names and risks of shared-risk link groups and of sites, and names of affinity bits. */
#include <stdlib.h>
#include <string.h>

#include "pce/ted/source/voice.h"
#include "pce/ted/ted_internal.h"

struct numbers *
numbers_hold(struct numbers *numbers)
{
	atomic_fetch_add_explicit(&numbers->holders, 1, memory_order_relaxed);
	return numbers;
}

void
numbers_drop(struct numbers *numbers)
{
	if (!numbers || atomic_fetch_sub_explicit(&numbers->holders, 1, memory_order_acq_rel) != 1)
		return;
	arena_free(&numbers->arena);
	free(numbers->srlgs);
	free(numbers->affinities);
	free(numbers->sites);
	free(numbers);
}

/* What the voices say of a number: the first name, and the first risk that is not 0. */
static enum pce_status
sum_number(const struct rib *rib, uint32_t object, struct voices *voices, struct numbers *into,
	   struct pce_error *err)
{
	const struct rib_object *o = &rib->objects[object];
	struct ted_srlg_row row = { .number = key_number(o->key->bytes) };
	enum pce_status status = voices_collect(rib, object, voices, err);
	bool present = false;

	for (size_t i = 0; !status && i < voices->n; i++) {
		struct blob_view view;

		if (voices->at[i].entry->withdrawn)
			continue;
		present = true;
		blob_read(voices->at[i].entry->blob, o->type, &view);
		if (!row.name)
			row.name = view.u.srlg.name;
		if (!row.unavailability_ppt)
			row.unavailability_ppt = view.u.srlg.unavailability_ppt;
	}
	if (status || !present)
		return status;
	if (row.name && !(row.name = arena_strdup(&into->arena, row.name)))
		return pce_no_memory(err);
	if (o->type == TED_OBJECT_SRLG)
		into->srlgs[into->n_srlgs++] = row;
	else if (o->type == TED_OBJECT_SITE && row.name)
		into->sites[into->n_sites++] =
		    (struct ted_site_row){ row.name, row.unavailability_ppt };
	else if (o->type == TED_OBJECT_AFFINITY && row.name)
		into->affinities[into->n_affinities++] =
		    (struct affinity_name){ row.number, row.name };
	return PCE_OK;
}

static int
compare_srlgs(const void *left, const void *right)
{
	const struct ted_srlg_row *a = left, *b = right;

	return (a->number > b->number) - (a->number < b->number);
}

static int
compare_affinities(const void *left, const void *right)
{
	const struct affinity_name *a = left, *b = right;

	return (a->bit > b->bit) - (a->bit < b->bit);
}

/* By name; the likelier to fail first. */
static int
compare_sites(const void *left, const void *right)
{
	const struct ted_site_row *a = left, *b = right;
	int order = strcmp(a->name, b->name);

	if (order)
		return order;
	return (a->unavailability_ppt < b->unavailability_ppt) -
	       (a->unavailability_ppt > b->unavailability_ppt);
}

/* Sorts the sites. Of a name under two numbers the larger risk counts. */
static void
sort_sites(struct numbers *n)
{
	size_t kept = 0;

	qsort(n->sites, n->n_sites, sizeof(*n->sites), compare_sites);
	for (size_t i = 0; i < n->n_sites; i++)
		if (kept == 0 || strcmp(n->sites[i].name, n->sites[kept - 1].name) != 0)
			n->sites[kept++] = n->sites[i];
	n->n_sites = kept;
}

uint64_t
numbers_site_ppt(const struct numbers *numbers, const char *name)
{
	size_t low = 0, high = numbers->n_sites;

	while (name && low < high) {
		size_t middle = low + (high - low) / 2;
		int order = strcmp(numbers->sites[middle].name, name);

		if (order == 0)
			return numbers->sites[middle].unavailability_ppt;
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return 0;
}

enum pce_status
numbers_build(const struct rib *rib, struct numbers **out, struct pce_error *err)
{
	struct numbers *n = calloc(1, sizeof(*n));
	struct voices voices = { 0 };
	enum pce_status status = PCE_OK;

	if (!n)
		return pce_no_memory(err);
	atomic_init(&n->holders, 1);
	n->srlgs = calloc(rib->n_numbers + 1, sizeof(*n->srlgs));
	n->affinities = calloc(rib->n_numbers + 1, sizeof(*n->affinities));
	n->sites = calloc(rib->n_numbers + 1, sizeof(*n->sites));
	if (!n->srlgs || !n->affinities || !n->sites)
		status = pce_no_memory(err);
	for (size_t i = 0; !status && i < rib->n_numbers; i++)
		status = sum_number(rib, rib->numbers[i], &voices, n, err);
	free(voices.at);
	if (status) {
		numbers_drop(n);
		return status;
	}
	qsort(n->srlgs, n->n_srlgs, sizeof(*n->srlgs), compare_srlgs);
	sort_sites(n);
	qsort(n->affinities, n->n_affinities, sizeof(*n->affinities), compare_affinities);
	*out = n;
	return PCE_OK;
}
