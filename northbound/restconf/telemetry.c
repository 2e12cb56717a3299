/* What is measured: devices and links now, and the history of a link. */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "models/codec/telemetry.h"
#include "northbound/restconf/internal.h"
#include "pce/base/array.h"

static const char *const no_parameters[] = { NULL };

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

	if (!check_query(call, no_parameters))
		return;
	text = json_body(call, &len);
	if (!text)
		return;
	status = codec_link_history_parse(o->codec, text, len, &arena, &asked, &err);
	if (status == PCE_OK)
		status = history(o, &asked, &body, &err);
	reply_printed(call, &body, &err);
	arena_free(&arena);
}
