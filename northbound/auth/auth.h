/*
 * Who may do what: bearer tokens (RFC 6750) with roles.
 *
 * A token is 256 random bits, so its SHA-256 is all that has to be kept: nobody can search for it.
 * The hashes live in STATE_DIR/tokens, one line each: "NAME ROLE SHA256 CREATED EXPIRES", times in
 * seconds since 1970, EXPIRES "-" for never. The first start makes one token of role administrator
 * and puts it in the clear into STATE_DIR/first-token, mode 0600; remove that file once the token
 * is kept elsewhere.
 */
#ifndef NORTHBOUND_AUTH_AUTH_H
#define NORTHBOUND_AUTH_AUTH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pce/base/status.h"

/* What one may do: look, change intents, run operations, administer. Each includes the ones before;
 * their names (viewer, planner, operator, administrator) are those of the typedef role of
 * karst-operations. */
enum auth_role { AUTH_READ, AUTH_INTENT, AUTH_OPERATE, AUTH_ADMIN, AUTH_ROLE_COUNT };

/* Name as in the YANG enumeration; never NULL. */
const char *auth_role_name(enum auth_role role);

struct auth;

/* Who made a request. */
struct auth_bearer {
	const char *name; /* owned by the auth, valid until it is freed or reloaded */
	enum auth_role role;
};

/*
 * Reads the tokens of state_dir. Without any, makes the first one: *first_token is then the path of
 * the file that holds it (owned by *out), otherwise NULL. PCE_IO, or PCE_MALFORMED with the line of
 * the tokens file. Caller owns *out; auth_free(NULL) does nothing.
 */
enum pce_status auth_open(const char *state_dir, int64_t now_s, struct auth **out,
			  const char **first_token, struct pce_error *err);
void auth_free(struct auth *auth);

/* Reads the tokens file again; on failure the old tokens stay. */
enum pce_status auth_reload(struct auth *auth, struct pce_error *err);

#define AUTH_NEVER INT64_MAX /* of an expiry */
#define AUTH_SECRET 96 /* room for a token */

/* One token without its secret. */
struct auth_token {
	const char *name; /* owned by the auth, as in struct auth_bearer */
	enum auth_role role;
	int64_t created_s, expires_s; /* since 1970; AUTH_NEVER */
};

/* Tokens in the order of the file; false past the end. */
bool auth_token_at(const struct auth *auth, size_t index, struct auth_token *out);

/* The role of that name, or of that former name (read, intent, operate, admin); false if there is
 * none. */
bool auth_role_parse(const char *name, enum auth_role *out);

/*
 * Makes a token and writes its hash into the tokens file; secret gets the token itself, this once.
 * PCE_EXISTS: the name is taken; PCE_INVALID: it is no name (letters, digits, "-._", at most 64),
 * or the expiry has passed; PCE_IO: nothing was made. Names of bearers are invalid afterwards.
 */
enum pce_status auth_create(struct auth *auth, const char *name, enum auth_role role,
			    int64_t expires_s, int64_t now_s, char secret[AUTH_SECRET],
			    struct pce_error *err);
/* Ends a token. PCE_NOT_FOUND; PCE_CONFLICT: it is the last one of role administrator that has not
 * expired. Names of bearers are invalid afterwards. */
enum pce_status auth_revoke(struct auth *auth, const char *name, int64_t now_s,
			    struct pce_error *err);

/*
 * Checks the value of an Authorization header (NULL: there was none) at now_s, seconds since 1970.
 * PCE_DENIED says what is wrong, but never which part of a token. The time it takes depends on the
 * number of tokens and not on how much of one was right.
 */
enum pce_status auth_check(const struct auth *auth, const char *authorization, int64_t now_s,
			   struct auth_bearer *out, struct pce_error *err);

#endif
