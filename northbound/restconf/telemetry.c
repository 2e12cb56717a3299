/* What is measured: devices and links now, and the history of a link. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "models/codec/telemetry.h"
#include "northbound/restconf/internal.h"
#include "pce/base/array.h"

static enum pce_status
collect_devices(const struct north_options *o, struct codec_telemetry_device **out, size_t *n,
		struct pce_error *err)
{
	struct codec_telemetry_device device;
	size_t cap = 0;

	while (o->telemetry && o->telemetry->device(o->arg, *n, &device)) {
		enum pce_status status = array_reserve(out, &cap, *n + 1, sizeof(**out), err);

		if (status)
			return status;
		(*out)[(*n)++] = device;
	}
	return PCE_OK;
}

static enum pce_status
collect_links(const struct north_options *o, struct codec_telemetry_link **out, size_t *n,
	      struct pce_error *err)
{
	const struct ted *ted = service_view_ted(o->service);
	size_t cap = 0;

	for (ted_link i = 0; o->telemetry && i < ted_link_count(ted); i++) {
		const struct ted_link_row *row = ted_link_at(ted, i);
		struct codec_telemetry_link link = { .name = row->name,
						     .capacity_bps = row->capacity_bps };
		enum pce_status status;

		if (!ted_link_usable(ted, i) && row->unusable & TED_UNUSABLE_WITHDRAWN)
			continue;
		if (!o->telemetry->link(o->arg, i, &link))
			continue;
		status = array_reserve(out, &cap, *n + 1, sizeof(**out), err);
		if (status)
			return status;
		(*out)[(*n)++] = link;
	}
	return PCE_OK;
}

enum pce_status
telemetry_print(const struct north *north, struct text *out, struct pce_error *err)
{
	const struct north_options *o = &north->options;
	struct codec_telemetry_device *devices = NULL;
	struct codec_telemetry_link *links = NULL;
	size_t n_devices = 0, n_links = 0;
	enum pce_status status = collect_devices(o, &devices, &n_devices, err);

	if (status == PCE_OK)
		status = collect_links(o, &links, &n_links, err);
	if (status == PCE_OK)
		status =
		    codec_telemetry_print(o->codec, devices, n_devices, links, n_links, out, err);
	free(devices);
	free(links);
	return status;
}

void
api_telemetry(struct call *call)
{
	struct pce_error err = { 0 };
	struct text body = { 0 };

	if (!check_query(call, no_parameters))
		return;
	telemetry_print(call->north, &body, &err);
	reply_printed(call, &body, &err);
}

/* --- history --- */

struct buckets {
	struct codec_history_bucket *at;
	size_t n, cap;
	bool bad;
};

static void
take_bucket(void *ctx, const struct codec_history_bucket *bucket)
{
	struct buckets *b = ctx;

	if (array_reserve(&b->at, &b->cap, b->n + 1, sizeof(*b->at), NULL))
		b->bad = true;
	else
		b->at[b->n++] = *bucket;
}

static enum pce_status
find_link(const struct ted *ted, const char *name, ted_link *out, struct pce_error *err)
{
	ted_link *links = NULL;
	size_t n = 0, cap = 0;
	enum pce_status status = ted_find_links(ted, name, &links, &n, &cap, err);

	if (status == PCE_OK && n != 1)
		status = pce_fail(err, PCE_INVALID, "%s is %zu links; name one", name, n);
	else if (status == PCE_OK)
		*out = links[0];
	free(links);
	return status;
}

static enum pce_status
history(const struct north_options *o, const struct codec_history_request *asked, struct text *body,
	struct pce_error *err)
{
	const struct ted *ted = service_view_ted(o->service);
	struct buckets buckets = { 0 };
	ted_link link = TED_NONE;
	enum pce_status status = find_link(ted, asked->link, &link, err);

	if (status)
		return status;
	if (!o->telemetry || !o->telemetry->history(o->arg, link, asked, take_bucket, &buckets))
		return pce_fail(err, PCE_NOT_FOUND, "nothing was ever measured of link %s",
				asked->link);
	status = buckets.bad ? pce_no_memory(err)
			     : codec_link_history_print(o->codec, ted_link_at(ted, link)->name,
							ted_link_at(ted, link)->capacity_bps,
							buckets.at, buckets.n, body, err);
	free(buckets.at);
	return status;
}

void
api_link_history(struct call *call)
{
	const struct north_options *o = &call->north->options;
	struct codec_history_request asked;
	struct pce_error err = { 0 };
	struct arena arena = { 0 };
	struct text body = { 0 };
	enum pce_status status;
	const char *text;
	size_t len;

	text = operation_body(call, &len);
	if (!text)
		return;
	status = codec_link_history_parse(o->codec, text, len, &arena, &asked, &err);
	if (status == PCE_OK)
		status = history(o, &asked, &body, &err);
	reply_printed(call, &body, &err);
	arena_free(&arena);
}

/* --- a policy's packets, hop by hop --- */

#define FAULTY_PPM 50000 /* more than samples of different instants explain */
#define LEAST_PER_KS 2000 /* with less a share means nothing */

/* The flow as routers name it. */
static void
name_flow(const struct ted *ted, const struct service_view_policy *view, char out[160])
{
	char endpoint[IP_TEXT], headend[IP_TEXT] = "";

	if (view->headend != TED_NONE)
		ip_print(&ted_node_at(ted, view->headend)->router_id_v6, headend);
	snprintf(out, 160, "%u %s %s", view->srpolicy->color,
		 ip_print(&view->srpolicy->endpoint, endpoint), headend);
}

/* What was lost since the last router that measures; weighted lists part the packets. */
static void
compare_hops(struct codec_policy_hop *hops, size_t n)
{
	const struct codec_policy_hop *before = NULL;

	for (size_t i = 0; i < n; i++) {
		struct codec_policy_hop *hop = &hops[i];

		if (!hop->measured)
			continue;
		if (before && before->packets_per_ks >= LEAST_PER_KS) {
			uint64_t lost = before->packets_per_ks > hop->packets_per_ks
					    ? before->packets_per_ks - hop->packets_per_ks
					    : 0;

			hop->has_lost = true;
			hop->lost_ppm =
			    (uint32_t)((unsigned __int128)lost * 1000000 / before->packets_per_ks);
			hop->faulty = hop->lost_ppm > FAULTY_PPM;
		}
		before = hop;
	}
}

static enum pce_status
hops_of(const struct north_options *o, const struct service_view_policy *view, struct arena *arena,
	struct codec_policy_hop **out, size_t *n, struct pce_error *err)
{
	const struct ted *ted = service_view_ted(o->service);
	size_t n_links = view->n_lists > 0 ? view->n_links[0] : 0;
	struct codec_policy_hop *hops = arena_alloc(arena, (n_links + 1) * sizeof(*hops));
	char name[160];

	if (!hops)
		return pce_no_memory(err);
	name_flow(ted, view, name);
	for (size_t i = 0; i <= n_links && n_links > 0; i++) {
		ted_link link = view->links[0][i > 0 ? i - 1 : 0];
		ted_node node;

		if (link == TED_NONE)
			return pce_fail(err, PCE_CONFLICT,
					"a link of policy %s is not known any more", view->id);
		node = i > 0 ? ted_link_at(ted, link)->to : ted_link_at(ted, link)->from;
		hops[i].node = ted_node_at(ted, node)->name;
		hops[i].link = i > 0 ? ted_link_at(ted, link)->name : NULL;
		hops[i].measured = o->telemetry->flow(o->arg, node, name, &hops[i].packets_per_ks);
	}
	*out = hops;
	*n = n_links > 0 ? n_links + 1 : 0;
	if (view->srpolicy->n_paths > 0 && view->srpolicy->paths[0].n_lists == 1)
		compare_hops(hops, *n);
	return PCE_OK;
}

void
api_policy_hops(struct call *call)
{
	const struct north_options *o = &call->north->options;
	struct service_view_policy view;
	struct codec_policy_hop *hops = NULL;
	const char *id = NULL, *text;
	struct pce_error err = { 0 };
	struct arena arena = { 0 };
	struct text body = { 0 };
	enum pce_status status;
	size_t len, n = 0;

	text = operation_body(call, &len);
	if (!text)
		return;
	status = codec_policy_hops_parse(o->codec, text, len, &arena, &id, &err);
	if (status == PCE_OK && !service_view_policy_by_id(o->service, id, &view))
		status = pce_fail(&err, PCE_NOT_FOUND, "there is no policy %s", id);
	if (status == PCE_OK && (!o->telemetry || !o->telemetry->flow))
		status = pce_fail(&err, PCE_NOT_FOUND, "nothing is measured");
	if (status == PCE_OK)
		status = hops_of(o, &view, &arena, &hops, &n, &err);
	if (status == PCE_OK)
		codec_policy_hops_print(o->codec, id, hops, n, &body, &err);
	reply_printed(call, &body, &err);
	arena_free(&arena);
}
