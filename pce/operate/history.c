#include "pce/operate/history.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pce/base/array.h"
#include "pce/policy/copy.h"

struct policy_move *
policy_move_copy(struct arena *arena, const struct policy_move *move)
{
	struct copier c = { .arena = arena };
	struct policy_move *copy = copy_items(&c, move, 1, sizeof(*move));
	struct move_path *paths;

	if (!copy)
		return NULL;
	copy->cause = copy_text(&c, move->cause);
	copy->text = copy_text(&c, move->text);
	copy->gain.measure = copy_text(&c, move->gain.measure);
	copy->before = copy_texts(&c, move->before, move->n_before);
	paths = copy_items(&c, move->paths, move->n_paths, sizeof(*paths));
	for (size_t i = 0; paths && i < move->n_paths; i++)
		paths[i].links = copy_texts(&c, move->paths[i].links, move->paths[i].n_links);
	copy->paths = paths;
	return c.bad ? NULL : copy;
}

void
move_key(const char *policy_id, uint64_t number, char out[MOVE_KEY])
{
	snprintf(out, MOVE_KEY, "%s/%020" PRIu64, policy_id, number);
}

/* --- the log --- */

static void
kept_free(struct kept_move *kept)
{
	arena_free(&kept->arena);
	free(kept);
}

void
move_log_free(struct move_log *log)
{
	for (size_t i = 0; i < log->n; i++)
		kept_free(log->items[i]);
	free(log->items);
	free(log->gone);
	*log = (struct move_log){ 0 };
}

static void
drop_oldest(struct move_log *log, size_t most)
{
	size_t drop = log->n > most ? log->n - most : 0;

	for (size_t i = 0; i < drop; i++) {
		if (log->items[i]->written)
			log->gone[log->n_gone++] = log->items[i]->move->number;
		kept_free(log->items[i]);
	}
	log->n -= drop;
	if (drop > 0)
		memmove(log->items, log->items + drop, log->n * sizeof(log->items[0]));
}

enum pce_status
move_log_add(struct move_log *log, const struct policy_move *move, size_t most, bool dirty,
	     struct pce_error *err)
{
	struct kept_move *kept = calloc(1, sizeof(*kept));
	enum pce_status status = kept ? PCE_OK : pce_no_memory(err);

	if (status == PCE_OK)
		status =
		    array_reserve(&log->items, &log->cap, log->n + 1, sizeof(log->items[0]), err);
	if (status == PCE_OK)
		status = array_reserve(&log->gone, &log->cap_gone, log->n_gone + log->n + 1,
				       sizeof(log->gone[0]), err);
	if (status == PCE_OK) {
		kept->move = policy_move_copy(&kept->arena, move);
		if (!kept->move)
			status = pce_no_memory(err);
	}
	if (status) {
		if (kept)
			kept_free(kept);
		return status;
	}
	kept->dirty = dirty;
	kept->written = !dirty;
	log->items[log->n++] = kept;
	drop_oldest(log, most);
	return PCE_OK;
}

struct kept_move *
move_log_find(const struct move_log *log, uint64_t number)
{
	size_t low = 0, high = log->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (log->items[middle]->move->number == number)
			return log->items[middle];
		if (log->items[middle]->move->number < number)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

struct kept_move *
move_log_last(const struct move_log *log)
{
	return log->n > 0 ? log->items[log->n - 1] : NULL;
}

bool
move_log_is_dirty(const struct move_log *log)
{
	if (log->n_gone > 0)
		return true;
	for (size_t i = log->n; i > 0; i--)
		if (log->items[i - 1]->dirty)
			return true;
	return false;
}
