#include "southbound/netconf/tls.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "southbound/netconf/socket.h"

#define WRITE_MAX ((size_t)64 * 1024)

enum stage { TCP, HANDSHAKE, READY };

static const char *const stage_name[] = { "TCP connect", "TLS handshake", "connected" };

struct netconf_tls {
	const struct config_device *device;
	enum stage stage;
	int fd;
	bool wants_write;
	SSL_CTX *context;
	SSL *ssl;
};

/* The last reason that OpenSSL noted, for people. */
static const char *
openssl_reason(void)
{
	unsigned long code = ERR_peek_last_error();
	const char *reason = ERR_reason_error_string(code);

	if (reason == NULL && ERR_SYSTEM_ERROR(code))
		reason = strerror(ERR_GET_REASON(code));
	ERR_clear_error();
	return reason ? reason : "the connection was closed";
}

static const char *
name_of(const struct config_device *d)
{
	return d->server_name ? d->server_name : d->address;
}

static enum pce_status
load_files(struct netconf_tls *t, struct pce_error *err)
{
	const struct config_device *d = t->device;

	if (d->certificate_file == NULL || d->private_key_file == NULL || d->ca_file == NULL)
		return pce_fail(err, PCE_INVALID,
				"TLS needs a certificate, its key and the certificates to trust");
	if (SSL_CTX_use_certificate_chain_file(t->context, d->certificate_file) != 1)
		return pce_fail(err, PCE_INVALID, "cannot use the certificate in %s: %s",
				d->certificate_file, openssl_reason());
	if (SSL_CTX_use_PrivateKey_file(t->context, d->private_key_file, SSL_FILETYPE_PEM) != 1)
		return pce_fail(err, PCE_INVALID, "cannot use the private key in %s: %s",
				d->private_key_file, openssl_reason());
	if (SSL_CTX_load_verify_file(t->context, d->ca_file) != 1)
		return pce_fail(err, PCE_INVALID, "cannot use the certificates in %s: %s",
				d->ca_file, openssl_reason());
	return PCE_OK;
}

/* Everything that has to hold of the router's certificate. */
static enum pce_status
expect_identity(struct netconf_tls *t, struct pce_error *err)
{
	const char *name = name_of(t->device);
	X509_VERIFY_PARAM *param = SSL_get0_param(t->ssl);
	bool bad = false;

	SSL_set_verify(t->ssl, SSL_VERIFY_PEER, NULL);
	if (X509_VERIFY_PARAM_set1_ip_asc(param, name) != 1) {
		X509_VERIFY_PARAM_set_hostflags(param, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
		bad = X509_VERIFY_PARAM_set1_host(param, name, 0) != 1 ||
		      SSL_set_tlsext_host_name(t->ssl, name) != 1;
	}
	ERR_clear_error();
	return bad ? pce_no_memory(err) : PCE_OK;
}

static enum pce_status
prepare(struct netconf_tls *t, struct pce_error *err)
{
	enum pce_status status;

	t->context = SSL_CTX_new(TLS_client_method());
	if (t->context == NULL)
		return pce_no_memory(err);
	SSL_CTX_set_min_proto_version(t->context, TLS1_2_VERSION);
	SSL_CTX_set_mode(t->context, SSL_MODE_ENABLE_PARTIAL_WRITE |
					 SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
					 SSL_MODE_RELEASE_BUFFERS);
	status = load_files(t, err);
	if (status)
		return status;
	t->ssl = SSL_new(t->context);
	if (t->ssl == NULL)
		return pce_no_memory(err);
	return expect_identity(t, err);
}

enum pce_status
netconf_tls_new(const struct config_device *device, const struct sockaddr *addr, socklen_t addr_len,
		struct netconf_tls **out, struct pce_error *err)
{
	struct netconf_tls *t = calloc(1, sizeof *t);
	enum pce_status status;

	if (t == NULL)
		return pce_no_memory(err);
	t->device = device;
	t->fd = -1;
	status = prepare(t, err);
	if (status == PCE_OK)
		status = netconf_socket_open(addr, addr_len, &t->fd, err);
	if (status == PCE_OK && SSL_set_fd(t->ssl, t->fd) != 1)
		status = pce_no_memory(err);
	if (status) {
		netconf_tls_free(t);
		return status;
	}
	SSL_set_connect_state(t->ssl);
	*out = t;
	return PCE_OK;
}

void
netconf_tls_free(struct netconf_tls *t)
{
	if (t == NULL)
		return;
	if (t->stage == READY)
		SSL_shutdown(t->ssl); /* best effort, it does not wait for the other end's */
	ERR_clear_error();
	SSL_free(t->ssl);
	SSL_CTX_free(t->context);
	if (t->fd >= 0)
		close(t->fd);
	free(t);
}

int
netconf_tls_fd(const struct netconf_tls *t)
{
	return t->fd;
}

bool
netconf_tls_wants_write(const struct netconf_tls *t)
{
	return t->stage == TCP || t->wants_write;
}

const char *
netconf_tls_stage(const struct netconf_tls *t)
{
	return stage_name[t->stage];
}

/* What became of a call that gave rc <= 0: PCE_OK if it has to wait. Alerts say that the other end
 * did not want us. */
static enum pce_status
outcome(struct netconf_tls *t, int rc, struct pce_error *err)
{
	long verdict = SSL_get_verify_result(t->ssl);
	int what = SSL_get_error(t->ssl, rc);
	unsigned long code = ERR_peek_last_error();
	bool alert =
	    ERR_GET_LIB(code) == ERR_LIB_SSL && ERR_GET_REASON(code) > SSL_AD_REASON_OFFSET;

	t->wants_write = what == SSL_ERROR_WANT_WRITE;
	if (what == SSL_ERROR_WANT_READ || what == SSL_ERROR_WANT_WRITE)
		return PCE_OK;
	if (what == SSL_ERROR_ZERO_RETURN)
		return pce_fail(err, PCE_UNREACHABLE, "the peer closed the session");
	if (verdict != X509_V_OK && t->stage == HANDSHAKE) {
		ERR_clear_error();
		return pce_fail(err, PCE_DENIED,
				"the certificate that it showed is not to be trusted for %s: %s",
				name_of(t->device), X509_verify_cert_error_string(verdict));
	}
	if (alert)
		return pce_fail(err, PCE_DENIED, "it does not take our certificate %s: %s",
				t->device->certificate_file, openssl_reason());
	if (what == SSL_ERROR_SYSCALL && errno != 0 && code == 0)
		return pce_fail(err, PCE_UNREACHABLE, "%s failed: %s", stage_name[t->stage],
				strerror(errno));
	return pce_fail(err, PCE_UNREACHABLE, "%s: %s",
			t->stage == READY ? "the connection broke" : "TLS handshake failed",
			openssl_reason());
}

enum pce_status
netconf_tls_step(struct netconf_tls *t, bool *ready, struct pce_error *err)
{
	enum pce_status status = PCE_OK;
	int rc;

	*ready = false;
	if (t->stage == TCP) {
		status = netconf_socket_check(t->fd, err);
		if (status)
			return status;
		t->stage = HANDSHAKE;
	}
	ERR_clear_error();
	errno = 0;
	rc = SSL_do_handshake(t->ssl);
	if (rc != 1)
		return outcome(t, rc, err);
	t->wants_write = false;
	t->stage = READY;
	*ready = true;
	return PCE_OK;
}

enum pce_status
netconf_tls_read(struct netconf_tls *t, void *buf, size_t cap, size_t *len, struct pce_error *err)
{
	int n;

	*len = 0;
	ERR_clear_error();
	errno = 0;
	n = SSL_read(t->ssl, buf, (int)cap);
	if (n <= 0) {
		bool waiting = t->wants_write;
		enum pce_status status = outcome(t, n, err);

		t->wants_write = t->wants_write || waiting; /* of a write that was cut short */
		return status;
	}
	*len = (size_t)n;
	return PCE_OK;
}

enum pce_status
netconf_tls_write(struct netconf_tls *t, const void *buf, size_t len, size_t *sent,
		  struct pce_error *err)
{
	int n;

	*sent = 0;
	ERR_clear_error();
	errno = 0;
	n = SSL_write(t->ssl, buf, (int)(len < WRITE_MAX ? len : WRITE_MAX));
	if (n <= 0)
		return outcome(t, n, err);
	t->wants_write = false;
	*sent = (size_t)n;
	return PCE_OK;
}
