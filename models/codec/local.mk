noinst_LIBRARIES += models/codec/libcodec.a
models_codec_libcodec_a_SOURCES = \
	models/codec/behavior.c \
	models/codec/codec.h \
	models/codec/context.c \
	models/codec/device.c models/codec/device.h \
	models/codec/demand.c models/codec/demand.h \
	models/codec/document.c \
	models/codec/emit.c \
	models/codec/fyaml.c models/codec/fyaml.h \
	models/codec/intent.c models/codec/intent.h \
	models/codec/internal.h \
	models/codec/locate.c \
	models/codec/path.c models/codec/path.h \
	models/codec/read.c \
	models/codec/srpolicy.c models/codec/srpolicy.h \
	models/codec/yaml.c
