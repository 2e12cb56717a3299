noinst_PROGRAMS += tests/bench/telemetry/bench_telemetry
tests_bench_telemetry_bench_telemetry_SOURCES = tests/bench/telemetry/bench_telemetry.c \
	tests/bench/telemetry/load.c tests/bench/telemetry/load.h
tests_bench_telemetry_bench_telemetry_LDADD = southbound/gnmi/libgnmi.a \
	southbound/telemetry/libtelemetry.a southbound/gnmi/libgnmiwire.a \
	southbound/telemetry/libtelemetry.a models/proto/libgnmi_proto.a pce/ted/libted.a \
	pce/base/libbase.a $(GRPC_LIBS) $(PROTOBUF_C_LIBS) $(LIBEVENT_LIBS) -lpthread
EXTRA_DIST += tests/bench/telemetry/run
tests/bench/telemetry/load.$(OBJEXT) tests/bench/telemetry/bench_telemetry.$(OBJEXT): \
	models/proto/gnmi.pb-c.h
