noinst_PROGRAMS += tests/bench/segment/bench_segment
tests_bench_segment_bench_segment_SOURCES = tests/bench/segment/bench_segment.c
tests_bench_segment_bench_segment_LDADD = models/import/libimport.a models/codec/libcodec.a pce/segment/libsegment.a \
	pce/path/libpath.a pce/ted/libted.a pce/base/libbase.a $(LIBXML2_LIBS) $(LIBYANG_LIBS) $(LIBFYAML_LIBS)
EXTRA_DIST += tests/bench/segment/run
