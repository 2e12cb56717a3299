/*
 * Fuzz target: topology files of other people. The first octet chooses the format (0: told by
 * content), the rest is the text. What a reader took is checked, written in every format that is
 * offered, and YAML and JSON must be read again with as many objects.
 */
#include <stdlib.h>
#include <string.h>

#include "models/import/check.h"
#include "models/import/export.h"
#include "tests/fuzz/fuzz.h"

static void
write_all(const struct codec *codec, const struct codec_topology *t)
{
	for (int i = IMPORT_YAML; i < IMPORT_FORMATS; i++) {
		enum import_format format = (enum import_format)i;
		struct text out = { 0 }, lost = { 0 };
		struct codec_topology again = { 0 };
		struct pce_error err;

		if (!export_is_offered(format))
			continue;
		if (export_topology(codec, format, t->deltas, t->n, &out, &lost, &err) != PCE_OK)
			abort();
		/* names with U+FFFD are printed longer than they are */
		if ((format == IMPORT_YAML || format == IMPORT_JSON) &&
		    !strstr(text_get(&out), "\xef\xbf\xbd")) {
			if (import_topology_as(codec, format, text_get(&out), out.len, NULL, &again,
					       &err) != PCE_OK ||
			    again.n != t->n)
				abort();
		}
		codec_topology_free(&again);
		text_free(&out);
		text_free(&lost);
	}
}

static void
check(const struct codec_topology *t)
{
	const struct ted_change *changes;
	struct import_check result = { .n_warnings = 0 };
	struct ted *ted = NULL;
	size_t n;

	if (ted_new(&ted, 1, NULL) == PCE_OK &&
	    ted_apply(ted, (struct ted_source){ TED_SOURCE_FILE, 0 }, t->deltas, t->n, NULL) ==
		PCE_OK &&
	    ted_settle(ted, &changes, &n, NULL) == PCE_OK)
		import_check(t, ted, &result, NULL);
	import_check_free(&result);
	ted_free(ted);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct codec *codec;
	struct codec_topology t = { 0 };
	struct pce_error err;
	char *exact;

	if (!codec && codec_new(NULL, &codec, NULL) != PCE_OK)
		abort();
	if (size < 1)
		return 0;
	exact = malloc(size > 1 ? size - 1 : 1);
	if (!exact)
		return 0;
	memcpy(exact, data + 1, size - 1);
	if (import_topology_as(codec, (enum import_format)(data[0] % IMPORT_FORMATS), exact,
			       size - 1, NULL, &t, &err) == PCE_OK) {
		check(&t);
		write_all(codec, &t);
	}
	codec_topology_free(&t);
	free(exact);
	return 0;
}
