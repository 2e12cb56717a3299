noinst_LIBRARIES += pce/assure/libassure.a
pce_assure_libassure_a_SOURCES = \
	pce/assure/limits.h \
	pce/assure/localise.c pce/assure/localise.h
