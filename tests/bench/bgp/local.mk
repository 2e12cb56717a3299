noinst_PROGRAMS += bench_bgp
bench_bgp_SOURCES = tests/bench/bgp/bench_bgp.c
bench_bgp_LDADD = southbound/bgp/libbgp.a pce/service/libservice.a pce/deploy/libdeploy.a \
	pce/operate/liboperate.a pce/assure/libassure.a pce/policy/libpolicy.a pce/segment/libsegment.a pce/path/libpath.a \
	pce/ted/libted.a pce/base/libbase.a $(LIBEVENT_LIBS)
EXTRA_DIST += tests/bench/bgp/run
