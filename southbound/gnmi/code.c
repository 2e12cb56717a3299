#include "southbound/gnmi/code.h"

#include <ctype.h>
#include <stddef.h>
#include <string.h>

static const struct {
	const char *name;
	enum pce_status status;
	const char *before, *after; /* the method's name, in a sentence */
} codes[] = {
	[GNMI_OK] = { "OK", PCE_OK, "", "" },
	[GNMI_CANCELLED] = { "CANCELLED", PCE_UNREACHABLE, "", " was cancelled" },
	[GNMI_UNKNOWN] = { "UNKNOWN", PCE_UNSUPPORTED, "", " failed" },
	[GNMI_INVALID_ARGUMENT] = { "INVALID_ARGUMENT", PCE_UNSUPPORTED, "it refuses ", "" },
	[GNMI_DEADLINE_EXCEEDED] = { "DEADLINE_EXCEEDED", PCE_TIMEOUT, "it does not answer ",
				     " in time" },
	[GNMI_NOT_FOUND] = { "NOT_FOUND", PCE_UNSUPPORTED, "it does not know a path that ",
			     " names" },
	[GNMI_ALREADY_EXISTS] = { "ALREADY_EXISTS", PCE_UNSUPPORTED, "it refuses ", "" },
	[GNMI_PERMISSION_DENIED] = { "PERMISSION_DENIED", PCE_DENIED,
				     "it does not allow Karst's user ", "" },
	[GNMI_RESOURCE_EXHAUSTED] = { "RESOURCE_EXHAUSTED", PCE_LIMIT, "",
				      " is more than it or Karst takes" },
	[GNMI_FAILED_PRECONDITION] = { "FAILED_PRECONDITION", PCE_CONFLICT, "it cannot do ",
				       " in its present state" },
	[GNMI_ABORTED] = { "ABORTED", PCE_CONFLICT, "it cannot do ", " now" },
	[GNMI_OUT_OF_RANGE] = { "OUT_OF_RANGE", PCE_UNSUPPORTED, "it refuses ", "" },
	[GNMI_UNIMPLEMENTED] = { "UNIMPLEMENTED", PCE_UNSUPPORTED, "it does not implement ", "" },
	[GNMI_INTERNAL] = { "INTERNAL", PCE_UNSUPPORTED, "", " failed inside of it" },
	[GNMI_UNAVAILABLE] = { "UNAVAILABLE", PCE_UNREACHABLE, "it cannot be reached for ", "" },
	[GNMI_DATA_LOSS] = { "DATA_LOSS", PCE_UNSUPPORTED, "", " failed inside of it" },
	[GNMI_UNAUTHENTICATED] = { "UNAUTHENTICATED", PCE_DENIED,
				   "it refuses the user name or the password for ", "" },
};

#define CODES (sizeof(codes) / sizeof(codes[0]))

const char *
gnmi_code_name(int code)
{
	return code >= 0 && (size_t)code < CODES ? codes[code].name : "an unknown code";
}

/* What is meant where the TLS library under gRPC says why it made no connection, else NULL. */
static const char *
certificate_trouble(const char *text)
{
	static const struct {
		const char *word, *meaning;
	} troubles[] = {
		{ "certificate verify failed", "its certificate is refused (ca-file)" },
		{ "hostname verification", "its certificate is for another name (server-name)" },
		{ "peer name", "its certificate is for another name (server-name)" },
		{ "alert", "it refuses Karst's certificate (certificate-file)" },
		{ "wrong version number", "it does not speak TLS there" },
	};
	char low[1024];
	size_t n = 0;

	/* BoringSSL writes in capitals, with lines below, what OpenSSL writes as words. */
	for (; text[n] && n + 1 < sizeof(low); n++)
		low[n] = text[n] == '_' ? ' ' : (char)tolower((unsigned char)text[n]);
	low[n] = '\0';
	for (size_t i = 0; i < sizeof(troubles) / sizeof(troubles[0]); i++)
		if (strstr(low, troubles[i].word))
			return troubles[i].meaning;
	return NULL;
}

enum pce_status
gnmi_code_explain(int code, const char *text, const char *method, struct pce_error *err)
{
	const char *trouble = text && code == GNMI_UNAVAILABLE ? certificate_trouble(text) : NULL;
	const char *more = text && *text ? ": " : "";

	text = text ? text : "";
	if (code == GNMI_OK)
		return PCE_OK;
	if (trouble)
		return pce_fail(err, PCE_UNREACHABLE, "%s: %s", trouble, text);
	if (code < 0 || (size_t)code >= CODES)
		return pce_fail(err, PCE_UNSUPPORTED, "%s ended with gRPC code %d%s%s", method,
				code, more, text);
	return pce_fail(err, codes[code].status, "%s%s%s (gRPC %s)%s%s", codes[code].before, method,
			codes[code].after, codes[code].name, more, text);
}

bool
gnmi_code_is_unclear(int code)
{
	return code < 0 || (size_t)code >= CODES || code == GNMI_CANCELLED ||
	       code == GNMI_UNKNOWN || code == GNMI_DEADLINE_EXCEEDED || code == GNMI_INTERNAL ||
	       code == GNMI_UNAVAILABLE || code == GNMI_DATA_LOSS;
}
