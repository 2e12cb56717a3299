noinst_PROGRAMS += tests/bench/path/bench_path
tests_bench_path_bench_path_SOURCES = tests/bench/path/bench_path.c
tests_bench_path_bench_path_CFLAGS = $(AM_CFLAGS) $(IGRAPH_CFLAGS)
tests_bench_path_bench_path_LDADD = pce/path/libpath.a pce/ted/libted.a pce/base/libbase.a $(IGRAPH_LIBS)
