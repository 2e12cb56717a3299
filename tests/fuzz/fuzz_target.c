/* Request targets: whatever a client writes behind the method. */
#include <stdlib.h>
#include <string.h>

#include "northbound/http/target.h"
#include "tests/fuzz/fuzz.h"

/* What was accepted holds no control character and no octet that is not UTF-8's. */
static void
check_string(const char *text)
{
	for (const unsigned char *c = (const unsigned char *)text; *c; c++)
		if (*c < 0x20 || *c == 0x7f || *c == 0xc0 || *c == 0xc1 || *c > 0xf4)
			abort();
}

static void
check_target(const struct http_target *target)
{
	if (target->n_segments > HTTP_MAX_SEGMENTS || target->n_parameters > HTTP_MAX_PARAMETERS)
		abort();
	for (size_t i = 0; i < target->n_segments; i++) {
		const struct http_segment *segment = &target->segments[i];

		check_string(segment->name);
		if (segment->n_keys > HTTP_MAX_KEYS)
			abort();
		for (size_t k = 0; k < segment->n_keys; k++)
			check_string(segment->keys[k]);
	}
	for (size_t i = 0; i < target->n_parameters; i++) {
		check_string(target->parameters[i].name);
		check_string(target->parameters[i].value);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1), *query;
	struct arena arena = { 0 };
	struct http_target target;

	if (!text)
		abort();
	memcpy(text, data, size);
	text[size] = '\0';
	query = strchr(text, '?');
	if (query)
		*query++ = '\0';
	if (http_target_parse(text, query, &arena, &target, NULL) == PCE_OK)
		check_target(&target);
	arena_free(&arena);
	free(text);
	return 0;
}
