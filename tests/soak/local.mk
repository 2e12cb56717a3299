dist_check_SCRIPTS += tests/soak/check
EXTRA_DIST += tests/soak/run
