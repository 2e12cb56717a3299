/* How an explanation is worded: see explain.h. */
#include "pce/base/units.h"
#include <string.h>

#include "pce/path/explain_internal.h"

void
print_link(const struct explanation *x, uint32_t row, struct text *out)
{
	const struct ted *ted = x->e->ted;
	const struct ted_link_row *l = ted_link_at(ted, row);

	text_printf(out, "%s→%s", ted_node_at(ted, l->from)->name, ted_node_at(ted, l->to)->name);
}

static void
print_constraint(const struct explanation *x, enum path_reason constraint, uint64_t value,
		 struct text *out)
{
	constraint_print(x->e->ted, x->request, constraint, value, out);
}

static void
print_asked(const struct explanation *x, enum path_reason constraint, struct text *out)
{
	print_constraint(x, constraint, constraint_value(x->request, constraint), out);
}

/* " through A, B and the service cache" */
static void
print_way(struct explanation *x)
{
	const struct path_request *r = x->request;
	size_t n = r->n_via + r->n_via_services;

	for (size_t i = 0; i < n; i++) {
		text_add(&x->text, i == 0 ? " through " : i + 1 < n ? ", " : " and ");
		if (i < r->n_via)
			text_add(&x->text, ted_node_at(x->e->ted, r->via[i])->name);
		else
			text_printf(&x->text, "the service %s", r->via_services[i - r->n_via]);
	}
	if (n > 1)
		text_add(&x->text, " in this order");
}

/* How a constraint follows "no path from a to d". */
static const char *
preposition(enum path_reason constraint)
{
	return constraint == PATH_REASON_SLICE   ? " in "
	       : constraint == PATH_REASON_AVOID ? " around "
						 : " with ";
}

/* The constraints of the mask that have a preposition, joined by "and". */
static void
print_those_with(struct explanation *x, uint32_t constraints, const char *word)
{
	unsigned n = 0;

	for (size_t i = 0; i < CONSTRAINT_COUNT; i++) {
		enum path_reason constraint = constraint_list[i];

		if (!(constraints & CONSTRAINT(constraint)) || constraint == PATH_REASON_VIA ||
		    constraint == PATH_REASON_DISJOINT ||
		    strcmp(preposition(constraint), word) != 0)
			continue;
		text_add(&x->text, n++ > 0 ? " and " : word);
		print_asked(x, constraint, &x->text);
	}
}

void
print_head(struct explanation *x, uint32_t constraints)
{
	const struct path_request *r = x->request;

	text_printf(&x->text, "no %spath from %s to %s", x->second ? "second " : "",
		    ted_node_at(x->e->ted, r->from)->name, ted_node_at(x->e->ted, r->to)->name);
	if (constraints & CONSTRAINT(PATH_REASON_VIA))
		print_way(x);
	print_those_with(x, constraints, " with ");
	print_those_with(x, constraints, " in ");
	print_those_with(x, constraints, " around ");
}

/* Bandwidth of the route found, where the request cares for bandwidth. */
static void
print_residual(const struct explanation *x, uint64_t residual_bps, struct text *out)
{
	char number[64];

	if (x->request->bandwidth_bps == 0 && x->request->objective != PATH_BANDWIDTH)
		return;
	units_print_bps(residual_bps, number, sizeof(number));
	text_printf(out, " with %s", number);
}

void
print_relaxation(const struct explanation *x, enum path_reason constraint,
		 const struct found *found, const char *element, struct text *out)
{
	uint32_t tightest;
	uint64_t value = probe_value(x, constraint, found, &tightest);
	uint64_t residual = probe_value(x, PATH_REASON_BANDWIDTH, found, &tightest);

	if (constraint == PATH_REASON_BANDWIDTH) {
		text_printf(out, "the widest%s has ", x->second ? " second one" : "");
		print_constraint(x, constraint, value, out);
		text_add(out, ", limited by ");
		print_link(x, x->e->graph->links[tightest].row, out);
		return;
	}
	if (constraint_is_number(constraint)) {
		text_add(out, "with ");
		print_constraint(x, constraint, value, out);
		text_add(out, " instead of ");
	} else {
		text_add(out, "without ");
	}
	if (element)
		text_add(out, element);
	else
		print_asked(x, constraint, out);
	text_add(out, " there is one");
	print_residual(x, residual, out);
}

void
print_limit(const struct explanation *x, enum path_reason constraint, const struct found *found,
	    struct text *out)
{
	uint32_t tightest;
	uint64_t value = probe_value(x, constraint, found, &tightest);

	text_add(out, "even without other constraints the best has ");
	print_constraint(x, constraint, value, out);
	if (constraint == PATH_REASON_BANDWIDTH) {
		text_add(out, ", limited by ");
		print_link(x, x->e->graph->links[tightest].row, out);
	}
}

void
print_both(const struct explanation *x, enum path_reason a, enum path_reason b, struct text *out)
{
	text_add(out, "only without both ");
	print_asked(x, a, out);
	text_add(out, " and ");
	print_asked(x, b, out);
	text_add(out, " there is one");
}
