# Tests with real peers: they skip with a sentence where one is lacking.
interop_world = tests/interop/world.c tests/interop/world.h tests/support/suite.h \
	tests/support/temporary.h
interop_libs = southbound/netconf/libnetconf.a southbound/netconf/libncsession.a \
	southbound/profile/libprofile.a models/codec/libcodec.a pce/deploy/libdeploy.a \
	pce/policy/libpolicy.a pce/base/libbase.a $(LIBEVENT_LIBS) $(LIBYANG_LIBS) $(LIBFYAML_LIBS) \
	$(LIBSSH_LIBS) $(OPENSSL_LIBS) $(CHECK_LIBS)

check_PROGRAMS += tests/interop/test_netconf_routers
tests_interop_test_netconf_routers_SOURCES = tests/interop/test_netconf_routers.c $(interop_world)
tests_interop_test_netconf_routers_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_interop_test_netconf_routers_LDADD = $(interop_libs)

EXTRA_DIST += tests/interop/other.py

check_PROGRAMS += tests/interop/test_netconf_yuma
tests_interop_test_netconf_yuma_SOURCES = tests/interop/test_netconf_yuma.c $(interop_world)
tests_interop_test_netconf_yuma_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_interop_test_netconf_yuma_LDADD = $(interop_libs)
dist_check_SCRIPTS += tests/interop/test_ncclient.py

# BGP with other people's daemons and decoders.
noinst_PROGRAMS += tests/interop/bgp_probe
tests_interop_bgp_probe_SOURCES = tests/interop/bgp_probe.c tests/bgp/deltas.c tests/bgp/deltas.h
tests_interop_bgp_probe_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_interop_bgp_probe_LDADD = tests/lab/libspeaker.a southbound/bgp/libbgp.a pce/base/libbase.a \
	$(LIBEVENT_LIBS) $(CHECK_LIBS)
dist_check_SCRIPTS += tests/interop/gnmi_cli.py tests/interop/gnmi_pygnmi.py tests/interop/gnmi_netconf.py \
	tests/interop/prometheus.py
EXTRA_DIST += tests/interop/gnmi_common.py
dist_check_SCRIPTS += tests/interop/gnmi_fake_server.py tests/interop/bgp_gobgp.py tests/interop/bgp_exabgp.py tests/interop/bgp_tshark.py
EXTRA_DIST += tests/interop/bgp_common.py

check_PROGRAMS += tests/interop/test_netconf_opendaylight
tests_interop_test_netconf_opendaylight_SOURCES = tests/interop/test_netconf_opendaylight.c $(interop_world)
tests_interop_test_netconf_opendaylight_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_interop_test_netconf_opendaylight_LDADD = $(interop_libs)
