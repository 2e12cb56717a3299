/*
 * Fuzz target: every text that people, clients and routers may give to the codec and the importers.
 * The first octet chooses the reader, the rest is the text. What a topology reader took is printed
 * and must be read again.
 */
#include <stdlib.h>
#include <string.h>

#include "models/codec/config.h"
#include "models/codec/device.h"
#include "models/codec/intent.h"
#include "models/codec/path.h"
#include "models/codec/record.h"
#include "models/import/import.h"
#include "tests/fuzz/fuzz.h"

static void
read_topology(const struct codec *codec, const char *text, size_t len)
{
	struct codec_topology first = { 0 }, second = { 0 };
	struct text json = { 0 };
	struct pce_error err;

	if (import_topology(codec, text, len, NULL, &first, &err) != PCE_OK)
		return;
	if (codec_topology_print_deltas(codec, first.deltas, first.n, &json, &err) != PCE_OK ||
	    codec_topology_read(codec, text_get(&json), json.len, NULL, &second, &err) != PCE_OK ||
	    second.n != first.n)
		abort();
	codec_topology_free(&first);
	codec_topology_free(&second);
	text_free(&json);
}

static void
read_others(const struct codec *codec, unsigned which, const char *text, size_t len)
{
	struct arena arena = { 0 };
	struct pce_error err;
	const struct intent *const *intents;
	struct codec_path_request request;
	struct codec_whatif_request question;
	struct karst_config config;
	struct codec_device device;
	struct service_record record;
	size_t n;

	if (which == 1)
		codec_intent_parse(codec, text, len, &arena, &intents, &n, &err);
	else if (which == 2)
		codec_path_request_parse(codec, text, len, &arena, &request, &err);
	else if (which == 3)
		codec_whatif_request_parse(codec, text, len, &arena, &question, &err);
	else if (which == 4)
		codec_config_parse(codec, text, len, "/d", &arena, &config, &err);
	else if (which == 5)
		codec_device_read(codec, text, len, &arena, &device, &err);
	else
		codec_record_parse(codec, RECORD_POLICY, "k", text, len, &arena, &record, &err);
	arena_free(&arena);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct codec *codec;
	char *exact;

	if (!codec && codec_new(NULL, &codec, NULL) != PCE_OK)
		abort();
	if (size < 1)
		return 0;
	exact = malloc(size > 1 ? size - 1 : 1);
	if (!exact)
		return 0;
	memcpy(exact, data + 1, size - 1);
	if (data[0] % 8 == 0)
		read_topology(codec, exact, size - 1);
	else
		read_others(codec, data[0] % 8, exact, size - 1);
	free(exact);
	return 0;
}
