check_PROGRAMS += tests/store/test_store
tests_store_test_store_SOURCES = tests/store/test_store.c tests/support/suite.h \
	tests/support/temporary.h
tests_store_test_store_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS) -pthread
tests_store_test_store_LDADD = pce/store/libstore.a pce/base/libbase.a $(SQLITE_LIBS) $(CHECK_LIBS) -lpthread

check_PROGRAMS += tests/store/test_backup
tests_store_test_backup_SOURCES = tests/store/test_backup.c tests/support/suite.h \
	tests/support/temporary.h
tests_store_test_backup_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS) -pthread
tests_store_test_backup_LDADD = pce/store/libstore.a pce/base/libbase.a $(SQLITE_LIBS) $(CHECK_LIBS) -lpthread
