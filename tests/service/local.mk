# The service against a world in memory: scenarios, and random histories with the invariants.
service_test_ldadd = pce/service/libservice.a pce/deploy/libdeploy.a pce/operate/liboperate.a pce/assure/libassure.a \
	pce/policy/libpolicy.a pce/segment/libsegment.a pce/path/libpath_debug.a pce/path/libpath.a pce/ted/libted.a \
	pce/base/libbase.a $(CHECK_LIBS)
service_test_world = tests/service/check.c tests/service/look.c tests/service/network.c tests/service/probes.c tests/service/probes.h \
	tests/service/trace.c tests/service/world.c tests/service/world.h tests/service/square.h \
	tests/support/feasible.h tests/support/suite.h

check_PROGRAMS += tests/service/test_service tests/service/test_restore
check_PROGRAMS += tests/service/test_operate tests/service/test_simulation
check_PROGRAMS += tests/service/test_modes tests/service/test_advise tests/service/test_groups
check_PROGRAMS += tests/service/test_many
tests_service_test_many_SOURCES = tests/service/test_many.c $(service_test_world)
tests_service_test_many_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_service_test_many_LDADD = $(service_test_ldadd)
check_PROGRAMS += tests/service/test_doubt tests/service/test_alarms
tests_service_test_alarms_SOURCES = tests/service/test_alarms.c $(service_test_world)
tests_service_test_alarms_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_service_test_alarms_LDADD = $(service_test_ldadd)
tests_service_test_doubt_SOURCES = tests/service/test_doubt.c $(service_test_world)
tests_service_test_doubt_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_service_test_doubt_LDADD = $(service_test_ldadd)
tests_service_test_groups_SOURCES = tests/service/test_groups.c $(service_test_world)
tests_service_test_groups_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_service_test_groups_LDADD = $(service_test_ldadd)
tests_service_test_advise_SOURCES = tests/service/test_advise.c $(service_test_world)
tests_service_test_advise_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_service_test_advise_LDADD = $(service_test_ldadd)
tests_service_test_modes_SOURCES = tests/service/test_modes.c $(service_test_world)
tests_service_test_modes_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_service_test_modes_LDADD = $(service_test_ldadd)
tests_service_test_service_SOURCES = tests/service/test_service.c $(service_test_world)
tests_service_test_service_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_service_test_service_LDADD = $(service_test_ldadd)
tests_service_test_simulation_SOURCES = tests/service/test_simulation.c tests/service/history.c \
	tests/service/history.h $(service_test_world)
tests_service_test_simulation_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_service_test_simulation_LDADD = $(service_test_ldadd)
tests_service_test_restore_SOURCES = tests/service/test_restore.c $(service_test_world)
tests_service_test_restore_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_service_test_restore_LDADD = $(service_test_ldadd)
tests_service_test_operate_SOURCES = tests/service/test_operate.c $(service_test_world)
tests_service_test_operate_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_service_test_operate_LDADD = $(service_test_ldadd)

check_PROGRAMS += tests/service/test_telemetry
tests_service_test_telemetry_SOURCES = tests/service/test_telemetry.c $(service_test_world)
tests_service_test_telemetry_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_service_test_telemetry_LDADD = $(service_test_ldadd)

check_PROGRAMS += tests/service/test_history
tests_service_test_history_SOURCES = tests/service/test_history.c $(service_test_world)
tests_service_test_history_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_service_test_history_LDADD = $(service_test_ldadd)

check_PROGRAMS += tests/service/test_damping
tests_service_test_damping_SOURCES = tests/service/test_damping.c $(service_test_world)
tests_service_test_damping_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_service_test_damping_LDADD = $(service_test_ldadd)

check_PROGRAMS += tests/service/test_reoptimise
tests_service_test_reoptimise_SOURCES = tests/service/test_reoptimise.c $(service_test_world)
tests_service_test_reoptimise_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_service_test_reoptimise_LDADD = $(service_test_ldadd)

check_PROGRAMS += tests/service/test_drift
tests_service_test_drift_SOURCES = tests/service/test_drift.c $(service_test_world)
tests_service_test_drift_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_service_test_drift_LDADD = $(service_test_ldadd)

# Planted bugs: see ./dev mutants.
EXTRA_DIST += tests/mutants/service-drift-repaired-while-observing.patch
EXTRA_DIST += tests/mutants/service-drift-first-read-counts.patch
EXTRA_DIST += tests/mutants/service-drift-repaired-without-credit.patch
EXTRA_DIST += tests/mutants/service-window-ends-what-it-did-not-begin.patch
EXTRA_DIST += tests/mutants/service-queue-ignores-what-is-dead.patch
EXTRA_DIST += tests/mutants/service-astray-list-moves-the-path.patch
EXTRA_DIST += tests/mutants/service-reoptimise-while-frozen.patch
EXTRA_DIST += tests/mutants/service-reoptimise-moves-twice.patch
EXTRA_DIST += tests/mutants/service-reoptimise-uses-young-links.patch
EXTRA_DIST += tests/mutants/service-reoptimise-without-threshold.patch
EXTRA_DIST += tests/mutants/service-group-decides-too-early.patch \
	tests/mutants/service-group-dissolves-while-undone.patch \
	tests/mutants/service-group-inverse-is-not-stored.patch \
	tests/mutants/service-group-last-goes-first.patch \
	tests/mutants/service-group-unstored-inverse-is-sent.patch \
	tests/mutants/service-group-forgets-one-to-abandon.patch \
	tests/mutants/service-group-confirms-undecided.patch
EXTRA_DIST += tests/mutants/service-damped-time-away-counts.patch
EXTRA_DIST += tests/mutants/service-damped-lost-feed-counts.patch
EXTRA_DIST += tests/mutants/service-damped-is-not-avoided.patch
EXTRA_DIST += tests/mutants/service-advise-approves-what-was-not-shown.patch \
	tests/mutants/service-advise-parts-ignore-each-other.patch \
	tests/mutants/service-advise-rejected-comes-again.patch \
	tests/mutants/service-advise-unapproved-is-deployed.patch
EXTRA_DIST += tests/mutants/service-history-of-deleted-policies-stays.patch
EXTRA_DIST += tests/mutants/service-history-gap-is-hidden.patch
EXTRA_DIST += tests/mutants/service-history-forgets-nothing.patch
EXTRA_DIST += tests/mutants/service-full-link-sheds-everybody.patch \
	tests/mutants/service-lifted-booking-frees-its-traffic.patch \
	tests/mutants/service-drain-blocks-its-own-ends.patch \
	tests/mutants/service-drain-is-not-stored.patch \
	tests/mutants/service-drained-is-not-avoided.patch \
	tests/mutants/service-freeze-is-not-stored.patch \
	tests/mutants/service-mode-least-restrictive.patch \
	tests/mutants/service-mode-of-intent-not-held.patch \
	tests/mutants/service-mode-refuses-nothing.patch \
	tests/mutants/service-frozen-restores.patch \
	tests/mutants/service-observing-pushes.patch \
	tests/mutants/service-guarantee-kept-with-less.patch \
	tests/mutants/service-shares-do-not-add-up.patch
EXTRA_DIST += tests/mutants/service-doubt-heals-while-contradicted.patch \
	tests/mutants/service-doubt-lost-feed-speaks.patch \
	tests/mutants/service-doubt-resume-accepts-nothing.patch

check_PROGRAMS += tests/service/test_silent
tests_service_test_silent_SOURCES = tests/service/test_silent.c $(service_test_world)
tests_service_test_silent_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_service_test_silent_LDADD = $(service_test_ldadd)
EXTRA_DIST += tests/mutants/service-alarm-acknowledged-is-not-stored.patch \
	tests/mutants/service-alarm-of-a-whole-intent.patch \
	tests/mutants/service-alarm-outlives-what-it-was-about.patch

EXTRA_DIST += tests/mutants/service-corouted-follower-stays.patch \
	tests/mutants/service-corouted-room-is-sold-twice.patch
EXTRA_DIST += tests/mutants/service-silent-fails-for-certain-again.patch \
	tests/mutants/service-silent-next-list-is-not-tried.patch \
	tests/mutants/service-silent-return-is-not-counted.patch \
	tests/mutants/service-silent-suspects-are-not-avoided.patch \
	tests/mutants/service-silent-too-many-are-believed.patch
EXTRA_DIST += tests/mutants/service-repair-wait-is-not-stored.patch \
	tests/mutants/service-repair-where-karst-advises.patch \
	tests/mutants/service-reoptimise-where-karst-advises.patch

EXTRA_DIST += tests/mutants/service-many-are-no-group.patch \
	tests/mutants/service-many-keep-what-was-booked.patch
