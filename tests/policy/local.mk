check_PROGRAMS += tests/policy/test_policy
tests_policy_test_policy_SOURCES = tests/policy/test_policy.c tests/support/suite.h
tests_policy_test_policy_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_policy_test_policy_LDADD = pce/policy/libpolicy.a pce/segment/libsegment.a pce/path/libpath_debug.a pce/path/libpath.a \
	pce/ted/libted.a pce/base/libbase.a $(CHECK_LIBS)

check_PROGRAMS += tests/policy/test_memory
tests_policy_test_memory_SOURCES = tests/policy/test_memory.c tests/segment/feed.c tests/segment/feed.h tests/ted/net.c tests/ted/net.h $(FAILING_SOURCES)
tests_policy_test_memory_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_policy_test_memory_LDFLAGS = $(FAILING_LINK)
tests_policy_test_memory_LDADD = $(tests_policy_test_policy_LDADD)
