check_PROGRAMS += tests/netconf/test_session
tests_netconf_test_session_SOURCES = tests/netconf/test_session.c tests/support/suite.h
tests_netconf_test_session_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_netconf_test_session_LDADD = southbound/netconf/libncsession.a pce/base/libbase.a $(CHECK_LIBS)

check_PROGRAMS += tests/netconf/test_transaction
tests_netconf_test_transaction_SOURCES = tests/netconf/test_transaction.c \
	tests/netconf/fake_router.h tests/support/suite.h
tests_netconf_test_transaction_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_netconf_test_transaction_LDADD = southbound/netconf/libncsession.a pce/base/libbase.a $(CHECK_LIBS)

check_PROGRAMS += tests/netconf/test_payload
tests_netconf_test_payload_SOURCES = tests/netconf/test_payload.c tests/support/suite.h
tests_netconf_test_payload_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_netconf_test_payload_LDADD = southbound/netconf/libnetconf.a southbound/netconf/libncsession.a \
	southbound/profile/libprofile.a models/codec/libcodec.a pce/policy/libpolicy.a \
	pce/base/libbase.a $(LIBYANG_LIBS) $(LIBFYAML_LIBS) $(CHECK_LIBS)

check_PROGRAMS += tests/netconf/test_memory
tests_netconf_test_memory_SOURCES = tests/netconf/test_memory.c tests/netconf/fake_router.h \
	tests/support/suite.h $(FAILING_SOURCES)
tests_netconf_test_memory_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_netconf_test_memory_LDFLAGS = $(FAILING_LINK)
tests_netconf_test_memory_LDADD = southbound/netconf/libncsession.a pce/base/libbase.a $(CHECK_LIBS)
