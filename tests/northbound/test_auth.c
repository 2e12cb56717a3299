#include "config.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "northbound/auth/auth.h"
#include "tests/support/suite.h"
#include "tests/support/temporary.h"

static char folder[64];

static const char *
path_of(const char *name)
{
	static char path[128];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	return path;
}

static void
make_folder(void)
{
	temporary_template(folder, sizeof(folder), "auth");
	ck_assert_ptr_nonnull(mkdtemp(folder));
}

static void
remove_folder(void)
{
	unlink(path_of("tokens"));
	unlink(path_of("first-token"));
	rmdir(folder);
}

static unsigned
mode_of(const char *name)
{
	struct stat st;

	ck_assert_int_eq(stat(path_of(name), &st), 0);
	return st.st_mode & 07777;
}

/* The Authorization header for the token in the first-token file. */
static void
first_header(char out[128])
{
	FILE *file = fopen(path_of("first-token"), "r");
	char token[100] = "";

	ck_assert_ptr_nonnull(file);
	ck_assert_ptr_nonnull(fgets(token, sizeof(token), file));
	fclose(file);
	token[strcspn(token, "\n")] = '\0';
	snprintf(out, 128, "Bearer %s", token);
}

static void
write_tokens(const char *text)
{
	FILE *file = fopen(path_of("tokens"), "w");

	ck_assert_ptr_nonnull(file);
	fputs(text, file);
	fclose(file);
}

START_TEST(auth_first_start_makes_one_secret_token)
{
	struct auth *auth = NULL;
	struct auth_bearer who;
	const char *first = NULL;
	char header[128];

	ck_assert_int_eq(auth_open(folder, 1000, &auth, &first, NULL), PCE_OK);
	ck_assert_str_eq(first, path_of("first-token"));
	ck_assert_uint_eq(mode_of("first-token"), 0600);
	ck_assert_uint_eq(mode_of("tokens"), 0600);
	first_header(header);
	ck_assert_uint_eq(strlen(header), 7 + 6 + 43);
	ck_assert_int_eq(auth_check(auth, header, 2000, &who, NULL), PCE_OK);
	ck_assert_str_eq(who.name, "first");
	ck_assert_int_eq(who.role, AUTH_ADMIN);
	auth_free(auth);

	/* The second start makes none, and keeps only the hash. */
	unlink(path_of("first-token"));
	ck_assert_int_eq(auth_open(folder, 3000, &auth, &first, NULL), PCE_OK);
	ck_assert_ptr_null(first);
	ck_assert_int_eq(auth_check(auth, header, 3000, &who, NULL), PCE_OK);
	auth_free(auth);
}
END_TEST

START_TEST(auth_anything_but_the_token_is_denied)
{
	struct auth *auth = NULL;
	struct auth_bearer who = { "untouched", AUTH_READ };
	const char *first = NULL;
	char good[128], bad[160];

	ck_assert_int_eq(auth_open(folder, 1000, &auth, &first, NULL), PCE_OK);
	first_header(good);
	ck_assert_int_eq(auth_check(auth, NULL, 1000, &who, NULL), PCE_DENIED);
	ck_assert_int_eq(auth_check(auth, "", 1000, &who, NULL), PCE_DENIED);
	ck_assert_int_eq(auth_check(auth, "Bearer", 1000, &who, NULL), PCE_DENIED);
	ck_assert_int_eq(auth_check(auth, "Bearer ", 1000, &who, NULL), PCE_DENIED);
	ck_assert_int_eq(auth_check(auth, good + 7, 1000, &who, NULL), PCE_DENIED);
	snprintf(bad, sizeof(bad), "Basic %s", good + 7);
	ck_assert_int_eq(auth_check(auth, bad, 1000, &who, NULL), PCE_DENIED);
	snprintf(bad, sizeof(bad), "%sA", good);
	ck_assert_int_eq(auth_check(auth, bad, 1000, &who, NULL), PCE_DENIED);
	for (size_t i = 7; good[i]; i++) {
		snprintf(bad, sizeof(bad), "%s", good);
		bad[i] = bad[i] == 'A' ? 'B' : 'A';
		ck_assert_int_eq(auth_check(auth, bad, 1000, &who, NULL), PCE_DENIED);
		bad[i] = '\0';
		ck_assert_int_eq(auth_check(auth, bad, 1000, &who, NULL), PCE_DENIED);
	}
	ck_assert_str_eq(who.name, "untouched");
	snprintf(bad, sizeof(bad), "bearer  %s", good + 7); /* schemes have no case */
	ck_assert_int_eq(auth_check(auth, bad, 1000, &who, NULL), PCE_OK);
	auth_free(auth);
}
END_TEST

/* SHA-256 of "secret" in hex. */
#define SECRET_HASH "2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b"

START_TEST(auth_roles_and_expiry_come_from_the_file)
{
	struct auth *auth = NULL;
	struct auth_bearer who;
	struct pce_error err = { 0 };
	const char *first = NULL;

	write_tokens("# people\n\nshift intent " SECRET_HASH " 900 2000\n");
	ck_assert_int_eq(auth_open(folder, 1000, &auth, &first, NULL), PCE_OK);
	ck_assert_ptr_null(first);
	ck_assert_int_eq(auth_check(auth, "Bearer secret", 1999, &who, NULL), PCE_OK);
	ck_assert_str_eq(who.name, "shift");
	ck_assert_int_eq(who.role, AUTH_INTENT);
	ck_assert_int_eq(auth_check(auth, "Bearer secret", 2000, &who, &err), PCE_DENIED);
	ck_assert_ptr_nonnull(strstr(err.text, "expired"));

	write_tokens("shift king " SECRET_HASH " 900 -\n");
	ck_assert_int_eq(auth_reload(auth, &err), PCE_MALFORMED);
	ck_assert_uint_eq(err.line, 1);
	ck_assert_int_eq(auth_check(auth, "Bearer secret", 1999, &who, NULL), PCE_OK);

	write_tokens("night read " SECRET_HASH " 900 -\n");
	ck_assert_int_eq(auth_reload(auth, &err), PCE_OK);
	ck_assert_int_eq(auth_check(auth, "Bearer secret", 5000, &who, NULL), PCE_OK);
	ck_assert_str_eq(auth_role_name(who.role), "viewer");
	auth_free(auth);
}
END_TEST

START_TEST(auth_malformed_file_is_named_by_line)
{
	static const char *const rows[] = {
		"x admin " SECRET_HASH " 1\n",
		"x admin " SECRET_HASH " 1 - more\n",
		"x admin 2bb8 1 -\n",
		"x " SECRET_HASH " 1 -\n",
		"x admin " SECRET_HASH " 1 tomorrow\n",
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct auth *auth = NULL;
		struct pce_error err = { 0 };
		const char *first = NULL;

		write_tokens(rows[i]);
		ck_assert_msg(auth_open(folder, 1, &auth, &first, &err) == PCE_MALFORMED, "%zu", i);
		ck_assert_ptr_null(auth);
		ck_assert_uint_eq(err.line, 1);
	}
}
END_TEST

START_TEST(auth_created_tokens_work_until_they_are_revoked)
{
	struct auth *auth = NULL;
	struct auth_bearer who;
	struct auth_token token;
	struct pce_error err = { 0 };
	const char *first = NULL;
	char secret[AUTH_SECRET], header[128];

	write_tokens("# people\nboss admin " SECRET_HASH " 900 -");
	ck_assert_int_eq(auth_open(folder, 1000, &auth, &first, NULL), PCE_OK);
	ck_assert_int_eq(auth_create(auth, "night", AUTH_OPERATE, 2000, 1000, secret, &err),
			 PCE_OK);
	snprintf(header, sizeof(header), "Bearer %s", secret);
	ck_assert_int_eq(auth_check(auth, header, 1999, &who, NULL), PCE_OK);
	ck_assert_str_eq(who.name, "night");
	ck_assert_int_eq(who.role, AUTH_OPERATE);
	ck_assert_int_eq(auth_check(auth, header, 2000, &who, NULL), PCE_DENIED);
	ck_assert(auth_token_at(auth, 1, &token));
	ck_assert_int_eq(token.created_s, 1000);
	ck_assert_int_eq(token.expires_s, 2000);
	ck_assert(!auth_token_at(auth, 2, &token));
	ck_assert_int_eq(auth_check(auth, "Bearer secret", 1999, &who, NULL), PCE_OK);
	ck_assert_uint_eq(mode_of("tokens"), 0600);
	ck_assert_int_eq(auth_create(auth, "night", AUTH_READ, AUTH_NEVER, 1, secret, &err),
			 PCE_EXISTS);
	ck_assert_int_eq(auth_create(auth, "a b", AUTH_READ, AUTH_NEVER, 1, secret, &err),
			 PCE_INVALID);
	ck_assert_int_eq(auth_create(auth, "late", AUTH_READ, 5, 6, secret, &err), PCE_INVALID);
	ck_assert_int_eq(auth_revoke(auth, "nigh", 1000, &err), PCE_NOT_FOUND);
	ck_assert_int_eq(auth_revoke(auth, "night", 1000, &err), PCE_OK);
	ck_assert_int_eq(auth_check(auth, header, 1000, &who, NULL), PCE_DENIED);
	auth_free(auth);
	ck_assert_int_eq(auth_open(folder, 1000, &auth, &first, NULL), PCE_OK);
	ck_assert(!auth_token_at(auth, 1, &token));
	auth_free(auth);
}
END_TEST

START_TEST(auth_last_administrator_stays)
{
	struct auth *auth = NULL;
	struct pce_error err = { 0 };
	const char *first = NULL;
	char secret[AUTH_SECRET];

	write_tokens("boss admin " SECRET_HASH " 900 -\n");
	ck_assert_int_eq(auth_open(folder, 1000, &auth, &first, NULL), PCE_OK);
	ck_assert_int_eq(auth_create(auth, "deputy", AUTH_ADMIN, 2000, 1000, secret, &err), PCE_OK);
	ck_assert_int_eq(auth_revoke(auth, "boss", 2000, &err), PCE_CONFLICT); /* it expired */
	ck_assert_int_eq(auth_revoke(auth, "boss", 1999, &err), PCE_OK);
	ck_assert_int_eq(auth_revoke(auth, "deputy", 1999, &err), PCE_CONFLICT);
	auth_free(auth);
}
END_TEST

START_TEST(auth_folder_that_is_missing_is_an_error)
{
	struct auth *auth = NULL;
	struct pce_error err = { 0 };
	const char *first = NULL;

	ck_assert_int_eq(auth_open("/nonexistent/karst", 1, &auth, &first, &err), PCE_IO);
	ck_assert_ptr_nonnull(strstr(err.text, "/nonexistent/karst/first-token"));
}
END_TEST

int
main(void)
{
	TCase *t = tcase_create("auth");

	tcase_add_checked_fixture(t, make_folder, remove_folder);
	tcase_add_test(t, auth_first_start_makes_one_secret_token);
	tcase_add_test(t, auth_anything_but_the_token_is_denied);
	tcase_add_test(t, auth_roles_and_expiry_come_from_the_file);
	tcase_add_test(t, auth_malformed_file_is_named_by_line);
	tcase_add_test(t, auth_created_tokens_work_until_they_are_revoked);
	tcase_add_test(t, auth_last_administrator_stays);
	tcase_add_test(t, auth_folder_that_is_missing_is_an_error);
	return suite_run("auth", t, 20);
}
