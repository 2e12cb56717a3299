/* The readers of other people's formats. Each gives nodes and edges to a draft. Internal to the
 * importers. */
#ifndef MODELS_IMPORT_READERS_H
#define MODELS_IMPORT_READERS_H

#include <libxml/tree.h>

#include "models/import/draft.h"

/* All: PCE_MALFORMED or PCE_INVALID with the line; PCE_UNSUPPORTED for what the format allows and
 * Karst does not read. */

/* The element graphml. */
enum pce_status import_graphml(const xmlNode *root, struct draft *draft);
/* The element network of SNDlib's XML format. */
enum pce_status import_sndlib_xml(const xmlNode *root, struct draft *draft);
/* SNDlib's native format. */
enum pce_status import_sndlib(const char *text, size_t len, struct draft *draft);
/* GML: Topology Zoo, yEd, networkx. */
enum pce_status import_gml(const char *text, size_t len, struct draft *draft);
/* The .graph files of REPETITA. */
enum pce_status import_repetita(const char *text, size_t len, struct draft *draft);
/* A JSON instance of ietf-network and ietf-network-topology (RFC 8345). */
enum pce_status import_rfc8345(const char *text, size_t len, struct draft *draft);
/* A table of links with a header line. */
enum pce_status import_csv(const char *text, size_t len, struct draft *draft);

#endif
