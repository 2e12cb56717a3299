/* BGP-LS as JSON, for people who ask what a router really sent, and for tests. */
#ifndef SOUTHBOUND_BGP_JSON_H
#define SOUTHBOUND_BGP_JSON_H

#include "pce/base/reader.h"
#include "pce/base/status.h"
#include "pce/base/text.h"

/* What the octets are. */
enum bgpls_kind {
	BGPLS_KIND_UPDATE, /* a whole BGP message */
	BGPLS_KIND_NLRI, /* BGP-LS NLRIs, one after the other */
	BGPLS_KIND_ATTR, /* the value of attribute 29 */
	BGPLS_KIND_DESC, /* descriptor TLVs */
};

/* Reads "update", "nlri", "attr" or "desc"; PCE_INVALID names the word. */
enum pce_status bgpls_parse_kind(const char *word, enum bgpls_kind *out, struct pce_error *err);

/*
 * Appends one JSON object without line end: what was decoded, "rfc" with the verdict of the RFCs,
 * "why" with its reasons, and "accepted": true where Karst takes what the RFC would discard. The
 * octets may be anything. NLRIs with a path identifier (RFC 7911) or a route distinguisher are
 * recognised where they read as nothing else.
 */
void bgpls_json(enum bgpls_kind kind, struct reader octets, struct text *out);

/* As bgpls_json for octets as hex digits (either case, white space and a leading 0x allowed); text
 * that is not hex becomes {"error": …}. */
void bgpls_json_line(enum bgpls_kind kind, const char *hex, size_t len, struct text *out);

#endif
