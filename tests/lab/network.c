#include "tests/lab/network.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pce/base/array.h"

#define ROUTERS_MAX 4000
#define INTERFACE_BASE 100 /* index of the first link's interface */

/* --- the file --- */

static enum pce_status
read_file(const char *file, struct lab_network *net, struct pce_error *err)
{
	const struct ted_change *changes;
	struct codec *codec = NULL;
	size_t n;
	enum pce_status status = codec_new(NULL, &codec, err);

	if (!status)
		status = import_topology_file(codec, file, NULL, &net->topology, err);
	if (!status)
		status = ted_new(&net->ted, 1, err);
	if (!status)
		status = ted_apply(net->ted, (struct ted_source){ TED_SOURCE_FILE, 0 },
				   net->topology.deltas, net->topology.n, err);
	if (!status)
		status = ted_settle(net->ted, &changes, &n, err);
	codec_free(codec);
	return status;
}

static enum pce_status
note(struct lab_network *net, const char *text, struct pce_error *err)
{
	enum pce_status status;

	for (size_t i = 0; i < net->n_notes; i++)
		if (strcmp(net->notes[i], text) == 0)
			return PCE_OK;
	status =
	    array_reserve(&net->notes, &net->notes_cap, net->n_notes + 1, sizeof *net->notes, err);
	if (status)
		return status;
	net->notes[net->n_notes] = array_strdup(text);
	return net->notes[net->n_notes++] != NULL ? PCE_OK : pce_no_memory(err);
}

/* --- routers --- */

/* Letters, digits, dash and underscore; the rest becomes underscores, and a number tells apart what
 * is then equal. */
static void
name_space(struct lab_network *net, const char *lab, uint32_t n)
{
	struct lab_router *r = &net->routers[n];
	size_t at;

	snprintf(r->space, sizeof r->space - 16, "%s.%s", lab, r->name);
	for (at = strlen(lab) + 1; r->space[at] != '\0'; at++)
		if (!isalnum((unsigned char)r->space[at]) && r->space[at] != '-')
			r->space[at] = '_';
	for (uint32_t i = 0; i < n; i++)
		if (strcmp(net->routers[i].space, r->space) == 0) {
			snprintf(r->space + at, sizeof r->space - at, "_%u", n + 1);
			break;
		}
}

const struct ted_prefix_row *
lab_locator(const struct lab_router *router)
{
	const struct ted_node_row *row = router->row;

	for (size_t i = 0; i < row->n_prefixes; i++)
		if (row->prefixes[i].has_locator && row->prefixes[i].locator.algorithm == 0)
			return &row->prefixes[i];
	return NULL;
}

static void
customers(struct lab_router *r, uint32_t number)
{
	uint8_t six[16] = { 0x20, 0x01, 0x0d, 0xb8, 0x00, 0x6b };
	uint8_t four[4] = { 10, (uint8_t)(number >> 8), (uint8_t)number, 0 };

	six[6] = (uint8_t)(number >> 8);
	six[7] = (uint8_t)number;
	r->customers6 = (struct ip_prefix){ ip_v6(six), 64 };
	r->customers4 = (struct ip_prefix){ ip_v4(four), 24 };
}

/* The SIDs that the file advertises, else one of the lab's own inside of the locator: d6 and d4 in
 * the two octets behind its prefix; and always d5. */
static void
service_sids(struct lab_router *r, const struct ted_prefix_row *locator)
{
	const struct ted_node_row *row = r->row;
	size_t at = (locator->prefix.len + 7u) / 8;

	memcpy(r->service6, locator->prefix.addr.octets, 16);
	memcpy(r->service4, locator->prefix.addr.octets, 16);
	memcpy(r->transit, locator->prefix.addr.octets, 16);
	if (at <= 14) {
		r->transit[at + 1] = 0xd5;
		r->service6[at + 1] = 0xd6;
		r->service4[at + 1] = 0xd4;
	}
	for (size_t i = 0; i < row->n_sids; i++) {
		if (row->sids[i].behavior == TED_BEHAVIOR_END_DT6 ||
		    row->sids[i].behavior == TED_BEHAVIOR_END_DT46)
			memcpy(r->service6, row->sids[i].sid, 16);
		if (row->sids[i].behavior == TED_BEHAVIOR_END_DT4)
			memcpy(r->service4, row->sids[i].sid, 16);
	}
}

static enum pce_status
make_router(struct lab_network *net, const char *lab, uint32_t n, struct pce_error *err)
{
	struct lab_router *r = &net->routers[n];
	uint8_t own[16] = { 0xfd, 0x6b };

	r->row = ted_node_at(net->ted, n);
	r->name = r->row->name;
	if (r->row->pseudonode)
		return pce_fail(err, PCE_UNSUPPORTED, "%s is a LAN: the lab has no such links",
				r->name);
	if (lab_locator(r) == NULL)
		return pce_fail(err, PCE_UNSUPPORTED, "router %s has no SRv6 locator", r->name);
	name_space(net, lab, n);
	own[2] = (uint8_t)((n + 1) >> 8);
	own[3] = (uint8_t)(n + 1);
	own[15] = 1;
	r->address = r->row->router_id_v6.family == IP_V6 ? r->row->router_id_v6 : ip_v6(own);
	r->out = ted_links_out(net->ted, n, &r->n_out);
	r->edge = true;
	customers(r, n + 1);
	service_sids(r, lab_locator(r));
	return PCE_OK;
}

/* --- links --- */

static struct ip_addr
link_local(uint32_t link)
{
	uint8_t octets[16] = { 0xfe, 0x80 };

	octets[12] = (uint8_t)(link >> 24);
	octets[13] = (uint8_t)(link >> 16);
	octets[14] = (uint8_t)(link >> 8);
	octets[15] = (uint8_t)link;
	return ip_v6(octets);
}

/* Number of the far interface of a link whose other direction the file does not have. */
static uint32_t
far_number(const struct lab_network *net, uint32_t link)
{
	return net->links[link].reverse != LAB_NONE ? net->links[link].reverse
						    : net->n_links + link;
}

static void
mac_of(uint32_t number, uint8_t out[6])
{
	const uint8_t mac[6] = { 2,
				 0x6b,
				 (uint8_t)(number >> 24),
				 (uint8_t)(number >> 16),
				 (uint8_t)(number >> 8),
				 (uint8_t)number };

	memcpy(out, mac, 6);
}

static void
make_link(struct lab_network *net, uint32_t n, bool second_topology)
{
	struct lab_link *l = &net->links[n];
	uint32_t far;

	l->row = ted_link_at(net->ted, n);
	l->reverse = l->row->reverse == TED_NONE ? LAB_NONE : l->row->reverse;
	l->twin = l->reverse != LAB_NONE ? l->reverse : n;
	l->usable = l->row->unusable == 0 && (l->row->topology == 2) == second_topology;
	far = far_number(net, n);
	l->interface = INTERFACE_BASE + n;
	l->far_interface = INTERFACE_BASE + far;
	mac_of(n, l->mac);
	mac_of(far, l->far_mac);
	l->local = link_local(n + 1);
	l->remote = link_local(far + 1);
}

static void
find_deltas(struct lab_network *net)
{
	for (size_t i = 0; i < net->topology.n; i++) {
		const struct ted_delta *d = &net->topology.deltas[i];
		uint32_t link;

		if (d->object != TED_OBJECT_LINK || !(d->attr.link.present & TED_LINK_NAME))
			continue;
		link = lab_find_link(net, d->attr.link.name);
		if (link != LAB_NONE)
			net->links[link].delta = d;
	}
}

static enum pce_status
make_links(struct lab_network *net, struct pce_error *err)
{
	bool second = false;

	for (uint32_t n = 0; n < net->n_links; n++)
		second = second || ted_link_at(net->ted, n)->topology == 2;
	for (uint32_t n = 0; n < net->n_links; n++)
		make_link(net, n, second);
	find_deltas(net);
	for (uint32_t n = 0; n < net->n_links; n++)
		if (net->links[n].delta == NULL)
			return pce_fail(err, PCE_UNSUPPORTED, "link %s has no name in the file",
					net->links[n].row->name);
	return PCE_OK;
}

/* What of the SIDs the kernel cannot do; said once each. */
static enum pce_status
note_limits(struct lab_network *net, struct pce_error *err)
{
	enum pce_status status = PCE_OK;

	for (uint32_t n = 0; n < net->n_routers && !status; n++)
		for (size_t i = 0; i < net->routers[n].row->n_sids && !status; i++) {
			const struct ted_sid *sid = &net->routers[n].row->sids[i];

			if (sid->algorithm != 0)
				status =
				    note(net, "SIDs of flexible algorithms are not installed", err);
			else if (sid->behavior == TED_BEHAVIOR_END_DT46)
				status = note(
				    net, "End.DT46 carries IPv6 only: this kernel has no VRF", err);
		}
	return status;
}

enum pce_status
lab_network_read(const char *file, const char *name, struct lab_network *net, struct pce_error *err)
{
	enum pce_status status;

	memset(net, 0, sizeof *net);
	status = read_file(file, net, err);
	if (status)
		return status;
	net->n_routers = ted_node_count(net->ted);
	net->n_links = ted_link_count(net->ted);
	if (net->n_routers > ROUTERS_MAX)
		return pce_fail(err, PCE_LIMIT, "%s has %u routers, the lab takes %d", file,
				net->n_routers, ROUTERS_MAX);
	net->routers = calloc(net->n_routers + 1, sizeof *net->routers);
	net->links = calloc(net->n_links + 1, sizeof *net->links);
	if (net->routers == NULL || net->links == NULL)
		return pce_no_memory(err);
	for (uint32_t n = 0; n < net->n_routers && !status; n++)
		status = make_router(net, name, n, err);
	if (!status)
		status = make_links(net, err);
	if (!status)
		status = note_limits(net, err);
	return status;
}

void
lab_network_free(struct lab_network *net)
{
	for (size_t i = 0; i < net->n_notes; i++)
		free(net->notes[i]);
	free(net->notes);
	free(net->routers);
	free(net->links);
	ted_free(net->ted);
	codec_topology_free(&net->topology);
	memset(net, 0, sizeof *net);
}

/* --- questions --- */

bool
lab_link_up(const struct lab_network *net, uint32_t link)
{
	const struct lab_link *l = &net->links[link];

	return l->usable && !l->cut && !net->routers[l->row->from].stopped &&
	       !net->routers[l->row->to].stopped;
}

uint32_t
lab_find_link(const struct lab_network *net, const char *name)
{
	for (uint32_t n = 0; n < net->n_links; n++)
		if (net->links[n].row != NULL && strcmp(net->links[n].row->name, name) == 0)
			return n;
	return LAB_NONE;
}

uint32_t
lab_find_router(const struct lab_network *net, const char *name)
{
	for (uint32_t n = 0; n < net->n_routers; n++)
		if (strcmp(net->routers[n].name, name) == 0)
			return n;
	return LAB_NONE;
}

uint32_t
lab_router_of(const struct lab_network *net, const uint8_t addr[16])
{
	struct ip_addr a = ip_v6(addr);

	for (uint32_t n = 0; n < net->n_routers; n++) {
		const struct ted_node_row *row = net->routers[n].row;

		if (ip_compare(&net->routers[n].address, &a) == 0)
			return n;
		for (size_t i = 0; i < row->n_prefixes; i++)
			if (row->prefixes[i].has_locator &&
			    ip_in_prefix(&a, &row->prefixes[i].prefix))
				return n;
	}
	return LAB_NONE;
}
