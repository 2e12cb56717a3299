/* XML as the importers read it: parsed without DTD, entities of its own, or the network. */
#ifndef MODELS_IMPORT_MARKUP_H
#define MODELS_IMPORT_MARKUP_H

#include <libxml/tree.h>
#include <stdbool.h>

#include "pce/base/status.h"

/*
 * Parses a text; the document is the caller's (xmlFreeDoc). Elements are nested at most 256 deep
 * and the text is at most 2 GiB. PCE_MALFORMED with the line; PCE_UNSUPPORTED for a DTD.
 */
enum pce_status markup_parse(const char *text, size_t len, xmlDoc **out, struct pce_error *err);

/* Line of a node; 0 if it is not known. */
unsigned markup_line(const xmlNode *at);
/* True for an element of that local name, in any namespace. */
bool markup_is(const xmlNode *node, const char *name);
/* First child element of that name, or NULL. */
const xmlNode *markup_child(const xmlNode *node, const char *name);
/* Text of an element without blanks around it, to free(); NULL when there is none. Sets *bad
 * without memory. */
char *markup_content(const xmlNode *node, bool *bad);
/* Attribute of an element, to xmlFree(); NULL without it. */
char *markup_attribute(const xmlNode *node, const char *name);

#endif
