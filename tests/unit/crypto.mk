# Unit tests of card/crypto; libcrypto's public side looks at the results.
crypto_cppflags = $(unit_cppflags) $(CRYPTO_CFLAGS)
crypto_libs = libunit.la libcard.la libutil.la

unit_tests += tests/unit/test_block
tests_unit_test_block_SOURCES = tests/unit/test_block.c tests/unit/vector.h
tests_unit_test_block_CPPFLAGS = $(crypto_cppflags)
tests_unit_test_block_LDADD = $(crypto_libs)

unit_tests += tests/unit/test_secret
tests_unit_test_secret_SOURCES = tests/unit/test_secret.c tests/unit/vector.h
tests_unit_test_secret_CPPFLAGS = $(crypto_cppflags)
tests_unit_test_secret_LDADD = $(crypto_libs)

unit_tests += tests/unit/test_keypair
tests_unit_test_keypair_SOURCES = tests/unit/test_keypair.c tests/unit/vector.h
tests_unit_test_keypair_CPPFLAGS = $(crypto_cppflags)
tests_unit_test_keypair_LDADD = $(crypto_libs) $(CRYPTO_LIBS)

unit_tests += tests/unit/test_keypair_rsa
tests_unit_test_keypair_rsa_SOURCES = tests/unit/test_keypair_rsa.c
tests_unit_test_keypair_rsa_CPPFLAGS = $(crypto_cppflags)
tests_unit_test_keypair_rsa_LDADD = $(crypto_libs) $(CRYPTO_LIBS)

unit_tests += tests/unit/test_x509
tests_unit_test_x509_SOURCES = tests/unit/test_x509.c
tests_unit_test_x509_CPPFLAGS = $(crypto_cppflags)
tests_unit_test_x509_LDADD = $(crypto_libs) $(CRYPTO_LIBS)

unit_tests += tests/unit/test_random
tests_unit_test_random_SOURCES = tests/unit/test_random.c
tests_unit_test_random_CPPFLAGS = $(crypto_cppflags)
tests_unit_test_random_LDADD = $(crypto_libs) $(CRYPTO_LIBS)
