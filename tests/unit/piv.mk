# Unit tests of card/piv/. piv_script.c: what they do again and again.
check_LTLIBRARIES += libunitpiv.la
libunitpiv_la_SOURCES = tests/unit/piv_script.c tests/unit/piv_script.h \
	tests/unit/rsa_keys.h
unitpiv_cppflags = $(unit_cppflags) $(CRYPTO_CFLAGS)
libunitpiv_la_CPPFLAGS = $(unitpiv_cppflags)
unitpiv_libs = libunitpiv.la $(unitcard_libs) $(CRYPTO_LIBS)

unit_tests += tests/unit/test_piv
tests_unit_test_piv_SOURCES = tests/unit/test_piv.c
tests_unit_test_piv_CPPFLAGS = $(unitpiv_cppflags)
tests_unit_test_piv_LDADD = $(unitpiv_libs)

unit_tests += tests/unit/test_piv_admin
tests_unit_test_piv_admin_SOURCES = tests/unit/test_piv_admin.c
tests_unit_test_piv_admin_CPPFLAGS = $(unitpiv_cppflags)
tests_unit_test_piv_admin_LDADD = $(unitpiv_libs)

unit_tests += tests/unit/test_piv_attest
tests_unit_test_piv_attest_SOURCES = tests/unit/test_piv_attest.c
tests_unit_test_piv_attest_CPPFLAGS = $(unitpiv_cppflags)
tests_unit_test_piv_attest_LDADD = $(unitpiv_libs)

unit_tests += tests/unit/test_piv_key
tests_unit_test_piv_key_SOURCES = tests/unit/test_piv_key.c
tests_unit_test_piv_key_CPPFLAGS = $(unitpiv_cppflags)
tests_unit_test_piv_key_LDADD = $(unitpiv_libs)

unit_tests += tests/unit/test_piv_object
tests_unit_test_piv_object_SOURCES = tests/unit/test_piv_object.c
tests_unit_test_piv_object_CPPFLAGS = $(unitpiv_cppflags)
tests_unit_test_piv_object_LDADD = $(unitpiv_libs)

unit_tests += tests/unit/test_piv_pin
tests_unit_test_piv_pin_SOURCES = tests/unit/test_piv_pin.c
tests_unit_test_piv_pin_CPPFLAGS = $(unitpiv_cppflags)
tests_unit_test_piv_pin_LDADD = $(unitpiv_libs)

unit_tests += tests/unit/test_piv_reset
tests_unit_test_piv_reset_SOURCES = tests/unit/test_piv_reset.c
tests_unit_test_piv_reset_CPPFLAGS = $(unitpiv_cppflags)
tests_unit_test_piv_reset_LDADD = $(unitpiv_libs)

unit_tests += tests/unit/test_piv_sign
tests_unit_test_piv_sign_SOURCES = tests/unit/test_piv_sign.c
tests_unit_test_piv_sign_CPPFLAGS = $(unitpiv_cppflags)
tests_unit_test_piv_sign_LDADD = $(unitpiv_libs)

unit_tests += tests/unit/test_card_rows
tests_unit_test_card_rows_SOURCES = tests/unit/test_card_rows.c
tests_unit_test_card_rows_CPPFLAGS = $(unitpiv_cppflags)
tests_unit_test_card_rows_LDADD = $(unitpiv_libs)
