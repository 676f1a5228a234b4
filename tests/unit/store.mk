# Unit tests of card/store.
check_LTLIBRARIES += libkeyfile.la
libkeyfile_la_SOURCES = tests/unit/keyfile.c tests/unit/keyfile.h
libkeyfile_la_CPPFLAGS = $(unit_cppflags)
libkeyfile_la_LIBADD = libunit.la libcard.la libutil.la

unit_tests += tests/unit/test_store
tests_unit_test_store_SOURCES = tests/unit/test_store.c
tests_unit_test_store_CPPFLAGS = $(unit_cppflags)
tests_unit_test_store_LDADD = libkeyfile.la

unit_tests += tests/unit/test_store_file
tests_unit_test_store_file_SOURCES = tests/unit/test_store_file.c
tests_unit_test_store_file_CPPFLAGS = $(unit_cppflags)
tests_unit_test_store_file_LDADD = libkeyfile.la

unit_tests += tests/unit/test_store_passphrase
tests_unit_test_store_passphrase_SOURCES = tests/unit/test_store_passphrase.c
tests_unit_test_store_passphrase_CPPFLAGS = $(unit_cppflags)
tests_unit_test_store_passphrase_LDADD = libkeyfile.la
