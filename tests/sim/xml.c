/* A router's own reading and writing of XML: small, strict, and sharing nothing with Karst's. */
#include <ctype.h>
#include <string.h>

#include "tests/sim/sim.h"

struct cursor {
	const char *at, *end;
	struct arena *arena;
	bool bad;
};

static char *
copy(struct cursor *c, const char *from, size_t len)
{
	char *out = arena_alloc(c->arena, len + 1);

	if (!out)
		abort();
	if (len > 0)
		memcpy(out, from, len);
	return out;
}

/* Text between tags, with its entities replaced. */
static char *
plain(struct cursor *c, const char *from, size_t len)
{
	static const struct {
		const char *name;
		char is;
	} entities[] = { { "&lt;", '<' },
			 { "&gt;", '>' },
			 { "&amp;", '&' },
			 { "&quot;", '"' },
			 { "&apos;", '\'' } };
	char *out = copy(c, from, len), *to = out;

	for (size_t i = 0; i < len;) {
		size_t step = 1;

		*to = from[i];
		for (size_t k = 0; from[i] == '&' && k < 5; k++) {
			size_t n = strlen(entities[k].name);

			if (i + n <= len && strncmp(from + i, entities[k].name, n) == 0) {
				*to = entities[k].is;
				step = n;
			}
		}
		to++;
		i += step;
	}
	*to = 0;
	return out;
}

static void
skip_blanks(struct cursor *c)
{
	while (c->at < c->end && isspace((unsigned char)*c->at))
		c->at++;
}

static bool
is_name(char ch)
{
	return isalnum((unsigned char)ch) || strchr("-_.:", ch) != NULL;
}

/* A name without its prefix. */
static char *
read_name(struct cursor *c)
{
	const char *from = c->at, *colon;

	while (c->at < c->end && *c->at && is_name(*c->at))
		c->at++;
	colon = memchr(from, ':', (size_t)(c->at - from));
	c->bad = c->bad || c->at == from;
	return copy(c, colon ? colon + 1 : from, (size_t)(c->at - (colon ? colon + 1 : from)));
}

static void
read_attribute(struct cursor *c, struct xnode *node)
{
	const char *name = read_name(c), *value, *stop;

	skip_blanks(c);
	if (c->bad || c->end - c->at < 2 || *c->at != '=') {
		c->bad = true;
		return;
	}
	c->at++;
	skip_blanks(c);
	stop = c->at < c->end ? memchr(c->at + 1, *c->at, (size_t)(c->end - c->at - 1)) : NULL;
	if (!stop) {
		c->bad = true;
		return;
	}
	value = plain(c, c->at + 1, (size_t)(stop - c->at - 1));
	c->at = stop + 1;
	if (strcmp(name, "operation") == 0)
		node->operation = value;
	if (strcmp(name, "message-id") == 0)
		node->id = value;
}

static struct xnode *read_element(struct cursor *c);

/* Declarations and comments. */
static bool
skip_other(struct cursor *c)
{
	const char *stop;

	if (c->end - c->at < 2 || c->at[0] != '<' || (c->at[1] != '?' && c->at[1] != '!'))
		return false;
	stop = memchr(c->at, '>', (size_t)(c->end - c->at));
	c->bad = c->bad || !stop;
	c->at = stop ? stop + 1 : c->end;
	return true;
}

static void
read_content(struct cursor *c, struct xnode *node)
{
	struct xnode **last = &node->child;

	while (!c->bad) {
		const char *open =
		    c->at < c->end ? memchr(c->at, '<', (size_t)(c->end - c->at)) : NULL;

		if (!open || c->end - open < 2) {
			c->bad = true;
			return;
		}
		if (!node->child && open > c->at)
			node->text = plain(c, c->at, (size_t)(open - c->at));
		c->at = open;
		if (open[1] == '/')
			break;
		if (skip_other(c))
			continue;
		*last = read_element(c);
		if (*last)
			last = &(*last)->next;
	}
	c->at += 2;
	c->bad = c->bad || strcmp(read_name(c), node->name) != 0;
	skip_blanks(c);
	c->bad = c->bad || c->at >= c->end || *c->at != '>';
	c->at++;
}

static struct xnode *
read_element(struct cursor *c)
{
	struct xnode *node = arena_alloc(c->arena, sizeof(*node));

	if (!node)
		abort();
	node->text = "";
	c->at++;
	node->name = read_name(c);
	for (;;) {
		skip_blanks(c);
		if (c->bad || c->at >= c->end) {
			c->bad = true;
			return NULL;
		}
		if (*c->at == '>' || *c->at == '/')
			break;
		read_attribute(c, node);
	}
	if (*c->at == '/') {
		c->at += 2;
		c->bad = c->bad || c->at > c->end;
		return node;
	}
	c->at++;
	read_content(c, node);
	return node;
}

struct xnode *
xml_read(struct arena *arena, const char *at, size_t len)
{
	struct cursor c = { at, at + len, arena, false };
	struct xnode *node;

	skip_blanks(&c);
	while (!c.bad && skip_other(&c))
		skip_blanks(&c);
	if (c.bad || c.at >= c.end || *c.at != '<')
		return NULL;
	node = read_element(&c);
	return c.bad ? NULL : node;
}

const struct xnode *
xml_child(const struct xnode *node, const char *name)
{
	const struct xnode *c = node ? node->child : NULL;

	while (c && name && strcmp(c->name, name) != 0)
		c = c->next;
	return c;
}

const char *
xml_text(const struct xnode *node, const char *name)
{
	const struct xnode *c = xml_child(node, name);

	return c ? c->text : "";
}

void
xml_quote(struct text *out, const char *text)
{
	for (; *text; text++)
		if (*text == '<')
			text_add(out, "&lt;");
		else if (*text == '>')
			text_add(out, "&gt;");
		else if (*text == '&')
			text_add(out, "&amp;");
		else
			text_bytes(out, text, 1);
}

void
xml_write(struct text *out, const struct xnode *node)
{
	text_printf(out, "<%s>", node->name);
	if (node->child)
		for (const struct xnode *c = node->child; c; c = c->next)
			xml_write(out, c);
	else
		xml_quote(out, node->text);
	text_printf(out, "</%s>", node->name);
}
