/* GraphML to karst-topology. Internal to the importers. */
#ifndef MODELS_IMPORT_GRAPHML_H
#define MODELS_IMPORT_GRAPHML_H

#include <stddef.h>

#include "pce/base/status.h"
#include "pce/base/text.h"

/*
 * Appends the graph as karst-topology JSON to *json, and a line to *notes for each thing that was
 * left out. PCE_MALFORMED or PCE_INVALID with the line.
 */
enum pce_status graphml_to_json(const char *xml, size_t len, struct text *json, struct text *notes,
				struct pce_error *err);

#endif
