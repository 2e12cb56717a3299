noinst_PROGRAMS += tests/bench/store/bench_store
tests_bench_store_bench_store_SOURCES = tests/bench/store/bench_store.c
tests_bench_store_bench_store_LDADD = pce/store/libstore.a pce/base/libbase.a $(SQLITE_LIBS) -lpthread
