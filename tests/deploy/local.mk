check_PROGRAMS += tests/deploy/test_deploy
tests_deploy_test_deploy_SOURCES = tests/deploy/test_deploy.c tests/support/suite.h
tests_deploy_test_deploy_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_deploy_test_deploy_LDADD = pce/deploy/libdeploy.a pce/operate/liboperate.a \
	pce/policy/libpolicy.a pce/base/libbase.a $(CHECK_LIBS)

check_PROGRAMS += tests/deploy/test_memory
tests_deploy_test_memory_SOURCES = tests/deploy/test_memory.c $(FAILING_SOURCES)
tests_deploy_test_memory_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_deploy_test_memory_LDFLAGS = $(FAILING_LINK)
tests_deploy_test_memory_LDADD = $(tests_deploy_test_deploy_LDADD)
EXTRA_DIST += tests/mutants/deploy-start-of-a-group-is-forgotten.patch
EXTRA_DIST += tests/mutants/deploy-unknown-is-asked-for-ever.patch
