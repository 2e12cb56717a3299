/*
 * Canonical keys and their texts, shared by a ted and all its forks. Only the ted that learns adds
 * keys; nothing is ever moved or taken away, so forks read older keys on other threads without a
 * lock. The last holder frees it.
 */
#ifndef PCE_TED_SOURCE_KEYRING_H
#define PCE_TED_SOURCE_KEYRING_H

#include <stddef.h>
#include <stdint.h>

struct keyring;

struct key {
	const char *text; /* canonical text; NULL until the object gets a row */
	uint32_t len;
	uint8_t bytes[]; /* with the octet of the kind of object */
};

/* An empty keyring with one holder, or NULL without memory. */
struct keyring *keyring_new(void);
/* One more holder; returns ring. */
struct keyring *keyring_hold(struct keyring *ring);
/* One holder less; NULL does nothing. */
void keyring_drop(struct keyring *ring);
/* Adds a key; NULL without memory. */
struct key *keyring_add(struct keyring *ring, const uint8_t *bytes, size_t len);
/* Adds a copy of a text of len octets; NULL without memory. */
const char *keyring_add_text(struct keyring *ring, const char *text, size_t len);

#endif
