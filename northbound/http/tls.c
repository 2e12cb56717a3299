/* TLS for servers; see tls.h. */
#include "config.h"

#include "northbound/http/tls.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <string.h>

#include "northbound/http/file.h"

#define LIFETIME_S (3650L * 86400)
#define PATH_ROOM 4096

/* Puts OpenSSL's own reason behind what failed. */
static enum pce_status
openssl_fail(struct pce_error *err, enum pce_status status, const char *what, const char *object)
{
	unsigned long code = ERR_get_error();
	const char *reason = code ? ERR_reason_error_string(code) : NULL;

	if (!reason && ERR_SYSTEM_ERROR(code))
		reason = strerror(ERR_GET_REASON(code));
	ERR_clear_error();
	return pce_fail(err, status, "%s %s: %s", what, object, reason ? reason : "unknown reason");
}

enum pce_status
tls_server_context(const char *certificate_file, const char *key_file, SSL_CTX **out,
		   struct pce_error *err)
{
	SSL_CTX *tls = SSL_CTX_new(TLS_server_method());
	enum pce_status status = PCE_OK;

	if (!tls)
		return openssl_fail(err, PCE_NO_MEMORY, "cannot make", "a TLS context");
	SSL_CTX_set_min_proto_version(tls, TLS1_2_VERSION);
	SSL_CTX_set_options(tls, SSL_OP_NO_RENEGOTIATION | SSL_OP_IGNORE_UNEXPECTED_EOF |
				     SSL_OP_CIPHER_SERVER_PREFERENCE);
	SSL_CTX_set_mode(tls, SSL_MODE_RELEASE_BUFFERS);
	if (SSL_CTX_use_certificate_chain_file(tls, certificate_file) != 1)
		status = openssl_fail(err, PCE_INVALID, "cannot use the certificate in",
				      certificate_file);
	else if (SSL_CTX_use_PrivateKey_file(tls, key_file, SSL_FILETYPE_PEM) != 1 ||
		 SSL_CTX_check_private_key(tls) != 1)
		status = openssl_fail(err, PCE_INVALID, "cannot use the private key in", key_file);
	if (status != PCE_OK)
		SSL_CTX_free(tls);
	else
		*out = tls;
	return status;
}

/* Whatever is wrong with a certificate is told by the API's answer: the handshake goes on. The
 * verdict stays in the SSL and is asked for before anything is allowed. */
static int
note_verdict(int good, X509_STORE_CTX *context)
{
	SSL *ssl = X509_STORE_CTX_get_ex_data(context, SSL_get_ex_data_X509_STORE_CTX_idx());

	if (!good && SSL_get_app_data(ssl) == NULL)
		SSL_set_app_data(ssl, (void *)(uintptr_t)X509_verify_cert_error_string(
					  X509_STORE_CTX_get_error(context)));
	return 1;
}

enum pce_status
tls_ask_clients(SSL_CTX *tls, const char *ca_file, const char *crl_file, struct pce_error *err)
{
	X509_STORE *store = SSL_CTX_get_cert_store(tls);
	STACK_OF(X509_NAME) *names = SSL_load_client_CA_file(ca_file);
	X509_LOOKUP *lookup;

	if (!names || SSL_CTX_load_verify_file(tls, ca_file) != 1) {
		sk_X509_NAME_pop_free(names, X509_NAME_free);
		return openssl_fail(err, PCE_INVALID, "cannot use the clients' issuers in",
				    ca_file);
	}
	SSL_CTX_set_client_CA_list(tls, names);
	if (crl_file) {
		lookup = X509_STORE_add_lookup(store, X509_LOOKUP_file());
		if (!lookup || X509_load_crl_file(lookup, crl_file, X509_FILETYPE_PEM) < 1)
			return openssl_fail(err, PCE_INVALID, "cannot use the revoked clients in",
					    crl_file);
		X509_STORE_set_flags(store, X509_V_FLAG_CRL_CHECK);
	}
	X509_STORE_set_purpose(store, X509_PURPOSE_SSL_CLIENT);
	SSL_CTX_set_verify(tls, SSL_VERIFY_PEER, note_verdict);
	SSL_CTX_set_session_cache_mode(tls, SSL_SESS_CACHE_OFF);
	SSL_CTX_set_options(tls, SSL_OP_NO_TICKET);
	SSL_CTX_set_num_tickets(tls, 0);
	return PCE_OK;
}

X509 *
tls_client_certificate(SSL *ssl, const char **fault)
{
	X509 *shown = SSL_get0_peer_certificate(ssl);
	long verdict = SSL_get_verify_result(ssl);

	*fault = shown ? SSL_get_app_data(ssl) : NULL;
	if (shown && !*fault && verdict != X509_V_OK)
		*fault = X509_verify_cert_error_string(verdict);
	return shown;
}

/* True if both files can be used together and the certificate is valid for another day. */
static bool
pair_is_good(const char *certificate, const char *key)
{
	SSL_CTX *tls = NULL;
	time_t tomorrow = time(NULL) + 86400;
	bool good = false;

	if (tls_server_context(certificate, key, &tls, NULL) == PCE_OK) {
		X509 *x = SSL_CTX_get0_certificate(tls);

		good = x && X509_cmp_time(X509_get0_notAfter(x), &tomorrow) > 0;
		SSL_CTX_free(tls);
	}
	return good;
}

static bool
add_extension(X509 *x, int nid, const char *value)
{
	X509V3_CTX context;
	X509_EXTENSION *extension;
	bool done;

	X509V3_set_ctx_nodb(&context);
	X509V3_set_ctx(&context, x, x, NULL, NULL, 0);
	extension = X509V3_EXT_conf_nid(NULL, &context, nid, value);
	done = extension && X509_add_ext(x, extension, -1) == 1;
	X509_EXTENSION_free(extension);
	return done;
}

/* A certificate for key, signed by key; NULL on failure. */
static X509 *
make_certificate(EVP_PKEY *key, const struct ip_addr *listen)
{
	X509 *x = X509_new();
	X509_NAME *name = x ? X509_get_subject_name(x) : NULL;
	char names[128], address[IP_TEXT];
	uint64_t serial = 0;
	bool done;

	snprintf(names, sizeof(names), "DNS:localhost,IP:127.0.0.1,IP:::1%s%s",
		 listen->family != IP_NONE ? ",IP:" : "", ip_print(listen, address));
	done = name && RAND_bytes((unsigned char *)&serial, sizeof(serial)) == 1 &&
	       X509_set_version(x, X509_VERSION_3) == 1 &&
	       ASN1_INTEGER_set_uint64(X509_get_serialNumber(x), serial >> 1 | 1) == 1 &&
	       X509_gmtime_adj(X509_getm_notBefore(x), -3600) &&
	       X509_gmtime_adj(X509_getm_notAfter(x), LIFETIME_S) && X509_set_pubkey(x, key) == 1 &&
	       X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const unsigned char *)"karst",
					  -1, -1, 0) == 1 &&
	       X509_set_issuer_name(x, name) == 1 &&
	       add_extension(x, NID_subject_alt_name, names) &&
	       add_extension(x, NID_basic_constraints, "critical,CA:TRUE") &&
	       add_extension(x, NID_ext_key_usage, "serverAuth") &&
	       X509_sign(x, key, EVP_sha256()) > 0;
	if (!done) {
		X509_free(x);
		return NULL;
	}
	return x;
}

/* Writes a certificate, or a key if x is NULL, as PEM. */
static enum pce_status
write_pem(const char *path, mode_t mode, X509 *x, EVP_PKEY *key, struct pce_error *err)
{
	BIO *pem = BIO_new(BIO_s_secmem());
	enum pce_status status;
	char *bytes = NULL;
	bool done = false;
	long len;

	if (pem)
		done = x ? PEM_write_bio_X509(pem, x) == 1
			 : PEM_write_bio_PKCS8PrivateKey(pem, key, NULL, NULL, 0, NULL, NULL) == 1;
	if (!done) {
		BIO_free(pem);
		return openssl_fail(err, PCE_INTERNAL, "cannot encode", path);
	}
	len = BIO_get_mem_data(pem, &bytes);
	status = file_replace(path, mode, bytes, (size_t)len, err);
	BIO_free(pem);
	return status;
}

enum pce_status
tls_self_signed(const char *folder, const struct ip_addr *listen, char *certificate, char *key,
		size_t cap, struct pce_error *err)
{
	enum pce_status status;
	EVP_PKEY *pair;
	X509 *x;

	if (snprintf(certificate, cap, "%s/api-cert.pem", folder) >= (int)cap ||
	    snprintf(key, cap, "%s/api-key.pem", folder) >= (int)cap || cap > PATH_ROOM)
		return pce_fail(err, PCE_LIMIT, "the path of the folder %s is too long", folder);
	if (pair_is_good(certificate, key))
		return PCE_OK;
	pair = EVP_EC_gen("P-256");
	x = pair ? make_certificate(pair, listen) : NULL;
	if (!x)
		status =
		    openssl_fail(err, PCE_INTERNAL, "cannot make", "a self-signed certificate");
	else
		status = write_pem(key, 0600, NULL, pair, err);
	if (status == PCE_OK)
		status = write_pem(certificate, 0644, x, NULL, err);
	X509_free(x);
	EVP_PKEY_free(pair);
	return status;
}
