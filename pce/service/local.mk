noinst_LIBRARIES += pce/service/libservice.a
pce_service_libservice_a_SOURCES = \
	pce/service/config.h pce/service/event.h pce/service/service.h \
	pce/service/effect.c pce/service/effect.h
