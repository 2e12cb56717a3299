/*
 * Path computation. An engine is a snapshot of a ted packed for speed, with its own scratch memory:
 * one thread, many requests. Each answer depends on the ted and the request alone.
 */
#ifndef PCE_PATH_PATH_H
#define PCE_PATH_PATH_H

#include "pce/base/status.h"
#include "pce/path/answer.h"
#include "pce/path/request.h"
#include "pce/ted/ted.h"

struct path_engine;

/*
 * Makes an engine over ted, which must outlive it. Caller owns *out; path_engine_free(NULL) does
 * nothing. O(rows).
 */
enum pce_status path_engine_new(const struct ted *ted, struct path_engine **out,
				struct pce_error *err);
void path_engine_free(struct path_engine *engine);

/*
 * Makes an engine over a fork of the engine's ted, with what the engine knows: the two share what
 * neither changes, and may go on in different threads. The engine must be up to date with its ted,
 * and the fork unchanged; both may change afterwards. Caller owns *out. PCE_INVALID for a ted of
 * other rows, PCE_NO_MEMORY. A few memcpys.
 */
enum pce_status path_engine_fork(const struct path_engine *engine, const struct ted *fork,
				 struct path_engine **out, struct pce_error *err);

/*
 * Makes what guides searches now (a contraction hierarchy, see guide.h) instead of when a query
 * first gains from it, and also for networks so large that no query would wait for it. Forks have
 * it too; packing anew drops it. No exact answer depends on it. PCE_NO_MEMORY. 3 ms for 50 000
 * links, 0.1 s for half a million; nothing where the network is not of the kind.
 */
enum pce_status path_engine_prepare(struct path_engine *engine, struct pce_error *err);

/*
 * Brings the engine up to date after ted changed: ted_settle, bookings, failures. Rows named in
 * changes are repacked in O(1) each; changes NULL repacks everything.
 */
enum pce_status path_engine_refresh(struct path_engine *engine, const struct ted_change *changes,
				    size_t n, struct pce_error *err);

/* Takes in that the residual bandwidth or usability of one link changed. O(1). */
void path_engine_refresh_link(struct path_engine *engine, ted_link link);

/*
 * Computes. PCE_OK with routes, or with none and answer->no_path filled. PCE_INVALID for a request
 * that contradicts itself (from = to, an unknown row). answer must be empty; on failure it stays
 * empty.
 */
enum pce_status path_compute(struct path_engine *engine, const struct path_request *request,
			     struct path_answer *answer, struct pce_error *err);

/*
 * Checks separately that a route answers the request on ted now: connected, loopless, usable, every
 * constraint held. PCE_OK or PCE_CONFLICT with the sentence that says what does not hold. Used
 * before booking a worker's result.
 */
enum pce_status path_validate(const struct ted *ted, const struct path_request *request,
			      const uint32_t *links, size_t n, struct pce_error *err);

/*
 * Checks links beside a route, where loose forwarding may branch to: what the request asks of each
 * link, and that no node is avoided or closed to transit. PCE_OK or PCE_CONFLICT with the sentence
 * that says what does not hold.
 */
enum pce_status path_validate_branches(const struct ted *ted, const struct path_request *request,
				       const uint32_t *links, size_t n, struct pce_error *err);

/*
 * The probability that a route fails, in parts per trillion, as path_compute tells it of the routes
 * that it finds (see available.h). links: rows, each known to the engine. PCE_NO_MEMORY.
 */
enum pce_status path_unavailability(const struct path_engine *engine, const ted_link *links,
				    size_t n, uint64_t *out, struct pce_error *err);

/*
 * How likely it is, in parts per trillion, that a route fails, or with n 2 that both of a pair do:
 * by fibres, transit nodes, shared risks and sites, each once. For comparing a route that is there
 * with one that was just computed; it agrees with what an answer tells but for the rounding of a
 * few ppt.
 */
enum pce_status path_routes_unavailability(const struct ted *ted,
					   const struct path_request *request,
					   const struct path_route *routes, size_t n, uint64_t *ppt,
					   struct pce_error *err);

/*
 * path_validate for a whole answer: each route and what is told of it, alternatives, pairs. PCE_OK
 * or PCE_CONFLICT with the sentence that says what is wrong with it; PCE_NO_MEMORY.
 */
enum pce_status path_validate_answer(const struct ted *ted, const struct path_request *request,
				     const struct path_answer *answer, struct pce_error *err);

#endif
