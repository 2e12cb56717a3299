/* What every fuzz target defines. libFuzzer calls it (--with-fuzzer), or replay.c with each file of
 * the target's corpus (make check). */
#ifndef TESTS_FUZZ_FUZZ_H
#define TESTS_FUZZ_FUZZ_H

#include <stddef.h>
#include <stdint.h>

/* Gives size octets at data to the decoder under test; returns 0. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
