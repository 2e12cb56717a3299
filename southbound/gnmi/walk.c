#include "southbound/gnmi/walk.h"

/* Where a path has led to. */
struct place {
	const struct gnmi_map_node *node; /* NULL: to nothing of interest */
	struct wire_slice names[GNMI_MAP_KEYS];
	struct wire_slice origin;
	size_t missing; /* of the deprecated form: keys that are to follow as elements */
};

/* One notification on its way. */
struct trip {
	struct gnmi_walk *walk;
	int64_t timestamp_ns;
	/* Targets send their leaves in the same order again and again. */
	const struct gnmi_map_node *hint;
	char scratch[GNMI_SCRATCH];
	size_t used;
};

static inline bool
has_name(const struct gnmi_map_node *node, struct wire_slice name)
{
	return node->len == name.len && memcmp(node->name, name.at, name.len) == 0;
}

static const struct gnmi_map_node *
find_child(struct trip *trip, const struct gnmi_map_node *parent, struct wire_slice name)
{
	const struct gnmi_map_node *node = trip->hint;

	if (!node || node->parent != parent || !has_name(node, name))
		for (node = parent->child; node && !has_name(node, name); node = node->next)
			;
	if (node)
		trip->hint = node->next ? node->next : parent->child;
	return node;
}

/* Takes the value of a key; false if the map wants another one. */
static bool
take_key(struct place *place, const struct gnmi_map_key *key, struct wire_slice value)
{
	if (key->value)
		return wire_is(value, key->value, key->value_len);
	place->names[key->slot] = value;
	return true;
}

/* --- paths --- */

struct key_pair {
	struct wire_slice name, value;
};

/* Reads a map entry: key 1, value 2. */
static bool
read_pair(struct reader r, struct key_pair *out)
{
	struct wire_field f;

	*out = (struct key_pair){ { "", 0 }, { "", 0 } };
	while (wire_next(&r, &f)) {
		if (f.type == WIRE_BYTES && f.number == 1)
			out->name = wire_slice_of(&f.bytes);
		else if (f.type == WIRE_BYTES && f.number == 2)
			out->value = wire_slice_of(&f.bytes);
	}
	return reader_ok(&r);
}

/* One key of an element that was met; counts the keys that the map asks for. */
static bool
meet_key(struct place *place, const struct gnmi_map_node *node, const struct key_pair *pair,
	 unsigned *met)
{
	for (size_t i = 0; i < node->n_keys; i++) {
		if (!wire_is(pair->name, node->keys[i].name, node->keys[i].len))
			continue;
		*met |= 1u << i;
		return take_key(place, &node->keys[i], pair->value);
	}
	return true;
}

/* The keys of an element, which was found to be node. */
static bool
take_keys(struct place *place, const struct gnmi_map_node *node, struct reader elem, bool *ok)
{
	struct wire_field f;
	struct key_pair pair;
	unsigned met = 0;
	bool fits = true;

	while (wire_next(&elem, &f)) {
		if (f.number != 2 || f.type != WIRE_BYTES)
			continue;
		if (!read_pair(f.bytes, &pair)) {
			*ok = false;
			return false;
		}
		fits = fits && meet_key(place, node, &pair, &met);
	}
	*ok = *ok && reader_ok(&elem);
	return fits && met == (1u << node->n_keys) - 1;
}

/* Follows one PathElem; false: malformed. */
static bool
follow_elem(struct trip *trip, struct place *place, struct reader elem)
{
	struct reader again = elem;
	struct wire_field f;
	struct wire_slice name = { "", 0 };
	bool ok = true, more = false;

	while (wire_next(&elem, &f)) {
		if (f.type != WIRE_BYTES)
			continue;
		if (f.number == 1)
			name = wire_slice_of(&f.bytes);
		more = more || f.number == 2;
	}
	if (!reader_ok(&elem))
		return false;
	place->node = place->node ? find_child(trip, place->node, name) : NULL;
	if (place->node && (more || place->node->n_keys > 0) &&
	    !take_keys(place, place->node, again, &ok))
		place->node = NULL;
	return ok;
}

/* "interface[name=eth0]" as one element: the keys behind the name. */
static bool
take_bracketed(struct place *place, struct wire_slice rest)
{
	const struct gnmi_map_node *node = place->node;
	unsigned met = 0;

	while (rest.len > 0) {
		const char *equal = memchr(rest.at, '=', rest.len), *close;
		struct key_pair pair;

		if (*rest.at != '[' || !equal)
			return false;
		close = memchr(equal, ']', rest.len - (size_t)(equal - rest.at));
		if (!close)
			return false;
		pair.name = (struct wire_slice){ rest.at + 1, (size_t)(equal - rest.at) - 1 };
		pair.value = (struct wire_slice){ equal + 1, (size_t)(close - equal) - 1 };
		if (!meet_key(place, node, &pair, &met))
			return false;
		rest.len -= (size_t)(close - rest.at) + 1;
		rest.at = close + 1;
	}
	return met == (1u << node->n_keys) - 1;
}

/* Follows one element of the deprecated form. */
static void
follow_string(struct trip *trip, struct place *place, struct wire_slice text)
{
	const char *open;
	struct wire_slice name = text;

	if (!place->node)
		return;
	if (place->missing > 0) {
		const struct gnmi_map_node *node = place->node;

		/* Keys may be awaited by a node that the structured form has left since. */
		if (place->missing > node->n_keys ||
		    !take_key(place, &node->keys[node->n_keys - place->missing], text))
			place->node = NULL;
		place->missing--;
		return;
	}
	open = memchr(text.at, '[', text.len);
	if (open)
		name.len = (size_t)(open - text.at);
	place->node = find_child(trip, place->node, name);
	if (!place->node)
		return;
	if (!open)
		place->missing = place->node->n_keys;
	else if (!take_bracketed(place, (struct wire_slice){ open, text.len - name.len }))
		place->node = NULL;
}

/* Follows a Path from where place is; false: malformed. */
static bool
follow_path(struct trip *trip, struct place *place, struct reader path)
{
	struct wire_field f;

	while (wire_next(&path, &f)) {
		if (f.type != WIRE_BYTES)
			continue;
		if (f.number == 3) {
			if (!follow_elem(trip, place, f.bytes))
				return false;
		} else if (f.number == 1) {
			follow_string(trip, place, wire_slice_of(&f.bytes));
		} else if (f.number == 2) {
			place->origin = wire_slice_of(&f.bytes);
		}
	}
	return reader_ok(&path);
}

/* --- leaves --- */

static void
give(struct trip *trip, const struct place *place, const struct gnmi_value *value)
{
	const struct gnmi_map_node *leaf = place->node;
	struct gnmi_sample sample = { leaf, { { 0 } }, value, trip->timestamp_ns };

	if (leaf->meaning == MEANING_NONE || place->missing > 0 ||
	    (*leaf->origin && place->origin.len > 0 &&
	     !wire_is(place->origin, leaf->origin, strlen(leaf->origin)))) {
		trip->walk->count.unmapped++;
		return;
	}
	memcpy(sample.names, place->names, sizeof(sample.names));
	trip->walk->count.samples++;
	trip->walk->fn(trip->walk->ctx, &sample);
}

/* Every leaf of interest below a deleted node. */
static void
give_deleted(struct trip *trip, struct place *place)
{
	const struct gnmi_map_node *top = place->node, *node = top;

	/* The names below the deleted node are not known: only what it names itself is told. */
	while (node) {
		if (node->meaning != MEANING_NONE && node->n_slots == top->n_slots) {
			place->node = node;
			give(trip, place, NULL);
		}
		if (node->child) {
			node = node->child;
			continue;
		}
		while (node != top && !node->next)
			node = node->parent;
		node = node == top ? NULL : node->next;
	}
}

/* --- JSON --- */

/* A name without its module and its escapes; false if it does not fit. */
static bool
plain_name(struct trip *trip, struct json_token token, bool module, struct wire_slice *out)
{
	const char *colon;

	*out = token.slice;
	if (token.escaped) {
		size_t n = json_unescape(token.slice, trip->scratch + trip->used,
					 sizeof(trip->scratch) - trip->used);

		if (n == SIZE_MAX)
			return false;
		*out = (struct wire_slice){ trip->scratch + trip->used, n };
		trip->used += n;
	}
	colon = module ? memchr(out->at, ':', out->len) : NULL;
	if (colon) {
		out->len -= (size_t)(colon - out->at) + 1;
		out->at = colon + 1;
	}
	return true;
}

static bool walk_json(struct trip *trip, const struct place *place, struct reader *r,
		      struct json_token token, unsigned depth);

/* A scalar as the value of a key. */
static bool
key_text(struct trip *trip, struct json_token token, struct wire_slice *out)
{
	if (token.kind == JSON_NUMBER) {
		*out = token.slice;
		return true;
	}
	return token.kind == JSON_STRING && plain_name(trip, token, false, out);
}

/* Finds the keys of a list entry among its members: they may come after what needs them. r stands
 * behind the entry's {. */
static bool
find_keys(struct trip *trip, struct place *place, struct reader r)
{
	const struct gnmi_map_node *node = place->node;
	unsigned met = 0;

	for (;;) {
		struct json_token name = json_next(&r), token;
		struct key_pair pair;

		if (name.kind == JSON_COMMA)
			continue;
		if (name.kind != JSON_STRING || json_next(&r).kind != JSON_COLON)
			break;
		token = json_next(&r);
		if (token.kind == JSON_STRING || token.kind == JSON_NUMBER) {
			if (!plain_name(trip, name, true, &pair.name) ||
			    !key_text(trip, token, &pair.value) ||
			    !meet_key(place, node, &pair, &met))
				return false;
		}
		if (!json_skip(&r, token))
			return false;
	}
	return met == (1u << node->n_keys) - 1;
}

/* One member of an object. */
static bool
walk_member(struct trip *trip, const struct place *place, struct reader *r, struct json_token name,
	    unsigned depth)
{
	struct place below = *place;
	struct json_token token;
	struct wire_slice plain;
	size_t used = trip->used;
	bool ok;

	if (name.kind != JSON_STRING || json_next(r).kind != JSON_COLON)
		return false;
	token = json_next(r);
	if (!plain_name(trip, name, true, &plain))
		return json_skip(r, token);
	below.node = find_child(trip, place->node, plain);
	ok = below.node ? walk_json(trip, &below, r, token, depth + 1) : json_skip(r, token);
	trip->used = used;
	return ok;
}

static bool
walk_object(struct trip *trip, const struct place *place, struct reader *r, unsigned depth)
{
	struct json_token t = json_next(r);

	if (t.kind == JSON_CLOSE)
		return true;
	for (;; t = json_next(r)) {
		if (!walk_member(trip, place, r, t, depth))
			return false;
		t = json_next(r);
		if (t.kind == JSON_CLOSE)
			return true;
		if (t.kind != JSON_COMMA)
			return false;
	}
}

/* An entry of a list: an object that has its keys, or a scalar of a leaf-list. */
static bool
walk_entry(struct trip *trip, const struct place *place, struct reader *r, struct json_token token,
	   unsigned depth)
{
	struct place entry = *place;
	size_t used = trip->used;
	bool ok;

	if (place->node->n_keys == 0)
		return walk_json(trip, place, r, token, depth + 1);
	if (token.kind != JSON_OPEN || !find_keys(trip, &entry, *r))
		return json_skip(r, token);
	ok = walk_object(trip, &entry, r, depth + 1);
	trip->used = used;
	return ok;
}

static bool
walk_list(struct trip *trip, const struct place *place, struct reader *r, unsigned depth)
{
	struct json_token t = json_next(r);

	if (t.kind == JSON_CLOSE_LIST)
		return true;
	for (;; t = json_next(r)) {
		if (!walk_entry(trip, place, r, t, depth))
			return false;
		t = json_next(r);
		if (t.kind == JSON_CLOSE_LIST)
			return true;
		if (t.kind != JSON_COMMA)
			return false;
	}
}

static bool
walk_json(struct trip *trip, const struct place *place, struct reader *r, struct json_token token,
	  unsigned depth)
{
	struct gnmi_value value;

	if (depth > WIRE_DEPTH_MAX)
		return false;
	if (token.kind == JSON_OPEN)
		return walk_object(trip, place, r, depth);
	if (token.kind == JSON_OPEN_LIST)
		return walk_list(trip, place, r, depth);
	if (token.kind == JSON_NULL)
		return true;
	if (!json_scalar(token, &value))
		return false;
	if (place->node->meaning != MEANING_NONE)
		give(trip, place, &value);
	return true;
}

static void
give_json(struct trip *trip, const struct place *place, struct wire_slice text)
{
	struct reader r = wire_reader_of(text);

	trip->used = 0;
	if (!walk_json(trip, place, &r, json_next(&r), 0) || json_next(&r).kind != JSON_END)
		trip->walk->count.bad_json++;
}

/* --- messages --- */

static bool
walk_update(struct trip *trip, const struct place *prefix, struct reader update)
{
	struct place place = *prefix;
	struct gnmi_value value = { 0 };
	struct wire_field f;

	trip->walk->count.updates++;
	while (wire_next(&update, &f)) {
		if (f.type != WIRE_BYTES)
			continue;
		if (f.number == 1 && !follow_path(trip, &place, f.bytes))
			return false;
		if (f.number == 3 && !gnmi_value_read(f.bytes, &value))
			return false;
	}
	if (!reader_ok(&update))
		return false;
	if (!place.node)
		trip->walk->count.unmapped++;
	else if (value.kind == GNMI_VALUE_JSON)
		give_json(trip, &place, value.slice);
	else
		give(trip, &place, &value);
	return true;
}

static bool
walk_delete(struct trip *trip, const struct place *prefix, struct reader path)
{
	struct place place = *prefix;

	trip->walk->count.deletes++;
	if (!follow_path(trip, &place, path))
		return false;
	if (place.node && place.missing == 0)
		give_deleted(trip, &place);
	return true;
}

/* Timestamp and prefix, wherever in the message they are. */
static bool
read_head(struct trip *trip, struct place *prefix, struct reader r)
{
	struct wire_field f;

	while (wire_next(&r, &f)) {
		if (f.number == 1 && f.type == WIRE_VARINT)
			trip->timestamp_ns = (int64_t)f.value;
		else if (f.number == 2 && f.type == WIRE_BYTES &&
			 !follow_path(trip, prefix, f.bytes))
			return false;
	}
	return reader_ok(&r);
}

enum pce_status
gnmi_walk_notification(struct gnmi_walk *walk, struct reader r, struct pce_error *err)
{
	struct trip trip;
	struct place prefix = { .node = &walk->map->root };
	struct wire_field f;
	bool ok;

	trip.walk = walk;
	trip.timestamp_ns = 0;
	trip.hint = NULL;
	trip.used = 0;
	ok = read_head(&trip, &prefix, r);
	while (ok && wire_next(&r, &f)) {
		if (f.type != WIRE_BYTES)
			continue;
		if (f.number == 4)
			ok = walk_update(&trip, &prefix, f.bytes);
		else if (f.number == 5)
			ok = walk_delete(&trip, &prefix, f.bytes);
	}
	if (ok && reader_ok(&r))
		return PCE_OK;
	walk->count.malformed++;
	return pce_fail(err, PCE_MALFORMED, "a Notification is cut short or malformed");
}

enum pce_status
gnmi_walk_response(struct gnmi_walk *walk, const void *bytes, size_t len, bool *sync,
		   struct pce_error *err)
{
	struct reader r = reader_over(bytes, len);
	struct wire_field f;
	enum pce_status status = PCE_OK;

	walk->count.messages++;
	while (status == PCE_OK && wire_next(&r, &f)) {
		if (f.number == 1 && f.type == WIRE_BYTES)
			status = gnmi_walk_notification(walk, f.bytes, err);
		else if (f.number == 3 && f.type == WIRE_VARINT && f.value && sync)
			*sync = true;
	}
	if (status == PCE_OK && !reader_ok(&r)) {
		walk->count.malformed++;
		status =
		    pce_fail(err, PCE_MALFORMED, "a SubscribeResponse is cut short or malformed");
	}
	return status;
}
