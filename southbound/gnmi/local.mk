# The pure part: paths, values, the walker; for tests, fuzzing and the shells.
noinst_LIBRARIES += southbound/gnmi/libgnmiwire.a
southbound_gnmi_libgnmiwire_a_SOURCES = \
	southbound/gnmi/code.c southbound/gnmi/code.h \
	southbound/gnmi/exchange.c southbound/gnmi/exchange.h \
	southbound/gnmi/gather.c southbound/gnmi/gather.h \
	southbound/gnmi/json.c \
	southbound/gnmi/mdt.c southbound/gnmi/mdt.h \
	southbound/gnmi/map.c southbound/gnmi/map.h \
	southbound/gnmi/messages.c southbound/gnmi/messages.h \
	southbound/gnmi/path.c southbound/gnmi/path.h \
	southbound/gnmi/transaction.c southbound/gnmi/transaction.h \
	southbound/gnmi/value.c southbound/gnmi/value.h \
	southbound/gnmi/walk.c southbound/gnmi/walk.h \
	southbound/gnmi/wire.c southbound/gnmi/wire.h
# Whoever asks for one program only gets the header made too.
southbound/gnmi/path.$(OBJEXT) southbound/gnmi/map.$(OBJEXT) southbound/gnmi/messages.$(OBJEXT) southbound/gnmi/exchange.$(OBJEXT) \
	tests/fuzz/fuzz_gnmi.$(OBJEXT) tests/fuzz/fuzz_gnmipath.$(OBJEXT): models/proto/gnmi.pb-c.h
# The shells on gRPC C core: they need a thread, and libevent for the way back.
noinst_LIBRARIES += southbound/gnmi/libgnmi.a
southbound_gnmi_libgnmi_a_SOURCES = \
	southbound/gnmi/collector.c southbound/gnmi/collector.h \
	southbound/gnmi/channel.c southbound/gnmi/channel.h \
	southbound/gnmi/connect.c southbound/gnmi/connect.h \
	southbound/gnmi/device.c southbound/gnmi/device.h \
	southbound/gnmi/dialin.c southbound/gnmi/dialin.h \
	southbound/gnmi/engine.c southbound/gnmi/engine.h \
	southbound/gnmi/line.c southbound/gnmi/line.h \
	southbound/gnmi/payload.c southbound/gnmi/payload.h \
	southbound/gnmi/request.c southbound/gnmi/request.h \
	southbound/gnmi/shell.c southbound/gnmi/shell.h
southbound/gnmi/request.$(OBJEXT) southbound/gnmi/dialin.$(OBJEXT) southbound/gnmi/channel.$(OBJEXT) \
	southbound/gnmi/connect.$(OBJEXT) southbound/gnmi/line.$(OBJEXT) \
	southbound/gnmi/device.$(OBJEXT) southbound/gnmi/shell.$(OBJEXT) \
	southbound/gnmi/payload.$(OBJEXT) southbound/gnmi/gather.$(OBJEXT) \
	southbound/gnmi/transaction.$(OBJEXT) tests/gnmi/tests_gnmi_test_transaction-test_transaction.$(OBJEXT): \
	models/proto/gnmi.pb-c.h
