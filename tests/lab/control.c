/* What people and tests may order: one line each (lab.h has the list). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/lab/lab.h"
#include "tests/lab/names.h"
#include "tests/lab/trace.h"

#define TRACE_MAX 1000 /* packets of one trace */

struct order {
	struct lab *lab;
	char words[5][256];
	struct text *answer;
	struct pce_error *err;
};

static enum pce_status
link_named(const struct order *o, const char *name, uint32_t *out)
{
	*out = lab_find_link(&o->lab->network, name);
	return *out != LAB_NONE ? PCE_OK
				: pce_fail(o->err, PCE_NOT_FOUND, "no link is called \"%s\"", name);
}

static enum pce_status
router_named(const struct order *o, const char *name, uint32_t *out)
{
	*out = lab_find_router(&o->lab->network, name);
	return *out != LAB_NONE
		   ? PCE_OK
		   : pce_fail(o->err, PCE_NOT_FOUND, "no router is called \"%s\"", name);
}

static enum pce_status
number(const struct order *o, const char *word, uint32_t *out)
{
	char *end;
	unsigned long value = strtoul(word, &end, 10);

	if (word[0] < '0' || word[0] > '9' || *end != '\0' || value > UINT32_MAX)
		return pce_fail(o->err, PCE_INVALID, "\"%s\" is no number", word);
	*out = (uint32_t)value;
	return PCE_OK;
}

/* --- questions --- */

static enum pce_status
on_status(struct order *o)
{
	const struct lab_network *net = &o->lab->network;
	uint32_t cut = 0, silent = 0, stopped = 0;

	for (uint32_t k = 0; k < net->n_links; k++) {
		cut += net->links[k].cut;
		silent += o->lab->silent[k];
	}
	for (uint32_t r = 0; r < net->n_routers; r++)
		stopped += net->routers[r].stopped;
	text_printf(o->answer,
		    "routers %u stopped %u\nlinks %u cut %u silent %u\nprobes every %u us\n"
		    "feed %s\n",
		    net->n_routers, stopped, net->n_links, cut, silent, o->lab->setup.probe_us,
		    o->lab->speaker == NULL           ? "none"
		    : lab_speaker_up(o->lab->speaker) ? "up"
						      : "down");
	for (size_t i = 0; i < net->n_notes; i++)
		text_printf(o->answer, "note %s\n", net->notes[i]);
	policies_print(o->lab->policies, o->answer);
	return PCE_OK;
}

static void
add_sid(struct text *out, const char *what, const uint8_t sid[16])
{
	struct ip_addr addr = ip_v6(sid);
	char text[IP_TEXT];

	text_printf(out, " %s %s", what, ip_print(&addr, text));
}

static enum pce_status
on_routers(struct order *o)
{
	const struct lab_network *net = &o->lab->network;

	for (uint32_t n = 0; n < net->n_routers; n++) {
		const struct lab_router *r = &net->routers[n];
		char address[IP_TEXT], six[IP_TEXT], four[IP_TEXT], name[LAB_NAME_TEXT];

		text_printf(o->answer, "%s space %s port %u address %s customers %s %s",
			    lab_word(r->name, name, sizeof name), r->space,
			    o->lab->setup.first_port + n, ip_print(&r->address, address),
			    ip_print_prefix(&r->customers6, six),
			    ip_print_prefix(&r->customers4, four));
		add_sid(o->answer, "dt6", r->service6);
		add_sid(o->answer, "dt4", r->service4);
		text_add(o->answer, r->stopped ? " stopped\n" : "\n");
	}
	return PCE_OK;
}

static enum pce_status
on_links(struct order *o)
{
	const struct lab_network *net = &o->lab->network;

	for (uint32_t k = 0; k < net->n_links; k++) {
		const struct lab_link *l = &net->links[k];
		struct wire_fault fault;
		struct wire_count count;
		char name[LAB_NAME_TEXT], from[LAB_NAME_TEXT], to[LAB_NAME_TEXT];

		wires_read(o->lab->wires, k, &fault, &count);
		text_printf(o->answer, "%s from %s to %s interface e%u %s",
			    lab_word(l->row->name, name, sizeof name),
			    lab_word(net->routers[l->row->from].name, from, sizeof from),
			    lab_word(net->routers[l->row->to].name, to, sizeof to), k,
			    lab_link_up(net, k) ? "up"
			    : l->cut            ? "cut"
						: "down");
		if (o->lab->silent[k])
			text_add(o->answer, " silent");
		if (fault.loss_ppm || fault.corrupt_ppm || fault.delay_us)
			text_printf(o->answer, " loss-ppm %u corrupt-ppm %u delay-us %u",
				    fault.loss_ppm, fault.corrupt_ppm, fault.delay_us);
		text_add(o->answer, "\n");
	}
	return PCE_OK;
}

static enum pce_status
on_counters(struct order *o)
{
	const struct lab_network *net = &o->lab->network;
	struct forward_count *counts = calloc(net->n_links + 1, sizeof *counts);
	enum pce_status status =
	    counts ? forward_count(&o->lab->forward, counts, o->err) : pce_no_memory(o->err);

	for (uint32_t k = 0; k < net->n_links && !status; k++) {
		struct wire_fault fault;
		struct wire_count twice;
		char name[LAB_NAME_TEXT];

		wires_read(o->lab->wires, k, &fault, &twice);
		text_printf(o->answer, "%s %llu %llu\n",
			    lab_word(net->links[k].row->name, name, sizeof name),
			    (unsigned long long)(counts[k].packets - twice.repeated),
			    (unsigned long long)(counts[k].octets - twice.repeated_octets));
	}
	free(counts);
	return status;
}

/* --- faults --- */

static enum pce_status
on_cut(struct order *o)
{
	uint32_t link;
	enum pce_status status = link_named(o, o->words[1], &link);

	return status ? status : lab_cut(o->lab, link, strcmp(o->words[2], "silent") == 0, o->err);
}

static enum pce_status
on_heal(struct order *o)
{
	uint32_t link;
	enum pce_status status = link_named(o, o->words[1], &link);

	return status ? status : lab_heal(o->lab, link, o->err);
}

static enum pce_status
on_impair(struct order *o)
{
	struct wire_fault fault;
	struct wire_count count;
	uint32_t link, value;
	enum pce_status status = link_named(o, o->words[1], &link);

	if (!status)
		status = number(o, o->words[2], &value);
	if (status)
		return status;
	wires_read(o->lab->wires, link, &fault, &count);
	if (strcmp(o->words[0], "loss") == 0)
		fault.loss_ppm = value;
	else if (strcmp(o->words[0], "corrupt") == 0)
		fault.corrupt_ppm = value;
	else
		fault.delay_us = value;
	if (fault.loss_ppm > 1000000 || fault.corrupt_ppm > 1000000)
		return pce_fail(o->err, PCE_INVALID, "at most 1000000 of a million");
	return lab_impair(o->lab, link, &fault, o->err);
}

static enum pce_status
on_router(struct order *o)
{
	uint32_t router;
	enum pce_status status = router_named(o, o->words[1], &router);

	if (status)
		return status;
	if (strcmp(o->words[0], "stop") == 0)
		return lab_stop_router(o->lab, router, o->err);
	return lab_start_router(o->lab, router, strcmp(o->words[2], "empty") == 0, o->err);
}

static enum pce_status
on_probe(struct order *o)
{
	uint32_t us;
	enum pce_status status = number(o, o->words[1], &us);

	if (status)
		return status;
	if (us > 0 && us < 1000)
		return pce_fail(o->err, PCE_INVALID, "no faster than a probe in 1000 us");
	o->lab->setup.probe_us = us;
	policies_set_probing(o->lab->policies, us);
	return PCE_OK;
}

/* --- traces --- */

static enum pce_status
answer_trace(struct order *o, uint32_t from, const struct ip_addr *destination, uint32_t to,
	     const char *packets)
{
	const struct lab_network *net = &o->lab->network;
	char name[LAB_NAME_TEXT], other[LAB_NAME_TEXT];
	struct trace_hop *hops;
	uint32_t count = 1;
	size_t n;
	enum pce_status status = packets[0] ? number(o, packets, &count) : PCE_OK;

	if (!status && (count == 0 || count > TRACE_MAX))
		status = pce_fail(o->err, PCE_INVALID, "1 to %d packets", TRACE_MAX);
	if (!status)
		status =
		    trace_run(net, o->lab->sites, from, destination, to, count, &hops, &n, o->err);
	if (status)
		return status;
	text_printf(o->answer, "from %s to %s\n",
		    lab_word(net->routers[from].name, name, sizeof name),
		    lab_word(net->routers[to].name, other, sizeof other));
	for (size_t i = 0; i < n; i++)
		text_printf(o->answer, "%u %lld %s\n", hops[i].packet, (long long)hops[i].at_us,
			    hops[i].link == LAB_NONE
				? "arrived"
				: lab_word(net->links[hops[i].link].row->name, name, sizeof name));
	free(hops);
	return PCE_OK;
}

static enum pce_status
trace_policy(struct order *o, const struct policies_name *name, const char *packets)
{
	struct policies_way way;

	if (!policies_find(o->lab->policies, name, &way))
		return pce_fail(o->err, PCE_NOT_FOUND,
				"no router holds that policy, or nothing is steered into it");
	return answer_trace(o, way.headend, &way.destination, way.endpoint, packets);
}

static enum pce_status
on_trace(struct order *o)
{
	const struct policies_name name = { .name = o->words[1] };

	return trace_policy(o, &name, o->words[2]);
}

/* By the key of the policy at its headend, which is all that a controller needs to know. */
static enum pce_status
on_trace_key(struct order *o)
{
	struct policies_name name = { .name = NULL };
	enum pce_status status = router_named(o, o->words[1], &name.headend);

	if (!status)
		status = number(o, o->words[2], &name.color);
	if (!status)
		status = ip_parse(o->words[3], &name.endpoint, o->err);
	return status ? status : trace_policy(o, &name, o->words[4]);
}

static enum pce_status
on_reach(struct order *o)
{
	struct ip_addr destination;
	uint32_t from, to;
	enum pce_status status = router_named(o, o->words[1], &from);

	if (!status)
		status = router_named(o, o->words[2], &to);
	if (!status)
		status = ip_parse(o->words[3], &destination, o->err);
	return status ? status : answer_trace(o, from, &destination, to, "");
}

/* --- the dispatcher --- */

static enum pce_status
on_netconf(struct order *o, const char *line)
{
	char *answer = NULL;
	enum pce_status status;

	if (o->lab->routers == NULL)
		return pce_fail(o->err, PCE_CONFLICT, "the lab runs without NETCONF servers");
	status = lab_routers_control(o->lab->routers, line, &answer, o->err);
	if (!status)
		text_printf(o->answer, "%s\n", answer);
	free(answer);
	return status;
}

enum pce_status
lab_control(struct lab *lab, const char *line, struct text *answer, struct pce_error *err)
{
	static const struct {
		const char *verb;
		enum pce_status (*run)(struct order *o);
	} verbs[] = {
		{ "status", on_status },  { "routers", on_routers },
		{ "links", on_links },    { "counters", on_counters },
		{ "cut", on_cut },        { "heal", on_heal },
		{ "loss", on_impair },    { "corrupt", on_impair },
		{ "delay", on_impair },   { "stop", on_router },
		{ "restart", on_router }, { "probe", on_probe },
		{ "trace", on_trace },    { "trace-key", on_trace_key },
		{ "reach", on_reach },
	};
	struct order o = { .lab = lab, .answer = answer, .err = err };

	sscanf(line, "%255s %255s %255s %255s %255s", o.words[0], o.words[1], o.words[2],
	       o.words[3], o.words[4]);
	for (size_t i = 1; i < 5; i++)
		lab_unword(o.words[i]);
	if (strcmp(o.words[0], "netconf") == 0)
		return on_netconf(&o, line + strlen("netconf"));
	for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++)
		if (strcmp(verbs[i].verb, o.words[0]) == 0)
			return verbs[i].run(&o);
	return pce_fail(err, PCE_INVALID, "the lab does not understand \"%s\"", o.words[0]);
}
