/*
 * Silent failures: fibres that lose packets while the feeds say that they are up. Routers probe the
 * lists that they hold, and what they read out tells which of them fail; which fibres a list takes
 * is what replay says on the graph that karstd has.
 *
 * In storms it is one fault of many. After every second calm there is a trial: a fibre or two, and
 * nothing else goes wrong; then, in bounded time, no policy loses its packets that has another way,
 * and nothing is named that is good.
 */
#include <string.h>

#include "pce/segment/replay.h"
#include "pce/service/assure.h"
#include "pce/service/corouted.h"
#include "tests/sim/sim.h"

#define TRIAL (300 * SIM_SECOND) /* two read-backs, and time to look again */

static unsigned silent_now; /* directed links */

static void
set_silent(uint32_t link, bool silent)
{
	struct sim_link *l = &network.links[link];

	if (silent == l->silent)
		return;
	l->silent = silent;
	silent_now = silent ? silent_now + 1 : silent_now - 1;
	sim_log("link %s %s", l->name, silent ? "loses packets silently" : "is good again");
}

void
silent_heal(void)
{
	for (uint32_t i = 0; i < network.n_links; i++)
		set_silent(i, false);
}

static void
end_silence(void *arg)
{
	set_silent(*(uint32_t *)arg, false);
	free(arg);
}

bool
silent_cut(uint64_t *random)
{
	uint32_t link = suite_below(random, network.n_links), *kept = sim_alloc(sizeof(*kept));

	*kept = link;
	set_silent(link, true);
	loop_once(usec_add(sim.now, (int64_t)(1 + suite_below(random, 300)) * SIM_SECOND),
		  end_silence, kept);
	return true;
}

/* --- what a list crosses --- */

static bool
is_silent(const char *name)
{
	for (uint32_t i = 0; name && i < network.n_links; i++)
		if (network.links[i].silent && strcmp(network.links[i].name, name) == 0)
			return true;
	return false;
}

/* Out, or back. */
static bool
loses(const struct ted *ted, ted_link link)
{
	const struct ted_link_row *row = ted_link_at(ted, link);

	return is_silent(row->name) ||
	       (row->reverse != TED_NONE && is_silent(ted_link_at(ted, row->reverse)->name));
}

static bool
list_fails(const struct ted *ted, ted_node from, const uint8_t (*sids)[16], size_t n)
{
	struct replay_result result = { 0 };
	bool fails = false;

	if (silent_now == 0 || replay_run(ted, from, sids, n, NULL, 0, &result, NULL) != PCE_OK)
		return false;
	for (size_t i = 0; i < result.n_links; i++)
		fails = fails || loses(ted, result.links[i]);
	replay_result_free(&result);
	return fails;
}

static bool
xml_list_fails(const struct ted *ted, ted_node from, const struct xnode *list)
{
	uint8_t sids[32][16];
	size_t n = 0;

	for (const struct xnode *c = list->child; c; c = c->next) {
		struct ip_addr sid;

		if (strcmp(c->name, "segment") != 0 || n == 32 ||
		    ip_parse(xml_text(c, "sid"), &sid, NULL) != PCE_OK)
			continue;
		memcpy(sids[n++], sid.octets, 16);
	}
	return list_fails(ted, from, (const uint8_t(*)[16])sids, n);
}

void
silent_state(struct text *out, const struct sim_router *r, const struct router_policy *p)
{
	const struct service *s = sim.daemon ? sim.daemon->service : NULL;
	struct arena arena = { 0 };
	const struct xnode *policy = xml_read(&arena, p->xml, strlen(p->xml));
	ted_node from = TED_NONE;
	bool up = false, some = false;

	if (s)
		(void)ted_find_node(s->ted, network.nodes[r->node].name, &from, NULL);
	for (const struct xnode *path = policy ? policy->child : NULL; path; path = path->next) {
		if (strcmp(path->name, "candidate-path") != 0 || from == TED_NONE)
			continue;
		text_printf(out, "<candidate-path><preference>%s</preference>",
			    xml_text(path, "preference"));
		for (const struct xnode *c = path->child; c; c = c->next) {
			bool valid;

			if (strcmp(c->name, "segment-list") != 0)
				continue;
			valid = !xml_list_fails(s->ted, from, c);
			up = up || valid;
			some = true;
			text_printf(out,
				    "<segment-list><id>%s</id><state><valid>%s</valid></state>"
				    "</segment-list>",
				    xml_text(c, "id"), valid ? "true" : "false");
		}
		text_add(out, "</candidate-path>");
	}
	text_printf(out, "<state><oper-state>%s</oper-state></state>", up || !some ? "up" : "down");
	arena_free(&arena);
}

/* --- a trial --- */

/* Whether the policy may take the link: it is there, loses nothing, and has room. */
static bool
is_open(const struct service *s, const struct service_policy *p, ted_link link)
{
	return ted_link_usable(s->ted, link) && !loses(s->ted, link) &&
	       ted_residual_bps(s->ted, link) + ledger_held_bps(&p->holding, link) >=
		   p->intent->intent->bandwidth_bps;
}

/* Whether a way for the policy leads past everything that loses packets; the directions of a
 * co-routed intent take it together. */
static bool
has_a_way(const struct service *s, const struct service_policy *p)
{
	uint32_t nodes = ted_node_count(s->ted);
	ted_node *queue = sim_alloc((nodes + 1) * sizeof(*queue));
	const struct service_policy *other = corouted_partner(p);
	bool *met = sim_alloc(nodes + 1), found;
	size_t n = 0;

	queue[n++] = p->headend;
	met[p->headend] = true;
	for (size_t i = 0; i < n; i++) {
		size_t out;
		const ted_link *links = ted_links_out(s->ted, queue[i], &out);

		for (size_t k = 0; k < out; k++) {
			const struct ted_link_row *row = ted_link_at(s->ted, links[k]);

			if (met[row->to] || !is_open(s, p, links[k]) ||
			    (other &&
			     (row->reverse == TED_NONE || !is_open(s, other, row->reverse))))
				continue;
			met[row->to] = true;
			queue[n++] = row->to;
		}
	}
	found = met[p->tailend];
	free(queue);
	free(met);
	return found;
}

static void
check_policy(const struct service *s, const struct service_policy *p)
{
	const struct srpolicy *sr = &p->now.record->srpolicy;
	bool arrives = sr->n_paths == 0;
	struct usec heard =
	    usec_add(p->stages.computed, (int64_t)karst_config.readback_interval_s * USEC_PER_S);

	/* It came back to what was no suspect any more, and its router was not read since. */
	if (!usec_due(heard, s->last_now))
		return;
	for (size_t i = 0; i < srpolicy_n_lists(sr) && !arrives; i++) {
		const struct srpolicy_list *list = srpolicy_list_at(sr, i, NULL);

		arrives = !list_fails(s->ted, p->headend, list->sids, list->n_sids);
	}
	sim_checked(SIM_SILENT_LEFT);
	if (!arrives && has_a_way(s, p))
		sim_fail(SIM_SILENT_LEFT, "policy %s still loses its packets silently", p->id);
}

static void
check_suspects(const struct service *s)
{
	struct service_view_suspect v;

	sim_checked(SIM_SILENT_NAMED);
	for (size_t i = 0; service_view_suspect_at(s, i, &v); i++)
		if (v.named && !is_silent(v.link) && !is_silent(v.reverse))
			sim_fail(SIM_SILENT_NAMED, "link %s is named and good", v.link);
}

void
silent_trial(void)
{
	unsigned n = 1 + sim_below(2);
	const struct service *s;

	sim_log("=== trial");
	while (n-- > 0)
		set_silent(sim_below(network.n_links), true);
	loop_run(usec_add(sim.now, TRIAL));
	s = sim.daemon && !sim.result.failed ? sim.daemon->service : NULL;
	/* Where there is no router nobody probes. */
	for (size_t i = 0; s && i < s->n_policies; i++)
		if (s->policies[i]->intent && s->policies[i]->item && !s->policies[i]->unbound &&
		    s->policies[i]->links)
			check_policy(s, s->policies[i]);
	if (s)
		check_suspects(s);
	silent_heal();
}
