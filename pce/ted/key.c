#include "pce/ted/key.h"

#include <string.h>

static void
put(struct key_bytes *k, const void *bytes, size_t len)
{
	memcpy(k->at + k->len, bytes, len);
	k->len += len;
}

static void
put_uint(struct key_bytes *k, uint64_t v, unsigned n)
{
	for (unsigned i = n; i-- > 0;)
		k->at[k->len++] = (uint8_t)(v >> (8 * i));
}

static uint64_t
get_uint(const uint8_t **at, unsigned n)
{
	uint64_t v = 0;

	for (unsigned i = 0; i < n; i++)
		v = v << 8 | (*at)[i];
	*at += n;
	return v;
}

static void
put_addr(struct key_bytes *k, const struct ip_addr *a)
{
	put_uint(k, a->family, 1);
	put(k, a->octets, a->family == IP_V4 ? 4 : a->family == IP_V6 ? 16 : 0);
}

static void
get_addr(const uint8_t **at, struct ip_addr *out)
{
	size_t len;

	*out = (struct ip_addr){ .family = (uint8_t)get_uint(at, 1) };
	len = out->family == IP_V4 ? 4 : out->family == IP_V6 ? 16 : 0;
	memcpy(out->octets, *at, len);
	*at += len;
}

static enum pce_status
put_node(struct key_bytes *k, const struct ted_node_key *key, struct pce_error *err)
{
	if (key->protocol < TED_PROTOCOL_ISIS_L1 || key->protocol > TED_PROTOCOL_BGP)
		return pce_fail(err, PCE_INVALID, "%u is no BGP-LS protocol id", key->protocol);
	if (key->router_id_len == 0 && key->bgp_router_id == 0)
		return pce_fail(err, PCE_INVALID, "a node key has no router id");
	if (key->router_id_len > TED_NAME_MAX)
		return pce_fail(err, PCE_INVALID, "a router id of %u octets is longer than %u",
				key->router_id_len, TED_NAME_MAX);
	put_uint(k, key->protocol, 1);
	put_uint(k, key->instance, 8);
	put_uint(k, key->asn, 4);
	put_uint(k, key->bgpls_id, 4);
	put_uint(k, key->area, 4);
	put_uint(k, key->bgp_router_id, 4);
	put_uint(k, key->router_id_len, 1);
	put(k, key->router_id, key->router_id_len);
	return PCE_OK;
}

static enum pce_status
check_addr(const struct ip_addr *a, uint8_t family, struct pce_error *err)
{
	if (a->family == IP_NONE || a->family == family)
		return PCE_OK;
	return pce_fail(err, PCE_INVALID, "a link key has an address of the wrong family");
}

static enum pce_status
put_link(struct key_bytes *k, const struct ted_link_key *key, struct pce_error *err)
{
	size_t name_len = key->name ? strlen(key->name) : 0;
	enum pce_status status;

	if ((status = put_node(k, &key->local, err)) || (status = put_node(k, &key->remote, err)) ||
	    (status = check_addr(&key->v4_local, IP_V4, err)) ||
	    (status = check_addr(&key->v4_remote, IP_V4, err)) ||
	    (status = check_addr(&key->v6_local, IP_V6, err)) ||
	    (status = check_addr(&key->v6_remote, IP_V6, err)))
		return status;
	if (name_len > TED_NAME_MAX)
		return pce_fail(err, PCE_INVALID, "the link name \"%s\" is longer than %u octets",
				key->name, TED_NAME_MAX);
	put_uint(k, key->topology, 2);
	put_uint(k, key->has_ids, 1);
	if (key->has_ids) {
		put_uint(k, key->local_id, 4);
		put_uint(k, key->remote_id, 4);
	}
	put_addr(k, &key->v4_local);
	put_addr(k, &key->v4_remote);
	put_addr(k, &key->v6_local);
	put_addr(k, &key->v6_remote);
	put_uint(k, name_len, 1);
	put(k, key->name ? key->name : "", name_len);
	return PCE_OK;
}

static enum pce_status
put_prefix(struct key_bytes *k, const struct ted_prefix_key *key, struct pce_error *err)
{
	const struct ip_addr *a = &key->prefix.addr;
	enum pce_status status = put_node(k, &key->node, err);

	if (status)
		return status;
	if ((a->family != IP_V4 && a->family != IP_V6) ||
	    key->prefix.len > (a->family == IP_V4 ? 32 : 128))
		return pce_fail(err, PCE_INVALID, "a prefix key has no address or a length of %u",
				key->prefix.len);
	put_uint(k, key->topology, 2);
	put_uint(k, key->ospf_route_type, 1);
	put_uint(k, key->prefix.len, 1);
	put_addr(k, a);
	return PCE_OK;
}

static enum pce_status
put_sid(struct key_bytes *k, const struct ted_sid_key *key, struct pce_error *err)
{
	enum pce_status status = put_node(k, &key->node, err);

	if (status)
		return status;
	put_uint(k, key->topology, 2);
	put(k, key->sid, 16);
	return PCE_OK;
}

enum pce_status
key_of_node(const struct ted_node_key *key, struct key_bytes *out, struct pce_error *err)
{
	out->len = 0;
	put_uint(out, TED_OBJECT_NODE, 1);
	return put_node(out, key, err);
}

enum pce_status
key_of_link(const struct ted_link_key *key, struct key_bytes *out, struct pce_error *err)
{
	out->len = 0;
	put_uint(out, TED_OBJECT_LINK, 1);
	return put_link(out, key, err);
}

enum pce_status
key_of_delta(const struct ted_delta *delta, struct key_bytes *out, struct pce_error *err)
{
	out->len = 0;
	put_uint(out, delta->object, 1);
	switch (delta->object) {
	case TED_OBJECT_NODE:
		return put_node(out, &delta->key.node, err);
	case TED_OBJECT_LINK:
		return put_link(out, &delta->key.link, err);
	case TED_OBJECT_PREFIX:
		return put_prefix(out, &delta->key.prefix, err);
	case TED_OBJECT_SID:
		return put_sid(out, &delta->key.sid, err);
	case TED_OBJECT_SRLG:
	case TED_OBJECT_AFFINITY:
	case TED_OBJECT_SITE:
		put_uint(out, delta->key.number, 4);
		return PCE_OK;
	}
	return pce_fail(err, PCE_INVALID, "%d is no kind of object", (int)delta->object);
}

size_t
key_node_len(const uint8_t *bytes)
{
	return 26u + bytes[25];
}

/* Where a key goes on after its first node. */
static const uint8_t *
after_node(const uint8_t *bytes)
{
	return bytes + 1 + key_node_len(bytes + 1);
}

void
key_link_ids(const uint8_t *bytes, struct key_link_ids *out)
{
	const uint8_t *at = after_node(bytes);

	*out = (struct key_link_ids){ 0 };
	at += key_node_len(at);
	out->topology = (uint16_t)get_uint(&at, 2);
	out->has_ids = get_uint(&at, 1) != 0;
	if (out->has_ids) {
		out->local_id = (uint32_t)get_uint(&at, 4);
		out->remote_id = (uint32_t)get_uint(&at, 4);
	}
	get_addr(&at, &out->v4_local);
	get_addr(&at, &out->v4_remote);
	get_addr(&at, &out->v6_local);
	get_addr(&at, &out->v6_remote);
	out->name_len = (size_t)get_uint(&at, 1);
	out->name = (const char *)at;
}

static const uint8_t *
get_node(const uint8_t *at, struct ted_node_key *out)
{
	*out = (struct ted_node_key){ 0 };
	out->protocol = (uint8_t)get_uint(&at, 1);
	out->instance = get_uint(&at, 8);
	out->asn = (uint32_t)get_uint(&at, 4);
	out->bgpls_id = (uint32_t)get_uint(&at, 4);
	out->area = (uint32_t)get_uint(&at, 4);
	out->bgp_router_id = (uint32_t)get_uint(&at, 4);
	out->router_id_len = (uint8_t)get_uint(&at, 1);
	memcpy(out->router_id, at, out->router_id_len);
	return at + out->router_id_len;
}

void
key_link(const uint8_t *bytes, struct ted_link_key *out, char name[TED_NAME_MAX + 1])
{
	struct key_link_ids ids;

	*out = (struct ted_link_key){ 0 };
	(void)get_node(get_node(bytes + 1, &out->local), &out->remote);
	key_link_ids(bytes, &ids);
	out->topology = ids.topology;
	out->has_ids = ids.has_ids;
	out->local_id = ids.local_id;
	out->remote_id = ids.remote_id;
	out->v4_local = ids.v4_local;
	out->v4_remote = ids.v4_remote;
	out->v6_local = ids.v6_local;
	out->v6_remote = ids.v6_remote;
	memcpy(name, ids.name, ids.name_len);
	name[ids.name_len] = '\0';
	out->name = ids.name_len > 0 ? name : NULL;
}

void
key_prefix(const uint8_t *bytes, struct ip_prefix *prefix, uint16_t *topology, uint8_t *route_type)
{
	const uint8_t *at = after_node(bytes);

	*topology = (uint16_t)get_uint(&at, 2);
	*route_type = (uint8_t)get_uint(&at, 1);
	prefix->len = (uint8_t)get_uint(&at, 1);
	get_addr(&at, &prefix->addr);
}

const uint8_t *
key_sid(const uint8_t *bytes)
{
	return after_node(bytes) + 2;
}

uint32_t
key_number(const uint8_t *bytes)
{
	const uint8_t *at = bytes + 1;

	return (uint32_t)get_uint(&at, 4);
}

static bool
is_isis(uint8_t protocol)
{
	return protocol == TED_PROTOCOL_ISIS_L1 || protocol == TED_PROTOCOL_ISIS_L2;
}

static bool
is_ospf(uint8_t protocol)
{
	return protocol == TED_PROTOCOL_OSPFV2 || protocol == TED_PROTOCOL_OSPFV3;
}

bool
key_is_pseudonode(const uint8_t *bytes)
{
	size_t len = bytes[26];

	return (is_isis(bytes[1]) && len == 7 && bytes[27 + 6] != 0) ||
	       (is_ospf(bytes[1]) && len == 8);
}

static void
print_quad(const uint8_t *o, struct text *out)
{
	text_printf(out, "%u.%u.%u.%u", o[0], o[1], o[2], o[3]);
}

/* Characters that may stand in a name as they are; the separators of key text are not among them.
 */
static bool
is_plain(uint8_t c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
	       (c != 0 && strchr("-._/ +#()", c)) || c >= 0x80;
}

static void
print_escaped(const uint8_t *s, size_t len, struct text *out)
{
	for (size_t i = 0; i < len; i++) {
		if (is_plain(s[i])) {
			text_bytes(out, s + i, 1);
		} else {
			text_bytes(out, "%", 1);
			text_hex(out, s + i, 1);
		}
	}
}

static void
print_name(const uint8_t *s, size_t len, struct text *out)
{
	for (size_t i = 0; i < len; i++) {
		char c = s[i] < 0x20 || s[i] == 0x7f ? '?' : (char)s[i];

		text_bytes(out, &c, 1);
	}
}

void
key_print_router_id(const uint8_t *bytes, struct text *out)
{
	size_t len = bytes[26];
	const uint8_t *id = bytes + 27;

	if (len == 0) {
		print_quad(bytes + 22, out);
	} else if (key_protocol(bytes) == TED_PROTOCOL_STATIC) {
		print_name(id, len, out);
	} else if (is_isis(bytes[1]) && (len == 6 || len == 7)) {
		for (size_t i = 0; i < len; i++) {
			if (i > 0 && i % 2 == 0)
				text_bytes(out, ".", 1);
			text_hex(out, id + i, 1);
		}
	} else if (len == 4 || len == 8) {
		print_quad(id, out);
		if (len == 8) {
			text_bytes(out, ":", 1);
			print_quad(id + 4, out);
		}
	} else {
		text_hex(out, id, len);
	}
}

static const char *const protocol_names[] = { "",       "isis-l1", "isis-l2", "ospfv2",
					      "direct", "static",  "ospfv3",  "bgp" };

/* Decimal digits without the cost of printf: keys of a whole feed are printed when it loads. */
static void
print_number(uint64_t v, struct text *out)
{
	char digits[20];
	size_t at = sizeof(digits);

	do {
		digits[--at] = (char)('0' + v % 10);
		v /= 10;
	} while (v);
	text_bytes(out, digits + at, sizeof(digits) - at);
}

/* Prints the node key at *bytes (without object octet) and moves past it. */
static void
print_node(const uint8_t **bytes, struct text *out)
{
	const uint8_t *at = *bytes;
	static const uint8_t widths[] = { 8, 4, 4, 4, 4 };
	uint8_t protocol = (uint8_t)get_uint(&at, 1);
	size_t len;

	text_add(out, protocol_names[protocol]);
	for (size_t i = 0; i < sizeof(widths); i++) {
		text_bytes(out, ":", 1);
		print_number(get_uint(&at, widths[i]), out);
	}
	text_bytes(out, ":", 1);
	len = (size_t)get_uint(&at, 1);
	if (protocol == TED_PROTOCOL_STATIC)
		print_escaped(at, len, out);
	else
		text_hex(out, at, len);
	*bytes = at + len;
}

static void
print_addr(const struct ip_addr *a, struct text *out)
{
	char text[IP_TEXT];

	text_bytes(out, "|", 1);
	if (a->family)
		text_add(out, ip_print(a, text));
}

void
key_print_link_ids(const uint8_t *bytes, struct text *out)
{
	struct key_link_ids ids;

	key_link_ids(bytes, &ids);
	text_bytes(out, "|", 1);
	print_number(ids.topology, out);
	text_bytes(out, "|", 1);
	if (ids.has_ids) {
		print_number(ids.local_id, out);
		text_bytes(out, ":", 1);
		print_number(ids.remote_id, out);
	}
	print_addr(&ids.v4_local, out);
	print_addr(&ids.v4_remote, out);
	print_addr(&ids.v6_local, out);
	print_addr(&ids.v6_remote, out);
	text_bytes(out, "|", 1);
	print_escaped((const uint8_t *)ids.name, ids.name_len, out);
}

void
key_print(const uint8_t *bytes, struct text *out)
{
	const uint8_t *at = bytes + 1;

	print_node(&at, out);
	if (bytes[0] != TED_OBJECT_LINK)
		return;
	text_bytes(out, ">", 1);
	print_node(&at, out);
	key_print_link_ids(bytes, out);
}

/* Cursor over key text; bad is sticky. */
struct scan {
	const char *at;
	bool bad;
};

static uint64_t
scan_number(struct scan *s, uint64_t max)
{
	uint64_t v = 0;
	const char *start = s->at;

	for (; *s->at >= '0' && *s->at <= '9'; s->at++) {
		uint64_t digit = (uint64_t)(*s->at - '0');

		if (v > (max - digit) / 10) {
			s->bad = true;
			return 0;
		}
		v = v * 10 + digit;
	}
	s->bad |= s->at == start || (*start == '0' && s->at - start > 1);
	return v;
}

static void
scan_char(struct scan *s, char c)
{
	if (*s->at == c)
		s->at++;
	else
		s->bad = true;
}

static int
hex_digit(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static uint8_t
scan_hex(struct scan *s)
{
	int high = hex_digit(s->at[0]), low = high < 0 ? -1 : hex_digit(s->at[1]);

	if (low < 0) {
		s->bad = true;
		return 0;
	}
	s->at += 2;
	return (uint8_t)(high << 4 | low);
}

/* Reads octets up to the next separator: hex pairs, or a name with %xx escapes. */
static size_t
scan_octets(struct scan *s, bool hex, uint8_t *out, size_t max)
{
	size_t n = 0;

	while (!s->bad && *s->at && *s->at != '>' && *s->at != '|') {
		if (n == max) {
			s->bad = true;
			break;
		}
		if (hex) {
			out[n++] = scan_hex(s);
		} else if (*s->at == '%') {
			s->at++;
			out[n++] = scan_hex(s);
		} else {
			out[n++] = (uint8_t)*s->at++;
		}
	}
	return n;
}

static void
scan_node(struct scan *s, struct ted_node_key *out)
{
	*out = (struct ted_node_key){ 0 };
	for (uint8_t p = TED_PROTOCOL_ISIS_L1; p <= TED_PROTOCOL_BGP; p++) {
		size_t len = strlen(protocol_names[p]);

		if (strncmp(s->at, protocol_names[p], len) == 0 && s->at[len] == ':') {
			out->protocol = p;
			s->at += len;
			break;
		}
	}
	scan_char(s, ':');
	out->instance = scan_number(s, UINT64_MAX);
	scan_char(s, ':');
	out->asn = (uint32_t)scan_number(s, UINT32_MAX);
	scan_char(s, ':');
	out->bgpls_id = (uint32_t)scan_number(s, UINT32_MAX);
	scan_char(s, ':');
	out->area = (uint32_t)scan_number(s, UINT32_MAX);
	scan_char(s, ':');
	out->bgp_router_id = (uint32_t)scan_number(s, UINT32_MAX);
	scan_char(s, ':');
	out->router_id_len = (uint8_t)scan_octets(s, out->protocol != TED_PROTOCOL_STATIC,
						  out->router_id, TED_NAME_MAX);
}

static void
scan_addr(struct scan *s, struct ip_addr *out)
{
	char text[IP_TEXT];
	size_t len;

	*out = (struct ip_addr){ 0 };
	scan_char(s, '|');
	len = strcspn(s->at, "|");
	if (len >= sizeof(text)) {
		s->bad = true;
		return;
	}
	memcpy(text, s->at, len);
	text[len] = '\0';
	s->at += len;
	if (len > 0 && ip_parse(text, out, NULL))
		s->bad = true;
}

bool
key_parse_node(const char *text, struct key_bytes *out)
{
	struct scan s = { text, false };
	struct ted_node_key key;

	scan_node(&s, &key);
	return !s.bad && !*s.at && key_of_node(&key, out, NULL) == PCE_OK;
}

bool
key_parse_link(const char *text, struct key_bytes *out)
{
	struct scan s = { text, false };
	struct ted_link_key key = { 0 };
	char name[TED_NAME_MAX + 1];
	size_t len;

	scan_node(&s, &key.local);
	scan_char(&s, '>');
	scan_node(&s, &key.remote);
	scan_char(&s, '|');
	key.topology = (uint16_t)scan_number(&s, UINT16_MAX);
	scan_char(&s, '|');
	if (!s.bad && *s.at != '|') {
		key.has_ids = true;
		key.local_id = (uint32_t)scan_number(&s, UINT32_MAX);
		scan_char(&s, ':');
		key.remote_id = (uint32_t)scan_number(&s, UINT32_MAX);
	}
	scan_addr(&s, &key.v4_local);
	scan_addr(&s, &key.v4_remote);
	scan_addr(&s, &key.v6_local);
	scan_addr(&s, &key.v6_remote);
	scan_char(&s, '|');
	len = s.bad ? 0 : scan_octets(&s, false, (uint8_t *)name, TED_NAME_MAX);
	name[len] = '\0';
	if (len > 0)
		key.name = name;
	return !s.bad && !*s.at && strlen(name) == len && key_of_link(&key, out, NULL) == PCE_OK;
}
