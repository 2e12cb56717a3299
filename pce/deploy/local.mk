noinst_LIBRARIES += pce/deploy/libdeploy.a
pce_deploy_libdeploy_a_SOURCES = \
	pce/deploy/transaction.c pce/deploy/transaction.h
