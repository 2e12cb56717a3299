/* karst-policy. */
#include "models/codec/policy.h"

#include <string.h>

#include "models/codec/demand.h"
#include "models/codec/srpolicy.h"
#include "models/codec/stages.h"

static void
emit_stage(struct emit *e, const char *name, struct usec cause, struct usec reached)
{
	if (reached.v > 0 && reached.v >= cause.v)
		emit_u64(e, name, (uint64_t)(reached.v - cause.v));
}

void
stages_emit(struct emit *e, const struct service_stages *stages)
{
	if (stages->cause.v <= 0)
		return;
	emit_open(e, "stage", '{');
	emit_stage(e, "detected-us", stages->cause, stages->detected);
	emit_stage(e, "computed-us", stages->cause, stages->computed);
	emit_stage(e, "stored-us", stages->cause, stages->stored);
	emit_stage(e, "sent-us", stages->cause, stages->sent);
	emit_stage(e, "prepared-us", stages->cause, stages->prepared);
	emit_stage(e, "confirmed-us", stages->cause, stages->confirmed);
	emit_close(e, '}');
}

static void
emit_way(struct emit *e, size_t i, size_t n, const void *ctx)
{
	const struct codec_policy *policy = ctx;

	if (!policy->paths)
		return;
	emit_strings(e, "node", policy->paths[i].nodes, policy->paths[i].n_nodes);
	emit_strings(e, "link", policy->paths[i].links, policy->paths[i].n_links);
	if (n > 1)
		emit_u64(e, "reserved-bps", policy->paths[i].reserved_bps);
}

static void
emit_operational(struct emit *e, const struct srpolicy_oper *oper)
{
	if (!oper)
		return;
	if (oper->active_preference)
		emit_u32(e, "oper-active-preference", oper->active_preference);
	emit_string(e, "oper-reason", oper->reason);
	emit_open(e, "oper-segment-list", '[');
	for (size_t i = 0; i < oper->n_lists; i++) {
		emit_open(e, NULL, '{');
		emit_u32(e, "preference", oper->lists[i].preference);
		emit_u32(e, "id", oper->lists[i].id);
		emit_bool(e, "valid", oper->lists[i].valid);
		emit_string(e, "reason", oper->lists[i].reason);
		emit_close(e, '}');
	}
	emit_close(e, ']');
}

static void
emit_policy(struct emit *e, const struct codec_policy *policy)
{
	emit_open(e, NULL, '{');
	emit_string(e, "id", policy->id);
	emit_string(e, "intent", policy->intent_id);
	emit_bool(e, "backward", policy->backward);
	emit_string(e, "headend", policy->headend);
	emit_string(e, "tailend", policy->tailend);
	emit_string(e, "device", policy->device);
	if (policy->srpolicy)
		srpolicy_emit(e, policy->srpolicy, false, emit_way, policy);
	emit_string(e, "state", enum_policy_state(policy->state));
	emit_string(e, "reason", policy->reason);
	emit_string(e, "cause", policy->cause);
	emit_string(e, "mode", operate_mode_name(policy->mode.mode));
	emit_string(e, "mode-scope", mode_scope_name(policy->mode.scope));
	emit_u64(e, "booked-bps", policy->booked_bps);
	emit_u64(e, "generation", policy->generation);
	if (policy->operational_known)
		emit_string(e, "oper-state", policy->operational_up ? "up" : "down");
	emit_operational(e, policy->operational);
	stages_emit(e, &policy->stages);
	emit_close(e, '}');
}

enum pce_status
codec_policies_print(const struct codec *codec, const struct codec_policy *policies, size_t n,
		     struct text *out, struct pce_error *err)
{
	struct emit e = { 0 };

	emit_open(&e, NULL, '{');
	emit_open(&e, "karst-policy:policies", '{');
	emit_open(&e, "policy", '[');
	for (size_t i = 0; i < n; i++)
		emit_policy(&e, &policies[i]);
	emit_close(&e, ']');
	emit_close(&e, '}');
	emit_close(&e, '}');
	return emit_finish(codec, &e, EMIT_DATA, NULL, out, err);
}

enum pce_status
codec_policy_print(const struct codec *codec, const struct codec_policy *policy, struct text *out,
		   struct pce_error *err)
{
	static const char head[] = "{\"karst-policy:policies\":{\"policy\":";
	struct text whole = { 0 };
	enum pce_status status = codec_policies_print(codec, policy, 1, &whole, err);

	if (status == PCE_OK) {
		text_add(out, "{\"karst-policy:policy\":");
		text_bytes(out, text_get(&whole) + strlen(head), whole.len - strlen(head) - 1);
		if (!text_ok(out))
			status = pce_no_memory(err);
	}
	text_free(&whole);
	return status;
}
