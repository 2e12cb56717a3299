/* The list of effects: appended in the order in which they were wanted, freed as a whole. */
#include "pce/service/effect.h"

#include "pce/base/arena.h"

struct service_effect *
service_effects_add(struct service_effects *effects, enum service_effect_kind kind, uint64_t id)
{
	struct service_effect *effect = arena_alloc(&effects->arena, sizeof(*effect));

	if (!effect)
		return NULL;
	effect->kind = kind;
	effect->id = id;
	if (!effects->last)
		effects->last = &effects->first;
	*effects->last = effect;
	effects->last = &effect->next;
	return effect;
}

void
service_effects_clear(struct service_effects *effects)
{
	arena_free(&effects->arena);
	*effects = (struct service_effects){ 0 };
}
