path_oracle = tests/path/enumerate.c tests/path/oracle.c tests/path/oracle.h \
	tests/ted/net.c tests/ted/net.h tests/support/suite.h
path_libs = pce/path/libpath.a pce/ted/libted.a pce/base/libbase.a

check_PROGRAMS += tests/path/test_path
tests_path_test_path_SOURCES = tests/path/test_path.c $(path_oracle)
tests_path_test_path_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_path_test_path_LDADD = $(path_libs) $(CHECK_LIBS)

check_PROGRAMS += tests/path/test_pairs
tests_path_test_pairs_SOURCES = tests/path/test_pairs.c $(path_oracle)
tests_path_test_pairs_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_path_test_pairs_LDADD = $(path_libs) $(CHECK_LIBS)

check_PROGRAMS += tests/path/test_rules
tests_path_test_rules_SOURCES = tests/path/test_rules.c $(path_oracle)
tests_path_test_rules_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_path_test_rules_LDADD = $(path_libs) $(CHECK_LIBS) -lm
