noinst_PROGRAMS += tests/bench/ted/bench_ted
tests_bench_ted_bench_ted_SOURCES = tests/bench/ted/bench_ted.c
tests_bench_ted_bench_ted_LDADD = pce/ted/libted.a pce/base/libbase.a
