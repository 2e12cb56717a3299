#include "pce/operate/doubt.h"

#include <stdlib.h>

#include "pce/base/array.h"

enum doubt_kind
doubt_of(const struct doubt_facts *f)
{
	bool down = f->ends[0].oper == DOUBT_OPER_DOWN || f->ends[1].oper == DOUBT_OPER_DOWN;
	bool up = f->ends[0].oper == DOUBT_OPER_UP && f->ends[1].oper == DOUBT_OPER_UP;

	if (!f->feed_speaks)
		return DOUBT_NONE;
	if (f->feed_up)
		return down ? DOUBT_UP_BUT_DOWN : DOUBT_NONE;
	if (down)
		return DOUBT_NONE;
	return up || f->ends[0].moving || f->ends[1].moving ? DOUBT_GONE_BUT_ALIVE : DOUBT_NONE;
}

static bool
is_measured(const struct doubt_facts *f)
{
	return f->ends[0].oper != DOUBT_OPER_UNKNOWN || f->ends[1].oper != DOUBT_OPER_UNKNOWN ||
	       f->ends[0].moving || f->ends[1].moving;
}

void
doubts_init(struct doubts *d, const struct doubt_limits *limits)
{
	*d = (struct doubts){ .limits = *limits, .next = USEC_NEVER };
}

void
doubts_free(struct doubts *d)
{
	free(d->at);
	doubts_init(d, &(struct doubt_limits){ 0 });
}

bool
doubts_on(const struct doubts *d)
{
	return d->limits.hold_s > 0;
}

/* --- counts --- */

static enum doubt_kind
should_tell(const struct doubt *f)
{
	return f->ripe ? f->kind : DOUBT_NONE;
}

static void
count(struct doubts *d, const struct doubt *f, bool in)
{
	size_t one = in ? 1 : (size_t)-1;

	d->n_measured += f->measured ? one : 0;
	d->n_ripe += f->ripe ? one : 0;
	d->n_accepted += f->ripe && f->accepted ? one : 0;
	d->n_untold += f->told != should_tell(f) ? one : 0;
}

static struct usec
ripens_at(const struct doubts *d, const struct doubt *f)
{
	if (f->kind == DOUBT_NONE || f->ripe)
		return USEC_NEVER;
	return usec_add(f->since, (int64_t)d->limits.hold_s * USEC_PER_S);
}

static void
find_next(struct doubts *d)
{
	d->next = USEC_NEVER;
	for (size_t i = 0; i < d->n; i++)
		d->next = usec_min(d->next, ripens_at(d, &d->at[i]));
}

/* --- news --- */

static enum pce_status
make_room(struct doubts *d, size_t fibre, struct pce_error *err)
{
	enum pce_status status = array_reserve(&d->at, &d->cap, fibre + 1, sizeof(*d->at), err);

	if (status)
		return status;
	while (d->n <= fibre)
		d->at[d->n++] = (struct doubt){ 0 };
	return PCE_OK;
}

enum pce_status
doubts_note(struct doubts *d, size_t fibre, const struct doubt_facts *facts, struct usec now,
	    struct pce_error *err)
{
	enum doubt_kind kind = doubt_of(facts);
	struct doubt next, *f;
	struct usec was;
	enum pce_status status = fibre < d->n ? PCE_OK : make_room(d, fibre, err);

	if (status)
		return status;
	f = &d->at[fibre];
	was = ripens_at(d, f);
	next = *f;
	next.measured = is_measured(facts);
	if (next.kind != kind) {
		next.kind = kind;
		next.since = now;
		next.ripe = next.accepted = false;
	}
	count(d, f, false);
	*f = next;
	count(d, f, true);
	if (was.v != USEC_NEVER.v && was.v == d->next.v)
		find_next(d);
	else
		d->next = usec_min(d->next, ripens_at(d, f));
	return PCE_OK;
}

void
doubts_tick(struct doubts *d, struct usec now)
{
	if (!usec_due(d->next, now))
		return;
	for (size_t i = 0; i < d->n; i++) {
		struct doubt *f = &d->at[i];

		if (!usec_due(ripens_at(d, f), now))
			continue;
		count(d, f, false);
		f->ripe = true;
		count(d, f, true);
	}
	find_next(d);
}

struct usec
doubts_deadline(const struct doubts *d)
{
	return d->next;
}

/* --- alarms --- */

enum doubt_kind
doubts_tell(const struct doubts *d, size_t fibre)
{
	return fibre < d->n ? should_tell(&d->at[fibre]) : DOUBT_NONE;
}

size_t
doubts_next_untold(const struct doubts *d, size_t from)
{
	if (d->n_untold == 0)
		return d->n;
	while (from < d->n && d->at[from].told == should_tell(&d->at[from]))
		from++;
	return from < d->n ? from : d->n;
}

void
doubts_told(struct doubts *d, size_t fibre)
{
	struct doubt *f = &d->at[fibre];

	count(d, f, false);
	f->told = should_tell(f);
	count(d, f, true);
}

/* --- freezing --- */

bool
doubts_too_many(const struct doubts *d)
{
	uint64_t n = d->n_ripe - d->n_accepted;

	return d->limits.fibres_percent > 0 && n > 0 && n >= d->limits.least_fibres &&
	       n * 100 > (uint64_t)d->n_measured * d->limits.fibres_percent;
}

void
doubts_accept(struct doubts *d)
{
	for (size_t i = 0; i < d->n; i++) {
		count(d, &d->at[i], false);
		d->at[i].accepted = d->at[i].kind != DOUBT_NONE;
		count(d, &d->at[i], true);
	}
}
