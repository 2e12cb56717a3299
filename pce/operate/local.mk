noinst_LIBRARIES += pce/operate/liboperate.a
pce_operate_liboperate_a_SOURCES = \
	pce/operate/alarm.h \
	pce/operate/alarms.c pce/operate/alarms.h \
	pce/operate/change.c pce/operate/change.h \
	pce/operate/guard.c pce/operate/guard.h \
	pce/operate/damping.c pce/operate/damping.h \
	pce/operate/doubt.c pce/operate/doubt.h \
	pce/operate/history.c pce/operate/history.h \
	pce/operate/mode.h \
	pce/operate/reoptimise.c pce/operate/reoptimise.h \
	pce/operate/scopes.c pce/operate/scopes.h
