# From counters to summaries: pure.
noinst_LIBRARIES += southbound/telemetry/libtelemetry.a
southbound_telemetry_libtelemetry_a_SOURCES = \
	southbound/telemetry/bind.c \
	southbound/telemetry/history.c southbound/telemetry/history.h \
	southbound/telemetry/internal.h \
	southbound/telemetry/meter.c southbound/telemetry/meter.h \
	southbound/telemetry/rate.c southbound/telemetry/rate.h \
	southbound/telemetry/telemetry.c southbound/telemetry/telemetry.h \
	southbound/telemetry/window.c southbound/telemetry/window.h \
	southbound/telemetry/meaning.c southbound/telemetry/meaning.h
