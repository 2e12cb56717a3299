noinst_LIBRARIES += northbound/events/libevents.a
northbound_events_libevents_a_SOURCES = \
	northbound/events/ring.c northbound/events/ring.h \
	northbound/events/stream.c northbound/events/stream.h
