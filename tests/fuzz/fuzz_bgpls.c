/*
 * Fuzz target: whatever BGP-LS octets may hold. The first octet chooses what they are; they are
 * printed, and an UPDATE is turned into deltas too. What is told as a verdict without words, and
 * what is read differently with and without words, is a fault.
 */
#include <stdlib.h>

#include "southbound/bgp/json.h"
#include "southbound/bgp/translate.h"
#include "tests/fuzz/fuzz.h"

static void
check_attr(struct reader octets)
{
	struct bgpls_faults faults = { 0 };
	struct bgpls_attr quiet, told;
	bool ok = bgpls_read_attr(octets, &quiet, NULL);

	if (ok != bgpls_read_attr(octets, &told, &faults) || ok != (faults.count == 0))
		abort();
	if (ok && quiet.present != told.present)
		abort();
}

static void
check_update(struct reader octets)
{
	struct bgpls_translator *t = NULL;
	const struct ted_delta *deltas;
	struct bgp_update update;
	size_t n = 0;

	if (reader_left(&octets) < BGP_HEADER)
		return;
	reader_bytes(&octets, BGP_HEADER);
	if (!bgp_read_update(octets, &update, NULL) || bgpls_translator_new(false, &t, NULL))
		return;
	if (bgpls_translate(t, &update, &deltas, &n, NULL) == PCE_OK)
		for (size_t i = 0; i < n; i++)
			if (deltas[i].object == TED_OBJECT_LINK && deltas[i].attr.link.unusable &&
			    deltas[i].attr.link.present)
				abort();
	bgpls_translator_free(t);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct text out = { 0 };
	uint8_t *exact;
	enum bgpls_kind kind;

	if (size == 0)
		return 0;
	kind = (enum bgpls_kind)(data[0] % 4);
	exact = malloc(size);
	if (!exact)
		return 0;
	for (size_t i = 1; i < size; i++)
		exact[i] = data[i];
	bgpls_json(kind, reader_over(exact + 1, size - 1), &out);
	if (text_ok(&out) && (out.len < 2 || out.at[out.len - 1] != '}'))
		abort();
	check_attr(reader_over(exact + 1, size - 1));
	check_update(reader_over(exact + 1, size - 1));
	text_free(&out);
	free(exact);
	return 0;
}
