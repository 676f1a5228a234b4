# The benchmark, which `make bench` runs; a test sees that it works.
check_PROGRAMS += tests/bench/bench_card tests/bench/bench_pc
tests_bench_bench_card_SOURCES = tests/bench/bench_card.c
tests_bench_bench_card_CFLAGS = $(AM_CFLAGS) -pthread
tests_bench_bench_card_LDADD = libnet.la
tests_bench_bench_pc_SOURCES = tests/bench/bench_pc.c
tests_bench_bench_pc_CFLAGS = $(AM_CFLAGS) $(PCSC_CFLAGS) -pthread
tests_bench_bench_pc_LDADD = $(PCSC_LIBS)

EXTRA_PROGRAMS += tests/bench/count_pc
tests_bench_count_pc_SOURCES = tests/bench/count_pc.c
tests_bench_count_pc_CFLAGS = $(AM_CFLAGS) $(PCSC_CFLAGS)
tests_bench_count_pc_LDADD = $(PCSC_LIBS)

check_PROGRAMS += tests/bench/bench_sign
tests_bench_bench_sign_SOURCES = tests/bench/bench_sign.c
tests_bench_bench_sign_CFLAGS = $(AM_CFLAGS) $(PCSC_CFLAGS) $(CRYPTO_CFLAGS)
tests_bench_bench_sign_LDADD = libcard.la libutil.la $(PCSC_LIBS) $(CRYPTO_LIBS)

EXTRA_PROGRAMS += tests/bench/count_instructions
tests_bench_count_instructions_SOURCES = tests/bench/count_instructions.c
tests_bench_count_instructions_CPPFLAGS = $(AM_CPPFLAGS) $(PCSC_CFLAGS)
tests_bench_count_instructions_CFLAGS = $(AM_CFLAGS) -pthread
tests_bench_count_instructions_LDADD = libifd.la

check_LTLIBRARIES += tests/bench/libifdfloor.la
tests_bench_libifdfloor_la_SOURCES = tests/bench/floor.c
tests_bench_libifdfloor_la_CFLAGS = $(AM_CFLAGS) $(PCSC_CFLAGS)
tests_bench_libifdfloor_la_LDFLAGS = $(AM_LDFLAGS) -module -avoid-version \
	-shared -rpath /nowhere

TESTS += tests/bench/test_bench.sh
EXTRA_DIST += tests/bench/test_bench.sh
EXTRA_DIST += tests/bench/bench.py tests/bench/cases.py \
	tests/bench/counts.py tests/bench/counts_inside.py \
	tests/bench/figures.py tests/bench/machine.py tests/bench/plot.py \
	tests/bench/rig.py tests/bench/sections.py tests/bench/instructions.sh \
	tests/bench/instructions

bench_parts = tests/bench/bench_card tests/bench/bench_pc \
	tests/bench/bench_sign tests/bench/count_pc \
	tests/bench/libifdfloor.la
bench_json = bench.json
bench_run = top_builddir='$(abs_top_builddir)' \
	python3 -B $(top_srcdir)/tests/bench/bench.py

instructions_parts = tests/bench/count_instructions tests/bench/bench_card

.PHONY: bench bench-counts bench-plot bench-sign count-instructions \
	record-instructions instructions-parts
bench: all $(bench_parts)
	$(AM_V_at)$(bench_run) --json $(bench_json) $(BENCH_ARGS)
bench-counts: all $(bench_parts)
	$(AM_V_at)$(bench_run) --section calls --section idle \
	    --section memory --seconds 60 $(BENCH_ARGS)
bench-plot:
	$(AM_V_at)python3 -B $(top_srcdir)/tests/bench/plot.py $(bench_json) \
	    $(top_srcdir)/docs/performance.svg
bench-sign: all $(bench_parts)
	$(AM_V_at)$(bench_run) --section signing $(BENCH_ARGS)
instructions-parts: $(instructions_parts)
count-instructions: $(instructions_parts)
	$(AM_V_at)$(AM_TESTS_ENVIRONMENT) \
	$(SHELL) $(top_srcdir)/tests/bench/instructions.sh
record-instructions: $(instructions_parts)
	$(AM_V_at)$(AM_TESTS_ENVIRONMENT) \
	$(SHELL) $(top_srcdir)/tests/bench/instructions.sh --record
CLEANFILES += $(EXTRA_PROGRAMS) $(bench_json)
