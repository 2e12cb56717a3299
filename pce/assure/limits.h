/* What an operator decides about suspicions. Plain data: the configuration has it. */
#ifndef PCE_ASSURE_LIMITS_H
#define PCE_ASSURE_LIMITS_H

#include <stdint.h>

struct assure_limits {
	uint32_t hold_s; /* how long a suspect is avoided without new evidence; 0: nobody is */
	uint32_t max_hold_s; /* it doubles with every return, up to this */
	uint32_t detect_ms; /* a headend needs at most so long to notice that probes are lost */
	uint32_t links_percent; /* of the fibres: more suspects than this are not believed */
	uint32_t least_links; /* fewer are never too many */
};

#endif
