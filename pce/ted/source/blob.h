/*
 * What a source said about one object, as one compact heap block: only the attributes that it gave.
 * One function per kind of object walks the fields for all three uses (measure, write, read), so
 * that they cannot disagree.
 */
#ifndef PCE_TED_SOURCE_BLOB_H
#define PCE_TED_SOURCE_BLOB_H

#include "pce/base/status.h"
#include "pce/ted/delta.h"

struct blob {
	size_t len;
	uint8_t bytes[]; /* gaps are 0, so equal statements are equal bytes */
};

/* A blob seen as the attributes that went in; all pointers lead into the blob. */
struct blob_view {
	union {
		struct ted_node_attr node;
		struct ted_link_attr link;
		struct ted_prefix_attr prefix;
		struct ted_sid_attr sid;
		struct ted_srlg_attr srlg;
	} u;
	const char
	    *words; /* services or slices: n strings, one after the other, each with its NUL */
	const uint8_t *reverse; /* canonical key of link.reverse, NULL without one */
	size_t reverse_len;
};

/*
 * Copies the attributes of a SET. reverse is the canonical key of attr.link.reverse, or NULL.
 * Caller frees *out with free(). PCE_NO_MEMORY, or PCE_INVALID for a list of more than 65535
 * entries.
 */
enum pce_status blob_new(const struct ted_delta *delta, const uint8_t *reverse, size_t reverse_len,
			 struct blob **out, struct pce_error *err);

/* Reads a blob of an object of this kind. */
void blob_read(const struct blob *blob, enum ted_object object, struct blob_view *out);

/* The string after this one of a list of words. */
const char *blob_next_word(const char *word);

#endif
