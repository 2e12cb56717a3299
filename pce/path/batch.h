/*
 * Many requests on one network: a list of work that any number of threads share, each with an
 * engine of its own.
 *
 * Requests that ask for the same from one source or to one target are grouped, and a large group
 * grows one tree instead of a search each (common.h); the others are sorted by target, so that what
 * guides searches there is used again. Both change what an answer costs, never the answer: each is
 * the one that path_compute gives for the request alone, whatever the number of threads, the order
 * of requests, or who takes which part.
 *
 * This room knows no threads. Who has them lets each call path_batch_step, or path_batch_answer,
 * until there is nothing left; the next part is taken by an atomic counter.
 */
#ifndef PCE_PATH_BATCH_H
#define PCE_PATH_BATCH_H

#include "pce/path/path.h"

struct path_batch;

/* What became of one request. */
struct path_batch_result {
	enum pce_status status; /* of path_compute */
	struct path_answer answer; /* if PCE_OK. settled is 0: shared work is nobody's */
	struct pce_error error; /* else */
};

/*
 * Sorts n requests (borrowed until path_batch_free, at most 2^32 - 1) into work.
 *   n_nodes    of the network
 *   tree_from  size of a group from which on it grows a tree; 0: chosen by the size of the network
 * Caller owns *out; path_batch_free(NULL) does nothing. PCE_NO_MEMORY, PCE_LIMIT. O(n log n).
 */
enum pce_status path_batch_new(const struct path_request *requests, size_t n, uint32_t n_nodes,
			       uint32_t tree_from, struct path_batch **out, struct pce_error *err);
void path_batch_free(struct path_batch *batch);

/*
 * Takes the next part of the work and calls visit for each request in it, with the engine prepared
 * for them: path_compute on it for this very request is then as cheap as it gets. false: nothing is
 * left. The engine must not be changed by visit, and all engines must be of equal networks. May be
 * called by several threads at once, each with its own engine.
 */
typedef void path_batch_visit(void *ctx, struct path_engine *engine, size_t request);
bool path_batch_step(struct path_batch *batch, struct path_engine *engine, path_batch_visit *visit,
		     void *ctx);

/* Computes until nothing is left: results[i] is that of request i. As path_batch_step; results are
 * zeroed by the caller, and freed by path_batch_results_free. */
void path_batch_answer(struct path_batch *batch, struct path_engine *engine,
		       struct path_batch_result *results);
void path_batch_results_free(struct path_batch_result *results, size_t n);

#endif
