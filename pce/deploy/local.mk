noinst_LIBRARIES += pce/deploy/libdeploy.a
pce_deploy_libdeploy_a_SOURCES = \
	pce/deploy/device.c pce/deploy/device.h pce/deploy/group.c pce/deploy/internal.h \
	pce/deploy/drift.c pce/deploy/readback.c \
	pce/deploy/state.c pce/deploy/state.h \
	pce/deploy/transact.c \
	pce/deploy/transaction.c pce/deploy/transaction.h
