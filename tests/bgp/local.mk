bgp_test_ldadd = southbound/bgp/libbgp.a pce/base/libbase.a $(CHECK_LIBS)

check_PROGRAMS += tests/bgp/test_vectors
tests_bgp_test_vectors_SOURCES = tests/bgp/test_vectors.c tests/support/json.c \
	tests/support/json.h tests/support/suite.h
tests_bgp_test_vectors_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_bgp_test_vectors_LDADD = $(bgp_test_ldadd)

check_PROGRAMS += tests/bgp/test_session
tests_bgp_test_session_SOURCES = tests/bgp/test_session.c tests/support/suite.h
tests_bgp_test_session_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_bgp_test_session_LDADD = $(bgp_test_ldadd)

check_PROGRAMS += tests/bgp/test_translate
tests_bgp_test_translate_SOURCES = tests/bgp/test_translate.c tests/bgp/deltas.c tests/bgp/deltas.h \
	tests/support/suite.h
tests_bgp_test_translate_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_bgp_test_translate_LDADD = tests/lab/libspeaker.a $(bgp_test_ldadd) -lm

check_PROGRAMS += tests/bgp/test_feed
tests_bgp_test_feed_SOURCES = tests/bgp/test_feed.c tests/bgp/deltas.c tests/bgp/deltas.h \
	tests/support/suite.h
tests_bgp_test_feed_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_bgp_test_feed_LDADD = tests/lab/libspeaker.a $(bgp_test_ldadd) $(LIBEVENT_LIBS)

check_PROGRAMS += tests/bgp/test_memory
tests_bgp_test_memory_SOURCES = tests/bgp/test_memory.c tests/bgp/deltas.c tests/bgp/deltas.h \
	tests/support/suite.h $(FAILING_SOURCES)
tests_bgp_test_memory_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_bgp_test_memory_LDFLAGS = $(FAILING_LINK)
tests_bgp_test_memory_LDADD = tests/lab/libspeaker.a $(bgp_test_ldadd)
