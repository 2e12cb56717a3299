/* The part of karst-config about telemetry, and mapping files. */
#include <stdlib.h>
#include <string.h>

#include "models/codec/config_internal.h"

static void
read_interfaces(struct config_reader *r, const struct lyd_node *device, struct config_device *out)
{
	struct config_interface *rows =
	    config_room(r, device, "interface", sizeof(*rows), &out->n_interfaces);
	const struct lyd_node *child;
	size_t n = 0;

	out->interfaces = rows;
	LY_LIST_FOR(r->bad ? NULL : lyd_child(device), child)
	{
		if (strcmp(read_name(child), "interface") != 0)
			continue;
		rows[n].name = config_text(r, child, "name");
		rows[n++].link = config_text(r, child, "link");
	}
}

void
config_read_gnmi(struct config_reader *r, const struct lyd_node *device, struct config_device *out)
{
	const struct lyd_node *gnmi = read_child(device, "gnmi");

	read_interfaces(r, device, out);
	out->dialout_name = config_text(r, device, "dial-out-name");
	if (!gnmi)
		return;
	out->gnmi = (struct config_gnmi){
		.port = (uint16_t)read_u64(gnmi, "port", 9339),
		.telemetry = read_bool(gnmi, "telemetry", true),
		.tls = read_bool(gnmi, "tls", true),
		.ca_file = config_file(r, gnmi, "ca-file"),
		.certificate_file = config_file(r, gnmi, "certificate-file"),
		.key_file = config_file(r, gnmi, "key-file"),
		.server_name = config_text(r, gnmi, "server-name"),
		.username = config_text(r, gnmi, "username"),
		.password_file = config_file(r, gnmi, "password-file"),
		.target = config_text(r, gnmi, "target"),
		.origin = config_text(r, gnmi, "origin"),
		.encoding = config_text(r, gnmi, "encoding"),
		.sample_ms = (uint32_t)read_u64(gnmi, "sample-interval-ms", 10000),
		.heartbeat_s = (uint32_t)read_u64(gnmi, "heartbeat-s", 30),
	};
}

static const struct config_mapping *
read_mappings(struct config_reader *r, const struct lyd_node *node, size_t *n)
{
	struct config_mapping *rows = config_room(r, node, "mapping", sizeof(*rows), n);
	const struct lyd_node *child;
	size_t i = 0;

	LY_LIST_FOR(r->bad || !node ? NULL : lyd_child(node), child)
	{
		if (strcmp(read_name(child), "mapping") != 0)
			continue;
		rows[i++] = (struct config_mapping){
			.path = config_text(r, child, "path"),
			.meaning = config_text(r, child, "meaning"),
			.multiplier = read_u64(child, "multiplier", 1),
			.divisor = read_u64(child, "divisor", 1),
		};
	}
	return rows;
}

static void
read_files(struct config_reader *r, const struct lyd_node *node, struct config_telemetry *out)
{
	const char **files =
	    config_room(r, node, "mapping-file", sizeof(*files), &out->n_mapping_files);
	const struct lyd_node *child;
	size_t n = 0;

	out->mapping_files = files;
	LY_LIST_FOR(r->bad || !node ? NULL : lyd_child(node), child)
	{
		if (strcmp(read_name(child), "mapping-file") == 0)
			files[n++] = config_file_name(r, lyd_get_value(child));
	}
}

static void
read_dialout(struct config_reader *r, const struct lyd_node *node, struct config_dialout *out)
{
	if (!node)
		return;
	*out = (struct config_dialout){
		.listen = read_addr(node, "address"),
		.port = (uint16_t)read_u64(node, "port", 0),
		.tls = read_bool(node, "tls", true),
		.certificate_file = config_file(r, node, "certificate-file"),
		.key_file = config_file(r, node, "key-file"),
		.ca_file = config_file(r, node, "ca-file"),
	};
}

static uint32_t
number(const struct lyd_node *node, const char *name, uint32_t otherwise)
{
	return (uint32_t)read_u64(node, name, otherwise);
}

void
config_read_telemetry(struct config_reader *r, const struct lyd_node *node,
		      struct config_telemetry *out)
{
	*out = (struct config_telemetry){
		.window_s = number(node, "window-s", 30),
		.change_percent = number(node, "change-percent", 2),
		.delay_change_percent = number(node, "delay-change-percent", 10),
		.delay_change_us = number(node, "delay-change-us", 100),
		.loss_change_percent = number(node, "loss-change-percent", 25),
		.loss_change_ppb = number(node, "loss-change-ppb", 10000),
		.stale_s = number(node, "stale-s", 90),
		.up_hold_s = number(node, "up-hold-s", 10),
		.resolution_s = number(node, "resolution-s", 60),
		.keep_s = number(node, "history-h", 24) * 3600,
		.least_interval_ms = number(node, "least-interval-ms", 500),
		.max_objects = number(node, "max-objects", 4096),
	};
	out->mappings = read_mappings(r, node, &out->n_mappings);
	read_files(r, node, out);
	read_dialout(r, node ? read_child(node, "dial-out") : NULL, &out->dialout);
}

static bool
is_loopback(const char *address)
{
	return strncmp(address, "127.", 4) == 0 || strcmp(address, "::1") == 0 ||
	       strcmp(address, "localhost") == 0;
}

enum pce_status
config_check_telemetry(struct config_reader *r, const struct lyd_node *top)
{
	const struct lyd_node *telemetry = read_child(top, "telemetry"), *child;
	const struct lyd_node *dialout = telemetry ? read_child(telemetry, "dial-out") : NULL;

	LY_LIST_FOR(lyd_child(top), child)
	{
		const struct lyd_node *gnmi =
		    strcmp(read_name(child), "device") == 0 ? read_child(child, "gnmi") : NULL;

		if (gnmi && read_bool(gnmi, "telemetry", true) && read_text(child, "dial-out-name"))
			return document_fail(r->doc, child, "dial-out-name", PCE_INVALID, r->err,
					     "device %s is asked for telemetry, or sends it; not "
					     "both",
					     read_text(child, "name"));

		if (gnmi && !read_bool(gnmi, "tls", true) &&
		    !is_loopback(read_text(child, "address")))
			return document_fail(r->doc, gnmi, "tls", PCE_INVALID, r->err,
					     "device %s: gnmi needs tls unless its address is a "
					     "loopback one",
					     read_text(child, "name"));
	}
	if (!dialout)
		return PCE_OK;
	if (!read_bool(dialout, "tls", true))
		return is_loopback(read_text(dialout, "address"))
			   ? PCE_OK
			   : document_fail(r->doc, dialout, "tls", PCE_INVALID, r->err,
					   "dial-out needs tls unless its address is a loopback "
					   "one");
	return read_text(dialout, "certificate-file") && read_text(dialout, "key-file") &&
		       read_text(dialout, "ca-file")
		   ? PCE_OK
		   : document_fail(r->doc, dialout, "tls", PCE_INVALID, r->err,
				   "dial-out needs certificate-file, key-file and ca-file");
}

enum pce_status
codec_mappings_read(const struct codec *codec, const char *path, struct arena *arena,
		    const struct config_mapping **rows, size_t *n, struct pce_error *err)
{
	struct document doc = { 0 };
	struct config_reader r = { &doc, NULL, arena, err, false };
	const struct lyd_node *top;
	char *text = NULL;
	size_t len = 0;
	enum pce_status status = codec_file_read(path, 16u << 20, &text, &len, err);

	if (status)
		return status;
	status = document_parse(codec, text, len, false, &doc, err);
	free(text);
	if (status)
		return codec_name_file(err, status, path);
	LY_LIST_FOR(doc.tree, top)
	{
		if (strcmp(read_name(top), "path-map") == 0)
			break;
	}
	if (top)
		*rows = read_mappings(&r, top, n);
	document_free(&doc);
	if (r.bad)
		return pce_no_memory(err);
	return top ? PCE_OK
		   : pce_fail(err, PCE_INVALID, "%s: there is no karst-config:path-map", path);
}

/* --- printing --- */

void
config_emit_gnmi(struct emit *e, const struct config_device *device)
{
	const struct config_gnmi *gnmi = &device->gnmi;

	if (gnmi->port != 0) {
		emit_open(e, "gnmi", '{');
		emit_u32(e, "port", gnmi->port);
		emit_bool(e, "telemetry", gnmi->telemetry);
		emit_bool(e, "tls", gnmi->tls);
		emit_string(e, "ca-file", gnmi->ca_file);
		emit_string(e, "certificate-file", gnmi->certificate_file);
		emit_string(e, "key-file", gnmi->key_file);
		emit_string(e, "server-name", gnmi->server_name);
		emit_string(e, "username", gnmi->username);
		emit_string(e, "password-file", gnmi->password_file);
		emit_string(e, "target", gnmi->target);
		emit_string(e, "origin", gnmi->origin);
		emit_string(e, "encoding", gnmi->encoding);
		emit_u32(e, "sample-interval-ms", gnmi->sample_ms);
		emit_u32(e, "heartbeat-s", gnmi->heartbeat_s);
		emit_close(e, '}');
	}
	emit_open(e, "interface", '[');
	for (size_t i = 0; i < device->n_interfaces; i++) {
		emit_open(e, NULL, '{');
		emit_string(e, "name", device->interfaces[i].name);
		emit_string(e, "link", device->interfaces[i].link);
		emit_close(e, '}');
	}
	emit_close(e, ']');
	emit_string(e, "dial-out-name", device->dialout_name);
}

static void
emit_mappings(struct emit *e, const struct config_telemetry *t)
{
	emit_open(e, "mapping", '[');
	for (size_t i = 0; i < t->n_mappings; i++) {
		emit_open(e, NULL, '{');
		emit_string(e, "path", t->mappings[i].path);
		emit_string(e, "meaning", t->mappings[i].meaning);
		emit_u64(e, "multiplier", t->mappings[i].multiplier);
		emit_u64(e, "divisor", t->mappings[i].divisor);
		emit_close(e, '}');
	}
	emit_close(e, ']');
}

void
config_emit_telemetry(struct emit *e, const struct config_telemetry *t)
{
	if (t->window_s == 0)
		return;
	emit_open(e, "telemetry", '{');
	emit_u32(e, "window-s", t->window_s);
	emit_u32(e, "change-percent", t->change_percent);
	emit_u32(e, "delay-change-percent", t->delay_change_percent);
	emit_u32(e, "delay-change-us", t->delay_change_us);
	emit_u32(e, "loss-change-percent", t->loss_change_percent);
	emit_u32(e, "loss-change-ppb", t->loss_change_ppb);
	emit_u32(e, "stale-s", t->stale_s);
	emit_u32(e, "up-hold-s", t->up_hold_s);
	emit_u32(e, "resolution-s", t->resolution_s);
	emit_u32(e, "history-h", t->keep_s / 3600);
	emit_u32(e, "least-interval-ms", t->least_interval_ms);
	emit_u32(e, "max-objects", t->max_objects);
	emit_strings(e, "mapping-file", t->mapping_files, t->n_mapping_files);
	emit_mappings(e, t);
	if (t->dialout.port != 0) {
		emit_open(e, "dial-out", '{');
		emit_addr(e, "address", &t->dialout.listen);
		emit_u32(e, "port", t->dialout.port);
		emit_bool(e, "tls", t->dialout.tls);
		emit_string(e, "certificate-file", t->dialout.certificate_file);
		emit_string(e, "key-file", t->dialout.key_file);
		emit_string(e, "ca-file", t->dialout.ca_file);
		emit_close(e, '}');
	}
	emit_close(e, '}');
}
