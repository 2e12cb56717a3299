/*
 * JSON Schema (draft 2020-12, as OpenAPI 3.1 has it) of what the YANG modules say: the second
 * schema that clients ask for is made from the first one, never written by hand. What only YANG can
 * say (must, when, patterns that other languages do not have) is left out, so a document that
 * satisfies the JSON Schema may still be refused.
 */
#ifndef MODELS_CODEC_OPENAPI_H
#define MODELS_CODEC_OPENAPI_H

#include "models/codec/codec.h"

/* Which body of a resource: what a client may send (only what can be configured), what it gets, and
 * the two sides of an operation. */
enum codec_schema_body {
	CODEC_SCHEMA_WRITE,
	CODEC_SCHEMA_READ,
	CODEC_SCHEMA_INPUT,
	CODEC_SCHEMA_OUTPUT
};

/*
 * Appends the schema of a body. path: the schema path of a data node or of an rpc, as
 * "/karst-intent:intents/intent"; one: the body holds one entry of a list. PCE_NOT_FOUND: there is
 * no such node; an operation that has no such side gives false in *there and appends nothing.
 */
enum pce_status codec_schema_print(const struct codec *codec, const char *path,
				   enum codec_schema_body body, bool one, struct text *out,
				   bool *there, struct pce_error *err);

#endif
