/*
 * Fuzz target: profile files, and what routers answer. The first octet chooses: 'f' a profile file;
 * 'j' and 'x' an answer in JSON or XML to the built-in profile that the second octet names ('i' or
 * any other). What is understood is written again, and has to come back.
 */
#include <stdlib.h>
#include <string.h>

#include "southbound/netconf/data.h"
#include "southbound/profile/map.h"
#include "tests/fuzz/fuzz.h"

static const struct profile_scope scope = { "", NULL };

static void
file(const char *text, size_t len)
{
	static struct codec *codec;
	const struct profile_table *table;
	struct profile *profile = NULL;
	struct arena arena = { 0 };

	if (codec == NULL && codec_new(NULL, &codec, NULL) != PCE_OK)
		abort();
	if (codec_profile_parse(codec, text, len, &arena, &table, NULL) == PCE_OK)
		(void)profile_new(table, &profile, NULL);
	profile_free(profile);
	arena_free(&arena);
}

/* A policy that was understood can be written, or is refused for a reason. */
static void
again(const struct profile *profile, const struct profile_held *held)
{
	struct pce_error err = { 0 };

	for (size_t i = 0; i < held->n_policies && i < 4; i++) {
		const struct deploy_change change = { DEPLOY_REPLACE, &held->policies[i],
						      &held->policies[i] };
		struct text xml = { 0 };

		if (profile_edit(profile, &scope, &change, 1, false, &xml, &err) &&
		    err.text[0] == '\0')
			abort();
		text_free(&xml);
	}
}

static void
answer(bool json, const char *name, const char *text, size_t len)
{
	struct profile_held held = { 0 };
	struct data_tree tree = { 0 };
	struct arena arena = { 0 };
	struct profile *profile = NULL;
	enum pce_status status;

	if (profile_new(profile_table_builtin(name), &profile, NULL))
		abort();
	status = json ? data_read_json(&tree, "", text, len, NULL)
		      : netconf_data_read(&tree, profile_table(profile), text, len, NULL);
	if (status == PCE_OK &&
	    profile_read(profile, &scope, &tree, &tree, &arena, &held, NULL) == PCE_OK)
		again(profile, &held);
	data_free(&tree);
	arena_free(&arena);
	profile_free(profile);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data;

	if (size < 2)
		return 0;
	if (data[0] == 'f')
		file(text + 1, size - 1);
	else
		answer(data[0] == 'j', data[1] == 'i' ? "ietf" : "karst", text + 2, size - 2);
	return 0;
}
