/* JSON Schema from compiled YANG; see openapi.h. Encodings are those of RFC 7951. */
#include "models/codec/openapi.h"

#include <inttypes.h>
#include <string.h>

#include "models/codec/internal.h"

static void print_node(const struct lysc_node *node, bool writable, struct text *out);
static void print_type(const struct lysc_type *type, struct text *out);

static void
add_string(struct text *out, const char *text)
{
	text_json_string(out, text, strlen(text));
}

static void
add_description(const char *description, struct text *out)
{
	if (!description)
		return;
	text_add(out, ",\"description\":");
	add_string(out, description);
}

/* --- types --- */

/* True if an XSD pattern means the same elsewhere. */
static bool
is_plain_pattern(const char *pattern)
{
	bool in_class = false;

	for (const char *c = pattern; *c; c++) {
		if (*c == '\\' && strchr("pPiIcC", c[1]))
			return false;
		if (*c == '\\' && c[1])
			c++;
		else if (*c == '[' && in_class)
			return false;
		else if (*c == '[')
			in_class = true;
		else if (*c == ']')
			in_class = false;
		else if (!in_class && (*c == '^' || *c == '$'))
			return false;
	}
	return true;
}

static void
print_string_type(const struct lysc_type_str *type, struct text *out)
{
	const struct lysc_range *length = type->length;
	LY_ARRAY_COUNT_TYPE i;

	text_add(out, "\"type\":\"string\"");
	if (length) {
		text_printf(out, ",\"minLength\":%" PRIu64, length->parts[0].min_u64);
		text_printf(out, ",\"maxLength\":%" PRIu64,
			    length->parts[LY_ARRAY_COUNT(length->parts) - 1].max_u64);
	}
	/* One keyword holds one pattern; the first that can be said is. */
	LY_ARRAY_FOR(type->patterns, i)
	{
		if (type->patterns[i]->inverted || !is_plain_pattern(type->patterns[i]->expr))
			continue;
		text_add(out, ",\"pattern\":");
		{
			struct text anchored = { 0 };

			text_printf(&anchored, "^(?:%s)$", type->patterns[i]->expr);
			text_json_string(out, text_get(&anchored), anchored.len);
			text_free(&anchored);
		}
		break;
	}
}

/* Numbers of up to 32 bits are numbers. */
static void
print_number_type(const struct lysc_type_num *type, int64_t least, int64_t most, struct text *out)
{
	const struct lysc_range *range = type->range;

	if (range && least < 0) {
		least = range->parts[0].min_64;
		most = range->parts[LY_ARRAY_COUNT(range->parts) - 1].max_64;
	} else if (range) {
		least = (int64_t)range->parts[0].min_u64;
		most = (int64_t)range->parts[LY_ARRAY_COUNT(range->parts) - 1].max_u64;
	}
	text_printf(out, "\"type\":\"integer\",\"minimum\":%" PRId64 ",\"maximum\":%" PRId64, least,
		    most);
}

static void
print_enum_type(const struct lysc_type_enum *type, struct text *out)
{
	LY_ARRAY_COUNT_TYPE i;

	text_add(out, "\"type\":\"string\",\"enum\":[");
	LY_ARRAY_FOR(type->enums, i)
	{
		text_add(out, i > 0 ? "," : "");
		add_string(out, type->enums[i].name);
	}
	text_add(out, "]");
}

static void
print_union_type(const struct lysc_type_union *type, struct text *out)
{
	LY_ARRAY_COUNT_TYPE i;

	text_add(out, "\"anyOf\":[");
	LY_ARRAY_FOR(type->types, i)
	{
		text_add(out, i > 0 ? ",{" : "{");
		print_type(type->types[i], out);
		text_add(out, "}");
	}
	text_add(out, "]");
}

static void
print_type(const struct lysc_type *type, struct text *out)
{
	const struct lysc_type_num *number = (const struct lysc_type_num *)type;

	switch (type->basetype) {
	case LY_TYPE_INT8:
		print_number_type(number, INT8_MIN, INT8_MAX, out);
		break;
	case LY_TYPE_INT16:
		print_number_type(number, INT16_MIN, INT16_MAX, out);
		break;
	case LY_TYPE_INT32:
		print_number_type(number, INT32_MIN, INT32_MAX, out);
		break;
	case LY_TYPE_UINT8:
		print_number_type(number, 0, UINT8_MAX, out);
		break;
	case LY_TYPE_UINT16:
		print_number_type(number, 0, UINT16_MAX, out);
		break;
	case LY_TYPE_UINT32:
		print_number_type(number, 0, UINT32_MAX, out);
		break;
	case LY_TYPE_UINT64:
		text_add(out, "\"type\":\"string\",\"pattern\":\"^[0-9]{1,20}$\"");
		break;
	case LY_TYPE_INT64:
		text_add(out, "\"type\":\"string\",\"pattern\":\"^-?[0-9]{1,19}$\"");
		break;
	case LY_TYPE_DEC64:
		text_add(out,
			 "\"type\":\"string\",\"pattern\":\"^-?[0-9]{1,19}([.][0-9]{1,18})?$\"");
		break;
	case LY_TYPE_STRING:
		print_string_type((const struct lysc_type_str *)type, out);
		break;
	case LY_TYPE_BOOL:
		text_add(out, "\"type\":\"boolean\"");
		break;
	case LY_TYPE_ENUM:
		print_enum_type((const struct lysc_type_enum *)type, out);
		break;
	case LY_TYPE_UNION:
		print_union_type((const struct lysc_type_union *)type, out);
		break;
	case LY_TYPE_LEAFREF:
		print_type(((const struct lysc_type_leafref *)type)->realtype, out);
		break;
	case LY_TYPE_EMPTY: /* RFC 7951 section 6.9 */
		text_add(out, "\"type\":\"array\",\"items\":{\"type\":\"null\"},\"minItems\":1,"
			      "\"maxItems\":1");
		break;
	default: /* bits, binary, identities, instance identifiers */
		text_add(out, "\"type\":\"string\"");
		break;
	}
}

/* --- nodes --- */

/* Appends the name as a member is called: with its module where that changes (RFC 7951 section 4).
 */
static void
add_name(const struct lysc_node *node, struct text *out)
{
	const struct lysc_node *parent = lysc_data_parent(node);
	struct text name = { 0 };

	if (!parent || parent->module != node->module)
		text_printf(&name, "%s:", node->module->name);
	text_add(&name, node->name);
	text_json_string(out, text_get(&name), name.len);
	text_free(&name);
}

static bool
is_shown(const struct lysc_node *node, bool writable)
{
	return (node->nodetype & (LYS_CONTAINER | LYS_LIST | LYS_LEAF | LYS_LEAFLIST)) &&
	       (!writable || (node->flags & LYS_CONFIG_R) == 0);
}

static bool
is_required(const struct lysc_node *node)
{
	if (node->parent && (node->parent->nodetype & LYS_CASE))
		return false;
	return lysc_is_key(node) || ((node->nodetype & LYS_LEAF) && (node->flags & LYS_MAND_TRUE));
}

/* An object of the data children; choices and cases are no members, what is in them is. */
static void
print_object(const struct lysc_node *parent, uint32_t options, bool writable, struct text *out)
{
	const struct lysc_node *child = NULL;
	bool first = true;

	text_add(out, "\"type\":\"object\",\"additionalProperties\":false,\"properties\":{");
	while ((child = lys_getnext(child, parent, NULL, options))) {
		if (!is_shown(child, writable))
			continue;
		text_add(out, first ? "" : ",");
		add_name(child, out);
		text_add(out, ":");
		print_node(child, writable, out);
		first = false;
	}
	text_add(out, "}");
	first = true;
	while ((child = lys_getnext(child, parent, NULL, options))) {
		if (!is_shown(child, writable) || !is_required(child))
			continue;
		text_add(out, first ? ",\"required\":[" : ",");
		add_name(child, out);
		first = false;
	}
	text_add(out, first ? "" : "]");
}

static void
print_list(const struct lysc_node *node, bool writable, struct text *out)
{
	const struct lysc_node_list *list = (const struct lysc_node_list *)node;

	text_add(out, "\"type\":\"array\",\"items\":{");
	print_object(node, 0, writable, out);
	text_add(out, "}");
	if (list->min)
		text_printf(out, ",\"minItems\":%" PRIu32, list->min);
	if (list->max && list->max < UINT32_MAX)
		text_printf(out, ",\"maxItems\":%" PRIu32, list->max);
}

static void
print_node(const struct lysc_node *node, bool writable, struct text *out)
{
	text_add(out, "{");
	if (node->nodetype == LYS_CONTAINER) {
		print_object(node, 0, writable, out);
	} else if (node->nodetype == LYS_LIST) {
		print_list(node, writable, out);
	} else if (node->nodetype == LYS_LEAFLIST) {
		text_add(out, "\"type\":\"array\",\"items\":{");
		print_type(((const struct lysc_node_leaflist *)node)->type, out);
		text_add(out, "}");
	} else {
		print_type(((const struct lysc_node_leaf *)node)->type, out);
	}
	add_description(node->dsc, out);
	text_add(out, "}");
}

/* The body of an operation: one member, "MODULE:input" or "MODULE:output". */
static bool
print_side(const struct lysc_node *rpc, bool input, struct text *out)
{
	uint32_t options = input ? 0 : LYS_GETNEXT_OUTPUT;
	struct text object = { 0 };

	if (!lys_getnext(NULL, rpc, NULL, options))
		return false;
	print_object(rpc, options, false, &object);
	text_printf(out,
		    "{\"type\":\"object\",\"additionalProperties\":false,\"properties\":{"
		    "\"%s:%s\":{",
		    rpc->module->name, input ? "input" : "output");
	text_bytes(out, text_get(&object), object.len);
	text_add(out, "}}");
	if (input)
		text_printf(out, ",\"required\":[\"%s:input\"]", rpc->module->name);
	text_add(out, "}");
	text_free(&object);
	return true;
}

static void
print_data(const struct lysc_node *node, bool writable, bool one, struct text *out)
{
	struct text name = { 0 };

	/* Outermost, a member always has its module (RFC 7951 section 4). */
	text_printf(&name, "\"%s:%s\"", node->module->name, node->name);
	text_printf(out, "{\"type\":\"object\",\"additionalProperties\":false,\"properties\":{%s:",
		    text_get(&name));
	if (one) {
		text_add(out, "{\"type\":\"array\",\"minItems\":1,\"maxItems\":1,\"items\":{");
		print_object(node, 0, writable, out);
		text_add(out, "}}");
	} else {
		print_node(node, writable, out);
	}
	text_add(out, "}");
	if (writable)
		text_printf(out, ",\"required\":[%s]", text_get(&name));
	text_add(out, "}");
	text_free(&name);
}

enum pce_status
codec_schema_print(const struct codec *codec, const char *path, enum codec_schema_body body,
		   bool one, struct text *out, bool *there, struct pce_error *err)
{
	const struct lysc_node *node = lys_find_path(codec->ctx, NULL, path, 0);

	*there = false;
	if (!node)
		return pce_fail(err, PCE_NOT_FOUND, "no YANG module has %s", path);
	if (body == CODEC_SCHEMA_INPUT || body == CODEC_SCHEMA_OUTPUT) {
		*there = print_side(node, body == CODEC_SCHEMA_INPUT, out);
	} else {
		print_data(node, body == CODEC_SCHEMA_WRITE, one, out);
		*there = true;
	}
	return text_ok(out) ? PCE_OK : pce_no_memory(err);
}
