#include "pce/ted/source/bind.h"

#include <stdlib.h>
#include <string.h>

#include "pce/base/array.h"
#include "pce/ted/source/voice.h"

/* What a node is called by its own sources, without what is bound to it. */
struct identity {
	uint32_t object;
	struct ip_addr v4, v6;
	const char *name; /* in a blob */
};

/* Identities sorted in three ways, to be found by any of the three. */
struct index {
	struct identity *nodes;
	size_t n;
	const struct identity **by[3];
};

enum identity_part { PART_V6, PART_V4, PART_NAME };

static int
compare_part(enum identity_part part, const struct identity *a, const struct identity *b)
{
	switch (part) {
	case PART_V6:
		return ip_compare(&a->v6, &b->v6);
	case PART_V4:
		return ip_compare(&a->v4, &b->v4);
	case PART_NAME:
		return strcmp(a->name ? a->name : "", b->name ? b->name : "");
	}
	return 0;
}

static bool
has_part(enum identity_part part, const struct identity *a)
{
	return part == PART_V6   ? a->v6.family == IP_V6
	       : part == PART_V4 ? a->v4.family == IP_V4
				 : a->name && *a->name;
}

static int
compare_v6(const void *left, const void *right)
{
	const struct identity *const *a = left, *const *b = right;

	return compare_part(PART_V6, *a, *b);
}

static int
compare_v4(const void *left, const void *right)
{
	const struct identity *const *a = left, *const *b = right;

	return compare_part(PART_V4, *a, *b);
}

static int
compare_name(const void *left, const void *right)
{
	const struct identity *const *a = left, *const *b = right;

	return compare_part(PART_NAME, *a, *b);
}

/* Reads what the object's own voices say; false if no file or feed knows it. Names and router ids
 * do not depend on freshness here: a lost session must not untie a network. */
static enum pce_status
identify(const struct rib *rib, uint32_t object, struct voices *voices, struct identity *out,
	 bool *known, struct pce_error *err)
{
	const struct voice *name = NULL, *v4 = NULL, *v6 = NULL;
	const struct rib_object *o = &rib->objects[object];
	struct presence p;
	enum pce_status status = voices_collect_own(rib, object, voices, err);

	if (status)
		return status;
	p = voices_presence(voices);
	*known = p.known;
	*out = (struct identity){ .object = object };
	for (size_t i = 0; i < voices->n; i++) {
		const struct voice *v = &voices->at[i];
		struct blob_view view;
		const struct ted_node_attr *a = &view.u.node;

		if (v->entry->withdrawn && p.said)
			continue;
		blob_read(v->entry->blob, o->type, &view);
		if (a->name && (!name || voice_before_for_names(v, name))) {
			name = v;
			out->name = a->name;
		}
		if (a->present & TED_NODE_ROUTER_ID_V4 && (!v4 || voice_before_for_names(v, v4))) {
			v4 = v;
			out->v4 = a->router_id_v4;
		}
		if (a->present & TED_NODE_ROUTER_ID_V6 && (!v6 || voice_before_for_names(v, v6))) {
			v6 = v;
			out->v6 = a->router_id_v6;
		}
	}
	return PCE_OK;
}

static void
index_free(struct index *index)
{
	free(index->nodes);
	for (size_t i = 0; i < 3; i++)
		free(index->by[i]);
}

/* Lists all known nodes with an IGP identity. */
static enum pce_status
index_build(const struct rib *rib, struct voices *voices, struct index *index,
	    struct pce_error *err)
{
	static int (*const compare[3])(const void *, const void *) = { compare_v6, compare_v4,
								       compare_name };
	const uint8_t skip = RIB_STATIC | RIB_PSEUDONODE;
	size_t cap = 0;

	*index = (struct index){ 0 };
	for (uint32_t i = 0; i < rib->n_objects; i++) {
		bool known;
		enum pce_status status;

		if (rib->objects[i].type != TED_OBJECT_NODE || rib->objects[i].flags & skip)
			continue;
		status =
		    array_reserve(&index->nodes, &cap, index->n + 1, sizeof(*index->nodes), err);
		if (!status)
			status = identify(rib, i, voices, &index->nodes[index->n], &known, err);
		if (status)
			return status;
		index->n += known;
	}
	for (size_t part = 0; part < 3; part++) {
		index->by[part] = calloc(index->n + 1, sizeof(*index->by[part]));
		if (!index->by[part])
			return pce_no_memory(err);
		for (size_t i = 0; i < index->n; i++)
			index->by[part][i] = &index->nodes[i];
		qsort(index->by[part], index->n, sizeof(*index->by[part]), compare[part]);
	}
	return PCE_OK;
}

/* The one node that shares this part of the identity, or RIB_NONE. */
static uint32_t
find_part(const struct index *index, enum identity_part part, const struct identity *who)
{
	size_t low = 0, high = index->n;

	if (!has_part(part, who))
		return RIB_NONE;
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (compare_part(part, index->by[part][middle], who) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == index->n || compare_part(part, index->by[part][low], who))
		return RIB_NONE;
	if (low + 1 < index->n && compare_part(part, index->by[part][low + 1], who) == 0)
		return RIB_NONE;
	return index->by[part][low]->object;
}

static enum pce_status
bind_node(const struct rib *rib, uint32_t object, const struct index *index, struct voices *voices,
	  uint32_t *target, struct pce_error *err)
{
	const struct key *key = rib->objects[object].key;
	struct identity who;
	char name[TED_NAME_MAX + 1];
	bool known;
	enum pce_status status = identify(rib, object, voices, &who, &known, err);

	if (status)
		return status;
	*target = RIB_NONE;
	if (!who.name) {
		memcpy(name, key->bytes + 27, key->bytes[26]);
		name[key->bytes[26]] = '\0';
		who.name = name;
	}
	for (int part = PART_V6; part <= PART_NAME && *target == RIB_NONE; part++)
		*target = find_part(index, (enum identity_part)part, &who);
	return PCE_OK;
}

/* A link with what binding looks at. */
struct candidate {
	uint32_t object;
	uint32_t local, remote; /* node objects, resolved */
	bool is_static;
	bool known;
	const char *name;
	size_t name_len;
	struct key_link_ids ids;
};

static int
compare_ends(const struct candidate *a, const struct candidate *b)
{
	if (a->local != b->local)
		return a->local < b->local ? -1 : 1;
	if (a->remote != b->remote)
		return a->remote < b->remote ? -1 : 1;
	return (a->ids.topology > b->ids.topology) - (a->ids.topology < b->ids.topology);
}

static int
compare_candidates(const void *left, const void *right)
{
	const struct candidate *a = left, *b = right;
	int order = compare_ends(a, b);

	if (order)
		return order;
	return (a->object > b->object) - (a->object < b->object);
}

static bool
has_ids(const struct key_link_ids *ids)
{
	return ids->local_id || ids->remote_id || ids->v4_local.family || ids->v4_remote.family ||
	       ids->v6_local.family || ids->v6_remote.family;
}

/* Counts equal parts; sets *differ if both have a part and it is not equal. */
static unsigned
equal_addr(const struct ip_addr *a, const struct ip_addr *b, bool *differ)
{
	if (a->family == IP_NONE || b->family == IP_NONE)
		return 0;
	if (ip_compare(a, b) == 0)
		return 1;
	*differ = true;
	return 0;
}

static unsigned
equal_number(uint32_t a, uint32_t b, bool *differ)
{
	if (a == 0 || b == 0)
		return 0;
	if (a != b)
		*differ = true;
	return a == b;
}

static bool
same_ids(const struct key_link_ids *a, const struct key_link_ids *b)
{
	bool differ = false;
	unsigned equal = equal_number(a->local_id, b->local_id, &differ) +
			 equal_number(a->remote_id, b->remote_id, &differ) +
			 equal_addr(&a->v4_local, &b->v4_local, &differ) +
			 equal_addr(&a->v4_remote, &b->v4_remote, &differ) +
			 equal_addr(&a->v6_local, &b->v6_local, &differ) +
			 equal_addr(&a->v6_remote, &b->v6_remote, &differ);

	return equal > 0 && !differ;
}

static bool
same_name(const struct candidate *a, const struct candidate *b)
{
	return a->name_len > 0 && a->name_len == b->name_len &&
	       memcmp(a->name, b->name, a->name_len) == 0;
}

/* The one feed link of a group that has what the static one has, or RIB_NONE. by_name chooses what
 * is compared. */
static uint32_t
one_match(const struct candidate *group, size_t n, const struct candidate *who, bool by_name)
{
	uint32_t found = RIB_NONE;

	for (size_t i = 0; i < n; i++) {
		if (group[i].is_static || !group[i].known)
			continue;
		if (by_name ? !same_name(who, &group[i]) : !same_ids(&who->ids, &group[i].ids))
			continue;
		if (found != RIB_NONE)
			return RIB_NONE;
		found = group[i].object;
	}
	return found;
}

static void
bind_group(struct rib *rib, const struct candidate *group, size_t n)
{
	size_t n_static = 0, n_feed = 0;
	uint32_t only = RIB_NONE;

	for (size_t i = 0; i < n; i++) {
		if (!group[i].known)
			continue;
		n_static += group[i].is_static;
		n_feed += !group[i].is_static;
		if (!group[i].is_static)
			only = group[i].object;
	}
	for (size_t i = 0; i < n; i++) {
		const struct candidate *c = &group[i];
		uint32_t target = RIB_NONE;

		if (!c->is_static || !c->known)
			continue;
		if (has_ids(&c->ids)) {
			target = one_match(group, n, c, false);
		} else {
			target = one_match(group, n, c, true);
			if (target == RIB_NONE && n_static == 1 && n_feed == 1)
				target = only;
		}
		rib->objects[c->object].target = target;
	}
}

static enum pce_status
candidate_of(const struct rib *rib, uint32_t object, struct voices *voices, struct candidate *out,
	     struct pce_error *err)
{
	const struct rib_object *o = &rib->objects[object];
	const struct voice *name = NULL;
	struct presence p;
	enum pce_status status = voices_collect_own(rib, object, voices, err);

	if (status)
		return status;
	p = voices_presence(voices);
	*out = (struct candidate){ .object = object,
				   .local = rib_resolve(rib, o->local),
				   .remote = rib_resolve(rib, o->remote),
				   .is_static = o->flags & RIB_STATIC,
				   .known = p.known };
	key_link_ids(o->key->bytes, &out->ids);
	out->name = out->ids.name;
	out->name_len = out->ids.name_len;
	for (size_t i = 0; i < voices->n; i++) {
		const struct voice *v = &voices->at[i];
		struct blob_view view;

		if (v->entry->withdrawn && p.said)
			continue;
		blob_read(v->entry->blob, TED_OBJECT_LINK, &view);
		if (view.u.link.name && (!name || voice_before_for_names(v, name))) {
			name = v;
			out->name = view.u.link.name;
			out->name_len = strlen(out->name);
		}
	}
	return PCE_OK;
}

/* Binds static links whose both nodes are, or are bound to, nodes with an IGP identity. */
static enum pce_status
bind_links(struct rib *rib, struct voices *voices, struct pce_error *err)
{
	struct candidate *all = NULL;
	size_t n = 0, cap = 0;
	enum pce_status status = PCE_OK;

	for (uint32_t i = 0; !status && i < rib->n_objects; i++) {
		const struct rib_object *o = &rib->objects[i];

		if (o->type != TED_OBJECT_LINK ||
		    rib->objects[rib_resolve(rib, o->local)].flags & RIB_STATIC ||
		    rib->objects[rib_resolve(rib, o->remote)].flags & RIB_STATIC)
			continue;
		status = array_reserve(&all, &cap, n + 1, sizeof(*all), err);
		if (!status)
			status = candidate_of(rib, i, voices, &all[n++], err);
	}
	if (!status && n > 0)
		qsort(all, n, sizeof(*all), compare_candidates);
	for (size_t i = 0, end; !status && i < n; i = end) {
		for (end = i + 1; end < n && compare_ends(&all[i], &all[end]) == 0;)
			end++;
		bind_group(rib, all + i, end - i);
	}
	free(all);
	return status;
}

static void
mark_change(struct rib *rib, uint32_t object, uint32_t old)
{
	uint32_t target = rib->objects[object].target;

	if (target == old)
		return;
	rib->objects[object].flags |= RIB_REBOUND;
	rib_mark(rib, object); /* and with it, when rows are made, its new target */
	if (old != RIB_NONE)
		rib_mark(rib, old);
}

/* Links of a node that was bound or untied have another end now. */
static void
mark_links(struct rib *rib)
{
	for (size_t i = 0; i < rib->n_statics; i++) {
		const struct rib_object *o = &rib->objects[rib->statics[i]];

		if (o->type == TED_OBJECT_LINK &&
		    (rib->objects[o->local].flags | rib->objects[o->remote].flags) & RIB_REBOUND)
			rib_mark(rib, rib->statics[i]);
	}
	for (size_t i = 0; i < rib->n_statics; i++)
		rib->objects[rib->statics[i]].flags &= (uint8_t)~RIB_REBOUND;
}

/* Lists of bound objects, and marks for what changed. */
static void
link_aliases(struct rib *rib, const uint32_t *old)
{
	for (uint32_t i = 0; i < rib->n_objects; i++)
		if (rib->objects[i].type == TED_OBJECT_NODE ||
		    rib->objects[i].type == TED_OBJECT_LINK)
			rib->objects[i].alias = RIB_NONE;
	for (size_t i = 0; i < rib->n_statics; i++) {
		struct rib_object *o = &rib->objects[rib->statics[i]];

		if (o->target == RIB_NONE)
			continue;
		o->alias = rib->objects[o->target].alias;
		rib->objects[o->target].alias = rib->statics[i];
	}
	for (size_t i = 0; i < rib->n_statics; i++)
		mark_change(rib, rib->statics[i], old[i]);
	mark_links(rib);
}

static void
restore(struct rib *rib, const uint32_t *old)
{
	for (size_t i = 0; i < rib->n_statics; i++)
		rib->objects[rib->statics[i]].target = old[i];
}

/* Nodes first, because links are bound between what their nodes are bound to. */
static enum pce_status
bind_all(struct rib *rib, struct voices *voices, const struct index *index, struct pce_error *err)
{
	enum pce_status status = PCE_OK;

	for (size_t i = 0; !status && i < rib->n_statics; i++) {
		struct rib_object *o = &rib->objects[rib->statics[i]];

		o->target = RIB_NONE;
		if (o->type == TED_OBJECT_NODE)
			status = bind_node(rib, rib->statics[i], index, voices, &o->target, err);
	}
	return status || index->n == 0 ? status : bind_links(rib, voices, err);
}

enum pce_status
bind_statics(struct rib *rib, struct pce_error *err)
{
	struct voices voices = { 0 };
	struct index index = { 0 };
	uint32_t *old;
	enum pce_status status;

	if (rib->n_statics == 0) {
		rib->rebind = false;
		return PCE_OK;
	}
	old = calloc(rib->n_statics, sizeof(*old));
	if (!old)
		return pce_no_memory(err);
	for (size_t i = 0; i < rib->n_statics; i++)
		old[i] = rib->objects[rib->statics[i]].target;
	status = index_build(rib, &voices, &index, err);
	if (!status)
		status = bind_all(rib, &voices, &index, err);
	if (status) {
		restore(rib, old);
	} else {
		link_aliases(rib, old);
		rib->rebind = false;
	}
	index_free(&index);
	free(voices.at);
	free(old);
	return status;
}
