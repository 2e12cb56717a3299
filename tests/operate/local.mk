check_PROGRAMS += tests/operate/test_guard
tests_operate_test_guard_SOURCES = tests/operate/test_guard.c tests/support/suite.h
tests_operate_test_guard_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_operate_test_guard_LDADD = pce/operate/liboperate.a pce/base/libbase.a $(CHECK_LIBS)
