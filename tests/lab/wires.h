/*
 * Links that lose, damage and delay packets. This kernel has no netem; so packets of such a link
 * are sent to a hardware address that only the wire takes, which reads them at the far interface,
 * loses or damages or keeps them, and sends them once more, to the right address. One thread serves
 * all wires. Nothing is signalled, as with a real bad fibre.
 */
#ifndef TESTS_LAB_WIRES_H
#define TESTS_LAB_WIRES_H

#include "tests/lab/network.h"
#include "tests/lab/site.h"

struct wires;

/* Of one direction of a link. */
struct wire_fault {
	uint32_t loss_ppm, corrupt_ppm, delay_us;
};

/* What wires did to a link's packets: those in repeated left its head twice. */
struct wire_count {
	uint64_t repeated, repeated_octets, lost, damaged;
};

/* Starts the thread. Caller owns *out. */
enum pce_status wires_new(const struct lab_network *network, struct site *sites, struct wires **out,
			  struct pce_error *err);
/* Stops it; what is under way is lost. NULL does nothing. */
void wires_free(struct wires *wires);
/* Makes, changes or (all 0) ends the wire of a directed link. The caller sets the neighbour. */
enum pce_status wires_set(struct wires *wires, uint32_t link, const struct wire_fault *fault,
			  struct pce_error *err);
/* True if the link has a wire; wires may be NULL. */
bool wires_active(struct wires *wires, uint32_t link);
/* The fault that is set, and counters; all 0 without a wire. wires may be NULL. */
void wires_read(struct wires *wires, uint32_t link, struct wire_fault *fault,
		struct wire_count *count);

#endif
