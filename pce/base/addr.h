/* IP addresses and prefixes, as values. Text is read leniently and printed as RFC 5952 says. */
#ifndef PCE_BASE_ADDR_H
#define PCE_BASE_ADDR_H

#include <stdbool.h>
#include <stdint.h>

#include "pce/base/status.h"

enum ip_family { IP_NONE = 0, IP_V4 = 4, IP_V6 = 6 };

/* An IPv4 address uses the first four octets, the others are 0: equal addresses are equal bytes. */
struct ip_addr {
	uint8_t family; /* enum ip_family */
	uint8_t octets[16];
};

struct ip_prefix {
	struct ip_addr addr; /* bits past len are 0 */
	uint8_t len;
};

#define IP_TEXT 48 /* room for any address or prefix as text, with its NUL */

/* IPv4 address from four octets. */
struct ip_addr ip_v4(const uint8_t octets[4]);
/* IPv6 address from sixteen octets. */
struct ip_addr ip_v6(const uint8_t octets[16]);
/* Reads an address of either family; PCE_INVALID names the text. */
enum pce_status ip_parse(const char *text, struct ip_addr *out, struct pce_error *err);
/* Reads "ADDRESS/LEN"; host bits are cleared. */
enum pce_status ip_parse_prefix(const char *text, struct ip_prefix *out, struct pce_error *err);
/* Prints an address into out[IP_TEXT]; IP_NONE prints "". Returns out. */
const char *ip_print(const struct ip_addr *addr, char out[IP_TEXT]);
/* Prints "ADDRESS/LEN" into out[IP_TEXT]. Returns out. */
const char *ip_print_prefix(const struct ip_prefix *prefix, char out[IP_TEXT]);
/* Total order: family, then octets. <0, 0, >0. */
int ip_compare(const struct ip_addr *a, const struct ip_addr *b);
/* True if addr lies in prefix. */
bool ip_in_prefix(const struct ip_addr *addr, const struct ip_prefix *prefix);

#endif
