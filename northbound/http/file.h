/* Small files that must be whole or not there: keys, certificates, tokens. */
#ifndef NORTHBOUND_HTTP_FILE_H
#define NORTHBOUND_HTTP_FILE_H

#include <stddef.h>
#include <sys/types.h>

#include "pce/base/status.h"

/*
 * Writes len bytes to path with this mode: beside it first, synced, then renamed, so that a reader
 * sees the old file or the whole new one, and nobody else sees a secret in between. PCE_IO names
 * the path.
 */
enum pce_status file_replace(const char *path, mode_t mode, const void *bytes, size_t len,
			     struct pce_error *err);

#endif
