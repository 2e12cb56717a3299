check_PROGRAMS += tests/deploy/test_deploy
tests_deploy_test_deploy_SOURCES = tests/deploy/test_deploy.c tests/support/suite.h
tests_deploy_test_deploy_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_deploy_test_deploy_LDADD = pce/deploy/libdeploy.a pce/operate/liboperate.a \
	pce/policy/libpolicy.a pce/base/libbase.a $(CHECK_LIBS)
