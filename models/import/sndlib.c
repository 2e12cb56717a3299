/*
 * SNDlib networks (sndlib.zib.de, format 1.0), native and XML. A link is undirected: a fibre with
 * two directions. Its capacity is what is installed before, or where nothing is, the largest module
 * that may be installed, which is an assumption and listed. Capacities have no unit in the format:
 * what META names, else Mbit/s. Costs, demands and admissible paths are left out.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "models/import/markup.h"
#include "models/import/readers.h"
#include "models/import/scan.h"

#define DEPTH 8 /* of parentheses in a section that is skipped */

static const char unit_words[] = "capacities are taken as Mbit/s";
static const char module_words[] =
    "nothing is installed; capacity-bps of the largest module is assumed";

/* The unit of capacities as a power of ten of bit/s. */
static int
exponent_of(const char *unit)
{
	static const struct {
		const char *name;
		int exponent;
	} units[] = { { "BITPERSEC", 0 },
		      { "KBITPERSEC", 3 },
		      { "MBITPERSEC", 6 },
		      { "GBITPERSEC", 9 },
		      { "TBITPERSEC", 12 } };

	for (size_t i = 0; unit && i < sizeof(units) / sizeof(units[0]); i++) {
		if (strcmp(units[i].name, unit) == 0)
			return units[i].exponent;
	}
	return -1;
}

/* Gives the next edge its capacity out of a number in the file's unit. */
static enum pce_status
give_capacity(struct draft *draft, const char *number, int exponent, unsigned line,
	      struct arena *arena)
{
	struct text bps = { 0 };
	char *copy;

	text_printf(&bps, "%se%d", number, exponent);
	copy = text_ok(&bps) ? arena_strdup(arena, text_get(&bps)) : NULL;
	text_free(&bps);
	if (!copy)
		return pce_no_memory(draft->err);
	draft_value(draft, false, "capacity-bps", copy, line);
	return PCE_OK;
}

/* What is known of a link's capacity: texts as in the file, NULL where there is none. */
struct capacity {
	const char *installed, *module;
};

static void
add_module(struct capacity *capacity, const char *number)
{
	if (number && strtod(number, NULL) > 0 &&
	    (!capacity->module || strtod(number, NULL) > strtod(capacity->module, NULL)))
		capacity->module = number;
}

static enum pce_status
put_capacity(struct draft *draft, const struct capacity *capacity, const char *name, int exponent,
	     unsigned line, struct arena *arena)
{
	const char *number = capacity->installed;
	char *end = NULL, reason[100];

	if (number && (strtod(number, &end), *end)) {
		snprintf(reason, sizeof(reason), "capacity %.40s is not a number", number);
		return draft_fail(draft, line, PCE_INVALID, "link", name, reason);
	}
	if (!number || strtod(number, NULL) == 0) {
		number = capacity->module;
		if (number)
			draft_note_assumed(draft, "link", name, module_words);
	}
	return number ? give_capacity(draft, number, exponent, line, arena) : PCE_OK;
}

static void
give_position(struct draft *draft, const char *name, const char *x, const char *y, unsigned line)
{
	double lon = strtod(x, NULL), lat = strtod(y, NULL);

	if (!(lon >= -180 && lon <= 180 && lat >= -90 && lat <= 90)) {
		draft_left_out(draft, "node", name, "a position that is not in degrees, left out");
		return;
	}
	draft_value(draft, true, "longitude", x, line);
	draft_value(draft, true, "latitude", y, line);
}

/* --- Native --- */

struct native {
	struct draft *draft;
	struct arena arena;
	struct scan scan;
	char *token; /* the one at hand, "" at the end */
	unsigned line; /* of the token */
	int exponent;
	bool has_unit;
};

static enum pce_status
fail(struct native *s, const char *reason)
{
	return draft_fail(s->draft, s->line, PCE_MALFORMED, "SNDlib file", "", reason);
}

/* The next token: a parenthesis, or a word. */
static enum pce_status
next(struct native *s)
{
	int c;

	for (scan_blanks(&s->scan); (c = scan_peek(&s->scan)) == '#' || c == '?';
	     scan_blanks(&s->scan))
		scan_line(&s->scan);
	s->line = s->scan.line;
	if (c == '(' || c == ')') {
		scan_take(&s->scan);
		s->token = arena_strdup(&s->arena, c == '(' ? "(" : ")");
	} else {
		s->token = scan_until(&s->scan, " \t\r\n()#", &s->arena);
		if (s->token && !*s->token && c >= 0)
			return fail(s, "a character that cannot stand here");
	}
	return s->token ? PCE_OK : pce_no_memory(s->draft->err);
}

static bool
at(const struct native *s, const char *token)
{
	return strcmp(s->token, token) == 0;
}

/* Takes a word into *out (NULL: it is not needed). */
static enum pce_status
take_word(struct native *s, const char **out)
{
	if (!*s->token || at(s, "(") || at(s, ")"))
		return fail(s, *s->token ? "a word is expected here" : "the text ends too early");
	if (out)
		*out = s->token;
	return next(s);
}

static enum pce_status
take(struct native *s, const char *token)
{
	if (!at(s, token))
		return fail(s, !*s->token      ? "the text ends too early"
			       : *token == '(' ? "( is expected here"
					       : ") is expected here");
	return next(s);
}

static enum pce_status
read_node(struct native *s)
{
	const char *name = NULL, *x = NULL, *y = NULL;
	unsigned line = s->line;
	enum pce_status status = take_word(s, &name);

	if (status == PCE_OK && at(s, "(")) {
		status = next(s);
		if (status == PCE_OK)
			status = take_word(s, &x);
		if (status == PCE_OK)
			status = take_word(s, &y);
		if (status == PCE_OK)
			status = take(s, ")");
		if (status == PCE_OK)
			give_position(s->draft, name, x, y, line);
	}
	return status == PCE_OK ? draft_node(s->draft, name, line) : status;
}

/* ( {capacity cost}* ) */
static enum pce_status
read_modules(struct native *s, struct capacity *capacity)
{
	enum pce_status status = take(s, "(");

	while (status == PCE_OK && !at(s, ")")) {
		const char *number = NULL;

		status = take_word(s, &number);
		if (status == PCE_OK)
			add_module(capacity, number);
		if (status == PCE_OK && !at(s, ")"))
			status = take_word(s, NULL);
	}
	return status == PCE_OK ? next(s) : status;
}

/* id ( source target ) installed cost routing-cost setup-cost ( modules ) */
static enum pce_status
read_link(struct native *s)
{
	struct draft_edge edge = { .line = s->line };
	struct capacity capacity = { 0 };
	const char *name = NULL;
	enum pce_status status = take_word(s, &name);

	if (status == PCE_OK)
		status = take(s, "(");
	if (status == PCE_OK)
		status = take_word(s, &edge.source);
	if (status == PCE_OK)
		status = take_word(s, &edge.target);
	if (status == PCE_OK)
		status = take(s, ")");
	if (status == PCE_OK)
		status = take_word(s, &capacity.installed);
	for (int i = 0; status == PCE_OK && i < 3; i++)
		status = take_word(s, NULL);
	if (status == PCE_OK)
		status = read_modules(s, &capacity);
	if (status == PCE_OK)
		status = draft_reserve(s->draft, name, edge.line);
	if (status == PCE_OK)
		status = put_capacity(s->draft, &capacity, name, s->exponent, edge.line, &s->arena);
	edge.name = name;
	return status == PCE_OK ? draft_edge(s->draft, &edge) : status;
}

/* unit = MBITPERSEC, among others */
static enum pce_status
read_meta(struct native *s)
{
	const char *word = NULL, *value = NULL;
	enum pce_status status = take_word(s, &word);

	if (status != PCE_OK || strcmp(word, "unit") != 0)
		return status;
	if (at(s, "="))
		status = next(s);
	if (status == PCE_OK)
		status = take_word(s, &value);
	if (status != PCE_OK)
		return status;
	s->exponent = exponent_of(value);
	s->has_unit = true;
	return s->exponent < 0 ? fail(s, "the unit is none of BITPERSEC, KBITPERSEC, MBITPERSEC, "
					 "GBITPERSEC, TBITPERSEC")
			       : PCE_OK;
}

static enum pce_status
skip_section(struct native *s)
{
	enum pce_status status = PCE_OK;

	for (unsigned depth = 1; status == PCE_OK && depth > 0; status = next(s)) {
		if (!*s->token)
			return fail(s, "the text ends too early");
		depth += at(s, "(");
		if (depth > DEPTH)
			return fail(s, "too many parentheses");
		depth -= at(s, ")");
		if (depth == 0)
			return next(s);
	}
	return status;
}

static enum pce_status
read_section(struct native *s)
{
	static const struct {
		const char *name;
		enum pce_status (*read)(struct native *);
	} sections[] = { { "META", read_meta }, { "NODES", read_node }, { "LINKS", read_link } };
	const char *name = NULL;
	enum pce_status status = take_word(s, &name);

	if (status == PCE_OK)
		status = take(s, "(");
	for (size_t i = 0; status == PCE_OK && i < 3; i++) {
		if (strcmp(sections[i].name, name) != 0)
			continue;
		while (status == PCE_OK && !at(s, ")"))
			status = sections[i].read(s);
		return status == PCE_OK ? next(s) : status;
	}
	return status == PCE_OK ? skip_section(s) : status;
}

enum pce_status
import_sndlib(const char *text, size_t len, struct draft *draft)
{
	struct native s = { .draft = draft, .scan = scan_over(text, len), .exponent = 6 };
	enum pce_status status = next(&s);

	while (status == PCE_OK && *s.token)
		status = read_section(&s);
	if (status == PCE_OK && draft->nodes.n == 0)
		status = fail(&s, "there is no section NODES in it");
	if (status == PCE_OK && !s.has_unit && draft->links.n)
		draft_assumed(draft, unit_words);
	arena_free(&s.arena);
	return status;
}

/* --- XML --- */

struct structure {
	struct draft *draft;
	struct arena arena;
	int exponent;
	bool pixels; /* positions are no degrees */
};

/* Text of a child element in the arena; NULL without one. */
static const char *
child_text(struct structure *x, const xmlNode *node, const char *name, bool *bad)
{
	const xmlNode *child = markup_child(node, name);
	char *text = child ? markup_content(child, bad) : NULL;
	const char *copy = text ? arena_strdup(&x->arena, text) : NULL;

	*bad = *bad || (text && !copy);
	free(text);
	return copy;
}

static enum pce_status
xml_node(struct structure *x, const xmlNode *node)
{
	const xmlNode *place = markup_child(node, "coordinates");
	char *id = markup_attribute(node, "id");
	bool bad = false;
	const char *lon = place ? child_text(x, place, "x", &bad) : NULL;
	const char *lat = place ? child_text(x, place, "y", &bad) : NULL;
	enum pce_status status;

	if (id && lon && lat && x->pixels)
		draft_left_out(x->draft, "node", id, "a position that is not in degrees, left out");
	else if (id && lon && lat)
		give_position(x->draft, id, lon, lat, markup_line(node));
	status = bad ? pce_no_memory(x->draft->err) : draft_node(x->draft, id, markup_line(node));
	xmlFree(id);
	return status;
}

static void
xml_modules(struct structure *x, const xmlNode *link, struct capacity *capacity, bool *bad)
{
	const xmlNode *all = markup_child(link, "additionalModules");

	capacity->installed =
	    child_text(x, markup_child(link, "preInstalledModule"), "capacity", bad);
	for (const xmlNode *at = all ? all->children : NULL; at; at = at->next) {
		if (markup_is(at, "addModule"))
			add_module(capacity, child_text(x, at, "capacity", bad));
	}
}

static enum pce_status
xml_link(struct structure *x, const xmlNode *link)
{
	char *id = markup_attribute(link, "id");
	bool bad = false;
	struct draft_edge edge = { id, child_text(x, link, "source", &bad),
				   child_text(x, link, "target", &bad), false, markup_line(link) };
	struct capacity capacity = { 0 };
	enum pce_status status = PCE_OK;

	xml_modules(x, link, &capacity, &bad);
	if (bad)
		status = pce_no_memory(x->draft->err);
	if (status == PCE_OK && id && *id)
		status = draft_reserve(x->draft, id, edge.line);
	if (status == PCE_OK)
		status = put_capacity(x->draft, &capacity, id ? id : "", x->exponent, edge.line,
				      &x->arena);
	if (status == PCE_OK)
		status = draft_edge(x->draft, &edge);
	xmlFree(id);
	return status;
}

static enum pce_status
xml_list(struct structure *x, const xmlNode *list, const char *name,
	 enum pce_status (*read)(struct structure *, const xmlNode *))
{
	enum pce_status status = PCE_OK;

	for (const xmlNode *at = list ? list->children : NULL; status == PCE_OK && at;
	     at = at->next) {
		if (markup_is(at, name))
			status = read(x, at);
	}
	return status;
}

enum pce_status
import_sndlib_xml(const xmlNode *root, struct draft *draft)
{
	const xmlNode *in = markup_child(root, "networkStructure");
	const xmlNode *nodes = markup_child(in, "nodes"), *links = markup_child(in, "links");
	struct structure x = { .draft = draft };
	bool bad = false;
	const char *unit = child_text(&x, markup_child(root, "meta"), "unit", &bad);
	char *kind = nodes ? markup_attribute(nodes, "coordinatesType") : NULL;
	enum pce_status status = bad ? pce_no_memory(draft->err) : PCE_OK;

	x.pixels = kind && strcmp(kind, "pixel") == 0;
	xmlFree(kind);
	x.exponent = unit ? exponent_of(unit) : 6;
	if (status == PCE_OK && !nodes)
		status = draft_fail(draft, markup_line(root), PCE_INVALID, "network", "",
				    "there is no networkStructure with nodes in it");
	if (status == PCE_OK && x.exponent < 0)
		status = draft_fail(draft, markup_line(root), PCE_INVALID, "unit", unit,
				    "not a unit of SNDlib");
	if (status == PCE_OK)
		status = xml_list(&x, nodes, "node", xml_node);
	if (status == PCE_OK)
		status = xml_list(&x, links, "link", xml_link);
	if (status == PCE_OK && !unit && draft->links.n)
		draft_assumed(draft, unit_words);
	arena_free(&x.arena);
	return status;
}
