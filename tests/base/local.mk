check_PROGRAMS += tests/base/test_base
tests_base_test_base_SOURCES = tests/base/test_base.c tests/support/suite.h
tests_base_test_base_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_base_test_base_LDADD = pce/base/libbase.a $(CHECK_LIBS)

check_PROGRAMS += tests/base/test_memory
tests_base_test_memory_SOURCES = tests/base/test_memory.c $(FAILING_SOURCES)
tests_base_test_memory_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_base_test_memory_LDFLAGS = $(FAILING_LINK)
tests_base_test_memory_LDADD = pce/base/libbase.a $(CHECK_LIBS)
