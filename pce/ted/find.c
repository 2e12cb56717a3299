/* Finding rows by what people and stores call them. */
#include <stdlib.h>
#include <string.h>

#include "pce/base/array.h"
#include "pce/ted/ted_internal.h"

#define SIMILAR_MAX 64 /* octets of a name that similarity looks at */

static char
fold(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static size_t
bounded_len(const char *s)
{
	size_t n = 0;

	while (n < SIMILAR_MAX && s[n])
		n++;
	return n;
}

/* Edits that turn a into b, without regard to case (Levenshtein 1965). */
static size_t
distance(const char *a, const char *b)
{
	size_t n = bounded_len(a), m = bounded_len(b);
	size_t row[SIMILAR_MAX + 1];

	for (size_t j = 0; j <= m; j++)
		row[j] = j;
	for (size_t i = 1; i <= n; i++) {
		size_t diagonal = row[0];

		row[0] = i;
		for (size_t j = 1; j <= m; j++) {
			size_t best = diagonal + (fold(a[i - 1]) != fold(b[j - 1]));

			if (row[j] + 1 < best)
				best = row[j] + 1;
			if (row[j - 1] + 1 < best)
				best = row[j - 1] + 1;
			diagonal = row[j];
			row[j] = best;
		}
	}
	return row[m];
}

/* The best of the names offered one by one. */
struct similar {
	const char *text, *name;
	size_t distance; /* what a better name has to be below */
};

static struct similar
similar_to(const char *text)
{
	return (struct similar){ text, NULL, strlen(text) / 3 + 2 };
}

static void
offer(struct similar *s, const char *name)
{
	size_t n = strlen(s->text), m = strlen(name), d;

	if ((n > m ? n - m : m - n) >= s->distance)
		return;
	d = distance(s->text, name);
	if (d < s->distance) {
		s->distance = d;
		s->name = name;
	}
}

static enum pce_status
not_found(const char *kind, const struct similar *s, struct pce_error *err)
{
	if (s->name)
		return pce_fail(err, PCE_NOT_FOUND, "no %s is called \"%s\"; did you mean \"%s\"?",
				kind, s->text, s->name);
	return pce_fail(err, PCE_NOT_FOUND, "no %s is called \"%s\"", kind, s->text);
}

static bool
is_router_id(const struct ted *ted, ted_node node, const char *text, const struct ip_addr *addr,
	     struct text *scratch)
{
	const struct ted_node_row *row = &node_cell(ted, node)->row;

	if (addr->family == IP_V4 && ip_compare(addr, &row->router_id_v4) == 0)
		return true;
	if (addr->family == IP_V6 && ip_compare(addr, &row->router_id_v6) == 0)
		return true;
	text_clear(scratch);
	key_print_router_id(ted->structure->node_keys[node]->bytes, scratch);
	return strcmp(text_get(scratch), text) == 0;
}

/* The node with this router id; a usable one before others, then the lowest rank. */
static ted_node
by_router_id(const struct ted *ted, const char *text)
{
	struct ip_addr addr = { 0 };
	struct text scratch = { 0 };
	ted_node found = TED_NONE;

	if (ip_parse(text, &addr, NULL))
		addr.family = IP_NONE;
	for (uint32_t i = 0; i < ted->nodes.count; i++) {
		ted_node node = ted->structure->node_order[i];
		const struct node_cell *cell = node_cell(ted, node);

		if (!cell->cell.known || !is_router_id(ted, node, text, &addr, &scratch))
			continue;
		if (found == TED_NONE)
			found = node;
		if (cell->row.unusable == 0) {
			found = node;
			break;
		}
	}
	text_free(&scratch);
	return found;
}

/* How many nodes have this label, up to 2; *found is the first, or TED_NONE. */
static unsigned
labelled(const struct ted *ted, const char *text, ted_node *found)
{
	unsigned n = 0;

	*found = TED_NONE;

	for (uint32_t i = 0; i < ted->nodes.count; i++) {
		const struct node_cell *cell = node_cell(ted, i);

		if (!cell->cell.known || !cell->row.label || strcmp(cell->row.label, text))
			continue;
		if (n++)
			return n;
		*found = i;
	}
	return n;
}

static ted_node
find_node(const struct ted *ted, const char *text)
{
	ted_node node = names_node(ted->names, text);
	ted_node by_label;

	if (node == TED_NONE)
		node = by_router_id(ted, text);
	if (node == TED_NONE && labelled(ted, text, &by_label) == 1)
		return by_label;
	return node;
}

enum pce_status
ted_find_node(const struct ted *ted, const char *text, ted_node *out, struct pce_error *err)
{
	ted_node node = find_node(ted, text);
	struct similar s = similar_to(text);

	if (node != TED_NONE) {
		*out = node;
		return PCE_OK;
	}
	if (labelled(ted, text, &node) > 1)
		return pce_fail(err, PCE_NOT_FOUND,
				"\"%s\" is the label of several nodes: give the name of one", text);
	for (uint32_t i = 0; i < ted->nodes.count; i++)
		if (node_cell(ted, ted->structure->node_order[i])->cell.known)
			offer(&s, ted->names->nodes.names[ted->structure->node_order[i]]);
	return not_found("node", &s, err);
}

/* The node called by the len octets at text. */
static enum pce_status
find_part(const struct ted *ted, const char *text, size_t len, ted_node *out, struct pce_error *err)
{
	char *part;
	enum pce_status status;

	for (; len > 0 && *text == ' '; len--)
		text++;
	while (len > 0 && text[len - 1] == ' ')
		len--;
	part = array_copy(text, len + 1);
	if (!part)
		return pce_no_memory(err);
	part[len] = '\0';
	status = ted_find_node(ted, part, out, err);
	free(part);
	return status;
}

/* Adds the links from one node to another. */
static enum pce_status
add_directed(const struct ted *ted, ted_node from, ted_node to, ted_link **links, size_t *n,
	     size_t *cap, struct pce_error *err)
{
	const struct structure *s = ted->structure;

	for (uint32_t i = s->out_start[from]; i < s->out_start[from + 1]; i++) {
		ted_link link = s->out[i];
		enum pce_status status;

		if (s->to[link] != to || !link_cell(ted, link)->cell.known)
			continue;
		status = array_reserve(links, cap, *n + 1, sizeof(**links), err);
		if (status)
			return status;
		(*links)[(*n)++] = link;
	}
	return PCE_OK;
}

static enum pce_status
add_between(const struct ted *ted, const char *text, const ted_node ends[2], ted_link **links,
	    size_t *n, size_t *cap, struct pce_error *err)
{
	size_t found = *n;
	enum pce_status status = add_directed(ted, ends[0], ends[1], links, &found, cap, err);

	if (!status)
		status = add_directed(ted, ends[1], ends[0], links, &found, cap, err);
	if (!status && found == *n)
		status = pce_fail(err, PCE_NOT_FOUND, "no link connects %s and %s (\"%s\")",
				  ted->names->nodes.names[ends[0]],
				  ted->names->nodes.names[ends[1]], text);
	if (!status)
		*n = found;
	return status;
}

/* Finds "A,B" at any comma where both sides name nodes; *comma tells whether there was one. */
static enum pce_status
find_between(const struct ted *ted, const char *text, ted_node ends[2], bool *comma,
	     struct pce_error *err)
{
	struct pce_error first = { 0 };
	enum pce_status status = PCE_NOT_FOUND;

	*comma = false;
	for (const char *at = strchr(text, ','); at && status; at = strchr(at + 1, ',')) {
		struct pce_error why;

		status = find_part(ted, text, (size_t)(at - text), &ends[0], &why);
		if (!status)
			status = find_part(ted, at + 1, strlen(at + 1), &ends[1], &why);
		if (status && !*comma)
			first = why;
		*comma = true;
	}
	if (status && *comma && err)
		*err = first;
	return status;
}

enum pce_status
ted_find_links(const struct ted *ted, const char *text, ted_link **links, size_t *n, size_t *cap,
	       struct pce_error *err)
{
	ted_link link = names_link(ted->names, text);
	struct similar s = similar_to(text);
	ted_node ends[2] = { TED_NONE, TED_NONE };
	enum pce_status status;
	bool comma;

	if (link != TED_NONE) {
		status = array_reserve(links, cap, *n + 1, sizeof(**links), err);
		if (!status)
			(*links)[(*n)++] = link;
		return status;
	}
	status = find_between(ted, text, ends, &comma, err);
	if (!status)
		return add_between(ted, text, ends, links, n, cap, err);
	if (comma)
		return status;
	for (uint32_t i = 0; i < ted->links.count; i++)
		if (link_cell(ted, ted->structure->link_order[i])->cell.known)
			offer(&s, ted->names->links.names[ted->structure->link_order[i]]);
	return not_found("link", &s, err);
}

/* Reads text as a whole decimal number of 32 bits. */
static bool
read_number(const char *text, uint32_t *out)
{
	uint64_t v = 0;
	const char *at = text;

	for (; *at >= '0' && *at <= '9' && v <= UINT32_MAX; at++)
		v = v * 10 + (uint64_t)(*at - '0');
	*out = (uint32_t)v;
	return at != text && !*at && v <= UINT32_MAX;
}

enum pce_status
ted_find_srlg(const struct ted *ted, const char *text, uint32_t *out, struct pce_error *err)
{
	const struct numbers *n = ted->numbers;
	struct similar s = similar_to(text);
	uint32_t number;

	for (size_t i = 0; i < n->n_srlgs; i++) {
		if (!n->srlgs[i].name)
			continue;
		if (strcmp(n->srlgs[i].name, text) == 0) {
			*out = n->srlgs[i].number;
			return PCE_OK;
		}
		offer(&s, n->srlgs[i].name);
	}
	if (!read_number(text, &number))
		return not_found("SRLG", &s, err);
	*out = number;
	return PCE_OK;
}

enum pce_status
ted_find_affinity(const struct ted *ted, const char *text, uint32_t *out_bit, struct pce_error *err)
{
	const struct numbers *n = ted->numbers;
	struct similar s = similar_to(text);
	uint32_t bit;

	for (size_t i = 0; i < n->n_affinities; i++) {
		if (strcmp(n->affinities[i].name, text) == 0) {
			*out_bit = n->affinities[i].bit;
			return PCE_OK;
		}
		offer(&s, n->affinities[i].name);
	}
	if (!read_number(text, &bit))
		return not_found("affinity", &s, err);
	*out_bit = bit;
	return PCE_OK;
}

const char *
ted_affinity_name(const struct ted *ted, uint32_t bit)
{
	const struct numbers *n = ted->numbers;

	for (size_t i = 0; i < n->n_affinities; i++)
		if (n->affinities[i].bit == bit)
			return n->affinities[i].name;
	return NULL;
}

const char *
ted_link_key_text(const struct ted *ted, ted_link link)
{
	return ted->structure->link_keys[link]->text;
}

const char *
ted_node_key_text(const struct ted *ted, ted_node node)
{
	return ted->structure->node_keys[node]->text;
}

void
ted_link_key_of(const struct ted *ted, ted_link link, struct ted_link_key *out,
		char name[TED_NAME_MAX + 1])
{
	key_link(ted->structure->link_keys[link]->bytes, out, name);
}

/* The row under key bytes, among rows sorted by key. */
static uint32_t
by_key(struct key *const *keys, const uint32_t *order, uint32_t n, const struct key_bytes *key)
{
	uint32_t low = 0, high = n;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		const struct key *other = keys[order[middle]];
		size_t len = other->len < key->len ? other->len : key->len;
		int sign = memcmp(other->bytes, key->at, len);

		if (sign == 0 && other->len == key->len)
			return order[middle];
		if (sign < 0 || (sign == 0 && other->len < key->len))
			low = middle + 1;
		else
			high = middle;
	}
	return TED_NONE;
}

ted_link
ted_link_by_key(const struct ted *ted, const char *key_text)
{
	const struct structure *s = ted->structure;
	struct key_bytes key;

	return key_parse_link(key_text, &key)
		   ? by_key(s->link_keys, s->link_order, s->n_links, &key)
		   : TED_NONE;
}

ted_node
ted_node_by_key(const struct ted *ted, const char *key_text)
{
	const struct structure *s = ted->structure;
	struct key_bytes key;

	return key_parse_node(key_text, &key)
		   ? by_key(s->node_keys, s->node_order, s->n_nodes, &key)
		   : TED_NONE;
}
