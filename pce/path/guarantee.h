/*
 * Several weighted segment lists that hold a bandwidth with a stated probability.
 *
 * Let b be the bandwidth and L the number of lists. A headend shares the traffic by weight among
 * the lists that it knows to be valid. That has to be measured on each list (S-BFD, SR-PM, a
 * probe), or it does not know. With weights w and a reservation of gamma b w_l on each list (w
 * adding up to 1) the bandwidth then holds exactly while the weights of the working lists add up
 * to at least 1 / gamma. Asked are lists and weights that reserve least (the smallest gamma) of
 * those that hold with probability beta or more. Each list obeys all filters and bounds of the
 * request by itself, and what several lists reserve on one link has room there together; no list
 * need carry b alone.
 *
 * Risks are those of available.h, each counted once however many lists meet it. The weights are
 * exact and best for the routes they are chosen from (weights.h); which routes these are is told
 * (candidates.h). A reservation is whole bit/s, and weights are 32 bits: where that does not divide
 * evenly, a list is rounded up, or down by less than 1 bit/s where its links have no more.
 */
#ifndef PCE_PATH_GUARANTEE_H
#define PCE_PATH_GUARANTEE_H

#include "pce/path/engine.h"

/* True if the request asks for a guarantee, or for what is none. */
static inline bool
guarantee_is_asked(const struct path_request *request)
{
	return request->guarantee < 0 || request->guarantee > 0 ||
	       request->guarantee != request->guarantee;
}

/* PCE_INVALID or PCE_UNSUPPORTED for a guarantee that contradicts itself or the rest of the
 * request. */
enum pce_status guarantee_check(const struct path_request *request, struct pce_error *err);

/* Answers a request that passed guarantee_check and asks for a guarantee. answer must be empty.
 * PCE_NO_MEMORY. */
enum pce_status guarantee_compute(struct path_engine *e, const struct path_request *request,
				  struct path_answer *answer, struct pce_error *err);

/* Probability of failure that a guarantee allows, in parts per trillion. */
uint64_t guarantee_allowed_ppt(double guarantee);

#endif
