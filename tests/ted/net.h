/* Short ways to say things to a ted, for its tests. */
#ifndef TESTS_TED_NET_H
#define TESTS_TED_NET_H

#include "pce/ted/ted.h"

#define FILE_1 ((struct ted_source){ TED_SOURCE_FILE, 1 })
#define PEER_1 ((struct ted_source){ TED_SOURCE_BGPLS, 1 })
#define PEER_2 ((struct ted_source){ TED_SOURCE_BGPLS, 2 })
#define TELEMETRY_1 ((struct ted_source){ TED_SOURCE_TELEMETRY, 1 })
#define OPERATOR_1 ((struct ted_source){ TED_SOURCE_OPERATOR, 1 })

/* An IS-IS level 2 router: system id 0000.0000.<id>. */
struct ted_node_key net_isis(uint32_t id);
/* A pseudonode of such a router. */
struct ted_node_key net_pseudonode(uint32_t id, uint8_t number);
/* A node that only a file names. */
struct ted_node_key net_static(const char *name);
/* A link from a to b with nothing else in its key. */
struct ted_link_key net_link(struct ted_node_key a, struct ted_node_key b);
/* A link with IPv4 addresses 10.0.<subnet>.<1|2>, local 1 if up. */
struct ted_link_key net_addressed(struct ted_node_key a, struct ted_node_key b, uint8_t subnet,
				  bool up);

/* Each applies one delta and aborts the test if that fails. */
void say_node(struct ted *ted, struct ted_source source, struct ted_node_key key, const char *name);
void say_link(struct ted *ted, struct ted_source source, struct ted_link_key key, uint32_t metric);
void say(struct ted *ted, struct ted_source source, struct ted_delta delta);
void unsay_node(struct ted *ted, struct ted_source source, struct ted_node_key key);
void unsay_link(struct ted *ted, struct ted_source source, struct ted_link_key key);
void event(struct ted *ted, struct ted_source source, enum ted_source_event what);
/* Settles; aborts the test on failure. Returns the number of changes. */
size_t settle(struct ted *ted, const struct ted_change **changes);

/* Row by name; aborts the test if there is none. */
const struct ted_node_row *node_named(struct ted *ted, const char *name);
const struct ted_link_row *link_named(struct ted *ted, const char *name);
ted_link link_row_named(struct ted *ted, const char *name);

#endif
