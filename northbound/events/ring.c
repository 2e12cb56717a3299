/* The last events; see ring.h. */
#include "northbound/events/ring.h"

#include <stdlib.h>
#include <string.h>

struct slot {
	uint64_t number;
	struct arena arena; /* of notice */
	struct service_notice *notice; /* until it is printed */
	char *text; /* then; NULL: left out */
};

/* Slots [first, last) hold events, by count modulo capacity; those below printed have a text. */
struct events_ring {
	size_t capacity;
	uint64_t first, last, printed;
	uint64_t newest; /* number */
	uint64_t forgotten; /* the largest number that was forgotten or lost */
	struct slot *slots;
};

static struct slot *
slot_at(const struct events_ring *ring, uint64_t at)
{
	return &ring->slots[at % ring->capacity];
}

enum pce_status
events_ring_new(size_t capacity, struct events_ring **out, struct pce_error *err)
{
	struct events_ring *ring = calloc(1, sizeof(*ring));

	if (ring)
		ring->slots = calloc(capacity, sizeof(ring->slots[0]));
	if (!ring || !ring->slots) {
		free(ring);
		return pce_no_memory(err);
	}
	ring->capacity = capacity;
	*out = ring;
	return PCE_OK;
}

static void
slot_clear(struct slot *slot)
{
	arena_free(&slot->arena);
	free(slot->text);
	*slot = (struct slot){ 0 };
}

void
events_ring_free(struct events_ring *ring)
{
	if (!ring)
		return;
	for (uint64_t i = ring->first; i < ring->last; i++)
		slot_clear(slot_at(ring, i));
	free(ring->slots);
	free(ring);
}

/* Copy of a string in the arena; NULL stays NULL. */
static const char *
copy_string(struct arena *arena, const char *string, bool *bad)
{
	const char *copy = string ? arena_strdup(arena, string) : NULL;

	if (string && !copy)
		*bad = true;
	return copy;
}

static const char *const *
copy_strings(struct arena *arena, const char *const *strings, size_t n, bool *bad)
{
	const char **copy = n ? arena_alloc(arena, n * sizeof(copy[0])) : NULL;

	if (n && !copy)
		*bad = true;
	for (size_t i = 0; copy && i < n; i++)
		copy[i] = copy_string(arena, strings[i], bad);
	return copy;
}

static const struct alarm *
copy_alarm(struct arena *arena, const struct alarm *alarm, bool *bad)
{
	struct alarm *copy = alarm ? arena_copy(arena, alarm, sizeof(*alarm)) : NULL;

	if (alarm && !copy)
		*bad = true;
	if (copy) {
		copy->object = copy_string(arena, alarm->object, bad);
		copy->cause = copy_string(arena, alarm->cause, bad);
		copy->text = copy_string(arena, alarm->text, bad);
		copy->action = copy_string(arena, alarm->action, bad);
	}
	return copy;
}

/* Deep copy of a notice; NULL without memory. */
static struct service_notice *
copy_notice(struct arena *arena, const struct service_notice *notice)
{
	struct service_notice *copy = arena_copy(arena, notice, sizeof(*notice));
	bool bad = !copy;

	if (bad)
		return NULL;
	copy->object = copy_string(arena, notice->object, &bad);
	copy->state = copy_string(arena, notice->state, &bad);
	copy->text = copy_string(arena, notice->text, &bad);
	copy->cause = copy_string(arena, notice->cause, &bad);
	copy->before = copy_strings(arena, notice->before, notice->n_before, &bad);
	copy->after = copy_strings(arena, notice->after, notice->n_after, &bad);
	copy->alarm = copy_alarm(arena, notice->alarm, &bad);
	return bad ? NULL : copy;
}

/* Forgets the oldest event. */
static void
forget(struct events_ring *ring)
{
	struct slot *slot = slot_at(ring, ring->first);

	ring->forgotten = slot->number;
	slot_clear(slot);
	ring->first++;
	if (ring->printed < ring->first)
		ring->printed = ring->first;
}

enum pce_status
events_ring_add(struct events_ring *ring, const struct service_notice *notice,
		struct pce_error *err)
{
	struct slot slot = { .number = notice->number };

	ring->newest = notice->number;
	slot.notice = copy_notice(&slot.arena, notice);
	if (!slot.notice) {
		arena_free(&slot.arena);
		ring->forgotten = notice->number;
		return pce_no_memory(err);
	}
	if (ring->last - ring->first == ring->capacity)
		forget(ring);
	*slot_at(ring, ring->last++) = slot;
	return PCE_OK;
}

const struct service_notice *
events_ring_unprinted(const struct events_ring *ring)
{
	return ring->printed < ring->last ? slot_at(ring, ring->printed)->notice : NULL;
}

void
events_ring_printed(struct events_ring *ring, char *text)
{
	struct slot *slot;

	if (ring->printed == ring->last) {
		free(text);
		return;
	}
	slot = slot_at(ring, ring->printed++);
	arena_free(&slot->arena);
	slot->notice = NULL;
	slot->text = text;
}

bool
events_ring_next(const struct events_ring *ring, uint64_t after, struct events_entry *out,
		 bool *missed)
{
	uint64_t low = ring->first, high = ring->printed;

	while (low < high) {
		uint64_t mid = low + (high - low) / 2;

		if (slot_at(ring, mid)->number > after)
			high = mid;
		else
			low = mid + 1;
	}
	while (low < ring->printed && !slot_at(ring, low)->text)
		low++;
	if (low >= ring->printed)
		return false;
	*out = (struct events_entry){ slot_at(ring, low)->number, slot_at(ring, low)->text };
	*missed = ring->forgotten > after;
	return true;
}

uint64_t
events_ring_newest(const struct events_ring *ring)
{
	return ring->newest;
}
