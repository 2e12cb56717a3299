#include "pce/base/addr.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct ip_addr
ip_v4(const uint8_t octets[4])
{
	struct ip_addr a = { .family = IP_V4 };

	memcpy(a.octets, octets, 4);
	return a;
}

struct ip_addr
ip_v6(const uint8_t octets[16])
{
	struct ip_addr a = { .family = IP_V6 };

	memcpy(a.octets, octets, 16);
	return a;
}

enum pce_status
ip_parse(const char *text, struct ip_addr *out, struct pce_error *err)
{
	struct ip_addr a = { 0 };

	if (inet_pton(AF_INET, text, a.octets) == 1) {
		a.family = IP_V4;
	} else {
		memset(a.octets, 0, sizeof(a.octets));
		if (inet_pton(AF_INET6, text, a.octets) != 1)
			return pce_fail(err, PCE_INVALID, "\"%s\" is not an IP address", text);
		a.family = IP_V6;
	}
	*out = a;
	return PCE_OK;
}

static void
clear_host_bits(struct ip_prefix *p)
{
	unsigned whole = p->len / 8u, rest = p->len % 8u;

	if (rest)
		p->addr.octets[whole] = (uint8_t)(p->addr.octets[whole] & (0xff00u >> rest));
	for (unsigned i = whole + (rest ? 1 : 0); i < 16; i++)
		p->addr.octets[i] = 0;
}

enum pce_status
ip_parse_prefix(const char *text, struct ip_prefix *out, struct pce_error *err)
{
	const char *slash = strchr(text, '/');
	char addr[IP_TEXT], *rest;
	struct ip_prefix p;
	unsigned long len;

	if (!slash || (size_t)(slash - text) >= sizeof(addr) || slash[1] < '0' || slash[1] > '9')
		goto bad;
	memcpy(addr, text, (size_t)(slash - text));
	addr[slash - text] = '\0';
	len = strtoul(slash + 1, &rest, 10);
	if (*rest || ip_parse(addr, &p.addr, NULL) || len > (p.addr.family == IP_V4 ? 32u : 128u))
		goto bad;
	p.len = (uint8_t)len;
	clear_host_bits(&p);
	*out = p;
	return PCE_OK;
bad:
	return pce_fail(err, PCE_INVALID, "\"%s\" is not an IP prefix (ADDRESS/LENGTH)", text);
}

const char *
ip_print(const struct ip_addr *addr, char out[IP_TEXT])
{
	out[0] = '\0';
	if (addr->family != IP_NONE)
		inet_ntop(addr->family == IP_V4 ? AF_INET : AF_INET6, addr->octets, out, IP_TEXT);
	return out;
}

const char *
ip_print_prefix(const struct ip_prefix *prefix, char out[IP_TEXT])
{
	size_t used;

	ip_print(&prefix->addr, out);
	used = strlen(out);
	snprintf(out + used, IP_TEXT - used, "/%u", prefix->len);
	return out;
}

int
ip_compare(const struct ip_addr *a, const struct ip_addr *b)
{
	if (a->family != b->family)
		return a->family < b->family ? -1 : 1;
	return memcmp(a->octets, b->octets, sizeof(a->octets));
}

bool
ip_in_prefix(const struct ip_addr *addr, const struct ip_prefix *prefix)
{
	struct ip_prefix p = { *addr, prefix->len };

	if (addr->family != prefix->addr.family)
		return false;
	clear_host_bits(&p);
	return memcmp(p.addr.octets, prefix->addr.octets, 16) == 0;
}
