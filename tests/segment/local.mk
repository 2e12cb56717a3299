check_PROGRAMS += tests/segment/test_compile tests/segment/test_replay tests/segment/test_segment

tests_segment_test_compile_SOURCES = tests/segment/test_compile.c $(SEGMENT_TEST_SOURCES)
tests_segment_test_compile_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_segment_test_compile_LDADD = pce/segment/libsegment.a pce/base/libbase.a $(CHECK_LIBS)

tests_segment_test_replay_SOURCES = tests/segment/test_replay.c $(SEGMENT_TEST_SOURCES)
tests_segment_test_replay_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_segment_test_replay_LDADD = pce/segment/libsegment.a pce/base/libbase.a $(CHECK_LIBS)

tests_segment_test_segment_SOURCES = tests/segment/test_segment.c $(SEGMENT_TEST_SOURCES)
tests_segment_test_segment_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_segment_test_segment_LDADD = pce/segment/libsegment.a pce/base/libbase.a $(CHECK_LIBS)

SEGMENT_TEST_SOURCES = \
	tests/segment/graph.c tests/segment/graph.h \
	tests/segment/oracle.c tests/segment/oracle.h tests/segment/oracle_lists.c \
	tests/support/suite.h

check_PROGRAMS += tests/segment/test_live
tests_segment_test_live_SOURCES = tests/segment/test_live.c tests/segment/feed.c tests/segment/feed.h tests/ted/net.c tests/ted/net.h tests/support/suite.h
tests_segment_test_live_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_segment_test_live_LDADD = pce/policy/libpolicy.a pce/segment/libsegment.a pce/path/libpath_debug.a pce/path/libpath.a pce/ted/libted.a pce/base/libbase.a $(CHECK_LIBS)

check_PROGRAMS += tests/segment/test_memory
tests_segment_test_memory_SOURCES = tests/segment/test_memory.c tests/segment/graph.c tests/segment/graph.h tests/support/suite.h
tests_segment_test_memory_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_segment_test_memory_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc
tests_segment_test_memory_LDADD = pce/segment/libsegment.a pce/base/libbase.a $(CHECK_LIBS)

check_PROGRAMS += tests/segment/test_kernel
tests_segment_test_kernel_SOURCES = tests/segment/test_kernel.c tests/support/suite.h
tests_segment_test_kernel_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_segment_test_kernel_LDADD = models/import/libimport.a models/codec/libcodec.a pce/policy/libpolicy.a \
	pce/segment/libsegment.a pce/ted/libted.a pce/base/libbase.a \
	$(LIBXML2_LIBS) $(LIBYANG_LIBS) $(LIBFYAML_LIBS) $(CHECK_LIBS)

check_PROGRAMS += tests/segment/test_csid
tests_segment_test_csid_SOURCES = tests/segment/test_csid.c tests/segment/graph.c tests/segment/graph.h tests/support/suite.h
tests_segment_test_csid_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_segment_test_csid_LDADD = pce/segment/libsegment.a pce/base/libbase.a $(CHECK_LIBS)

check_PROGRAMS += tests/segment/test_loose
tests_segment_test_loose_SOURCES = tests/segment/test_loose.c $(SEGMENT_TEST_SOURCES)
tests_segment_test_loose_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_segment_test_loose_LDADD = pce/segment/libsegment.a pce/base/libbase.a $(CHECK_LIBS)
