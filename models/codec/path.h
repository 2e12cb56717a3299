/* Path computation and what-if questions: between structs and the operations of karst-path. */
#ifndef MODELS_CODEC_PATH_H
#define MODELS_CODEC_PATH_H

#include "models/codec/codec.h"
#include "pce/path/answer.h"
#include "pce/policy/intent.h"
#include "pce/segment/list.h"

/* A request for a path, by names. service_request_of makes a path_request out of `demand`; the rest
 * is for its fields of the same name. */
struct codec_path_request {
	struct intent demand; /* without id */
	uint32_t k; /* paths wanted, 1 by default */
	bool diverse;
	bool explain;
	uint64_t budget_labels, budget_bytes; /* 0: the default */
};

/*
 * Reads the input of compute-path, JSON or YAML, with or without {"karst-path:input": …} around it.
 * Strings belong to arena.
 */
enum pce_status codec_path_request_parse(const struct codec *codec, const char *text, size_t len,
					 struct arena *arena, struct codec_path_request *out,
					 struct pce_error *err);

/* Appends {"karst-path:input":{…}}: what parse reads. */
enum pce_status codec_path_request_print(const struct codec *codec,
					 const struct codec_path_request *request, struct text *out,
					 struct pce_error *err);

/* Names of rows: how an answer's numbers become text. */
struct codec_names {
	const char *(*node_name)(const void *ctx, uint32_t node);
	const char *(*link_name)(const void *ctx, uint32_t link);
	uint32_t (*link_from)(const void *ctx, uint32_t link);
	uint32_t (*link_to)(const void *ctx, uint32_t link);
	const void *ctx;
};

/* An answer with what belongs to it. */
struct codec_path_answer {
	const struct path_answer *answer;
	const struct segment_list *const *lists; /* one a route, an entry may be NULL; or NULL */
	bool explain; /* print why each route was chosen */
	struct codec_names names;
};

/* Appends {"karst-path:output":{…}}: the routes, or why there is none. */
enum pce_status codec_path_answer_print(const struct codec *codec,
					const struct codec_path_answer *answer, struct text *out,
					struct pce_error *err);

/* What-if answers, by names; strings and arrays are borrowed. */
struct codec_route {
	const char *const *nodes, *const *links;
	size_t n_nodes, n_links;
	uint64_t delay_us;
};
struct codec_moved {
	const char *intent, *from, *to;
	const char *role; /* "primary", "backup"; NULL: the only one */
	struct codec_route before, after;
};
struct codec_lost {
	const char *intent, *from, *to;
	enum path_reason reason;
	const char *text;
};
struct codec_fuller {
	const char *link;
	uint64_t capacity_bps; /* what can be booked in all */
	uint64_t before_bps, after_bps; /* booked */
};
struct codec_whatif_answer {
	const struct codec_moved *moved;
	size_t n_moved;
	const struct codec_lost *lost;
	size_t n_lost;
	const struct codec_fuller *fuller;
	size_t n_fuller;
};

/* Appends {"karst-path:whatif":{"moved":[…],"lost":[…],"fuller":[…]}}; the three lists are always
 * there. output: {"karst-path:output":…} instead, as RESTCONF wants it. */
enum pce_status codec_whatif_print(const struct codec *codec,
				   const struct codec_whatif_answer *answer, bool output,
				   struct text *out, struct pce_error *err);

/* What a what-if question lets fail. */
struct codec_whatif_request {
	struct name_list links, nodes, srlgs;
	uint32_t threshold_ppm;
};

/* Reads the input of whatif. Strings belong to arena. */
enum pce_status codec_whatif_request_parse(const struct codec *codec, const char *text, size_t len,
					   struct arena *arena, struct codec_whatif_request *out,
					   struct pce_error *err);

#endif
