dist_check_SCRIPTS += tests/cli/test_path_oracle.py tests/cli/test_input_forms.py tests/cli/test_batch.py \
	tests/cli/test_path_options.py tests/cli/test_guarantee.py tests/cli/test_explain.py
EXTRA_DIST += tests/cli/oracle.py
dist_check_SCRIPTS += tests/cli/test_topology_verbs.py
