check_PROGRAMS += tests/ted/test_ted
tests_ted_test_ted_SOURCES = tests/ted/test_ted.c tests/ted/net.c tests/ted/net.h tests/support/suite.h
tests_ted_test_ted_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_ted_test_ted_LDADD = pce/ted/libted.a pce/base/libbase.a $(CHECK_LIBS)
check_PROGRAMS += tests/ted/test_ted_order
tests_ted_test_ted_order_SOURCES = tests/ted/test_ted_order.c tests/ted/random_steps.h \
	tests/ted/net.c tests/ted/net.h tests/support/suite.h
tests_ted_test_ted_order_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_ted_test_ted_order_LDADD = pce/ted/libted.a pce/base/libbase.a $(CHECK_LIBS)
check_PROGRAMS += tests/ted/test_ted_memory
tests_ted_test_ted_memory_SOURCES = tests/ted/test_ted_memory.c tests/ted/net.c tests/ted/net.h tests/support/suite.h
tests_ted_test_ted_memory_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_ted_test_ted_memory_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc,--wrap=free
tests_ted_test_ted_memory_LDADD = pce/ted/libted.a pce/base/libbase.a $(CHECK_LIBS)
check_PROGRAMS += tests/ted/test_ted_threads
tests_ted_test_ted_threads_SOURCES = tests/ted/test_ted_threads.c tests/ted/net.c tests/ted/net.h tests/support/suite.h
tests_ted_test_ted_threads_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS) -pthread
tests_ted_test_ted_threads_LDADD = pce/ted/libted.a pce/base/libbase.a $(CHECK_LIBS) -lpthread
check_PROGRAMS += tests/ted/test_ted_find
tests_ted_test_ted_find_SOURCES = tests/ted/test_ted_find.c tests/ted/net.c tests/ted/net.h tests/support/suite.h
tests_ted_test_ted_find_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_ted_test_ted_find_LDADD = pce/ted/libted.a pce/base/libbase.a $(CHECK_LIBS)
