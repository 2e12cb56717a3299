/* Requests for paths as text: many of them in one file. */
#ifndef NORTHBOUND_CLI_CLI_REQUESTS_H
#define NORTHBOUND_CLI_CLI_REQUESTS_H

#include "models/codec/path.h"
#include "pce/path/request.h"
#include "pce/ted/ted.h"

struct cli_request {
	struct codec_path_request asked; /* by names */
	struct path_request request; /* by rows */
	unsigned line; /* where it begins */
};

/* A zeroed one is empty. */
struct cli_requests {
	struct cli_request *list;
	size_t n, cap;
	struct arena arena;
};

/*
 * Reads inputs of compute-path: a JSON list of them, or objects one behind the other. PCE_INVALID
 * or PCE_MALFORMED begin with "request 3 (line 7): ". out must be zeroed, cli_requests_free
 * afterwards, also on failure.
 */
enum pce_status cli_requests_read(const struct codec *codec, const struct ted *ted,
				  const char *text, size_t len, struct cli_requests *out,
				  struct pce_error *err);
void cli_requests_free(struct cli_requests *requests);

#endif
