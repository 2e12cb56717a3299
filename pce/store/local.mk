noinst_LIBRARIES += pce/store/libstore.a
pce_store_libstore_a_CFLAGS = $(AM_CFLAGS) -pthread
pce_store_libstore_a_SOURCES = \
	pce/store/database.c pce/store/database.h \
	pce/store/store.h \
	pce/store/store_sqlite.c pce/store/store_sqlite.h
