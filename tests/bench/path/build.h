/* A network of the benchmark as Karst's database. */
#ifndef BENCH_PATH_BUILD_H
#define BENCH_PATH_BUILD_H

#include "pce/ted/ted.h"
#include "tests/bench/path/network.h"

/* Ends the program with the sentence unless all is well. */
void must(enum pce_status status, const struct pce_error *err);

/* Makes the database; *row has the row of each node, the row of a link is its number. Both are the
 * caller's. */
void build_ted(const struct network *net, struct ted **ted, uint32_t **row);

/* Says a link with another IGP metric than the network's. */
void build_link(struct ted *ted, const struct network *net, uint32_t link, uint32_t igp);

#endif
