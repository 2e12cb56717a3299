dist_check_SCRIPTS += tests/examples/check-generated
