lint_tests = tests/lint/layers.sh tests/lint/manuals.sh \
	tests/lint/style.sh
TESTS += $(lint_tests)
EXTRA_DIST += $(lint_tests)
