dist_check_SCRIPTS += tests/cli/test_path_oracle.py
EXTRA_DIST += tests/cli/oracle.py
