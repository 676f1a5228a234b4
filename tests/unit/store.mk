# Unit tests of card/store and card/crypto.
card_cppflags = $(unit_cppflags) $(CRYPTO_CFLAGS) $(SQLITE_CFLAGS)
card_libs = libunit.la libcard.la libutil.la

unit_tests += tests/unit/test_store
tests_unit_test_store_SOURCES = tests/unit/test_store.c
tests_unit_test_store_CPPFLAGS = $(card_cppflags)
tests_unit_test_store_LDADD = $(card_libs)
