/* libfyaml documents, as the YAML reader and the line finder need them. */
#ifndef MODELS_CODEC_FYAML_H
#define MODELS_CODEC_FYAML_H

#include <libfyaml.h>
#include <stdbool.h>
#include <stddef.h>

#include "pce/base/status.h"

/*
 * Parses the first document of a text; the text must outlive it. PCE_MALFORMED with line and
 * reason. Caller frees with fy_document_destroy.
 */
enum pce_status fyaml_parse(const char *text, size_t len, bool json, struct fy_document **out,
			    struct pce_error *err);

/* Line of a node, from 1: of a mapping its first key, of a sequence its first item; 0 not known. */
unsigned fyaml_line(struct fy_node *node);

/* The node itself, or what an alias stands for; NULL for an alias to nothing. */
struct fy_node *fyaml_resolve(struct fy_node *node);

/* Scalar text (not NUL-terminated), or NULL. */
const char *fyaml_scalar(struct fy_node *node, size_t *len);

#endif
