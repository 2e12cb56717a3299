/*
 * XML as NETCONF uses it: a bounded, namespace-aware pull reader over a message that is whole in
 * memory. It finds the envelope of a message (hello, rpc-reply, rpc-error, notification) and cuts
 * out the payload, which libyang parses elsewhere.
 *
 * It reads XML 1.0 with Namespaces, less what NETCONF forbids or never needs: a document type
 * declaration is refused (RFC 6241, section 3), so there are no entities but the five predefined
 * ones and character references. Depth, attributes per element and namespace bindings are bounded.
 * Nothing is allocated: names and texts are spans of the message.
 */
#ifndef SOUTHBOUND_NETCONF_XML_H
#define SOUTHBOUND_NETCONF_XML_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pce/base/status.h"
#include "pce/base/text.h"

#define XML_DEPTH 64
#define XML_BINDINGS 128
#define XML_ATTRS 32

enum xml_token {
	XML_START, /* a start tag: name, attr */
	XML_END, /* an end tag, or the end of <empty/> */
	XML_TEXT, /* character data: text, cdata */
	XML_EOF, /* the document ended well */
	XML_BAD /* not well-formed; err says where and why */
};

struct xml_span {
	const char *at;
	size_t len;
};

struct xml_attr {
	struct xml_span prefix, local, value; /* value as written, between the quotes */
};

struct xml_binding {
	struct xml_span prefix, uri;
};

struct xml_open {
	struct xml_span name; /* as written, with its prefix */
	unsigned bindings; /* how many were in scope outside this element */
};

/* The fields below `token` describe the token that xml_next gave last. */
struct xml {
	const char *start, *at, *end;
	unsigned depth, bindings;
	struct xml_open open[XML_DEPTH];
	struct xml_binding binding[XML_BINDINGS];
	bool seen_root, close_empty;
	const char *token;
	struct xml_span local, ns; /* of a start or an end tag */
	struct xml_attr attr[XML_ATTRS];
	unsigned attrs;
	struct xml_span text;
	bool cdata;
};

/* Prepares to read the document of len bytes at buf, which must outlive x. */
void xml_begin(struct xml *x, const char *buf, size_t len);

/* The next token. Comments, processing instructions and the XML declaration are passed over. After
 * XML_EOF or XML_BAD it may not be called again. */
enum xml_token xml_next(struct xml *x, struct pce_error *err);

/* True if span is the string. */
bool xml_is(struct xml_span span, const char *string);

/* True if the last tag has this local name and namespace. */
bool xml_named(const struct xml *x, const char *ns, const char *local);

/* The attribute without prefix of that name on the last start tag, as written; .at NULL if there is
 * none. */
struct xml_span xml_attr(const struct xml *x, const char *local);

/* Appends a span with its references resolved (unless cdata). PCE_MALFORMED for an unknown or
 * forbidden reference. */
enum pce_status xml_decode(struct xml_span span, bool cdata, struct text *out,
			   struct pce_error *err);

/* Right after a start tag: appends the element's own character data without the white space around
 * it and reads to its end tag. Child elements are passed over. */
enum pce_status xml_value(struct xml *x, struct text *out, struct pce_error *err);

/* Right after a start tag: reads to its end tag. */
enum pce_status xml_skip(struct xml *x, struct pce_error *err);

/*
 * Right after a start tag: appends the element as XML that stands alone (it gets the namespace
 * declarations that it inherited) and reads to its end tag.
 */
enum pce_status xml_element(struct xml *x, struct text *out, struct pce_error *err);

/* Right after a start tag: appends what is inside the element, each child as xml_element does, and
 * reads to its end tag. */
enum pce_status xml_inner(struct xml *x, struct text *out, struct pce_error *err);

/*
 * A number that is equal for equal data: elements (with namespace, text, attributes and children)
 * in whatever order, whatever the white space between them. buf holds any number of elements.
 */
enum pce_status xml_fingerprint(const char *buf, size_t len, uint64_t *out, struct pce_error *err);

/* Appends text as XML character data or attribute value: & < > " ' become references. */
void xml_escape(struct text *out, const char *string);

#endif
