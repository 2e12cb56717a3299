check_PROGRAMS += tests/operate/test_guard
tests_operate_test_guard_SOURCES = tests/operate/test_guard.c tests/support/suite.h
tests_operate_test_guard_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_operate_test_guard_LDADD = pce/operate/liboperate.a pce/base/libbase.a $(CHECK_LIBS)
check_PROGRAMS += tests/operate/test_damping
tests_operate_test_damping_SOURCES = tests/operate/test_damping.c tests/support/suite.h
tests_operate_test_damping_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_operate_test_damping_LDADD = pce/operate/liboperate.a pce/base/libbase.a $(CHECK_LIBS) -lm

# Planted bugs: see ./dev mutants.
EXTRA_DIST += tests/mutants/operate-share-forgets-too-early.patch
EXTRA_DIST += tests/mutants/operate-damping-without-ceiling.patch
EXTRA_DIST += tests/mutants/operate-damping-never-decays.patch
EXTRA_DIST += tests/mutants/operate-burst-without-end.patch \
	tests/mutants/operate-heals-while-links-go.patch \
	tests/mutants/operate-window-forgets-nothing.patch
check_PROGRAMS += tests/operate/test_doubt
tests_operate_test_doubt_SOURCES = tests/operate/test_doubt.c tests/support/suite.h
tests_operate_test_doubt_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_operate_test_doubt_LDADD = pce/operate/liboperate.a pce/base/libbase.a $(CHECK_LIBS)
EXTRA_DIST += tests/mutants/operate-doubt-ripe-outlives-its-kind.patch \
	tests/mutants/operate-doubt-deadline-is-forgotten.patch
