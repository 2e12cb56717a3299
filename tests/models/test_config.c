/* The configuration: struct to text and back, defaults, bad files. */
#include <string.h>

#include "models/codec/config.h"
#include "tests/models/codec_fixture.h"
#include "tests/models/random.h"

#define CONFIG                                                                                     \
	"karstd:\n  state-folder: state\n  topology-file: [net.yaml, /abs.yaml]\n"                 \
	"  bgp:\n    asn: 65000\n    router-id: 192.0.2.1\n    listen: ['127.0.0.1']\n"            \
	"    listen-port: 1790\n    peer:\n    - {name: rr1, address: 127.0.0.2, asn: 65001, "     \
	"passive: true}\n"                                                                         \
	"  device:\n  - name: r1\n    address: 127.0.0.1\n    port: 8300\n    username: karst\n"   \
	"    private-key-file: id\n"                                                               \
	"    host-key-sha256: 'SHA256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU'\n"              \
	"  affinity: [{name: gold, bit: 40}]\n"                                                    \
	"  policy: {tie-break: [te, hops]}\n"

START_TEST(config_file_is_read_with_defaults)
{
	struct arena arena = { 0 };
	struct karst_config c;
	struct pce_error err = { 0 };
	unsigned seed = 0;

	ck_ok(codec_config_parse(codec, CONFIG, strlen(CONFIG), "/etc/karst", &arena, &c, &err),
	      err);
	ck_assert_str_eq(c.state_dir, "/etc/karst/state");
	ck_assert_uint_eq(c.n_topology_files, 2);
	ck_assert_str_eq(c.topology_files[0], "/etc/karst/net.yaml");
	ck_assert_str_eq(c.topology_files[1], "/abs.yaml");
	ck_assert_uint_eq(c.bgp.listen_port, 1790);
	ck_assert_uint_eq(c.bgp.peers[0].hold_time_s, 90);
	ck_assert_uint_eq(c.bgp.peers[0].stale_time_s, 300);
	ck_assert(c.bgp.peers[0].passive);
	ck_assert_str_eq(c.devices[0].node, "r1");
	ck_assert_str_eq(c.devices[0].driver, "netconf");
	ck_assert_str_eq(c.devices[0].private_key_file, "/etc/karst/id");
	ck_assert_ptr_null(c.devices[0].profile);
	ck_assert_uint_eq(c.affinities[0].bit, 40);
	ck_assert_uint_eq(c.n_ties, 2);
	ck_assert_uint_eq(c.ties[0], PATH_TIE_TE);
	ck_assert_uint_eq(c.ties[1], PATH_TIE_HOPS);
	ck_assert_uint_eq(c.color_min, 10000);
	ck_assert_str_eq(c.name_prefix, "karst-");
	ck_assert(c.api.tls && c.api.auth);
	ck_assert_uint_eq(c.api.port, 8443);
	ck_assert_uint_eq(c.confirm_timeout_s, 60);
	arena_free(&arena);
}
END_TEST

/* Profiles, devices and names. */
static bool
same_southbound(const struct karst_config *a, const struct karst_config *b)
{
	bool same = true;

	for (size_t i = 0; same && i < a->n_profiles; i++) {
		const struct config_profile *x = &a->profiles[i], *y = &b->profiles[i];

		same = same_text(x->name, y->name) && x->msd == y->msd &&
		       same_text(x->model, y->model) && same_text(x->model_file, y->model_file) &&
		       same_text(x->yang_folder, y->yang_folder) &&
		       x->no_validate == y->no_validate &&
		       x->discard_on_error == y->discard_on_error &&
		       x->no_confirmed_commit == y->no_confirmed_commit &&
		       x->no_running_lock == y->no_running_lock && x->batch == y->batch;
	}
	for (size_t i = 0; same && i < a->n_devices; i++) {
		const struct config_device *x = &a->devices[i], *y = &b->devices[i];

		same = same_text(x->name, y->name) && same_text(x->node, y->node) &&
		       same_text(x->driver, y->driver) && same_text(x->profile, y->profile) &&
		       same_text(x->address, y->address) && x->port == y->port &&
		       same_text(x->username, y->username) &&
		       same_text(x->private_key_file, y->private_key_file) &&
		       same_text(x->host_key_sha256, y->host_key_sha256) &&
		       same_text(x->known_hosts_file, y->known_hosts_file) && x->tls == y->tls &&
		       same_text(x->certificate_file, y->certificate_file) &&
		       same_text(x->ca_file, y->ca_file) &&
		       same_text(x->server_name, y->server_name);
	}
	for (size_t i = 0; same && i < a->n_affinities; i++)
		same = same_text(a->affinities[i].name, b->affinities[i].name) &&
		       a->affinities[i].bit == b->affinities[i].bit;
	return same;
}

static bool
same_config(const struct karst_config *a, const struct karst_config *b)
{
	bool same =
	    same_text(a->state_dir, b->state_dir) && same_text(a->trace_file, b->trace_file) &&
	    same_texts(a->topology_files, a->n_topology_files, b->topology_files,
		       b->n_topology_files) &&
	    a->bgp.asn == b->bgp.asn && ip_compare(&a->bgp.router_id, &b->bgp.router_id) == 0 &&
	    a->bgp.n_listen == b->bgp.n_listen && a->bgp.listen_port == b->bgp.listen_port &&
	    a->bgp.strict_order == b->bgp.strict_order && a->bgp.n_peers == b->bgp.n_peers &&
	    a->n_profiles == b->n_profiles && a->n_devices == b->n_devices &&
	    a->n_affinities == b->n_affinities && ip_compare(&a->api.listen, &b->api.listen) == 0 &&
	    a->api.port == b->api.port && a->api.tls == b->api.tls && a->api.auth == b->api.auth &&
	    same_text(a->api.certificate_file, b->api.certificate_file) &&
	    same_text(a->api.key_file, b->api.key_file) &&
	    same_text(a->api.client_ca_file, b->api.client_ca_file) &&
	    same_text(a->api.client_crl_file, b->api.client_crl_file) &&
	    a->api.n_clients == b->api.n_clients && a->color_min == b->color_min &&
	    a->color_max == b->color_max && same_text(a->name_prefix, b->name_prefix) &&
	    a->strict_msd == b->strict_msd && a->confirm_timeout_s == b->confirm_timeout_s &&
	    a->rpc_timeout_s == b->rpc_timeout_s &&
	    a->readback_interval_s == b->readback_interval_s &&
	    a->max_connects == b->max_connects &&
	    memcmp(&a->damping, &b->damping, sizeof(a->damping)) == 0 &&
	    memcmp(&a->assure, &b->assure, sizeof(a->assure)) == 0 &&
	    a->history_moves == b->history_moves && a->change_lifetime_s == b->change_lifetime_s &&
	    memcmp(&a->reoptimise, &b->reoptimise, sizeof(a->reoptimise)) == 0 &&
	    a->history_moves == b->history_moves &&
	    memcmp(&a->guard, &b->guard, sizeof(a->guard)) == 0 && a->n_ties == b->n_ties &&
	    memcmp(a->ties, b->ties, a->n_ties) == 0;

	for (size_t i = 0; same && i < a->api.n_clients; i++) {
		const struct config_client *x = &a->api.clients[i], *y = &b->api.clients[i];

		same = same_text(x->name, y->name) && same_text(x->role, y->role) &&
		       x->match == y->match && same_text(x->value, y->value);
	}
	for (size_t i = 0; same && i < a->bgp.n_listen; i++)
		same = ip_compare(&a->bgp.listen[i], &b->bgp.listen[i]) == 0;
	for (size_t i = 0; same && i < a->bgp.n_peers; i++) {
		const struct config_bgp_peer *x = &a->bgp.peers[i], *y = &b->bgp.peers[i];

		same = same_text(x->name, y->name) && ip_compare(&x->address, &y->address) == 0 &&
		       x->port == y->port && ip_compare(&x->local, &y->local) == 0 &&
		       x->asn == y->asn && x->passive == y->passive &&
		       x->hold_time_s == y->hold_time_s && x->stale_time_s == y->stale_time_s &&
		       same_text(x->password_file, y->password_file) &&
		       x->ttl_security_hops == y->ttl_security_hops;
	}
	return same && same_southbound(a, b);
}

static struct config_bgp
random_bgp(struct random *r)
{
	struct config_bgp bgp = { .asn = 1 + (uint32_t)random_number(r, 4294967200u),
				  .router_id = random_addr(r, IP_V4),
				  .listen_port = (uint16_t)random_number(r, 65535),
				  .strict_order = random_bool(r),
				  .n_listen = 1,
				  .n_peers = suite_below(&r->state, 4) };
	struct ip_addr *listen = arena_alloc(r->arena, sizeof(*listen));
	struct config_bgp_peer *peers = arena_alloc(r->arena, 4 * sizeof(*peers));

	*listen = random_addr(r, IP_V6);
	bgp.listen = listen;
	bgp.peers = peers;
	for (size_t i = 0; i < bgp.n_peers; i++) {
		peers[i] = (struct config_bgp_peer){ .name = random_name(r),
						     .address = random_addr(r, IP_V6),
						     .port = (uint16_t)random_number(r, 65535),
						     .asn = 1 + (uint32_t)random_number(r, 70000),
						     .passive = random_bool(r),
						     .hold_time_s = 3 + suite_below(&r->state, 999),
						     .stale_time_s = suite_below(&r->state, 999) };
		if (random_bool(r))
			peers[i].local = random_addr(r, IP_V6);
		peers[i].password_file = random_bool(r) ? random_name(r) : NULL;
		peers[i].ttl_security_hops = (uint8_t)suite_below(&r->state, 255);
	}
	return bgp;
}

static void
random_lists(struct random *r, struct karst_config *c)
{
	struct config_profile *profiles = arena_alloc(r->arena, 4 * sizeof(*profiles));
	struct config_device *devices = arena_alloc(r->arena, 4 * sizeof(*devices));
	struct config_affinity *affinities = arena_alloc(r->arena, 4 * sizeof(*affinities));

	c->n_profiles = suite_below(&r->state, 4);
	c->n_devices = suite_below(&r->state, 4);
	c->n_affinities = suite_below(&r->state, 4);
	for (size_t i = 0; i < 3; i++) {
		profiles[i] =
		    (struct config_profile){ .name = random_name(r),
					     .model = random_name(r),
					     .model_file = random_bool(r) ? "/x.yaml" : NULL,
					     .yang_folder = random_bool(r) ? "/y" : NULL,
					     .msd = 1 + suite_below(&r->state, 255),
					     .no_validate = random_bool(r),
					     .discard_on_error = random_bool(r),
					     .no_confirmed_commit = random_bool(r),
					     .no_running_lock = random_bool(r),
					     .batch = 1 + suite_below(&r->state, 10000) };
		devices[i] =
		    (struct config_device){ .name = random_name(r),
					    .node = random_name(r),
					    .driver = "netconf",
					    .profile = random_bool(r) ? random_name(r) : NULL,
					    .address = "2001:db8::7",
					    .port = (uint16_t)random_number(r, 65535),
					    .username = random_name(r),
					    .private_key_file = random_name(r),
					    .known_hosts_file = random_name(r) };
		if (random_bool(r)) {
			devices[i].tls = true;
			devices[i].username = NULL;
			devices[i].certificate_file = random_name(r);
			devices[i].ca_file = random_name(r);
			devices[i].server_name = random_bool(r) ? "r1.example.org" : NULL;
		}
		affinities[i] = (struct config_affinity){ random_name(r), 10 * (uint32_t)i };
	}
	c->profiles = profiles;
	c->devices = devices;
	c->affinities = affinities;
}

static void
random_clients(struct random *r, struct config_api *api)
{
	static const char *const roles[] = { "viewer", "planner", "operator", "administrator" };
	struct config_client *clients =
	    arena_alloc(r->arena, CONFIG_CLIENT_MATCH_COUNT * sizeof(*clients));

	for (int i = 0; i < CONFIG_CLIENT_MATCH_COUNT; i++)
		clients[i] =
		    (struct config_client){ random_name(r), roles[suite_below(&r->state, 4)],
					    (enum config_client_match)i,
					    i == CONFIG_CLIENT_SHA256
						? "00112233445566778899AABBCCDDEEFF"
						  "00112233445566778899aabbccddeeff"
						: "noc.example.org" };
	api->client_ca_file = random_name(r);
	api->client_crl_file = random_bool(r) ? random_name(r) : NULL;
	api->clients = clients;
	api->n_clients = CONFIG_CLIENT_MATCH_COUNT;
}

static struct karst_config
random_config(struct random *r)
{
	static const uint8_t loopback[4] = { 127, 0, 0, 3 };
	struct karst_config c = {
		.state_dir = random_name(r),
		.color_min = 5,
		.name_prefix = "k-",
		.color_max = 5 + (uint32_t)random_number(r, 4294967290u),
		.strict_msd = random_bool(r),
		.confirm_timeout_s = 5,
		.rpc_timeout_s = 1 + suite_below(&r->state, 600),
		.readback_interval_s = suite_below(&r->state, 86400),
		.max_connects = 1 + suite_below(&r->state, 256),
		.damping = { suite_below(&r->state, 5000), 1001 + suite_below(&r->state, 5000),
			     1 + suite_below(&r->state, 1000), 1 + suite_below(&r->state, 3600),
			     1 + suite_below(&r->state, 86400) },
		.assure = { 1 + suite_below(&r->state, 86400), 86400 + suite_below(&r->state, 9),
			    1 + suite_below(&r->state, 60000), 1 + suite_below(&r->state, 100),
			    suite_below(&r->state, 1000) },
		.change_lifetime_s = suite_below(&r->state, 1000001),
		.reoptimise = { 1 + suite_below(&r->state, 86400), suite_below(&r->state, 1000),
				suite_below(&r->state, 86401), suite_below(&r->state, 101),
				random_number(r, UINT64_MAX), random_number(r, UINT64_MAX),
				random_number(r, UINT64_MAX), random_number(r, UINT64_MAX) },
		.history_moves = suite_below(&r->state, 1001),
		.guard = { suite_below(&r->state, 101), suite_below(&r->state, 1000),
			   1 + suite_below(&r->state, 3600), suite_below(&r->state, 86401),
			   suite_below(&r->state, 5000), 1 + suite_below(&r->state, 100),
			   1 + suite_below(&r->state, 3600) },
		.ties = { PATH_TIE_HOPS, PATH_TIE_IGP, PATH_TIE_TE, PATH_TIE_DELAY },
		.n_ties = (uint8_t)(1 + suite_below(&r->state, 4))
	};

	c.trace_file = random_bool(r) ? random_name(r) : NULL;
	c.topology_files = random_names(r, &c.n_topology_files);
	if (random_bool(r))
		c.bgp = random_bgp(r);
	else
		c.bgp.listen_port = 179;
	c.api = (struct config_api){ .listen = ip_v4(loopback),
				     .port = (uint16_t)random_number(r, 65535),
				     .tls = random_bool(r),
				     .auth = random_bool(r) };
	if (random_bool(r)) {
		c.api.certificate_file = random_name(r);
		c.api.key_file = random_name(r);
	}
	if (random_bool(r))
		random_clients(r, &c.api);
	random_lists(r, &c);
	return c;
}

START_TEST(configs_to_text_and_back_are_the_same)
{
	for (unsigned seed = 0; seed < suite_seeds(); seed++) {
		struct arena arena = { 0 };
		struct random r = { seed, &arena, 1 };
		struct karst_config config = random_config(&r), got;
		struct pce_error err = { 0 };
		struct text json = { 0 };

		ck_ok(codec_config_print(codec, &config, &json, &err), err);
		ck_ok(
		    codec_config_parse(codec, text_get(&json), json.len, NULL, &arena, &got, &err),
		    err);
		ck_assert_msg(same_config(&config, &got), "seed %u: %s", seed, text_get(&json));
		text_free(&json);
		arena_free(&arena);
	}
}
END_TEST

static const struct {
	const char *text, *words;
	unsigned line;
} config_faults[] = {
	{ "karstd: {}\n", "state-folder is missing", 1 },
	{ "karstd:\n  state-folder: s\n  api:\n    address: 192.0.2.1\n    tls: false\n",
	  "loopback", 4 },
	{ "karstd:\n  state-folder: s\n  api:\n    key-file: x\n", "come together", 3 },
	{ "karstd:\n  state-folder: s\n  policy:\n    color-low: 9\n    color-high: 8\n",
	  "color-high is below color-low", 5 },
	{ "karstd:\n  state-folder: s\n  device:\n  - name: r1\n    address: 127.0.0.1\n    "
	  "username: u\n    private-key-file: k\n",
	  "known-hosts-file", 4 },
	{ "karstd:\n  state-folder: s\n  bgp: {asn: 1, router-id: 192.0.2.1,\n   peer: [{name: a, "
	  "address: '::1', asn: 2, passive: true}]}\n",
	  "passive", 4 },
	{ "karstd:\n  state-folder: s\n  bgp:\n    asn: 0\n", "0", 4 },
	{ "karstd:\n  state-folder: s\n  device:\n  - name: r1\n    address: 127.0.0.1\n    "
	  "transport: tls\n    private-key-file: k\n",
	  "needs certificate-file and ca-file", 4 },
	{ "karstd:\n  state-folder: s\n  device:\n  - name: r1\n    address: 127.0.0.1\n    "
	  "driver: gnmi\n",
	  "needs the container gnmi", 4 },
	{ "karstd:\n  state-folder: s\n  device:\n  - name: r1\n    address: 127.0.0.1\n    "
	  "username: u\n    known-hosts-file: h\n",
	  "needs private-key-file", 4 },
	{ "karstd:\n  state-folder: s\n  api:\n    client:\n    - name: noc\n      role: viewer\n"
	  "      common-name: noc\n",
	  "need client-ca-file", 3 },
};

START_TEST(config_bad_file_is_one_sentence_with_line)
{
	struct arena arena = { 0 };
	struct karst_config got;
	struct pce_error err = { 0 };

	ck_assert_int_ne(codec_config_parse(codec, config_faults[_i].text,
					    strlen(config_faults[_i].text), NULL, &arena, &got,
					    &err),
			 PCE_OK);
	ck_assert_msg(strstr(err.text, config_faults[_i].words) != NULL, "fault %d says: %s", _i,
		      err.text);
	ck_assert_msg(err.line == config_faults[_i].line, "fault %d is on line %u: %s", _i,
		      err.line, err.text);
	arena_free(&arena);
}
END_TEST

#define TELEMETRY                                                                                  \
	"karstd:\n  state-folder: state\n"                                                         \
	"  device:\n  - name: r1\n    address: 127.0.0.1\n    username: karst\n"                   \
	"    private-key-file: id\n    known-hosts-file: known\n"                                  \
	"    gnmi: {port: 9340, ca-file: ca.crt, server-name: r1.lab, username: u,\n"              \
	"      password-file: pw, target: r1, encoding: json-ietf, sample-interval-ms: 1000}\n"    \
	"    interface: [{name: Eth1, link: A-B}]\n"                                               \
	"  telemetry:\n    window-s: 10\n    mapping-file: [map.yaml]\n"                           \
	"    mapping: [{path: '/a/b[name=*]/c', meaning: delay-us, divisor: '1000'}]\n"            \
	"    dial-out: {address: 127.0.0.1, port: 57400, tls: false}\n"

static void
check_telemetry(const struct karst_config *c)
{
	const struct config_gnmi *g = &c->devices[0].gnmi;

	ck_assert_uint_eq(g->port, 9340);
	ck_assert(g->tls);
	ck_assert_str_eq(g->ca_file, "/etc/karst/ca.crt");
	ck_assert_str_eq(g->server_name, "r1.lab");
	ck_assert_str_eq(g->password_file, "/etc/karst/pw");
	ck_assert_str_eq(g->encoding, "json-ietf");
	ck_assert_uint_eq(g->sample_ms, 1000);
	ck_assert_uint_eq(g->heartbeat_s, 30);
	ck_assert_str_eq(c->devices[0].interfaces[0].name, "Eth1");
	ck_assert_str_eq(c->devices[0].interfaces[0].link, "A-B");
	ck_assert_uint_eq(c->telemetry.window_s, 10);
	ck_assert_uint_eq(c->telemetry.stale_s, 90);
	ck_assert_uint_eq(c->telemetry.keep_s, 86400);
	ck_assert_str_eq(c->telemetry.mapping_files[0], "/etc/karst/map.yaml");
	ck_assert_uint_eq(c->telemetry.n_mappings, 1);
	ck_assert_str_eq(c->telemetry.mappings[0].meaning, "delay-us");
	ck_assert_uint_eq(c->telemetry.mappings[0].multiplier, 1);
	ck_assert_uint_eq(c->telemetry.mappings[0].divisor, 1000);
	ck_assert_uint_eq(c->telemetry.dialout.port, 57400);
	ck_assert(!c->telemetry.dialout.tls);
}

START_TEST(config_telemetry_is_read_and_printed)
{
	struct arena arena = { 0 };
	struct karst_config c;
	struct pce_error err = { 0 };
	struct text out = { 0 };
	unsigned seed = 0;

	ck_ok(
	    codec_config_parse(codec, TELEMETRY, strlen(TELEMETRY), "/etc/karst", &arena, &c, &err),
	    err);
	check_telemetry(&c);
	ck_ok(codec_config_print(codec, &c, &out, &err), err);
	ck_ok(codec_config_parse(codec, out.at, out.len, NULL, &arena, &c, &err), err);
	check_telemetry(&c);
	text_free(&out);
	arena_free(&arena);
}
END_TEST

/* Nothing of NETCONF is needed then, and it need not stream. */
START_TEST(config_device_by_gnmi_is_read_and_printed)
{
	static const char text[] =
	    "karstd: {state-folder: s, device: [{name: r, address: 192.0.2.1, "
	    "driver: gnmi, gnmi: {telemetry: false, username: u}}]}";
	struct arena arena = { 0 };
	struct karst_config c;
	struct pce_error err = { 0 };
	struct text out = { 0 };
	unsigned seed = 0;

	ck_ok(codec_config_parse(codec, text, strlen(text), NULL, &arena, &c, &err), err);
	ck_ok(codec_config_print(codec, &c, &out, &err), err);
	ck_ok(codec_config_parse(codec, out.at, out.len, NULL, &arena, &c, &err), err);
	ck_assert_str_eq(c.devices[0].driver, "gnmi");
	ck_assert(!c.devices[0].gnmi.telemetry);
	ck_assert_uint_eq(c.devices[0].gnmi.port, 9339);
	ck_assert_str_eq(c.devices[0].gnmi.username, "u");
	text_free(&out);
	arena_free(&arena);
}
END_TEST

START_TEST(config_telemetry_in_plain_text_only_on_loopback)
{
	static const char *const bad[] = {
		"karstd: {state-folder: s, telemetry: {dial-out: {address: 192.0.2.1, port: 1, "
		"tls: "
		"false}}}",
		"karstd: {state-folder: s, telemetry: {dial-out: {address: 127.0.0.1, port: 1}}}",
		"karstd: {state-folder: s, device: [{name: r, address: 192.0.2.1, username: u, "
		"private-key-file: k, known-hosts-file: h, gnmi: {tls: false}}]}",
		"karstd: {state-folder: s, device: [{name: r, address: 192.0.2.1, username: u, "
		"private-key-file: k, known-hosts-file: h, gnmi: {key-file: f}}]}",
		"karstd: {state-folder: s, telemetry: {mapping: [{path: /a, meaning: nonsense}]}}",
		"karstd: {state-folder: s, device: [{name: r, address: 127.0.0.1, username: u, "
		"private-key-file: k, known-hosts-file: h, gnmi: {}, dial-out-name: x}]}",
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct arena arena = { 0 };
		struct karst_config c;
		struct pce_error err = { 0 };

		ck_assert_msg(codec_config_parse(codec, bad[i], strlen(bad[i]), NULL, &arena, &c,
						 &err) != PCE_OK,
			      "%s", bad[i]);
		arena_free(&arena);
	}
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("config");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, config_telemetry_is_read_and_printed);
	tcase_add_test(tc, config_device_by_gnmi_is_read_and_printed);
	tcase_add_test(tc, config_telemetry_in_plain_text_only_on_loopback);
	tcase_add_test(tc, config_file_is_read_with_defaults);
	tcase_add_test(tc, configs_to_text_and_back_are_the_same);
	tcase_add_loop_test(tc, config_bad_file_is_one_sentence_with_line, 0,
			    sizeof(config_faults) / sizeof(config_faults[0]));
	return suite_run("models/config", tc, 120);
}
