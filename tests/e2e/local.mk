dist_check_SCRIPTS += tests/e2e/test_kill9.py
EXTRA_DIST += tests/bench/restore/run
