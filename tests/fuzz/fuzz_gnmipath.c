/* Path strings: what is accepted prints to what is read back the same. */
#include <stdlib.h>
#include <string.h>

#include "southbound/gnmi/path.h"
#include "tests/fuzz/fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);
	struct arena arena = { 0 };
	struct gnmi_path path, again;
	struct text first = { 0 }, second = { 0 };

	if (!text)
		abort();
	memcpy(text, data, size);
	text[size] = '\0';
	if (gnmi_path_parse(text, &arena, &path, NULL) == PCE_OK) {
		gnmi_path_print(&path, &first);
		if (first.len <= GNMI_PATH_TEXT) {
			if (gnmi_path_parse(text_get(&first), &arena, &again, NULL) != PCE_OK)
				abort();
			gnmi_path_print(&again, &second);
			if (strcmp(text_get(&first), text_get(&second)) != 0)
				abort();
		}
	}
	text_free(&first);
	text_free(&second);
	arena_free(&arena);
	free(text);
	return 0;
}
