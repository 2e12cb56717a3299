gnmi_wire_ldadd = southbound/gnmi/libgnmiwire.a southbound/telemetry/libtelemetry.a \
	models/proto/libgnmi_proto.a pce/base/libbase.a $(PROTOBUF_C_LIBS)

check_PROGRAMS += tests/gnmi/test_wire tests/gnmi/test_path tests/gnmi/test_walk
tests_gnmi_test_wire_SOURCES = tests/gnmi/test_wire.c tests/support/suite.h
tests_gnmi_test_wire_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_gnmi_test_wire_LDADD = $(gnmi_wire_ldadd) $(CHECK_LIBS)
tests_gnmi_test_path_SOURCES = tests/gnmi/test_path.c tests/support/suite.h
tests_gnmi_test_path_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_gnmi_test_path_LDADD = $(gnmi_wire_ldadd) $(CHECK_LIBS)
tests_gnmi_test_walk_SOURCES = tests/gnmi/test_walk.c tests/gnmi/random_notification.c \
	tests/gnmi/random_notification.h tests/support/suite.h
tests_gnmi_test_walk_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_gnmi_test_walk_LDADD = $(gnmi_wire_ldadd) $(CHECK_LIBS)

check_PROGRAMS += tests/gnmi/test_transaction
tests_gnmi_test_transaction_SOURCES = tests/gnmi/test_transaction.c tests/gnmi/fake_target.h \
	tests/support/suite.h
tests_gnmi_test_transaction_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_gnmi_test_transaction_LDADD = southbound/gnmi/libgnmiwire.a pce/policy/libpolicy.a \
	$(gnmi_wire_ldadd) $(CHECK_LIBS)

check_PROGRAMS += tests/gnmi/test_memory
tests_gnmi_test_memory_SOURCES = tests/gnmi/test_memory.c tests/gnmi/fake_target.h $(FAILING_SOURCES)
tests_gnmi_test_memory_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_gnmi_test_memory_LDFLAGS = $(FAILING_LINK)
tests_gnmi_test_memory_LDADD = $(tests_gnmi_test_transaction_LDADD)

check_PROGRAMS += tests/gnmi/test_payload
tests_gnmi_test_payload_SOURCES = tests/gnmi/test_payload.c tests/profile/fixture.h \
	tests/support/suite.h
tests_gnmi_test_payload_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_gnmi_test_payload_LDADD = southbound/gnmi/libgnmi.a southbound/gnmi/libgnmiwire.a \
	southbound/telemetry/libtelemetry.a models/proto/libgnmi_proto.a $(profile_test_libs) $(PROTOBUF_C_LIBS)

# Planted bugs: see ./dev mutants.
EXTRA_DIST += tests/mutants/gnmi-before-is-what-was-asked.patch \
	tests/mutants/gnmi-foreign-is-not-seen.patch \
	tests/mutants/gnmi-half-set-stays.patch \
	tests/mutants/gnmi-inverse-overwrites-others.patch \
	tests/mutants/gnmi-json-keys-only-first.patch \
	tests/mutants/gnmi-key-of-another-interface.patch \
	tests/mutants/gnmi-memory-is-not-capped.patch \
	tests/mutants/gnmi-nesting-is-not-counted.patch \
	tests/mutants/gnmi-not-found-takes-the-whole-get.patch \
	tests/mutants/gnmi-read-back-takes-anything.patch \
	tests/mutants/gnmi-stale-inverse-is-trusted.patch \
	tests/mutants/gnmi-unanswered-set-counts-as-not-made.patch
