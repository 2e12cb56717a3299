# Emulated routers: a library for tests and a program for the demo.
noinst_LIBRARIES += tests/lab/librouters.a
tests_lab_librouters_a_SOURCES = \
	tests/lab/datastore.c tests/lab/datastore.h \
	tests/lab/routers.c tests/lab/routers.h
tests_lab_librouters_a_CFLAGS = $(AM_CFLAGS) $(LIBNETCONF2_CFLAGS) -pthread

noinst_PROGRAMS += karst-lab-routers
karst_lab_routers_SOURCES = tests/lab/routers_main.c
karst_lab_routers_CFLAGS = $(AM_CFLAGS) -pthread
karst_lab_routers_LDADD = tests/lab/librouters.a pce/base/libbase.a \
	$(LIBNETCONF2_LIBS) $(LIBYANG_LIBS) $(LIBSSH_LIBS) -lpthread

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
EXTRA_DIST += tests/lab/demo tests/lab/emulation.py
