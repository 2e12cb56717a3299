#include "pce/policy/ledger.h"

#include <stdlib.h>
#include <string.h>

#include "pce/base/array.h"

void
ledger_holding_free(struct ledger_holding *holding)
{
	free(holding->entries);
	*holding = (struct ledger_holding){ 0 };
}

/* Place of the first entry that is not before link. */
static size_t
place_of(const struct ledger_holding *holding, ted_link link)
{
	size_t low = 0, high = holding->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (holding->entries[middle].link < link)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

uint64_t
ledger_held_bps(const struct ledger_holding *holding, ted_link link)
{
	size_t at = place_of(holding, link);

	return at < holding->n && holding->entries[at].link == link ? holding->entries[at].bps : 0;
}

enum pce_status
ledger_want(struct ledger_holding *want, ted_link link, uint64_t bps, struct pce_error *err)
{
	size_t at = place_of(want, link);
	enum pce_status status;

	if (bps == 0 || link == TED_NONE)
		return PCE_OK;
	if (at < want->n && want->entries[at].link == link) {
		if (want->entries[at].bps < bps)
			want->entries[at].bps = bps;
		return PCE_OK;
	}
	status =
	    array_reserve(&want->entries, &want->cap, want->n + 1, sizeof(*want->entries), err);
	if (status)
		return status;
	memmove(&want->entries[at + 1], &want->entries[at],
		(want->n - at) * sizeof(*want->entries));
	want->entries[at] = (struct ledger_entry){ link, bps };
	want->n++;
	return PCE_OK;
}

/* Whether bookings change, or are taken off for a computation: the traffic flows on meanwhile. */
enum manner { FOR_GOOD, FOR_A_MOMENT };

/* Brings the booking of one holder on one link from `from` to `to` bit/s. */
static enum pce_status
shift(struct ledger *ledger, enum manner manner, ted_link link, uint64_t from, uint64_t to,
      struct pce_error *err)
{
	enum pce_status status = PCE_OK;

	if (to > from)
		status =
		    (manner == FOR_GOOD ? ted_book : ted_lower)(ledger->ted, link, to - from, err);
	else if (to < from)
		status =
		    (manner == FOR_GOOD ? ted_unbook : ted_lift)(ledger->ted, link, from - to, err);
	if (status == PCE_OK && to != from && ledger->engine)
		path_engine_refresh_link(ledger->engine, link);
	return status;
}

/* Walks two holdings side by side: the next link of either, and what each has on it. */
struct pair_walk {
	const struct ledger_holding *a, *b;
	size_t i, j;
	ted_link link;
	uint64_t a_bps, b_bps;
};

static bool
pair_next(struct pair_walk *w)
{
	ted_link a = w->i < w->a->n ? w->a->entries[w->i].link : TED_NONE;
	ted_link b = w->j < w->b->n ? w->b->entries[w->j].link : TED_NONE;

	if (a == TED_NONE && b == TED_NONE)
		return false;
	w->link = a < b ? a : b;
	w->a_bps = a == w->link ? w->a->entries[w->i++].bps : 0;
	w->b_bps = b == w->link ? w->b->entries[w->j++].bps : 0;
	return true;
}

/* Undoes the first `steps` steps of a change. They were possible forwards, so they are backwards.
 */
static void
undo(struct ledger *ledger, enum manner manner, const struct ledger_holding *from,
     const struct ledger_holding *to, size_t steps)
{
	struct pair_walk w = { .a = from, .b = to };

	while (steps-- > 0 && pair_next(&w))
		(void)shift(ledger, manner, w.link, w.b_bps, w.a_bps, NULL);
}

static enum pce_status
apply(struct ledger *ledger, enum manner manner, const struct ledger_holding *from,
      const struct ledger_holding *to, bool *freed, bool *changed, struct pce_error *err)
{
	struct pair_walk w = { .a = from, .b = to };
	size_t steps = 0;

	*freed = *changed = false;
	while (pair_next(&w)) {
		enum pce_status status = shift(ledger, manner, w.link, w.a_bps, w.b_bps, err);

		if (status) {
			undo(ledger, manner, from, to, steps);
			return status;
		}
		steps++;
		*freed = *freed || w.b_bps < w.a_bps;
		*changed = *changed || w.b_bps != w.a_bps;
	}
	return PCE_OK;
}

enum pce_status
ledger_change(struct ledger *ledger, struct ledger_holding *holding, struct ledger_holding *want,
	      bool *freed, struct pce_error *err)
{
	bool less, changed;
	enum pce_status status = apply(ledger, FOR_GOOD, holding, want, &less, &changed, err);

	if (status)
		return status;
	if (changed)
		ledger->revision++;
	if (freed)
		*freed = less;
	free(holding->entries);
	*holding = *want;
	*want = (struct ledger_holding){ 0 };
	return PCE_OK;
}

enum pce_status
ledger_lift(struct ledger *ledger, const struct ledger_holding *holding, struct pce_error *err)
{
	const struct ledger_holding none = { 0 };
	bool freed, changed;

	return apply(ledger, FOR_A_MOMENT, holding, &none, &freed, &changed, err);
}

enum pce_status
ledger_lower(struct ledger *ledger, const struct ledger_holding *holding, struct pce_error *err)
{
	const struct ledger_holding none = { 0 };
	bool freed, changed;

	return apply(ledger, FOR_A_MOMENT, &none, holding, &freed, &changed, err);
}

bool
ledger_fits(const struct ledger *ledger, const struct ledger_holding *holding,
	    const struct ledger_holding *want, ted_link *short_of)
{
	struct pair_walk w = { .a = holding, .b = want };

	while (pair_next(&w)) {
		if (w.b_bps <= w.a_bps ||
		    w.b_bps - w.a_bps <= ted_residual_bps(ledger->ted, w.link))
			continue;
		if (short_of)
			*short_of = w.link;
		return false;
	}
	return true;
}
