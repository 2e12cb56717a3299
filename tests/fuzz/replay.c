/*
 * Replays a corpus through a fuzz target without a fuzzer: every file of the folder
 * tests/fuzz/corpus/NAME, whole and cut at every octet, each in a heap block of exact size. NAME is
 * what follows replay_ in the program's name.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/fuzz/fuzz.h"

#define FILE_MAX ((size_t)1 << 20)
#define CUTS_MAX 4096 /* longer files are cut at their first octets only */

static void
play(const uint8_t *data, size_t size)
{
	uint8_t *exact = malloc(size ? size : 1);

	if (exact == NULL)
		abort();
	memcpy(exact, data, size);
	LLVMFuzzerTestOneInput(exact, size);
	free(exact);
}

static int
play_file(const char *path)
{
	uint8_t *data = malloc(FILE_MAX);
	FILE *f = fopen(path, "rb");
	size_t size = f && data ? fread(data, 1, FILE_MAX, f) : 0;

	if (f == NULL || data == NULL) {
		fprintf(stderr, "%s cannot be read\n", path);
		free(data);
		return 0;
	}
	fclose(f);
	for (size_t cut = 0; cut < size && cut < CUTS_MAX; cut++)
		play(data, cut);
	play(data, size);
	free(data);
	return 1;
}

int
main(int argc, char **argv)
{
	const char *src = getenv("KARST_SRCDIR"), *name = strrchr(argv[0], '_');
	char dir[1024], path[2048];
	struct dirent *entry;
	int files = 0;
	DIR *d;

	(void)argc;
	snprintf(dir, sizeof dir, "%s/tests/fuzz/corpus/%s", src ? src : ".", name ? name + 1 : "");
	d = opendir(dir);
	while (d != NULL && (entry = readdir(d)) != NULL) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(path, sizeof path, "%s/%s", dir, entry->d_name);
		files += play_file(path);
	}
	if (d != NULL)
		closedir(d);
	printf("%s: %d files replayed\n", dir, files);
	return files > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
