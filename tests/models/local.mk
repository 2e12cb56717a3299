dist_check_SCRIPTS += tests/models/check-yang
