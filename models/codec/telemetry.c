#include "config.h"

#include "models/codec/telemetry.h"

#include <inttypes.h>
#include <stdio.h>

#include "models/codec/internal.h"

static void
emit_device(struct emit *e, const struct codec_telemetry_device *d)
{
	const struct {
		const char *name;
		uint64_t value;
	} counters[] = {
		{ "messages", d->messages },
		{ "octets", d->octets },
		{ "updates", d->updates },
		{ "unmapped", d->unmapped },
		{ "malformed", d->malformed },
		{ "bad-json", d->bad_json },
		{ "not-numbers", d->not_numbers },
		{ "duplicates", d->duplicates },
		{ "late", d->late },
		{ "early", d->early },
		{ "resets", d->resets },
		{ "wraps", d->wraps },
		{ "clock-set", d->clock_set },
		{ "too-many-objects", d->too_many_objects },
		{ "paused", d->paused },
		{ "streams", d->streams },
		{ "memory", d->memory },
	};

	emit_open(e, NULL, '{');
	emit_string(e, "name", d->name);
	emit_bool(e, "streaming", d->streaming);
	emit_string(e, "text", d->text);
	for (size_t i = 0; i < sizeof(counters) / sizeof(counters[0]); i++)
		emit_u64(e, counters[i].name, counters[i].value);
	emit_close(e, '}');
}

static void
emit_link(struct emit *e, const struct codec_telemetry_link *l)
{
	emit_open(e, NULL, '{');
	emit_string(e, "name", l->name);
	emit_string(e, "device", l->device);
	emit_string(e, "interface", l->interface);
	if (l->present & TELEMETRY_RATE) {
		emit_u64(e, "rate-bps", l->rate_bps);
		emit_u64(e, "last-rate-bps", l->last_rate_bps);
	}
	if (l->present & TELEMETRY_RATE && l->capacity_bps > 0)
		emit_u64(e, "utilization-ppm",
			 (uint64_t)((unsigned __int128)l->rate_bps * 1000000 / l->capacity_bps));
	if (l->present & TELEMETRY_DELAY)
		emit_u32(e, "delay-us", l->delay_us);
	if (l->present & TELEMETRY_LOSS)
		emit_u32(e, "loss-ppb", l->loss_ppb);
	if (l->present & TELEMETRY_OPER)
		emit_bool(e, "oper-down", l->oper_down);
	if (l->age_us >= 0)
		emit_u64(e, "age-ms", (uint64_t)l->age_us / 1000);
	emit_close(e, '}');
}

enum pce_status
codec_telemetry_print(const struct codec *codec, const struct codec_telemetry_device *devices,
		      size_t n_devices, const struct codec_telemetry_link *links, size_t n_links,
		      struct text *out, struct pce_error *err)
{
	struct emit e = { 0 };

	emit_open(&e, NULL, '{');
	emit_open(&e, "karst-telemetry:telemetry", '{');
	emit_open(&e, "device", '[');
	for (size_t i = 0; i < n_devices; i++)
		emit_device(&e, &devices[i]);
	emit_close(&e, ']');
	emit_open(&e, "link", '[');
	for (size_t i = 0; i < n_links; i++)
		emit_link(&e, &links[i]);
	emit_close(&e, ']');
	emit_close(&e, '}');
	emit_close(&e, '}');
	return emit_finish(codec, &e, EMIT_DATA, NULL, out, err);
}

enum pce_status
codec_link_history_parse(const struct codec *codec, const char *text, size_t len,
			 struct arena *arena, struct codec_history_request *out,
			 struct pce_error *err)
{
	struct document doc = { 0 };
	struct codec_history_request request = { .to_s = INT64_MAX };
	bool bad = false;
	enum pce_status status =
	    document_parse_input(codec, text, len, "/karst-telemetry:link-history", &doc, err);

	if (status == PCE_OK) {
		request.link = read_copy(arena, read_text(doc.tree, "link"), &bad);
		request.step_s = (uint32_t)read_u64(doc.tree, "step-s", 0);
		status = read_time(doc.tree, "from", &request.from_s, err);
	}
	if (status == PCE_OK)
		status = read_time(doc.tree, "to", &request.to_s, err);
	document_free(&doc);
	if (status == PCE_OK && bad)
		status = pce_no_memory(err);
	if (status == PCE_OK)
		*out = request;
	return status;
}

static void
emit_bucket(struct emit *e, const struct codec_history_bucket *b)
{
	emit_open(e, NULL, '{');
	emit_time(e, "start", b->start_s * USEC_PER_S);
	emit_u32(e, "length-s", b->length_s);
	emit_u32(e, "samples", b->samples);
	if (b->samples > 0) {
		emit_u64(e, "min-bps", b->min_bps);
		emit_u64(e, "mean-bps", b->mean_bps);
		emit_u64(e, "max-bps", b->max_bps);
		emit_u64(e, "p95-bps", b->p95_bps);
	}
	if (b->has_delay)
		emit_u32(e, "delay-us", b->delay_us);
	if (b->has_loss)
		emit_u32(e, "loss-ppb", b->loss_ppb);
	emit_close(e, '}');
}

enum pce_status
codec_link_history_print(const struct codec *codec, const char *link, uint64_t capacity_bps,
			 const struct codec_history_bucket *buckets, size_t n, struct text *out,
			 struct pce_error *err)
{
	struct emit e = { 0 };

	emit_open(&e, NULL, '{');
	emit_open(&e, "karst-telemetry:link-history", '{');
	emit_string(&e, "link", link);
	if (capacity_bps > 0)
		emit_u64(&e, "capacity-bps", capacity_bps);
	emit_open(&e, "bucket", '[');
	for (size_t i = 0; i < n; i++)
		emit_bucket(&e, &buckets[i]);
	emit_close(&e, ']');
	emit_close(&e, '}');
	emit_close(&e, '}');
	return emit_finish(codec, &e, EMIT_OUTPUT, "/karst-telemetry:link-history", out, err);
}

/* --- a policy's packets, hop by hop --- */

enum pce_status
codec_policy_hops_parse(const struct codec *codec, const char *text, size_t len,
			struct arena *arena, const char **policy, struct pce_error *err)
{
	struct document doc = { 0 };
	bool bad = false;
	enum pce_status status =
	    document_parse_input(codec, text, len, "/karst-telemetry:policy-hops", &doc, err);

	if (status == PCE_OK)
		*policy = read_copy(arena, read_text(doc.tree, "policy"), &bad);
	document_free(&doc);
	return status == PCE_OK && bad ? pce_no_memory(err) : status;
}

static void
emit_hop(struct emit *e, const struct codec_policy_hop *hop, uint32_t index)
{
	char rate[32];

	snprintf(rate, sizeof(rate), "%" PRIu64 ".%03u", hop->packets_per_ks / 1000,
		 (unsigned)(hop->packets_per_ks % 1000));
	emit_open(e, NULL, '{');
	emit_u32(e, "index", index);
	emit_string(e, "node", hop->node);
	emit_string(e, "link", hop->link);
	if (hop->measured)
		emit_string(e, "packets-per-s", rate);
	if (hop->has_lost)
		emit_u32(e, "lost-ppm", hop->lost_ppm);
	if (hop->has_lost)
		emit_bool(e, "faulty", hop->faulty);
	emit_close(e, '}');
}

enum pce_status
codec_policy_hops_print(const struct codec *codec, const char *policy,
			const struct codec_policy_hop *hops, size_t n, struct text *out,
			struct pce_error *err)
{
	struct emit e = { 0 };

	emit_open(&e, NULL, '{');
	emit_open(&e, "karst-telemetry:policy-hops", '{');
	emit_string(&e, "policy", policy);
	emit_open(&e, "hop", '[');
	for (size_t i = 0; i < n; i++)
		emit_hop(&e, &hops[i], (uint32_t)i);
	emit_close(&e, ']');
	emit_close(&e, '}');
	emit_close(&e, '}');
	return emit_finish(codec, &e, EMIT_OUTPUT, "/karst-telemetry:policy-hops", out, err);
}
