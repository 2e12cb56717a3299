# Messages of gNMI: C is generated from the .proto by protoc-c, and compiled without our warnings.
noinst_LIBRARIES += models/proto/libgnmi_proto.a
nodist_models_proto_libgnmi_proto_a_SOURCES = models/proto/gnmi.pb-c.c models/proto/gnmi.pb-c.h
models_proto_libgnmi_proto_a_CFLAGS = -std=c11 -w $(SAN_FLAGS) $(PROTOBUF_C_CFLAGS)
models_proto_libgnmi_proto_a_CPPFLAGS = -I$(top_builddir)
EXTRA_DIST += models/proto/gnmi.proto
BUILT_SOURCES = models/proto/gnmi.pb-c.h
CLEANFILES += models/proto/gnmi.pb-c.c models/proto/gnmi.pb-c.h

models/proto/gnmi.pb-c.h: models/proto/gnmi.proto
	$(AM_V_GEN)$(MKDIR_P) models/proto && $(PROTOC_C) --proto_path=$(srcdir) --c_out=. models/proto/gnmi.proto
models/proto/gnmi.pb-c.c: models/proto/gnmi.pb-c.h
