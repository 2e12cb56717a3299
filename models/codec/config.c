/* karst-config. Defaults are the schema's: after validation they are nodes like any other. */
#include "models/codec/config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "models/codec/config_internal.h"

static const char *const ties[] = {
	[PATH_TIE_DELAY] = "delay",
	[PATH_TIE_TE] = "te",
	[PATH_TIE_IGP] = "igp",
	[PATH_TIE_HOPS] = "hops",
};

static const char *const client_matches[] = {
	[CONFIG_CLIENT_DNS_NAME] = "san-dns-name", [CONFIG_CLIENT_EMAIL] = "san-email",
	[CONFIG_CLIENT_URI] = "san-uri",           [CONFIG_CLIENT_COMMON_NAME] = "common-name",
	[CONFIG_CLIENT_SHA256] = "sha256",
};

const char *
config_text(struct config_reader *r, const struct lyd_node *node, const char *name)
{
	return read_copy(r->arena, read_text(node, name), &r->bad);
}

/* A file name, seen from the folder of the configuration. */
const char *
config_file_name(struct config_reader *r, const char *name)
{
	struct text text = { 0 };
	const char *out;

	if (!name || name[0] == '/' || !r->folder)
		return read_copy(r->arena, name, &r->bad);
	text_printf(&text, "%s/%s", r->folder, name);
	out = text_ok(&text) ? arena_strdup(r->arena, text_get(&text)) : NULL;
	text_free(&text);
	r->bad = r->bad || !out;
	return out;
}

const char *
config_file(struct config_reader *r, const struct lyd_node *node, const char *name)
{
	return config_file_name(r, read_text(node, name));
}

/* Room for the entries of a list, at least one more than there are. */
void *
config_room(struct config_reader *r, const struct lyd_node *parent, const char *name, size_t size,
	    size_t *n)
{
	void *out;

	*n = read_count(parent, name);
	out = arena_alloc(r->arena, (*n + 1) * size);
	r->bad = r->bad || !out;
	if (!out)
		*n = 0;
	return out;
}

static void
read_peer(struct config_reader *r, const struct lyd_node *node, struct config_bgp_peer *out)
{
	out->name = config_text(r, node, "name");
	out->address = read_addr(node, "address");
	out->port = (uint16_t)read_u64(node, "port", 179);
	out->local = read_addr(node, "local-address");
	out->asn = (uint32_t)read_u64(node, "asn", 0);
	out->passive = read_bool(node, "passive", false);
	out->hold_time_s = (uint32_t)read_u64(node, "hold-time-s", 90);
	out->stale_time_s = (uint32_t)read_u64(node, "stale-time-s", 300);
	out->password_file = config_file(r, node, "password-file");
	out->ttl_security_hops = (uint8_t)read_u64(node, "ttl-security-hops", 0);
}

static void
read_bgp(struct config_reader *r, const struct lyd_node *node, struct config_bgp *out)
{
	const struct lyd_node *child;
	struct ip_addr *listen = config_room(r, node, "listen", sizeof(*listen), &out->n_listen);
	struct config_bgp_peer *peers = config_room(r, node, "peer", sizeof(*peers), &out->n_peers);
	size_t n_listen = 0, n_peers = 0;

	out->asn = (uint32_t)read_u64(node, "asn", 0);
	out->router_id = read_addr(node, "router-id");
	out->listen_port = (uint16_t)read_u64(node, "listen-port", 179);
	out->strict_order = read_bool(node, "strict-order", false);
	out->listen = listen;
	out->peers = peers;
	LY_LIST_FOR(node && !r->bad ? lyd_child(node) : NULL, child)
	{
		if (strcmp(read_name(child), "listen") == 0)
			(void)ip_parse(lyd_get_value(child), &listen[n_listen++], NULL);
		else if (strcmp(read_name(child), "peer") == 0)
			read_peer(r, child, &peers[n_peers++]);
	}
}

static void
read_profile(struct config_reader *r, const struct lyd_node *node, struct config_profile *out)
{
	out->name = config_text(r, node, "name");
	out->model = config_text(r, node, "model");
	out->model_file = config_file(r, node, "model-file");
	out->yang_folder = config_file(r, node, "yang-folder");
	out->msd = (uint32_t)read_u64(node, "max-segments", 10);
	out->no_validate = read_bool(node, "no-validate", true);
	out->discard_on_error = read_bool(node, "discard-on-error", false);
	out->no_confirmed_commit = read_bool(node, "no-confirmed-commit", false);
	out->no_running_lock = read_bool(node, "no-running-lock", false);
	out->weak_lock = read_bool(node, "weak-lock", false);
	out->batch = (uint32_t)read_u64(node, "batch-size", 500);
}

static void
read_device(struct config_reader *r, const struct lyd_node *node, struct config_device *out)
{
	const char *tied = read_text(node, "node"), *transport = read_text(node, "transport");

	out->tls = transport && strcmp(transport, "tls") == 0;
	out->name = config_text(r, node, "name");
	out->node = tied ? read_copy(r->arena, tied, &r->bad) : out->name;
	out->driver = config_text(r, node, "driver");
	out->profile = config_text(r, node, "profile");
	out->address = config_text(r, node, "address");
	out->port = (uint16_t)read_u64(node, "port", out->tls ? 6513 : 830);
	out->username = config_text(r, node, "username");
	out->private_key_file = config_file(r, node, "private-key-file");
	out->host_key_sha256 = config_text(r, node, "host-key-sha256");
	out->known_hosts_file = config_file(r, node, "known-hosts-file");
	out->certificate_file = config_file(r, node, "certificate-file");
	out->ca_file = config_file(r, node, "ca-file");
	out->server_name = config_text(r, node, "server-name");
	config_read_gnmi(r, node, out);
}

static void
read_client(struct config_reader *r, const struct lyd_node *node, struct config_client *out)
{
	out->name = config_text(r, node, "name");
	out->role = config_text(r, node, "role");
	for (int i = 0; i < CONFIG_CLIENT_MATCH_COUNT; i++) {
		if (read_text(node, client_matches[i])) {
			out->match = (enum config_client_match)i;
			out->value = config_text(r, node, client_matches[i]);
		}
	}
}

static void
read_api(struct config_reader *r, const struct lyd_node *node, struct config_api *out)
{
	struct config_client *clients =
	    config_room(r, node, "client", sizeof(*clients), &out->n_clients);
	const struct lyd_node *child;
	size_t n = 0;

	out->listen = read_addr(node, "address");
	out->port = (uint16_t)read_u64(node, "port", 8443);
	out->tls = read_bool(node, "tls", true);
	out->auth = read_bool(node, "auth", true);
	out->certificate_file = config_file(r, node, "certificate-file");
	out->key_file = config_file(r, node, "key-file");
	out->client_ca_file = config_file(r, node, "client-ca-file");
	out->client_crl_file = config_file(r, node, "client-crl-file");
	out->clients = clients;
	LY_LIST_FOR(node && !r->bad ? lyd_child(node) : NULL, child)
	{
		if (strcmp(read_name(child), "client") == 0)
			read_client(r, child, &clients[n++]);
	}
}

static void
read_ties(const struct lyd_node *policy, struct karst_config *out)
{
	const struct lyd_node *child;

	LY_LIST_FOR(policy ? lyd_child(policy) : NULL, child)
	{
		if (strcmp(read_name(child), "tie-break") != 0)
			continue;
		for (uint8_t i = 0; i < PATH_TIE_COUNT; i++) {
			if (strcmp(ties[i], lyd_get_value(child)) == 0 &&
			    out->n_ties < PATH_TIE_COUNT)
				out->ties[out->n_ties++] = i;
		}
	}
	if (out->n_ties == 0) {
		out->ties[out->n_ties++] = PATH_TIE_DELAY;
		out->ties[out->n_ties++] = PATH_TIE_TE;
	}
}

static void
read_lists(struct config_reader *r, const struct lyd_node *top, struct karst_config *out)
{
	size_t n_profiles = 0, n_devices = 0, n_affinities = 0, n_files = 0;
	const struct lyd_node *child;
	struct config_profile *profiles =
	    config_room(r, top, "profile", sizeof(*profiles), &out->n_profiles);
	struct config_device *devices =
	    config_room(r, top, "device", sizeof(*devices), &out->n_devices);
	struct config_affinity *affinities =
	    config_room(r, top, "affinity", sizeof(*affinities), &out->n_affinities);
	const char **files =
	    config_room(r, top, "topology-file", sizeof(*files), &out->n_topology_files);

	out->profiles = profiles;
	out->devices = devices;
	out->affinities = affinities;
	out->topology_files = files;
	LY_LIST_FOR(r->bad ? NULL : lyd_child(top), child)
	{
		const char *name = read_name(child);

		if (strcmp(name, "profile") == 0) {
			read_profile(r, child, &profiles[n_profiles++]);
		} else if (strcmp(name, "device") == 0) {
			read_device(r, child, &devices[n_devices++]);
		} else if (strcmp(name, "topology-file") == 0) {
			files[n_files++] = config_file_name(r, lyd_get_value(child));
		} else if (strcmp(name, "affinity") == 0) {
			affinities[n_affinities].name = config_text(r, child, "name");
			affinities[n_affinities++].bit = (uint32_t)read_u64(child, "bit", 0);
		}
	}
}

/* What the schema cannot say. */
static enum pce_status
check(struct config_reader *r, const struct lyd_node *top)
{
	const struct lyd_node *api = read_child(top, "api"), *bgp = read_child(top, "bgp"), *child;
	struct ip_addr listen = read_addr(api, "address");
	static const uint8_t loopback6[16] = { [15] = 1 };
	bool local = listen.family == IP_V4 ? listen.octets[0] == 127
					    : memcmp(listen.octets, loopback6, 16) == 0;

	if (!local && !(read_bool(api, "tls", true) && read_bool(api, "auth", true)))
		return document_fail(r->doc, api, "address", PCE_INVALID, r->err,
				     "the API needs tls and auth unless its address is a loopback "
				     "one");
	LY_LIST_FOR(bgp ? lyd_child(bgp) : NULL, child)
	{
		if (strcmp(read_name(child), "peer") == 0 && read_bool(child, "passive", false) &&
		    read_count(bgp, "listen") == 0)
			return document_fail(r->doc, child, "passive", PCE_INVALID, r->err,
					     "peer %s is passive, but bgp/listen gives no address",
					     read_text(child, "name"));
	}
	return config_check_telemetry(r, top);
}

static void
read_doubt(const struct lyd_node *node, struct doubt_limits *out)
{
	*out = (struct doubt_limits){
		.hold_s = (uint32_t)read_u64(node, "hold-s", 60),
		.least_fibres = (uint32_t)read_u64(node, "least-fibres", 3),
		.fibres_percent = (uint32_t)read_u64(node, "fibres-percent", 5),
	};
	if (!read_bool(node, "enabled", true))
		out->hold_s = 0;
}

static void
read_guard(const struct lyd_node *guard, struct guard_limits *out)
{
	*out = (struct guard_limits){
		.links_percent = (uint32_t)read_u64(guard, "links-percent", 25),
		.least_links = (uint32_t)read_u64(guard, "least-links", 20),
		.window_s = (uint32_t)read_u64(guard, "window-s", 30),
		.heal_after_s = (uint32_t)read_u64(guard, "heal-after-s", 0),
		.moves_per_s = (uint32_t)read_u64(guard, "moves-per-s", 1000),
		.moved_percent = (uint32_t)read_u64(guard, "max-moved-share", 100),
		.moved_window_s = (uint32_t)read_u64(guard, "moved-window-s", 10),
	};
	read_doubt(read_child(guard, "contradiction"), &out->doubt);
	if (!read_bool(guard, "enabled", true))
		out->links_percent = out->doubt.hold_s = 0;
}

static void
read_damping(const struct lyd_node *damping, struct damping_limits *out)
{
	*out = (struct damping_limits){
		.penalty = (uint32_t)read_u64(damping, "penalty", 1000),
		.suppress = (uint32_t)read_u64(damping, "suppress", 3500),
		.reuse = (uint32_t)read_u64(damping, "reuse", 1000),
		.half_life_s = (uint32_t)read_u64(damping, "half-life-s", 120),
		.max_hold_s = (uint32_t)read_u64(damping, "max-hold-s", 900),
	};
	if (!read_bool(damping, "enabled", true))
		out->penalty = 0;
}

static void
read_assurance(const struct lyd_node *node, struct assure_limits *out)
{
	*out = (struct assure_limits){
		.hold_s = (uint32_t)read_u64(node, "hold-s", 60),
		.max_hold_s = (uint32_t)read_u64(node, "max-hold-s", 3600),
		.detect_ms = (uint32_t)read_u64(node, "detect-ms", 500),
		.links_percent = (uint32_t)read_u64(node, "max-suspects-share", 10),
		.least_links = (uint32_t)read_u64(node, "least-suspects", 16),
	};
	if (!read_bool(node, "enabled", true))
		out->hold_s = 0;
}

static void
read_reoptimise(const struct lyd_node *node, struct reoptimise_limits *out)
{
	*out = (struct reoptimise_limits){
		.hold_s = (uint32_t)read_u64(node, "hold-s", 300),
		.batch = (uint32_t)read_u64(node, "batch", 10),
		.pause_s = (uint32_t)read_u64(node, "pause-s", 10),
		.gain_percent = (uint32_t)read_u64(node, "gain-percent", 10),
		.gain_delay_us = read_u64(node, "gain-delay-us", 500),
		.gain_metric = read_u64(node, "gain-metric", 1),
		.gain_bandwidth_bps = read_u64(node, "gain-bandwidth-bps", 10000000),
		.gain_unavailability_ppt = read_u64(node, "gain-unavailability-ppt", 1000000),
	};
	if (!read_bool(node, "enabled", true))
		out->batch = 0;
}

static enum pce_status
read_config(struct config_reader *r, const struct lyd_node *top, struct karst_config *out)
{
	const struct lyd_node *policy = read_child(top, "policy");
	const struct lyd_node *southbound = read_child(top, "southbound");
	enum pce_status status = check(r, top);

	if (status != PCE_OK)
		return status;
	out->state_dir = config_file(r, top, "state-folder");
	out->trace_file = config_file(r, top, "trace-file");
	read_bgp(r, read_child(top, "bgp"), &out->bgp);
	read_lists(r, top, out);
	read_api(r, read_child(top, "api"), &out->api);
	out->color_min = (uint32_t)read_u64(policy, "color-low", 10000);
	out->color_max = (uint32_t)read_u64(policy, "color-high", 19999);
	out->name_prefix = config_text(r, policy, "name-prefix");
	out->strict_msd = read_bool(policy, "strict-msd", false);
	read_ties(policy, out);
	read_guard(read_child(top, "guard"), &out->guard);
	config_read_telemetry(r, read_child(top, "telemetry"), &out->telemetry);
	read_damping(read_child(top, "damping"), &out->damping);
	read_assurance(read_child(top, "assurance"), &out->assure);
	out->change_lifetime_s = (uint32_t)read_u64(top, "change-lifetime-s", 14400);
	read_reoptimise(read_child(top, "reoptimise"), &out->reoptimise);
	out->history_moves = (uint32_t)read_u64(read_child(top, "history"), "moves", 32);
	out->confirm_timeout_s = (uint32_t)read_u64(southbound, "confirm-timeout-s", 60);
	out->rpc_timeout_s = (uint32_t)read_u64(southbound, "rpc-timeout-s", 30);
	out->readback_interval_s = (uint32_t)read_u64(southbound, "read-back-s", 300);
	out->max_connects = (uint32_t)read_u64(southbound, "max-connects", 12);
	return r->bad ? pce_no_memory(r->err) : PCE_OK;
}

enum pce_status
codec_config_parse(const struct codec *codec, const char *text, size_t len, const char *folder,
		   struct arena *arena, struct karst_config *out, struct pce_error *err)
{
	struct document doc = { 0 };
	struct config_reader r = { &doc, folder, arena, err, false };
	struct karst_config config = { 0 };
	const struct lyd_node *top;
	enum pce_status status = document_parse(codec, text, len, false, &doc, err);

	if (status != PCE_OK)
		return status;
	LY_LIST_FOR(doc.tree, top)
	{
		if (strcmp(read_name(top), "karstd") == 0)
			break;
	}
	status = top ? read_config(&r, top, &config)
		     : pce_fail(err, PCE_INVALID, "there is no karst-config:karstd in the text");
	document_free(&doc);
	if (status == PCE_OK)
		*out = config;
	return status;
}

enum pce_status
codec_config_read(const struct codec *codec, const char *path, struct arena *arena,
		  struct karst_config *out, struct pce_error *err)
{
	const char *slash = strrchr(path, '/');
	char *folder = NULL, *text = NULL;
	size_t len = 0;
	enum pce_status status = codec_file_read(path, 64u << 20, &text, &len, err);

	if (status != PCE_OK)
		return status;
	folder = slash ? malloc((size_t)(slash - path) + 2) : NULL;
	if (slash && folder)
		snprintf(folder, (size_t)(slash - path) + 2, "%.*s",
			 slash == path ? 1 : (int)(slash - path), path);
	status = slash && !folder ? pce_no_memory(err)
				  : codec_config_parse(codec, text, len, folder, arena, out, err);
	free(folder);
	free(text);
	return status == PCE_OK ? PCE_OK : codec_name_file(err, status, path);
}

static void
emit_bgp(struct emit *e, const struct config_bgp *bgp)
{
	if (bgp->asn == 0)
		return;
	emit_open(e, "bgp", '{');
	emit_u32(e, "asn", bgp->asn);
	emit_addr(e, "router-id", &bgp->router_id);
	emit_open(e, "listen", '[');
	for (size_t i = 0; i < bgp->n_listen; i++)
		emit_addr(e, NULL, &bgp->listen[i]);
	emit_close(e, ']');
	emit_u32(e, "listen-port", bgp->listen_port);
	emit_open(e, "peer", '[');
	for (size_t i = 0; i < bgp->n_peers; i++) {
		const struct config_bgp_peer *peer = &bgp->peers[i];

		emit_open(e, NULL, '{');
		emit_string(e, "name", peer->name);
		emit_addr(e, "address", &peer->address);
		emit_u32(e, "port", peer->port);
		emit_u32(e, "asn", peer->asn);
		emit_addr(e, "local-address", &peer->local);
		emit_bool(e, "passive", peer->passive);
		emit_u32(e, "hold-time-s", peer->hold_time_s);
		emit_u32(e, "stale-time-s", peer->stale_time_s);
		emit_string(e, "password-file", peer->password_file);
		if (peer->ttl_security_hops > 0)
			emit_u32(e, "ttl-security-hops", peer->ttl_security_hops);
		emit_close(e, '}');
	}
	emit_close(e, ']');
	emit_bool(e, "strict-order", bgp->strict_order);
	emit_close(e, '}');
}

static void
emit_profiles(struct emit *e, const struct karst_config *config)
{
	emit_open(e, "profile", '[');
	for (size_t i = 0; i < config->n_profiles; i++) {
		const struct config_profile *profile = &config->profiles[i];

		emit_open(e, NULL, '{');
		emit_string(e, "name", profile->name);
		emit_string(e, "model", profile->model);
		emit_string(e, "model-file", profile->model_file);
		emit_string(e, "yang-folder", profile->yang_folder);
		emit_u32(e, "max-segments", profile->msd);
		emit_bool(e, "no-validate", profile->no_validate);
		emit_bool(e, "discard-on-error", profile->discard_on_error);
		emit_bool(e, "no-confirmed-commit", profile->no_confirmed_commit);
		emit_bool(e, "no-running-lock", profile->no_running_lock);
		emit_bool(e, "weak-lock", profile->weak_lock);
		emit_u32(e, "batch-size", profile->batch);
		emit_close(e, '}');
	}
	emit_close(e, ']');
}

static void
emit_devices(struct emit *e, const struct karst_config *config)
{
	emit_open(e, "device", '[');
	for (size_t i = 0; i < config->n_devices; i++) {
		const struct config_device *device = &config->devices[i];

		emit_open(e, NULL, '{');
		emit_string(e, "name", device->name);
		emit_string(e, "node", device->node);
		emit_string(e, "driver", device->driver);
		emit_string(e, "profile", device->profile);
		emit_string(e, "address", device->address);
		emit_string(e, "transport", device->tls ? "tls" : "ssh");
		emit_u32(e, "port", device->port);
		emit_string(e, "username", device->username);
		emit_string(e, "private-key-file", device->private_key_file);
		emit_string(e, "host-key-sha256", device->host_key_sha256);
		emit_string(e, "known-hosts-file", device->known_hosts_file);
		config_emit_gnmi(e, device);
		emit_string(e, "certificate-file", device->certificate_file);
		emit_string(e, "ca-file", device->ca_file);
		emit_string(e, "server-name", device->server_name);
		emit_close(e, '}');
	}
	emit_close(e, ']');
}

static void
emit_policy(struct emit *e, const struct karst_config *config)
{
	emit_open(e, "policy", '{');
	emit_u32(e, "color-low", config->color_min);
	emit_u32(e, "color-high", config->color_max);
	emit_string(e, "name-prefix", config->name_prefix);
	emit_bool(e, "strict-msd", config->strict_msd);
	emit_open(e, "tie-break", '[');
	for (size_t i = 0; i < config->n_ties; i++)
		emit_string(e, NULL, config->ties[i] < PATH_TIE_COUNT ? ties[config->ties[i]] : "");
	emit_close(e, ']');
	emit_close(e, '}');
	emit_open(e, "affinity", '[');
	for (size_t i = 0; i < config->n_affinities; i++) {
		emit_open(e, NULL, '{');
		emit_string(e, "name", config->affinities[i].name);
		emit_u32(e, "bit", config->affinities[i].bit);
		emit_close(e, '}');
	}
	emit_close(e, ']');
}

static void
emit_clients(struct emit *e, const struct config_api *api)
{
	emit_string(e, "client-ca-file", api->client_ca_file);
	emit_string(e, "client-crl-file", api->client_crl_file);
	emit_open(e, "client", '[');
	for (size_t i = 0; i < api->n_clients; i++) {
		emit_open(e, NULL, '{');
		emit_string(e, "name", api->clients[i].name);
		emit_string(e, "role", api->clients[i].role);
		emit_string(e, client_matches[api->clients[i].match], api->clients[i].value);
		emit_close(e, '}');
	}
	emit_close(e, ']');
}

static void
emit_reoptimise(struct emit *e, const struct reoptimise_limits *from)
{
	emit_open(e, "reoptimise", '{');
	emit_bool(e, "enabled", from->batch > 0);
	emit_u32(e, "hold-s", from->hold_s);
	if (from->batch > 0)
		emit_u32(e, "batch", from->batch);
	emit_u32(e, "pause-s", from->pause_s);
	emit_u32(e, "gain-percent", from->gain_percent);
	emit_u64(e, "gain-delay-us", from->gain_delay_us);
	emit_u64(e, "gain-metric", from->gain_metric);
	emit_u64(e, "gain-bandwidth-bps", from->gain_bandwidth_bps);
	emit_u64(e, "gain-unavailability-ppt", from->gain_unavailability_ppt);
	emit_close(e, '}');
}

static void
emit_sides(struct emit *e, const struct karst_config *config)
{
	const struct config_api *api = &config->api;

	emit_open(e, "api", '{');
	emit_addr(e, "address", &api->listen);
	emit_u32(e, "port", api->port);
	emit_bool(e, "tls", api->tls);
	emit_bool(e, "auth", api->auth);
	emit_string(e, "certificate-file", api->certificate_file);
	emit_string(e, "key-file", api->key_file);
	emit_clients(e, api);
	emit_close(e, '}');
	emit_open(e, "guard", '{');
	emit_bool(e, "enabled", config->guard.links_percent > 0);
	if (config->guard.links_percent > 0)
		emit_u32(e, "links-percent", config->guard.links_percent);
	emit_u32(e, "least-links", config->guard.least_links);
	emit_u32(e, "window-s", config->guard.window_s);
	emit_u32(e, "heal-after-s", config->guard.heal_after_s);
	emit_u32(e, "moves-per-s", config->guard.moves_per_s);
	emit_u32(e, "max-moved-share", config->guard.moved_percent);
	emit_u32(e, "moved-window-s", config->guard.moved_window_s);
	emit_open(e, "contradiction", '{');
	emit_bool(e, "enabled", config->guard.doubt.hold_s > 0);
	if (config->guard.doubt.hold_s > 0)
		emit_u32(e, "hold-s", config->guard.doubt.hold_s);
	emit_u32(e, "least-fibres", config->guard.doubt.least_fibres);
	emit_u32(e, "fibres-percent", config->guard.doubt.fibres_percent);
	emit_close(e, '}');
	emit_close(e, '}');
	emit_open(e, "assurance", '{');
	emit_bool(e, "enabled", config->assure.hold_s > 0);
	if (config->assure.hold_s > 0)
		emit_u32(e, "hold-s", config->assure.hold_s);
	emit_u32(e, "max-hold-s", config->assure.max_hold_s);
	emit_u32(e, "detect-ms", config->assure.detect_ms);
	emit_u32(e, "max-suspects-share", config->assure.links_percent);
	emit_u32(e, "least-suspects", config->assure.least_links);
	emit_close(e, '}');
	emit_open(e, "damping", '{');
	emit_bool(e, "enabled", config->damping.penalty > 0);
	if (config->damping.penalty > 0)
		emit_u32(e, "penalty", config->damping.penalty);
	emit_u32(e, "suppress", config->damping.suppress);
	emit_u32(e, "reuse", config->damping.reuse);
	emit_u32(e, "half-life-s", config->damping.half_life_s);
	emit_u32(e, "max-hold-s", config->damping.max_hold_s);
	emit_close(e, '}');
	emit_u32(e, "change-lifetime-s", config->change_lifetime_s);
	emit_reoptimise(e, &config->reoptimise);
	emit_open(e, "history", '{');
	emit_u32(e, "moves", config->history_moves);
	emit_close(e, '}');
	emit_open(e, "southbound", '{');
	emit_u32(e, "confirm-timeout-s", config->confirm_timeout_s);
	emit_u32(e, "rpc-timeout-s", config->rpc_timeout_s);
	emit_u32(e, "read-back-s", config->readback_interval_s);
	emit_u32(e, "max-connects", config->max_connects);
	emit_close(e, '}');
}

enum pce_status
codec_config_print(const struct codec *codec, const struct karst_config *config, struct text *out,
		   struct pce_error *err)
{
	struct emit e = { 0 };

	emit_open(&e, NULL, '{');
	emit_open(&e, "karst-config:karstd", '{');
	emit_string(&e, "state-folder", config->state_dir);
	emit_string(&e, "trace-file", config->trace_file);
	emit_strings(&e, "topology-file", config->topology_files, config->n_topology_files);
	emit_bgp(&e, &config->bgp);
	emit_profiles(&e, config);
	emit_devices(&e, config);
	emit_policy(&e, config);
	emit_sides(&e, config);
	config_emit_telemetry(&e, &config->telemetry);
	emit_close(&e, '}');
	emit_close(&e, '}');
	return emit_finish(codec, &e, EMIT_DATA, NULL, out, err);
}
