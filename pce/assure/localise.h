/*
 * Which fibre loses packets silently? Headends probe the segment lists that they hold (as S-BFD,
 * RFC 7880, does), out and back over the same fibres, so a list that fails says that one of its
 * fibres is bad, in this direction or the other, and a list whose probes return says that all of
 * its fibres are good. This is boolean network tomography (Duffield, "Network tomography of binary
 * network performance characteristics", IEEE Trans. Information Theory 52, 2006): the suspects of a
 * failed list are its fibres less those that were proved good since. As long as what is told is
 * true, the bad fibre of every failed list is among them, whatever else is known.
 *
 * What remains is weighed: the least number of causes that explain all failures, fibres or what
 * fibres share (a node, a shared risk group), all choices of them counted. A shared cause may be
 * the reason for fibres to be bad that no list has crossed yet: these are suspects "beside".
 *
 * A proof holds against failures that came before it, and only some time before: whoever was asked
 * before it could notice says "good" in good faith.
 *
 * Pure: rows are numbers of the caller's, instants are arguments.
 */
#ifndef PCE_ASSURE_LOCALISE_H
#define PCE_ASSURE_LOCALISE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pce/base/arena.h"
#include "pce/base/units.h"

/* A list whose probes do not return. */
struct assure_failure {
	const uint32_t *fibres; /* that it crosses, each once */
	size_t n;
	struct usec failed_at; /* when that was heard first */
};

/* Fibres that may fail together. */
struct assure_risk {
	const uint32_t *fibres;
	size_t n;
};

/* All that is known. */
struct assure_evidence {
	size_t n_fibres;
	const struct usec *alive_at; /* by fibre: when it was proved good last; 0: never */
	int64_t detect_us; /* > 0: a headend needs at most so long to notice a failure */
	const struct assure_failure *failures;
	size_t n_failures;
	const struct assure_risk *risks;
	size_t n_risks;
};

/* A fibre that may be bad. */
struct assure_suspect {
	uint32_t fibre;
	uint32_t confidence_ppm; /* share of the least explanations that have it */
	uint32_t n_failures; /* whose suspect it is; 0: it is beside */
	bool named; /* some failure has no other one */
	bool beside; /* no failed list crosses it, but what may be the cause does */
};

/* What follows. Arrays belong to the arena. */
struct assure_verdict {
	struct assure_suspect *suspects; /* by fibre */
	size_t n;
	size_t n_beside; /* of them */
	bool *unexplained; /* by failure: every fibre of it was proved good since */
};

/* True if the fibre was proved good since the failure, late enough to count. */
bool assure_is_proved(const struct assure_evidence *evidence, const struct assure_failure *failure,
		      uint32_t fibre);

/*
 * Weighs the evidence. O(failures x their length + fibres of risks), and of the weighing at most
 * some hundred thousand steps for each group of failures that have suspects in common.
 * PCE_NO_MEMORY; PCE_INVALID for a fibre that is not below n_fibres.
 */
enum pce_status assure_localise(const struct assure_evidence *evidence, struct arena *arena,
				struct assure_verdict *out, struct pce_error *err);

#endif
