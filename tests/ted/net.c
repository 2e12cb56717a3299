#include "tests/ted/net.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

struct ted_node_key
net_isis(uint32_t id)
{
	struct ted_node_key k = { .protocol = TED_PROTOCOL_ISIS_L2,
				  .asn = 65000,
				  .router_id_len = 6 };

	for (unsigned i = 0; i < 4; i++)
		k.router_id[5 - i] = (uint8_t)(id >> (8 * i));
	return k;
}

struct ted_node_key
net_pseudonode(uint32_t id, uint8_t number)
{
	struct ted_node_key k = net_isis(id);

	k.router_id_len = 7;
	k.router_id[6] = number;
	return k;
}

struct ted_node_key
net_static(const char *name)
{
	struct ted_node_key k = { .protocol = TED_PROTOCOL_STATIC };

	k.router_id_len = (uint8_t)strlen(name);
	memcpy(k.router_id, name, k.router_id_len);
	return k;
}

struct ted_link_key
net_link(struct ted_node_key a, struct ted_node_key b)
{
	return (struct ted_link_key){ .local = a, .remote = b };
}

struct ted_link_key
net_addressed(struct ted_node_key a, struct ted_node_key b, uint8_t subnet, bool up)
{
	struct ted_link_key k = { .local = a, .remote = b };
	uint8_t one[4] = { 10, 0, subnet, 1 }, two[4] = { 10, 0, subnet, 2 };

	k.v4_local = ip_v4(up ? one : two);
	k.v4_remote = ip_v4(up ? two : one);
	return k;
}

void
say(struct ted *ted, struct ted_source source, struct ted_delta delta)
{
	struct pce_error err = { 0 };
	enum pce_status status = ted_apply(ted, source, &delta, 1, &err);

	ck_assert_msg(status == PCE_OK, "%s", err.text);
}

void
say_node(struct ted *ted, struct ted_source source, struct ted_node_key key, const char *name)
{
	struct ted_delta d = { .object = TED_OBJECT_NODE, .key.node = key };

	d.attr.node.present = name ? TED_NODE_NAME : 0;
	d.attr.node.name = name;
	say(ted, source, d);
}

void
say_link(struct ted *ted, struct ted_source source, struct ted_link_key key, uint32_t metric)
{
	struct ted_delta d = { .object = TED_OBJECT_LINK, .key.link = key };

	d.attr.link.present = TED_LINK_IGP_METRIC;
	d.attr.link.igp_metric = metric;
	say(ted, source, d);
}

void
unsay_node(struct ted *ted, struct ted_source source, struct ted_node_key key)
{
	say(ted, source,
	    (struct ted_delta){ .object = TED_OBJECT_NODE, .op = TED_DELETE, .key.node = key });
}

void
unsay_link(struct ted *ted, struct ted_source source, struct ted_link_key key)
{
	say(ted, source,
	    (struct ted_delta){ .object = TED_OBJECT_LINK, .op = TED_DELETE, .key.link = key });
}

void
event(struct ted *ted, struct ted_source source, enum ted_source_event what)
{
	struct pce_error err = { 0 };
	enum pce_status status = ted_source(ted, source, what, &err);

	ck_assert_msg(status == PCE_OK, "%s", err.text);
}

size_t
settle(struct ted *ted, const struct ted_change **changes)
{
	const struct ted_change *list;
	struct pce_error err = { 0 };
	size_t n;
	enum pce_status status = ted_settle(ted, &list, &n, &err);

	ck_assert_msg(status == PCE_OK, "%s", err.text);
	if (changes)
		*changes = list;
	return n;
}

const struct ted_node_row *
node_named(struct ted *ted, const char *name)
{
	struct pce_error err = { 0 };
	ted_node node = TED_NONE;
	enum pce_status status = ted_find_node(ted, name, &node, &err);

	ck_assert_msg(status == PCE_OK, "%s", err.text);
	return ted_node_at(ted, node);
}

ted_link
link_row_named(struct ted *ted, const char *name)
{
	struct pce_error err = { 0 };
	ted_link *links = NULL, link;
	size_t n = 0, cap = 0;
	enum pce_status status = ted_find_links(ted, name, &links, &n, &cap, &err);

	ck_assert_msg(status == PCE_OK, "%s", err.text);
	ck_assert_uint_eq(n, 1);
	link = links[0];
	free(links);
	return link;
}

const struct ted_link_row *
link_named(struct ted *ted, const char *name)
{
	return ted_link_at(ted, link_row_named(ted, name));
}
