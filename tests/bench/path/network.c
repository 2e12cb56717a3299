#include "tests/bench/path/network.h"

#include <stdlib.h>
#include <string.h>

#define MAGIC 0x6b626e32u

static const char *const names[QUERY_COUNT] = {
	"tree",   "point-to-point", "widest", "available", "bounded",
	"k-best", "disjoint",       "n-1",    "update",
};

const char *
query_name(enum query_kind kind)
{
	return (unsigned)kind < QUERY_COUNT ? names[kind] : NULL;
}

bool
network_save(const struct network *net, const char *file)
{
	FILE *f = fopen(file, "wb");
	uint32_t head[] = { MAGIC, net->n_nodes, net->n_links };
	bool good = f && fwrite(head, sizeof(head), 1, f) == 1 &&
		    fwrite(net->n_queries, sizeof(net->n_queries), 1, f) == 1 &&
		    fwrite(net->links, sizeof(*net->links), net->n_links, f) == net->n_links;

	for (unsigned i = 0; good && i < QUERY_COUNT; i++)
		good = fwrite(net->queries[i], sizeof(**net->queries), net->n_queries[i], f) ==
		       net->n_queries[i];
	if (f && fclose(f))
		good = false;
	if (!good)
		perror(file);
	return good;
}

static void *
take(FILE *f, size_t n, size_t size)
{
	void *at = calloc(n + 1, size);

	if (at && fread(at, size, n, f) == n)
		return at;
	free(at);
	return NULL;
}

bool
network_load(struct network *net, const char *file)
{
	FILE *f = fopen(file, "rb");
	uint32_t head[3];
	bool good = f && fread(head, sizeof(head), 1, f) == 1 && head[0] == MAGIC &&
		    fread(net->n_queries, sizeof(net->n_queries), 1, f) == 1;

	if (good) {
		net->n_nodes = head[1];
		net->n_links = head[2];
		net->links = take(f, net->n_links, sizeof(*net->links));
		good = net->links != NULL;
	}
	for (unsigned i = 0; good && i < QUERY_COUNT; i++) {
		net->queries[i] = take(f, net->n_queries[i], sizeof(**net->queries));
		good = net->queries[i] != NULL;
	}
	if (f)
		fclose(f);
	if (!good) {
		fprintf(stderr, "%s: no network of this benchmark\n", file);
		network_free(net);
	}
	return good;
}

void
network_free(struct network *net)
{
	free(net->links);
	for (unsigned i = 0; i < QUERY_COUNT; i++)
		free(net->queries[i]);
	memset(net, 0, sizeof(*net));
}

uint64_t
network_igp(const struct network *net, const uint32_t *links, uint32_t n)
{
	uint64_t sum = 0;

	for (uint32_t i = 0; i < n; i++)
		sum += net->links[links[i]].igp;
	return sum;
}

uint64_t
network_delay_us(const struct network *net, const uint32_t *links, uint32_t n)
{
	uint64_t sum = 0;

	for (uint32_t i = 0; i < n; i++)
		sum += net->links[links[i]].delay_us;
	return sum;
}

uint64_t
network_risk(const struct network *net, const uint32_t *links, uint32_t n)
{
	uint64_t sum = 0;

	for (uint32_t i = 0; i < n; i++)
		sum += net->links[links[i]].risk;
	return sum;
}

uint32_t
network_width_kbps(const struct network *net, const uint32_t *links, uint32_t n)
{
	uint32_t least = UINT32_MAX;

	for (uint32_t i = 0; i < n; i++)
		if (net->links[links[i]].residual_kbps < least)
			least = net->links[links[i]].residual_kbps;
	return least;
}
