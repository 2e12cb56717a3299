noinst_LIBRARIES += pce/service/libservice.a
pce_service_libservice_a_SOURCES = \
	pce/service/admit.c pce/service/admit.h \
	pce/service/admitted.c \
	pce/service/alarms.c \
	pce/service/advise.c pce/service/advise.h \
	pce/service/assure.c pce/service/assure.h pce/service/assure_told.c \
	pce/service/binding.c \
	pce/service/config.h pce/service/event.h pce/service/service.h \
	pce/service/doubt.c \
	pce/service/dump.c \
	pce/service/durable.c \
	pce/service/effect.c pce/service/effect.h \
	pce/service/feed.c \
	pce/service/history.c pce/service/many.c pce/service/notify.h pce/service/corouted.c pce/service/corouted.h pce/service/groups.c pce/service/internal.h \
	pce/service/modes.c \
	pce/service/damping.c pce/service/adopt.c pce/service/drain.c pce/service/drift.c pce/service/windows.c pce/service/windows.h pce/service/notify.c pce/service/operate.c \
	pce/service/proposals.c \
	pce/service/push.c pce/service/queue.c \
	pce/service/recover.c \
	pce/service/recompute.h pce/service/reoptimise.c pce/service/worth.c \
	pce/service/remove.c pce/service/repair.c \
	pce/service/judge.c pce/service/restore.c \
	pce/service/service.c \
	pce/service/tables.c \
	pce/service/telemetry.c \
	pce/service/view.c
