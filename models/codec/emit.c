/*
 * Emitting: structs are written as JSON text by hand-held calls, and the text goes through libyang,
 * which validates it and prints it in canonical form. So a struct that its schema forbids is found
 * here, not by a peer. Text is quicker to write than trees are to build, and parsing it costs no
 * more than building (both about 15 us for a policy).
 */
#define _POSIX_C_SOURCE 200809L
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "models/codec/internal.h"
#include "pce/base/units.h"

#define REPLACEMENT "\xef\xbf\xbd" /* U+FFFD */

static void
emit_name(struct emit *e, const char *name)
{
	if (e->comma)
		text_add(&e->text, ",");
	e->comma = true;
	if (name)
		text_printf(&e->text, "\"%s\":", name);
}

void
emit_open(struct emit *e, const char *name, char bracket)
{
	emit_name(e, name);
	text_bytes(&e->text, &bracket, 1);
	e->comma = false;
}

void
emit_close(struct emit *e, char bracket)
{
	text_bytes(&e->text, &bracket, 1);
	e->comma = true;
}

void
emit_string(struct emit *e, const char *name, const char *value)
{
	struct text clean = { 0 };
	size_t len = value ? strlen(value) : 0;

	if (!value)
		return;
	for (size_t i = 0; i < len;) {
		bool allowed;
		size_t n = text_char(value + i, len - i, &allowed);

		/* two names that differ stay different: keys of lists depend on it */
		if (allowed && !(n == 3 && memcmp(value + i, REPLACEMENT, 3) == 0)) {
			text_bytes(&clean, value + i, n);
		} else {
			text_add(&clean, REPLACEMENT);
			text_hex(&clean, value + i, n);
		}
		i += n;
	}
	emit_name(e, name);
	if (text_ok(&clean))
		text_json_string(&e->text, text_get(&clean), clean.len);
	else
		e->text.bad = true;
	text_free(&clean);
}

void
emit_bool(struct emit *e, const char *name, bool value)
{
	emit_name(e, name);
	text_add(&e->text, value ? "true" : "false");
}

void
emit_u32(struct emit *e, const char *name, uint32_t value)
{
	emit_name(e, name);
	text_printf(&e->text, "%" PRIu32, value);
}

void
emit_u64(struct emit *e, const char *name, uint64_t value)
{
	emit_name(e, name);
	text_printf(&e->text, "\"%" PRIu64 "\"", value);
}

void
emit_addr(struct emit *e, const char *name, const struct ip_addr *addr)
{
	char text[IP_TEXT];

	if (addr->family != IP_NONE)
		emit_string(e, name, ip_print(addr, text));
}

void
emit_prefix(struct emit *e, const char *name, const struct ip_prefix *prefix)
{
	char text[IP_TEXT];

	emit_string(e, name, ip_print_prefix(prefix, text));
}

void
emit_sid(struct emit *e, const char *name, const uint8_t sid[16])
{
	struct ip_addr addr = ip_v6(sid);

	emit_addr(e, name, &addr);
}

void
emit_availability(struct emit *e, const char *name, uint64_t unavailability_ppt)
{
	char text[32];

	units_print_availability(unavailability_ppt, text, sizeof(text));
	emit_string(e, name, text);
}

void
emit_strings(struct emit *e, const char *name, const char *const *values, size_t n)
{
	if (n == 0)
		return;
	emit_open(e, name, '[');
	for (size_t i = 0; i < n; i++)
		emit_string(e, NULL, values[i]);
	emit_close(e, ']');
}

void
emit_time(struct emit *e, const char *name, int64_t wall_us)
{
	int64_t second = wall_us / USEC_PER_S, rest = wall_us % USEC_PER_S;
	struct tm tm;
	time_t at;
	char text[64], whole[40];

	if (rest < 0) {
		rest += USEC_PER_S;
		second--;
	}
	at = (time_t)second;
	if (!gmtime_r(&at, &tm) || strftime(whole, sizeof(whole), "%Y-%m-%dT%H:%M:%S", &tm) == 0)
		return;
	snprintf(text, sizeof(text), "%s.%06dZ", whole, (int)rest);
	emit_string(e, name, text);
}

void
emit_free(struct emit *e)
{
	text_free(&e->text);
	e->comma = false;
}

static LY_ERR
parse_emitted(const struct codec *codec, const char *json, enum emit_kind kind,
	      struct lyd_node **tree)
{
	static const enum lyd_type types[] = {
		[EMIT_INPUT] = LYD_TYPE_RPC_YANG,
		[EMIT_OUTPUT] = LYD_TYPE_REPLY_YANG,
		[EMIT_NOTIFICATION] = LYD_TYPE_NOTIF_YANG,
	};
	struct lyd_node *op = NULL;
	struct ly_in *in = NULL;
	LY_ERR r;

	if (kind == EMIT_DATA)
		return lyd_parse_data_mem(codec->ctx, json, LYD_JSON, LYD_PARSE_STRICT,
					  LYD_VALIDATE_PRESENT, tree);
	r = ly_in_new_memory(json, &in);
	if (r)
		return r;
	r = lyd_parse_op(codec->ctx, NULL, in, LYD_JSON, types[kind], tree, &op);
	ly_in_free(in, 0);
	return r ? r : lyd_validate_op(*tree, NULL, types[kind], NULL);
}

static enum pce_status
emit_through(const struct codec *codec, struct emit *e, enum emit_kind kind, LYD_FORMAT format,
	     char **printed, struct pce_error *err)
{
	struct lyd_node *tree = NULL;
	enum pce_status status = PCE_OK;

	*printed = NULL;
	if (!text_ok(&e->text))
		return pce_no_memory(err);
	ly_err_clean(codec->ctx, NULL);
	if (parse_emitted(codec, text_get(&e->text), kind, &tree))
		status = codec_ly_fail(codec, NULL, PCE_INTERNAL, err);
	else if (lyd_print_mem(printed, tree, format,
			       LYD_PRINT_SHRINK | LYD_PRINT_WITHSIBLINGS | LYD_PRINT_WD_EXPLICIT))
		status = pce_no_memory(err);
	lyd_free_all(tree);
	return status;
}

/* Puts MODULE:input or output in the place of MODULE:OPERATION, as RESTCONF says (RFC 8040 section
 * 3.6). */
static void
append_wrapped(const char *json, const char *op_path, const char *word, struct text *out)
{
	size_t head = strlen("{\"") + strlen(op_path + 1) + strlen("\"");

	text_printf(out, "{\"%.*s:%s\"", (int)strcspn(op_path + 1, ":"), op_path + 1, word);
	text_add(out, json + head);
}

enum pce_status
emit_finish(const struct codec *codec, struct emit *e, enum emit_kind kind, const char *op_path,
	    struct text *out, struct pce_error *err)
{
	char *printed;
	enum pce_status status = emit_through(codec, e, kind, LYD_JSON, &printed, err);
	struct text empty = { 0 };

	/* libyang leaves an empty container out: its name says what is empty */
	if (strstr(text_get(&e->text), "\":"))
		text_printf(&empty, "%.*s\":{}}",
			    (int)(strstr(text_get(&e->text), "\":") - text_get(&e->text)),
			    text_get(&e->text));
	emit_free(e);
	if (status == PCE_OK && op_path)
		append_wrapped(printed, op_path, kind == EMIT_INPUT ? "input" : "output", out);
	else if (status == PCE_OK)
		text_add(out, strcmp(printed, "{}") ? printed : text_get(&empty));
	if (status == PCE_OK && !text_ok(&empty))
		status = pce_no_memory(err);
	text_free(&empty);
	free(printed);
	return status == PCE_OK && !text_ok(out) ? pce_no_memory(err) : status;
}

enum pce_status
emit_finish_xml(const struct codec *codec, struct emit *e, struct text *out, struct pce_error *err)
{
	char *printed;
	enum pce_status status = emit_through(codec, e, EMIT_DATA, LYD_XML, &printed, err);

	emit_free(e);
	if (status == PCE_OK && printed)
		text_add(out, printed);
	free(printed);
	return status == PCE_OK && !text_ok(out) ? pce_no_memory(err) : status;
}
