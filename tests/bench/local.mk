# The benchmark: built and run by `make bench` only.
EXTRA_PROGRAMS += tests/bench/bench_card tests/bench/bench_evp \
	tests/bench/bench_pc
tests_bench_bench_card_SOURCES = tests/bench/bench_card.c
tests_bench_bench_card_CFLAGS = $(AM_CFLAGS) -pthread
tests_bench_bench_card_LDADD = libnet.la
tests_bench_bench_evp_SOURCES = tests/bench/bench_evp.c
tests_bench_bench_evp_CFLAGS = $(AM_CFLAGS) $(CRYPTO_CFLAGS)
tests_bench_bench_evp_LDADD = $(CRYPTO_LIBS)
tests_bench_bench_pc_SOURCES = tests/bench/bench_pc.c
tests_bench_bench_pc_CFLAGS = $(AM_CFLAGS) $(PCSC_CFLAGS) -pthread
tests_bench_bench_pc_LDADD = $(PCSC_LIBS)

EXTRA_LTLIBRARIES += tests/bench/libifdfloor.la
tests_bench_libifdfloor_la_SOURCES = tests/bench/floor.c
tests_bench_libifdfloor_la_CFLAGS = $(AM_CFLAGS) $(PCSC_CFLAGS)
tests_bench_libifdfloor_la_LDFLAGS = $(AM_LDFLAGS) -module -avoid-version \
	-shared -rpath /nowhere

EXTRA_DIST += tests/bench/bench.py tests/bench/signing.py

bench_parts = tests/bench/bench_card tests/bench/bench_pc \
	tests/bench/libifdfloor.la

.PHONY: bench
bench: all $(bench_parts)
	$(AM_V_at)top_builddir='$(abs_top_builddir)' \
	python3 $(top_srcdir)/tests/bench/bench.py $(BENCH_ARGS)
.PHONY: bench-signing
bench-signing: all tests/bench/bench_evp tests/bench/bench_pc
	$(AM_V_at)top_builddir='$(abs_top_builddir)' \
	python3 $(top_srcdir)/tests/bench/signing.py $(BENCH_ARGS)
CLEANFILES += $(EXTRA_PROGRAMS) tests/bench/libifdfloor.la
