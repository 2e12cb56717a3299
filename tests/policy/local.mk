check_PROGRAMS += tests/policy/test_policy
tests_policy_test_policy_SOURCES = tests/policy/test_policy.c tests/support/suite.h
tests_policy_test_policy_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_policy_test_policy_LDADD = pce/policy/libpolicy.a pce/segment/libsegment.a pce/path/libpath_debug.a pce/path/libpath.a \
	pce/ted/libted.a pce/base/libbase.a $(CHECK_LIBS)
