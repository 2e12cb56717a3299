check_PROGRAMS += tests/northbound/test_cli
tests_northbound_test_cli_SOURCES = tests/northbound/test_cli.c tests/support/suite.h
tests_northbound_test_cli_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_northbound_test_cli_LDADD = northbound/cli/libcli.a pce/policy/libpolicy.a pce/base/libbase.a $(CHECK_LIBS)

check_PROGRAMS += tests/northbound/test_target
tests_northbound_test_target_SOURCES = tests/northbound/test_target.c tests/support/suite.h
tests_northbound_test_target_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_northbound_test_target_LDADD = northbound/http/libhttp.a pce/base/libbase.a $(CHECK_LIBS)

# The HTTP server alone, driven by check_http.py.
noinst_PROGRAMS += tests/northbound/http_probe
tests_northbound_http_probe_SOURCES = tests/northbound/http_probe.c
tests_northbound_http_probe_LDADD = northbound/http/libhttp.a pce/base/libbase.a $(LIBEVENT_LIBS) $(OPENSSL_LIBS)
dist_check_SCRIPTS += tests/northbound/check_http.py

check_PROGRAMS += tests/northbound/test_auth
tests_northbound_test_auth_SOURCES = tests/northbound/test_auth.c tests/support/suite.h \
	tests/support/temporary.h
tests_northbound_test_auth_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_northbound_test_auth_LDADD = northbound/auth/libauth.a northbound/http/libhttp.a pce/base/libbase.a \
	$(OPENSSL_LIBS) $(CHECK_LIBS)

# The whole API over the real service, driven by check_restconf.py and check_cli.py.
noinst_PROGRAMS += tests/northbound/north_probe
tests_northbound_north_probe_SOURCES = tests/northbound/north_probe.c
tests_northbound_north_probe_LDADD = northbound/restconf/librestconf.a northbound/web/libweb.a northbound/metrics/libmetrics.a \
	northbound/events/libevents.a northbound/auth/libauth.a northbound/http/libhttp.a \
	pce/service/libservice.a pce/operate/liboperate.a pce/assure/libassure.a pce/deploy/libdeploy.a pce/policy/libpolicy.a \
	pce/segment/libsegment.a pce/path/libpath_debug.a pce/path/libpath.a models/import/libimport.a pce/ted/libted.a models/codec/libcodec.a pce/base/libbase.a \
	$(LIBEVENT_LIBS) $(OPENSSL_LIBS) $(LIBYANG_LIBS) $(LIBFYAML_LIBS)
dist_check_SCRIPTS += tests/northbound/check_restconf.py
EXTRA_DIST += tests/northbound/probe.py
dist_check_SCRIPTS += tests/northbound/check_cli.py
EXTRA_DIST += tests/northbound/other-ca.pem

check_PROGRAMS += tests/northbound/test_ring
tests_northbound_test_ring_SOURCES = tests/northbound/test_ring.c tests/support/suite.h
tests_northbound_test_ring_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_northbound_test_ring_LDADD = northbound/events/libevents.a pce/base/libbase.a $(CHECK_LIBS)

check_PROGRAMS += tests/northbound/test_audit
tests_northbound_test_audit_SOURCES = tests/northbound/test_audit.c tests/support/suite.h \
	tests/support/temporary.h
tests_northbound_test_audit_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_northbound_test_audit_LDADD = northbound/auth/libauth.a pce/base/libbase.a $(CHECK_LIBS)
