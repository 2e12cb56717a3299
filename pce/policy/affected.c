#include "pce/policy/affected.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pce/base/array.h"
#include "pce/segment/replay.h"

void
affected_free(struct affected_index *index)
{
	for (size_t i = 0; i < index->n; i++)
		free(index->rows[i].slots);
	free(index->rows);
	*index = (struct affected_index){ 0 };
}

static size_t
place_of(const struct affected_row *row, uint32_t slot)
{
	size_t low = 0, high = row->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (row->slots[middle] < slot)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static enum pce_status
make_row(struct affected_index *index, ted_link link, struct pce_error *err)
{
	enum pce_status status;

	if (link < index->n)
		return PCE_OK;
	status =
	    array_reserve(&index->rows, &index->cap, (size_t)link + 1, sizeof(*index->rows), err);
	if (status)
		return status;
	memset(&index->rows[index->n], 0, (link + 1 - index->n) * sizeof(*index->rows));
	index->n = (size_t)link + 1;
	return PCE_OK;
}

enum pce_status
affected_add(struct affected_index *index, ted_link link, uint32_t slot, struct pce_error *err)
{
	enum pce_status status = make_row(index, link, err);
	struct affected_row *row;
	size_t at;

	if (status)
		return status;
	row = &index->rows[link];
	at = place_of(row, slot);
	if (at < row->n && row->slots[at] == slot)
		return PCE_OK;
	status = array_reserve(&row->slots, &row->cap, row->n + 1, sizeof(*row->slots), err);
	if (status)
		return status;
	memmove(&row->slots[at + 1], &row->slots[at], (row->n - at) * sizeof(*row->slots));
	row->slots[at] = slot;
	row->n++;
	return PCE_OK;
}

void
affected_remove(struct affected_index *index, ted_link link, uint32_t slot)
{
	struct affected_row *row = link < index->n ? &index->rows[link] : NULL;
	size_t at = row ? place_of(row, slot) : 0;

	if (!row || at >= row->n || row->slots[at] != slot)
		return;
	row->n--;
	memmove(&row->slots[at], &row->slots[at + 1], (row->n - at) * sizeof(*row->slots));
}

const uint32_t *
affected_on(const struct affected_index *index, ted_link link, size_t *n)
{
	*n = link < index->n ? index->rows[link].n : 0;
	return *n ? index->rows[link].slots : NULL;
}

/* Bits that say nothing about the object itself: its feed is gone, or its ends say more. */
#define MERELY_UNKNOWN ((uint32_t)TED_UNUSABLE_UNKNOWN)
#define BY_ITS_ENDS ((uint32_t)TED_UNUSABLE_ENDPOINT)

static bool
node_lost(const struct ted *ted, ted_node node)
{
	return (ted_node_at(ted, node)->unusable & ~MERELY_UNKNOWN) != 0;
}

bool
affected_link_lost(const struct ted *ted, ted_link link)
{
	const struct ted_link_row *row = ted_link_at(ted, link);

	if (row->unusable & ~(MERELY_UNKNOWN | BY_ITS_ENDS))
		return true;
	return node_lost(ted, row->from) || node_lost(ted, row->to);
}

/* Whether the route is whole; the first thing that speaks against it decides. */
static enum affected_verdict
judge_route(const struct ted *ted, const struct affected_route *route, bool all_known, char *text,
	    size_t cap)
{
	bool unknown = false;

	for (size_t i = 0; i < route->n + route->n_branches; i++) {
		ted_link link = route->links[i];
		const struct ted_link_row *row;

		if (link == TED_NONE && all_known) {
			snprintf(text, cap, "a link of the path exists no more");
			return AFFECTED_LOST;
		}
		if (link == TED_NONE) {
			unknown = true;
			continue;
		}
		row = ted_link_at(ted, link);
		if (affected_link_lost(ted, link)) {
			snprintf(text, cap, "link %s is lost", row->name);
			return AFFECTED_LOST;
		}
		unknown = unknown || !ted_link_usable(ted, link);
		if (i + 1 < route->n && ted_node_at(ted, row->to)->overload) {
			snprintf(text, cap, "node %s is overloaded and carries no transit",
				 ted_node_at(ted, row->to)->name);
			return AFFECTED_OVERLOADED;
		}
	}
	if (unknown)
		snprintf(text, cap, "a link of the path is not known now");
	return unknown ? AFFECTED_UNKNOWN : AFFECTED_STANDS;
}

/* Forwards along a list; a packet that has branches may use them. */
static enum pce_status
replay_list(const struct ted *ted, ted_node headend, const struct srpolicy_list *list,
	    const struct affected_route *route, bool *same, char why[256], struct pce_error *err)
{
	const struct replay_expected expected = { route->links, route->links + route->n, route->n,
						  route->n_branches };

	if (route->n_branches)
		return replay_spreads(ted, headend, list->sids, list->n_sids, NULL, 0, &expected,
				      same, why, 256, err);
	return replay_matches(ted, headend, list->sids, list->n_sids, NULL, 0, route->links,
			      route->n, same, why, 256, err);
}

enum pce_status
affected_judge(const struct ted *ted, ted_node headend, const struct srpolicy_list *list,
	       const struct affected_route *route, unsigned ask, enum affected_verdict *out,
	       char *text, size_t cap, struct pce_error *err)
{
	bool replay = (ask & AFFECTED_REPLAY) != 0, all_known = (ask & AFFECTED_ALL_KNOWN) != 0;
	enum affected_verdict verdict = judge_route(ted, route, all_known, text, cap);
	char why[256] = "";

	if (replay && verdict == AFFECTED_STANDS) {
		bool same;
		enum pce_status status = replay_list(ted, headend, list, route, &same, why, err);

		if (status)
			return status;
		if (!same) {
			verdict = AFFECTED_ASTRAY;
			snprintf(text, cap, "its segment list leads elsewhere: %s", why);
		}
	}
	*out = verdict;
	return PCE_OK;
}
