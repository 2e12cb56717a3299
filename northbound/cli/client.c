/* The client side of the API; see client.h. */
#include "config.h"

#include "northbound/cli/client.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <netdb.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "northbound/cli/json.h"
#include "pce/base/array.h"
#include "pce/base/text.h"

#define STATE_DIR "/var/lib/karst"
#define REPLY_LIMIT (256u << 20)
#define WAIT_S 60

static enum pce_status
take_url(void *into, const char *value, struct pce_error *err)
{
	(void)err;
	((struct cli_server *)into)->url = value;
	return PCE_OK;
}

static enum pce_status
take_token_file(void *into, const char *value, struct pce_error *err)
{
	(void)err;
	((struct cli_server *)into)->token_file = value;
	return PCE_OK;
}

static enum pce_status
take_ca(void *into, const char *value, struct pce_error *err)
{
	(void)err;
	((struct cli_server *)into)->ca_file = value;
	return PCE_OK;
}

static enum pce_status
take_cert(void *into, const char *value, struct pce_error *err)
{
	(void)err;
	((struct cli_server *)into)->cert_file = value;
	return PCE_OK;
}

static enum pce_status
take_key(void *into, const char *value, struct pce_error *err)
{
	(void)err;
	((struct cli_server *)into)->key_file = value;
	return PCE_OK;
}

struct cli_group
cli_server_group(struct cli_server *server)
{
	static const struct cli_option options[] = {
		{ "server", 0, "URL", "the daemon (KARST_SERVER, https://localhost:8443)",
		  take_url },
		{ "token-file", 0, "FILE",
		  "holds the token (KARST_TOKEN_FILE, " STATE_DIR "/first-token)",
		  take_token_file },
		{ "ca", 0, "FILE", "certificate to trust (KARST_CA, " STATE_DIR "/api-cert.pem)",
		  take_ca },
		{ "cacert", 0, "FILE", "the same as --ca", take_ca },
		{ "cert", 0, "FILE", "client certificate to show instead of a token (KARST_CERT)",
		  take_cert },
		{ "key", 0, "FILE", "its key, if it is in another file (KARST_KEY)", take_key },
	};

	return (struct cli_group){ options, sizeof(options) / sizeof(options[0]), server };
}

bool
cli_encode(char *out, size_t cap, const char *text)
{
	size_t n = strlen(out);

	for (; *text; text++) {
		bool plain = isalnum((unsigned char)*text) || strchr("-._~", *text);
		int len = snprintf(out + n, cap - n, plain ? "%c" : "%%%02X", (unsigned char)*text);

		n += (size_t)len;
		if (n >= cap)
			return false;
	}
	return true;
}

/* --- Connections --- */

struct connection {
	char host[256], port[8];
	bool tls;
	int fd;
	SSL_CTX *context;
	SSL *ssl;
	char buffer[65536];
	size_t used, taken; /* octets in buffer, octets of them handed out */
};

static const char *
setting(const char *option, const char *variable, const char *otherwise)
{
	const char *value = option ? option : getenv(variable);

	return value && *value ? value : otherwise;
}

static enum pce_status
parse_url(const struct cli_server *server, struct connection *c, struct pce_error *err)
{
	const char *url = setting(server->url, "KARST_SERVER", "https://localhost:8443");
	const char *at, *end, *colon;
	size_t len;

	c->tls = !strncmp(url, "https://", 8);
	if (!c->tls && strncmp(url, "http://", 7))
		return pce_fail(err, PCE_INVALID, "\"%s\" is not https://HOST:PORT", url);
	at = url + (c->tls ? 8 : 7);
	end = at + strcspn(at, "/");
	if (*at == '[') { /* IPv6 address */
		at++;
		len = strcspn(at, "]/");
		colon = at[len] == ']' && at[len + 1] == ':' ? at + len + 1 : NULL;
	} else {
		len = strcspn(at, ":/");
		colon = at[len] == ':' ? at + len : NULL;
	}
	if (len == 0 || len >= sizeof(c->host) || (end[0] && end[1]) ||
	    (colon && (size_t)(end - colon) > sizeof(c->port)))
		return pce_fail(err, PCE_INVALID, "\"%s\" is not https://HOST:PORT", url);
	memcpy(c->host, at, len);
	c->host[len] = '\0';
	snprintf(c->port, sizeof(c->port), "%.*s", colon ? (int)(end - colon - 1) : 4,
		 colon ? colon + 1 : "8443");
	return PCE_OK;
}

/* Connects to one of the addresses of host; what was in the way goes to why. */
static bool
connect_any(struct connection *c, const char *host, const char **why)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM }, *list = NULL, *a;
	struct timeval wait = { WAIT_S, 0 };
	int fault = getaddrinfo(host, c->port, &hints, &list);

	if (fault) {
		*why = gai_strerror(fault);
		return false;
	}
	for (a = list; a && c->fd < 0; a = a->ai_next) {
		c->fd = socket(a->ai_family, a->ai_socktype | SOCK_CLOEXEC, a->ai_protocol);
		if (c->fd < 0)
			continue;
		setsockopt(c->fd, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof(wait));
		setsockopt(c->fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait));
		if (connect(c->fd, a->ai_addr, a->ai_addrlen) != 0) {
			*why = strerror(errno);
			close(c->fd);
			c->fd = -1;
		}
	}
	freeaddrinfo(list);
	return c->fd >= 0;
}

static enum pce_status
open_socket(struct connection *c, struct pce_error *err)
{
	const char *why = "no address";

	/* The daemon's default is ::1, and not every machine's localhost has it. */
	if (connect_any(c, c->host, &why) ||
	    (!strcmp(c->host, "localhost") && connect_any(c, "::1", &(const char *){ NULL })))
		return PCE_OK;
	return pce_fail(err, PCE_UNREACHABLE, "cannot connect to %s port %s: %s", c->host, c->port,
			why);
}

/* The trusted certificate: the one that was named, a local daemon's own, or the system's. */
static enum pce_status
trust(const struct cli_server *server, struct connection *c, struct pce_error *err)
{
	static const char local[] = STATE_DIR "/api-cert.pem";
	const char *file =
	    setting(server->ca_file, "KARST_CA", access(local, R_OK) == 0 ? local : NULL);

	if (!file) {
		SSL_CTX_set_default_verify_paths(c->context);
		return PCE_OK;
	}
	if (SSL_CTX_load_verify_file(c->context, file) != 1)
		return pce_fail(err, PCE_IO, "cannot read a certificate from %s", file);
	return PCE_OK;
}

/* The client's own certificate, if it has one. */
static enum pce_status
show_certificate(const struct cli_server *server, struct connection *c, struct pce_error *err)
{
	const char *cert = setting(server->cert_file, "KARST_CERT", NULL);
	const char *key = setting(server->key_file, "KARST_KEY", cert);

	if (!cert && key)
		return pce_fail(err, PCE_INVALID, "--key needs --cert");
	if (!cert)
		return PCE_OK;
	if (SSL_CTX_use_certificate_chain_file(c->context, cert) != 1)
		return pce_fail(err, PCE_IO, "cannot read a certificate from %s", cert);
	if (SSL_CTX_use_PrivateKey_file(c->context, key, SSL_FILETYPE_PEM) != 1)
		return pce_fail(err, PCE_IO, "cannot read the key of the certificate from %s", key);
	return PCE_OK;
}

static enum pce_status
tls_fail(const struct connection *c, struct pce_error *err)
{
	long verdict = SSL_get_verify_result(c->ssl);
	unsigned long code = ERR_get_error();
	const char *reason = code ? ERR_reason_error_string(code) : NULL;

	if (verdict != X509_V_OK)
		return pce_fail(err, PCE_UNREACHABLE,
				"the certificate of %s is not trusted: %s (--ca names the one to "
				"trust)",
				c->host, X509_verify_cert_error_string(verdict));
	return pce_fail(err, PCE_UNREACHABLE, "no TLS with %s port %s: %s", c->host, c->port,
			reason ? reason : "the connection was closed");
}

static enum pce_status
open_tls(const struct cli_server *server, struct connection *c, struct pce_error *err)
{
	X509_VERIFY_PARAM *param;
	enum pce_status status;

	c->context = SSL_CTX_new(TLS_client_method());
	if (!c->context)
		return pce_no_memory(err);
	SSL_CTX_set_min_proto_version(c->context, TLS1_2_VERSION);
	SSL_CTX_set_options(c->context, SSL_OP_IGNORE_UNEXPECTED_EOF);
	SSL_CTX_set_verify(c->context, SSL_VERIFY_PEER, NULL);
	status = trust(server, c, err);
	if (status == PCE_OK)
		status = show_certificate(server, c, err);
	if (status != PCE_OK)
		return status;
	c->ssl = SSL_new(c->context);
	if (!c->ssl)
		return pce_no_memory(err);
	param = SSL_get0_param(c->ssl);
	if (X509_VERIFY_PARAM_set1_ip_asc(param, c->host) != 1) {
		X509_VERIFY_PARAM_set1_host(param, c->host, 0);
		SSL_set_tlsext_host_name(c->ssl, c->host);
	}
	if (SSL_set_fd(c->ssl, c->fd) != 1 || SSL_connect(c->ssl) != 1)
		return tls_fail(c, err);
	return PCE_OK;
}

static void
disconnect(struct connection *c)
{
	SSL_free(c->ssl);
	SSL_CTX_free(c->context);
	if (c->fd >= 0)
		close(c->fd);
}

static enum pce_status
send_all(struct connection *c, const char *bytes, size_t len, struct pce_error *err)
{
	while (len) {
		int part = len > INT32_MAX ? INT32_MAX : (int)len;
		ssize_t n = c->ssl ? SSL_write(c->ssl, bytes, part) : write(c->fd, bytes, len);

		if (n <= 0)
			return pce_fail(err, PCE_UNREACHABLE, "%s closed the connection", c->host);
		bytes += n;
		len -= (size_t)n;
	}
	return PCE_OK;
}

/* Reads more into the buffer, which is empty; *end: the connection ended. */
static enum pce_status
fill(struct connection *c, bool *end, struct pce_error *err)
{
	ssize_t n;

	errno = 0;
	n = c->ssl ? SSL_read(c->ssl, c->buffer, sizeof(c->buffer))
		   : read(c->fd, c->buffer, sizeof(c->buffer));
	c->taken = 0;
	c->used = n > 0 ? (size_t)n : 0;
	*end = n <= 0;
	if (n <= 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
		return pce_fail(err, PCE_TIMEOUT, "%s did not answer within %d s", c->host, WAIT_S);
	return PCE_OK;
}

/* --- HTTP --- */

/* Appends one line to line, without its end; false at the end of the connection. */
static enum pce_status
read_line(struct connection *c, struct text *line, bool *end, struct pce_error *err)
{
	*end = false;
	for (;;) {
		const char *from = c->buffer + c->taken;
		const char *stop = memchr(from, '\n', c->used - c->taken);
		size_t n = stop ? (size_t)(stop - from) : c->used - c->taken;
		enum pce_status status;

		text_bytes(line, from, n);
		c->taken += n + (stop != NULL);
		if (stop) {
			if (line->len && line->at[line->len - 1] == '\r')
				line->at[--line->len] = '\0';
			return PCE_OK;
		}
		if (line->len > REPLY_LIMIT)
			return pce_fail(err, PCE_LIMIT, "%s sends a line without an end", c->host);
		status = fill(c, end, err);
		if (status != PCE_OK || *end)
			return status;
	}
}

/* How the body of a reply ends. */
struct framing {
	unsigned status;
	bool chunked, has_length;
	uint64_t length;
};

static enum pce_status
read_head(struct connection *c, struct framing *out, struct pce_error *err)
{
	struct text line = { 0 };
	enum pce_status status = PCE_OK;
	bool end = false, first = true;

	*out = (struct framing){ 0 };
	while (status == PCE_OK) {
		text_clear(&line);
		status = read_line(c, &line, &end, err);
		const char *text = text_get(&line);

		if (status != PCE_OK)
			break;
		if (end)
			status =
			    pce_fail(err, PCE_UNREACHABLE, "%s closed the connection", c->host);
		else if (first && sscanf(text, "HTTP/1.%*u %3u", &out->status) != 1)
			status = pce_fail(err, PCE_UNREACHABLE, "%s does not speak HTTP", c->host);
		else if (!first && line.len == 0)
			break;
		else if (!strncasecmp(text, "Transfer-Encoding: chunked", 26))
			out->chunked = true;
		else if (!strncasecmp(text, "Content-Length:", 15))
			out->has_length = sscanf(text + 15, "%" SCNu64, &out->length) == 1;
		first = false;
	}
	text_free(&line);
	return status;
}

/* Appends n octets, or all up to the end if to_end. */
static enum pce_status
read_octets(struct connection *c, uint64_t n, bool to_end, struct text *out, struct pce_error *err)
{
	while (to_end || n) {
		size_t part = c->used - c->taken;
		enum pce_status status;
		bool end;

		if (!to_end && part > n)
			part = (size_t)n;
		text_bytes(out, c->buffer + c->taken, part);
		c->taken += part;
		n -= to_end ? 0 : part;
		if (out->len > REPLY_LIMIT)
			return pce_fail(err, PCE_LIMIT, "the reply of %s is too large", c->host);
		if (!to_end && n == 0)
			break;
		status = fill(c, &end, err);
		if (status != PCE_OK)
			return status;
		if (end && to_end)
			break;
		if (end)
			return pce_fail(err, PCE_UNREACHABLE, "%s cut its reply short", c->host);
	}
	return PCE_OK;
}

/* Reads one chunk; *last: it was the empty one. */
static enum pce_status
read_chunk(struct connection *c, struct text *out, bool *last, struct pce_error *err)
{
	struct text line = { 0 };
	uint64_t n = 0;
	bool end = false;
	enum pce_status status = read_line(c, &line, &end, err);

	if (status == PCE_OK && (end || sscanf(text_get(&line), "%" SCNx64, &n) != 1))
		status = pce_fail(err, PCE_UNREACHABLE, "%s cut its reply short", c->host);
	*last = n == 0;
	if (status == PCE_OK)
		status = read_octets(c, n, false, out, err);
	text_clear(&line);
	if (status == PCE_OK)
		status = read_line(c, &line, &end, err);
	text_free(&line);
	return status;
}

static enum pce_status
read_body(struct connection *c, const struct framing *framing, struct text *out,
	  struct pce_error *err)
{
	enum pce_status status = PCE_OK;
	bool last = false;

	if (framing->status == 204 || framing->status == 304)
		return PCE_OK;
	if (!framing->chunked)
		return read_octets(c, framing->length, !framing->has_length, out, err);
	while (status == PCE_OK && !last)
		status = read_chunk(c, out, &last, err);
	return status;
}

/* The token as a header line; nothing if there is no token file at its default place, or if a
 * certificate is shown and no token was named. */
static enum pce_status
add_token(const struct cli_server *server, struct text *out, struct pce_error *err)
{
	const char *named = setting(server->token_file, "KARST_TOKEN_FILE", NULL);
	struct pce_error fault = { 0 };
	char *token = NULL;
	size_t len;
	enum pce_status status;

	if (!named && setting(server->cert_file, "KARST_CERT", NULL))
		return PCE_OK;
	status =
	    cli_read_file(named ? named : STATE_DIR "/first-token", 4096, &token, &len, &fault);
	if (status != PCE_OK && !named)
		return PCE_OK; /* the server says whether it needs one */
	if (status != PCE_OK) {
		if (err)
			*err = fault;
		return status;
	}
	token[strcspn(token, "\r\n")] = '\0';
	text_printf(out, "Authorization: Bearer %s\r\n", token);
	OPENSSL_cleanse(token, len);
	free(token);
	return PCE_OK;
}

static enum pce_status
send_request(const struct cli_server *server, struct connection *c, const struct cli_ask *ask,
	     struct pce_error *err)
{
	struct text t = { 0 };
	enum pce_status status;
	size_t len = ask->body ? strlen(ask->body) : 0;
	bool v6 = strchr(c->host, ':') != NULL;

	text_printf(&t, "%s %s HTTP/1.1\r\nHost: %s%s%s:%s\r\nConnection: close\r\n", ask->method,
		    ask->path, v6 ? "[" : "", c->host, v6 ? "]" : "", c->port);
	status = add_token(server, &t, err);
	if (ask->header)
		text_printf(&t, "%s\r\n", ask->header);
	if (ask->body)
		text_printf(&t,
			    "Content-Type: application/yang-data+json\r\n"
			    "Content-Length: %zu\r\n",
			    len);
	text_add(&t, "\r\n");
	if (ask->body)
		text_bytes(&t, ask->body, len);
	if (status == PCE_OK)
		status = text_ok(&t) ? send_all(c, t.at, t.len, err) : pce_no_memory(err);
	text_free(&t);
	return status;
}

/* Connects, asks, and reads the head of the reply. The caller disconnects in any case. */
static enum pce_status
start(const struct cli_server *server, struct connection *c, const struct cli_ask *ask,
      struct framing *framing, struct pce_error *err)
{
	enum pce_status status = parse_url(server, c, err);

	signal(SIGPIPE, SIG_IGN);
	if (status == PCE_OK)
		status = open_socket(c, err);
	if (status == PCE_OK && c->tls)
		status = open_tls(server, c, err);
	if (status == PCE_OK)
		status = send_request(server, c, ask, err);
	if (status == PCE_OK)
		status = read_head(c, framing, err);
	return status;
}

enum pce_status
cli_ask(const struct cli_server *server, const struct cli_ask *ask, struct cli_reply *out,
	struct pce_error *err)
{
	struct connection *c = calloc(1, sizeof(*c));
	struct framing framing;
	struct text body = { 0 };
	enum pce_status status;

	if (!c)
		return pce_no_memory(err);
	c->fd = -1;
	status = start(server, c, ask, &framing, err);
	if (status == PCE_OK)
		status = read_body(c, &framing, &body, err);
	disconnect(c);
	free(c);
	text_add(&body, "");
	if (status == PCE_OK && !text_ok(&body))
		status = pce_no_memory(err);
	if (status == PCE_OK) {
		out->status = framing.status;
		out->len = body.len;
		out->body = body.len ? text_take(&body) : array_strdup("");
		if (!out->body)
			status = pce_no_memory(err);
	}
	text_free(&body);
	return status;
}

static enum pce_status
status_of(unsigned http)
{
	switch (http) {
	case 401:
	case 403:
		return PCE_DENIED;
	case 409:
	case 412:
	case 507:
		return PCE_CONFLICT;
	case 501:
		return PCE_UNSUPPORTED;
	default:
		return http >= 500 ? PCE_UNREACHABLE : PCE_INVALID;
	}
}

/* The error that an error reply tells. */
static enum pce_status
reply_error(const struct cli_reply *reply, struct pce_error *err)
{
	enum pce_status status = status_of(reply->status);
	struct cli_json *json = NULL;
	const struct cli_node *error = NULL;
	const char *text = NULL, *path = NULL;
	void *at = NULL;

	if (reply->len && cli_json_parse(reply->body, reply->len, &json, NULL) == PCE_OK) {
		error = cli_json_get(cli_json_root(json), "ietf-restconf:errors");
		error = cli_json_next(cli_json_get(error, "error"), &at);
		text = cli_json_text(cli_json_get(error, "error-message"));
		path = cli_json_text(cli_json_get(error, "error-path"));
	}
	if (text)
		pce_fail_at(err, status, path, 0, "%s", text);
	else if (reply->status == 413)
		pce_fail(err, status, "the server does not take so much at once (413)");
	else
		pce_fail(err, status, "the server answered with status %u", reply->status);
	cli_json_free(json);
	return status;
}

enum pce_status
cli_ask_well(const struct cli_server *server, const struct cli_ask *ask, struct cli_reply *out,
	     struct pce_error *err)
{
	struct cli_reply reply = { 0 };
	enum pce_status status = cli_ask(server, ask, &reply, err);

	if (status == PCE_OK && (reply.status < 200 || reply.status > 299))
		status = reply_error(&reply, err);
	if (status != PCE_OK) {
		free(reply.body);
		return status;
	}
	*out = reply;
	return PCE_OK;
}

/* Hands over the whole lines at the start of pending, and keeps the rest. */
static bool
hand_over(struct text *pending, cli_line *take, void *arg)
{
	size_t from = 0;
	bool more = true;
	char *end;

	while (more && pending->len > from &&
	       (end = memchr(pending->at + from, '\n', pending->len - from))) {
		*end = '\0';
		more = take(arg, pending->at + from);
		from = (size_t)(end + 1 - pending->at);
	}
	if (from) {
		pending->len -= from;
		memmove(pending->at, pending->at + from, pending->len + 1);
	}
	return more;
}

enum pce_status
cli_follow(const struct cli_server *server, const struct cli_ask *ask, cli_line *take, void *arg,
	   struct pce_error *err)
{
	struct connection *c = calloc(1, sizeof(*c));
	struct cli_reply reply = { 0 };
	struct framing framing = { 0 };
	struct text pending = { 0 };
	bool last = false, more = true;
	enum pce_status status;

	if (!c)
		return pce_no_memory(err);
	c->fd = -1;
	status = start(server, c, ask, &framing, err);
	if (status == PCE_OK && framing.status != 200) {
		status = read_body(c, &framing, &pending, err);
		reply = (struct cli_reply){ framing.status, pending.at, pending.len };
		if (status == PCE_OK)
			status = reply_error(&reply, err);
	}
	while (status == PCE_OK && more && !last) {
		status = read_chunk(c, &pending, &last, err);
		if (status == PCE_OK)
			more = hand_over(&pending, take, arg);
	}
	if (status == PCE_OK && more)
		status = pce_fail(err, PCE_UNREACHABLE, "%s ended the stream", c->host);
	disconnect(c);
	free(c);
	text_free(&pending);
	return status;
}
