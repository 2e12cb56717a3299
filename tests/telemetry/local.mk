telemetry_ldadd = southbound/telemetry/libtelemetry.a southbound/gnmi/libgnmiwire.a southbound/telemetry/libtelemetry.a \
	models/proto/libgnmi_proto.a pce/ted/libted.a pce/base/libbase.a $(PROTOBUF_C_LIBS)

check_PROGRAMS += tests/telemetry/test_rate tests/telemetry/test_history tests/telemetry/test_telemetry
tests_telemetry_test_rate_SOURCES = tests/telemetry/test_rate.c tests/support/suite.h
tests_telemetry_test_rate_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_telemetry_test_rate_LDADD = $(telemetry_ldadd) $(CHECK_LIBS)
tests_telemetry_test_history_SOURCES = tests/telemetry/test_history.c tests/support/suite.h
tests_telemetry_test_history_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_telemetry_test_history_LDADD = $(telemetry_ldadd) $(CHECK_LIBS)
tests_telemetry_test_telemetry_SOURCES = tests/telemetry/test_telemetry.c tests/support/suite.h
tests_telemetry_test_telemetry_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_telemetry_test_telemetry_LDADD = $(telemetry_ldadd) $(CHECK_LIBS)

# Planted bugs: see ./dev mutants.
EXTRA_DIST += tests/mutants/telemetry-history-forgets-empty-buckets.patch \
	tests/mutants/telemetry-flow-in-whole-packets.patch \
	tests/mutants/telemetry-flow-is-told-as-a-policy.patch \
	tests/mutants/telemetry-late-sample-counts.patch \
	tests/mutants/telemetry-noise-is-told.patch \
	tests/mutants/telemetry-wrap-is-a-reset.patch
