/*
 * Names in the lab's lines. Topologies may call a router anything; so blanks, control characters
 * and
 * "%" are written as in URLs, and words stay words.
 */
#ifndef TESTS_LAB_NAMES_H
#define TESTS_LAB_NAMES_H

#include <stddef.h>

#define LAB_NAME_TEXT 400 /* room for any name of 128 octets as a word */

/* The name as one word in out[cap], cut if it does not fit; returns out. */
const char *lab_word(const char *name, char *out, size_t cap);
/* And back, in place. */
void lab_unword(char *word);

#endif
