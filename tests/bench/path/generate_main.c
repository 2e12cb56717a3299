/* bench_path_generate GRAPH SEED QUESTIONS FILE [SHAPE]: see generate.h. */
#include <stdlib.h>

#include "tests/bench/path/generate.h"

int
main(int argc, char **argv)
{
	struct network net = { .n_nodes = 0 };
	FILE *shape = NULL;
	bool good;

	if (argc != 5 && argc != 6) {
		fprintf(stderr, "usage: bench_path_generate GRAPH SEED QUESTIONS FILE [SHAPE]\n");
		return 2;
	}
	if (argc == 6 && !(shape = fopen(argv[5], "r"))) {
		perror(argv[5]);
		return 2;
	}
	good = generate(argv[1], shape, strtoull(argv[2], NULL, 10),
			(uint32_t)strtoul(argv[3], NULL, 10), &net) &&
	       network_save(&net, argv[4]);
	if (good)
		printf("%s: %u nodes, %u links\n", argv[1], net.n_nodes, net.n_links);
	network_free(&net);
	if (shape)
		fclose(shape);
	return good ? 0 : 1;
}
