check_PROGRAMS += tests/ted/test_ted
tests_ted_test_ted_SOURCES = tests/ted/test_ted.c tests/ted/net.c tests/ted/net.h tests/support/suite.h
tests_ted_test_ted_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_ted_test_ted_LDADD = pce/ted/libted.a pce/base/libbase.a $(CHECK_LIBS)
