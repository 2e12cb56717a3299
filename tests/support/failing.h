/*
 * Allocations that fail on demand, and a count of the blocks that are there. A test program that
 * is linked with FAILING_LINK (tests/support/local.mk) has its own calls of malloc, calloc,
 * realloc and free, and those of the code under test, come through here; calls inside libraries
 * do not. One thread only. Check allocates too: ask it only while nothing may fail.
 */
#ifndef TESTS_SUPPORT_FAILING_H
#define TESTS_SUPPORT_FAILING_H

#include <stdbool.h>

/* From now on the at-th allocation fails, counted from 1; 0: none does, they are only counted. */
void failing_at(unsigned long at);
/* Nothing fails and nothing is counted until failing_resume. */
void failing_pause(void);
void failing_resume(void);
/* Nothing fails any more. True if the allocation that was to fail was reached. */
bool failing_stop(void);
/* Allocations counted since failing_at. */
unsigned long failing_counted(void);
/* Blocks that were allocated and not freed, since the start of the program. */
long failing_live(void);

#endif
