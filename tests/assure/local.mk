check_PROGRAMS += tests/assure/test_localise
tests_assure_test_localise_SOURCES = tests/assure/test_localise.c tests/support/suite.h
tests_assure_test_localise_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_assure_test_localise_LDADD = pce/assure/libassure.a pce/base/libbase.a $(CHECK_LIBS)

# Planted bugs: see ./dev mutants.
EXTRA_DIST += tests/mutants/assure-early-answers-prove.patch tests/mutants/assure-node-is-no-cause.patch
