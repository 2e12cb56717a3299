/*
 * Why this path: what the runner-up was, where the two part, what decided between them, which
 * constraints bind (without them another path would be better), and what they leave to spare.
 *
 * The runner-up is the next best route in the same total order, so "where they part" and "what
 * decided" are facts about that order. A constraint binds if the best route without it is another
 * one; that is found by asking, one search a constraint, and only when the request says explain.
 */
#ifndef PCE_PATH_CHOICE_H
#define PCE_PATH_CHOICE_H

#include "pce/path/engine.h"

/* Adds to each route of the answer to this request why it was chosen. PCE_NO_MEMORY. */
enum pce_status choice_explain(struct path_engine *e, const struct path_request *request,
			       struct path_answer *answer, struct pce_error *err);

/* Sets `chosen` of one route of the answer: the sentence that says what its choice says; of a pair,
 * that of the first route tells about both. PCE_NO_MEMORY. */
enum pce_status choice_tell(const struct path_engine *e, const struct path_request *request,
			    struct path_answer *answer, size_t at, struct pce_error *err);

/* What the objective sees of a route: a sum, bit/s, or ppt; of two, as a pair. */
uint64_t choice_value(const struct path_request *request, const struct path_route *route);
uint64_t choice_pair_value(const struct path_request *request, const struct path_answer *answer);

/* True if the joint probability of failure is what a pair is judged by. */
bool choice_is_joint(const struct path_request *request, const struct path_answer *answer);

#endif
