check_PROGRAMS += tests/northbound/test_cli
tests_northbound_test_cli_SOURCES = tests/northbound/test_cli.c tests/support/suite.h
tests_northbound_test_cli_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_northbound_test_cli_LDADD = northbound/cli/libcli.a pce/policy/libpolicy.a pce/base/libbase.a $(CHECK_LIBS)
