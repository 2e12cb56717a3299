/*
 * Reads what a router has at many paths, by as many Gets as it takes: as few as the router likes.
 * Routers differ in what they say of a path where nothing is (NOT_FOUND for the whole Get, or
 * nothing at all), and in how large an answer may be (RESOURCE_EXHAUSTED); either way the Get is
 * halved until what is wrong stands alone. Pure: requests come out, answers go in.
 */
#ifndef SOUTHBOUND_GNMI_GATHER_H
#define SOUTHBOUND_GNMI_GATHER_H

#include "southbound/gnmi/exchange.h"

#define GNMI_GATHER_CHUNK 64 /* paths in one Get at most */
#define GNMI_GATHER_MAX ((size_t)32 << 20) /* octets of all answers */

/* A zeroed one is empty. */
struct gnmi_gather {
	struct gnmi_naming naming;
	bool configuration;
	const char *const *paths; /* borrowed */
	size_t n, at, asked, chunk;
	struct arena memory;
	struct gnmi_piece *pieces;
	size_t n_pieces, cap_pieces, octets;
};

/* Begins anew; paths have to stay until the end. */
void gnmi_gather_begin(struct gnmi_gather *gather, const struct gnmi_naming *naming,
		       bool configuration, const char *const *paths, size_t n);
/* Frees what was gathered. */
void gnmi_gather_free(struct gnmi_gather *gather);
/* True when all paths were answered. */
bool gnmi_gather_is_done(const struct gnmi_gather *gather);
/* Packs the next GetRequest; not when it is done. */
enum pce_status gnmi_gather_ask(struct gnmi_gather *gather, struct arena *arena,
				const uint8_t **out, size_t *len, struct pce_error *err);
/* Takes the answer: gRPC code, its text, and the GetResponse. PCE_LIMIT for one entry that is too
 * large, or too many. */
enum pce_status gnmi_gather_take(struct gnmi_gather *gather, int code, const char *text,
				 const uint8_t *bytes, size_t len, struct pce_error *err);

#endif
