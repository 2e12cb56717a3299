/* Topologies: deltas to text and back, what is assumed, and errors with path and line. */
#include <stdio.h>
#include <string.h>

#include "models/codec/topology.h"
#include "tests/models/codec_fixture.h"
#include "tests/models/random_topology.h"

/* --- Equality, field by field and independent of the codec --- */

static bool
same_node_key(const struct ted_node_key *a, const struct ted_node_key *b)
{
	return a->instance == b->instance && a->asn == b->asn && a->bgpls_id == b->bgpls_id &&
	       a->area == b->area && a->bgp_router_id == b->bgp_router_id &&
	       a->protocol == b->protocol && a->router_id_len == b->router_id_len &&
	       memcmp(a->router_id, b->router_id, a->router_id_len) == 0;
}

static bool
same_link_key(const struct ted_link_key *a, const struct ted_link_key *b)
{
	return same_node_key(&a->local, &b->local) && same_node_key(&a->remote, &b->remote) &&
	       a->topology == b->topology && a->has_ids == b->has_ids &&
	       a->local_id == b->local_id && a->remote_id == b->remote_id &&
	       ip_compare(&a->v4_local, &b->v4_local) == 0 &&
	       ip_compare(&a->v4_remote, &b->v4_remote) == 0 &&
	       ip_compare(&a->v6_local, &b->v6_local) == 0 &&
	       ip_compare(&a->v6_remote, &b->v6_remote) == 0 && same_text(a->name, b->name);
}

static bool
same_numbers(const uint32_t *a, size_t n, const uint32_t *b, size_t m)
{
	return n == m && (n == 0 || memcmp(a, b, n * sizeof(*a)) == 0);
}

static bool
same_msds(const struct ted_msd *a, size_t n, const struct ted_msd *b, size_t m)
{
	bool same = n == m;

	for (size_t i = 0; same && i < n; i++)
		same = a[i].type == b[i].type && a[i].value == b[i].value;
	return same;
}

static bool
same_structure(const struct ted_sid_structure *a, const struct ted_sid_structure *b)
{
	return a->block == b->block && a->node == b->node && a->function == b->function &&
	       a->argument == b->argument;
}

static bool
same_sids(const struct ted_sid *a, size_t n, const struct ted_sid *b, size_t m)
{
	bool same = n == m;

	for (size_t i = 0; same && i < n; i++)
		same = memcmp(a[i].sid, b[i].sid, 16) == 0 && a[i].behavior == b[i].behavior &&
		       a[i].flags == b[i].flags && a[i].algorithm == b[i].algorithm &&
		       a[i].weight == b[i].weight && a[i].backup == b[i].backup &&
		       same_structure(&a[i].structure, &b[i].structure);
	return same;
}

static bool
near(double a, double b)
{
	return a - b < 1e-9 && b - a < 1e-9;
}

static bool
same_node_attr(const struct ted_node_attr *a, const struct ted_node_attr *b)
{
	return a->present == b->present && same_text(a->name, b->name) &&
	       same_text(a->label, b->label) && same_text(a->site, b->site) &&
	       ip_compare(&a->router_id_v4, &b->router_id_v4) == 0 &&
	       ip_compare(&a->router_id_v6, &b->router_id_v6) == 0 && a->overload == b->overload &&
	       a->admin_down == b->admin_down && a->unavailability_ppt == b->unavailability_ppt &&
	       near(a->latitude, b->latitude) && near(a->longitude, b->longitude) &&
	       same_numbers(a->srlg, a->n_srlg, b->srlg, b->n_srlg) &&
	       same_msds(a->msd, a->n_msd, b->msd, b->n_msd) &&
	       same_texts(a->services, a->n_services, b->services, b->n_services) &&
	       a->n_fads == b->n_fads &&
	       (!a->n_fads || memcmp(a->fads, b->fads, a->n_fads * sizeof(*a->fads)) == 0) &&
	       a->n_algorithms == b->n_algorithms &&
	       (!a->n_algorithms || memcmp(a->algorithms, b->algorithms, a->n_algorithms) == 0);
}

static bool
same_link_attr(const struct ted_link_attr *a, const struct ted_link_attr *b)
{
	return a->present == b->present && same_text(a->name, b->name) &&
	       a->unusable == b->unusable && a->admin_down == b->admin_down &&
	       a->oper_down == b->oper_down && a->delay_anomalous == b->delay_anomalous &&
	       a->igp_metric == b->igp_metric && a->te_metric == b->te_metric &&
	       a->delay_us == b->delay_us && a->delay_min_us == b->delay_min_us &&
	       a->delay_max_us == b->delay_max_us &&
	       a->delay_variation_us == b->delay_variation_us && a->loss_ppb == b->loss_ppb &&
	       a->capacity_bps == b->capacity_bps && a->reservable_bps == b->reservable_bps &&
	       memcmp(a->unreserved_bps, b->unreserved_bps, sizeof(a->unreserved_bps)) == 0 &&
	       a->advertised_residual_bps == b->advertised_residual_bps &&
	       a->advertised_available_bps == b->advertised_available_bps &&
	       a->advertised_utilised_bps == b->advertised_utilised_bps &&
	       a->measured_bps == b->measured_bps &&
	       a->start_residual_bps == b->start_residual_bps &&
	       a->subscription_ppm == b->subscription_ppm &&
	       a->unavailability_ppt == b->unavailability_ppt &&
	       same_numbers(a->affinity, a->n_affinity, b->affinity, b->n_affinity) &&
	       same_numbers(a->srlg, a->n_srlg, b->srlg, b->n_srlg) &&
	       same_sids(a->sids, a->n_sids, b->sids, b->n_sids) &&
	       same_msds(a->msd, a->n_msd, b->msd, b->n_msd) &&
	       same_texts(a->slices, a->n_slices, b->slices, b->n_slices) &&
	       !a->reverse == !b->reverse && (!a->reverse || same_link_key(a->reverse, b->reverse));
}

static bool
same_prefix(const struct ted_delta *a, const struct ted_delta *b)
{
	const struct ted_prefix_key *k = &a->key.prefix, *l = &b->key.prefix;
	const struct ted_prefix_attr *x = &a->attr.prefix, *y = &b->attr.prefix;

	return same_node_key(&k->node, &l->node) && k->topology == l->topology &&
	       k->ospf_route_type == l->ospf_route_type &&
	       ip_compare(&k->prefix.addr, &l->prefix.addr) == 0 &&
	       k->prefix.len == l->prefix.len && x->metric == y->metric &&
	       x->has_locator == y->has_locator && x->locator.flags == y->locator.flags &&
	       x->locator.algorithm == y->locator.algorithm &&
	       x->locator.metric == y->locator.metric;
}

static bool
same_delta(const struct ted_delta *a, const struct ted_delta *b)
{
	if (a->object != b->object || a->op != b->op)
		return false;
	switch (a->object) {
	case TED_OBJECT_NODE:
		return same_node_key(&a->key.node, &b->key.node) &&
		       same_node_attr(&a->attr.node, &b->attr.node);
	case TED_OBJECT_LINK:
		return same_link_key(&a->key.link, &b->key.link) &&
		       same_link_attr(&a->attr.link, &b->attr.link);
	case TED_OBJECT_PREFIX:
		return same_prefix(a, b);
	case TED_OBJECT_SID:
		return same_node_key(&a->key.sid.node, &b->key.sid.node) &&
		       a->key.sid.topology == b->key.sid.topology &&
		       memcmp(a->key.sid.sid, b->key.sid.sid, 16) == 0 &&
		       a->attr.sid.behavior == b->attr.sid.behavior &&
		       a->attr.sid.flags == b->attr.sid.flags &&
		       a->attr.sid.algorithm == b->attr.sid.algorithm &&
		       same_structure(&a->attr.sid.structure, &b->attr.sid.structure);
	default:
		return a->key.number == b->key.number &&
		       same_text(a->attr.srlg.name, b->attr.srlg.name) &&
		       a->attr.srlg.unavailability_ppt == b->attr.srlg.unavailability_ppt;
	}
}

/* Every delta has its like; the order of kinds may differ. */
static void
check_same(const struct topology *t, const struct codec_topology *got, unsigned seed,
	   const char *text)
{
	ck_assert_msg(t->n == got->n, "seed %u: %zu deltas became %zu in %s", seed, t->n, got->n,
		      text);
	for (size_t i = 0; i < t->n; i++) {
		bool found = false;

		for (size_t j = 0; j < got->n && !found; j++)
			found = same_delta(&t->deltas[i], &got->deltas[j]);
		ck_assert_msg(found, "seed %u: delta %zu (object %d) is lost in %s", seed, i,
			      (int)t->deltas[i].object, text);
	}
}

START_TEST(topology_deltas_to_text_and_back_are_the_same)
{
	static struct topology t;

	for (unsigned seed = 0; seed < suite_seeds(); seed++) {
		struct arena arena = { 0 };
		struct random r = { seed, &arena, 1 };
		struct codec_topology got = { 0 };
		struct pce_error err = { 0 };
		struct text json = { 0 }, yaml = { 0 };

		random_topology(&r, &t);
		ck_assert_msg(codec_topology_print_deltas(codec, t.deltas, t.n, &json, &err) ==
				  PCE_OK,
			      "seed %u: %s: %s", seed, err.path, err.text);
		ck_assert_msg(codec_topology_read(codec, text_get(&json), json.len, NULL, &got,
						  &err) == PCE_OK,
			      "seed %u: %s: %s in %s", seed, err.path, err.text, text_get(&json));
		check_same(&t, &got, seed, text_get(&json));
		codec_topology_free(&got);
		/* the same as YAML: JSON is a part of it */
		text_printf(&yaml, "--- # YAML\n%s\n", text_get(&json));
		ck_assert_msg(codec_topology_read(codec, text_get(&yaml), yaml.len, NULL, &got,
						  &err) == PCE_OK,
			      "seed %u: %s: %s in %s", seed, err.path, err.text, text_get(&yaml));
		check_same(&t, &got, seed, text_get(&yaml));
		codec_topology_free(&got);
		text_free(&json);
		text_free(&yaml);
		arena_free(&arena);
	}
}
END_TEST

/* --- What a reader says of bad and of incomplete files --- */

#define TWO "topology:\n  node:\n  - name: A\n  - name: B\n  link:\n  - name: x\n    from: A\n"
#define JTWO                                                                                       \
	"{\"karst-topology:topology\":{\n\"node\":[{\"name\":\"A\"},{\"name\":\"B\"}],\n\"link\":" \
	"[\n"                                                                                      \
	"{\"name\":\"x\",\n\"from\":\"A\",\n"

static const struct {
	const char *text, *path, *words;
	unsigned line;
} faults[] = {
	{ TWO "    to: C\n", "/karst-topology:topology/link[name='x']/to",
	  "link x: there is no node C", 8 },
	{ JTWO "\"to\":\"C\"}]}}", "/karst-topology:topology/link[name='x']/to",
	  "link x: there is no node C", 6 },
	{ TWO "    to: B\n  - name: x\n    from: B\n    to: A\n",
	  "/karst-topology:topology/link[name='x']", "link x is given twice", 9 },
	{ JTWO "\"to\":\"B\"},\n{\"name\":\"x\",\"from\":\"B\",\"to\":\"A\"}]}}",
	  "/karst-topology:topology/link[name='x']", "link x is given twice", 7 },
	{ "topology:\n  node:\n  - name: A\n  - name: A\n",
	  "/karst-topology:topology/node[name='A']", "node A is given twice", 4 },
	{ TWO "    to: B\n    delay-us: -4\n", "/karst-topology:topology/link[name='x']/delay-us",
	  "link x: delay-us: Value \"-4\" is out of", 9 },
	{ TWO "    to: B\n    delay-us: 16777216\n",
	  "/karst-topology:topology/link[name='x']/delay-us", "16777216", 9 },
	{ TWO "    to: B\n    capacity-bps: -1\n",
	  "/karst-topology:topology/link[name='x']/capacity-bps", "-1", 9 },
	{ JTWO "\"to\":\"B\",\n\"capacity-bps\":\"-1\"}]}}",
	  "/karst-topology:topology/link[name='x']/capacity-bps", "-1", 7 },
	{ JTWO "\"to\":\"B\",\n\"capacity-bps\":1}]}}",
	  "/karst-topology:topology/link[name='x']/capacity-bps", "as a string", 7 },
	{ TWO "    to: B\n    capacity-bps: 99999999999999999999\n",
	  "/karst-topology:topology/link[name='x']/capacity-bps", "99999999999999999999", 9 },
	{ TWO "    to: B\n    igp-metric: 1e99\n",
	  "/karst-topology:topology/link[name='x']/igp-metric", "1e99", 9 },
	{ TWO "    to: B\n    availability: 1.5\n",
	  "/karst-topology:topology/link[name='x']/availability", "1.5", 9 },
	{ TWO "    to: A\n", "/karst-topology:topology/link[name='x']/to", "are the same node", 8 },
	{ TWO, "/karst-topology:topology/link[name='x']", "link x: to is missing", 6 },
	{ TWO "    to: B\n    reverse: y\n", "/karst-topology:topology/link[name='x']/reverse",
	  "there is no link y", 9 },
	{ TWO "    to: B\n    reverse: y\n  - {name: y, from: A, to: B}\n",
	  "/karst-topology:topology/link[name='x']/reverse", "does not lead back", 9 },
	{ TWO "    to: B\n    reverse: y\n  - {name: y, from: B, to: A}\n"
	      "  - {name: z, from: A, to: B,\n     reverse: y}\n",
	  "/karst-topology:topology/link[name='z']/reverse", "more than one link", 12 },
	{ TWO "    to: B\n    local-address: [192.0.2.1]\n"
	      "  - {name: y, from: A, to: B, local-address: [192.0.2.1]}\n",
	  "/karst-topology:topology/link[name='y']", "same addresses", 10 },
	{ TWO "    to: B\n    colour: red\n", "/karst-topology:topology/link[name='x']",
	  "colour is not known in link", 9 },
	{ JTWO "\"to\":\"B\",\n\"colour\":1}]}}", "/karst-topology:topology/link[name='x']",
	  "colour is not known", 7 },
	{ TWO "    to: B\n    delay-us:\n", "/karst-topology:topology/link[name='x']/delay-us",
	  "has no value", 9 },
	{ TWO "    to: B\n    affinity: red\n", "/karst-topology:topology/link[name='x']/affinity",
	  "needs a list", 9 },
	{ TWO "    to: B\n    affinity: [1024]\n",
	  "/karst-topology:topology/link[name='x']/affinity", "1024", 9 },
	{ "topology:\n  node:\n  - name: A\n    igp: {router-id: 1921.6800.1001}\n",
	  "/karst-topology:topology/node[name='A']/igp/protocol", "needs igp/protocol", 4 },
	{ "topology:\n  node:\n  - name: A\n    igp: {protocol: isis-l2}\n",
	  "/karst-topology:topology/node[name='A']/igp", "igp/router-id is missing", 4 },
	{ "topology:\n  node:\n  - name: A\n    latitude: 1\n",
	  "/karst-topology:topology/node[name='A']", "come together", 3 },
	{ "topology:\n  affinity:\n  - {name: red, bit: 1}\n  - {name: blue, bit: 1}\n",
	  "/karst-topology:topology/affinity[name='blue']", "bit", 4 },
	{ "topology:\n  node:\n  - name: A\n    sid:\n    - {sid: 'fc00::1', behavior: End.DX2, "
	  "flavors: psp}\n",
	  "/karst-topology:topology/node[name='A']/sid[sid='fc00::1']/flavors", "flavors", 5 },
	{ "topology:\n  node: [A\n  link: 5\n", "", "this is not YAML", 4 },
	{ "topology:\n\tnode: 5\n", "", "this is not YAML", 2 },
	{ "topology: {}\n%TAG ! x\n", "", "directives", 2 },
	{ "topology:\n  node:\n  - name: \xff\n", "", "not UTF-8", 3 },
	{ "{\"karst-topology:topology\":{\"node\":[{\"name\":\n\"a\x01\"}]}}", "", "control", 2 },
	{ "{\"karst-topology:topology\":{\n\"node\":[\n}}", "", "", 3 },
	{ "{\"karst-topology:topology\":{}}\n\n}", "", "after the end", 3 },
	{ "", "", "nothing in the text", 0 },
	{ " \n\t\n", "", "nothing in the text", 0 },
	{ "# only a comment\n", "", "no document", 0 },
	{ "{\n\"ietf-network:networks\":{}}", "", "\"ietf-network\" is no module of Karst", 2 },
	{ "{\n\"topology\":{}}", "", "namespace-qualified", 2 },
	{ "just words", "", "neither JSON nor YAML", 1 },
	{ "intents: {}\n", "", "no karst-topology:topology", 0 },
	{ "<graphml/>", "", "XML", 0 },
	{ "topology: {node: &x [{name: A}], link: *y}\n", "", "", 0 },
};

START_TEST(topology_bad_file_is_one_sentence_with_path_and_line)
{
	struct codec_topology got = { 0 };
	struct pce_error err = { 0 };
	enum pce_status status =
	    codec_topology_read(codec, faults[_i].text, strlen(faults[_i].text), NULL, &got, &err);

	ck_assert_msg(status == PCE_INVALID || status == PCE_MALFORMED || status == PCE_UNSUPPORTED,
		      "fault %d: status %d", _i, (int)status);
	ck_assert_ptr_null(got.deltas);
	ck_assert_msg(strstr(err.text, faults[_i].words) != NULL, "fault %d says: %s", _i,
		      err.text);
	ck_assert_msg(!faults[_i].path[0] || strcmp(err.path, faults[_i].path) == 0,
		      "fault %d is at: %s", _i, err.path);
	ck_assert_msg(!faults[_i].line || err.line == faults[_i].line, "fault %d is on line %u: %s",
		      _i, err.line, err.text);
	ck_assert_ptr_null(strchr(err.text, '\n'));
}
END_TEST

static bool
is_assumed(const struct codec_topology *t, const char *sentence)
{
	for (size_t i = 0; i < t->n_assumed; i++) {
		if (strcmp(t->assumed[i], sentence) == 0)
			return true;
	}
	return false;
}

START_TEST(topology_absent_values_stay_absent_and_are_listed)
{
	static const char text[] =
	    TWO "    to: B\n    affinity: [gold, 0]\n    srlg: [duct]\n"
		"  - {name: y, from: B, to: A, igp-metric: 0, delay-us: 0}\n";
	struct codec_topology got = { 0 };
	struct pce_error err = { 0 };
	const struct ted_link_attr *x = NULL, *y = NULL;

	ck_assert_msg(codec_topology_read(codec, text, strlen(text), NULL, &got, &err) == PCE_OK,
		      "%s", err.text);
	for (size_t i = 0; i < got.n; i++) {
		if (got.deltas[i].object == TED_OBJECT_LINK) {
			y = &got.deltas[i].attr.link;
			x = x ? x : y;
		}
	}
	ck_assert_uint_eq(x->present, TED_LINK_NAME | TED_LINK_AFFINITY | TED_LINK_SRLG);
	ck_assert_uint_eq(y->present, TED_LINK_NAME | TED_LINK_IGP_METRIC | TED_LINK_DELAY);
	ck_assert_uint_eq(x->affinity[0], 3); /* gold gets bit 1: 0 is taken by number */
	ck_assert(is_assumed(&got, "igp-metric is missing on 1 link (x): 1 is assumed"));
	ck_assert(is_assumed(&got, "delay-us is missing on 1 link (x): 0 is assumed"));
	ck_assert(
	    is_assumed(&got, "te-metric is missing on 2 links (x, y): igp-metric is assumed"));
	ck_assert(is_assumed(&got, "capacity-bps is missing on 2 links (x, y): no bandwidth can "
				   "be booked there"));
	ck_assert(is_assumed(&got, "availability is missing on 2 nodes (A, B): 1 is assumed"));
	ck_assert(is_assumed(&got, "affinity gold has no bit: 1 is assumed"));
	codec_topology_free(&got);
}
END_TEST

START_TEST(topology_names_bound_by_configuration_keep_their_bits)
{
	static const char text[] = TWO "    to: B\n    affinity: [gold, red]\n";
	const struct config_affinity bound[] = { { "gold", 40 }, { "blue", 0 } };
	const struct codec_topology_options options = { bound, 2 };
	struct codec_topology got = { 0 };
	struct pce_error err = { 0 };
	const struct ted_link_attr *x = NULL;

	ck_assert_msg(codec_topology_read(codec, text, strlen(text), &options, &got, &err) ==
			  PCE_OK,
		      "%s", err.text);
	x = &got.deltas[got.n - 1].attr.link;
	ck_assert_uint_eq(x->n_affinity, 2);
	ck_assert_uint_eq(x->affinity[1], 1u << 8);
	ck_assert_uint_eq(x->affinity[0], 1u << 1); /* red: bit 0 is blue's */
	codec_topology_free(&got);
}
END_TEST

START_TEST(topology_reverse_named_once_ties_both)
{
	static const char text[] = TWO "    to: B\n    reverse: y\n  - {name: y, from: B, to: A}\n";
	struct codec_topology got = { 0 };
	struct pce_error err = { 0 };

	ck_assert_msg(codec_topology_read(codec, text, strlen(text), NULL, &got, &err) == PCE_OK,
		      "%s", err.text);
	ck_assert_uint_eq(got.n, 4);
	ck_assert_ptr_eq(got.deltas[2].attr.link.reverse, &got.deltas[3].key.link);
	ck_assert_ptr_eq(got.deltas[3].attr.link.reverse, &got.deltas[2].key.link);
	ck_assert(got.deltas[3].attr.link.present & TED_LINK_REVERSE);
	codec_topology_free(&got);
}
END_TEST

START_TEST(topology_group_by_name_and_number_counts_once)
{
	static const char text[] = "topology:\n  srlg: [{name: duct, number: 7}]\n"
				   "  node: [{name: A, srlg: [7, duct, 8]}]\n";
	struct codec_topology got = { 0 };
	struct pce_error err = { 0 };
	const struct ted_node_attr *a;

	ck_assert_msg(codec_topology_read(codec, text, strlen(text), NULL, &got, &err) == PCE_OK,
		      "%s", err.text);
	a = &got.deltas[1].attr.node;
	ck_assert_uint_eq(a->n_srlg, 2);
	ck_assert_uint_eq(a->srlg[0], 7);
	ck_assert_uint_eq(a->srlg[1], 8);
	codec_topology_free(&got);
}
END_TEST

/* A few hundred octets of aliases that would expand to gigabytes. */
START_TEST(topology_yaml_alias_bomb_is_refused)
{
	struct codec_topology got = { 0 };
	struct pce_error err = { 0 };
	struct text text = { 0 };

	text_add(&text, "topology:\n  node:\n  - name: n0\n    service: &a [");
	for (int i = 0; i < 1000; i++)
		text_printf(&text, "\"service number %d\",", i);
	text_add(&text, "]\n");
	for (int i = 1; i < 5000; i++)
		text_printf(&text, "  - {name: n%d, service: *a}\n", i);
	ck_assert_int_eq(codec_topology_read(codec, text_get(&text), text.len, NULL, &got, &err),
			 PCE_MALFORMED);
	ck_assert_ptr_nonnull(strstr(err.text, "aliases"));
	text_free(&text);
}
END_TEST

START_TEST(topology_deep_nesting_is_refused)
{
	struct codec_topology got = { 0 };
	struct pce_error err = { 0 };
	struct text text = { 0 };

	for (int yaml = 0; yaml < 2; yaml++) {
		text_clear(&text);
		text_add(&text, yaml ? "topology: " : "{\"karst-topology:topology\":");
		for (int i = 0; i < 100000; i++)
			text_add(&text, "[");
		ck_assert_int_ne(
		    codec_topology_read(codec, text_get(&text), text.len, NULL, &got, &err),
		    PCE_OK);
	}
	text_free(&text);
}
END_TEST

/* A feed may say everything twice, with two values: the rest of the network is shown all the same.
 */
START_TEST(topology_repeated_entries_of_a_feed_are_printed_once)
{
	const struct ted_msd msd[] = { { 44, 1 }, { 44, 2 } };
	struct ted_sid sids[2] = { { .behavior = 5 }, { .behavior = 6 } };
	const uint32_t srlg[] = { 7, 7 };
	const struct ip_prefix prefix = { random_addr(&(struct random){ .state = 1 }, IP_V6), 128 };
	const struct codec_prefix_view prefixes[2] = {
		{ .prefix = prefix }, { .prefix = prefix, .attr = { .metric = 5 } }
	};
	const struct codec_sid_view ends[2] = { { .topology = 1 }, { .topology = 2 } };
	struct codec_node_view nodes[2] = { { .name = "A" }, { .name = "B" } };
	struct codec_link_view link = { .name = "ab", .from = "A", .to = "B" };
	struct codec_topology_view view = {
		.nodes = nodes, .n_nodes = 2, .links = &link, .n_links = 1
	};
	struct pce_error err = { 0 };
	struct text text = { 0 };

	nodes[0].attr.present = TED_NODE_MSD | TED_NODE_SRLG;
	nodes[0].attr.msd = msd;
	nodes[0].attr.n_msd = 2;
	nodes[0].attr.srlg = srlg;
	nodes[0].attr.n_srlg = 2;
	nodes[0].prefixes = prefixes;
	nodes[0].n_prefixes = 2;
	nodes[0].sids = ends;
	nodes[0].n_sids = 2;
	link.attr.present = TED_LINK_SIDS;
	link.attr.sids = sids;
	link.attr.n_sids = 2;
	ck_assert_msg(codec_topology_print(codec, &view, &text, &err) == PCE_OK, "%s", err.text);
	ck_assert_ptr_nonnull(strstr(text_get(&text), "\"msd\":[{\"type\":\"max-h-encaps\","
						      "\"value\":1}]"));
	ck_assert_ptr_nonnull(strstr(text_get(&text), "\"endx\":[{\"sid\":\"::\",\"behavior\":"
						      "\"End.X\"}]"));
	text_free(&text);
}
END_TEST

/* The longest name that is a key, of a node that has no other name. */
START_TEST(topology_longest_key_is_printed_as_name)
{
	struct ted_delta d = { .object = TED_OBJECT_NODE };
	struct pce_error err = { 0 };
	struct text text = { 0 }, wanted = { 0 };

	d.key.node.protocol = TED_PROTOCOL_STATIC;
	d.key.node.router_id_len = TED_NAME_MAX;
	memset(d.key.node.router_id, 'x', TED_NAME_MAX);
	d.attr.node.present = TED_NODE_OVERLOAD; /* what follows the key is not 0 */
	d.attr.node.overload = true;
	ck_assert_int_eq(codec_topology_print_deltas(codec, &d, 1, &text, &err), PCE_OK);
	text_add(&wanted, "{\"karst-topology:topology\":{\"node\":[{\"name\":\"");
	for (int i = 0; i < TED_NAME_MAX; i++)
		text_add(&wanted, "x");
	text_add(&wanted, "\",\"overload\":true}]}}");
	ck_assert_str_eq(text_get(&text), text_get(&wanted));
	text_free(&text);
	text_free(&wanted);
}
END_TEST

START_TEST(topology_unprintable_characters_are_replaced)
{
	struct ted_delta d = { .object = TED_OBJECT_NODE };
	struct pce_error err = { 0 };
	struct text text = { 0 };

	d.key.node.protocol = TED_PROTOCOL_ISIS_L2;
	d.key.node.router_id_len = 6;
	d.attr.node.present = TED_NODE_NAME | TED_NODE_LABEL;
	d.attr.node.name = "a\x01"
			   "b\xff\xef\xbf\xbe";
	d.attr.node.label = "";
	ck_assert_msg(codec_topology_print_deltas(codec, &d, 1, &text, &err) == PCE_OK, "%s",
		      err.text);
	ck_assert_ptr_nonnull(strstr(text_get(&text), "\"a\xef\xbf\xbd"
						      "01b\xef\xbf\xbd"
						      "ff\xef\xbf\xbd"
						      "efbfbe\""));
	text_free(&text);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("topology");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, topology_deltas_to_text_and_back_are_the_same);
	tcase_add_loop_test(tc, topology_bad_file_is_one_sentence_with_path_and_line, 0,
			    sizeof(faults) / sizeof(faults[0]));
	tcase_add_test(tc, topology_absent_values_stay_absent_and_are_listed);
	tcase_add_test(tc, topology_names_bound_by_configuration_keep_their_bits);
	tcase_add_test(tc, topology_reverse_named_once_ties_both);
	tcase_add_test(tc, topology_group_by_name_and_number_counts_once);
	tcase_add_test(tc, topology_yaml_alias_bomb_is_refused);
	tcase_add_test(tc, topology_deep_nesting_is_refused);
	tcase_add_test(tc, topology_repeated_entries_of_a_feed_are_printed_once);
	tcase_add_test(tc, topology_longest_key_is_printed_as_name);
	tcase_add_test(tc, topology_unprintable_characters_are_replaced);
	return suite_run("models/topology", tc, 120);
}
