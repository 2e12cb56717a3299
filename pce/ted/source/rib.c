#include "pce/ted/source/rib.h"

#include <stdlib.h>
#include <string.h>

#include "pce/base/array.h"

static const void *
object_key(const void *owner, uint32_t value, size_t *len)
{
	const struct rib *rib = owner;
	const struct key *key = rib->objects[value].key;

	*len = key->len;
	return key->bytes;
}

static const void *
node_key(const void *owner, uint32_t value, size_t *len)
{
	const struct rib *rib = owner;
	const struct key *key = rib->nodes[value].key;

	*len = key->len;
	return key->bytes;
}

enum pce_status
rib_init(struct rib *rib, uint64_t seed, struct pce_error *err)
{
	*rib = (struct rib){ .free_entry = RIB_NONE, .ring = keyring_new() };
	hash_init(&rib->by_key, object_key, rib, seed);
	hash_init(&rib->by_node, node_key, rib, seed);
	return rib->ring ? PCE_OK : pce_no_memory(err);
}

void
rib_free(struct rib *rib)
{
	for (size_t i = 0; i < rib->n_entries; i++)
		free(rib->entries[i].blob);
	free(rib->entries);
	free(rib->objects);
	free(rib->sources);
	free(rib->dirty);
	free(rib->numbers);
	free(rib->statics);
	hash_free(&rib->by_key);
	hash_free(&rib->by_node);
	free(rib->nodes);
	keyring_drop(rib->ring);
}

/* Both indexes have the same seed, so one sum serves for either. */
static uint64_t
sum_of(const struct rib *rib, const uint8_t *bytes, size_t len)
{
	return hash_bytes(bytes, len, rib->by_key.seed);
}

static uint32_t
find_sum(const struct rib *rib, const uint8_t *bytes, size_t len, uint64_t sum)
{
	uint32_t node;

	if (bytes[0] != TED_OBJECT_NODE)
		return hash_find_sum(&rib->by_key, bytes, len, sum);
	node = hash_find_sum(&rib->by_node, bytes, len, sum);
	return node == HASH_NONE ? RIB_NONE : rib->nodes[node].object;
}

uint32_t
rib_find(const struct rib *rib, const uint8_t *bytes, size_t len)
{
	return find_sum(rib, bytes, len, sum_of(rib, bytes, len));
}

void
rib_mark(struct rib *rib, uint32_t object)
{
	struct rib_object *o = &rib->objects[object];

	if (o->flags & RIB_DIRTY)
		return;
	o->flags |= RIB_DIRTY;
	rib->dirty[rib->n_dirty++] = object;
}

enum rib_freshness
rib_freshness(const struct rib *rib, const struct rib_entry *entry)
{
	const struct rib_source *source = &rib->sources[entry->source];

	if (entry->generation <= source->expired)
		return RIB_UNKNOWN;
	return !source->lost && entry->generation == source->generation ? RIB_FRESH : RIB_STALE;
}

enum ted_source_kind
rib_kind(const struct rib *rib, const struct rib_entry *entry)
{
	return rib->sources[entry->source].id.kind;
}

uint32_t
rib_resolve(const struct rib *rib, uint32_t object)
{
	uint32_t target = rib->objects[object].target;

	return target == RIB_NONE ? object : target;
}

/* Finds or makes a source. */
static enum pce_status
source_of(struct rib *rib, struct ted_source id, uint16_t *out, struct pce_error *err)
{
	enum pce_status status;

	for (size_t i = 0; i < rib->n_sources; i++) {
		if (rib->sources[i].id.kind == id.kind && rib->sources[i].id.id == id.id) {
			*out = (uint16_t)i;
			return PCE_OK;
		}
	}
	if (rib->n_sources > UINT16_MAX)
		return pce_fail(err, PCE_LIMIT, "more than 65536 sources speak of the network");
	status = array_reserve(&rib->sources, &rib->cap_sources, rib->n_sources + 1,
			       sizeof(*rib->sources), err);
	if (status)
		return status;
	rib->sources[rib->n_sources] = (struct rib_source){ .id = id, .generation = 1 };
	*out = (uint16_t)rib->n_sources++;
	return PCE_OK;
}

/* Room for one more object wherever objects are listed, so that marking never fails. */
static enum pce_status
reserve_object(struct rib *rib, struct pce_error *err)
{
	size_t need = rib->n_objects + 1;
	enum pce_status status;

	if (need >= RIB_NONE)
		return pce_fail(err, PCE_LIMIT, "the network has more than %u objects", RIB_NONE);
	status = array_reserve(&rib->objects, &rib->cap_objects, need, sizeof(*rib->objects), err);
	if (!status)
		status =
		    array_reserve(&rib->dirty, &rib->cap_dirty, need, sizeof(*rib->dirty), err);
	if (!status)
		status = array_reserve(&rib->numbers, &rib->cap_numbers, rib->n_numbers + 1,
				       sizeof(*rib->numbers), err);
	if (!status)
		status = array_reserve(&rib->statics, &rib->cap_statics, rib->n_statics + 1,
				       sizeof(*rib->statics), err);
	return status;
}

static uint8_t
flags_of(const struct rib *rib, const struct rib_object *o)
{
	const uint8_t *bytes = o->key->bytes;
	uint8_t flags = 0;

	if (o->type == TED_OBJECT_NODE) {
		if (key_protocol(bytes) == TED_PROTOCOL_STATIC)
			flags |= RIB_STATIC;
		if (key_is_pseudonode(bytes))
			flags |= RIB_PSEUDONODE;
	} else if (o->type == TED_OBJECT_LINK) {
		flags = (rib->objects[o->local].flags | rib->objects[o->remote].flags) & RIB_STATIC;
	}
	return flags;
}

/* An object to be made, whose nodes are there; local and remote are RIB_NONE where it has none. */
struct new_object {
	const struct key_bytes *key;
	uint64_t sum; /* of the key */
	uint32_t local, remote;
};

/* Makes the object under an index findable. */
static enum pce_status
add_to_index(struct rib *rib, uint32_t index, uint64_t sum, struct pce_error *err)
{
	enum pce_status status;

	if (rib->objects[index].type != TED_OBJECT_NODE)
		return hash_add_sum(&rib->by_key, index, sum, err);
	status =
	    array_reserve(&rib->nodes, &rib->cap_nodes, rib->n_nodes + 1, sizeof(*rib->nodes), err);
	if (!status)
		status = hash_add_sum(&rib->by_node, (uint32_t)rib->n_nodes, sum, err);
	if (!status)
		rib->nodes[rib->n_nodes++] = (struct rib_node){ rib->objects[index].key, index };
	return status;
}

static enum pce_status
add_object(struct rib *rib, const struct new_object *new, uint32_t *out, struct pce_error *err)
{
	uint32_t index = (uint32_t)rib->n_objects;
	enum pce_status status = reserve_object(rib, err);
	struct rib_object *o;

	if (status)
		return status;
	o = &rib->objects[index];
	*o = (struct rib_object){ .key = keyring_add(rib->ring, new->key->at, new->key->len),
				  .entries = RIB_NONE,
				  .row = TED_NONE,
				  .local = new->local,
				  .remote = new->remote,
				  .child = RIB_NONE,
				  .target = RIB_NONE,
				  .alias = RIB_NONE,
				  .type = new->key->at[0] };
	if (!o->key)
		return pce_no_memory(err);
	o->flags = flags_of(rib, o);
	if ((status = add_to_index(rib, index, new->sum, err)))
		return status;
	rib->n_objects++;
	if (o->type == TED_OBJECT_PREFIX || o->type == TED_OBJECT_SID) {
		o->child = rib->objects[o->local].child;
		rib->objects[o->local].child = index;
	} else if (o->type == TED_OBJECT_SRLG || o->type == TED_OBJECT_AFFINITY ||
		   o->type == TED_OBJECT_SITE) {
		rib->numbers[rib->n_numbers++] = index;
	}
	if (o->flags & RIB_STATIC)
		rib->statics[rib->n_statics++] = index;
	*out = index;
	return PCE_OK;
}

/* The node object whose key bytes (without object octet) start at bytes. */
static enum pce_status
node_of(struct rib *rib, const uint8_t *bytes, uint32_t *out, struct pce_error *err)
{
	struct key_bytes key = { .len = 1 + key_node_len(bytes) };
	struct new_object new = { .key = &key, .local = RIB_NONE, .remote = RIB_NONE };

	key.at[0] = TED_OBJECT_NODE;
	memcpy(key.at + 1, bytes, key.len - 1);
	new.sum = sum_of(rib, key.at, key.len);
	*out = find_sum(rib, key.at, key.len, new.sum);
	return *out == RIB_NONE ? add_object(rib, &new, out, err) : PCE_OK;
}

static enum pce_status
object_of(struct rib *rib, const struct key_bytes *key, uint32_t *out, struct pce_error *err)
{
	struct new_object new = { key, sum_of(rib, key->at, key->len), RIB_NONE, RIB_NONE };
	enum ted_object type = key->at[0];
	enum pce_status status = PCE_OK;

	*out = find_sum(rib, key->at, key->len, new.sum);
	if (*out != RIB_NONE)
		return PCE_OK;
	if (type == TED_OBJECT_LINK || type == TED_OBJECT_PREFIX || type == TED_OBJECT_SID)
		status = node_of(rib, key->at + 1, &new.local, err);
	if (!status && type == TED_OBJECT_LINK)
		status = node_of(rib, key->at + 1 + key_node_len(key->at + 1), &new.remote, err);
	return status ? status : add_object(rib, &new, out, err);
}

static struct rib_entry *
entry_of(const struct rib *rib, uint32_t object, uint16_t source)
{
	for (uint32_t i = rib->objects[object].entries; i != RIB_NONE; i = rib->entries[i].next)
		if (rib->entries[i].source == source)
			return &rib->entries[i];
	return NULL;
}

/* A new entry of an object, without a blob yet. */
static enum pce_status
add_entry(struct rib *rib, uint32_t object, uint16_t source, struct rib_entry **out,
	  struct pce_error *err)
{
	uint32_t index = rib->free_entry;
	enum pce_status status;
	struct rib_entry *e;

	if (index == RIB_NONE) {
		status = array_reserve(&rib->entries, &rib->cap_entries, rib->n_entries + 1,
				       sizeof(*rib->entries), err);
		if (status)
			return status;
		index = (uint32_t)rib->n_entries++;
	} else {
		rib->free_entry = rib->entries[index].next;
	}
	e = &rib->entries[index];
	*e = (struct rib_entry){ .object = object,
				 .source = source,
				 .used = true,
				 .next = rib->objects[object].entries };
	rib->objects[object].entries = index;
	*out = e;
	return PCE_OK;
}

static void
drop_entry(struct rib *rib, uint32_t index)
{
	struct rib_entry *e = &rib->entries[index];
	uint32_t *link = &rib->objects[e->object].entries;

	while (*link != index)
		link = &rib->entries[*link].next;
	*link = e->next;
	free(e->blob);
	*e = (struct rib_entry){ .next = rib->free_entry };
	rib->free_entry = index;
}

/* Which static object is which other one depends on what nodes and static objects are there and on
 * their names and router ids; and, for links, on which feed links are there. */
static void
note_identity(struct rib *rib, uint32_t object)
{
	uint8_t type = rib->objects[object].type;

	if (type == TED_OBJECT_NODE || type == TED_OBJECT_LINK)
		rib->rebind = true;
}

static bool
same_blob(const struct blob *a, const struct blob *b)
{
	return a && a->len == b->len && memcmp(a->bytes, b->bytes, a->len) == 0;
}

static enum pce_status
apply_set(struct rib *rib, uint16_t source, const struct ted_delta *delta,
	  const struct key_bytes *key, struct pce_error *err)
{
	const struct rib_source *s = &rib->sources[source];
	struct key_bytes reverse = { 0 };
	struct rib_entry *e;
	struct blob *blob;
	uint32_t object, other;
	enum pce_status status = PCE_OK;

	if (delta->object == TED_OBJECT_LINK && delta->attr.link.present & TED_LINK_REVERSE &&
	    delta->attr.link.reverse)
		status = key_of_link(delta->attr.link.reverse, &reverse, err);
	if (!status)
		status = blob_new(delta, reverse.len ? reverse.at : NULL, reverse.len, &blob, err);
	if (status)
		return status;
	status = object_of(rib, key, &object, err);
	/* The other direction is an object from now on, so that its name finds it when it comes. */
	if (!status && reverse.len)
		status = object_of(rib, &reverse, &other, err);
	e = status ? NULL : entry_of(rib, object, source);
	if (!status && !e)
		status = add_entry(rib, object, source, &e, err);
	if (status) {
		free(blob);
		return status;
	}
	if (e->generation == s->generation && !e->withdrawn && same_blob(e->blob, blob)) {
		free(blob);
		return PCE_OK;
	}
	if (e->withdrawn || !same_blob(e->blob, blob))
		note_identity(rib, object);
	free(e->blob);
	e->blob = blob;
	e->generation = s->generation;
	e->withdrawn = false;
	rib_mark(rib, object);
	return PCE_OK;
}

enum pce_status
rib_apply(struct rib *rib, struct ted_source source, const struct ted_delta *delta,
	  struct pce_error *err)
{
	struct key_bytes key;
	uint16_t index;
	enum pce_status status = key_of_delta(delta, &key, err);
	struct rib_entry *e;
	uint32_t object;

	if (!status)
		status = source_of(rib, source, &index, err);
	if (status)
		return status;
	if (delta->op == TED_SET)
		return apply_set(rib, index, delta, &key, err);
	if (delta->op != TED_DELETE)
		return pce_fail(err, PCE_INVALID, "%d is no operation on an object",
				(int)delta->op);
	object = rib_find(rib, key.at, key.len);
	e = object == RIB_NONE ? NULL : entry_of(rib, object, index);
	if (!e || e->withdrawn)
		return PCE_OK;
	e->withdrawn = true;
	note_identity(rib, object);
	rib_mark(rib, object);
	return PCE_OK;
}

/* What happens to one entry when its source has an event. */
static void
entry_event(struct rib *rib, uint32_t index, enum ted_source_event event)
{
	struct rib_entry *e = &rib->entries[index];
	const struct rib_source *s = &rib->sources[e->source];

	if (event == TED_SOURCE_SYNCED) {
		if (e->withdrawn || e->generation == s->generation)
			return;
		e->withdrawn = true;
		note_identity(rib, e->object);
	}
	rib_mark(rib, e->object);
	if (event == TED_SOURCE_REMOVED) {
		note_identity(rib, e->object);
		drop_entry(rib, index);
	}
}

enum pce_status
rib_event(struct rib *rib, struct ted_source source, enum ted_source_event event,
	  struct pce_error *err)
{
	uint16_t index;
	enum pce_status status = source_of(rib, source, &index, err);
	struct rib_source *s;
	bool completed = false;

	if (status)
		return status;
	s = &rib->sources[index];
	switch (event) {
	case TED_SOURCE_UP:
		s->generation++;
		s->lost = false;
		break;
	case TED_SOURCE_SYNCED:
		if (s->lost)
			return PCE_OK;
		completed = !s->complete;
		s->complete = true;
		break;
	case TED_SOURCE_LOST:
		s->lost = true;
		break;
	case TED_SOURCE_EXPIRED:
		s->lost = true;
		s->expired = s->generation;
		break;
	case TED_SOURCE_REMOVED:
		*s = (struct rib_source){ .id = source, .generation = 1 };
		break;
	default:
		return pce_fail(err, PCE_INVALID, "%d is no event of a source", (int)event);
	}
	for (uint32_t i = 0; i < rib->n_entries; i++) {
		if (!rib->entries[i].used || rib->entries[i].source != index)
			continue;
		/* What it says of nodes has another weight now, see rib_missed_by_feed. */
		if (completed && rib->objects[rib->entries[i].object].type == TED_OBJECT_NODE)
			rib_mark(rib, rib->entries[i].object);
		entry_event(rib, i, event);
	}
	return PCE_OK;
}

/* The domain's octets of a node key, behind the octets of object and protocol. */
#define DOMAIN_AT 2
#define DOMAIN_LEN (8 + 4 + 4)

bool
rib_told_by_feed(const struct rib *rib, uint32_t node)
{
	for (uint32_t i = rib->objects[node].entries; i != RIB_NONE; i = rib->entries[i].next) {
		const struct rib_entry *e = &rib->entries[i];

		if (!e->withdrawn && rib_kind(rib, e) == TED_SOURCE_BGPLS &&
		    rib->sources[e->source].complete)
			return true;
	}
	return false;
}

bool
rib_missed_by_feed(const struct rib *rib, uint32_t link)
{
	uint32_t local = rib_resolve(rib, rib->objects[link].local);
	uint32_t remote = rib_resolve(rib, rib->objects[link].remote);
	const struct rib_object *a = &rib->objects[local], *b = &rib->objects[remote];
	bool from = rib_told_by_feed(rib, local), to = rib_told_by_feed(rib, remote);

	if (!from || !to)
		return (from || to) && key_protocol(a->key->bytes) == key_protocol(b->key->bytes) &&
		       memcmp(a->key->bytes + DOMAIN_AT, b->key->bytes + DOMAIN_AT, DOMAIN_LEN) ==
			   0;
	return true;
}
