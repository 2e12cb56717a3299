/* What the lab's routers tell of themselves by gNMI: the kernel's counters of their links, each an
 * interface with the link's name, and of the policies' packets that come in. From the gNMI server's
 * thread. */
#include "tests/lab/counters.h"
#include "tests/lab/flows.h"
#include "tests/lab/gnmi_tree.h"
#include "tests/lab/lab.h"
#include "tests/lab/wires.h"

struct measure {
	struct lab *lab;
	struct gtree *tree;
};

static void
on_link(void *ctx, const struct counters_link *at)
{
	struct measure *m = ctx;
	const struct lab_link *link = &m->lab->network.links[at->link];
	struct wire_fault fault;
	struct wire_count twice;
	struct gtree_interface told = { .name = link->row->name,
					.index = link->interface,
					.up = at->up,
					.in_octets = at->in_octets,
					.in_packets = at->in_packets,
					.in_errors = at->in_errors,
					.out_discards = at->out_discards };

	/* What a wire repeats left the interface twice, and the link once. */
	wires_read(m->lab->wires, at->link, &fault, &twice);
	told.out_octets = at->out_octets - twice.repeated_octets;
	told.out_packets = at->out_packets - twice.repeated;
	gtree_add_interface(m->tree, &told);
}

static void
on_flow(void *ctx, const struct flows_count *count)
{
	struct measure *m = ctx;
	char headend[IP_TEXT], endpoint[IP_TEXT];
	const struct gtree_flow told = {
		.headend = ip_print(&m->lab->network.routers[count->headend].address, headend),
		.color = count->color,
		.endpoint = ip_print(&count->endpoint, endpoint),
		.packets = count->packets,
		.octets = count->octets,
	};

	gtree_add_flow(m->tree, &told);
}

void
lab_measure(void *ctx, unsigned router, struct gtree *tree)
{
	struct lab *lab = ctx;
	struct measure m = { lab, tree };
	struct pce_error err = { 0 };

	/* Servers listen before the network is made. */
	if (lab->made && counters_read(lab->counters, router, on_link, &m, &err))
		lab_say(lab, "error %s", err.text);
	if (lab->made && lab->flows != NULL)
		flows_read(lab->flows, router, on_flow, &m);
}

uint64_t
lab_version(void *ctx, unsigned router)
{
	struct lab *lab = ctx;

	return lab->changes + policies_version(lab->policies, router);
}
