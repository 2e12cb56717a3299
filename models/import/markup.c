/* XML through libxml2, with everything switched off that a file of somebody else could misuse. */
#include "models/import/markup.h"

#include <libxml/parser.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* libxml2 prints what goes wrong with encodings, whatever its options say. */
static void
say_nothing(void *ctx, const char *msg, ...)
{
	(void)ctx;
	(void)msg;
}

static enum pce_status
parse(xmlParserCtxt *parser, const char *text, size_t len, xmlDoc **out, struct pce_error *err)
{
	const xmlError *error;
	char words[200] = "it is not well-formed";

	if (len > INT32_MAX)
		return pce_fail(err, PCE_LIMIT, "the XML text is larger than 2 GiB");
	xmlSetGenericErrorFunc(NULL, say_nothing); /* of this thread */
	*out = xmlCtxtReadMemory(parser, text, (int)len, NULL, NULL,
				 XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING |
				     XML_PARSE_BIG_LINES);
	xmlSetGenericErrorFunc(NULL, NULL);
	if (*out && ((*out)->intSubset || (*out)->extSubset))
		return pce_fail_at(err, PCE_UNSUPPORTED, NULL,
				   markup_line((const xmlNode *)(*out)->intSubset),
				   "XML with a DTD is refused; take its DOCTYPE out");
	if (*out)
		return PCE_OK;
	error = xmlCtxtGetLastError(parser);
	if (error && error->message)
		snprintf(words, sizeof(words), "%.*s", (int)strcspn(error->message, "\n"),
			 error->message);
	return pce_fail_at(err, PCE_MALFORMED, NULL,
			   error && error->line > 0 ? (unsigned)error->line : 0,
			   "this is not XML: %s", words);
}

enum pce_status
markup_parse(const char *text, size_t len, xmlDoc **out, struct pce_error *err)
{
	xmlParserCtxt *parser = xmlNewParserCtxt();
	xmlDoc *doc = NULL;
	enum pce_status status;

	if (!parser)
		return pce_no_memory(err);
	status = parse(parser, text, len, &doc, err);
	xmlFreeParserCtxt(parser);
	if (status == PCE_OK)
		*out = doc;
	else
		xmlFreeDoc(doc);
	return status;
}

unsigned
markup_line(const xmlNode *at)
{
	long line = at ? xmlGetLineNo(at) : 0;

	return line > 0 ? (unsigned)line : 0;
}

bool
markup_is(const xmlNode *node, const char *name)
{
	return node->type == XML_ELEMENT_NODE && strcmp((const char *)node->name, name) == 0;
}

const xmlNode *
markup_child(const xmlNode *node, const char *name)
{
	const xmlNode *at = node ? node->children : NULL;

	while (at && !markup_is(at, name))
		at = at->next;
	return at;
}

char *
markup_content(const xmlNode *node, bool *bad)
{
	xmlChar *raw = xmlNodeGetContent(node);
	const char *at = (const char *)raw;
	size_t len;
	char *out;

	if (!raw) {
		*bad = true;
		return NULL;
	}
	at += strspn(at, " \t\r\n");
	len = strlen(at);
	while (len && strchr(" \t\r\n", at[len - 1]))
		len--;
	out = len ? malloc(len + 1) : NULL;
	if (out) {
		memcpy(out, at, len);
		out[len] = 0;
	}
	*bad = *bad || (len && !out);
	xmlFree(raw);
	return out;
}

char *
markup_attribute(const xmlNode *node, const char *name)
{
	return (char *)xmlGetNoNsProp(node, (const xmlChar *)name);
}
