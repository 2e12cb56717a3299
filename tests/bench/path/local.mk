# Measured side by side by tests/bench/path/run. The peers in C++ are built by it only: a plain build
# needs neither boost nor LEMON, nor a C++ compiler.
bench_path_common = tests/bench/path/measure.c tests/bench/path/measure.h \
	tests/bench/path/network.c tests/bench/path/network.h

noinst_PROGRAMS += tests/bench/path/bench_path_generate
tests_bench_path_bench_path_generate_SOURCES = tests/bench/path/generate_main.c \
	tests/bench/path/generate.c tests/bench/path/generate.h \
	tests/bench/path/ask.c tests/bench/path/ask.h \
	tests/bench/path/network.c tests/bench/path/network.h
tests_bench_path_bench_path_generate_LDADD = -lm

noinst_PROGRAMS += tests/bench/path/bench_path_karst
tests_bench_path_bench_path_karst_SOURCES = tests/bench/path/karst.c tests/bench/path/build.c \
	tests/bench/path/build.h $(bench_path_common)
tests_bench_path_bench_path_karst_LDADD = pce/path/libpath.a pce/ted/libted.a pce/base/libbase.a

noinst_PROGRAMS += tests/bench/path/bench_path_batch
tests_bench_path_bench_path_batch_SOURCES = tests/bench/path/batch.c tests/bench/path/build.c \
	tests/bench/path/build.h $(bench_path_common)
tests_bench_path_bench_path_batch_LDADD = pce/path/libpath.a pce/ted/libted.a pce/base/libbase.a \
	-lpthread

noinst_PROGRAMS += tests/bench/path/bench_path_igraph
tests_bench_path_bench_path_igraph_SOURCES = tests/bench/path/igraph.c $(bench_path_common)
tests_bench_path_bench_path_igraph_CFLAGS = $(AM_CFLAGS) $(IGRAPH_CFLAGS)
tests_bench_path_bench_path_igraph_LDADD = $(IGRAPH_LIBS)

EXTRA_PROGRAMS += tests/bench/path/bench_path_lemon tests/bench/path/bench_path_boost
tests_bench_path_bench_path_lemon_SOURCES = tests/bench/path/lemon.cpp $(bench_path_common)
tests_bench_path_bench_path_lemon_CXXFLAGS = -O3 -std=c++17
tests_bench_path_bench_path_boost_SOURCES = tests/bench/path/boost.cpp $(bench_path_common)
tests_bench_path_bench_path_boost_CXXFLAGS = -O3 -std=c++17
CLEANFILES += $(EXTRA_PROGRAMS)
EXTRA_DIST += tests/bench/path/run

check_PROGRAMS += tests/bench/path/test_generate
tests_bench_path_test_generate_SOURCES = tests/bench/path/test_generate.c \
	tests/bench/path/generate.c tests/bench/path/generate.h \
	tests/bench/path/ask.c tests/bench/path/ask.h \
	tests/bench/path/network.c tests/bench/path/network.h tests/support/suite.h
tests_bench_path_test_generate_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_bench_path_test_generate_LDADD = $(CHECK_LIBS) -lm
dist_check_SCRIPTS += tests/bench/path/test_run.py
