lint_tests = tests/lint/abi.sh tests/lint/layers.sh tests/lint/manuals.sh \
	tests/lint/shell.sh tests/lint/style.sh
TESTS += $(lint_tests)
EXTRA_DIST += $(lint_tests) tests/lint/lint.sh

# A sanitizer has its own ways.
if !SANITIZED
TESTS += tests/lint/hardening.sh
endif
EXTRA_DIST += tests/lint/hardening.sh
