#include "pce/ted/source/voice.h"

#include <string.h>

#include "pce/base/array.h"

static int
compare_ids(const struct voice *a, const struct voice *b)
{
	size_t len = a->key->len < b->key->len ? a->key->len : b->key->len;

	if (a->kind != b->kind)
		return a->kind > b->kind ? -1 : 1;
	if (a->id != b->id)
		return a->id < b->id ? -1 : 1;
	/* Two static objects of one file that are bound to the same object. */
	return memcmp(a->key->bytes, b->key->bytes, len);
}

bool
voice_before(const struct voice *a, const struct voice *b)
{
	if (a->entry->withdrawn != b->entry->withdrawn)
		return !a->entry->withdrawn;
	if (a->freshness != b->freshness)
		return a->freshness < b->freshness;
	return compare_ids(a, b) < 0;
}

bool
voice_before_for_names(const struct voice *a, const struct voice *b)
{
	if (a->entry->withdrawn != b->entry->withdrawn)
		return !a->entry->withdrawn;
	return compare_ids(a, b) < 0;
}

static enum pce_status
collect_one(const struct rib *rib, uint32_t object, struct voices *out, struct pce_error *err)
{
	const struct rib_object *o = &rib->objects[object];

	for (uint32_t i = o->entries; i != RIB_NONE; i = rib->entries[i].next) {
		const struct rib_entry *e = &rib->entries[i];
		const struct rib_source *s = &rib->sources[e->source];
		struct voice v = {
			e, o->key, rib_freshness(rib, e), !s->lost, s->id.kind, s->id.id
		};
		enum pce_status status =
		    array_reserve(&out->at, &out->cap, out->n + 1, sizeof(*out->at), err);
		size_t at = out->n;

		if (status)
			return status;
		for (; at > 0 && voice_before(&v, &out->at[at - 1]); at--)
			out->at[at] = out->at[at - 1];
		out->at[at] = v;
		out->n++;
	}
	return PCE_OK;
}

enum pce_status
voices_collect_own(const struct rib *rib, uint32_t object, struct voices *out,
		   struct pce_error *err)
{
	out->n = 0;
	return collect_one(rib, object, out, err);
}

enum pce_status
voices_collect(const struct rib *rib, uint32_t object, struct voices *out, struct pce_error *err)
{
	enum pce_status status;

	out->n = 0;
	status = collect_one(rib, object, out, err);
	if (rib->objects[object].flags & RIB_STATIC)
		return status;
	for (uint32_t i = rib->objects[object].alias; !status && i != RIB_NONE;
	     i = rib->objects[i].alias)
		status = collect_one(rib, i, out, err);
	return status;
}

/* How much the last word of a voice's source counts: it lives, is lost, or expired. */
static int
weight(const struct voice *v)
{
	if (v->entry->withdrawn ? v->live : v->freshness == RIB_FRESH)
		return 3;
	return v->freshness == RIB_UNKNOWN ? 1 : 2;
}

struct presence
voices_presence(const struct voices *voices)
{
	/* By whether a feed says so. */
	int gone = 0, here = 0; /* the most that feeds' words weigh */
	bool withdrawn = false, fresh[2] = { false, false }, known[2] = { false, false };
	struct presence p = { 0 };

	for (size_t i = 0; i < voices->n; i++) {
		const struct voice *v = &voices->at[i];
		bool feed = v->kind == TED_SOURCE_BGPLS;

		if (v->kind != TED_SOURCE_FILE && !feed)
			continue;
		p.known = true;
		if (v->entry->withdrawn) {
			withdrawn |= feed;
			gone = feed && weight(v) > gone ? weight(v) : gone;
			continue;
		}
		here = feed && weight(v) > here ? weight(v) : here;
		p.present = p.said = true;
		p.in_file |= !feed;
		p.in_feed |= feed;
		fresh[feed] |= v->freshness == RIB_FRESH;
		known[feed] |= v->freshness != RIB_UNKNOWN;
	}
	if (gone > here) {
		p.in_feed = false;
		p.present = p.in_file;
	}
	/* A file knows nothing of what became of an object that the feeds lost sight of. */
	p.fresh = fresh[p.in_feed];
	p.unknown = p.present && !known[p.in_feed];
	p.gone_from_feed = withdrawn && !p.in_feed;
	return p;
}
