#include "pce/operate/damping.h"

#include <math.h>

/* No penalty grows beyond what decays to `reuse` within the longest hold (RFC 2439 section 4.2). */
static double
ceiling_of(const struct damping_limits *limits)
{
	return limits->reuse * exp2((double)limits->max_hold_s / limits->half_life_s);
}

/* How long a penalty takes to decay to a lower one, at least 1 us. */
static int64_t
decay_us(const struct damping_limits *limits, double from, double to)
{
	double us;

	if (from <= to)
		return 0;
	us = ceil((double)limits->half_life_s * USEC_PER_S * log2(from / to));
	return us < 1 ? 1 : (int64_t)us;
}

double
damping_penalty(const struct damping_limits *limits, const struct damped *link, struct usec now)
{
	double halves = (double)(now.v - link->at.v) / ((double)limits->half_life_s * USEC_PER_S);

	return halves <= 0 ? link->penalty : link->penalty * exp2(-halves);
}

static bool
judge(const struct damping_limits *limits, struct damped *link)
{
	bool before = link->held;

	link->held = before || link->penalty > limits->suppress;
	if (link->held)
		link->until = usec_add(link->at, decay_us(limits, link->penalty, limits->reuse));
	return link->held && !before;
}

bool
damping_lost(const struct damping_limits *limits, struct damped *link, struct usec now)
{
	double most;

	if (limits->penalty == 0)
		return false;
	most = ceiling_of(limits);
	link->penalty = damping_penalty(limits, link, now) + limits->penalty;
	if (link->penalty > most)
		link->penalty = most;
	link->at = now;
	link->losses++;
	return judge(limits, link);
}

bool
damping_release(struct damped *link, struct usec now)
{
	if (!link->held || !usec_due(link->until, now))
		return false;
	link->held = false;
	return true;
}

void
damping_restore(const struct damping_limits *limits, struct damped *link, double penalty,
		uint32_t losses, struct usec now)
{
	double most = ceiling_of(limits);

	*link = (struct damped){ .penalty = penalty > most ? most : penalty,
				 .at = now,
				 .held = true,
				 .losses = losses };
	(void)judge(limits, link);
}

struct usec
damping_forget_at(const struct damping_limits *limits, const struct damped *link)
{
	return usec_add(link->at, decay_us(limits, link->penalty, limits->reuse / 2.0));
}
