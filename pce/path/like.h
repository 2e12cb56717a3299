/*
 * Which requests ask for the same, their ends apart: those can share what was found for one of
 * them. Everything that a request says is compared, by content.
 */
#ifndef PCE_PATH_LIKE_H
#define PCE_PATH_LIKE_H

#include "pce/path/request.h"

/* -1, 0 or 1: a total order by everything but from and to. O(length of the lists). */
int like_compare(const struct path_request *a, const struct path_request *b);

#endif
