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
tests_segment_test_memory_SOURCES = tests/segment/test_memory.c tests/segment/graph.c tests/segment/graph.h $(FAILING_SOURCES)
tests_segment_test_memory_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_segment_test_memory_LDFLAGS = $(FAILING_LINK)
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

# Planted bugs: see ./dev mutants.
EXTRA_DIST += tests/mutants/segment-carrier-limit-off-by-one.patch \
	tests/mutants/segment-csid-argument-stolen.patch \
	tests/mutants/segment-csid-block-not-compared.patch \
	tests/mutants/segment-csid-carrier-overflow.patch \
	tests/mutants/segment-csid-local-from-anywhere.patch \
	tests/mutants/segment-csid-neighbours-mistaken.patch \
	tests/mutants/segment-csid-shift-off-by-one.patch \
	tests/mutants/segment-dead-adjacency-forwards.patch \
	tests/mutants/segment-flex-colours-ignored.patch \
	tests/mutants/segment-flex-definition-of-lowest-priority.patch \
	tests/mutants/segment-flex-metric-of-the-igp.patch \
	tests/mutants/segment-flex-replay-takes-all-nodes.patch \
	tests/mutants/segment-flex-route-of-another-algorithm.patch \
	tests/mutants/segment-loose-bound-of-best-branch.patch \
	tests/mutants/segment-loose-bound-off-by-one.patch \
	tests/mutants/segment-loose-branch-not-asked.patch \
	tests/mutants/segment-loose-circle-accepted.patch \
	tests/mutants/segment-own-sid-before-longer-route.patch \
	tests/mutants/segment-pack-layers-confused.patch \
	tests/mutants/segment-pack-more-sids-than-needed.patch \
	tests/mutants/segment-pair-branches-not-barred.patch \
	tests/mutants/segment-pair-paths-not-barred.patch \
	tests/mutants/segment-place-service-sid-forgotten.patch \
	tests/mutants/segment-search-bounds-forgotten.patch \
	tests/mutants/segment-search-end-costs-nothing.patch \
	tests/mutants/segment-search-floor-too-low.patch \
	tests/mutants/segment-search-last-tie-by-largest.patch \
	tests/mutants/segment-search-limit-off-by-one.patch \
	tests/mutants/segment-search-stretch-forgotten.patch \
	tests/mutants/segment-replace-full-run-ends.patch \
	tests/mutants/segment-replace-packed-from-the-front.patch \
	tests/mutants/segment-replace-single-may-be-followed.patch \
	tests/mutants/segment-replay-replace-skips-a-part.patch \
	tests/mutants/segment-second-way-overlooked.patch \
	tests/mutants/segment-shares-not-split.patch

check_PROGRAMS += tests/segment/test_replace
tests_segment_test_replace_SOURCES = tests/segment/test_replace.c tests/segment/graph.c tests/segment/graph.h tests/support/suite.h
tests_segment_test_replace_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_segment_test_replace_LDADD = pce/segment/libsegment.a pce/base/libbase.a $(CHECK_LIBS)
