#include "southbound/netconf/data.h"

#include <string.h>

#include "southbound/netconf/xml.h"

struct reader {
	struct xml x;
	struct data_tree *tree;
	const struct profile_table *table;
	struct text text; /* of the element that is open */
	struct pce_error *err;
};

/* The module of the element that begins, NULL if the table has no such namespace. */
static const char *
module_of(const struct reader *r)
{
	for (size_t i = 0; i < r->table->n_modules; i++)
		if (xml_is(r->x.ns, r->table->modules[i].ns))
			return r->table->modules[i].name;
	return NULL;
}

static enum pce_status
begin(struct reader *r, struct data_node **at)
{
	struct data_step step = { module_of(r), NULL, NULL, 0 };

	text_clear(&r->text);
	if (step.module == NULL)
		return xml_skip(&r->x, r->err);
	step.name = arena_copy(&r->tree->arena, r->x.local.at, r->x.local.len + 1);
	if (step.name == NULL)
		return pce_no_memory(r->err);
	((char *)(uintptr_t)step.name)[r->x.local.len] = '\0';
	return data_add(r->tree, *at, &step, NULL, at, r->err);
}

/* A leaf's text is what stands between its tags, without the white space around it. */
static enum pce_status
end(struct reader *r, struct data_node **at)
{
	static const char space[] = " \t\r\n";
	struct data_node *node = *at;
	const char *text = text_get(&r->text), *last = text + r->text.len;

	*at = node->parent;
	if (node->first == NULL) {
		text += strspn(text, space);
		while (last > text && strchr(space, last[-1]) != NULL)
			last--;
		node->value = arena_copy(&r->tree->arena, text, (size_t)(last - text) + 1);
		if (node->value == NULL)
			return pce_no_memory(r->err);
		((char *)(uintptr_t)node->value)[last - text] = '\0';
	}
	text_clear(&r->text);
	return PCE_OK;
}

/* Between the top elements there is nothing but white space. */
static enum pce_status
take_text(struct reader *r, const struct data_node *at)
{
	enum pce_status status = xml_decode(r->x.text, r->x.cdata, &r->text, r->err);

	if (status == PCE_OK && at == &r->tree->root &&
	    strspn(text_get(&r->text), " \t\r\n") != r->text.len)
		return pce_fail(r->err, PCE_MALFORMED,
				"the router's answer is text, \"%.60s\", and no data",
				text_get(&r->text));
	return status;
}

static enum pce_status
read_all(struct reader *r)
{
	struct data_node *at = &r->tree->root;
	enum pce_status status = PCE_OK;
	enum xml_token token;

	while (status == PCE_OK && (token = xml_next(&r->x, r->err)) != XML_EOF) {
		/* the element around all is ours */
		bool wrapper = r->x.depth <= 1 && at == &r->tree->root;

		if (token == XML_BAD)
			return PCE_MALFORMED;
		if (token == XML_TEXT)
			status = take_text(r, at);
		else if (token == XML_START && !wrapper)
			status = begin(r, &at);
		else if (token == XML_END && at != &r->tree->root)
			status = end(r, &at);
	}
	return status == PCE_OK && !text_ok(&r->text) ? pce_no_memory(r->err) : status;
}

enum pce_status
netconf_data_read(struct data_tree *tree, const struct profile_table *table, const char *xml,
		  size_t len, struct pce_error *err)
{
	struct reader r = { .tree = tree, .table = table, .err = err };
	struct text whole = { 0 };
	enum pce_status status = PCE_OK;

	tree->root.module = "";
	if (memchr(xml, 0, len) != NULL)
		return pce_fail(err, PCE_MALFORMED, "the router's answer holds a NUL character");
	text_add(&whole, "<data>");
	text_bytes(&whole, xml, len);
	text_add(&whole, "</data>");
	if (!text_ok(&whole))
		status = pce_no_memory(err);
	if (status == PCE_OK) {
		xml_begin(&r.x, text_get(&whole), whole.len);
		status = read_all(&r);
	}
	text_free(&whole);
	text_free(&r.text);
	return status;
}
