check_PROGRAMS += tests/netconf/test_session
tests_netconf_test_session_SOURCES = tests/netconf/test_session.c tests/support/suite.h
tests_netconf_test_session_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_netconf_test_session_LDADD = southbound/netconf/libncsession.a pce/base/libbase.a $(CHECK_LIBS)

check_PROGRAMS += tests/netconf/test_transaction
tests_netconf_test_transaction_SOURCES = tests/netconf/test_transaction.c \
	tests/netconf/fake_router.h tests/support/suite.h
tests_netconf_test_transaction_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_netconf_test_transaction_LDADD = southbound/netconf/libncsession.a pce/base/libbase.a $(CHECK_LIBS)
