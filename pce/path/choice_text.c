/* Why this path, in one sentence: see choice.h. */
#include <stdio.h>
#include <stdlib.h>

#include "pce/base/text.h"
#include "pce/base/units.h"
#include "pce/path/choice.h"
#include "pce/path/constraint.h"

struct telling {
	const struct ted *ted;
	const struct path_request *request;
	const struct path_choice *choice;
	struct text text;
	bool joint; /* a pair's probability to fail together is what counts */
};

/* "12 ms", "18 Gbit/s", "0.9991", "502". */
static void
print_value(struct telling *t, uint64_t value)
{
	char number[64];

	if (t->joint || t->request->objective == PATH_AVAILABILITY)
		units_print_availability(value, number, sizeof(number));
	else if (t->request->objective == PATH_DELAY)
		units_print_us(value, number, sizeof(number));
	else if (t->request->objective == PATH_BANDWIDTH)
		units_print_bps(value, number, sizeof(number));
	else
		snprintf(number, sizeof(number), "%llu", (unsigned long long)value);
	text_add(&t->text, number);
}

/* "least delay", "largest bandwidth". */
static const char *
superlative(const struct telling *t)
{
	static const char *const names[PATH_OBJECTIVE_COUNT] = {
		[PATH_IGP] = "least IGP metric",
		[PATH_TE] = "least TE metric",
		[PATH_DELAY] = "least delay",
		[PATH_BANDWIDTH] = "largest bandwidth",
		[PATH_AVAILABILITY] = "highest availability",
	};

	return names[t->request->objective];
}

/* Where two routes part: the node, and the first link of each from there. */
static void
print_parting(struct telling *t, const struct path_route *route)
{
	const struct path_choice *c = t->choice;
	const struct ted_link_row *own, *other;

	if (c->part >= route->n_links || c->part >= c->n_runner_up)
		return;
	own = ted_link_at(t->ted, route->links[c->part]);
	other = ted_link_at(t->ted, c->runner_up[c->part]);
	text_printf(&t->text, "; they part at %s, where this one takes %s and the runner-up %s",
		    ted_node_at(t->ted, own->from)->name, own->name, other->name);
}

/* What decided, where the objective did not. */
static void
print_tie(struct telling *t, enum path_decided decided)
{
	static const char *const names[PATH_DECIDED_COUNT] = {
		[PATH_DECIDED_DELAY] = "the lower delay",
		[PATH_DECIDED_TE] = "the lower TE metric",
		[PATH_DECIDED_IGP] = "the lower IGP metric",
		[PATH_DECIDED_HOPS] = "fewer hops",
		[PATH_DECIDED_LINKS] = "fewer links",
		[PATH_DECIDED_RANK] = "nothing but the canonical order of links",
	};

	if (names[decided])
		text_printf(
		    &t->text, "the same as the runner-up, from which %s %s it", names[decided],
		    decided == PATH_DECIDED_HOPS || decided == PATH_DECIDED_LINKS ? "tell"
										  : "tells");
	else
		text_add(&t->text,
			 "the same as printed as the runner-up, but less before rounding");
}

static void
print_runner_up(struct telling *t, const struct path_route *route)
{
	const struct path_choice *c = t->choice;

	if (!c->has_runner_up) {
		text_add(&t->text, c->sure
				       ? "; there is no other path that holds what was asked for"
				       : "; no other path was found within the budget");
		return;
	}
	text_add(&t->text, ", ");
	if (c->runner_up_value != c->value) {
		text_add(&t->text, "the runner-up has ");
		print_value(t, c->runner_up_value);
	} else {
		print_tie(t, c->decided);
	}
	if (!c->sure)
		text_add(&t->text, " (the budget was spent: there may be a better one)");
	print_parting(t, route);
}

/* "without 200 Mbit/s it would be another one with 9 ms", for each constraint that binds. */
static void
print_binding(struct telling *t)
{
	for (size_t i = 0; i < t->choice->n_bindings; i++) {
		const struct path_binding *b = &t->choice->bindings[i];

		if (!b->binds)
			continue;
		text_add(&t->text, "; without ");
		constraint_print(t->ted, t->request, b->constraint, b->asked, &t->text);
		text_add(&t->text, b->without == t->choice->value
				       ? " another one with the same value would win"
				       : " another one would win, with ");
		if (b->without != t->choice->value)
			print_value(t, b->without);
	}
}

/* "to spare: 8 ms of the 20 ms delay, 50 Mbit/s above the 200 Mbit/s". */
static void
print_slack(struct telling *t)
{
	unsigned n = 0;

	for (size_t i = 0; i < t->choice->n_bindings; i++) {
		const struct path_binding *b = &t->choice->bindings[i];
		bool floor = b->constraint == PATH_REASON_BANDWIDTH;

		if (!b->has_slack)
			continue;
		text_add(&t->text, n++ > 0 ? ", " : "; to spare: ");
		constraint_print(t->ted, t->request, b->constraint,
				 floor ? b->has - b->asked : b->asked - b->has, &t->text);
		text_add(&t->text, floor ? " above the " : " below the ");
		constraint_print(t->ted, t->request, b->constraint, b->asked, &t->text);
	}
}

/* A pair: what both have together, and each alone. */
static void
print_pair(struct telling *t, const struct path_answer *answer)
{
	bool widest = t->request->objective == PATH_BANDWIDTH;

	if (t->joint) {
		text_add(&t->text, "the pair least likely to fail together: availability ");
		print_value(t, t->choice->value);
		return;
	}
	text_printf(&t->text, "the pair with the %s ", superlative(t));
	text_add(&t->text, widest                                  ? "of the narrower path, "
			   : t->request->pair == PATH_PAIR_MAXIMUM ? "of the worse path, "
								   : "of both together, ");
	print_value(t, t->choice->value);
	text_add(&t->text, ": ");
	for (unsigned i = 0; i < 2; i++) {
		text_add(&t->text, i > 0 ? " and " : "");
		print_value(t, choice_value(t->request, &answer->routes[i]));
	}
}

enum pce_status
choice_tell(const struct path_engine *e, const struct path_request *request,
	    struct path_answer *answer, size_t at, struct pce_error *err)
{
	struct path_route *route = &answer->routes[at];
	struct telling t = { .ted = e->ted, .request = request, .choice = route->choice };

	if (request->disjoint != PATH_DISJOINT_NONE) {
		t.joint = choice_is_joint(request, answer);
		print_pair(&t, answer);
	} else if (request->diverse && at > 0) {
		text_printf(
		    &t.text,
		    "of the paths that share least with the %zu before, the one with the %s, ", at,
		    superlative(&t));
		print_value(&t, t.choice->value);
	} else {
		text_printf(&t.text, "%s%s%s, ", at > 0 ? "next after the path before: " : "",
			    route->exact ? "" : "as far as known the ", superlative(&t));
		print_value(&t, t.choice->value);
		print_runner_up(&t, route);
	}
	print_binding(&t);
	print_slack(&t);
	free(route->chosen);
	route->chosen = text_take(&t.text);
	return route->chosen ? PCE_OK : pce_no_memory(err);
}
