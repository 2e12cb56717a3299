/* The compiler against all lists of up to four SIDs, on random networks. */
#include "pce/segment/compile.h"

#include <stdio.h>

#include "tests/segment/oracle.h"
#include "tests/support/suite.h"

#define PATHS 12 /* for each seed */
#define LENGTHS 8

static unsigned long compared, lengths[LENGTHS], refused, saved;

static struct oracle o;

static void
compare_with_all_lists(uint64_t seed, const ted_link *path, size_t n,
		       const struct segment_options *options)
{
	struct segment_igp *igp;
	struct segment_list list = { 0 };
	struct segment_report report;
	struct pce_error err;
	enum pce_status st;
	struct oracle_size fewest = oracle_fewest(&o, path, n, options);

	ck_assert_int_eq(segment_igp_new(&o.graph, &igp, &err), PCE_OK);
	st = segment_compile(igp, path, n, options, &list, &report, &err);
	compared++;
	if (st == PCE_OK) {
		uint8_t sids[16][16];

		lengths[list.n < LENGTHS ? list.n : LENGTHS - 1]++;
		if (list.n_csids > ORACLE_LIST)
			ck_assert_msg(
			    !fewest.containers || list.n < fewest.containers,
			    "seed %llu: %zu SIDs in %zu containers, all lists say %u in %u",
			    (unsigned long long)seed, list.n_csids, list.n, fewest.sids,
			    fewest.containers);
		else
			ck_assert_msg(
			    list.n == fewest.containers && list.n_csids == fewest.sids,
			    "seed %llu: %zu SIDs in %zu containers, all lists say %u in %u",
			    (unsigned long long)seed, list.n_csids, list.n, fewest.sids,
			    fewest.containers);
		saved += list.n_csids - list.n;
		for (size_t k = 0; k < list.n; k++)
			memcpy(sids[k], list.segments[k].sid, 16);
		ck_assert_msg(oracle_takes(&o, o.graph.links[path[0]].from,
					   (const uint8_t(*)[16])sids, list.n, path, n),
			      "seed %llu: the list leaves the path", (unsigned long long)seed);
		ck_assert(report.fits && list.n + options->service_sids <= report.limit);
	} else {
		refused++;
		ck_assert_msg(st == PCE_UNSUPPORTED || st == PCE_LIMIT, "seed %llu: %s",
			      (unsigned long long)seed, err.text);
		ck_assert_msg(fewest.containers == 0, "seed %llu: refused, but %u SIDs do: %s",
			      (unsigned long long)seed, fewest.sids, err.text);
		ck_assert(list.segments == NULL && !report.fits && report.text[0]);
	}
	segment_list_free(&list);
	segment_igp_free(igp);
}

static void
run_shape(struct oracle_shape shape)
{
	for (unsigned seed = 0; seed < suite_seeds(); seed++) {
		uint64_t random = seed;

		oracle_random(&o, seed, shape);
		for (unsigned p = 0; p < PATHS; p++) {
			ted_link path[16];
			size_t n = oracle_path(&o, &random, path, 6);
			struct segment_options options = {
				.strict_msd = suite_below(&random, 4) == 0,
				.assumed_msd =
				    suite_below(&random, 2) ? suite_below(&random, 6) : 0,
				.service_sids = suite_below(&random, 2),
			};

			if (!shape.msds)
				options = (struct segment_options){ .service_sids =
									options.service_sids };
			if (n)
				compare_with_all_lists(seed, path, n, &options);
		}
	}
}

START_TEST(compile_any_network_is_shortest_of_all_lists)
{
	run_shape((struct oracle_shape){ 0 });
}
END_TEST

START_TEST(compile_overload_and_lans_is_shortest_of_all_lists)
{
	run_shape((struct oracle_shape){ .overload = true, .pseudonode = true, .unusable = true });
}
END_TEST

START_TEST(compile_zero_metrics_is_shortest_of_all_lists)
{
	run_shape((struct oracle_shape){ .zero_metrics = true, .overload = true });
}
END_TEST

START_TEST(compile_odd_sids_is_shortest_of_all_lists)
{
	run_shape((struct oracle_shape){ .odd_sids = true });
}
END_TEST

START_TEST(compile_two_topologies_is_shortest_in_the_one_of_ipv6)
{
	run_shape((struct oracle_shape){ .two_topologies = true, .overload = true });
}
END_TEST

START_TEST(compile_any_limits_is_shortest_that_fits)
{
	run_shape((struct oracle_shape){ .odd_sids = true, .msds = true, .overload = true });
}
END_TEST

START_TEST(compile_compressed_sids_is_fewest_containers_then_sids)
{
	run_shape((struct oracle_shape){ .csids = true });
	run_shape((struct oracle_shape){ .csids = true, .domains = true, .zero_metrics = true });
}
END_TEST

START_TEST(compile_compressed_sids_and_limits_is_the_best_that_fits)
{
	run_shape((struct oracle_shape){ .csids = true, .msds = true, .overload = true });
}
END_TEST

START_TEST(compile_flexible_algorithms_is_shortest_of_all_lists)
{
	run_shape((struct oracle_shape){ .flex = true });
	run_shape((struct oracle_shape){ .flex = true, .overload = true, .zero_metrics = true });
}
END_TEST

static void
print_lengths(void)
{
	printf("%lu paths compared with all lists: %lu refused, SIDs", compared, refused);
	for (unsigned k = 1; k < LENGTHS; k++)
		printf(" %u:%lu", k, lengths[k]);
	printf("; %lu containers saved by C-SIDs\n", saved);
}

static void
print_at_exit(void)
{
	if (compared)
		print_lengths();
}

int
main(void)
{
	TCase *t = tcase_create("compile");

	atexit(print_at_exit);
	tcase_add_test(t, compile_any_network_is_shortest_of_all_lists);
	tcase_add_test(t, compile_overload_and_lans_is_shortest_of_all_lists);
	tcase_add_test(t, compile_zero_metrics_is_shortest_of_all_lists);
	tcase_add_test(t, compile_odd_sids_is_shortest_of_all_lists);
	tcase_add_test(t, compile_two_topologies_is_shortest_in_the_one_of_ipv6);
	tcase_add_test(t, compile_any_limits_is_shortest_that_fits);
	tcase_add_test(t, compile_compressed_sids_is_fewest_containers_then_sids);
	tcase_add_test(t, compile_flexible_algorithms_is_shortest_of_all_lists);
	tcase_add_test(t, compile_compressed_sids_and_limits_is_the_best_that_fits);
	return suite_run("compile", t, 120);
}
