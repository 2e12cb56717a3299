#include "pce/ted/source/blob.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

enum walk_mode { WALK_MEASURE, WALK_WRITE, WALK_READ };

struct walk {
	enum walk_mode mode;
	uint8_t *base; /* written or read; items stand at their alignment within the blob */
	size_t at;
};

/* Inlined, so that len is a constant: a feed walks ten fields for each NLRI, three times. */
static inline __attribute__((always_inline)) void
walk_raw(struct walk *w, void *field, size_t len)
{
	if (w->mode == WALK_WRITE)
		memcpy(w->base + w->at, field, len);
	else if (w->mode == WALK_READ)
		memcpy(field, w->base + w->at, len);
	w->at += len;
}

#define WALK(w, field) walk_raw(w, &(field), sizeof(field))
#define WALK_IF(w, bits, bit, field)                                                               \
	do {                                                                                       \
		if ((bits) & (bit))                                                                \
			WALK(w, field);                                                            \
	} while (0)

/* Moves on to a multiple of align of the heap block, whose header comes before base. */
static void
walk_align(struct walk *w, size_t align)
{
	size_t head = offsetof(struct blob, bytes);

	w->at = (head + w->at + align - 1) / align * align - head;
}

/* An array of *n items: returns where they are, the given place or the one in the blob. */
static const void *
walk_items(struct walk *w, const void *items, size_t *n, size_t size, size_t align)
{
	uint16_t count = (uint16_t)*n;

	WALK(w, count);
	*n = count;
	if (count == 0)
		return w->mode == WALK_READ ? NULL : items;
	walk_align(w, align);
	if (w->mode == WALK_WRITE)
		memcpy(w->base + w->at, items, count * size);
	else if (w->mode == WALK_READ)
		items = w->base + w->at;
	w->at += count * size;
	return items;
}

static void
walk_string(struct walk *w, const char **s)
{
	size_t n = *s ? strlen(*s) + 1 : 0;

	*s = walk_items(w, *s, &n, 1, 1);
}

/* A list of strings; read, it is only found again: *words is the first of them. */
static void
walk_words(struct walk *w, const char *const *list, size_t *n, const char **words)
{
	uint16_t count = (uint16_t)*n;
	uint32_t bytes = 0;

	for (size_t i = 0; w->mode != WALK_READ && i < count; i++)
		bytes += (uint32_t)strlen(list[i]) + 1;
	WALK(w, count);
	WALK(w, bytes);
	*n = count;
	if (w->mode == WALK_READ)
		*words = count ? (const char *)w->base + w->at : NULL;
	for (size_t i = 0, at = w->at; w->mode == WALK_WRITE && i < count; i++) {
		memcpy(w->base + at, list[i], strlen(list[i]) + 1);
		at += strlen(list[i]) + 1;
	}
	w->at += bytes;
}

static void
walk_node(struct walk *w, struct blob_view *v)
{
	struct ted_node_attr *a = &v->u.node;

	WALK(w, a->present);
	WALK_IF(w, a->present, TED_NODE_AVAILABILITY, a->unavailability_ppt);
	WALK_IF(w, a->present, TED_NODE_POSITION, a->latitude);
	WALK_IF(w, a->present, TED_NODE_POSITION, a->longitude);
	WALK_IF(w, a->present, TED_NODE_ROUTER_ID_V4, a->router_id_v4);
	WALK_IF(w, a->present, TED_NODE_ROUTER_ID_V6, a->router_id_v6);
	WALK_IF(w, a->present, TED_NODE_OVERLOAD, a->overload);
	WALK_IF(w, a->present, TED_NODE_ADMIN, a->admin_down);
	if (a->present & TED_NODE_NAME)
		walk_string(w, &a->name);
	if (a->present & TED_NODE_LABEL)
		walk_string(w, &a->label);
	if (a->present & TED_NODE_SITE)
		walk_string(w, &a->site);
	if (a->present & TED_NODE_SRLG)
		a->srlg = walk_items(w, a->srlg, &a->n_srlg, sizeof(*a->srlg), 4);
	if (a->present & TED_NODE_MSD)
		a->msd = walk_items(w, a->msd, &a->n_msd, sizeof(*a->msd), 1);
	if (a->present & TED_NODE_ALGORITHMS)
		a->algorithms = walk_items(w, a->algorithms, &a->n_algorithms, 1, 1);
	if (a->present & TED_NODE_FADS)
		a->fads = walk_items(w, a->fads, &a->n_fads, sizeof(*a->fads), 4);
	if (a->present & TED_NODE_SERVICES)
		walk_words(w, a->services, &a->n_services, &v->words);
}

static void
walk_link_bandwidths(struct walk *w, struct ted_link_attr *a)
{
	WALK_IF(w, a->present, TED_LINK_CAPACITY, a->capacity_bps);
	WALK_IF(w, a->present, TED_LINK_RESERVABLE, a->reservable_bps);
	WALK_IF(w, a->present, TED_LINK_UNRESERVED, a->unreserved_bps);
	WALK_IF(w, a->present, TED_LINK_ADV_RESIDUAL, a->advertised_residual_bps);
	WALK_IF(w, a->present, TED_LINK_ADV_AVAILABLE, a->advertised_available_bps);
	WALK_IF(w, a->present, TED_LINK_ADV_UTILISED, a->advertised_utilised_bps);
	WALK_IF(w, a->present, TED_LINK_START_RESIDUAL, a->start_residual_bps);
	WALK_IF(w, a->present, TED_LINK_MEASURED, a->measured_bps);
	WALK_IF(w, a->present, TED_LINK_SUBSCRIPTION, a->subscription_ppm);
}

static void
walk_link(struct walk *w, struct blob_view *v)
{
	struct ted_link_attr *a = &v->u.link;

	WALK(w, a->present);
	WALK(w, a->unusable);
	WALK_IF(w, a->present, TED_LINK_ADMIN, a->admin_down);
	WALK_IF(w, a->present, TED_LINK_OPER, a->oper_down);
	WALK_IF(w, a->present, TED_LINK_DELAY, a->delay_anomalous);
	WALK_IF(w, a->present, TED_LINK_IGP_METRIC, a->igp_metric);
	WALK_IF(w, a->present, TED_LINK_TE_METRIC, a->te_metric);
	WALK_IF(w, a->present, TED_LINK_DELAY, a->delay_us);
	WALK_IF(w, a->present, TED_LINK_DELAY_RANGE, a->delay_min_us);
	WALK_IF(w, a->present, TED_LINK_DELAY_RANGE, a->delay_max_us);
	WALK_IF(w, a->present, TED_LINK_DELAY_VARIATION, a->delay_variation_us);
	WALK_IF(w, a->present, TED_LINK_LOSS, a->loss_ppb);
	walk_link_bandwidths(w, a);
	WALK_IF(w, a->present, TED_LINK_AVAILABILITY, a->unavailability_ppt);
	if (a->present & TED_LINK_NAME)
		walk_string(w, &a->name);
	if (a->present & TED_LINK_AFFINITY)
		a->affinity = walk_items(w, a->affinity, &a->n_affinity, sizeof(*a->affinity), 4);
	if (a->present & TED_LINK_SRLG)
		a->srlg = walk_items(w, a->srlg, &a->n_srlg, sizeof(*a->srlg), 4);
	if (a->present & TED_LINK_SIDS)
		a->sids = walk_items(w, a->sids, &a->n_sids, sizeof(*a->sids), 2);
	if (a->present & TED_LINK_MSD)
		a->msd = walk_items(w, a->msd, &a->n_msd, sizeof(*a->msd), 1);
	if (a->present & TED_LINK_SLICES)
		walk_words(w, a->slices, &a->n_slices, &v->words);
	if (a->present & TED_LINK_REVERSE)
		v->reverse = walk_items(w, v->reverse, &v->reverse_len, 1, 1);
}

static void
walk_prefix(struct walk *w, struct blob_view *v)
{
	struct ted_prefix_attr *a = &v->u.prefix;

	WALK(w, a->metric);
	WALK(w, a->has_locator);
	if (a->has_locator) {
		WALK(w, a->locator.flags);
		WALK(w, a->locator.algorithm);
		WALK(w, a->locator.metric);
	}
}

static void
walk_sid(struct walk *w, struct blob_view *v)
{
	struct ted_sid_attr *a = &v->u.sid;

	WALK(w, a->behavior);
	WALK(w, a->flags);
	WALK(w, a->algorithm);
	WALK(w, a->structure);
}

static void
walk_srlg(struct walk *w, struct blob_view *v)
{
	WALK(w, v->u.srlg.unavailability_ppt);
	walk_string(w, &v->u.srlg.name);
}

static void
walk_object(struct walk *w, enum ted_object object, struct blob_view *v)
{
	switch (object) {
	case TED_OBJECT_NODE:
		walk_node(w, v);
		break;
	case TED_OBJECT_LINK:
		walk_link(w, v);
		break;
	case TED_OBJECT_PREFIX:
		walk_prefix(w, v);
		break;
	case TED_OBJECT_SID:
		walk_sid(w, v);
		break;
	case TED_OBJECT_SRLG:
	case TED_OBJECT_AFFINITY:
	case TED_OBJECT_SITE:
		walk_srlg(w, v);
		break;
	}
}

/* Bits that a source set without giving what they stand for are dropped, lists are bounded. */
static enum pce_status
take_node(struct ted_node_attr *a, struct pce_error *err)
{
	if (a->n_srlg > UINT16_MAX || a->n_msd > UINT16_MAX || a->n_services > UINT16_MAX ||
	    a->n_algorithms > UINT16_MAX || a->n_fads > UINT16_MAX)
		return pce_fail(err, PCE_INVALID, "a list of a node has more than 65535 entries");
	if ((a->name && strlen(a->name) >= UINT16_MAX) ||
	    (a->label && strlen(a->label) >= UINT16_MAX) ||
	    (a->site && strlen(a->site) >= UINT16_MAX))
		return pce_fail(err, PCE_INVALID, "a name of a node is longer than 65534 octets");
	if (!a->name || !*a->name)
		a->present &= ~(uint32_t)TED_NODE_NAME;
	if (!a->label)
		a->present &= ~(uint32_t)TED_NODE_LABEL;
	if (!a->site)
		a->present &= ~(uint32_t)TED_NODE_SITE;
	if (a->router_id_v4.family != IP_V4)
		a->present &= ~(uint32_t)TED_NODE_ROUTER_ID_V4;
	if (a->router_id_v6.family != IP_V6)
		a->present &= ~(uint32_t)TED_NODE_ROUTER_ID_V6;
	return PCE_OK;
}

/* As take_node for a link. */
static enum pce_status
take_link(struct ted_link_attr *a, const uint8_t *reverse, struct pce_error *err)
{
	if (a->n_srlg > UINT16_MAX || a->n_msd > UINT16_MAX || a->n_slices > UINT16_MAX ||
	    a->n_sids > UINT16_MAX || a->n_affinity > UINT16_MAX)
		return pce_fail(err, PCE_INVALID, "a list of a link has more than 65535 entries");
	if (a->name && strlen(a->name) >= UINT16_MAX)
		return pce_fail(err, PCE_INVALID, "a link name is longer than 65534 octets");
	if (!a->name || !*a->name)
		a->present &= ~(uint32_t)TED_LINK_NAME;
	if (!reverse)
		a->present &= ~(uint32_t)TED_LINK_REVERSE;
	return PCE_OK;
}

static enum pce_status
view_of(const struct ted_delta *delta, const uint8_t *reverse, struct blob_view *v,
	struct pce_error *err)
{
	switch (delta->object) {
	case TED_OBJECT_NODE:
		v->u.node = delta->attr.node;
		return take_node(&v->u.node, err);
	case TED_OBJECT_LINK:
		v->u.link = delta->attr.link;
		return take_link(&v->u.link, reverse, err);
	case TED_OBJECT_PREFIX:
		v->u.prefix = delta->attr.prefix;
		return PCE_OK;
	case TED_OBJECT_SID:
		v->u.sid = delta->attr.sid;
		return PCE_OK;
	case TED_OBJECT_SRLG:
	case TED_OBJECT_AFFINITY:
	case TED_OBJECT_SITE:
		v->u.srlg = delta->attr.srlg;
		if (v->u.srlg.name && strlen(v->u.srlg.name) >= UINT16_MAX)
			return pce_fail(err, PCE_INVALID, "a name is longer than 65534 octets");
		return PCE_OK;
	}
	return pce_fail(err, PCE_INVALID, "%d is no kind of object", (int)delta->object);
}

enum pce_status
blob_new(const struct ted_delta *delta, const uint8_t *reverse, size_t reverse_len,
	 struct blob **out, struct pce_error *err)
{
	struct walk w = { .mode = WALK_MEASURE };
	struct blob_view v = { .reverse = reverse, .reverse_len = reverse_len };
	enum pce_status status = view_of(delta, reverse, &v, err);
	struct blob *blob;

	if (status)
		return status;
	walk_object(&w, delta->object, &v);
	blob = calloc(1, sizeof(*blob) + w.at);
	if (!blob)
		return pce_no_memory(err);
	blob->len = w.at;
	w = (struct walk){ .mode = WALK_WRITE, .base = blob->bytes };
	walk_object(&w, delta->object, &v);
	*out = blob;
	return PCE_OK;
}

void
blob_read(const struct blob *blob, enum ted_object object, struct blob_view *out)
{
	/* The walker takes one pointer for both directions; reading does not write through it. */
	struct walk w = { .mode = WALK_READ, .base = (uint8_t *)(uintptr_t)blob->bytes };

	memset(out, 0, sizeof(*out));
	walk_object(&w, object, out);
}

const char *
blob_next_word(const char *word)
{
	return word + strlen(word) + 1;
}
