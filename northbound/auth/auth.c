/* Bearer tokens; see auth.h. */
#include "config.h"

#include "northbound/auth/auth.h"

#include <errno.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "northbound/http/file.h"
#include "pce/base/arena.h"
#include "pce/base/array.h"
#include "pce/base/text.h"

#define HASH_BYTES 32
#define SECRET_BYTES 32
#define TOKEN_PREFIX "karst_" /* lets secret scanners find a leaked one */

struct token {
	const char *name;
	enum auth_role role;
	unsigned char hash[HASH_BYTES];
	int64_t created_s;
	int64_t expires_s; /* AUTH_NEVER */
};

struct token_list {
	struct token *tokens;
	size_t n, cap;
	struct arena arena; /* names */
};

struct auth {
	struct token_list list;
	char *tokens_path, *first_path;
};

static const char *const role_names[] = {
	[AUTH_READ] = "viewer",
	[AUTH_INTENT] = "planner",
	[AUTH_OPERATE] = "operator",
	[AUTH_ADMIN] = "administrator",
};

/* In tokens files of older versions, and from their users. */
static const char *const former_names[] = {
	[AUTH_READ] = "read",
	[AUTH_INTENT] = "intent",
	[AUTH_OPERATE] = "operate",
	[AUTH_ADMIN] = "admin",
};

const char *
auth_role_name(enum auth_role role)
{
	return role < AUTH_ROLE_COUNT ? role_names[role] : "unknown";
}

static void
list_free(struct token_list *list)
{
	free(list->tokens);
	arena_free(&list->arena);
	*list = (struct token_list){ 0 };
}

static bool
hash_of(const char *token, unsigned char out[HASH_BYTES])
{
	unsigned len = 0;

	return EVP_Digest(token, strlen(token), out, &len, EVP_sha256(), NULL) == 1 &&
	       len == HASH_BYTES;
}

static bool
parse_hash(const char *hex, unsigned char out[HASH_BYTES])
{
	if (strlen(hex) != 2 * HASH_BYTES || strspn(hex, "0123456789abcdef") != 2 * HASH_BYTES)
		return false;
	for (unsigned i = 0; i < HASH_BYTES; i++) {
		unsigned byte = 0;

		sscanf(hex + 2 * i, "%2x", &byte);
		out[i] = (unsigned char)byte;
	}
	return true;
}

bool
auth_role_parse(const char *name, enum auth_role *out)
{
	for (unsigned i = 0; i < AUTH_ROLE_COUNT; i++) {
		if (!strcmp(name, role_names[i]) || !strcmp(name, former_names[i])) {
			*out = (enum auth_role)i;
			return true;
		}
	}
	return false;
}

static bool
parse_expiry(const char *text, int64_t *out)
{
	char *end;

	if (!strcmp(text, "-")) {
		*out = AUTH_NEVER;
		return true;
	}
	*out = strtoll(text, &end, 10);
	return *text && !*end;
}

static enum pce_status
parse_line(char *line, unsigned number, struct token_list *list, struct pce_error *err)
{
	char *fields[5], *at = line, *word;
	struct token token = { 0 };
	size_t n = 0;

	while ((word = strsep(&at, " \t\r")))
		if (*word && n < 6 && n++ < 5)
			fields[n - 1] = word;
	if (n == 0 || fields[0][0] == '#')
		return PCE_OK;
	if (n != 5 || !auth_role_parse(fields[1], &token.role) ||
	    !parse_hash(fields[2], token.hash) || !parse_expiry(fields[3], &token.created_s) ||
	    !parse_expiry(fields[4], &token.expires_s))
		return pce_fail_at(err, PCE_MALFORMED, NULL, number,
				   "line %u of the tokens file is not NAME ROLE SHA256 CREATED "
				   "EXPIRES",
				   number);
	token.name = arena_strdup(&list->arena, fields[0]);
	if (!token.name || array_reserve(&list->tokens, &list->cap, list->n + 1,
					 sizeof(list->tokens[0]), NULL) != PCE_OK)
		return pce_no_memory(err);
	list->tokens[list->n++] = token;
	return PCE_OK;
}

/* Reads the tokens file; one that is not there is empty. */
static enum pce_status
list_read(const char *path, struct token_list *list, struct pce_error *err)
{
	FILE *file = fopen(path, "re");
	enum pce_status status = PCE_OK;
	char *line = NULL;
	size_t cap = 0;
	unsigned number = 0;

	if (!file && errno == ENOENT)
		return PCE_OK;
	if (!file)
		return pce_fail(err, PCE_IO, "cannot read %s: %s", path, strerror(errno));
	while (status == PCE_OK && getline(&line, &cap, file) >= 0) {
		line[strcspn(line, "\n")] = '\0';
		status = parse_line(line, ++number, list, err);
	}
	if (status == PCE_OK && ferror(file))
		status = pce_fail(err, PCE_IO, "cannot read %s: %s", path, strerror(errno));
	free(line);
	fclose(file);
	return status;
}

/* A fresh token: the prefix and base64url (RFC 4648 section 5) of random octets. */
static bool
make_secret(char out[AUTH_SECRET])
{
	unsigned char random[SECRET_BYTES];
	char base64[64];
	size_t n = 0;

	if (RAND_bytes(random, sizeof(random)) != 1)
		return false;
	EVP_EncodeBlock((unsigned char *)base64, random, sizeof(random));
	n = (size_t)snprintf(out, AUTH_SECRET, TOKEN_PREFIX);
	for (const char *c = base64; *c && *c != '='; c++)
		out[n++] = *c == '+' ? '-' : *c == '/' ? '_' : *c;
	out[n] = '\0';
	OPENSSL_cleanse(random, sizeof(random));
	OPENSSL_cleanse(base64, sizeof(base64));
	return true;
}

/* Appends one line of the tokens file; a new secret is made if there is one to be given. */
static enum pce_status
add_line(struct text *out, const char *name, enum auth_role role, int64_t now_s, int64_t expires_s,
	 char secret[AUTH_SECRET], struct pce_error *err)
{
	unsigned char hash[HASH_BYTES];

	if (!make_secret(secret) || !hash_of(secret, hash))
		return pce_fail(err, PCE_INTERNAL, "no random numbers for a token");
	text_printf(out, "%s %s ", name, role_names[role]);
	text_hex(out, hash, sizeof(hash));
	text_printf(out, " %lld ", (long long)now_s);
	if (expires_s == AUTH_NEVER)
		text_add(out, "-\n");
	else
		text_printf(out, "%lld\n", (long long)expires_s);
	return text_ok(out) ? PCE_OK : pce_no_memory(err);
}

/* The secret first: a crash between the two files makes a new pair at the next start. */
static enum pce_status
make_first(const struct auth *auth, int64_t now_s, struct pce_error *err)
{
	struct text line = { 0 };
	char secret[AUTH_SECRET];
	enum pce_status status =
	    add_line(&line, "first", AUTH_ADMIN, now_s, AUTH_NEVER, secret, err);
	size_t len;

	if (status)
		return status;
	len = strlen(secret);
	secret[len] = '\n';
	status = file_replace(auth->first_path, 0600, secret, len + 1, err);
	if (status == PCE_OK)
		status = file_replace(auth->tokens_path, 0600, line.at, line.len, err);
	OPENSSL_cleanse(secret, sizeof(secret));
	text_free(&line);
	return status;
}

enum pce_status
auth_reload(struct auth *auth, struct pce_error *err)
{
	struct token_list list = { 0 };
	enum pce_status status = list_read(auth->tokens_path, &list, err);

	if (status != PCE_OK) {
		list_free(&list);
		return status;
	}
	list_free(&auth->list);
	auth->list = list;
	return PCE_OK;
}

enum pce_status
auth_open(const char *state_dir, int64_t now_s, struct auth **out, const char **first_token,
	  struct pce_error *err)
{
	struct auth *auth = calloc(1, sizeof(*auth));
	enum pce_status status = PCE_OK;
	bool first = false;

	if (!auth || asprintf(&auth->tokens_path, "%s/tokens", state_dir) < 0 ||
	    asprintf(&auth->first_path, "%s/first-token", state_dir) < 0)
		status = pce_no_memory(err);
	if (status == PCE_OK)
		status = auth_reload(auth, err);
	if (status == PCE_OK && auth->list.n == 0) {
		first = true;
		status = make_first(auth, now_s, err);
		if (status == PCE_OK)
			status = auth_reload(auth, err);
	}
	if (status != PCE_OK) {
		auth_free(auth);
		return status;
	}
	*out = auth;
	*first_token = first ? auth->first_path : NULL;
	return PCE_OK;
}

void
auth_free(struct auth *auth)
{
	if (!auth)
		return;
	list_free(&auth->list);
	free(auth->tokens_path);
	free(auth->first_path);
	free(auth);
}

/* --- making and ending tokens --- */

bool
auth_token_at(const struct auth *auth, size_t index, struct auth_token *out)
{
	const struct token *token = &auth->list.tokens[index];

	if (index >= auth->list.n)
		return false;
	*out = (struct auth_token){ token->name, token->role, token->created_s, token->expires_s };
	return true;
}

static const struct token *
find_token(const struct auth *auth, const char *name)
{
	for (size_t i = 0; i < auth->list.n; i++)
		if (strcmp(auth->list.tokens[i].name, name) == 0)
			return &auth->list.tokens[i];
	return NULL;
}

/* A name that is one word of a line, and no comment. */
static bool
is_name(const char *name)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "0123456789-._";
	size_t len = strlen(name);

	return len > 0 && len <= 64 && strspn(name, allowed) == len;
}

/* The tokens file without the lines of one token (NULL: all lines), comments and all. */
static enum pce_status
copy_lines(const struct auth *auth, const char *without, struct text *out, struct pce_error *err)
{
	FILE *file = fopen(auth->tokens_path, "re");
	size_t cap = 0, len = without ? strlen(without) : 0;
	char *line = NULL;
	enum pce_status status = PCE_OK;

	if (!file)
		return pce_fail(err, PCE_IO, "cannot read %s: %s", auth->tokens_path,
				strerror(errno));
	while (getline(&line, &cap, file) >= 0) {
		const char *word = line + strspn(line, " \t");

		if (without && strncmp(word, without, len) == 0 && strchr(" \t\n", word[len]))
			continue;
		text_add(out, line);
		if (line[strlen(line) - 1] != '\n')
			text_add(out, "\n");
	}
	free(line);
	if (ferror(file))
		status = pce_fail(err, PCE_IO, "cannot read %s", auth->tokens_path);
	else if (!text_ok(out))
		status = pce_no_memory(err);
	fclose(file);
	return status;
}

static enum pce_status
replace_tokens(struct auth *auth, const struct text *lines, struct pce_error *err)
{
	enum pce_status status =
	    file_replace(auth->tokens_path, 0600, text_get(lines), lines->len, err);

	return status ? status : auth_reload(auth, err);
}

enum pce_status
auth_create(struct auth *auth, const char *name, enum auth_role role, int64_t expires_s,
	    int64_t now_s, char secret[AUTH_SECRET], struct pce_error *err)
{
	struct text lines = { 0 };
	enum pce_status status;

	if (!is_name(name))
		return pce_fail(err, PCE_INVALID,
				"\"%s\" is no name of a token: letters, digits, '-', '.', '_'",
				name);
	if (find_token(auth, name))
		return pce_fail(err, PCE_EXISTS, "there is a token %s already", name);
	if (expires_s <= now_s)
		return pce_fail(err, PCE_INVALID, "the token would have expired already");
	status = copy_lines(auth, NULL, &lines, err);
	if (!status)
		status = add_line(&lines, name, role, now_s, expires_s, secret, err);
	if (!status)
		status = replace_tokens(auth, &lines, err);
	text_free(&lines);
	return status;
}

enum pce_status
auth_revoke(struct auth *auth, const char *name, int64_t now_s, struct pce_error *err)
{
	const struct token *token = find_token(auth, name);
	struct text lines = { 0 };
	enum pce_status status;
	size_t admins = 0;

	if (!token)
		return pce_fail(err, PCE_NOT_FOUND, "there is no token %s", name);
	for (size_t i = 0; i < auth->list.n; i++)
		admins += auth->list.tokens[i].role == AUTH_ADMIN &&
			  auth->list.tokens[i].expires_s > now_s && &auth->list.tokens[i] != token;
	if (admins == 0)
		return pce_fail(
		    err, PCE_CONFLICT,
		    "%s is the last valid token of role administrator: make another one first",
		    name);
	status = copy_lines(auth, name, &lines, err);
	if (!status)
		status = replace_tokens(auth, &lines, err);
	text_free(&lines);
	return status;
}

enum pce_status
auth_check(const struct auth *auth, const char *authorization, int64_t now_s,
	   struct auth_bearer *out, struct pce_error *err)
{
	unsigned char hash[HASH_BYTES];
	const struct token *found = NULL;
	const char *token;

	if (!authorization)
		return pce_fail(err, PCE_DENIED, "a bearer token is needed");
	if (strncasecmp(authorization, "Bearer ", 7))
		return pce_fail(err, PCE_DENIED, "only bearer tokens are taken");
	token = authorization + 7 + strspn(authorization + 7, " ");
	if (!hash_of(token, hash))
		return pce_fail(err, PCE_INTERNAL, "cannot hash a token");
	for (size_t i = 0; i < auth->list.n; i++)
		if (CRYPTO_memcmp(auth->list.tokens[i].hash, hash, HASH_BYTES) == 0)
			found = &auth->list.tokens[i];
	if (!found)
		return pce_fail(err, PCE_DENIED, "the token is not known");
	if (found->expires_s <= now_s)
		return pce_fail(err, PCE_DENIED, "the token has expired");
	*out = (struct auth_bearer){ found->name, found->role };
	return PCE_OK;
}
