/* Maximum SID depths of the routers that a list passes (RFC 9352 section 4). Private to the segment
 * room. */
#ifndef PCE_SEGMENT_LIMITS_H
#define PCE_SEGMENT_LIMITS_H

#include "pce/segment/behavior.h"
#include "pce/segment/compile.h"

#define LIMIT_NONE UINT32_MAX

/* A bound on the number of SIDs in all, the service SID included. A container (RFC 9800) is one. */
struct limit {
	uint32_t total; /* LIMIT_NONE: none */
	ted_node node; /* whose it is */
	bool assumed; /* not that node's own word */
	const char *what; /* for people: "H.Encaps", "Segments Left" … */
};

/* What the headend can push. */
struct limit limit_of_headend(const struct ted *ted, ted_node node,
			      const struct segment_options *options);

/*
 * What the node that executes a SID bears.
 *   remaining  SIDs after this one in the packet, the service SID included
 *   total      SIDs in all if known, else 0: then a bound on Segments Left that is broken gives a
 *              total of 0, one that is kept none
 *   egress     where the service SID, if any, is executed
 */
struct limit limit_of_endpoint(const struct ted *ted, ted_node node, struct behavior means,
			       uint32_t remaining, uint32_t total, ted_node egress,
			       const struct segment_options *options);

/* Likewise of a node that executes a C-SID other than the last of its container: it only shifts. */
struct limit limit_of_carrier(const struct ted *ted, ted_node node, uint32_t remaining,
			      uint32_t total, const struct segment_options *options);

#endif
