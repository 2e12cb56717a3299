noinst_LIBRARIES += models/codec/libcodec.a
models_codec_libcodec_a_SOURCES = \
	models/codec/behavior.c \
	models/codec/codec.h \
	models/codec/context.c \
	models/codec/document.c \
	models/codec/emit.c \
	models/codec/fyaml.c models/codec/fyaml.h \
	models/codec/internal.h \
	models/codec/locate.c \
	models/codec/read.c \
	models/codec/yaml.c
