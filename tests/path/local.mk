path_oracle = tests/path/enumerate.c tests/path/oracle.c tests/path/oracle.h \
	tests/ted/net.c tests/ted/net.h tests/support/suite.h
path_libs = pce/path/libpath_debug.a pce/path/libpath.a pce/ted/libted.a pce/base/libbase.a

path_referee = tests/path/referee.c tests/path/referee.h tests/path/town.c tests/path/town.h \
	tests/path/order.c tests/ted/net.c tests/ted/net.h tests/support/suite.h

path_scene = tests/path/scene.c tests/path/scene.h tests/ted/net.c tests/ted/net.h \
	tests/support/suite.h

check_PROGRAMS += tests/path/test_path
tests_path_test_path_SOURCES = tests/path/test_path.c $(path_oracle)
tests_path_test_path_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_path_test_path_LDADD = $(path_libs) $(CHECK_LIBS)

check_PROGRAMS += tests/path/test_choice
tests_path_test_choice_SOURCES = tests/path/test_choice.c $(path_oracle)
tests_path_test_choice_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_path_test_choice_LDADD = $(path_libs) $(CHECK_LIBS)

check_PROGRAMS += tests/path/test_relax
tests_path_test_relax_SOURCES = tests/path/test_relax.c $(path_oracle)
tests_path_test_relax_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_path_test_relax_LDADD = $(path_libs) $(CHECK_LIBS)

check_PROGRAMS += tests/path/test_pairs
tests_path_test_pairs_SOURCES = tests/path/test_pairs.c $(path_oracle)
tests_path_test_pairs_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_path_test_pairs_LDADD = $(path_libs) $(CHECK_LIBS)

check_PROGRAMS += tests/path/test_guarantee
tests_path_test_guarantee_SOURCES = tests/path/test_guarantee.c tests/path/referee.c \
	tests/path/referee.h $(path_oracle)
tests_path_test_guarantee_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_path_test_guarantee_LDADD = $(path_libs) $(CHECK_LIBS) -lm

check_PROGRAMS += tests/path/test_weights
tests_path_test_weights_SOURCES = tests/path/test_weights.c tests/support/suite.h
tests_path_test_weights_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_path_test_weights_LDADD = $(path_libs) $(CHECK_LIBS) -lm

check_PROGRAMS += tests/path/test_rules
tests_path_test_rules_SOURCES = tests/path/test_rules.c $(path_oracle)
tests_path_test_rules_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_path_test_rules_LDADD = $(path_libs) $(CHECK_LIBS) -lm

check_PROGRAMS += tests/path/test_alternatives
tests_path_test_alternatives_SOURCES = tests/path/test_alternatives.c $(path_oracle)
tests_path_test_alternatives_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_path_test_alternatives_LDADD = $(path_libs) $(CHECK_LIBS)

check_PROGRAMS += tests/path/test_path_memory
tests_path_test_path_memory_SOURCES = tests/path/test_path_memory.c $(path_oracle) \
	tests/path/county.c tests/path/county.h tests/path/county_ask.c $(FAILING_SOURCES)
tests_path_test_path_memory_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_path_test_path_memory_LDFLAGS = $(FAILING_LINK)
tests_path_test_path_memory_LDADD = $(path_libs) $(CHECK_LIBS)

check_PROGRAMS += tests/path/test_via
tests_path_test_via_SOURCES = tests/path/test_via.c $(path_oracle)
tests_path_test_via_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_path_test_via_LDADD = $(path_libs) $(CHECK_LIBS)

check_PROGRAMS += tests/path/test_combinations
tests_path_test_combinations_SOURCES = tests/path/test_combinations.c $(path_referee)
tests_path_test_combinations_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_path_test_combinations_LDADD = $(path_libs) $(CHECK_LIBS)

check_PROGRAMS += tests/path/test_corouted
tests_path_test_corouted_SOURCES = tests/path/test_corouted.c $(path_referee)
tests_path_test_corouted_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_path_test_corouted_LDADD = $(path_libs) $(CHECK_LIBS)

check_PROGRAMS += tests/path/test_repeat
tests_path_test_repeat_SOURCES = tests/path/test_repeat.c $(path_county)
tests_path_test_repeat_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_path_test_repeat_LDADD = $(path_libs) $(CHECK_LIBS)

check_PROGRAMS += tests/path/test_batch
tests_path_test_batch_SOURCES = tests/path/test_batch.c $(path_referee)
tests_path_test_batch_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_path_test_batch_LDADD = $(path_libs) $(CHECK_LIBS) -lpthread

check_PROGRAMS += tests/path/test_hierarchy
tests_path_test_hierarchy_SOURCES = tests/path/test_hierarchy.c tests/support/suite.h
tests_path_test_hierarchy_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_path_test_hierarchy_LDADD = $(path_libs) $(CHECK_LIBS)

check_PROGRAMS += tests/path/test_combined_vias
tests_path_test_combined_vias_SOURCES = tests/path/test_combined_vias.c $(path_referee)
tests_path_test_combined_vias_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_path_test_combined_vias_LDADD = $(path_libs) $(CHECK_LIBS)

path_county = tests/path/county.c tests/path/county.h tests/path/county_ask.c tests/ted/net.c \
	tests/ted/net.h tests/support/suite.h

check_PROGRAMS += tests/path/test_updates
tests_path_test_updates_SOURCES = tests/path/test_updates.c $(path_county)
tests_path_test_updates_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_path_test_updates_LDADD = $(path_libs) $(CHECK_LIBS)

check_PROGRAMS += tests/path/test_reference
tests_path_test_reference_SOURCES = tests/path/test_reference.c tests/path/reference.c \
	tests/path/reference.h tests/path/reference_sets.c tests/path/referee.c tests/path/referee.h \
	$(path_county)
tests_path_test_reference_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_path_test_reference_LDADD = $(path_libs) $(CHECK_LIBS)

check_PROGRAMS += tests/path/test_metamorphic
tests_path_test_metamorphic_SOURCES = tests/path/test_metamorphic.c $(path_county)
tests_path_test_metamorphic_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_path_test_metamorphic_LDADD = $(path_libs) $(CHECK_LIBS)

check_PROGRAMS += tests/path/test_bad_input
tests_path_test_bad_input_SOURCES = tests/path/test_bad_input.c tests/path/referee.c \
	tests/path/referee.h tests/path/town.c tests/path/town.h $(path_county)
tests_path_test_bad_input_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_path_test_bad_input_LDADD = $(path_libs) $(CHECK_LIBS)

check_PROGRAMS += tests/path/test_reasons
tests_path_test_reasons_SOURCES = tests/path/test_reasons.c $(path_referee)
tests_path_test_reasons_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_path_test_reasons_LDADD = $(path_libs) $(CHECK_LIBS)

check_PROGRAMS += tests/path/test_combined_pairs
tests_path_test_combined_pairs_SOURCES = tests/path/test_combined_pairs.c $(path_referee)
tests_path_test_combined_pairs_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_path_test_combined_pairs_LDADD = $(path_libs) $(CHECK_LIBS)

check_PROGRAMS += tests/path/test_sweep
tests_path_test_sweep_SOURCES = tests/path/test_sweep.c $(path_scene)
tests_path_test_sweep_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_path_test_sweep_LDADD = $(path_libs) $(CHECK_LIBS)

check_PROGRAMS += tests/path/test_guided
tests_path_test_guided_SOURCES = tests/path/test_guided.c $(path_scene)
tests_path_test_guided_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_path_test_guided_LDADD = $(path_libs) $(CHECK_LIBS)

check_PROGRAMS += tests/path/test_straight
tests_path_test_straight_SOURCES = tests/path/test_straight.c $(path_county)
tests_path_test_straight_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_path_test_straight_LDADD = $(path_libs) $(CHECK_LIBS)

check_PROGRAMS += tests/path/test_rows
tests_path_test_rows_SOURCES = tests/path/test_rows.c tests/support/suite.h
tests_path_test_rows_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_path_test_rows_LDADD = $(path_libs) $(CHECK_LIBS)

check_PROGRAMS += tests/path/test_quick
tests_path_test_quick_SOURCES = tests/path/test_quick.c $(path_county)
tests_path_test_quick_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_path_test_quick_LDADD = $(path_libs) $(CHECK_LIBS)

check_PROGRAMS += tests/path/test_tree
tests_path_test_tree_SOURCES = tests/path/test_tree.c $(path_county)
tests_path_test_tree_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_path_test_tree_LDADD = $(path_libs) $(CHECK_LIBS)

check_PROGRAMS += tests/path/test_tree_sweep
tests_path_test_tree_sweep_SOURCES = tests/path/test_tree_sweep.c $(path_county)
tests_path_test_tree_sweep_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_path_test_tree_sweep_LDADD = $(path_libs) $(CHECK_LIBS)

check_PROGRAMS += tests/path/test_igraph
tests_path_test_igraph_SOURCES = tests/path/test_igraph.c tests/ted/net.c tests/ted/net.h \
	tests/support/suite.h
tests_path_test_igraph_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS) $(IGRAPH_CFLAGS)
tests_path_test_igraph_LDADD = $(path_libs) $(CHECK_LIBS) $(IGRAPH_LIBS) -lm

EXTRA_DIST += \
	tests/mutants/path-alternative-left-anywhere.patch \
	tests/mutants/path-balls-overlap.patch \
	tests/mutants/path-batch-explains-by-tree.patch \
	tests/mutants/path-batch-groups-what-differs.patch \
	tests/mutants/path-batch-overloaded-source-by-tree.patch \
	tests/mutants/path-batch-sum-overflows.patch \
	tests/mutants/path-batch-walks-unmarked.patch \
	tests/mutants/path-bound-off-by-one.patch \
	tests/mutants/path-bounded-bound-off-by-one.patch \
	tests/mutants/path-bounded-dominance-reversed.patch \
	tests/mutants/path-bounded-tie-by-arrival.patch \
	tests/mutants/path-budget-counts-habits.patch \
	tests/mutants/path-choice-binds-never.patch \
	tests/mutants/path-diverse-counts-one-direction.patch \
	tests/mutants/path-dominance-ignores-paid-risks.patch \
	tests/mutants/path-dominance-reversed.patch \
	tests/mutants/path-end-node-risk-counts.patch \
	tests/mutants/path-equal-kbit-is-wide-enough.patch \
	tests/mutants/path-fibre-better-direction-counts.patch \
	tests/mutants/path-first-meeting-is-best.patch \
	tests/mutants/path-fork-writes-shared-prices.patch \
	tests/mutants/path-forward-part-unmarked.patch \
	tests/mutants/path-guarantee-better-route-reversed.patch \
	tests/mutants/path-guarantee-better-route-though-narrow.patch \
	tests/mutants/path-guarantee-first-family-is-best.patch \
	tests/mutants/path-guarantee-just-enough-refused.patch \
	tests/mutants/path-guarantee-lists-ignore-each-other.patch \
	tests/mutants/path-guarantee-narrow-route-replaces.patch \
	tests/mutants/path-guarantee-risk-paid-per-list.patch \
	tests/mutants/path-guide-stale-metric.patch \
	tests/mutants/path-guided-tie-by-arrival.patch \
	tests/mutants/path-held-not-credited.patch \
	tests/mutants/path-held-wraps-around.patch \
	tests/mutants/path-hierarchy-rise-not-spread.patch \
	tests/mutants/path-hierarchy-triangle-not-relaxed.patch \
	tests/mutants/path-joint-pair-without-te.patch \
	tests/mutants/path-ladder-skips-srlg.patch \
	tests/mutants/path-last-tie-by-largest.patch \
	tests/mutants/path-node-pair-not-split.patch \
	tests/mutants/path-open-part-comes-last.patch \
	tests/mutants/path-open-step-is-the-middle.patch \
	tests/mutants/path-overload-carries-transit.patch \
	tests/mutants/path-pair-maximum-is-total.patch \
	tests/mutants/path-pair-shares-without-need.patch \
	tests/mutants/path-potential-outlives-change.patch \
	tests/mutants/path-put-back-too-late.patch \
	tests/mutants/path-quick-bucket-too-wide.patch \
	tests/mutants/path-quick-guard-bit-ignored.patch \
	tests/mutants/path-quick-meeting-bound-too-early.patch \
	tests/mutants/path-quick-meeting-not-noted.patch \
	tests/mutants/path-quick-parent-tie-forgotten.patch \
	tests/mutants/path-quick-stale-epoch.patch \
	tests/mutants/path-quick-waiting-heap-wrong.patch \
	tests/mutants/path-reason-not-minimal-but-wrong.patch \
	tests/mutants/path-refresh-forgets-loss.patch \
	tests/mutants/path-refresh-forgets-state.patch \
	tests/mutants/path-residual-tie-by-arrival.patch \
	tests/mutants/path-reverse-not-avoided.patch \
	tests/mutants/path-scalar-tie-unseen.patch \
	tests/mutants/path-search-over-too-early.patch \
	tests/mutants/path-second-path-is-the-first.patch \
	tests/mutants/path-shared-risk-paid-twice.patch \
	tests/mutants/path-site-forbidden-to-srlg-pairs.patch \
	tests/mutants/path-site-price-change-unseen.patch \
	tests/mutants/path-site-taken-for-srlg.patch \
	tests/mutants/path-srlg-avoided-one-way.patch \
	tests/mutants/path-stale-potential.patch \
	tests/mutants/path-sweep-bans-pile-up.patch \
	tests/mutants/path-sweep-floor-stays-raised.patch \
	tests/mutants/path-sweep-one-direction-fails.patch \
	tests/mutants/path-symmetry-broken-twice.patch \
	tests/mutants/path-unban-forgets-strictness.patch \
	tests/mutants/path-via-link-taken-twice.patch \
	tests/mutants/path-via-risk-paid-twice.patch \
	tests/mutants/path-widest-over-too-early.patch \
	tests/mutants/path-widest-step-skipped.patch

EXTRA_DIST += tests/mutants/path-corouted-forgets-the-room-back.patch \
	tests/mutants/path-corouted-way-back-is-unbounded.patch
