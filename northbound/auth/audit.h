/*
 * The audit: who asked for what, when, from where, and what came of it. It is a file of its own
 * beside the store, STATE_DIR/audit.log, only ever appended to: one JSON object a line, in the
 * shape of karst-operations' list audit. A line is written before a request is carried out, another
 * one with the same id and its result afterwards; a request without a result is one whose end
 * nobody saw. Lines survive the end of the process, not a power cut.
 */
#ifndef NORTHBOUND_AUTH_AUDIT_H
#define NORTHBOUND_AUTH_AUDIT_H

#include <stdint.h>

#include "pce/base/status.h"
#include "pce/base/text.h"

struct audit;

/* Opens or makes the file (mode 0600). PCE_IO names it. Caller owns *out; audit_close(NULL) does
 * nothing. */
enum pce_status audit_open(const char *state_dir, struct audit **out, struct pce_error *err);
void audit_close(struct audit *audit);

/* One request that is about to be carried out. Strings are borrowed. */
struct audit_entry {
	int64_t wall_us; /* since 1970 */
	const char *author; /* name of the token; "" nobody */
	const char *address; /* of the client */
	const char *action; /* method, and "dry-run" */
	const char *target; /* as the client wrote it */
};

/* Appends it; its id, or 0 and err if it could not be written. */
uint64_t audit_begin(struct audit *audit, const struct audit_entry *entry, struct pce_error *err);
/* Appends what came of it, a word or a number of HTTP. */
void audit_end(struct audit *audit, uint64_t id, const char *result);

/* Appends {"karst-operations:audit":[…]} with the newest entries, at most `most`, oldest first.
 * Lines that cannot be read are left out. PCE_IO, PCE_NO_MEMORY. */
enum pce_status audit_print(const struct audit *audit, size_t most, struct text *out,
			    struct pce_error *err);

#endif
