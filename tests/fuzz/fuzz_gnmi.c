/* What a router streams: the walker, and what protobuf-c is allowed to see. */
#include <stdlib.h>
#include <string.h>

#include "southbound/gnmi/exchange.h"
#include "southbound/gnmi/mdt.h"
#include "southbound/gnmi/messages.h"
#include "southbound/gnmi/walk.h"
#include "tests/fuzz/fuzz.h"

/* Every octet of what is given has to be inside the input or the walk's own memory. */
static void
touch(void *ctx, const struct gnmi_sample *sample)
{
	volatile char *sink = ctx;
	struct wire_slice text;
	uint64_t number;

	for (unsigned i = 0; i < sample->leaf->n_slots; i++)
		for (size_t k = 0; k < sample->names[i].len; k++)
			*sink ^= sample->names[i].at[k];
	if (!sample->value)
		return;
	(void)gnmi_value_count(sample->value, 8, 3, &number);
	if (gnmi_value_text(sample->value, &text))
		for (size_t k = 0; k < text.len; k++)
			*sink ^= text.at[k];
}

static void
read_message(const ProtobufCMessageDescriptor *descriptor, const struct wire_message *type,
	     const uint8_t *data, size_t size)
{
	ProtobufCMessage *out = NULL;

	if (gnmi_message_read(descriptor, type, data, size, &out, NULL) == PCE_OK)
		gnmi_message_free(out);
}

/* What a Get brought: paths, and values as JSON. */
static void
read_get(const uint8_t *data, size_t size, volatile char *sink)
{
	struct arena arena = { 0 };
	struct gnmi_piece *pieces = NULL;
	size_t n = 0;
	int64_t timestamp;

	if (gnmi_get_read(data, size, &arena, &pieces, &n, NULL) == PCE_OK)
		for (size_t i = 0; i < n; i++) {
			*sink ^= (char)strlen(pieces[i].path);
			for (size_t k = 0; k < pieces[i].len; k++)
				*sink ^= pieces[i].json[k];
		}
	(void)gnmi_set_read(data, size, &timestamp, NULL);
	arena_free(&arena);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct gnmi_map map;
	char sink = 0;
	struct gnmi_walk walk = { &map, touch, &sink, { 0 } };
	bool sync;

	if (map.n_nodes == 0 && gnmi_map_add_builtin(&map, NULL) != PCE_OK)
		abort();
	(void)gnmi_walk_response(&walk, data, size, &sync, NULL);
	(void)gnmi_walk_mdt(&walk, data, size, NULL);
	read_message(&gnmi__subscribe_response__descriptor, &gnmi_type_subscribe_response, data,
		     size);
	read_get(data, size, &sink);
	read_message(&gnmi__capability_response__descriptor, &gnmi_type_capability_response, data,
		     size);
	return 0;
}
