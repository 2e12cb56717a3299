/* What is measured, between plain data and karst-telemetry. */
#ifndef MODELS_CODEC_TELEMETRY_H
#define MODELS_CODEC_TELEMETRY_H

#include "models/codec/codec.h"
#include "pce/base/arena.h"
#include "pce/base/text.h"
#include "pce/service/event.h"

struct codec_telemetry_device {
	const char *name, *text; /* text NULL: none */
	bool streaming;
	uint64_t messages, octets, updates, unmapped, malformed, bad_json, not_numbers, duplicates,
	    late, early, resets, wraps, clock_set, too_many_objects, paused, streams, memory;
};

struct codec_telemetry_link {
	const char *name, *device, *interface;
	uint32_t present; /* enum telemetry_field */
	uint64_t rate_bps, last_rate_bps;
	uint64_t capacity_bps; /* 0 not known */
	uint32_t delay_us, loss_ppb;
	bool oper_down;
	int64_t age_us; /* < 0: no rate yet */
};

struct codec_history_bucket {
	int64_t start_s; /* since 1970 */
	uint32_t length_s, samples;
	uint64_t min_bps, mean_bps, max_bps, p95_bps;
	bool has_delay, has_loss;
	uint32_t delay_us, loss_ppb;
};

struct codec_history_request {
	const char *link;
	int64_t from_s, to_s; /* 0 and INT64_MAX where not given */
	uint32_t step_s; /* 0 not given */
};

/* A router on the way of a policy. */
struct codec_policy_hop {
	const char *node, *link; /* link by which packets come; NULL at the headend */
	bool measured, has_lost, faulty;
	uint64_t packets_per_ks; /* that come in, in 1000 s */
	uint32_t lost_ppm; /* of those that came in at the hop before */
};

/* Appends {"karst-telemetry:telemetry":{…}}. */
enum pce_status codec_telemetry_print(const struct codec *codec,
				      const struct codec_telemetry_device *devices,
				      size_t n_devices, const struct codec_telemetry_link *links,
				      size_t n_links, struct text *out, struct pce_error *err);
/* Reads the input of link-history, JSON or YAML. Strings belong to arena. */
enum pce_status codec_link_history_parse(const struct codec *codec, const char *text, size_t len,
					 struct arena *arena, struct codec_history_request *out,
					 struct pce_error *err);
/* Appends the output of link-history. */
enum pce_status codec_link_history_print(const struct codec *codec, const char *link,
					 uint64_t capacity_bps,
					 const struct codec_history_bucket *buckets, size_t n,
					 struct text *out, struct pce_error *err);
/* Reads the input of policy-hops; the name of the policy is in arena. */
enum pce_status codec_policy_hops_parse(const struct codec *codec, const char *text, size_t len,
					struct arena *arena, const char **policy,
					struct pce_error *err);
/* Appends the output of policy-hops. */
enum pce_status codec_policy_hops_print(const struct codec *codec, const char *policy,
					const struct codec_policy_hop *hops, size_t n,
					struct text *out, struct pce_error *err);

#endif
