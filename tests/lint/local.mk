lint_tests = tests/lint/abi.sh tests/lint/layers.sh tests/lint/manuals.sh \
	tests/lint/shell.sh tests/lint/style.sh
TESTS += $(lint_tests)
EXTRA_DIST += $(lint_tests)
