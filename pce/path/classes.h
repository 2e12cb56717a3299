/*
 * Link classes: links with the same affinity groups and the same slices are of one class, and a
 * request judges a class once, not every link. The low bits of an arc's class are its state, so
 * that one look-up decides about all of it.
 */
#ifndef PCE_PATH_CLASSES_H
#define PCE_PATH_CLASSES_H

#include "pce/path/intern.h"
#include "pce/ted/ted.h"

enum {
	ARC_DOWN = 1, /* unusable, or it ends where it begins */
	ARC_OVERLOAD = 2, /* its tail carries no transit */
	ARC_NO_TE = 4, /* no TE metric */
	ARC_NO_HOP = 8, /* out of a pseudonode */
	ARC_FLAG_BITS = 4
};

struct graph_classes;

/* An empty table with one holder. Caller owns *out. PCE_NO_MEMORY. */
enum pce_status graph_classes_new(struct graph_classes **out, struct pce_error *err);

/* One more holder; the table is freed by the last one. */
struct graph_classes *graph_classes_hold(struct graph_classes *c);
void graph_classes_free(struct graph_classes *c);

/*
 * The class of a link. A new one is added; when others hold the table too, *c becomes a copy first,
 * with the same numbers. PCE_NO_MEMORY, PCE_LIMIT above 2^28 classes. O(affinity and slices).
 */
enum pce_status graph_class_of(struct graph_classes **c, const struct ted_link_row *row,
			       uint32_t *out, struct pce_error *err);

/* Number of classes. */
size_t graph_classes_count(const struct graph_classes *c);

/* Affinity of a class, words without trailing zeros; and its slices, each with its NUL, in order.
 */
const uint32_t *graph_class_affinity(const struct graph_classes *c, uint32_t class,
				     size_t *n_words);
const char *graph_class_slices(const struct graph_classes *c, uint32_t class, size_t *len);

#endif
