/*
 * What the parts of the codec share: documents (text in, data tree out, errors with path and line),
 * typed reading of tree nodes, and a JSON emitter whose output goes through libyang before anybody
 * sees it.
 */
#ifndef MODELS_CODEC_INTERNAL_H
#define MODELS_CODEC_INTERNAL_H

#include <libyang/libyang.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "models/codec/codec.h"
#include "pce/base/addr.h"

struct codec {
	struct ly_ctx *ctx;
};

/* --- Documents (document.c) --- */

/* A text and the data tree that was made of it. A zeroed document is empty. */
struct document {
	const struct codec *codec;
	const char *text; /* as given; borrowed */
	size_t len;
	enum codec_format format;
	struct lyd_node *tree;
	struct lyd_node *parent; /* made for text that begins below the top, owned; or NULL */
};

/*
 * Parses and validates a JSON or YAML text. The text stays borrowed until document_free. state:
 * config-false nodes are allowed.
 */
enum pce_status document_parse(const struct codec *codec, const char *text, size_t len, bool state,
			       struct document *out, struct pce_error *err);

/*
 * As document_parse, for the input of an operation: {"MODULE:input": {…}}, or the members of the
 * input alone. op_path as "/karst-path:compute-path".
 */
enum pce_status document_parse_input(const struct codec *codec, const char *text, size_t len,
				     const char *op_path, struct document *out,
				     struct pce_error *err);

/* Frees the tree. */
void document_free(struct document *doc);

/*
 * Fails for a node of the document, with its data path and line; leaf (may be NULL) names a child
 * of it. Returns status.
 */
enum pce_status document_fail(const struct document *doc, const struct lyd_node *node,
			      const char *leaf, enum pce_status status, struct pce_error *err,
			      const char *fmt, ...) __attribute__((format(printf, 6, 7)));

/* Turns libyang's last error into err. doc NULL: no line. Returns status. */
enum pce_status codec_ly_fail(const struct codec *codec, const struct document *doc,
			      enum pce_status status, struct pce_error *err);

/* Line of the node at a data path in a text, or of the nearest one above it, or 0. */
unsigned locate_line(const char *text, size_t len, enum codec_format format, const char *path,
		     bool *complete);

/*
 * Octets of the first character of a text, and whether YANG allows it (RFC 7950 section 14); an
 * octet that begins no well-formed UTF-8 sequence is one that is not allowed. left > 0.
 */
size_t text_char(const char *text, size_t left, bool *allowed);

/* Checks that a text is UTF-8 and holds only characters that YANG allows. PCE_MALFORMED with the
 * line. */
enum pce_status utf8_check(const char *text, size_t len, struct pce_error *err);

/*
 * Checks that a text is one JSON value (RFC 8259), nested at most 64 deep, and nothing else.
 * libyang stops reading behind the first value, and leaks on some malformed texts. PCE_MALFORMED
 * with the line.
 */
enum pce_status json_check(const char *text, size_t len, struct pce_error *err);

/*
 * Writes the characters that stand as two escapes (RFC 8259 section 7: "\\ud83d\\ude00"), which
 * libyang does not know, as UTF-8. *json has passed json_check(); half a pair stays and is refused
 * by libyang.
 */
void json_join_surrogates(struct text *json);

/*
 * YAML to JSON with values quoted by schema type; each JSON token stands on the line of its YAML
 * original. root: the operation whose input this is, or NULL for data. Appends to *out.
 */
enum pce_status yaml_to_json(const struct codec *codec, const char *text, size_t len,
			     const struct lysc_node *root, struct text *out, struct pce_error *err);

/* --- Reading nodes (read.c) --- */

/* Name of a node (there are no opaque ones here). */
static inline const char *
read_name(const struct lyd_node *node)
{
	return node->schema->name;
}

/* First child called name, or NULL. */
const struct lyd_node *read_child(const struct lyd_node *parent, const char *name);
/* Value of a child leaf as canonical text, or NULL when it is absent. */
const char *read_text(const struct lyd_node *parent, const char *name);
/* Unsigned value of a leaf itself. */
uint64_t read_number(const struct lyd_node *leaf);
/* Unsigned value of a child leaf, or otherwise. */
uint64_t read_u64(const struct lyd_node *parent, const char *name, uint64_t otherwise);
/* Seconds since 1970 of a date-and-time; *seconds is untouched if it is absent. PCE_INVALID if it
 * is no time. */
enum pce_status read_time(const struct lyd_node *parent, const char *name, int64_t *seconds,
			  struct pce_error *err);
/* Boolean value of a child leaf, or otherwise. */
bool read_bool(const struct lyd_node *parent, const char *name, bool otherwise);
/* Address of a child leaf; IP_NONE when it is absent. */
struct ip_addr read_addr(const struct lyd_node *parent, const char *name);
/* The sixteen octets of an IPv6 address leaf. */
void read_sid(const struct lyd_node *leaf, uint8_t out[16]);
/* Complement of an availability leaf in parts per trillion. */
uint64_t read_unavailability(const struct lyd_node *leaf);
/* Copy of text in the arena; sets *bad without memory. NULL stays NULL. */
const char *read_copy(struct arena *arena, const char *text, bool *bad);
/* Number of children called name. */
size_t read_count(const struct lyd_node *parent, const char *name);
/* The values of leaf-list name as an array of strings in the arena. */
const char *const *read_strings(const struct lyd_node *parent, const char *name,
				struct arena *arena, size_t *n, bool *bad);

/* --- SRv6 behaviours (behavior.c) --- */

/* IANA code point of the behaviour and flavors children of a node, 0 without them; false for a
 * combination that has no code point. */
bool behavior_read(const struct lyd_node *parent, uint16_t *out);

/* --- Emitting (emit.c) --- */

/* JSON text being written; sticky on lack of memory. */
struct emit {
	struct text text;
	bool comma;
};

/* Opens and closes an object or array; name NULL inside arrays and at the top. */
void emit_open(struct emit *e, const char *name, char bracket);
void emit_close(struct emit *e, char bracket);
/* A string; what YANG does not allow in one, and U+FFFD, becomes U+FFFD and its octets in hex.
 * Nothing if value is NULL. */
void emit_string(struct emit *e, const char *name, const char *value);
void emit_bool(struct emit *e, const char *name, bool value);
/* Numbers of up to 32 bits. */
void emit_u32(struct emit *e, const char *name, uint32_t value);
/* 64-bit numbers, which RFC 7951 writes as strings. */
void emit_u64(struct emit *e, const char *name, uint64_t value);
/* An address; nothing for IP_NONE. */
void emit_addr(struct emit *e, const char *name, const struct ip_addr *addr);
void emit_prefix(struct emit *e, const char *name, const struct ip_prefix *prefix);
void emit_sid(struct emit *e, const char *name, const uint8_t sid[16]);
void emit_availability(struct emit *e, const char *name, uint64_t unavailability_ppt);
/* The behaviour's name and flavors, or its number; nothing for 0. */
void emit_behavior(struct emit *e, uint16_t behavior);
/* A leaf-list of strings; nothing when it is empty. */
void emit_strings(struct emit *e, const char *name, const char *const *values, size_t n);
/* An instant as date-and-time in UTC from microseconds since 1970. */
void emit_time(struct emit *e, const char *name, int64_t wall_us);
/* Frees the text. */
void emit_free(struct emit *e);

/* Kind of what was emitted. */
enum emit_kind { EMIT_DATA, EMIT_INPUT, EMIT_OUTPUT, EMIT_NOTIFICATION };

/*
 * Lets libyang parse, validate and print what was emitted, and appends it to *out as compact JSON.
 * op_path: the operation, whose name becomes MODULE:input or MODULE:output; NULL keeps the name. A
 * failure is PCE_INTERNAL: the struct held something that its schema forbids. Frees e in any case.
 */
enum pce_status emit_finish(const struct codec *codec, struct emit *e, enum emit_kind kind,
			    const char *op_path, struct text *out, struct pce_error *err);

/* As emit_finish for data, but appends XML, one element after the other (for NETCONF). */
enum pce_status emit_finish_xml(const struct codec *codec, struct emit *e, struct text *out,
				struct pce_error *err);

#endif
