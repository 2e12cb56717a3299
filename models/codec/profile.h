/*
 * How a kind of router writes an SRv6 Policy, as a table: which list of its YANG modules is the
 * policy, which leaf its color, and so on. southbound/profile reads and writes routers' data by
 * such tables, without a schema; a table comes from C (the built-in ones) or from a file
 * (karst-profile.yang).
 */
#ifndef MODELS_CODEC_PROFILE_H
#define MODELS_CODEC_PROFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "models/codec/codec.h"
#include "pce/base/arena.h"

/* The lists that a policy is made of. Each level but the first and PROFILE_SHARED lies within an
 * entry of another one. */
enum profile_level_kind {
	PROFILE_POLICY,
	PROFILE_PATH, /* candidate path; in a policy */
	PROFILE_LIST, /* segment list, or the reference to a shared one; in a candidate path */
	PROFILE_SHARED, /* segment lists that stand beside the policies, known by a name */
	PROFILE_SEGMENT, /* in a shared list where there are such, else in a segment list */
	PROFILE_STEERING, /* steered prefix; in a policy */
	PROFILE_LEVELS
};

/* What a leaf says. */
enum profile_value {
	PROFILE_CONSTANT, /* always the same text */
	/* of a policy */
	PROFILE_HEADEND,
	PROFILE_COLOR,
	PROFILE_ENDPOINT,
	PROFILE_NAME,
	PROFILE_BINDING_SID,
	PROFILE_OPER_STATE, /* "up", "down" */
	PROFILE_ACTIVE_PREFERENCE,
	PROFILE_REASON,
	/* of a candidate path */
	PROFILE_PREFERENCE,
	PROFILE_PATH_NAME,
	PROFILE_ACTIVE, /* "true", "false" */
	PROFILE_PATH_VALID, /* "true", "false": at least one list is valid */
	/* of a segment list */
	PROFILE_LIST_ID, /* its number within the candidate path, from 1 */
	PROFILE_LIST_NAME,
	PROFILE_LIST_REFERENCE, /* name of a shared list, made by Karst: see map.h */
	PROFILE_WEIGHT,
	PROFILE_LIST_VALID, /* "true", "false" */
	PROFILE_LIST_REASON,
	/* of a segment */
	PROFILE_INDEX, /* its place in the list, from 1 */
	PROFILE_SID,
	PROFILE_BEHAVIOR, /* IANA's number; absent: not told */
	/* of a steered prefix */
	PROFILE_PREFIX,
	PROFILE_SERVICE_SID,
	PROFILE_VALUES
};

/* How a leaf's text stands in JSON (RFC 7951, section 6) and XML. */
enum profile_type {
	PROFILE_STRING, /* also enumerations and addresses */
	PROFILE_NUMBER, /* of up to 32 bits */
	PROFILE_NUMBER64, /* a string in JSON */
	PROFILE_BOOLEAN,
	PROFILE_IDENTITY /* "MODULE:NAME" */
};

/* A value's text at Karst and on the router. */
struct profile_word {
	const char *ours, *theirs;
};

struct profile_leaf {
	enum profile_value value;
	/* Below the entry of its level: "name", "binding-sid/value"; an element of another module
	 * than the one above it is written "MODULE:name". */
	const char *path;
	enum profile_type type;
	const char *constant; /* of PROFILE_CONSTANT */
	enum profile_value with; /* a constant is written only with this value; PROFILE_CONSTANT:
				    always */
	bool state; /* the router tells it, nobody writes it */
	/* The router's number is ours times multiply plus offset; multiply 0 is 1. */
	uint32_t multiply;
	int64_t offset;
	const struct profile_word *words; /* an enumeration; none: the text itself */
	size_t n_words;
	unsigned line; /* of the file; 0: of no file */
};

struct profile_level {
	/* PROFILE_POLICY and PROFILE_SHARED: from the top, "/MODULE:a/b[key=value]/list"; else
	 * below the entry that it lies in. NULL: the model has no such list. */
	const char *path;
	const char *const *keys; /* paths of the leaves that are the list's keys, in its order */
	size_t n_keys;
	const struct profile_leaf *leaves;
	size_t n_leaves;
	unsigned line;
};

struct profile_module {
	const char *name, *ns; /* namespace: what XML has for the name */
	unsigned line;
};

struct profile_table {
	const char *name;
	const struct profile_module *modules;
	size_t n_modules;
	struct profile_level levels[PROFILE_LEVELS];
	bool expanded_addresses; /* IPv6 addresses in eight groups, not as RFC 5952 says */
	/* gNMI paths: their origin ("" none), and whether elements and members are written without
	 * their module. */
	const char *gnmi_origin;
	bool gnmi_bare;
};

/* Name of a value in profile files; of PROFILE_CONSTANT "constant". */
const char *profile_value_name(enum profile_value value);
/* The level that a value belongs to; of PROFILE_CONSTANT PROFILE_LEVELS. */
enum profile_level_kind profile_value_level(enum profile_value value);

/*
 * Reads a profile file's text (karst-profile), JSON or YAML. What the schema allows may still be
 * no profile: profile_new of southbound/profile judges that. *out belongs to arena.
 */
enum pce_status codec_profile_parse(const struct codec *codec, const char *text, size_t len,
				    struct arena *arena, const struct profile_table **out,
				    struct pce_error *err);
/* Reads a profile file. The sentence of an error begins with FILE:LINE. */
enum pce_status codec_profile_read(const struct codec *codec, const char *path, struct arena *arena,
				   const struct profile_table **out, struct pce_error *err);

/*
 * Checks a table against the YANG modules in folders (colons between them): every path is there,
 * every leaf has a type that can hold what is written, is configuration where it is written, keys
 * are those of the lists, and nothing mandatory is left out. PCE_INVALID with the line of the file
 * and the path. *lacking: name of a module that is in none of the folders, so that nothing could be
 * checked; NULL if all are there. It belongs to the table.
 */
enum pce_status codec_profile_check(const struct profile_table *table, const char *folders,
				    const char **lacking, struct pce_error *err);

#endif
