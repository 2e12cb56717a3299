noinst_PROGRAMS += tests/bench/netconf/bench_netconf
tests_bench_netconf_bench_netconf_SOURCES = tests/bench/netconf/bench_netconf.c $(interop_world)
tests_bench_netconf_bench_netconf_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_bench_netconf_bench_netconf_LDADD = $(interop_libs)
EXTRA_DIST += tests/bench/netconf/run
