# For tests of failing allocations: see failing.h.
FAILING_SOURCES = tests/support/failing.c tests/support/failing.h tests/support/suite.h
FAILING_LINK = $(AM_LDFLAGS) -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc,--wrap=free
