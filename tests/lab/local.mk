# Emulated routers: a library for tests and a program for the demo.
noinst_LIBRARIES += tests/lab/librouters.a
tests_lab_librouters_a_SOURCES = \
	tests/lab/datastore.c tests/lab/datastore.h tests/lab/names.c tests/lab/names.h \
	tests/lab/gnmi_answer.c tests/lab/gnmi_internal.h tests/lab/gnmi_server.c \
	tests/lab/gnmi_server.h tests/lab/gnmi_set.c tests/lab/gnmi_stream.c \
	tests/lab/gnmi_tree.c tests/lab/gnmi_tree.h \
	tests/lab/routers.c tests/lab/routers.h tests/lab/routers_control.c \
	tests/lab/routers_internal.h tests/lab/routers_measured.c
tests_lab_librouters_a_CFLAGS = $(AM_CFLAGS) $(LIBNETCONF2_CFLAGS) -pthread
tests/lab/librouters_a-gnmi_answer.$(OBJEXT) tests/lab/librouters_a-gnmi_server.$(OBJEXT) \
	tests/lab/librouters_a-gnmi_set.$(OBJEXT) tests/lab/librouters_a-gnmi_stream.$(OBJEXT) \
	tests/lab/librouters_a-gnmi_tree.$(OBJEXT) \
	tests/lab/librouters_a-routers_measured.$(OBJEXT): models/proto/gnmi.pb-c.h
# What whoever links the routers needs behind them.
lab_routers_ldadd = tests/lab/librouters.a southbound/gnmi/libgnmi.a southbound/telemetry/libtelemetry.a \
	southbound/gnmi/libgnmiwire.a models/proto/libgnmi_proto.a pce/base/libbase.a
lab_routers_libs = $(LIBNETCONF2_LIBS) $(LIBYANG_LIBS) $(LIBSSH_LIBS) $(LIBEVENT_LIBS) $(GRPC_LIBS) \
	$(PROTOBUF_C_LIBS) -lpthread -lm

noinst_PROGRAMS += karst-lab-routers
karst_lab_routers_SOURCES = tests/lab/routers_main.c
karst_lab_routers_CFLAGS = $(AM_CFLAGS) -pthread
karst_lab_routers_LDADD = $(lab_routers_ldadd) $(lab_routers_libs)

# Emulated BGP-LS speakers.
noinst_LIBRARIES += tests/lab/libspeaker.a
tests_lab_libspeaker_a_SOURCES = \
	tests/lab/bgpls_encode.c tests/lab/bgpls_encode.h \
	tests/lab/bgpls_speaker.c tests/lab/bgpls_speaker.h

noinst_PROGRAMS += karst-lab-speaker
karst_lab_speaker_SOURCES = tests/lab/speaker_main.c
karst_lab_speaker_LDADD = tests/lab/libspeaker.a southbound/bgp/libbgp.a models/import/libimport.a \
	models/codec/libcodec.a pce/ted/libted.a pce/base/libbase.a $(LIBYANG_LIBS) $(LIBFYAML_LIBS) \
	$(LIBXML2_LIBS) $(LIBEVENT_LIBS) -lm
EXTRA_DIST += tests/lab/demo tests/lab/emulation.py tests/lab/gnmi_target.py tests/lab/dialout_source.py tests/lab/flood.py tests/lab/forwarding.py tests/lab/completion.py tests/lab/lab tests/lab/README.md

# The lab: routers that forward.
noinst_LIBRARIES += tests/lab/liblab.a
tests_lab_liblab_a_SOURCES = \
	tests/lab/control.c tests/lab/counters.c tests/lab/counters.h tests/lab/flows.c tests/lab/flows.h tests/lab/forward.c tests/lab/forward.h tests/lab/igp.c tests/lab/igp.h \
	tests/lab/lab.c tests/lab/lab.h tests/lab/lab_measure.c tests/lab/lists.c tests/lab/lists.h tests/lab/log.h \
	tests/lab/netlink.c \
	tests/lab/netlink.h tests/lab/network.c tests/lab/network.h tests/lab/policies.c \
	tests/lab/policies.h tests/lab/policies_install.c tests/lab/policies_internal.h \
	tests/lab/policies_probe.c tests/lab/site.c tests/lab/site.h tests/lab/space.c \
	tests/lab/space.h tests/lab/trace.c tests/lab/trace.h tests/lab/wires.c tests/lab/wires.h
tests/lab/liblab_a-lab_measure.$(OBJEXT): models/proto/gnmi.pb-c.h
tests_lab_liblab_a_CFLAGS = $(AM_CFLAGS) $(LIBNETCONF2_CFLAGS) -pthread

noinst_PROGRAMS += karst-lab
karst_lab_SOURCES = tests/lab/lab_main.c
karst_lab_CFLAGS = $(AM_CFLAGS) -pthread
karst_lab_LDADD = tests/lab/liblab.a $(lab_routers_ldadd) tests/lab/libspeaker.a \
	southbound/bgp/libbgp.a models/import/libimport.a models/codec/libcodec.a pce/ted/libted.a \
	pce/base/libbase.a $(lab_routers_libs) $(LIBFYAML_LIBS) $(LIBXML2_LIBS)

noinst_PROGRAMS += karst-lab-flow
karst_lab_flow_SOURCES = tests/lab/flow_main.c tests/lab/space.c
karst_lab_flow_LDADD = pce/base/libbase.a

check_PROGRAMS += tests/lab/test_lab_routes
tests_lab_test_lab_routes_SOURCES = tests/lab/test_lab_routes.c tests/lab/igp.c tests/lab/lists.c tests/lab/names.c \
	tests/lab/network.c tests/support/suite.h
tests_lab_test_lab_routes_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_lab_test_lab_routes_LDADD = models/import/libimport.a models/codec/libcodec.a pce/ted/libted.a \
	pce/base/libbase.a $(LIBYANG_LIBS) $(LIBFYAML_LIBS) $(LIBXML2_LIBS) $(CHECK_LIBS) -lm
EXTRA_DIST += tests/mutants/lab-container-loses-its-end.patch \
	tests/mutants/lab-set-beside-a-pending-commit.patch \
	tests/mutants/lab-set-drops-edits-of-the-candidate.patch \
	tests/mutants/lab-set-heeds-no-candidate-lock.patch \
	tests/mutants/lab-routes-overload-carries-transit.patch tests/mutants/lab-way-back-by-the-same-links.patch
