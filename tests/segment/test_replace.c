/*
 * REPLACE-CSID (RFC 9800 section 4.2): runs of packed containers. The oracle tries every choice of
 * SIDs and every way of putting them into entries, and lets a router of the test's own execute
 * each.
 */
#include <string.h>

#include "pce/segment/compile.h"
#include "tests/segment/graph.h"
#include "tests/support/suite.h"

#define HOPS 6
#define END_X_REPLACE 105
#define END_X_REPLACE_USD 132

enum kind { PLAIN, NEXT, REPLACE, KINDS };

static struct ted g;
static ted_link path[HOPS];
static struct segment_list list;
static struct segment_report report;
static struct pce_error err;

/* The SID of a kind on a link: block 32, node and function of 16 bits each; wide: C-SIDs of 32. */
static void
add_sid(ted_link link, enum kind kind, bool wide, bool usd)
{
	static const uint16_t behaviors[KINDS] = { TED_BEHAVIOR_END_X, TED_BEHAVIOR_END_X_NEXT_CSID,
						   END_X_REPLACE };
	struct ted_sid *sid =
	    graph_end_x(&g, link, (uint16_t)(0x1000u * (kind + 1) + link), behaviors[kind]);

	if (kind == PLAIN)
		return;
	if (usd)
		sid->behavior = kind == NEXT ? 56 : END_X_REPLACE_USD;
	sid->structure = (struct ted_sid_structure){ 32, 16, 16, 64 };
	if (wide)
		return;
	/* 16 bits: the function stands in the place of node and function */
	memcpy(sid->sid + 4, sid->sid + 6, 2);
	memset(sid->sid + 6, 0, 2);
	sid->structure = (struct ted_sid_structure){ 32, 0, 16, 80 };
}

/* Two links a hop, so that each takes an End.X. kinds: what the links of a hop have, a set. */
static void
make_ladder(uint32_t hops, const unsigned kinds[HOPS], bool wide, bool usd)
{
	graph_init(&g);
	for (uint32_t k = 0; k <= hops; k++)
		graph_locator(&g, graph_node(&g));
	for (uint32_t k = 0; k < hops; k++) {
		path[k] = graph_fibre(&g, k, k + 1, 10);
		graph_fibre(&g, k, k + 1, 10);
	}
	for (uint32_t k = 0; k < hops; k++)
		for (enum kind kind = PLAIN; kind < KINDS; kind++)
			if (kinds[k] >> kind & 1u)
				add_sid(path[k], kind, wide, usd);
}

static enum pce_status
compile(uint32_t hops, bool service)
{
	const struct segment_options options = { .service_sids = service };
	struct segment_igp *igp;
	enum pce_status st;

	segment_list_free(&list);
	ck_assert_int_eq(segment_igp_new(&g, &igp, &err), PCE_OK);
	st = segment_compile(igp, path, hops, &options, &list, &report, &err);
	segment_igp_free(igp);
	return st;
}

static void
expect(uint32_t hops, bool service, size_t entries)
{
	char text[256] = "";
	bool same = false;

	ck_assert_msg(compile(hops, service) == PCE_OK, "%u hops: %s", hops, report.text);
	ck_assert_msg(list.n == entries && list.n_csids == hops, "%u hops: %zu entries, %zu SIDs",
		      hops, list.n, list.n_csids);
	ck_assert(segment_list_matches(&g, 0, &list, path, hops, &same, text, sizeof(text), &err) ==
		  PCE_OK);
	ck_assert_msg(same, "%s", text);
}

static void
all_replace(uint32_t hops, bool wide, bool usd)
{
	static const unsigned kinds[HOPS] = { 1u << REPLACE, 1u << REPLACE, 1u << REPLACE,
					      1u << REPLACE, 1u << REPLACE, 1u << REPLACE };

	make_ladder(hops, kinds, wide, usd);
}

START_TEST(replace_run_is_one_whole_sid_and_packed_containers)
{
	static const uint8_t first[16] = { 0xfc, 0xbb, 0xbb, 0, 0, 1, 0x30, 0 };
	/* read from the end: 4 octets each, nothing in the first place */
	static const uint8_t packed[16] = {
		0, 0, 0, 0, 0, 4, 0x30, 12, 0, 3, 0x30, 8, 0, 2, 0x30, 4
	};

	all_replace(4, true, false);
	expect(4, true, 2);
	ck_assert_mem_eq(list.segments[0].sid, first, 16);
	ck_assert_mem_eq(list.segments[1].sid, packed, 16);
	ck_assert_uint_eq(list.segments[1].n_csids, 3);
	ck_assert_uint_eq(list.csids[1].width, 32);
}
END_TEST

START_TEST(replace_full_container_may_only_go_on_or_be_the_end)
{
	all_replace(5, true, true);
	expect(5, false, 2); /* nothing follows */
	expect(5, true, 4); /* a service SID would be read as packed: two runs with a free slot */
	all_replace(6, true, false);
	expect(6, true, 3); /* the run goes on */
	all_replace(6, false, false);
	expect(6, true, 2); /* eight slots of 16 bits */
}
END_TEST

START_TEST(replace_single_one_with_something_behind_it_has_no_list)
{
	all_replace(1, true, true);
	ck_assert_int_eq(compile(1, true), PCE_UNSUPPORTED);
	expect(1, false, 1);
}
END_TEST

START_TEST(replace_of_an_odd_structure_is_named)
{
	all_replace(2, true, false);
	g.link_sids[path[0]][0].structure.argument = 8;
	ck_assert_int_eq(compile(2, true), PCE_UNSUPPORTED);
	graph_end(&g, 1, 7, 101);
	ck_assert_int_eq(compile(2, true), PCE_UNSUPPORTED);
}
END_TEST

/* --- the oracle --- */

#define ENTRIES (HOPS + 1)

struct trial {
	uint32_t hops;
	bool service, wide;
	unsigned kinds[HOPS];
	const struct ted_sid *sids[HOPS]; /* chosen */
	enum kind chosen[HOPS];
	uint8_t entries[ENTRIES][16];
	uint32_t n, best;
	uint64_t feasible;
};

static unsigned
c_octets(const struct trial *x)
{
	return x->wide ? 4 : 2;
}

/* What the router at the start of a hop does: true if it takes the hop and the packet then has the
 * address of the next one, or is where it should be. */
static bool
execute(const struct trial *x, uint32_t hop, uint32_t *entry, uint8_t address[16])
{
	unsigned octets = c_octets(x), parts = 16 / octets, index = address[15];
	bool last = *entry + 1 == x->n + x->service;
	const uint8_t(*entries)[16] = x->entries;

	if (memcmp(address, x->sids[hop]->sid, x->chosen[hop] == PLAIN ? 16 : 4 + octets) != 0)
		return false;
	if (x->chosen[hop] == NEXT) {
		uint8_t rest[16] = { 0 };

		memcpy(rest, address + 4 + octets, 12 - octets);
		if (memcmp(rest, (const uint8_t[16]){ 0 }, 16) != 0) {
			memcpy(address + 4, rest, 12);
			return true;
		}
	}
	if (x->chosen[hop] == REPLACE) {
		uint8_t zero[4] = { 0 };

		if (index > 0 && memcmp(entries[*entry] + --index * octets, zero, octets) != 0) {
			memcpy(address + 4, entries[*entry] + index * octets, octets);
			address[15] = (uint8_t)index;
			return true;
		}
		if (address[15] == 0 && !last) {
			memcpy(address + 4, entries[++*entry] + (parts - 1) * octets, octets);
			address[15] = (uint8_t)(parts - 1);
			return true;
		}
	}
	if (last) {
		*entry = UINT32_MAX;
		return true;
	}
	memcpy(address, entries[++*entry], 16);
	return true;
}

static const uint8_t service_sid[16] = { 0xee, 0xee, 1 };

/* Executes the entries hop by hop. */
static bool
arrives(struct trial *x)
{
	uint8_t address[16];
	uint32_t entry = 0;

	memcpy(x->entries[x->n], service_sid, 16);
	memcpy(address, x->entries[0], 16);
	for (uint32_t hop = 0; hop < x->hops; hop++) {
		if (entry == UINT32_MAX || !execute(x, hop, &entry, address))
			return false;
	}
	return x->service ? entry == x->n && memcmp(address, service_sid, 16) == 0
			  : entry == UINT32_MAX;
}

static void try_from(struct trial *x, uint32_t hop, uint32_t used, bool packed);

/* Puts the SID of a hop into an entry of its own, into a new packed one, or behind the last one. */
static void
try_places(struct trial *x, uint32_t hop, uint32_t used, bool packed)
{
	unsigned octets = c_octets(x);
	const uint8_t *sid = x->sids[hop]->sid;
	uint8_t *now = x->n ? x->entries[x->n - 1] : NULL;

	memcpy(x->entries[x->n++], sid, 16);
	try_from(x, hop + 1, x->chosen[hop] == NEXT ? 4 + octets : 0, false);
	x->n--;
	if (x->chosen[hop] == NEXT && hop && x->chosen[hop - 1] == NEXT && used &&
	    used + octets <= 16) {
		memcpy(now + used, sid + 4, octets);
		try_from(x, hop + 1, used + octets, false);
		memset(now + used, 0, octets);
	}
	if (x->chosen[hop] != REPLACE || !hop || x->chosen[hop - 1] != REPLACE)
		return;
	memset(x->entries[x->n], 0, 16);
	memcpy(x->entries[x->n++] + 16 - octets, sid + 4, octets);
	try_from(x, hop + 1, octets, true);
	x->n--;
	if (packed && used + octets <= 16) {
		memcpy(now + 16 - used - octets, sid + 4, octets);
		try_from(x, hop + 1, used + octets, true);
		memset(now + 16 - used - octets, 0, octets);
	}
}

static void
try_from(struct trial *x, uint32_t hop, uint32_t used, bool packed)
{
	if (x->best && x->n >= x->best)
		return;
	if (hop == x->hops) {
		if (arrives(x))
			x->best = x->n;
		return;
	}
	for (size_t k = 0; k < g.links[path[hop]].n_sids; k++) {
		x->sids[hop] = &g.link_sids[path[hop]][k];
		x->chosen[hop] = x->sids[hop]->behavior == TED_BEHAVIOR_END_X ? PLAIN
				 : x->sids[hop]->behavior < 100               ? NEXT
									      : REPLACE;
		try_places(x, hop, used, packed);
	}
}

START_TEST(replace_lists_have_as_few_entries_as_any)
{
	unsigned none = 0, with_runs = 0;

	for (unsigned seed = 0; seed < suite_seeds(); seed++) {
		uint64_t r = seed;
		struct trial x = { .hops = 1 + suite_below(&r, HOPS) };
		enum pce_status st;
		char text[256] = "";
		bool same = false;

		x.service = suite_below(&r, 2) == 0;
		x.wide = suite_below(&r, 2) == 0;
		for (uint32_t k = 0; k < x.hops; k++)
			x.kinds[k] = suite_below(&r, 3) ? 1u << REPLACE
							: 1 + suite_below(&r, (1u << KINDS) - 1);
		make_ladder(x.hops, x.kinds, x.wide, true);
		try_from(&x, 0, 0, false);
		st = compile(x.hops, x.service);
		/* A plain End.X decapsulates nothing. */
		if (!x.service && x.chosen[x.hops - 1] == PLAIN)
			continue;
		if (x.best == 0) {
			ck_assert_msg(st != PCE_OK, "seed %u: a list where there is none", seed);
			none++;
			continue;
		}
		if (!x.service && x.kinds[x.hops - 1] & 1u << PLAIN)
			continue;
		ck_assert_msg(st == PCE_OK, "seed %u: %s", seed, report.text);
		ck_assert_msg(list.n == x.best, "seed %u: %zu entries, %u are enough", seed, list.n,
			      x.best);
		ck_assert(segment_list_matches(&g, 0, &list, path, x.hops, &same, text,
					       sizeof(text), &err) == PCE_OK);
		ck_assert_msg(same, "seed %u: %s", seed, text);
		with_runs += list.n < list.n_csids;
	}
	ck_assert_uint_ge(none * 50, suite_seeds());
	ck_assert_uint_ge(with_runs * 3, suite_seeds());
}
END_TEST

int
main(void)
{
	TCase *t = tcase_create("replace");

	tcase_add_test(t, replace_run_is_one_whole_sid_and_packed_containers);
	tcase_add_test(t, replace_full_container_may_only_go_on_or_be_the_end);
	tcase_add_test(t, replace_single_one_with_something_behind_it_has_no_list);
	tcase_add_test(t, replace_of_an_odd_structure_is_named);
	tcase_add_test(t, replace_lists_have_as_few_entries_as_any);
	return suite_run("replace", t, 120);
}
