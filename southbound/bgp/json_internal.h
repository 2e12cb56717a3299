/* Helpers that json.c and json_attr.c share. */
#ifndef SOUTHBOUND_BGP_JSON_INTERNAL_H
#define SOUTHBOUND_BGP_JSON_INTERNAL_H

#include <stdbool.h>
#include <stdint.h>

#include "pce/base/reader.h"
#include "pce/base/text.h"
#include "southbound/bgp/bgpls.h"

/* Appends "key": with a comma before it unless it comes first in its object. */
void json_key(struct text *t, const char *key);
/* Appends "key": number. */
void json_uint(struct text *t, const char *key, uint64_t value);
/* Appends "key": true or false. */
void json_bool(struct text *t, const char *key, bool value);
/* Appends "key": "string". */
void json_string(struct text *t, const char *key, const char *value);
/* Appends octets as a string of hex digits. */
void json_hex(struct text *t, struct reader octets);
/* Appends "unknown": [[type, "hex"], …] of the TLVs for which known() is false; nothing without
 * any. */
void json_unknown(struct text *t, struct reader tlvs, bool (*known)(uint16_t type));
/* Appends an address of 4 or 16 octets as a string. */
void json_addr(struct text *t, const uint8_t *octets, size_t len);
/* Appends a router id: dotted (4 octets), ISO system id (6, 7) or two dotted ones (8). */
void json_router_id(struct text *t, const uint8_t *id, size_t len);
/* Appends a comma, unless an object or array was just opened or a key just written. */
void json_comma(struct text *t);
/* Appends "key": […] of the texts; nothing if there are none. */
void json_faults(struct text *t, const char *key, const struct bgpls_faults *faults,
		 const char *skip);
/* Appends the fields of an attribute 29 (or of sub-TLVs) without braces. depth 0 at the top. */
void json_attr_fields(struct text *t, struct reader all, unsigned depth);

#endif
