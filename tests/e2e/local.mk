dist_check_SCRIPTS += tests/e2e/test_kill9.py tests/e2e/test_rest.py tests/e2e/test_start.py \
	tests/e2e/test_disk.py tests/e2e/test_feeds.py tests/e2e/test_routers.py \
	tests/e2e/test_stop.py tests/e2e/test_backup.py tests/e2e/test_csid.py \
	tests/e2e/test_damping.py tests/e2e/test_adopt.py tests/e2e/test_drift.py tests/e2e/test_reoptimise.py tests/e2e/test_history.py tests/e2e/test_guarantee.py \
	tests/e2e/test_advise.py tests/e2e/test_groups.py tests/e2e/test_web.py
EXTRA_DIST += tests/bench/restore/run tests/e2e/chain.py tests/e2e/browser.py
# On the lab: root and the kernel's SRv6 are needed.
dist_check_SCRIPTS += tests/e2e/test_lab.py tests/e2e/test_lab_hand.py tests/e2e/test_lab_lists.py \
	tests/e2e/test_lab_province.py tests/e2e/test_lab_foreign.py tests/e2e/test_lab_telemetry.py tests/e2e/test_lab_silent.py
EXTRA_DIST += tests/e2e/lab.py tests/bench/convergence/run
dist_check_SCRIPTS += tests/e2e/test_telemetry.py tests/e2e/test_dialout.py tests/e2e/test_doubt.py tests/e2e/test_gnmi_set.py

# karstd with a hook for the crash matrix.
noinst_PROGRAMS += karst-crashd
karst_crashd_SOURCES = $(karstd_SOURCES) tests/e2e/crashing.c
karst_crashd_LDADD = $(karstd_LDADD)
karst_crashd_LDFLAGS = $(AM_LDFLAGS) \
	-Wl,--wrap=persist_write,--wrap=devices_apply,--wrap=devices_read,--wrap=api_reply
dist_check_SCRIPTS += tests/e2e/test_crash.py tests/e2e/test_crash_gnmi.py
