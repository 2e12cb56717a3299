dist_check_SCRIPTS += tests/tools/check_layers.py tests/tools/check_docs.py tests/tools/check_sizes.py \
	tests/tools/check_format.sh tests/tools/check_mutants.sh tests/tools/test_checkers.py
EXTRA_DIST += tests/tools/size_waivers .clang-format
