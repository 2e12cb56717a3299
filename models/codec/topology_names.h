/* Names in topologies: which are there, and which number each stands for. Internal to the codec. */
#ifndef MODELS_CODEC_TOPOLOGY_NAMES_H
#define MODELS_CODEC_TOPOLOGY_NAMES_H

#include <stdbool.h>

#include "pce/base/arena.h"
#include "pce/base/hash.h"

/* Byte strings with a number each. */
struct nameset {
	struct hash hash;
	struct arena *arena; /* keeps copies of the keys */
	struct nameset_entry {
		const void *key;
		size_t len;
		uint32_t value;
	} * entries;
	size_t n, cap;
};

/* Prepares an empty index whose keys are copied into arena. It must not move afterwards. */
void nameset_init(struct nameset *names, struct arena *arena);
/* Frees all but the arena. */
void nameset_free(struct nameset *names);
/* The number under a key, or HASH_NONE. */
uint32_t nameset_find(const struct nameset *names, const void *key, size_t len);
/* Adds a key; one that is there already keeps its number, and PCE_EXISTS is returned without text.
 */
enum pce_status nameset_add(struct nameset *names, const void *key, size_t len, uint32_t value,
			    struct pce_error *err);

/* Names bound to numbers (affinity bits, SRLG numbers), each used once. */
struct numberset {
	struct nameset by_name;
	struct nameset by_number; /* key: the number's four octets; value: index into by_name */
};

/* Prepares an empty set; as nameset_init. */
void numberset_init(struct numberset *numbers, struct arena *arena);
/* Frees all but the arena. */
void numberset_free(struct numberset *numbers);
/* Marks a number as taken, by a name or (NULL) by nobody. PCE_EXISTS if the name is bound. */
enum pce_status numberset_bind(struct numberset *numbers, const char *name, uint32_t number,
			       struct pce_error *err);
/* Number of a name, or HASH_NONE. */
uint32_t numberset_find(const struct numberset *numbers, const char *name);
/* True if somebody uses the number. */
bool numberset_taken(const struct numberset *numbers, uint32_t number);

/* The number that a text of digits is; false for other texts and numbers above 32 bits. */
bool number_of_text(const char *text, uint32_t *out);

#endif
