/* Typed reading of libyang's data nodes. Values are valid by schema here, so nothing can fail but
 * memory. */
#include <stdlib.h>
#include <string.h>

#include "models/codec/internal.h"
#include "pce/base/units.h"

const struct lyd_node *
read_child(const struct lyd_node *parent, const char *name)
{
	const struct lyd_node *child;

	LY_LIST_FOR(parent ? lyd_child(parent) : NULL, child)
	{
		if (strcmp(read_name(child), name) == 0)
			return child;
	}
	return NULL;
}

const char *
read_text(const struct lyd_node *parent, const char *name)
{
	const struct lyd_node *child = read_child(parent, name);

	return child ? lyd_get_value(child) : NULL;
}

uint64_t
read_number(const struct lyd_node *leaf)
{
	return strtoull(lyd_get_value(leaf), NULL, 10);
}

uint64_t
read_u64(const struct lyd_node *parent, const char *name, uint64_t otherwise)
{
	const struct lyd_node *child = read_child(parent, name);

	return child ? read_number(child) : otherwise;
}

enum pce_status
read_time(const struct lyd_node *parent, const char *name, int64_t *seconds, struct pce_error *err)
{
	const char *text = read_text(parent, name);
	time_t when = 0;

	if (!text)
		return PCE_OK;
	if (ly_time_str2time(text, &when, NULL) != LY_SUCCESS)
		return pce_fail(err, PCE_INVALID, "%s: %s is no time", name, text);
	*seconds = (int64_t)when;
	return PCE_OK;
}

bool
read_bool(const struct lyd_node *parent, const char *name, bool otherwise)
{
	const char *value = read_text(parent, name);

	return value ? strcmp(value, "true") == 0 : otherwise;
}

struct ip_addr
read_addr(const struct lyd_node *parent, const char *name)
{
	struct ip_addr addr = { 0 };
	const char *value = read_text(parent, name);

	if (value)
		(void)ip_parse(value, &addr, NULL);
	return addr;
}

void
read_sid(const struct lyd_node *leaf, uint8_t out[16])
{
	struct ip_addr addr = { 0 };

	(void)ip_parse(lyd_get_value(leaf), &addr, NULL);
	memcpy(out, addr.octets, 16);
}

uint64_t
read_unavailability(const struct lyd_node *leaf)
{
	uint64_t ppt = 0;

	(void)units_parse_availability(lyd_get_value(leaf), &ppt, NULL);
	return ppt;
}

const char *
read_copy(struct arena *arena, const char *text, bool *bad)
{
	const char *copy = text ? arena_strdup(arena, text) : NULL;

	if (text && !copy)
		*bad = true;
	return copy;
}

size_t
read_count(const struct lyd_node *parent, const char *name)
{
	const struct lyd_node *child;
	size_t n = 0;

	LY_LIST_FOR(parent ? lyd_child(parent) : NULL, child)
	{
		if (strcmp(read_name(child), name) == 0)
			n++;
	}
	return n;
}

const char *const *
read_strings(const struct lyd_node *parent, const char *name, struct arena *arena, size_t *n,
	     bool *bad)
{
	const struct lyd_node *child;
	const char **out;
	size_t count = read_count(parent, name), i = 0;

	*n = 0;
	if (count == 0)
		return NULL;
	out = arena_alloc(arena, count * sizeof(*out));
	if (!out) {
		*bad = true;
		return NULL;
	}
	LY_LIST_FOR(lyd_child(parent), child)
	{
		if (strcmp(read_name(child), name) == 0)
			out[i++] = read_copy(arena, lyd_get_value(child), bad);
	}
	*n = count;
	return out;
}
