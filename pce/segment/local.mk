noinst_LIBRARIES += pce/segment/libsegment.a
pce_segment_libsegment_a_SOURCES = \
	pce/segment/behavior.h \
	pce/segment/bounded.c pce/segment/bounded.h \
	pce/segment/compile.c pce/segment/compile.h \
	pce/segment/csid.c pce/segment/csid.h \
	pce/segment/flex.c pce/segment/flex.h \
	pce/segment/igp.c pce/segment/igp.h \
	pce/segment/limits.c pce/segment/limits.h \
	pce/segment/list.c pce/segment/list.h \
	pce/segment/pack.c pce/segment/pack.h \
	pce/segment/replay.c pce/segment/replay.h pce/segment/replay_internal.h \
	pce/segment/replay_tables.c \
	pce/segment/sids.c pce/segment/sids.h \
	pce/segment/spread.c pce/segment/spread.h
