/* Tokens: their list, making and ending them. A secret is shown once, in the reply that made it. */
#include "config.h"

#include <string.h>
#include <time.h>

#include "models/codec/operate.h"
#include "northbound/restconf/internal.h"

/* NULL, and answered, if there are no tokens because everybody may do everything. */
static struct auth *
auth_of(struct call *call)
{
	if (!call->north->auth)
		reply_error(call, 409, "operation-not-supported", NULL, NULL,
			    "tokens are switched off in the configuration");
	return call->north->auth;
}

static void
add_time(struct text *out, const char *name, int64_t at_s)
{
	time_t seconds = (time_t)at_s;
	struct tm tm = { 0 };
	char when[32];

	if (at_s == AUTH_NEVER)
		return;
	gmtime_r(&seconds, &tm);
	strftime(when, sizeof(when), "%Y-%m-%dT%H:%M:%SZ", &tm);
	text_printf(out, ",\"%s\":\"%s\"", name, when);
}

void
api_tokens(struct call *call)
{
	const struct auth *auth = auth_of(call);
	struct auth_token token;
	struct text body = { 0 };

	if (!auth || !check_query(call, no_parameters))
		return;
	text_add(&body, "{\"karst-operations:token\":[");
	for (size_t i = 0; auth_token_at(auth, i, &token); i++) {
		text_add(&body, i > 0 ? ",{\"name\":" : "{\"name\":");
		text_json_string(&body, token.name, strlen(token.name));
		text_printf(&body, ",\"role\":\"%s\"", auth_role_name(token.role));
		add_time(&body, "created", token.created_s);
		add_time(&body, "expires", token.expires_s);
		text_add(&body, "}");
	}
	text_add(&body, "]}");
	reply_json(call, &body);
}

static enum pce_status
create(struct call *call, struct auth *auth, const char *bytes, size_t len, char *secret,
       struct pce_error *err)
{
	struct arena arena = { 0 };
	const char *name = NULL, *role_name = NULL;
	enum auth_role role = AUTH_READ;
	int64_t expires_s = AUTH_NEVER;
	enum pce_status status = codec_create_token_parse(
	    call->north->options.codec, bytes, len, &arena, &name, &role_name, &expires_s, err);

	if (!status && !auth_role_parse(role_name, &role))
		status = pce_fail(err, PCE_INVALID, "%s is no role", role_name);
	if (!status)
		status = auth_create(auth, name, role, expires_s, time(NULL), secret, err);
	arena_free(&arena);
	return status;
}

void
api_create_token(struct call *call)
{
	struct auth *auth = auth_of(call);
	char secret[AUTH_SECRET] = "";
	struct pce_error err = { 0 };
	struct text body = { 0 };
	const char *bytes;
	size_t len;

	if (!auth)
		return;
	bytes = operation_body(call, &len);
	if (!bytes)
		return;
	if (create(call, auth, bytes, len, secret, &err)) {
		reply_fail(call, &err);
		return;
	}
	text_printf(&body, "{\"karst-operations:output\":{\"secret\":\"%s\"}}", secret);
	http_reply_header(call->request, "Cache-Control", "no-store");
	reply_json(call, &body);
	explicit_bzero(secret, sizeof(secret));
}

void
api_revoke_token(struct call *call)
{
	struct auth *auth = auth_of(call);
	struct pce_error err = { 0 };
	struct arena arena = { 0 };
	const char *bytes, *name = NULL;
	enum pce_status status;
	size_t len;

	if (!auth)
		return;
	bytes = operation_body(call, &len);
	if (!bytes)
		return;
	status =
	    codec_revoke_token_parse(call->north->options.codec, bytes, len, &arena, &name, &err);
	if (!status)
		status = auth_revoke(auth, name, time(NULL), &err);
	arena_free(&arena);
	if (status)
		reply_fail(call, &err);
	else
		http_reply(call->request, 204, NULL, NULL, 0);
}
