/* Clients with certificates; see certificate.h. */
#include "config.h"

#include "northbound/auth/certificate.h"

#include <ctype.h>
#include <openssl/evp.h>
#include <openssl/x509v3.h>
#include <string.h>
#include <strings.h>

#define NAME_ROOM 256 /* of a subject in messages */

/* True if an ASN.1 string is this text. Host and mail names do not know case. */
static bool
string_is(const ASN1_STRING *string, const char *text, bool any_case)
{
	const char *bytes = (const char *)ASN1_STRING_get0_data(string);
	size_t len = (size_t)ASN1_STRING_length(string);

	if (len != strlen(text))
		return false;
	return any_case ? strncasecmp(bytes, text, len) == 0 && !memchr(bytes, 0, len)
			: memcmp(bytes, text, len) == 0;
}

static bool
has_alternative_name(X509 *x, int type, const char *text)
{
	GENERAL_NAMES *names = X509_get_ext_d2i(x, NID_subject_alt_name, NULL, NULL);
	bool found = false;

	for (int i = 0; i < sk_GENERAL_NAME_num(names) && !found; i++) {
		const GENERAL_NAME *name = sk_GENERAL_NAME_value(names, i);

		/* The three types are strings in the same place of the union. */
		found = name->type == type && string_is(name->d.ia5, text, type != GEN_URI);
	}
	GENERAL_NAMES_free(names);
	return found;
}

static bool
has_common_name(X509 *x, const char *text)
{
	const X509_NAME *subject = X509_get_subject_name(x);
	int at = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);
	unsigned char *utf8 = NULL;
	bool same = false;
	int len;

	/* One that has several says nothing. */
	if (at < 0 || X509_NAME_get_index_by_NID(subject, NID_commonName, at) >= 0)
		return false;
	len =
	    ASN1_STRING_to_UTF8(&utf8, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at)));
	if (len >= 0)
		same = (size_t)len == strlen(text) && memcmp(utf8, text, (size_t)len) == 0;
	OPENSSL_free(utf8);
	return same;
}

static bool
has_fingerprint(X509 *x, const char *hex)
{
	unsigned char hash[EVP_MAX_MD_SIZE];
	unsigned len = 0;

	if (X509_digest(x, EVP_sha256(), hash, &len) != 1)
		return false;
	for (unsigned i = 0; i < len; i++, hex += 2) {
		char octet[3];

		hex += *hex == ':';
		snprintf(octet, sizeof(octet), "%02x", hash[i]);
		if (strncasecmp(octet, hex, 2) != 0)
			return false;
	}
	return *hex == '\0';
}

static bool
fits(const struct config_client *client, X509 *x)
{
	switch (client->match) {
	case CONFIG_CLIENT_DNS_NAME:
		return has_alternative_name(x, GEN_DNS, client->value);
	case CONFIG_CLIENT_EMAIL:
		return has_alternative_name(x, GEN_EMAIL, client->value);
	case CONFIG_CLIENT_URI:
		return has_alternative_name(x, GEN_URI, client->value);
	case CONFIG_CLIENT_COMMON_NAME:
		return has_common_name(x, client->value);
	case CONFIG_CLIENT_SHA256:
		return has_fingerprint(x, client->value);
	case CONFIG_CLIENT_MATCH_COUNT:
		break;
	}
	return false;
}

enum pce_status
auth_check_certificate(const struct config_api *config, X509 *certificate, const char *fault,
		       struct auth_bearer *out, struct pce_error *err)
{
	char subject[NAME_ROOM] = "";
	enum auth_role role;

	X509_NAME_oneline(X509_get_subject_name(certificate), subject, sizeof(subject));
	if (fault)
		return pce_fail(err, PCE_DENIED, "the client certificate of %s is not valid: %s",
				subject, fault);
	for (size_t i = 0; i < config->n_clients; i++) {
		if (!fits(&config->clients[i], certificate))
			continue;
		if (!auth_role_parse(config->clients[i].role, &role))
			return pce_fail(err, PCE_INTERNAL, "%s is no role",
					config->clients[i].role);
		*out = (struct auth_bearer){ config->clients[i].name, role };
		return PCE_OK;
	}
	return pce_fail(err, PCE_DENIED,
			"the client certificate of %s is no configured client's (api/client)",
			subject);
}
