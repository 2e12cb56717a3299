noinst_LIBRARIES += models/import/libimport.a
models_import_libimport_a_SOURCES = \
	models/import/analyse.c models/import/analyse.h \
	models/import/analyse_cuts.c \
	models/import/analyse_igraph.c \
	models/import/analyse_internal.h \
	models/import/analyse_paths.c \
	models/import/analyse_risks.c \
	models/import/check.c models/import/check.h \
	models/import/csv.c \
	models/import/draft.c models/import/draft.h \
	models/import/export.c models/import/export.h \
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
	models/import/view.c models/import/view.h \
	models/import/write_graph.c \
	models/import/write_karst.c \
	models/import/write_rfc8345.c \
	models/import/writers.h
