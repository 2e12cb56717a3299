/* The rows of links that the invariants ask for after every event, remembered by their keys: a row
 * once found stays valid as long as the graph lives. */
#include "pce/base/hash.h"
#include "tests/sim/sim.h"

static struct {
	struct hash by_key;
	char **keys;
	ted_link *rows;
	size_t n, cap_keys, cap_rows;
} known;

static const void *
key_of(const void *owner, uint32_t value, size_t *len)
{
	(void)owner;
	*len = strlen(known.keys[value]);
	return known.keys[value];
}

ted_link
rows_find(const struct ted *ted, const char *key)
{
	size_t len = strlen(key);
	uint32_t value = hash_find(&known.by_key, key, len);
	ted_link row = value != HASH_NONE ? known.rows[value] : ted_link_by_key(ted, key);

	if (value != HASH_NONE || row == TED_NONE)
		return row;
	if (!known.by_key.key)
		hash_init(&known.by_key, key_of, NULL, 1);
	if (array_reserve(&known.keys, &known.cap_keys, known.n + 1, sizeof(*known.keys), NULL) ||
	    array_reserve(&known.rows, &known.cap_rows, known.n + 1, sizeof(*known.rows), NULL))
		abort();
	known.keys[known.n] = sim_alloc(len + 1);
	memcpy(known.keys[known.n], key, len + 1);
	known.rows[known.n] = row;
	if (hash_add(&known.by_key, (uint32_t)known.n++, NULL))
		abort();
	return row;
}

void
rows_forget(void)
{
	for (size_t i = 0; i < known.n; i++)
		free(known.keys[i]);
	known.n = 0;
	hash_free(&known.by_key);
}
