/* Effects as text: everything that an effect says, so that equal runs give equal bytes. */
#include "tests/service/world.h"

#include <inttypes.h>

static void
trace_policy(struct text *t, const struct srpolicy *p)
{
	char at[IP_TEXT];

	text_printf(t, " %u/%s/%s", p->color, ip_print(&p->endpoint, at), p->name ? p->name : "-");
	for (size_t i = 0; i < p->n_paths; i++)
		for (size_t k = 0; k < p->paths[i].n_lists; k++) {
			text_printf(t, " %u:", p->paths[i].preference);
			text_hex(t, p->paths[i].lists[k].sids, p->paths[i].lists[k].n_sids * 16);
		}
}

static void
trace_record(struct text *t, const struct service_record *r)
{
	text_printf(t, "  record %d %s", (int)r->kind, r->key);
	if (r->intent)
		text_printf(t, " %s %s %" PRIu64, r->intent->from, r->intent->to, r->revision);
	if (r->policy) {
		trace_policy(t, &r->policy->srpolicy);
		for (size_t i = 0; i < srpolicy_n_lists(&r->policy->srpolicy); i++) {
			const struct policy_bound *b = &r->policy->bound[i];

			for (size_t k = 0; k < b->n_links; k++)
				text_printf(t, " %s", b->link_keys[k]);
			for (size_t k = 0; k < b->n_branches; k++)
				text_printf(t, " or %s", b->branch_keys[k]);
		}
		for (size_t k = 0; k < r->policy->n_held; k++)
			text_printf(t, " held %s %" PRIu64, r->policy->held[k].link_key,
				    r->policy->held[k].bps);
		text_printf(t, " %" PRIu64 " %d", r->policy->generation, r->policy->removing);
	}
	if (r->operate)
		text_printf(t, " %d %s", (int)r->operate->mode,
			    r->operate->frozen ? r->operate->frozen : "-");
	if (r->move)
		text_printf(t, " %s %s %s %zu", move_kind_name(r->move->move.kind),
			    r->move->move.cause ? r->move->move.cause : "-",
			    r->move->move.text ? r->move->move.text : "-", r->move->move.n_paths);
	if (r->transaction)
		text_printf(t, " %s %s %d", r->transaction->device, r->transaction->persist_id,
			    r->transaction->decided);
	text_printf(t, " %" PRIu64 "\n", r->next_id);
}

static void
trace_notice(struct text *t, const struct service_notice *n)
{
	text_printf(t, " notice %d %" PRIu64 " %" PRId64 " %s %s %s %s", (int)n->kind, n->number,
		    n->wall_us, n->object, n->state ? n->state : "-", n->text ? n->text : "-",
		    n->cause ? n->cause : "-");
	for (size_t i = 0; i < n->n_before; i++)
		text_printf(t, " -%s", n->before[i]);
	for (size_t i = 0; i < n->n_after; i++)
		text_printf(t, " +%s", n->after[i]);
	text_printf(
	    t, " %" PRId64 " %" PRId64 " %" PRId64 " %" PRId64 " %" PRId64 " %zu %zu %" PRIu64 "\n",
	    n->stages.cause.v, n->stages.computed.v, n->stages.stored.v, n->stages.prepared.v,
	    n->stages.confirmed.v, n->n_nodes, n->n_links, n->ted_revision);
}

void
world_trace(struct text *t, const struct service_effect *e)
{
	text_printf(t, "effect %d %" PRIu64 "\n", (int)e->kind, e->id);
	if (e->kind == SERVICE_STORE) {
		for (size_t i = 0; i < e->u.store.n; i++)
			trace_record(t, &e->u.store.records[i]);
	} else if (e->kind == SERVICE_APPLY) {
		const struct deploy_transaction *x = e->u.apply.transaction;

		text_printf(t, " %d %s %s", (int)e->u.apply.phase, x->device, x->persist_id);
		for (size_t i = 0; i < x->n_changes; i++) {
			text_printf(t, " %d", (int)x->changes[i].action);
			trace_policy(t, x->changes[i].policy);
		}
		text_add(t, "\n");
	} else if (e->kind == SERVICE_REPLY) {
		text_printf(t, " %d %d %" PRIu64 " %s %s", (int)e->u.reply.status,
			    e->u.reply.created, e->u.reply.revision,
			    e->u.reply.reason ? e->u.reply.reason : "-", e->u.reply.error.text);
		for (size_t i = 0; i < e->u.reply.n_paths; i++)
			for (size_t k = 0; k < e->u.reply.path_lengths[i]; k++)
				text_printf(t, " %s", e->u.reply.paths[i][k]);
		text_add(t, "\n");
	} else if (e->kind == SERVICE_NOTICE) {
		trace_notice(t, &e->u.notice);
	} else if (e->kind == SERVICE_READ) {
		text_printf(t, " %s\n", e->u.read.device);
	}
}
