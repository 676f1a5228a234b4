# What is counted and not measured: `make bench-counts`.
EXTRA_PROGRAMS += tests/bench/count_pc
tests_bench_count_pc_SOURCES = tests/bench/count_pc.c
tests_bench_count_pc_CFLAGS = $(AM_CFLAGS) $(PCSC_CFLAGS)
tests_bench_count_pc_LDADD = $(PCSC_LIBS)

EXTRA_DIST += tests/bench/counts.py tests/bench/counts_inside.py

count_parts = tests/bench/bench_card tests/bench/count_pc \
	tests/bench/libifdfloor.la

.PHONY: bench-counts
bench-counts: all $(count_parts)
	$(AM_V_at)top_builddir='$(abs_top_builddir)' \
	python3 -B $(top_srcdir)/tests/bench/counts.py $(BENCH_ARGS)

