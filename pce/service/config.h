/* The configuration of karstd as plain data (YANG module karst-config). Strings belong to the arena
 * it was read into. */
#ifndef PCE_SERVICE_CONFIG_H
#define PCE_SERVICE_CONFIG_H

#include "pce/assure/limits.h"
#include "pce/base/addr.h"
#include "pce/operate/damping.h"
#include "pce/operate/guard.h"
#include "pce/operate/reoptimise.h"
#include "pce/path/request.h"

struct config_bgp_peer {
	const char *name;
	struct ip_addr address;
	uint16_t port; /* to connect to, 179 by default */
	struct ip_addr local; /* IP_NONE: any */
	uint32_t asn;
	bool passive;
	uint32_t hold_time_s; /* 90 by default; 0 or >= 3 */
	uint32_t stale_time_s; /* how long a lost session's routes stand, 300 by default */
	const char *password_file; /* TCP MD5 (RFC 2385); NULL: none */
	uint8_t ttl_security_hops; /* RFC 5082; 0: no check */
};

struct config_bgp {
	uint32_t asn;
	struct ip_addr router_id;
	const struct ip_addr *listen; /* none: connect only */
	size_t n_listen;
	uint16_t listen_port;
	bool strict_order; /* discard NLRIs whose TLVs are out of order (RFC 9552 section 8.2.2) */
	const struct config_bgp_peer *peers;
	size_t n_peers;
};

/* What is special about a kind of router. */
struct config_profile {
	const char *name;
	uint32_t msd; /* H.Encaps limit assumed where the feed gave none */
	bool no_validate; /* never send a separate validate */
	bool discard_on_error; /* a failed edit leaves traces in the candidate */
	bool no_confirmed_commit; /* do not use it although it is advertised */
	bool weak_lock; /* a lock is given whatever the candidate holds: compare before editing */
	bool no_running_lock; /* lock the candidate only: a lock on running blocks its roll-back */
	uint32_t batch; /* policies in one edit-config at most */
	/* How it writes policies: the name of a built-in table, NULL: "karst"; or a file. */
	const char *model, *model_file;
	const char *yang_folder; /* with its modules; NULL: those of karstd */
};

/* How a device is spoken to by gNMI: for telemetry, and for policies if it is its driver. */
struct config_gnmi {
	uint16_t port; /* 0: not at all */
	bool telemetry; /* it is asked for telemetry */
	bool tls;
	const char *ca_file, *certificate_file, *key_file; /* NULL: none */
	const char *server_name; /* in the certificate; NULL: the address */
	const char *username, *password_file; /* sent as metadata; NULL: none */
	const char *target, *origin; /* of the path prefix; "" none */
	const char *encoding; /* "proto" or "json-ietf" */
	uint32_t sample_ms; /* interval of samples */
	uint32_t heartbeat_s; /* of what is sent on change; 0: none */
};

/* An interface that is a link, where that does not follow from names or addresses. */
struct config_interface {
	const char *name, *link;
};

/* A leaf of a model that Karst does not know by itself. */
struct config_mapping {
	const char *path, *meaning;
	uint64_t multiplier, divisor;
};

/* Whoever may stream to the collector. */
struct config_dialout {
	struct ip_addr listen;
	uint16_t port; /* 0: there is no collector */
	bool tls;
	const char *certificate_file, *key_file, *ca_file;
};

struct config_telemetry {
	uint32_t window_s; /* of smoothing */
	uint32_t change_percent; /* of the capacity, by which a rate has to move to be told */
	uint32_t delay_change_percent, delay_change_us; /* both have to be exceeded */
	uint32_t loss_change_percent, loss_change_ppb;
	uint32_t stale_s; /* without news */
	uint32_t up_hold_s; /* up counts after it held */
	uint32_t resolution_s, keep_s; /* of the history */
	uint32_t least_interval_ms; /* between readings of one counter */
	uint32_t max_objects; /* of one router */
	const struct config_mapping *mappings;
	size_t n_mappings;
	const char *const *mapping_files;
	size_t n_mapping_files;
	struct config_dialout dialout;
};

struct config_device {
	const char *name;
	const char *node; /* node name, router id or node key text: ties it to the graph */
	const char *driver; /* "netconf" or "gnmi" */
	const char *profile; /* NULL: the default profile */
	const char *address; /* management host or address */
	uint16_t port;
	bool tls; /* RFC 7589; otherwise SSH */
	const char *username; /* NULL over TLS */
	const char *private_key_file;
	const char
	    *host_key_sha256; /* "SHA256:base64" as ssh-keygen -l prints it; NULL: known_hosts */
	const char *known_hosts_file;
	struct config_gnmi gnmi;
	const struct config_interface *interfaces;
	size_t n_interfaces;
	const char *dialout_name; /* how it names itself to the collector; NULL: it may not */
	const char *certificate_file, *ca_file; /* TLS */
	const char *server_name; /* that the certificate is for; NULL: the address */
};

/* What a client certificate has to show. */
enum config_client_match {
	CONFIG_CLIENT_DNS_NAME,
	CONFIG_CLIENT_EMAIL,
	CONFIG_CLIENT_URI,
	CONFIG_CLIENT_COMMON_NAME,
	CONFIG_CLIENT_SHA256,
	CONFIG_CLIENT_MATCH_COUNT
};

/* A client of the API that shows a certificate instead of a token. */
struct config_client {
	const char *name;
	const char *role; /* as in karst-operations */
	enum config_client_match match;
	const char *value;
};

struct config_api {
	struct ip_addr listen;
	uint16_t port;
	bool tls; /* default on */
	bool auth; /* bearer tokens, default on */
	const char *certificate_file,
	    *key_file; /* NULL with TLS on: a self-signed pair is made in the state folder */
	const char *client_ca_file, *client_crl_file; /* NULL: tokens only; nothing is revoked */
	const struct config_client *clients;
	size_t n_clients;
};

struct config_affinity {
	const char *name;
	uint32_t bit;
};

struct karst_config {
	const char *state_dir; /* store, first token, generated certificate */
	const char *const *topology_files;
	size_t n_topology_files;
	struct config_bgp bgp;
	const struct config_profile *profiles;
	size_t n_profiles;
	const struct config_device *devices;
	size_t n_devices;
	struct config_api api;
	struct config_telemetry telemetry;
	const struct config_affinity *affinities;
	size_t n_affinities;
	uint32_t color_min, color_max; /* Karst's own color range */
	const char *name_prefix; /* of its policies' names */
	bool strict_msd;
	uint32_t confirm_timeout_s;
	uint32_t rpc_timeout_s;
	uint32_t readback_interval_s; /* 0: only after changes and reconnects */
	uint32_t max_connects; /* NETCONF connects at once */
	struct guard_limits guard;
	struct damping_limits damping;
	struct assure_limits assure;
	struct reoptimise_limits reoptimise;
	uint32_t history_moves; /* kept of each policy; 0: none */
	uint32_t change_lifetime_s; /* of a proposed change; 0: for ever */
	uint8_t ties[PATH_TIE_COUNT];
	uint8_t n_ties;
	const char *trace_file; /* NULL: none */
};

#endif
