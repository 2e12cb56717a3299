# Tests with real peers: they skip with a sentence where one is lacking.
interop_world = tests/interop/world.c tests/interop/world.h tests/support/suite.h
interop_libs = southbound/netconf/libnetconf.a southbound/netconf/libncsession.a \
	southbound/profile/libprofile.a models/codec/libcodec.a pce/deploy/libdeploy.a \
	pce/policy/libpolicy.a pce/base/libbase.a $(LIBEVENT_LIBS) $(LIBYANG_LIBS) $(LIBFYAML_LIBS) \
	$(LIBSSH_LIBS) $(CHECK_LIBS)

check_PROGRAMS += tests/interop/test_netconf_routers
tests_interop_test_netconf_routers_SOURCES = tests/interop/test_netconf_routers.c $(interop_world)
tests_interop_test_netconf_routers_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_interop_test_netconf_routers_LDADD = $(interop_libs)

EXTRA_DIST += tests/interop/other.py
