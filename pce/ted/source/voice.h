/* The voices that speak of one object, over all sources and bound static objects, best first. */
#ifndef PCE_TED_SOURCE_VOICE_H
#define PCE_TED_SOURCE_VOICE_H

#include "pce/ted/source/rib.h"

struct voice {
	const struct rib_entry *entry;
	const struct key *key; /* of the object it was said about */
	enum rib_freshness freshness;
	bool live; /* its source is connected */
	enum ted_source_kind kind;
	uint32_t id;
};

/* A growing list, reused from object to object. */
struct voices {
	struct voice *at;
	size_t n, cap;
};

/*
 * What the voices together say about being there. What one feed withdrew and another one has is
 * there, unless all that have it are lost and a feed that lives withdrew it: the last word of a
 * lost session must not keep alive what the others see gone.
 */
struct presence {
	bool known; /* a file or feed has it or had it */
	bool present; /* a file or feed has it */
	bool said; /* a file or feed said so and did not take it back, whatever it counts by now */
	bool in_file, in_feed;
	bool gone_from_feed; /* a feed withdrew it and none has it */
	bool fresh; /* a fresh feed has it; if none ever had it: a fresh file */
	bool unknown; /* present, but all feeds (or else files) that have it expired */
};

/*
 * Collects the voices of an object. The ladder: what stands before what was withdrawn, fresh before
 * stale before unknown, operator before telemetry before BGP-LS before file, the lowest source id,
 * the lowest key of the object spoken of.
 */
enum pce_status voices_collect(const struct rib *rib, uint32_t object, struct voices *out,
			       struct pce_error *err);
/* As voices_collect, without those about bound static objects. */
enum pce_status voices_collect_own(const struct rib *rib, uint32_t object, struct voices *out,
				   struct pce_error *err);
/* True if a comes before b on the ladder. */
bool voice_before(const struct voice *a, const struct voice *b);
/* What they say about being there. */
struct presence voices_presence(const struct voices *voices);
/* True if a comes before b on the ladder, leaving freshness out: for names, which shall outlive the
 * freshness of their source. */
bool voice_before_for_names(const struct voice *a, const struct voice *b);

#endif
