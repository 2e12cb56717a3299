noinst_LIBRARIES += models/codec/libcodec.a
models_codec_libcodec_a_SOURCES = \
	models/codec/behavior.c \
	models/codec/change.c models/codec/change.h \
	models/codec/codec.h \
	models/codec/context.c \
	models/codec/device.c models/codec/device.h \
	models/codec/config.c models/codec/config_internal.h models/codec/config_telemetry.c \
	models/codec/telemetry.c models/codec/telemetry.h models/codec/config.h \
	models/codec/demand.c models/codec/demand.h \
	models/codec/document.c \
	models/codec/emit.c \
	models/codec/event.c models/codec/event.h \
	models/codec/fyaml.c models/codec/fyaml.h \
	models/codec/intent.c models/codec/intent.h \
	models/codec/internal.h \
	models/codec/json.c \
	models/codec/locate.c \
	models/codec/move.c models/codec/move.h \
	models/codec/openapi.c models/codec/openapi.h \
	models/codec/operate.c models/codec/operate.h \
	models/codec/path.c models/codec/path.h \
	models/codec/policy.c models/codec/policy.h \
	models/codec/profile.c models/codec/profile.h models/codec/profile_check.c \
	models/codec/read.c models/codec/stages.h \
	models/codec/record.c models/codec/record.h \
	models/codec/srpolicy.c models/codec/srpolicy.h \
	models/codec/topology.h models/codec/topology_internal.h \
	models/codec/topology_assume.c \
	models/codec/topology_deltas.c \
	models/codec/topology_link.c \
	models/codec/topology_names.c models/codec/topology_names.h \
	models/codec/topology_node.c \
	models/codec/topology_print.c \
	models/codec/topology_read.c \
	models/codec/yaml.c
