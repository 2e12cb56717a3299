/* TLS for servers: the context, and a self-signed certificate for those who configured none. */
#ifndef NORTHBOUND_HTTP_TLS_H
#define NORTHBOUND_HTTP_TLS_H

#include <openssl/ssl.h>

#include "pce/base/addr.h"
#include "pce/base/status.h"

/*
 * A context for TLS 1.2 and newer with the certificate chain and key of two PEM files. PCE_INVALID
 * names the file that is unusable. Caller owns *out (SSL_CTX_free).
 */
enum pce_status tls_server_context(const char *certificate_file, const char *key_file,
				   SSL_CTX **out, struct pce_error *err);

/*
 * Lets clients show a certificate, issued by one of those in ca_file (PEM) and not revoked by
 * crl_file (PEM, one list of each issuer; NULL: nothing is revoked; one past its next update is a
 * fault of every certificate). A handshake never fails for what a client shows or does not show:
 * tls_client_certificate tells what was wrong with it, so that the answer can say so. Sessions are
 * not resumed, each connection is checked. PCE_INVALID names the file that is unusable.
 */
enum pce_status tls_ask_clients(SSL_CTX *tls, const char *ca_file, const char *crl_file,
				struct pce_error *err);

/* The certificate that the peer showed, borrowed from ssl, or NULL; *fault says why it is not to be
 * trusted, NULL if it is. */
X509 *tls_client_certificate(SSL *ssl, const char **fault);

/*
 * Makes sure that folder holds a usable pair "api-cert.pem" and "api-key.pem" (mode 0600): makes a
 * new one, self-signed, for ten years, for localhost, the loopback addresses and listen, if there
 * is none or if it has expired. Clients pin it by its file. The paths are written to certificate
 * and key (cap octets each). PCE_IO, PCE_INTERNAL.
 */
enum pce_status tls_self_signed(const char *folder, const struct ip_addr *listen, char *certificate,
				char *key, size_t cap, struct pce_error *err);

#endif
