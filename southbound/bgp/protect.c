#define _GNU_SOURCE

#include "southbound/bgp/protect.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

/* Both glibc and the kernel define the TCP structures; only the kernel's has the key. */
#include <linux/tcp.h>

#ifndef IPV6_MINHOPCOUNT
#define IPV6_MINHOPCOUNT 73
#endif
#ifndef IP_MINTTL
#define IP_MINTTL 21
#endif

#define TTL_FULL 255

enum pce_status
bgp_password_read(const char *file, char out[BGP_PASSWORD_MAX + 1], struct pce_error *err)
{
	char line[BGP_PASSWORD_MAX + 3] = "";
	enum pce_status status = PCE_OK;
	FILE *f = fopen(file, "re");
	size_t len;

	if (!f)
		return pce_fail(err, PCE_IO, "cannot read the password file %s: %s", file,
				strerror(errno));
	setvbuf(f, NULL, _IONBF, 0); /* no copy stays in freed memory */
	if (!fgets(line, sizeof(line), f) && ferror(f))
		status = pce_fail(err, PCE_IO, "cannot read the password file %s: %s", file,
				  strerror(errno));
	fclose(f);
	len = strcspn(line, "\r\n");
	line[len] = '\0';
	if (!status && (len == 0 || len > BGP_PASSWORD_MAX))
		status = pce_fail(err, PCE_INVALID,
				  "the first line of the password file %s is not 1 to %d octets",
				  file, BGP_PASSWORD_MAX);
	if (!status)
		memcpy(out, line, len + 1);
	explicit_bzero(line, sizeof(line));
	return status;
}

static void
set_address(const struct ip_addr *peer, struct tcp_md5sig *out)
{
	if (peer->family == IP_V4) {
		struct sockaddr_in v4 = { .sin_family = AF_INET };

		memcpy(&v4.sin_addr, peer->octets, 4);
		memcpy(&out->tcpm_addr, &v4, sizeof(v4));
	} else {
		struct sockaddr_in6 v6 = { .sin6_family = AF_INET6 };

		memcpy(&v6.sin6_addr, peer->octets, 16);
		memcpy(&out->tcpm_addr, &v6, sizeof(v6));
	}
}

enum pce_status
bgp_protect_md5(int fd, const struct ip_addr *peer, const char *password, struct pce_error *err)
{
	struct tcp_md5sig key = { .tcpm_keylen = (uint16_t)strlen(password) };
	char word[IP_TEXT];
	int bad;

	set_address(peer, &key);
	memcpy(key.tcpm_key, password, key.tcpm_keylen);
	bad = setsockopt(fd, IPPROTO_TCP, TCP_MD5SIG, &key, sizeof(key));
	explicit_bzero(&key, sizeof(key));
	if (bad)
		return pce_fail(err, PCE_IO, "the kernel cannot sign BGP with %s by TCP MD5: %s",
				ip_print(peer, word), strerror(errno));
	return PCE_OK;
}

enum pce_status
bgp_protect_ttl(int fd, const struct ip_addr *peer, unsigned hops, struct pce_error *err)
{
	bool v4 = peer->family == IP_V4;
	int level = v4 ? IPPROTO_IP : IPPROTO_IPV6;
	int sent = TTL_FULL, least = TTL_FULL + 1 - (int)hops;
	char word[IP_TEXT];

	if (setsockopt(fd, level, v4 ? IP_TTL : IPV6_UNICAST_HOPS, &sent, sizeof(sent)) == 0 &&
	    (hops == 0 ||
	     setsockopt(fd, level, v4 ? IP_MINTTL : IPV6_MINHOPCOUNT, &least, sizeof(least)) == 0))
		return PCE_OK;
	return pce_fail(err, PCE_IO, "the kernel cannot check the TTL of BGP with %s: %s",
			ip_print(peer, word), strerror(errno));
}
