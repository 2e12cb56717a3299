#include "southbound/netconf/ssh.h"

#include <libssh/libssh.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "southbound/netconf/socket.h"

#define WRITE_MAX ((size_t)64 * 1024)

enum stage { TCP, KEY_EXCHANGE, LOGIN, CHANNEL, SUBSYSTEM, READY };

static const char *const stage_name[] = { "TCP connect", "SSH key exchange",  "SSH login",
					  "SSH channel", "netconf subsystem", "connected" };

struct netconf_ssh {
	const struct config_device *device;
	enum stage stage;
	int fd;
	bool fd_is_theirs; /* libssh closes the socket once it has seen it */
	ssh_session session;
	ssh_channel channel;
	ssh_key key;
};

static enum pce_status
fail_ssh(const struct netconf_ssh *s, enum pce_status status, struct pce_error *err)
{
	return pce_fail(err, status, "%s failed: %s", stage_name[s->stage],
			ssh_get_error(s->session));
}

static enum pce_status
set_options(struct netconf_ssh *s, struct pce_error *err)
{
	const struct config_device *d = s->device;
	unsigned port = d->port;
	int no = 0;
	bool bad;

	/* What the user's own ssh_config says is none of our business. */
	bad = ssh_options_set(s->session, SSH_OPTIONS_PROCESS_CONFIG, &no) ||
	      ssh_options_set(s->session, SSH_OPTIONS_HOST, d->address) ||
	      ssh_options_set(s->session, SSH_OPTIONS_PORT, &port) ||
	      ssh_options_set(s->session, SSH_OPTIONS_USER, d->username) ||
	      ssh_options_set(s->session, SSH_OPTIONS_FD, &s->fd);
	if (d->host_key_sha256 == NULL)
		bad = bad ||
		      ssh_options_set(s->session, SSH_OPTIONS_KNOWNHOSTS, d->known_hosts_file) ||
		      ssh_options_set(s->session, SSH_OPTIONS_GLOBAL_KNOWNHOSTS, "/dev/null");
	if (bad)
		return pce_fail(err, PCE_INVALID, "SSH options: %s", ssh_get_error(s->session));
	ssh_set_blocking(s->session, 0);
	return PCE_OK;
}

static enum pce_status
prepare(struct netconf_ssh *s, struct pce_error *err)
{
	const struct config_device *d = s->device;

	if (d->host_key_sha256 == NULL && d->known_hosts_file == NULL)
		return pce_fail(err, PCE_INVALID,
				"neither a host key nor a known_hosts file is configured");
	if (d->username == NULL || d->private_key_file == NULL)
		return pce_fail(err, PCE_INVALID, "no user name or private key is configured");
	if (ssh_pki_import_privkey_file(d->private_key_file, NULL, NULL, NULL, &s->key) != SSH_OK)
		return pce_fail(err, PCE_INVALID,
				"%s is no private key that can be read without a passphrase",
				d->private_key_file);
	s->session = ssh_new();
	if (s->session == NULL)
		return pce_no_memory(err);
	return PCE_OK;
}

enum pce_status
netconf_ssh_new(const struct config_device *device, const struct sockaddr *addr, socklen_t addr_len,
		struct netconf_ssh **out, struct pce_error *err)
{
	struct netconf_ssh *s = calloc(1, sizeof *s);
	enum pce_status status;

	if (s == NULL)
		return pce_no_memory(err);
	s->device = device;
	s->fd = -1;
	status = prepare(s, err);
	if (status == PCE_OK)
		status = netconf_socket_open(addr, addr_len, &s->fd, err);
	if (status == PCE_OK)
		status = set_options(s, err);
	if (status) {
		netconf_ssh_free(s);
		return status;
	}
	*out = s;
	return PCE_OK;
}

void
netconf_ssh_free(struct netconf_ssh *s)
{
	if (s == NULL)
		return;
	if (s->channel != NULL)
		ssh_channel_free(s->channel);
	if (s->session != NULL) {
		ssh_disconnect(s->session);
		ssh_free(s->session);
	}
	if (s->fd >= 0 && !s->fd_is_theirs)
		close(s->fd);
	ssh_key_free(s->key);
	free(s);
}

int
netconf_ssh_fd(const struct netconf_ssh *s)
{
	return s->fd;
}

bool
netconf_ssh_wants_write(const struct netconf_ssh *s)
{
	return s->stage == TCP || (ssh_get_poll_flags(s->session) & SSH_WRITE_PENDING) != 0;
}

const char *
netconf_ssh_stage(const struct netconf_ssh *s)
{
	return stage_name[s->stage];
}

/* --- the host's key --- */

/* The SHA-256 of the key that the host showed, as ssh-keygen -l prints it; to
 * ssh_string_free_char(). */
static char *
fingerprint(struct netconf_ssh *s)
{
	unsigned char *hash = NULL;
	size_t len = 0;
	ssh_key key = NULL;
	char *text = NULL;

	if (ssh_get_server_publickey(s->session, &key) == SSH_OK &&
	    ssh_get_publickey_hash(key, SSH_PUBLICKEY_HASH_SHA256, &hash, &len) == 0)
		text = ssh_get_fingerprint_hash(SSH_PUBLICKEY_HASH_SHA256, hash, len);
	ssh_clean_pubkey_hash(&hash);
	ssh_key_free(key);
	return text;
}

static enum pce_status
check_known_hosts(struct netconf_ssh *s, const char *shown, struct pce_error *err)
{
	const char *file = s->device->known_hosts_file;

	switch (ssh_session_is_known_server(s->session)) {
	case SSH_KNOWN_HOSTS_OK:
		return PCE_OK;
	case SSH_KNOWN_HOSTS_CHANGED:
	case SSH_KNOWN_HOSTS_OTHER:
		return pce_fail(err, PCE_DENIED,
				"the host key %s is not the one in %s: somebody may be in between, "
				"or the router has a new key",
				shown, file);
	case SSH_KNOWN_HOSTS_UNKNOWN:
		return pce_fail(err, PCE_DENIED, "the host key %s is not in %s", shown, file);
	case SSH_KNOWN_HOSTS_NOT_FOUND:
		return pce_fail(err, PCE_DENIED, "there is no %s to look the host key %s up in",
				file, shown);
	case SSH_KNOWN_HOSTS_ERROR:
		break;
	}
	return pce_fail(err, PCE_DENIED, "the host key could not be checked with %s: %s", file,
			ssh_get_error(s->session));
}

static enum pce_status
check_host_key(struct netconf_ssh *s, struct pce_error *err)
{
	const char *pinned = s->device->host_key_sha256;
	char *shown = fingerprint(s);
	enum pce_status status = PCE_OK;

	if (shown == NULL)
		status = pce_fail(err, PCE_DENIED, "the host showed no key that can be read");
	else if (pinned == NULL)
		status = check_known_hosts(s, shown, err);
	else if (strcmp(pinned, shown) != 0)
		status = pce_fail(err, PCE_DENIED,
				  "the host key %s is not the configured %s: somebody may be in "
				  "between, or the router has a new key",
				  shown, pinned);
	ssh_string_free_char(shown);
	return status;
}

/* --- steps: each gives PCE_OK with *again true if it has to wait --- */

static enum pce_status
step_tcp(struct netconf_ssh *s, struct pce_error *err)
{
	enum pce_status status = netconf_socket_check(s->fd, err);

	if (status)
		return status;
	s->stage = KEY_EXCHANGE;
	return PCE_OK;
}

static enum pce_status
step_key_exchange(struct netconf_ssh *s, bool *again, struct pce_error *err)
{
	enum pce_status status;
	int rc;

	s->fd_is_theirs = true;
	rc = ssh_connect(s->session);
	*again = rc == SSH_AGAIN;
	if (*again)
		return PCE_OK;
	if (rc != SSH_OK)
		return fail_ssh(s, PCE_UNREACHABLE, err);
	status = check_host_key(s, err);
	if (status == PCE_OK)
		s->stage = LOGIN;
	return status;
}

static enum pce_status
step_login(struct netconf_ssh *s, bool *again, struct pce_error *err)
{
	int rc = ssh_userauth_publickey(s->session, NULL, s->key);

	*again = rc == SSH_AUTH_AGAIN;
	if (*again)
		return PCE_OK;
	if (rc == SSH_AUTH_DENIED || rc == SSH_AUTH_PARTIAL)
		return pce_fail(err, PCE_DENIED, "user %s was not let in with the key %s",
				s->device->username, s->device->private_key_file);
	if (rc != SSH_AUTH_SUCCESS)
		return fail_ssh(s, PCE_UNREACHABLE, err);
	s->channel = ssh_channel_new(s->session);
	if (s->channel == NULL)
		return pce_no_memory(err);
	s->stage = CHANNEL;
	return PCE_OK;
}

static enum pce_status
step_channel(struct netconf_ssh *s, bool *again, struct pce_error *err)
{
	int rc = s->stage == CHANNEL ? ssh_channel_open_session(s->channel)
				     : ssh_channel_request_subsystem(s->channel, "netconf");

	*again = rc == SSH_AGAIN;
	if (*again)
		return PCE_OK;
	if (rc != SSH_OK)
		return fail_ssh(s, s->stage == CHANNEL ? PCE_UNREACHABLE : PCE_UNSUPPORTED, err);
	s->stage = s->stage == CHANNEL ? SUBSYSTEM : READY;
	return PCE_OK;
}

enum pce_status
netconf_ssh_step(struct netconf_ssh *s, bool *ready, struct pce_error *err)
{
	enum pce_status status = PCE_OK;
	bool again = false;

	while (status == PCE_OK && !again && s->stage != READY) {
		if (s->stage == TCP)
			status = step_tcp(s, err);
		else if (s->stage == KEY_EXCHANGE)
			status = step_key_exchange(s, &again, err);
		else if (s->stage == LOGIN)
			status = step_login(s, &again, err);
		else
			status = step_channel(s, &again, err);
	}
	*ready = status == PCE_OK && s->stage == READY;
	return status;
}

/* --- bytes --- */

enum pce_status
netconf_ssh_read(struct netconf_ssh *s, void *buf, size_t cap, size_t *len, struct pce_error *err)
{
	int n = ssh_channel_read_nonblocking(s->channel, buf, (uint32_t)cap, 0);

	*len = n > 0 ? (size_t)n : 0;
	if (n > 0)
		return PCE_OK;
	if (ssh_channel_is_eof(s->channel) || ssh_channel_is_closed(s->channel))
		return pce_fail(err, PCE_UNREACHABLE, "the peer closed the session");
	if (n == SSH_ERROR || !ssh_is_connected(s->session))
		return pce_fail(err, PCE_UNREACHABLE, "the connection broke: %s",
				ssh_get_error(s->session));
	return PCE_OK;
}

enum pce_status
netconf_ssh_write(struct netconf_ssh *s, const void *buf, size_t len, size_t *sent,
		  struct pce_error *err)
{
	int n = ssh_channel_write(s->channel, buf, (uint32_t)(len < WRITE_MAX ? len : WRITE_MAX));

	*sent = n > 0 ? (size_t)n : 0;
	if (n == SSH_ERROR)
		return pce_fail(err, PCE_UNREACHABLE, "the connection broke: %s",
				ssh_get_error(s->session));
	return PCE_OK;
}
