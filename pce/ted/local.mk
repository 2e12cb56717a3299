noinst_LIBRARIES += pce/ted/libted.a
pce_ted_libted_a_SOURCES = \
	pce/ted/changes.c \
	pce/ted/delta.h \
	pce/ted/dump.c \
	pce/ted/find.c \
	pce/ted/key.c pce/ted/key.h \
	pce/ted/names.c \
	pce/ted/numbers.c \
	pce/ted/rows.c \
	pce/ted/settle.c pce/ted/settle.h \
	pce/ted/structure.c \
	pce/ted/ted.c pce/ted/ted.h pce/ted/ted_internal.h \
	pce/ted/source/bind.c pce/ted/source/bind.h \
	pce/ted/source/blob.c pce/ted/source/blob.h \
	pce/ted/source/keyring.c pce/ted/source/keyring.h \
	pce/ted/source/lists.c pce/ted/source/lists.h \
	pce/ted/source/merge.c pce/ted/source/merge.h \
	pce/ted/source/pair.c \
	pce/ted/source/rib.c pce/ted/source/rib.h \
	pce/ted/source/voice.c pce/ted/source/voice.h
