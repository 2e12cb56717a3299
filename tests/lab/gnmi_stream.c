/*
 * Subscriptions (gNMI specification, section 3.5). A stream is asked for its next message whenever
 * it may send one, which is how it is held back: what is due while a message is under way is
 * sampled when it left, and a change that was not told yet is a difference from what was told, so
 * no change is lost, only what came between two messages.
 *
 * For ON_CHANGE the values that were told last are kept, and compared when the router says that
 * something changed (its version), or else once a second.
 */
#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>

#include "tests/lab/gnmi_internal.h"

#define SUBSCRIPTIONS_MAX 256
#define UPDATES_MAX 1000 /* of one message */
#define LEAST_US (50 * (int64_t)USEC_PER_MS) /* between samples */
#define RECHECK_US USEC_PER_S
#define DEFAULT_US USEC_PER_S /* where the target chooses */
#define LONGEST_NS (366 * (uint64_t)86400 * 1000000000)

/* What was told of one leaf. */
struct told {
	char *path, *value;
	struct gtree_node *node; /* of the tree at hand only */
};

struct snapshot {
	struct arena arena;
	struct told *at;
	size_t n, cap;
};

struct subscription {
	struct gnmi_path path;
	bool on_change, suppress;
	int64_t interval_us, heartbeat_us; /* heartbeat 0: none */
	struct usec due, beat;
	uint64_t version; /* of the router, when changes were looked for */
	struct snapshot told;
};

struct gnmi_stream_state {
	struct lab_routers *all;
	struct router *router;
	struct arena arena; /* of paths and target */
	const char *target;
	Gnmi__Encoding encoding;
	Gnmi__SubscriptionList__Mode mode;
	bool updates_only;
	struct subscription *subs;
	size_t n;
	bool initial; /* everything is to be told */
	bool sync; /* and that it was */
	/* messages that are made and wait */
	grpc_byte_buffer **waiting;
	size_t n_waiting, waiting_cap, first;
};

/* --- what is asked --- */

static enum pce_status
nanoseconds(uint64_t ns, int64_t *out_us, struct pce_error *err)
{
	if (ns > LONGEST_NS)
		return pce_fail(err, PCE_INVALID, "an interval is longer than a year");
	*out_us = (int64_t)(ns / 1000);
	return PCE_OK;
}

static enum pce_status
read_subscription(struct gnmi_stream_state *s, const Gnmi__SubscriptionList *list,
		  const Gnmi__Subscription *from, struct subscription *out, struct pce_error *err)
{
	enum pce_status status = gnmi_join(list->prefix, from->path, &s->arena, &out->path, err);

	if (!status)
		status = nanoseconds(from->sample_interval, &out->interval_us, err);
	if (!status)
		status = nanoseconds(from->heartbeat_interval, &out->heartbeat_us, err);
	if (status)
		return status;
	if ((unsigned)from->mode > GNMI__SUBSCRIPTION_MODE__SAMPLE)
		return pce_fail(err, PCE_INVALID, "mode %d of a subscription is none",
				(int)from->mode);
	out->on_change = from->mode == GNMI__SUBSCRIPTION_MODE__ON_CHANGE;
	/* What is measured is sampled, the rest told when it changes. */
	if (from->mode == GNMI__SUBSCRIPTION_MODE__TARGET_DEFINED)
		out->on_change = gnmi_parts(&out->path) == GNMI_PART_POLICIES;
	out->suppress = from->suppress_redundant;
	if (out->interval_us == 0)
		out->interval_us = DEFAULT_US;
	if (out->interval_us < LEAST_US)
		out->interval_us = LEAST_US;
	return PCE_OK;
}

static enum pce_status
read_list(struct gnmi_stream_state *s, const Gnmi__SubscriptionList *list, struct pce_error *err)
{
	enum pce_status status = PCE_OK;

	if (!gnmi_speaks(list->encoding))
		return pce_fail(err, PCE_UNSUPPORTED, "encoding %d is not spoken",
				(int)list->encoding);
	if ((unsigned)list->mode > GNMI__SUBSCRIPTION_LIST__MODE__POLL)
		return pce_fail(err, PCE_INVALID, "mode %d is none", (int)list->mode);
	if (list->n_subscription > SUBSCRIPTIONS_MAX)
		return pce_fail(err, PCE_LIMIT, "more than %d subscriptions", SUBSCRIPTIONS_MAX);
	s->subs = calloc(list->n_subscription + 1, sizeof *s->subs);
	s->target = arena_strdup(&s->arena, gnmi_target(list->prefix));
	if (s->subs == NULL || s->target == NULL)
		return pce_no_memory(err);
	for (; s->n < list->n_subscription && !status; s->n++)
		status = read_subscription(s, list, list->subscription[s->n], &s->subs[s->n], err);
	return status;
}

enum pce_status
gnmi_stream_new(struct lab_routers *all, struct router *r, const Gnmi__SubscriptionList *list,
		struct gnmi_stream_state **out, struct pce_error *err)
{
	struct gnmi_stream_state *s = calloc(1, sizeof *s);
	enum pce_status status;

	if (s == NULL)
		return pce_no_memory(err);
	s->all = all;
	s->router = r;
	s->encoding = list->encoding;
	s->mode = list->mode;
	s->updates_only = list->updates_only;
	s->initial = true;
	status = read_list(s, list, err);
	if (status)
		gnmi_stream_free(s);
	else
		*out = s;
	return status;
}

static void
snapshot_free(struct snapshot *s)
{
	arena_free(&s->arena);
	free(s->at);
	*s = (struct snapshot){ 0 };
}

void
gnmi_stream_free(struct gnmi_stream_state *s)
{
	if (s == NULL)
		return;
	for (size_t i = 0; s->subs != NULL && i < s->n; i++)
		snapshot_free(&s->subs[i].told);
	for (size_t i = s->first; i < s->n_waiting; i++)
		grpc_byte_buffer_destroy(s->waiting[i]);
	free(s->waiting);
	free(s->subs);
	arena_free(&s->arena);
	free(s);
}

bool
gnmi_stream_poll(struct gnmi_stream_state *s)
{
	if (s->mode != GNMI__SUBSCRIPTION_LIST__MODE__POLL)
		return false;
	s->initial = true;
	return true;
}

/* --- messages --- */

static bool
wait_in_line(struct gnmi_stream_state *s, const Gnmi__SubscribeResponse *response)
{
	size_t len = gnmi__subscribe_response__get_packed_size(response);
	uint8_t *bytes;

	if (s->n_waiting == s->waiting_cap) {
		size_t cap = s->waiting_cap * 2 + 8;
		grpc_byte_buffer **grown = realloc(s->waiting, cap * sizeof *grown);

		if (grown == NULL)
			return false;
		s->waiting = grown;
		s->waiting_cap = cap;
	}
	bytes = malloc(len + 1);
	if (bytes == NULL)
		return false;
	gnmi__subscribe_response__pack(response, bytes);
	s->waiting[s->n_waiting++] = gnmi_buffer(bytes, len);
	free(bytes);
	return true;
}

static void
say_sync(struct gnmi_stream_state *s)
{
	Gnmi__SubscribeResponse response = GNMI__SUBSCRIBE_RESPONSE__INIT;

	response.response_case = GNMI__SUBSCRIBE_RESPONSE__RESPONSE_SYNC_RESPONSE;
	response.sync_response = true;
	if (wait_in_line(s, &response))
		s->sync = true;
}

/* What is gathered for one notification. */
struct batch {
	struct gnmi_stream_state *s;
	struct arena arena;
	Gnmi__Update *updates[UPDATES_MAX];
	Gnmi__Path *deletes[UPDATES_MAX];
	size_t n, n_deletes;
	bool mute; /* nothing is to be said, only to be remembered */
	bool failed;
};

static void
flush(struct batch *b)
{
	Gnmi__SubscribeResponse response = GNMI__SUBSCRIBE_RESPONSE__INIT;
	Gnmi__Notification n = GNMI__NOTIFICATION__INIT;

	if (b->n + b->n_deletes > 0 && !b->mute) {
		n.timestamp = gnmi_time();
		n.update = b->updates;
		n.n_update = b->n;
		n.delete_ = b->deletes;
		n.n_delete_ = b->n_deletes;
		n.prefix = *b->s->target ? gnmi_prefix(b->s->target, &b->arena) : NULL;
		response.response_case = GNMI__SUBSCRIBE_RESPONSE__RESPONSE_UPDATE;
		response.update = &n;
		b->failed = !wait_in_line(b->s, &response) || b->failed;
	}
	b->n = b->n_deletes = 0;
	arena_free(&b->arena);
}

static void
add_leaf(void *ctx, struct gtree_node *leaf)
{
	struct batch *b = ctx;
	Gnmi__Update *update = gnmi_update(leaf, b->s->encoding, &b->arena);

	if (update == NULL) {
		b->failed = true;
		return;
	}
	b->updates[b->n++] = update;
	if (b->n == UPDATES_MAX)
		flush(b);
}

static void
add_deleted(struct batch *b, const char *text)
{
	struct gnmi_path path;
	Gnmi__Path *message = gnmi_path_parse(text, &b->arena, &path, NULL)
				  ? NULL
				  : gnmi_path_message(&path, NULL, &b->arena);

	if (message == NULL)
		return;
	b->deletes[b->n_deletes++] = message;
	if (b->n_deletes == UPDATES_MAX)
		flush(b);
}

/* --- what was told --- */

static void
note_leaf(void *ctx, struct gtree_node *leaf)
{
	struct snapshot *s = ctx;
	struct gnmi_path path;
	struct text text = { 0 };

	if (s->n == s->cap) {
		size_t cap = s->cap * 2 + 32;
		struct told *grown = realloc(s->at, cap * sizeof *grown);

		if (grown == NULL)
			return;
		s->at = grown;
		s->cap = cap;
	}
	if (!gtree_path(leaf, &s->arena, &path))
		return;
	gnmi_path_print(&path, &text);
	s->at[s->n].path = arena_strdup(&s->arena, text_get(&text));
	s->at[s->n].value = arena_strdup(&s->arena, leaf->text);
	s->at[s->n].node = leaf;
	if (s->at[s->n].path != NULL && s->at[s->n].value != NULL)
		s->n++;
	text_free(&text);
}

static void
note_node(void *ctx, struct gtree_node *node)
{
	gtree_leaves(node, note_leaf, ctx);
}

static int
by_path(const void *a, const void *b)
{
	return strcmp(((const struct told *)a)->path, ((const struct told *)b)->path);
}

/* Tells what differs from what was told, or all that is there. */
static void
tell_changes(struct batch *b, struct subscription *sub, struct gtree *tree, bool all)
{
	struct snapshot now = { 0 };
	size_t i = 0, k = 0;

	gtree_match(tree, &sub->path, note_node, &now);
	if (now.n > 0)
		qsort(now.at, now.n, sizeof *now.at, by_path);
	while (i < now.n || k < sub->told.n) {
		int order = i == now.n         ? 1
			    : k == sub->told.n ? -1
					       : by_path(&now.at[i], &sub->told.at[k]);

		if (order > 0)
			add_deleted(b, sub->told.at[k].path);
		else if (all || order < 0 || strcmp(now.at[i].value, sub->told.at[k].value) != 0)
			add_leaf(b, now.at[i].node);
		i += order <= 0;
		k += order >= 0;
	}
	snapshot_free(&sub->told);
	sub->told = now;
}

static void
tell_node(void *ctx, struct gtree_node *node)
{
	gtree_leaves(node, add_leaf, ctx);
}

static void
tell(struct batch *b, struct subscription *sub, struct gtree *tree, bool all)
{
	if (sub->on_change || sub->suppress)
		tell_changes(b, sub, tree, all);
	else
		gtree_match(tree, &sub->path, tell_node, b);
}

/* --- time --- */

static void
set_times(struct subscription *sub, struct usec now, bool beat)
{
	int64_t period = sub->on_change ? RECHECK_US : sub->interval_us;

	/* A rhythm that was lost begins anew. */
	sub->due = usec_add(sub->due, period);
	if (usec_due(sub->due, now))
		sub->due = usec_add(now, period);
	if (beat || sub->beat.v == 0)
		sub->beat = sub->heartbeat_us ? usec_add(now, sub->heartbeat_us) : USEC_NEVER;
}

static bool
is_due(const struct subscription *sub, struct usec now, uint64_t version)
{
	return usec_due(sub->due, now) || usec_due(sub->beat, now) ||
	       (sub->on_change && sub->version != version);
}

static void
stream_round(struct gnmi_stream_state *s, struct usec now, bool all)
{
	uint64_t version = routers_version(s->all, s->router);
	struct gtree tree = { 0 };
	struct batch *b = NULL;
	unsigned parts = 0;

	for (size_t i = 0; i < s->n; i++)
		if (all || is_due(&s->subs[i], now, version))
			parts |= gnmi_parts(&s->subs[i].path);
	if (parts == 0)
		return;
	b = calloc(1, sizeof *b);
	if (b == NULL)
		return;
	b->s = s;
	b->mute = all && s->updates_only;
	if (gnmi_build(s->all, s->router, parts, &tree))
		for (size_t i = 0; i < s->n; i++) {
			struct subscription *sub = &s->subs[i];
			bool beat = usec_due(sub->beat, now) && sub->beat.v != 0;

			if (!all && !is_due(sub, now, version))
				continue;
			tell(b, sub, &tree, all || beat);
			sub->version = version;
			set_times(sub, now, beat);
		}
	flush(b);
	gtree_free(&tree);
	free(b);
}

static void
fill(struct gnmi_stream_state *s, struct usec now)
{
	if (s->initial) {
		s->initial = false;
		stream_round(s, now, true);
		say_sync(s);
	} else if (s->mode == GNMI__SUBSCRIPTION_LIST__MODE__STREAM) {
		stream_round(s, now, false);
	}
}

grpc_byte_buffer *
gnmi_stream_next(struct gnmi_stream_state *s, struct usec now, bool *end)
{
	if (s->first == s->n_waiting) {
		s->first = s->n_waiting = 0;
		if (s->sync && s->mode == GNMI__SUBSCRIPTION_LIST__MODE__ONCE) {
			*end = true;
			return NULL;
		}
		fill(s, now);
	}
	return s->first < s->n_waiting ? s->waiting[s->first++] : NULL;
}
