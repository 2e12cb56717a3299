# One target per decoder: fuzz_NAME.c, with its corpus in corpus/NAME. make check replays the corpus
# with replay_NAME; --with-fuzzer also builds tests/fuzz/fuzz_NAME for libFuzzer.
fuzz_common = tests/fuzz/fuzz.h

check_PROGRAMS += tests/fuzz/replay_netconf
tests_fuzz_replay_netconf_SOURCES = tests/fuzz/fuzz_netconf.c tests/fuzz/replay.c $(fuzz_common)
tests_fuzz_replay_netconf_LDADD = southbound/netconf/libncsession.a pce/base/libbase.a

check_PROGRAMS += tests/fuzz/replay_bgpls tests/fuzz/replay_bgp
tests_fuzz_replay_bgpls_SOURCES = tests/fuzz/fuzz_bgpls.c tests/fuzz/replay.c $(fuzz_common)
tests_fuzz_replay_bgpls_LDADD = southbound/bgp/libbgp.a pce/base/libbase.a
tests_fuzz_replay_bgp_SOURCES = tests/fuzz/fuzz_bgp.c tests/fuzz/replay.c $(fuzz_common)
tests_fuzz_replay_bgp_LDADD = southbound/bgp/libbgp.a pce/base/libbase.a

check_PROGRAMS += tests/fuzz/replay_models
fuzz_models_libs = models/import/libimport.a models/codec/libcodec.a pce/ted/libted.a \
	pce/base/libbase.a $(LIBYANG_LIBS) $(LIBFYAML_LIBS) $(LIBXML2_LIBS)
tests_fuzz_replay_models_SOURCES = tests/fuzz/fuzz_models.c tests/fuzz/replay.c $(fuzz_common)
tests_fuzz_replay_models_LDADD = $(fuzz_models_libs)

check_PROGRAMS += tests/fuzz/replay_formats
tests_fuzz_replay_formats_SOURCES = tests/fuzz/fuzz_formats.c tests/fuzz/replay.c $(fuzz_common)
tests_fuzz_replay_formats_LDADD = $(fuzz_models_libs)

check_PROGRAMS += tests/fuzz/replay_target
tests_fuzz_replay_target_SOURCES = tests/fuzz/fuzz_target.c tests/fuzz/replay.c $(fuzz_common)
tests_fuzz_replay_target_LDADD = northbound/http/libhttp.a pce/base/libbase.a

check_PROGRAMS += tests/fuzz/replay_gnmi tests/fuzz/replay_gnmipath
fuzz_gnmi_libs = southbound/gnmi/libgnmiwire.a southbound/telemetry/libtelemetry.a \
	models/proto/libgnmi_proto.a pce/base/libbase.a $(PROTOBUF_C_LIBS)
tests_fuzz_replay_gnmi_SOURCES = tests/fuzz/fuzz_gnmi.c tests/fuzz/replay.c $(fuzz_common)
tests_fuzz_replay_gnmi_LDADD = $(fuzz_gnmi_libs)
tests_fuzz_replay_gnmipath_SOURCES = tests/fuzz/fuzz_gnmipath.c tests/fuzz/replay.c $(fuzz_common)
tests_fuzz_replay_gnmipath_LDADD = $(fuzz_gnmi_libs)

check_PROGRAMS += tests/fuzz/replay_profile
fuzz_profile_libs = southbound/netconf/libnetconf.a southbound/netconf/libncsession.a southbound/profile/libprofile.a \
	models/codec/libcodec.a pce/policy/libpolicy.a pce/base/libbase.a $(LIBYANG_LIBS) $(LIBFYAML_LIBS)
tests_fuzz_replay_profile_SOURCES = tests/fuzz/fuzz_profile.c tests/fuzz/replay.c $(fuzz_common)
tests_fuzz_replay_profile_LDADD = $(fuzz_profile_libs)

check_PROGRAMS += tests/fuzz/replay_cli
fuzz_cli_libs = northbound/cli/libcli.a models/codec/libcodec.a pce/policy/libpolicy.a pce/segment/libsegment.a \
	pce/path/libpath.a pce/ted/libted.a pce/base/libbase.a $(LIBYANG_LIBS) $(LIBFYAML_LIBS) -lm
tests_fuzz_replay_cli_SOURCES = tests/fuzz/fuzz_cli.c northbound/cli/json.c tests/fuzz/replay.c $(fuzz_common)
tests_fuzz_replay_cli_LDADD = $(fuzz_cli_libs)

if WITH_FUZZER
tests_fuzz_fuzz_cli_SOURCES = tests/fuzz/fuzz_cli.c northbound/cli/json.c $(fuzz_common)
tests_fuzz_fuzz_cli_LDADD = $(fuzz_cli_libs)
tests_fuzz_fuzz_cli_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
fuzz_programs = tests/fuzz/fuzz_cli tests/fuzz/fuzz_bgp tests/fuzz/fuzz_bgpls tests/fuzz/fuzz_formats tests/fuzz/fuzz_gnmi \
	tests/fuzz/fuzz_gnmipath tests/fuzz/fuzz_models \
	tests/fuzz/fuzz_netconf tests/fuzz/fuzz_profile tests/fuzz/fuzz_target
noinst_PROGRAMS += $(fuzz_programs)
# ./dev fuzz builds no more than these.
fuzz: $(fuzz_programs)
.PHONY: fuzz
tests_fuzz_fuzz_profile_SOURCES = tests/fuzz/fuzz_profile.c $(fuzz_common)
tests_fuzz_fuzz_profile_LDADD = $(fuzz_profile_libs)
tests_fuzz_fuzz_profile_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
tests_fuzz_fuzz_gnmi_SOURCES = tests/fuzz/fuzz_gnmi.c $(fuzz_common)
tests_fuzz_fuzz_gnmi_LDADD = $(fuzz_gnmi_libs)
tests_fuzz_fuzz_gnmi_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
tests_fuzz_fuzz_gnmipath_SOURCES = tests/fuzz/fuzz_gnmipath.c $(fuzz_common)
tests_fuzz_fuzz_gnmipath_LDADD = $(fuzz_gnmi_libs)
tests_fuzz_fuzz_gnmipath_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
tests_fuzz_fuzz_target_SOURCES = tests/fuzz/fuzz_target.c $(fuzz_common)
tests_fuzz_fuzz_target_LDADD = northbound/http/libhttp.a pce/base/libbase.a
tests_fuzz_fuzz_target_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
tests_fuzz_fuzz_formats_SOURCES = tests/fuzz/fuzz_formats.c $(fuzz_common)
tests_fuzz_fuzz_formats_LDADD = $(fuzz_models_libs)
tests_fuzz_fuzz_formats_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
tests_fuzz_fuzz_models_SOURCES = tests/fuzz/fuzz_models.c $(fuzz_common)
tests_fuzz_fuzz_models_LDADD = $(fuzz_models_libs)
tests_fuzz_fuzz_models_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
tests_fuzz_fuzz_bgpls_SOURCES = tests/fuzz/fuzz_bgpls.c $(fuzz_common)
tests_fuzz_fuzz_bgpls_LDADD = southbound/bgp/libbgp.a pce/base/libbase.a
tests_fuzz_fuzz_bgpls_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
tests_fuzz_fuzz_bgp_SOURCES = tests/fuzz/fuzz_bgp.c $(fuzz_common)
tests_fuzz_fuzz_bgp_LDADD = southbound/bgp/libbgp.a pce/base/libbase.a
tests_fuzz_fuzz_bgp_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
tests_fuzz_fuzz_netconf_SOURCES = tests/fuzz/fuzz_netconf.c $(fuzz_common)
tests_fuzz_fuzz_netconf_LDADD = southbound/netconf/libncsession.a pce/base/libbase.a
tests_fuzz_fuzz_netconf_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
endif

EXTRA_DIST += tests/fuzz/run tests/fuzz/corpus
