/*
 * The client side of the API: HTTPS requests, one connection each, blocking. The server's
 * certificate must be signed by, or be, the one in the CA file; there is no way to go without.
 */
#ifndef NORTHBOUND_CLI_CLIENT_H
#define NORTHBOUND_CLI_CLIENT_H

#include "northbound/cli/cli.h"

/* Where the daemon is and who asks. NULL: the environment's, then the default of a local daemon. */
struct cli_server {
	const char *url; /* KARST_SERVER, https://localhost:8443 */
	const char *token_file; /* KARST_TOKEN_FILE, /var/lib/karst/first-token */
	const char *ca_file; /* KARST_CA, /var/lib/karst/api-cert.pem if it is there, else the
				system's */
	const char *cert_file,
	    *key_file; /* KARST_CERT, KARST_KEY: of a client that needs no token */
};

/* The group of --server, --token-file, --ca or --cacert, --cert, --key. */
struct cli_group cli_server_group(struct cli_server *server);

/* One request. */
struct cli_ask {
	const char *method, *path; /* path is encoded */
	const char *body; /* NULL: none; JSON */
	const char *header; /* one more header line without its end, or NULL */
};

struct cli_reply {
	unsigned status; /* HTTP status */
	char *body; /* NUL-terminated, to free() */
	size_t len;
};

/*
 * Asks and reads the whole reply, up to 256 MB. Replies of every status are PCE_OK; PCE_UNREACHABLE
 * or PCE_TIMEOUT say what keeps the server away, PCE_IO that the token cannot be read, PCE_INVALID
 * that the URL is none.
 */
enum pce_status cli_ask(const struct cli_server *server, const struct cli_ask *ask,
			struct cli_reply *out, struct pce_error *err);

/*
 * As cli_ask, but a reply that is no success (2xx) becomes the error that its body tells, with the
 * data path: PCE_INVALID (400, 404, …), PCE_DENIED (401, 403), PCE_CONFLICT (409, 412, 507),
 * PCE_UNSUPPORTED (501), PCE_UNREACHABLE (other 5xx).
 */
enum pce_status cli_ask_well(const struct cli_server *server, const struct cli_ask *ask,
			     struct cli_reply *out, struct pce_error *err);

/* One line of a stream, without its end; false ends the stream. */
typedef bool cli_line(void *arg, const char *line);

/*
 * GETs an endless reply and hands over its lines. PCE_OK when take wanted no more; PCE_UNREACHABLE
 * when the server ended it; otherwise as cli_ask_well.
 */
enum pce_status cli_follow(const struct cli_server *server, const struct cli_ask *ask,
			   cli_line *take, void *arg, struct pce_error *err);

/* Appends text as one part of a path (RFC 3986: everything but unreserved characters is encoded).
 * Returns false if it does not fit into cap octets. */
bool cli_encode(char *out, size_t cap, const char *text);

#endif
