#include "pce/path/batch.h"

#include <stdatomic.h>
#include <stdlib.h>

#include "pce/path/engine.h"
#include "pce/path/like.h"
#include "pce/path/single.h"

/* A tree over buckets costs about as much as searches from both ends for one in so many of its
 * nodes; one over vectors ten times that. */
#define TREE_SHARE 200
#define TREE_SLOW_SHARE 20
#define TREE_LEAST 8
/* Trees are grown once in each part: a part is so large that this does not matter, and so small
 * that two threads can share a group. */
#define TREE_PARTS 8
#define PLAIN_PART 32 /* requests without a tree */

enum group { GROUP_TO, GROUP_FROM, GROUP_NONE };

/* A request in its place in the list of work. */
struct entry {
	const struct path_request *request;
	uint32_t number;
	uint32_t n_to, n_from; /* size of its groups */
	enum group group;
};

struct part {
	uint32_t first, n; /* entries */
	enum group group;
};

struct path_batch {
	const struct path_request *requests; /* borrowed */
	struct entry *entries;
	struct part *parts;
	size_t n_parts;
	bool at_any_cost; /* the caller said when a tree is to be grown */
	atomic_size_t next;
};

static int
rows(uint32_t a, uint32_t b)
{
	return (a > b) - (a < b);
}

static int
by_target(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;
	int apart = rows(x->request->to, y->request->to);

	if (!apart)
		apart = like_compare(x->request, y->request);
	return apart ? apart : rows(x->number, y->number);
}

static int
by_source(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;
	int apart = rows(x->request->from, y->request->from);

	if (!apart)
		apart = like_compare(x->request, y->request);
	return apart ? apart : rows(x->number, y->number);
}

static bool
in_one_group(const struct entry *a, const struct entry *b, enum group group)
{
	if (group == GROUP_TO ? a->request->to != b->request->to
			      : a->request->from != b->request->from)
		return false;
	return a->group == b->group && like_compare(a->request, b->request) == 0;
}

/* End of the group that begins at `first` in sorted entries. */
static uint32_t
group_end(const struct entry *entries, uint32_t first, uint32_t n, enum group group)
{
	uint32_t end = first + 1;

	while (end < n && in_one_group(&entries[first], &entries[end], group))
		end++;
	return end;
}

/* Counts the groups by one end, which the entries are sorted by. */
static void
count_groups(struct entry *entries, uint32_t n, enum group group)
{
	for (uint32_t first = 0, end; first < n; first = end) {
		end = group_end(entries, first, n, group);
		for (uint32_t i = first; i < end; i++)
			if (group == GROUP_TO)
				entries[i].n_to = end - first;
			else
				entries[i].n_from = end - first;
	}
}

/* The larger group of the two that a request is in. */
static enum group
choose(const struct entry *entry, uint32_t tree_from)
{
	uint32_t largest = entry->n_to > entry->n_from ? entry->n_to : entry->n_from;

	if (largest < tree_from || !common_may_serve(entry->request))
		return GROUP_NONE;
	return entry->n_to >= entry->n_from ? GROUP_TO : GROUP_FROM;
}

static int
by_group(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;

	if (x->group != y->group)
		return x->group < y->group ? -1 : 1;
	return x->group == GROUP_FROM ? by_source(a, b) : by_target(a, b);
}

static void
add_parts(struct path_batch *batch, uint32_t first, uint32_t end, enum group group, uint32_t most)
{
	while (first < end) {
		uint32_t n = end - first < most ? end - first : most;

		batch->parts[batch->n_parts++] = (struct part){ first, n, group };
		first += n;
	}
}

/* What is left of a group when its members went to larger ones may be too small for a tree. */
static void
cut(struct path_batch *batch, uint32_t n, uint32_t tree_from)
{
	const struct entry *entries = batch->entries;
	uint32_t first = 0, end;

	for (; first < n && entries[first].group != GROUP_NONE; first = end) {
		enum group group = entries[first].group;

		end = group_end(entries, first, n, group);
		if (end - first < tree_from)
			group = GROUP_NONE;
		add_parts(batch, first, end, group, TREE_PARTS * tree_from);
	}
	add_parts(batch, first, n, GROUP_NONE, PLAIN_PART);
}

static void
sort(struct path_batch *batch, const struct path_request *requests, uint32_t n, uint32_t tree_from)
{
	struct entry *entries = batch->entries;

	for (uint32_t i = 0; i < n; i++)
		entries[i] = (struct entry){ &requests[i], i, 0, 0, GROUP_NONE };
	qsort(entries, n, sizeof(*entries), by_source);
	count_groups(entries, n, GROUP_FROM);
	qsort(entries, n, sizeof(*entries), by_target);
	count_groups(entries, n, GROUP_TO);
	for (uint32_t i = 0; i < n; i++)
		entries[i].group = choose(&entries[i], tree_from);
	qsort(entries, n, sizeof(*entries), by_group);
	cut(batch, n, tree_from);
}

enum pce_status
path_batch_new(const struct path_request *requests, size_t n, uint32_t n_nodes, uint32_t tree_from,
	       struct path_batch **out, struct pce_error *err)
{
	struct path_batch *batch;

	if (n > UINT32_MAX)
		return pce_fail(err, PCE_LIMIT, "%zu requests are too many for one batch", n);
	batch = calloc(1, sizeof(*batch));
	if (batch) {
		batch->entries = calloc(n + 1, sizeof(*batch->entries));
		batch->parts = calloc(n + 1, sizeof(*batch->parts));
	}
	if (!batch || !batch->entries || !batch->parts) {
		path_batch_free(batch);
		return pce_no_memory(err);
	}
	batch->at_any_cost = tree_from > 0;
	if (tree_from == 0)
		tree_from = TREE_LEAST + n_nodes / TREE_SHARE;
	batch->requests = requests;
	sort(batch, requests, (uint32_t)n, tree_from);
	*out = batch;
	return PCE_OK;
}

void
path_batch_free(struct path_batch *batch)
{
	if (!batch)
		return;
	free(batch->entries);
	free(batch->parts);
	free(batch);
}

/* Without memory for a tree there is none, and the answers are the same. */
static void
grow_tree(const struct path_batch *batch, const struct part *part, struct path_engine *e)
{
	const struct path_request *model = batch->entries[part->first].request;
	struct task task;

	if (engine_check(e, model, NULL) || filter_set(&e->filter, model, CONSTRAINTS_ALL, NULL))
		return;
	task_set(&task, e, model, CONSTRAINTS_ALL);
	if (batch->at_any_cost || common_is_quick(&e->filter, &task.order) ||
	    part->n >= e->graph->n_nodes / TREE_SLOW_SHARE)
		(void)common_grow(&e->common, model,
				  part->group == GROUP_TO ? COMMON_TO : COMMON_FROM, &e->filter,
				  &task.order, NULL);
}

bool
path_batch_step(struct path_batch *batch, struct path_engine *engine, path_batch_visit *visit,
		void *ctx)
{
	size_t at = atomic_fetch_add(&batch->next, 1);
	const struct part *part;

	if (at >= batch->n_parts) {
		atomic_store(&batch->next, batch->n_parts); /* never comes round to 0 again */
		return false;
	}
	part = &batch->parts[at];
	if (part->group != GROUP_NONE)
		grow_tree(batch, part, engine);
	for (uint32_t i = part->first; i < part->first + part->n; i++)
		visit(ctx, engine, batch->entries[i].number);
	common_drop(&engine->common);
	return true;
}

struct answering {
	const struct path_request *first;
	struct path_batch_result *results;
};

static void
answer_one(void *ctx, struct path_engine *engine, size_t number)
{
	const struct answering *a = ctx;
	struct path_batch_result *result = &a->results[number];

	result->status = path_compute(engine, &a->first[number], &result->answer, &result->error);
	result->answer.settled = 0;
}

void
path_batch_answer(struct path_batch *batch, struct path_engine *engine,
		  struct path_batch_result *results)
{
	struct answering a = { batch->requests, results };

	while (path_batch_step(batch, engine, answer_one, &a))
		;
}

void
path_batch_results_free(struct path_batch_result *results, size_t n)
{
	for (size_t i = 0; i < n; i++)
		path_answer_free(&results[i].answer);
}
