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

static char *
print_hex16(char *at, unsigned v)
{
	static const char digits[] = "0123456789abcdef";

	for (int shift = v > 0xfff ? 12 : v > 0xff ? 8 : v > 0xf ? 4 : 0; shift >= 0; shift -= 4)
		*at++ = digits[v >> shift & 15];
	return at;
}

/* Finds the first of the longest runs of two or more zero groups; *len 0 without one. */
static unsigned
longest_zero_run(const unsigned groups[8], unsigned *len)
{
	unsigned best = 0;

	*len = 1;
	for (unsigned i = 0, run; i < 8; i += run + 1) {
		for (run = 0; i + run < 8 && groups[i + run] == 0;)
			run++;
		if (run > *len) {
			*len = run;
			best = i;
		}
	}
	if (*len < 2)
		*len = 0;
	return best;
}

/* RFC 5952 section 4; whole feeds are printed, so without printf. */
static void
print_v6(const uint8_t octets[16], char out[IP_TEXT])
{
	unsigned groups[8], len, first;
	char *at = out;

	for (unsigned i = 0; i < 8; i++)
		groups[i] = (unsigned)octets[2 * i] << 8 | octets[2 * i + 1];
	first = longest_zero_run(groups, &len);
	for (unsigned i = 0; i < 8;) {
		if (len > 0 && i == first) {
			*at++ = ':';
			*at++ = ':';
			i += len;
			continue;
		}
		if (i > 0 && at[-1] != ':')
			*at++ = ':';
		at = print_hex16(at, groups[i++]);
	}
	*at = '\0';
}

const char *
ip_print(const struct ip_addr *addr, char out[IP_TEXT])
{
	static const uint8_t zero[10] = { 0 };

	out[0] = '\0';
	if (addr->family == IP_V4)
		inet_ntop(AF_INET, addr->octets, out, IP_TEXT);
	else if (addr->family == IP_V6 && memcmp(addr->octets, zero, sizeof(zero)) == 0)
		inet_ntop(AF_INET6, addr->octets, out, IP_TEXT); /* with an IPv4 address in it */
	else if (addr->family == IP_V6)
		print_v6(addr->octets, out);
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
