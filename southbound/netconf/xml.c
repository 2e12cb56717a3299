#include "southbound/netconf/xml.h"

#include <string.h>

#include "pce/base/hash.h"

static bool
is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* A name may hold any byte above 0x7f: which of them are letters is left to libyang. */
static bool
is_name(char c, bool first)
{
	unsigned char u = (unsigned char)c;

	if ((u >= 'a' && u <= 'z') || (u >= 'A' && u <= 'Z') || u == '_' || u >= 0x80)
		return true;
	return !first && ((u >= '0' && u <= '9') || u == '-' || u == '.');
}

static bool
span_equal(struct xml_span a, struct xml_span b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.at, b.at, a.len) == 0);
}

static enum xml_token
bad(const struct xml *x, struct pce_error *err, const char *why)
{
	pce_fail(err, PCE_MALFORMED, "the XML is not well-formed at byte %zu: %s",
		 (size_t)(x->at - x->start), why);
	return XML_BAD;
}

static enum pce_status
bad_status(const struct xml *x, struct pce_error *err, const char *why)
{
	bad(x, err, why);
	return PCE_MALFORMED;
}

void
xml_begin(struct xml *x, const char *buf, size_t len)
{
	static const char bom[] = "\xef\xbb\xbf";

	memset(x, 0, sizeof *x);
	x->start = x->at = x->token = buf;
	x->end = buf + len;
	if (len >= 3 && memcmp(buf, bom, 3) == 0)
		x->at += 3;
}

bool
xml_is(struct xml_span span, const char *string)
{
	size_t len = strlen(string);

	return span.at != NULL && span.len == len && memcmp(span.at, string, len) == 0;
}

bool
xml_named(const struct xml *x, const char *ns, const char *local)
{
	return xml_is(x->local, local) && xml_is(x->ns, ns);
}

struct xml_span
xml_attr(const struct xml *x, const char *local)
{
	for (unsigned i = 0; i < x->attrs; i++)
		if (x->attr[i].prefix.len == 0 && xml_is(x->attr[i].local, local))
			return x->attr[i].value;
	return (struct xml_span){ NULL, 0 };
}

static bool
starts(const struct xml *x, const char *string)
{
	size_t len = strlen(string);

	return (size_t)(x->end - x->at) >= len && memcmp(x->at, string, len) == 0;
}

/* The place of string at or after at, or NULL. */
static const char *
find(const char *at, const char *end, const char *string)
{
	size_t len = strlen(string);

	while (at < end && (at = memchr(at, string[0], (size_t)(end - at))) != NULL) {
		if ((size_t)(end - at) >= len && memcmp(at, string, len) == 0)
			return at;
		at++;
	}
	return NULL;
}

static void
skip_space(struct xml *x)
{
	while (x->at < x->end && is_space(*x->at))
		x->at++;
}

/* Takes "prefix:local" or "local". */
static bool
take_name(struct xml *x, struct xml_span *prefix, struct xml_span *local)
{
	const char *begin = x->at;

	*prefix = (struct xml_span){ begin, 0 };
	for (int part = 0;; part++) {
		begin = x->at;
		if (x->at == x->end || !is_name(*x->at, true))
			return false;
		while (x->at < x->end && is_name(*x->at, false))
			x->at++;
		*local = (struct xml_span){ begin, (size_t)(x->at - begin) };
		if (part == 1 || x->at == x->end || *x->at != ':')
			return true;
		*prefix = *local;
		x->at++;
	}
}

/* Finds the namespace of a prefix; an element without prefix may have none. */
static bool
resolve(const struct xml *x, struct xml_span prefix, struct xml_span *ns)
{
	for (unsigned i = x->bindings; i-- > 0;) {
		if (!span_equal(x->binding[i].prefix, prefix))
			continue;
		*ns = x->binding[i].uri;
		return prefix.len == 0 || ns->len > 0;
	}
	*ns = (struct xml_span){ "", 0 };
	if (xml_is(prefix, "xml"))
		*ns = (struct xml_span){ "http://www.w3.org/XML/1998/namespace", 36 };
	return prefix.len == 0 || ns->len > 0;
}

static enum pce_status
take_attr(struct xml *x, struct pce_error *err)
{
	struct xml_attr a;
	const char *close;
	char quote;

	if (!take_name(x, &a.prefix, &a.local))
		return bad_status(x, err, "an attribute name was expected");
	skip_space(x);
	if (x->at == x->end || *x->at++ != '=')
		return bad_status(x, err, "an attribute has no value");
	skip_space(x);
	if (x->at == x->end || (*x->at != '"' && *x->at != '\''))
		return bad_status(x, err, "an attribute value is not quoted");
	quote = *x->at++;
	close = memchr(x->at, quote, (size_t)(x->end - x->at));
	if (close == NULL || memchr(x->at, '<', (size_t)(close - x->at)) != NULL)
		return bad_status(x, err, "an attribute value does not end");
	a.value = (struct xml_span){ x->at, (size_t)(close - x->at) };
	x->at = close + 1;
	for (unsigned i = 0; i < x->attrs; i++)
		if (span_equal(x->attr[i].prefix, a.prefix) &&
		    span_equal(x->attr[i].local, a.local))
			return bad_status(x, err, "an attribute is there twice");
	if (x->attrs == XML_ATTRS)
		return bad_status(x, err, "an element has too many attributes");
	x->attr[x->attrs++] = a;
	return PCE_OK;
}

/* Reads attributes up to > or />; the tag's own namespace declarations come into scope. */
static enum pce_status
take_attrs(struct xml *x, struct pce_error *err)
{
	x->attrs = 0;
	for (;;) {
		const char *before = x->at;
		enum pce_status status;

		skip_space(x);
		if (x->at == x->end)
			return bad_status(x, err, "a tag does not end");
		if (*x->at == '>' || *x->at == '/')
			break;
		if (x->at == before)
			return bad_status(x, err, "white space was expected in a tag");
		status = take_attr(x, err);
		if (status)
			return status;
	}
	for (unsigned i = 0; i < x->attrs; i++) {
		const struct xml_attr *a = &x->attr[i];
		bool fallback = a->prefix.len == 0 && xml_is(a->local, "xmlns");

		if (!fallback && !xml_is(a->prefix, "xmlns"))
			continue;
		if (x->bindings == XML_BINDINGS)
			return bad_status(x, err, "too many namespaces are in scope");
		x->binding[x->bindings++] =
		    (struct xml_binding){ fallback ? (struct xml_span){ "", 0 } : a->local,
					  a->value };
	}
	return PCE_OK;
}

static enum xml_token
start_tag(struct xml *x, struct pce_error *err)
{
	struct xml_span prefix, name;
	unsigned outside = x->bindings;

	if (x->depth == 0 && x->seen_root)
		return bad(x, err, "there is something after the document");
	if (x->depth == XML_DEPTH)
		return bad(x, err, "elements are nested too deep");
	x->at++;
	name.at = x->at;
	if (!take_name(x, &prefix, &x->local))
		return bad(x, err, "an element name was expected");
	name.len = (size_t)(x->at - name.at);
	if (take_attrs(x, err))
		return XML_BAD;
	x->close_empty = *x->at == '/';
	if (x->close_empty && (++x->at == x->end || *x->at != '>'))
		return bad(x, err, "a tag does not end");
	x->at++;
	if (!resolve(x, prefix, &x->ns))
		return bad(x, err, "an element's prefix is not declared");
	x->open[x->depth++] = (struct xml_open){ name, outside };
	x->seen_root = true;
	return XML_START;
}

/* Leaves the innermost element; x->local and x->ns name it. */
static enum xml_token
leave(struct xml *x)
{
	const struct xml_open *o = &x->open[--x->depth];
	const char *colon = memchr(o->name.at, ':', o->name.len);
	struct xml_span prefix = { o->name.at, colon ? (size_t)(colon - o->name.at) : 0 };

	x->local = o->name;
	if (colon != NULL)
		x->local = (struct xml_span){ colon + 1, o->name.len - prefix.len - 1 };
	resolve(x, prefix, &x->ns);
	x->bindings = o->bindings;
	x->attrs = 0;
	return XML_END;
}

static enum xml_token
end_tag(struct xml *x, struct pce_error *err)
{
	struct xml_span prefix, local, name;

	x->at += 2;
	name.at = x->at;
	if (!take_name(x, &prefix, &local))
		return bad(x, err, "an element name was expected");
	name.len = (size_t)(x->at - name.at);
	skip_space(x);
	if (x->at == x->end || *x->at != '>')
		return bad(x, err, "a tag does not end");
	if (x->depth == 0 || !span_equal(name, x->open[x->depth - 1].name))
		return bad(x, err, "an end tag does not match its start tag");
	x->at++;
	return leave(x);
}

/* Passes over what begins with one string and ends with another. */
static bool
pass_over(struct xml *x, const char *from, const char *to)
{
	const char *close = find(x->at + strlen(from), x->end, to);

	if (close == NULL)
		return false;
	x->at = close + strlen(to);
	return true;
}

static enum xml_token
take_cdata(struct xml *x, struct pce_error *err)
{
	const char *close = find(x->at + 9, x->end, "]]>");

	if (x->depth == 0 || close == NULL)
		return bad(x, err, "a CDATA section is misplaced or does not end");
	x->text = (struct xml_span){ x->at + 9, (size_t)(close - x->at) - 9 };
	x->cdata = true;
	x->at = close + 3;
	return XML_TEXT;
}

/* Character data up to the next tag; outside the root only white space is allowed (and dropped). */
static enum xml_token
take_text(struct xml *x, struct pce_error *err)
{
	const char *close = memchr(x->at, '<', (size_t)(x->end - x->at));
	const char *stop = close ? close : x->end;

	if (x->depth == 0) {
		skip_space(x);
		return x->at == stop ? XML_TEXT : bad(x, err, "text stands outside the document");
	}
	if (memchr(x->at, '\0', (size_t)(stop - x->at)) != NULL)
		return bad(x, err, "a NUL byte");
	x->text = (struct xml_span){ x->at, (size_t)(stop - x->at) };
	x->cdata = false;
	x->at = stop;
	return XML_TEXT;
}

enum xml_token
xml_next(struct xml *x, struct pce_error *err)
{
	x->token = x->at;
	if (x->close_empty) {
		x->close_empty = false;
		return leave(x);
	}
	while (x->at < x->end) {
		x->token = x->at;
		if (*x->at != '<') {
			enum xml_token token = take_text(x, err);

			if (x->depth > 0 || token == XML_BAD)
				return token;
		} else if (starts(x, "<!--")) {
			if (!pass_over(x, "<!--", "-->"))
				return bad(x, err, "a comment does not end");
		} else if (starts(x, "<?")) {
			if (!pass_over(x, "<?", "?>"))
				return bad(x, err, "a processing instruction does not end");
		} else if (starts(x, "<![CDATA[")) {
			return take_cdata(x, err);
		} else if (starts(x, "<!")) {
			return bad(x, err, "a document type declaration is not allowed");
		} else {
			return starts(x, "</") ? end_tag(x, err) : start_tag(x, err);
		}
	}
	if (x->depth > 0 || !x->seen_root)
		return bad(x, err, "the document ends too early");
	return XML_EOF;
}

/* Appends a code point as UTF-8; false if XML does not allow it. */
static bool
add_code_point(struct text *out, uint32_t c)
{
	char b[4];
	size_t n = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;

	if ((c < 0x20 && c != '\t' && c != '\n' && c != '\r') || (c >= 0xd800 && c < 0xe000) ||
	    c == 0xfffe || c == 0xffff || c > 0x10ffff)
		return false;
	if (n == 1) {
		b[0] = (char)c;
	} else {
		for (size_t i = n; i-- > 1; c >>= 6)
			b[i] = (char)(0x80 | (c & 0x3f));
		b[0] = (char)(0xffu << (8 - n) | c);
	}
	text_bytes(out, b, n);
	return true;
}

/* One character reference "#60" or "#x3c", without its & and ;. */
static bool
add_numeric(struct text *out, struct xml_span ref)
{
	bool hex = ref.len > 1 && ref.at[1] == 'x';
	uint32_t c = 0;
	size_t i = hex ? 2 : 1;

	if (i == ref.len)
		return false;
	for (; i < ref.len; i++) {
		const char *digits = "0123456789abcdef0123456789ABCDEF";
		const char *d = ref.at[i] ? strchr(digits, ref.at[i]) : NULL;
		uint32_t v = d ? (uint32_t)(d - digits) % 16 : 16;

		if (v >= (hex ? 16u : 10u) || c > 0x10ffff)
			return false;
		c = c * (hex ? 16 : 10) + v;
	}
	return add_code_point(out, c);
}

static bool
add_reference(struct text *out, struct xml_span ref)
{
	static const char *const names[] = { "lt", "gt", "amp", "quot", "apos" };
	static const char chars[] = "<>&\"'";

	if (ref.len > 0 && ref.at[0] == '#')
		return add_numeric(out, ref);
	for (size_t i = 0; i < 5; i++) {
		if (!xml_is(ref, names[i]))
			continue;
		text_bytes(out, &chars[i], 1);
		return true;
	}
	return false;
}

enum pce_status
xml_decode(struct xml_span span, bool cdata, struct text *out, struct pce_error *err)
{
	const char *at = span.at, *end = span.at + span.len;

	while (at < end) {
		const char *amp = cdata ? NULL : memchr(at, '&', (size_t)(end - at));
		const char *semicolon;

		text_bytes(out, at, (size_t)((amp ? amp : end) - at));
		if (amp == NULL)
			break;
		semicolon = memchr(amp, ';', (size_t)(end - amp));
		if (semicolon == NULL ||
		    !add_reference(out,
				   (struct xml_span){ amp + 1, (size_t)(semicolon - amp) - 1 }))
			return pce_fail(err, PCE_MALFORMED,
					"the XML holds a reference that is not known");
		at = semicolon + 1;
	}
	return text_ok(out) ? PCE_OK : pce_no_memory(err);
}

/* Removes white space from the end of out (not before from) and from its place from. */
static void
trim(struct text *out, size_t from)
{
	size_t lead = from;

	if (out->at == NULL)
		return;
	while (out->len > from && is_space(out->at[out->len - 1]))
		out->len--;
	while (lead < out->len && is_space(out->at[lead]))
		lead++;
	memmove(out->at + from, out->at + lead, out->len - lead);
	out->len -= lead - from;
	out->at[out->len] = '\0';
}

enum pce_status
xml_value(struct xml *x, struct text *out, struct pce_error *err)
{
	unsigned inside = x->depth;
	size_t from = out->len;

	for (;;) {
		enum xml_token token = xml_next(x, err);
		enum pce_status status;

		if (token == XML_BAD)
			return PCE_MALFORMED;
		if (token == XML_END && x->depth < inside)
			break;
		if (token != XML_TEXT || x->depth != inside)
			continue;
		status = xml_decode(x->text, x->cdata, out, err);
		if (status)
			return status;
	}
	trim(out, from);
	return PCE_OK;
}

enum pce_status
xml_skip(struct xml *x, struct pce_error *err)
{
	unsigned inside = x->depth;

	for (;;) {
		enum xml_token token = xml_next(x, err);

		if (token == XML_BAD)
			return PCE_MALFORMED;
		if (token == XML_END && x->depth < inside)
			return PCE_OK;
	}
}

/* Writes one declaration; a value that stood between ' may hold ". */
static void
add_declaration(struct text *out, const struct xml_binding *b)
{
	text_add(out, b->prefix.len ? " xmlns:" : " xmlns");
	text_bytes(out, b->prefix.at, b->prefix.len);
	text_add(out, "=\"");
	for (size_t i = 0; i < b->uri.len; i++) {
		if (b->uri.at[i] == '"')
			text_add(out, "&quot;");
		else
			text_bytes(out, &b->uri.at[i], 1);
	}
	text_add(out, "\"");
}

/* The last start tag, with the declarations that it inherits written into it. */
static void
add_root_tag(const struct xml *x, struct text *out)
{
	const struct xml_open *o = &x->open[x->depth - 1];
	const char *after_name = o->name.at + o->name.len;

	text_bytes(out, x->token, (size_t)(after_name - x->token));
	for (unsigned i = o->bindings; i-- > 0;) {
		bool hidden = false;

		for (unsigned j = i + 1; j < x->bindings && !hidden; j++)
			hidden = span_equal(x->binding[j].prefix, x->binding[i].prefix);
		if (!hidden)
			add_declaration(out, &x->binding[i]);
	}
	text_bytes(out, after_name, (size_t)(x->at - after_name));
}

enum pce_status
xml_element(struct xml *x, struct text *out, struct pce_error *err)
{
	unsigned inside = x->depth;

	add_root_tag(x, out);
	for (;;) {
		enum xml_token token = xml_next(x, err);

		if (token == XML_BAD)
			return PCE_MALFORMED;
		text_bytes(out, x->token, (size_t)(x->at - x->token));
		if (token == XML_END && x->depth < inside)
			return text_ok(out) ? PCE_OK : pce_no_memory(err);
	}
}

enum pce_status
xml_inner(struct xml *x, struct text *out, struct pce_error *err)
{
	unsigned inside = x->depth;

	for (;;) {
		enum xml_token token = xml_next(x, err);
		enum pce_status status;

		if (token == XML_BAD)
			return PCE_MALFORMED;
		if (token == XML_END && x->depth < inside)
			return text_ok(out) ? PCE_OK : pce_no_memory(err);
		if (token == XML_TEXT) {
			text_bytes(out, x->token, (size_t)(x->at - x->token));
			continue;
		}
		status = xml_element(x, out, err);
		if (status)
			return status;
	}
}

/* --- fingerprints --- */

static bool
is_blank(struct xml_span span)
{
	size_t i = 0;

	while (i < span.len && is_space(span.at[i]))
		i++;
	return i == span.len;
}

static uint64_t
mix(struct xml_span span, uint64_t seed)
{
	return hash_bytes(span.len ? span.at : "", span.len, seed);
}

/* The name and the attributes of the last start tag. */
static uint64_t
tag_fingerprint(const struct xml *x)
{
	uint64_t sum = mix(x->local, mix(x->ns, 1));

	for (unsigned i = 0; i < x->attrs; i++) {
		const struct xml_attr *a = &x->attr[i];

		if (!xml_is(a->prefix, "xmlns") &&
		    !(a->prefix.len == 0 && xml_is(a->local, "xmlns")))
			sum += mix(a->value, mix(a->local, 2));
	}
	return sum;
}

enum pce_status
xml_fingerprint(const char *buf, size_t len, uint64_t *out, struct pce_error *err)
{
	struct {
		uint64_t tag, text, children;
	} level[XML_DEPTH + 1] = { { 0 } };
	struct text whole = { 0 };
	struct xml x;
	enum xml_token token = XML_BAD;

	text_add(&whole, "<d>");
	text_bytes(&whole, buf, len);
	text_add(&whole, "</d>");
	if (!text_ok(&whole)) {
		text_free(&whole);
		return pce_no_memory(err);
	}
	xml_begin(&x, whole.at, whole.len);
	while ((token = xml_next(&x, err)) != XML_EOF && token != XML_BAD) {
		if (token == XML_START) {
			level[x.depth].tag = tag_fingerprint(&x);
			level[x.depth].text = level[x.depth].children = 0;
		} else if (token == XML_TEXT && !is_blank(x.text)) {
			level[x.depth].text = mix(x.text, level[x.depth].text);
		} else if (token == XML_END) {
			level[x.depth].children +=
			    hash_bytes(&level[x.depth + 1], sizeof level[0], 3);
		}
	}
	text_free(&whole);
	if (token == XML_BAD)
		return PCE_MALFORMED;
	*out = level[0].children;
	return PCE_OK;
}

void
xml_escape(struct text *out, const char *string)
{
	for (const char *s = string; *s != '\0'; s++) {
		switch (*s) {
		case '&':
			text_add(out, "&amp;");
			break;
		case '<':
			text_add(out, "&lt;");
			break;
		case '>':
			text_add(out, "&gt;");
			break;
		case '"':
			text_add(out, "&quot;");
			break;
		case '\'':
			text_add(out, "&apos;");
			break;
		default:
			text_bytes(out, s, 1);
		}
	}
}
