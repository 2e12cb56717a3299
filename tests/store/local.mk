check_PROGRAMS += tests/store/test_store
tests_store_test_store_SOURCES = tests/store/test_store.c tests/support/suite.h \
	tests/support/temporary.h
tests_store_test_store_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS) -pthread
tests_store_test_store_LDADD = pce/store/libstore.a pce/base/libbase.a $(SQLITE_LIBS) $(CHECK_LIBS) -lpthread
