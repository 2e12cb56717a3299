# From counters to summaries: pure.
noinst_LIBRARIES += southbound/telemetry/libtelemetry.a
southbound_telemetry_libtelemetry_a_SOURCES = \
	southbound/telemetry/meaning.c southbound/telemetry/meaning.h
