/* Names of temporary files and folders: in TMPDIR if that is set. */
#ifndef TESTS_SUPPORT_TEMPORARY_H
#define TESTS_SUPPORT_TEMPORARY_H

#include <check.h>
#include <stdio.h>
#include <stdlib.h>

/* A template for mkdtemp and mkstemp; what: a word of the test. Fails the test if it is too long.
 */
static inline void
temporary_template(char *out, size_t cap, const char *what)
{
	const char *folder = getenv("TMPDIR");
	int n = snprintf(out, cap, "%s/karst-%s-XXXXXX", folder && *folder ? folder : "/tmp", what);

	ck_assert_int_lt(n, (int)cap);
}

#endif
