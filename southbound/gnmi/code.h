/* Status codes of gRPC (github.com/grpc/grpc, doc/statuscodes.md) as a router gives them, in words
 * for people; for the pure rooms, which know nothing of the library. */
#ifndef SOUTHBOUND_GNMI_CODE_H
#define SOUTHBOUND_GNMI_CODE_H

#include <stdbool.h>

#include "pce/base/status.h"

enum gnmi_code {
	GNMI_OK = 0,
	GNMI_CANCELLED = 1,
	GNMI_UNKNOWN = 2,
	GNMI_INVALID_ARGUMENT = 3,
	GNMI_DEADLINE_EXCEEDED = 4,
	GNMI_NOT_FOUND = 5,
	GNMI_ALREADY_EXISTS = 6,
	GNMI_PERMISSION_DENIED = 7,
	GNMI_RESOURCE_EXHAUSTED = 8,
	GNMI_FAILED_PRECONDITION = 9,
	GNMI_ABORTED = 10,
	GNMI_OUT_OF_RANGE = 11,
	GNMI_UNIMPLEMENTED = 12,
	GNMI_INTERNAL = 13,
	GNMI_UNAVAILABLE = 14,
	GNMI_DATA_LOSS = 15,
	GNMI_UNAUTHENTICATED = 16
};

/* Name as gRPC writes it ("DEADLINE_EXCEEDED"); never NULL. */
const char *gnmi_code_name(int code);

/*
 * PCE_OK for GNMI_OK; else fills err with a status and a sentence of what came of a call of
 * `method`, with the text that came with the code ("" or NULL none).
 */
enum pce_status gnmi_code_explain(int code, const char *text, const char *method,
				  struct pce_error *err);

/* True if the call may or may not have had its effect. */
bool gnmi_code_is_unclear(int code);

#endif
