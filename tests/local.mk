include tests/unit/local.mk
include tests/unit/net.mk
include tests/unit/crypto.mk
include tests/unit/store.mk
include tests/unit/key.mk
include tests/unit/vscclient.mk
include tests/fuzz/local.mk
include tests/ifd/local.mk
include tests/system/local.mk
include tests/lint/local.mk

# For check.sh, which runs some of them at a time.
.PHONY: print-tests
print-tests:
	@echo $(TESTS)
.PHONY: print-fuzzers
print-fuzzers:
	@echo $(fuzz_targets)
# What the tests so far have run, with --enable-coverage; LIST=-l: and not.
.PHONY: coverage
coverage:
	@sh $(srcdir)/tests/coverage.sh $(LIST)
include tests/bench/local.mk
EXTRA_DIST += tests/valgrind.supp tests/coverage.sh
