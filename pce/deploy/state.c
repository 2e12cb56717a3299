#include "pce/deploy/state.h"

#include <stdarg.h>
#include <stdio.h>

static void say(struct policy_standing *out, enum policy_state state, bool degraded,
		const char *fmt, ...) __attribute__((format(printf, 4, 5)));

static void
say(struct policy_standing *out, enum policy_state state, bool degraded, const char *fmt, ...)
{
	va_list ap;

	out->state = state;
	out->degraded = degraded;
	va_start(ap, fmt);
	vsnprintf(out->reason, sizeof(out->reason), fmt, ap);
	va_end(ap);
}

/* The router holds what it shall: is that all that was promised? */
static void
stand_synced(const struct policy_facts *f, struct policy_standing *out)
{
	if (!f->connected)
		say(out, POLICY_ACTIVE, true, "router %s is away%s%s", f->device,
		    f->device_text ? ": " : "", f->device_text ? f->device_text : "");
	else if (f->waits)
		say(out, POLICY_ACTIVE, true, "%s", f->waits);
	else if (f->degraded)
		say(out, POLICY_ACTIVE, true, "%s", f->degraded);
	else if (f->overbooked)
		say(out, POLICY_ACTIVE, true, "a link of the path is booked beyond its capacity");
	else if (f->item.oper && !f->item.oper->up)
		say(out, POLICY_ACTIVE, true, "router %s reports the policy down%s%s", f->device,
		    f->item.oper->reason ? ": " : "",
		    f->item.oper->reason ? f->item.oper->reason : "");
	else if (f->stale)
		say(out, POLICY_ACTIVE, true, "the feed that knows its path is lost");
	else
		say(out, POLICY_ACTIVE, false, "%s", "");
}

static void
stand_waiting(const struct policy_facts *f, struct policy_standing *out)
{
	if (!f->connected)
		say(out, POLICY_PENDING, false, "router %s is away%s%s", f->device,
		    f->device_text ? ": " : "", f->device_text ? f->device_text : "");
	else if (f->waits)
		say(out, POLICY_PENDING, false, "%s", f->waits);
	else if (f->device_text)
		say(out, POLICY_PENDING, false, "waits for router %s: %s", f->device,
		    f->device_text);
	else
		say(out, POLICY_PENDING, false, "%s", "");
}

static enum policy_trouble
trouble_of(const struct policy_facts *f)
{
	if (f->removing)
		return TROUBLE_NONE;
	if (f->failed)
		return TROUBLE_NO_PATH;
	if (f->has_item && f->item.reason)
		return TROUBLE_REFUSED;
	if (f->has_item && f->connected && f->item.state == DEPLOY_SYNCED && f->item.oper &&
	    !f->item.oper->up)
		return TROUBLE_DOWN;
	return f->degraded || f->overbooked ? TROUBLE_LESS : TROUBLE_NONE;
}

void
policy_stand(const struct policy_facts *f, struct policy_standing *out)
{
	*out = (struct policy_standing){ 0 };
	if (f->removing) {
		const char *why = f->has_item ? f->item.reason : NULL;

		if (!why && f->device && !f->connected)
			say(out, POLICY_REMOVING, false, "router %s is away", f->device);
		else
			say(out, POLICY_REMOVING, false, "%s", why ? why : "");
	} else if (f->failed) {
		say(out, POLICY_FAILED, false, "%s%s%s", f->waits ? f->waits : f->failed,
		    f->waits ? "; " : "", f->waits ? f->failed : "");
	} else if (!f->device) {
		say(out, POLICY_PENDING, false, "no device is configured for node %s", f->headend);
	} else if (!f->has_item) {
		say(out, POLICY_PENDING, false, "%s", "");
	} else if (f->item.reason) {
		say(out, POLICY_FAILED, false, "%s", f->item.reason);
	} else if (f->item.state == DEPLOY_RUNNING) {
		say(out, POLICY_DEPLOYING, false, "%s", "");
	} else if (f->item.state == DEPLOY_SYNCED) {
		stand_synced(f, out);
	} else {
		stand_waiting(f, out);
	}
	out->trouble = trouble_of(f);
}

static bool
decides(const struct policy_standing *p, enum intent_state rung)
{
	switch (rung) {
	case INTENT_FAILED:
		return p->state == POLICY_FAILED;
	case INTENT_DEPLOYING:
		return p->state == POLICY_DEPLOYING || p->state == POLICY_REMOVING;
	case INTENT_ADMITTED:
		return p->state == POLICY_PENDING;
	case INTENT_DEGRADED:
		return p->degraded;
	case INTENT_ACTIVE:
		break;
	}
	return false;
}

enum intent_state
intent_stand(const struct policy_standing *policies, size_t n, size_t *which)
{
	static const enum intent_state ladder[] = { INTENT_FAILED, INTENT_DEPLOYING,
						    INTENT_ADMITTED, INTENT_DEGRADED };

	for (size_t rung = 0; rung < sizeof(ladder) / sizeof(ladder[0]); rung++)
		for (size_t i = 0; i < n; i++)
			if (decides(&policies[i], ladder[rung])) {
				if (which)
					*which = i;
				return ladder[rung];
			}
	if (which)
		*which = n;
	return n > 0 ? INTENT_ACTIVE : INTENT_FAILED;
}
