noinst_LIBRARIES += pce/base/libbase.a
pce_base_libbase_a_SOURCES = \
	pce/base/addr.c pce/base/addr.h \
	pce/base/arena.c pce/base/arena.h \
	pce/base/array.c pce/base/array.h \
	pce/base/hash.c pce/base/hash.h \
	pce/base/heap.h \
	pce/base/reader.h \
	pce/base/status.c pce/base/status.h \
	pce/base/text.c pce/base/text.h \
	pce/base/units.c pce/base/units.h
