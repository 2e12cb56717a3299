check_PROGRAMS += tests/plan/test_whatif
tests_plan_test_whatif_SOURCES = tests/plan/test_whatif.c tests/support/suite.h
tests_plan_test_whatif_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_plan_test_whatif_LDADD = pce/plan/libplan.a pce/path/libpath_debug.a pce/path/libpath.a pce/ted/libted.a \
	pce/base/libbase.a $(CHECK_LIBS) -lm
