noinst_LIBRARIES += models/import/libimport.a
models_import_libimport_a_SOURCES = \
	models/import/graphml.c models/import/graphml.h \
	models/import/import.c models/import/import.h \
	models/import/view.c models/import/view.h
