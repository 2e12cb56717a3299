#include "southbound/gnmi/mdt.h"

#define NS_PER_MS 1000000

/* One TelemetryField, read but for what is below it. */
struct field {
	struct wire_slice name;
	struct gnmi_value value;
	uint64_t timestamp_ms;
	bool has_timestamp;
	struct reader all; /* to read what is below it again */
};

struct row {
	struct gnmi_walk *walk;
	struct wire_slice path; /* of the message */
	struct reader keys; /* the field "keys" of the row */
	int64_t timestamp_ns;
};

static void
take_value(const struct wire_field *f, struct gnmi_value *out)
{
	switch (f->number) {
	case 4:
		out->kind = GNMI_VALUE_BYTES;
		out->slice = wire_slice_of(&f->bytes);
		return;
	case 5:
		out->kind = GNMI_VALUE_STRING;
		out->slice = wire_slice_of(&f->bytes);
		return;
	case 6:
		out->kind = GNMI_VALUE_BOOL;
		out->u = f->value != 0;
		return;
	case 7:
	case 8:
		out->kind = GNMI_VALUE_UINT;
		out->u = f->value;
		return;
	case 9:
	case 10: /* zigzag */
		out->kind = GNMI_VALUE_INT;
		out->i = (int64_t)(f->value >> 1) ^ -(int64_t)(f->value & 1);
		return;
	case 11:
		out->kind = GNMI_VALUE_DOUBLE;
		out->d = wire_double(f->value);
		return;
	case 12:
		out->kind = GNMI_VALUE_DOUBLE;
		out->d = (double)wire_float(f->value);
		return;
	default:
		return;
	}
}

/* Milliseconds as nanoseconds; what is beyond all clocks stays there. */
static int64_t
ns_of(uint64_t ms)
{
	return ms > INT64_MAX / NS_PER_MS ? INT64_MAX : (int64_t)ms * NS_PER_MS;
}

/* The type that a value's field has to have; others are of a newer version and skipped. */
static bool
has_type(const struct wire_field *f)
{
	return f->number <= 5    ? f->type == WIRE_BYTES
	       : f->number <= 10 ? f->type == WIRE_VARINT
	       : f->number == 11 ? f->type == WIRE_64
				 : f->type == WIRE_32;
}

static bool
read_field(struct reader r, struct field *out)
{
	struct wire_field f;

	*out = (struct field){ .name = { "", 0 }, .all = r };
	while (wire_next(&r, &f)) {
		if (f.number == 1 && f.type == WIRE_VARINT) {
			out->timestamp_ms = f.value;
			out->has_timestamp = true;
		} else if (f.number == 2 && f.type == WIRE_BYTES) {
			out->name = wire_slice_of(&f.bytes);
		} else if (f.number >= 4 && f.number <= 12 && has_type(&f)) {
			take_value(&f, &out->value);
		}
	}
	return reader_ok(&r);
}

/* The next field below a field; false at the end. */
static bool
next_below(struct reader *r, struct field *out, bool *ok)
{
	struct wire_field f;

	while (wire_next(r, &f)) {
		if (f.number != 15 || f.type != WIRE_BYTES)
			continue;
		*ok = *ok && read_field(f.bytes, out);
		return *ok;
	}
	*ok = *ok && reader_ok(r);
	return false;
}

/* --- names of the object --- */

/* A number as a key is text too: the digits go to scratch. */
static struct wire_slice
key_text(const struct gnmi_value *v, char *scratch, size_t cap)
{
	char digits[24];
	size_t n = 0;
	uint64_t u = v->u;

	if (v->kind == GNMI_VALUE_STRING)
		return v->slice;
	if (v->kind != GNMI_VALUE_UINT)
		return (struct wire_slice){ "", 0 };
	do
		digits[n++] = (char)('0' + u % 10);
	while (u /= 10);
	if (n > cap)
		return (struct wire_slice){ "", 0 };
	for (size_t i = 0; i < n; i++)
		scratch[i] = digits[n - 1 - i];
	return (struct wire_slice){ scratch, n };
}

/* Takes the keys of one node of the map out of the row's. */
static bool
take_node_keys(const struct row *row, const struct gnmi_map_node *node, struct gnmi_sample *sample,
	       char scratch[GNMI_MAP_KEYS][24])
{
	for (size_t i = 0; i < node->n_keys; i++) {
		const struct gnmi_map_key *key = &node->keys[i];
		struct reader r = row->keys;
		struct field f;
		bool ok = true, met = false;

		while (!met && next_below(&r, &f, &ok)) {
			struct wire_slice text;

			if (!wire_is(f.name, key->name, key->len))
				continue;
			text = key_text(&f.value, scratch[key->value ? 0 : key->slot], 24);
			if (key->value && !wire_is(text, key->value, key->value_len))
				return false;
			if (!key->value)
				sample->names[key->slot] = text;
			met = true;
		}
		if (!met)
			return false;
	}
	return true;
}

static void
give(const struct row *row, const struct gnmi_map_node *leaf, const struct gnmi_value *value)
{
	struct gnmi_sample sample = { leaf, { { "", 0 } }, value, row->timestamp_ns };
	char scratch[GNMI_MAP_KEYS][24];

	for (const struct gnmi_map_node *n = leaf; n; n = n->parent)
		if (!take_node_keys(row, n, &sample, scratch)) {
			row->walk->count.unmapped++;
			return;
		}
	row->walk->count.samples++;
	row->walk->fn(row->walk->ctx, &sample);
}

/* --- the tree of content --- */

static const struct gnmi_map_node *
child(const struct gnmi_map_node *parent, struct wire_slice name)
{
	const struct gnmi_map_node *node = parent->child;

	while (node && !wire_is(name, node->name, node->len))
		node = node->next;
	return node;
}

static bool
walk_content(const struct row *row, const struct gnmi_map_node *node, struct reader content,
	     unsigned depth)
{
	struct field f;
	bool ok = depth <= WIRE_DEPTH_MAX;

	while (ok && next_below(&content, &f, &ok)) {
		const struct gnmi_map_node *below = child(node, f.name);

		if (!below) {
			row->walk->count.unmapped++;
			continue;
		}
		if (below->meaning != MEANING_NONE && f.value.kind != GNMI_VALUE_NONE)
			give(row, below, &f.value);
		ok = walk_content(row, below, f.all, depth + 1);
	}
	return ok;
}

/* The node that "Module:a/b/c" leads to; NULL: to nothing of interest. */
static const struct gnmi_map_node *
find_path(const struct gnmi_map *map, struct wire_slice path)
{
	const struct gnmi_map_node *node = &map->root;
	const char *colon = memchr(path.at, ':', path.len);

	if (colon) {
		path.len -= (size_t)(colon - path.at) + 1;
		path.at = colon + 1;
	}
	while (node && path.len > 0) {
		const char *slash = memchr(path.at, '/', path.len);
		size_t len = slash ? (size_t)(slash - path.at) : path.len;

		if (len > 0)
			node = child(node, (struct wire_slice){ path.at, len });
		path.at += len + (slash != NULL);
		path.len -= len + (slash != NULL);
	}
	return node;
}

/* --- messages --- */

static bool
walk_row(struct row *row, struct reader r, int64_t message_ns)
{
	const struct gnmi_map_node *node = find_path(row->walk->map, row->path);
	struct reader content = { 0 };
	struct field whole, f;
	bool ok = read_field(r, &whole);

	row->walk->count.updates++;
	row->keys = (struct reader){ 0 };
	row->timestamp_ns = whole.has_timestamp ? ns_of(whole.timestamp_ms) : message_ns;
	while (ok && next_below(&r, &f, &ok)) {
		if (wire_is(f.name, "keys", 4))
			row->keys = f.all;
		else if (wire_is(f.name, "content", 7))
			content = f.all;
	}
	if (!ok)
		return false;
	if (!node) {
		row->walk->count.unmapped++;
		return true;
	}
	return walk_content(row, node, content, 1);
}

static bool
walk_telemetry(struct gnmi_walk *walk, struct reader r)
{
	struct row row = { .walk = walk, .path = { "", 0 } };
	struct reader again = r;
	struct wire_field f;
	int64_t message_ns = 0;
	bool ok = true;

	while (wire_next(&r, &f)) {
		if (f.number == 6 && f.type == WIRE_BYTES)
			row.path = wire_slice_of(&f.bytes);
		else if (f.number == 10 && f.type == WIRE_VARINT)
			message_ns = ns_of(f.value);
		else if (f.number == 12)
			walk->count.unmapped++;
	}
	if (!reader_ok(&r))
		return false;
	while (ok && wire_next(&again, &f))
		if (f.number == 11 && f.type == WIRE_BYTES)
			ok = walk_row(&row, f.bytes, message_ns);
	return ok;
}

enum pce_status
gnmi_walk_mdt(struct gnmi_walk *walk, const void *bytes, size_t len, struct pce_error *err)
{
	struct reader r = reader_over(bytes, len);
	struct wire_field f;
	bool ok = true;

	walk->count.messages++;
	while (ok && wire_next(&r, &f))
		if (f.number == 2 && f.type == WIRE_BYTES)
			ok = walk_telemetry(walk, f.bytes);
	if (ok && reader_ok(&r))
		return PCE_OK;
	walk->count.malformed++;
	return pce_fail(err, PCE_MALFORMED, "a Telemetry message is cut short or malformed");
}
