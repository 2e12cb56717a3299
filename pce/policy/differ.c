#include "pce/policy/differ.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "pce/base/text.h"
#include "pce/policy/copy.h"

struct differ {
	struct copier copy;
	struct policy_difference *out;
	size_t n;
};

static void
note(struct differ *d, const char *field, const char *ours, const char *theirs)
{
	if (d->n == DIFFERENCES_MOST || same_text(ours, theirs))
		return;
	d->out[d->n++] =
	    (struct policy_difference){ copy_text(&d->copy, field), copy_text(&d->copy, ours),
					copy_text(&d->copy, theirs) };
}

static const char *
addr_text(const struct ip_addr *addr, char out[IP_TEXT])
{
	return addr->family == IP_NONE ? NULL : ip_print(addr, out);
}

static const char *
sids_text(const struct srpolicy_list *list, struct text *out)
{
	for (size_t i = 0; list && i < list->n_sids; i++) {
		struct ip_addr sid = ip_v6(list->sids[i]);
		char at[IP_TEXT];

		text_printf(out, "%s%s", i ? " " : "", ip_print(&sid, at));
	}
	return list ? text_get(out) : NULL;
}

static void
differ_lists(struct differ *d, uint32_t preference, size_t number, const struct srpolicy_list *a,
	     const struct srpolicy_list *b)
{
	char field[96], x[16], y[16];
	struct text ours = { 0 }, theirs = { 0 };

	snprintf(field, sizeof(field), "candidate-path %u segment-list %zu segments", preference,
		 number + 1);
	note(d, field, sids_text(a, &ours), sids_text(b, &theirs));
	d->copy.bad = d->copy.bad || !text_ok(&ours) || !text_ok(&theirs);
	text_free(&ours);
	text_free(&theirs);
	if (!a || !b)
		return;
	snprintf(field, sizeof(field), "candidate-path %u segment-list %zu weight", preference,
		 number + 1);
	snprintf(x, sizeof(x), "%u", a->weight);
	snprintf(y, sizeof(y), "%u", b->weight);
	note(d, field, x, y);
	snprintf(field, sizeof(field), "candidate-path %u segment-list %zu name", preference,
		 number + 1);
	note(d, field, a->name, b->name);
}

static const struct srpolicy_path *
path_of(const struct srpolicy *policy, uint32_t preference)
{
	for (size_t i = 0; i < policy->n_paths; i++)
		if (policy->paths[i].preference == preference)
			return &policy->paths[i];
	return NULL;
}

static void
differ_path(struct differ *d, const struct srpolicy_path *a, const struct srpolicy_path *b)
{
	uint32_t preference = a ? a->preference : b->preference;
	size_t n_a = a ? a->n_lists : 0, n_b = b ? b->n_lists : 0;
	char field[64];

	snprintf(field, sizeof(field), "candidate-path %u", preference);
	if (!a || !b) {
		note(d, field, a ? "there" : NULL, b ? "there" : NULL);
		return;
	}
	snprintf(field, sizeof(field), "candidate-path %u name", preference);
	note(d, field, a->name, b->name);
	for (size_t i = 0; i < n_a || i < n_b; i++)
		differ_lists(d, preference, i, i < n_a ? &a->lists[i] : NULL,
			     i < n_b ? &b->lists[i] : NULL);
}

static const struct srpolicy_steering *
steering_of(const struct srpolicy *policy, const struct ip_prefix *prefix)
{
	for (size_t i = 0; i < policy->n_steering; i++)
		if (policy->steering[i].prefix.len == prefix->len &&
		    ip_compare(&policy->steering[i].prefix.addr, &prefix->addr) == 0)
			return &policy->steering[i];
	return NULL;
}

static void
differ_steering(struct differ *d, const struct srpolicy_steering *a,
		const struct srpolicy_steering *b)
{
	char field[128], prefix[IP_TEXT], x[IP_TEXT], y[IP_TEXT];
	const char *ours = a ? addr_text(&a->service_sid, x) : NULL;
	const char *theirs = b ? addr_text(&b->service_sid, y) : NULL;

	snprintf(field, sizeof(field), "steering %s",
		 ip_print_prefix(a ? &a->prefix : &b->prefix, prefix));
	note(d, field, a && !ours ? "there" : ours, b && !theirs ? "there" : theirs);
}

static void
differ_all(struct differ *d, const struct srpolicy *a, const struct srpolicy *b)
{
	char x[IP_TEXT], y[IP_TEXT];

	note(d, "name", a->name, b->name);
	note(d, "router", a->odd, b->odd);
	note(d, "binding-sid", addr_text(&a->binding_sid, x), addr_text(&b->binding_sid, y));
	for (size_t i = 0; i < a->n_paths; i++)
		differ_path(d, &a->paths[i], path_of(b, a->paths[i].preference));
	for (size_t i = 0; i < b->n_paths; i++)
		if (!path_of(a, b->paths[i].preference))
			differ_path(d, NULL, &b->paths[i]);
	for (size_t i = 0; i < a->n_steering; i++)
		differ_steering(d, &a->steering[i], steering_of(b, &a->steering[i].prefix));
	for (size_t i = 0; i < b->n_steering; i++)
		if (!steering_of(a, &b->steering[i].prefix))
			differ_steering(d, NULL, &b->steering[i]);
}

enum pce_status
policy_differ(const struct srpolicy *ours, const struct srpolicy *theirs, struct arena *arena,
	      struct policy_difference **out, size_t *n, struct pce_error *err)
{
	struct differ d = { .copy = { .arena = arena } };

	d.out = copy_alloc(&d.copy, (DIFFERENCES_MOST + 1) * sizeof(*d.out));
	if (d.out && ours && theirs)
		differ_all(&d, ours, theirs);
	else if (d.out)
		note(&d, "policy", ours ? ours->name : NULL, theirs ? theirs->name : NULL);
	if (d.copy.bad)
		return pce_no_memory(err);
	*out = d.out;
	*n = d.n;
	return PCE_OK;
}
