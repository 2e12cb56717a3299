/*
 * Which static objects (of files without IGP identity) are the same as objects that have one.
 *
 * A static node is the same as the one node with its IPv6 router id, else the one with its IPv4
 * router id, else the one with its name, as long as exactly one is there. A static link between
 * nodes that are bound is the same as the feed's link with its name between them, else as the only
 * one there if it is the only one there itself; one that carries identifiers is the same as the
 * feed's link that has an equal one and no different one. What was withdrawn still counts: a file
 * must not bring back what a feed took away.
 */
#ifndef PCE_TED_SOURCE_BIND_H
#define PCE_TED_SOURCE_BIND_H

#include "pce/ted/source/rib.h"

/* Decides all bindings anew and marks every object whose binding changed, and its targets. On
 * PCE_NO_MEMORY nothing is changed. */
enum pce_status bind_statics(struct rib *rib, struct pce_error *err);

#endif
