noinst_LIBRARIES += models/import/libimport.a
models_import_libimport_a_SOURCES = \
	models/import/csv.c \
	models/import/draft.c models/import/draft.h \
	models/import/format.c \
	models/import/gml.c \
	models/import/graphml.c \
	models/import/import.c models/import/import.h \
	models/import/markup.c models/import/markup.h \
	models/import/readers.h \
	models/import/repetita.c \
	models/import/rfc8345.c \
	models/import/scan.h \
	models/import/sndlib.c \
	models/import/tree.c models/import/tree.h \
	models/import/view.c models/import/view.h
