/* Interning: equal byte strings get equal small numbers, so that a filter judges each distinct
 * affinity group or slice list once and each link by one look-up. */
#ifndef PCE_PATH_INTERN_H
#define PCE_PATH_INTERN_H

#include "pce/base/arena.h"
#include "pce/base/hash.h"
#include "pce/base/status.h"

struct intern_entry {
	const void *bytes;
	size_t len;
};

/* intern_init makes an empty one. */
struct intern {
	struct intern_entry *entries; /* numbered from 0 */
	size_t n, cap;
	struct hash hash;
	struct arena arena;
};

/* Prepares an empty table at a place that does not move; nothing is allocated. */
void intern_init(struct intern *t);
/* Frees everything. */
void intern_free(struct intern *t);
/* The number of a byte string, or HASH_NONE. O(len). */
uint32_t intern_find(const struct intern *t, const void *bytes, size_t len);
/* The number of a byte string, which is copied when it is new. PCE_NO_MEMORY. O(len). */
enum pce_status intern_add(struct intern *t, const void *bytes, size_t len, uint32_t *out,
			   struct pce_error *err);

#endif
